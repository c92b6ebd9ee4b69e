//! What a scenario resolved to, for people: rows of `explain`, `resolved.toml`, and the file of a baseline.

use super::error::ResolveError;
use super::merge::unknown_key;
use super::place::{Place, SourceText};
use super::schema::SETTINGS;
use super::{FORMAT, JOINS, Origin, Phase, Scenario, SocietySource, Value, Wave};
use exitvoice_core::param::ParamMeta;
use exitvoice_core::quantity::{Dimension, Quantity};
use std::fmt::Write as _;
use std::sync::Arc;

/// One key with everything that is known about its value; empty texts where a column does not apply.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ExplainRow {
    /// Full key; `waves.NAME` and `phases.NAME` for rows.
    pub key: String,
    /// Value without unit.
    pub value: String,
    /// As written in its layer, with its own unit.
    pub as_written: String,
    /// Unit; `1` for numbers and shares.
    pub unit: String,
    /// Layer with file and line.
    pub origin: String,
    /// Layer alone: default, baseline, extends, scenario, sweep, command line.
    pub layer: String,
    /// Prior as written in the registry.
    pub prior: String,
    /// How well the default is known.
    pub grade: String,
    /// Which part of a run it belongs to: history, force, observe.
    pub part: String,
    /// Symbol in the equation.
    pub symbol: String,
    /// Whether it is a lever of control, which is never swept as a grid.
    pub lever: bool,
    /// Key of the source.
    pub source: String,
    /// Why this value.
    pub why: String,
    /// What it means.
    pub description: String,
}

impl Scenario {
    /// Rows of every key that has a value; or of one key, or of all keys under one table (`exit.attempt`).
    ///
    /// # Errors
    /// No key has this name or stands under it.
    pub fn explain(&self, key: Option<&str>) -> Result<Vec<ExplainRow>, ResolveError> {
        let mut rows = self.setting_rows();
        rows.extend(self.waves.iter().map(wave_row));
        rows.extend(self.phases.iter().map(phase_row));
        for row in &mut rows {
            let table = row.key.split('.').next().unwrap_or_default();
            if let Some(origin) = self.settings.get(row.key.as_str()).or_else(|| self.settings.get(table)) {
                row.origin = origin.to_string();
                row.layer = origin.layer().to_owned();
            }
        }
        rows.extend(self.values.values().map(value_row));
        let Some(wanted) = key else { return Ok(rows) };
        let found: Vec<ExplainRow> = rows
            .iter()
            .filter(|row| row.key.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
            .cloned()
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let source = Arc::new(SourceText { name: "KEY".to_owned(), text: wanted.to_owned() });
        let known: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        Err(unknown_key(wanted, &Place { source, span: 0..wanted.len() }, &known))
    }

    fn setting_rows(&self) -> Vec<ExplainRow> {
        SETTINGS
            .iter()
            .filter(|setting| !matches!(setting.key, "waves" | "phases"))
            .filter_map(|setting| {
                let (value, unit) = self.setting_text(setting.key)?;
                let layer = Origin::Default.layer().to_owned();
                let origin = layer.clone();
                let description = setting.description.to_owned();
                let key = setting.key.to_owned();
                Some(ExplainRow { key, value, unit, origin, layer, description, ..empty_row() })
            })
            .collect()
    }

    /// Value of a setting as TOML, without quotes around quantities, and its unit. `None` where it is absent.
    fn setting_text(&self, key: &str) -> Option<(String, String)> {
        let order = &self.order_of_battle;
        let bare = |text: String| Some((text, String::new()));
        let count = |number: u32| bare(number.to_string());
        match key {
            "name" => bare(quoted(&self.name)),
            "title" => bare(quoted(&self.title)),
            "description" => bare(quoted(&self.description)),
            "run.seed" => bare(self.seed.0.to_string()),
            "run.scale" => Some((format!("{:?}", self.scale), "1".to_owned())),
            "run.replicates" => count(self.replicates),
            "period.start" => bare(self.day_zero.to_string()),
            "period.end" => bare(self.last_day.to_string()),
            "society.source" => bare(match &self.society {
                SocietySource::History => quoted("history"),
                SocietySource::Fixture(name) => quoted(&format!("fixture:{name}")),
            }),
            "claims.set" => bare(quoted(self.claims.as_ref().map_or("none", |claims| claims.name.as_str()))),
            "claims.complete" => self.claims.as_ref().and_then(|claims| bare(claims.complete.to_string())),
            "order_of_battle.soldiers_per_squad" => {
                Some((order.soldiers_per_squad.to_string(), Dimension::Persons.canonical_unit().to_owned()))
            }
            "order_of_battle.squads_per_platoon" => count(order.squads_per_platoon),
            "order_of_battle.platoons_per_company" => count(order.platoons_per_company),
            "order_of_battle.companies_per_battalion" => count(order.companies_per_battalion),
            "order_of_battle.battalions_per_brigade" => count(order.battalions_per_brigade),
            "order_of_battle.brigades" => order.brigades.and_then(count),
            "order_of_battle.known_from" => bare(order.known_from.to_string()),
            "order_of_battle.source" => bare(quoted(&order.source)),
            "decision.rule" => bare(quoted(self.rule)),
            "infer.parameters" => {
                let keys: Vec<String> = self.infer.parameters.iter().map(|key| quoted(key)).collect();
                bare(format!("[{}]", keys.join(", ")))
            }
            "infer.budget" => count(self.infer.budget),
            "infer.replicates" => count(self.infer.replicates),
            _ => None,
        }
    }

    /// The whole scenario as TOML: every key with value, unit, origin and source. It is a scenario itself and resolves to the
    /// same [`canonical_bytes`](Self::canonical_bytes).
    #[must_use]
    pub fn resolved_toml(&self) -> String {
        let mut out = String::from(
            "# A resolved scenario: every key with its value; after each the layer it came from. It can be run again.\n",
        );
        line(&mut out, &format!("format = {FORMAT}"), "");
        for row in self.setting_rows() {
            let value = with_unit(&row.value, &row.unit);
            let origin = self.settings.get(row.key.as_str()).unwrap_or(&Origin::Default);
            line(&mut out, &format!("{} = {value}", row.key), &origin.to_string());
        }
        out.push_str("\n# Parameters\n");
        for (key, value) in &self.values {
            let Value { canonical, as_written, meta, origin } = value;
            let unit = meta.dimension.canonical_unit();
            let mut note = format!("[{unit}] {origin}; {}; prior {}", meta.grade, meta.prior);
            if unit != "1" {
                write!(note, "; written {}", as_written.escape_debug()).expect("writing to a String cannot fail");
            }
            if !meta.source.is_empty() {
                note.push_str("; source ");
                note.push_str(meta.source);
            }
            line(&mut out, &format!("{key} = {}", quantity_text(*canonical, meta.dimension)), &note);
        }
        self.resolved_rows(&mut out);
        out
    }

    fn resolved_rows(&self, out: &mut String) {
        let origin = |key: &str| self.settings.get(key).unwrap_or(&Origin::Default).to_string();
        for wave in &self.waves {
            line(out, "\n[[waves]]", &origin("waves"));
            line(out, &format!("name = {}", quoted(&wave.name)), "");
            line(out, &format!("contingent = {}", wave.contingent), "");
            line(out, &format!("persons = \"{} persons\"", wave.persons), "");
            line(out, &format!("arrives = {}", wave.arrives), "");
            if let Some(front) = wave.at_front {
                line(out, &format!("at_front = {front}"), "");
            }
            if wave.joins != JOINS[0] {
                line(out, &format!("joins = {}", quoted(wave.joins)), "");
            }
            line(out, &format!("known_from = {}", wave.known_from), "");
            line(out, &format!("front_known_from = {}", wave.front_known_from), "");
            line(out, &format!("source = {}", quoted(&wave.source)), "");
        }
        for phase in &self.phases {
            line(out, "\n[[phases]]", &origin("phases"));
            line(out, &format!("name = {}", quoted(&phase.name)), "");
            line(out, &format!("from = {}", phase.from), "");
            line(out, &format!("hazard = {}", quoted(phase.hazard.as_deref().unwrap_or("none"))), "");
            line(out, &format!("known_from = {}", phase.known_from), "");
            line(out, &format!("source = {}", quoted(&phase.source)), "");
        }
        for response in &self.responses {
            line(out, "\n[[responses]]", &origin("responses"));
            line(out, &format!("name = {}", quoted(&response.name)), "");
            line(out, &format!("order = {}", quoted(&response.order)), "");
            if let Some(day) = response.on {
                line(out, &format!("on = {day}"), "");
            }
            line(out, &format!("source = {}", quoted(&response.source)), "");
        }
    }
}

/// Every default of a registry as the file of a baseline, `data/baselines/MODEL.toml`, written when the model version moves.
#[must_use]
pub fn baseline_toml(model: &str, registry: &[&'static ParamMeta]) -> String {
    let mut rows: Vec<&&ParamMeta> = registry.iter().collect();
    rows.sort_by_key(|meta| meta.key);
    let mut out = format!("# Every default of model version {model}. Generated; never edited.\n");
    line(&mut out, &format!("format = {FORMAT}"), "");
    line(&mut out, &format!("model = {}", quoted(model)), "");
    for meta in rows {
        let value = if meta.dimension.units().is_empty() { meta.default.to_owned() } else { quoted(meta.default) };
        line(&mut out, &format!("{} = {value}", meta.key), "");
    }
    out
}

fn line(out: &mut String, content: &str, note: &str) {
    let comment = if note.is_empty() { String::new() } else { format!("  # {note}") };
    writeln!(out, "{content}{comment}").expect("writing to a String cannot fail");
}

/// A TOML basic string on one line.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => write!(out, "\\u{:04X}", u32::from(c)).expect("writing to a String cannot fail"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn with_unit(value: &str, unit: &str) -> String {
    if matches!(unit, "" | "1") { value.to_owned() } else { format!("\"{value} {unit}\"") }
}

/// A value as it stands in a file, so that it reads back to the same bits.
fn quantity_text(value: f64, dimension: Dimension) -> String {
    if dimension.units().is_empty() { format!("{value:?}") } else { format!("\"{}\"", Quantity { value, dimension }) }
}

fn empty_row() -> ExplainRow {
    ExplainRow {
        key: String::new(),
        value: String::new(),
        as_written: String::new(),
        unit: String::new(),
        origin: String::new(),
        layer: String::new(),
        prior: String::new(),
        grade: String::new(),
        part: String::new(),
        symbol: String::new(),
        lever: false,
        source: String::new(),
        why: String::new(),
        description: String::new(),
    }
}

fn value_row(value: &Value) -> ExplainRow {
    let Value { canonical, as_written, meta, origin } = value;
    ExplainRow {
        as_written: as_written.clone(),
        origin: origin.to_string(),
        layer: origin.layer().to_owned(),
        ..registry_row(meta, *canonical)
    }
}

/// What the registry says of a parameter, with a value.
fn registry_row(meta: &ParamMeta, canonical: f64) -> ExplainRow {
    let text = Quantity { value: canonical, dimension: meta.dimension }.to_string();
    let unit = meta.dimension.canonical_unit();
    ExplainRow {
        key: meta.key.to_owned(),
        value: text.strip_suffix(unit).filter(|_| unit != "1").map_or(text.as_str(), str::trim_end).to_owned(),
        unit: unit.to_owned(),
        prior: meta.prior.to_owned(),
        grade: meta.grade.to_string(),
        part: format!("{:?}", meta.part).to_lowercase(),
        symbol: meta.symbol.to_owned(),
        lever: meta.lever,
        source: meta.source.to_owned(),
        why: meta.why.to_owned(),
        description: meta.description.to_owned(),
        ..empty_row()
    }
}

fn wave_row(wave: &Wave) -> ExplainRow {
    let front = match wave.at_front {
        _ if wave.joins != JOINS[0] => "replacements for earlier waves".to_owned(),
        Some(day) => format!("at the front {day}"),
        None => "never at the front".to_owned(),
    };
    ExplainRow {
        key: format!("waves.{}", wave.name),
        value: wave.persons.to_string(),
        unit: Dimension::Persons.canonical_unit().to_owned(),
        source: wave.source.clone(),
        description: format!(
            "contingent {}, arrives {}, {front}, known from {}",
            wave.contingent, wave.arrives, wave.known_from
        ),
        ..empty_row()
    }
}

fn phase_row(phase: &Phase) -> ExplainRow {
    ExplainRow {
        key: format!("phases.{}", phase.name),
        value: phase.from.to_string(),
        source: phase.source.clone(),
        description: format!(
            "casualty hazard {}, known from {}",
            phase.hazard.as_deref().unwrap_or("none: no contact"),
            phase.known_from
        ),
        ..empty_row()
    }
}
