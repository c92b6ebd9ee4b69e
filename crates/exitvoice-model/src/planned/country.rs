//! The country: mortality under penalty, moves, class, service.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, Persons, Share};

/// Mortality where it differs from the published rates; everyone else is offset, so that each rate is kept in expectation.
#[derive(Params)]
#[params(prefix = "demography.death", part = History)]
pub(super) struct Death {
    /// Factor on the hazard of death in a camp.
    #[param(default = "4", prior = "log_normal(4, 0.5)", grade = Assumed, source = "uncoi2014", why = "hunger and labour are documented, a rate is not")]
    pub(super) camp_factor: f64,
    /// Factor on the hazard of death of the banished.
    #[param(default = "1.3", prior = "log_normal(1.3, 0.2)", grade = Assumed, why = "poorer provinces and work; no source found")]
    pub(super) banished_factor: f64,
    /// Share of the famine's excess deaths that falls into its three worst years.
    #[param(default = "0.6", prior = "beta(6, 4)", grade = Assumed, source = "spoorenberg2012", why = "the published rates spread it flatly over eight years")]
    pub(super) famine_peak: Share,
}

/// Moves between provinces other than by marriage, service and banishment.
#[derive(Params)]
#[params(prefix = "demography.migration", part = History)]
pub(super) struct Migration {
    /// Moves of households between provinces.
    #[param(default = "0.005 /yr", prior = "log_normal(0.005 /yr, 0.7)", grade = Assumed, why = "moves need a permit; no source found")]
    pub(super) base_rate: Hazard,
    /// Moves of core-class households to the capital.
    #[param(default = "0.002 /yr", prior = "log_normal(0.002 /yr, 0.7)", grade = Assumed, why = "residence there is a privilege; no source found")]
    pub(super) privilege_rate: Hazard,
}

/// Rules of inheritance other than the paternal one (R2 to R6).
#[derive(Params)]
#[params(prefix = "class.inheritance", part = History)]
pub(super) struct Inheritance {
    /// Weight of the mother's record in the latent score of rule R4; the father's record and the grandparents' have the rest.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "SB018", why = "status is read from the father's line first")]
    pub(super) mother_weight: Share,
    /// Weight of the grandparents' records in the latent score of rule R4.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "SB017", why = "three generations are read, the nearest weighs most")]
    pub(super) grandparent_weight: Share,
    /// Standard deviation of the noise in the latent score of rule R4, in distances between neighbouring classes.
    #[param(default = "0.3", prior = "half_normal(0.3)", grade = Assumed, source = "SB031", why = "classes of fathers and children can hardly be told apart")]
    pub(super) score_noise: f64,
    /// Generations whose record rule R5 reads.
    #[param(default = "3", prior = "uniform(2, 5)", grade = Measured, source = "SB016, SB017", why = "three in both accounts, further for cadres")]
    pub(super) generations: f64,
}

/// Dossier and its review.
#[derive(Params)]
#[params(prefix = "class.review", part = History)]
pub(super) struct Review {
    /// Age at which the dossier is opened; also the age at which rule R6 freezes the class.
    #[param(default = "17 yr", prior = "uniform(16 yr, 18 yr)", grade = Measured, source = "SB014", why = "one study of former residents")]
    pub(super) opened_at: Days,
    /// Time between two reviews.
    #[param(default = "2 yr", prior = "log_normal(2 yr, 0.2)", grade = Measured, source = "SB015", why = "one study of former residents")]
    pub(super) interval: Days,
    /// Probability that a review after party entry or merit raises the class.
    #[param(symbol = "r_u", default = "0.005", prior = "beta(1, 199)", grade = Assumed, source = "SB031", why = "upward flow is reported as close to none")]
    pub(super) up: Share,
    /// Probability that a review after an offence of one's own or of kin lowers the class.
    #[param(symbol = "r_d", default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "SB031", why = "a small downward drift between generations")]
    pub(super) down: Share,
    /// Share of suspect lines lowered in a year of purge.
    #[param(default = "0.05", prior = "beta(1, 19)", grade = Assumed, source = "SB026", why = "purges are dated, their reach is not known")]
    pub(super) purge: Share,
    /// Share of lowered lines restored within a generation.
    #[param(default = "0.2", prior = "uniform(0.05, 0.4)", grade = Assumed, why = "unknown; without it rules R2 and R5 have no stationary shares")]
    pub(super) rehabilitation: Share,
}

/// Conscription: who serves, and how long.
#[derive(Params)]
#[params(prefix = "service.conscription", part = History)]
pub(super) struct Conscription {
    /// Age at conscription.
    #[param(default = "17 yr", prior = "uniform(16 yr, 18 yr)", grade = Measured, source = "KP021", why = "16 to 18 by account")]
    pub(super) age: Days,
    /// Service of men conscripted before 1993.
    #[param(default = "6.5 yr", prior = "uniform(3.5 yr, 10 yr)", grade = Measured, source = "KP010", why = "3.5 by law of 1958, 5 to 8 in practice")]
    pub(super) men_before_1993: Days,
    /// Service of men from 1993 to 1995.
    #[param(default = "10 yr", prior = "normal(10 yr, 0.5 yr)", grade = Measured, source = "KP011", why = "order of 1993")]
    pub(super) men_1993: Days,
    /// Service of men from 1996 to 2002.
    #[param(default = "13 yr", prior = "normal(13 yr, 0.5 yr)", grade = Measured, source = "KP012", why = "until the age of 30")]
    pub(super) men_1996: Days,
    /// Service of men from 2003 to 2013.
    #[param(default = "10 yr", prior = "normal(10 yr, 0.5 yr)", grade = Measured, source = "KP015", why = "law of 2003")]
    pub(super) men_2003: Days,
    /// Service of men from 2014 to 2018.
    #[param(default = "11 yr", prior = "normal(11 yr, 0.5 yr)", grade = Measured, source = "KP017", why = "extension of 2014")]
    pub(super) men_2014: Days,
    /// Service of men in 2019 and 2020.
    #[param(default = "13 yr", prior = "normal(13 yr, 0.5 yr)", grade = Measured, source = "KP018", why = "extension reported for 2019")]
    pub(super) men_2019: Days,
    /// Service of men from 2021 on.
    #[param(default = "8 yr", prior = "uniform(7 yr, 10 yr)", grade = Measured, source = "KP013, KP019", why = "8, and 10 in missile and mechanised units")]
    pub(super) men_2021: Days,
    /// Service of women before 2003.
    #[param(default = "10 yr", prior = "normal(10 yr, 1 yr)", grade = Measured, source = "KP016", why = "cut from 10 by the law of 2003")]
    pub(super) women_before_2003: Days,
    /// Service of women from 2003 to 2020.
    #[param(default = "7 yr", prior = "uniform(6 yr, 8.5 yr)", grade = Measured, source = "KP014, KP016", why = "7 by the law of 2003, 8 before the cut of 2021; the change between is not dated")]
    pub(super) women_2003: Days,
    /// Service of women from 2021 on.
    #[param(default = "5 yr", prior = "uniform(4.5 yr, 8 yr)", grade = Measured, source = "KP014, KP020", why = "5, by another source up to 8")]
    pub(super) women_2021: Days,
    /// Share of men of the two upper classes who are conscripted.
    #[param(default = "0.75", prior = "beta(15, 5)", grade = Assumed, why = "an army of a million needs two thirds to four fifths of a cohort of men")]
    pub(super) men_drafted: Share,
    /// Share of women of the two upper classes who are conscripted.
    #[param(default = "0.15", prior = "beta(3, 17)", grade = Assumed, source = "KP043", why = "up to four in ten soldiers by some accounts, one in seventeen of the census camps")]
    pub(super) women_drafted: Share,
    /// Drafted share of the hostile class relative to the others.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, source = "KP045", why = "such families are not normally drafted")]
    pub(super) hostile_drafted: Share,
    /// Share of the sons of the top elite who are exempt.
    #[param(default = "0.5", prior = "beta(5, 5)", grade = Assumed, source = "KP022", why = "named as exempt, without a share")]
    pub(super) elite_exempt: Share,
    /// Army size by the larger school.
    #[param(default = "1150000 persons", prior = "log_normal(1150000 persons, 0.1)", grade = Measured, source = "KP001, KP002, KP038", why = "1.02 to 1.28 million by official estimates")]
    pub(super) army_larger_school: Persons,
    /// Army size by the smaller school.
    #[param(default = "702372 persons", prior = "log_normal(702372 persons, 0.1)", grade = Measured, source = "KP039, KP040", why = "the census camps; a half to three quarters of a million by schooling data")]
    pub(super) army_smaller_school: Persons,
    /// Weight of the larger school: 1 takes its army, 0 the smaller one's.
    #[param(default = "0.5", prior = "beta(1, 1)", grade = Assumed, why = "the two schools differ by nearly a factor of two and neither is refuted")]
    pub(super) larger_school: Share,
}

/// Careers of soldiers; officers come from the core class with clean kin only, by definition.
#[derive(Params)]
#[params(prefix = "service.career", part = History)]
pub(super) struct Career {
    /// Clean years of service before party membership.
    #[param(default = "10 yr", prior = "uniform(8 yr, 13 yr)", grade = Measured, source = "KP044", why = "10 to 13 clean years")]
    pub(super) party_after: Days,
    /// Share of soldiers with clean years enough who are admitted to the party.
    #[param(default = "0.6", prior = "beta(6, 4)", grade = Assumed, source = "SB024", why = "a quarter of all people are members; no share of soldiers was found")]
    pub(super) party_admitted: Share,
    /// Share of officers in the army.
    #[param(default = "0.1", prior = "beta(2, 18)", grade = Assumed, source = "KP009", why = "4.2 in a hundred of the force sent, likely senior ranks only; 10 to 20 in armies of this type")]
    pub(super) officer_share: Share,
    /// Share of officers whose kin are clean enough for political and security posts.
    #[param(default = "0.4", prior = "beta(4, 6)", grade = Assumed, why = "stricter than for other officers; no source found")]
    pub(super) political_eligible: Share,
}

/// Private loyalty by class among those selected.
#[derive(Params)]
#[params(prefix = "service.selection", part = Force)]
pub(super) struct Selection {
    /// Mean private loyalty of the core class above the wavering, in standard deviations within a class.
    #[param(default = "0.5", prior = "half_normal(0.5)", grade = Assumed, why = "privilege binds, by an unknown amount; the gap in attempts would show it")]
    pub(super) core_loyalty_gap: f64,
}
