//! Verbs: one mechanism, one file, with card, parameters, equation and tests.

pub mod class;
pub mod control;
pub mod danger;
pub mod demography;
pub mod exit;
pub mod home;
pub mod mind;
pub mod regime;
pub mod service;
pub mod surveillance;

#[cfg(test)]
pub(crate) mod testing {
    use exitvoice_core::param::ParamMeta;
    use std::collections::BTreeMap;

    /// Defaults of a mechanism's parameters, in canonical units.
    pub(crate) fn defaults(meta: &[ParamMeta]) -> BTreeMap<String, f64> {
        meta.iter().map(|m| (m.key.to_owned(), m.default_value().expect("every default reads"))).collect()
    }
}
