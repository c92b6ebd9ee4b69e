//! How commands read what the user names: scenarios, options that change them, and files.

use super::{Error, Machine, shell};
use crate::data;
use crate::io::run_folder::Existing;
use crate::io::vfs::{IoError, Vfs};
use crate::scenario::{self, Catalogue, DEFAULT_SCALE, Given, Layers, Override, Scenario, SourceText};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Longest file that is opened as a scenario, in bytes; what is longer than a scenario may be is refused by its parser, with words.
const LONGEST: u64 = 16 << 20;

/// Options of every command on a scenario. What is `None` is left to the scenario.
#[derive(Clone, Debug)]
pub struct ScenarioOptions {
    /// Name of a shipped scenario, or path of a file.
    pub scenario: String,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--scale`, in (0, 1].
    pub scale: Option<f64>,
    /// `--allow-scaled`: answers below the default scale are wanted.
    pub allow_scaled: bool,
    /// `--societies`: histories to repeat; 1 if absent.
    pub societies: Option<u32>,
    /// `--baseline`: defaults of an older model version.
    pub baseline: Option<String>,
    /// `--set KEY=VALUE`, as given, in order.
    pub set: Vec<String>,
    /// `--out`: folder of results.
    pub out: PathBuf,
    /// `--force`: compute again what is there already.
    pub force: bool,
    /// Files of the user as a command that was interrupted had read them, by path as given: each stands for a file that is gone.
    pub kept: BTreeMap<String, String>,
}

impl ScenarioOptions {
    /// A scenario as it stands, results below `results`.
    #[must_use]
    pub fn new(scenario: &str) -> Self {
        Self {
            scenario: scenario.to_owned(),
            seed: None,
            scale: None,
            allow_scaled: false,
            societies: None,
            baseline: None,
            set: Vec::new(),
            out: PathBuf::from("results"),
            force: false,
            kept: BTreeMap::new(),
        }
    }

    /// What to do with a result that is there: `--force` computes it again.
    #[must_use]
    pub const fn existing(&self) -> Existing {
        if self.force { Existing::Replace } else { Existing::Keep }
    }

    /// The options that repeat a command on this scenario, `set` last.
    #[must_use]
    pub fn words(&self, scenario: &Scenario) -> String {
        let mut words = vec![format!("--seed {} --scale {}", scenario.seed.0, scenario.scale)];
        words.extend(shell::changes(self.allow_scaled, self.baseline.as_deref(), &self.set));
        words.join(" ")
    }

    /// The same in one country.
    #[must_use]
    pub fn alone(&self) -> Self {
        Self { societies: None, ..self.clone() }
    }

    /// ` --societies K`, with the space before it; nothing for one country.
    pub(super) fn societies_words(&self) -> String {
        self.societies.filter(|k| *k > 1).map_or_else(String::new, |k| format!(" --societies {k}"))
    }

    /// Text of the scenario, as given: what `scenario.toml` of a run folder holds.
    ///
    /// # Errors
    /// No shipped scenario and no readable file has this name, or the file is no text of at most 1 MB.
    pub fn source(&self, machine: &Machine) -> Result<SourceText, Error> {
        if let Some(text) = data::scenario(&self.scenario) {
            return Ok(SourceText { name: self.scenario.clone(), text: text.to_owned() });
        }
        match self.read_file(machine, Path::new(&self.scenario), LONGEST) {
            Ok(bytes) => Ok(scenario::read_text(&self.scenario, &bytes)?),
            Err(Error::Unreadable(IoError::NotFound { .. })) if is_bare_name(&self.scenario) => Err(self.unknown()),
            Err(error) => Err(error),
        }
    }

    /// Reads a file that the user names, or what was kept of one that is gone.
    ///
    /// # Errors
    /// As [`read_user_file`].
    pub fn read_file(&self, machine: &Machine, path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
        match read_user_file(machine.vfs.as_ref(), path, limit) {
            Err(Error::Unreadable(error)) if error.is_not_found() => {
                let kept = path.to_str().and_then(|name| self.kept.get(name));
                kept.map(|text| text.clone().into_bytes()).ok_or(Error::Unreadable(error))
            }
            read => read,
        }
    }

    /// Reads and resolves the scenario with everything laid over it; `more` are options of the command.
    ///
    /// # Errors
    /// Something in the scenario or in an option is wrong, or an option says otherwise than `--set` (exit 64).
    pub fn resolve(&self, machine: &Machine, more: &[(&str, String)]) -> Result<Scenario, Error> {
        if self.societies.is_some_and(|k| k != 1) {
            return Err(Error::CannotTake {
                option: "--societies",
                words: "`run` and `compare` repeat the history in further countries; this command is about one"
                    .to_owned(),
            });
        }
        let source = self.source(machine)?;
        let mut over: Vec<Override> = Vec::new();
        for text in &self.set {
            over.push(scenario::parse_override(text)?);
        }
        let mut options: Vec<Override> = Vec::new();
        let mut option = |key: &str, value: String| {
            options.push(Override { key: key.to_owned(), value, given: option_of(key) });
        };
        if let Some(seed) = self.seed {
            option("run.seed", seed.to_string());
        }
        if let Some(scale) = self.scale {
            // `{:?}` writes a decimal point, which TOML wants, and NaN, which TOML writes small.
            option("run.scale", format!("{scale:?}").to_lowercase());
        }
        for (key, value) in more {
            option(key, value.clone());
        }
        for Override { key, value, .. } in &options {
            let number = |text: &str| text.parse::<f64>().ok();
            let same =
                |set: &Override| set.value == *value || number(&set.value) == number(value) && number(value).is_some();
            // The last one wins among those of `--set`.
            if let Some(set) = over.iter().rfind(|set| set.key == *key).filter(|set| !same(set)) {
                let (key, set, value) = (key.clone(), set.value.clone(), value.clone());
                return Err(Error::SetTwice { key, set, value });
            }
        }
        over.extend(options);
        let registry = crate::registry::all();
        let layers = Layers { baseline: self.baseline.as_deref(), sweep: &[], command_line: &over };
        Ok(scenario::resolve(source, &layers, &Catalogue::embedded(&registry))?)
    }

    /// Refuses answers about a country smaller than the default unless they were asked for.
    ///
    /// # Errors
    /// The scale is below the default and `--allow-scaled` was not given (exit 2).
    pub fn check_scale(&self, scenario: &Scenario) -> Result<(), Error> {
        if scenario.scale < DEFAULT_SCALE && !self.allow_scaled {
            return Err(Error::Scaled { scale: scenario.scale, default: DEFAULT_SCALE });
        }
        Ok(())
    }

    fn unknown(&self) -> Error {
        let distance = |name: &str| strsim::damerau_levenshtein(&self.scenario, name);
        let nearest = data::SCENARIOS.iter().map(|(name, _)| *name).min_by_key(|name| distance(name));
        let hint = nearest.filter(|name| distance(name) <= name.len() / 2).map(str::to_owned);
        Error::UnknownScenario { name: self.scenario.escape_debug().take(80).collect(), hint }
    }
}

/// The option that gives the value of a key by itself, where there is one.
fn option_of(key: &str) -> Given {
    match key {
        "run.seed" => Given::Alone("--seed"),
        "run.scale" => Given::Alone("--scale"),
        "run.replicates" => Given::Alone("--replicates"),
        "infer.budget" => Given::Alone("--budget"),
        _ => Given::Set,
    }
}

fn is_bare_name(text: &str) -> bool {
    !text.contains(['/', '\\', '.'])
}

/// Reads a file that the user names.
///
/// # Errors
/// It is absent, unreadable, no ordinary file, or longer than `limit` bytes (exit 64).
pub fn read_user_file(vfs: &dyn Vfs, path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    vfs.read(path, limit).map_err(Error::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::FaultVfs;
    use crate::scenario::MAX_BYTES;
    use std::sync::Arc;

    fn machine(vfs: &FaultVfs) -> Machine {
        Machine { vfs: Arc::new(vfs.clone()), ..Machine::this() }
    }

    #[test]
    fn shipped_scenarios_are_found_by_name_and_files_by_path() {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("mine.toml"), b"format = 1\n");
        let source = |name: &str| ScenarioOptions::new(name).source(&machine(&vfs));
        for (name, text) in data::SCENARIOS {
            assert_eq!(source(name).expect("shipped").text, *text);
        }
        assert_eq!(source("mine.toml").expect("a file").text, "format = 1\n");
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_and_a_missing_file_its_path() {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("huge.toml"), &vec![b'#'; MAX_BYTES + 2]);
        let error = |name: &str| ScenarioOptions::new(name).source(&machine(&vfs)).expect_err("refused");
        assert!(error("kursk2024").to_string().contains("did you mean `kursk-2024`?"));
        assert!(!error("weather").to_string().contains("did you mean"));
        vfs.put(Path::new("film.toml"), &vec![b'#'; LONGEST as usize + 1]);
        for (name, code) in
            [("weather", "EV0760"), ("weather.toml", "EV0710"), ("huge.toml", "EV0201"), ("film.toml", "EV0714")]
        {
            assert_eq!((error(name).code().as_str(), error(name).exit_code()), (code, 64), "{name}");
        }
    }

    #[test]
    fn an_option_that_says_otherwise_than_set_is_refused() {
        let machine = machine(&FaultVfs::new());
        let resolve = |set: &[&str], more: &[(&str, String)]| {
            let set = set.iter().map(|text| (*text).to_owned()).collect();
            let options = ScenarioOptions { set, seed: Some(6), scale: Some(0.5), ..ScenarioOptions::new("toy-squad") };
            options.resolve(&machine, more)
        };
        let error = resolve(&["run.seed=5"], &[]).expect_err("two seeds");
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0797", 64), "{error}");
        assert!(error.to_string().contains("`--set run.seed=5`") && error.to_string().contains('6'), "{error}");
        let two = [("run.replicates", "2".to_owned())];
        assert_eq!(resolve(&["run.replicates=4"], &two).expect_err("two numbers").code(), "EV0797");
        let same =
            resolve(&["run.seed=5", "run.seed=6", "run.scale=0.50", "run.replicates=2"], &two).expect("they agree");
        assert_eq!((same.seed.0, same.replicates), (6, 2));
    }

    #[test]
    fn values_of_the_history_that_are_impossible_are_refused_with_what_they_can_be() {
        let machine = machine(&FaultVfs::new());
        for (set, key, expected) in [
            (&["demography.birth.couple_variation=0"][..], "demography.birth.couple_variation", "from 0.01 to 10"),
            (&["control.camp.mortality_factor=-4"], "control.camp.mortality_factor", "above 0"),
            (&["control.camp.banished_factor=0"], "control.camp.banished_factor", "above 0"),
            (&["control.offence.young_factor=-1"], "control.offence.young_factor", "from 0 on"),
            (
                &["control.guilt_by_association.weight_spouse=-1"],
                "control.guilt_by_association.weight_spouse",
                "from 0 on",
            ),
            (&["control.neighbourhood.households=0"], "control.neighbourhood.households", "from 1 on"),
            (&["class.inheritance.generations=0"], "class.inheritance.generations", "from 1 on"),
            (
                &["class.inheritance.rule=5", "class.inheritance.generations=0.5"],
                "class.inheritance.generations",
                "from 1 on",
            ),
            (&["class.inheritance.founding_core=0"], "class.inheritance.founding_core", "above 0 and below 1"),
            (&["class.inheritance.founding_core=1"], "class.inheritance.founding_core", "above 0 and below 1"),
            (&["class.inheritance.founding_core=0.9"], "class.inheritance.founding_core", "at most together"),
            (
                &["class.inheritance.founding_core=0.6", "class.inheritance.founding_hostile=0.5"],
                "class.inheritance.founding_hostile",
                "at most together",
            ),
            (
                &["class.inheritance.rule=4", "class.inheritance.grandparent_weight=0.8"],
                "class.inheritance.grandparent_weight",
                "at most together",
            ),
        ] {
            let given = set.iter().map(|text| (*text).to_owned()).collect();
            let options = ScenarioOptions { set: given, ..ScenarioOptions::new("kursk-2024") };
            let error = options.resolve(&machine, &[]).expect_err("refused");
            let text = error.to_string();
            assert_eq!((error.code().as_str(), error.exit_code()), ("EV0210", 64), "{set:?}: {text}");
            let said = &error.diagnostic().expect("a place in the text").expected;
            assert!(text.contains(key) && said.contains(expected), "{set:?}: {text}; expected {said}");
        }
    }
}
