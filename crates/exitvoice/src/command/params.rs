//! `params`: the parameter registry, without a scenario.

use super::Outcome;
use crate::registry;
use exitvoice_core::param::{ParamMeta, Part};
use serde_json::{Value, json};

/// The registry.
#[derive(Clone, Debug)]
pub struct ParamsOutcome {
    /// Rows that act, in the order of the mechanisms.
    pub acting: Vec<&'static ParamMeta>,
    /// Rows of the design that nothing reads yet.
    pub planned: Vec<&'static ParamMeta>,
}

/// Lists every parameter.
#[must_use]
pub fn params() -> ParamsOutcome {
    ParamsOutcome { acting: registry::all(), planned: registry::planned() }
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::History => "history",
        Part::Force => "force",
        Part::Observe => "observe",
    }
}

fn row(meta: &ParamMeta, acts: bool) -> Value {
    json!({
        "key": meta.key, "acts": acts, "symbol": meta.symbol, "description": meta.description, "default": meta.default,
        "unit": meta.dimension.canonical_unit(), "prior": meta.prior, "grade": meta.grade.to_string(), "part": part(meta.part),
        "lever": meta.lever, "source": meta.source, "why": meta.why,
    })
}

impl Outcome for ParamsOutcome {
    fn to_json(&self) -> Value {
        let acting = self.acting.iter().map(|m| row(m, true));
        json!({ "values": acting.chain(self.planned.iter().map(|m| row(m, false))).collect::<Vec<_>>() })
    }

    fn text(&self) -> Vec<String> {
        let width = self.acting.iter().chain(&self.planned).map(|m| m.key.len()).max().unwrap_or(0);
        let line = |m: &ParamMeta| {
            format!("{:width$}  {}  [{}; {}; {}]  {}", m.key, m.default, m.prior, m.grade, part(m.part), m.description)
        };
        let mut lines: Vec<String> = self.acting.iter().map(|m| line(m)).collect();
        lines.extend(self.planned.iter().map(|m| format!("{} ({})", line(m), registry::not_yet())));
        lines.push(format!("{} parameters act, {} are planned", self.acting.len(), self.planned.len()));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_whether_it_acts() {
        let outcome = params();
        let values = outcome.to_json()["values"].as_array().cloned().expect("a list");
        let acting = values.iter().filter(|v| v["acts"] == true).count();
        assert_eq!((acting, values.len() - acting), (outcome.acting.len(), outcome.planned.len()));
        let text = outcome.text();
        let mark = format!("not in model {} yet; nothing reads it", exitvoice_model::MODEL_VERSION);
        let marked = text.iter().filter(|line| line.contains(&mark)).count();
        assert_eq!(marked, outcome.planned.len());
    }
}
