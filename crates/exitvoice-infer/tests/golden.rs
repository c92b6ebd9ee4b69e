//! What this version of the sampler gives, number by number. Whoever changes one of these numbers makes another sampler: states, banks and
//! kept results of the one before do not fit it, so `SAMPLER_VERSION`, which heads each file, rises with them. With it stand the baseline, the
//! particle filter and the quantiles, which no state holds.
//! `cargo xtask golden --accept` writes them anew.

mod common;

use common::{Exact, Noisy, Rare, conjugate, normal, parameters, posterior, run, uniform};
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::Prior;
use exitvoice_core::quantity::Seed;
use exitvoice_infer::algorithm::abc::{AbcSettings, abc};
use exitvoice_infer::algorithm::particle::{self, LinearGaussian};
use exitvoice_infer::algorithm::rescore;
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::bank::{Entry, Section, Weighted};
use exitvoice_infer::{Outcome, Problem, SAMPLER_VERSION, output};
use std::fmt::Write as _;

/// First digits of the hash of many numbers.
fn hash(numbers: impl Iterator<Item = f64>) -> String {
    let mut hasher = blake3::Hasher::new();
    numbers.for_each(|x| {
        hasher.update(&x.to_bits().to_le_bytes());
    });
    hasher.finalize().to_hex()[..16].to_owned()
}

fn draws(out: &mut String, name: &str, draws: &Weighted) {
    let entry = |e: &Entry| [e.row, e.replicate, e.chain, e.draw].map(f64::from);
    let numbers = draws.entries.iter().flat_map(entry).chain(draws.weights.iter().copied());
    let count = draws.entries.len();
    writeln!(
        out,
        "{name}: {count} draws, ess {:?}, ln evidence {:?}, {}",
        draws.ess(),
        draws.ln_evidence,
        hash(numbers)
    )
    .expect("a string");
}

/// Everything that a run gives, with whole digits.
fn told<P: Problem>(problem: &P, settings: &Settings, seed: u64) -> (String, Outcome<P::Truth>) {
    let outcome = run(problem, settings, seed);
    (of_outcome(&outcome), outcome)
}

fn of_outcome<T: Send + Sync>(outcome: &Outcome<T>) -> String {
    let (bank, mut out) = (&outcome.bank, format!("sampler {SAMPLER_VERSION}\n"));
    let rows = 0..bank.len() as u32;
    let points = rows.clone().flat_map(|row| bank.theta(row).iter().copied());
    let scores = rows.clone().flat_map(|row| bank.simulations(row).iter().map(|r| r.ln_likelihood));
    let stages = rows.map(|row| f64::from(bank.stage(row)));
    writeln!(
        out,
        "bank: {} rows, points {}, scores {}, stages {}",
        bank.len(),
        hash(points),
        hash(scores),
        hash(stages)
    )
    .expect("a string");
    draws(&mut out, "prior", &outcome.prior);
    draws(&mut out, "posterior", &outcome.posterior);
    for section in [Section::Prior, Section::Chains, Section::Posterior, Section::Importance] {
        draws(&mut out, &format!("{section:?}"), &bank.stored_draws(section));
    }
    let pool = Pool::new(2).expect("threads");
    let hotter = bank.reweight(&pool, Section::Importance, |theta, _, _| -0.5 * theta[0] * theta[0]);
    draws(&mut out, "weighted for another likelihood", &hotter);
    let group = posterior(outcome);
    for (name, summary) in group.summaries() {
        writeln!(out, "{name}: {summary:?}").expect("a string");
    }
    for column in &group.columns {
        let error = outcome.lineage.standard_error(&group.weight, column);
        let of_median = outcome.lineage.quantile_error(&group.weight, column, 0.5);
        writeln!(out, "errors: mean {error:?}, median {of_median:?}").expect("a string");
    }
    writeln!(out, "refusal: {:?}\n{:#?}", outcome.refusal, outcome.diagnostics).expect("a string");
    out
}

#[test]
fn a_noisy_likelihood_is_averaged_over_replicates_and_scored_again() {
    let problem = Noisy { exact: conjugate(2, 1.0, 0.2), variance: 0.5 };
    let settings = Settings { replicates: 2, prior_draws: 400, particles: 320, ..Settings::for_budget(2_400) };
    let (found, outcome) = told(&problem, &settings, 2);
    insta::assert_snapshot!("noisy", found);
    let pool = Pool::new(2).expect("threads");
    let other = Noisy { exact: conjugate(2, 0.8, 0.3), variance: 0.5 };
    let again = rescore(&other, &settings, &pool, outcome).expect("the same parameters");
    insta::assert_snapshot!("rescored", of_outcome(&again));
}

#[test]
fn a_rare_part_gets_draws_of_its_own() {
    let problem = Rare { exact: conjugate(3, 1.0, 0.4), at: -1.5, v: 0.01 };
    let settings = Settings { focus: 600, reserve: 400, ess_needed: 900.0, ..Settings::for_budget(3_600) };
    insta::assert_snapshot!("rare", told(&problem, &settings, 4).0);
}

/// Priors of every kind; two modes in the first number, a bow between the next two.
#[test]
fn two_modes_a_bow_and_bounds_are_followed() {
    let priors = [
        normal(0.0, 2.0),
        uniform(-3.0, 3.0),
        Prior::LogNormal { median: 1.0, sd_log: 0.7 },
        Prior::Beta { a: 2.0, b: 5.0 },
        Prior::HalfNormal { sd: 1.5 },
    ];
    let ln_likelihood = |x: &[f64]| {
        let modes = [-1.5, 1.5].map(|at| math::normal_ln_pdf(x[0], at, 0.25));
        math::ln_sum_exp(&modes)
            + math::normal_ln_pdf(x[1] * x[1] - math::ln(x[2]), 1.0, 0.2)
            + math::normal_ln_pdf(x[3], 0.4, 0.1)
            + math::normal_ln_pdf(x[4] + x[1], 1.2, 0.3)
    };
    let problem = Exact { parameters: parameters(&priors), ln_likelihood };
    insta::assert_snapshot!("two-modes", told(&problem, &Settings::for_budget(6_000), 5).0);
}

#[test]
fn a_budget_that_is_too_small_is_refused() {
    let problem = conjugate(6, 2.0, 0.05);
    insta::assert_snapshot!("refused", told(&problem, &Settings::for_budget(300), 6).0);
}

#[test]
fn the_baseline_the_particle_filter_and_quantiles_stay_as_they_are() {
    let problem = Noisy { exact: conjugate(1, 0.7, 0.5), variance: 0.2 };
    let settings = AbcSettings { budget: 4_000, particles: 200, keep: 0.4 };
    let pool = Pool::new(2).expect("threads");
    let found = abc(&problem, |truth| truth.abs(), &settings, Seed(7), &pool).expect("valid");
    let mut out = format!("sampler {SAMPLER_VERSION}\n{found:?}\n{:?}\n{:?}\n", found.ess(), found.resampled(9, 0.3));
    let space = LinearGaussian { keep: 0.8, sd: [0.5, 0.4], seen: vec![0.3, -0.2, 1.1, 0.4, 0.0] };
    for particles in [4, 64] {
        let estimate = particle::ln_likelihood(&space, 5, particles, Seed(8));
        writeln!(out, "{particles} particles: {estimate:?}, exact {:?}", space.ln_likelihood()).expect("a string");
    }
    let quantiles = output::quantiles(&[0.1, 0.5, 0.2, 0.2], &[3.0, -1.0, 0.5, 7.0], [0.05, 0.3, 0.5, 0.95]);
    writeln!(out, "{quantiles:?}").expect("a string");
    insta::assert_snapshot!("baselines", out);
}
