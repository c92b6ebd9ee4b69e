//! `check known-answers`: numbers that theory, a publication or an independent computation gives, recomputed through the functions
//! that the model runs on.
//!
//! One file per area with `pub const AREA: Area`, and its line in [`AREAS`]; `selftest` runs the same list.

mod class;
mod demography;
mod force;
mod inference;
mod substrate;

use super::{Item, Request, Suite};
use crate::command::Error;

/// The suite.
pub const SUITE: Suite = Suite {
    name: "known-answers",
    about: "Closed forms, published numbers and known posteriors, recomputed through the functions that the model runs on.",
    counts: None,
    run: |request, _progress| {
        let mut items = all(request)?;
        items.extend(inference::posteriors(request)?);
        Ok(items)
    },
};

/// Known answers of one part of the program.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// Its name.
    pub name: &'static str,
    /// Computes them; all areas together take less than half a minute.
    pub run: fn(&Request<'_>) -> Result<Vec<Item>, Error>,
}

/// Posteriors of capture-recapture and of ratings, by the engine of inference: the part of `known-answers` that takes longest, alone.
pub(super) const POSTERIORS: Suite = Suite {
    name: "posteriors",
    about: "Posteriors that are known otherwise (capture-recapture, Dawid-Skene), by the engine of inference.",
    counts: None,
    run: |request, _progress| inference::posteriors(request),
};

/// Every area.
pub const AREAS: &[Area] = &[class::AREA, demography::AREA, force::AREA, inference::AREA, substrate::AREA];

/// Items of every area, in order.
///
/// # Errors
/// What an area meets, or the request to stop.
pub fn all(request: &Request<'_>) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    for area in AREAS {
        request.machine.stop.check()?;
        items.extend((area.run)(request)?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Machine;

    #[test]
    fn every_known_answer_holds_and_says_why_its_tolerance_is_what_it_is() {
        let machine = Machine::this();
        for item in all(&Request::of(&machine)).expect("nothing stops it") {
            assert!(item.passed, "{}", item.line());
            assert!(item.reason.len() > 10, "{item:?}");
        }
    }
}
