//! Levers of control among scenarios that stand side by side: off, or as shipped scenarios have them.

use crate::command::Error;
use crate::compare::shapley::MECHANISMS;
use crate::scenario::{self, Catalogue, Layers, Scenario, SourceText, Value};
use std::collections::BTreeMap;

/// Refuses values of a lever of control among scenarios whose outcomes will stand side by side, other than on and off as shipped scenarios
/// have them: a row of them would be a sweep over the lever.
pub(crate) fn check_levers(all: &[(&str, &Scenario)]) -> Result<(), Error> {
    for (number, (given, scenario)) in all.iter().enumerate() {
        for (other, before) in &all[..number] {
            let refuse =
                |reason: String| Err(Error::NotComparable { a: (*other).to_owned(), b: (*given).to_owned(), reason });
            if [given, other].iter().all(|given| crate::data::scenario(given).is_some()) {
                continue;
            }
            let both = scenario.values.iter().filter_map(|(key, value)| Some((key, [before.values.get(key)?, value])));
            for (key, values) in both.filter(|(_, [_, value])| value.meta.lever) {
                let off = |value: &Value| {
                    let named = MECHANISMS.iter().any(|m| m.key == key && m.off == value.as_written);
                    named || value.canonical.abs() < f64::MIN_POSITIVE
                };
                let [was, is] = values.map(|value| &value.as_written);
                if values[0].canonical.to_bits() == values[1].canonical.to_bits() {
                    continue;
                }
                let shipped = shipped_levels(key)?;
                if !values.iter().any(|v| off(v))
                    || !values.iter().all(|v| off(v) || shipped.contains_key(&v.canonical.to_bits()))
                {
                    let levels: Vec<&str> = shipped.values().map(String::as_str).collect();
                    return refuse(format!(
                        "`{key}` is a lever of control, {was} in one and {is} in the other; levers are contrasted off and as shipped scenarios have them ({})",
                        levels.join(", ")
                    ));
                }
            }
        }
    }
    Ok(())
}

/// What shipped scenarios set a parameter to: the bits of each value, and how it is written.
fn shipped_levels(key: &str) -> Result<BTreeMap<u64, String>, Error> {
    let registry = crate::registry::all();
    let catalogue = Catalogue::embedded(&registry);
    let mut levels = BTreeMap::new();
    for (name, text) in crate::data::SCENARIOS {
        let source = SourceText { name: (*name).to_owned(), text: (*text).to_owned() };
        let scenario =
            scenario::resolve(source, &Layers { baseline: None, sweep: &[], command_line: &[] }, &catalogue)?;
        levels.extend(scenario.values.get(key).map(|value| (value.canonical.to_bits(), value.as_written.clone())));
    }
    Ok(levels)
}
