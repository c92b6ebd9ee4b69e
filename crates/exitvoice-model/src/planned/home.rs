//! What an exit brings at home, and what the deployment brings the regime.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, Share};

/// Penalties at home after an exit abroad, by the weights of `control.guilt_by_association`.
#[derive(Params)]
#[params(prefix = "home.penalty", part = Force)]
pub(super) struct Penalty {
    /// Probability that an exit becomes known at home as one.
    #[param(default = "0.7", prior = "beta(7, 3)", grade = Assumed, why = "the unit knows who is gone, not always how; no source found")]
    pub(super) exit_known: Share,
    /// Probability that a known exit is followed by penalties at all, whatever the soldiers believe.
    #[param(default = "0.5", prior = "beta(2, 2)", grade = Assumed, source = "loeffel2012", why = "elsewhere threatened often and applied seldom", lever)]
    pub(super) applied: Share,
    /// Median time from the known exit to the penalty.
    #[param(default = "60 d", prior = "log_normal(60 d, 0.7)", grade = Assumed, why = "inquiry, file, order; no source found", lever)]
    pub(super) delay: Days,
    /// Share of the families of the selected that are moved and kept together.
    #[param(default = "0.5", prior = "beta(1, 1)", grade = Assumed, source = "CP012, DP018", why = "one agency says so of the families, without a share", lever)]
    pub(super) families_moved: Share,
}

/// Rewards to the families of the dead.
#[derive(Params)]
#[params(prefix = "home.reward", part = Force)]
pub(super) struct Reward {
    /// Probability that the family of a soldier killed in action is rewarded.
    #[param(default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "honours for families are customary; no share found", lever)]
    pub(super) probability: Share,
    /// Share of rewards that raise the family's class.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "families of the war dead stand high in the class record; no share found")]
    pub(super) class_raised: Share,
}

/// Outside knowledge carried home.
#[derive(Params)]
#[params(prefix = "home.returnees", part = Force)]
pub(super) struct Returnees {
    /// Rate at which a relative learns what a returnee knows.
    #[param(default = "0.02 /d", prior = "log_normal(0.02 /d, 1)", grade = Assumed, why = "within weeks among kin who live together; no source found")]
    pub(super) kin_rate: Hazard,
    /// Rate at which a neighbour learns what a returnee knows.
    #[param(default = "0.002 /d", prior = "log_normal(0.002 /d, 1)", grade = Assumed, why = "a tenth of the rate among kin: talk is reported")]
    pub(super) neighbour_rate: Hazard,
}

/// Columns of the ledger; never netted or valued in one unit.
#[derive(Params)]
#[params(prefix = "regime.ledger", part = Force)]
pub(super) struct Ledger {
    /// Pay of a combat soldier, in US dollars a month.
    #[param(default = "2000", prior = "log_normal(2000, 0.2)", grade = Measured, source = "DE001", why = "one agency, first inferred from the pay of foreigners")]
    pub(super) pay_combat: f64,
    /// Pay of others, in US dollars a month.
    #[param(default = "800", prior = "log_normal(800, 0.3)", grade = Measured, source = "DE002", why = "one source")]
    pub(super) pay_other: f64,
    /// Share of soldiers paid as others.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "support of an infantry force; no source found")]
    pub(super) other_share: Share,
    /// Share of the pay that the regime keeps.
    #[param(default = "0.9", prior = "uniform(0.3, 1)", grade = Analogue, source = "DE003, DE008", why = "90 by the press; workers abroad 67 to 70, in one account 30")]
    pub(super) regime_share: Share,
    /// Shells delivered, in rounds a year.
    #[param(default = "2800000", prior = "log_normal(2800000, 0.7)", grade = Measured, source = "DE016", why = "one belligerent's count; others are three times as high")]
    pub(super) shells: f64,
    /// Oil received, in barrels a year.
    #[param(default = "1330000", prior = "log_normal(1330000, 0.3)", grade = Measured, source = "DE019, DE020", why = "at least a million barrels in nine months, in 43 voyages")]
    pub(super) oil: f64,
    /// Technical systems received, in kinds a year.
    #[param(default = "3", prior = "log_normal(3, 0.7)", grade = Assumed, why = "air defence, jamming and guidance are named; nothing is counted")]
    pub(super) technology: f64,
}

/// Responses of the regime when their switch is on.
#[derive(Params)]
#[params(prefix = "regime.response", part = Force)]
pub(super) struct Response {
    /// Known exits within thirty days that set off a response.
    #[param(default = "5", prior = "log_normal(5, 0.7)", grade = Assumed, why = "one cell of the size that was reported would do; no source found", lever)]
    pub(super) trigger: f64,
    /// Factor on the share of informers once a response is set off.
    #[param(default = "3", prior = "log_normal(3, 0.5)", grade = Analogue, source = "SV007", why = "border cities of 2018: informers tripled, by rumour", lever)]
    pub(super) informer_factor: f64,
    /// Time for which units are pulled back.
    #[param(default = "14 d", prior = "log_normal(14 d, 0.5)", grade = Analogue, source = "DP062, DP063", why = "the pause of January 2025, two to three weeks, its reason unknown", lever)]
    pub(super) pull_back: Days,
}
