//! From the values of a sweep's replicates to effects or shares of each parameter on each quantity.

use super::{Effect, Share, Shares, morris, morris_points, sobol};
use crate::answers::{mean, variance};
use exitvoice_core::quantity::Seed;
use serde::{Deserialize, Serialize};

/// How sensitivity is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Elementary effects.
    Morris,
    /// Shares of variance.
    #[default]
    Sobol,
}

/// What is to be found out; part of the identity of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// How.
    pub method: Method,
    /// Trajectories, or base points.
    pub base: u32,
    /// Seed of the design and of the bootstrap.
    pub seed: u64,
}

/// Luck of the replicates beside doubt about the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// Mean variance of single replicates at a point; null with one replicate.
    pub variance_of_replicates: Option<f64>,
    /// Variance of the points' means.
    pub variance_of_means: f64,
}

/// One parameter and one quantity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Key of the parameter.
    pub parameter: String,
    /// Name of the quantity.
    pub quantity: String,
    /// Whether it is a lever of control, of which only shares of variance are given, which have no sign.
    pub lever: bool,
    /// By Morris.
    pub effect: Option<Effect>,
    /// By Sobol.
    pub shares: Option<Shares>,
}

/// Everything found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// How.
    pub method: Method,
    /// By parameter and quantity.
    pub rows: Vec<Row>,
    /// By quantity.
    pub noise: std::collections::BTreeMap<String, Noise>,
    /// Quantities without rows, and why.
    pub left_out: std::collections::BTreeMap<String, String>,
    /// Quantities whose rows say little, and why.
    pub warnings: std::collections::BTreeMap<String, String>,
}

/// Why a quantity that is the same at every point has no rows.
pub const NO_VARIANCE: &str = "it does not vary";
/// A variance that rests on fewer points than these is that of a few lucky ones.
const FEW_POINTS: f64 = 10.0;
/// Width from which an interval of a share says little.
const WIDE: f64 = 0.5;

/// Values by point and quantity, one a replicate.
pub type Values = [Vec<Vec<f64>>];

/// Analyses every quantity. `keys` has each parameter and whether it is a lever.
#[must_use]
pub fn analyse(analysis: Analysis, keys: &[(String, bool)], quantities: &[&str], values: &Values) -> Found {
    let mut found = Found {
        method: analysis.method,
        rows: Vec::new(),
        noise: Default::default(),
        left_out: Default::default(),
        warnings: Default::default(),
    };
    for (index, quantity) in quantities.iter().enumerate() {
        let at_points: Vec<&[f64]> = values.iter().map(|point| point[index].as_slice()).collect();
        if at_points.iter().any(|v| v.is_empty()) {
            found
                .left_out
                .insert((*quantity).to_owned(), "a point has no result, or none in which it is defined".to_owned());
            continue;
        }
        let means: Vec<f64> = at_points.iter().map(|v| mean(v)).collect();
        found.noise.insert((*quantity).to_owned(), noise(&at_points, &means));
        let varies = means.iter().any(|mean| mean.to_bits() != means[0].to_bits());
        let rows = if varies { rows(analysis, keys, quantity, &means) } else { Vec::new() };
        let behind = points_behind_variance(&means);
        if rows.is_empty() {
            found.left_out.insert((*quantity).to_owned(), NO_VARIANCE.to_owned());
        } else if analysis.method == Method::Sobol && behind < FEW_POINTS {
            let said = format!(
                "its variance rests on about {behind:.0} of {} points, so shares can be far off and their intervals too narrow; more base \
                 points or replicates help",
                means.len()
            );
            found.warnings.insert((*quantity).to_owned(), said);
        } else if rows.iter().filter_map(|row| row.shares).any(|s| [s.first, s.total].into_iter().any(says_little)) {
            let said = "an interval of a share is wider than a half or lies outside 0 to 1; more base points or replicates help";
            found.warnings.insert((*quantity).to_owned(), said.to_owned());
        }
        found.rows.extend(rows);
    }
    found
}

/// Whether the interval of a share leaves open whether a parameter matters, or is one that no share has.
fn says_little(share: Share) -> bool {
    share.high - share.low > WIDE || share.low > 1.0 || share.high < 0.0
}

fn rows(analysis: Analysis, keys: &[(String, bool)], quantity: &str, means: &[f64]) -> Vec<Row> {
    let seed = Seed(analysis.seed);
    let row = |key: &(String, bool), effect, shares| Row {
        parameter: key.0.clone(),
        quantity: quantity.to_owned(),
        lever: key.1,
        effect,
        shares,
    };
    match analysis.method {
        Method::Morris => {
            let (points, orders) = morris_points(analysis.base, keys.len(), seed);
            let effects = morris(&points, &orders, means);
            keys.iter().zip(effects).map(|(key, effect)| row(key, Some(effect), None)).collect()
        }
        Method::Sobol => {
            let shares = sobol(analysis.base, keys.len(), means, seed).unwrap_or_default();
            keys.iter().zip(shares).map(|(key, shares)| row(key, None, Some(shares))).collect()
        }
    }
}

/// Effective number of points that a variance rests on: all of them for one that each has a part in, few where few lie far out.
fn points_behind_variance(means: &[f64]) -> f64 {
    let middle = mean(means);
    let squares = || means.iter().map(|x| (x - middle) * (x - middle));
    let [sum, fourth] = [squares().sum::<f64>(), squares().map(|s| s * s).sum::<f64>()];
    if fourth > 0.0 { sum * sum / fourth } else { means.len() as f64 }
}

fn noise(at_points: &[&[f64]], means: &[f64]) -> Noise {
    let within: Vec<f64> = at_points.iter().filter_map(|v| variance(v)).collect();
    Noise {
        variance_of_replicates: (!within.is_empty()).then(|| mean(&within)),
        variance_of_means: variance(means).unwrap_or(0.0),
    }
}
