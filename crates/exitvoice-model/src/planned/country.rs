//! The country: the famine and moves.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Hazard, Share};

/// Mortality where it differs from the published rates; everyone else is offset, so that each rate is kept in expectation.
#[derive(Params)]
#[params(prefix = "demography.death", part = History)]
pub(super) struct Death {
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
