//! The likelihood of a set of claims given one trajectory, everything about the observers integrated out.
//!
//! `ln L = counts + prisoners + exits`. The counts are an unbiased Monte-Carlo estimate whose seed the caller renews at every proposal;
//! the other two are sums and integrals without noise. With no scored row every factor is 1.

use crate::channel::announcements::Announcements;
use crate::channel::counts::Engine;
use crate::channel::departures::Departures;
use crate::channel::exits::Exits;
use crate::channel::false_reports;
use crate::channel::layout::Layout;
use crate::channel::matching::{Event, lags_over};
use crate::channel::prisoners::Prisoners;
use crate::claim::{Claim, ClaimSet};
use crate::error::ClaimError;
use crate::nuisance::{HyperLaws, ObserverLaws};
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_record::{Expected, Trajectory};

/// One in so many draws of the observers' parameters makes a rough estimate.
const ROUGH: usize = 8;

/// Whether a deserter who reached the other side would have been announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Announcing is the rule: silence says something.
    Complete,
    /// Nothing follows from silence.
    Incomplete,
}

/// What the truths that are scored know of departures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeparturesAs {
    /// Those that took place.
    Events,
    /// Rates at which they take place ([`Truth::with_expected`]): then reports may lie close together in greater numbers.
    Rates,
}

/// Most reports that may share departures, and most in all: where these took place, and where they are given as rates.
const MOST_BY_EVENT: [usize; 2] = [8, 100];
const MOST_BY_RATE: [usize; 2] = [64, false_reports::MOST_FALSE];

impl DeparturesAs {
    /// Most reports that may share departures.
    pub(crate) const fn most_together(self) -> usize {
        self.most()[0]
    }

    /// Most reports in all: all of them may be false, and the sums over rates of false reports are exact for so many.
    pub(crate) const fn most_in_all(self) -> usize {
        self.most()[1]
    }

    const fn most(self) -> [usize; 2] {
        match self {
            Self::Events => MOST_BY_EVENT,
            Self::Rates => MOST_BY_RATE,
        }
    }
}

/// How claims are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScorerSettings {
    /// First day of the deployment.
    pub day_zero: Day,
    /// Last day on which reports and announcements could have come.
    pub as_of: Day,
    /// Whether silence says something.
    pub completeness: Completeness,
    /// What truths know of their departures.
    pub departures: DeparturesAs,
    /// Draws of the observers' parameters per evaluation (at least 1).
    pub draws: usize,
}

/// What happened, as far as channels may see it: a trajectory, and the intensities behind its rare events.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    /// Daily counts.
    pub trajectory: &'a Trajectory,
    expected: Option<&'a Expected>,
}

impl<'a> Truth<'a> {
    /// A trajectory whose rare events are those that took place.
    #[must_use]
    pub const fn new(trajectory: &'a Trajectory) -> Self {
        Self { trajectory, expected: None }
    }

    /// Scores departures, arrivals of deserters and captures by their intensities: the realised ones do not count any more.
    #[must_use]
    pub const fn with_expected(mut self, expected: &'a Expected) -> Self {
        self.expected = Some(expected);
        self
    }

    pub(crate) const fn expected(&self) -> Option<&'a Expected> {
        self.expected
    }

    /// Realised departures from the front before day `end`, as they stand then.
    pub(crate) fn events(&self, end: i32) -> Vec<Event> {
        let departures = self.trajectory.departures.iter().filter(|d| d.at_front);
        departures
            .map(|d| (d.day as i32, d))
            .map(|(day, d)| Event { day, size: d.size, kind: d.kind, lags: lags_over(day, end) })
            .filter(|e| e.day < end && e.size > 0)
            .collect()
    }
}

/// Natural logarithms of the three factors of a likelihood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Totals, shares and head counts.
    pub counts: f64,
    /// Exact counts of prisoners.
    pub prisoners: f64,
    /// Unnamed reports of departures and announcements of deserters, and days without one.
    pub exits: f64,
}

impl Factors {
    /// Their sum.
    #[must_use]
    pub const fn total(&self) -> f64 {
        self.counts + self.prisoners + self.exits
    }
}

/// ln of the joint weight of the reports and each reading of one of them, for one trajectory. The exponentials add up to the
/// likelihood of the reports; averaged over draws and normalised they are the probabilities of the readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventWeights {
    /// It describes a desertion; minus infinity where no such event lies within reach.
    pub ln_desertion: f64,
    /// It describes an absence.
    pub ln_absence: f64,
    /// It describes nothing.
    pub ln_nothing: f64,
}

/// One unnamed report of departures, as scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// Row that counts.
    pub id: String,
    /// Day of the deployment at which it is dated.
    pub day: i32,
    /// How many are said to have left.
    pub size: u32,
    /// Whether a later telling calls it an absence.
    pub retold: bool,
}

/// Claims made ready for scoring: built once, used for every trajectory from any thread.
#[derive(Clone, Debug)]
pub struct Scorer {
    pub(crate) layout: Layout,
    pub(crate) laws: HyperLaws,
    pub(crate) prisoners: Prisoners,
    pub(crate) departures: Departures,
    pub(crate) announcements: Announcements,
    pub(crate) draws: usize,
    pub(crate) scored: usize,
}

impl Scorer {
    /// Prepares the scored rows of a set.
    ///
    /// # Errors
    /// More reports of departures lie close together than can be summed over.
    pub fn new(set: &ClaimSet, settings: &ScorerSettings, laws: &ObserverLaws) -> Result<Self, ClaimError> {
        let as_of = settings.as_of - settings.day_zero;
        let claims: Vec<_> = set.scored().collect();
        let rows = claims.iter().copied();
        Ok(Self {
            layout: Layout::new(rows.clone(), settings.day_zero),
            laws: HyperLaws::new(laws),
            prisoners: Prisoners::new(rows.clone(), settings.day_zero, laws),
            departures: Departures::new(rows.clone(), settings, laws)?,
            announcements: Announcements::new(rows, as_of, settings.completeness, laws),
            draws: settings.draws.max(1),
            scored: claims.len(),
        })
    }

    /// The same, with rows of counts that nobody has printed: [`Scorer::simulate`] prints them, too, and they say nothing. `set` is the set
    /// that this scorer was made from.
    #[must_use]
    pub fn with_unprinted(&self, set: &ClaimSet, unprinted: &[Claim], day_zero: Day) -> Self {
        Self { layout: Layout::with_unprinted(set.scored(), unprinted, day_zero), ..self.clone() }
    }

    /// Number of rows that count.
    #[must_use]
    pub const fn scored(&self) -> usize {
        self.scored
    }

    /// ln of an unbiased estimate of p(claims | trajectory). Minus infinity where the claims are impossible; exactly 0 without rows.
    #[must_use]
    pub fn ln_likelihood(&self, truth: &Truth<'_>, seed: Seed) -> f64 {
        self.decompose(truth, seed).total()
    }

    /// The factors with fewer draws of the observers' parameters behind that of the counts: an eighth of the work, unbiased, and noisier. The
    /// other two take no draws, and are what [`Scorer::decompose`] gives.
    #[must_use]
    pub fn rough(&self, truth: &Truth<'_>, seed: Seed) -> Factors {
        self.factors(truth, seed, (self.draws / ROUGH).max(1))
    }

    /// ln of the factor of the counts alone: unbiased, exactly 0 without rows.
    #[must_use]
    pub fn ln_counts(&self, truth: &Truth<'_>, seed: Seed) -> f64 {
        if self.scored == 0 { 0.0 } else { self.counts(truth, seed, self.draws) }
    }

    fn counts(&self, truth: &Truth<'_>, seed: Seed, draws: usize) -> f64 {
        Engine::new(&self.layout, &self.laws, draws, truth.trajectory, seed).ln_likelihood()
    }

    /// The likelihood by factor.
    #[must_use]
    pub fn decompose(&self, truth: &Truth<'_>, seed: Seed) -> Factors {
        self.factors(truth, seed, self.draws)
    }

    fn factors(&self, truth: &Truth<'_>, seed: Seed, draws: usize) -> Factors {
        if self.scored == 0 {
            return Factors { counts: 0.0, prisoners: 0.0, exits: 0.0 };
        }
        Factors {
            counts: self.counts(truth, seed, draws),
            prisoners: self.prisoners.ln_likelihood(truth),
            exits: self.ln_exits(truth),
        }
    }

    /// The factors that depend on [`Completeness`]: reports of departures and announcements. Needs no seed; exactly 0 without rows.
    #[must_use]
    pub fn ln_exits(&self, truth: &Truth<'_>) -> f64 {
        if self.scored == 0 {
            return 0.0;
        }
        match truth.expected() {
            Some(expected) => Exits::new(self, expected, 1.0).ln_likelihood(),
            None => self.departures.ln_likelihood(truth) + self.announcements.ln_likelihood(truth.trajectory),
        }
    }

    /// Unnamed reports of departures, one per cluster, in order of their day.
    #[must_use]
    pub fn reports(&self) -> Vec<ReportRow> {
        let row = |c: &crate::channel::matching::Cluster| ReportRow {
            id: c.id.clone(),
            day: c.day,
            size: c.size,
            retold: c.retold,
        };
        self.departures.clusters.iter().map(row).collect()
    }

    /// ln weights of the readings of report number `report` of [`Scorer::reports`] for each rate of false reports per 30 days (`None`: with
    /// the rate integrated over its prior); the other reports are summed over. `desertions` multiplies the rates of desertion, silence
    /// included; realised departures have no rate, and it must then be 1.
    ///
    /// # Panics
    /// If there is no such report.
    #[must_use]
    pub fn event_weights<const N: usize>(
        &self,
        truth: &Truth<'_>,
        report: usize,
        false_reports: [Option<f64>; N],
        desertions: f64,
    ) -> [EventWeights; N] {
        match truth.expected() {
            Some(expected) => Exits::new(self, expected, desertions).weights(report, false_reports),
            None => false_reports.map(|rate| self.departures.weights(truth, report, rate)),
        }
    }
}
