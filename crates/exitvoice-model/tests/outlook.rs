//! Beyond the known days: the past stays as it is, and without danger's walk and further waves the plan just goes on.

mod support;

use exitvoice_core::quantity::Seed;
use exitvoice_model::ModelError;
use exitvoice_model::force::outlook::{self, extend};
use exitvoice_model::force::plan::Plan;
use exitvoice_model::force::{ForceBase, deploy_watched};
use exitvoice_record::{Expected, Record, Trajectory};
use support::{base, force_params, plan, shared};

const KNOWN: u32 = 100;
const DAYS: u32 = 190;

const BUSY: [(&str, f64); 4] = [
    ("exit.attempt.base_rate", 0.004),
    ("exit.absence.base_rate", 0.01),
    ("danger.combat.hazard_winter_assaults", 0.01),
    ("danger.capture.opportunity", 0.2),
];

fn longer() -> Plan {
    Plan { days: DAYS, ..plan(400, KNOWN) }
}

fn with(base: &ForceBase, params: &outlook::Params, seed: u64) -> ForceBase {
    let (plan, cut) = extend(&longer(), params, KNOWN, 400, Seed(seed));
    assert!(!cut, "the draws of this test leave men over");
    base.extended(plan, &shared().1).expect("enough candidates")
}

#[test]
fn more_men_than_there_are_candidates_are_refused_by_number() {
    let (base, extract) = (base(400, KNOWN), &shared().1);
    let many = outlook::Params { waves: exitvoice_core::quantity::Hazard::per_day(0.04), ..QUIET };
    let (mut plan, _) = extend(&longer(), &many, KNOWN, 400, Seed(1));
    let first = plan.waves.len() - plan.outlook.added_waves;
    plan.waves[first].soldiers = 1_000_000;
    let added: usize = plan.waves[first..].iter().map(|w| w.soldiers as usize).sum();
    let error = base.extended(plan, extract).expect_err("there are a few thousand candidates");
    // All who could be sent so far, the advance party with them, and those added.
    assert_eq!(error, ModelError::TooFewCandidates { needed: base.len() + added, available: extract.len() });
    // As many as there are can be sent, and not one more.
    let (plan, _) = extend(&longer(), &many, KNOWN, 400, Seed(1));
    let others = plan.waves[first + 1..].iter().map(|w| w.soldiers as usize).sum::<usize>();
    for (over, fits) in [(0, true), (1, false)] {
        let mut plan = plan.clone();
        plan.waves[first].soldiers = (extract.len() - base.len() - others + over) as u32;
        assert_eq!(base.extended(plan, extract).is_ok(), fits, "{over} more than there are");
    }
}

fn bytes(record: &Record) -> Vec<u8> {
    let mut all = Vec::new();
    record.canonical(&mut |b| all.extend_from_slice(b));
    all
}

fn run(base: &ForceBase, seed: u64) -> (Record, Expected) {
    deploy_watched(base, &force_params(&BUSY), Seed(seed), &[3, 4, 5, 6, 7, 8])
}

const QUIET: outlook::Params = outlook::Params {
    danger_walk: 0.0,
    waves: exitvoice_core::quantity::Hazard::ZERO,
    wave_size: 40.0,
    front_after: exitvoice_core::quantity::Days(14.0),
};

fn busy() -> outlook::Params {
    outlook::Params { danger_walk: 0.5, waves: exitvoice_core::quantity::Hazard::per_day(0.04), ..QUIET }
}

#[test]
fn without_walk_and_waves_the_plan_goes_on() {
    let base = base(400, KNOWN);
    let plain = ForceBase::new(longer(), &shared().1).expect("enough candidates");
    let quiet = with(&base, &QUIET, 1);
    for seed in 0..4 {
        let ((plain, expected), (quiet, expected_quiet)) = (run(&plain, seed), run(&quiet, seed));
        assert_eq!(bytes(&plain), bytes(&quiet));
        assert_eq!(expected, expected_quiet);
    }
}

#[test]
fn the_past_is_the_same_bit_for_bit_and_the_future_is_not() {
    let base = base(400, KNOWN);
    let (mut advance, mut waves, mut other) = (0, 0, 0);
    for seed in 0..8 {
        let extended = with(&base, &busy(), seed);
        waves += extended.plan.outlook.added_waves;
        let ((short, expected), (long, expected_long)) = (run(&base, seed), run(&extended, seed));
        advance += u32::from(short.soldiers.key.len() > 400);
        let (short, long) = (Trajectory::from_record(&short), Trajectory::from_record(&long));
        assert_eq!(short, long.until(KNOWN - 1));
        assert_eq!(expected.captures, expected_long.captures[..KNOWN as usize]);
        assert_eq!(expected.surrenders, expected_long.surrenders[..KNOWN as usize]);
        // Of those who would leave after the known days the short watch knows the ones planned before.
        let planned = expected_long.departures.iter().take(expected.departures.len());
        assert!(planned.eq(&expected.departures));
        let quiet = Trajectory::from_record(&run(&with(&base, &QUIET, seed), seed).0);
        other += u32::from(quiet != long);
        assert!(long.sent[KNOWN as usize..].iter().sum::<i32>() > 0 || extended.plan.outlook.added_waves == 0);
    }
    assert!(advance > 0 && waves > 8 && other > 0, "{advance} {waves} {other}");
}

#[test]
fn a_longer_outlook_begins_as_a_shorter_one() {
    let (short, _) = extend(&Plan { days: 160, ..longer() }, &busy(), KNOWN, 4_000, Seed(5));
    let (long, _) = extend(&longer(), &busy(), KNOWN, 4_000, Seed(5));
    assert_eq!(short.outlook.danger, long.outlook.danger[..160]);
    assert!(long.waves.starts_with(&short.waves) && long.waves.len() > short.waves.len());
    assert!(short.outlook.danger[..KNOWN as usize].iter().all(|f| f.to_bits() == 1.0_f64.to_bits()));
}

#[test]
fn danger_wanders_as_far_as_it_should() {
    // Variance of the log factor after 90 days: 3 x .25; of 4,000 draws within four standard errors of a variance.
    let n = 4_000;
    let at_end = |seed: u64| {
        let (plan, _) = extend(&longer(), &outlook::Params { danger_walk: 0.5, ..QUIET }, KNOWN, 0, Seed(seed));
        let last = exitvoice_core::math::ln(plan.danger(DAYS - 1));
        last * last
    };
    let variance = (0..n).map(at_end).sum::<f64>() / n as f64;
    let error = 0.75 * (2.0 / n as f64).sqrt();
    assert!((variance - 0.75).abs() < 4.0 * error, "{variance}");
}

#[test]
fn nobody_is_sent_beyond_those_who_can_be() {
    let greedy = outlook::Params { wave_size: 1e5, ..busy() };
    let (plan, cut) = extend(&longer(), &greedy, KNOWN, 300, Seed(2));
    assert!(cut && plan.soldiers() == 700);
}
