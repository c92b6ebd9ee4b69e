//! The country: the famine.

use exitvoice_core::Params;
use exitvoice_core::quantity::Share;

/// Mortality where it differs from the published rates; everyone else is offset, so that each rate is kept in expectation.
#[derive(Params)]
#[params(prefix = "demography.death", part = History)]
pub(super) struct Death {
    /// Share of the famine's excess deaths that falls into its three worst years.
    #[param(default = "0.6", prior = "beta(6, 4)", grade = Assumed, source = "spoorenberg2012", why = "the published rates spread it flatly over eight years")]
    pub(super) famine_peak: Share,
}
