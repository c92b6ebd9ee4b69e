//! What `--n` of a suite counts, how many it is without the option, and how many there may be.

use super::{Item, Request};
use crate::command::Error;
use std::fmt;

/// What `--n` counts.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// In words, in the plural.
    pub what: &'static str,
    /// Without the option.
    pub default: u32,
    /// Fewest and most.
    pub range: [u32; 2],
}

/// Hundredths of a country.
pub(super) const HUNDREDTHS: u32 = 100;

impl Counts {
    /// Hundredths of the country; `what` says which.
    pub(super) const fn hundredths(what: &'static str, default: u32) -> Self {
        Self { what, default, range: [1, HUNDREDTHS] }
    }

    /// How many were asked for.
    ///
    /// # Errors
    /// Fewer or more than there may be (exit 2).
    pub(crate) fn asked(&self, request: &Request<'_>) -> Result<u32, Error> {
        let (n, [least, most]) = (request.n.unwrap_or(self.default), self.range);
        if (least..=most).contains(&n) {
            return Ok(n);
        }
        let words = format!("{n} is out of range; this suite counts {}, from {least} to {most}", self.what);
        Err(Error::CannotTake { option: "--n", words })
    }

    /// The hundredths asked for, as a scale of the country.
    ///
    /// # Errors
    /// None, or more than all (exit 2).
    pub(super) fn scale(&self, request: &Request<'_>) -> Result<f64, Error> {
        Ok(f64::from(self.asked(request)?) / f64::from(HUNDREDTHS))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, default, range: [least, most] } = self;
        write!(f, "{what}, {least} to {most} [default: {default}]")
    }
}

/// Whether the country is large enough for the bounds of a suite.
pub(super) fn size(scale: f64, smallest: f64, reason: &str) -> Item {
    let scaled = scale < 1.0;
    Item::between(format!("simulated share of the country (scaled = {scaled})"), scale, [smallest, 1.0], reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Machine;

    #[test]
    fn what_is_asked_for_lies_in_the_range_or_is_refused() {
        let machine = Machine::this();
        let counts = Counts::hundredths("hundredths of the country", 10);
        let of = |n| {
            let request = Request { n, ..Request::of(&machine) };
            counts.scale(&request).map_err(|e| (e.exit_code(), e.to_string()))
        };
        assert_eq!([None, Some(1), Some(100)].map(of), [Ok(0.1), Ok(0.01), Ok(1.0)]);
        for n in [0, 101, u32::MAX] {
            let (code, words) = of(Some(n)).expect_err("out of range");
            assert!(code == 2 && words.contains("hundredths of the country, from 1 to 100"), "{words}");
        }
    }

    #[test]
    fn every_suite_can_do_as_much_as_it_does_without_being_asked() {
        for counts in crate::check::SUITES.iter().filter_map(|suite| suite.counts) {
            let [least, most] = counts.range;
            assert!(0 < least && (least..=most).contains(&counts.default), "{counts}");
        }
    }
}
