//! What a user writes for `sensitivity`: a TOML file, or the name of a scenario.
//!
//! ```toml
//! format = 1
//! name = "which-assumptions"
//! scenario = "toy-squad"
//! method = "sobol"          # or "morris"
//! base = 128                # base points, or trajectories
//! replicates = 4            # of every point
//! parameters = ["exit.absence.base_rate", "exit.absence.length"]     # default: every parameter graded Assumed
//! ```

use super::{Analysis, Method, morris_points, saltelli_points};
use crate::command::Error;
use crate::scenario::{Given, Override};
use crate::sweep::plan::{MOST_POINTS, Plan, Point, Reader, SWEEP_KEYS, nearest, written};
use exitvoice_core::param::{Grade, ParamMeta, Part};
use exitvoice_core::quantity::Seed;
use serde::Deserialize;
use std::collections::BTreeMap;

const BASE_SOBOL: u32 = 128;
const BASE_MORRIS: u32 = 20;
const REPLICATES: u32 = 4;
pub(crate) const SENSITIVITY_KEYS: [&str; 8] =
    ["format", "name", "scenario", "method", "base", "replicates", "seed", "parameters"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    name: Option<String>,
    scenario: String,
    #[serde(default)]
    method: Method,
    base: Option<u32>,
    replicates: Option<u32>,
    seed: Option<u64>,
    parameters: Option<Vec<String>>,
}

/// A sweep over the parameters' priors, and what is to be read off it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its points.
    pub plan: Plan,
    /// The analysis.
    pub analysis: Analysis,
}

/// Whether it enters by default: chosen by the authors, acting on the force, with a law.
fn is_assumed(meta: &ParamMeta) -> bool {
    meta.grade == Grade::Assumed && meta.part == Part::Force && meta.parsed_prior().is_ok_and(|prior| !prior.is_fixed())
}

/// Every assumed parameter of a scenario, by shares of variance.
///
/// # Errors
/// A prior cannot be read (a bug).
pub fn of_scenario(scenario: &str, name: &str, registry: &[&'static ParamMeta]) -> Result<Request, Error> {
    let keys: Vec<&'static ParamMeta> = registry.iter().copied().filter(|meta| is_assumed(meta)).collect();
    let analysis = Analysis { method: Method::Sobol, base: BASE_SOBOL, seed: 1 };
    request(scenario, format!("{name}-sensitivity"), &keys, analysis, REPLICATES)
}

/// Reads a plan.
///
/// # Errors
/// The text is no plan, or names what is not there: code, line and column, what was expected.
pub fn parse(name: &str, text: &str, registry: &[&'static ParamMeta]) -> Result<Request, Error> {
    let reader = Reader { name, text };
    let file: File =
        toml::from_str(text).map_err(|error| reader.syntax(&error, &SENSITIVITY_KEYS, (&SWEEP_KEYS, "sweep")))?;
    if file.format != 1 {
        return Err(reader.at("format", format!("format {} is not known", file.format), "format = 1", None));
    }
    if file.replicates == Some(0) {
        return Err(reader.at("replicates", "0 replicates of each point".to_owned(), "at least 1", None));
    }
    let mut keys = Vec::new();
    for key in file.parameters.iter().flatten() {
        let Some(meta) = registry.iter().copied().find(|meta| meta.key == key) else {
            let help = nearest(key, registry.iter().map(|meta| meta.key));
            return Err(reader.at(key, format!("there is no parameter `{key}`"), "a key of `exitvoice params`", help));
        };
        if meta.parsed_prior().map_err(Error::bug)?.is_fixed() || meta.part == Part::Observe {
            let said = format!("`{key}` has no prior, or belongs to the observers");
            return Err(reader.at(key, said, "a parameter of history or force with a prior", None));
        }
        if meta.lever && file.method == Method::Morris {
            let said = format!("`{key}` is a lever of control: only shares of variance are given, which have no sign");
            return Err(reader.at(key, said, "method = \"sobol\"", None));
        }
        if keys.iter().any(|known: &&ParamMeta| known.key == meta.key) {
            return Err(reader.at(key, format!("`{key}` stands there twice"), "each parameter once", None));
        }
        keys.push(meta);
    }
    if file.parameters.is_none() {
        let levers = file.method == Method::Sobol;
        keys = registry.iter().copied().filter(|meta| is_assumed(meta) && (levers || !meta.lever)).collect();
    }
    let base = file.base.unwrap_or(if file.method == Method::Sobol { BASE_SOBOL } else { BASE_MORRIS });
    let points = u64::from(base) * (keys.len() as u64 + 2);
    if base < 2 || keys.is_empty() || points > MOST_POINTS as u64 {
        return Err(reader.at(
            "base",
            format!("{points} points"),
            "at least 2 base points, a parameter, and at most 100,000 points",
            None,
        ));
    }
    let stem = std::path::Path::new(name).file_stem().map_or("sensitivity".into(), |s| s.to_string_lossy());
    let analysis = Analysis { method: file.method, base, seed: file.seed.unwrap_or(1) };
    request(
        &file.scenario,
        file.name.unwrap_or_else(|| stem.into_owned()),
        &keys,
        analysis,
        file.replicates.unwrap_or(REPLICATES),
    )
}

fn request(
    scenario: &str,
    name: String,
    keys: &[&'static ParamMeta],
    analysis: Analysis,
    replicates: u32,
) -> Result<Request, Error> {
    let seed = Seed(analysis.seed);
    let unit = match analysis.method {
        Method::Sobol => saltelli_points(analysis.base, keys.len(), seed),
        // The middles of four equally probable strata: a law on the whole line has no ends.
        Method::Morris => {
            let middle = |u: &f64| (3.0 * u + 0.5) / 4.0;
            morris_points(analysis.base, keys.len(), seed).0.iter().map(|p| p.iter().map(middle).collect()).collect()
        }
    };
    let priors = keys.iter().map(|meta| meta.parsed_prior().map_err(Error::bug)).collect::<Result<Vec<_>, Error>>()?;
    // A design takes each value of a parameter many times over, and a quantile may take thousands of steps.
    let mut known: Vec<BTreeMap<u64, String>> = vec![BTreeMap::new(); keys.len()];
    let mut points = Vec::with_capacity(unit.len());
    for point in &unit {
        let mut values = Vec::with_capacity(keys.len());
        for (d, u) in point.iter().enumerate() {
            let value = match known[d].get(&u.to_bits()) {
                Some(value) => value.clone(),
                None => {
                    let x = priors[d].quantile(*u).ok_or_else(|| Error::bug("a fixed prior was let in"))?;
                    known[d].entry(u.to_bits()).or_insert(written(keys[d], x)).clone()
                }
            };
            values.push(Override { key: keys[d].key.to_owned(), value, given: Given::SweepPoint });
        }
        points.push(Point { scenario: 0, values });
    }
    let keys = keys.iter().map(|meta| meta.key).collect();
    let plan = Plan { name, scenarios: vec![scenario.to_owned()], replicates: Some(replicates), keys, points };
    Ok(Request { plan, analysis })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Request, Error> {
        parse("which.toml", text, &crate::registry::all())
    }

    const HEAD: &str = "format = 1\nscenario = \"toy-squad\"\nbase = 4\n";

    #[test]
    fn by_default_every_assumed_parameter_of_the_force_enters_levers_only_with_shares() {
        let all = crate::registry::all();
        let assumed: Vec<&str> = all.iter().filter(|meta| is_assumed(meta)).map(|meta| meta.key).collect();
        let sobol = read(HEAD).expect("a plan");
        assert_eq!(sobol.plan.keys, assumed);
        assert_eq!(sobol.plan.points.len(), 4 * (assumed.len() + 2));
        let morris = read(&format!("{HEAD}method = \"morris\"\n")).expect("a plan");
        assert!(morris.plan.keys.len() < assumed.len(), "levers are left out");
        let lever = |key: &&str| all.iter().any(|meta| meta.key == *key && meta.lever);
        assert!(!morris.plan.keys.iter().any(lever));
    }

    #[test]
    fn signed_effects_of_a_lever_and_unknown_names_are_refused() {
        let cases = [
            ("method = \"morris\"\nparameters = [\"exit.attempt.hostage_effect\"]\n", "sobol"),
            ("parameters = [\"exit.absence.base_rat\"]\n", "exit.absence.base_rate"),
            ("metod = \"morris\"\n", "method"),
            ("design = \"grid\"\n", "plans of `exitvoice sweep` have `design`"),
            ("scenarios = [\"a\"]\n", "did you mean `scenario`? plans of `exitvoice sweep` have `scenarios`"),
            ("parameters = []\n", "a parameter"),
        ];
        for (more, said) in cases {
            let error = read(&format!("{HEAD}{more}")).expect_err(more);
            let d = error.diagnostic().expect("a place");
            let all = format!("{} {} {}", d.message, d.expected, d.help.as_deref().unwrap_or_default());
            assert!(all.contains(said) && d.code == "EV0780", "{all}");
        }
    }
}
