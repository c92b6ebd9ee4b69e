//! The experiments, each with arms, a statistic and the order it must have. Frozen before the first run: what is written here decides what
//! passes, not the other way round.
//!
//! This is the second design. The first sent 2,880 soldiers for 120 days, which gives a dozen attempts an arm: three of the seven patterns were
//! shown (P10, P17, P18), none was reversed, and differences of a tenth could not be decided. The second changes the size alone, to the
//! 12,000 soldiers and 200 days of the bench, and takes fresh seeds; arms, statistics and contrasts are as they were. Its first run under M1:
//! P10, P17 and P18 shown, of P11 and P15 one sign each (P11b, P15b), P7 and P24 undecided, none reversed. Five of seven are not reached.

use super::world::{Change, Ground, SOLDIERS, at_risk, force, plan, rate, replicate};
use crate::command::Error;
use exitvoice_model::decision::Rule;
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind, Record};
use std::collections::BTreeMap;

/// Pairs of seeds of each comparison.
pub(super) const PAIRS: u32 = 20;
/// Seed of the first pair; the first design used those from 0.
const FIRST_SEED: u64 = 1_000;
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
struct Arm {
    mix: Mix,
    changes: &'static [Change],
}

const fn arm(changes: &'static [Change]) -> Arm {
    Arm { mix: Mix::AsTheyCome, changes }
}

const fn mixed(mix: Mix) -> Arm {
    Arm { mix, changes: &[] }
}

/// One experiment on an emergent pattern: arms, a statistic of a replicate, and a contrast over the arms that must be positive.
pub(super) struct Experiment {
    /// Number of the pattern.
    pub(super) pattern: &'static str,
    /// What must be seen.
    pub(super) says: &'static str,
    arms: &'static [Arm],
    statistic: fn(&Record) -> f64,
    contrast: &'static [f64],
}

const HAZARD: &str = "danger.combat.hazard_winter_assaults";
const INFORMERS: &str = "surveillance.denunciation.informer_share";

/// Every experiment.
pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        pattern: "P7",
        says: "homogeneous units desert less",
        arms: &[mixed(Mix::AsTheyCome), mixed(Mix::Alike)],
        statistic: left,
        contrast: &[1.0, -1.0],
    },
    Experiment {
        pattern: "P10",
        says: "exits cluster in cells: more of those who leave do so with another of the platoon than when nobody is asked",
        arms: &[arm(&[]), arm(&[("exit.cell.asked", 0.0, 0.0)])],
        statistic: together,
        contrast: &[1.0, -1.0],
    },
    Experiment {
        pattern: "P11a",
        says: "danger raises attempts convexly where it is low: the second difference at 0, 1 and 2 times the default is positive",
        arms: &[arm(&[(HAZARD, 0.0, 0.0)]), arm(&[]), arm(&[(HAZARD, 2.0, 0.0)])],
        statistic: attempts,
        contrast: &[1.0, -2.0, 1.0],
    },
    Experiment {
        pattern: "P11b",
        says: "the rise saturates where danger is high: the second difference at 8, 24 and 40 times the default is negative",
        arms: &[arm(&[(HAZARD, 8.0, 0.0)]), arm(&[(HAZARD, 24.0, 0.0)]), arm(&[(HAZARD, 40.0, 0.0)])],
        statistic: attempts,
        contrast: &[-1.0, 2.0, -1.0],
    },
    Experiment {
        pattern: "P15a",
        says: "more informers, fewer who get away",
        arms: &[arm(&[(INFORMERS, 0.0, 0.01)]), arm(&[(INFORMERS, 0.0, 0.2)])],
        statistic: got_away,
        contrast: &[1.0, -1.0],
    },
    Experiment {
        pattern: "P15b",
        says: "more informers, more innocents hit",
        arms: &[arm(&[(INFORMERS, 0.0, 0.01)]), arm(&[(INFORMERS, 0.0, 0.2)])],
        statistic: innocents_hit,
        contrast: &[-1.0, 1.0],
    },
    Experiment {
        pattern: "P17",
        says: "worse signals hit more innocents: ten times the denunciations of the innocent",
        arms: &[arm(&[]), arm(&[("surveillance.denunciation.innocent_rate", 10.0, 0.0)])],
        statistic: innocents_hit,
        contrast: &[-1.0, 1.0],
    },
    Experiment {
        pattern: "P18",
        says: "selecting the loyal works until the pool is used up: half of the eligible leave more often than the best fiftieth",
        arms: &[
            arm(&[("service.selection.share_selected", 0.0, 0.02)]),
            arm(&[("service.selection.share_selected", 0.0, 0.5)]),
        ],
        statistic: left,
        contrast: &[-1.0, 1.0],
    },
    Experiment {
        pattern: "P24",
        says: "unequal armies desert more: two classes by turns against one",
        arms: &[mixed(Mix::OneClass), mixed(Mix::TwoClasses)],
        statistic: left,
        contrast: &[-1.0, 1.0],
    },
];

impl Experiment {
    /// Pairs in which the contrast has the sign it must have; ties count half.
    pub(super) fn wins(&self, ground: &Ground, rule: Rule) -> Result<f64, Error> {
        let mut arms = Vec::new();
        for arm in self.arms {
            arms.push((
                force(plan(SOLDIERS, rule), &put_together(&ground.extract, arm.mix))?,
                ground.params(arm.changes)?,
            ));
        }
        let mut wins = 0.0;
        for pair in FIRST_SEED..FIRST_SEED + u64::from(PAIRS) {
            let contrast: f64 = arms
                .iter()
                .zip(self.contrast)
                .map(|((base, params), weight)| weight * (self.statistic)(&replicate(base, params, pair)))
                .sum();
            wins += if contrast > 0.0 {
                1.0
            } else if contrast < 0.0 {
                0.0
            } else {
                0.5
            };
        }
        Ok(wins)
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

/// Share of those who left whose group or platoon saw another leave within the same day.
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

/// Acts of superiors on soldiers who never took part in an attempt, per soldier-day.
fn innocents_hit(record: &Record) -> f64 {
    let mut guilty = vec![false; record.soldiers.key.len()];
    for event in &record.events {
        guilty[event.soldier.row()] |= matches!(event.kind, EventKind::AttemptBegan | EventKind::Joined);
    }
    let hit = |kind| matches!(kind, EventKind::Warned | EventKind::Transferred | EventKind::ArrestedOnSuspicion);
    let hits = record.events.iter().filter(|e| hit(e.kind) && !guilty[e.soldier.row()]);
    hits.fold(0.0, |n, _| n + 1.0) / at_risk(record)
}
