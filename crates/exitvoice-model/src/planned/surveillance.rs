//! Who reports on whom, and what the regime does with it.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, Share};

/// Denunciations by informers and by those in whom somebody confided.
#[derive(Params)]
#[params(prefix = "surveillance.denunciation", part = Force)]
pub(super) struct Denunciation {
    /// Share of soldiers who are secret informers.
    #[param(symbol = "iota", default = "0.0556", prior = "beta(5, 85)", grade = Measured, source = "KP029", why = "6 to 7 in a company of about 120: one in eighteen", lever)]
    pub(super) informer_share: Share,
    /// Probability that an informer who is told of a plan reports it.
    #[param(symbol = "sigma", default = "0.35", prior = "beta(3.5, 6.5)", grade = Assumed, why = "prototype value", lever)]
    pub(super) told: Share,
    /// Denunciations by an informer of one mate who showed a sign.
    #[param(symbol = "sigma'", default = "0.02 /d", prior = "log_normal(0.02 /d, 1)", grade = Assumed, why = "a sign is reported within weeks, more slowly than a plan")]
    pub(super) sign_rate: Hazard,
    /// Denunciations by an informer of one innocent mate.
    #[param(symbol = "phi", default = "0.0001 /d", prior = "log_normal(0.0001 /d, 1)", grade = Assumed, why = "prototype value; worse signals hit more innocents")]
    pub(super) innocent_rate: Hazard,
    /// Probability that a mate of full loyalty who is no informer denounces a plan confided to him.
    #[param(symbol = "delta0", default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "below an informer's; mates rarely speak")]
    pub(super) others: Share,
    /// Probability that a denunciation becomes known in the squad.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "sources are protected; arrests let mates guess")]
    pub(super) becomes_known: Share,
}

/// Periodic assessments by political officers.
#[derive(Params)]
#[params(prefix = "surveillance.assessment", part = Force)]
pub(super) struct Assessment {
    /// Time between two assessments of a soldier.
    #[param(default = "30 d", prior = "log_normal(30 d, 0.5)", grade = Assumed, source = "KP024", why = "ratings are reported, their beat is not; a month")]
    pub(super) interval: Days,
    /// Standard deviation of the rating's error, in standard deviations of the public face.
    #[param(default = "1", prior = "log_normal(1, 0.5)", grade = Assumed, why = "as much error as truth; no source found")]
    pub(super) noise: f64,
}

/// What superiors do with denunciations and assessments.
#[derive(Params)]
#[params(prefix = "surveillance.audit", part = Force)]
pub(super) struct Audit {
    /// Time for which a denunciation counts in the ranking.
    #[param(default = "30 d", prior = "uniform(14 d, 60 d)", grade = Assumed, why = "prototype value")]
    pub(super) window: Days,
    /// Most soldiers of a company acted on in a week.
    #[param(symbol = "c", default = "0.1", prior = "log_normal(0.1, 1)", grade = Assumed, why = "about what false and true denunciations of a company bring up; no source found", lever)]
    pub(super) quota: f64,
    /// Mean time from a denunciation to the act on it.
    #[param(default = "2 d", prior = "log_normal(2 d, 0.7)", grade = Assumed, why = "through the company to the battalion's officer; twice the lag of a cell", lever)]
    pub(super) delay: Days,
    /// Share of acts that are an arrest.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Analogue, source = "DR030, DR031, DR035", why = "Stalingrad front 1942: nineteen in twenty of the men stopped were sent back")]
    pub(super) arrest: Share,
    /// Share of the other acts that are a transfer; the rest are warnings.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "no source found")]
    pub(super) transfer: Share,
}
