//! Lines of a sweep's published ledger: what became of each task, and how it is computed again.

use super::publish::Task;
use super::state::State;
use crate::io::section_file::hex;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Values of a point that the command of a done task spells out at most.
const MOST_SPELLED_OUT: usize = 8;

/// The line of a task. The values of its point stand on the line of the first replicate.
pub(super) fn line(state: &State, scenario: &str, task: &Task) -> Value {
    let (status, error, digest) = match &task.result {
        Ok(kept) => ("done", None, Some(hex(&kept.digest))),
        Err(error) => ("failed", Some(error.as_str()), None),
    };
    let mut line = json!({
        "task": task.number,
        "scenario": scenario,
        "point": task.point,
        "replicate": task.replicate,
        "status": status,
        "error": error,
        "digest": digest,
        "resolved": format!("resolved-{}.toml", state.points[task.point].0 + 1),
        "command": repeat(state, task),
    });
    if task.replicate == 0 {
        line["values"] = json!(state.points[task.point].1.iter().cloned().collect::<BTreeMap<_, _>>());
    }
    line
}

/// A done task of a point with many values is repeated by its number: the values would make most of the file, once for every replicate.
fn repeat(state: &State, task: &Task) -> String {
    if task.result.is_ok() && state.points[task.point].1.len() > MOST_SPELLED_OUT {
        format!("exitvoice verify . --task {}", task.number)
    } else {
        state.repeat(task.number)
    }
}
