//! Validation suites: `check NAME`. One file per suite, one line per suite in [`SUITES`].
//!
//! A suite returns [`Item`]s: what was found, what was expected, how far they may lie apart, and *why that far* (Monte-Carlo error,
//! rounding of a published number, a bound that was proved). An item without a reason for its tolerance cannot be written.
//!
//! To add one: a file here with `pub const SUITE: Suite`, and its line in [`SUITES`]. Known answers of an area are no suite of their
//! own: they are a file below [`known_answers`].

mod as_of;
mod calibration;
mod counts;
mod demography;
mod fuzz;
mod home;
mod item;
mod kinship;
pub mod known_answers;
mod patterns;
mod prior_predictive;
mod sbibm;
mod selection;
mod size_invariance;

pub use counts::Counts;
pub use item::{Item, Reading};

use crate::command::{Error, Machine, Progress};
use std::path::Path;

/// What a suite gets.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Files, threads, memory, the request to stop.
    pub machine: &'a Machine,
    /// `--n`: how much of it; what is counted stands in the suite's [`Suite::counts`]. `None`: the suite's default.
    pub n: Option<u32>,
    /// `--reference`: folder of reference answers; `None`: the embedded ones.
    pub reference: Option<&'a Path>,
    /// `--out`: folder in which a suite may leave tables, made already. The items are written there by the caller.
    pub out: Option<&'a Path>,
}

impl<'a> Request<'a> {
    /// The default of everything, on a machine.
    #[must_use]
    pub const fn of(machine: &'a Machine) -> Self {
        Self { machine, n: None, reference: None, out: None }
    }
}

/// One suite.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// Name on the command line: lower case, words joined by `-`.
    pub name: &'static str,
    /// One sentence: what it compares with what.
    pub about: &'static str,
    /// What `--n` counts; `None` where it counts nothing.
    pub counts: Option<Counts>,
    /// Runs it.
    pub run: fn(&Request<'_>, &mut dyn Progress) -> Result<Vec<Item>, Error>,
}

/// The suite that compares with a folder of reference answers.
pub(crate) const WITH_REFERENCE: &str = sbibm::SUITE.name;

/// Every suite, by name.
pub const SUITES: &[Suite] = &[
    calibration::ADVERSARIAL,
    as_of::SUITE,
    demography::SUITE,
    fuzz::SUITE,
    home::SUITE,
    kinship::SUITE,
    known_answers::SUITE,
    calibration::MISTAKES,
    calibration::NOWCAST,
    patterns::SUITE,
    known_answers::POSTERIORS,
    prior_predictive::SUITE,
    calibration::RECOVERY,
    calibration::SBC,
    calibration::SBC_WHOLE,
    sbibm::SUITE,
    selection::SUITE,
    size_invariance::SUITE,
];

/// The suite of a name.
///
/// # Errors
/// There is none: a usage error (exit 2) with the nearest name.
pub fn find(name: &str) -> Result<&'static Suite, Error> {
    SUITES.iter().find(|suite| suite.name == name).ok_or_else(|| Error::UnknownSuite {
        name: name.escape_debug().take(80).collect(),
        hint: hint(name, SUITES.iter().map(|suite| suite.name)),
    })
}

/// A question after the nearest name, or where all of them stand if none is near.
fn hint<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let found = nearest(name, names);
    if strsim::damerau_levenshtein(name, found) <= found.len() / 2 {
        format!("did you mean `{found}`?")
    } else {
        "`exitvoice check --help` lists them".to_owned()
    }
}

/// The nearest of some names, by edit distance; the first of equals.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> &'a str {
    names.min_by_key(|candidate| strsim::damerau_levenshtein(name, candidate)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_names_that_can_be_typed_and_stand_once() {
        for (index, suite) in SUITES.iter().enumerate() {
            assert!(suite.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(SUITES[..index].iter().all(|other| other.name < suite.name), "{} is out of order", suite.name);
            assert!(suite.about.ends_with('.'), "{}", suite.about);
        }
    }

    #[test]
    fn an_unknown_suite_is_a_usage_error_with_the_nearest_name() {
        let error = find("known-answer").expect_err("no such suite");
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0771", 2));
        assert!(error.to_string().contains("did you mean `known-answers`?"), "{error}");
    }
}
