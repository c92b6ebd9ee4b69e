//! What this version of the model gives: countries and forces, number by number, of many parameters and every rule. A changed number is a change
//! of the law or of its draws, and belongs into `MODEL_CHANGELOG.md`; a changed hash alone may be a new column or field.
//! `cargo xtask golden --accept` writes the numbers anew.

#[path = "support/busy.rs"]
mod busy;
mod support;

use busy::BUSY;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::{ParamMeta, Part};
use exitvoice_core::quantity::{Days, Dimension, Hazard, Seed};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};
use exitvoice_model::MODEL_VERSION;
use exitvoice_model::decision::Rule;
use exitvoice_model::domain::check_together;
use exitvoice_model::force::outlook::{self, extend};
use exitvoice_model::force::plan::{Phase, PhaseHazard, Plan};
use exitvoice_model::force::{
    Branch, ForceBase, Intervention, deploy, deploy_changed, deploy_watched, follow, go_on, past,
};
use exitvoice_model::mechanism::regime::response::{Order, Response, When};
use exitvoice_model::society::Society;
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::measures;
use exitvoice_model::society::rates::mid_year;
use exitvoice_model::society::tables::{self, classes, stocks};
use exitvoice_model::synth::{generations, one_sex};
use exitvoice_record::{EventKind, Expected, FamilyEventKind, Record, SoldierId, Trajectory};
use std::fmt::{Debug, Write as _};
use support::{changed_country, force_params, freeze_day, history_params, plan, rates, shared};

/// First digits of the hash of bytes.
fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

fn line(out: &mut String, name: &str, value: impl Debug) {
    writeln!(out, "{name}: {value:?}").expect("a string");
}

/// Everything about a country: its rows as hashes, what its tables say as numbers.
fn of_country(society: &Society, extract: &Extract, changes: &[(&str, f64)]) -> String {
    let (pool, params) = (Pool::new(2).expect("threads"), history_params(changes));
    let mut out = format!("model {MODEL_VERSION}\n");
    let (persons, record) = (&society.persons, &society.files.record);
    line(&mut out, "persons, marriages, households", [persons.len(), society.marriages.len(), society.households]);
    line(&mut out, "moves, entries of the record", [society.moves.person.len(), record.len()]);
    line(&mut out, "rows", hash(society.canonical(&pool, hash).concat().as_bytes()));
    let tallies = &society.tallies;
    line(&mut out, "weddings", &tallies.weddings);
    line(&mut out, "searching", (&tallies.women_searching[60..], &tallies.men_searching[60..]));
    line(&mut out, "births by age of mother", tallies.births.iter().step_by(9).collect::<Vec<_>>());
    let days: Vec<Day> = (0..7).map(|k| mid_year(1960 + 10 * k)).collect();
    for count in tables::population(society, &days, &pool) {
        line(&mut out, "living", (count.total(), tables::class_shares(&count), hash(format!("{count:?}").as_bytes())));
    }
    line(&mut out, "person-years", tables::person_years(society, &pool));
    for row in tables::fertility(society, &rates(), &pool).iter().step_by(11) {
        line(&mut out, "fertility", row);
    }
    line(&mut out, "deaths and exposure", hash(format!("{:?}", measures::mortality(society, &pool)).as_bytes()));
    line(&mut out, "first marriages", measures::first_marriages(society, mid_year(2003), mid_year(2013)));
    line(&mut out, "with a living mother", measures::with_living_mother(society, freeze_day(), 20.0));
    line(&mut out, "living kin", measures::living_kin(society, freeze_day(), 20.0, 3, &pool));
    line(&mut out, "punished", stocks::punished(society, &days, &pool));
    line(&mut out, "serving", stocks::serving(society, &days[3..], &pool));
    line(&mut out, "kin at risk", stocks::at_risk(society, &params.control.guilt, &[20, 40], 60, &pool));
    let mut replay = classes::Replay::new(society, &params);
    for by_rule in replay.shares(&[mid_year(1965), mid_year(1990), freeze_day()], &pool) {
        line(&mut out, "classes by rule", by_rule);
    }
    line(&mut out, "fathers and children", replay.fathers_and_children(&(17.0..40.0)));
    line(&mut out, "control by year", hash(format!("{:?}", society.files.tallies).as_bytes()));
    line(&mut out, "candidates", [extract.len(), extract.links.len()]);
    for (name, bytes) in extract.to_sections() {
        line(&mut out, name, hash(&bytes));
    }
    out
}

#[test]
fn the_defaults_give_this_country() {
    let (society, extract) = shared();
    insta::assert_snapshot!("country", of_country(society, extract, &[]));
}

#[test]
fn other_parameters_give_these_countries() {
    let strict = [
        ("class.inheritance.rule", 4.0),
        ("service.conscription.larger_school", 1.0),
        ("control.guilt_by_association.in_laws", 1.0),
        ("control.camp.mortality_factor", 10.0),
        ("demography.death.famine_peak", 0.8),
    ];
    let loose = [
        ("class.inheritance.rule", 3.0),
        ("control.guilt_by_association.weight_third", 0.5),
        ("demography.migration.marriage_share", 0.3),
        ("demography.migration.service_share", 0.4),
    ];
    // What is rare by default happens to many here.
    let a_year = 1.0 / DAYS_PER_YEAR;
    let harsh = [
        ("class.inheritance.rule", 6.0),
        ("class.review.purge", 0.15),
        ("class.review.up", 0.1),
        ("control.offence.base_rate", 0.015 * a_year),
        ("control.offence.young_factor", 4.0),
        ("control.neighbourhood.informer_share", 0.1),
        ("control.guilt_by_association.weight_fourth", 0.4),
        ("control.guilt_by_association.in_laws", 0.8),
        ("control.guilt_by_association.divorced", 0.7),
        ("control.camp.release_rate", 0.3 * a_year),
        ("service.conscription.hostile_drafted", 0.6),
    ];
    let late = [
        ("class.inheritance.rule", 5.0),
        ("class.inheritance.special_share", 0.2),
        ("control.offence.base_rate", 0.02 * a_year),
        ("control.guilt_by_association.banishment", 0.9),
        ("demography.birth.later_child", 0.9),
        ("demography.marriage.homogamy", 0.1),
        ("demography.marriage.gap_most", 6.0 * DAYS_PER_YEAR),
        ("demography.marriage.mean_late", 30.0 * DAYS_PER_YEAR),
        ("demography.marriage.widow_returns", 0.95),
        ("service.career.officer_share", 0.3),
        ("service.career.officer_until", 55.0 * DAYS_PER_YEAR),
        ("service.conscription.age", 16.0 * DAYS_PER_YEAR),
        ("service.conscription.women_drafted", 0.6),
    ];
    let pool = Pool::new(2).expect("threads");
    for (name, seed, changes, freeze) in [
        ("country-strict", 2, &strict[..], freeze_day()),
        ("country-loose", 3, &loose[..], mid_year(2015)),
        ("country-harsh", 4, &harsh[..], freeze_day()),
        ("country-late", 5, &late[..], mid_year(2019)),
    ] {
        let society = changed_country(seed, 0.001, changes, freeze);
        let extract = Extract::take(&society, 800, &pool);
        insta::assert_snapshot!(name, of_country(&society, &extract, changes));
    }
}

fn busy_plan(rule: Rule, steps_per_day: u32) -> Plan {
    let order = |order, when| Response { order, when };
    Plan {
        waves: busy::waves(),
        phases: vec![
            Phase { from: 5, hazard: PhaseHazard::WinterAssaults },
            Phase { from: 40, hazard: PhaseHazard::Pause },
            Phase { from: 50, hazard: PhaseHazard::Spring },
        ],
        rule,
        steps_per_day,
        responses: vec![
            order(Order::TightenInformers, When::Dated(10)),
            order(Order::MoveFamilies, When::Triggered),
            order(Order::PullBack, When::Dated(25)),
        ],
        ..plan(330, 60)
    }
}

fn of_record(out: &mut String, record: &Record) {
    let mut bytes = Vec::new();
    record.canonical(&mut |b| bytes.extend_from_slice(b));
    line(out, "record", hash(&bytes));
    for kind in EventKind::ALL {
        let days: Vec<u32> = record.events.iter().filter(|e| e.kind == *kind).map(|e| e.day).collect();
        if let (Some(first), Some(last)) = (days.first(), days.last()) {
            line(out, &format!("  {kind:?}"), format!("{} from day {first} to {last}", days.len()));
        }
    }
    for (kind, _) in FamilyEventKind::ALL {
        let count = record.families.iter().filter(|e| e.kind == kind).count();
        line(out, &format!("  families {kind:?}"), count);
    }
    line(out, "  heads", record.heads.iter().step_by(20).collect::<Vec<_>>());
    line(out, "  trajectory", hash(format!("{:?}", Trajectory::from_record(record)).as_bytes()));
}

fn of_expected(out: &mut String, found: &Expected) {
    let sum = |column: &[f64]| column.iter().sum::<f64>();
    let rates: Vec<f64> = found.departures.iter().map(|d| d.rate).collect();
    line(
        out,
        "  expected departures, captures, surrenders",
        [&rates, &found.captures, &found.surrenders].map(|c| sum(c)),
    );
    line(out, "  some of them", found.departures.iter().step_by(29).collect::<Vec<_>>());
    line(out, "  all", hash(format!("{found:?}").as_bytes()));
}

fn force(rule: Rule, steps_per_day: u32) -> ForceBase {
    ForceBase::new(busy_plan(rule, steps_per_day), &shared().1).expect("enough candidates")
}

#[test]
fn a_busy_force_fares_like_this_under_every_rule() {
    let params = force_params(&BUSY);
    for (name, rule) in [
        ("force-constant", Rule::Constant),
        ("force-random-utility", Rule::RandomUtility),
        ("force-threshold", Rule::Threshold),
        ("force-affect", Rule::Affect),
        ("force-collective-sanction", Rule::CollectiveSanction),
        ("force-principal-agent", Rule::PrincipalAgent),
    ] {
        let base = force(rule, 1);
        let mut out = format!("model {MODEL_VERSION}\n");
        for seed in [1, 2] {
            if rule.acts_at_once() {
                of_record(&mut out, &deploy(&base, &params, Seed(seed)));
            } else {
                let (record, expected) = deploy_watched(&base, &params, Seed(seed), &[4, 5, 6, 30]);
                of_record(&mut out, &record);
                of_expected(&mut out, &expected);
            }
        }
        let half = force(rule, 2);
        if rule.acts_at_once() {
            of_record(&mut out, &deploy(&half, &params, Seed(3)));
        } else {
            let (record, expected) = deploy_watched(&half, &params, Seed(3), &[6]);
            of_record(&mut out, &record);
            of_expected(&mut out, &expected);
        }
        insta::assert_snapshot!(name, out);
    }
}

#[test]
fn a_quiet_force_a_life_a_change_and_a_branch_are_these() {
    let (base, params) = (force(Rule::RandomUtility, 1), force_params(&[]));
    let mut out = format!("model {MODEL_VERSION}\n");
    let (record, expected) = deploy_watched(&base, &params, Seed(4), &[4, 5, 6]);
    of_record(&mut out, &record);
    of_expected(&mut out, &expected);
    let busy = force_params(&BUSY);
    let life = follow(&base, &busy, Seed(5), SoldierId::from_row(17));
    line(&mut out, "life", (life.private_loyalty, life.informer, life.fired, life.kin.len()));
    line(&mut out, "some of its days", life.days.iter().step_by(13).collect::<Vec<_>>());
    line(&mut out, "all of them", hash(format!("{:?}", life.days).as_bytes()));
    let change = Intervention { day: 12, soldier: 17, hostage: 0.0 };
    of_record(&mut out, &deploy_changed(&base, &busy, Seed(5), change));
    let state = past(&base, &busy, Seed(6), 30);
    let other = force_params(&[("exit.attempt.hostage_effect", 0.0), ("mind.public_face.base", 0.5)]);
    let branch = Branch { base: &base, params: &other };
    of_record(&mut out, &go_on(&state, &base, &busy, branch).expect("a state of that force"));
    insta::assert_snapshot!("force-and-branch", out);
}

#[test]
fn what_comes_beyond_the_known_days_is_this() {
    let params =
        outlook::Params { danger_walk: 0.5, waves: Hazard::per_day(0.04), wave_size: 40.0, front_after: Days(14.0) };
    let base = force(Rule::RandomUtility, 1);
    let longer = Plan { days: 150, ..busy_plan(Rule::RandomUtility, 1) };
    let mut out = format!("model {MODEL_VERSION}\n");
    for seed in [1, 2] {
        let (plan, cut) = extend(&longer, &params, 60, 400, Seed(seed));
        line(&mut out, "waves", (&plan.waves, cut));
        line(&mut out, "danger", plan.outlook.danger.iter().step_by(10).collect::<Vec<_>>());
        let extended = base.extended(plan, &shared().1).expect("enough candidates");
        let (record, expected) = deploy_watched(&extended, &force_params(&BUSY[3..]), Seed(seed), &[]);
        of_record(&mut out, &record);
        of_expected(&mut out, &expected);
    }
    insta::assert_snapshot!("outlook", out);
}

#[test]
fn a_base_and_made_up_populations_are_these() {
    let mut out = format!("model {MODEL_VERSION}\n");
    let (base, params) = (force(Rule::RandomUtility, 1), force_params(&[("service.selection.core_loyalty_gap", 0.7)]));
    let selected = ForceBase::selected(busy_plan(Rule::RandomUtility, 1), &shared().1, &params.selection);
    for base in [&base, &selected.expect("enough candidates")] {
        let bits = |column: &[f64]| hash(&column.iter().flat_map(|x| x.to_bits().to_le_bytes()).collect::<Vec<_>>());
        line(
            &mut out,
            "loyalty, hostage, informers",
            [
                bits(&base.private_loyalty(&params.selection)),
                bits(base.hostage.as_slice()),
                bits(base.informer_draw.as_slice()),
            ],
        );
        line(&mut out, "law", base.law(&params.selection));
        line(&mut out, "keys", base.soldiers.key.as_slice().iter().step_by(40).collect::<Vec<_>>());
        let alike = (0..base.len() - 1).filter(|a| base.alike(*a, a + 1)).count();
        line(&mut out, "alike, kin of the first", (alike, base.kin(0).len()));
    }
    let families = generations::poisson_families(300, 4, Seed(3));
    line(&mut out, "families", (families.len(), families.life.as_slice().iter().map(|l| l.birth.0 % 97).sum::<i32>()));
    let pool = Pool::new(2).expect("threads");
    let daughters = (0..60).map(|age| if (20..35).contains(&age) { 0.07 } else { 0.0 }).collect();
    let rates = one_sex::SingleAgeRates { survival: vec![0.99; 60], daughters };
    line(&mut out, "stable ages", hash(format!("{:?}", rates.stable_ages()).as_bytes()));
    let women = one_sex::simulate(&rates, 400, 80, Seed(4), &pool);
    line(&mut out, "one sex", (women.len(), women.life.as_slice().iter().map(|l| l.death.0 % 97).sum::<i32>()));
    insta::assert_snapshot!("base", out);
}

/// A number in (0, 1) for a parameter in a draw: nothing of the model's own generator is in it.
fn uniform(draw: u64, key: &str) -> f64 {
    let bytes = blake3::hash(format!("{draw} {key}").as_bytes());
    let number = u64::from_le_bytes(bytes.as_bytes()[..8].try_into().expect("eight bytes"));
    (number as f64 + 0.5) / 18_446_744_073_709_551_616.0
}

/// Every parameter of a part at a place of its prior; those that the priors make impossible together stay at their defaults.
fn drawn(draw: u64, part: Part) -> Vec<(&'static str, f64)> {
    let place = |meta: &&'static ParamMeta| {
        let prior = meta.parsed_prior().expect("a prior");
        let whole = |value: f64| if meta.dimension == Dimension::Persons { value.round() } else { value };
        prior.quantile(uniform(draw, meta.key)).filter(|_| !prior.is_fixed()).map(|value| (meta.key, whole(value)))
    };
    let metas = || exitvoice_model::registry().iter().flat_map(|rows| rows.iter()).filter(|meta| meta.part == part);
    let mut found: Vec<(&str, f64)> = metas().filter_map(|meta| place(&meta)).collect();
    let defaults = support::defaults();
    let value = |found: &[(&str, f64)], key: &str| {
        found.iter().find(|(k, _)| *k == key).map(|(_, v)| *v).or_else(|| defaults.get(key).copied())
    };
    while let Err(conflict) = check_together(|key| value(&found, key)) {
        found.retain(|(key, _)| !conflict.keys.contains(key));
    }
    found
}

/// Draws of the parameters of a force, and of a country.
const DRAWS_OF_FORCE: u64 = 24;
const DRAWS_OF_COUNTRY: u64 = 4;

#[test]
fn parameters_drawn_from_their_priors_give_these_forces() {
    let rules = [
        Rule::Constant,
        Rule::RandomUtility,
        Rule::Threshold,
        Rule::Affect,
        Rule::CollectiveSanction,
        Rule::PrincipalAgent,
    ];
    let mut out = format!("model {MODEL_VERSION}\n");
    for draw in 0..DRAWS_OF_FORCE {
        let rule = rules[draw as usize % rules.len()];
        // Much happens, but not as much every time.
        let busy = BUSY.map(|(key, value)| (key, value * (0.5 + uniform(draw, &format!("busy {key}")))));
        let params = force_params(&[drawn(draw, Part::Force), busy.to_vec()].concat());
        let base = force(rule, 1);
        let mut bytes = Vec::new();
        let record = if rule.acts_at_once() {
            deploy(&base, &params, Seed(draw))
        } else {
            let (record, expected) = deploy_watched(&base, &params, Seed(draw), &[5]);
            bytes.extend_from_slice(format!("{expected:?}").as_bytes());
            record
        };
        record.canonical(&mut |b| bytes.extend_from_slice(b));
        let counts = [record.events.len(), record.families.len()];
        line(&mut out, &format!("{draw} {rule:?}: events, of families"), (counts, hash(&bytes)));
    }
    insta::assert_snapshot!("drawn-forces", out);
}

#[test]
fn parameters_drawn_from_their_priors_give_these_countries() {
    let pool = Pool::new(2).expect("threads");
    let mut out = format!("model {MODEL_VERSION}\n");
    for draw in 0..DRAWS_OF_COUNTRY {
        let changes = drawn(draw, Part::History);
        let society = changed_country(draw, 0.000_5, &changes, freeze_day());
        let extract = Extract::take(&society, 400, &pool);
        let counts = [society.persons.len(), society.marriages.len(), society.files.record.len()];
        let told = of_country(&society, &extract, &changes);
        line(&mut out, &format!("{draw}: persons, marriages, entries"), (counts, hash(told.as_bytes())));
    }
    insta::assert_snapshot!("drawn-countries", out);
}
