//! The experiments, each with arms, a statistic and the order it must have. Frozen before the first run: what is written here decides what
//! passes, not the other way round.
//!
//! This is the fourth design. The first sent 2,880 soldiers for 120 days; the second 12,000 for 200 days, the size of the bench, one replicate an
//! arm and pair. Under M1 both showed P10, P17 and P18, of P11 and P15 one sign each, left P7 and P24 undecided and reversed none. Both
//! were too small for what the equations promise: men alike or not differ in trust by .12 at most, which is a twentieth of the hazard at the default
//! effect; a replicate has some hundred who leave at twenty times the base rate, three in ten more scattered than a Poisson count, so that a
//! twentieth lies within one standard error of nothing. A pair agrees with probability .87, and 16 of 20 do with .9, when that difference is 1.13
//! standard errors: 13 replicates an arm and pair. The second difference of P11a, about .07 of the attempts, takes 23.
//! The third design takes the mean of [`REPLICATES`] replicates for each arm and pair, on fresh seeds and law m6.0; arms, statistics and contrasts
//! are as they were. Its first run under M1: P7 19 pairs of 20, P10, P11b, P15a, P15b, P17, P18 and P24 all 20, P11a 12 and undecided; so six of seven
//! are shown and none is reversed. At law m8.0 it showed P10, P15, P17 and P18, left P7 (15 pairs) and P11a (11) undecided and reversed P24 (none of 20):
//! since m7.0 the core class is more loyal than the others, so that a change of classes on paper changed the loyalty of the force by a quarter of a
//! standard deviation, and squads sorted by class differ in it. Both patterns speak of likeness at equal loyalty.
//! The fourth design takes the arms of P7 and P24 without a gap of loyalty between classes, and fresh seeds; all else is as it was. Its first run,
//! law m8.0, under M1: P7 19 pairs of 20, P10, P11b, P15a, P15b, P17, P18 and P24 all 20, P11a 10 and undecided (docs/adr/0019).

use super::world::{Change, Ground, SOLDIERS, at_risk, force, plan, rate, replicate};
use crate::command::{Error, Stop};
use exitvoice_core::parallel::Pool;
use exitvoice_model::decision::Rule;
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind, Record};
use std::collections::BTreeMap;

/// Pairs of seeds of each comparison.
pub(super) const PAIRS: u32 = 20;
/// Replicates whose mean is the statistic of an arm in a pair.
const REPLICATES: u64 = 32;
/// First seed; the designs before used those from 0, from 1,000 and from 10,000.
const FIRST_SEED: u64 = 20_000;
/// Pairs that must agree for a pattern to be shown; one that reaches as many against it is reversed. Chance of 16 of 20 by luck: .006.
pub(super) const SHOWN: f64 = 16.0;

/// How the soldiers of an arm are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mix {
    /// As the candidates come.
    AsTheyCome,
    /// Sorted by class and province, so that squads are of one kind.
    Alike,
    /// All of one class on paper.
    OneClass,
    /// Two classes by turns on paper.
    TwoClasses,
}

/// One arm: what differs from the default.
#[derive(Clone, Copy, PartialEq)]
struct Arm {
    mix: Mix,
    changes: &'static [Change],
}

const fn arm(changes: &'static [Change]) -> Arm {
    Arm { mix: Mix::AsTheyCome, changes }
}

/// Who stands beside whom, at equal loyalty: no class is more loyal than another.
const fn mixed(mix: Mix) -> Arm {
    Arm { mix, changes: &[("service.selection.core_loyalty_gap", 0.0, 0.0)] }
}

/// What is read off a replicate, per soldier-day at risk but for the share of `Together`.
#[derive(Clone, Copy, Debug)]
enum Statistic {
    /// Attempts begun.
    Attempts,
    /// Soldiers who left for good.
    Left,
    /// Soldiers who got away.
    GotAway,
    /// Share of those who left whose platoon saw another leave within the same day.
    Together,
    /// Acts of superiors on soldiers who never took part in an attempt.
    InnocentsHit,
}

const STATISTICS: [fn(&Record) -> f64; 5] = [attempts, left, got_away, together, innocents_hit];

/// One experiment on an emergent pattern: arms, a statistic of a replicate, and a contrast over the arms that must be positive.
pub(super) struct Experiment {
    /// Number of the pattern.
    pub(super) pattern: &'static str,
    /// What must be seen.
    pub(super) says: &'static str,
    arms: &'static [Arm],
    statistic: Statistic,
    contrast: &'static [f64],
}

const HAZARD: &str = "danger.combat.hazard_winter_assaults";
const INFORMERS: &str = "surveillance.denunciation.informer_share";

/// Every experiment.
pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        pattern: "P7",
        says: "homogeneous units desert less, at equal loyalty of the classes",
        arms: &[mixed(Mix::AsTheyCome), mixed(Mix::Alike)],
        statistic: Statistic::Left,
        contrast: &[1.0, -1.0],
    },
    Experiment {
        pattern: "P10",
        says: "exits cluster in cells: more of those who leave do so with another of the platoon than when nobody is asked",
        arms: &[arm(&[]), arm(&[("exit.cell.asked", 0.0, 0.0)])],
        statistic: Statistic::Together,
        contrast: &[1.0, -1.0],
    },
    Experiment {
        pattern: "P11a",
        says: "danger raises attempts convexly where it is low: the second difference at 0, 1 and 2 times the default is positive",
        arms: &[arm(&[(HAZARD, 0.0, 0.0)]), arm(&[]), arm(&[(HAZARD, 2.0, 0.0)])],
        statistic: Statistic::Attempts,
        contrast: &[1.0, -2.0, 1.0],
    },
    Experiment {
        pattern: "P11b",
        says: "the rise saturates where danger is high: the second difference at 8, 24 and 40 times the default is negative",
        arms: &[arm(&[(HAZARD, 8.0, 0.0)]), arm(&[(HAZARD, 24.0, 0.0)]), arm(&[(HAZARD, 40.0, 0.0)])],
        statistic: Statistic::Attempts,
        contrast: &[-1.0, 2.0, -1.0],
    },
    Experiment {
        pattern: "P15a",
        says: "more informers, fewer who get away",
        arms: &[arm(&[(INFORMERS, 0.0, 0.01)]), arm(&[(INFORMERS, 0.0, 0.2)])],
        statistic: Statistic::GotAway,
        contrast: &[1.0, -1.0],
    },
    Experiment {
        pattern: "P15b",
        says: "more informers, more innocents hit",
        arms: &[arm(&[(INFORMERS, 0.0, 0.01)]), arm(&[(INFORMERS, 0.0, 0.2)])],
        statistic: Statistic::InnocentsHit,
        contrast: &[-1.0, 1.0],
    },
    Experiment {
        pattern: "P17",
        says: "worse signals hit more innocents: ten times the denunciations of the innocent",
        arms: &[arm(&[]), arm(&[("surveillance.denunciation.innocent_rate", 10.0, 0.0)])],
        statistic: Statistic::InnocentsHit,
        contrast: &[-1.0, 1.0],
    },
    Experiment {
        pattern: "P18",
        says: "selecting the loyal works until the pool is used up: half of the eligible leave more often than the best fiftieth",
        arms: &[
            arm(&[("service.selection.share_selected", 0.0, 0.02)]),
            arm(&[("service.selection.share_selected", 0.0, 0.5)]),
        ],
        statistic: Statistic::Left,
        contrast: &[-1.0, 1.0],
    },
    Experiment {
        pattern: "P24",
        says: "unequal armies desert more: two classes by turns against one, at equal loyalty",
        arms: &[mixed(Mix::OneClass), mixed(Mix::TwoClasses)],
        statistic: Statistic::Left,
        contrast: &[-1.0, 1.0],
    },
];

/// Every arm that differs from the others, once.
fn arms() -> Vec<Arm> {
    let mut arms: Vec<Arm> = Vec::new();
    for arm in EXPERIMENTS.iter().flat_map(|experiment| experiment.arms) {
        if !arms.contains(arm) {
            arms.push(*arm);
        }
    }
    arms
}

/// Statistics of an arm in each pair.
type Means = Vec<[f64; STATISTICS.len()]>;

/// Runs an arm under a rule: every pair, every replicate.
fn means(arm: &Arm, ground: &Ground, rule: Rule, pool: &Pool) -> Result<Means, Error> {
    let base = force(plan(SOLDIERS, rule), &put_together(&ground.extract, arm.mix))?;
    let params = ground.params(arm.changes)?;
    Ok(pool.map(PAIRS as usize, |pair| {
        let first = FIRST_SEED + pair as u64 * REPLICATES;
        let mut sums = [0.0; STATISTICS.len()];
        for seed in first..first + REPLICATES {
            let record = replicate(&base, &params, seed);
            for (sum, statistic) in sums.iter_mut().zip(STATISTICS) {
                *sum += statistic(&record);
            }
        }
        sums.map(|sum| sum / REPLICATES as f64)
    }))
}

/// Pairs in which the contrast of each experiment has the sign it must have; ties count half.
pub(super) fn wins(ground: &Ground, rule: Rule, pool: &Pool, stop: &Stop) -> Result<Vec<f64>, Error> {
    let arms = arms();
    let mut found = Vec::new();
    for arm in &arms {
        stop.check()?;
        found.push(means(arm, ground, rule, pool)?);
    }
    let of = |arm: &Arm| arms.iter().zip(&found).find(|(known, _)| *known == arm).map(|(_, means)| means);
    let won = |experiment: &Experiment| -> f64 {
        let contrast = |pair: usize| -> f64 {
            let parts = experiment.arms.iter().zip(experiment.contrast);
            parts.filter_map(|(arm, weight)| Some(weight * of(arm)?[pair][experiment.statistic as usize])).sum()
        };
        (0..PAIRS as usize).map(|pair| sign_won(contrast(pair))).sum()
    };
    Ok(EXPERIMENTS.iter().map(won).collect())
}

/// 1 for a positive contrast, 0 for a negative one, a half for none.
fn sign_won(contrast: f64) -> f64 {
    if contrast > 0.0 {
        1.0
    } else if contrast < 0.0 {
        0.0
    } else {
        1.0 / 2.0
    }
}

/// The first candidates in the order of a mix, or with the classes of one.
fn put_together(extract: &Extract, mix: Mix) -> Extract {
    let mut order: Vec<usize> = (0..extract.len().min(SOLDIERS as usize)).collect();
    if mix == Mix::Alike {
        order.sort_by_key(|i| (extract.class[*i] as u8, extract.province[*i], *i));
    }
    let mut out = extract.reordered(&order);
    match mix {
        Mix::OneClass => out.class.fill(Class::Wavering),
        Mix::TwoClasses => {
            for (place, class) in out.class.iter_mut().enumerate() {
                *class = if place % 2 == 0 { Class::Core } else { Class::Wavering };
            }
        }
        Mix::AsTheyCome | Mix::Alike => {}
    }
    out
}

fn attempts(record: &Record) -> f64 {
    rate(record, EventKind::AttemptBegan)
}

fn left(record: &Record) -> f64 {
    rate(record, EventKind::Left)
}

fn got_away(record: &Record) -> f64 {
    rate(record, EventKind::Deserted)
}

fn together(record: &Record) -> f64 {
    const PLATOON: u32 = 3;
    let mut days: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for event in record.events.iter().filter(|e| e.kind == EventKind::Left) {
        *days.entry((record.soldiers.squad[event.soldier] / PLATOON, event.day)).or_default() += 1;
    }
    let all: u32 = days.values().sum();
    let joint: u32 = days.values().filter(|n| **n > 1).sum();
    f64::from(joint) / f64::from(all.max(1))
}

fn innocents_hit(record: &Record) -> f64 {
    let mut guilty = vec![false; record.soldiers.key.len()];
    for event in &record.events {
        guilty[event.soldier.row()] |= matches!(event.kind, EventKind::AttemptBegan | EventKind::Joined);
    }
    let hit = |kind| matches!(kind, EventKind::Warned | EventKind::Transferred | EventKind::ArrestedOnSuspicion);
    let hits = record.events.iter().filter(|e| hit(e.kind) && !guilty[e.soldier.row()]);
    hits.fold(0.0, |n, _| n + 1.0) / at_risk(record)
}
