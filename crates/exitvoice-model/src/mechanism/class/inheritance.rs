//! # Inheritance of class
//! A child is booked in its father's class.
//!
//! ## Equation
//! `class(child) = class(father)` (rule R1, paternal)
//! ## Symbols
//! none
//! ## Resolution
//! at birth; founding lines are drawn from the founding shares
//! ## Not modelled
//! rules R2 to R6, review, purges, rehabilitation
//! ## Sources
//! `hrnk2012`: 28, 45 and 27 in a hundred; founding shares are taken from it
//! ## Claims
//! C1 under the paternal rule shares stay (`paternal_inheritance_keeps_the_father_s_class`)

use crate::schedule::{Spec, Stage};
use crate::society::person::Class;
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::rng::{Draws, sample};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "class.inheritance",
    stage: Stage::Birth,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["persons.class"],
    writes: &["persons.class"],
    posts: &[],
};

/// Founding shares.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "class.inheritance", part = History)]
pub struct Params {
    /// Share of founding lines in the core class.
    #[param(default = "0.28", prior = "beta(28, 72)", grade = Analogue, source = "SB001", why = "academic estimates for 2012; 25 and 30 for 1958-60")]
    pub founding_core: Share,
    /// Share of founding lines in the hostile class.
    #[param(default = "0.27", prior = "beta(27, 73)", grade = Analogue, source = "SB003", why = "academic estimates for 2012; 20 and 30 for 1958-60")]
    pub founding_hostile: Share,
}

/// Class of a founding line.
#[must_use]
pub fn founding_class(params: &Params, draws: Draws, key: u64) -> Class {
    let (core, hostile) = (params.founding_core.value(), params.founding_hostile.value());
    let weights = [core, (1.0 - core - hostile).max(0.0), hostile];
    Class::ALL[sample::categorical(draws.uniform(key, 0), &weights)]
}

/// Class of a child.
#[must_use]
pub const fn child_class(father: Class) -> Class {
    father
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paternal_inheritance_keeps_the_father_s_class() {
        for class in Class::ALL {
            assert_eq!(child_class(class), class);
        }
    }
}
