//! What all replicates of an ensemble share: who is sent, where each stands, what is fixed about them.

use super::plan::{ADVANCE_MOST, Plan};
use crate::error::ModelError;
use crate::society::extract::Extract;
use exitvoice_core::column::Column;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_record::{Soldier, Soldiers};

/// Squads in order; the members of a squad stand in consecutive rows.
#[derive(Clone, Debug)]
pub struct Squad {
    /// First soldier.
    pub first: u32,
    /// One past the last soldier.
    pub end: u32,
    /// Wave; the advance party is the last.
    pub wave: u8,
    /// Number of the platoon over the whole force.
    pub platoon: u32,
}

/// The force before day 0. Rows of the advance party stand last; a replicate uses as many of them as its draw says.
#[derive(Clone, Debug)]
pub struct ForceBase {
    /// The deployment.
    pub plan: Plan,
    /// Who can be sent, waves first.
    pub soldiers: Soldiers,
    /// Candidate of the extract behind each soldier.
    pub candidate: Column<Soldier, u32>,
    /// Hostage weight.
    pub hostage: Column<Soldier, f64>,
    /// Uniform draws behind private loyalty: score and noise depend on parameters, these do not.
    pub loyalty_draws: [Draws; 2],
    /// Squads.
    pub squads: Vec<Squad>,
    /// First squad of each platoon, and the end.
    pub platoons: Vec<u32>,
    /// Soldiers of the dated waves.
    pub dated: usize,
    /// Arrival and front day by wave, the advance party last.
    pub arrivals: Vec<(u32, Option<u32>)>,
}

impl ForceBase {
    /// Takes soldiers from the extract in its order.
    ///
    /// # Errors
    /// The extract holds fewer candidates than the waves need.
    pub fn new(plan: Plan, extract: &Extract) -> Result<Self, ModelError> {
        let (needed, available) = (plan.soldiers(), extract.len());
        if needed > available {
            return Err(ModelError::TooFewCandidates { needed, available });
        }
        let spare = if plan.advance_party { ADVANCE_MOST.min(available - needed) } else { 0 };
        let mut base = Self {
            soldiers: Soldiers::default(),
            candidate: Column::new(),
            hostage: Column::new(),
            loyalty_draws: [Purpose::SelectionScore, Purpose::PrivateLoyalty].map(|p| Draws::new(extract.seed, p)),
            squads: Vec::new(),
            platoons: Vec::new(),
            dated: needed,
            arrivals: plan.waves.iter().map(|w| (w.arrives, w.front)).collect(),
            plan,
        };
        let mut waves: Vec<(u8, u32)> = base.plan.waves.iter().map(|w| (w.contingent, w.soldiers)).collect();
        if base.plan.advance_party {
            waves.push((1, spare as u32));
            base.arrivals.push((0, Some(0)));
        }
        for (wave, (contingent, soldiers)) in waves.into_iter().enumerate() {
            base.raise(extract, wave as u8, contingent, soldiers);
        }
        base.platoons.push(base.squads.len() as u32);
        Ok(base)
    }

    /// Adds a wave: squads are filled one after the other, a new wave starts a new platoon.
    fn raise(&mut self, extract: &Extract, wave: u8, contingent: u8, soldiers: u32) {
        let (size, per_platoon) = (self.plan.squad, self.plan.levels[0]);
        for number in 0..soldiers.div_ceil(size) {
            let first = self.soldiers.key.len() as u32;
            let end = first + size.min(soldiers - number * size);
            let squad = self.squads.len() as u32;
            if number % per_platoon == 0 {
                self.platoons.push(squad);
            }
            self.squads.push(Squad { first, end, wave, platoon: self.platoons.len() as u32 - 1 });
            for row in first..end {
                let candidate = row as usize;
                self.soldiers.key.push(extract.key[candidate]);
                self.soldiers.contingent.push(contingent);
                self.soldiers.wave.push(wave);
                self.soldiers.squad.push(squad);
                self.candidate.push(row);
                self.hostage.push(extract.hostage[candidate]);
            }
        }
    }

    /// Number of rows, the advance party's included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.soldiers.key.len()
    }

    /// Whether nobody is sent.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.soldiers.key.is_empty()
    }
}
