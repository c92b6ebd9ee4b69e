//! Rules of decision and couplings against closed forms: the null, the parking law, ladders, independence, size, and the step.

#[path = "../benches/force/mod.rs"]
mod force;

use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_model::decision::Rule;
use exitvoice_model::force::plan::{Joins, Phase, PhaseHazard, Wave};
use exitvoice_model::force::{ForceBase, ForceParams, deploy};
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind, Record, check};

/// A force at the front from day 0, without contact unless phases say so.
fn base(soldiers: u32, days: u32, change: impl FnOnce(&mut exitvoice_model::force::Plan)) -> ForceBase {
    let mut plan = force::plan(soldiers, days);
    plan.waves[0].front = Some(0);
    plan.phases = vec![Phase { from: 0, hazard: PhaseHazard::None }];
    change(&mut plan);
    ForceBase::new(plan, &force::extract(soldiers)).expect("enough candidates")
}

/// Nothing but the attempt acts, and those who attempt go alone and are gone.
fn alone(changes: &[(&str, f64)]) -> ForceParams {
    let mut all = vec![
        ("exit.absence.base_rate", 0.0),
        ("exit.surrender.base_rate", 0.0),
        ("surveillance.denunciation.informer_share", 0.0),
        ("exit.cell.asked", 0.0),
        ("exit.cell.success", 1.0),
        ("exit.cell.lag", 1e-3),
        ("exit.cell.way", 1e-3),
    ];
    all.extend_from_slice(changes);
    force::params(&all)
}

fn square(x: f64) -> f64 {
    x * x
}

fn count(record: &Record, kind: EventKind) -> usize {
    record.events.iter().filter(|e| e.kind == kind).count()
}

#[test]
fn m0_alone_gives_exponential_survival_within_each_class() {
    let base = base(6_000, 100, |plan| plan.rule = Rule::Constant);
    let params = alone(&[("decision.constant.core_rate", 0.002), ("decision.constant.wavering_rate", 0.006)]);
    for (class, rate) in [(Class::Core, 0.002), (Class::Wavering, 0.006)] {
        let of_class = |row: usize| base.class.as_slice()[row] == class;
        let n = (0..base.len()).filter(|row| of_class(*row)).count() as f64 * 10.0;
        let mut gone = [0.0; 3];
        for seed in 0..10 {
            for event in deploy(&base, &params, Seed(seed)).events {
                if event.kind == EventKind::AttemptBegan && of_class(event.soldier.row()) {
                    for (slot, day) in gone.iter_mut().zip([25, 50, 100]) {
                        *slot += f64::from(u8::from(event.day < day));
                    }
                }
            }
        }
        for (gone, day) in gone.into_iter().zip([25.0, 50.0, 100.0]) {
            let expected = 1.0 - math::exp(-rate * day);
            let error = (expected * (1.0 - expected) / n).sqrt();
            // Nobody attempts twice: an attempt succeeds. Four standard errors: a false alarm in 2,600 runs of these six.
            assert!(
                (gone / n - expected).abs() < 4.0 * error,
                "{class:?} by day {day}: {} against {expected}",
                gone / n
            );
        }
    }
}

/// Soldiers gone in the end from one squad whose members all see each other, with given thresholds.
fn cascade(thresholds: Vec<f64>, days: u32, seed: u64) -> usize {
    let soldiers = thresholds.len() as u32;
    let base = base(soldiers, days, |plan| {
        plan.squad = soldiers;
        plan.rule = Rule::Threshold;
        plan.thresholds = Some(thresholds);
    });
    let record = deploy(&base, &alone(&[("exit.cell.trust_threshold", 0.0)]), Seed(seed));
    assert_eq!(check(&record), Ok(()));
    count(&record, EventKind::Left)
}

#[test]
fn m2_with_uniform_thresholds_follows_the_parking_law() {
    // A3: n = 9, thresholds iid uniform on {0..9}: P(k) = C(n,k)(k+1)^(k-1)(n-k)^(n-k)/(n+1)^n.
    const LAW: [f64; 10] = [0.3874, 0.1510, 0.0889, 0.0627, 0.0492, 0.0418, 0.0381, 0.0377, 0.0430, 0.1000];
    let draws = Draws::new(Seed(17), Purpose::Test);
    let trials = 3_000_u64;
    let mut found = [0.0; 10];
    for trial in 0..trials {
        let thresholds = (0..9).map(|i| sample::index(draws.uniform(trial, i), 10) as f64).collect();
        found[cascade(thresholds, 25, trial)] += 1.0;
    }
    let chi_square: f64 = found.iter().zip(LAW).map(|(n, p)| square(n - p * trials as f64) / (p * trials as f64)).sum();
    // Nine degrees of freedom: 33.7 is passed by chance once in 10,000.
    assert!(chi_square < 33.7, "{chi_square}: {found:?}");
    let mean = found.iter().zip(0..).map(|(n, k)| n * f64::from(k)).sum::<f64>() / trials as f64;
    assert!((mean - 2.660).abs() < 4.0 * 3.28 / (trials as f64).sqrt(), "{mean}; the law's standard deviation is 3.28");
}

#[test]
fn a_ladder_of_thresholds_falls_whole_or_not_at_all() {
    let ladder: Vec<f64> = (0..100).map(f64::from).collect();
    assert_eq!(cascade(ladder.clone(), 130, 1), 100);
    let mut broken = ladder;
    broken[1] = 2.0;
    assert_eq!(cascade(broken, 130, 1), 1);
}

#[test]
fn without_couplings_attempts_of_squad_mates_are_independent() {
    // Under the null nobody learns, asks or follows: attempts per squad are binomial with the chances of its members.
    let base = base(12_000, 60, |plan| plan.rule = Rule::Constant);
    let params = alone(&[("decision.constant.core_rate", 0.004), ("decision.constant.wavering_rate", 0.004)]);
    let p = 1.0 - math::exp(-0.004 * 60.0);
    let (mut sum, mut squares, mut squads) = (0.0, 0.0, 0.0);
    for seed in 0..6 {
        let mut by_squad = vec![0.0; base.squads.len()];
        for event in deploy(&base, &params, Seed(seed)).events {
            if event.kind == EventKind::AttemptBegan {
                by_squad[base.soldiers.squad.as_slice()[event.soldier.row()] as usize] += 1.0;
            }
        }
        squads += by_squad.len() as f64;
        sum += by_squad.iter().sum::<f64>();
        squares += by_squad.iter().map(|n| (n - 10.0 * p) * (n - 10.0 * p)).sum::<f64>();
    }
    let variance = 10.0 * p * (1.0 - p);
    assert!((sum / squads - 10.0 * p).abs() < 4.0 * (variance / squads).sqrt());
    // A binomial variance from n squads has relative standard error sqrt(2 / n) up to its small excess kurtosis.
    assert!((squares / squads / variance - 1.0).abs() < 4.5 * (2.0 / squads).sqrt(), "{}", squares / squads / variance);
}

/// Busy enough that every mechanism acts within a short run.
fn busy() -> ForceParams {
    force::params(&[
        ("exit.attempt.base_rate", 0.02),
        ("danger.combat.hazard_winter_assaults", 0.01),
        ("mind.public_face.base", 0.0),
        ("surveillance.audit.quota", 0.5),
    ])
}

fn per_soldier_day(base: &ForceBase, seeds: std::ops::Range<u64>) -> Vec<[f64; 4]> {
    let params = busy();
    let rates = |seed| {
        let record = deploy(base, &params, Seed(seed));
        let days: f64 = record.heads.iter().map(|h| f64::from(h[0])).sum();
        let kinds = [EventKind::AttemptBegan, EventKind::Wounded, EventKind::Denounced, EventKind::Deserted];
        kinds.map(|kind| count(&record, kind) as f64 / days)
    };
    seeds.map(rates).collect()
}

/// Difference of means in standard errors, for each column.
fn apart(a: &[[f64; 4]], b: &[[f64; 4]]) -> [f64; 4] {
    let moments = |rows: &[[f64; 4]], column: usize| {
        let n = rows.len() as f64;
        let mean = rows.iter().map(|r| r[column]).sum::<f64>() / n;
        (mean, rows.iter().map(|r| square(r[column] - mean)).sum::<f64>() / (n - 1.0) / n)
    };
    std::array::from_fn(|column| {
        let ((x, u), (y, v)) = (moments(a, column), moments(b, column));
        (x - y).abs() / (u + v).sqrt()
    })
}

fn winter(soldiers: u32, steps_per_day: u32) -> ForceBase {
    base(soldiers, 60, |plan| {
        plan.phases = vec![Phase { from: 10, hazard: PhaseHazard::WinterAssaults }];
        plan.steps_per_day = steps_per_day;
    })
}

#[test]
fn doubling_the_force_leaves_hazards_per_soldier_day() {
    // A15, every coupling on: battalions do not hear of each other, so a force of twice the size is two forces.
    let (once, twice) = (winter(2_880, 1), winter(5_760, 1));
    let apart = apart(&per_soldier_day(&once, 0..40), &per_soldier_day(&twice, 100..140));
    // Four columns, four standard errors with 78 degrees of freedom: a false alarm once in 1,700.
    assert!(apart.iter().all(|z| *z < 4.0), "{apart:?}");
}

#[test]
fn halving_the_step_leaves_the_distributions() {
    let (whole, half) = (winter(2_880, 1), winter(2_880, 2));
    let apart = apart(&per_soldier_day(&whole, 0..40), &per_soldier_day(&half, 100..140));
    assert!(apart.iter().all(|z| *z < 4.0), "{apart:?}");
    let record = deploy(&half, &busy(), Seed(5));
    assert_eq!(check(&record), Ok(()));
}

#[test]
fn every_rule_keeps_every_requirement_and_only_m1_needs_the_others_parameters() {
    for (rule, key) in Rule::ALL {
        let base = base(1_200, 60, |plan| {
            plan.phases = vec![Phase { from: 10, hazard: PhaseHazard::WinterAssaults }];
            plan.rule = rule;
        });
        let record = deploy(&base, &busy(), Seed(3));
        assert_eq!(check(&record), Ok(()), "{key}");
        assert_eq!(Rule::from_key(key), Some(rule));
    }
    assert_eq!(Rule::from_key("m6"), None);
}

#[test]
fn a_short_tour_brings_the_survivors_home() {
    let base = winter(1_200, 1);
    let params = force::params(&[("danger.rotation.tour", 20.0), ("danger.rotation.travel", 5.0)]);
    let record = deploy(&base, &params, Seed(4));
    assert_eq!(check(&record), Ok(()));
    let last = record.heads[record.heads.len() - 1];
    let [present, wounded, rotated, home] = [0, 1, 10, 11].map(|status: usize| last[status]);
    assert_eq!((present, wounded, rotated), (0, 0, 0), "tours spread by a fifth, so day 60 lies far behind the last");
    assert!(home > 1_000, "{home}");
    let learnt = record.families.iter().filter(|f| f.kind == exitvoice_record::FamilyEventKind::Learnt).count();
    assert!(learnt > 0, "men who come home are asked");
}

#[test]
fn officers_are_denounced_and_rated_like_everybody() {
    let base = winter(960, 1);
    let record = deploy(&base, &force::params(&[("surveillance.denunciation.innocent_rate", 0.05)]), Seed(2));
    // Of each company the two who stand first in the order of a post hold it for as long as they are present.
    let firsts = |ranks: &[u64]| {
        let first = |company: u32| {
            let rows = base.companies.squads(company).flat_map(|s| base.squads[s].first..base.squads[s].end);
            rows.min_by_key(|row| ranks[*row as usize]).map(|row| row as usize)
        };
        (0..base.companies.len() as u32).filter_map(first).collect::<std::collections::BTreeSet<usize>>()
    };
    for ranks in [base.command_rank.as_slice(), base.political_rank.as_slice()] {
        let officers = firsts(ranks);
        let denounced = record.events.iter().filter(|e| e.kind == EventKind::Denounced);
        assert!(denounced.filter(|e| officers.contains(&e.soldier.row())).count() > 0, "{officers:?}");
    }
    let assessors: std::collections::BTreeSet<usize> =
        record.events.iter().filter(|e| e.kind == EventKind::AssessedCompany).map(|e| e.soldier.row()).collect();
    assert!(assessors.len() >= base.companies.len(), "each company is rated by a political officer of its own");
}

#[test]
fn replacements_fill_the_weakest_squads_of_their_battalions() {
    let base = base(1_020, 60, |plan| {
        plan.phases = vec![Phase { from: 0, hazard: PhaseHazard::WinterAssaults }];
        plan.waves = vec![
            Wave { soldiers: 480, ..plan.waves[0].clone() },
            Wave { contingent: 2, soldiers: 480, arrives: 0, front: Some(0), joins: Joins::AsUnits },
            Wave { contingent: 2, soldiers: 60, arrives: 40, front: None, joins: Joins::AsReplacements },
        ];
    });
    let record = deploy(&base, &force::params(&[("danger.combat.hazard_winter_assaults", 0.02)]), Seed(6));
    assert_eq!(check(&record), Ok(()));
    let mut strength = vec![0_i32; base.squads.len()];
    let mut place: Vec<usize> = record.soldiers.squad.as_slice().iter().map(|squad| *squad as usize).collect();
    let mut status = vec![None; base.len()];
    let mut arrived = 0;
    for event in &record.events {
        let row = event.soldier.row();
        let present = |status| status == Some(exitvoice_record::Status::Present);
        if event.kind == EventKind::Arrived && event.day == 40 {
            let battalion = base.squads[place[row]].battalion;
            assert_eq!(battalion as usize, (row - 960) / 30, "the same number for each battalion");
            let weakest = base.battalions.squads(battalion).map(|s| strength[s]).min();
            assert_eq!(weakest, Some(strength[place[row]]), "each takes the weakest squad there is");
            arrived += 1;
        }
        let before = status[row];
        let after = event.kind.status_after().or(before);
        strength[place[row]] += i32::from(present(after)) - i32::from(present(before));
        status[row] = after;
        if event.kind == EventKind::Transferred {
            strength[place[row]] -= 1;
            place[row] = event.group as usize - 1;
            strength[place[row]] += 1;
        }
    }
    assert_eq!(arrived, 60);
    let hurt = record.events.iter().filter(|e| e.kind == EventKind::Wounded && e.soldier.row() >= 960).count();
    assert!(hurt > 0, "they go where their squads are");
}

#[test]
fn responses_act_on_their_day_or_trigger() {
    use exitvoice_model::mechanism::regime::response::{Order, Response, When};
    let run = |order, when| {
        let base = base(1_200, 60, |plan| {
            plan.phases = vec![Phase { from: 10, hazard: PhaseHazard::WinterAssaults }];
            plan.responses = vec![Response { order, when }];
        });
        let record = deploy(&base, &busy(), Seed(8));
        assert_eq!(check(&record), Ok(()));
        record
    };
    let moved = |record: &Record, kind| {
        let days: std::collections::BTreeSet<u32> =
            record.events.iter().filter(|e| e.kind == kind && e.fraction < 1e-9).map(|e| e.day).collect();
        days.into_iter().collect::<Vec<u32>>()
    };
    let pulled = run(Order::PullBack, When::Dated(20));
    assert_eq!(moved(&pulled, EventKind::LeftFront), [20]);
    assert_eq!(moved(&pulled, EventKind::ReachedFront), [0, 34], "back after fourteen days");
    let hurt =
        |from, to| pulled.events.iter().filter(|e| e.kind == EventKind::Wounded && (from..to).contains(&e.day)).count();
    assert!(hurt(20, 34) == 0 && hurt(34, 48) > 0);
    let triggered = run(Order::PullBack, When::Triggered);
    let known: Vec<u32> = triggered
        .families
        .iter()
        .filter(|f| f.kind == exitvoice_record::FamilyEventKind::ExitKnown)
        .map(|f| f.day)
        .collect();
    assert_eq!(moved(&triggered, EventKind::LeftFront), [known[4] + 1], "the day after the fifth known exit");
    let denounced = |order| count(&run(order, When::Dated(1)), EventKind::Denounced);
    assert!(denounced(Order::TightenInformers) > 3 * denounced(Order::MoveFamilies) / 2, "three times the informers");
}

#[test]
fn m5_without_falls_is_m1() {
    let control = |rule, changes: &[(&str, f64)]| {
        let base = base(2_000, 60, |plan| {
            plan.rule = rule;
            plan.phases = vec![Phase { from: 5, hazard: PhaseHazard::WinterAssaults }];
        });
        let mut all = vec![("exit.attempt.base_rate", 0.01), ("mind.belief.news", 0.0)];
        all.extend_from_slice(changes);
        deploy(&base, &force::params(&all), Seed(5)).events
    };
    let none = [("decision.principal_agent.catch_fall", 0.0), ("decision.principal_agent.penalty_fall", 0.0)];
    assert_eq!(control(Rule::PrincipalAgent, &none), control(Rule::RandomUtility, &[]));
    // No officer anywhere and no penalty out of his sight: as if nobody believed in penalties.
    let far = [
        ("decision.principal_agent.catch_fall", 0.0),
        ("decision.principal_agent.penalty_fall", 1.0),
        ("force.roles.political_officers", 0.0),
    ];
    let unbelieved = [("home.hostage.belief", 0.0), ("force.roles.political_officers", 0.0)];
    let events = control(Rule::PrincipalAgent, &far);
    assert_eq!(events, control(Rule::RandomUtility, &unbelieved));
    assert!(events.iter().filter(|e| e.kind == EventKind::AttemptBegan).count() > 50, "enough to compare");
}
