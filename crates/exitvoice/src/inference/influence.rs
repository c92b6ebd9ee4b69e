//! What an answer rests on: the same posterior with the rows of one source or grade left out, and the shares of the prior variance that
//! parameters of one grade of evidence carry.

use super::main_effect::{Pair, main_effect};
use super::problem::{Kept, War, observer_laws, scorer};
use super::settings::ESS_NEEDED;
use crate::answers::{QUANTITIES, summarise, where_defined};
use crate::command::Error;
use crate::report::{LeftOut, Measure, Variant};
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;
use exitvoice_infer::diagnostic::ess::effective_size;
use exitvoice_infer::output::Summary;
use exitvoice_infer::{Entry, Outcome};
use exitvoice_observe::ClaimSet;
use exitvoice_observe::claim::Claim;
use exitvoice_record::Trajectory;
use std::collections::{BTreeMap, BTreeSet};

/// Posterior draws that are weighted again.
const DRAWS: usize = 600;
/// Quantities whose variance is shared out.
const SHARED: [&str; 4] = ["desertions_total", "attempts_total", "casualties_total", "killed_total"];

/// `1 row`, `2 rows`.
fn counted(rows: usize) -> String {
    format!("{rows} row{}", if rows == 1 { "" } else { "s" })
}

/// What can be left out: its words, and its rows.
type Cut = (String, Box<dyn Fn(&Claim) -> bool>);

/// Casualties and the killed without each source, and without each grade of sources; what too few simulations are left for is a row without an
/// answer. What rests on a row left out goes with it ([`ClaimSet::without`]); waves built from rows of the source stay.
pub(super) fn without(
    scenario: &Scenario,
    war: &War<'_>,
    claims: &ClaimSet,
    outcome: &Outcome<Kept>,
    as_of: Day,
    pool: &Pool,
) -> Result<Vec<Variant>, Error> {
    let sources: BTreeSet<String> = claims.scored().map(|c| c.source.clone()).collect();
    let grades: BTreeSet<&str> = claims.scored().map(|c| c.source_grade.word()).collect();
    let mut cuts: Vec<Cut> = Vec::new();
    for source in sources {
        cuts.push((format!("without source {source}"), Box::new(move |c: &Claim| c.source == source)));
    }
    for grade in grades {
        let words = format!("without sources of grade {grade}");
        let grade = grade.to_owned();
        cuts.push((words, Box::new(move |c: &Claim| c.source_grade.word() == grade)));
    }
    let laws = observer_laws(scenario)?;
    let draws = outcome.posterior.resampled(DRAWS, 0.5);
    // A simulation of much weight is drawn often, and scored once.
    let distinct: Vec<(u32, u32)> = draws.entries.iter().map(simulation).collect::<BTreeSet<_>>().into_iter().collect();
    let place = |entry: &Entry| distinct.binary_search(&simulation(entry)).expect("it is among them");
    let places: Vec<usize> = draws.entries.iter().map(place).collect();
    let read = |f: fn(&Trajectory) -> f64| -> Vec<f64> {
        draws.entries.iter().map(|e| outcome.bank.truth(*e).map_or(f64::NAN, |k| f(&k.truth.trajectory))).collect()
    };
    let incidents = read(|t| t.incidents.iter().fold(0.0, |sum, x| sum + f64::from(*x)));
    let killed = read(|t| t.killed.iter().fold(0.0, |sum, x| sum + f64::from(*x)));
    let asked = [
        Asked { question: "Casualty incidents in all", measure: Measure::Incidents, values: incidents },
        Asked { question: "Killed in all", measure: Measure::Persons, values: killed },
    ];
    let mut found = Vec::new();
    for (words, leaves) in cuts {
        let rest = claims.without(leaves);
        let setting = format!("{words} ({})", counted(claims.scored().count() - rest.scored().count()));
        let other = scorer(scenario, &rest, &laws, as_of, war.complete)?;
        let scored = pool.map(distinct.len(), |i| {
            let (row, number) = distinct[i];
            let replicate = &outcome.bank.simulations(row)[number as usize];
            let kept = replicate.truth.as_ref()?;
            Some(other.ln_likelihood(&kept.seen(), replicate.likelihood_seed) - replicate.ln_likelihood)
        });
        let ln_weights: Vec<f64> = places.iter().map(|place| scored[*place].unwrap_or(f64::NEG_INFINITY)).collect();
        let best = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = ln_weights.iter().map(|w| math::exp(w - best)).collect();
        let weights = (worth(&draws.entries, &weights) >= ESS_NEEDED).then_some(weights);
        found.extend(asked.iter().filter_map(|asked| asked.without(&setting, weights.as_deref())));
    }
    Ok(found)
}

/// A number asked about, in every draw; NaN where a draw has none.
struct Asked {
    question: &'static str,
    measure: Measure,
    values: Vec<f64>,
}

impl Asked {
    /// The answer with these weights beside the one with every row, where all draws weigh alike; `weights`: `None` where they rest on too few
    /// simulations. `None` where there is no draw.
    fn without(&self, setting: &str, weights: Option<&[f64]>) -> Option<Variant> {
        let summary = |weights: &[f64]| {
            let (weights, values) = where_defined(weights, &self.values)?;
            Summary::of(&weights, &values)
        };
        let with = summary(&vec![1.0; self.values.len()])?;
        Some(Variant {
            question: self.question.to_owned(),
            setting: setting.to_owned(),
            measure: self.measure.clone(),
            posterior: weights.and_then(|weights| summarise(weights, &self.values)),
            left_out: Some(LeftOut {
                median_with: with.q50,
                sd_with: with.sd,
                sd_without: weights.and_then(summary).map(|without| without.sd),
            }),
        })
    }
}

/// How many simulations of equal weight the draws are worth: copies of one simulation add to its weight, not to their number.
fn worth(draws: &[Entry], weights: &[f64]) -> f64 {
    effective_size(draws.iter().map(simulation), weights)
}

/// Where a draw comes from.
const fn simulation(entry: &Entry) -> (u32, u32) {
    (entry.row, entry.replicate)
}

/// By quantity and grade: share of the variance of ln(quantity + 1/2) before the claims that the inferred parameters of that grade carry, each
/// by itself (sum of main effects; what they do together is in no share).
pub(super) fn variance_shares(scenario: &Scenario, outcome: &Outcome<Kept>) -> BTreeMap<String, BTreeMap<String, f64>> {
    let bank = &outcome.bank;
    let mut shares: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for quantity in QUANTITIES.iter().filter(|q| SHARED.contains(&q.name)) {
        let asked = |e: &Entry| {
            let y = math::ln((quantity.read)(&bank.truth(*e)?.truth.trajectory) + 0.5);
            Some(Pair { origin: simulation(e), x: 0.0, y })
        };
        let draws: Vec<Pair> = outcome.prior.entries.iter().filter_map(asked).collect();
        for (k, name) in bank.names().iter().enumerate() {
            let Some(value) = scenario.values.get(name) else { continue };
            let by_parameter = draws.iter().map(|d| Pair { x: bank.theta(d.origin.0)[k], ..*d }).collect();
            let grade =
                shares.entry(quantity.name.to_owned()).or_default().entry(value.meta.grade.to_string()).or_default();
            *grade += main_effect(by_parameter);
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(row: u32, replicate: u32, draw: u32) -> Entry {
        Entry { row, replicate, chain: 0, draw }
    }

    #[test]
    fn one_simulation_drawn_three_hundred_times_is_worth_one() {
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        let copies: Vec<Entry> = (0..300).map(|draw| entry(7, 1, draw)).collect();
        assert!(near(worth(&copies, &[0.3; 300]), 1.0));
        let both: Vec<Entry> = (0..300).map(|draw| entry(7, draw % 2, draw)).collect();
        assert!(near(worth(&both, &[0.3; 300]), 2.0), "replicates are simulations of their own");
        let distinct: Vec<Entry> = (0..300).map(|draw| entry(draw, 0, draw)).collect();
        assert!(near(worth(&distinct, &[0.3; 300]), 300.0));
    }
    #[test]
    fn what_is_left_out_stands_beside_all_rows_and_a_refusal_stays_in_its_place() {
        let asked = Asked { question: "Killed", measure: Measure::Persons, values: vec![1.0, 3.0, f64::NAN, 5.0] };
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        let found = asked.without("without source a", Some(&[1.0, 1.0, 1.0, 0.0])).expect("there are draws");
        let left_out = found.left_out.expect("rows are left out");
        assert!(near(left_out.median_with, 3.0) && near(left_out.sd_with, (8.0_f64 / 3.0).sqrt()), "{left_out:?}");
        assert!(left_out.sd_without.is_some_and(|sd| near(sd, 1.0)), "{left_out:?}");
        assert!(found.posterior.is_some_and(|q| near(q.mean, 2.0)));
        let refused = asked.without("without source a", None).expect("a row all the same");
        let json = serde_json::to_value(&refused).expect("plain");
        assert!(json["posterior"].is_null() && json["left_out"]["sd_without"].is_null(), "{json}");
        assert!(near(json["left_out"]["median_with"].as_f64().expect("a number"), 3.0), "{json}");
    }
}
