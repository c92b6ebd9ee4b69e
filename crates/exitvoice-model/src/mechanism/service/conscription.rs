//! # Conscription
//! Who is drafted at 17, and for how long.
//!
//! ## Equation
//! `P(drafted) = share of the sex x class factor x (1 - exempt, for sons of the top elite) x army / larger school's army`
//! ## Symbols
//! army: size by the school chosen, `w x larger + (1 - w) x smaller`
//! ## Resolution
//! at the age of conscription, one draw a life; the length of service is that in force in the year of entry. Everyone serves the full time
//! unless dead, in a camp or made an officer
//! ## Not modelled
//! health, students, discharge and re-enlistment, branches of service with other lengths
//! ## Sources
//! `KP010` to `KP021`: age and lengths; `KP022`, `KP045`: who is left out; `KP001`, `KP002`, `KP038` to `KP042`: size of the army
//! ## Claims
//! C1 lengths follow the year of entry and the sex (`length_follows_year_and_sex`) · C2 the hostile class is mostly left out, the elite half
//! (`few_of_the_hostile_and_half_of_the_elite_serve`)

use crate::schedule::{Spec, Stage};
use crate::society::person::Class;
use crate::society::rates::Sex;
use crate::society::songbun::Stratum;
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, ModelVersion, Persons, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "service.conscription",
    stage: Stage::Service,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["persons.class", "persons.sex", "persons.birth", "files.origin"],
    writes: &["files.career.drafted"],
    posts: &[],
};

/// Conscription: who serves, and how long.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "service.conscription", part = History)]
pub struct Params {
    /// Age at conscription.
    #[param(default = "17 yr", prior = "uniform(16 yr, 18 yr)", grade = Measured, source = "KP021", why = "16 to 18 by account")]
    pub age: Days,
    /// Service of men conscripted before 1993.
    #[param(default = "6.5 yr", prior = "uniform(3.5 yr, 10 yr)", grade = Measured, source = "KP010", why = "3.5 by law of 1958, 5 to 8 in practice")]
    pub men_before_1993: Days,
    /// Service of men from 1993 to 1995.
    #[param(default = "10 yr", prior = "normal(10 yr, 0.5 yr)", grade = Measured, source = "KP011", why = "order of 1993")]
    pub men_1993: Days,
    /// Service of men from 1996 to 2002.
    #[param(default = "13 yr", prior = "normal(13 yr, 0.5 yr)", grade = Measured, source = "KP012", why = "until the age of 30")]
    pub men_1996: Days,
    /// Service of men from 2003 to 2013.
    #[param(default = "10 yr", prior = "normal(10 yr, 0.5 yr)", grade = Measured, source = "KP015", why = "law of 2003")]
    pub men_2003: Days,
    /// Service of men from 2014 to 2018.
    #[param(default = "11 yr", prior = "normal(11 yr, 0.5 yr)", grade = Measured, source = "KP017", why = "extension of 2014")]
    pub men_2014: Days,
    /// Service of men in 2019 and 2020.
    #[param(default = "13 yr", prior = "normal(13 yr, 0.5 yr)", grade = Measured, source = "KP018", why = "extension reported for 2019")]
    pub men_2019: Days,
    /// Service of men from 2021 on.
    #[param(default = "8 yr", prior = "uniform(7 yr, 10 yr)", grade = Measured, source = "KP013, KP019", why = "8, and 10 in missile and mechanised units")]
    pub men_2021: Days,
    /// Service of women before 2003.
    #[param(default = "10 yr", prior = "normal(10 yr, 1 yr)", grade = Measured, source = "KP016", why = "cut from 10 by the law of 2003")]
    pub women_before_2003: Days,
    /// Service of women from 2003 to 2020.
    #[param(default = "7 yr", prior = "uniform(6 yr, 8.5 yr)", grade = Measured, source = "KP014, KP016", why = "7 by the law of 2003, 8 before the cut of 2021; the change between is not dated")]
    pub women_2003: Days,
    /// Service of women from 2021 on.
    #[param(default = "5 yr", prior = "uniform(4.5 yr, 8 yr)", grade = Measured, source = "KP014, KP020", why = "5, by another source up to 8")]
    pub women_2021: Days,
    /// Share of men of the two upper classes who are conscripted, by the larger school of army size.
    #[param(default = "0.65", prior = "beta(13, 7)", grade = Assumed, source = "KP001, KP038", why = "at the lengths of service of the 2010s an army of 1.15 million needs about two thirds of the men of the two upper classes")]
    pub men_drafted: Share,
    /// Share of women of the two upper classes who are conscripted, by the larger school of army size.
    #[param(default = "0.15", prior = "beta(3, 17)", grade = Assumed, source = "KP043", why = "up to four in ten soldiers by some accounts, one in seventeen of the census camps")]
    pub women_drafted: Share,
    /// Drafted share of the hostile class relative to the others.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, source = "KP045", why = "such families are not normally drafted")]
    pub hostile_drafted: Share,
    /// Share of the sons of the top elite who are exempt.
    #[param(default = "0.5", prior = "beta(5, 5)", grade = Assumed, source = "KP022", why = "named as exempt, without a share")]
    pub elite_exempt: Share,
    /// Army size by the larger school.
    #[param(default = "1150000 persons", prior = "log_normal(1150000 persons, 0.1)", grade = Measured, source = "KP001, KP002, KP038", why = "1.02 to 1.28 million by official estimates")]
    pub army_larger_school: Persons,
    /// Army size by the smaller school.
    #[param(default = "702372 persons", prior = "log_normal(702372 persons, 0.1)", grade = Measured, source = "KP039, KP040", why = "the census camps; a half to three quarters of a million by schooling data")]
    pub army_smaller_school: Persons,
    /// Weight of the larger school: 1 takes its army, 0 the smaller one's.
    #[param(symbol = "w", default = "0.5", prior = "beta(1, 1)", grade = Assumed, why = "the two schools differ by nearly a factor of two and neither is refuted")]
    pub larger_school: Share,
}

/// Published bounds of the army by school, persons: smaller (`KP039`, `KP040`), larger (`KP038`, `KP001`).
pub const PUBLISHED_ARMY: [(f64, f64); 2] = [(500_000.0, 750_000.0), (1_020_000.0, 1_280_000.0)];

/// Years from which a new length of service holds, for men and for women.
const MEN_CHANGES: [i16; 6] = [1993, 1996, 2003, 2014, 2019, 2021];
/// The same for women.
const WOMEN_CHANGES: [i16; 2] = [2003, 2021];

/// Length of service of somebody who enters in `year`.
#[must_use]
pub fn length(params: &Params, sex: Sex, year: i16) -> Days {
    let step = |changes: &[i16]| changes.partition_point(|change| *change <= year);
    let men = [
        params.men_before_1993,
        params.men_1993,
        params.men_1996,
        params.men_2003,
        params.men_2014,
        params.men_2019,
        params.men_2021,
    ];
    let women = [params.women_before_2003, params.women_2003, params.women_2021];
    match sex {
        Sex::Male => men[step(&MEN_CHANGES)],
        Sex::Female => women[step(&WOMEN_CHANGES)],
    }
}

/// Size of the army by the chosen school relative to the larger one.
#[must_use]
pub fn school(params: &Params) -> f64 {
    let (larger, smaller) = (f64::from(params.army_larger_school.0), f64::from(params.army_smaller_school.0));
    let weight = params.larger_school.value();
    (weight * larger + (1.0 - weight) * smaller) / larger
}

/// Probability of being drafted.
#[must_use]
pub fn probability(params: &Params, sex: Sex, class: Class, stratum: Stratum) -> f64 {
    let share = if sex == Sex::Male { params.men_drafted } else { params.women_drafted }.value();
    let by_class = if class == Class::Hostile { params.hostile_drafted.value() } else { 1.0 };
    let exempt = if stratum == Stratum::Special && class == Class::Core { params.elite_exempt.value() } else { 0.0 };
    (share * by_class * (1.0 - exempt) * school(params)).min(1.0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn length_follows_year_and_sex() {
        let params = params();
        let years = |sex, year| length(&params, sex, year).0 / exitvoice_core::time::DAYS_PER_YEAR;
        let men = [
            (1960, 6.5),
            (1992, 6.5),
            (1993, 10.0),
            (1996, 13.0),
            (2003, 10.0),
            (2014, 11.0),
            (2020, 13.0),
            (2021, 8.0),
        ];
        for (year, expected) in men {
            assert!((years(Sex::Male, year) - expected).abs() < 1e-9, "{year}");
        }
        for (year, expected) in [(1960, 10.0), (2002, 10.0), (2003, 7.0), (2020, 7.0), (2024, 5.0)] {
            assert!((years(Sex::Female, year) - expected).abs() < 1e-9, "{year}");
        }
    }

    #[test]
    fn few_of_the_hostile_and_half_of_the_elite_serve() {
        let params = Params { larger_school: Share::clamped(1.0), ..params() };
        let men = |class, stratum| probability(&params, Sex::Male, class, stratum);
        assert!((men(Class::Wavering, Stratum::Basic) - 0.65).abs() < 1e-12);
        assert!((men(Class::Hostile, Stratum::Hostile) - 0.065).abs() < 1e-12);
        assert!((men(Class::Core, Stratum::Special) - 0.325).abs() < 1e-12);
        let smaller = Params { larger_school: Share::clamped(0.0), ..params };
        let ratio = probability(&smaller, Sex::Male, Class::Core, Stratum::Nucleus) / 0.65;
        assert!((ratio - 702_372.0 / 1_150_000.0).abs() < 1e-12);
    }
}
