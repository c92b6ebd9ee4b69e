//! `params`: the parameter registry, without a scenario.

use super::Outcome;
use crate::registry;
use exitvoice_core::param::{ParamMeta, Part};
use serde_json::{Value, json};

/// The registry.
#[derive(Clone, Debug)]
pub struct ParamsOutcome {
    /// Rows, in the order of the mechanisms.
    pub rows: Vec<&'static ParamMeta>,
}

/// Lists every parameter.
#[must_use]
pub fn params() -> ParamsOutcome {
    ParamsOutcome { rows: registry::all() }
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::History => "history",
        Part::Force => "force",
        Part::Observe => "observe",
    }
}

fn row(meta: &ParamMeta) -> Value {
    json!({
        "key": meta.key, "symbol": meta.symbol, "description": meta.description, "default": meta.default,
        "unit": meta.dimension.canonical_unit(), "prior": meta.prior, "grade": meta.grade.to_string(), "part": part(meta.part),
        "lever": meta.lever, "source": meta.source, "why": meta.why,
    })
}

impl Outcome for ParamsOutcome {
    fn to_json(&self) -> Value {
        json!({ "values": self.rows.iter().map(|m| row(m)).collect::<Vec<_>>() })
    }

    fn text(&self) -> Vec<String> {
        let width = self.rows.iter().map(|m| m.key.len()).max().unwrap_or(0);
        let line = |m: &&ParamMeta| {
            format!("{:width$}  {}  [{}; {}; {}]  {}", m.key, m.default, m.prior, m.grade, part(m.part), m.description)
        };
        let mut lines: Vec<String> = self.rows.iter().map(line).collect();
        lines.push(format!("{} parameters", self.rows.len()));
        lines
    }
}
