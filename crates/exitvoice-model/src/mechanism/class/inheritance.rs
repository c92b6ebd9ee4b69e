//! # Inheritance of class
//! The class in which a child is booked at birth, read from the files of its forebears by one of six rules.
//!
//! ## Equation
//! R1 `father` · R2 `worst(father, mother)` · R3 `best(father, mother)` · R4 `round((1 - w_m - w_g) father + w_m mother + w_g mean(grandparents)
//! + noise)` · R5 `worst(parents, their parents and siblings, ...)` to `generations` · R6 `head of the household`, frozen when the file is opened
//! ## Symbols
//! classes as numbers 0 core, 1 wavering, 2 hostile, as they stood when the year of the birth began; a parent without a file counts like the other
//! ## Resolution
//! at birth; the scenario names the rule, and all six are views over the same record. Founding lines are booked 1957-60, by shares and stratum
//! ## Not modelled
//! forged papers, adoption, the file of an illegitimate child
//! ## Sources
//! `SB004` to `SB010`: shares of 1958, 51 subcategories; `SB018`: the father's line; `SB016`, `SB017`: three generations
//! ## Claims
//! C1 under the paternal rule shares stay (`paternal_inheritance_keeps_the_father_s_class`) · C2 shares under the rules of two parents follow
//! the recursion of discrete generations (`hostile_and_core_shares_follow_the_known_recursion`)

use crate::schedule::{Spec, Stage};
use crate::society::person::Class;
use crate::society::songbun::{Origin, Stratum};
use exitvoice_core::Params;
use exitvoice_core::param::ParamValue;
use exitvoice_core::quantity::{Dimension, ModelVersion, QuantityError, Share};
use exitvoice_core::rng::{Draws, sample};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "class.inheritance",
    stage: Stage::Birth,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["persons.class", "files.origin"],
    writes: &["persons.class", "files.origin"],
    posts: &[],
};

/// Rule of inheritance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Rule {
    /// R1: the father's class.
    Paternal = 1,
    /// R2: the worse of the parents' classes.
    WorstOfTwo,
    /// R3: the better of the parents' classes.
    BestOfTwo,
    /// R4: a weighted score of parents and grandparents with noise.
    LatentScore,
    /// R5: the worst of three generations, the parents' siblings included.
    ThreeGenerations,
    /// R6: the class of the head of the household, frozen when the file is opened.
    HouseholdHead,
}

impl Rule {
    /// All rules, by number.
    pub const ALL: [Self; 6] = [
        Self::Paternal,
        Self::WorstOfTwo,
        Self::BestOfTwo,
        Self::LatentScore,
        Self::ThreeGenerations,
        Self::HouseholdHead,
    ];

    /// Key of the parameter that names the rule.
    pub const KEY: &'static str = "class.inheritance.rule";
    /// Its values in words.
    pub const DOMAIN: &'static str = "a whole number from 1 to 6, for rules R1 to R6";

    /// The rule of a number; `None` for numbers that name no rule.
    #[must_use]
    pub fn of_number(number: f64) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| (f64::from(*rule as u8) - number).abs() < f64::EPSILON)
    }

    /// Word used in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paternal => "R1_paternal",
            Self::WorstOfTwo => "R2_worst_of_two",
            Self::BestOfTwo => "R3_best_of_two",
            Self::LatentScore => "R4_latent_score",
            Self::ThreeGenerations => "R5_three_generations",
            Self::HouseholdHead => "R6_household_head",
        }
    }
}

impl ParamValue for Rule {
    const DIMENSION: Dimension = Dimension::Number;
    fn from_canonical(value: f64) -> Result<Self, QuantityError> {
        Self::of_number(value).ok_or(QuantityError::OutOfRange { found: value, domain: Self::DOMAIN })
    }
}

/// Founding shares and the rules.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "class.inheritance", part = History)]
pub struct Params {
    /// Rule of inheritance by its number: 1 paternal, 2 worst of two parents, 3 best of two, 4 latent score, 5 three generations, 6 head
    /// of the household.
    #[param(symbol = "R", default = "1", prior = "fixed", grade = Definition, source = "SB018", why = "a switch; status is read from the father's line")]
    pub rule: Rule,
    /// Share of founding lines booked in the core class.
    #[param(default = "0.25", prior = "beta(25, 75)", grade = Measured, source = "SB004, SB007", why = "attributed to the founding classification of 1958; 30 by another summary")]
    pub founding_core: Share,
    /// Share of founding lines booked in the hostile class.
    #[param(default = "0.2", prior = "beta(20, 80)", grade = Measured, source = "SB006, SB008", why = "attributed to the founding classification of 1958; 30 by another summary")]
    pub founding_hostile: Share,
    /// Share of the core class in its two highest subcategories.
    #[param(default = "0.05", prior = "beta(1, 19)", grade = Assumed, source = "SB019", why = "a special stratum is named above the nucleus, without a share")]
    pub special_share: Share,
    /// Share of the wavering class that is suspect.
    #[param(default = "0.4", prior = "beta(4, 6)", grade = Assumed, source = "SB019", why = "a complex stratum is named below the basic, without a share")]
    pub complex_share: Share,
    /// Weight of the mother's class in rule R4; the father's has what mother and grandparents leave.
    #[param(symbol = "w_m", default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "SB018", why = "status is read from the father's line first")]
    pub mother_weight: Share,
    /// Weight of the grandparents' classes in rule R4.
    #[param(symbol = "w_g", default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "SB017", why = "three generations are read, the nearest weighs most")]
    pub grandparent_weight: Share,
    /// Standard deviation of the noise of rule R4, in distances between neighbouring classes.
    #[param(default = "0.3", prior = "half_normal(0.3)", grade = Assumed, source = "SB031", why = "classes of fathers and children can hardly be told apart")]
    pub score_noise: f64,
    /// Generations that rule R5 reads, the child's own included.
    #[param(default = "3", prior = "uniform(2, 5)", grade = Measured, source = "SB016, SB017", why = "three in both accounts, further for cadres")]
    pub generations: f64,
}

/// Class of a founding line.
#[must_use]
pub fn founding_class(params: &Params, draws: Draws, key: u64) -> Class {
    let (core, hostile) = (params.founding_core.value(), params.founding_hostile.value());
    let weights = [core, (1.0 - core - hostile).max(0.0), hostile];
    Class::ALL[sample::categorical(draws.uniform(key, 0), &weights)]
}

/// Subcategory of a founding line that stands in `class`, by the key of its root.
#[must_use]
pub fn founding_origin(params: &Params, draws: Draws, root: u64, class: Class) -> Origin {
    let block = draws.block(root, 1);
    let split =
        |share: Share, within: Stratum, rest: Stratum| if block.uniform() < share.value() { within } else { rest };
    let stratum = match class {
        Class::Core => split(params.special_share, Stratum::Special, Stratum::Nucleus),
        Class::Wavering => split(params.complex_share, Stratum::Complex, Stratum::Basic),
        Class::Hostile => Stratum::Hostile,
    };
    Origin::of_stratum(stratum, block.second())
}

/// Class in which a child is booked until the year's files are read: that of rule R1.
#[must_use]
pub const fn child_class(father: Class) -> Class {
    father
}

/// Classes of a child's forebears on the day of its birth, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forebears {
    /// Father.
    pub father: Option<Class>,
    /// Mother.
    pub mother: Option<Class>,
    /// Grandparents who are known, for R4: the father's father and mother, then the mother's.
    pub grandparents: [[Option<Class>; 2]; 2],
    /// Worst class among grandparents, their forebears as far as R5 reads, and the parents' siblings.
    pub worst_kin: Option<Class>,
    /// Head of the household that the child is born into, for R6.
    pub head: Option<Class>,
}

/// Class of a child by a rule; `noise` is standard normal and used by R4 alone. A child without any known forebear is wavering.
#[must_use]
pub fn inherited(rule: Rule, params: &Params, forebears: &Forebears, noise: f64) -> Class {
    let father = forebears.father.or(forebears.mother).unwrap_or(Class::Wavering);
    let mother = forebears.mother.unwrap_or(father);
    match rule {
        Rule::Paternal => father,
        Rule::WorstOfTwo => father.max(mother),
        Rule::BestOfTwo => father.min(mother),
        Rule::LatentScore => latent(params, father, mother, &forebears.grandparents, noise),
        Rule::ThreeGenerations => forebears.worst_kin.map_or(father.max(mother), |w| w.max(father).max(mother)),
        Rule::HouseholdHead => forebears.head.unwrap_or(father),
    }
}

fn latent(params: &Params, father: Class, mother: Class, grandparents: &[[Option<Class>; 2]; 2], noise: f64) -> Class {
    let number = |class: Class| f64::from(class as u8);
    let own = number(father);
    let known = || grandparents.iter().flatten().flatten();
    let eldest = match known().count() {
        0 => own,
        count => known().map(|g| number(*g)).sum::<f64>() / count as f64,
    };
    let (mothers, elders) = (params.mother_weight.value(), params.grandparent_weight.value());
    let score =
        (1.0 - mothers - elders) * own + mothers * number(mother) + elders * eldest + params.score_noise * noise;
    Class::ALL[score.round().clamp(0.0, 2.0) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::MODEL_VERSION;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    fn of(father: Class, mother: Class) -> Forebears {
        Forebears { father: Some(father), mother: Some(mother), ..Forebears::default() }
    }

    #[test]
    fn paternal_inheritance_keeps_the_father_s_class() {
        for father in Class::ALL {
            for mother in Class::ALL {
                assert_eq!(inherited(Rule::Paternal, &params(), &of(father, mother), 0.0), father);
            }
        }
        assert!(SPEC.since <= MODEL_VERSION);
    }

    /// Shares of the next generation when a share `a` of couples is of one class and the others meet at random.
    fn next(rule: Rule, shares: [f64; 3], a: f64) -> [f64; 3] {
        let mut children = [0.0; 3];
        for father in Class::ALL {
            for mother in Class::ALL {
                let same = if father == mother { a } else { 0.0 };
                let couples = shares[father as usize] * (same + (1.0 - a) * shares[mother as usize]);
                children[inherited(rule, &params(), &of(father, mother), 0.0) as usize] += couples;
            }
        }
        children
    }

    #[test]
    fn hostile_and_core_shares_follow_the_known_recursion() {
        let start = [0.28, 0.45, 0.27];
        let cases = [
            (Rule::WorstOfTwo, Class::Hostile, 0.0, [0.467, 0.716, 0.919, 0.993, 1.000]),
            (Rule::WorstOfTwo, Class::Hostile, 0.8, [0.309, 0.352, 0.398, 0.446, 0.495]),
            (Rule::BestOfTwo, Class::Core, 0.0, [0.482, 0.731, 0.928, 0.995, 1.000]),
            (Rule::BestOfTwo, Class::Core, 0.8, [0.320, 0.364, 0.410, 0.459, 0.508]),
            (Rule::Paternal, Class::Core, 0.0, [0.28; 5]),
            (Rule::Paternal, Class::Hostile, 0.8, [0.27; 5]),
        ];
        for (rule, class, homogamy, expected) in cases {
            let mut shares = start;
            for share in expected {
                shares = next(rule, shares, homogamy);
                // The published answers have three decimals.
                assert!((shares[class as usize] - share).abs() < 6e-4, "{rule:?} {homogamy}: {shares:?}, {share}");
            }
        }
    }

    #[test]
    fn the_wider_rules_read_more_forebears() {
        use Class::{Core, Hostile, Wavering};
        let mut forebears = of(Core, Core);
        forebears.worst_kin = Some(Hostile);
        forebears.head = Some(Wavering);
        assert_eq!(inherited(Rule::ThreeGenerations, &params(), &forebears, 0.0), Hostile);
        assert_eq!(inherited(Rule::HouseholdHead, &params(), &forebears, 0.0), Wavering);
        forebears.mother = Some(Hostile);
        forebears.grandparents = [[Some(Hostile); 2]; 2];
        // .3 x 2 + .2 x 2 = 1.
        assert_eq!(inherited(Rule::LatentScore, &params(), &forebears, 0.0), Wavering);
        assert_eq!(inherited(Rule::LatentScore, &params(), &forebears, 9.0), Hostile);
        assert_eq!(inherited(Rule::LatentScore, &params(), &of(Wavering, Wavering), -9.0), Core);
        assert_eq!(inherited(Rule::Paternal, &params(), &Forebears::default(), 0.0), Wavering);
    }

    #[test]
    fn founding_lines_follow_the_shares_of_classes_and_strata() {
        let (params, draws) = (params(), Draws::new(Seed(5), Purpose::FoundingClass));
        let n = 40_000;
        let of_class = |class: Class| (0..n).filter(|k| founding_class(&params, draws, *k) == class).count() as f64;
        for (class, share) in Class::ALL.into_iter().zip([0.25, 0.55, 0.20]) {
            // Four standard errors of a share near a quarter.
            assert!((of_class(class) / n as f64 - share).abs() < 4.0 * (0.25 / n as f64).sqrt(), "{class:?}");
        }
        let within = |k: u64| founding_origin(&params, draws, k, Class::Wavering);
        let complex = (0..n).filter(|k| within(*k).stratum() == Stratum::Complex).count() as f64 / n as f64;
        assert!((complex - 0.4).abs() < 4.0 * (0.25 / n as f64).sqrt(), "{complex}");
        assert!((0..99).all(|k| within(k).class() == Class::Wavering));
    }

    #[test]
    fn a_rule_is_named_by_its_number() {
        assert_eq!(Rule::from_canonical(6.0), Ok(Rule::HouseholdHead));
        assert!(Rule::from_canonical(7.0).is_err() && Rule::from_canonical(1.5).is_err());
    }
}
