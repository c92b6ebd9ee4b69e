//! What each of several mechanisms does to a quantity, where what one does depends on which others are at work: Shapley values.
//!
//! Every set of the mechanisms is simulated under common draws, those outside it switched off. A mechanism's share is what it adds when
//! it joins the sets without it, averaged over all orders of joining:
//! `share_i = sum over S without i of |S|! (n - |S| - 1)! / n! x (v(S + i) - v(S))`.
//! Shares add up to what all of them do together, in every replicate; so a mean share has an interval from paired differences.

use super::{Difference, paired};
use serde::{Deserialize, Serialize};

/// A mechanism that can be switched off by one value.
#[derive(Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// Word of `--mechanisms`.
    pub name: &'static str,
    /// Key of the value.
    pub key: &'static str,
    /// The value that switches it off.
    pub off: &'static str,
    /// What is so when it is off.
    pub without: &'static str,
}

/// Every one, in the order in which tables have them.
pub static MECHANISMS: [Mechanism; 5] = [
    Mechanism {
        name: "selection",
        key: "service.selection.share_selected",
        off: "1",
        without: "every eligible soldier is as likely to be sent as any other",
    },
    Mechanism {
        name: "informers",
        key: "surveillance.denunciation.informer_share",
        off: "0",
        without: "nobody informs secretly; mates may still report a plan",
    },
    Mechanism {
        name: "hostages",
        key: "home.hostage.belief",
        off: "0",
        without: "nobody believes at the start that relatives would be punished",
    },
    Mechanism {
        name: "exposure",
        key: "mind.exposure.growth",
        off: "0",
        without: "soldiers abroad see nothing of how others live",
    },
    Mechanism {
        name: "danger",
        key: "mind.danger.learning",
        off: "0",
        without: "squads draw no lesson from their losses, which stay as they are",
    },
];

impl Mechanism {
    /// The mechanism of a name.
    ///
    /// # Errors
    /// A sentence with the names there are.
    pub fn parse(text: &str) -> Result<&'static Self, String> {
        let names: Vec<&str> = MECHANISMS.iter().map(|m| m.name).collect();
        MECHANISMS.iter().find(|m| m.name == text).ok_or_else(|| format!("expected one of {}", names.join(", ")))
    }
}

/// A set of mechanisms at work: bit i stands for the i-th.
pub type Set = u32;

/// Number of sets of so many mechanisms; at most 2^5.
#[must_use]
pub const fn sets(mechanisms: usize) -> usize {
    1 << mechanisms
}

/// Share of each mechanism in each replicate. `values` has the quantity by set, then by replicate; all sets have the same replicates.
#[must_use]
pub fn shares(mechanisms: usize, values: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let replicates = values.first().map_or(0, Vec::len);
    let factorial = |n: usize| (1..=n).fold(1.0, |product, k| product * k as f64);
    let weight = |others: usize| factorial(others) * factorial(mechanisms - others - 1) / factorial(mechanisms);
    (0..mechanisms)
        .map(|i| {
            let mut share = vec![0.0; replicates];
            for set in (0..sets(mechanisms)).filter(|set| set >> i & 1 == 0) {
                let weight = weight(set.count_ones() as usize);
                for (sum, (without, with)) in share.iter_mut().zip(values[set].iter().zip(&values[set | 1 << i])) {
                    *sum += weight * (with - without);
                }
            }
            share
        })
        .collect()
}

/// Share of one mechanism, by quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Name of the mechanism.
    pub mechanism: String,
    /// Its share, over replicates.
    pub share: Difference,
}

/// One quantity shared out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedOut {
    /// Mean where none of the mechanisms is at work.
    pub mean_without: f64,
    /// Mean where all are: the scenario itself.
    pub mean_with: f64,
    /// With all minus without any.
    pub together: Difference,
    /// Shares that add up to it.
    pub parts: Vec<Part>,
}

/// Shares out a quantity; `None` with fewer than two replicates. `values` as in [`shares`].
#[must_use]
pub fn share_out(mechanisms: &[&Mechanism], values: &[Vec<f64>]) -> Option<SharedOut> {
    let everywhere = |r: &usize| values.iter().all(|set| !set[*r].is_nan());
    let kept: Vec<usize> = (0..values.first()?.len()).filter(everywhere).collect();
    let values: Vec<Vec<f64>> = values.iter().map(|set| kept.iter().map(|r| set[*r]).collect()).collect();
    let (without, with) = (values.first()?, values.last()?);
    let together = paired(without, with)?;
    let nothing = vec![0.0; without.len()];
    let parts = mechanisms.iter().zip(shares(mechanisms.len(), &values)).map(|(mechanism, share)| {
        Some(Part { mechanism: mechanism.name.to_owned(), share: paired(&nothing, &share)?.difference })
    });
    Some(SharedOut {
        mean_without: together.means.a,
        mean_with: together.means.b,
        together: together.difference,
        parts: parts.collect::<Option<Vec<Part>>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    fn random(mechanisms: usize, replicates: usize, seed: u64) -> Vec<Vec<f64>> {
        let draws = Draws::new(Seed(seed), Purpose::Synthetic);
        let value = |set: usize, r: usize| (draws.uniform(set as u64, r as u64) * 50.0).floor();
        (0..sets(mechanisms)).map(|set| (0..replicates).map(|r| value(set, r)).collect()).collect()
    }

    #[test]
    fn shares_add_up_to_what_all_do_together_in_every_replicate() {
        for mechanisms in 1..=MECHANISMS.len() {
            let values = random(mechanisms, 7, mechanisms as u64);
            let found = shares(mechanisms, &values);
            for r in 0..7 {
                let sum: f64 = found.iter().map(|share| share[r]).sum();
                let whole = values[sets(mechanisms) - 1][r] - values[0][r];
                assert!((sum - whole).abs() < 1e-11, "{mechanisms} mechanisms, replicate {r}: {sum} and {whole}");
            }
        }
    }

    #[test]
    fn replicates_where_a_set_leaves_it_undefined_are_left_out() {
        let mechanisms: Vec<&Mechanism> = MECHANISMS.iter().take(2).collect();
        let mut values = random(2, 7, 5);
        let without_last: Vec<Vec<f64>> = values.iter().map(|set| set[..6].to_vec()).collect();
        values[1][6] = f64::NAN;
        let found = share_out(&mechanisms, &values).expect("six are left");
        assert_eq!(Some(found), share_out(&mechanisms, &without_last));
    }

    #[test]
    fn shares_are_means_over_all_orders_of_joining() {
        // The second route: every order of three, each walked from the empty set.
        let values = random(3, 1, 9);
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let mut by_orders = [0.0; 3];
        for order in orders {
            let mut set = 0;
            for i in order {
                by_orders[i] += (values[set | 1 << i][0] - values[set][0]) / 6.0;
                set |= 1 << i;
            }
        }
        for (found, expected) in shares(3, &values).iter().zip(by_orders) {
            assert!((found[0] - expected).abs() < 1e-12, "{found:?} and {expected}");
        }
    }

    #[test]
    fn what_adds_up_is_shared_so_and_what_needs_two_is_halved_between_them() {
        // v = 3 a + 10 b c: a alone does 3; b and c do nothing without each other.
        let value = |set: usize| {
            let on = |i: usize| (set >> i & 1) as f64;
            vec![3.0 * on(0) + 10.0 * on(1) * on(2); 2]
        };
        let values: Vec<Vec<f64>> = (0..8).map(value).collect();
        let found = shares(3, &values);
        for (share, expected) in found.iter().zip([3.0, 5.0, 5.0]) {
            assert!(share.iter().all(|x| (x - expected).abs() < 1e-12), "{found:?}");
        }
        let told = share_out(&[&MECHANISMS[0], &MECHANISMS[1], &MECHANISMS[2]], &values).expect("two replicates");
        assert!((told.together.mean - 13.0).abs() < 1e-12 && told.parts[2].mechanism == "hostages");
    }

    #[test]
    fn a_mechanism_that_does_nothing_has_no_share_and_two_that_do_the_same_have_equal_ones() {
        let value = |set: usize| vec![f64::from((set & 0b11).count_ones().pow(2))];
        let values: Vec<Vec<f64>> = (0..16).map(value).collect();
        let found = shares(4, &values);
        assert!((found[0][0] - found[1][0]).abs() < 1e-12 && (found[0][0] - 2.0).abs() < 1e-12, "{found:?}");
        assert!(found[2][0].abs() < 1e-12 && found[3][0].abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn every_mechanism_names_a_parameter_of_the_force_and_a_value_that_fits_it() {
        let registry = crate::registry::all();
        for mechanism in &MECHANISMS {
            let meta = registry.iter().find(|meta| meta.key == mechanism.key).expect(mechanism.key);
            assert_eq!(meta.part, exitvoice_core::param::Part::Force, "{}", mechanism.key);
            assert!(mechanism.off.parse::<f64>().is_ok() && Mechanism::parse(mechanism.name) == Ok(mechanism));
        }
        assert!(Mechanism::parse("hostage").is_err_and(|said| said.contains("hostages")));
    }
}
