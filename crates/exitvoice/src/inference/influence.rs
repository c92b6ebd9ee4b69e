//! What an answer rests on: the same posterior with the rows of one source or grade left out, and the shares of the prior variance that
//! parameters of one grade of evidence carry.

use super::again::{Again, Under};
use super::explained::Known;
use super::problem::{Kept, War, observer_laws, scorer};
use crate::answers::{QUANTITIES, Quantity, summarise, where_defined};
use crate::command::Error;
use crate::report::summary::counted;
use crate::report::{LeftOut, Quantiles, Variant};
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;
use exitvoice_infer::output::Summary;
use exitvoice_infer::{Entry, Outcome};
use exitvoice_observe::ClaimSet;
use exitvoice_observe::claim::Claim;
use exitvoice_record::Trajectory;
use std::collections::{BTreeMap, BTreeSet};

/// Quantities whose variance is shared out.
const SHARED: [&str; 4] = ["desertions_total", "attempts_total", "casualties_total", "killed_total"];

/// What can be left out: its words, and its rows.
type Cut = (String, Box<dyn Fn(&Claim) -> bool>);

/// What is asked without each source: in words, and by name.
const ASKED: [(&str, &str); 4] = [
    ("Desertions in all", "desertions_total"),
    ("Casualty incidents in all", "casualties_total"),
    ("Killed in all", "killed_total"),
    ("Killed as a share", "killed_share"),
];

/// Desertions, casualties, the killed and their share without each source, and without each grade of sources; what too few simulations are
/// left for is a row without an answer. What rests on a row left out goes with it ([`ClaimSet::without`]); waves built from rows of the source
/// stay.
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
    let again = Again::of(outcome);
    let reads: Vec<fn(&Trajectory) -> f64> = asked().map(|(_, quantity)| quantity.read).collect();
    // Rare events are drawn anew with every cut: those that happened in a simulation know nothing of the claims.
    let with = again.values_given(&war.scorer, scenario.seed, pool, &reads);
    let mut found = Vec::new();
    for (words, leaves) in cuts {
        let rest = claims.without(leaves);
        let rows = counted((claims.scored().count() - rest.scored().count()) as u64, "row");
        let other = scorer(scenario, &rest, &laws, as_of, war.complete)?;
        let Under { values, worth, from_all } = again.under(war, &other, scenario.seed, pool, &reads);
        for (number, ((question, quantity), with)) in asked().zip(&with).enumerate() {
            let left = values.as_ref().map(|left| (left.weights.as_slice(), left.columns[number].as_slice()));
            let numbers = beside(with, left);
            found.extend(numbers.map(|(posterior, left_out)| Variant {
                question: question.to_owned(),
                setting: format!("{words} ({rows})"),
                measure: quantity.measure.clone(),
                posterior,
                effective_draws: Some(worth),
                left_out: Some(LeftOut { from_all, ..left_out }),
            }));
        }
    }
    Ok(found)
}

/// The quantities of [`ASKED`].
fn asked() -> impl Iterator<Item = (&'static str, &'static Quantity)> {
    ASKED.into_iter().filter_map(|(question, name)| Some((question, QUANTITIES.iter().find(|q| q.name == name)?)))
}

/// A number without some rows beside the one with every row, where all draws weigh alike. `with`: its value in every draw, NaN where it has
/// none; `left`: weights and values without the rows, `None` where they rest on too few simulations. `None` where there is no draw.
fn beside(with: &[f64], left: Option<(&[f64], &[f64])>) -> Option<(Option<Quantiles>, LeftOut)> {
    let summary = |weights: &[f64], values: &[f64]| {
        let (weights, values) = where_defined(weights, values)?;
        Summary::of(&weights, &values)
    };
    let all = summary(&vec![1.0; with.len()], with)?;
    let left_out = LeftOut {
        median_with: all.q50,
        sd_with: all.sd,
        sd_without: left.and_then(|(weights, values)| summary(weights, values)).map(|without| without.sd),
        from_all: false,
    };
    Some((left.and_then(|(weights, values)| summarise(weights, values)), left_out))
}

/// By quantity and grade: `1 - E Var(Y | parameters of the grade) / Var(Y)` before the claims, Y = ln(quantity + 1/2), of the inferred
/// parameters of that grade together ([`Known`]). With too few simulations for that, a grade has no share.
pub(super) fn variance_shares(scenario: &Scenario, outcome: &Outcome<Kept>) -> BTreeMap<String, BTreeMap<String, f64>> {
    let bank = &outcome.bank;
    let whole = |e: &&Entry| bank.truth(**e).is_some();
    let draws: Vec<&Entry> = outcome.prior.entries.iter().filter(whole).collect();
    let mut by_grade: BTreeMap<String, Vec<Vec<f64>>> = BTreeMap::new();
    for (k, name) in bank.names().iter().enumerate() {
        let Some(value) = scenario.values.get(name) else { continue };
        let column = draws.iter().map(|e| bank.theta(e.row)[k]).collect();
        by_grade.entry(value.meta.grade.to_string()).or_default().push(column);
    }
    let known: Vec<(String, Known)> =
        by_grade.into_iter().filter_map(|(grade, columns)| Some((grade, Known::new(&columns)?))).collect();
    let shares = |quantity: &Quantity| {
        let number = |e: &&Entry| Some(math::ln((quantity.read)(&bank.truth(**e)?.truth.trajectory) + 0.5));
        let y: Vec<f64> = draws.iter().filter_map(number).collect();
        known.iter().map(|(grade, known)| (grade.clone(), known.share(&y))).collect::<BTreeMap<_, _>>()
    };
    let told = QUANTITIES.iter().filter(|q| SHARED.contains(&q.name)).map(|q| (q.name.to_owned(), shares(q)));
    told.filter(|(_, shares)| !shares.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stands_beside_all_rows_and_a_refusal_stays_in_its_place() {
        let with = [1.0, 3.0, f64::NAN, 5.0];
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        let (posterior, left_out) = beside(&with, Some((&[1.0, 1.0, 1.0, 0.0], &with))).expect("there are draws");
        assert!(near(left_out.median_with, 3.0) && near(left_out.sd_with, (8.0_f64 / 3.0).sqrt()), "{left_out:?}");
        assert!(left_out.sd_without.is_some_and(|sd| near(sd, 1.0)), "{left_out:?}");
        assert!(posterior.is_some_and(|q| near(q.mean, 2.0)));
        // What happens may be drawn anew without the rows.
        let (posterior, _) = beside(&with, Some((&[1.0, 1.0, 1.0, 0.0], &[2.0, 4.0, 6.0, 8.0]))).expect("draws");
        assert!(posterior.is_some_and(|q| near(q.mean, 4.0)));
        let (posterior, left_out) = beside(&with, None).expect("a row all the same");
        assert!(
            posterior.is_none() && left_out.sd_without.is_none() && near(left_out.median_with, 3.0),
            "{left_out:?}"
        );
        assert_eq!(asked().count(), ASKED.len(), "every name is one of a quantity");
    }
}
