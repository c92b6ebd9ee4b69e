//! The force abroad: roles, danger, leaving.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, Share};

/// Who watches a formation by office.
#[derive(Params)]
#[params(prefix = "force.roles", part = Force)]
pub(super) struct Roles {
    /// Political officers in a company.
    #[param(default = "1", prior = "uniform(0.5, 1.5)", grade = Measured, source = "KP024", why = "one in each company, rates the commander", lever)]
    pub(super) political_officers_per_company: f64,
    /// Security officers in a battalion.
    #[param(default = "1", prior = "uniform(0.5, 3)", grade = Measured, source = "KP027, KP030", why = "one at home; one or two of another service when abroad, by a prisoner", lever)]
    pub(super) security_officers_per_battalion: f64,
}

/// Unequal danger, and causes of death other than the enemy.
#[derive(Params)]
#[params(prefix = "danger.combat", part = Force)]
pub(super) struct Combat {
    /// Share of soldiers in assault roles.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "infantry of light brigades in attack; no source found")]
    pub(super) assault_share: Share,
    /// Casualty hazard in assault roles relative to the others.
    #[param(default = "3", prior = "log_normal(3, 0.5)", grade = Assumed, why = "losses fall on the leading companies; no source found")]
    pub(super) assault_factor: f64,
    /// Share of the killed who were killed by their own side.
    #[param(default = "0.02", prior = "beta(1, 49)", grade = Assumed, why = "claimed of wounded men, never counted")]
    pub(super) killed_by_own_side: Share,
}

/// What follows a capture.
#[derive(Params)]
#[params(prefix = "danger.capture", part = Force)]
pub(super) struct Capture {
    /// Probability that a captured soldier dies in custody.
    #[param(default = "0.5", prior = "beta(2, 2)", grade = Assumed, source = "DP045", why = "a few are said to have died of wounds, two to have lived")]
    pub(super) dies_in_custody: Share,
}

/// Rotation home.
#[derive(Params)]
#[params(prefix = "danger.rotation", part = Force)]
pub(super) struct Rotation {
    /// Median time abroad before a unit is rotated home.
    #[param(default = "1 yr", prior = "log_normal(1 yr, 0.5)", grade = Assumed, why = "no rotation of whole units was reported in the first half year")]
    pub(super) tour: Days,
}

/// Terms of the decision that need mechanisms of their own.
#[derive(Params)]
#[params(prefix = "exit.attempt", part = Force)]
pub(super) struct Attempt {
    /// Change of the log-hazard from no exposure to full exposure.
    #[param(symbol = "beta_V", default = "2", prior = "normal(0, 2)", grade = Assumed, why = "prototype value; a better life in sight may draw or bind, so both signs are kept")]
    pub(super) exposure_effect: f64,
    /// Rise of the log-hazard per unit of fear and fatigue.
    #[param(symbol = "beta_F", default = "1", prior = "half_normal(1)", grade = Assumed, source = "appel1946", why = "prototype value; sign only")]
    pub(super) fear_effect: f64,
    /// Rise of the log-hazard from no known success to many.
    #[param(symbol = "gamma", default = "1.5", prior = "half_normal(1.5)", grade = Assumed, source = "lehmann2019", why = "prototype value; sign only")]
    pub(super) success_effect: f64,
    /// Fall of the log-hazard from a perceived probability of being caught of 0 to 1.
    #[param(symbol = "beta_C", default = "2", prior = "half_normal(2)", grade = Assumed, source = "mclauchlin2020", why = "prototype value; sign only", lever)]
    pub(super) catch_effect: f64,
    /// Fall of the log-hazard from no trust to full trust in mates who show loyalty.
    #[param(symbol = "beta_S", default = "1", prior = "half_normal(1)", grade = Assumed, source = "costa2003", why = "prototype value; sign only")]
    pub(super) trust_effect: f64,
    /// Opportunity to leave at a border, relative to the front.
    #[param(symbol = "O_border", default = "1", prior = "log_normal(1, 0.5)", grade = Assumed, source = "mclauchlin2014", why = "prototype value; reachable uncontrolled ground raises it", lever)]
    pub(super) opportunity_border: f64,
}

/// Cells by zone, and whom a soldier confides in. Outcomes are built as those of the front: success, then caught, then killed.
#[derive(Params)]
#[params(prefix = "exit.cell", part = Force)]
pub(super) struct Cell {
    /// Least trust in a mate before a plan is confided to him.
    #[param(symbol = "theta_T", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "a little above the trust of strangers, reached within a week together")]
    pub(super) trust_threshold: Share,
    /// Probability that a cell in the rear reaches the other side or a third party.
    #[param(symbol = "s_rear", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub(super) success_rear: Share,
    /// Probability that a cell in the rear that does not succeed is caught.
    #[param(symbol = "q_rear/(1-s_rear)", default = "0.714", prior = "beta(5, 2)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub(super) caught_rear: Share,
    /// Probability that a cell in the rear that neither succeeds nor is caught is killed; the others turn back.
    #[param(symbol = "k_rear/(k_rear+r_rear)", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "prototype value, one for all zones")]
    pub(super) killed_rear: Share,
    /// Probability that a cell at a border reaches the other side or a third party.
    #[param(symbol = "s_border", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub(super) success_border: Share,
    /// Probability that a cell at a border that does not succeed is caught.
    #[param(symbol = "q_border/(1-s_border)", default = "0.714", prior = "beta(5, 2)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub(super) caught_border: Share,
    /// Probability that a cell at a border that neither succeeds nor is caught is killed; the others turn back.
    #[param(symbol = "k_border/(k_border+r_border)", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "prototype value, one for all zones")]
    pub(super) killed_border: Share,
}

/// Surrender: a soldier gives himself up in combat.
#[derive(Params)]
#[params(prefix = "exit.surrender", part = Force)]
pub(super) struct Surrender {
    /// Surrenders begun by the reference soldier in contact with the enemy.
    #[param(default = "0.001 /yr", prior = "log_normal(0.001 /yr, 1.8)", grade = Assumed, why = "no surrender by choice was reported; as uncertain as the attempt, and rarer")]
    pub(super) base_rate: Hazard,
    /// Probability of being killed while giving oneself up, by either side.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "surrender under fire fails often; no source found")]
    pub(super) killed: Share,
}

/// Initiative in combat, an output only: `g0 + g1 L - g2 iota^ - g3 b H`.
#[derive(Params)]
#[params(prefix = "exit.initiative", part = Force)]
pub(super) struct Initiative {
    /// Initiative of a soldier of mean loyalty without informers and without kin at risk.
    #[param(symbol = "g0", default = "1", prior = "fixed", grade = Definition, why = "sets the scale of initiative")]
    pub(super) base: f64,
    /// Rise of initiative per standard deviation of private loyalty.
    #[param(symbol = "g1", default = "0.2", prior = "half_normal(0.2)", grade = Assumed, why = "sign only; a fifth of the base")]
    pub(super) loyalty_effect: f64,
    /// Fall of initiative per unit of the believed share of informers.
    #[param(symbol = "g2", default = "4", prior = "half_normal(4)", grade = Assumed, source = "rozenas2024", why = "sign only; at one in eighteen a fall of a fifth")]
    pub(super) informer_effect: f64,
    /// Fall of initiative per unit of believed hostage weight.
    #[param(symbol = "g3", default = "0.3", prior = "half_normal(0.3)", grade = Assumed, source = "rozenas2024", why = "sign only; at the reference of .6 a fall of a fifth")]
    pub(super) hostage_effect: f64,
}
