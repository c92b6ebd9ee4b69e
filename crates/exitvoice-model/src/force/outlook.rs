//! What may come after the last day that is known: danger wanders, reinforcements arrive.
//!
//! Factor on the casualty hazard of the phase, t days on: `exp(sum of t normal steps)`, each of standard deviation `sd / sqrt(30)`.
//! Added waves: a Poisson number in every 30 days, days uniform, sizes log-normal, at the front a lag after arrival. Steps and waves
//! have addresses by day and stretch, so a longer outlook begins as a shorter one.

use super::plan::{Joins, Outlook, Plan, Wave};
use exitvoice_core::Params as DeriveParams;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, Hazard, Seed};
use exitvoice_core::rng::{Draws, Purpose, sample};

/// Parameters of the time beyond the known one; nothing else reads them.
#[derive(Clone, Copy, Debug, DeriveParams)]
#[params(prefix = "force.outlook", part = Force)]
pub struct Params {
    /// Standard deviation of the change of log danger in 30 days.
    #[param(default = "0.5", prior = "fixed", grade = Definition, why = "part of the question that a forecast answers")]
    pub danger_walk: f64,
    /// Rate of further waves.
    #[param(default = "0.005 /d", prior = "log_normal(0.005 /d, 0.7)", grade = Assumed, source = "DP069", why = "two waves came in the six months after the first contingent had arrived, none was counted on")]
    pub waves: Hazard,
    /// Median size of a further wave, in soldiers.
    #[param(default = "1500", prior = "log_normal(1500, 0.4)", grade = Assumed, source = "DP069", why = "the waves known had 1,000 to 5,000")]
    pub wave_size: f64,
    /// Time from a further wave's arrival to the front.
    #[param(default = "14 d", prior = "log_normal(14 d, 0.4)", grade = Assumed, why = "as the reinforcements of the scenario")]
    pub front_after: Days,
}

/// Days over which the walk's deviation is given, and in which waves are counted.
const STRETCH: u32 = 30;
/// Spread of the size of further waves, standard deviation of its logarithm.
const SIZE_SPREAD: f64 = 0.5;
/// Contingent of further waves: neither the first nor the second.
const CONTINGENT: u8 = 3;

/// The plan with what is laid over the days from `first` on, for one draw of it. `spare` soldiers can be sent at most; the second value
/// says whether more would have come.
#[must_use]
pub fn extend(plan: &Plan, params: &Params, first: u32, spare: u32, seed: Seed) -> (Plan, bool) {
    let draws = Draws::new(seed, Purpose::Outlook);
    let step = params.danger_walk / f64::from(STRETCH).sqrt();
    let mut sum = 0.0;
    let factor = |day: u32| {
        if day < first {
            return 1.0;
        }
        sum += sample::normal(draws.uniform(0, u64::from(day - first)), 0.0, step);
        math::exp(sum)
    };
    let danger = (0..plan.days).map(factor).collect();
    let mut left = spare;
    let mut cut = false;
    let mut added = Vec::new();
    for stretch in 0..plan.days.saturating_sub(first).div_ceil(STRETCH) {
        let mean = params.waves.per_day_value() * f64::from(STRETCH);
        let count = sample::poisson(draws.uniform(1, u64::from(stretch)), mean);
        for number in 1..=count {
            let address = (2 << 32) + u64::from(stretch);
            let block = draws.block(address, number);
            let wanted = sample::log_normal(block.uniform(), params.wave_size, SIZE_SPREAD).round().max(1.0) as u32;
            let soldiers = wanted.min(left);
            cut |= soldiers < wanted;
            left -= soldiers;
            let arrives = first + stretch * STRETCH + (block.second() * f64::from(STRETCH)) as u32;
            if soldiers > 0 {
                let front = arrives.saturating_add(params.front_after.0.round() as u32);
                let joins = Joins::AsUnits;
                added.push(Wave { contingent: CONTINGENT, soldiers, arrives, front: Some(front), joins });
            }
        }
    }
    // A stretch at the end that is not whole keeps its waves of later days: nobody of them arrives.
    let mut plan = plan.clone();
    plan.outlook = Outlook { danger, added_waves: added.len() };
    plan.waves.extend(added);
    (plan, cut)
}
