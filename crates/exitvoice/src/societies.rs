//! The same scenario in several countries: how much of an answer is that of the one country drawn.
//!
//! Everything else conditions on one Society. `--societies K` builds K - 1 more from seeds of their own, simulates each as often, and takes
//! the variance of a number apart: between the deployments of one country, and between countries (analysis of variance with random effects,
//! Searle, Casella, McCulloch, Variance Components, 1992, ch. 3). Society k is that of `--seed` with the seed listed for it.

use crate::answers::{Measured, defined, mean, variance};
use crate::command::{Error, ScenarioOptions};
use crate::compare::student_quantile;
use crate::deployment::Replicate;
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::scenario::{Scenario, SocietySource};
use crate::tables::Keys;
use crate::write;
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of the 64 of a hash.
const SPARE_BITS: u32 = 11;
/// Ends of a 95 % interval.
const LOW: f64 = 0.025;
const HIGH: f64 = 0.975;

/// One country, simulated.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Seed of the country and of its replicates.
    pub seed: Seed,
    /// Wall time in seconds of building its country, or of reading it.
    pub history_seconds: f64,
    /// Digest of each replicate, by side: one side of a run, two of a comparison.
    pub digests: Vec<Vec<[u8; 32]>>,
    /// Values by number, in the order of [`Measured::all`], one a replicate; NaN where a number is not defined.
    pub values: Vec<Vec<f64>>,
}

impl Sample {
    /// What a run reads off its replicates.
    #[must_use]
    pub fn of_run(seed: Seed, history_seconds: f64, replicates: &[Replicate]) -> Self {
        let of = |m: Measured| replicates.iter().map(|r| m.of(r)).collect();
        Self { seed, history_seconds, digests: vec![digests(replicates)], values: Measured::all().map(of).collect() }
    }

    /// What a comparison reads off pairs of replicates: B minus A.
    #[must_use]
    pub fn of_pairs(seed: Seed, history_seconds: f64, a: &[Replicate], b: &[Replicate]) -> Self {
        let of = |m: Measured| a.iter().zip(b).map(|(a, b)| m.of(b) - m.of(a)).collect();
        Self { seed, history_seconds, digests: vec![digests(a), digests(b)], values: Measured::all().map(of).collect() }
    }

    /// Lines of the ledger of one side, the scenario `resolved` with the seed of the country; `command` repeats a replicate of it.
    pub fn ledger<'a>(
        &'a self,
        number: usize,
        side: usize,
        resolved: &'a str,
        command: impl Fn(u32) -> String + 'a,
    ) -> impl Iterator<Item = serde_json::Value> + 'a {
        (0..).zip(&self.digests[side]).map(move |(replicate, digest)| {
            let mut line = write::ledger_line((replicate, digest), resolved, command(replicate));
            line["point"] = number.into();
            line["values"] = serde_json::json!({ "run.seed": self.seed.0.to_string() });
            line
        })
    }
}

fn digests(replicates: &[Replicate]) -> Vec<[u8; 32]> {
    replicates.iter().map(|r| r.digest).collect()
}

/// A number in several countries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Countries in which it is defined.
    pub societies: u32,
    /// Mean of the countries' means.
    pub mean: f64,
    /// Its 95 % interval over countries as well as over luck (Student's t over countries).
    pub mean_low: f64,
    /// Upper end.
    pub mean_high: f64,
    /// Standard deviation of the countries' means.
    pub sd_of_means: f64,
    /// Standard deviation between the deployments of one country; null with one replicate a country.
    pub sd_within: Option<f64>,
    /// Standard deviation between countries, luck taken out; 0 where the means differ no more than by luck.
    pub sd_between: Option<f64>,
    /// Share of the variance of a single deployment that is between countries; null where nothing varies, and with one replicate a country.
    pub share_between: Option<f64>,
    /// Its 95 % interval, exact for normal values and equal numbers of replicates.
    pub share_low: Option<f64>,
    /// Upper end.
    pub share_high: Option<f64>,
}

/// What several countries gave. Part of what `run` and `compare` print with `--json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Seed of each country; the first is that of the run.
    pub seeds: Vec<u64>,
    /// Replicates in each.
    pub replicates: u32,
    /// By name of the number.
    pub spread: BTreeMap<String, Spread>,
}

/// The same scenario with the seeds of the further countries that `--societies` asks for.
///
/// # Errors
/// The country is a fixture, which has no history to repeat (exit 64).
pub fn further(options: &ScenarioOptions, scenario: &Scenario) -> Result<Vec<Scenario>, Error> {
    let count = options.societies.unwrap_or(1);
    if let (SocietySource::Fixture(fixture), true) = (&scenario.society, count > 1) {
        return Err(Error::NoHistory { scenario: scenario.name.clone(), fixture: fixture.clone() });
    }
    let draws = Draws::new(scenario.seed, Purpose::Societies);
    // As many bits as every reader of JSON keeps.
    let seeded = |k: u32| Scenario { seed: Seed(draws.seed(u64::from(k), 0).0 >> SPARE_BITS), ..scenario.clone() };
    Ok((1..count).map(seeded).collect())
}

/// Takes the variance of every number apart; the first country is that of the run.
#[must_use]
pub fn found(samples: &[Sample]) -> Found {
    let replicates = samples.first().and_then(|s| s.values.first()).map_or(0, Vec::len) as u32;
    let values = |number: usize| samples.iter().map(move |s| s.values[number].as_slice()).collect::<Vec<&[f64]>>();
    let spreads =
        Measured::all().enumerate().filter_map(|(n, m)| Some((m.name().to_owned(), spread(&values(n))?))).collect();
    Found { seeds: samples.iter().map(|s| s.seed.0).collect(), replicates, spread: spreads }
}

/// Values by country, one a replicate, where they are defined; a country in which less than half are counts as one that has none, as everywhere
/// ([`where_defined`](crate::answers::where_defined)). `None` with fewer than two countries that have any.
#[must_use]
pub fn spread(values: &[&[f64]]) -> Option<Spread> {
    let kept = |of: &&[f64]| {
        let some: Vec<f64> = of.iter().copied().filter_map(defined).collect();
        (!some.is_empty() && 2 * some.len() >= of.len()).then_some(some)
    };
    let groups: Vec<Vec<f64>> = values.iter().filter_map(kept).collect();
    if groups.len() < 2 {
        return None;
    }
    let varies = groups.iter().flatten().any(|x| x.to_bits() != groups[0][0].to_bits());
    let (countries, total) = (groups.len() as f64, groups.iter().map(Vec::len).sum::<usize>() as f64);
    let means: Vec<f64> = groups.iter().map(|of| mean(of)).collect();
    let (mean, sd_of_means) = (mean(&means), variance(&means)?.sqrt());
    let squares = |of: &[f64], middle: f64| of.iter().map(|x| (x - middle) * (x - middle)).sum::<f64>();
    let half = student_quantile(HIGH, countries - 1.0) * sd_of_means / countries.sqrt();
    let parts = (total > countries).then(|| {
        let within = groups.iter().zip(&means).map(|(of, m)| squares(of, *m)).sum::<f64>() / (total - countries);
        let all = groups.iter().flatten().sum::<f64>() / total;
        let sizes = || groups.iter().map(|of| of.len() as f64);
        let between = sizes().zip(&means).map(|(n, m)| n * (m - all) * (m - all)).sum::<f64>() / (countries - 1.0);
        // Replicates of a country, corrected for unequal numbers.
        let each = (total - sizes().map(|n| n * n).sum::<f64>() / total) / (countries - 1.0);
        Parts { within, between, each, freedom: [countries - 1.0, total - countries] }
    });
    let share = parts.as_ref().filter(|_| varies).map(Parts::share);
    Some(Spread {
        societies: groups.len() as u32,
        mean,
        mean_low: mean - half,
        mean_high: mean + half,
        sd_of_means,
        sd_within: parts.as_ref().map(|p| p.within.sqrt()),
        sd_between: parts.as_ref().map(|p| p.variance_between().sqrt()),
        share_between: share.map(|s| s[0]),
        share_low: share.map(|s| s[1]),
        share_high: share.map(|s| s[2]),
    })
}

/// Mean squares of an analysis of variance.
struct Parts {
    within: f64,
    between: f64,
    /// Replicates of a country.
    each: f64,
    /// Degrees of freedom between and within.
    freedom: [f64; 2],
}

impl Parts {
    /// Variance between countries, luck taken out.
    fn variance_between(&self) -> f64 {
        ((self.between - self.within) / self.each).max(0.0)
    }

    /// Share of the variance between countries, and the ends of its interval; something varies.
    fn share(&self) -> [f64; 3] {
        let share = |ratio: f64| ((ratio - 1.0) / (ratio - 1.0 + self.each)).max(0.0);
        let ends = |p: f64| {
            let ratio = self.between / (self.within * fisher_quantile(p, self.freedom));
            if self.within > 0.0 { share(ratio) } else { 1.0 }
        };
        let variance = self.variance_between();
        [variance / (variance + self.within), ends(HIGH), ends(LOW)]
    }
}

/// Quantile of Fisher's F: P(F <= f) = I_{d1 f / (d1 f + d2)}(d1/2, d2/2), with the regularised incomplete beta function.
fn fisher_quantile(p: f64, [upper, lower]: [f64; 2]) -> f64 {
    let place = math::bisect(0.0, 1.0, p, |x| math::beta_inc(upper / 2.0, lower / 2.0, x));
    lower * place / (upper * (1.0 - place))
}

/// Mean and standard deviation of every number in every country.
#[must_use]
pub fn table(keys: &Keys, samples: &[Sample]) -> Table {
    let names: Vec<&str> = Measured::all().map(Measured::name).collect();
    let rows: Vec<(u32, &Sample, usize, Vec<f64>)> = (0..)
        .zip(samples)
        .flat_map(|(k, sample)| (0..names.len()).map(move |n| (k, sample, n)))
        .map(|(k, sample, n)| (k, sample, n, sample.values[n].iter().copied().filter_map(defined).collect()))
        .collect();
    let mut columns = keys.columns(rows.len());
    let mut column = |name, unit, description, role, data: ColumnData| {
        columns.push(Column::new(name, unit, description, role, data));
    };
    let numbers: Vec<u32> = rows.iter().map(|r| r.0).collect();
    column("society", "1", "Number of the country; 0 is that of the other tables", Role::Input, numbers.into());
    let seeds: Vec<u64> = rows.iter().map(|r| r.1.seed.0).collect();
    column("seed", "", "Seed of the country and of its replicates", Role::Input, seeds.into());
    let words = ColumnData::category(&names, rows.iter().map(|r| Some(names[r.2])));
    column("quantity", "", "What was read off each replicate", Role::Latent, words);
    let counts: Vec<u32> = rows.iter().map(|r| r.3.len() as u32).collect();
    column("replicates", "1", "Replicates in which it is defined", Role::Latent, counts.into());
    let means: Vec<Option<f64>> = rows.iter().map(|r| (!r.3.is_empty()).then(|| mean(&r.3))).collect();
    let deviations: Vec<Option<f64>> = rows.iter().map(|r| variance(&r.3).map(f64::sqrt)).collect();
    for (name, description, values) in [
        ("true_mean", "Mean over the replicates of the country", means),
        ("true_sd", "Standard deviation over the replicates of the country", deviations),
    ] {
        let column = Column::new(name, "1", description, Role::Latent, ColumnData::from(values));
        columns.push(column.missing("defined in too few replicates"));
    }
    Table { name: "societies", description: "One number in one country", columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} against {expected}");
    }

    #[test]
    fn fisher_quantiles_are_those_of_the_tables() {
        // Upper 2.5 % points, any table.
        for (freedom, expected) in [([1.0, 10.0], 6.936_7), ([5.0, 20.0], 3.289_1), ([19.0, 3_980.0], 1.733_0)] {
            let found = fisher_quantile(HIGH, freedom);
            assert!((found - expected).abs() < 2e-3, "{freedom:?}: {found}");
        }
        // The lower point is one over the upper one of the other.
        close(fisher_quantile(LOW, [5.0, 20.0]), 1.0 / fisher_quantile(HIGH, [20.0, 5.0]));
    }

    #[test]
    fn a_table_by_hand_is_taken_apart() {
        // Means 2, 5, 8; squares within 2 each over 3 x 2 degrees of freedom: 1; between 3 x 18 / 2 = 27; (27 - 1) / 3.
        let found = spread(&[&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], &[7.0, 8.0, 9.0]]).expect("three countries");
        close(found.mean, 5.0);
        close(found.sd_of_means, 3.0);
        close(found.sd_within.expect("replicates"), 1.0);
        close(found.sd_between.expect("replicates"), (26.0_f64 / 3.0).sqrt());
        close(found.share_between.expect("it varies"), 26.0 / 29.0);
        // F = 27 with 2 and 6 degrees of freedom; their 97.5 % point is 7.2599, the 2.5 % point 1 / 39.331.
        close((found.share_low.expect("it varies") * 1e3).round(), 475.0);
        close((found.share_high.expect("it varies") * 1e3).round(), 997.0);
        // t with 2 degrees of freedom: 4.3027.
        close(((found.mean_high - found.mean) * 1e3).round(), 7_452.0);
    }

    #[test]
    fn countries_of_different_numbers_of_replicates_are_weighed_by_them() {
        // Means 2 and 8; within 2 + 20 over 4; all 6; between 2 x 16 + 4 x 4 = 48; 6 - 20 / 6 = 8 / 3 replicates of a country.
        let found = spread(&[&[1.0, 3.0], &[5.0, 7.0, 9.0, 11.0]]).expect("two countries");
        let (within, between) = (22.0 / 4.0, 48.0);
        let variance = (between - within) / (8.0 / 3.0);
        close(found.sd_between.expect("replicates"), f64::sqrt(variance));
        close(found.share_between.expect("it varies"), variance / (variance + within));
        close(found.mean, 5.0);
        // One of three is less than half: no number of that country.
        assert_eq!(spread(&[&[1.0, 2.0], &[3.0, 4.0], &[5.0, f64::NAN, f64::NAN]]).map(|s| s.societies), Some(2));
    }

    #[test]
    fn countries_that_differ_by_luck_alone_have_no_share_and_what_is_undefined_is_left_out() {
        let found = spread(&[&[1.0, 3.0, f64::NAN], &[3.0, 1.0], &[f64::NAN]]).expect("two countries");
        assert_eq!((found.societies, found.sd_between, found.share_between), (2, Some(0.0), Some(0.0)));
        assert_eq!(spread(&[&[1.0], &[f64::NAN]]), None);
        let single = spread(&[&[1.0], &[2.0]]).expect("two countries");
        assert_eq!((single.sd_within, single.share_between, single.mean), (None, None, 1.5));
        let constant = spread(&[&[2.0, 2.0], &[2.0, 2.0]]).expect("two countries");
        assert_eq!((constant.share_between, constant.mean_low, constant.mean_high), (None, 2.0, 2.0));
        // A fraction that is the same everywhere: its squares are rounding.
        assert_eq!(spread(&[&[0.1; 3], &[0.1; 3]]).expect("two countries").share_between, None);
        let apart = spread(&[&[2.0, 2.0], &[3.0, 3.0]]).expect("two countries");
        assert_eq!((apart.share_between, apart.share_low, apart.share_high), (Some(1.0), Some(1.0), Some(1.0)));
    }
}
