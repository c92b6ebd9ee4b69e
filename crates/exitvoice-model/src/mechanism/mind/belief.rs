//! # Beliefs about cases
//! Soldiers learn from what becomes of others who try: how likely one is caught, whether anybody succeeds, what families pay.
//!
//! ## Equation
//! on a case: `q^ <- q^ + w (1 - success - q^)`, `K <- K + kappa success (1 - K)`; daily `K <- (1 - d) K`;
//! `b = (n_b b_0 + punished) / (n_b + known)`
//! ## Symbols
//! q^: perceived probability of being caught; K: known successes, in [0, 1); success: 1 or 0; b: belief that kin will be
//! punished; b_0, n_b: its mean and strength before any case; punished, known: fates of families this soldier has learnt
//! ## Resolution
//! q^ and K daily, by squad; a case reaches the own squads surely, others of the same battalion with probability rho, no
//! one beyond; b at the event, by soldier: each of the battalion learns the fate of a family with probability eps_k
//! ## Not modelled
//! false rumours; cases outside the battalion: with force-wide rumours follow-on would grow with the force
//! ## Sources
//! `lehmann2019`: follow-on for weeks; `loeffel2012`: belief, not application, deters
//! ## Claims
//! C1 cases move the beliefs as written (`a_case_moves_both_beliefs`); C2 ten unpunished cases halve the belief of .6
//! (`ten_unpunished_cases_halve_the_belief`)

use crate::force::world::World;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "mind.belief",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["squads.cases_today"],
    writes: &["squads.catch_belief", "squads.successes"],
    posts: &[],
};

/// Parameters of beliefs.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "mind.belief", part = Force)]
pub struct Params {
    /// Perceived probability of being caught before any case is known.
    #[param(symbol = "q^_0", default = "0.5", prior = "beta(5, 5)", grade = Assumed, why = "the reference of the decision; told apart from its effect only weakly")]
    pub catch_prior: Share,
    /// Weight of a new case in the perceived probability of being caught.
    #[param(symbol = "w", default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "five cases outweigh the first belief")]
    pub catch_learning: Share,
    /// Share of the gap to full knowledge that a known success closes.
    #[param(symbol = "kappa", default = "0.5", prior = "beta(5, 5)", grade = Assumed, source = "lehmann2019", why = "prototype value")]
    pub success_gain: Share,
    /// Share of known successes forgotten in a day.
    #[param(symbol = "d", default = "0.03", prior = "beta(3, 97)", grade = Assumed, source = "lehmann2019", why = "prototype value: follow-on for weeks")]
    pub success_decay: Share,
    /// Probability that a case becomes known in another squad of the battalion.
    #[param(symbol = "rho", default = "0.15", prior = "beta(3, 17)", grade = Assumed, why = "prototype value; told apart from the effect of a success only weakly")]
    pub between_squads: Share,
    /// Strength of the initial belief that kin will be punished, in known cases.
    #[param(symbol = "n_b", default = "10", prior = "log_normal(10, 0.5)", grade = Assumed, source = "loeffel2012", why = "ten unpunished cases halve it; belief, not application, deters")]
    pub penalty_strength: f64,
    /// Probability that the fate of kin after a known exit becomes known to a soldier of the battalion.
    #[param(symbol = "eps_k", default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "prototype value; letters are few and read", lever)]
    pub news: Share,
}

/// How a case ended, as other soldiers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They got away.
    Success,
    /// They were caught, killed, arrested or came back.
    Failure,
}

/// Moves every squad's perceived probability of being caught by the cases of the day.
pub fn advance_catch(world: &World<'_>, catch_belief: &mut [f64]) {
    for (squad, case) in &world.squads.cases_today {
        let value = &mut catch_belief[*squad as usize];
        *value = next_catch(&world.params.belief, *value, *case);
    }
}

/// Moves every squad's known successes by one step and the cases of the day.
pub fn advance_successes(world: &World<'_>, successes: &mut [f64]) {
    let kept = 1.0 - world.per_step(world.params.belief.success_decay);
    for value in successes.iter_mut() {
        *value *= kept;
    }
    for (squad, case) in &world.squads.cases_today {
        let value = &mut successes[*squad as usize];
        *value = next_successes(&world.params.belief, *value, *case);
    }
}

/// Perceived probability of being caught after a case.
#[must_use]
pub fn next_catch(params: &Params, catch_belief: f64, case: Case) -> f64 {
    let failed = if case == Case::Failure { 1.0 } else { 0.0 };
    catch_belief + params.catch_learning.value() * (failed - catch_belief)
}

/// Known successes after a case.
#[must_use]
pub fn next_successes(params: &Params, successes: f64, case: Case) -> f64 {
    if case == Case::Success { successes + params.success_gain.value() * (1.0 - successes) } else { successes }
}

/// Belief that kin will be punished, after `punished` of `known` fates.
#[must_use]
pub fn penalty_belief(params: &Params, initial: f64, punished: u16, known: u16) -> f64 {
    (params.penalty_strength * initial + f64::from(punished)) / (params.penalty_strength + f64::from(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn a_case_moves_both_beliefs() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        assert!((next_catch(&params, 0.5, Case::Failure) - 0.6).abs() < 1e-15);
        assert!((next_catch(&params, 0.5, Case::Success) - 0.4).abs() < 1e-15);
        assert!((next_successes(&params, 0.5, Case::Success) - 0.75).abs() < 1e-15);
        assert!((next_successes(&params, 0.5, Case::Failure) - 0.5).abs() < 1e-15);
    }

    #[test]
    fn ten_unpunished_cases_halve_the_belief() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        assert!((penalty_belief(&params, 0.6, 0, 10) - 0.3).abs() < 1e-15, "Beta(6, 4) after ten: 6/20");
        assert!((penalty_belief(&params, 0.6, 0, 0) - 0.6).abs() < 1e-15);
        assert!(penalty_belief(&params, 0.6, 1, 1) > 0.6);
    }
}
