//! The force: requirements of the record, known answers, directions, and that order does not matter.

mod support;

use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::DAYS_PER_MONTH;
use exitvoice_model::ModelError;
use exitvoice_model::force::plan::{Phase, PhaseHazard};
use exitvoice_model::force::world::advance_party;
use exitvoice_model::force::{ForceBase, deploy, deploy_shuffled, deploy_watched, follow};
use exitvoice_model::mechanism::home::returnees;
use exitvoice_model::mechanism::regime::ledger::ledger;
use exitvoice_model::schedule::DAY;
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::person::Class;
use exitvoice_record::{
    DepartureKind, Event, EventKind, Expected, FamilyEventKind, Record, SoldierId, Status, Trajectory, check,
};
use support::{base, force_params, plan, shared};

fn bytes(record: &Record) -> Vec<u8> {
    let mut all = Vec::new();
    record.canonical(&mut |b| all.extend_from_slice(b));
    all
}

const BUSY: [(&str, f64); 4] = [
    ("exit.attempt.base_rate", 0.01),
    ("exit.absence.base_rate", 0.01),
    ("danger.combat.hazard_winter_assaults", 0.02),
    ("danger.capture.opportunity", 0.2),
];

#[test]
fn the_ledger_of_months_adds_up_to_the_record() {
    let returns = [("danger.rotation.tour", 40.0), ("danger.rotation.travel", 2.0), ("home.penalty.delay", 4.0)];
    let (base, params) = (base(600, 120), force_params(&[&BUSY[..], &returns].concat()));
    let record = deploy(&base, &params, Seed(1));
    let seen = |days: f64| 0.01 * days;
    let months = ledger(&params.ledger, &params.returnees, &seen, &record);
    assert_eq!(months.len(), 4, "119 days are three months of 30.4375 days and a part");
    let home: Vec<_> = record.events.iter().filter(|e| e.kind == EventKind::ArrivedHome).collect();
    let neighbours = |event: &Event| {
        let arrived = record.events.iter().find(|e| e.soldier == event.soldier && e.kind == EventKind::Arrived);
        let abroad = f64::from(event.day - arrived.expect("who comes home was sent").day);
        returnees::neighbours(&params.returnees, seen(abroad), f64::from(record.days - event.day))
    };
    for (number, month) in months.iter().enumerate() {
        let within = |day: u32| (f64::from(day) / DAYS_PER_MONTH) as usize == number;
        let families = |is: fn(FamilyEventKind) -> bool| {
            record.families.iter().filter(|e| is(e.kind) && within(e.day)).count() as f64
        };
        let dead = record.events.iter().filter(|e| e.kind.status_after() == Some(Status::Killed) && within(e.day));
        let learn: f64 = home.iter().filter(|e| within(e.day)).map(|e| neighbours(e)).sum();
        let counted =
            [month.dead, month.known_exits, month.kin_penalised, month.families_rewarded, month.kin_who_learnt];
        let expected = [
            dead.count() as f64,
            families(|kind| kind == FamilyEventKind::ExitKnown),
            families(FamilyEventKind::is_penalty),
            families(|kind| kind == FamilyEventKind::Rewarded),
            families(|kind| kind == FamilyEventKind::Learnt),
        ];
        assert!(counted.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{number}: {counted:?} {expected:?}");
        assert!((month.neighbours_who_learn - learn).abs() < 1e-9, "{number}: {month:?} {learn}");
    }
    let sums = months.iter().fold([0.0; 6], |sum, m| {
        let month =
            [m.dead, m.known_exits, m.kin_penalised, m.families_rewarded, m.kin_who_learnt, m.neighbours_who_learn];
        std::array::from_fn(|k| sum[k] + month[k])
    });
    assert!(sums.iter().all(|sum| *sum > 0.0), "everything happens: {sums:?}");
}

#[test]
fn every_requirement_holds_and_every_kind_of_event_happens() {
    let (base, params) = (base(600, 120), force_params(&BUSY));
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..10 {
        let record = deploy(&base, &params, Seed(seed));
        assert_eq!(check(&record), Ok(()));
        seen.extend(record.events.iter().map(|e| e.kind));
        for (day, heads) in record.heads.iter().enumerate() {
            let sent = record.events.iter().filter(|e| e.kind == EventKind::Arrived && e.day as usize <= day).count();
            assert_eq!(heads.iter().sum::<u32>() as usize, sent, "heads add up on day {day}");
        }
    }
    for kind in [
        EventKind::KilledInCombat,
        EventKind::DiedOfWounds,
        EventKind::Recovered,
        EventKind::Captured,
        EventKind::SuicideToAvoidCapture,
        EventKind::AbsenceBegan,
        EventKind::AbsenceEnded,
        EventKind::Joined,
        EventKind::Deserted,
        EventKind::CaughtLeaving,
        EventKind::KilledLeaving,
        EventKind::TurnedBack,
    ] {
        assert!(seen.contains(&kind), "{kind:?}");
    }
}

#[test]
fn an_absence_ends() {
    let (base, params) = (
        base(300, 60),
        force_params(&[("exit.absence.base_rate", 0.02), ("danger.combat.hazard_winter_assaults", 0.0)]),
    );
    let record = deploy(&base, &params, Seed(4));
    let began = record.events.iter().filter(|e| e.kind == EventKind::AbsenceBegan && e.day < 30).count();
    let ended = record.events.iter().filter(|e| e.kind == EventKind::AbsenceEnded).count();
    assert!(began > 50 && ended >= began, "{began} {ended}");
}

#[test]
fn steps_may_stand_in_any_order_within_a_stage() {
    let (base, params) = (base(400, 90), force_params(&BUSY));
    let expected = bytes(&deploy(&base, &params, Seed(3)));
    let draws = Draws::new(Seed(1), Purpose::Shuffle);
    for shuffle in 0..12 {
        let mut order: Vec<usize> = (0..DAY.len()).collect();
        order.sort_by_key(|i| draws.hash(shuffle, *i as u64));
        assert!(expected == bytes(&deploy_shuffled(&base, &params, Seed(3), &order)), "{order:?}");
    }
}

#[test]
fn threads_do_not_matter_to_an_ensemble() {
    let (base, params) = (base(300, 60), force_params(&BUSY));
    let run =
        |threads| Pool::new(threads).expect("threads").map(16, |r| bytes(&deploy(&base, &params, Seed(r as u64))));
    let one = run(1);
    for threads in [2, 3, 8] {
        assert!(one == run(threads), "{threads} threads");
    }
}

#[test]
fn an_advance_party_goes_in_its_share_of_replicates() {
    let base = base(600, 120);
    assert!(!base.is_empty() && base.len() >= 600);
    let share = |p: f64| {
        let params = force_params(&[("force.advance_party", p)]);
        (0..1_000).filter(|seed| advance_party(&base, &params, Seed(*seed)) > 0).count()
    };
    // Four standard deviations of 1,000 tries at .3 are 58; a party of this size is never empty.
    assert_eq!((share(0.0), share(1.0)), (0, 1_000));
    assert!(share(0.3).abs_diff(300) < 58, "{}", share(0.3));
}

#[test]
fn competing_risks_have_the_known_incidence() {
    // A7: constant hazards, nothing coupled: deaths and attempts compete through their clocks.
    let mut plan = plan(1_000, 120);
    plan.waves[0].front = Some(0);
    plan.advance_party = false;
    plan.phases = vec![Phase { from: 0, hazard: PhaseHazard::Spring }];
    let base = ForceBase::new(plan, &shared().1).expect("enough candidates");
    let (death, exit) = (0.005, 1.5e-4);
    let params = force_params(&[
        ("danger.combat.hazard_spring", death),
        ("danger.combat.killed_share", 1.0),
        ("danger.combat.died_of_wounds", 0.0),
        ("danger.capture.opportunity", 0.0),
        ("exit.absence.base_rate", exit),
        ("exit.absence.together", 0.0),
        // Long enough that an absent man is out of the competition, as one who left for good would be.
        ("exit.absence.length", 1e9),
        ("exit.attempt.base_rate", 0.0),
        ("exit.surrender.base_rate", 0.0),
        ("danger.combat.assault_share", 0.0),
        ("surveillance.denunciation.informer_share", 0.0),
    ]);
    let replicates = 60_u32;
    let mut exits = 0;
    for seed in 0..replicates {
        let record = deploy(&base, &params, Seed(u64::from(seed)));
        exits += record.events.iter().filter(|e| e.kind == EventKind::AbsenceBegan).count();
    }
    let (n, expected) = (f64::from(replicates) * 1_000.0, 0.013_43);
    let found = exits as f64 / n;
    let standard_error = (expected * (1.0 - expected) / n).sqrt();
    assert!((found - expected).abs() < 4.0 * standard_error, "{found} against {expected} +- {standard_error}");
}

#[test]
fn with_no_danger_and_no_exits_nothing_happens() {
    // No danger means no contact, hence no surrender; faces may still change and officers still rate.
    let params = force_params(&[
        ("danger.combat.hazard_winter_assaults", 0.0),
        ("exit.absence.base_rate", 0.0),
        ("exit.attempt.base_rate", 0.0),
        ("surveillance.denunciation.informer_share", 0.0),
        ("mind.public_face.redraw_rate", 0.0),
        ("force.roles.political_officers", 0.0),
    ]);
    let record = deploy(&base(100, 60), &params, Seed(2));
    assert!(record.events.iter().all(|e| matches!(e.kind, EventKind::Arrived | EventKind::ReachedFront)));
}

#[test]
fn one_soldier_and_one_day_work() {
    for (soldiers, days) in [(1, 60), (1, 1), (40, 1)] {
        let record = deploy(&base(soldiers, days), &force_params(&BUSY), Seed(5));
        assert_eq!(check(&record), Ok(()));
        assert_eq!(record.days, days);
    }
    let tiny = ForceBase::new(plan(1_000_000, 60), &shared().1);
    // EV0502
    assert!(
        matches!(tiny, Err(ModelError::TooFewCandidates { needed: 1_000_000, .. })),
        "a force larger than the candidates is refused"
    );
}

#[test]
fn more_hostage_effect_means_fewer_attempts_and_more_danger_means_more() {
    let base = base(900, 120);
    let attempts = |changes: &[(&str, f64)]| -> usize {
        let mut all =
            vec![("exit.attempt.base_rate", 0.002), ("exit.absence.base_rate", 0.0), ("exit.cell.join", -50.0)];
        all.extend_from_slice(changes);
        let params = force_params(&all);
        let begins = |seed| {
            deploy(&base, &params, Seed(seed)).events.iter().filter(|e| e.kind == EventKind::AttemptBegan).count()
        };
        (0..8).map(begins).sum()
    };
    // The weight b H lies around .6, so the effect is read against a belief of certain punishment.
    let weak = attempts(&[("home.hostage.belief", 1.0), ("exit.attempt.hostage_effect", 0.0)]);
    let strong = attempts(&[("home.hostage.belief", 1.0), ("exit.attempt.hostage_effect", 4.0)]);
    assert!(weak > 3 * strong / 2, "{weak} {strong}");
    // Heavy losses, quickly learnt, in both: perceived danger stays above its reference while the term is compared.
    let (danger, learning) = (("danger.combat.hazard_winter_assaults", 0.03), ("mind.danger.learning", 0.5));
    let calm = attempts(&[danger, learning, ("exit.attempt.danger_effect", 0.0)]);
    let driven = attempts(&[danger, learning, ("exit.attempt.danger_effect", 6.0)]);
    assert!(driven > calm, "{driven} {calm}");
}

#[test]
fn a_higher_hazard_brings_no_first_casualty_later() {
    // Uncoupled clocks under common draws: each life's first casualty can only come earlier.
    let first = |hazard: f64| {
        let changes = [
            ("danger.combat.hazard_winter_assaults", hazard),
            ("exit.absence.base_rate", 0.0),
            ("exit.attempt.base_rate", 0.0),
            ("danger.capture.opportunity", 0.0),
        ];
        let record = deploy(&base(300, 90), &force_params(&changes), Seed(8));
        let mut when = vec![f64::INFINITY; 600];
        for event in record.events.iter().filter(|e| e.kind.is_incident()) {
            let slot = &mut when[event.soldier.row()];
            *slot = slot.min(f64::from(event.day) + event.fraction);
        }
        when
    };
    assert!(first(0.005).iter().zip(first(0.01)).all(|(low, high)| high <= *low));
}

#[test]
fn the_trajectory_agrees_with_the_heads() {
    let record = deploy(&base(500, 100), &force_params(&BUSY), Seed(6));
    let trajectory = Trajectory::from_record(&record);
    for day in 0..record.days {
        let heads = record.heads[day as usize];
        assert_eq!(Trajectory::total(&trajectory.killed, day as i32), i64::from(heads[Status::Killed as usize]));
        assert_eq!(Trajectory::total(&trajectory.custody, day as i32), i64::from(heads[Status::Captured as usize]));
        assert_eq!(Trajectory::total(&trajectory.reached, day as i32), i64::from(heads[Status::Deserted as usize]));
    }
}

/// Mean over replicates of counts minus their summed intensities, in standard errors: each difference has mean zero.
fn deviation(changes: &[(&str, f64)], read: impl Fn(&Trajectory, &Expected) -> (f64, f64)) -> (f64, f64) {
    let (base, params) = (base(600, 90), force_params(changes));
    let all: Vec<u32> = (0..90).collect();
    let differences: Vec<(f64, f64)> = (0..150)
        .map(|seed| {
            let (record, expected) = deploy_watched(&base, &params, Seed(seed), &all);
            read(&Trajectory::from_record(&record), &expected)
        })
        .collect();
    let n = differences.len() as f64;
    let mean = differences.iter().map(|(a, b)| a - b).sum::<f64>() / n;
    let variance = differences.iter().map(|(a, b)| (a - b - mean) * (a - b - mean)).sum::<f64>() / (n - 1.0);
    (mean / (variance / n).sqrt(), differences.iter().map(|(_, b)| b).sum::<f64>() / n)
}

fn departures(kind: DepartureKind, weight: fn(u32) -> f64) -> impl Fn(&Trajectory, &Expected) -> (f64, f64) {
    move |t, e| {
        let real = t.departures.iter().filter(|d| d.kind == kind).map(|d| weight(d.size)).sum();
        let expected = e.departures.iter().filter(|d| d.kind == kind && d.day < t.days);
        (real, expected.map(|d| d.rate * weight(d.size)).sum())
    }
}

#[test]
fn counts_less_their_intensities_have_mean_zero() {
    let danger = ("danger.combat.hazard_winter_assaults", 0.02);
    let captures = [danger, ("danger.capture.opportunity", 0.2), ("exit.attempt.base_rate", 0.0)];
    let all = |t: &Trajectory, e: &Expected| {
        (t.capture_opportunities.iter().fold(0.0, |sum, x| sum + f64::from(*x)), e.captures.iter().sum())
    };
    let attempts = [danger, ("exit.attempt.base_rate", 0.0005), ("exit.absence.base_rate", 0.0)];
    let absences = [danger, ("exit.attempt.base_rate", 0.0), ("exit.absence.base_rate", 0.001)];
    let reached = |t: &Trajectory, e: &Expected| {
        let within = e.departures.iter().filter(|d| d.arrives < t.days);
        let real = t.reached.iter().fold(0.0, |sum, x| sum + f64::from(*x));
        (real, within.map(|d| d.rate * d.success * f64::from(d.size)).sum())
    };
    for (name, (deviation, expected)) in [
        ("captures", deviation(&captures, all)),
        ("groups that desert", deviation(&attempts, departures(DepartureKind::Desertion, |_| 1.0))),
        ("deserters", deviation(&attempts, departures(DepartureKind::Desertion, f64::from))),
        ("deserters who arrive", deviation(&attempts, reached)),
        ("groups absent", deviation(&absences, departures(DepartureKind::Absence, |_| 1.0))),
        ("soldiers absent", deviation(&absences, departures(DepartureKind::Absence, f64::from))),
        (
            "squares of soldiers absent together",
            deviation(&absences, departures(DepartureKind::Absence, |n| f64::from(n * n))),
        ),
        (
            "groups absent of ten and more",
            deviation(&absences, departures(DepartureKind::Absence, |n| f64::from(u8::from(n > 9)))),
        ),
    ] {
        // Eight differences, each within 4 standard errors: a harmless redraw trips this with probability 5e-4.
        assert!(deviation.abs() < 4.0 && expected > 1.0, "{name}: {deviation} s.e. at {expected}");
    }
}

#[test]
fn a_watched_replicate_is_the_same() {
    let (base, params) = (base(600, 120), force_params(&BUSY));
    let plain = deploy(&base, &params, Seed(3));
    assert_eq!(bytes(&deploy_watched(&base, &params, Seed(3), &(0..120).collect::<Vec<u32>>()).0), bytes(&plain));
}

#[test]
fn a_small_country_sends_men_as_loyal_and_in_the_same_mixture_as_a_larger_one() {
    let params = force_params(&[]);
    let soldiers = 400;
    let sent = |scale: f64| {
        let pool = Pool::new(2).expect("threads");
        let extract = Extract::take(&support::country(12, scale, 2), 60_000, &pool);
        let base = ForceBase::selected(plan(soldiers, 60), &extract, &params.selection).expect("enough candidates");
        let loyalty = base.private_loyalty(&params.selection)[..soldiers as usize].iter().sum::<f64>();
        let core = base.class.as_slice()[..soldiers as usize].iter().filter(|c| **c == Class::Core).count();
        (loyalty / f64::from(soldiers), core as f64 / f64::from(soldiers))
    };
    let ((small, small_core), (large, large_core)) = (sent(0.003), sent(0.009));
    // Four standard errors of the difference of two means of 400, standard deviation below one; and of two shares.
    assert!((small - large).abs() < 4.0 * (2.0 / f64::from(soldiers)).sqrt(), "{small} {large}");
    assert!((small_core - large_core).abs() < 4.0 * (0.5 / f64::from(soldiers)).sqrt(), "{small_core} {large_core}");
    // More of the core class than among the eligible, a third or so: the loyal are taken first.
    assert!(small_core > 0.45 && large_core > 0.45, "{small_core} {large_core}");
}

#[test]
fn a_soldier_who_is_followed_uses_up_his_clock_at_the_rate_that_is_told() {
    let (base, params) = (base(200, 90), force_params(&[("exit.attempt.base_rate", 0.002)]));
    let expected = bytes(&deploy(&base, &params, Seed(6)));
    let mut pairs = 0;
    for soldier in (0..40).map(SoldierId::from_row) {
        let life = follow(&base, &params, Seed(6), soldier);
        assert_eq!(bytes(&life.record), expected, "to look changes nothing");
        let mut otherwise = 0;
        for two in life.days.windows(2) {
            let [Some(before), Some(after)] = [two[0].resistance_left, two[1].resistance_left] else { continue };
            // At risk, in the same squad and state on both days, and no news of a penalty in between: these move his factor within the day.
            let same = two[0].status == two[1].status && two[0].squad == two[1].squad;
            let believes = two.iter().map(|day| day.penalty_belief.to_bits()).collect::<Vec<u64>>();
            if two[0].clock_per_day > 0.0 && same && believes[0] == believes[1] {
                pairs += 1;
                otherwise += u64::from((before - after - two[0].clock_per_day).abs() > 1e-9);
            }
        }
        // A clock that fires starts anew within the day; nothing else breaks the rule.
        assert!(otherwise <= life.fired, "{soldier:?}: {otherwise} days, {} firings", life.fired);
    }
    assert!(pairs > 1_000, "{pairs}");
}
