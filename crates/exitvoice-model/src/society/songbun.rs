//! Class by origin: what the founding classification booked for a line, in 51 numbered subcategories of five strata.
//!
//! The subcategories are numbered, not named: the lists in circulation differ. What matters here is their number (`SB009`, `SB010`), the
//! class and stratum they belong to, and that a line keeps its own through the father.

use super::person::{Class, Person, PersonId, Persons};
use exitvoice_core::column::Column;

/// Stratum of a subcategory: an alternative reading of the documents has five (`SB019`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stratum {
    /// Top elite; its sons are partly exempt from service.
    Special = 0,
    /// The rest of the core class.
    Nucleus = 1,
    /// Wavering without a suspicion.
    Basic = 2,
    /// Wavering and suspect: what reclassification and purges look at.
    Complex = 3,
    /// Hostile.
    Hostile = 4,
}

/// Subcategories of each stratum: 12 core, 18 wavering, 21 hostile, 51 in all.
const SUBCATEGORIES: [u8; 5] = [2, 10, 9, 9, 21];

/// Number of subcategories.
pub const SUBCATEGORY_COUNT: u8 = 51;

/// Stratum of each subcategory.
const STRATA: [Stratum; SUBCATEGORY_COUNT as usize] = {
    let mut strata = [Stratum::Hostile; SUBCATEGORY_COUNT as usize];
    let (mut stratum, mut number) = (0, 0);
    while stratum < SUBCATEGORIES.len() {
        let mut left = SUBCATEGORIES[stratum];
        while left > 0 {
            strata[number] = Stratum::ALL[stratum];
            (number, left) = (number + 1, left - 1);
        }
        stratum += 1;
    }
    strata
};

impl Stratum {
    /// All strata, in order.
    pub const ALL: [Self; 5] = [Self::Special, Self::Nucleus, Self::Basic, Self::Complex, Self::Hostile];

    /// Class that a stratum belongs to.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Special | Self::Nucleus => Class::Core,
            Self::Basic | Self::Complex => Class::Wavering,
            Self::Hostile => Class::Hostile,
        }
    }
}

/// Subcategory of the founding classification, 0 to 50, by stratum in order, and whether the reclassification of 1967-70 moved the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(u8);

/// Bit of a line moved by the reclassification.
const RECLASSIFIED: u8 = 1 << 6;

impl Origin {
    /// Subcategory of `stratum` at the share `u` in (0, 1) of its subcategories, which weigh the same.
    #[must_use]
    pub fn of_stratum(stratum: Stratum, u: f64) -> Self {
        let first: u8 = SUBCATEGORIES[..stratum as usize].iter().sum();
        let within = exitvoice_core::rng::sample::index(u, SUBCATEGORIES[stratum as usize] as usize) as u8;
        Self(first + within)
    }

    /// From the stored byte; `None` where it names no subcategory.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        if byte & !RECLASSIFIED < SUBCATEGORY_COUNT { Some(Self(byte)) } else { None }
    }

    /// Stored form.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// Number of the subcategory.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0 & !RECLASSIFIED
    }

    /// The same subcategory, moved by the reclassification.
    #[must_use]
    pub const fn reclassified(self) -> Self {
        Self(self.0 | RECLASSIFIED)
    }

    /// Whether the reclassification moved the line.
    #[must_use]
    pub const fn is_reclassified(self) -> bool {
        self.0 & RECLASSIFIED != 0
    }

    /// Stratum of the subcategory.
    #[must_use]
    pub fn stratum(self) -> Stratum {
        STRATA[usize::from(self.number())]
    }

    /// Class of the subcategory at the founding.
    #[must_use]
    pub fn class(self) -> Class {
        self.stratum().class()
    }

    /// Class that the line was booked in for good: the reclassification moved suspect wavering lines down and the others up.
    #[must_use]
    pub fn standing(self) -> Class {
        match self.stratum() {
            Stratum::Complex if self.is_reclassified() => Class::Hostile,
            Stratum::Basic if self.is_reclassified() => Class::Core,
            stratum => stratum.class(),
        }
    }
}

/// Root of a person's male line: the farthest known ancestor through fathers.
#[must_use]
pub fn line_root(persons: &Persons, person: PersonId) -> PersonId {
    std::iter::successors(Some(person), |p| persons.links[*p].father).last().unwrap_or(person)
}

/// Subcategory of every person's line, one byte a row.
pub type Origins = Column<Person, Origin>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_one_subcategories_fall_into_three_classes() {
        assert_eq!(SUBCATEGORIES.iter().sum::<u8>(), SUBCATEGORY_COUNT);
        let all: Vec<Origin> = (0..=u8::MAX).map_while(Origin::from_byte).collect();
        assert_eq!(all.len(), usize::from(SUBCATEGORY_COUNT));
        let of = |class: Class| all.iter().filter(|o| o.class() == class).count();
        assert_eq!(Class::ALL.map(of), [12, 18, 21]);
        assert!(all.windows(2).all(|w| w[0].stratum() <= w[1].stratum()));
    }

    #[test]
    fn a_share_of_a_stratum_stays_in_it() {
        for stratum in Stratum::ALL {
            for u in [1e-12, 0.3, 0.999_999_999] {
                assert_eq!(Origin::of_stratum(stratum, u).stratum(), stratum);
            }
        }
        assert_eq!(Origin::of_stratum(Stratum::Hostile, 0.999).number(), SUBCATEGORY_COUNT - 1);
    }

    #[test]
    fn reclassification_moves_the_standing_of_wavering_lines_alone() {
        for stratum in Stratum::ALL {
            let origin = Origin::of_stratum(stratum, 0.5);
            let moved = origin.reclassified();
            assert_eq!((moved.stratum(), moved.number(), moved.class()), (stratum, origin.number(), origin.class()));
            assert_eq!(origin.standing(), origin.class());
            let expected = match stratum {
                Stratum::Complex => Class::Hostile,
                Stratum::Basic => Class::Core,
                other => other.class(),
            };
            assert_eq!(moved.standing(), expected);
            assert_eq!(Origin::from_byte(moved.byte()), Some(moved));
        }
    }
}
