//! What all replicates of an ensemble share: who is sent, where each stands, what is fixed about them.

use super::parts::Part;
use super::plan::{ADVANCE_MOST, Joins, Plan, Wave};
use crate::error::ModelError;
use crate::mechanism::service::selection;
use crate::society::extract::{Extract, KinLink};
use crate::society::person::Class;
use exitvoice_core::column::Column;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_record::{Soldier, Soldiers};
use std::ops::Range;
use std::sync::OnceLock;

/// Squads in order; those who arrive as its members stand in consecutive rows.
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
    /// Number of the company.
    pub company: u32,
    /// Number of the battalion.
    pub battalion: u32,
    /// Address of the squad's draws: lowest key of those who arrive as its members, so that no draw reads a number of a row, and its luck
    /// hangs on who its men are, not on what stands in their files.
    pub key: u64,
}

/// A relative at home who can be punished, with the key that addresses what happens to him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hostage {
    /// Key of the person.
    pub key: u64,
    /// Degree, 0 for a spouse.
    pub degree: u8,
    /// Whether he lives in the soldier's household.
    pub together: bool,
}

/// Numbers of formations at one level: squads `first[n]..first[n + 1]` belong to formation n.
#[derive(Clone, Debug, Default)]
pub struct Level {
    first: Vec<u32>,
}

impl Level {
    /// Squads of a formation.
    #[must_use]
    pub fn squads(&self, number: u32) -> Range<usize> {
        self.first[number as usize] as usize..self.first[number as usize + 1] as usize
    }

    /// Number of formations.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some formations as all there are.
    pub(super) fn part(&self, numbers: Range<u32>) -> Self {
        let first = &self.first[numbers.start as usize..=numbers.end as usize];
        Self { first: first.iter().map(|squad| squad - first[0]).collect() }
    }
}

/// The next platoon opens a company and a battalion.
const FULL: [u32; 2] = [u32::MAX; 2];

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
    /// Class.
    pub class: Column<Soldier, Class>,
    /// Class under which private loyalty is drawn, and the constant rate of rule M0: the same, unless the caller gave other labels.
    pub(crate) drawn_as: Column<Soldier, Class>,
    /// Province.
    pub province: Column<Soldier, u8>,
    /// Place in the order of those who can command, lowest first: core class before others, then by an addressed hash.
    pub command_rank: Column<Soldier, u64>,
    /// The same for political office.
    pub political_rank: Column<Soldier, u64>,
    /// Uniform below which a soldier is an informer: compared with the share of informers.
    pub informer_draw: Column<Soldier, f64>,
    /// End of each soldier's relatives; they start where those of the row before end.
    kin_end: Vec<u32>,
    /// Relatives of all soldiers who can be held liable, soldier by soldier.
    kin: Vec<Hostage>,
    /// Uniform draws behind private loyalty: score and noise depend on parameters, these do not.
    pub loyalty_draws: [Draws; 2],
    /// Private loyalty under the parameters it was last asked for.
    loyalty: OnceLock<(selection::Params, Vec<f64>)>,
    /// Law of selection under the parameters it was last asked for.
    law: OnceLock<(selection::Params, selection::Law)>,
    /// The same force in parts, where it is large.
    pub(super) parts: OnceLock<Vec<Part>>,
    /// Candidate of each soldier to come.
    order: Vec<u32>,
    /// Platoons in the last company and companies in the last battalion.
    filled: [u32; 2],
    /// Every row in order: the roster of a squad that nobody joined or left is a stretch of it.
    pub(super) rows: Vec<u32>,
    /// Squads.
    pub squads: Vec<Squad>,
    /// Platoons, companies, battalions.
    pub platoons: Level,
    /// Companies.
    pub companies: Level,
    /// Battalions.
    pub battalions: Level,
    /// Soldiers of the dated waves.
    pub dated: usize,
    /// Rows of soldiers who come as replacements; `soldiers.squad` names their battalion's first squad.
    pub replacements: Vec<u32>,
    /// Arrival and front day by wave, the advance party last.
    pub arrivals: Vec<(u32, Option<u32>)>,
}

impl ForceBase {
    /// Takes soldiers from the extract in its order, whatever their classes.
    ///
    /// # Errors
    /// The extract holds fewer candidates than the waves need.
    pub fn new(plan: Plan, extract: &Extract) -> Result<Self, ModelError> {
        Self::in_order(plan, extract, (0..extract.len() as u32).collect())
    }

    /// Takes soldiers from the extract in its order under labels of class and province by candidate; private loyalty and the
    /// rate of rule M0 stay those of the class that each man has in the extract. For experiments on who stands beside whom: same men, other likeness.
    ///
    /// # Errors
    /// The extract holds fewer candidates than the waves need.
    pub fn labelled(plan: Plan, extract: &Extract, label: impl Fn(usize) -> (Class, u8)) -> Result<Self, ModelError> {
        let mut paper = extract.clone();
        for candidate in 0..extract.len() {
            (paper.class[candidate], paper.province[candidate]) = label(candidate);
        }
        let mut base = Self::new(plan, &paper)?;
        let own = base.candidate.as_slice().iter().map(|candidate| extract.class[*candidate as usize]);
        base.drawn_as = Column::from_vec(own.collect());
        Ok(base)
    }

    /// Takes soldiers from the extract as selection does: classes in the mixture of those above the cut.
    ///
    /// # Errors
    /// The extract holds fewer candidates than the waves need.
    pub fn selected(plan: Plan, extract: &Extract, params: &selection::Params) -> Result<Self, ModelError> {
        let (law, draws) = (selection::Law::new(params), Draws::new(extract.seed, Purpose::SelectionScore));
        let order = selection::order(&law, &extract.key, &extract.class, draws);
        Self::in_order(plan, extract, order)
    }

    /// The same force under a plan that goes on: added waves take the candidates after those whom this force could send. Labels are the
    /// extract's.
    ///
    /// # Errors
    /// The extract holds fewer candidates than the waves need.
    pub fn extended(&self, plan: Plan, extract: &Extract) -> Result<Self, ModelError> {
        let mut order = self.order.clone();
        let (added, known) = (plan.waves[plan.first_added()..].iter(), self.dated);
        let added: usize = added.map(|w| w.soldiers as usize).sum();
        let spare = self.len() - known;
        if known + spare + added > order.len() {
            return Err(ModelError::TooFewCandidates { needed: known + spare + added, available: order.len() });
        }
        // Rows of the advance party stand last, and its men stay who they are.
        order[known..known + spare + added].rotate_left(spare);
        Self::in_order(plan, extract, order)
    }

    fn in_order(plan: Plan, extract: &Extract, order: Vec<u32>) -> Result<Self, ModelError> {
        let (needed, available) = (plan.soldiers(), extract.len());
        if needed > available {
            return Err(ModelError::TooFewCandidates { needed, available });
        }
        let spare = if plan.advance_party { ADVANCE_MOST.min(available - needed) } else { 0 };
        let mut base = Self {
            soldiers: Soldiers::default(),
            candidate: Column::new(),
            hostage: Column::new(),
            class: Column::new(),
            drawn_as: Column::new(),
            province: Column::new(),
            command_rank: Column::new(),
            political_rank: Column::new(),
            informer_draw: Column::new(),
            kin_end: Vec::new(),
            kin: Vec::new(),
            loyalty_draws: [Purpose::SelectionScore, Purpose::PrivateLoyalty].map(|p| Draws::new(extract.seed, p)),
            loyalty: OnceLock::new(),
            law: OnceLock::new(),
            parts: OnceLock::new(),
            order,
            filled: FULL,
            rows: Vec::new(),
            squads: Vec::new(),
            platoons: Level::default(),
            companies: Level::default(),
            battalions: Level::default(),
            dated: needed,
            replacements: Vec::new(),
            arrivals: plan.waves.iter().map(|w| (w.arrives, w.front)).collect(),
            plan,
        };
        for wave in 0..base.plan.waves.len() {
            let Wave { contingent, soldiers, joins, .. } = base.plan.waves[wave];
            if wave == base.plan.first_added() {
                base.filled = FULL;
            }
            if joins == Joins::AsReplacements && !base.squads.is_empty() {
                base.send_after(extract, wave as u8, contingent, soldiers);
            } else {
                base.raise(extract, wave as u8, contingent, soldiers);
            }
        }
        if base.plan.advance_party {
            base.arrivals.push((0, Some(0)));
            // A battalion of its own: what its men hear of each other must not depend on who stands beside them in the list.
            base.filled = FULL;
            base.raise(extract, base.plan.waves.len() as u8, 1, spare as u32);
        }
        let end = base.squads.len() as u32;
        for level in [&mut base.platoons, &mut base.companies, &mut base.battalions] {
            level.first.push(end);
        }
        base.name_squads();
        Ok(base)
    }

    /// Some rows as a force of their own that has no squads yet; the first `dated` belong to dated waves.
    pub(super) fn rows_of(&self, rows: &[u32], dated: usize) -> Self {
        fn take<T: Copy>(column: &Column<Soldier, T>, rows: &[u32]) -> Column<Soldier, T> {
            Column::from_vec(rows.iter().map(|row| column.as_slice()[*row as usize]).collect())
        }
        let (mut kin, mut kin_end) = (Vec::new(), Vec::with_capacity(rows.len()));
        for row in rows {
            kin.extend_from_slice(self.kin(*row as usize));
            kin_end.push(kin.len() as u32);
        }
        let Soldiers { key, contingent, wave, squad } = &self.soldiers;
        Self {
            plan: self.plan.clone(),
            soldiers: Soldiers {
                key: take(key, rows),
                contingent: take(contingent, rows),
                wave: take(wave, rows),
                squad: take(squad, rows),
            },
            candidate: take(&self.candidate, rows),
            hostage: take(&self.hostage, rows),
            class: take(&self.class, rows),
            drawn_as: take(&self.drawn_as, rows),
            province: take(&self.province, rows),
            command_rank: take(&self.command_rank, rows),
            political_rank: take(&self.political_rank, rows),
            informer_draw: take(&self.informer_draw, rows),
            kin_end,
            kin,
            loyalty_draws: self.loyalty_draws,
            loyalty: OnceLock::new(),
            law: OnceLock::new(),
            parts: OnceLock::new(),
            order: Vec::new(),
            filled: FULL,
            rows: (0..rows.len() as u32).collect(),
            squads: Vec::new(),
            platoons: Level::default(),
            companies: Level::default(),
            battalions: Level::default(),
            dated,
            replacements: Vec::new(),
            arrivals: self.arrivals.clone(),
        }
    }

    /// Adds a wave: squads are filled one after the other, a new wave starts a new platoon.
    fn raise(&mut self, extract: &Extract, wave: u8, contingent: u8, soldiers: u32) {
        let (size, per_platoon) = (self.plan.squad, self.plan.levels[0]);
        let assignment = Draws::new(extract.seed, Purpose::Assignment);
        for number in 0..soldiers.div_ceil(size) {
            let first = self.soldiers.key.len() as u32;
            let end = first + size.min(soldiers - number * size);
            let squad = self.squads.len() as u32;
            if number % per_platoon == 0 {
                self.open_platoon(squad);
            }
            let [platoon, company, battalion] =
                [&self.platoons, &self.companies, &self.battalions].map(|level| level.first.len() as u32 - 1);
            self.squads.push(Squad { first, end, wave, platoon, company, battalion, key: 0 });
            for row in first..end {
                self.enlist(extract, row as usize, (wave, contingent, squad), assignment);
            }
        }
    }

    /// Adds a wave of replacements, the same number for each battalion there is; they stand with its first squad until they arrive.
    fn send_after(&mut self, extract: &Extract, wave: u8, contingent: u8, soldiers: u32) {
        let battalions: Vec<u32> = self.battalions.first.clone();
        let assignment = Draws::new(extract.seed, Purpose::Assignment);
        for number in 0..soldiers {
            let battalion = (u64::from(number) * battalions.len() as u64 / u64::from(soldiers)) as usize;
            let row = self.soldiers.key.len();
            self.replacements.push(row as u32);
            self.enlist(extract, row, (wave, contingent, battalions[battalion]), assignment);
        }
    }

    fn enlist(&mut self, extract: &Extract, row: usize, place: (u8, u8, u32), assignment: Draws) {
        let candidate = self.order[row] as usize;
        let key = extract.key[candidate];
        self.soldiers.key.push(key);
        self.soldiers.wave.push(place.0);
        self.soldiers.contingent.push(place.1);
        self.soldiers.squad.push(place.2);
        self.candidate.push(candidate as u32);
        self.rows.push(row as u32);
        self.hostage.push(extract.hostage[candidate]);
        self.class.push(extract.class[candidate]);
        self.drawn_as.push(extract.class[candidate]);
        self.province.push(extract.province[candidate]);
        // Officers come from the core class: the highest bit puts all others behind.
        let behind = if extract.class[candidate] == Class::Core { 0 } else { 1 << (u64::BITS - 1) };
        self.command_rank.push(behind | assignment.hash(key, 0) >> 1);
        self.political_rank.push(behind | assignment.hash(key, 1) >> 1);
        self.informer_draw.push(assignment.uniform(key, 2));
        let hostage = |link: &KinLink| Hostage {
            key: extract.kin_key[link.kin as usize],
            degree: link.degree,
            together: link.together,
        };
        self.kin.extend(extract.kin(candidate).iter().map(hostage));
        self.kin_end.push(self.kin.len() as u32);
    }

    /// Opens a platoon, and a company or battalion where the one before is full.
    fn open_platoon(&mut self, squad: u32) {
        let [_, platoons, companies, _] = self.plan.levels;
        if self.filled[0] >= platoons {
            if self.filled[1] >= companies {
                self.battalions.first.push(squad);
                self.filled[1] = 0;
            }
            self.companies.first.push(squad);
            self.filled = [0, self.filled[1] + 1];
        }
        self.platoons.first.push(squad);
        self.filled[0] += 1;
    }

    fn name_squads(&mut self) {
        for squad in 0..self.squads.len() {
            let Squad { first, end, .. } = self.squads[squad];
            let members = &self.soldiers.key.as_slice()[first as usize..end as usize];
            self.squads[squad].key = members.iter().copied().min().unwrap_or(0);
        }
    }

    /// Living relatives of a soldier, by degree.
    #[must_use]
    pub fn kin(&self, soldier: usize) -> &[Hostage] {
        let from = if soldier == 0 { 0 } else { self.kin_end[soldier - 1] as usize };
        &self.kin[from..self.kin_end[soldier] as usize]
    }

    /// Private loyalty of every soldier under the parameters of selection; computed once for the first set of them.
    pub fn private_loyalty(&self, params: &selection::Params) -> std::borrow::Cow<'_, [f64]> {
        let [score, noise] = self.loyalty_draws;
        let compute = || {
            let law = self.law(params);
            let soldiers = self.soldiers.key.as_slice().iter().zip(self.drawn_as.as_slice());
            soldiers.map(|(key, class)| law.private_loyalty(*class, score, noise, *key)).collect()
        };
        let (first, kept) = self.loyalty.get_or_init(|| (*params, compute()));
        if first == params { kept.into() } else { compute().into() }
    }

    /// Law of selection under its parameters; worked out once for the first set of them.
    #[must_use]
    pub fn law(&self, params: &selection::Params) -> selection::Law {
        let (first, law) = self.law.get_or_init(|| (*params, selection::Law::new(params)));
        if first == params { *law } else { selection::Law::new(params) }
    }

    /// Whether two soldiers come from one province or class.
    #[must_use]
    pub fn alike(&self, a: usize, b: usize) -> bool {
        let (class, province) = (self.class.as_slice(), self.province.as_slice());
        class[a] == class[b] || province[a] == province[b]
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
