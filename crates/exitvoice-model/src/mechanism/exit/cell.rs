//! # Cell
//! Who leaves together, and how it ends.
//!
//! ## Equation
//! the initiator asks up to `k_c` mates, each joins with `logistic(nu + eta_j - alpha)`; who joins asks in turn, up to the
//! platoon; departure after a lag `Exp(lag)`; one draw for the whole cell: success s, caught q, killed k, returned r
//! ## Symbols
//! eta_j - alpha: log of mate j's hazard relative to the reference soldier; nu: log-odds of the reference soldier when asked
//! ## Resolution
//! inside the stage `Event`, at the initiator's hour; single draws addressed by ordered pair and day, and by cell
//! ## Not modelled
//! informers, denunciation by those asked, leaders, trust learnt over time (mates are asked in an addressed order)
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 no one joins twice (`a_cell_takes_each_mate_once`); C2 shares of outcomes sum to one (`outcomes_sum_to_one`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, ModelVersion, Share};
use exitvoice_core::rng::Draws;
use exitvoice_record::EventKind;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "exit.cell",
    stage: Stage::Event,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["soldiers.private_loyalty", "soldiers.hostage", "squads.danger"],
    writes: &[],
    posts: &[],
};

/// Parameters of cells.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "exit.cell", part = Force)]
pub struct Params {
    /// Log-odds that the reference soldier joins when asked.
    #[param(symbol = "nu", default = "-1", prior = "normal(-1, 1.5)", grade = Assumed, why = "prototype value; group sizes would show it")]
    pub join: f64,
    /// Mates each member asks.
    #[param(symbol = "k_c", default = "4", prior = "uniform(1, 8)", grade = Assumed, why = "prototype value")]
    pub asked: f64,
    /// Mean time from the decision to the departure.
    #[param(default = "1 d", prior = "log_normal(1 d, 0.5)", grade = Assumed, why = "prototype value")]
    pub lag: Days,
    /// Mean time on the way.
    #[param(default = "1 d", prior = "log_normal(1 d, 0.5)", grade = Assumed, why = "a few kilometres to the other side")]
    pub way: Days,
    /// Probability that a cell reaches the other side or a third party.
    #[param(symbol = "s_z", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "prototype value", lever)]
    pub success: Share,
    /// Probability that a cell is caught by its own side, given that it does not succeed.
    #[param(symbol = "q_z/(1-s_z)", default = "0.714", prior = "beta(5, 2)", grade = Assumed, why = "prototype: .5 caught, .1 killed, .1 returned", lever)]
    pub caught: Share,
    /// Probability that a cell that neither succeeds nor is caught is killed on the way; the rest turns back.
    #[param(symbol = "k_z/(k_z+r_z)", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "prototype: .1 killed, .1 returned")]
    pub killed: Share,
}

/// Somebody who can be asked.
#[derive(Clone, Copy, Debug)]
pub struct Mate {
    /// Key of the person.
    pub key: u64,
    /// Whether in the initiator's squad.
    pub squad: u32,
    /// Hazard relative to the reference soldier, `exp(eta - alpha)`.
    pub relative_hazard: f64,
}

/// Indices into `mates` of those who join, in order of joining. The initiator is not among the mates.
pub fn gather(
    params: &Params,
    order: Draws,
    join: Draws,
    initiator: (u64, u32),
    day: u32,
    mates: &[Mate],
) -> Vec<usize> {
    let mut joined = Vec::new();
    let mut asked = vec![false; mates.len()];
    let mut queue = std::collections::VecDeque::from([initiator]);
    let odds = math::exp(params.join);
    while let Some((key, squad)) = queue.pop_front() {
        let mut open: Vec<usize> = (0..mates.len()).filter(|m| !asked[*m]).collect();
        // Own squad first, then by an addressed order that stands for trust.
        open.sort_unstable_by_key(|m| (mates[*m].squad != squad, order.hash(key, mates[*m].key), mates[*m].key));
        for mate in open.into_iter().take(params.asked as usize) {
            asked[mate] = true;
            let pair = order.hash(key, mates[mate].key);
            let weight = odds * mates[mate].relative_hazard;
            if join.uniform(pair, u64::from(day)) < weight / (1.0 + weight) {
                joined.push(mate);
                queue.push_back((mates[mate].key, mates[mate].squad));
            }
        }
    }
    joined
}

/// How a cell that left ends.
#[must_use]
pub fn outcome(params: &Params, u: f64) -> EventKind {
    let [success, caught, killed, _] = shares(params);
    if u < success {
        EventKind::Deserted
    } else if u < success + caught {
        EventKind::CaughtLeaving
    } else if u < success + caught + killed {
        EventKind::KilledLeaving
    } else {
        EventKind::TurnedBack
    }
}

/// Ways a cell can end.
const OUTCOMES: usize = 4;

/// Probabilities of success, caught, killed, returned.
#[must_use]
pub fn shares(params: &Params) -> [f64; OUTCOMES] {
    let success = params.success.value();
    let caught = (1.0 - success) * params.caught.value();
    let rest = (1.0 - success) * (1.0 - params.caught.value());
    [success, caught, rest * params.killed.value(), rest * (1.0 - params.killed.value())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    fn defaults() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("valid"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn outcomes_sum_to_one() {
        let shares = shares(&defaults());
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((shares[1] - 0.5).abs() < 1e-3 && (shares[2] - 0.1).abs() < 1e-3);
        assert_eq!(outcome(&defaults(), 0.0), EventKind::Deserted);
        assert_eq!(outcome(&defaults(), 0.999_999), EventKind::TurnedBack);
    }

    #[test]
    fn a_cell_takes_each_mate_once() {
        let mates: Vec<Mate> =
            (0..29).map(|i| Mate { key: 100 + i, squad: i as u32 / 10, relative_hazard: 50.0 }).collect();
        let (order, join) = (Draws::new(Seed(5), Purpose::Confide), Draws::new(Seed(5), Purpose::Join));
        let joined = gather(&defaults(), order, join, (1, 0), 3, &mates);
        let mut unique = joined.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), joined.len());
        assert!(joined.len() > 18, "joiners confide in turn: {}", joined.len());
        let alone = Params { join: -100.0, ..defaults() };
        assert!(gather(&alone, order, join, (1, 0), 3, &mates).is_empty());
    }
}
