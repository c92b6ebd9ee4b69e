//! What a user writes to sweep: a TOML file, or the name of a scenario for many replicates of one point.
//!
//! ```toml
//! format = 1
//! name = "danger"                      # of the folder of results
//! scenario = "toy-squad"               # or `scenarios = ["kursk-2024", "..."]`: a contrast of shipped scenarios
//! design = "grid"                      # grid, one_at_a_time, latin_hypercube, sobol
//! replicates = 20                      # of every point
//! points = 64                          # latin_hypercube and sobol
//! seed = 1                             # of the design; replicates take the scenario's
//!
//! [parameters]
//! "exit.attempt.danger_effect" = ["1", "3"]                               # grid and one_at_a_time
//! "danger.combat.hazard_first_clashes" = "prior"                          # latin_hypercube and sobol
//! "exit.absence.base_rate" = { low = "0.001 /yr", high = "0.1 /yr" }
//! ```
//!
//! A lever of control is no axis: what it does is shown by contrasts of shipped scenarios, on or off.

use super::design;
use crate::command::{Error, InputError};
use crate::scenario::{Diagnostic, Given, Override};
use crate::sensitivity::SENSITIVITY_KEYS;
use exitvoice_core::param::{ParamMeta, Part};
use exitvoice_core::quantity::{Quantity, Seed};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// Version of the format of plans.
const FORMAT: u32 = 1;
/// Most points of a plan.
pub const MOST_POINTS: usize = 100_000;
/// Most tasks of a plan.
pub const MOST_TASKS: u64 = 10_000_000;

/// Where points come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Every combination of the values given.
    #[default]
    Grid,
    /// The scenario as it is, and each value given alone.
    OneAtATime,
    /// Stratified random points.
    LatinHypercube,
    /// A low-discrepancy sequence.
    Sobol,
}

impl Design {
    /// Whether every value is listed, so that nothing is drawn.
    const fn lists(self) -> bool {
        matches!(self, Self::Grid | Self::OneAtATime)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    name: Option<String>,
    scenario: Option<String>,
    scenarios: Option<Vec<String>>,
    design: Option<Design>,
    replicates: Option<u32>,
    points: Option<u32>,
    seed: Option<u64>,
    parameters: Option<toml::Table>,
}

pub(crate) const SWEEP_KEYS: [&str; 9] =
    ["format", "name", "scenario", "scenarios", "design", "replicates", "points", "seed", "parameters"];

/// One point: a scenario, and what is laid over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Index into [`Plan::scenarios`].
    pub scenario: usize,
    /// Values of the point, by key.
    pub values: Vec<Override>,
}

/// A plan, read and checked, without its scenarios.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Name of the folder of results.
    pub name: String,
    /// Scenarios, by name or path.
    pub scenarios: Vec<String>,
    /// Replicates of every point, where the plan says.
    pub replicates: Option<u32>,
    /// Keys that vary.
    pub keys: Vec<&'static str>,
    /// Every point, in order.
    pub points: Vec<Point>,
}

impl Plan {
    /// One scenario, one point.
    #[must_use]
    pub fn of_scenario(scenario: &str, name: &str) -> Self {
        let points = vec![Point { scenario: 0, values: Vec::new() }];
        Self { name: name.to_owned(), scenarios: vec![scenario.to_owned()], replicates: None, keys: Vec::new(), points }
    }
}

/// Whether a text is a plan rather than a scenario: plans have a design, or name scenarios.
#[must_use]
pub fn is_plan(text: &str) -> bool {
    let starts = |key: &str| {
        text.lines().any(|line| line.trim_start().strip_prefix(key).is_some_and(|r| r.trim_start().starts_with('=')))
    };
    !text.lines().any(|line| line.trim_start().starts_with("[[waves]]"))
        && ["design", "scenario", "scenarios"].into_iter().any(starts)
}

/// An axis of the design.
enum Axis {
    Values(Vec<String>),
    Law(&'static ParamMeta, Law),
}

enum Law {
    Prior,
    Uniform { low: f64, high: f64 },
}

/// Reads a plan. `registry` has every parameter that acts.
///
/// # Errors
/// The text is no plan, names what is not there, or asks for what cannot be done: code, line and column, what was expected.
pub fn parse(name: &str, text: &str, registry: &[&'static ParamMeta]) -> Result<Plan, Error> {
    let reader = Reader { name, text };
    let file: File =
        toml::from_str(text).map_err(|error| reader.syntax(&error, &SWEEP_KEYS, (&SENSITIVITY_KEYS, "sensitivity")))?;
    if file.format != FORMAT {
        return Err(reader.at("format", format!("format {} is not known", file.format), "format = 1", None));
    }
    if file.replicates == Some(0) {
        return Err(reader.at("replicates", "0 replicates of each point".to_owned(), "at least 1", None));
    }
    let scenarios = match (file.scenario, file.scenarios) {
        (Some(one), None) => vec![one],
        (None, Some(many)) if !many.is_empty() => many,
        _ => {
            let expected = "scenario = \"NAME\", or scenarios = [\"NAME\", \"NAME\"]";
            return Err(reader.at("scenario", "a plan names one scenario or a list".to_owned(), expected, None));
        }
    };
    let design = file.design.unwrap_or_default();
    if file.seed.is_some() && design.lists() {
        let said =
            "nothing is drawn where every value is listed; replicates take the scenario's seed, or `--seed`".to_owned();
        return Err(reader.at("seed", said, "`seed` with latin_hypercube or sobol alone", None));
    }
    let mut leaves = BTreeMap::new();
    flatten("", file.parameters.unwrap_or_default(), &mut leaves);
    let mut axes = Vec::new();
    for (key, value) in &leaves {
        axes.push(reader.axis(key, value, design, registry)?);
    }
    let stem = std::path::Path::new(name).file_stem().map_or("sweep".into(), |s| s.to_string_lossy());
    let plan_name = file.name.unwrap_or_else(|| stem.into_owned());
    let rows = reader.rows(design, &axes, file.points, Seed(file.seed.unwrap_or(1)))?;
    let keys: Vec<&'static str> = axes.iter().map(|(meta, _)| meta.key).collect();
    let total = rows.len().saturating_mul(scenarios.len());
    if total > MOST_POINTS {
        return Err(reader.at("parameters", format!("{total} points"), "at most 100,000 points", None));
    }
    let points = (0..scenarios.len())
        .flat_map(|scenario| rows.iter().map(move |values| Point { scenario, values: values.clone() }))
        .collect();
    Ok(Plan { name: plan_name, scenarios, replicates: file.replicates, keys, points })
}

/// Dotted keys and tables give the same leaves; `{ low, high }` is a leaf.
fn flatten(prefix: &str, table: toml::Table, into: &mut BTreeMap<String, toml::Value>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) if !(inner.contains_key("low") || inner.contains_key("high")) => {
                flatten(&key, inner, into);
            }
            leaf => {
                into.insert(key, leaf);
            }
        }
    }
}

/// As the catalogue of errors has it; the message says what is wrong, on which line, and what was expected.
const WRONG_PLAN: &str = "EV0780: what is wrong with a plan of a sweep or of a sensitivity analysis";
const CODE_LENGTH: usize = 6;

/// A plan's text, for errors that point into it.
pub(crate) struct Reader<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl Reader<'_> {
    /// What the TOML reader found; `keys` are those of the format, `others` those of the plans of another command.
    pub(crate) fn syntax(&self, error: &toml::de::Error, keys: &[&str], (others, command): (&[&str], &str)) -> Error {
        let span = error.span().unwrap_or(0..0);
        let word = self.text.get(span.clone()).unwrap_or_default();
        let foreign = others.contains(&word).then(|| format!("plans of `exitvoice {command}` have `{word}`"));
        let help = [nearest(word, keys.iter().copied()), foreign].into_iter().flatten().reduce(|a, b| a + " " + &b);
        let help = help.filter(|_| error.message().starts_with("unknown field"));
        self.error(span, error.message().replace('\n', " "), "a plan of exitvoice", help)
    }

    /// An error at the first line that begins with a key, or that holds it.
    pub(crate) fn at(&self, key: &str, message: String, expected: &str, help: Option<String>) -> Error {
        let last = key.rsplit('.').next().unwrap_or(key);
        let start = self.text.find(key).or_else(|| self.text.find(last)).unwrap_or(0);
        let end = start + if self.text[start..].starts_with(key) { key.len() } else { last.len() };
        self.error(start..end.min(self.text.len()), message, expected, help)
    }

    fn error(&self, span: Range<usize>, message: String, expected: &str, help: Option<String>) -> Error {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let diagnostic = Diagnostic {
            code: WRONG_PLAN.split_at(CODE_LENGTH).0,
            message,
            file: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
            expected: expected.to_owned(),
            help,
        };
        InputError::new(diagnostic, self.text).into()
    }

    fn axis(
        &self,
        key: &str,
        value: &toml::Value,
        design: Design,
        registry: &[&'static ParamMeta],
    ) -> Result<(&'static ParamMeta, Axis), Error> {
        let Some(meta) = registry.iter().copied().find(|meta| meta.key == key) else {
            let help = nearest(key, registry.iter().map(|meta| meta.key));
            return Err(self.at(key, format!("there is no parameter `{key}`"), "a key of `exitvoice params`", help));
        };
        if meta.lever {
            let message = format!("`{key}` is a lever of control, which is never an axis of a sweep");
            let help = Some("contrast shipped scenarios instead: scenarios = [\"...\", \"...\"]".to_owned());
            return Err(self.at(key, message, "a parameter that is no lever", help));
        }
        if meta.part == Part::Observe {
            let message = format!("`{key}` belongs to the observers, which a sweep does not run");
            return Err(self.at(key, message, "a parameter of history or force", None));
        }
        let listed = design.lists();
        let axis = match value {
            toml::Value::Array(values) if listed && !values.is_empty() => {
                let texts: Option<Vec<String>> = values.iter().map(text_of).collect();
                let texts =
                    texts.ok_or_else(|| self.at(key, "a list of values".to_owned(), "numbers or quantities", None))?;
                let mut seen = Vec::new();
                for text in &texts {
                    let quantity = Quantity::parse(text, meta.dimension).map_err(|e| {
                        self.at(key, format!("`{text}` does not fit: {e}"), meta.dimension.expected(), None)
                    })?;
                    if seen.contains(&quantity.value.to_bits()) {
                        return Err(self.at(key, format!("`{text}` stands there twice"), "each value once", None));
                    }
                    seen.push(quantity.value.to_bits());
                }
                Axis::Values(texts)
            }
            toml::Value::String(word) if !listed && word == "prior" => Axis::Law(meta, self.prior(meta)?),
            toml::Value::Table(ends) if !listed => Axis::Law(meta, self.ends(meta, ends)?),
            _ => {
                let expected = if listed {
                    "a list of values, as [\"1\", \"3\"]"
                } else {
                    "\"prior\", or { low = ..., high = ... }"
                };
                return Err(self.at(key, format!("`{key}` does not say where it goes"), expected, None));
            }
        };
        Ok((meta, axis))
    }

    fn prior(&self, meta: &'static ParamMeta) -> Result<Law, Error> {
        let prior = meta.parsed_prior().map_err(Error::bug)?;
        if prior.is_fixed() {
            return Err(self.at(meta.key, format!("`{}` has no prior", meta.key), "{ low = ..., high = ... }", None));
        }
        Ok(Law::Prior)
    }

    fn ends(&self, meta: &'static ParamMeta, ends: &toml::Table) -> Result<Law, Error> {
        let end = |name: &str| -> Result<f64, Error> {
            let wrong = |said: String| self.at(meta.key, said, meta.dimension.expected(), None);
            let text = ends.get(name).and_then(text_of).ok_or_else(|| wrong(format!("`{name}` is missing")))?;
            Quantity::parse(&text, meta.dimension).map(|q| q.value).map_err(|e| wrong(e.to_string()))
        };
        let (low, high) = (end("low")?, end("high")?);
        if ends.len() > 2 || low >= high {
            return Err(self.at(
                meta.key,
                "low is not below high".to_owned(),
                "{ low = ..., high = ... } and no more",
                None,
            ));
        }
        Ok(Law::Uniform { low, high })
    }

    fn rows(
        &self,
        design: Design,
        axes: &[(&'static ParamMeta, Axis)],
        points: Option<u32>,
        seed: Seed,
    ) -> Result<Vec<Vec<Override>>, Error> {
        let values = |axis: &Axis| if let Axis::Values(v) = axis { v.clone() } else { Vec::new() };
        let lists: Vec<Vec<String>> = axes.iter().map(|(_, axis)| values(axis)).collect();
        let set = |d: usize, value: String| Override { key: axes[d].0.key.to_owned(), value, given: Given::SweepPoint };
        let counts: Vec<usize> = lists.iter().map(Vec::len).collect();
        if points.is_some() && design.lists() {
            let said = "the values that are listed say how many points there are".to_owned();
            return Err(self.at("points", said, "`points` with latin_hypercube or sobol alone", None));
        }
        match design {
            Design::Grid => {
                let total = counts.iter().try_fold(1_usize, |n, c| n.checked_mul(*c)).unwrap_or(usize::MAX);
                if total > MOST_POINTS {
                    return Err(self.at("parameters", format!("{total} points"), "at most 100,000 points", None));
                }
                let row =
                    |point: Vec<usize>| point.iter().enumerate().map(|(d, i)| set(d, lists[d][*i].clone())).collect();
                Ok(design::grid(&counts).into_iter().map(row).collect())
            }
            Design::OneAtATime => {
                let alone = lists.iter().enumerate().flat_map(|(d, list)| list.iter().map(move |v| (d, v.clone())));
                let mut rows = vec![Vec::new()];
                rows.extend(alone.map(|(d, v)| vec![set(d, v)]));
                Ok(rows)
            }
            Design::LatinHypercube | Design::Sobol => {
                let Some(points) = points.filter(|n| (1..=MOST_POINTS as u32).contains(n)) else {
                    return Err(self.at(
                        "points",
                        "the number of points is missing or too large".to_owned(),
                        "points = 64",
                        None,
                    ));
                };
                if design == Design::Sobol && axes.len() > design::MOST_SOBOL {
                    let said = format!("{} parameters", axes.len());
                    return Err(self.at("parameters", said, "at most 21 parameters, or latin_hypercube", None));
                }
                let unit = match design {
                    Design::Sobol => design::sobol(points, axes.len(), seed),
                    _ => design::latin_hypercube(points, axes.len(), seed),
                };
                let row = |point: Vec<f64>| point.iter().enumerate().map(|(d, u)| set(d, at(&axes[d].1, *u))).collect();
                Ok(unit.into_iter().map(row).collect())
            }
        }
    }
}

/// The value of an axis at `u` in (0, 1), as text with its unit.
fn at(axis: &Axis, u: f64) -> String {
    match axis {
        Axis::Values(values) => values.first().cloned().unwrap_or_default(),
        Axis::Law(meta, law) => {
            let value = match law {
                Law::Uniform { low, high } => low + (high - low) * u,
                Law::Prior => meta.parsed_prior().ok().and_then(|p| p.quantile(u)).unwrap_or(f64::NAN),
            };
            written(meta, value)
        }
    }
}

/// A canonical value as a scenario would write it, every digit kept.
#[must_use]
pub fn written(meta: &ParamMeta, value: f64) -> String {
    use exitvoice_core::quantity::Dimension;
    match meta.dimension {
        Dimension::Number | Dimension::Share => format!("{value:?}"),
        Dimension::Persons => format!("{} persons", value.round()),
        other => format!("{value:?} {}", other.canonical_unit()),
    }
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(n) => Some(n.to_string()),
        toml::Value::Float(x) if x.is_finite() => Some(format!("{x:?}")),
        _ => None,
    }
}

/// A hint with the nearest of some names.
pub(crate) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let distance = |name: &&str| strsim::damerau_levenshtein(word, name);
    names
        .min_by_key(distance)
        .filter(|name| distance(name) <= name.len() / 2)
        .map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Plan, Error> {
        parse("plan.toml", text, &crate::registry::all())
    }

    const HEAD: &str = "format = 1\nscenario = \"toy-squad\"\n";

    #[test]
    fn a_grid_lists_every_combination_and_one_at_a_time_begins_with_the_scenario_as_it_is() {
        let axes = "[parameters]\n\"exit.attempt.danger_effect\" = [1, 3]\nexit.absence.length = [\"2 d\", \"3 d\", \"4 d\"]\n";
        let grid = read(&format!("{HEAD}{axes}")).expect("a plan");
        assert_eq!((grid.name.as_str(), grid.points.len(), grid.keys.len()), ("plan", 6, 2));
        let values: Vec<&str> = grid.points[1].values.iter().map(|v| v.value.as_str()).collect();
        assert_eq!(values, ["2 d", "3"], "keys in order, the last moves fastest");
        let alone = read(&format!("{HEAD}design = \"one_at_a_time\"\n{axes}")).expect("a plan");
        assert_eq!((alone.points.len(), alone.points[0].values.len()), (6, 0));
    }

    #[test]
    fn points_of_a_hypercube_lie_in_their_ranges_and_carry_units() {
        let text = format!(
            "{HEAD}design = \"latin_hypercube\"\npoints = 10\n[parameters]\n\
             \"exit.absence.length\" = {{ low = \"2 d\", high = \"4 d\" }}\n\"exit.attempt.danger_effect\" = \"prior\"\n"
        );
        for point in read(&text).expect("a plan").points {
            let days: f64 = point.values[0].value.strip_suffix(" d").expect("a unit").parse().expect("a number");
            assert!((2.0..4.0).contains(&days), "{days}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_line_and_help() {
        let cases = [
            ("format = 1\nscenari = \"toy-squad\"\n", 2, "did you mean `scenario`?"),
            ("format = 1\nscenario = \"x\"\nmethod = \"sobol\"\n", 3, "`exitvoice sensitivity`"),
            ("format = 2\nscenario = \"x\"\n", 1, "format = 1"),
            ("format = 1\n", 1, "scenario = \"NAME\""),
            (
                "format = 1\nscenario = \"x\"\n[parameters]\n\"exit.attempt.base_rat\" = [1]\n",
                4,
                "exit.attempt.base_rate",
            ),
            (
                "format = 1\nscenario = \"x\"\n[parameters]\n\"exit.attempt.hostage_effect\" = [1]\n",
                4,
                "contrast shipped scenarios",
            ),
            (
                "format = 1\nscenario = \"x\"\n[parameters]\n\"exit.absence.length\" = [\"2 d\", \"3 kg\"]\n",
                4,
                "`3 kg` does not fit",
            ),
            (
                "format = 1\nscenario = \"x\"\n[parameters]\n\"exit.absence.length\" = [\"-2 d\"]\n",
                4,
                "`-2 d` does not fit",
            ),
            ("format = 1\nscenario = \"x\"\ndesign = \"sobol\"\n", 1, "points = 64"),
            ("format = 1\nscenario = \"x\"\ndesign = \"grid\"\npoints = 9\n", 4, "sobol alone"),
            ("format = 1\nscenario = \"x\"\nseed = 9\n", 3, "replicates take the scenario's seed"),
            (
                "format = 1\nscenario = \"x\"\n[parameters]\n\"exit.absence.length\" = [\"2 d\", \"2.0 d\"]\n",
                4,
                "`2.0 d` stands there twice",
            ),
            (
                "format = 1\nscenario = \"x\"\n[parameters]\n\"exit.absence.length\" = \"prior\"\n",
                4,
                "a list of values",
            ),
        ];
        for (text, line, said) in cases {
            let error = read(text).expect_err(text);
            let d = error.diagnostic().expect("a place");
            let all = format!("{} {} {}", d.message, d.expected, d.help.as_deref().unwrap_or_default());
            assert_eq!((d.code, error.exit_code()), ("EV0780", 64));
            assert!(all.contains(said), "{all}");
            assert_eq!(d.line, line, "{text}");
        }
    }

    #[test]
    fn plans_and_scenarios_are_told_apart() {
        assert!(is_plan("format = 1\nscenario = \"a\"\n") && is_plan("design='grid'"));
        assert!(crate::data::SCENARIOS.iter().all(|(_, text)| !is_plan(text)));
    }
}
