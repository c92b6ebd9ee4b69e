//! What parameters of the history can be, beyond what their dimension says: bounds of single numbers, and of numbers that share a whole.

use crate::mechanism::class::inheritance::Rule;

/// What one parameter can be.
struct Domain {
    key: &'static str,
    words: &'static str,
    holds: fn(f64) -> bool,
}

/// Two shares of one whole: what the first leaves is the most that the second can be.
struct Parts {
    keys: [&'static str; 2],
    /// The rule of inheritance that alone reads them, where one does: what nobody reads is not refused.
    rule: Option<Rule>,
    words: &'static str,
}

const ABOVE_ZERO: &str = "a number above 0";
const FROM_ZERO: &str = "a number from 0 on";
const FROM_ONE: &str = "a number from 1 on";
/// Coefficients of variation of a gamma law whose quantiles are numbers.
const VARIATION: std::ops::RangeInclusive<f64> = 0.01..=10.0;

const fn above_zero(key: &'static str) -> Domain {
    Domain { key, words: ABOVE_ZERO, holds: |x| x > 0.0 }
}

const fn from_zero(key: &'static str) -> Domain {
    Domain { key, words: FROM_ZERO, holds: |x| x >= 0.0 }
}

const fn from_one(key: &'static str) -> Domain {
    Domain { key, words: FROM_ONE, holds: |x| x >= 1.0 }
}

const DOMAINS: &[Domain] = &[
    Domain { key: Rule::KEY, words: Rule::DOMAIN, holds: |x| Rule::of_number(x).is_some() },
    Domain {
        key: "demography.birth.couple_variation",
        words: "a coefficient of variation from 0.01 to 10",
        holds: |x| VARIATION.contains(&x),
    },
    from_zero("demography.birth.second_child"),
    from_zero("demography.birth.later_child"),
    // The capital is settled by class: each of core and others has its part of it.
    Domain {
        key: FOUNDING_CORE,
        words: "a share above 0 and below 1, since both the core class and the others live in the capital",
        holds: |x| x > 0.0 && x < 1.0,
    },
    from_zero("class.inheritance.score_noise"),
    // The child's own generation is the first.
    from_one("class.inheritance.generations"),
    above_zero("control.camp.mortality_factor"),
    above_zero("service.career.party_growth"),
    above_zero("control.camp.banished_factor"),
    from_zero("control.offence.wavering_factor"),
    from_zero("control.offence.hostile_factor"),
    from_zero("control.offence.young_factor"),
    from_zero("control.guilt_by_association.weight_spouse"),
    from_zero("control.guilt_by_association.weight_first"),
    from_zero("control.guilt_by_association.co_resident_factor"),
    from_one("control.neighbourhood.households"),
];

const FOUNDING_CORE: &str = "class.inheritance.founding_core";

const PARTS: &[Parts] = &[
    Parts {
        keys: [FOUNDING_CORE, "class.inheritance.founding_hostile"],
        rule: None,
        words: "shares of 1 at most together, since the wavering class has what core and hostile leave",
    },
    Parts {
        keys: ["class.inheritance.mother_weight", "class.inheritance.grandparent_weight"],
        rule: Some(Rule::LatentScore),
        words: "weights of 1 at most together, since the father has what mother and grandparents leave",
    },
];

/// Values of two parameters that cannot stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The two keys.
    pub keys: [&'static str; 2],
    /// What they can be together, in words.
    pub expected: &'static str,
}

/// Checks the value of one parameter, in canonical units, against what it can be.
///
/// # Errors
/// The values it can have, in words.
pub fn check_value(key: &str, value: f64) -> Result<(), &'static str> {
    match DOMAINS.iter().find(|domain| domain.key == key) {
        Some(domain) if !(domain.holds)(value) => Err(domain.words),
        _ => Ok(()),
    }
}

/// Checks values that share a whole; `value` gives that of a key, in canonical units.
///
/// # Errors
/// The first pair that exceeds it.
pub fn check_together(value: impl Fn(&str) -> Option<f64>) -> Result<(), Conflict> {
    for Parts { keys, rule, words } in PARTS {
        let at_work = value(Rule::KEY).and_then(Rule::of_number);
        let of_another_rule = rule.is_some() && at_work.is_some() && *rule != at_work;
        if let [Some(a), Some(b)] = keys.map(&value)
            && !of_another_rule
            && a + b > 1.0 + f64::EPSILON
        {
            return Err(Conflict { keys: *keys, expected: words });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::demography::birth;
    use std::collections::BTreeMap;

    fn defaults() -> BTreeMap<String, f64> {
        let all = crate::registry().iter().flat_map(|rows| rows.iter());
        all.map(|m| (m.key.to_owned(), m.default_value().expect("a default"))).collect()
    }

    #[test]
    fn every_domain_and_part_names_a_parameter_and_holds_its_default() {
        let defaults = defaults();
        let parts = PARTS.iter().flat_map(|parts| parts.keys);
        for key in DOMAINS.iter().map(|domain| domain.key).chain(parts) {
            assert_eq!(check_value(key, defaults[key]), Ok(()), "{key}");
        }
        assert_eq!(check_together(|key| defaults.get(key).copied()), Ok(()));
    }

    #[test]
    fn a_whole_is_shared_to_its_end_and_not_beyond() {
        let mut values = defaults();
        for Parts { keys, rule, .. } in PARTS {
            values.extend(rule.map(|rule| (Rule::KEY.to_owned(), f64::from(rule as u8))));
            for (a, b, fits) in [
                (0.3, 0.7, true),
                (0.9, 0.1, true),
                // What rounding may add to a whole.
                (0.5 + f64::EPSILON, 0.5, true),
                (0.3, 0.71, false),
                (0.99, 0.99, false),
            ] {
                values.extend([(keys[0].to_owned(), a), (keys[1].to_owned(), b)]);
                let found = check_together(|key| values.get(key).copied());
                assert_eq!(found.is_ok(), fits, "{a} and {b}");
                assert!(found.err().is_none_or(|conflict| conflict.keys == *keys));
            }
            values = defaults();
        }
    }

    #[test]
    fn weights_that_no_rule_at_work_reads_are_not_refused() {
        let mut values = defaults();
        values.extend(["mother_weight", "grandparent_weight"].map(|w| (format!("class.inheritance.{w}"), 0.9)));
        assert_eq!(check_together(|key| values.get(key).copied()), Ok(()));
    }

    #[test]
    fn what_priors_draw_is_possible() {
        for meta in crate::registry().iter().flat_map(|rows| rows.iter()) {
            let prior = meta.parsed_prior().expect("a prior");
            for value in [0.001, 0.01, 0.5, 0.99, 0.999].into_iter().filter_map(|u| prior.quantile(u)) {
                assert_eq!(check_value(meta.key, value), Ok(()), "{} at {value}", meta.key);
            }
        }
    }

    #[test]
    fn couples_at_either_end_of_the_variation_have_a_fertility() {
        for variation in [*VARIATION.start(), *VARIATION.end()] {
            let mut values = defaults();
            values.insert("demography.birth.couple_variation".to_owned(), variation);
            let params = birth::Params::from_resolved(&values).expect("complete");
            let classes = birth::frailty_classes(&params);
            assert!(classes.iter().all(|z| z.is_finite() && *z >= 0.0), "{variation}: {classes:?}");
        }
    }
}
