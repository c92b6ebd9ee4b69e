//! # Response of the regime
//! Orders of a scenario, dated or set off by known exits: more informers, units pulled back, families moved together.
//!
//! ## Equation
//! set off on the first day on which at least k exits of the last 30 days are known at home; then informers x f, units in the
//! rear for a time, all families moved
//! ## Symbols
//! k, f: see `Params`
//! ## Resolution
//! at the start of the day; each order of the scenario once
//! ## Not modelled
//! any weighing of means: there is no optimiser; withdrawal of a response
//! ## Sources
//! SV007: informers tripled in border cities; DP062, DP063: two to three weeks without contact
//! ## Claims
//! C1 each order acts on its day or on its trigger (`responses_act_on_their_day_or_trigger`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, ModelVersion};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "regime.response",
    stage: Stage::Event,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["home.known_exits", "plan.responses"],
    writes: &[],
    posts: &[],
};

/// Parameters of responses that the scenario orders.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "regime.response", part = Force)]
pub struct Params {
    /// Known exits within thirty days that set off a response.
    #[param(symbol = "k", default = "5", prior = "log_normal(5, 0.7)", grade = Assumed, why = "one cell of the size that was reported would do; no source found", lever)]
    pub trigger: f64,
    /// Factor on the share of informers once a response is set off.
    #[param(symbol = "f", default = "3", prior = "log_normal(3, 0.5)", grade = Analogue, source = "SV007", why = "border cities of 2018: informers tripled, by rumour", lever)]
    pub informer_factor: f64,
    /// Time for which units are pulled back.
    #[param(default = "14 d", prior = "log_normal(14 d, 0.5)", grade = Analogue, source = "DP062, DP063", why = "the pause of January 2025, two to three weeks, its reason unknown", lever)]
    pub pull_back: Days,
}

/// Days in which known exits are counted together.
pub const WINDOW_DAYS: u32 = 30;

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// More informers.
    TightenInformers,
    /// Units at the front go to the rear for a time.
    PullBack,
    /// All families are moved and kept together.
    MoveFamilies,
}

impl Order {
    /// From the word of a scenario; `None` for other words.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "tighten_informers" => Some(Self::TightenInformers),
            "pull_back" => Some(Self::PullBack),
            "move_families" => Some(Self::MoveFamilies),
            _ => None,
        }
    }
}

/// When it is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On this day of the deployment.
    Dated(u32),
    /// When enough exits are known.
    Triggered,
}

/// One order of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// What.
    pub order: Order,
    /// When.
    pub when: When,
}

/// Whether an order is carried out today, given the exits that became known in the window.
#[must_use]
pub fn due(params: &Params, when: When, day: u32, known_exits: u32) -> bool {
    match when {
        When::Dated(date) => date == day,
        When::Triggered => f64::from(known_exits) >= params.trigger,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_scenario_is_an_order_of_its_own_and_no_other_word_is() {
        let words = ["tighten_informers", "pull_back", "move_families", "pull back", ""];
        let orders = [Some(Order::TightenInformers), Some(Order::PullBack), Some(Order::MoveFamilies), None, None];
        assert_eq!(words.map(Order::from_word), orders);
    }
}
