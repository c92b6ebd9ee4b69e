//! Which further evidence would narrow an answer most.
//!
//! Preposterior analysis: for each draw from the posterior, what an office would publish next is drawn as well, the errors that it shares with
//! the claims at hand drawn given these. With y the quantity and e the number published, the share of the variance of y that e is expected to
//! remove is `1 - E Var(y | e) / Var(y) = Var(E(y | e)) / Var(y)`: a main effect, so no inference is repeated. Only numbers that offices publish
//! are tried: none of them needs contact with soldiers, prisoners or kin.

use super::forecast::{GROUPS, HEADS, TOLD, id, unprinted};
use super::main_effect::{Pair, main_effect};
use super::problem::{Kept, War};
use crate::answers::QUANTITIES;
use crate::report::Further;
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_infer::Outcome;
use exitvoice_observe::sampler::Observers;
use exitvoice_observe::{ClaimSet, Completeness, Truth};
use std::collections::BTreeMap;

/// Posterior draws for which further evidence is drawn.
const DRAWS: usize = 1_000;
/// Position of the announced deserters among [`HEADS`].
const ANNOUNCED: usize = 1;
/// Quantities that are asked about.
const ASKED: [&str; 3] = ["desertions_total", "casualties_total", "killed_total"];

/// One draw: what is asked, and what would be published.
struct Told {
    origin: (u32, u32),
    values: Vec<f64>,
    numbers: BTreeMap<String, f64>,
}

/// By quantity, the most useful first: the share of the posterior variance of ln(quantity + 1/2) that one more published number of the last day
/// is expected to remove, in [0, 1]. From 1,000 draws a share errs by about .01, more where these rest on few simulations; draws of one
/// simulation are never compared with each other.
pub(super) fn further(
    scenario: &Scenario,
    war: &War<'_>,
    claims: &ClaimSet,
    outcome: &Outcome<Kept>,
    pool: &Pool,
) -> Vec<Further> {
    let day = scenario.last_day;
    let scorer = war.scorer.with_unprinted(claims, &unprinted(&[day]), scenario.day_zero);
    let seeds = Draws::new(scenario.seed, Purpose::Hidden);
    let draws = outcome.posterior.resampled(DRAWS, 0.5);
    let asked: Vec<_> = QUANTITIES.iter().filter(|q| ASKED.contains(&q.name)).collect();
    let silence_counts = war.complete && war.scorer.scored() > 0;
    let heads = heads(if silence_counts { Completeness::Complete } else { Completeness::Incomplete });
    let told = pool.map(draws.entries.len(), |i| {
        // Addresses apart from those of the draws that the answers are read off.
        let seed = |what: u64| seeds.seed(i as u64, what);
        let kept = outcome.bank.truth(draws.entries[i])?;
        let whole = war.scorer.complete_announced(&kept.seen(), seed(1));
        let values: Vec<f64> = asked.iter().map(|q| math::ln((q.read)(&whole.trajectory) + 0.5)).collect();
        let printed = scorer.simulate(&Truth::new(&whole.trajectory), seed(2), Observers::Conditioned).claims;
        let mut numbers: BTreeMap<String, f64> = printed.into_iter().map(|p| (p.id.clone(), p.number())).collect();
        let counted = scorer.told_after(&whole, &[day - scenario.day_zero], seed(3));
        numbers.extend(heads.iter().zip(&counted[0]).map(|(name, n)| ((*name).to_owned(), *n as f64)));
        Some(Told { origin: (draws.entries[i].row, draws.entries[i].replicate), values, numbers })
    });
    let told: Vec<Told> = told.into_iter().flatten().collect();
    let mut found = Vec::new();
    for (k, quantity) in asked.iter().enumerate() {
        let mut rows: Vec<Further> = evidence(day.to_string().as_str(), heads)
            .into_iter()
            .filter_map(|(name, words)| {
                let pair = |told: &Told| {
                    let number = told.numbers.get(&name).filter(|x| x.is_finite());
                    number.map(|x| Pair { origin: told.origin, x: *x, y: told.values[k] })
                };
                let pairs: Vec<Pair> = told.iter().filter_map(pair).collect();
                (!pairs.is_empty()).then(|| Further {
                    evidence: words,
                    quantity: quantity.name.to_owned(),
                    label: quantity.label.to_owned(),
                    share: main_effect(pairs),
                })
            })
            .collect();
        rows.sort_by(|a, b| b.share.total_cmp(&a.share));
        found.extend(rows);
    }
    found
}

/// What captors count that is no evidence yet. Where announcing is the rule, the number announced has been scored, and its silence with it: it
/// can remove nothing any more, and drawing it afresh would contradict what is known.
const fn heads(scored_as: Completeness) -> &'static [&'static str] {
    match scored_as {
        Completeness::Complete => HEADS.split_at(ANNOUNCED).0,
        Completeness::Incomplete => &HEADS,
    }
}

/// Names of the numbers, and what they are in words.
fn evidence(day: &str, heads: &[&str]) -> Vec<(String, String)> {
    let words = |group: &str, quantity: &str| {
        let who = if group == "third" { "third parties" } else { "Kyiv" };
        format!("{who}: {} by {day}", quantity.replace('_', " "))
    };
    let counts = GROUPS
        .iter()
        .flat_map(|(group, ..)| TOLD.map(|quantity| (id(group, quantity.word(), day), words(group, quantity.word()))));
    counts.chain(heads.iter().map(|name| ((*name).to_owned(), words("kyiv", name)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_are_further_evidence_only_where_silence_is_none() {
        let offered = |scored_as| {
            let rows = evidence("2025-04-30", heads(scored_as));
            rows.into_iter().map(|(_, words)| words).filter(|words| !words.starts_with("third")).collect::<Vec<_>>()
        };
        let announced = "Kyiv: desertions announced by 2025-04-30".to_owned();
        let (complete, incomplete) = (offered(Completeness::Complete), offered(Completeness::Incomplete));
        assert!(incomplete.contains(&announced) && !complete.contains(&announced), "{complete:?}");
        assert!(complete.contains(&"Kyiv: prisoners by 2025-04-30".to_owned()), "{complete:?}");
        assert_eq!(incomplete.len(), complete.len() + 1);
    }
}
