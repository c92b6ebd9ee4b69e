//! Metamorphic relations: what must happen to a record when its input is changed in a known way, whatever the record is.
//!
//! An *exact* relation says that nothing changes, bit for bit. A *directed* one says that a statistic moves one way: over 20 paired
//! seeds the differences must have the sign in at least 16, ties counting half, which chance alone brings in .6 % of cases; and the mean
//! difference must have it too. Seeds were fixed before the first run; nine relations were then designed anew, on fresh seeds, two of them
//! twice.
//!
//! [`docs/guide/metamorphic.md`] lists them; a test compares it with the table here.

#[path = "../benches/force/mod.rs"]
mod force;

use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_model::force::plan::{Joins, Phase, PhaseHazard, Plan, Wave};
use exitvoice_model::force::{ForceBase, deploy};
use exitvoice_record::{EventKind, FamilyEventKind, Record, Status, Toll};
use std::fmt::Write;

type Changes = &'static [(&'static str, f64)];
type Statistic = (&'static str, fn(&Record) -> f64);

/// Which way a statistic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Up,
    Down,
}

/// What is asked of a pair of inputs.
enum Asked {
    /// The record stays as it is.
    Same,
    Moves(Statistic, Sign),
}

/// One relation: the world of both inputs, and what the second has beside it.
struct Relation {
    name: &'static str,
    says: &'static str,
    world: Changes,
    change: Changes,
    plan: fn(Plan) -> Plan,
    first_seed: u64,
    asked: Asked,
}

const SOLDIERS: u32 = 480;
const DAYS: u32 = 60;
const SEEDS: u64 = 20;
/// First seed of the relations of the second design: see [`redesigned`]. Two had too few events in that one too; the third has seeds from
/// twice this number on.
const FRESH: u64 = 1_000;

/// Often enough to be counted; else the defaults.
const WORLD: Changes = &[
    ("exit.attempt.base_rate", 0.002),
    ("exit.absence.base_rate", 0.002),
    ("exit.surrender.base_rate", 0.002),
    ("danger.capture.opportunity", 0.05),
    ("surveillance.denunciation.innocent_rate", 0.002),
    ("surveillance.audit.quota", 1.0),
    ("home.penalty.delay", 10.0),
    ("danger.combat.time_away", 10.0),
];

const fn same(name: &'static str, says: &'static str, world: Changes, change: Changes) -> Relation {
    Relation { name, says, world, change, plan: |p| p, first_seed: 0, asked: Asked::Same }
}

const fn moves(name: &'static str, says: &'static str, change: Changes, statistic: Statistic, sign: Sign) -> Relation {
    Relation { name, says, world: &[], change, plan: |p| p, first_seed: 0, asked: Asked::Moves(statistic, sign) }
}

/// A relation that in its first design was judged on too few events to show, or left out what else the change does. Its world now makes
/// them frequent, and it has seeds on which nothing had been seen.
const fn redesigned(
    name: &'static str,
    says: &'static str,
    (world, change): (Changes, Changes),
    statistic: Statistic,
    sign: Sign,
) -> Relation {
    Relation { world, first_seed: FRESH, ..moves(name, says, change, statistic, sign) }
}

/// Few faces are loyal, so that there is somebody to confide in.
const OPEN: Changes = &[("mind.public_face.base", -3.0), ("exit.attempt.base_rate", 0.006)];
/// The same where trust in mates holds nobody back.
const OPEN_WITHOUT_HOLD: Changes =
    &[("mind.public_face.base", -3.0), ("exit.attempt.base_rate", 0.02), ("exit.attempt.trust_effect", 0.0)];
const MANY_PRISONERS: Changes = &[("danger.capture.opportunity", 0.4)];

const ATTEMPTS: Statistic = ("attempts begun", |r| count(r, EventKind::AttemptBegan));
const REACHED: Statistic = ("soldiers who reached the other side", |r| count(r, EventKind::Deserted));
const JOINED: Statistic = ("mates who joined, for each attempt", |r| {
    count(r, EventKind::Joined) / count(r, EventKind::AttemptBegan).max(1.0)
});
const ARRESTED: Statistic = ("arrested before leaving", |r| count(r, EventKind::Arrested));
const DENOUNCED: Statistic = ("denunciations", |r| count(r, EventKind::Denounced));
const INNOCENTS: Statistic = ("innocents hit", |r| f64::from(Toll::of(r).innocents_hit));
const KIN: Statistic = ("kin punished", |r| f64::from(Toll::of(r).kin_punished));
const INCIDENTS: Statistic =
    ("casualty incidents", |r| r.events.iter().filter(|e| e.kind.is_incident()).count() as f64);
const KILLED: Statistic = ("killed", |r| last(r, Status::Killed));
const CAPTURED: Statistic = ("prisoners alive at the end", |r| last(r, Status::Captured));
const SURRENDERED: Statistic = ("surrendered", |r| count(r, EventKind::Surrendered));
const ABSENCES: Statistic = ("absences begun", |r| count(r, EventKind::AbsenceBegan));
const ABSENT_DAYS: Statistic = ("soldier-days absent", |r| days(r, Status::Absent));
const AWAY_DAYS: Statistic = ("soldier-days away wounded", |r| days(r, Status::WoundedAway));
const PRESENT_DAYS: Statistic = ("soldier-days with the unit", |r| days(r, Status::Present));
const REWARDED: Statistic = ("families rewarded", |r| families(r, FamilyEventKind::Rewarded));
const LEARNT: Statistic = ("relatives who learnt of life abroad", |r| families(r, FamilyEventKind::Learnt));
const SIGNS: Statistic = ("times a loyal face was dropped", |r| count(r, EventKind::CeasedToShowLoyalty));
const NEWS: Statistic = ("times the fate of kin became known", |r| count(r, EventKind::LearntFateOfKin));

fn count(record: &Record, kind: EventKind) -> f64 {
    record.events.iter().filter(|e| e.kind == kind).count() as f64
}

fn families(record: &Record, kind: FamilyEventKind) -> f64 {
    record.families.iter().filter(|e| e.kind == kind).count() as f64
}

fn last(record: &Record, status: Status) -> f64 {
    record.heads.last().map_or(0.0, |heads| f64::from(heads[status as usize]))
}

fn days(record: &Record, status: Status) -> f64 {
    record.heads.iter().map(|heads| f64::from(heads[status as usize])).sum()
}

/// The table.
fn relations() -> Vec<Relation> {
    use Sign::{Down, Up};
    let mut all = vec![
        same(
            "belief without effect",
            "where hostages do not enter the decision, belief in their punishment changes nothing",
            &[("exit.attempt.hostage_effect", 0.0)],
            &[("home.hostage.belief", 0.1), ("mind.belief.penalty_strength", 3.0)],
        ),
        same(
            "no informers, no reports of theirs",
            "without informers, what they would report changes nothing",
            &[("surveillance.denunciation.informer_share", 0.0)],
            &[
                ("surveillance.denunciation.told", 0.9),
                ("surveillance.denunciation.sign_rate", 0.5),
                ("surveillance.denunciation.recognised", 0.9),
            ],
        ),
        same(
            "nobody leaves, no way out",
            "where nobody starts to leave, lag, way and outcomes of leaving change nothing",
            &[("exit.attempt.base_rate", 0.0)],
            &[("exit.cell.lag", 9.0), ("exit.cell.success", 0.9), ("exit.cell.asked", 1.0), ("exit.cell.join", 3.0)],
        ),
        same(
            "no capture, no suicide to avoid it",
            "without opportunities of capture, what is done at one changes nothing",
            &[("danger.capture.opportunity", 0.0)],
            &[("danger.capture.suicide_share", 0.1), ("danger.capture.dies_in_custody", 0.9)],
        ),
        same(
            "unknown exits have no consequence",
            "where no exit becomes known at home, penalties change nothing",
            &[("home.penalty.exit_known", 0.0)],
            &[("home.penalty.base", 0.9), ("home.penalty.applied", 1.0), ("home.penalty.delay", 1.0)],
        ),
        same(
            "moved or not, where distance does not count",
            "where living together makes no difference to a penalty, moving families makes none",
            &[("home.penalty.together_factor", 1.0)],
            &[("home.penalty.families_moved", 1.0)],
        ),
        same(
            "no tour ends, no journey",
            "where no tour ends within the days, the journey home changes nothing",
            &[("danger.rotation.tour", 1e6)],
            &[("danger.rotation.travel", 40.0), ("home.returnees.kin_rate", 0.9)],
        ),
        same(
            "no success remembered, no decay",
            "where known successes have no effect, how they are gained and forgotten changes nothing",
            &[("exit.attempt.success_effect", 0.0)],
            &[("mind.belief.success_gain", 0.9), ("mind.belief.success_decay", 0.5)],
        ),
        same(
            "no fear in the decision, none to learn",
            "where fear has no effect, its rise and decay change nothing",
            &[("exit.attempt.fear_effect", 0.0)],
            &[("mind.fear.rise", 9.0), ("mind.fear.decay", 0.5)],
        ),
        same(
            "no danger in the decision, none to perceive",
            "where perceived danger has no effect, how fast it is learnt changes nothing",
            &[("exit.attempt.danger_effect", 0.0)],
            &[("mind.danger.learning", 0.3)],
        ),
        same(
            "no quota, no acts",
            "where nobody is acted on, what the acts would be changes nothing",
            &[("surveillance.audit.quota", 0.0)],
            &[
                ("surveillance.audit.arrest", 0.9),
                ("surveillance.audit.transfer", 0.9),
                ("surveillance.assessment.noise", 3.0),
            ],
        ),
        same(
            "nobody absent, no company",
            "where nobody is absent, who would go along changes nothing",
            &[("exit.absence.base_rate", 0.0)],
            &[("exit.absence.together", 0.9), ("exit.absence.length", 20.0), ("exit.absence.platoon_share", 0.9)],
        ),
        same(
            "no surrender, no killing at it",
            "where nobody surrenders, the danger of surrendering changes nothing",
            &[("exit.surrender.base_rate", 0.0)],
            &[("exit.surrender.killed", 0.9)],
        ),
        Relation {
            plan: |p| Plan { waves: vec![Wave { front: None, ..p.waves[0].clone() }], ..p },
            ..same(
                "rate and opportunity are one product",
                "in the rear, twice the rate at half the opportunity is the same, bit for bit",
                &[("exit.surrender.base_rate", 0.0)],
                &[("exit.attempt.base_rate", 0.004), ("exit.attempt.opportunity_rear", 0.15)],
            )
        },
    ];
    all.extend([
        moves(
            "attempts by rate",
            "three times the rate, more attempts",
            &[("exit.attempt.base_rate", 0.006)],
            ATTEMPTS,
            Up,
        ),
        moves("attempts by belief", "kin believed safe, more attempts", &[("home.hostage.belief", 0.05)], ATTEMPTS, Up),
        moves(
            "attempts by fear of being caught",
            "sure to be caught, fewer attempts",
            &[("mind.belief.catch_prior", 0.99)],
            ATTEMPTS,
            Down,
        ),
        moves(
            "attempts by exposure",
            "nothing seen abroad, fewer attempts",
            &[("mind.exposure.growth", 0.0)],
            ATTEMPTS,
            Down,
        ),
        moves(
            "attempts by fear",
            "fear counts four times, more attempts",
            &[("exit.attempt.fear_effect", 4.0), ("mind.fear.rise", 12.0)],
            ATTEMPTS,
            Up,
        ),
        moves(
            "attempts by combat",
            "four times the hazard, more attempts of those who are left",
            &[
                ("danger.combat.hazard_winter_assaults", 0.016),
                ("danger.combat.killed_share", 0.0),
                ("danger.combat.time_away", 0.5),
                ("danger.combat.return_share", 1.0),
            ],
            ATTEMPTS,
            Up,
        ),
        moves("joiners by willingness", "mates readier to join, more join", &[("exit.cell.join", 1.0)], JOINED, Up),
        moves(
            "success by outcome",
            "more ways succeed, more reach the other side",
            &[("exit.cell.success", 0.9), ("exit.cell.success_rear", 0.9)],
            REACHED,
            Up,
        ),
        moves(
            "denunciations by informers",
            "four times the informers, more denunciations",
            &[("surveillance.denunciation.informer_share", 0.22)],
            DENOUNCED,
            Up,
        ),
        moves(
            "denunciations by signs",
            "faces less loyal, more denunciations",
            &[("mind.public_face.base", -1.0)],
            DENOUNCED,
            Up,
        ),
        moves(
            "signs by loyalty shown",
            "faces more loyal, fewer are dropped",
            &[("mind.public_face.base", 6.0)],
            SIGNS,
            Down,
        ),
        moves(
            "innocents by false reports",
            "ten times the false reports, more innocents hit",
            &[("surveillance.denunciation.innocent_rate", 0.02)],
            INNOCENTS,
            Up,
        ),
        moves(
            "innocents by quota",
            "a quota of nought, no innocents hit",
            &[("surveillance.audit.quota", 0.0)],
            INNOCENTS,
            Down,
        ),
        moves(
            "innocents by officers",
            "no security officers, no innocents hit",
            &[("force.roles.security_officers", 0.0)],
            INNOCENTS,
            Down,
        ),
        moves("kin by base probability", "a surer penalty, more kin punished", &[("home.penalty.base", 0.9)], KIN, Up),
        moves("kin by knowledge", "exits never known, no kin punished", &[("home.penalty.exit_known", 0.0)], KIN, Down),
        moves(
            "kin by delay",
            "a delay beyond the days, fewer kin punished",
            &[("home.penalty.delay", 400.0)],
            KIN,
            Down,
        ),
        moves(
            "kin by moving families",
            "families moved together, more kin punished",
            &[("home.penalty.families_moved", 1.0), ("home.penalty.together_factor", 4.0)],
            KIN,
            Up,
        ),
        moves(
            "news by share that hears",
            "more hear of it, more know the fate of kin",
            &[("mind.belief.news", 0.6)],
            NEWS,
            Up,
        ),
        moves(
            "casualties by hazard",
            "twice the hazard, more casualties",
            &[("danger.combat.hazard_winter_assaults", 0.008)],
            INCIDENTS,
            Up,
        ),
        moves(
            "deaths by share",
            "a higher share killed, more dead",
            &[("danger.combat.killed_share", 0.6)],
            KILLED,
            Up,
        ),
        moves(
            "time away by recovery",
            "longer recoveries, more days away",
            &[("danger.combat.time_away", 30.0)],
            AWAY_DAYS,
            Up,
        ),
        moves(
            "prisoners by opportunity",
            "more opportunities of capture, more prisoners",
            &[("danger.capture.opportunity", 0.3), ("danger.capture.suicide_share", 0.2)],
            CAPTURED,
            Up,
        ),
        moves(
            "surrenders by rate",
            "ten times the rate, more surrenders",
            &[("exit.surrender.base_rate", 0.02)],
            SURRENDERED,
            Up,
        ),
        moves(
            "absences by rate",
            "three times the rate, more absences",
            &[("exit.absence.base_rate", 0.006)],
            ABSENCES,
            Up,
        ),
        moves(
            "absent days by length",
            "longer absences, more days absent",
            &[("exit.absence.length", 9.0)],
            ABSENT_DAYS,
            Up,
        ),
        moves(
            "presence by tour",
            "tours of a month, fewer days with the unit",
            &[("danger.rotation.tour", 30.0)],
            PRESENT_DAYS,
            Down,
        ),
        moves(
            "knowledge by returns",
            "tours of a month, relatives learn",
            &[("danger.rotation.tour", 30.0), ("danger.rotation.travel", 1.0), ("home.returnees.kin_rate", 0.5)],
            LEARNT,
            Up,
        ),
        moves(
            "rewards by probability",
            "rewards surer, more families rewarded",
            &[("home.reward.probability", 1.0)],
            REWARDED,
            Up,
        ),
        Relation {
            first_seed: 2 * FRESH,
            ..redesigned(
                "attempts by danger",
                "losses teach nothing, fewer attempts",
                (&[("exit.attempt.base_rate", 0.02)], &[("mind.danger.learning", 0.0)]),
                ATTEMPTS,
                Down,
            )
        },
        Relation {
            plan: |p| Plan { waves: vec![Wave { front: None, ..p.waves[0].clone() }], ..p },
            ..redesigned(
                "attempts by opportunity",
                "in the rear, a tenth of the opportunities, fewer attempts",
                (&[("exit.attempt.base_rate", 0.01)], &[("exit.attempt.opportunity_rear", 0.03)]),
                ATTEMPTS,
                Down,
            )
        },
        redesigned(
            "joiners by number asked",
            "one mate asked instead of four, fewer join",
            (OPEN, &[("exit.cell.asked", 1.0)]),
            JOINED,
            Down,
        ),
        redesigned(
            "joiners by trust",
            "trust needed to confide is high, fewer join",
            (OPEN, &[("exit.cell.trust_threshold", 0.9)]),
            JOINED,
            Down,
        ),
        Relation {
            first_seed: 2 * FRESH,
            ..redesigned(
                "joiners by growth of trust",
                "where trust holds nobody back, faster growth of it, more join",
                (OPEN_WITHOUT_HOLD, &[("mind.trust.growth", 0.1)]),
                JOINED,
                Up,
            )
        },
        redesigned(
            "arrests by reports",
            "all who are told report, more arrests",
            (OPEN, &[("surveillance.denunciation.told", 1.0), ("surveillance.denunciation.others", 1.0)]),
            ARRESTED,
            Up,
        ),
        redesigned(
            "arrests by lag",
            "plans wait five times as long, more arrests",
            (OPEN, &[("exit.cell.lag", 5.0)]),
            ARRESTED,
            Up,
        ),
        redesigned(
            "prisoners by suicide",
            "all kill themselves first, no prisoners",
            (MANY_PRISONERS, &[("danger.capture.suicide_share", 1.0)]),
            CAPTURED,
            Down,
        ),
    ]);
    all
}

fn plan() -> Plan {
    Plan {
        waves: vec![Wave { contingent: 1, soldiers: SOLDIERS, arrives: 0, front: Some(10), joins: Joins::AsUnits }],
        phases: vec![Phase { from: 15, hazard: PhaseHazard::WinterAssaults }],
        ..force::plan(SOLDIERS, DAYS)
    }
}

fn base(plan: Plan) -> ForceBase {
    ForceBase::new(plan, &force::extract(SOLDIERS * 2)).expect("enough candidates")
}

fn run(base: &ForceBase, changes: &[Changes], seed: u64) -> Record {
    let all: Vec<(&str, f64)> = changes.iter().flat_map(|c| c.iter().copied()).collect();
    deploy(base, &force::params(&all), Seed(seed))
}

/// Whether the same happened in both; what a record says of the parameters is left out.
fn equal(a: &Record, b: &Record) -> bool {
    a.events == b.events && a.families == b.families && a.heads == b.heads
}

/// What is wrong with a relation, if anything.
fn broken(relation: &Relation) -> Option<String> {
    const LEAST: f64 = 16.0;
    let base = base((relation.plan)(plan()));
    let pairs = (relation.first_seed..relation.first_seed + SEEDS).map(|seed| {
        let before = run(&base, &[WORLD, relation.world], seed);
        (before, run(&base, &[WORLD, relation.world, relation.change], seed))
    });
    match &relation.asked {
        Asked::Same => {
            let differs = pairs.take(5).position(|(before, after)| !equal(&before, &after));
            differs.map(|seed| format!("{}: seed {seed} differs", relation.name))
        }
        Asked::Moves((_, read), sign) => {
            let toward = if *sign == Sign::Up { 1.0 } else { -1.0 };
            let differences: Vec<f64> = pairs.map(|(before, after)| toward * (read(&after) - read(&before))).collect();
            let right = differences.iter().fold(0.0, |n, d| {
                n + if *d > 0.0 {
                    1.0
                } else if *d < 0.0 {
                    0.0
                } else {
                    0.5
                }
            });
            let mean = differences.iter().sum::<f64>() / SEEDS as f64;
            (right < LEAST || mean <= 0.0).then(|| format!("{}: {right} of {SEEDS}, mean {mean}", relation.name))
        }
    }
}

#[test]
fn every_metamorphic_relation_holds() {
    let found: Vec<String> = relations().iter().filter_map(broken).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn an_exact_relation_fails_where_what_it_leaves_out_acts() {
    // The same changes without the world that switches their effect off: each must then be seen, or the relation says nothing.
    let mut seen = 0;
    let exact: Vec<Relation> = relations().into_iter().filter(|r| matches!(r.asked, Asked::Same)).collect();
    for relation in &exact {
        let base = base((relation.plan)(plan()));
        let differs = |seed| !equal(&run(&base, &[WORLD], seed), &run(&base, &[WORLD, relation.change], seed));
        // Half and twice is the one whose change acts nowhere: it is its own world.
        seen += u32::from((0..5).any(differs));
    }
    assert!(seen as usize + 2 >= exact.len(), "{seen} of {} changes act where nothing is switched off", exact.len());
}

#[test]
fn a_longer_period_begins_as_a_shorter_one() {
    let short = base(plan());
    let long = base(Plan { days: DAYS + 30, ..plan() });
    for seed in 0..5 {
        let (short, long) = (run(&short, &[WORLD], seed), run(&long, &[WORLD], seed));
        let before: Vec<_> = long.events.iter().filter(|e| e.day < DAYS).copied().collect();
        assert!(short.events == before && short.heads[..] == long.heads[..DAYS as usize], "seed {seed}");
    }
}

#[test]
fn the_date_of_the_first_day_changes_nothing_else() {
    let (now, later) = (base(plan()), base(Plan { day_zero: Day::from_ymd(2031, 3, 2).expect("a date"), ..plan() }));
    for seed in 0..5 {
        let (now, later) = (run(&now, &[WORLD], seed), run(&later, &[WORLD], seed));
        assert!(equal(&now, &later), "seed {seed}");
    }
}

#[test]
fn a_battalion_more_changes_nothing_in_the_first() {
    // 480 soldiers fill a battalion of 4 x 4 x 3 x 10: the second wave opens another one.
    let second = Wave { contingent: 2, soldiers: SOLDIERS, arrives: 0, front: Some(10), joins: Joins::AsUnits };
    let alone = base(plan());
    let both = base(Plan { waves: vec![plan().waves[0].clone(), second], ..plan() });
    for seed in 0..5 {
        let (alone, both) = (run(&alone, &[WORLD], seed), run(&both, &[WORLD], seed));
        let mine = |r: &Record| {
            let first = |row: usize| row < SOLDIERS as usize;
            let events = r.events.iter().filter(|e| first(e.soldier.row()));
            let events: Vec<_> = events.map(|e| (e.day, e.fraction.to_bits(), e.soldier.row(), e.kind)).collect();
            let families: Vec<_> = r.families.iter().filter(|f| first(f.soldier.row())).copied().collect();
            (events, families)
        };
        assert!(mine(&alone) == mine(&both), "seed {seed}");
        assert!(both.events.len() > alone.events.len());
    }
}

#[test]
fn the_guide_lists_every_relation() {
    let mut expected = String::from("| relation | says | statistic | sign |\n|---|---|---|---|\n");
    for Relation { name, says, asked, .. } in relations() {
        let (statistic, sign) = match asked {
            Asked::Same => ("everything that happened", "equal, bit for bit"),
            Asked::Moves((statistic, _), Sign::Up) => (statistic, "up"),
            Asked::Moves((statistic, _), Sign::Down) => (statistic, "down"),
        };
        writeln!(expected, "| {name} | {says} | {statistic} | {sign} |").expect("memory does not fail");
    }
    let page = include_str!("../../../docs/guide/metamorphic.md");
    let found: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert!(found == expected.lines().collect::<Vec<_>>(), "the page should have\n{expected}");
    assert!(relations().len() >= 25);
}
