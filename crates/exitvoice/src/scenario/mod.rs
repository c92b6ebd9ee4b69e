//! Scenarios: from a TOML file and its layers to a complete list of values. Nothing is read later.
//!
//! [`resolve`] takes a [`SourceText`], the [`Layers`] laid over it and a [`Catalogue`] of what is shipped, and returns a
//! [`Scenario`] in which every parameter that acts has a value, a unit and an [`Origin`]. [`Scenario::explain`] and
//! [`Scenario::resolved_toml`] print it, [`Scenario::canonical_bytes`] is what a run identity hashes.
//!
//! Not here: files (the caller reads them), claims (only the name of a set), and any meaning of a parameter.

mod canonical;
mod error;
mod explain;
mod file;
mod merge;
mod place;
mod resolve;
mod schema;
mod typed;

pub use error::{Diagnostic, Problem, ResolveError};
pub use explain::{ExplainRow, baseline_toml};
pub use file::{MAX_BYTES, MAX_DEPTH, read_text};
pub use merge::parse_override;
pub use place::SourceText;
pub use resolve::resolve;
pub use schema::{
    DEFAULT_SCALE, FIXTURES, Field, Kind, MAX_DAYS, MAX_SOLDIERS, PHASE_FIELDS, RESPONSE_FIELDS, SETTINGS, Setting,
    WAVE_FIELDS,
};

use exitvoice_core::param::{Lookup, ParamMeta};
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use std::collections::BTreeMap;
use std::fmt;

/// Version of the scenario format that is read and written.
pub const FORMAT: u32 = 1;

/// Which layer gave a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The registry, or the default of a setting.
    Default,
    /// A named baseline: the defaults of an older model version.
    Baseline(String),
    /// The scenario that this one extends.
    Extends {
        /// Its file.
        file: String,
        /// Line of the value.
        line: usize,
    },
    /// The scenario itself.
    Scenario {
        /// Its file.
        file: String,
        /// Line of the value.
        line: usize,
    },
    /// A point of a sweep.
    Sweep,
    /// `--set KEY=VALUE`, or an option that stands for it.
    CommandLine,
}

impl Origin {
    /// Whether the scenario or the user gave the value, and not the registry or an older version of it.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        !matches!(self, Self::Default | Self::Baseline(_))
    }

    /// Name of the layer.
    #[must_use]
    pub const fn layer(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Baseline(_) => "baseline",
            Self::Extends { .. } => "extends",
            Self::Scenario { .. } => "scenario",
            Self::Sweep => "sweep",
            Self::CommandLine => "command line",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Baseline(name) => write!(f, "baseline {name}"),
            Self::Extends { file, line } => write!(f, "extends {}:{line}", file.escape_debug()),
            Self::Scenario { file, line } => write!(f, "scenario {}:{line}", file.escape_debug()),
            Self::Default | Self::Sweep | Self::CommandLine => f.write_str(self.layer()),
        }
    }
}

/// One parameter of the registry, resolved.
#[derive(Clone, Debug)]
pub struct Value {
    /// In the canonical unit of its dimension; never -0.
    pub canonical: f64,
    /// As written in its layer, with its own unit: `0.003 /yr`.
    pub as_written: String,
    /// Its row of the registry.
    pub meta: &'static ParamMeta,
    /// Which layer gave it.
    pub origin: Origin,
}

/// Parts of the registry whose values are laws unless a layer sets them: observers are integrated over, and the time after the last day
/// known is drawn.
const LAWS: [&str; 2] = ["observe.", "force.outlook."];

impl Scenario {
    /// Keys of laws that a layer holds at a value, in order. The same number as a default and as a set value means two different things here.
    #[must_use]
    pub fn held_laws(&self) -> Vec<String> {
        let is_law = |key: &str| LAWS.iter().any(|part| key.starts_with(part));
        let set = self.values.iter().filter(|(key, value)| is_law(key) && value.origin.is_set());
        set.map(|(key, _)| key.clone()).collect()
    }
}

/// Where the home country comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocietySource {
    /// Built by the history of the model, or taken from its cache.
    History,
    /// An embedded small country.
    Fixture(String),
}

/// Which public claims are to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimsSet {
    /// Name of an embedded set.
    pub name: String,
    /// Whether silence about deserters on the other side is taken as evidence.
    pub complete: bool,
}

/// Sizes of full formations, each in counts of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderOfBattle {
    /// Soldiers in a squad.
    pub soldiers_per_squad: u32,
    /// Squads in a platoon.
    pub squads_per_platoon: u32,
    /// Platoons in a company.
    pub platoons_per_company: u32,
    /// Companies in a battalion.
    pub companies_per_battalion: u32,
    /// Battalions in a brigade.
    pub battalions_per_brigade: u32,
    /// Most brigades; `None`: as many as the force fills.
    pub brigades: Option<u32>,
    /// Day on which the sizes became public.
    pub known_from: Day,
    /// Ids of the rows they rest on, or `assumption`.
    pub source: String,
}

impl OrderOfBattle {
    /// Soldiers in a full brigade; at most 10^11, so it cannot overflow.
    #[must_use]
    pub fn soldiers_per_brigade(&self) -> u64 {
        [
            self.soldiers_per_squad,
            self.squads_per_platoon,
            self.platoons_per_company,
            self.companies_per_battalion,
            self.battalions_per_brigade,
        ]
        .into_iter()
        .map(u64::from)
        .product()
    }
}

/// Ways in which a wave can join the force; the first is the default.
pub const JOINS: [&str; 2] = ["units", "replacements"];

/// Soldiers who arrive together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// Its name, unique in the scenario.
    pub name: String,
    /// 1 or 2.
    pub contingent: u8,
    /// How many; at least 1.
    pub persons: u32,
    /// First day in Russia; inside the period.
    pub arrives: Day,
    /// First day in Kursk oblast; not before `arrives`, perhaps after the last day. `None`: it stays behind.
    pub at_front: Option<Day>,
    /// Whether they come as units or as replacements: a word of [`JOINS`].
    pub joins: &'static str,
    /// Day on which the wave became public.
    pub known_from: Day,
    /// Day on which `at_front` became public.
    pub front_known_from: Day,
    /// Ids of the claims it rests on, or `assumption`.
    pub source: String,
}

/// A stretch of time with one casualty hazard; it lasts until the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name, unique in the scenario.
    pub name: String,
    /// First day.
    pub from: Day,
    /// Registry key of the casualty hazard; `None`: no contact.
    pub hazard: Option<String>,
    /// Day on which the phase became public.
    pub known_from: Day,
    /// Ids of the claims it rests on, or `assumption`.
    pub source: String,
}

/// What the regime orders, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its name, unique in the scenario.
    pub name: String,
    /// `tighten_informers`, `pull_back` or `move_families`.
    pub order: String,
    /// Day on which it is carried out; `None`: when enough exits are known.
    pub on: Option<Day>,
    /// Ids of the claims it rests on, or `assumption`.
    pub source: String,
}

/// What an inference may spend, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InferSettings {
    /// Registry keys, each with a prior that is not `fixed`.
    pub parameters: Vec<String>,
    /// Keys that the scenario asks for and that a file, a plan or an option moves from their default: they are held there, not inferred.
    pub held: Vec<String>,
    /// Most simulated deployments.
    pub budget: u32,
    /// Deployments per particle.
    pub replicates: u32,
}

/// A fully resolved scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name; also of the result folder.
    pub name: String,
    /// One line for the report.
    pub title: String,
    /// What the scenario assumes.
    pub description: String,
    /// Seed of country and replicates.
    pub seed: Seed,
    /// Share of the country's people that is simulated, in (0, 1].
    pub scale: f64,
    /// Simulated deployments on one country.
    pub replicates: u32,
    /// Day 0.
    pub day_zero: Day,
    /// Last simulated day; not before `day_zero`.
    pub last_day: Day,
    /// Where the country comes from.
    pub society: SocietySource,
    /// Claims to be explained, if any.
    pub claims: Option<ClaimsSet>,
    /// Sizes of formations.
    pub order_of_battle: OrderOfBattle,
    /// In order of arrival; at least one.
    pub waves: Vec<Wave>,
    /// In order of time; before the first one there is no contact.
    pub phases: Vec<Phase>,
    /// What the regime orders.
    pub responses: Vec<Response>,
    /// Key of the rule of decision, `m0` to `m5`.
    pub rule: &'static str,
    /// Settings of the inference.
    pub infer: InferSettings,
    /// Every parameter of the registry.
    pub values: BTreeMap<String, Value>,
    /// Which layer gave each setting.
    pub settings: BTreeMap<&'static str, Origin>,
}

impl Scenario {
    /// What stands above its results: its title, or its name where it has none.
    #[must_use]
    pub fn heading(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }

    /// Simulated days, first and last included.
    #[must_use]
    pub fn days(&self) -> u32 {
        (self.last_day - self.day_zero).unsigned_abs() + 1
    }

    /// Soldiers of all waves.
    #[must_use]
    pub fn soldiers(&self) -> u32 {
        self.waves.iter().map(|wave| wave.persons).sum()
    }

    /// Whether the country is smaller than life.
    #[must_use]
    pub fn is_scaled(&self) -> bool {
        self.scale < 1.0
    }

    /// The phase of a day; `None` before the first one.
    #[must_use]
    pub fn phase_on(&self, day: Day) -> Option<&Phase> {
        self.phases.iter().rev().find(|phase| phase.from <= day)
    }

    /// What was public on `date`: later waves and phases are hidden, and so is a wave's day at the front that became public
    /// later; before the sizes of formations were public, the assumed ones hold. The period, the settings and the parameters stay.
    ///
    /// # Errors
    /// No wave was known yet.
    pub fn as_of(&self, date: Day) -> Result<Self, ResolveError> {
        let mut view = self.clone();
        view.waves.retain(|wave| wave.known_from <= date);
        view.phases.retain(|phase| phase.known_from <= date);
        for wave in view.waves.iter_mut().filter(|wave| wave.front_known_from > date) {
            wave.at_front = None;
        }
        if view.order_of_battle.known_from > date {
            view.order_of_battle = resolve::assumed_order(view.day_zero);
        }
        if view.waves.is_empty() {
            return Err(resolve::nothing_known(date, &self.waves));
        }
        Ok(view)
    }
}

impl Lookup for Scenario {
    fn canonical(&self, key: &str) -> Option<f64> {
        self.values.get(key).map(|value| value.canonical)
    }
}

/// One changed value, as text: `--set KEY=VALUE`, an option of its own, or a value of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Full dotted key.
    pub key: String,
    /// As it would stand in a file; quotes around quantities may be left out.
    pub value: String,
    /// What gave it: where an error points.
    pub given: Given,
}

/// What gives a value that is laid over a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// `--set KEY=VALUE`.
    Set,
    /// An option of its own, as `--scale`: its value stands alone.
    Alone(&'static str),
    /// A point of a sweep.
    SweepPoint,
}

impl Given {
    /// Name of the source in an error.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Set => "--set",
            Self::Alone(option) => option,
            Self::SweepPoint => "sweep point",
        }
    }
}

/// What is laid over registry and scenario.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layers<'a> {
    /// Name of a baseline, under the scenario.
    pub baseline: Option<&'a str>,
    /// Values of a sweep point, over the scenario.
    pub sweep: &'a [Override],
    /// Values of the command line, over everything; the last of two wins.
    pub command_line: &'a [Override],
}

/// What a scenario can name.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// Every parameter.
    pub registry: &'a [&'static ParamMeta],
    /// Shipped scenarios, name and text.
    pub scenarios: &'a [(&'a str, &'a str)],
    /// Baselines, name and text.
    pub baselines: &'a [(&'a str, &'a str)],
    /// Names of embedded sets of claims.
    pub claims: &'a [&'a str],
}

impl<'a> Catalogue<'a> {
    /// What this program ships, with the parameters of `registry`.
    #[must_use]
    pub const fn embedded(registry: &'a [&'static ParamMeta]) -> Self {
        Self {
            registry,
            scenarios: crate::data::SCENARIOS,
            baselines: crate::data::BASELINES,
            claims: crate::data::CLAIMS_SETS,
        }
    }

    /// Every key that has a value: settings and parameters.
    pub(crate) fn keys(&self) -> Vec<&'a str> {
        let settings = SETTINGS.iter().map(|setting| setting.key);
        settings.chain(self.registry.iter().map(|meta| meta.key)).collect()
    }
}
