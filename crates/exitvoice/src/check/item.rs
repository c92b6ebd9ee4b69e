//! One thing that a suite checks.

use serde::Serialize;

/// What was found or expected.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reading {
    /// A number.
    Number(f64),
    /// A range, both ends included.
    Range([f64; 2]),
    /// A digest, a name, a sentence.
    Word(String),
}

impl std::fmt::Display for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(x) => write!(f, "{x}"),
            Self::Range([low, high]) => write!(f, "{low} to {high}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// One comparison of what was found with what was expected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// What was asked, as `A7 competing risks: exits per 1,000 in 120 days`.
    pub name: String,
    /// What was found; null where it is not a number.
    pub value: Reading,
    /// What was expected.
    pub expected: Reading,
    /// Largest distance of a number from the expected one; null where the two must be equal or a range says it.
    pub tolerance: Option<f64>,
    /// Why this tolerance, and where the expected value comes from.
    pub reason: String,
    /// Whether it holds.
    pub passed: bool,
}

impl Item {
    /// A number that lies within `tolerance` of the expected one.
    #[must_use]
    pub fn near(name: impl Into<String>, value: f64, expected: f64, tolerance: f64, reason: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Reading::number(value),
            expected: Reading::Number(expected),
            tolerance: Some(tolerance),
            reason: reason.into(),
            passed: (value - expected).abs() <= tolerance,
        }
    }

    /// A number in a range, both ends included; an open end is `f64::INFINITY` or its negative.
    #[must_use]
    pub fn between(name: impl Into<String>, value: f64, range: [f64; 2], reason: impl Into<String>) -> Self {
        // JSON has no infinity.
        let expected = match range {
            [low, f64::INFINITY] => Reading::Word(format!("at least {low}")),
            [f64::NEG_INFINITY, high] => Reading::Word(format!("at most {high}")),
            both => Reading::Range(both),
        };
        Self {
            name: name.into(),
            value: Reading::number(value),
            expected,
            tolerance: None,
            reason: reason.into(),
            passed: range[0] <= value && value <= range[1],
        }
    }

    /// A word, digest or count that must be the expected one exactly.
    #[must_use]
    pub fn equal(
        name: impl Into<String>,
        value: impl Into<String>,
        expected: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        let (value, expected) = (value.into(), expected.into());
        let passed = value == expected;
        let (value, expected) = (Reading::Word(value), Reading::Word(expected));
        Self { name: name.into(), value, expected, tolerance: None, reason: reason.into(), passed }
    }

    /// For people: one line, of what holds with six digits; of what does not with all, since the last may be what differs.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { name, value, expected, reason, .. } = self;
        if self.passed && value == expected {
            return format!("passed  {name}: {value}");
        }
        let (word, value, expected, tolerance) = if self.passed {
            ("passed", value.shortened(), expected.shortened(), self.tolerance.map(shortened))
        } else {
            ("FAILED", value.clone(), expected.clone(), self.tolerance)
        };
        let within = tolerance.map_or(String::new(), |t| format!(" within {t}"));
        format!("{word}  {name}: {value}, expected {expected}{within} ({reason})")
    }
}

/// A number with six significant digits at most; the whole part keeps all of its own.
fn shortened(x: f64) -> f64 {
    if x.abs() >= 1e5 { x.round() } else { format!("{x:.5e}").parse().unwrap_or(x) }
}

impl Reading {
    fn shortened(&self) -> Self {
        match self {
            Self::Number(x) => Self::Number(shortened(*x)),
            Self::Range(ends) => Self::Range(ends.map(shortened)),
            Self::Word(word) => Self::Word(word.clone()),
        }
    }

    /// A number, or the word for one that JSON cannot hold.
    fn number(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Word(value.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_pass_at_the_edge_of_their_tolerance_and_fail_beyond() {
        assert!(Item::near("a", 1.25, 1.0, 0.25, "an example").passed);
        assert!(!Item::near("a", 1.26, 1.0, 0.25, "an example").passed);
        assert!(Item::between("a", 2.0, [1.0, 2.0], "an example").passed);
        assert!(!Item::between("a", 2.1, [1.0, 2.0], "an example").passed);
        assert!(Item::between("a", 1e9, [1.0, f64::INFINITY], "an example").passed);
        assert!(!Item::equal("a", "x", "y", "an example").passed);
    }

    #[test]
    fn a_line_has_six_digits_of_what_holds_and_all_of_what_does_not() {
        let item = Item::near("a", 12_345_678.123_456_7, 12_345_678.0, 1.0 / 3.0, "an example");
        assert_eq!(item.line(), "passed  a: 12345678, expected 12345678 within 0.333333 (an example)");
        assert_eq!(serde_json::to_value(&item).expect("JSON")["value"], 12_345_678.123_456_7);
        let tight = Item::near("a", 1.0 + 1e-12, 1.0, 1e-14, "an example");
        assert_eq!(tight.line(), "FAILED  a: 1.000000000001, expected 1 within 0.00000000000001 (an example)");
    }

    #[test]
    fn what_is_no_number_fails_and_can_still_be_printed() {
        let nan = Item::near("a", f64::NAN, 1.0, 9.0, "an example");
        assert!(!nan.passed && !Item::between("a", f64::NAN, [0.0, f64::INFINITY], "an example").passed);
        let json = serde_json::to_value(&nan).expect("JSON");
        assert_eq!((&json["value"], &json["expected"], &json["passed"]), (&"NaN".into(), &1.0.into(), &false.into()));
        assert!(nan.line().contains("FAILED  a: NaN, expected 1 within 9 (an example)"), "{}", nan.line());
    }
}
