//! What a deployment is made of: the order of battle, waves, phases, and the parameters of part `Force`.

use crate::decision::{self, Rule};
use crate::mechanism::regime::{self, response::Response};
use crate::mechanism::{danger, exit, home, mind, service, surveillance};
use exitvoice_core::Params as DeriveParams;
use exitvoice_core::param::{Lookup, ParamError};
use exitvoice_core::quantity::Share;
use exitvoice_core::time::Day;

/// Parameters of the force as a whole.
#[derive(Clone, Copy, Debug, DeriveParams)]
#[params(prefix = "force", part = Force)]
pub struct Params {
    /// Probability that an advance party stood near the border from day 0.
    #[param(symbol = "pi", default = "0.5", prior = "beta(1, 1)", grade = Assumed, why = "every dated wave reaches Kursk after 23 October; the reports of 14 October need men there before")]
    pub advance_party: Share,
    /// Median size of an advance party, in soldiers.
    #[param(default = "40", prior = "log_normal(40, 0.3)", grade = Assumed, source = "DP008", why = "men said to be at the site")]
    pub advance_party_size: f64,
}

/// Spread of the advance party's size, standard deviation of its logarithm.
pub const ADVANCE_SPREAD: f64 = 0.5;
/// Soldiers kept ready for the largest advance party that is drawn.
pub const ADVANCE_MOST: usize = 250;

/// All parameters of part `Force`.
#[derive(Clone, Copy, Debug)]
pub struct ForceParams {
    /// The force as a whole.
    pub force: Params,
    /// Selection.
    pub selection: service::selection::Params,
    /// Posts.
    pub roles: super::roles::Params,
    /// Hostage weight and belief.
    pub hostage: home::hostage::Params,
    /// Penalties of kin.
    pub penalty: home::penalty::Params,
    /// Rewards.
    pub reward: home::reward::Params,
    /// Knowledge carried home.
    pub returnees: home::returnees::Params,
    /// Combat.
    pub combat: danger::combat::Params,
    /// Capture.
    pub capture: danger::capture::Params,
    /// Rotation.
    pub rotation: danger::rotation::Params,
    /// Perceived danger.
    pub danger: mind::danger::Params,
    /// Exposure.
    pub exposure: mind::exposure::Params,
    /// Fear and fatigue.
    pub fear: mind::fear::Params,
    /// Beliefs.
    pub belief: mind::belief::Params,
    /// Trust.
    pub trust: mind::trust::Params,
    /// Public face.
    pub public_face: mind::public_face::Params,
    /// Denunciations.
    pub denunciation: surveillance::denunciation::Params,
    /// Assessments.
    pub assessment: surveillance::assessment::Params,
    /// Audits.
    pub audit: surveillance::audit::Params,
    /// Absence.
    pub absence: exit::absence::Params,
    /// Attempt.
    pub attempt: exit::attempt::Params,
    /// Cells.
    pub cell: exit::cell::Params,
    /// Surrender.
    pub surrender: exit::surrender::Params,
    /// Initiative.
    pub initiative: exit::initiative::Params,
    /// Rules of decision other than M1.
    pub decision: decision::Params,
    /// Ledger of the regime.
    pub ledger: regime::ledger::Params,
    /// Its responses.
    pub response: regime::response::Params,
}

impl ForceParams {
    /// Reads all of them.
    ///
    /// # Errors
    /// A value is missing or does not fit.
    pub fn from_resolved(values: &dyn Lookup) -> Result<Self, ParamError> {
        Ok(Self {
            force: Params::from_resolved(values)?,
            selection: service::selection::Params::from_resolved(values)?,
            roles: super::roles::Params::from_resolved(values)?,
            hostage: home::hostage::Params::from_resolved(values)?,
            penalty: home::penalty::Params::from_resolved(values)?,
            reward: home::reward::Params::from_resolved(values)?,
            returnees: home::returnees::Params::from_resolved(values)?,
            combat: danger::combat::Params::from_resolved(values)?,
            capture: danger::capture::Params::from_resolved(values)?,
            rotation: danger::rotation::Params::from_resolved(values)?,
            danger: mind::danger::Params::from_resolved(values)?,
            exposure: mind::exposure::Params::from_resolved(values)?,
            fear: mind::fear::Params::from_resolved(values)?,
            belief: mind::belief::Params::from_resolved(values)?,
            trust: mind::trust::Params::from_resolved(values)?,
            public_face: mind::public_face::Params::from_resolved(values)?,
            denunciation: surveillance::denunciation::Params::from_resolved(values)?,
            assessment: surveillance::assessment::Params::from_resolved(values)?,
            audit: surveillance::audit::Params::from_resolved(values)?,
            absence: exit::absence::Params::from_resolved(values)?,
            attempt: exit::attempt::Params::from_resolved(values)?,
            cell: exit::cell::Params::from_resolved(values)?,
            surrender: exit::surrender::Params::from_resolved(values)?,
            initiative: exit::initiative::Params::from_resolved(values)?,
            decision: decision::Params::from_resolved(values)?,
            ledger: regime::ledger::Params::from_resolved(values)?,
            response: regime::response::Params::from_resolved(values)?,
        })
    }
}

/// Soldiers who travel together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// Contingent, from 1.
    pub contingent: u8,
    /// Soldiers.
    pub soldiers: u32,
    /// Day of arrival in Russia, 0 = first day.
    pub arrives: u32,
    /// Day of arrival at the front; `None` where never.
    pub front: Option<u32>,
    /// Whether they come as units of their own or fill gaps.
    pub joins: Joins,
}

/// How the soldiers of a wave are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// In squads of their own.
    AsUnits,
    /// As replacements, in the weakest squads of the battalions that earlier waves brought.
    AsReplacements,
}

/// From `from` on, the casualty hazard at the front is that of `hazard`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// First day.
    pub from: u32,
    /// Which hazard.
    pub hazard: PhaseHazard,
}

/// Casualty hazard of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseHazard {
    /// No contact.
    None,
    /// `danger.combat.hazard_first_clashes`.
    FirstClashes,
    /// `danger.combat.hazard_winter_assaults`.
    WinterAssaults,
    /// `danger.combat.hazard_pause`.
    Pause,
    /// `danger.combat.hazard_spring`.
    Spring,
}

impl PhaseHazard {
    /// From the registry key of the hazard; `None` for keys that name no phase hazard.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "danger.combat.hazard_first_clashes" => Some(Self::FirstClashes),
            "danger.combat.hazard_winter_assaults" => Some(Self::WinterAssaults),
            "danger.combat.hazard_pause" => Some(Self::Pause),
            "danger.combat.hazard_spring" => Some(Self::Spring),
            _ => None,
        }
    }

    /// Its value, per day.
    #[must_use]
    pub const fn value(self, params: &danger::combat::Params) -> f64 {
        match self {
            Self::None => 0.0,
            Self::FirstClashes => params.hazard_first_clashes.per_day_value(),
            Self::WinterAssaults => params.hazard_winter_assaults.per_day_value(),
            Self::Pause => params.hazard_pause.per_day_value(),
            Self::Spring => params.hazard_spring.per_day_value(),
        }
    }
}

/// Where a squad is: who can be left for from there, and what stands between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// Behind the front.
    Rear,
    /// In Kursk oblast.
    Front,
    /// Near a border of the oblast: the advance party.
    Border,
}

/// Everything about a deployment that is not a parameter.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Date of day 0.
    pub day_zero: Day,
    /// Days simulated.
    pub days: u32,
    /// Soldiers in a squad.
    pub squad: u32,
    /// Squads in a platoon, platoons in a company, companies in a battalion, battalions in a brigade.
    pub levels: [u32; 4],
    /// Waves, in order of arrival.
    pub waves: Vec<Wave>,
    /// Phases, in order of their first day.
    pub phases: Vec<Phase>,
    /// Whether an advance party is possible at all.
    pub advance_party: bool,
    /// Rule of decision.
    pub rule: Rule,
    /// Orders of the regime.
    pub responses: Vec<Response>,
    /// Steps into which a day is cut; 1 but where the step's length is what is tested.
    pub steps_per_day: u32,
    /// Thresholds of rule M2 by row, for known answers; `None`: drawn from the law.
    pub thresholds: Option<Vec<f64>>,
    /// What may come after the last day that is known.
    pub outlook: Outlook,
}

/// What is laid over a plan where it goes on beyond the days that are known. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// Factor on the casualty hazard of the phase by day; 1 where no day stands.
    pub danger: Vec<f64>,
    /// So many of the last waves are added to those known: in battalions of their own, and nobody else is another man for them.
    pub added_waves: usize,
}

impl Plan {
    /// Soldiers of all waves.
    #[must_use]
    pub fn soldiers(&self) -> usize {
        self.waves.iter().map(|w| w.soldiers as usize).sum()
    }

    /// Phase hazard in force on a day.
    #[must_use]
    pub fn phase(&self, day: u32) -> PhaseHazard {
        self.phases.iter().rev().find(|p| p.from <= day).map_or(PhaseHazard::None, |p| p.hazard)
    }

    /// Factor on it.
    #[must_use]
    pub fn danger(&self, day: u32) -> f64 {
        self.outlook.danger.get(day as usize).copied().unwrap_or(1.0)
    }

    /// The first of the added waves.
    pub(super) fn first_added(&self) -> usize {
        self.waves.len().saturating_sub(self.outlook.added_waves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::param::ParamMeta;
    use std::collections::BTreeMap;

    const PREFIX: &str = "danger.combat.hazard_";

    #[test]
    fn every_hazard_of_a_phase_is_found_by_its_key_and_has_its_own_value() {
        let metas = danger::combat::Params::META;
        let number = |n: usize| 1e-4 * (n + 1) as f64;
        let values: BTreeMap<String, f64> = metas
            .iter()
            .enumerate()
            .map(|(n, m): (usize, &ParamMeta)| {
                let hazard = m.key.starts_with(PREFIX);
                (m.key.to_owned(), if hazard { number(n) } else { m.default_value().expect("valid") })
            })
            .collect();
        let params = danger::combat::Params::from_resolved(&values).expect("complete");
        let hazards = metas.iter().enumerate().filter(|(_, m)| m.key.starts_with(PREFIX));
        let mut found = 0;
        for (n, meta) in hazards {
            let hazard = PhaseHazard::from_key(meta.key).unwrap_or_else(|| panic!("{} names a hazard", meta.key));
            assert!((hazard.value(&params) - number(n)).abs() < 1e-15, "{}", meta.key);
            found += 1;
        }
        assert_eq!(found, 4);
        assert_eq!(PhaseHazard::from_key("danger.combat.killed_share"), None);
        assert!(PhaseHazard::None.value(&params).abs() <= 0.0);
    }
}
