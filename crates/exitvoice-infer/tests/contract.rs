//! What every run promises, whatever the problem.

mod common;

use common::{Exact, Noisy, assert_moments, conjugate, noise, normal, parameters, posterior, run, uniform};
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::Prior;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::algorithm::{Phase, rescore, smc, weigh_again};
use exitvoice_infer::bank::{Section, Source};
use exitvoice_infer::diagnostic::Lineage;
use exitvoice_infer::diagnostic::identify::Label;
use exitvoice_infer::output::{groups, quantile, weighted_mean};
use exitvoice_infer::{Ending, InferError, Outcome, Parameter, Problem, Rough, SimError};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

#[test]
fn a_likelihood_that_is_constant_gives_back_the_prior_draws() {
    let priors =
        [normal(-11.71, 1.8), Prior::Beta { a: 1.0, b: 9.0 }, Prior::HalfNormal { sd: 2.0 }, uniform(0.0, 1.0)];
    let problem = Exact { parameters: parameters(&priors), ln_likelihood: |_: &[f64]| 0.0 };
    let settings = Settings { prior_draws: 2_000, ..Settings::for_budget(8_000) };
    let outcome = run(&problem, &settings, 1);
    let (before, after) = (groups(&outcome).prior, groups(&outcome).posterior);
    assert_eq!(before, after);
    assert!((outcome.diagnostics.ess / 2_000.0 - 1.0).abs() < 1e-3, "{}", outcome.diagnostics.ess);
    assert!(outcome.diagnostics.ln_evidence.abs() < 1e-12);
    for ((k, prior), column) in priors.iter().enumerate().zip(&after.columns) {
        for p in [0.05, 0.5, 0.95] {
            let below = column.iter().filter(|x| **x <= prior.quantile(p).expect("not fixed")).count() as f64;
            let error = (p * (1.0 - p) / 2_000.0_f64).sqrt();
            assert!((below / 2_000.0 - p).abs() < 4.0 * error, "{prior:?} at {p}");
        }
        let label = outcome.diagnostics.parameters[k].identification.expect("draws").label;
        assert_eq!(label, Label::NotIdentified);
    }
}

fn bits<T>(outcome: &Outcome<T>) -> Vec<u64> {
    let group = posterior(outcome);
    group.columns.iter().chain([&group.weight]).flatten().map(|x| x.to_bits()).collect()
}

fn noisy() -> Noisy<impl Fn(&[f64]) -> f64 + Sync> {
    Noisy { exact: conjugate(2, 1.0, 0.2), variance: 0.5 }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let settings = Settings { replicates: 2, prior_draws: 400, particles: 320, ..Settings::for_budget(2_400) };
    let with = |threads: usize| {
        let pool = Pool::new(threads).expect("threads");
        let ending = smc::run(&noisy(), &settings, Seed(2), &pool, &mut |_| ControlFlow::Continue(()));
        bits(&ending.expect("no error").finished().expect("finished"))
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(3));
}

#[test]
fn a_run_that_was_broken_off_goes_on_to_the_same_result() {
    let settings = Settings::for_budget(2_000);
    let pool = Pool::new(2).expect("threads");
    let whole = run(&noisy(), &settings, 3);
    for steps in [1, 4, 9] {
        let mut left = steps;
        let mut count = |_| {
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let ending = smc::run(&noisy(), &settings, Seed(3), &pool, &mut count).expect("no error");
        let Ending::Stopped(state) = ending else { panic!("not stopped after {steps} steps") };
        let rest = smc::resume(&noisy(), &settings, &pool, *state, &mut |_| ControlFlow::Continue(()));
        let rest = rest.expect("no error").finished().expect("finished");
        assert_eq!(bits(&rest), bits(&whole));
        assert_eq!(rest.diagnostics, whole.diagnostics);
    }
}

#[test]
fn a_state_is_refused_by_another_problem() {
    let settings = Settings::for_budget(2_000);
    let state = smc::init(&conjugate(2, 1.0, 0.2), &settings, Seed(4)).expect("valid");
    let error =
        smc::step(&conjugate(3, 1.0, 0.2), &settings, &Pool::new(1).expect("a thread"), state).expect_err("refused");
    assert_eq!(error, InferError::StateMismatch { found: 2, expected: 3 });
    assert!(error.to_string().starts_with("EV0608: "));
}

/// Counts its simulations; gives up above a threshold.
struct Counted {
    parameters: Vec<Parameter>,
    gives_up_above: f64,
    fatal: bool,
    ln_likelihood: fn(f64) -> f64,
    simulated: AtomicU64,
    gave_up: AtomicU64,
}

impl Counted {
    fn new(gives_up_above: f64, ln_likelihood: fn(f64) -> f64) -> Self {
        let counter = || AtomicU64::new(0);
        let parameters = parameters(&[normal(0.0, 1.0)]);
        Self { parameters, gives_up_above, fatal: false, ln_likelihood, simulated: counter(), gave_up: counter() }
    }
}

impl Problem for Counted {
    type Truth = ();
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }
    fn simulate(&self, theta: &[f64], _: Seed) -> Result<(), SimError> {
        self.simulated.fetch_add(1, Ordering::Relaxed);
        if theta[0] <= self.gives_up_above {
            return Ok(());
        }
        self.gave_up.fetch_add(1, Ordering::Relaxed);
        Err(if self.fatal { SimError::Fatal("wrong".to_owned()) } else { SimError::Recoverable("step".to_owned()) })
    }
    fn ln_likelihood(&self, theta: &[f64], (): &(), _: Seed) -> f64 {
        (self.ln_likelihood)(theta[0])
    }
}

#[test]
fn points_that_fail_are_counted_and_have_no_share_in_the_posterior() {
    let problem = Counted::new(1.0, |x| math::normal_ln_pdf(1.0, x, 0.5));
    let outcome = run(&problem, &Settings::for_budget(4_000), 5);
    let failures = outcome.diagnostics.failures;
    assert_eq!((failures.simulation, failures.not_finite), (problem.gave_up.into_inner(), 0));
    assert!(failures.total() > 0);
    let group = posterior(&outcome);
    assert!(group.columns[0].iter().all(|x| *x <= 1.0));
    // The conjugate posterior N(.8, .2), cut off at 1.
    let sd = 0.2_f64.sqrt();
    let cut = 0.2 / sd;
    common::assert_mean(&outcome, &group.columns[0], 0.8 - sd * math::normal_pdf(cut) / math::normal_cdf(cut));
}

#[test]
fn likelihoods_that_are_no_number_are_counted() {
    let problem = Counted::new(f64::INFINITY, |x| if x < 0.0 { f64::NAN } else { -x });
    let outcome = run(&problem, &Settings::for_budget(2_000), 6);
    assert!(outcome.diagnostics.failures.not_finite > 0);
    assert!(posterior(&outcome).columns[0].iter().all(|x| *x >= 0.0));
}

#[test]
fn a_fatal_failure_stops_the_inference() {
    let problem = Counted { fatal: true, ..Counted::new(1.0, |x| -x) };
    let pool = Pool::new(2).expect("threads");
    let error = smc::run(&problem, &Settings::for_budget(2_000), Seed(7), &pool, &mut |_| ControlFlow::Continue(()))
        .expect_err("fatal");
    let InferError::Fatal { theta, source } = &error else { panic!("{error}") };
    assert!(theta[0] > 1.0 && !source.is_recoverable());
    assert!(error.to_string().starts_with("EV0607: ") && source.to_string().starts_with("EV0602: "));
    assert!(SimError::Recoverable(String::new()).to_string().starts_with("EV0601: "));
}

#[test]
fn the_budget_is_never_exceeded_and_hardly_left_unused() {
    for (budget, replicates) in [(700, 1), (1_999, 1), (3_001, 3), (6_000, 2)] {
        let settings = Settings { replicates, prior_draws: 200, particles: 160, ..Settings::for_budget(budget) };
        let problem = Counted::new(f64::INFINITY, |x| math::normal_ln_pdf(1.0, x, 0.05));
        let mut seen = Vec::new();
        let pool = Pool::new(2).expect("threads");
        let ending = smc::run(&problem, &settings, Seed(8), &pool, &mut |progress| {
            seen.push(progress);
            ControlFlow::Continue(())
        });
        let outcome = ending.expect("no error").finished().expect("finished");
        let simulated = problem.simulated.into_inner();
        assert_eq!(outcome.diagnostics.simulations, simulated);
        // What is left would not have moved every chain once more.
        assert!(simulated <= budget && budget - simulated < u64::from(replicates) * 20, "{simulated} of {budget}");
        assert!(seen.windows(2).all(|p| p[0].simulations < p[1].simulations && p[0].temperature <= p[1].temperature));
        assert_eq!(seen.last().map(|p| (p.phase, p.simulations)), Some((Phase::Done, simulated)));
        // The posterior has the temperature 1, and what goes before it a lower one.
        let at = |phase: Phase| seen.iter().filter(move |p| p.phase == phase).map(|p| p.temperature);
        assert!(at(Phase::Sample).count() > 0 && at(Phase::Sample).all(|t| t >= 1.0));
        assert!(at(Phase::Temper).all(|t| t < 1.0));
    }
}

#[test]
fn a_sample_that_is_too_small_is_returned_with_a_refusal() {
    let outcome = run(&conjugate(10, 2.0, 0.01), &Settings::for_budget(1_000), 9);
    let refusal = outcome.refusal.expect("refused");
    assert!(refusal.ess < 200.0 && refusal.needed >= 200.0 && refusal.budget_needed >= 1_500, "{refusal}");
    assert!(refusal.to_string().starts_with("EV0609: "));
    assert!(!outcome.posterior.is_empty());
}

#[test]
fn data_that_exclude_every_draw_leave_the_prior_and_a_refusal() {
    let problem = Counted::new(f64::INFINITY, |_| f64::NEG_INFINITY);
    let outcome = run(&problem, &Settings::for_budget(2_000), 10);
    assert!(outcome.posterior.is_empty() && !outcome.prior.is_empty());
    let refusal = outcome.refusal.expect("refused");
    assert!(refusal.ess <= 0.0);
    assert_eq!(outcome.diagnostics.parameters[0].identification, None);
    // It looked longer than it had planned to, but not for the whole budget.
    assert!((900..=1_000).contains(&outcome.diagnostics.simulations), "{}", outcome.diagnostics.simulations);
    assert_eq!(quantile(&outcome.posterior.weights, &posterior(&outcome).columns[0], 0.5), None);
}

/// One truth for each draw, N(theta, 1); seen without error up to `sd`.
struct Shifted(Vec<Parameter>);

impl Problem for Shifted {
    type Truth = f64;
    fn parameters(&self) -> &[Parameter] {
        &self.0
    }
    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<f64, SimError> {
        Ok(theta[0] + math::normal_quantile(Draws::new(seed, Purpose::Test).uniform(0, 0)))
    }
    fn ln_likelihood(&self, _: &[f64], truth: &f64, _: Seed) -> f64 {
        math::normal_ln_pdf(1.0, *truth, 0.5)
    }
}

#[test]
fn the_bank_answers_for_another_likelihood_without_simulating() {
    let settings = Settings { replicates: 2, prior_draws: 1_000, particles: 800, ..Settings::for_budget(8_000) };
    let outcome = run(&Shifted(parameters(&[normal(0.0, 1.0)])), &settings, 11);
    let pool = Pool::new(2).expect("threads");
    // Seen: 1 with variance 1/4, now 1.5. Prior variance 1, simulation 1: posterior of theta 1/2.25 and of the truth 2/2.25.
    for section in [Section::Prior, Section::Chains, Section::Posterior, Section::Importance] {
        let draws = outcome.bank.reweight(&pool, section, |_, truth, _| math::normal_ln_pdf(1.5, *truth, 0.5));
        assert!(draws.ess() > 200.0, "{section:?}: {}", draws.ess());
        let lineage = Lineage::independent(draws.entries.len());
        let thetas: Vec<f64> = draws.entries.iter().map(|e| outcome.bank.theta(e.row)[0]).collect();
        let truths: Vec<f64> = draws.entries.iter().map(|e| *outcome.bank.truth(*e).expect("simulated")).collect();
        for (values, mean) in [(thetas, 1.5 / 2.25), (truths, 2.0 * 1.5 / 2.25)] {
            let error = lineage.standard_error(&draws.weights, &values);
            let found = weighted_mean(&draws.weights, &values);
            assert!((found - mean).abs() < 4.0 * error, "{section:?}: {found} +- {error}, expected {mean}");
        }
        let exact = math::normal_ln_pdf(1.5, 0.0, 1.5);
        assert!((draws.ln_evidence - exact).abs() < 4.0 / draws.ess().sqrt(), "{section:?}: {}", draws.ln_evidence);
    }
    // A likelihood that allows a narrow window gives only draws inside it.
    let window = |_: &[f64], truth: &f64, _: Seed| if (truth - 0.5).abs() < 0.05 { 0.0 } else { f64::NEG_INFINITY };
    let inside = outcome.bank.reweight(&pool, Section::Importance, window);
    assert!(inside.ess() > 20.0);
    for entry in &inside.entries {
        assert!((outcome.bank.truth(*entry).expect("simulated") - 0.5).abs() < 0.05);
    }
    let none = outcome.bank.reweight(&pool, Section::Prior, |_, _, _| f64::NAN);
    assert!(none.is_empty() && none.ess() <= 0.0);
}

#[test]
fn simulations_scored_for_other_data_give_the_other_posterior_and_refuse_where_none_lies_there() {
    // Posterior of the new data: mean 1.1 / 1.04, variance .04 / 1.04, as `conjugate` says.
    let settings = Settings::for_budget(6_000);
    let pool = Pool::new(2).expect("threads");
    let done = run(&conjugate(2, 1.0, 0.2), &settings, 12);
    let again = rescore(&conjugate(2, 1.1, 0.2), &settings, &pool, done).expect("the same parameters");
    assert!(again.refusal.is_none() && again.diagnostics.source == Source::Importance);
    assert_eq!(again.bank.populations().len(), 1);
    for column in &posterior(&again).columns {
        assert_moments(&again, column, 1.1 / 1.04, (0.04_f64 / 1.04).sqrt());
    }
    let ln_evidence = 2.0 * math::normal_ln_pdf(1.1, 0.0, 1.04_f64.sqrt());
    let found = &again.diagnostics;
    assert!((found.ln_evidence - ln_evidence).abs() < 4.0 * found.ln_evidence_se, "{found:?}");
    let far = rescore(&conjugate(2, 40.0, 0.01), &settings, &pool, again).expect("the same parameters");
    assert!(far.refusal.is_some());
    let error = rescore(&conjugate(3, 1.0, 0.2), &settings, &pool, far).expect_err("other parameters");
    assert_eq!(error, InferError::StateMismatch { found: 2, expected: 3 });
}

/// A known likelihood whose rough estimate is `rough` of it, half of it exact, and a count of how often the whole one was asked for.
struct Screened<F: Fn(&[f64]) -> f64 + Sync> {
    exact: Exact<F>,
    rough: fn(f64, Seed) -> f64,
    whole: AtomicU64,
}

impl<F: Fn(&[f64]) -> f64 + Sync> Problem for Screened<F> {
    type Truth = ();
    fn parameters(&self) -> &[Parameter] {
        &self.exact.parameters
    }
    fn simulate(&self, _: &[f64], _: Seed) -> Result<(), SimError> {
        Ok(())
    }
    fn ln_likelihood(&self, theta: &[f64], (): &(), _: Seed) -> f64 {
        (self.exact.ln_likelihood)(theta)
    }
    fn rough(&self, theta: &[f64], (): &(), seed: Seed) -> Option<Rough> {
        let half = 0.5 * (self.exact.ln_likelihood)(theta);
        Some(Rough { estimate: (self.rough)(half, seed), exact: half })
    }
    fn ln_likelihood_beside(&self, theta: &[f64], (): &(), _: Seed, exact: f64) -> f64 {
        self.whole.fetch_add(1, Ordering::Relaxed);
        0.5 * (self.exact.ln_likelihood)(theta) + exact
    }
}

/// Means and ln evidence of a finished inference about [`conjugate`]'s first data, for its second data, with how many whole scores.
fn rescored(settings: &Settings, rough: fn(f64, Seed) -> f64) -> (Outcome<()>, u64) {
    let pool = Pool::new(2).expect("threads");
    let before = run(&conjugate(2, 1.0, 0.2), settings, 12);
    let screened = Screened { exact: conjugate(2, 1.1, 0.2), rough, whole: AtomicU64::new(0) };
    let again = rescore(&screened, settings, &pool, before).expect("the same parameters");
    (again, screened.whole.load(Ordering::Relaxed))
}

#[test]
fn what_rough_scores_put_out_of_reach_is_not_scored_anew_and_the_posterior_is_the_same() {
    let settings = Settings { replicates: 2, ..Settings::for_budget(6_000) };
    let pool = Pool::new(2).expect("threads");
    let before = run(&conjugate(2, 1.0, 0.2), &settings, 12);
    // Rough estimates of 0 or NaN tell nothing: every importance draw gets its whole score.
    let draws = before.bank.reweight(&pool, Section::Importance, |_, (), _| 0.0).entries.len() as u64;
    assert!(2 * draws < before.diagnostics.simulations, "states of chains are no draws");
    let all = rescore(&conjugate(2, 1.1, 0.2), &settings, &pool, before).expect("the same parameters");
    for rough in [|_: f64, _: Seed| f64::NEG_INFINITY, |_: f64, _: Seed| f64::NAN] {
        let (again, whole) = rescored(&settings, rough);
        assert_eq!((whole, again.diagnostics.failures.total()), (2 * draws, 0));
        assert_eq!(bits(&again), bits(&all), "half and half make the whole");
    }
    // Noise of variance 2. Prior draws lie up to ten standard deviations away, draws of the old posterior do not.
    let (again, whole) = rescored(&settings, |half, seed| half + noise(seed, 2.0));
    assert!((draws / 4..3 * draws / 2).contains(&whole), "{whole} of {}", 2 * draws);
    // What is out of reach weighs less than 1e-5 of all: every draw that is told has its exact score.
    let difference = (again.diagnostics.ln_evidence - all.diagnostics.ln_evidence).abs();
    assert!(difference < 1e-5, "{difference}");
    for (column, exact) in posterior(&again).columns.iter().zip(&posterior(&all).columns) {
        let mean = |outcome: &Outcome<()>, column: &[f64]| weighted_mean(&outcome.posterior.weights, column);
        assert!((mean(&again, column) - mean(&all, exact)).abs() < 1e-5);
        assert_moments(&again, column, 1.1 / 1.04, (0.04_f64 / 1.04).sqrt());
    }
}

#[test]
fn a_bank_weighed_again_roughly_first_is_weighed_as_by_the_whole_likelihood() {
    let settings = Settings { replicates: 2, ..Settings::for_budget(6_000) };
    let pool = Pool::new(2).expect("threads");
    let before = run(&conjugate(2, 1.0, 0.2), &settings, 12);
    let other = conjugate(2, 1.1, 0.2);
    let whole = before.bank.reweight(&pool, Section::Importance, |theta, (), _| (other.ln_likelihood)(theta));
    assert_eq!(weigh_again(&other, &before.bank, &pool), whole, "without rough scores");
    let rough = |half: f64, seed: Seed| half + noise(seed, 2.0);
    let screened = Screened { exact: conjugate(2, 1.1, 0.2), rough, whole: AtomicU64::new(0) };
    let found = weigh_again(&screened, &before.bank, &pool);
    assert!((found.ln_evidence - whole.ln_evidence).abs() < 1e-5, "{} {}", found.ln_evidence, whole.ln_evidence);
    assert!((found.ess() / whole.ess() - 1.0).abs() < 1e-3, "{} {}", found.ess(), whole.ess());
    assert!(screened.whole.load(Ordering::Relaxed) < before.bank.len() as u64, "some are out of reach");
}

#[test]
fn draws_of_equal_weight_keep_the_weighted_mean() {
    let outcome = run(&conjugate(2, 1.0, 0.5), &Settings::for_budget(4_000), 12);
    assert_eq!(outcome.diagnostics.source, Source::Importance);
    let equal = outcome.posterior.resampled(1_000, 0.4);
    assert_eq!(equal.entries.len(), 1_000);
    let mean = |draws: &exitvoice_infer::Weighted| {
        let values: Vec<f64> = draws.entries.iter().map(|e| outcome.bank.theta(e.row)[0]).collect();
        weighted_mean(&draws.weights, &values)
    };
    // At most the error of 1,000 independent draws, standard deviation .447; 4 of them.
    assert!((mean(&equal) - mean(&outcome.posterior)).abs() < 4.0 * 0.447 / 1_000.0_f64.sqrt());
}

/// The standard normal mean of [`conjugate`], and the seeds that were asked for.
struct Seeds {
    exact: Vec<Parameter>,
    seen: Mutex<Vec<u64>>,
}

impl Problem for Seeds {
    type Truth = ();
    fn parameters(&self) -> &[Parameter] {
        &self.exact
    }
    fn simulate(&self, _: &[f64], seed: Seed) -> Result<(), SimError> {
        self.seen.lock().expect("nobody panics with it").push(seed.0);
        Ok(())
    }
    fn ln_likelihood(&self, theta: &[f64], (): &(), _: Seed) -> f64 {
        math::normal_ln_pdf(1.0, theta[0], 0.2)
    }
}

#[test]
fn no_two_simulations_share_a_seed_and_every_proposal_is_counted() {
    let problem = Seeds { exact: parameters(&[normal(0.0, 1.0)]), seen: Mutex::default() };
    let settings = Settings::for_budget(3_000);
    assert!(settings.noise_checks > 1, "the check of the noise simulates too");
    let outcome = run(&problem, &settings, 12);
    let mut seeds = problem.seen.into_inner().expect("nobody panicked");
    assert_eq!(seeds.len() as u64, outcome.diagnostics.simulations);
    seeds.sort_unstable();
    assert!(seeds.windows(2).all(|w| w[0] < w[1]));
    for stage in &outcome.diagnostics.stages {
        let proposals: u64 = stage.families.iter().map(|f| f.proposals).sum();
        assert_eq!(proposals, u64::from(stage.chains) * u64::from(stage.sweeps), "stage {}", stage.stage);
    }
}

#[test]
fn the_groups_have_one_row_for_each_draw() {
    let outcome = run(&conjugate(2, 1.0, 0.5), &Settings::for_budget(2_000), 13);
    let groups = groups(&outcome);
    let n = outcome.posterior.entries.len();
    assert_eq!(groups.posterior.names, ["p0", "p1"]);
    assert!([&groups.posterior, &groups.sample_stats].iter().all(|g| g.columns.iter().all(|c| c.len() == n)));
    assert_eq!(groups.sample_stats.column("weight"), Some(outcome.posterior.weights.as_slice()));
    assert!((groups.posterior.weight.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!(groups.prior.draw.len(), outcome.prior.entries.len());
    assert!(groups.posterior.summaries().iter().all(|(_, summary)| summary.is_some()));
}
