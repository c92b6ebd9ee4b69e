//! Posteriors that are known: capture and recapture, ratings without a truth, a hidden series, and the printed numbers of observers.

use super::Area;
use crate::check::{Item, Request};
use crate::command::Error;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::Prior;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::sample::binomial;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_infer::algorithm::abc::{AbcSettings, abc};
use exitvoice_infer::algorithm::particle::{LinearGaussian, ln_likelihood};
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::output::{Summary, weighted_mean};
use exitvoice_infer::{Exact, Outcome, Parameter, Problem, SimError};
use exitvoice_observe::channel::print::{Cells, Printed};

/// Known answers of inference.
pub(super) const AREA: Area = Area { name: "inference", run };

fn run(_request: &Request<'_>) -> Result<Vec<Item>, Error> {
    let mut items = printed();
    items.extend(series());
    Ok(items)
}

/// Known posteriors, which take minutes: not among the areas, because `selftest` runs those.
///
/// # Errors
/// What the sampler meets, or the request to stop.
pub(in crate::check) fn posteriors(request: &Request<'_>) -> Result<Vec<Item>, Error> {
    let pool = request.machine.pool()?;
    let mut items = Vec::new();
    for case in RECAPTURES {
        items.extend(recapture(request, &pool, case)?);
    }
    items.extend(ratings(request, &pool)?);
    items.push(baseline(request, &pool)?);
    Ok(items)
}

/// Catches of capture and recapture, and the law of the number of real candidates, summed out exactly.
struct Catches {
    name: &'static str,
    /// Catches and occasions that share a probability.
    catches: &'static [(f64, f64)],
    mean: f64,
    sd: f64,
    interval: [f64; 2],
    seed: u64,
}

const RECAPTURES: [Catches; 2] = [
    Catches {
        name: "M0",
        catches: &[(149.0, 3.0)],
        mean: 100.207_213_717_899_35,
        sd: 5.244_357_795_957_819,
        interval: [92.0, 112.0],
        seed: 16,
    },
    Catches {
        name: "Mt",
        catches: &[(13.0, 1.0), (59.0, 1.0), (64.0, 1.0)],
        mean: 100.291_436_551_114_49,
        sd: 5.562_072_157_251_025,
        interval: [91.0, 113.0],
        seed: 17,
    },
];

fn solve<P: Problem>(
    request: &Request<'_>,
    pool: &Pool,
    problem: &P,
    budget: u64,
    seed: u64,
) -> Result<Outcome<P::Truth>, Error> {
    let settings = Settings { noise_checks: 0, ..Settings::for_budget(budget) };
    crate::inference::solve(problem, &settings, Seed(seed), request.machine, pool, &mut |_| {})
}

fn named(priors: Vec<Prior>) -> Vec<Parameter> {
    priors.into_iter().enumerate().map(|(k, prior)| Parameter { name: format!("p{k}"), prior }).collect()
}

/// Candidates, and those seen at least once.
const CANDIDATES: u64 = 237;
const SEEN: f64 = 87.0;
/// Simulations for capture and recapture, and effective sample size asked of them.
const RECAPTURE_BUDGET: u64 = 120_000;
const RECAPTURE_ESS: f64 = 10_000.0;

/// Which candidates are real is simulated, the catches are scored.
struct Recapture {
    parameters: Vec<Parameter>,
    catches: &'static [(f64, f64)],
}

impl Problem for Recapture {
    type Truth = f64;

    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<f64, SimError> {
        Ok(binomial(Draws::new(seed, Purpose::Synthetic).uniform(0, 0), CANDIDATES, theta[0]) as f64)
    }

    fn ln_likelihood(&self, theta: &[f64], real: &f64, _: Seed) -> f64 {
        if *real < SEEN {
            return f64::NEG_INFINITY;
        }
        // All seen candidates are among the real ones: C(M - n, N - n) / C(M, N) up to a constant.
        let among = math::ln_gamma(real + 1.0) - math::ln_gamma(real - SEEN + 1.0);
        let caught = |((catches, occasions), p): (&(f64, f64), &f64)| {
            catches * math::ln(*p) + (occasions * real - catches) * math::ln_1p(-p)
        };
        among + self.catches.iter().zip(&theta[1..]).map(caught).sum::<f64>()
    }
}

fn recapture(request: &Request<'_>, pool: &Pool, case: Catches) -> Result<Vec<Item>, Error> {
    let Catches { name, catches, mean, sd, interval, seed } = case;
    let parameters = named(vec![Prior::Uniform { low: 0.0, high: 1.0 }; 1 + catches.len()]);
    let outcome = solve(request, pool, &Recapture { parameters, catches }, RECAPTURE_BUDGET, seed)?;
    let weights = &outcome.posterior.weights;
    let real: Vec<f64> =
        outcome.posterior.entries.iter().map(|e| outcome.bank.truth(*e).copied().unwrap_or(f64::NAN)).collect();
    let squares: Vec<f64> = real.iter().map(|x| (x - mean) * (x - mean)).collect();
    let (error, error_of_square) =
        (outcome.lineage.standard_error(weights, &real), outcome.lineage.standard_error(weights, &squares));
    let found = Summary::of(weights, &real).map_or([f64::NAN; 2], |s| [s.q025, s.q975]);
    let title = |what: &str| format!("capture-recapture {name}: {what}");
    let exact = "summed out exactly; four Monte-Carlo standard errors";
    let whole = "summed out exactly; the quantile of a count errs by whole numbers";
    Ok(vec![
        Item::between(
            title("effective sample size"),
            outcome.lineage.ess(weights, &real),
            [RECAPTURE_ESS, f64::INFINITY],
            "asked of this comparison",
        ),
        Item::near(title("E[N]"), weighted_mean(weights, &real), mean, 4.0 * error, exact),
        Item::near(title("variance of N"), weighted_mean(weights, &squares), sd * sd, 4.0 * error_of_square, exact),
        Item::near(title("2.5 % quantile"), found[0], interval[0], 1.0, whole),
        Item::near(title("97.5 % quantile"), found[1], interval[1], 1.0, whole),
    ])
}

/// Classes of the ratings, raters, and the Dirichlet priors of the rows of an error matrix and of the prevalence.
const CLASSES: usize = 4;
const RATERS: usize = 5;
const ON_DIAGONAL: f64 = 4.8;
const OFF_DIAGONAL: f64 = 1.066_7;
const PREVALENCE: f64 = 3.0;
/// Likelihoods evaluated for the ratings.
const RATINGS_BUDGET: u64 = 200_000;

/// Shares of a Dirichlet law from sticks broken one after the other.
fn shares(sticks: &[f64]) -> [f64; CLASSES] {
    let mut left = 1.0;
    std::array::from_fn(|k| {
        let share = sticks.get(k).map_or(left, |s| left * s);
        left -= share;
        share
    })
}

/// Priors of the sticks of a Dirichlet law.
fn sticks(weights: [f64; CLASSES]) -> impl Iterator<Item = Prior> {
    (0..CLASSES - 1).map(move |k| Prior::Beta { a: weights[k], b: weights[k + 1..].iter().sum() })
}

/// Ratings of patients whose true class nobody knows (Dawid and Skene 1979); the class is summed out.
fn ratings_problem() -> Result<Exact<impl Fn(&[f64]) -> f64 + Sync>, Error> {
    let text = crate::data::text("reference/anesthesia.csv")
        .ok_or_else(|| Error::Bug { detail: "reference/anesthesia.csv is not embedded".to_owned() })?;
    // By patient: how often each rater gave each class.
    let mut counts: Vec<[[f64; CLASSES]; RATERS]> = Vec::new();
    for row in text.lines().skip(1) {
        let numbers: Vec<usize> = row.split(',').map(str::parse).collect::<Result<_, _>>().map_err(Error::bug)?;
        let [item, rater, rating] = numbers[..] else {
            return Err(Error::Bug { detail: format!("a rating has three numbers: {row}") });
        };
        counts.resize(counts.len().max(item), [[0.0; CLASSES]; RATERS]);
        counts[item - 1][rater - 1][rating - 1] += 1.0;
    }
    let mut priors: Vec<Prior> = sticks([PREVALENCE; CLASSES]).collect();
    for row in (0..RATERS).flat_map(|_| 0..CLASSES) {
        priors.extend(sticks(std::array::from_fn(|k| if k == row { ON_DIAGONAL } else { OFF_DIAGONAL })));
    }
    Ok(Exact { parameters: named(priors), ln_likelihood: move |theta: &[f64]| ln_ratings(&counts, theta) })
}

/// Natural logarithm of the likelihood of the ratings at sticks of the prevalence and of each row of the error matrices.
fn ln_ratings(counts: &[[[f64; CLASSES]; RATERS]], theta: &[f64]) -> f64 {
    let ln_rows: Vec<[f64; CLASSES]> = theta.chunks_exact(CLASSES - 1).map(|s| shares(s).map(math::ln)).collect();
    let patient = |counts: &[[f64; CLASSES]; RATERS]| {
        let class = |c: usize| {
            let rater = |(r, given): (usize, &[f64; CLASSES])| {
                let row = &ln_rows[1 + r * CLASSES + c];
                given.iter().zip(row).filter(|(n, _)| **n > 0.0).map(|(n, ln)| n * ln).sum::<f64>()
            };
            ln_rows[0][c] + counts.iter().enumerate().map(rater).sum::<f64>()
        };
        math::ln_sum_exp(&[class(0), class(1), class(2), class(3)])
    };
    counts.iter().map(patient).sum()
}

fn ratings(request: &Request<'_>, pool: &Pool) -> Result<Vec<Item>, Error> {
    const ANSWERS: [f64; CLASSES] = [0.375_596_32, 0.407_344_81, 0.143_219_34, 0.073_839_53];
    let outcome = solve(request, pool, &ratings_problem()?, RATINGS_BUDGET, 5)?;
    let weights = &outcome.posterior.weights;
    let found: Vec<[f64; CLASSES]> =
        outcome.posterior.entries.iter().map(|e| shares(&outcome.bank.theta(e.row)[..CLASSES - 1])).collect();
    let item = |(k, expected): (usize, f64)| {
        let mean = weighted_mean(weights, &found.iter().map(|s| s[k]).collect::<Vec<f64>>());
        let name = format!("Dawid-Skene: prevalence of class {}", k + 1);
        Item::near(name, mean, expected, 0.01, "from a long run of another sampler; both err in the third decimal")
    };
    Ok(ANSWERS.into_iter().enumerate().map(item).collect())
}

/// Means with a normal prior, each seen once with an error of the same size: `gaussian_linear` of the benchmark (Lueckmann et al. 2021).
struct Means {
    parameters: Vec<Parameter>,
    seen: Vec<f64>,
}

/// Standard deviation of the prior and of the error.
const MEANS_SD: f64 = 0.316_227_766_016_837_94;
/// Simulations that either method may spend on the means, and points of a population of the baseline.
const MEANS_BUDGET: u64 = 20_000;
const MEANS_PARTICLES: u32 = 1_000;

impl Problem for Means {
    type Truth = Vec<f64>;

    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<Vec<f64>, SimError> {
        let draws = Draws::new(seed, Purpose::Synthetic);
        let error = |k: u64| MEANS_SD * math::normal_quantile(draws.uniform(k, 0));
        Ok((0..).zip(theta).map(|(k, mean)| mean + error(k)).collect())
    }

    fn ln_likelihood(&self, theta: &[f64], _: &Vec<f64>, _: Seed) -> f64 {
        self.seen.iter().zip(theta).map(|(x, mean)| math::normal_ln_pdf(*x, *mean, MEANS_SD)).sum()
    }
}

/// How much further from the known posterior the baseline is than the engine, at as many simulations.
fn baseline(request: &Request<'_>, pool: &Pool) -> Result<Item, Error> {
    let seen: Vec<f64> = (0..10).map(|k| 0.1 * f64::from(k) - 0.45).collect();
    let parameters = named(vec![Prior::Normal { mean: 0.0, sd: MEANS_SD }; seen.len()]);
    let problem = Means { parameters, seen };
    let engine = solve(request, pool, &problem, MEANS_BUDGET, 21)?;
    let settings = AbcSettings { budget: MEANS_BUDGET, particles: MEANS_PARTICLES, keep: 0.5 };
    let away = |data: &Vec<f64>| data.iter().zip(&problem.seen).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
    let abc = abc(&problem, away, &settings, Seed(21), pool).map_err(Error::bug)?;
    let rows = &engine.posterior.entries;
    // Half of what was seen, with half the variance.
    let far = |k: usize, weights: &[f64], values: &[f64]| {
        let z = |x: f64| (x - 0.5 * problem.seen[k]) / (MEANS_SD * std::f64::consts::FRAC_1_SQRT_2);
        furthest(weights, &values.iter().map(|x| math::normal_cdf(z(*x))).collect::<Vec<f64>>())
    };
    let mean = |of: &dyn Fn(usize) -> f64| (0..problem.seen.len()).map(of).sum::<f64>() / problem.seen.len() as f64;
    let by_engine = mean(&|k| {
        far(k, &engine.posterior.weights, &rows.iter().map(|e| engine.bank.theta(e.row)[k]).collect::<Vec<f64>>())
    });
    let by_abc = mean(&|k| far(k, &abc.weights, &abc.columns[k]));
    let reason = "mean over ten marginal laws of the largest distance from the exact one, baseline over engine, at 20,000 simulations each";
    Ok(Item::between("ABC-SMC: distance from a known posterior", by_abc / by_engine, [BEATEN, f64::INFINITY], reason))
}

/// How many times further the baseline has to be.
const BEATEN: f64 = 2.0;

/// Largest distance of a weighted distribution function from that of the uniform law on (0, 1).
fn furthest(weights: &[f64], values: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let all: f64 = weights.iter().sum();
    let (mut below, mut largest) = (0.0, 0.0_f64);
    for i in order {
        let above = below + weights[i] / all;
        largest = largest.max((values[i] - below).abs()).max((above - values[i]).abs());
        below = above;
    }
    largest
}

/// Particles and seeds of the comparison with the exact filter.
const PARTICLES: usize = 200_000;
const FEW_PARTICLES: usize = 100;
const SEEDS: u32 = 2_000;

fn series() -> Vec<Item> {
    let seen = vec![0.31, 0.94, 1.42, 0.66, -0.21, -0.87, 0.13, 0.42, 1.9, 2.2];
    let space = LinearGaussian { keep: 0.8, sd: [0.5, 0.4], seen };
    let (exact, count) = (space.ln_likelihood(), space.seen.len());
    let one = ln_likelihood(&space, count, PARTICLES, Seed(1));
    let ratio = |seed: u32| math::exp(ln_likelihood(&space, count, FEW_PARTICLES, Seed(u64::from(seed))) - exact);
    let ratios: Vec<f64> = (0..SEEDS).map(ratio).collect();
    let n = f64::from(SEEDS);
    let mean = ratios.iter().sum::<f64>() / n;
    let variance = ratios.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / (n - 1.0);
    let reason = "Kalman's filter is exact; with 200,000 particles the estimate has standard deviation of about .01";
    let unbiased = "the estimate is unbiased for any number of particles; three standard errors over 2,000 seeds";
    vec![
        Item::near("particle log-likelihood of a linear Gaussian series", one, exact, 0.05, reason),
        Item::near("mean of exp(particle - exact)", mean, 1.0, 3.0 * (variance / n).sqrt(), unbiased),
    ]
}

/// What observers print of 3,500 (interval: 450), as computed by hand for the observation model.
fn printed() -> Vec<Item> {
    let (mu, sd) = (math::ln(3_500.0), 0.15);
    let rows = [
        (Printed::About(3_800.0), mu, sd, 0.030_096),
        (Printed::About(4_000.0), mu, sd, 0.248_913),
        (Printed::AtLeast(3_000.0), mu, sd, 0.272_429),
        (Printed::AtMost(5_000.0), mu, sd, 0.183_362),
        (Printed::Interval(200.0, 999.0), math::ln(450.0), 0.3, 0.617_145),
    ];
    let item = |(form, mu, sd, expected): (Printed, f64, f64, f64)| {
        let found = Cells::new(form).probability(mu, sd, 0.5, 0.15);
        Item::near(format!("printed: {form:?}"), found, expected, 6e-7, "given to six digits; half a unit of the last")
    };
    rows.into_iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Machine;

    fn holds(case: Catches) {
        let machine = Machine::this();
        let pool = Pool::new(1).expect("a thread");
        let items = recapture(&Request::of(&machine), &pool, case).expect("nothing stops it");
        assert!(items.len() == 5 && items.iter().all(|item| item.passed), "{items:?}");
    }

    #[test]
    fn the_posterior_of_capture_and_recapture_is_the_known_one() {
        let [first, _] = RECAPTURES;
        holds(first);
    }

    #[test]
    fn the_posterior_where_each_occasion_has_its_own_probability_is_the_known_one() {
        let [_, second] = RECAPTURES;
        holds(second);
    }

    #[test]
    fn the_likelihood_of_the_ratings_is_that_of_another_program() {
        // Expected: for each patient the sum over classes of products of exact fractions, its logarithm with eighty digits; numpy agrees.
        let problem = ratings_problem().expect("embedded");
        let theta: Vec<f64> = (0_u32..63).map(|k| f64::from(25 + 37 * k % 51) / 100.0).collect();
        assert_eq!(problem.parameters.len(), theta.len());
        let found = (problem.ln_likelihood)(&theta);
        assert!((found + 394.712_642_029_224).abs() < 1e-9, "{found}");
    }

    /// Means of the shares of sticks with these priors: the sticks are independent.
    fn means(priors: &[Prior]) -> [f64; CLASSES] {
        let mean = |prior: &Prior| match prior {
            Prior::Beta { a, b } => a / (a + b),
            other => panic!("a stick is a share: {other:?}"),
        };
        shares(&priors.iter().map(mean).collect::<Vec<f64>>())
    }

    #[test]
    fn sticks_have_the_means_of_their_dirichlet_law_before_the_ratings() {
        let apart = |found: [f64; CLASSES], expected: [f64; CLASSES]| {
            found.into_iter().zip(expected).map(|(f, e)| (f - e).abs()).fold(0.0, f64::max)
        };
        let uneven: Vec<Prior> = sticks([1.0, 2.0, 3.0, 4.0]).collect();
        assert!(apart(means(&uneven), [0.1, 0.2, 0.3, 0.4]) < 1e-12, "{:?}", means(&uneven));
        let problem = ratings_problem().expect("embedded");
        let priors: Vec<Prior> = problem.parameters.iter().map(|p| p.prior).collect();
        let (prevalence, rows) = priors.split_at(CLASSES - 1);
        assert!(apart(means(prevalence), [0.25; CLASSES]) < 1e-12, "{:?}", means(prevalence));
        // Each rater gives the true class six times in ten; the weights are rounded to four digits.
        for (number, row) in rows.chunks(CLASSES - 1).enumerate() {
            let expected = std::array::from_fn(|k| if k == number % CLASSES { 0.6 } else { 0.4 / 3.0 });
            assert!(apart(means(row), expected) < 1e-5, "row {number}: {:?}", means(row));
        }
    }
}
