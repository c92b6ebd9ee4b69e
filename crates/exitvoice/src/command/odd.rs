//! `odd`: the description of the model after the ODD protocol, generated from its sources.

use super::{Error, Machine, Outcome};
use crate::io::vfs::write_atomically;
use serde_json::json;
use std::path::PathBuf;

/// The seven elements: prose by hand, and schedule, state variables, parameters, data and cards from the sources.
pub const TEXT: &str = include_str!("../../../../docs/reference/odd.md");

/// Options of `odd`.
#[derive(Clone, Debug)]
pub struct OddOptions {
    /// `--out`: folder for `odd.md`; without it the text is printed.
    pub out: Option<PathBuf>,
    /// Files.
    pub machine: Machine,
}

/// The description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddOutcome {
    /// File that was written.
    pub out: Option<PathBuf>,
}

/// Prints or writes the description.
///
/// # Errors
/// The file system refuses.
pub fn odd(options: &OddOptions) -> Result<OddOutcome, Error> {
    let Some(folder) = &options.out else { return Ok(OddOutcome { out: None }) };
    let (vfs, path) = (options.machine.vfs.as_ref(), folder.join("odd.md"));
    vfs.create_folder(folder)?;
    write_atomically(vfs, &path, &[TEXT.as_bytes()])?;
    Ok(OddOutcome { out: Some(path) })
}

impl Outcome for OddOutcome {
    fn to_json(&self) -> serde_json::Value {
        let model = exitvoice_model::MODEL_VERSION.to_string();
        match &self.out {
            Some(path) => json!({ "out": path, "model_version": model }),
            None => json!({ "out": null, "model_version": model, "text": TEXT }),
        }
    }

    fn text(&self) -> Vec<String> {
        match &self.out {
            Some(path) => vec![path.display().to_string()],
            None => TEXT.lines().map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seven_elements_stand_there_in_their_order() {
        let elements = [
            "## 1. Purpose and patterns",
            "## 2. Entities, state variables, scales",
            "## 3. Process overview and scheduling",
            "## 4. Design concepts",
            "## 5. Initialisation",
            "## 6. Input data",
            "## 7. Submodels",
        ];
        let places: Vec<Option<usize>> = elements.iter().map(|e| TEXT.find(e)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    }

    #[test]
    fn no_parameter_and_no_data_file_is_missing() {
        for meta in crate::registry::all() {
            assert!(TEXT.contains(&format!("`{}`", meta.key)), "parameter {}", meta.key);
        }
        for file in crate::data::FILES {
            assert!(TEXT.contains(file.path), "data {}", file.path);
        }
    }

    #[test]
    fn no_state_variable_and_no_yearly_process_is_missing() {
        use exitvoice_model::schedule::{DAY, YEAR};
        let specs = DAY.iter().map(|s| s.spec).chain(YEAR.iter().flat_map(|s| s.specs.iter().copied()));
        for spec in specs {
            assert!(TEXT.contains(&format!("`{}`", spec.name)), "process {}", spec.name);
            for column in spec.reads.iter().chain(spec.writes) {
                assert!(TEXT.contains(&format!("`{column}`")), "state variable {column}");
            }
        }
    }
}
