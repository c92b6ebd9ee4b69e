//! `explain`: every value of a scenario with unit, layer, prior, grade, source and reason.

use super::{Error, Machine, Outcome, ScenarioOptions};
use crate::scenario::ExplainRow;

/// Options of `explain`.
#[derive(Clone, Debug)]
pub struct ExplainOptions {
    /// The scenario and what is laid over it.
    pub scenario: ScenarioOptions,
    /// Files, threads, memory.
    pub machine: Machine,
    /// One key, or all keys under a table; `None`: every key.
    pub key: Option<String>,
}

/// The values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainOutcome {
    /// Scenario.
    pub scenario: String,
    /// Whether its country is smaller than life.
    pub scaled: bool,
    /// Rows, settings first.
    pub values: Vec<ExplainRow>,
    /// Whether one key was asked for.
    pub one_key: bool,
}

/// Resolves the scenario and explains it.
///
/// # Errors
/// Scenario or options are wrong, or no key has this name.
pub fn explain(options: &ExplainOptions) -> Result<ExplainOutcome, Error> {
    let scenario = options.scenario.resolve(&options.machine, &[])?;
    let values = scenario.explain(options.key.as_deref())?;
    let one_key = options.key.is_some();
    Ok(ExplainOutcome { scaled: scenario.is_scaled(), scenario: scenario.name, values, one_key })
}

impl Outcome for ExplainOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "scenario": self.scenario, "scaled": self.scaled, "values": self.values })
    }

    fn text(&self) -> Vec<String> {
        if self.one_key && self.values.len() == 1 {
            return self.values.iter().flat_map(details).collect();
        }
        let width = |text: fn(&ExplainRow) -> String| {
            self.values.iter().map(|r| text(r).chars().count()).max().unwrap_or(0).min(WIDEST)
        };
        let (keys, values) = (width(|r| r.key.clone()), width(value));
        let (grades, origins) = (width(|r| r.grade.clone()), width(|r| r.origin.clone()));
        let line = |r: &ExplainRow| {
            let because = if r.source.is_empty() { r.why.clone() } else { format!("{}: {}", r.source, r.why) };
            let line = format!(
                "{:keys$}  {:values$}  {:grades$}  {:origins$}  {}",
                r.key,
                shortened(value(r)),
                r.grade,
                shortened(r.origin.clone()),
                because
            );
            line.trim_end().to_owned()
        };
        let mut lines: Vec<String> = self.values.iter().map(line).collect();
        lines.push(format!("{} values; `explain {} KEY` tells all about one", self.values.len(), self.scenario));
        lines
    }
}

/// Widest column of the list, in characters.
const WIDEST: usize = 48;

fn shortened(text: String) -> String {
    if text.chars().count() <= WIDEST { text } else { text.chars().take(WIDEST - 1).chain(['…']).collect() }
}

fn value(row: &ExplainRow) -> String {
    if !row.as_written.is_empty() {
        return row.as_written.clone();
    }
    if row.unit.is_empty() || row.unit == "1" { row.value.clone() } else { format!("{} {}", row.value, row.unit) }
}

fn details(row: &ExplainRow) -> Vec<String> {
    let fields = [
        ("value", value(row)),
        ("meaning", row.description.clone()),
        ("from", row.origin.clone()),
        ("prior", row.prior.clone()),
        ("grade", row.grade.clone()),
        ("part", row.part.clone()),
        ("symbol", row.symbol.clone()),
        ("source", row.source.clone()),
        ("why", row.why.clone()),
    ];
    let mut lines = vec![row.key.clone()];
    lines.extend(fields.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("  {name:8} {text}")));
    if row.lever {
        lines.push("  lever    a means of control: never swept as a grid".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(scenario: &str, key: Option<&str>, set: &[&str]) -> Result<ExplainOutcome, Error> {
        let set = set.iter().map(|s| (*s).to_owned()).collect();
        let scenario = ScenarioOptions { set, ..ScenarioOptions::new(scenario) };
        explain(&ExplainOptions { scenario, machine: Machine::this(), key: key.map(str::to_owned) })
    }

    #[test]
    fn a_value_of_the_command_line_is_explained_as_such() {
        let outcome = explained("toy-squad", Some("run.seed"), &["run.seed=5"]).expect("valid");
        assert_eq!((outcome.values[0].value.as_str(), outcome.values[0].layer.as_str()), ("5", "command line"));
        assert!(outcome.text().iter().any(|l| l.contains("command line")));
        assert!(outcome.to_json()["values"][0].get("origin").is_some());
    }

    #[test]
    fn an_unknown_key_is_bad_input_with_the_nearest_name() {
        let error = explained("toy-squad", Some("run.sed"), &[]).expect_err("unknown");
        assert_eq!(error.exit_code(), 64);
        assert!(error.diagnostic().and_then(|d| d.help.clone()).is_some_and(|h| h.contains("run.seed")));
    }
}
