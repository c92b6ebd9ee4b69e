//! The keys of a scenario that are not parameters: run options, period, force, observers. Defaults and bounds stand here once;
//! parameters come from the registry and share the same name space.

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A text.
    Text,
    /// A date.
    Date,
    /// A whole number between the bounds, both included.
    Count(u32, u32),
    /// A count of persons with its unit, between the bounds.
    Persons(u32, u32),
    /// A whole number from 0 to 2^64 - 1.
    Seed,
    /// A number above 0 and at most 1.
    Scale,
    /// `true` or `false`.
    Flag,
    /// A list of keys.
    Keys,
    /// Rows of a table, each with keys of its own.
    Rows(&'static [Field]),
}

/// One key of a scenario, outside of rows.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Full dotted key.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Default as it would stand in a file; `None` where there is none.
    pub default: Option<&'static str>,
    /// What it means.
    pub description: &'static str,
}

/// One key of a row of `waves`, `phases` or `responses`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// Key within the row.
    pub key: &'static str,
    /// Whether a row without it is an error.
    pub required: bool,
    /// What it means.
    pub description: &'static str,
}

/// Population scale at which the country is built when nothing else is said; below it answers need `--allow-scaled`.
pub const DEFAULT_SCALE: f64 = 1.0;
/// Most soldiers a scenario may send: person rows of a force are addressed with 20 bits.
pub const MAX_SOLDIERS: u32 = 1 << 20;
/// Longest period in days: ten years.
pub const MAX_DAYS: i32 = 3_653;
/// Societies that are embedded, for `society.source = "fixture:NAME"`.
pub const FIXTURES: &[&str] = &["toy"];

const fn required(key: &'static str, description: &'static str) -> Field {
    Field { key, required: true, description }
}
const fn optional(key: &'static str, description: &'static str) -> Field {
    Field { key, required: false, description }
}

/// Keys of a row of `[[waves]]`.
pub const WAVE_FIELDS: &[Field] = &[
    required("name", "name of the wave"),
    required("contingent", "1 or 2"),
    required("persons", "how many, as \"1500 persons\""),
    required("arrives", "first day in Russia"),
    optional("at_front", "first day in Kursk oblast; absent: it stays behind"),
    optional(
        "joins",
        "`units`, the default, or `replacements`, who fill the weakest squads of earlier waves and go where those are",
    ),
    optional("known_from", "day of publication; absent: known on the first day of the period"),
    optional("front_known_from", "day of publication of `at_front`; absent: `known_from`"),
    required("source", "ids of the claims it rests on, or `assumption`"),
];

/// Keys of a row of `[[phases]]`.
pub const PHASE_FIELDS: &[Field] = &[
    required("name", "name of the phase"),
    required("from", "its first day; it lasts until the next one"),
    optional("hazard", "registry key of the casualty hazard; absent or `none`: no contact"),
    optional("known_from", "day of publication; absent: known on the first day of the period"),
    required("source", "ids of the claims it rests on, or `assumption`"),
];

/// Keys of a row of `[[responses]]`.
pub const RESPONSE_FIELDS: &[Field] = &[
    required("name", "name of the response"),
    required("order", "`tighten_informers`, `pull_back` or `move_families`"),
    optional("on", "day on which it is carried out; absent: when `regime.response.trigger` exits are known"),
    required("source", "ids of the claims it rests on, or `assumption`"),
];

const fn setting(key: &'static str, kind: Kind, default: Option<&'static str>, description: &'static str) -> Setting {
    Setting { key, kind, default, description }
}

/// Every setting, in the order in which they are printed.
pub const SETTINGS: &[Setting] = &[
    setting("name", Kind::Text, None, "name of the scenario and of its result folder; absent: the file's name"),
    setting("title", Kind::Text, Some("\"\""), "one line for the head of the report"),
    setting("description", Kind::Text, Some("\"\""), "what the scenario assumes, for the first page of the report"),
    setting("run.seed", Kind::Seed, Some("1"), "seed of the country and of the replicates"),
    setting(
        "run.scale",
        Kind::Scale,
        Some("1"),
        "share of the country's people that is simulated; the force is never scaled",
    ),
    setting(
        "run.replicates",
        Kind::Count(1, 1_000_000),
        Some("100"),
        "how many deployments are simulated on one country",
    ),
    setting("period.start", Kind::Date, None, "day 0 of the deployment"),
    setting("period.end", Kind::Date, None, "last simulated day"),
    setting(
        "society.source",
        Kind::Text,
        Some("\"history\""),
        "`history`, or `fixture:NAME` for an embedded small country",
    ),
    setting("claims.set", Kind::Text, Some("\"none\""), "name of an embedded set of public claims, or `none`"),
    setting(
        "claims.complete",
        Kind::Flag,
        Some("true"),
        "a deserter who reaches the other side would have been announced",
    ),
    setting(
        "order_of_battle.soldiers_per_squad",
        Kind::Persons(1, 1_000),
        Some("\"10 persons\""),
        "soldiers in a full squad",
    ),
    setting("order_of_battle.squads_per_platoon", Kind::Count(1, 100), Some("3"), "squads in a full platoon"),
    setting("order_of_battle.platoons_per_company", Kind::Count(1, 100), Some("4"), "platoons in a full company"),
    setting("order_of_battle.companies_per_battalion", Kind::Count(1, 100), Some("4"), "companies in a full battalion"),
    setting("order_of_battle.battalions_per_brigade", Kind::Count(1, 100), Some("6"), "battalions in a full brigade"),
    setting(
        "order_of_battle.brigades",
        Kind::Count(1, 1_000),
        None,
        "most brigades there are; absent: as many as the force fills",
    ),
    setting(
        "order_of_battle.known_from",
        Kind::Date,
        None,
        "day on which the sizes became public; absent: known on the first day of the period",
    ),
    setting(
        "order_of_battle.source",
        Kind::Text,
        Some("\"assumption\""),
        "ids of the rows of sources and claims that the sizes rest on, or `assumption`",
    ),
    setting(
        "decision.rule",
        Kind::Text,
        Some("\"m1\""),
        "rule by which soldiers decide to leave: m0 constant, m1 utility, m2 thresholds, m3 affect, m4 collective sanction, m5 distance",
    ),
    setting("infer.parameters", Kind::Keys, Some("[]"), "registry keys that are inferred from the claims"),
    setting(
        "infer.budget",
        Kind::Count(1, 100_000_000),
        Some("8000"),
        "most simulated deployments of an inference; a quarter is kept for a posterior that would be refused without it",
    ),
    setting("infer.replicates", Kind::Count(1, 1_000), Some("1"), "deployments simulated per particle"),
    setting("waves", Kind::Rows(WAVE_FIELDS), None, "who arrives when"),
    setting("phases", Kind::Rows(PHASE_FIELDS), Some("[]"), "which casualty hazard holds from when"),
    setting("responses", Kind::Rows(RESPONSE_FIELDS), Some("[]"), "what the regime orders, and when"),
];

/// The setting of a key.
#[must_use]
pub(crate) fn setting_of(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|s| s.key == key)
}

impl Kind {
    /// What a user is asked for.
    #[must_use]
    pub fn expected(self) -> String {
        match self {
            Self::Text => "a text in quotes".to_owned(),
            Self::Date => "a date without quotes, as 2024-10-08".to_owned(),
            Self::Count(low, high) => format!("a whole number from {low} to {high}"),
            Self::Persons(low, high) => format!("a whole number of persons from {low} to {high}, as \"1500 persons\""),
            Self::Seed => "a whole number from 0 to 18446744073709551615".to_owned(),
            Self::Scale => "a number above 0 and at most 1".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Keys => "a list of registry keys, as [\"danger.combat.killed_share\"]".to_owned(),
            Self::Rows(_) => "rows under double brackets, as [[waves]]".to_owned(),
        }
    }
}
