//! The parameter registry of the whole program: the rows of every crate that has parameters, in one list.

use exitvoice_core::param::ParamMeta;
use exitvoice_model::MODEL_VERSION;

/// Every parameter: of the model, in the order of its schedule, then of the observers.
#[must_use]
pub fn all() -> Vec<&'static ParamMeta> {
    join(&[exitvoice_model::registry(), exitvoice_observe::nuisance::registry()])
}

/// Name of the baseline that holds the present defaults, as `m1`.
#[must_use]
pub fn baseline_name() -> String {
    format!("m{}", MODEL_VERSION.law)
}

/// What `data/baselines/NAME.toml` of the present model holds: every default that acts, observers' included.
#[must_use]
pub fn baseline_text() -> String {
    crate::scenario::baseline_toml(&baseline_name(), &all())
}

/// Joins the lists of the crates, in the order given.
#[must_use]
pub fn join(parts: &[&'static [&'static [ParamMeta]]]) -> Vec<&'static ParamMeta> {
    parts.iter().flat_map(|lists| lists.iter()).flat_map(|list| list.iter()).collect()
}

/// What is wrong with a registry as a whole; empty when nothing is. A test calls it on the real one.
#[must_use]
pub fn problems(registry: &[&'static ParamMeta]) -> Vec<String> {
    let mut found = Vec::new();
    let mut keys: Vec<&str> = registry.iter().map(|meta| meta.key).collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if pair[0] == pair[1] {
            found.push(format!("`{}` stands twice", pair[0]));
        }
        if pair[1].strip_prefix(pair[0]).is_some_and(|rest| rest.starts_with('.')) {
            found.push(format!("`{}` is a key and a table", pair[0]));
        }
    }
    for meta in registry {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
        if !meta.key.chars().all(plain) || !meta.key.contains('.') {
            found.push(format!("`{}` is no dotted lower-case key", meta.key));
        }
        if crate::scenario::SETTINGS.iter().any(|setting| setting.key == meta.key) {
            found.push(format!("`{}` is also a setting of scenarios", meta.key));
        }
        if let Err(error) = meta.default_value() {
            found.push(error.to_string());
        }
        if let Err(error) = meta.parsed_prior() {
            found.push(error.to_string());
        }
        if meta.why.trim().is_empty() {
            found.push(format!("`{}` does not say why", meta.key));
        }
    }
    found
}
