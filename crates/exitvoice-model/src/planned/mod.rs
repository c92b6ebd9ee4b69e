//! Parameters of the design whose mechanisms are not in the model yet.
//!
//! Nothing reads them and a scenario cannot set them: they stand here so that every symbol of the design has its default, unit, prior,
//! grade and reason from the start. Who builds a mechanism moves its struct from here, as it is, beside the equation, and its line into
//! [`registry`](crate::registry). Keys are those that the mechanism will have.

mod country;

use exitvoice_core::param::ParamMeta;

/// Every planned parameter, by mechanism, in the order of the design.
pub(crate) const ALL: &[&[ParamMeta]] = &[country::Death::META];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_is_both_planned_and_read_by_a_mechanism() {
        let acting: BTreeSet<&str> = crate::registry().iter().flat_map(|rows| rows.iter()).map(|m| m.key).collect();
        let planned: Vec<&str> = ALL.iter().flat_map(|rows| rows.iter()).map(|m| m.key).collect();
        assert_eq!(planned.iter().collect::<BTreeSet<_>>().len(), planned.len(), "a key stands twice");
        let both: Vec<&&str> = planned.iter().filter(|key| acting.contains(**key)).collect();
        assert!(both.is_empty(), "{both:?} act already: take them out of `planned`");
    }
}
