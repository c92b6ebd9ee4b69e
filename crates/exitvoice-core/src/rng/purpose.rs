//! What a draw is for. Numbers are part of the results: never reused, retired ones stay listed here as comments.

/// Purpose of a draw: enters the Philox key, so draws for different purposes never share a value.
///
/// Ranges: 1-99 history, 100-199 force, 200-299 observers, 300-399 inference, 400-499 tests and validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Purpose {
    /// Key of a founder: inputs (cohort and sex, running number).
    FounderKey = 1,
    /// Key of a child: inputs (key of the mother, live-birth order); second value: its sex.
    ChildKey = 2,
    /// Key of a pair: inputs (key, key); second value: fertility of a couple relative to others.
    PairKey = 3,
    /// Seed of a replicate: inputs (replicate, 0).
    Replicate = 4,
    /// Seed of a further country of `--societies`: inputs (its number, 0).
    Societies = 5,
    /// Life at home: inputs (key, 0); first value: resistance to death, second: age at the first search for a spouse.
    Life = 10,
    /// Place of a founder's birthday inside the age group.
    FounderBirthday = 11,
    /// Founding class of a founding line.
    FoundingClass = 12,
    /// Province of a founding line.
    FoundingProvince = 13,
    /// Age of a founder's mother at the birth, and which woman she was.
    FounderMother = 14,
    // 20 (MarriageAge), 21 (Homogamy), 24 (MarketCell) and 26 (WeddingDay) are retired: second values of 10, 22 and 23, and the key itself.
    /// Desired age gap between spouses; second value: whether the search is restricted to the own class.
    AgeGap = 22,
    /// Order in which a market cell is served; second value: day of the wedding inside the year.
    MarketOrder = 23,
    /// Whether and when a widowed person marries again.
    Remarriage = 25,
    /// Resistance to the next birth of a couple.
    Birth = 30,
    // 31 (CoupleFrailty) and 32 (Sex) are retired: second values of 3 and 2.
    /// Move between provinces.
    Migration = 33,
    /// Conscription, party, officer track: inputs (key, 0); second value: resistance to the first offence.
    Conscription = 40,
    /// Careers: officer track, party.
    Career = 41,
    /// Offence at home: inputs (key, occurrence); first value: resistance to the next, second: whether it is one.
    Offence = 42,
    /// Detection of an offence.
    Detection = 43,
    /// Penalty of a relative.
    KinPenalty = 44,
    /// Review of the class record.
    Review = 45,
    /// Neighbourhood unit.
    Neighbourhood = 46,
    /// Sentences: release, place of banishment, resistance beyond the freeze.
    Sentence = 47,
    /// Lowest keys first: candidates for deployment.
    Candidate = 50,
    /// Private loyalty of a soldier.
    PrivateLoyalty = 100,
    /// Noise of the loyalty score used for selection.
    SelectionScore = 101,
    /// Assignment to squads and roles.
    Assignment = 102,
    /// Initial trust inside a pair.
    Trust = 103,
    /// Belief that kin will be punished, at the start.
    Belief = 104,
    /// Resistance to becoming a casualty.
    Casualty = 110,
    /// Whether a casualty is killed, and its later course.
    CasualtyOutcome = 111,
    /// Time away of a wounded soldier.
    Recovery = 112,
    /// Resistance to an opportunity of capture.
    Capture = 113,
    /// Suicide rather than capture.
    CaptureOutcome = 114,
    /// Resistance to surrender.
    Surrender = 115,
    /// Resistance to absence.
    Absence = 120,
    /// Who goes along with an absence, and how it ends.
    AbsenceCourse = 121,
    /// Resistance to starting an attempt.
    Attempt = 130,
    /// Who is asked to join.
    Confide = 131,
    /// Who joins.
    Join = 132,
    /// Lag before departure.
    Departure = 133,
    /// Outcome of a cell that left.
    ExitOutcome = 134,
    /// Who reports a cell.
    CellReport = 135,
    /// Denunciation.
    Denunciation = 140,
    /// Assessment by superiors.
    Assessment = 141,
    /// Public face of a soldier.
    PublicFace = 142,
    /// Whether and when the fate of kin becomes known.
    News = 143,
    /// Rumour inside the battalion.
    Rumour = 144,
    /// Rotation home.
    Rotation = 150,
    /// Penalty at home.
    HomePenalty = 151,
    /// Advance party near the border.
    AdvanceParty = 152,
    /// Assault role of a platoon.
    AssaultRole = 153,
    /// Death in custody.
    Custody = 154,
    /// Whether giving oneself up ends in death.
    SurrenderOutcome = 155,
    /// Which informer denounces, and whether it becomes known.
    DenunciationCourse = 156,
    /// Quota of a company's week, and the act on a suspect.
    AuditAct = 157,
    /// Time until the act.
    AuditDelay = 158,
    /// Squad to which a soldier is transferred.
    Transfer = 159,
    /// Whether a post exists.
    Post = 160,
    /// Threshold of rule M2.
    Threshold = 161,
    /// Whether an exit becomes known at home, and how long the inquiry takes.
    ExitKnown = 162,
    /// Whether a family was moved.
    FamilyMoved = 163,
    /// Reward of a family.
    Reward = 164,
    /// When a relative learns from one who came home.
    Returnee = 165,
    /// Squad in which a replacement arrives.
    Replacement = 166,
    /// Delay until a source knows of an event.
    ReportDelay = 200,
    /// Level error of a source or bulletin.
    LevelError = 201,
    /// Split error of a source or bulletin.
    SplitError = 202,
    /// Reading error of a row.
    ReadingError = 203,
    /// Grain and form of a printed number.
    Printing = 204,
    /// Whether a row is free of the truth.
    Junk = 205,
    /// Whether an event is reported, and its reported size.
    Departures = 206,
    /// False reports.
    FalseReport = 207,
    /// Nuisance parameters of the observers.
    ObserverNuisance = 208,
    /// Draw from a prior.
    Prior = 300,
    /// Proposal of a move.
    Proposal = 301,
    /// Acceptance of a move.
    Acceptance = 302,
    /// Resampling.
    Resampling = 303,
    /// Seed of a simulation inside inference.
    SimulationSeed = 304,
    /// Seed of a likelihood estimate.
    LikelihoodSeed = 305,
    /// Predictive draws.
    Predictive = 306,
    /// Bootstrap and Monte-Carlo error.
    Bootstrap = 307,
    /// Rare events drawn given the claims.
    Hidden = 308,
    /// Beyond the known days: (0, day) steps of danger, (1, stretch) number of waves, (2 << 32 | stretch, number) size and day.
    Outlook = 309,
    /// Points of a sweep: strata of a Latin hypercube, shift of a Sobol sequence, trajectories of Morris.
    Design = 320,
    /// Shuffles in tests: order of steps, of rows.
    Shuffle = 400,
    /// Free for tests.
    Test = 401,
    /// Synthetic data sets for validation.
    Synthetic = 402,
}
