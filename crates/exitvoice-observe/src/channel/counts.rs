//! # Counts
//! Probability of the printed totals given a trajectory, all errors of the observers integrated out.
//!
//! ## Equation
//! log C^ = log(C~ + 1/2) + a_g + u_s + e_b,  logit Q^ = log((K~ + 1/2) / (W~ + 1/2)) + v_s + f_b,  K^ = C^ Q^,  W^ = C^ (1 - Q^).
//! With phi = (a, u, v, e, f) and hyperparameters h: p(y | x) = E_h[ integral of prod_rows p(y_i | x, phi, h) p(phi | h) ], estimated
//! by M draws h from their prior, and for each one phi from q, the normal posterior that treats every row as an estimate with a
//! normal error: (1/M) sum of prod_rows p(y_i | x, phi, h) p(phi | h) / q(phi). Unbiased for any q. Where rows that agree among each other
//! contradict the truth, the errors may be large or the rows free of the truth: q is then a mixture of the posterior found from the rows and
//! the one found from the prior, weighted by their evidence.
//!
//! ## Symbols
//! C~, K~, W~ known incidents, dead, wounded (`delay`); rows and shared errors (`layout`); cells (`print`)
//! ## Resolution
//! the half-made sum runs over M points of a Latin hypercube: each point is uniform, together they spread
//! ## Not modelled
//! over-claim and under-count of one total apart: only their net factor
//! ## Sources
//! definitions of this project
//! ## Claims
//! - C1 the estimate is unbiased (`the_estimate_is_unbiased`)
//! - C2 its variance is small where the bulk of the posterior lies (`the_estimate_varies_little`)

mod estimates;

use super::delay::Ledger;
use super::dense::{factor, latin_hypercube, solve};
use super::layout::{CountRow, Layout, Mean, SHARED, variance};
use super::mixture::{Alternatives, Pool};
use super::proposal::Normal;
use crate::nuisance::{HYPER, Hyper, HyperLaws, Mixing};
use estimates::Estimates;
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_record::Trajectory;

/// Mean and standard deviation of the log of a number that is free of the truth: log 1000, 2.
const JUNK_LN_MEAN: f64 = 6.907_755_278_982_137;
const JUNK_LN_SD: f64 = 2.0;
/// Added to a count before its logarithm.
const HALF: f64 = 0.5;
/// Linearisations of the split, every row taken as true.
const TRUSTING_ROUNDS: usize = 2;
/// Further rounds in which rows count as far as they are likely not to be junk; the last one centres the proposal.
const DOUBTING_ROUNDS: usize = 1;
/// The same for the proposal that starts from the prior and trusts no row beforehand.
const ROUNDS_FROM_PRIOR: usize = 3;
/// Least share of either where there are two.
const LEAST_SHARE: f64 = 0.1;
/// Numbers of the two proposals.
const FROM_ROWS: usize = 0;
const FROM_PRIOR: usize = 1;

/// Columns that rows read.
const COLUMNS: usize = 8;

/// What one trajectory and one call need: filled once per call, no allocation per draw.
pub(crate) struct Engine<'a> {
    layout: &'a Layout,
    laws: &'a HyperLaws,
    draws: usize,
    /// What happened, as known to each group.
    ledgers: [Ledger<COLUMNS>; 2],
    /// Points of the unit cube, draw by draw.
    cube: Vec<f64>,
    pool: Pool,
    /// Probability of each row as junk, by grain; rows with a margin are filled in with it.
    as_junk: Vec<[f64; 2]>,
    estimates: Estimates,
    work: Work,
}

/// State of the current draw.
pub(crate) struct Work {
    pub(crate) hyper: Hyper,
    /// Standardised errors.
    errors: Vec<f64>,
    scale: Vec<f64>,
    /// By row: log level, log odds, standard deviation of the estimate.
    level: Vec<f64>,
    odds: Vec<f64>,
    pub(crate) sd: Vec<f64>,
    /// Upper triangle of the precision of the errors, or its factor.
    precision: Vec<f64>,
    score: Vec<f64>,
    noise: Vec<f64>,
    trusted: Vec<bool>,
    laws: [Normal; 2],
}

/// The columns of a trajectory, in the order of the ledgers.
fn columns(trajectory: &Trajectory) -> [&[i32]; COLUMNS] {
    [
        &trajectory.incidents,
        &trajectory.killed,
        &trajectory.sent,
        &trajectory.incidents_first,
        &trajectory.killed_first,
        &trajectory.sent_first,
        &trajectory.present,
        &trajectory.returned,
    ]
}
const INCIDENTS: usize = 0;
const KILLED: usize = 1;
const SENT: usize = 2;
/// From a column of the force to that of the first contingent.
const FIRST: usize = 3;
const PRESENT: usize = 6;
const RETURNED: usize = 7;

impl<'a> Engine<'a> {
    pub(crate) fn new(
        layout: &'a Layout,
        laws: &'a HyperLaws,
        draws: usize,
        trajectory: &Trajectory,
        seed: Seed,
    ) -> Self {
        // Both groups start from the same sums; each has its own delay.
        let ledger = Ledger::new(columns(trajectory), layout.days);
        let ledgers = [ledger.clone(), ledger];
        let (rows, errors) = (layout.rows.len(), layout.errors.len());
        let work = Work {
            hyper: laws.at(&[0.5; HYPER]),
            errors: vec![0.0; errors],
            scale: vec![0.0; errors],
            level: vec![0.0; rows],
            odds: vec![0.0; rows],
            sd: vec![0.0; rows],
            precision: vec![0.0; errors * errors],
            score: vec![0.0; errors],
            noise: vec![0.0; errors],
            trusted: vec![true; rows],
            laws: [Normal::new(errors, rows), Normal::new(errors, rows)],
        };
        let cube = latin_hypercube(Draws::new(seed, Purpose::ObserverNuisance), draws, HYPER + errors + 1);
        let pool = Pool::new(laws, seed);
        let junk = |row: &CountRow| {
            if row.cells.has_margin() { [0.0; 2] } else { row.cells.by_grain(JUNK_LN_MEAN, JUNK_LN_SD, 1.0) }
        };
        let as_junk = layout.rows.iter().map(junk).collect();
        Self { layout, laws, draws, ledgers, cube, pool, as_junk, estimates: Estimates::new(layout), work }
    }

    /// ln of the estimate over all draws.
    pub(crate) fn ln_likelihood(&mut self) -> f64 {
        if self.layout.rows.is_empty() {
            return 0.0;
        }
        let mut terms = vec![0.0; self.draws];
        for (draw, term) in terms.iter_mut().enumerate() {
            *term = self.conditioned(draw);
        }
        math::ln_sum_exp(&terms) - math::ln(self.draws as f64)
    }

    /// Draws hyperparameters from their prior and errors from the proposal; returns ln of p(y, errors) / q(errors).
    pub(crate) fn conditioned(&mut self, draw: usize) -> f64 {
        self.set_truth(draw);
        let ln_proposal = self.propose(draw);
        let total = -ln_proposal - 0.5 * self.work.errors.iter().map(|error| error * error).sum::<f64>();
        let Self { estimates, layout, work, as_junk, pool, .. } = self;
        estimates.set_means(layout, work);
        // Probabilities of what each row printed.
        let printed = |(number, mean): (&usize, &[f64; 3])| {
            let row = &layout.rows[*number];
            let sound = row.cells.by_grain(mean[0], work.sd[*number], work.hyper.margins[row.margin]);
            Alternatives { source_grade: row.source_grade, sound, junk: as_junk[*number] }
        };
        total + pool.average(draw, estimates.rows.iter().zip(&estimates.means).map(printed))
    }

    /// Junk and grain of the draw that was conditioned last.
    pub(crate) fn pick_mixing(&self, u: f64) -> Mixing {
        self.pool.pick(u)
    }

    /// Draws hyperparameters and errors from their prior: observers that have printed nothing yet. Returns junk and grain.
    pub(crate) fn fresh(&mut self) -> Mixing {
        self.set_truth(0);
        self.work.errors.copy_from_slice(&self.work.noise);
        self.pool.point(0)
    }

    /// Dimensions of a point of the cube: hyperparameters, errors, and which law these are drawn from.
    fn width(&self) -> usize {
        HYPER + self.layout.errors.len() + 1
    }

    /// Hyperparameters of a draw, what the sources know under them, and the standard normals of the errors.
    fn set_truth(&mut self, draw: usize) {
        let width = self.width();
        let point = &self.cube[draw * width..(draw + 1) * width];
        let hyper = self.laws.at(&point[..HYPER]);
        let work = &mut self.work;
        work.hyper = hyper;
        for (noise, u) in work.noise.iter_mut().zip(&point[HYPER..width - 1]) {
            *noise = math::normal_quantile(*u);
        }
        for (scale, parts) in work.scale.iter_mut().zip(&self.layout.errors) {
            *scale = variance(parts, &hyper, self.laws).sqrt();
        }
        for (ledger, fast_days) in self.ledgers.iter_mut().zip(hyper.delays) {
            ledger.set_fast(fast_days);
        }
        for (i, row) in self.layout.rows.iter().enumerate() {
            let (level, odds) = truth(row, &self.ledgers[row.group]);
            work.level[i] = level + row.bias_mean(self.laws);
            work.odds[i] = odds;
            work.sd[i] = row.variance(&hyper, self.laws).sqrt();
            if row.cells.has_margin() {
                self.as_junk[i] = row.cells.by_grain(JUNK_LN_MEAN, JUNK_LN_SD, hyper.margins[row.margin]);
            }
        }
        self.estimates.set_draw(self.layout, &self.work, &self.as_junk);
    }

    /// Mean of a row's log estimate, and its slopes along level and split errors.
    pub(crate) fn mean(&self, number: usize) -> [f64; 3] {
        let row = &self.layout.rows[number];
        let (level, odds) = estimates::sums(row, number, &self.work);
        let (ln_share, rest) = if row.mean.has_split() { math::ln_logistic_and_rest(odds) } else { (0.0, 0.0) };
        estimates::mean_and_slopes(row, level, ln_share, rest)
    }

    /// Moves the errors to a draw from the proposal and returns its ln density there, without the factor of the normal law.
    fn propose(&mut self, draw: usize) -> f64 {
        let layout = self.layout;
        self.work.errors.fill(0.0);
        self.estimates.set_means(self.layout, &self.work);
        self.estimates.keep_means_without();
        self.linearise(false);
        self.settle((1..TRUSTING_ROUNDS).map(|_| false).chain([true; DOUBTING_ROUNDS]), FROM_ROWS);
        self.work.errors.fill(0.0);
        self.estimates.set_means_without();
        self.linearise(true);
        // Rows that the prior trusts or doubts alike leave no second way.
        let mut two_ways = self.work.trusted != self.work.laws[FROM_ROWS].trusted;
        if two_ways {
            self.settle((1..ROUNDS_FROM_PRIOR).map(|_| true), FROM_PRIOR);
            two_ways = self.work.laws[FROM_PRIOR].trusted != self.work.laws[FROM_ROWS].trusted;
        }
        if !two_ways {
            let Work { laws, noise, errors, .. } = &mut self.work;
            laws[FROM_ROWS].draw(&layout.pattern, noise, errors);
            return laws[FROM_ROWS].ln_density(&layout.pattern, errors);
        }
        let [rows, prior] = [FROM_ROWS, FROM_PRIOR].map(|law| self.ln_evidence(law));
        // Both can be impossible.
        let odds = rows - prior;
        let share = math::logistic(if odds.is_nan() { 0.0 } else { odds }).clamp(LEAST_SHARE, 1.0 - LEAST_SHARE);
        let width = self.width();
        let first = self.cube[draw * width + width - 1] < share;
        let Work { laws, noise, errors, .. } = &mut self.work;
        laws[if first { FROM_ROWS } else { FROM_PRIOR }].draw(&layout.pattern, noise, errors);
        let [rows, prior] = [FROM_ROWS, FROM_PRIOR].map(|law| laws[law].ln_density(&layout.pattern, errors));
        math::ln_sum_exp(&[math::ln(share) + rows, math::ln(1.0 - share) + prior])
    }

    /// ln of the probability of the rows around a law's mean, about: rows as estimates with a normal error or free of the truth.
    fn ln_evidence(&mut self, law: usize) -> f64 {
        self.work.errors.copy_from_slice(self.work.laws[law].mean());
        self.estimates.set_means(self.layout, &self.work);
        self.estimates.ln_evidence(self.work.laws[law].ln_mass())
    }

    /// Finds a normal posterior of the errors, from where they were linearised on in further rounds, doubting or not; it becomes law number
    /// `law`.
    fn settle(&mut self, further: impl Iterator<Item = bool>, law: usize) {
        let mut half_ln_determinant = self.step();
        for doubting in further {
            self.estimates.set_means(self.layout, &self.work);
            self.linearise(doubting);
            half_ln_determinant = self.step();
        }
        let Work { precision, errors, trusted, laws, .. } = &mut self.work;
        laws[law].set(errors, precision, half_ln_determinant, trusted);
    }

    /// Moves the errors to the mean of the linearised posterior, factors its precision and returns half the ln determinant.
    fn step(&mut self) -> f64 {
        let Work { precision, score, errors, .. } = &mut self.work;
        let half_ln_determinant = factor(precision, &self.layout.pattern);
        solve(precision, &self.layout.pattern, score);
        errors.copy_from_slice(score);
        half_ln_determinant
    }

    /// Precision and score of the normal posterior, every row taken as its suggested estimate with a normal error. Means must be those of the
    /// current errors.
    fn linearise(&mut self, doubting: bool) {
        let Self { estimates, layout, work, .. } = self;
        let n = work.errors.len();
        work.precision.fill(0.0);
        work.score.fill(0.0);
        for k in 0..n {
            work.precision[k * n + k] = 1.0;
        }
        estimates.judge(doubting);
        for (position, i) in estimates.rows.iter().enumerate() {
            let row = &layout.rows[*i];
            let [_, along_level, along_split] = estimates.means[position];
            let mut residual = estimates.residual(position);
            let trust = estimates.trust[position];
            work.trusted[*i] = trust >= 0.5;
            let weight = trust / estimates.variance[position];
            let levels = row.level.iter().map(|k| (*k, along_level));
            let splits = row.split.iter().map(|k| (*k, along_split));
            let mut touched = [(0, 0.0); SHARED];
            let count = row.level.len() + row.split.len();
            for (touched, (k, along)) in touched.iter_mut().zip(levels.chain(splits)) {
                let slope = along * work.scale[k];
                residual += slope * work.errors[k];
                *touched = (k, slope);
            }
            for (k, slope) in &touched[..count] {
                let weighed = weight * slope;
                work.score[*k] += weighed * residual;
                for (l, slope) in touched[..count].iter().filter(|(l, _)| l <= k) {
                    work.precision[l * n + k] += weighed * slope;
                }
            }
        }
    }

    /// The current draw.
    pub(crate) const fn work(&self) -> &Work {
        &self.work
    }
}

/// Log estimate of a row whose number is free of the truth.
pub(crate) fn junk_estimate(u: f64) -> f64 {
    sample::normal(u, JUNK_LN_MEAN, JUNK_LN_SD)
}

/// Ledger columns that a row reads.
fn reads(row: &CountRow) -> [Option<usize>; 3] {
    let first = if row.first { FIRST } else { 0 };
    match row.mean {
        Mean::Casualties => [Some(INCIDENTS + first), None, None],
        Mean::Killed | Mean::Wounded | Mean::ShareKilled => [Some(INCIDENTS + first), Some(KILLED + first), None],
        Mean::ShareCasualties => [Some(INCIDENTS + first), None, Some(SENT + first)],
        Mean::Sent => [None, None, Some(SENT + first)],
        Mean::Present => [Some(PRESENT), None, None],
        Mean::Returned => [Some(RETURNED), None, None],
    }
}

/// Log level and log odds of what a group of sources knows.
fn truth(row: &CountRow, ledger: &Ledger<COLUMNS>) -> (f64, f64) {
    let known = |column: Option<usize>, after| column.map_or(0.0, |c| ledger.known(c, after, row.to));
    let [count, killed, sent] = reads(row);
    match row.mean {
        Mean::Sent => (math::ln(known(sent, row.after) + HALF), 0.0),
        // The denominator is everybody sent by the as-of day, whatever the window of the casualties.
        Mean::ShareCasualties => {
            (math::ln(known(count, row.after) + HALF) - math::ln(known(sent, None).max(HALF)), 0.0)
        }
        Mean::Killed | Mean::Wounded | Mean::ShareKilled => {
            let (count, killed) = (known(count, row.after), known(killed, row.after));
            // In a window, deaths of earlier wounds can exceed the incidents: nobody is then left wounded.
            let wounded = (count - killed).max(0.0);
            (math::ln(count + HALF), math::ln((killed + HALF) / (wounded + HALF)))
        }
        Mean::Casualties | Mean::Present | Mean::Returned => (math::ln(known(count, row.after) + HALF), 0.0),
    }
}

#[cfg(test)]
mod tests;
