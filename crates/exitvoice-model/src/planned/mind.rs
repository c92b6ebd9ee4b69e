//! What a soldier sees, fears, believes and shows.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, Share};

/// Exposure to life outside, from 0 to 1.
#[derive(Params)]
#[params(prefix = "mind.exposure", part = Force)]
pub(super) struct Exposure {
    /// Share of what is not yet seen that a day abroad shows.
    #[param(symbol = "mu", default = "0.01", prior = "beta(1, 99)", grade = Assumed, why = "prototype value: two thirds after a hundred days")]
    pub(super) growth: Share,
}

/// Fear and fatigue.
#[derive(Params)]
#[params(prefix = "mind.fear", part = Force)]
pub(super) struct Fear {
    /// Share of fear and fatigue lost in a day.
    #[param(symbol = "d_F", default = "0.1", prior = "beta(2, 18)", grade = Assumed, source = "appel1946", why = "prototype value: a week of rest halves it")]
    pub(super) decay: Share,
    /// Rise of fear and fatigue per share of the squad lost in a day.
    #[param(symbol = "kappa_F", default = "3", prior = "log_normal(3, 0.5)", grade = Assumed, source = "appel1946", why = "prototype value")]
    pub(super) rise: f64,
}

/// Beliefs about being caught, about successes, and about the fate of kin.
#[derive(Params)]
#[params(prefix = "mind.belief", part = Force)]
pub(super) struct Belief {
    /// Perceived probability of being caught before any case is known.
    #[param(symbol = "q^_0", default = "0.5", prior = "beta(5, 5)", grade = Assumed, why = "the reference of the decision; told apart from its effect only weakly")]
    pub(super) catch_prior: Share,
    /// Weight of a new case in the perceived probability of being caught.
    #[param(symbol = "w", default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "five cases outweigh the first belief")]
    pub(super) catch_learning: Share,
    /// Share of the gap to full knowledge that a known success closes.
    #[param(symbol = "kappa", default = "0.5", prior = "beta(5, 5)", grade = Assumed, source = "lehmann2019", why = "prototype value")]
    pub(super) success_gain: Share,
    /// Share of known successes forgotten in a day.
    #[param(symbol = "d", default = "0.03", prior = "beta(3, 97)", grade = Assumed, source = "lehmann2019", why = "prototype value: follow-on for weeks")]
    pub(super) success_decay: Share,
    /// Probability that a case becomes known in another squad of the battalion.
    #[param(symbol = "rho", default = "0.15", prior = "beta(3, 17)", grade = Assumed, why = "prototype value; told apart from the effect of a success only weakly")]
    pub(super) between_squads: Share,
    /// Strength of the initial belief that kin will be punished, in known cases.
    #[param(symbol = "n_b", default = "10", prior = "log_normal(10, 0.5)", grade = Assumed, source = "loeffel2012", why = "ten unpunished cases halve it; belief, not application, deters")]
    pub(super) penalty_strength: f64,
    /// Probability that the fate of kin after a known exit becomes known to a soldier of the battalion.
    #[param(symbol = "eps_k", default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "prototype value; letters are few and read")]
    pub(super) news: Share,
}

/// Trust between two soldiers, from 0 to 1.
#[derive(Params)]
#[params(prefix = "mind.trust", part = Force)]
pub(super) struct Trust {
    /// Trust in a mate on the first day.
    #[param(symbol = "T_0", default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "below the threshold of confiding, so that time together matters")]
    pub(super) initial: Share,
    /// Share of the missing trust gained in a day together.
    #[param(default = "0.02", prior = "beta(2, 98)", grade = Assumed, why = "prototype value: half of it in five weeks")]
    pub(super) growth: Share,
    /// Factor on the growth between soldiers of one province or class.
    #[param(default = "1.5", prior = "log_normal(1.5, 0.2)", grade = Assumed, source = "costa2003", why = "prototype value; alike men hold together")]
    pub(super) alike_factor: f64,
    /// Factor on trust in a squad in which a denunciation becomes known.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "lichter2021", why = "prototype value; sign only")]
    pub(super) broken_factor: Share,
    /// Share of the trust lost by denunciations that a day restores.
    #[param(default = "0.01", prior = "beta(1, 99)", grade = Assumed, source = "lichter2021", why = "prototype value; slow to reverse")]
    pub(super) recovery: Share,
}

/// Public face: loyal with probability `logistic(a0 + a1 L + a2 iota^ - a3 (share of mates who confided))`.
#[derive(Params)]
#[params(prefix = "mind.public_face", part = Force)]
pub(super) struct PublicFace {
    /// Log-odds of a loyal face at mean loyalty, with no informer believed near and nobody confiding.
    #[param(symbol = "a0", default = "2", prior = "normal(2, 1)", grade = Assumed, source = "kuran1995", why = "seven in eight show loyalty; open dissent is rare")]
    pub(super) base: f64,
    /// Rise per standard deviation of private loyalty.
    #[param(symbol = "a1", default = "1", prior = "half_normal(1)", grade = Assumed, source = "kuran1995", why = "sign only")]
    pub(super) loyalty_effect: f64,
    /// Rise per unit of the believed share of informers.
    #[param(symbol = "a2", default = "10", prior = "half_normal(10)", grade = Assumed, source = "kuran1995", why = "sign only; at one in eighteen about half a unit")]
    pub(super) informer_effect: f64,
    /// Fall from nobody confiding to all mates confiding.
    #[param(symbol = "a3", default = "3", prior = "half_normal(3)", grade = Assumed, source = "kuran1995", why = "sign only; outweighs the base when all have spoken")]
    pub(super) confided_effect: f64,
    /// Rate at which the face is chosen anew.
    #[param(default = "0.1 /d", prior = "log_normal(0.1 /d, 0.5)", grade = Assumed, why = "about every ten days, the beat of the criticism session")]
    pub(super) redraw_rate: Hazard,
    /// Time for which the believed share of informers keeps a known denunciation.
    #[param(default = "90 d", prior = "log_normal(90 d, 0.5)", grade = Assumed, why = "as long as the men stay together; no source found")]
    pub(super) informer_memory: Days,
}
