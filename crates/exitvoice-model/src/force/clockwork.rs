//! Clocks of soldiers against the sums of their squads: when they fire, and what keeps the lowest threshold of a squad right.

use super::agenda::{Pending, What};
use super::world::World;
use crate::decision;
use crate::mechanism::surveillance::denunciation::{self, Sign};
use crate::schedule::Cause;
use exitvoice_core::hazard::Clock;

impl World<'_> {
    /// Hour at which the step begins, as a fraction of the day.
    #[inline]
    pub(super) fn step_start(&self) -> f64 {
        f64::from(self.step % self.base.plan.steps_per_day) * self.step_days()
    }

    /// Sum of a squad's hazard of a cause at an hour of this step.
    #[inline]
    pub(super) fn common_at(&self, squad: usize, cause: Cause, hour: f64) -> f64 {
        self.squads.common[cause as usize][squad] + self.rates.get(cause, squad) * (hour - self.step_start())
    }

    /// Finds the crossings of this step that can be seen at its start.
    pub(super) fn find_crossings(&mut self) {
        let (start, length) = (self.step_start(), self.step_days());
        let mut reached = Vec::new();
        for cause in Cause::ALL {
            if !self.idle[cause as usize] {
                let (sums, next) = (&self.squads.common[cause as usize], &self.squads.next[cause as usize]);
                find_reached(sums, self.rates.all(cause), next, length, &mut reached);
                for squad in reached.drain(..) {
                    let limit = self.squads.common[cause as usize][squad] + self.rates.get(cause, squad) * length;
                    for place in 0..self.roster(squad).len() {
                        let soldier = self.roster(squad)[place] as usize;
                        if self.soldiers.thresholds[cause as usize][soldier] < limit {
                            self.push_crossing(soldier, cause, start);
                        }
                    }
                }
            }
        }
        if self.rule().acts_at_once() {
            self.find_those_who_leave_now(start);
        }
    }

    fn find_those_who_leave_now(&mut self, start: f64) {
        for squad in 0..self.base.squads.len() {
            let most = decision::most_pressure(self, squad);
            if !self.squads.arrived[squad] || most < self.squads.lowest_limit[squad] {
                continue;
            }
            for soldier in self.members(squad).collect::<Vec<_>>() {
                let free = self.is_present(soldier) && self.soldiers.planning[soldier] == 0;
                if free && decision::decide(self, soldier) == decision::Decision::Now {
                    let pending = Pending {
                        fraction: start.to_bits(),
                        key: self.key(soldier),
                        what: What::Now,
                        soldier,
                        mark: 0,
                    };
                    self.agenda.today(pending);
                }
            }
        }
    }

    /// Adds this step's hazards to the sums.
    pub(super) fn add_up(&mut self) {
        let length = self.step_days();
        for cause in Cause::ALL {
            if !self.idle[cause as usize] {
                let sums = self.squads.common[cause as usize].iter_mut();
                for (sum, rate) in sums.zip(self.rates.all(cause)) {
                    *sum += rate * length;
                }
            }
        }
    }

    /// Puts a crossing of this step into the heap, if the clock fires after the hour `from`.
    fn push_crossing(&mut self, soldier: usize, cause: Cause, from: f64) {
        let squad = self.squad_of_row(soldier);
        let (sum, rate) = (self.squads.common[cause as usize][squad], self.rates.get(cause, squad));
        let threshold = self.soldiers.thresholds[cause as usize][soldier];
        if self.posted && rate > 0.0 && threshold < sum + rate * self.step_days() {
            let (start, length) = (self.step_start(), self.step_days());
            let latest = start + length * (1.0 - f64::EPSILON);
            let fraction = (start + (threshold - sum) / rate).clamp(from.min(latest), latest);
            let pending = Pending {
                fraction: fraction.to_bits(),
                key: self.key(soldier),
                what: What::Crossing(cause),
                soldier,
                mark: threshold.to_bits(),
            };
            self.agenda.today(pending);
        }
    }

    /// Whether a crossing found earlier still stands.
    pub(super) fn still_fires(&self, pending: &Pending, cause: Cause) -> bool {
        self.is_present(pending.soldier)
            && self.soldiers.thresholds[cause as usize][pending.soldier].to_bits() == pending.mark
    }

    /// Whether trust in mates keeps a soldier whose clock has fired as if he trusted nobody.
    pub(super) fn is_held(&self, soldier: usize, cause: Cause, occurrence: u64) -> bool {
        let draw = self.draws.clocks[cause as usize].block(self.key(soldier), occurrence).second();
        draw >= decision::left_by_trust(self, soldier)
    }

    /// A clock that has used nothing, for the next occurrence of a cause.
    pub(super) fn fresh_clock(&self, soldier: usize, cause: Cause) -> Clock {
        let (key, occurrence) = self.clock_address(soldier, cause);
        Clock::new(self.draws.clocks[cause as usize].resistance(key, occurrence))
    }

    /// Address of the resistance of a soldier's next occurrence of a cause.
    pub(super) fn clock_address(&self, soldier: usize, cause: Cause) -> (u64, u64) {
        (self.key(soldier), u64::from(self.soldiers.occurrence[soldier][cause as usize]))
    }

    /// A fired clock starts anew with a fresh resistance, at the personal factor it had; returns the occurrence that fired.
    pub(super) fn restart(&mut self, soldier: usize, cause: Cause, hour: f64) -> u64 {
        let index = cause as usize;
        let fired = u64::from(self.soldiers.occurrence[soldier][index]);
        self.soldiers.occurrence[soldier][index] += 1;
        let old = self.soldiers.clocks[soldier][index];
        let mut clock = self.fresh_clock(soldier, cause);
        clock.set_personal(self.common_at(self.squad_of_row(soldier), cause, hour), old.personal());
        self.put_clock(soldier, cause, clock, hour);
        fired
    }

    /// Replaces a clock and keeps everything that depends on its threshold right.
    fn put_clock(&mut self, soldier: usize, cause: Cause, clock: Clock, hour: f64) {
        let (index, squad) = (cause as usize, self.squad_of_row(soldier));
        let before = self.soldiers.thresholds[index][soldier];
        self.soldiers.set_clock(soldier, cause, clock);
        let after = self.soldiers.thresholds[index][soldier];
        let lowest = self.squads.next[index][squad];
        if after <= lowest {
            self.squads.next[index][squad] = after;
        } else if before <= lowest {
            self.squads.next[index][squad] = self.lowest_threshold(squad, cause);
        }
        if after.is_finite() {
            self.push_crossing(soldier, cause, hour);
        }
    }

    pub(super) fn lowest_threshold(&self, squad: usize, cause: Cause) -> f64 {
        let thresholds = &self.soldiers.thresholds[cause as usize];
        self.roster(squad).iter().fold(f64::INFINITY, |lowest, soldier| lowest.min(thresholds[*soldier as usize]))
    }

    /// Sets a clock's personal factor; it keeps what it has used. Nothing happens where the factor is the same.
    #[expect(clippy::float_cmp, reason = "an equal factor changes nothing")]
    #[inline]
    fn set_factor(&mut self, soldier: usize, cause: Cause, factor: f64, hour: f64) {
        let mut clock = self.soldiers.clocks[soldier][cause as usize];
        if clock.personal() != factor && !self.idle[cause as usize] {
            if clock.is_unwound() {
                clock = self.fresh_clock(soldier, cause);
            }
            clock.set_personal(self.common_at(self.squad_of_row(soldier), cause, hour), factor);
            self.put_clock(soldier, cause, clock, hour);
        }
    }

    /// Sets the factor of one cause to what the soldier's state says.
    #[inline]
    pub(super) fn refresh(&mut self, soldier: usize, cause: Cause, hour: f64) {
        let factor = self.factor_of(soldier, cause);
        self.set_factor(soldier, cause, factor, hour);
    }

    /// Sets all factors to what the soldier's state says.
    pub(super) fn refresh_all(&mut self, soldier: usize, hour: f64) {
        for cause in Cause::ALL {
            self.refresh(soldier, cause, hour);
        }
    }

    /// Personal factor of a cause: 0 while not at risk of it.
    #[inline]
    pub(super) fn factor_of(&self, soldier: usize, cause: Cause) -> f64 {
        if !self.is_present(soldier) {
            return 0.0;
        }
        match cause {
            Cause::Casualty | Cause::Capture | Cause::Absence => 1.0,
            Cause::Attempt if self.soldiers.planning[soldier] != 0 => 0.0,
            Cause::Attempt | Cause::Surrender => self.soldiers.factor[soldier],
            Cause::Face => {
                let loyal = self.soldiers.face_probability[soldier];
                if self.soldiers.face[soldier] { 1.0 - loyal } else { loyal }
            }
            Cause::Denunciation => {
                let informers =
                    self.squads.informers[self.squad_of_row(soldier)] - u32::from(self.soldiers.informer[soldier]);
                denunciation::rate(&self.params.denunciation, informers, self.sign(soldier))
            }
        }
    }

    pub(super) fn sign(&self, soldier: usize) -> Sign {
        if self.soldiers.face[soldier] { Sign::None } else { Sign::Shown }
    }

    /// Moves all clocks of a soldier to the sums of another squad, where he now belongs.
    pub(super) fn carry_clocks(&mut self, soldier: usize, from: usize, hour: f64) {
        let to = self.squad_of_row(soldier);
        for cause in Cause::ALL {
            let (old, new) = (self.common_at(from, cause, hour), self.common_at(to, cause, hour));
            let mut clock = self.soldiers.clocks[soldier][cause as usize];
            clock.transfer(old, new);
            // His old squad no longer counts him: its lowest threshold may rise.
            self.squads.next[cause as usize][from] = self.lowest_threshold(from, cause);
            self.put_clock(soldier, cause, clock, hour);
        }
    }
}

/// Squads compared at once, without branches.
const LANES: usize = 16;

/// Squads whose sum passes the lowest threshold of their members within the step.
fn find_reached(sums: &[f64], rates: &[f64], next: &[f64], length: f64, reached: &mut Vec<usize>) {
    let (blocks, rest) = sums.as_chunks::<LANES>();
    let columns = blocks.iter().zip(rates.as_chunks::<LANES>().0).zip(next.as_chunks::<LANES>().0);
    for (block, ((sum, rate), next)) in columns.enumerate() {
        let mut passes = [false; LANES];
        for lane in 0..LANES {
            passes[lane] = sum[lane] + rate[lane] * length > next[lane];
        }
        if passes != [false; LANES] {
            reached.extend((0..LANES).filter(|lane| passes[*lane]).map(|lane| block * LANES + lane));
        }
    }
    let first = sums.len() - rest.len();
    reached.extend((first..sums.len()).filter(|squad| sums[*squad] + rates[*squad] * length > next[*squad]));
}
