//! A world in which everything happens, often: parameters and waves.

use exitvoice_model::force::plan::{Joins, Wave};

/// Everything happens in this world, often.
pub(crate) const BUSY: [(&str, f64); 16] = [
    ("exit.attempt.base_rate", 0.02),
    ("exit.absence.base_rate", 0.004),
    ("exit.surrender.base_rate", 0.02),
    ("danger.combat.hazard_winter_assaults", 0.01),
    ("danger.combat.time_away", 5.0),
    ("danger.capture.opportunity", 0.1),
    ("danger.rotation.tour", 40.0),
    ("danger.rotation.travel", 2.0),
    ("home.returnees.kin_rate", 0.5),
    ("home.penalty.delay", 4.0),
    ("mind.belief.news", 0.2),
    ("surveillance.denunciation.innocent_rate", 0.01),
    ("surveillance.denunciation.becomes_known", 0.4),
    ("surveillance.audit.quota", 1.5),
    ("decision.threshold.mean", 2.0),
    ("regime.response.trigger", 2.0),
];

/// Two waves of units and one of replacements, within twenty days.
pub(crate) fn waves() -> Vec<Wave> {
    vec![
        Wave { contingent: 1, soldiers: 240, arrives: 0, front: Some(3), joins: Joins::AsUnits },
        Wave { contingent: 2, soldiers: 60, arrives: 12, front: Some(15), joins: Joins::AsUnits },
        Wave { contingent: 2, soldiers: 30, arrives: 20, front: None, joins: Joins::AsReplacements },
    ]
}
