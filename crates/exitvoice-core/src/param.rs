//! The parameter registry: every number of the model with dimension, prior, grade, part, source and reason.
//!
//! Rows come from `derive(Params)` beside each equation. Inference sees a vector of reals through [`Prior`]'s transforms.

use crate::math;
use crate::quantity::{Days, Dimension, Hazard, Persons, Probability, Quantity, QuantityError, Share};
use std::fmt;

/// How well a default is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Measured in this population.
    Measured,
    /// Taken from a named other case.
    Analogue,
    /// Judgement of experts.
    Elicited,
    /// Chosen here; belongs in every sensitivity sweep.
    Assumed,
    /// Fitted; the reason names the run.
    Calibrated,
    /// True by definition; has no prior.
    Definition,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Which part of a run a parameter belongs to; only `History` enters the key of the cached Society.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The country until 1 October 2024.
    History,
    /// The force abroad.
    Force,
    /// The observers.
    Observe,
}

/// One row of the registry, as written beside the equation.
#[derive(Clone, Copy, Debug)]
pub struct ParamMeta {
    /// Full key, as `exit.attempt.hostage_effect`.
    pub key: &'static str,
    /// Symbol in the equation; may be empty.
    pub symbol: &'static str,
    /// First sentence of the doc comment.
    pub description: &'static str,
    /// Default as text with unit.
    pub default: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// Prior as text, as `log_normal(0.004 /d, 1)`; `fixed` where the grade is `Definition`.
    pub prior: &'static str,
    /// How well the default is known.
    pub grade: Grade,
    /// Which part of a run it belongs to.
    pub part: Part,
    /// A lever of control: reported as unsigned variance shares only, never swept as a grid.
    pub lever: bool,
    /// Key of the source; may be empty for assumptions.
    pub source: &'static str,
    /// Why this value.
    pub why: &'static str,
}

impl ParamMeta {
    /// Default in canonical units.
    ///
    /// # Errors
    /// The registry itself is wrong; a test reads every row.
    pub fn default_value(&self) -> Result<f64, ParamError> {
        Quantity::parse(self.default, self.dimension)
            .map(|q| q.value)
            .map_err(|reason| ParamError::Value { key: self.key.to_owned(), reason })
    }

    /// Prior in canonical units.
    ///
    /// # Errors
    /// The registry itself is wrong; a test reads every row.
    pub fn parsed_prior(&self) -> Result<Prior, ParamError> {
        Prior::parse(self.prior, self.dimension).map_err(|reason| ParamError::Prior {
            key: self.key.to_owned(),
            text: self.prior.to_owned(),
            reason,
        })
    }
}

/// Something is wrong with a parameter.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ParamError {
    /// A value that the mechanism needs is absent.
    #[error("EV0110: no value for parameter `{key}`")]
    Missing {
        /// The key.
        key: String,
    },
    /// A value that does not fit.
    #[error("EV0111: parameter `{key}`: {reason}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong.
        reason: QuantityError,
    },
    /// A prior that cannot be read.
    #[error("EV0112: prior `{text}` of parameter `{key}`: {reason}")]
    Prior {
        /// The key.
        key: String,
        /// As written.
        text: String,
        /// What is wrong.
        reason: String,
    },
}

/// Values by key, in canonical units.
pub trait Lookup {
    /// The value of `key`, if there is one.
    fn canonical(&self, key: &str) -> Option<f64>;
}

impl Lookup for std::collections::BTreeMap<String, f64> {
    fn canonical(&self, key: &str) -> Option<f64> {
        self.get(key).copied()
    }
}

/// A type that can stand in a `Params` struct.
pub trait ParamValue: Sized {
    /// Its dimension.
    const DIMENSION: Dimension;
    /// From canonical units.
    ///
    /// # Errors
    /// The value lies outside the type's domain.
    fn from_canonical(value: f64) -> Result<Self, QuantityError>;
}

impl ParamValue for f64 {
    const DIMENSION: Dimension = Dimension::Number;
    fn from_canonical(value: f64) -> Result<Self, QuantityError> {
        Quantity::new(value, Self::DIMENSION).map(|q| q.value)
    }
}
impl ParamValue for Share {
    const DIMENSION: Dimension = Dimension::Share;
    fn from_canonical(value: f64) -> Result<Self, QuantityError> {
        Self::new(value)
    }
}
impl ParamValue for Probability {
    const DIMENSION: Dimension = Dimension::Share;
    fn from_canonical(value: f64) -> Result<Self, QuantityError> {
        Self::new(value)
    }
}
impl ParamValue for Days {
    const DIMENSION: Dimension = Dimension::Time;
    fn from_canonical(value: f64) -> Result<Self, QuantityError> {
        Quantity::new(value, Self::DIMENSION).map(|q| Self(q.value))
    }
}
impl ParamValue for Hazard {
    const DIMENSION: Dimension = Dimension::Hazard;
    fn from_canonical(value: f64) -> Result<Self, QuantityError> {
        Quantity::new(value, Self::DIMENSION).map(|q| Self::per_day(q.value))
    }
}
impl ParamValue for Persons {
    const DIMENSION: Dimension = Dimension::Persons;
    fn from_canonical(value: f64) -> Result<Self, QuantityError> {
        let quantity = Quantity::new(value, Self::DIMENSION)?;
        if quantity.value > f64::from(u32::MAX) || quantity.value.fract() != 0.0 {
            return Err(QuantityError::OutOfRange { found: value, domain: "the whole numbers below 2^32" });
        }
        Ok(Self(quantity.value as u32))
    }
}

/// Reads one field; used by `derive(Params)`.
///
/// # Errors
/// The key has no value, or the value does not fit the type.
pub fn read<T: ParamValue>(values: &dyn Lookup, key: &str) -> Result<T, ParamError> {
    let value = values.canonical(key).ok_or_else(|| ParamError::Missing { key: key.to_owned() })?;
    T::from_canonical(value).map_err(|reason| ParamError::Value { key: key.to_owned(), reason })
}

/// Prior law of a parameter, in canonical units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prior {
    /// No uncertainty: a definition.
    Fixed,
    /// Normal with mean and standard deviation.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// ln x is normal around ln(median).
    LogNormal {
        /// Median, in canonical units.
        median: f64,
        /// Standard deviation of ln x.
        sd_log: f64,
    },
    /// |N(0, sd^2)|.
    HalfNormal {
        /// Standard deviation of the normal that is folded.
        sd: f64,
    },
    /// Beta on (0, 1).
    Beta {
        /// First shape.
        a: f64,
        /// Second shape.
        b: f64,
    },
    /// logit x is normal.
    LogitNormal {
        /// Mean of logit x.
        mean: f64,
        /// Standard deviation of logit x.
        sd: f64,
    },
    /// Uniform on (low, high).
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
}

impl Prior {
    /// Reads `normal(m, s)`, `log_normal(median with unit, s)`, `half_normal(s)`, `beta(a, b)`, `logit_normal(m, s)`,
    /// `uniform(low, high)` or `fixed`. Locations carry the unit of the dimension, shapes and log-scales stand bare.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn parse(text: &str, dimension: Dimension) -> Result<Self, String> {
        if text == "fixed" {
            return Ok(Self::Fixed);
        }
        let (name, rest) = text.split_once('(').ok_or("expected name(arguments) or `fixed`")?;
        let inside = rest.strip_suffix(')').ok_or("expected a closing bracket")?;
        let arguments: Vec<&str> = inside.split(',').map(str::trim).collect();
        let bare = |i: usize| -> Result<f64, String> {
            Quantity::parse(arguments.get(i).ok_or("too few arguments")?, Dimension::Number)
                .map(|q| q.value)
                .map_err(|e| e.to_string())
        };
        let located = |i: usize| -> Result<f64, String> {
            Quantity::parse(arguments.get(i).ok_or("too few arguments")?, dimension)
                .map(|q| q.value)
                .map_err(|e| e.to_string())
        };
        let (prior, count, scales): (Self, usize, &[f64]) = match name {
            "normal" => {
                let sd = located(1)?;
                (Self::Normal { mean: located(0)?, sd }, 2, &[sd])
            }
            "log_normal" => {
                let (median, sd_log) = (located(0)?, bare(1)?);
                (Self::LogNormal { median, sd_log }, 2, &[median, sd_log])
            }
            "half_normal" => {
                let sd = located(0)?;
                (Self::HalfNormal { sd }, 1, &[sd])
            }
            "beta" => {
                let (a, b) = (bare(0)?, bare(1)?);
                (Self::Beta { a, b }, 2, &[a, b])
            }
            "logit_normal" => {
                let sd = bare(1)?;
                (Self::LogitNormal { mean: bare(0)?, sd }, 2, &[sd])
            }
            "uniform" => {
                let (low, high) = (located(0)?, located(1)?);
                (Self::Uniform { low, high }, 2, &[high - low])
            }
            other => return Err(format!("unknown law `{other}`")),
        };
        if arguments.len() != count {
            return Err(format!("`{name}` takes {count} arguments, found {}", arguments.len()));
        }
        if scales.iter().any(|s| *s <= 0.0) {
            return Err("scales, shapes and medians are positive, and low lies below high".to_owned());
        }
        if matches!(prior, Self::Beta { .. } | Self::LogitNormal { .. }) && dimension != Dimension::Share {
            return Err("a law on (0, 1) fits shares only".to_owned());
        }
        Ok(prior)
    }

    /// Whether there is anything to infer.
    #[must_use]
    pub const fn is_fixed(self) -> bool {
        matches!(self, Self::Fixed)
    }

    /// Value at probability `u` in (0, 1). `None` for `Fixed`.
    #[must_use]
    pub fn quantile(self, u: f64) -> Option<f64> {
        Some(match self {
            Self::Fixed => return None,
            Self::Normal { mean, sd } => mean + sd * math::normal_quantile(u),
            Self::LogNormal { median, sd_log } => median * math::exp(sd_log * math::normal_quantile(u)),
            Self::HalfNormal { sd } => sd * math::normal_quantile(0.5 + 0.5 * u),
            Self::Beta { a, b } => math::bisect(0.0, 1.0, u, |x| math::beta_inc(a, b, x)),
            Self::LogitNormal { mean, sd } => math::logistic(mean + sd * math::normal_quantile(u)),
            Self::Uniform { low, high } => low + (high - low) * u,
        })
    }

    /// To the real line: identity, ln, or logit.
    #[must_use]
    pub fn to_real(self, x: f64) -> f64 {
        match self {
            Self::Fixed | Self::Normal { .. } => x,
            Self::LogNormal { .. } | Self::HalfNormal { .. } => math::ln(x),
            Self::Beta { .. } | Self::LogitNormal { .. } => math::logit(x),
            Self::Uniform { low, high } => math::logit((x - low) / (high - low)),
        }
    }

    /// Back from the real line.
    #[must_use]
    pub fn from_real(self, z: f64) -> f64 {
        match self {
            Self::Fixed | Self::Normal { .. } => z,
            Self::LogNormal { .. } | Self::HalfNormal { .. } => math::exp(z),
            Self::Beta { .. } | Self::LogitNormal { .. } => math::logistic(z),
            Self::Uniform { low, high } => low + (high - low) * math::logistic(z),
        }
    }

    /// Log density of the real-line value `z`, Jacobian included.
    #[must_use]
    pub fn ln_density_real(self, z: f64) -> f64 {
        let ln_slope = || math::ln_logistic(z) + math::ln_logistic(-z);
        match self {
            Self::Fixed => 0.0,
            Self::Normal { mean, sd } | Self::LogitNormal { mean, sd } => math::normal_ln_pdf(z, mean, sd),
            Self::LogNormal { median, sd_log } => math::normal_ln_pdf(z, math::ln(median), sd_log),
            Self::HalfNormal { sd } => std::f64::consts::LN_2 + math::normal_ln_pdf(math::exp(z), 0.0, sd) + z,
            Self::Beta { a, b } => a * math::ln_logistic(z) + b * math::ln_logistic(-z) - math::ln_beta(a, b),
            Self::Uniform { .. } => ln_slope(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;
    use std::collections::BTreeMap;

    #[derive(Params, Debug)]
    #[params(prefix = "toy.clock", part = Force)]
    struct Toy {
        /// Hazard of the toy.
        #[param(symbol = "h", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Assumed, why = "a test")]
        base: Hazard,
        /// Share of the toy.
        #[param(default = "0.25", prior = "beta(2, 6)", grade = Analogue, source = "nobody1900", why = "a test", lever)]
        share: Share,
    }

    #[test]
    fn a_struct_becomes_registry_rows_and_is_read_back() {
        assert_eq!(Toy::META.len(), 2);
        assert_eq!(Toy::META[0].key, "toy.clock.base");
        assert_eq!(Toy::META[0].description, "Hazard of the toy.");
        assert!(Toy::META[1].lever);
        let mut values: BTreeMap<String, f64> =
            Toy::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("valid"))).collect();
        let toy = Toy::from_resolved(&values).expect("complete");
        assert_eq!((toy.base, toy.share.value()), (Hazard::per_day(0.004), 0.25));
        values.insert("toy.clock.share".to_owned(), 1.5);
        assert!(matches!(Toy::from_resolved(&values), Err(ParamError::Value { .. })));
        values.remove("toy.clock.share");
        assert!(matches!(Toy::from_resolved(&values), Err(ParamError::Missing { .. })));
    }

    #[test]
    fn densities_on_the_real_line_integrate_to_one_and_match_the_quantiles() {
        for prior in [
            Prior::Normal { mean: -1.0, sd: 2.0 },
            Prior::LogNormal { median: 0.004, sd_log: 1.0 },
            Prior::HalfNormal { sd: 2.0 },
            Prior::Beta { a: 1.0, b: 9.0 },
            Prior::LogitNormal { mean: -1.2, sd: 1.0 },
            Prior::Uniform { low: -3.0, high: 5.0 },
        ] {
            let (low, high, steps) = (-60.0, 60.0, 240_000);
            let width = (high - low) / f64::from(steps);
            let (mut mass, mut below_median) = (0.0, 0.0);
            let median = prior.to_real(prior.quantile(0.5).expect("not fixed"));
            for i in 0..steps {
                let z = low + (f64::from(i) + 0.5) * width;
                let part = math::exp(prior.ln_density_real(z)) * width;
                mass += part;
                if z < median {
                    below_median += part;
                }
            }
            assert!((mass - 1.0).abs() < 1e-6, "{prior:?}: {mass}");
            assert!((below_median - 0.5).abs() < 1e-3, "{prior:?}: {below_median}");
            let x = prior.quantile(0.3).expect("not fixed");
            assert!((prior.from_real(prior.to_real(x)) - x).abs() < 1e-12);
        }
    }

    #[test]
    fn every_law_is_read_with_its_arguments_in_the_unit_of_the_dimension() {
        let day = 1.0 / 365.25;
        for (text, dimension, expected) in [
            ("fixed", Dimension::Hazard, Prior::Fixed),
            ("normal(-1, 2)", Dimension::Number, Prior::Normal { mean: -1.0, sd: 2.0 }),
            ("normal(3 d, 1 d)", Dimension::Time, Prior::Normal { mean: 3.0, sd: 1.0 }),
            ("log_normal(2 /yr, 0.5)", Dimension::Hazard, Prior::LogNormal { median: 2.0 * day, sd_log: 0.5 }),
            ("half_normal(2)", Dimension::Number, Prior::HalfNormal { sd: 2.0 }),
            ("beta(1, 9)", Dimension::Share, Prior::Beta { a: 1.0, b: 9.0 }),
            ("logit_normal(-1.2, 1)", Dimension::Share, Prior::LogitNormal { mean: -1.2, sd: 1.0 }),
            ("uniform(2 d, 5 d)", Dimension::Time, Prior::Uniform { low: 2.0, high: 5.0 }),
        ] {
            assert_eq!(Prior::parse(text, dimension), Ok(expected), "{text}");
            assert_eq!(expected.is_fixed(), text == "fixed");
        }
        assert_eq!(Prior::Fixed.quantile(0.5), None);
    }

    /// Values to 12 digits by another program.
    #[test]
    fn quantiles_are_those_of_the_law() {
        for (prior, expected) in [
            (Prior::Normal { mean: -1.0, sd: 2.0 }, 0.348_979_500_392),
            (Prior::LogNormal { median: 0.004, sd_log: 1.0 }, 0.007_852_124_336_6),
            (Prior::HalfNormal { sd: 2.0 }, 2.300_698_760_752),
            (Prior::Beta { a: 1.0, b: 9.0 }, 0.142_756_017_147),
            (Prior::LogitNormal { mean: -1.2, sd: 1.0 }, 0.371_564_658_343),
            (Prior::Uniform { low: -3.0, high: 5.0 }, 3.0),
        ] {
            let found = prior.quantile(0.75).expect("not fixed");
            assert!((found / expected - 1.0).abs() < 1e-8, "{prior:?}: {found}");
        }
    }

    #[test]
    fn counts_of_persons_are_whole_and_fit() {
        assert_eq!(Persons::from_canonical(12.0), Ok(Persons(12)));
        assert_eq!(Persons::from_canonical(f64::from(u32::MAX)), Ok(Persons(u32::MAX)));
        for wrong in [1.5, -1.0, f64::from(u32::MAX) + 1.0, f64::NAN] {
            assert!(matches!(Persons::from_canonical(wrong), Err(QuantityError::OutOfRange { .. })), "{wrong}");
        }
    }

    #[test]
    fn malformed_priors_are_named() {
        for (text, dimension) in [
            ("normal(1)", Dimension::Number),
            ("log_normal(0.004, 1)", Dimension::Hazard),
            ("beta(1, 9)", Dimension::Number),
            ("gamma(1, 1)", Dimension::Number),
            ("normal(0, -1)", Dimension::Number),
            ("uniform(2, 1)", Dimension::Number),
            ("normal 0 1", Dimension::Number),
        ] {
            assert!(Prior::parse(text, dimension).is_err(), "{text}");
        }
    }
}
