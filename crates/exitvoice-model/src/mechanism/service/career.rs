//! # Career
//! Ranks, party membership, and the officer track, which is open to the core class with clean kin only.
//!
//! ## Equation
//! `P(officer track | drafted, core, clean) = (s / (1 - s)) x L / O / core share of the drafted`; party card after ten clean years with the
//! probability of soldiers or of others, times a factor that grows evenly, before and after too, through 1 in 1988 and `party_growth` in 2021, the
//! product at least 0 and at most 1
//! ## Symbols
//! s: share of officers in the army; L, O: years served by a conscript and by an officer after commission
//! ## Resolution
//! chosen at conscription, commissioned at the age of commission if then core, with a clean file of one's own and no punished offender among
//! spouse and blood kin to degree two (political and security officers: to degree three). An offence of such a relative, a marriage to an offender or
//! a fall in class ends the track in the same year
//! ## Not modelled
//! promotion by merit, generals, civil cadres, expulsion from the party other than for an own offence
//! ## Sources
//! `KP044`: party after ten clean years; `SB022`: an uncle's camp closed the track; `SB023`, `SB024`: size of the party; `KP009`: officers
//! ## Claims
//! C1 the stock of officers has the share that the parameter names (`the_flow_of_officers_gives_their_share`) · C2 ranks rise with years
//! (`ranks_rise_with_years`) · C3 the party has its published counts of members
//! (`shares_stocks_army_and_party_lie_within_the_published_bounds_for_both_schools`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, ModelVersion, Share};
use exitvoice_core::time::DAYS_PER_YEAR;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "service.career",
    stage: Stage::Service,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["persons.class", "persons.birth", "files.record", "files.confined"],
    writes: &["files.career.officer", "files.career.party"],
    posts: &[],
};

/// Careers; officers come from the core class with clean kin only, by definition.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "service.career", part = History)]
pub struct Params {
    /// Clean years from the opening of the file to party membership.
    #[param(default = "10 yr", prior = "uniform(8 yr, 13 yr)", grade = Measured, source = "KP044", why = "10 to 13 clean years")]
    pub party_after: Days,
    /// Share of those drafted who are admitted to the party after clean years enough, about 1988.
    #[param(default = "0.7", prior = "beta(7, 3)", grade = Assumed, source = "SB023, SB024", why = "no share of soldiers was found; with that of others and their growth set from the two counts of members")]
    pub party_admitted: Share,
    /// Share of those of the two upper classes who did not serve and are admitted to the party at the same age, about 1988.
    #[param(default = "0.46", prior = "beta(4.6, 5.4)", grade = Assumed, source = "SB023, SB024", why = "soldiers alone do not fill the party; no share was found; see that of soldiers")]
    pub party_others: Share,
    /// Factor by which both shares grow from 1988 to 2021, as evenly as before.
    #[param(default = "1.3", prior = "log_normal(1.3, 0.1)", grade = Assumed, source = "SB023, SB024", why = "members grew from 3.0 to 6.5 million: from three to four in ten of those over 27; the course between the counts is not known")]
    pub party_growth: f64,
    /// Age at commission.
    #[param(default = "21 yr", prior = "uniform(20 yr, 24 yr)", grade = Assumed, why = "some years in the ranks and a school of two; no source found")]
    pub commissioned_at: Days,
    /// Age to which officers serve.
    #[param(default = "45 yr", prior = "uniform(40 yr, 55 yr)", grade = Assumed, why = "ranks below the general; no source found")]
    pub officer_until: Days,
    /// Share of officers in the army.
    #[param(symbol = "s", default = "0.1", prior = "beta(2, 18)", grade = Assumed, source = "KP009", why = "4.2 in a hundred of the force sent, likely senior ranks only; 10 to 20 in armies of this type")]
    pub officer_share: Share,
    /// Share of officers whose kin are clean enough for political and security posts and who are given one.
    #[param(default = "0.4", prior = "beta(4, 6)", grade = Assumed, why = "stricter than for other officers; no source found")]
    pub political_eligible: Share,
}

/// Degrees of blood kin that must be clean for an officer, and for a political or security officer.
pub const CLEAN_DEGREE: u8 = 2;
/// The same for political and security officers.
pub const CLEAN_DEGREE_STRICT: u8 = 3;
/// Years of service from which a soldier counts as non-commissioned, an officer as senior; handbooks of armies of this type.
const NON_COMMISSIONED_FROM_YEARS: f64 = 5.0;
/// The same for senior officers.
const SENIOR_FROM_YEARS: f64 = 15.0;
/// Share of the core class among the drafted at the founding shares of 2012: .28 / (.28 + .45) (`SB001`, `SB002`), and of them clean.
const CORE_AMONG_DRAFTED: f64 = 0.38;
/// Share of the core class without a punished offender among close kin, about: measured at the default parameters.
const CLEAN_AMONG_CORE: f64 = 0.9;

/// Rank of a soldier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rank {
    /// Private.
    Private,
    /// Non-commissioned.
    NonCommissioned,
    /// Junior officer.
    JuniorOfficer,
    /// Senior officer.
    SeniorOfficer,
}

/// Which track a soldier is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Track {
    /// In the ranks.
    Ranks = 0,
    /// Officer.
    Officer = 1,
    /// Political or security officer.
    PoliticalOfficer = 2,
}

impl Track {
    /// From its number; `None` for numbers that name no track.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Ranks),
            1 => Some(Self::Officer),
            2 => Some(Self::PoliticalOfficer),
            _ => None,
        }
    }
}

/// Rank by track and years of service.
#[must_use]
pub fn rank(track: Track, years: f64) -> Rank {
    match (track, years) {
        (Track::Ranks, y) if y < NON_COMMISSIONED_FROM_YEARS => Rank::Private,
        (Track::Ranks, _) => Rank::NonCommissioned,
        (_, y) if y < SENIOR_FROM_YEARS => Rank::JuniorOfficer,
        _ => Rank::SeniorOfficer,
    }
}

/// Probability that a drafted person of the core class is put on the officer track, where conscripts serve for `length`.
#[must_use]
pub fn officer_track(params: &Params, length: Days) -> f64 {
    let share = params.officer_share.value().min(1.0 - f64::EPSILON);
    let as_officer = (params.officer_until.0 - params.commissioned_at.0).max(DAYS_PER_YEAR);
    (share / (1.0 - share) * length.0 / as_officer / CORE_AMONG_DRAFTED / CLEAN_AMONG_CORE).min(1.0)
}

/// Factor on the shares admitted to the party for somebody who has the clean years in `year`: a line through 1 in the year of the first
/// published count of members and `party_growth` in that of the second.
#[must_use]
pub fn party_factor(params: &Params, year: f64) -> f64 {
    let [(first, _), (last, _)] = PUBLISHED_MEMBERS.map(|(year, members)| (f64::from(year), members));
    (1.0 + (params.party_growth - 1.0) * (year - first) / (last - first)).max(0.0)
}

/// Published members of the party, persons, by year (`SB023`, `SB024`).
pub const PUBLISHED_MEMBERS: [(i16, f64); 2] = [(1988, 3_000_000.0), (2021, 6_500_000.0)];
/// What the published numbers of members leave open, persons: both are given in halves of a million.
pub const MEMBERS_ROUNDING: f64 = 250_000.0;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn the_flow_of_officers_gives_their_share() {
        let params = params();
        let length = Days(8.0 * DAYS_PER_YEAR);
        // Of every drafted person, core and clean come first, then the track: stock is flow times years.
        let officers = CORE_AMONG_DRAFTED * CLEAN_AMONG_CORE * officer_track(&params, length) * 24.0;
        let conscripts = 8.0;
        assert!((officers / (officers + conscripts) - 0.1).abs() < 1e-9, "{officers}");
        let all = Params { officer_share: Share::clamped(1.0), ..params };
        assert!((officer_track(&all, length) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn admission_to_the_party_grows_evenly_through_the_published_counts() {
        let params = Params { party_growth: 1.5, ..params() };
        for (year, factor) in [(1900.0, 0.0), (1971.5, 0.75), (1988.0, 1.0), (2004.5, 1.25), (2021.0, 1.5)] {
            assert!((party_factor(&params, year) - factor).abs() < 1e-12, "{year}");
        }
    }

    #[test]
    fn ranks_rise_with_years() {
        assert_eq!(rank(Track::Ranks, 1.0), Rank::Private);
        assert_eq!(rank(Track::Ranks, 7.0), Rank::NonCommissioned);
        assert_eq!(rank(Track::Officer, 7.0), Rank::JuniorOfficer);
        assert_eq!(rank(Track::PoliticalOfficer, 20.0), Rank::SeniorOfficer);
        assert!(Rank::NonCommissioned < Rank::JuniorOfficer);
    }
}
