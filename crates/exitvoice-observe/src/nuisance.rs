//! Parameters of the observers with their priors, and the laws a scorer draws them from.
//!
//! None of them is ever stored with a trajectory: the likelihood integrates them out.

use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::param::{ParamError, ParamMeta, Prior};
use exitvoice_core::quantity::{Days, Quantity, Share};
use std::collections::BTreeMap;

/// How long until a source knows of an event.
#[derive(Params)]
#[params(prefix = "observe.delay", part = Observe)]
pub struct Delay {
    /// Mean time until a state not fighting there knows of an event, for the nine tenths of events that become known fast.
    #[param(symbol = "l_third", default = "5 d", prior = "log_normal(5 d, 0.6)", grade = Assumed,
            why = "agencies dated their totals to within days; a tenth of events takes two months")]
    pub third: Days,
    /// The same for Ukraine.
    #[param(symbol = "l_kyiv", default = "5 d", prior = "log_normal(5 d, 0.6)", grade = Assumed,
            why = "as for the others; its own, because it stands closer")]
    pub kyiv: Days,
}

/// Level errors of totals, on the log scale.
#[derive(Params)]
#[params(prefix = "observe.level", part = Observe)]
pub struct Level {
    /// Bias of casualty totals shared by all states not fighting there. Not identified: it sets the common level.
    #[param(symbol = "a_third", default = "0", prior = "normal(0, 0.3)", grade = Assumed,
            why = "over-claiming and under-counting of one total cannot be told apart; a net factor of 1.35 either way is plausible")]
    pub third_bias: f64,
    /// Bias of casualty totals shared by Ukrainian sources.
    #[param(symbol = "a_kyiv", default = "0.3", prior = "normal(0.3, 0.4)", grade = Assumed,
            why = "a belligerent's totals of enemy losses run high, by how much is unknown")]
    pub kyiv_bias: f64,
    /// Bias of head counts (sent, present, returned) shared by all states not fighting there.
    #[param(symbol = "a'_third", default = "0", prior = "normal(0, 0.15)", grade = Assumed,
            why = "ships and trains are easier to count than losses")]
    pub third_heads_bias: f64,
    /// Bias of head counts shared by Ukrainian sources.
    #[param(symbol = "a'_kyiv", default = "0", prior = "normal(0, 0.15)", grade = Assumed,
            why = "ships and trains are easier to count than losses")]
    pub kyiv_heads_bias: f64,
    /// Standard deviation of a source's own level error.
    #[param(symbol = "tau", default = "0.17", prior = "half_normal(0.25)", grade = Assumed,
            why = "same-week totals of different sources differ by a few tenths on the log scale")]
    pub source_sd: f64,
}

/// Errors of the split into killed and wounded, on the logit scale.
#[derive(Params)]
#[params(prefix = "observe.split", part = Observe)]
pub struct Split {
    /// Standard deviation of a source's own error of the killed share.
    #[param(symbol = "omega", default = "0.54", prior = "half_normal(0.8)", grade = Assumed,
            why = "published killed shares run from a tenth to two thirds")]
    pub source_sd: f64,
}

/// Error of a bulletin by grade of its information, on the log scale; steps are increments from grade to grade.
#[derive(Params)]
#[params(prefix = "observe.error", part = Observe)]
pub struct Error {
    /// Standard deviation of a bulletin of information grade 1.
    #[param(symbol = "s_1", default = "0.05", prior = "fixed", grade = Definition,
            why = "the scale on which a confirmed number is meant")]
    pub grade_1: f64,
    /// Added from grade 1 to grade 2.
    #[param(default = "0.054", prior = "half_normal(0.08)", grade = Assumed, why = "worse information is less exact")]
    pub step_2: f64,
    /// Added from grade 2 to grade 3.
    #[param(default = "0.054", prior = "half_normal(0.08)", grade = Assumed, why = "worse information is less exact")]
    pub step_3: f64,
    /// Added from grade 3 to grade 4.
    #[param(default = "0.054", prior = "half_normal(0.08)", grade = Assumed, why = "worse information is less exact")]
    pub step_4: f64,
    /// Added from grade 4 to grade 5.
    #[param(default = "0.054", prior = "half_normal(0.08)", grade = Assumed, why = "worse information is less exact")]
    pub step_5: f64,
    /// Standard deviation of a bulletin of information grade 6.
    #[param(symbol = "s_6", default = "0.34", prior = "half_normal(0.5)", grade = Assumed,
            why = "grade 6 means unknown, not worst, so it is no step of the ladder")]
    pub grade_6: f64,
    /// Standard deviation of a row's own reading error.
    #[param(default = "0.03", prior = "fixed", grade = Definition, why = "makes rows independent given the rest")]
    pub reading: f64,
}

/// Probability that a row is free of the truth, by grade of the source; steps are on the logit scale.
#[derive(Params)]
#[params(prefix = "observe.junk", part = Observe)]
pub struct Junk {
    /// For source grade A.
    #[param(symbol = "pi_A", default = "0.05", prior = "beta(1, 19)", grade = Assumed, why = "one in twenty, at most a few")]
    pub grade_a: Share,
    /// Added from grade A to grade B.
    #[param(default = "0.67", prior = "half_normal(1)", grade = Assumed, why = "worse sources are not more often right")]
    pub step_b: f64,
    /// Added from grade B to grade C.
    #[param(default = "0.67", prior = "half_normal(1)", grade = Assumed, why = "worse sources are not more often right")]
    pub step_c: f64,
    /// Added from grade C to grade D.
    #[param(default = "0.67", prior = "half_normal(1)", grade = Assumed, why = "worse sources are not more often right")]
    pub step_d: f64,
    /// Added from grade D to grade E.
    #[param(default = "0.67", prior = "half_normal(1)", grade = Assumed, why = "worse sources are not more often right")]
    pub step_e: f64,
    /// For source grade F.
    #[param(symbol = "pi_F", default = "0.25", prior = "beta(1, 3)", grade = Assumed,
            why = "grade F means that the source cannot be judged, not that it is the worst")]
    pub grade_f: Share,
}

/// Rounding and margins of printed numbers.
#[derive(Params)]
#[params(prefix = "observe.print", part = Observe)]
pub struct Print {
    /// Probability that a number is printed with one significant digit; otherwise with two.
    #[param(symbol = "eta", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "both kinds of rounding occur")]
    pub coarse: Share,
    /// Mean margin between estimate and printed bound of `at least` and `at most`, on the log scale.
    #[param(symbol = "m", default = "0.13", prior = "half_normal(0.2)", grade = Assumed, why = "a bound is printed near the estimate")]
    pub margin: f64,
    /// The same where the statement itself calls the number a conservative floor.
    #[param(symbol = "m'", default = "0.67", prior = "half_normal(1)", grade = Assumed,
            why = "a declared floor may lie far below the estimate")]
    pub declared_margin: f64,
}

/// Reports of departures by unnamed sources.
#[derive(Params)]
#[params(prefix = "observe.departures", part = Observe)]
pub struct Departures {
    /// False reports in 30 days.
    #[param(symbol = "f", default = "0.1", prior = "log_normal(0.1, 1)", grade = Assumed,
            why = "one uncorroborated report in seven months was all there was")]
    pub false_reports: f64,
    /// Probability that a desertion by one soldier is reported within two days; groups have one chance a head.
    #[param(symbol = "r0_D", default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "few single departures can be seen from outside")]
    pub desertion_seen: Share,
    /// The same for an absence.
    #[param(symbol = "r0_A", default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "few single departures can be seen from outside")]
    pub absence_seen: Share,
}

/// Announcements on record.
#[derive(Params)]
#[params(prefix = "observe.announcements", part = Observe)]
pub struct Announcements {
    /// Probability that a deserter who reaches the other side is announced on record within 60 days.
    #[param(symbol = "d", default = "0.8", prior = "beta(8, 2)", grade = Assumed,
            why = "the two living prisoners were shown within two days; a deserter is worth at least as much")]
    pub deserter: Share,
    /// Probability that a living prisoner is counted in an exact public count.
    #[param(symbol = "d", default = "0.95", prior = "beta(19, 1)", grade = Assumed, why = "living prisoners were shown publicly at once")]
    pub prisoner: Share,
}

/// Every registry row of this crate.
#[must_use]
pub fn registry() -> &'static [&'static [ParamMeta]] {
    const ALL: &[&[ParamMeta]] = &[
        Delay::META,
        Level::META,
        Split::META,
        Error::META,
        Junk::META,
        Print::META,
        Departures::META,
        Announcements::META,
    ];
    ALL
}

/// Where the value of a nuisance parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Drawn, or integrated over, with this law.
    Prior(Prior),
    /// One value.
    Pinned(f64),
}

impl Law {
    /// Value at probability `u` in (0, 1), with closed forms for the laws that are drawn often.
    #[must_use]
    pub fn quantile(self, u: f64) -> f64 {
        match self {
            Self::Pinned(value) => value,
            Self::Prior(Prior::Beta { a: 1.0, b }) => 1.0 - math::pow(1.0 - u, 1.0 / b),
            Self::Prior(Prior::Beta { a: 2.0, b: 2.0 }) => beta_2_2(u),
            Self::Prior(prior) => prior.quantile(u).unwrap_or(f64::NAN),
        }
    }

    /// Mean and standard deviation of a normal law; a pinned value has none.
    #[must_use]
    pub fn normal(self) -> (f64, f64) {
        match self {
            Self::Prior(Prior::Normal { mean, sd }) => (mean, sd),
            Self::Prior(_) => (0.0, 0.0),
            Self::Pinned(value) => (value, 0.0),
        }
    }
}

/// Solves 3 x^2 - 2 x^3 = u by Newton's method inside a shrinking bracket.
fn beta_2_2(u: f64) -> f64 {
    const STEPS: usize = 60;
    const CLOSE: f64 = 1e-15;
    let (mut low, mut high, mut x) = (0.0, 1.0, u);
    for _ in 0..STEPS {
        let excess = x * x * (3.0 - 2.0 * x) - u;
        if excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = x - excess / (6.0 * x * (1.0 - x));
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() < CLOSE {
            return next;
        }
        x = next;
    }
    x
}

/// The laws of all nuisance parameters: the registry's priors, or values pinned by a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ObserverLaws {
    laws: BTreeMap<&'static str, Law>,
}

impl ObserverLaws {
    /// The priors of the registry; definitions are pinned at their default.
    ///
    /// # Panics
    /// Never with the shipped registry: a test reads every row.
    #[must_use]
    pub fn from_registry() -> Self {
        let law = |meta: &ParamMeta| match meta.parsed_prior() {
            Ok(Prior::Fixed) => meta.default_value().map(Law::Pinned),
            other => other.map(Law::Prior),
        };
        let rows = registry().iter().flat_map(|rows| rows.iter());
        let laws = rows.map(|m| (m.key, law(m).expect("a test reads every row of the registry"))).collect();
        Self { laws }
    }

    /// The law of a parameter of this crate.
    ///
    /// # Panics
    /// If the registry of this crate has no such key.
    #[must_use]
    pub fn get(&self, key: &str) -> Law {
        *self.laws.get(key).expect("keys are those of the registry above")
    }

    /// Replaces the prior of `key` by one value, in canonical units.
    ///
    /// # Errors
    /// There is no such key, or the value lies outside its domain.
    pub fn pin(&mut self, key: &str, value: f64) -> Result<(), ParamError> {
        let meta = registry().iter().flat_map(|rows| rows.iter()).find(|m| m.key == key);
        let meta = meta.ok_or_else(|| ParamError::Missing { key: key.to_owned() })?;
        let domain = |expected| ParamError::Prior { key: key.to_owned(), text: value.to_string(), reason: expected };
        Quantity::new(value, meta.dimension).map_err(|reason| ParamError::Value { key: key.to_owned(), reason })?;
        let biased = matches!(self.get(key), Law::Prior(Prior::Normal { .. }));
        if value < 0.0 && !biased {
            return Err(domain("a standard deviation, step or rate is not negative".to_owned()));
        }
        self.laws.insert(meta.key, Law::Pinned(value));
        Ok(())
    }

    /// Multiplies the standard deviation of the bias common to third states: the level of casualties rests on it alone.
    #[must_use]
    pub fn with_common_bias_scaled(mut self, factor: f64) -> Self {
        const KEY: &str = "observe.level.third_bias";
        if let Law::Prior(Prior::Normal { mean, sd }) = self.get(KEY) {
            self.laws.insert(KEY, Law::Prior(Prior::Normal { mean, sd: sd * factor }));
        }
        self
    }
}

impl Default for ObserverLaws {
    fn default() -> Self {
        Self::from_registry()
    }
}

/// Number of parameters that are drawn for each evaluation of the counts.
pub(crate) const HYPER: usize = 11;
const KEYS: [&str; HYPER] = [
    "observe.level.source_sd",
    "observe.split.source_sd",
    "observe.error.step_2",
    "observe.error.step_3",
    "observe.error.step_4",
    "observe.error.step_5",
    "observe.error.grade_6",
    "observe.print.margin",
    "observe.print.declared_margin",
    "observe.delay.third",
    "observe.delay.kyiv",
];
/// Number of parameters that weigh the alternatives of each row: junk by grade, and grain.
pub(crate) const MIXING: usize = 7;
const MIXING_KEYS: [&str; MIXING] = [
    "observe.junk.grade_a",
    "observe.junk.step_b",
    "observe.junk.step_c",
    "observe.junk.step_d",
    "observe.junk.step_e",
    "observe.junk.grade_f",
    "observe.print.coarse",
];

/// The laws that are drawn, in the order of their dimensions, and the numbers that are not drawn.
#[derive(Clone, Debug)]
pub(crate) struct HyperLaws {
    laws: [Law; HYPER],
    mixing: [Law; MIXING],
    grade_1: f64,
    pub(crate) reading: f64,
    /// (mean, standard deviation) of the biases: casualties, heads; third, kyiv.
    pub(crate) biases: [[(f64, f64); 2]; 2],
}

impl HyperLaws {
    pub(crate) fn new(laws: &ObserverLaws) -> Self {
        let pair = |a: &str, b: &str| [laws.get(a).normal(), laws.get(b).normal()];
        Self {
            laws: KEYS.map(|key| laws.get(key)),
            mixing: MIXING_KEYS.map(|key| laws.get(key)),
            grade_1: laws.get("observe.error.grade_1").normal().0,
            reading: laws.get("observe.error.reading").normal().0,
            biases: [
                pair("observe.level.third_bias", "observe.level.kyiv_bias"),
                pair("observe.level.third_heads_bias", "observe.level.kyiv_heads_bias"),
            ],
        }
    }

    /// The drawn values at a point of the unit cube.
    pub(crate) fn at(&self, u: &[f64]) -> Hyper {
        let mut x = [0.0; HYPER];
        for ((x, law), u) in x.iter_mut().zip(&self.laws).zip(u) {
            *x = law.quantile(*u);
        }
        let mut error = [self.grade_1; 6];
        for grade in 1..5 {
            error[grade] = error[grade - 1] + x[1 + grade];
        }
        error[5] = x[6];
        let margins = [x[7].max(SMALLEST_MARGIN), x[8].max(SMALLEST_MARGIN)];
        Hyper { source_level: x[0], source_split: x[1], error, margins, delays: [x[9], x[10]] }
    }

    /// Junk and grain at a point of the unit cube.
    pub(crate) fn mixing_at(&self, u: &[f64]) -> Mixing {
        let mut x = [0.0; MIXING];
        for ((x, law), u) in x.iter_mut().zip(&self.mixing).zip(u) {
            *x = law.quantile(*u);
        }
        let mut odds = math::logit(x[0]);
        let mut junk = [x[0]; 6];
        for grade in 1..5 {
            odds += x[grade];
            junk[grade] = math::logistic(odds);
        }
        junk[5] = x[5];
        Mixing { junk, coarse: x[6] }
    }
}

/// Margins below this are indistinguishable from none beside the reading error, and would overflow.
const SMALLEST_MARGIN: f64 = 1e-4;

/// One draw of the hyperparameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hyper {
    /// tau.
    pub(crate) source_level: f64,
    /// omega.
    pub(crate) source_split: f64,
    /// s by information grade.
    pub(crate) error: [f64; 6],
    /// m, m'.
    pub(crate) margins: [f64; 2],
    /// l of third states and of Ukraine, days.
    pub(crate) delays: [f64; 2],
}

/// One draw of what weighs the alternatives of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mixing {
    /// pi by source grade.
    pub(crate) junk: [f64; 6],
    /// eta.
    pub(crate) coarse: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::param::Part;

    #[test]
    fn every_row_of_the_registry_can_be_read_and_belongs_to_the_observers() {
        let laws = ObserverLaws::from_registry();
        for meta in registry().iter().flat_map(|rows| rows.iter()) {
            assert_eq!(meta.part, Part::Observe);
            assert!(meta.key.starts_with("observe."));
            meta.default_value().expect("a default");
            let _ = laws.get(meta.key);
        }
        assert!(KEYS.iter().chain(&MIXING_KEYS).all(|key| laws.laws.contains_key(key)));
    }

    #[test]
    fn closed_quantiles_agree_with_the_general_ones() {
        for (a, b) in [(1.0, 19.0), (1.0, 3.0), (2.0, 2.0)] {
            let prior = Prior::Beta { a, b };
            for i in 1..100 {
                let u = f64::from(i) / 100.0;
                let exact = prior.quantile(u).expect("not fixed");
                assert!((Law::Prior(prior).quantile(u) - exact).abs() < 1e-12, "{a} {b} {u}");
            }
        }
    }

    #[test]
    fn grades_are_ordered_in_every_draw() {
        let laws = HyperLaws::new(&ObserverLaws::from_registry());
        for i in 1..50 {
            let hyper = laws.at(&[f64::from(i) / 50.0; HYPER]);
            let mixing = laws.mixing_at(&[f64::from(i) / 50.0; MIXING]);
            assert!(hyper.error[..5].is_sorted() && mixing.junk[..5].is_sorted());
            assert_eq!(hyper.error[0].to_bits(), 0.05_f64.to_bits());
        }
    }

    #[test]
    fn a_pinned_parameter_keeps_its_value_and_strangers_are_refused() {
        let mut laws = ObserverLaws::from_registry();
        laws.pin("observe.level.source_sd", 0.4).expect("a key with a value in range");
        assert_eq!(laws.get("observe.level.source_sd"), Law::Pinned(0.4));
        assert!(laws.pin("observe.level.source_sd", -0.4).is_err());
        assert!(laws.pin("observe.print.coarse", 1.5).is_err());
        assert!(laws.pin("observe.level.nobody", 0.4).is_err());
        laws.pin("observe.level.kyiv_bias", -0.4).expect("a bias may be negative");
        let scaled = ObserverLaws::from_registry().with_common_bias_scaled(0.5);
        assert_eq!(scaled.get("observe.level.third_bias").normal(), (0.0, 0.15));
    }
}
