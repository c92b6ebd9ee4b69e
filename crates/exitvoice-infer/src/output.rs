//! The result in the shape of ArviZ's InferenceData: groups of named columns with chain and draw. Weighted quantiles live here.

use crate::algorithm::Outcome;
use crate::bank::{Bank, Weighted};

/// One group of the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Chain of each draw.
    pub chain: Vec<u32>,
    /// Position of each draw in its chain.
    pub draw: Vec<u32>,
    /// Weight of each draw; sum 1, equal unless a diagnostic says otherwise.
    pub weight: Vec<f64>,
    /// Names of the columns.
    pub names: Vec<String>,
    /// One column for each name.
    pub columns: Vec<Vec<f64>>,
}

impl Group {
    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.names.iter().position(|n| n == name).map(|k| self.columns[k].as_slice())
    }

    /// Summary of each column; `None` where no draw has weight.
    #[must_use]
    pub fn summaries(&self) -> Vec<(&str, Option<Summary>)> {
        self.names.iter().zip(&self.columns).map(|(n, c)| (n.as_str(), Summary::of(&self.weight, c))).collect()
    }
}

/// Groups that inference alone can fill; observed data and predictions are the caller's.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// Parameters, natural units, after the data.
    pub posterior: Group,
    /// Parameters, natural units, before the data.
    pub prior: Group,
    /// Of each posterior draw: `ln_likelihood`, `weight`, `row` (of the bank), `stage`.
    pub sample_stats: Group,
}

/// Groups of an outcome.
#[must_use]
pub fn groups<T>(outcome: &Outcome<T>) -> Groups {
    let bank = &outcome.bank;
    let posterior = &outcome.posterior;
    let of = |f: &dyn Fn(usize) -> f64| (0..posterior.entries.len()).map(f).collect::<Vec<f64>>();
    let columns: [(&str, Vec<f64>); 4] = [
        ("ln_likelihood", of(&|i| bank.ln_likelihood(posterior.entries[i].row))),
        ("weight", posterior.weights.clone()),
        ("row", of(&|i| f64::from(posterior.entries[i].row))),
        ("stage", of(&|i| f64::from(bank.stage(posterior.entries[i].row)))),
    ];
    let (names, columns) = columns.into_iter().map(|(name, column)| (name.to_owned(), column)).unzip();
    Groups {
        posterior: parameters(bank, posterior),
        prior: parameters(bank, &outcome.prior),
        sample_stats: group(posterior, names, columns),
    }
}

/// Parameters of weighted draws.
#[must_use]
pub fn parameters<T>(bank: &Bank<T>, draws: &Weighted) -> Group {
    let column = |k: usize| draws.entries.iter().map(|e| bank.theta(e.row)[k]).collect();
    group(draws, bank.names().to_vec(), (0..bank.names().len()).map(column).collect())
}

fn group(draws: &Weighted, names: Vec<String>, columns: Vec<Vec<f64>>) -> Group {
    Group {
        chain: draws.entries.iter().map(|e| e.chain).collect(),
        draw: draws.entries.iter().map(|e| e.draw).collect(),
        weight: draws.weights.clone(),
        names,
        columns,
    }
}

/// Quantiles and moments of weighted values, in their units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// 2.5 % quantile.
    pub q025: f64,
    /// 5 % quantile.
    pub q05: f64,
    /// 25 % quantile.
    pub q25: f64,
    /// Median.
    pub q50: f64,
    /// 75 % quantile.
    pub q75: f64,
    /// 95 % quantile.
    pub q95: f64,
    /// 97.5 % quantile.
    pub q975: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Summary {
    /// Summary of values with weights from 0 on, of any positive sum; `None` where no value has weight.
    #[must_use]
    pub fn of(weights: &[f64], values: &[f64]) -> Option<Self> {
        let [q025, q05, q25, q50, q75, q95, q975] =
            quantiles(weights, values, [0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975])?;
        let mean = weighted_mean(weights, values);
        let total: f64 = weights.iter().sum();
        let square: f64 = weights.iter().zip(values).map(|(w, x)| w * (x - mean) * (x - mean)).sum();
        Some(Self { q025, q05, q25, q50, q75, q95, q975, mean, sd: (square / total).sqrt() })
    }
}

/// Mean of `values` with weights of any positive sum; NaN where no value has weight.
#[must_use]
pub fn weighted_mean(weights: &[f64], values: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    weights.iter().zip(values).map(|(w, x)| w * x).sum::<f64>() / total
}

/// The smallest value at which the weighted distribution function reaches `p`: always one of the values, so a count stays
/// a count. `None` where no value has weight.
#[must_use]
pub fn quantile(weights: &[f64], values: &[f64], p: f64) -> Option<f64> {
    quantiles(weights, values, [p]).map(|[q]| q)
}

/// [`quantile`] at several rising probabilities, sorting once.
#[must_use]
pub fn quantiles<const N: usize>(weights: &[f64], values: &[f64], p: [f64; N]) -> Option<[f64; N]> {
    let mut order: Vec<usize> = (0..values.len()).filter(|i| weights[*i] > 0.0).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let total: f64 = order.iter().map(|i| weights[*i]).sum();
    let last = *order.last()?;
    Some(p.map(|p| {
        // A sum of equal weights misses its exact value by rounding: a hair below counts as reached.
        let target = p * total * (1.0 - ROUNDING);
        let mut reached = 0.0;
        for i in &order {
            reached += weights[*i];
            if reached >= target {
                return values[*i];
            }
        }
        values[last]
    }))
}

/// Relative rounding error of a sum of some thousand weights.
const ROUNDING: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_first_value_at_which_the_weight_reaches_p() {
        let values = [3.0, 1.0, 2.0, 4.0];
        let equal = [1.0; 4];
        assert_eq!(quantiles(&equal, &values, [0.0, 0.25, 0.26, 0.5, 0.75, 1.0]), Some([1.0, 1.0, 2.0, 2.0, 3.0, 4.0]));
        assert_eq!(quantile(&[0.0, 0.2, 0.0, 0.8], &values, 0.2), Some(1.0));
        assert_eq!(quantile(&[0.0, 0.2, 0.0, 0.8], &values, 0.21), Some(4.0));
        assert_eq!(quantile(&[0.0; 4], &values, 0.5), None);
        assert_eq!(quantile(&[], &[], 0.5), None);
    }

    #[test]
    fn a_summary_does_not_depend_on_the_scale_of_the_weights_or_on_the_order() {
        let values = [5.0, 1.0, 3.0];
        let summary = Summary::of(&[1.0, 2.0, 1.0], &values).expect("weight");
        assert_eq!(Summary::of(&[4.0, 8.0, 4.0], &values), Some(summary));
        assert_eq!((summary.q50, summary.mean, summary.q975), (1.0, 2.5, 5.0));
        assert!((summary.sd - 2.75_f64.sqrt()).abs() < 1e-15);
        assert_eq!(Summary::of(&[0.0; 3], &values), None);
    }
}
