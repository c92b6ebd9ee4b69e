//! Printed rows as normal estimates under the current errors: their means and slopes, and how far each is trusted. Rows stand in columns, so that
//! exponentials and logarithms are taken of many rows at once; each has the bits that it would have alone.

use super::super::layout::{CountRow, Layout, Mean};
use super::super::print::Suggestion;
use super::Work;
use exitvoice_core::lanes;

/// Odds of junk when a row is judged, halfway between the grades.
const TYPICAL_JUNK: f64 = 0.15;
/// Spread of the mean that is allowed for when a row is judged as junk.
const DOUBT_SD: f64 = 0.1;

/// Log level and log odds of a row under the current errors; the odds are those of the side that it counts, 0 where there is none.
pub(super) fn sums(row: &CountRow, number: usize, work: &Work) -> (f64, f64) {
    let sum = |indices: &[usize]| indices.iter().map(|k| work.scale[*k] * work.errors[*k]).sum::<f64>();
    let level = work.level[number] + sum(&row.level);
    if !row.mean.has_split() {
        return (level, 0.0);
    }
    let odds = work.odds[number] + sum(&row.split);
    (level, if row.mean == Mean::Wounded { -odds } else { odds })
}

/// Mean of a row's log estimate and its slopes along level and split errors, from its log level, the log of its share and the rest of it.
pub(super) const fn mean_and_slopes(row: &CountRow, level: f64, ln_share: f64, rest: f64) -> [f64; 3] {
    match row.mean {
        Mean::Wounded => [level + ln_share, 1.0, -rest],
        Mean::Killed => [level + ln_share, 1.0, rest],
        Mean::ShareKilled => [ln_share, 0.0, rest],
        Mean::Casualties | Mean::ShareCasualties | Mean::Sent | Mean::Present | Mean::Returned => [level, 1.0, 0.0],
    }
}

/// The printed rows.
pub(super) struct Estimates {
    /// Their numbers among all rows.
    pub(super) rows: Vec<usize>,
    /// By printed row: the estimate that its number suggests under the current draw.
    suggested: Vec<Suggestion>,
    /// Its variance with that of the row's own errors; weight of the row as junk.
    pub(super) variance: Vec<f64>,
    noise: Vec<f64>,
    /// Mean and slopes under the current errors, and under none.
    pub(super) means: Vec<[f64; 3]>,
    means_without: Vec<[f64; 3]>,
    /// Of the rows with a split: log odds, then the log of their share; and the rest of it.
    shares: Vec<f64>,
    rests: Vec<f64>,
    /// Weight of each row as an estimate; on the way its exponent, and the logarithm of what it and junk weigh.
    weight: Vec<f64>,
    /// How far each row is trusted.
    pub(super) trust: Vec<f64>,
}

impl Estimates {
    pub(super) fn new(layout: &Layout) -> Self {
        let rows: Vec<usize> = (0..layout.rows.len()).filter(|i| layout.rows[*i].scored).collect();
        let splits = rows.iter().filter(|i| layout.rows[**i].mean.has_split()).count();
        let n = rows.len();
        Self {
            rows,
            suggested: Vec::with_capacity(n),
            variance: Vec::with_capacity(n),
            noise: Vec::with_capacity(n),
            means: vec![[0.0; 3]; n],
            means_without: vec![[0.0; 3]; n],
            shares: Vec::with_capacity(splits),
            rests: vec![0.0; splits],
            weight: Vec::with_capacity(n),
            trust: vec![1.0; n],
        }
    }

    /// Takes over the hyperparameters of a draw.
    pub(super) fn set_draw(&mut self, layout: &Layout, work: &Work, as_junk: &[[f64; 2]]) {
        self.suggested.clear();
        self.variance.clear();
        self.noise.clear();
        for i in &self.rows {
            let row = &layout.rows[*i];
            let suggestion = row.cells.suggestion(work.hyper.margins[row.margin]);
            self.suggested.push(suggestion);
            self.variance.push(work.sd[*i] * work.sd[*i] + suggestion.variance);
            self.noise.push(TYPICAL_JUNK * (as_junk[*i][0] + as_junk[*i][1]));
        }
    }

    /// Means and slopes under the current errors.
    pub(super) fn set_means(&mut self, layout: &Layout, work: &Work) {
        self.shares.clear();
        for (i, mean) in self.rows.iter().zip(&mut self.means) {
            let row = &layout.rows[*i];
            let (level, odds) = sums(row, *i, work);
            mean[0] = level;
            if row.mean.has_split() {
                self.shares.push(odds);
            }
        }
        lanes::ln_logistic_and_rest_each(&mut self.shares, &mut self.rests);
        let mut split = self.shares.iter().zip(&self.rests);
        for (i, mean) in self.rows.iter().zip(&mut self.means) {
            let row = &layout.rows[*i];
            let (ln_share, rest) =
                if row.mean.has_split() { split.next().expect("one for each row with a split") } else { (&0.0, &0.0) };
            *mean = mean_and_slopes(row, mean[0], *ln_share, *rest);
        }
    }

    /// Keeps the means as those under no errors.
    pub(super) fn keep_means_without(&mut self) {
        self.means_without.copy_from_slice(&self.means);
    }

    /// Sets means and slopes to those under no errors, as they were kept.
    pub(super) fn set_means_without(&mut self) {
        self.means.copy_from_slice(&self.means_without);
    }

    /// Distance of what a printed row suggests from its mean.
    pub(super) fn residual(&self, position: usize) -> f64 {
        self.suggested[position].centre - self.means[position][0]
    }

    /// Weight of each row as an estimate, its error being normal and its mean uncertain.
    fn weigh(&mut self) {
        let total = |variance: f64| variance + DOUBT_SD * DOUBT_SD;
        self.weight.clear();
        for (position, variance) in self.variance.iter().enumerate() {
            let residual = self.residual(position);
            self.weight.push(-0.5 * residual * residual / total(*variance));
        }
        lanes::exp_each(&mut self.weight);
        for ((weight, suggestion), variance) in self.weight.iter_mut().zip(&self.suggested).zip(&self.variance) {
            *weight = suggestion.width * *weight / total(*variance).sqrt();
        }
    }

    /// Judges each row: the probability that it is not junk if `doubting`, else 1.
    pub(super) fn judge(&mut self, doubting: bool) {
        if !doubting {
            self.trust.fill(1.0);
            return;
        }
        self.weigh();
        for ((trust, weight), noise) in self.trust.iter_mut().zip(&self.weight).zip(&self.noise) {
            *trust = if *weight > 0.0 { weight / (weight + noise) } else { 0.0 };
        }
    }

    /// `total` with the ln of the probability of each row as an estimate or as junk added.
    pub(super) fn ln_evidence(&mut self, total: f64) -> f64 {
        self.weigh();
        self.weight.iter_mut().zip(&self.noise).for_each(|(weight, noise)| *weight += noise);
        lanes::ln_each(&mut self.weight);
        self.weight.iter().fold(total, |total, ln| total + ln)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::math;

    /// One row that is off by `residual`.
    fn row(residual: f64, variance: f64, width: f64, junk: [f64; 2]) -> Estimates {
        Estimates {
            rows: vec![0],
            suggested: vec![Suggestion { centre: residual, variance: 0.0, width }],
            variance: vec![variance],
            noise: vec![TYPICAL_JUNK * (junk[0] + junk[1])],
            means: vec![[0.0; 3]],
            means_without: vec![[0.0; 3]],
            shares: Vec::new(),
            rests: Vec::new(),
            weight: Vec::new(),
            trust: vec![1.0],
        }
    }

    #[test]
    fn a_row_is_trusted_by_its_odds_against_junk() {
        let spread = |variance: f64| (variance + DOUBT_SD * DOUBT_SD).sqrt();
        for (residual, variance, width, junk) in
            [(0.0, 0.04, 0.1, [0.002, 0.001]), (0.5, 0.09, 0.02, [0.01, 0.0]), (3.0, 0.04, 0.1, [0.002, 0.001])]
        {
            let z: f64 = residual / spread(variance);
            let sound = width * math::exp(-0.5 * z * z) / spread(variance);
            let noise = TYPICAL_JUNK * (junk[0] + junk[1]);
            let mut estimates = row(residual, variance, width, junk);
            estimates.judge(true);
            assert!((estimates.trust[0] - sound / (sound + noise)).abs() < 1e-12, "{:?}", estimates.trust);
            assert!((estimates.ln_evidence(2.0) - 2.0 - math::ln(sound + noise)).abs() < 1e-12);
            estimates.judge(false);
            assert!((estimates.trust[0] - 1.0).abs() < 1e-15);
        }
        let trust = |mut estimates: Estimates| {
            estimates.judge(true);
            estimates.trust[0]
        };
        assert!((trust(row(0.2, 0.04, 0.1, [0.0; 2])) - 1.0).abs() < 1e-15, "nothing else explains it");
        assert!(trust(row(1e3, 0.04, 0.1, [0.0; 2])).abs() < 1e-15, "impossible either way");
    }
}
