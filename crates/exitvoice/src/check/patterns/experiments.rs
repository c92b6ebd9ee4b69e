//! The experiments, each with arms, a statistic and the order it must have. Frozen before the first run: what is written here decides what
//! passes, not the other way round.
//!
//! This is the fifth design; what the ones before it showed and why they were left stands in docs/adr/0019. Sizes are those of the third: men alike
//! or not differ in trust by .12 at most, a twentieth of the hazard at the default effect; a pair agrees with probability .87, and 16 of 20 do
//! with .9, when the difference is 1.13 standard errors: 13 replicates an arm and pair, 23 for the second difference of P11a; [`REPLICATES`]
//! are taken.
//!
//! Parameters are at their defaults, but for what an arm changes and the base rates that every arm has raised ([`super::world`]). The two patterns
//! of likeness, P7 and P24, speak of men who are as loyal but stand beside others: their arms hold the same men in the same squads, and only the
//! labels of class and province on paper differ. Private loyalty and the constant rates of rule M0 stay each man's own. Both show one
//! mechanism, the trust of the like: where every label is drawn anew, class and loyalty have nothing to do with each other.

use super::world::{Change, Ground, SOLDIERS, at_risk, plan, rate, replicate};
use crate::command::{Error, Stop};
use exitvoice_core::parallel::Pool;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::{ForceBase, Plan};
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind, Record};
use std::collections::BTreeMap;

/// Pairs of seeds of each comparison.
pub(super) const PAIRS: u32 = 20;
/// Replicates whose mean is the statistic of an arm in a pair.
const REPLICATES: u64 = 32;
/// First seed; the designs before used those from 0, from 1,000, from 10,000 and from 20,000.
const FIRST_SEED: u64 = 30_000;
/// Pairs that must agree for a pattern to be shown; one that reaches as many against it is reversed. Chance of 16 of 20 by luck: .006.
pub(super) const SHOWN: f64 = 16.0;

/// Labels of class and province that the soldiers of an arm have; loyalty is their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Labels {
    /// Their own.
    Own,
    /// Those of the men half a force away: mixed as they come, and unrelated to the man's loyalty.
    Dealt,
    /// The same labels sorted, so that squads are of one kind.
    Sorted,
    /// All of one class.
    OneClass,
    /// Two classes by turns.
    TwoClasses,
}

/// One arm: what differs from the default.
#[derive(Clone, Copy, PartialEq)]
struct Arm {
    labels: Labels,
    changes: &'static [Change],
}

const fn arm(changes: &'static [Change]) -> Arm {
    Arm { labels: Labels::Own, changes }
}

/// Who stands beside whom.
const fn labelled(labels: Labels) -> Arm {
    Arm { labels, changes: &[] }
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
        says: "homogeneous units desert less: labels sorted by class and province against the same labels mixed, loyalty as drawn",
        arms: &[labelled(Labels::Dealt), labelled(Labels::Sorted)],
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
        says: "unequal armies desert more: two classes on paper by turns against one, loyalty as drawn",
        arms: &[labelled(Labels::OneClass), labelled(Labels::TwoClasses)],
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
    let base = force(plan(SOLDIERS, rule), &ground.extract, arm.labels)?;
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

/// The first candidates, under the labels of an arm.
fn force(plan: Plan, extract: &Extract, labels: Labels) -> Result<ForceBase, Error> {
    let paper = paper(extract, labels);
    ForceBase::labelled(plan, extract, |candidate| paper[candidate]).map_err(Error::bug)
}

/// Class and province of every candidate on paper; those beyond the force, whom nobody sends, keep their own.
fn paper(extract: &Extract, labels: Labels) -> Vec<(Class, u8)> {
    let own: Vec<(Class, u8)> = extract.class.iter().copied().zip(extract.province.iter().copied()).collect();
    let men = own.len().min(SOLDIERS as usize);
    let mut paper = own.clone();
    let force = &mut paper[..men];
    match labels {
        Labels::Own => {}
        Labels::Dealt => force.rotate_left(men / 2),
        Labels::Sorted => force.sort_by_key(|(class, province)| (*class as u8, *province)),
        Labels::OneClass => force.iter_mut().for_each(|label| label.0 = Class::Wavering),
        Labels::TwoClasses => {
            for (place, label) in force.iter_mut().enumerate() {
                label.0 = if place % 2 == 0 { Class::Core } else { Class::Wavering };
            }
        }
    }
    paper
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

#[cfg(test)]
mod tests {
    use super::*;

    const SQUAD: usize = 10;

    /// Share of pairs within squads that share class or province.
    fn alike(paper: &[(Class, u8)]) -> f64 {
        let mut pairs = [0.0, 0.0];
        for squad in paper.chunks(SQUAD) {
            for (n, a) in squad.iter().enumerate() {
                for b in &squad[n + 1..] {
                    pairs[usize::from(a.0 == b.0 || a.1 == b.1)] += 1.0;
                }
            }
        }
        pairs[1] / (pairs[0] + pairs[1])
    }

    #[test]
    fn the_arms_of_likeness_hold_the_same_men_and_differ_in_who_is_alike() {
        let pool = Pool::new(1).expect("a pool");
        let extract = crate::country::fixture("toy", &pool).expect("embedded");
        let of = |labels| paper(&extract, labels);
        let sorted = |mut paper: Vec<(Class, u8)>| {
            paper.sort_by_key(|(class, province)| (*class as u8, *province));
            paper
        };
        // The same labels, dealt to other men and sorted.
        assert_eq!(sorted(of(Labels::Dealt)), of(Labels::Sorted));
        assert_eq!(sorted(of(Labels::Own)), of(Labels::Sorted));
        assert!((alike(&of(Labels::Dealt)) - alike(&of(Labels::Own))).abs() < 0.03);
        assert!(alike(&of(Labels::Sorted)) > 0.98 && alike(&of(Labels::Dealt)) < 0.8);
        // One class is alike throughout; two by turns are in a half of all pairs, and in some provinces.
        assert!(alike(&of(Labels::OneClass)) >= 1.0);
        assert!((0.4..0.6).contains(&alike(&of(Labels::TwoClasses))));
        // Each man in his place, whatever his label.
        let small = plan(300, Rule::RandomUtility);
        let keys = |labels| force(small.clone(), &extract, labels).expect("enough").soldiers.key.as_slice().to_vec();
        for labels in [Labels::Dealt, Labels::Sorted, Labels::OneClass, Labels::TwoClasses] {
            assert_eq!(keys(labels), keys(Labels::Own));
        }
    }
}
