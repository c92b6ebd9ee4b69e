//! Quantities with a dimension. A number without a unit is refused wherever a dimension is needed.

use std::fmt;

use crate::time::{DAYS_PER_MONTH, DAYS_PER_YEAR};

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// A pure number: written bare.
    Number,
    /// A share or probability in [0, 1]: written bare.
    Share,
    /// A length of time: `"5 d"`, `"3 months"`, `"2 yr"`.
    Time,
    /// A hazard or rate: `"0.004 /d"`, `"2e-3 /yr"`.
    Hazard,
    /// A count of persons: `"12000 persons"`.
    Persons,
}

impl Dimension {
    /// Units understood, with the factor to the canonical unit; the canonical one first. Empty where numbers stand bare.
    #[must_use]
    pub const fn units(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Number | Self::Share => &[],
            Self::Time => &[
                ("d", 1.0),
                ("day", 1.0),
                ("days", 1.0),
                ("weeks", 7.0),
                ("months", DAYS_PER_MONTH),
                ("yr", DAYS_PER_YEAR),
                ("years", DAYS_PER_YEAR),
            ],
            Self::Hazard => {
                &[("/d", 1.0), ("/day", 1.0), ("/month", 1.0 / DAYS_PER_MONTH), ("/yr", 1.0 / DAYS_PER_YEAR)]
            }
            Self::Persons => &[("persons", 1.0), ("person", 1.0)],
        }
    }

    /// The unit in which values are stored and printed; `"1"` for bare numbers.
    #[must_use]
    pub const fn canonical_unit(self) -> &'static str {
        match self {
            Self::Number | Self::Share => "1",
            Self::Time => "d",
            Self::Hazard => "/d",
            Self::Persons => "persons",
        }
    }

    /// What a user is asked for.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Share => "a share between 0 and 1",
            Self::Time => "a length of time, as \"5 d\"",
            Self::Hazard => "a hazard (1/time), as \"0.004 /yr\"",
            Self::Persons => "a count of persons, as \"12000 persons\"",
        }
    }
}

/// A text that is not a quantity of the dimension asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuantityError {
    /// A number without the unit it needs.
    #[error("EV0101: the bare number `{found}` has no dimension; expected {}", dimension.expected())]
    Bare {
        /// As written.
        found: String,
        /// What was needed.
        dimension: Dimension,
    },
    /// A unit of another dimension, or none that is known.
    #[error("EV0102: unit `{unit}` does not fit; expected {}", dimension.expected())]
    Unit {
        /// As written.
        unit: String,
        /// What was needed.
        dimension: Dimension,
    },
    /// Not a finite number.
    #[error("EV0103: `{found}` is not a finite number; expected {}", dimension.expected())]
    NotANumber {
        /// As written.
        found: String,
        /// What was needed.
        dimension: Dimension,
    },
    /// A number outside the domain of its dimension.
    #[error("EV0104: {found} lies outside {domain}")]
    OutOfRange {
        /// The value in canonical units.
        found: f64,
        /// The domain, in words.
        domain: &'static str,
    },
}

/// A value in canonical units with its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// In the canonical unit of the dimension.
    pub value: f64,
    /// What it measures.
    pub dimension: Dimension,
}

impl Quantity {
    /// Reads a text such as `"0.004 /yr"`; bare numbers only for numbers and shares.
    ///
    /// # Errors
    /// A unit is missing, unknown or of another dimension; the number is not finite or outside its domain.
    pub fn parse(text: &str, dimension: Dimension) -> Result<Self, QuantityError> {
        let text = text.trim();
        let split = text.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(text.len());
        let (number, unit) = (text[..split].trim(), text[split..].trim());
        let value: f64 = number.parse().map_err(|_| QuantityError::NotANumber { found: text.to_owned(), dimension })?;
        if !value.is_finite() {
            return Err(QuantityError::NotANumber { found: text.to_owned(), dimension });
        }
        let factor = match (unit, dimension.units()) {
            ("", []) => 1.0,
            ("", _) => return Err(QuantityError::Bare { found: text.to_owned(), dimension }),
            (unit, units) => units
                .iter()
                .find(|(name, _)| *name == unit)
                .map(|(_, factor)| *factor)
                .ok_or_else(|| QuantityError::Unit { unit: unit.to_owned(), dimension })?,
        };
        Self::new(value * factor, dimension)
    }

    /// A value already in canonical units, checked against its domain.
    ///
    /// # Errors
    /// The value is not finite, a share lies outside [0, 1], or a time, hazard or count is negative.
    pub fn new(value: f64, dimension: Dimension) -> Result<Self, QuantityError> {
        let domain = match dimension {
            Dimension::Number if value.is_finite() => return Ok(Self { value, dimension }),
            Dimension::Share if (0.0..=1.0).contains(&value) => return Ok(Self { value, dimension }),
            Dimension::Number => "the finite numbers",
            Dimension::Share => "[0, 1]",
            _ if value.is_finite() && value >= 0.0 => return Ok(Self { value, dimension }),
            _ => "the finite numbers from 0 on",
        };
        Err(QuantityError::OutOfRange { found: value, domain })
    }
}

impl fmt::Display for Quantity {
    /// Shortest text that reads back to the same bits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = self.value != 0.0 && self.value.abs() < 1e-3;
        if small {
            write!(f, "{:e}", self.value)?
        } else {
            write!(f, "{}", self.value)?
        }
        match self.dimension {
            Dimension::Number | Dimension::Share => Ok(()),
            other => write!(f, " {}", other.canonical_unit()),
        }
    }
}

/// Seed of a run: with model version and scenario it determines every result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// Version of the model's law (`m4.2`: the law moved four times, then only the draws twice).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelVersion {
    /// Moves when the law changes.
    pub law: u32,
    /// Moves when only the draws change.
    pub draws: u32,
}

impl fmt::Display for ModelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{}.{}", self.law, self.draws)
    }
}

/// A length of time in days.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Days(pub f64);

/// A hazard, kept per day.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Hazard(f64);

impl Hazard {
    /// No risk at all.
    pub const ZERO: Self = Self(0.0);

    /// A hazard of `rate` per day.
    #[must_use]
    pub const fn per_day(rate: f64) -> Self {
        Self(rate)
    }

    /// A hazard of `rate` per year.
    #[must_use]
    pub const fn per_year(rate: f64) -> Self {
        Self(rate / DAYS_PER_YEAR)
    }

    /// Events per day.
    #[must_use]
    pub const fn per_day_value(self) -> f64 {
        self.0
    }
}

macro_rules! unit_interval {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct $name(f64);

        impl $name {
            /// Checks that the value lies in [0, 1].
            ///
            /// # Errors
            /// It does not, or is not a number.
            pub fn new(value: f64) -> Result<Self, QuantityError> {
                Quantity::new(value, Dimension::Share).map(|q| Self(q.value))
            }

            /// For results that can leave [0, 1] by rounding only.
            #[must_use]
            pub const fn clamped(value: f64) -> Self {
                Self(value.clamp(0.0, 1.0))
            }

            /// The bare number.
            #[must_use]
            pub const fn value(self) -> f64 {
                self.0
            }
        }
    };
}
unit_interval!(
    /// Probability of an event, in [0, 1].
    Probability
);
unit_interval!(
    /// Share of a whole, in [0, 1].
    Share
);

/// A count of persons given as a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Persons(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_in_any_unit_and_printed_so_that_they_read_back() {
        let yearly = Quantity::parse("0.004 /yr", Dimension::Hazard).expect("a hazard");
        assert!((yearly.value - 0.004 / 365.25).abs() < 1e-18);
        for (text, dimension) in [
            ("0.004/d", Dimension::Hazard),
            ("3 months", Dimension::Time),
            ("12000 persons", Dimension::Persons),
            ("0.25", Dimension::Share),
            ("-11.71", Dimension::Number),
        ] {
            let quantity = Quantity::parse(text, dimension).expect("valid");
            assert_eq!(Quantity::parse(&quantity.to_string(), dimension), Ok(quantity));
        }
    }

    #[test]
    fn every_unit_has_its_factor() {
        for (text, dimension, expected) in [
            ("2 d", Dimension::Time, 2.0),
            ("1 day", Dimension::Time, 1.0),
            ("2 days", Dimension::Time, 2.0),
            ("2 weeks", Dimension::Time, 14.0),
            ("2 months", Dimension::Time, 60.875),
            ("2 yr", Dimension::Time, 730.5),
            ("2 years", Dimension::Time, 730.5),
            ("2 /day", Dimension::Hazard, 2.0),
            ("30.4375 /month", Dimension::Hazard, 1.0),
            ("365.25 /yr", Dimension::Hazard, 1.0),
            ("1 person", Dimension::Persons, 1.0),
            ("1", Dimension::Share, 1.0),
        ] {
            let value = Quantity::parse(text, dimension).expect(text).value;
            assert!((value / expected - 1.0).abs() < 1e-15, "{text}: {value}");
        }
        assert!((Hazard::per_year(365.25).per_day_value() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn small_values_are_printed_with_an_exponent_and_others_plainly() {
        for (value, dimension, expected) in [
            (0.0, Dimension::Number, "0"),
            (0.001, Dimension::Share, "0.001"),
            (0.000_25, Dimension::Hazard, "2.5e-4 /d"),
            (-0.000_25, Dimension::Number, "-2.5e-4"),
            (12.5, Dimension::Time, "12.5 d"),
            (12_000.0, Dimension::Persons, "12000 persons"),
        ] {
            assert_eq!(Quantity::new(value, dimension).expect(expected).to_string(), expected);
        }
        assert_eq!(ModelVersion { law: 4, draws: 2 }.to_string(), "m4.2");
    }

    #[test]
    fn bare_numbers_wrong_units_and_impossible_values_are_refused() {
        assert!(matches!(Quantity::parse("0.004", Dimension::Hazard), Err(QuantityError::Bare { .. })));
        assert!(matches!(Quantity::parse("4 d", Dimension::Hazard), Err(QuantityError::Unit { .. })));
        assert!(matches!(Quantity::parse("0.5 d", Dimension::Share), Err(QuantityError::Unit { .. })));
        assert!(matches!(Quantity::parse("1.5", Dimension::Share), Err(QuantityError::OutOfRange { .. })));
        assert!(matches!(Quantity::parse("-1 /d", Dimension::Hazard), Err(QuantityError::OutOfRange { .. })));
        assert!(matches!(Quantity::parse("nan", Dimension::Number), Err(QuantityError::NotANumber { .. })));
        assert!(matches!(Quantity::parse("inf d", Dimension::Time), Err(QuantityError::NotANumber { .. })));
        for (dimension, expected) in [
            (Dimension::Number, "a number"),
            (Dimension::Share, "a share between 0 and 1"),
            (Dimension::Time, "a length of time, as \"5 d\""),
            (Dimension::Hazard, "a hazard (1/time), as \"0.004 /yr\""),
            (Dimension::Persons, "a count of persons, as \"12000 persons\""),
        ] {
            let told = Quantity::parse("4 furlongs", dimension).expect_err("no such unit").to_string();
            assert!(told.ends_with(&format!("expected {expected}")), "{told}");
        }
    }
}
