//! Posteriors with known answers. Tolerances are 4 Monte-Carlo standard errors, as the sampler itself estimates them.

mod common;

use common::{Exact, Noisy, Rare, assert_mean, assert_moments, conjugate, normal, parameters, posterior, run, uniform};
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::bank::{Section, Source};
use exitvoice_infer::output::weighted_mean;

#[test]
fn a_normal_mean_has_its_conjugate_posterior_and_evidence() {
    let (d, seen, sd) = (3, 1.0, 0.3_f64);
    let (mean, variance) = (seen / (1.0 + sd * sd), sd * sd / (1.0 + sd * sd));
    let outcome = run(&conjugate(d, seen, sd), &Settings::for_budget(4_000), 11);
    assert!(outcome.refusal.is_none() && outcome.diagnostics.ess > 400.0, "{}", outcome.diagnostics.ess);
    for column in &posterior(&outcome).columns {
        assert_moments(&outcome, column, mean, variance.sqrt());
    }
    let exact = d as f64 * math::normal_ln_pdf(seen, 0.0, (1.0 + sd * sd).sqrt());
    let error = outcome.diagnostics.ln_evidence - exact;
    assert!(error.abs() < 4.0 * outcome.diagnostics.ln_evidence_se, "{error}");
}

#[test]
fn the_error_of_the_evidence_is_about_the_one_that_is_printed() {
    let (seen, sd) = (1.0, 0.3_f64);
    let exact = 2.0 * math::normal_ln_pdf(seen, 0.0, (1.0 + sd * sd).sqrt());
    let problem = conjugate(2, seen, sd);
    let squares = (0..40).map(|seed| {
        let found = run(&problem, &Settings::for_budget(1_500), 100 + seed).diagnostics;
        assert_eq!(found.source, Source::Importance);
        let error = (found.ln_evidence - exact) / found.ln_evidence_se;
        error * error
    });
    // A mean of 40 chi-squared variables of one degree: .2 around 1.
    let mean = squares.sum::<f64>() / 40.0;
    assert!((0.3..2.5).contains(&mean), "{mean}");
}

#[test]
fn the_evidence_of_chains_has_the_error_of_its_steps_together() {
    // Sixty means: importance draws are lost there. Each temperature adds the relative variance of its weights.
    let found = run(&conjugate(60, 0.5, 0.5), &Settings::for_budget(4_000), 100).diagnostics;
    assert_eq!(found.source, Source::Chains);
    let variance: f64 = found.stages.iter().map(|s| 1.0 / s.ess_of_weights).sum();
    assert!((found.ln_evidence_se - variance.sqrt()).abs() < 1e-12, "{}", found.ln_evidence_se);
    assert!((0.05..1.0).contains(&found.ln_evidence_se), "{}", found.ln_evidence_se);
}

#[test]
fn a_noisy_unbiased_likelihood_gives_the_exact_posterior() {
    let (seen, sd, noise) = (1.0, 0.5_f64, 1.0);
    let (mean, variance) = (seen / (1.0 + sd * sd), sd * sd / (1.0 + sd * sd));
    for replicates in [1, 3] {
        let settings = Settings { replicates, ..Settings::for_budget(8_000) };
        let settings = Settings { prior_draws: settings.prior_draws / replicates, ..settings };
        let settings = Settings { particles: settings.prior_draws.min(settings.particles), ..settings };
        let outcome = run(&Noisy { exact: conjugate(2, seen, sd), variance: noise }, &settings, 12);
        for column in &posterior(&outcome).columns {
            assert_moments(&outcome, column, mean, variance.sqrt());
        }
        // ln of the mean of R log-normal variables: variance 1 for one, about (e - 1) / R for several.
        let expected = if replicates == 1 { noise } else { (math::exp(noise) - 1.0) / 3.0 };
        let check = outcome.diagnostics.noise.expect("checked");
        let tolerance = 4.0 * expected * (2.0 / f64::from(check.points)).sqrt();
        assert!((check.variance - expected).abs() < tolerance, "{} for {expected}", check.variance);
    }
}

/// E over the posterior of x, the density of x known up to a constant, by the trapezium rule.
fn expectation(ln_density: impl Fn(f64) -> f64, value: impl Fn(f64) -> f64) -> f64 {
    let grid = (-4_000..=4_000).map(|i| f64::from(i) / 200.0);
    let (sum, mass) = grid.fold((0.0, 0.0), |(sum, mass), x| {
        let weight = math::exp(ln_density(x));
        (sum + weight * value(x), mass + weight)
    });
    sum / mass
}

#[test]
fn a_curved_ridge_is_followed_to_its_ends() {
    let (wide, thin) = (3.0, 0.3);
    let ridge = |x: f64| 0.5 * x * x - 2.0;
    let problem = Exact {
        parameters: parameters(&[normal(0.0, wide), normal(0.0, wide)]),
        ln_likelihood: |theta: &[f64]| math::normal_ln_pdf(theta[1], ridge(theta[0]), thin),
    };
    // The second coordinate can be integrated out.
    let sd = (wide * wide + thin * thin).sqrt();
    let ln_marginal = |x: f64| math::normal_ln_pdf(x, 0.0, wide) + math::normal_ln_pdf(ridge(x), 0.0, sd);
    let outcome = run(&problem, &Settings::for_budget(20_000), 13);
    assert!(outcome.refusal.is_none());
    let x = posterior(&outcome).columns[0].clone();
    assert_mean(&outcome, &x, 0.0);
    for (name, value) in [("square", (|x| x * x) as fn(f64) -> f64), ("end", |x| f64::from(u8::from(x > 3.0)))] {
        let values: Vec<f64> = x.iter().map(|x| value(*x)).collect();
        let expected = expectation(ln_marginal, value);
        assert!(expected > 0.01, "{name} is worth testing");
        assert_mean(&outcome, &values, expected);
    }
}

#[test]
fn two_modes_far_apart_keep_their_shares() {
    // 30 standard deviations apart, shares 1 : 3.
    let mode = |theta: &[f64], at: f64| math::normal_ln_pdf(theta[0], at, 0.2) + math::normal_ln_pdf(theta[1], at, 0.2);
    let problem = Exact {
        parameters: parameters(&[normal(0.0, 3.0), normal(0.0, 3.0)]),
        ln_likelihood: |theta: &[f64]| math::ln_add_exp(mode(theta, 3.0), math::ln(3.0) + mode(theta, -3.0)),
    };
    let outcome = run(&problem, &Settings::for_budget(20_000), 14);
    assert!(outcome.refusal.is_none());
    let upper: Vec<f64> = posterior(&outcome).columns[0].iter().map(|x| f64::from(u8::from(*x > 0.0))).collect();
    assert_mean(&outcome, &upper, 0.25);
}

#[test]
fn twenty_dimensions_are_within_reach() {
    let (d, seen, sd) = (20, 0.5, 0.5_f64);
    let (mean, variance) = (seen / (1.0 + sd * sd), sd * sd / (1.0 + sd * sd));
    let outcome = run(&conjugate(d, seen, sd), &Settings::for_budget(20_000), 15);
    let group = posterior(&outcome);
    // The mean over all coordinates: one number, so that 4 standard errors mean what they say.
    let average: Vec<f64> =
        (0..group.draw.len()).map(|i| group.columns.iter().map(|c| c[i]).sum::<f64>() / d as f64).collect();
    assert_moments(&outcome, &average, mean, (variance / d as f64).sqrt());
}

#[test]
fn the_chains_alone_give_the_posterior_where_a_fitted_law_is_far_off() {
    // Two curved ridges at once: the square of one coordinate of each pair is close to the other.
    let (pairs, thin) = (2, 0.3);
    let ln_likelihood = |theta: &[f64]| -> f64 {
        theta.chunks_exact(2).map(|t| math::normal_ln_pdf(t[1], 1.5 * t[0] * t[0] - 1.0, thin)).sum()
    };
    let problem = Exact { parameters: parameters(&vec![normal(0.0, 1.0); 2 * pairs]), ln_likelihood };
    let outcome = run(&problem, &Settings::for_budget(40_000), 19);
    let chains = outcome.bank.stored_draws(Section::Chains);
    let lineage = outcome.bank.lineage(Section::Chains, &chains);
    let sd = (1.0 + thin * thin).sqrt();
    let ln_marginal = |x: f64| math::normal_ln_pdf(x, 0.0, 1.0) + math::normal_ln_pdf(1.5 * x * x - 1.0, 0.0, sd);
    let square = expectation(ln_marginal, |x| x * x);
    for k in 0..pairs {
        let x: Vec<f64> = chains.entries.iter().map(|e| outcome.bank.theta(e.row)[2 * k]).collect();
        let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
        for (values, expected) in [(x, 0.0), (squares, square)] {
            let (mean, error) =
                (weighted_mean(&chains.weights, &values), lineage.standard_error(&chains.weights, &values));
            assert!(lineage.ess(&chains.weights, &values) > 50.0);
            assert!((mean - expected).abs() < 4.0 * error, "{mean} +- {error}, expected {expected}");
        }
    }
}

#[test]
fn a_small_part_of_the_posterior_is_integrated_and_nothing_else_moves() {
    let (seen, sd, at, v) = (0.0, 0.5_f64, 2.5, 0.01);
    let variance = sd * sd / (1.0 + sd * sd);
    // A normal law met by a normal bump: about 1 in 100 million.
    let exact = (v / (v + variance)).sqrt() * math::exp(-0.5 * at * at / (v + variance));
    let mut errors = Vec::new();
    for focus in [0, 1_000] {
        let settings = Settings { focus, ..Settings::for_budget(6_000) };
        let outcome = run(&Rare { exact: conjugate(4, seen, sd), at, v }, &settings, 21);
        let draws = outcome.bank.stored_draws(Section::Importance);
        let lineage = outcome.bank.lineage(Section::Importance, &draws);
        let rare: Vec<f64> = draws.entries.iter().map(|e| *outcome.bank.truth(*e).expect("simulated")).collect();
        let (mean, error) = (weighted_mean(&draws.weights, &rare), lineage.standard_error(&draws.weights, &rare));
        if focus > 0 {
            assert!((mean - exact).abs() < 4.0 * error, "{mean} +- {error}, expected {exact}");
            // 250 draws of the last round with weights that vary little: a standard error of a tenth is generous.
            assert!(error < 0.1 * exact, "{error} of {exact}");
        }
        for column in &posterior(&outcome).columns {
            assert_moments(&outcome, column, 0.0, variance.sqrt());
        }
        errors.push((error / exact, (mean / exact - 1.0).abs()));
    }
    let [(_, waited), _] = errors[..] else { unreachable!("two runs") };
    assert!(waited > 0.2, "without focus the part is as good as unseen: {errors:?}");
}

#[test]
fn focus_too_small_for_a_draw_a_fold_and_round_is_left_out() {
    let problem = Rare { exact: conjugate(2, 0.0, 0.5), at: 1.0, v: 0.5 };
    let drawn = |focus| {
        let outcome = run(&problem, &Settings { focus, ..Settings::for_budget(1_600) }, 21);
        outcome.bank.stored_draws(Section::Importance).entries.len()
    };
    assert_eq!([15, 16].map(drawn), [drawn(0), drawn(0) + 16]);
}

#[test]
fn a_problem_without_rare_parts_has_nothing_to_focus_on() {
    let drawn = |focus| {
        let outcome = run(&conjugate(2, 0.0, 0.5), &Settings { focus, ..Settings::for_budget(1_600) }, 21);
        outcome.bank.stored_draws(Section::Importance).entries.len()
    };
    assert_eq!(drawn(16), drawn(0));
}

/// Twelve parameters of every prior family, a third of them informed, one of them by a threshold: what the sampler is for.
#[test]
fn a_posterior_of_mostly_prior_parameters_is_sampled_within_a_small_budget() {
    let priors = [
        normal(0.0, 1.8),
        normal(0.0, 1.0),
        Prior::LogNormal { median: 0.004, sd_log: 1.0 },
        Prior::LogNormal { median: 0.004, sd_log: 1.0 },
        Prior::Beta { a: 4.0, b: 12.0 },
        Prior::Beta { a: 1.0, b: 9.0 },
        Prior::HalfNormal { sd: 2.0 },
        Prior::HalfNormal { sd: 2.0 },
        Prior::LogitNormal { mean: -1.0, sd: 1.0 },
        uniform(0.0, 1.0),
        normal(0.0, 0.3),
        normal(0.3, 0.4),
    ];
    let ln_likelihood = |theta: &[f64]| {
        let first = math::ln(theta[2] * 720_000.0) + theta[10];
        let both = math::ln_add_exp(first, math::ln(theta[3] * 720_000.0) + theta[10]);
        math::normal_ln_pdf(7.0, first, 0.15)
            + math::normal_ln_pdf(8.2, both, 0.15)
            + math::normal_ln_pdf(8.4, both + theta[11], 0.15)
            + math::normal_ln_pdf(-1.2, math::logit(theta[4]), 0.3)
            + 2.0 * math::ln(theta[9])
            - 3.0 * math::exp(theta[0]) * theta[9]
    };
    let problem = Noisy { exact: Exact { parameters: parameters(&priors), ln_likelihood }, variance: 0.3 };
    let outcome = run(&problem, &Settings::for_budget(8_000), 18);
    assert!(outcome.diagnostics.ess > 400.0, "{}", outcome.diagnostics.ess);
    let group = posterior(&outcome);
    // Parameters that the likelihood does not mention keep their prior: the mean of half a normal, of a beta.
    let weights = &outcome.posterior.weights;
    for (k, mean) in [(1, 0.0), (5, 0.1), (6, 2.0 * (2.0 / std::f64::consts::PI).sqrt())] {
        let error = outcome.lineage.standard_error(weights, &group.columns[k]);
        assert!((weighted_mean(weights, &group.columns[k]) - mean).abs() < 4.0 * error, "parameter {k}");
    }
}

#[test]
fn the_reserve_is_spent_where_the_result_would_be_refused_and_only_there() {
    let planned = Settings { budget: 2_800, reserve: 800, ..Settings::for_budget(2_000) };
    let problem = conjugate(6, 1.2, 0.2);
    let (mean, sd) = (1.2 / 1.04, (0.04_f64 / 1.04).sqrt());
    let with = |needed: f64, reserve: u32| run(&problem, &Settings { ess_needed: needed, reserve, ..planned }, 12);
    let content = with(0.0, 800);
    assert!(content.refusal.is_none() && content.diagnostics.simulations <= 2_000);
    // Just more than that has: a round of a quarter of the reserve is enough, and the rest is left.
    let needed = content.diagnostics.ess + 1.0;
    let more = with(needed, 800);
    assert!(more.refusal.is_none() && more.diagnostics.ess >= needed, "{}", more.diagnostics.ess);
    assert_eq!(more.diagnostics.simulations, content.diagnostics.simulations + 200);
    // Out of reach: all of it, and never more than the budget.
    let all = with(1e6, 800);
    assert_eq!(all.diagnostics.simulations, content.diagnostics.simulations + 800);
    assert!(all.refusal.is_some_and(|refusal| refusal.budget == 2_800) && all.diagnostics.ess > more.diagnostics.ess);
    for outcome in [&more, &all] {
        for column in &posterior(outcome).columns {
            assert_moments(outcome, column, mean, sd);
        }
    }
}

#[test]
fn the_reserve_follows_several_modes() {
    // Four corners, each .02 of a prior's spread wide: one law over all of them would hit a corner once in some hundreds of draws.
    let corner = |x: f64| math::ln_add_exp(math::normal_ln_pdf(x, -1.0, 0.02), math::normal_ln_pdf(x, 1.0, 0.02));
    let problem = Exact {
        parameters: parameters(&[normal(0.0, 1.0), normal(0.0, 1.0)]),
        ln_likelihood: |theta: &[f64]| corner(theta[0]) + corner(theta[1]),
    };
    let planned = Settings { budget: 24_000, reserve: 4_000, ..Settings::for_budget(20_000) };
    let before = run(&problem, &Settings { ess_needed: 0.0, ..planned }, 14).diagnostics;
    let after = run(&problem, &Settings { ess_needed: 1e6, ..planned }, 14).diagnostics;
    assert_eq!(after.simulations, before.simulations + 4_000);
    assert!(after.ess > before.ess + 2_000.0, "{} after {}", after.ess, before.ess);
}

#[test]
fn laws_fitted_to_the_draws_shift_neither_the_evidence_nor_the_spread() {
    // Eight means: 44 numbers are fitted to some hundreds of effective draws. A draw weighted under a law that has seen it weighs too
    // little: the evidence was low by 44 in 900 so, and the spread by a fourth of that.
    let (d, seen, sd) = (8, 1.0, 0.3_f64);
    let (mean, variance) = (seen / (1.0 + sd * sd), sd * sd / (1.0 + sd * sd));
    let exact = d as f64 * math::normal_ln_pdf(seen, 0.0, (1.0 + sd * sd).sqrt());
    let problem = conjugate(d, seen, sd);
    let (mut evidence, mut spread) = (Vec::new(), Vec::new());
    for seed in 0..24 {
        let outcome = run(&problem, &Settings::for_budget(4_000), 900 + seed);
        evidence.push(outcome.diagnostics.ln_evidence - exact);
        let weights = &outcome.posterior.weights;
        let square = |column: &Vec<f64>| -> f64 {
            let squares: Vec<f64> = column.iter().map(|x| (x - mean) * (x - mean) / variance).collect();
            weighted_mean(weights, &squares)
        };
        spread.push(posterior(&outcome).columns.iter().map(square).sum::<f64>() / d as f64 - 1.0);
    }
    for (name, errors) in [("evidence", evidence), ("spread", spread)] {
        let n = errors.len() as f64;
        let mean = errors.iter().sum::<f64>() / n;
        let error = (errors.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / (n - 1.0) / n).sqrt();
        assert!(mean.abs() < 4.0 * error && error < 0.005, "{name}: {mean} +- {error}");
    }
}
