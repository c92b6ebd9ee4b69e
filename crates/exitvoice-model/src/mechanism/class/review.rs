//! # Dossier and review
//! A file is opened at 17 and read every second year; what stands in it moves the class of its bearer, purges move whole lines.
//!
//! ## Equation
//! reviews until the class moves ~ Geometric(r): `n = ceil(ln u / ln(1 - r))`, day = base + n x interval; `r = r_u` after party entry,
//! `r = r_d` after an entry for an offence
//! ## Symbols
//! base: day of party entry or of the entry; r_u, r_d: probability that one review raises or lowers the class
//! ## Resolution
//! one draw when the record changes, which closes the clock that ran before; no draw per review. Reclassification 1967-70 and purges read
//! the suspect lines through their oldest living man or orphan, once a year of purge, and move all his living descendants in the male line.
//! A child of a lowered line is restored by one class with the probability of rehabilitation, by a draw that brothers and sisters share
//! ## Not modelled
//! petitions, bribes for a better entry, files lost or burnt
//! ## Sources
//! `SB014`, `SB015`: opened at 17, read every two years; `SB026`: reclassification 1967-70; `SB031`: small downward drift
//! ## Claims
//! C1 the number of reviews is geometric (`reviews_until_a_move_are_geometric`) · C2 rehabilitation moves a lowered line up by one class and no
//! other (`only_a_lowered_line_is_restored`)

use crate::schedule::{Spec, Stage};
use crate::society::dossier::moved;
use crate::society::person::Class;
use crate::society::songbun::Stratum;
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, ModelVersion, Share};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "class.review",
    stage: Stage::Review,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["files.record", "files.career", "files.origin"],
    writes: &["files.record"],
    posts: &[],
};

/// Dossier and its review.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "class.review", part = History)]
pub struct Params {
    /// Age at which the dossier is opened; also the age at which rule R6 freezes the class.
    #[param(default = "17 yr", prior = "uniform(16 yr, 18 yr)", grade = Measured, source = "SB014", why = "one study of former residents")]
    pub opened_at: Days,
    /// Time between two reviews.
    #[param(default = "2 yr", prior = "log_normal(2 yr, 0.2)", grade = Measured, source = "SB015", why = "one study of former residents")]
    pub interval: Days,
    /// Probability that a review after party entry or merit raises the class.
    #[param(symbol = "r_u", default = "0.005", prior = "beta(1, 199)", grade = Assumed, source = "SB031", why = "upward flow is reported as close to none")]
    pub up: Share,
    /// Probability that a review after an offence of one's own or of kin lowers the class.
    #[param(symbol = "r_d", default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "SB031", why = "a small downward drift between generations")]
    pub down: Share,
    /// Share of suspect wavering lines lowered by the reclassification of 1967-70.
    #[param(default = "0.32", prior = "beta(8, 17)", grade = Assumed, source = "SB003, SB006, SB026", why = "7 in a hundred people between the hostile share of 1958 and that of 2012, of the 22 in suspect lines")]
    pub reclassified_down: Share,
    /// Share of wavering lines without suspicion raised by the reclassification of 1967-70.
    #[param(default = "0.09", prior = "beta(9, 91)", grade = Assumed, source = "SB001, SB004, SB026", why = "3 in a hundred people between the core share of 1958 and that of 2012, of the 33 in lines without suspicion")]
    pub reclassified_up: Share,
    /// Share of suspect lines lowered in a year of purge.
    #[param(default = "0.05", prior = "beta(1, 19)", grade = Assumed, source = "SB026", why = "purges are dated, their reach is not known")]
    pub purge: Share,
    /// Share of lowered lines restored within a generation.
    #[param(default = "0.2", prior = "uniform(0.05, 0.4)", grade = Assumed, why = "unknown; without it rules R2 and R5 have no stationary shares")]
    pub rehabilitation: Share,
}

/// First and last year of the nationwide reclassification (`SB026`).
pub const RECLASSIFICATION_YEARS: (i16, i16) = (1967, 1970);
/// First and last year of the founding classification: decree of 1957, intensive guidance 1958-60 (`SB011` to `SB013`).
pub const FOUNDING_CLASSIFICATION_YEARS: (i16, i16) = (1957, 1960);
/// Later years in which suspect lines were purged: the inquiry of the late famine years and the fall of a court faction. Widely reported;
/// no row of the evidence dates them.
pub const PURGE_YEARS: [i16; 2] = [1997, 2013];

/// Day of the review that moves the class, when each review does so with probability `chance`; `None` where it never does.
#[must_use]
pub fn review_day(params: &Params, chance: Share, base: Day, u: f64) -> Option<Day> {
    let chance = chance.value();
    if chance <= 0.0 {
        return None;
    }
    let reviews = if chance >= 1.0 { 1.0 } else { (math::ln(u) / math::ln_1p(-chance)).ceil().max(1.0) };
    let day = f64::from(base.0) + reviews * params.interval.0;
    (day < f64::from(i32::MAX)).then_some(Day(day.floor() as i32))
}

/// Day on which a file is opened.
#[must_use]
pub fn opening_day(params: &Params, birth: Day) -> Day {
    birth + params.opened_at.0 as i32
}

/// Class of a child by `inherited`, restored by one where its line stood higher at the founding and `u` falls below the rehabilitation.
#[must_use]
pub fn rehabilitated(params: &Params, inherited: Class, origin: Class, u: f64) -> Class {
    if inherited > origin && u < params.rehabilitation.value() { moved(inherited, -1) } else { inherited }
}

/// Probability that a purge or, in its years, the reclassification moves a line of this class and stratum, and the step; the years share
/// the reach of the reclassification equally.
#[must_use]
pub fn line_move(params: &Params, year: i16, class: Class, stratum: Stratum) -> Option<(f64, i8)> {
    let (first, last) = RECLASSIFICATION_YEARS;
    if class == Class::Hostile {
        return None;
    }
    if (first..=last).contains(&year) {
        // Equal hazards in each of the years left: the k-th of n years takes share / n of what stood at the start.
        let total = match (class, stratum) {
            (Class::Wavering, Stratum::Complex) => params.reclassified_down.value(),
            (Class::Wavering, Stratum::Basic) => params.reclassified_up.value(),
            _ => return None,
        };
        let (years, done) = (f64::from(last - first + 1), f64::from(year - first));
        let chance = total / years / (1.0 - total * done / years);
        return Some((chance, if stratum == Stratum::Complex { 1 } else { -1 }));
    }
    (PURGE_YEARS.contains(&year) && stratum == Stratum::Complex).then_some((params.purge.value(), 1))
}

/// Years from `birth` to `day`, for rules that name an age.
#[must_use]
pub fn age_years(birth: Day, day: Day) -> f64 {
    f64::from(day.0 - birth.0) / DAYS_PER_YEAR
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    pub(crate) fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn reviews_until_a_move_are_geometric() {
        let (params, draws) = (params(), Draws::new(Seed(2), Purpose::Test));
        let (n, base) = (20_000_u64, Day::new_year(1990));
        let reviews = |k: u64| {
            let day = review_day(&params, params.down, base, draws.uniform(k, 0)).expect("some day");
            (f64::from(day - base) / params.interval.0).round()
        };
        let mean = (0..n).map(reviews).sum::<f64>() / n as f64;
        // Mean 1 / r, standard deviation sqrt(1 - r) / r; four standard errors.
        assert!((mean - 1.0 / 0.3).abs() < 4.0 * (0.7_f64.sqrt() / 0.3) / (n as f64).sqrt(), "{mean}");
        let first = (0..n).filter(|k| reviews(*k) < 1.5).count() as f64 / n as f64;
        assert!((first - 0.3).abs() < 4.0 * (0.21 / n as f64).sqrt(), "{first}");
        assert_eq!(review_day(&params, Share::clamped(0.0), base, 0.5), None);
        assert_eq!(review_day(&params, Share::clamped(1.0), base, 0.5), Some(base + params.interval.0 as i32));
    }

    #[test]
    fn only_a_lowered_line_is_restored() {
        let params = params();
        for inherited in Class::ALL {
            for origin in Class::ALL {
                let child = rehabilitated(&params, inherited, origin, 0.1);
                if inherited > origin {
                    assert_eq!(child as u8 + 1, inherited as u8);
                } else {
                    assert_eq!(child, inherited);
                }
                assert_eq!(rehabilitated(&params, inherited, origin, 0.5), inherited);
            }
        }
    }

    #[test]
    fn the_years_of_reclassification_add_up_to_its_reach() {
        let params = params();
        let mut left = 1.0;
        for year in RECLASSIFICATION_YEARS.0..=RECLASSIFICATION_YEARS.1 {
            let (chance, step) = line_move(&params, year, Class::Wavering, Stratum::Complex).expect("moves");
            assert_eq!(step, 1);
            left *= 1.0 - chance;
        }
        assert!((1.0 - left - 0.32).abs() < 1e-12, "{left}");
        assert_eq!(line_move(&params, 1975, Class::Wavering, Stratum::Complex), None);
        assert_eq!(line_move(&params, 1997, Class::Wavering, Stratum::Basic), None);
        assert!(
            line_move(&params, 1997, Class::Core, Stratum::Complex).is_some(),
            "a raised suspect line stays suspect"
        );
    }
}
