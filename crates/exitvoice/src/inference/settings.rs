//! The same claims under other assumptions: three priors of the base rate, silence as evidence or not, other sizes of the common bias.
//! All re-weight the simulations that are there, but for a prior that these do not reach.

use super::dated::BASE_RATE_FACTORS;
use super::given::Given;
use super::problem::{Kept, War, observer_laws, scorer};
use crate::answers::summarise;
use crate::command::Error;
use crate::report::{DesertionSetting, Measure, MonthRow, Quantiles, Variant, Verdict};
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};
use exitvoice_infer::algorithm::{Replicate, weigh_again};
use exitvoice_infer::bank::Section;
use exitvoice_infer::diagnostic::ess::effective_size;
use exitvoice_infer::{Bank, Entry, Outcome, Weighted};
use exitvoice_observe::{ClaimSet, Scorer};
use exitvoice_record::Trajectory;

/// Desertions under each setting, and by month under the main one.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) desertions: Vec<DesertionSetting>,
    pub(super) by_month: Vec<MonthRow>,
    /// Draws from the posterior under the other reading of silence, if there are enough.
    pub(super) other_silence: Option<Weighted>,
}

/// Position of the factor that changes nothing.
const UNCHANGED: usize = 1;
const BASE_RATE: &str = "exit.attempt.base_rate";
const DAYS_PER_1000_YEARS: f64 = 1_000.0 * DAYS_PER_YEAR;
/// Effective draws below which a re-weighted answer is not given.
pub(super) const ESS_NEEDED: f64 = 50.0;

/// Log-likelihoods of one simulation, silence being read as the scenario reads it and the other way.
#[derive(Clone, Copy)]
struct BothWays {
    seed: Seed,
    scores: [f64; 2],
}

pub(super) fn settings(
    scenario: &Scenario,
    war: &War<'_>,
    outcome: &Outcome<Kept>,
    given: &Given,
    pool: &Pool,
) -> Result<Settings, Error> {
    let bank = &outcome.bank;
    let all = both_ways(war, bank, pool);
    let scores = |seed: Seed| all.binary_search_by_key(&seed.0, |p| p.seed.0).map(|i| all[i].scores);
    let column = bank.names().iter().position(|n| n == BASE_RATE);
    let law = scenario.values.get(BASE_RATE).and_then(|v| v.meta.parsed_prior().ok());
    let [median, upper] = [0.5, BELOW_UPPER_END].map(|p| law.as_ref().and_then(|l| l.quantile(p)).unwrap_or(0.0));
    let Some(exitvoice_core::param::Prior::LogNormal { sd_log: spread, .. }) = law else {
        return Err(Error::Bug { detail: format!("the prior of `{BASE_RATE}` is log-normal") });
    };
    // ln of the ratio of the shifted prior to the one that was sampled from.
    let ratio = |theta: &[f64], factor: f64| {
        let Some(k) = column else { return 0.0 };
        let (z, shift) = ((math::ln(theta[k]) - math::ln(median)) / spread, math::ln(factor) / spread);
        z * shift - 0.5 * shift * shift
    };
    let (mut desertions, mut other_silence) = (Vec::new(), None);
    for (number, factor) in BASE_RATE_FACTORS.into_iter().enumerate() {
        let unchanged = number == UNCHANGED;
        // A base rate that is held has no other priors.
        if column.is_none() && !unchanged {
            continue;
        }
        let prior = match column {
            Some(column) if factor > 1.0 => raised_prior(war, (column, factor), scenario.seed, pool),
            _ => {
                let weighed = bank.reweight(pool, Section::Prior, |theta, _, _| ratio(theta, factor));
                values(bank, &weighed, reached)
            }
        };
        for complete in [true, false] {
            let side = usize::from(complete != war.complete);
            let score = |theta: &[f64], _: &Kept, seed: Seed| match scores(seed) {
                Ok(scores) => scores[side] + ratio(theta, factor),
                Err(_) => f64::NEG_INFINITY,
            };
            // Factor 1 without the sampled completeness, and all shifted priors, use every simulation under its own mixture.
            let posterior = if unchanged && complete == war.complete {
                outcome.posterior.clone()
            } else {
                bank.reweight(pool, Section::Importance, score)
            };
            let main = unchanged && complete == war.complete;
            // The sampled prior and lower ones were drawn from: their upper end errs as the effective draws say. A raised one was not.
            let reaches_up = |k: usize| {
                factor <= 1.0
                    || reaches(&posterior.entries, &posterior.weights, |e| bank.theta(e.row)[k], upper * factor)
            };
            let remain = outcome.refusal.is_none() && (main || posterior.ess() >= ESS_NEEDED);
            let stands = main || column.is_none_or(reaches_up);
            let enough = remain && stands;
            let anew = (enough && !main).then(|| {
                let scorer = if side == 0 { &war.scorer } else { &war.other };
                Given::new(scorer, bank, &posterior, scenario.seed, pool)
            });
            let after = enough.then(|| anew.as_ref().unwrap_or(given));
            let center = if column.is_some() { median * factor } else { war.fixed(BASE_RATE).unwrap_or(median) };
            let basis = Basis {
                median_per_1000_years: center * DAYS_PER_1000_YEARS,
                complete,
                main,
                effective_draws: if main { outcome.diagnostics.ess } else { posterior.ess() },
                short_at_upper_end: remain && !stands,
            };
            desertions.push(setting(&prior, after, basis));
            if enough && unchanged && !main {
                other_silence = Some(posterior);
            }
        }
    }
    let by_month = months(scenario, bank, &outcome.prior, outcome.refusal.is_none().then_some(given));
    Ok(Settings { desertions: desertions.into_iter().flatten().collect(), by_month, other_silence })
}

/// One simulation in so many is scored again the other way, in debug builds.
const CHECKED: u64 = 32;

/// Whether a scorer gives a simulation this score, but for rounding.
fn is_score(scorer: &Scorer, simulation: &Replicate<Kept>, score: f64) -> bool {
    let kept = simulation.truth.as_ref();
    let whole = kept.map_or(f64::NAN, |kept| scorer.ln_likelihood(&kept.seen(), simulation.likelihood_seed));
    whole.to_bits() == score.to_bits() || (whole - score).abs() < 1e-9 * whole.abs().max(1.0)
}

/// Of every simulation, by its seed. The scores at hand are taken over: what depends on silence alone is cheap, the counts are not.
fn both_ways(war: &War<'_>, bank: &Bank<Kept>, pool: &Pool) -> Vec<BothWays> {
    let score = |r: &Replicate<Kept>| {
        let seen = r.truth.as_ref()?.seen();
        let [as_read, other] = [&war.scorer, &war.other].map(|scorer| scorer.ln_exits(&seen));
        let rest = if as_read.is_finite() {
            r.ln_likelihood - as_read
        } else {
            // Impossible as silence is read: what the rest says was lost in the sum.
            let factors = war.scorer.decompose(&seen, r.likelihood_seed);
            factors.counts + factors.prisoners
        };
        let scores = [r.ln_likelihood, rest + other];
        // A rough score stays a rough score.
        debug_assert!(
            !r.likelihood_seed.0.is_multiple_of(CHECKED)
                || !is_score(&war.scorer, r, scores[0])
                || is_score(&war.other, r, scores[1])
        );
        Some(BothWays { seed: r.likelihood_seed, scores })
    };
    let by_row = pool.map(bank.len(), |row| bank.simulations(row as u32).iter().filter_map(score).collect::<Vec<_>>());
    let mut all = by_row.concat();
    all.sort_unstable_by_key(|p| p.seed.0);
    all
}

/// Weighted values of something read off the trajectories of draws.
pub(super) fn values(bank: &Bank<Kept>, draws: &Weighted, read: impl Fn(&Trajectory) -> f64) -> (Vec<f64>, Vec<f64>) {
    let (mut weights, mut found) = (Vec::new(), Vec::new());
    for (entry, weight) in draws.entries.iter().zip(&draws.weights) {
        if let Some(kept) = bank.truth(*entry) {
            weights.push(*weight);
            found.push(read(&kept.truth.trajectory));
        }
    }
    (weights, found)
}

fn reached(trajectory: &Trajectory) -> f64 {
    trajectory.reached.iter().fold(0.0, |sum, x| sum + f64::from(*x))
}

/// Logarithms of heads and a half: the scale on which what the claims said of a number of heads is judged.
pub(super) fn on_the_real_line(heads: &[f64]) -> Vec<f64> {
    heads.iter().map(|x| math::ln(x + 0.5)).collect()
}

/// What a row of the table of settings stands on.
struct Basis {
    median_per_1000_years: f64,
    complete: bool,
    main: bool,
    effective_draws: f64,
    short_at_upper_end: bool,
}

/// Probability below the upper end of a raised prior, where draws of the sampled one are few.
const BELOW_UPPER_END: f64 = 0.9;
/// Weight of the draws there that an answer has to do with.
const SOME_WEIGHT: f64 = 0.01;
/// How many of equal weight these have to be worth.
const ENOUGH_ABOVE: f64 = 10.0;

/// Whether draws stand for what lies above a value of a parameter, if the claims leave something there: the whole effective size hides how few do.
fn reaches(entries: &[Entry], weights: &[f64], value: impl Fn(&Entry) -> f64, above: f64) -> bool {
    let beyond = entries.iter().zip(weights).filter(|(entry, _)| value(entry) > above);
    let (rows, heavy): (Vec<u32>, Vec<f64>) = beyond.map(|(entry, weight)| (entry.row, *weight)).unzip();
    let (there, all) = (heavy.iter().sum::<f64>(), weights.iter().sum::<f64>());
    there < SOME_WEIGHT * all || effective_size(rows.into_iter(), &heavy) >= ENOUGH_ABOVE
}

/// Deployments from a prior whose upper end the sampled one hardly reaches: weighing its draws would leave that end to a handful of them.
const RAISED_DRAWS: usize = 500;

/// Deployments that are simulated beside the sampler's for the settings of a scenario.
pub(super) fn deployments(scenario: &Scenario) -> usize {
    let raised = BASE_RATE_FACTORS.iter().filter(|factor| **factor > 1.0).count();
    if scenario.infer.parameters.iter().any(|key| key == BASE_RATE) { raised * RAISED_DRAWS } else { 0 }
}

/// Weights and total desertions before the claims, where the prior of a parameter is raised by a factor.
fn raised_prior(war: &War<'_>, (column, factor): (usize, f64), seed: Seed, pool: &Pool) -> (Vec<f64>, Vec<f64>) {
    // A point that gives up counts as little as it does in the sampler.
    let drawn = pool.map(RAISED_DRAWS, |i| war.unseen(seed, i as u64, |theta| theta[column] *= factor).ok());
    let before: Vec<f64> = drawn.iter().flatten().map(reached).collect();
    (vec![1.0; before.len()], before)
}

fn setting(
    (prior_weights, before): &(Vec<f64>, Vec<f64>),
    after: Option<&Given>,
    basis: Basis,
) -> Option<DesertionSetting> {
    let found = after.map(|given| (&given.weights, given.values(reached)));
    let given = found.as_ref().and_then(|(weights, after)| summarise(weights, after));
    let verdict = found.filter(|_| given.is_some()).map(|(weights, after)| {
        super::verdict((prior_weights, before), &on_the_real_line(before), (weights, &after), &on_the_real_line(&after))
            .unwrap_or(Verdict::NotIdentified)
    });
    let Basis { median_per_1000_years, complete, main, effective_draws, short_at_upper_end } = basis;
    Some(DesertionSetting {
        median_per_1000_years,
        complete,
        main,
        prior: summarise(prior_weights, before)?,
        posterior: given,
        effective_draws: Some(effective_draws),
        short_at_upper_end,
        verdict,
    })
}

fn months(scenario: &Scenario, bank: &Bank<Kept>, prior: &Weighted, given: Option<&Given>) -> Vec<MonthRow> {
    let month = |day: Day| {
        let (year, month, _) = day.ymd();
        format!("{year:04}-{month:02}")
    };
    let names: Vec<String> = (0..scenario.days() as i32).map(|d| month(scenario.day_zero + d)).collect();
    let mut all = names.clone();
    all.dedup();
    let mut rows = Vec::new();
    for name in all {
        let inside: Vec<usize> = (0..names.len()).filter(|d| names[*d] == name).collect();
        let read = |t: &Trajectory| inside.iter().fold(0.0, |sum, d| sum + f64::from(t.reached[*d]));
        let (weights, before) = values(bank, prior, read);
        if let Some(before) = summarise(&weights, &before) {
            let posterior = given.and_then(|given| summarise(&given.weights, &given.values(read)));
            rows.push(MonthRow { month: name, prior: before, posterior });
        }
    }
    rows
}

/// Factors on the standard deviation of the bias that all third states share.
const BIAS_FACTORS: [f64; 3] = [0.5, 1.0, 2.0];

/// Casualties under other sizes of the common bias; what too few simulations are left for is a row without an answer.
pub(super) fn variants(
    scenario: &Scenario,
    war: &War<'_>,
    claims: &ClaimSet,
    outcome: &Outcome<Kept>,
    as_of: Day,
    refused: bool,
    pool: &Pool,
) -> Result<Vec<Variant>, Error> {
    let mut found = Vec::new();
    if refused {
        return Ok(found);
    }
    for (number, factor) in BIAS_FACTORS.into_iter().enumerate() {
        let laws = observer_laws(scenario)?.with_common_bias_scaled(factor);
        let other = scorer(scenario, claims, &laws, as_of, war.complete)?;
        let draws = if number == UNCHANGED {
            outcome.posterior.clone()
        } else {
            weigh_again(&war.under(&other), &outcome.bank, pool)
        };
        let (weights, values) =
            values(&outcome.bank, &draws, |t| t.incidents.iter().fold(0.0, |sum, x| sum + f64::from(*x)));
        let posterior: Option<Quantiles> = summarise(&weights, &values).filter(|_| draws.ess() >= ESS_NEEDED);
        found.push(Variant {
            question: "Casualty incidents in all".to_owned(),
            setting: format!("common bias of third states, standard deviation x {factor}"),
            measure: Measure::Incidents,
            posterior,
            effective_draws: Some(if number == UNCHANGED { outcome.diagnostics.ess } else { draws.ess() }),
            left_out: None,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_stands_on_ten_draws_above_a_value_or_has_no_weight_there() {
        let entries: Vec<Entry> = (0..100).map(|row| Entry { row, replicate: 0, chain: 0, draw: row }).collect();
        let above = |count: u32| move |entry: &Entry| f64::from(u32::from(entry.row < count));
        let stands = |count: u32, weights: &[f64]| reaches(&entries, weights, above(count), 0.5);
        let even = [1.0; 100];
        assert!(stands(0, &even) && stands(10, &even) && !stands(9, &even));
        // Five draws that the claims all but exclude.
        let light: Vec<f64> = (0..100).map(|row| if row < 5 { 1e-3 } else { 1.0 }).collect();
        assert!(stands(5, &light));
    }
}
