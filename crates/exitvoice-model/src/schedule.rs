//! The order of a year and of a day: two const tables. Stages are ordered; within a stage the order of steps does not matter, and a test
//! shuffles them.

use crate::force::world::{Hazards, World};
use crate::mechanism::{control, danger, demography, exit, home, mind, regime, service, surveillance};
use crate::society::control as home_files;
use crate::society::history::{self, History};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::ModelVersion;

/// Version of the model's law and draws; see `MODEL_CHANGELOG.md`.
pub const MODEL_VERSION: ModelVersion = ModelVersion { law: 11, draws: 0 };

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
    /// Gives himself up.
    Surrender = 4,
    /// Changes the face he shows.
    Face = 5,
    /// Is denounced.
    Denunciation = 6,
}

/// Number of causes.
pub const CAUSES: usize = 7;

impl Cause {
    /// All causes, by number.
    pub const ALL: [Self; CAUSES] =
        [Self::Casualty, Self::Capture, Self::Absence, Self::Attempt, Self::Surrender, Self::Face, Self::Denunciation];
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
        specs: &[demography::marriage::SPEC, demography::household::SPEC, demography::migration::SPEC],
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
        run: home_files::come_of_age,
    },
    // Offences of the year are committed in the class in which it began: a purge of the same year comes after them.
    YearStep {
        stage: Stage::Control,
        specs: &[
            control::offence::SPEC,
            control::neighbourhood::SPEC,
            control::guilt_by_association::SPEC,
            control::camp::SPEC,
        ],
        run: home_files::offences,
    },
    // Reviews last: they read what the year has brought into the files.
    YearStep { stage: Stage::Review, specs: &[crate::mechanism::class::review::SPEC], run: home_files::reviews },
];

/// The verb of a step of the day.
#[derive(Clone, Copy)]
pub enum Verb {
    /// Reads the world, posts hazards of its own causes, writes nothing.
    Propose(fn(&World<'_>, &mut Hazards)),
    /// Reads yesterday's world, writes its own column.
    Advance(Own, fn(&World<'_>, &mut [f64])),
}

/// A continuous column, handed to its one writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// `waves.exposure`.
    Exposure,
    /// `squads.danger`.
    Danger,
    /// `squads.fear`.
    Fear,
    /// `squads.catch_belief`.
    CatchBelief,
    /// `squads.successes`.
    Successes,
    /// `squads.bond`.
    Bond,
    /// `squads.informer_fear`.
    InformerFear,
    /// `squads.affect`.
    Affect,
}

/// A step of the day.
#[derive(Clone, Copy)]
pub struct DayStep {
    /// What acts.
    pub spec: Spec,
    /// How.
    pub verb: Verb,
}

/// The order of a day. Between `Hazard` and `Advance` lies the stage `Event`, one `match` in `force::events`; before `Hazard` stand
/// arrivals, moves and the work of offices.
pub const DAY: &[DayStep] = &[
    // Hazards are fixed at the start of the day, so that no mechanism sees another's result of today.
    DayStep { spec: danger::combat::SPEC, verb: Verb::Propose(danger::combat::propose) },
    DayStep { spec: danger::capture::SPEC, verb: Verb::Propose(danger::capture::propose) },
    DayStep { spec: exit::absence::SPEC, verb: Verb::Propose(exit::absence::propose) },
    DayStep { spec: exit::attempt::SPEC, verb: Verb::Propose(exit::attempt::propose) },
    DayStep { spec: exit::surrender::SPEC, verb: Verb::Propose(exit::surrender::propose) },
    DayStep { spec: mind::public_face::SPEC, verb: Verb::Propose(mind::public_face::propose) },
    DayStep { spec: surveillance::denunciation::SPEC, verb: Verb::Propose(surveillance::denunciation::propose) },
    // Danger, fear and cases are learnt from today's events and act from tomorrow on.
    DayStep { spec: mind::danger::SPEC, verb: Verb::Advance(Own::Danger, mind::danger::advance) },
    DayStep { spec: mind::fear::SPEC, verb: Verb::Advance(Own::Fear, mind::fear::advance) },
    DayStep { spec: mind::exposure::SPEC, verb: Verb::Advance(Own::Exposure, mind::exposure::advance) },
    DayStep { spec: mind::belief::SPEC, verb: Verb::Advance(Own::CatchBelief, mind::belief::advance_catch) },
    DayStep { spec: mind::belief::SPEC, verb: Verb::Advance(Own::Successes, mind::belief::advance_successes) },
    DayStep { spec: mind::trust::SPEC, verb: Verb::Advance(Own::Bond, mind::trust::advance_bond) },
    DayStep { spec: mind::public_face::ADVANCE, verb: Verb::Advance(Own::InformerFear, mind::public_face::advance) },
    DayStep { spec: AFFECT, verb: Verb::Advance(Own::Affect, crate::decision::affect::advance) },
];

/// Learned fear of rule M3: a rule of decision, not a mechanism of the others.
const AFFECT: Spec = Spec {
    name: "decision.affect",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["squads.zone", "plan.phases"],
    writes: &["squads.affect"],
    posts: &[],
};

/// Mechanisms that act once, before day 0, at the start of a day, inside the stage `Event`, or on the record.
pub const OTHERS: &[Spec] = &[
    crate::mechanism::service::selection::SPEC,
    danger::rotation::SPEC,
    exit::cell::SPEC,
    exit::initiative::SPEC,
    surveillance::assessment::SPEC,
    surveillance::audit::SPEC,
    home::penalty::SPEC,
    home::reward::SPEC,
    home::returnees::SPEC,
    regime::response::SPEC,
    regime::ledger::SPEC,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_stand_in_order_and_no_column_has_two_writers() {
        assert!(YEAR.windows(2).all(|w| w[0].stage <= w[1].stage));
        assert!(DAY.windows(2).all(|w| w[0].spec.stage <= w[1].spec.stage));
        // A mechanism with several columns has a line for each.
        let mut all: Vec<&Spec> =
            YEAR.iter().flat_map(|s| s.specs).chain(DAY.iter().map(|s| &s.spec)).chain(OTHERS).collect();
        all.dedup_by_key(|s| (s.name, s.stage));
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                assert!(!a.writes.iter().any(|w| b.writes.contains(w)), "{} and {} write one column", a.name, b.name);
                assert!(!a.posts.iter().any(|c| b.posts.contains(c)), "{} and {} post one cause", a.name, b.name);
            }
        }
        assert!(Cause::ALL.iter().all(|c| all.iter().any(|s| s.posts.contains(c))));
    }
}
