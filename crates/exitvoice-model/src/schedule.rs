//! The order of a year and of a day: two const tables. Stages are ordered; within a stage the order of steps does not matter, and a test
//! shuffles them.

use crate::force::world::{Hazards, World};
use crate::mechanism::{control as at_home, danger, demography, exit, mind, service};
use crate::society::control;
use crate::society::history::{self, History};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::ModelVersion;

/// Version of the model's law and draws; see `MODEL_CHANGELOG.md`.
pub const MODEL_VERSION: ModelVersion = ModelVersion { law: 2, draws: 0 };

/// Part of a year or of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Year: seekers meet, couples form households.
    Marriage,
    /// Year: children are born, with their whole natural course of life.
    Birth,
    /// Year: a cohort comes of age; draft, party, officer track.
    Service,
    /// Year: offences, detection, penalties.
    Control,
    /// Year: files are reviewed, lines purged.
    Review,
    /// Day: hazards are fixed from yesterday's state.
    Hazard,
    /// Day: crossings and what was due today are applied one by one, in order of the hour.
    Event,
    /// Day: continuous columns move on.
    Advance,
    /// Once, before day 0: who is sent.
    Selection,
}

/// Why a soldier's day can take a turn. Each cause has a clock of its own in every life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cause {
    /// Killed or wounded.
    Casualty = 0,
    /// An opportunity of capture.
    Capture = 1,
    /// Leaves the post meaning to come back.
    Absence = 2,
    /// Starts to leave for good.
    Attempt = 3,
}

/// Number of causes.
pub const CAUSES: usize = 4;

impl Cause {
    /// All causes, by number.
    pub const ALL: [Self; CAUSES] = [Self::Casualty, Self::Capture, Self::Absence, Self::Attempt];
}

/// What a mechanism declares of itself; `xtask tidy` compares it with the code.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Folder and file, as `exit.attempt`.
    pub name: &'static str,
    /// Where in the schedule it acts.
    pub stage: Stage,
    /// Model version that brought it.
    pub since: ModelVersion,
    /// Columns read.
    pub reads: &'static [&'static str],
    /// Columns written, by no other mechanism.
    pub writes: &'static [&'static str],
    /// Causes whose hazard it posts.
    pub posts: &'static [Cause],
}

/// A step of the year: a bulk stage.
pub struct YearStep {
    /// Stage.
    pub stage: Stage,
    /// What acts in it.
    pub specs: &'static [Spec],
    /// The work, for one year.
    pub run: fn(&mut History<'_>, usize, &Pool),
}

/// The order of a year.
pub const YEAR: &[YearStep] = &[
    // Weddings first: a couple of this year may have its first child within it.
    YearStep {
        stage: Stage::Marriage,
        specs: &[demography::marriage::SPEC, demography::household::SPEC],
        run: history::weddings,
    },
    // A child's class, death and first search follow from its birth, so all are settled in one pass.
    YearStep {
        stage: Stage::Birth,
        specs: &[demography::birth::SPEC, demography::death::SPEC, crate::mechanism::class::inheritance::SPEC],
        run: history::births,
    },
    // Files are opened before the year's offences, so that nobody is punished without one.
    YearStep {
        stage: Stage::Service,
        specs: &[service::conscription::SPEC, service::career::SPEC],
        run: control::come_of_age,
    },
    // Offences of the year are committed in the class in which it began: a purge of the same year comes after them.
    YearStep {
        stage: Stage::Control,
        specs: &[
            at_home::offence::SPEC,
            at_home::neighbourhood::SPEC,
            at_home::guilt_by_association::SPEC,
            at_home::camp::SPEC,
        ],
        run: control::offences,
    },
    // Reviews last: they read what the year has brought into the files.
    YearStep { stage: Stage::Review, specs: &[crate::mechanism::class::review::SPEC], run: control::reviews },
];

/// The verb of a step of the day.
#[derive(Clone, Copy)]
pub enum Verb {
    /// Reads the world, posts hazards of its own causes, writes nothing.
    Propose(fn(&World<'_>, &mut Hazards)),
    /// Reads yesterday's world, writes its own column.
    Advance(fn(&World<'_>, &mut [f64])),
}

/// A step of the day.
#[derive(Clone, Copy)]
pub struct DayStep {
    /// What acts.
    pub spec: Spec,
    /// How.
    pub verb: Verb,
}

/// The order of a day. Between `Hazard` and `Advance` lies the stage `Event`, one `match` in `force::events`.
pub const DAY: &[DayStep] = &[
    // Hazards are fixed at the start of the day, so that no mechanism sees another's result of today.
    DayStep { spec: danger::combat::SPEC, verb: Verb::Propose(danger::combat::propose) },
    DayStep { spec: danger::capture::SPEC, verb: Verb::Propose(danger::capture::propose) },
    DayStep { spec: exit::absence::SPEC, verb: Verb::Propose(exit::absence::propose) },
    DayStep { spec: exit::attempt::SPEC, verb: Verb::Propose(exit::attempt::propose) },
    // Danger is learnt from today's losses and acts from tomorrow on.
    DayStep { spec: mind::danger::SPEC, verb: Verb::Advance(mind::danger::advance) },
];

/// Mechanisms that act once, before day 0, or inside the stage `Event`.
pub const OTHERS: &[Spec] = &[crate::mechanism::service::selection::SPEC, exit::cell::SPEC];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_stand_in_order_and_no_column_has_two_writers() {
        assert!(YEAR.windows(2).all(|w| w[0].stage <= w[1].stage));
        assert!(DAY.windows(2).all(|w| w[0].spec.stage <= w[1].spec.stage));
        let all: Vec<&Spec> =
            YEAR.iter().flat_map(|s| s.specs).chain(DAY.iter().map(|s| &s.spec)).chain(OTHERS).collect();
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                assert!(!a.writes.iter().any(|w| b.writes.contains(w)), "{} and {} write one column", a.name, b.name);
                assert!(!a.posts.iter().any(|c| b.posts.contains(c)), "{} and {} post one cause", a.name, b.name);
            }
        }
        assert!(Cause::ALL.iter().all(|c| all.iter().any(|s| s.posts.contains(c))));
    }
}
