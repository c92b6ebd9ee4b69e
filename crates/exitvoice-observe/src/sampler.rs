//! What the observers would have printed about a trajectory: the same rows, forms and dates, through the cells that are scored.

use crate::channel::counts::{Engine, junk_estimate};
use crate::channel::departures::Report;
use crate::channel::print::{PrintDraws, Printed, print};
use crate::likelihood::{Scorer, Truth};
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_record::Trajectory;
use std::collections::BTreeMap;

/// Who prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observers {
    /// Observers drawn from their prior: what claims could have been.
    Fresh,
    /// The observers behind the claims at hand, their shared errors drawn given these; errors of one row alone are drawn afresh.
    Conditioned,
}

/// A number that would have been printed in the place of a scored row.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintedClaim {
    /// The row.
    pub id: String,
    /// As `low` of a claims file.
    pub low: Option<f64>,
    /// As `value`.
    pub value: Option<f64>,
    /// As `high`.
    pub high: Option<f64>,
}

impl PrintedClaim {
    fn new(id: &str, printed: Printed) -> Self {
        let (low, value, high) = match printed {
            Printed::About(v) | Printed::Share(v) => (None, Some(v), None),
            Printed::AtLeast(v) => (Some(v), Some(v), None),
            Printed::AtMost(v) => (None, Some(v), Some(v)),
            Printed::Interval(low, high) => (Some(low), None, Some(high)),
        };
        Self { id: id.to_owned(), low, value, high }
    }

    /// One number for comparisons: the number itself, or the geometric middle of an interval.
    #[must_use]
    pub fn number(&self) -> f64 {
        let middle = || self.low.zip(self.high).map(|(low, high)| (low * high).sqrt());
        self.value.or_else(middle).unwrap_or(f64::NAN)
    }
}

/// One draw of everything that could have been printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// Counts and prisoners, in the order of scoring.
    pub claims: Vec<PrintedClaim>,
    /// Unnamed reports of departures until the as-of day.
    pub reports: Vec<Report>,
    /// Deserters announced on record.
    pub announced: u64,
}

/// Middle and ends of what would have been printed for one row, beside what was.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictiveInterval {
    /// The row.
    pub id: String,
    /// What was printed.
    pub observed: f64,
    /// Lower end.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Upper end.
    pub high: f64,
}

impl Scorer {
    /// Draws what would have been printed about a trajectory.
    #[must_use]
    pub fn simulate(&self, truth: &Truth<'_>, seed: Seed, observers: Observers) -> Simulated {
        let mut claims = self.simulate_counts(truth, seed, observers);
        let detection = Draws::new(seed, Purpose::ReportDelay);
        let prisoners = self.prisoners.simulate(truth.trajectory, |number, what| detection.uniform(number, what));
        for (count, n) in self.prisoners.counts.iter().zip(prisoners) {
            claims.push(PrintedClaim { id: count.id.clone(), low: None, value: Some(n as f64), high: None });
        }
        let departures = Draws::new(seed, Purpose::Departures);
        let false_reports = Draws::new(seed, Purpose::FalseReport);
        // Reports use small first inputs; announcements stand apart.
        let announced = self.announcements.simulate(truth.trajectory, |i| departures.uniform(u64::MAX, i));
        Simulated { claims, reports: self.departures.simulate(truth, departures, false_reports), announced }
    }

    /// The same of one world with a truth of its own, whose prisoners are counted as it holds them. [`Self::simulate`] draws captures anew,
    /// which is what the likelihood averages over; it leaves out who dies in custody later, as the likelihood does.
    #[must_use]
    pub fn simulate_world(&self, trajectory: &Trajectory, seed: Seed, observers: Observers) -> Simulated {
        let mut found = self.simulate(&Truth::new(trajectory), seed, observers);
        let detection = Draws::new(seed, Purpose::ReportDelay);
        let prisoners = self.prisoners.of_custody(trajectory, |number, what| detection.uniform(number, what));
        // Counts of prisoners stand last, in their order.
        let rows = self.layout.rows.len();
        for (claim, n) in found.claims.iter_mut().skip(rows).zip(prisoners) {
            claim.value = Some(n as f64);
        }
        found
    }

    fn simulate_counts(&self, truth: &Truth<'_>, seed: Seed, observers: Observers) -> Vec<PrintedClaim> {
        let draws = if observers == Observers::Fresh { 1 } else { self.draws };
        let mut engine = Engine::new(&self.layout, &self.laws, draws, truth.trajectory, seed);
        let mixing = match observers {
            Observers::Fresh => engine.fresh(),
            Observers::Conditioned => {
                let ln_weights: Vec<f64> = (0..draws).map(|draw| engine.conditioned(draw)).collect();
                let highest = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let weights: Vec<f64> = ln_weights.iter().map(|w| math::exp(w - highest)).collect();
                let u = Draws::new(seed, Purpose::ObserverNuisance).block(u64::MAX, 0);
                // Impossible claims (all weights zero) say nothing about the observers: the first draw is as good as any.
                let pick = if highest.is_finite() { sample::categorical(u.uniform(), &weights) } else { 0 };
                let _ = engine.conditioned(pick);
                engine.pick_mixing(u.second())
            }
        };
        let (noise, junk) = (Draws::new(seed, Purpose::ReadingError), Draws::new(seed, Purpose::Junk));
        let printing = Draws::new(seed, Purpose::Printing);
        let hyper = engine.work().hyper;
        let each = |(number, row): (usize, &crate::channel::layout::CountRow)| {
            let address = number as u64;
            let estimate = if junk.uniform(u64::MAX, address) < mixing.junk[row.source_grade] {
                junk_estimate(noise.uniform(address, 0))
            } else {
                sample::normal(noise.uniform(address, 0), engine.mean(number)[0], engine.work().sd[number])
            };
            let block = printing.block(address, 0);
            let place = PrintDraws { grain: block.uniform(), place: block.second() };
            PrintedClaim::new(&row.id, print(row.printed, estimate, mixing.coarse, hyper.margins[row.margin], place))
        };
        self.layout.rows.iter().enumerate().map(each).collect()
    }

    /// Living prisoners counted, and deserters announced on record, as they would be told at the end of each of `days`.
    #[must_use]
    pub fn told(&self, trajectory: &Trajectory, days: &[i32], seed: Seed) -> Vec<[u64; 2]> {
        let (detection, departures) = (Draws::new(seed, Purpose::ReportDelay), Draws::new(seed, Purpose::Departures));
        let at = |day: &i32| {
            let alive = u64::try_from(Trajectory::total(&trajectory.custody, *day)).unwrap_or(0);
            let counted = self.prisoners.counted(alive, |what| detection.uniform(u64::MAX, what));
            [counted, self.announcements.until(*day).simulate(trajectory, |i| departures.uniform(u64::MAX, i))]
        };
        days.iter().map(at).collect()
    }

    /// What was printed, in the form of a simulation.
    #[must_use]
    pub fn observed(&self) -> Vec<PrintedClaim> {
        let counts = self.layout.rows.iter().map(|row| PrintedClaim::new(&row.id, row.printed));
        let exact = |c: &crate::channel::prisoners::Count| PrintedClaim {
            id: c.id.clone(),
            low: None,
            value: Some(c.n as f64),
            high: None,
        };
        counts.chain(self.prisoners.counts.iter().map(exact)).collect()
    }

    /// Central intervals of probability `level` over simulations, one for each row of counts and prisoners.
    #[must_use]
    pub fn predictive_intervals(&self, simulated: &[Simulated], level: f64) -> Vec<PredictiveInterval> {
        let mut numbers: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for claim in simulated.iter().flat_map(|s| &s.claims) {
            numbers.entry(&claim.id).or_default().push(claim.number());
        }
        let of = |claim: PrintedClaim| {
            let mut list = numbers.remove(claim.id.as_str())?;
            list.sort_by(f64::total_cmp);
            let at = |p: f64| list[sample::index(p, list.len())];
            let tail = 0.5 * (1.0 - level);
            let (low, median, high) = (at(tail), at(0.5), at(1.0 - tail));
            Some(PredictiveInterval { observed: claim.number(), id: claim.id, low, median, high })
        };
        self.observed().into_iter().filter_map(of).collect()
    }
}
