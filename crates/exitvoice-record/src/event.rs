//! Events abroad and the statuses they lead to.

use crate::table::SoldierId;

/// Where a soldier is, exclusively; the heads add up to the soldiers sent on every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// With the unit.
    Present = 0,
    /// Wounded and away from the unit.
    WoundedAway = 1,
    /// Dead.
    Killed = 2,
    /// Alive in enemy custody, taken.
    Captured = 3,
    /// Alive in enemy custody, given up.
    Surrendered = 4,
    /// Left the post meaning to come back.
    Absent = 5,
    /// On the way out, meaning not to return.
    Leaving = 6,
    /// Reached the other side or a third party.
    Deserted = 7,
    /// Caught by the own side while leaving.
    Caught = 8,
    /// Arrested after a report.
    Arrested = 9,
    /// On the way home.
    Rotated = 10,
    /// Back home.
    Home = 11,
}

/// All statuses with the word used in tables, in numerical order.
pub const STATUSES: [(Status, &str); 12] = [
    (Status::Present, "present"),
    (Status::WoundedAway, "wounded_away"),
    (Status::Killed, "killed"),
    (Status::Captured, "captured"),
    (Status::Surrendered, "surrendered"),
    (Status::Absent, "absent"),
    (Status::Leaving, "leaving"),
    (Status::Deserted, "deserted"),
    (Status::Caught, "caught"),
    (Status::Arrested, "arrested"),
    (Status::Rotated, "rotated"),
    (Status::Home, "home"),
];

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $word:literal, $after:expr;)*) => {
        /// What happened to one soldier. Numbers are part of the file format and never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EventKind { $($(#[$doc])* $name = $number),* }

        impl EventKind {
            /// Every kind, in numerical order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Word used in tables.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// Status after the event; `None` where it does not change.
            #[must_use]
            pub const fn status_after(self) -> Option<Status> {
                match self { $(Self::$name => $after),* }
            }
        }
    };
}

event_kinds! {
    /// Arrived in Russia.
    Arrived = 1, "arrived", Some(Status::Present);
    /// Reached Kursk oblast.
    ReachedFront = 2, "reached_front", None;
    /// Moved back out of Kursk oblast with the unit.
    LeftFront = 3, "left_front", None;
    /// Killed in combat.
    KilledInCombat = 10, "killed_in_combat", Some(Status::Killed);
    /// Wounded and taken away.
    Wounded = 11, "wounded", Some(Status::WoundedAway);
    /// Died of wounds: one incident moves from wounded to killed.
    DiedOfWounds = 12, "died_of_wounds", Some(Status::Killed);
    /// Back with the unit after a wound.
    Recovered = 13, "recovered", Some(Status::Present);
    /// Taken prisoner alive.
    Captured = 20, "captured", Some(Status::Captured);
    /// Killed himself rather than be captured.
    SuicideToAvoidCapture = 21, "suicide_to_avoid_capture", Some(Status::Killed);
    /// Killed by the own side.
    KilledByOwnSide = 22, "killed_by_own_side", Some(Status::Killed);
    /// Died in enemy custody.
    DiedInCustody = 23, "died_in_custody", Some(Status::Killed);
    /// Gave himself up in combat.
    Surrendered = 24, "surrendered", Some(Status::Surrendered);
    /// Killed, by either side, while giving himself up.
    KilledSurrendering = 25, "killed_surrendering", Some(Status::Killed);
    /// Left the post meaning to come back.
    AbsenceBegan = 30, "absence_began", Some(Status::Absent);
    /// Came back, or was brought back, from an absence.
    AbsenceEnded = 31, "absence_ended", Some(Status::Present);
    /// Started an attempt to leave for good: begins to plan and to confide.
    AttemptBegan = 40, "attempt_began", None;
    /// Agreed to join an attempt.
    Joined = 41, "joined", None;
    /// Left the unit meaning not to return.
    Left = 42, "left", Some(Status::Leaving);
    /// Reached the other side or a third party.
    Deserted = 43, "deserted", Some(Status::Deserted);
    /// Caught by the own side while leaving.
    CaughtLeaving = 44, "caught_leaving", Some(Status::Caught);
    /// Killed while leaving.
    KilledLeaving = 45, "killed_leaving", Some(Status::Killed);
    /// Turned back and rejoined the unit.
    TurnedBack = 46, "turned_back", Some(Status::Present);
    /// Arrested before leaving, after a report.
    Arrested = 47, "arrested", Some(Status::Arrested);
    /// The attempt ended before departure because nobody was left to go.
    AttemptLapsed = 48, "attempt_lapsed", None;
    /// An informer filed a denunciation of a squad mate; it shares its number with the event of the denounced.
    FiledDenunciation = 60, "filed_denunciation", None;
    /// Was denounced by an informer.
    Denounced = 61, "denounced", None;
    /// Told the security officer of a plan to leave that was confided to him; the number is that of the attempt.
    ReportedPlan = 62, "reported_plan", None;
    /// A political officer rated everybody in his company.
    AssessedCompany = 63, "assessed_company", None;
    /// Warned after denunciations.
    Warned = 64, "warned", None;
    /// Moved to another squad of the battalion; the number is that of the new squad, counted from 1.
    Transferred = 65, "transferred", None;
    /// Arrested after denunciations, without a plan having been reported.
    ArrestedOnSuspicion = 66, "arrested_on_suspicion", Some(Status::Arrested);
    /// Was recognised as an informer by his squad.
    InformerExposed = 67, "informer_exposed", None;
    /// Began to show loyalty.
    ShowedLoyalty = 68, "showed_loyalty", None;
    /// Ceased to show loyalty.
    CeasedToShowLoyalty = 69, "ceased_to_show_loyalty", None;
    /// Learnt what became of the family of one who left.
    LearntFateOfKin = 70, "learnt_fate_of_kin", None;
    /// Set out for home.
    RotatedOut = 50, "rotated_out", Some(Status::Rotated);
    /// Arrived at home.
    ArrivedHome = 51, "arrived_home", Some(Status::Home);
}

impl EventKind {
    /// Whether the event is a casualty incident of its own (a death of wounds is not: its wound was).
    #[must_use]
    pub const fn is_incident(self) -> bool {
        matches!(
            self,
            Self::KilledInCombat
                | Self::Wounded
                | Self::SuicideToAvoidCapture
                | Self::KilledByOwnSide
                | Self::KilledSurrendering
                | Self::DiedInCustody
                | Self::KilledLeaving
        )
    }

    /// Whether the soldier may be in `before` (`None`: not yet arrived) when it happens.
    #[must_use]
    pub const fn allowed_from(self, before: Option<Status>) -> bool {
        use Status as S;
        let Some(before) = before else { return matches!(self, Self::Arrived) };
        match self {
            Self::Arrived => false,
            Self::DiedOfWounds | Self::Recovered => matches!(before, S::WoundedAway),
            Self::RotatedOut => matches!(before, S::Present | S::WoundedAway),
            Self::DiedInCustody => matches!(before, S::Captured | S::Surrendered),
            Self::AbsenceEnded => matches!(before, S::Absent),
            Self::Deserted | Self::CaughtLeaving | Self::KilledLeaving | Self::TurnedBack => {
                matches!(before, S::Leaving)
            }
            Self::ArrivedHome => matches!(before, S::Rotated),
            Self::AttemptLapsed => true,
            _ => matches!(before, S::Present),
        }
    }
}

/// One row of the table of events. Order of rows is order of occurrence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Day of the deployment, 0 = first day.
    pub day: u32,
    /// Part of the day gone when it happened, in [0, 1).
    pub fraction: f64,
    /// To whom.
    pub soldier: SoldierId,
    /// What.
    pub kind: EventKind,
    /// Number of the attempt, absence or denunciation it belongs to, each counted from 1, or of the new squad of a transfer; 0 for none.
    pub group: u32,
}
