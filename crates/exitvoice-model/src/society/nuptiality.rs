//! The Coale-McNeil schedule: ages at first marriage, standardised to mean 0 and standard deviation 1.
//!
//! `g(z) = 1.2813 exp(-1.145 (z + .805) - exp(-1.896 (z + .805)))` (Rodriguez and Trussell 1980): ages rise steeply after the onset and
//! trail off slowly. `exp(-1.896 (z + .805))` has a gamma distribution of shape 1.145 / 1.896, by which the schedule is inverted. Most
//! draws read a table of quantiles with straight lines between them; the outermost cells, where a line would not do, are inverted.

use exitvoice_core::math;
use exitvoice_core::rng::sample;

/// Rise, fall and place of the schedule.
const FALL: f64 = 1.145;
const RISE: f64 = 1.896;
const PLACE: f64 = 0.805;
/// Cells of the table.
const CELLS: usize = 2_048;
/// Cells at either end that are inverted one by one.
const ENDS: usize = 1;

/// Quantiles of the standardised schedule.
#[derive(Clone, Debug)]
pub struct Nuptiality {
    quantiles: Vec<f64>,
}

impl Default for Nuptiality {
    fn default() -> Self {
        Self::new()
    }
}

impl Nuptiality {
    /// Tabulates the quantiles.
    #[must_use]
    pub fn new() -> Self {
        let inner = |cell: usize| if cell == 0 || cell == CELLS { 0.0 } else { quantile(cell as f64 / CELLS as f64) };
        Self { quantiles: (0..=CELLS).map(inner).collect() }
    }

    /// Standardised age at which a share `u` in (0, 1) of those who ever marry has married.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        let place = u * CELLS as f64;
        let cell = place as usize;
        if !(ENDS..CELLS - ENDS).contains(&cell) {
            return quantile(u);
        }
        let (low, high) = (self.quantiles[cell], self.quantiles[cell + 1]);
        low + (high - low) * (place - cell as f64)
    }
}

/// Quantile by inverting the gamma distribution behind the schedule: early ages belong to its upper tail.
fn quantile(u: f64) -> f64 {
    // A gamma variable of scale 1 has its shape as its mean.
    -math::ln(sample::gamma(1.0 - u, FALL / RISE, FALL / RISE)) / RISE - PLACE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Density of the standard schedule of Coale and McNeil 1972, in years since the onset.
    fn standard(x: f64) -> f64 {
        0.1946 * math::exp(-0.174 * (x - 6.06) - math::exp(-0.2881 * (x - 6.06)))
    }

    #[test]
    fn the_standard_schedule_has_its_published_mean_and_spread() {
        let step = 0.01;
        let points = || (0..20_000).map(|i| (f64::from(i) + 0.5) * step - 20.0);
        let all: f64 = points().map(|x| standard(x) * step).sum();
        let mean: f64 = points().map(|x| x * standard(x) * step).sum::<f64>() / all;
        let variance: f64 = points().map(|x| (x - mean) * (x - mean) * standard(x) * step).sum::<f64>() / all;
        // Four published digits of the coefficients.
        assert!((mean - 11.358).abs() < 0.01 && (variance.sqrt() - 6.582).abs() < 0.01, "{mean} {variance}");
    }

    #[test]
    fn quantiles_have_mean_zero_and_spread_one() {
        let schedule = Nuptiality::new();
        let n = 200_000;
        let draws = || (0..n).map(|i| schedule.quantile((f64::from(i) + 0.5) / f64::from(n)));
        let mean = draws().sum::<f64>() / f64::from(n);
        let variance = draws().map(|z| (z - mean) * (z - mean)).sum::<f64>() / f64::from(n);
        // The published coefficients have four digits.
        assert!(mean.abs() < 2e-3 && (variance - 1.0).abs() < 5e-3, "{mean} {variance}");
        let exact = |u: f64| (schedule.quantile(u) - quantile(u)).abs();
        assert!([0.004, 0.02, 0.3, 0.77, 0.99, 0.996].into_iter().all(|u| exact(u) < 1e-3));
    }
}
