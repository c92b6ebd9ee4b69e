//! Draws with their rare events as the claims leave them.
//!
//! A deployment of the bank is scored by the rates of its departures and captures, so those that it happened to have know nothing of the
//! claims. Whatever is told of draws after the claims is read off trajectories in which they are drawn anew, given the claims.

use super::problem::Kept;
use crate::answers::{Truth, running};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_infer::{Bank, Weighted};
use exitvoice_observe::Scorer;
use exitvoice_record::{STATUSES, Status, Trajectory};

/// Draws that together weigh less than this are left out: they would change no digit that is shown.
pub(super) const LEFT_OUT: f64 = 1e-4;

/// Weighted draws of trajectories after the claims.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// Position of each among the draws that it comes from.
    index: Vec<usize>,
    /// Their weights.
    pub(super) weights: Vec<f64>,
    /// What happened, rare events as the claims leave them.
    pub(super) trajectories: Vec<Trajectory>,
}

impl Given {
    /// Draws rare events given the claims of `scorer`.
    pub(super) fn new(scorer: &Scorer, bank: &Bank<Kept>, draws: &Weighted, seed: Seed, pool: &Pool) -> Self {
        let seeds = Draws::new(seed, Purpose::Hidden);
        let least = LEFT_OUT / draws.entries.len().max(1) as f64;
        let heavy = |i: &usize| draws.weights[*i] >= least && bank.truth(draws.entries[*i]).is_some();
        let index: Vec<usize> = (0..draws.entries.len()).filter(heavy).collect();
        let trajectories = pool.map(index.len(), |i| {
            let kept = bank.truth(draws.entries[index[i]]).expect("draws without a truth were left out");
            scorer.complete(&kept.seen(), seeds.seed(index[i] as u64, 0))
        });
        Self { weights: index.iter().map(|i| draws.weights[*i]).collect(), index, trajectories }
    }

    /// Something read off each trajectory.
    pub(super) fn values(&self, read: impl Fn(&Trajectory) -> f64) -> Vec<f64> {
        self.trajectories.iter().map(read).collect()
    }

    /// The same in the order of the `count` draws that these come from; 0 for those left out, which weigh next to nothing.
    pub(super) fn spread(&self, values: &[f64], count: usize) -> Vec<f64> {
        let mut all = vec![0.0; count];
        self.index.iter().zip(values).for_each(|(i, x)| all[*i] = *x);
        all
    }

    /// Deployments as the report reads them: heads of deserters and prisoners follow the trajectory, and the soldiers who make the difference
    /// are with their units.
    pub(super) fn truths(&self, bank: &Bank<Kept>, draws: &Weighted) -> Vec<Truth> {
        let corrected = |(index, trajectory): (&usize, &Trajectory)| {
            let kept = bank.truth(draws.entries[*index]).expect("draws without a truth were left out");
            let mut heads = kept.truth.heads.clone();
            let (reached, custody) = (running(&trajectory.reached), running(&trajectory.custody));
            for (day, heads) in heads.iter_mut().enumerate() {
                let whole = |x: f64| x.max(0.0) as u32;
                move_heads(heads, Status::Deserted, whole(reached[day]));
                // Custody holds those captured and those who surrendered: the surrendered stay as they are as far as there is room.
                let surrendered = whole(custody[day]).min(heads[Status::Surrendered as usize]);
                move_heads(heads, Status::Surrendered, surrendered);
                move_heads(heads, Status::Captured, whole(custody[day]) - surrendered);
            }
            Truth { trajectory: trajectory.clone(), heads }
        };
        self.index.iter().zip(&self.trajectories).map(corrected).collect()
    }
}

/// Sets the heads of a status; those who make the difference come from, or go to, the present.
fn move_heads(heads: &mut [u32; STATUSES.len()], status: Status, wanted: u32) {
    let (now, present) = (heads[status as usize], heads[Status::Present as usize]);
    let wanted = wanted.min(now + present);
    heads[Status::Present as usize] = now + present - wanted;
    heads[status as usize] = wanted;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_move_to_and_from_the_present_and_add_up() {
        let mut heads = [0; STATUSES.len()];
        heads[Status::Present as usize] = 10;
        heads[Status::Captured as usize] = 2;
        for (wanted, captured, present) in [(5, 5, 7), (0, 0, 12), (99, 12, 0)] {
            move_heads(&mut heads, Status::Captured, wanted);
            assert_eq!((heads[Status::Captured as usize], heads[Status::Present as usize]), (captured, present));
        }
    }
}
