//! Who holds which post. A post falls to the present soldier who stands first in its order, so that the dead are followed by the next.

use super::world::World;
use crate::decision::Rule;
use exitvoice_core::Params as DeriveParams;
use exitvoice_core::quantity::Share;
use exitvoice_core::rng::Purpose;
use std::ops::Range;

/// Who watches a formation by office.
#[derive(Clone, Copy, Debug, DeriveParams)]
#[params(prefix = "force.roles", part = Force)]
pub struct Params {
    /// Share of companies with a political officer.
    #[param(default = "0.98", prior = "beta(49, 1)", grade = Measured, source = "KP024", why = "one in each company, rates the commander; one post in fifty stands empty", lever)]
    pub political_officers: Share,
    /// Share of battalions with a security officer.
    #[param(default = "0.98", prior = "beta(49, 1)", grade = Measured, source = "KP027, KP030", why = "one at home; one or two of another service when abroad, by a prisoner", lever)]
    pub security_officers: Share,
}

impl World<'_> {
    /// Commander of the formation made up of some squads.
    #[must_use]
    pub fn commander(&self, squads: Range<usize>) -> Option<usize> {
        let ranks = self.base.command_rank.as_slice();
        self.first_present(squads, ranks, None)
    }

    /// The present soldier of some squads who stands first in an order, leaving one out.
    fn first_present(&self, squads: Range<usize>, ranks: &[u64], without: Option<usize>) -> Option<usize> {
        let mut first = None;
        let mut lowest = u64::MAX;
        for squad in squads {
            for soldier in self.roster(squad) {
                let soldier = *soldier as usize;
                if ranks[soldier] < lowest && self.is_present(soldier) && Some(soldier) != without {
                    (first, lowest) = (Some(soldier), ranks[soldier]);
                }
            }
        }
        first
    }

    /// Political officer of a company, if the post exists: never its commander.
    #[must_use]
    pub fn political_officer(&self, company: u32) -> Option<usize> {
        let squads = self.base.companies.squads(company);
        let address = self.base.squads[squads.start].key;
        if self.draws.of(Purpose::Post).uniform(address, 0) >= self.params.roles.political_officers.value() {
            return None;
        }
        self.first_in_office(squads.clone(), self.commander(squads))
    }

    /// Political officer of a battalion, who rates those of the companies.
    #[must_use]
    pub fn battalion_political_officer(&self, battalion: u32) -> Option<usize> {
        let squads = self.base.battalions.squads(battalion);
        self.first_in_office(squads.clone(), self.commander(squads))
    }

    fn first_in_office(&self, squads: Range<usize>, commander: Option<usize>) -> Option<usize> {
        self.first_present(squads, self.base.political_rank.as_slice(), commander)
    }

    /// Whether a battalion has a security officer.
    #[must_use]
    pub fn has_security_officer(&self, battalion: u32) -> bool {
        let address = self.base.squads[self.base.battalions.squads(battalion).start].key;
        self.draws.of(Purpose::Post).uniform(address, 1) < self.params.roles.security_officers.value()
    }

    /// Finds the distance of every squad to its political officer, the farthest where there is none. Where it has changed, the men of the
    /// squad believe in the penalty as far as it now reaches.
    pub(super) fn measure_distances(&mut self) {
        if self.rule() != Rule::PrincipalAgent {
            return;
        }
        let hour = self.step_start();
        for company in 0..self.base.companies.len() as u32 {
            let post = self.political_officer(company).map(|officer| self.squad_of_row(officer));
            for squad in self.base.companies.squads(company) {
                let platoon = |s: usize| self.base.squads[s].platoon;
                let distance = match post {
                    Some(at) if at == squad => 0,
                    Some(at) if platoon(at) == platoon(squad) => 1,
                    _ => 2,
                };
                if std::mem::replace(&mut self.squads.distance[squad], distance) != distance {
                    for soldier in self.members(squad).collect::<Vec<_>>() {
                        self.reconsider(soldier, hour);
                    }
                }
            }
        }
    }
}
