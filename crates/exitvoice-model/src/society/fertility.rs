//! Hazards of the next birth: base hazards of couples at risk by quarter and age group, and their integral along a woman's life.
//!
//! Quarters count 365.25 / 4 days from the founding, and an age group lasts exactly 20 of them. A woman born `x` days into a quarter
//! changes her age group `x` days into every twentieth quarter, so her cumulative hazard at the start of a quarter is linear in `x`; the
//! table holds the two coefficients by quarter of birth, parity class and quarter since her fifteenth birthday.

use super::rates::{FERTILE_FROM, FERTILE_GROUPS, GROUP};
use crate::mechanism::demography::birth::{PARITY_CLASSES, QUARTER_DAYS, QUARTERS};
use exitvoice_core::time::Day;

/// Quarters from birth to the fifteenth birthday, in an age group, and at risk.
const QUARTERS_TO_RISK: i64 = (FERTILE_FROM * QUARTERS) as i64;
const QUARTERS_A_GROUP: usize = GROUP * QUARTERS;
const QUARTERS_AT_RISK: usize = FERTILE_GROUPS * QUARTERS_A_GROUP;
/// Nodes of a life: the start of each quarter in which a woman is at risk, and the end of the last.
const NODES: usize = QUARTERS_AT_RISK + 2;

/// Base hazards per day of eligible couples by quarter since the founding.
#[derive(Clone, Debug, Default)]
pub struct BaseHazards {
    /// `[quarter][age group of the wife]`.
    pub base: Vec<[f64; FERTILE_GROUPS]>,
    /// Parity factors `[quarter]`.
    pub parity: Vec<[f64; PARITY_CLASSES]>,
}

/// Cumulative hazard, `base + slope x`.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    base: f64,
    slope: f64,
}

/// Cumulative hazards of birth along women's lives, for a couple of mean fertility.
#[derive(Clone, Debug)]
pub struct Fertility {
    start: f64,
    quarters: usize,
    /// Quarter of birth of the oldest women in the table, counted from the founding.
    first_cohort: i64,
    /// Per day `[parity class][quarter][age group]`.
    hazard: [Vec<[f64; FERTILE_GROUPS]>; PARITY_CLASSES],
    /// `[parity class][quarter of birth][node]`.
    nodes: [Vec<[Node; NODES]>; PARITY_CLASSES],
}

/// A woman's place in the table: quarter of birth and days into it.
#[derive(Clone, Copy)]
struct Cohort {
    quarter: i64,
    x: f64,
}

impl Fertility {
    /// Integrates the base hazards of quarters from `start` on. Without quarters nobody has a next birth.
    #[must_use]
    pub fn new(start: Day, hazards: &BaseHazards) -> Self {
        let quarters = hazards.base.len();
        let first_cohort = -QUARTERS_TO_RISK - QUARTERS_AT_RISK as i64;
        let cohorts = if quarters == 0 { 0 } else { (quarters as i64 - QUARTERS_TO_RISK - first_cohort).max(0) };
        let by_parity = |parity: usize| -> Vec<[f64; FERTILE_GROUPS]> {
            hazards.base.iter().zip(&hazards.parity).map(|(base, factor)| base.map(|h| h * factor[parity])).collect()
        };
        let hazard: [_; PARITY_CLASSES] = std::array::from_fn(by_parity);
        let nodes = std::array::from_fn(|parity| {
            (0..cohorts).map(|cohort| integrate(&hazard[parity], first_cohort + cohort)).collect()
        });
        Self { start: f64::from(start.0), quarters, first_cohort, hazard, nodes }
    }

    fn cohort(&self, birth: Day) -> Cohort {
        let days = f64::from(birth.0) - self.start;
        let quarter = (days / QUARTER_DAYS).floor();
        Cohort { quarter: quarter as i64, x: days - quarter * QUARTER_DAYS }
    }

    /// Day on which the next child of a woman of `parity` class is born to a couple of relative fertility `frailty`, at risk from `from`
    /// on and before `until`; `None` where no birth falls inside.
    #[must_use]
    pub fn next_birth(
        &self,
        wife_birth: Day,
        frailty: f64,
        parity: usize,
        from: Day,
        until: Day,
        resistance: f64,
    ) -> Option<Day> {
        let cohort = self.cohort(wife_birth);
        let row = usize::try_from(cohort.quarter - self.first_cohort).ok()?;
        let nodes = self.nodes[parity].get(row)?;
        let (first, last) = (self.at(cohort, from), self.at(cohort, until));
        let target = self.cumulative(nodes, cohort, parity, first) + resistance / frailty;
        if until <= from || target >= self.cumulative(nodes, cohort, parity, last) {
            return None;
        }
        let (mut low, mut high) = (first.0, last.0 + 1);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if nodes[middle].base + nodes[middle].slope * cohort.x <= target { low = middle } else { high = middle }
        }
        let left = target - (nodes[low].base + nodes[low].slope * cohort.x);
        let (turn, before, after) = self.turn(cohort, parity, low);
        let within = if left < before * turn { left / before } else { turn + (left - before * turn) / after };
        let quarter = cohort.quarter + QUARTERS_TO_RISK + low as i64;
        // A birth falls inside [from, until) whatever rounding does to the inverse.
        let day = (self.start + quarter as f64 * QUARTER_DAYS + within).floor() as i32;
        Some(Day(day.clamp(from.0, until.0 - 1)))
    }

    /// Node and days after it at which a woman stands on `day`, inside the time at risk and the table.
    fn at(&self, cohort: Cohort, day: Day) -> (usize, f64) {
        let since = f64::from(day.0) - self.start;
        let since = since.clamp(0.0, self.quarters as f64 * QUARTER_DAYS);
        let quarter = (since / QUARTER_DAYS) as i64;
        let node = quarter - cohort.quarter - QUARTERS_TO_RISK;
        if node < 0 {
            (0, 0.0)
        } else if node as usize >= NODES - 1 {
            (NODES - 1, 0.0)
        } else {
            (node as usize, since - quarter as f64 * QUARTER_DAYS)
        }
    }

    fn cumulative(&self, nodes: &[Node; NODES], cohort: Cohort, parity: usize, at: (usize, f64)) -> f64 {
        let (node, within) = at;
        let (turn, before, after) = self.turn(cohort, parity, node);
        nodes[node].base + nodes[node].slope * cohort.x + before * within.min(turn) + after * (within - turn).max(0.0)
    }

    /// Days into the quarter at which the hazard turns, and the hazards before and after.
    fn turn(&self, cohort: Cohort, parity: usize, node: usize) -> (f64, f64, f64) {
        let quarter = cohort.quarter + QUARTERS_TO_RISK + node as i64;
        let Some(row) = usize::try_from(quarter).ok().and_then(|q| self.hazard[parity].get(q)) else {
            return (0.0, 0.0, 0.0);
        };
        let hazard = |group: usize| row.get(group).copied().unwrap_or(0.0);
        let group = node / QUARTERS_A_GROUP;
        if node.is_multiple_of(QUARTERS_A_GROUP) {
            (cohort.x, group.checked_sub(1).map_or(0.0, hazard), hazard(group))
        } else {
            (0.0, 0.0, hazard(group))
        }
    }
}

/// Cumulative hazard of women born in a quarter, at the start of each quarter since the one of their fifteenth birthday.
fn integrate(hazard: &[[f64; FERTILE_GROUPS]], cohort: i64) -> [Node; NODES] {
    let mut nodes = [Node::default(); NODES];
    for node in 0..NODES - 1 {
        let quarter = usize::try_from(cohort + QUARTERS_TO_RISK + node as i64).ok().and_then(|q| hazard.get(q));
        let of = |group: usize| quarter.and_then(|row| row.get(group)).copied().unwrap_or(0.0);
        let group = node / QUARTERS_A_GROUP;
        let after = of(group);
        let mut next = nodes[node];
        next.base += after * QUARTER_DAYS;
        if node.is_multiple_of(QUARTERS_A_GROUP) {
            next.slope += group.checked_sub(1).map_or(0.0, of) - after;
        }
        nodes[node + 1] = next;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::time::DAYS_PER_YEAR;

    fn table(base: impl Fn(usize, usize) -> f64) -> BaseHazards {
        BaseHazards {
            base: (0..280).map(|q| std::array::from_fn(|g| base(q, g))).collect(),
            parity: vec![[1.0, 0.5, 0.25]; 280],
        }
    }

    #[test]
    fn the_next_birth_inverts_the_cumulative_hazard() {
        let fertility = Fertility::new(Day(0), &table(|_, _| 0.001));
        let wife = Day(-20 * 365);
        let day = fertility.next_birth(wife, 1.0, 0, Day(100), Day(20_000), 0.5).expect("inside");
        assert!((day.0 - 600).abs() <= 1, "{day:?}");
        let day = fertility.next_birth(wife, 2.0, 1, Day(100), Day(20_000), 0.5).expect("inside");
        assert!((day.0 - 600).abs() <= 1, "{day:?}");
        assert_eq!(fertility.next_birth(wife, 1.0, 0, Day(100), Day(500), 0.5), None);
        assert_eq!(fertility.next_birth(Day(-60 * 365), 1.0, 0, Day(100), Day(20_000), 0.5), None);
        let none = Fertility::new(Day(0), &BaseHazards::default());
        assert_eq!(none.next_birth(wife, 1.0, 0, Day(100), Day(20_000), 0.5), None);
    }

    #[test]
    fn the_table_agrees_with_a_walk_along_the_life() {
        let base = |q: usize, g: usize| 0.0004 + 0.0001 * (q % 7) as f64 + 0.0003 * g as f64;
        let fertility = Fertility::new(Day(-5_000), &table(base));
        for (birth, from, resistance) in
            [(-12_000, -4_000, 1.3), (-15_011, -4_711, 0.01), (-9_000, -5_000, 2.5), (-13_333, -2_020, 0.7)]
        {
            let found = fertility.next_birth(Day(birth), 1.0, 1, Day(from), Day(15_000), resistance);
            let (mut left, mut now) = (resistance, f64::from(from));
            let step = 0.01;
            let walked = loop {
                let age = (now - f64::from(birth)) / DAYS_PER_YEAR;
                if age >= 50.0 {
                    break None;
                }
                let quarter = ((now + 5_000.0) / QUARTER_DAYS) as usize;
                let hazard = if age < 15.0 { 0.0 } else { 0.5 * base(quarter, ((age - 15.0) / GROUP as f64) as usize) };
                left -= hazard * step;
                now += step;
                if left <= 0.0 {
                    break Some(now);
                }
            };
            match (found, walked) {
                (Some(day), Some(walked)) => assert!((f64::from(day.0) - walked).abs() < 1.5, "{day:?} {walked}"),
                (found, walked) => assert_eq!(found.is_some(), walked.is_some()),
            }
        }
    }
}
