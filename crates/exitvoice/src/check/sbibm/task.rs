//! The six tasks: prior, and density of the data (Lueckmann et al. 2021).

use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_infer::{Exact, Parameter};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Which task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    GaussianLinear,
    GaussianLinearUniform,
    GaussianMixture,
    Sir,
    Slcp,
    TwoMoons,
}

/// Every task with the name of its folder, in the order of the names.
pub(super) const TASKS: [(Task, &str); 6] = [
    (Task::GaussianLinear, "gaussian_linear"),
    (Task::GaussianLinearUniform, "gaussian_linear_uniform"),
    (Task::GaussianMixture, "gaussian_mixture"),
    (Task::Sir, "sir"),
    (Task::Slcp, "slcp"),
    (Task::TwoMoons, "two_moons"),
];

/// Variance of prior and noise of the Gaussian tasks.
const VARIANCE: f64 = 0.1;
/// Persons of the epidemic, persons asked in each survey, days between surveys, steps of a day.
const PERSONS: f64 = 1e6;
const ASKED: f64 = 1_000.0;
const BETWEEN: u32 = 17;
const STEPS: u32 = 8;
/// Added to the diagonal of the covariance of `slcp`.
const RIDGE: f64 = 1e-6;

impl Task {
    /// Numbers observed.
    pub(super) const fn observed(self) -> usize {
        match self {
            Self::GaussianMixture | Self::TwoMoons => 2,
            Self::Slcp => 8,
            Self::GaussianLinear | Self::GaussianLinearUniform | Self::Sir => 10,
        }
    }

    /// Names of the columns of draws, as the benchmark has them.
    pub(super) fn columns(self) -> Vec<String> {
        match self {
            Self::Sir => vec!["$\\beta$".to_owned(), "$\\gamma$".to_owned()],
            _ => (1..=self.priors().len()).map(|k| format!("parameter_{k}")).collect(),
        }
    }

    fn priors(self) -> Vec<Prior> {
        let uniform = |high: f64| Prior::Uniform { low: -high, high };
        match self {
            Self::GaussianLinear => vec![Prior::Normal { mean: 0.0, sd: VARIANCE.sqrt() }; 10],
            Self::GaussianLinearUniform => vec![uniform(1.0); 10],
            Self::GaussianMixture => vec![uniform(10.0); 2],
            Self::Sir => {
                vec![Prior::LogNormal { median: 0.4, sd_log: 0.5 }, Prior::LogNormal { median: 0.125, sd_log: 0.2 }]
            }
            Self::Slcp => vec![uniform(3.0); 5],
            Self::TwoMoons => vec![uniform(1.0); 2],
        }
    }

    fn ln_density(self, theta: &[f64], x: &[f64]) -> f64 {
        match self {
            Self::GaussianLinear | Self::GaussianLinearUniform => normal(x, theta, VARIANCE.sqrt()),
            Self::GaussianMixture => math::ln_add_exp(normal(x, theta, 1.0), normal(x, theta, 0.1)) - math::ln(2.0),
            Self::Sir => sir(theta, x),
            Self::Slcp => slcp(theta, x),
            Self::TwoMoons => two_moons(theta, x),
        }
    }
}

fn normal(x: &[f64], mean: &[f64], sd: f64) -> f64 {
    x.iter().zip(mean).map(|(x, m)| math::normal_ln_pdf(*x, *m, sd)).sum()
}

/// A half ring of radius .1 around (.25, 0), moved by theta: the density in polar coordinates is N(r; .1, .01) / pi, and dx dy = r dr da.
fn two_moons(theta: &[f64], x: &[f64]) -> f64 {
    let u = x[0] - 0.25 + (theta[0] + theta[1]).abs() * FRAC_1_SQRT_2;
    let v = x[1] - (theta[1] - theta[0]) * FRAC_1_SQRT_2;
    let r = (u * u + v * v).sqrt();
    if u <= 0.0 { f64::NEG_INFINITY } else { math::normal_ln_pdf(r, 0.1, 0.01) - math::ln(PI * r) }
}

/// Four pairs from a normal law with means (t1, t2), standard deviations t3^2 and t4^2, and correlation tanh t5.
fn slcp(theta: &[f64], x: &[f64]) -> f64 {
    let (s1, s2, rho) = (theta[2] * theta[2], theta[3] * theta[3], math::tanh(theta[4]));
    let (a, b, c) = (s1 * s1 + RIDGE, s2 * s2 + RIDGE, rho * s1 * s2);
    let determinant = a * b - c * c;
    if determinant <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let pair = |p: &[f64]| {
        let (u, v) = (p[0] - theta[0], p[1] - theta[1]);
        let square = (b * u * u - 2.0 * c * u * v + a * v * v) / determinant;
        -0.5 * square - math::ln(2.0 * PI) - 0.5 * math::ln(determinant)
    };
    x.chunks_exact(2).map(pair).sum()
}

/// Infected among those asked, every 17 days; the epidemic by fourth-order Runge-Kutta, I on a logarithmic scale.
fn sir(theta: &[f64], x: &[f64]) -> f64 {
    let (beta, gamma) = (theta[0], theta[1]);
    // State: share susceptible, ln of the number infected.
    let slope = |s: f64, l: f64| (-beta * s * math::exp(l) / PERSONS, beta * s - gamma);
    let (mut s, mut l) = (1.0 - 1.0 / PERSONS, 0.0);
    let h = 1.0 / f64::from(STEPS);
    let mut total = 0.0;
    for (survey, infected) in x.iter().enumerate() {
        for _ in 0..if survey == 0 { 0 } else { BETWEEN * STEPS } {
            let (a, p) = slope(s, l);
            let (b, q) = slope(s + 0.5 * h * a, l + 0.5 * h * p);
            let (c, r) = slope(s + 0.5 * h * b, l + 0.5 * h * q);
            let (d, t) = slope(s + h * c, l + h * r);
            s += h / 6.0 * (a + 2.0 * b + 2.0 * c + d);
            l += h / 6.0 * (p + 2.0 * q + 2.0 * r + t);
        }
        let share = math::exp(l) / PERSONS;
        if !(share > 0.0 && share < 1.0) {
            return f64::NEG_INFINITY;
        }
        total +=
            math::ln_choose(ASKED, *infected) + infected * math::ln(share) + (ASKED - infected) * math::ln_1p(-share);
    }
    total
}

/// The problem of a task with one observation.
pub(super) fn problem(task: Task, observation: Vec<f64>) -> Exact<impl Fn(&[f64]) -> f64 + Sync> {
    let parameters =
        task.columns().into_iter().zip(task.priors()).map(|(name, prior)| Parameter { name, prior }).collect();
    Exact { parameters, ln_likelihood: move |theta: &[f64]| task.ln_density(theta, &observation) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_of_the_plane_integrate_to_one() {
        for (task, theta) in [(Task::TwoMoons, [0.3, -0.5]), (Task::GaussianMixture, [0.2, 0.1])] {
            let (low, step) = (-4.0, 0.004);
            let grid = || (0..2_000).map(move |i| low + (f64::from(i) + 0.5) * step);
            let sum: f64 =
                grid().flat_map(|u| grid().map(move |v| [u, v])).map(|x| math::exp(task.ln_density(&theta, &x))).sum();
            // The straight cut of the half ring passes through cells: half a cell of an arc of pi / 10 at each end.
            assert!((sum * step * step - 1.0).abs() < 2.0 * 0.5 * step / (0.1 * PI), "{task:?}: {}", sum * step * step);
        }
    }

    #[test]
    fn an_epidemic_is_likely_under_its_own_numbers_and_not_under_others() {
        // The first shipped observation and the parameters that made it.
        let x = [0.0, 1.0, 352.0, 40.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let at = |beta: f64, gamma: f64| Task::Sir.ln_density(&[beta, gamma], &x);
        let own = at(0.614_792_64, 0.191_720_86);
        assert!(own > -25.0, "{own}");
        assert!(at(0.55, 0.19) < own - 20.0 && at(0.614_792_64, 0.26) < own - 20.0);
    }
}
