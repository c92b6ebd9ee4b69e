//! A8, A9 and A12: mobility between classes, their inheritance over generations, and the loyalty of the selected.

use super::Area;
use crate::check::{Item, Request};
use crate::command::Error;
use exitvoice_core::quantity::{Seed, Share};
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_model::mechanism::class::inheritance::{self, Forebears, Rule, inherited};
use exitvoice_model::mechanism::service::selection::{self, Law};
use exitvoice_model::society::person::Class;
use exitvoice_model::society::tables::classes;
use std::collections::BTreeMap;

/// Known answers of class and selection.
pub(super) const AREA: Area = Area { name: "class", run };

const SEED: Seed = Seed(8);
/// Monte-Carlo standard errors allowed.
const ERRORS: f64 = 4.0;

fn run(request: &Request<'_>) -> Result<Vec<Item>, Error> {
    let mut items = mobility();
    let params = params()?;
    request.machine.stop.check()?;
    for case in &CASES {
        items.extend(generations(&params, case));
    }
    request.machine.stop.check()?;
    items.extend(selected());
    Ok(items)
}

/// A8: shares that a table of mobility leaves as they are, and its second eigenvalue.
fn mobility() -> Vec<Item> {
    const TABLE: [[f64; 3]; 3] = [[0.448, 0.484, 0.068], [0.054, 0.699, 0.247], [0.011, 0.503, 0.486]];
    const ROUNDING: f64 = 5e-5;
    let reason = "published table of mobility; the answer is rounded to the fourth place";
    let shares = classes::stationary(&TABLE).into_iter().zip([0.0672, 0.6240, 0.3088]);
    let mut items: Vec<Item> = Class::ALL
        .into_iter()
        .zip(shares)
        .map(|(class, (found, expected))| {
            Item::near(format!("A8 stationary share of the {} class", class.word()), found, expected, ROUNDING, reason)
        })
        .collect();
    let eigenvalue = classes::second_eigenvalue(&TABLE);
    items.push(Item::near("A8 second eigenvalue of the table of mobility", eigenvalue, 0.4336, ROUNDING, reason));
    items
}

/// Inheritance parameters as the registry has them; none of them enters the three rules.
fn params() -> Result<inheritance::Params, Error> {
    let mut values = BTreeMap::new();
    for meta in inheritance::Params::META {
        values.insert(meta.key.to_owned(), meta.default_value().map_err(Error::bug)?);
    }
    inheritance::Params::from_resolved(&values).map_err(Error::bug)
}

/// A rule, the class whose share is followed, the share of couples of one class, and the shares of five generations.
type Case = (Rule, Class, f64, [f64; 5]);

const START: [f64; 3] = [0.28, 0.45, 0.27];
const CASES: [Case; 6] = [
    (Rule::Paternal, Class::Core, 0.0, [0.28; 5]),
    (Rule::Paternal, Class::Hostile, 0.8, [0.27; 5]),
    (Rule::WorstOfTwo, Class::Hostile, 0.0, [0.467, 0.716, 0.919, 0.993, 1.000]),
    (Rule::WorstOfTwo, Class::Hostile, 0.8, [0.309, 0.352, 0.398, 0.446, 0.495]),
    (Rule::BestOfTwo, Class::Core, 0.0, [0.482, 0.731, 0.928, 0.995, 1.000]),
    (Rule::BestOfTwo, Class::Core, 0.8, [0.320, 0.364, 0.410, 0.459, 0.508]),
];
/// Children of a simulated generation.
const CHILDREN: u64 = 100_000;
/// Answers are printed with three places.
const PRINTED: f64 = 6e-4;

/// A9: shares over generations, by the recursion of shares and by generations of persons, both through the function of the model.
fn generations(params: &inheritance::Params, (rule, class, homogamy, expected): &Case) -> Vec<Item> {
    let followed = *class as usize;
    let draws = Draws::new(SEED, Purpose::Test);
    let (mut exact, mut persons, mut variance) = (START, START, 0.0);
    let mut items = Vec::new();
    for (generation, printed) in (1_u64..).zip(expected) {
        let name = |how: &str| {
            format!(
                "A9 {} with homogamy {homogamy}: share {} in generation {generation}, {how}",
                rule.word(),
                class.word()
            )
        };
        // How a deviation of the share goes on to the next generation, the other classes giving way in proportion.
        let shifted = shift(&exact, followed, NUDGE);
        let next_exact = next(params, *rule, &exact, *homogamy);
        let slope = (next(params, *rule, &shifted, *homogamy)[followed] - next_exact[followed]) / NUDGE;
        exact = next_exact;
        let share = exact[followed];
        variance = slope * slope * variance + share * (1.0 - share) / CHILDREN as f64;
        let address = (*rule as u64) * 64 + generation + if *homogamy > 0.0 { 32 } else { 0 };
        persons = simulated(params, *rule, &persons, *homogamy, draws, address);
        let error = variance.sqrt();
        items.push(Item::near(
            name("recursion"),
            share,
            *printed,
            PRINTED,
            "independent computation, printed with three places",
        ));
        items.push(Item::near(
            name("simulated"),
            persons[followed],
            *printed,
            ERRORS * error + PRINTED,
            format!("{CHILDREN} children a generation; four standard errors of {error:.5} and the rounding of the printed answer"),
        ));
    }
    items
}

const NUDGE: f64 = 1e-6;

/// Shares with one of them larger, the others smaller in proportion.
fn shift(shares: &[f64; 3], which: usize, by: f64) -> [f64; 3] {
    let rest = 1.0 - shares[which];
    let mut out = *shares;
    for (class, share) in out.iter_mut().enumerate() {
        *share += if class == which {
            by
        } else if rest > 0.0 {
            -by * *share / rest
        } else {
            0.0
        };
    }
    out
}

fn child(params: &inheritance::Params, rule: Rule, father: Class, mother: Class) -> Class {
    inherited(rule, params, &Forebears { father: Some(father), mother: Some(mother), ..Forebears::default() }, 0.0)
}

/// Shares of the children where a share `homogamy` of couples is of one class and the others meet at random.
fn next(params: &inheritance::Params, rule: Rule, shares: &[f64; 3], homogamy: f64) -> [f64; 3] {
    let mut children = [0.0; 3];
    for father in Class::ALL {
        for mother in Class::ALL {
            let same = if father == mother { homogamy } else { 0.0 };
            let couples = shares[father as usize] * (same + (1.0 - homogamy) * shares[mother as usize]);
            children[child(params, rule, father, mother) as usize] += couples;
        }
    }
    children
}

/// The same with children of drawn couples.
fn simulated(
    params: &inheritance::Params,
    rule: Rule,
    shares: &[f64; 3],
    homogamy: f64,
    draws: Draws,
    address: u64,
) -> [f64; 3] {
    let mut counts = [0.0; 3];
    for key in 0..CHILDREN {
        let (couple, pair) = (draws.block(key, address), draws.uniform(key, address + (1 << 16)));
        let drawn = |u: f64| Class::ALL[sample::categorical(u, shares)];
        let father = drawn(couple.uniform());
        let mother = if pair < homogamy { father } else { drawn(couple.second()) };
        counts[child(params, rule, father, mother) as usize] += 1.0;
    }
    counts.map(|n| n / CHILDREN as f64)
}

/// Soldiers drawn from the law above the cut.
const SOLDIERS: u64 = 100_000;

/// A12: mean private loyalty of the top share by a score of a given correlation, without a gap between classes.
fn selected() -> Vec<Item> {
    let (score, noise) = (Draws::new(SEED, Purpose::SelectionScore), Draws::new(SEED, Purpose::PrivateLoyalty));
    let mut items = Vec::new();
    for (share, mean) in [(0.01, 2.665), (0.05, 2.063), (0.1, 1.755), (0.5, 0.798)] {
        for correlation in [0.5, 0.8] {
            let params = selection::Params {
                share_selected: Share::clamped(share),
                correlation: Share::clamped(correlation),
                core_loyalty_gap: 0.0,
            };
            let law = Law::new(&params);
            let loyalty = |key| law.private_loyalty(Class::Wavering, score, noise, key);
            let all: Vec<f64> = (0..SOLDIERS).map(loyalty).collect();
            let found = all.iter().sum::<f64>() / SOLDIERS as f64;
            let variance = all.iter().map(|l| (l - found) * (l - found)).sum::<f64>() / (SOLDIERS - 1) as f64;
            let error = (variance / SOLDIERS as f64).sqrt();
            items.push(Item::near(
                format!("A12 mean loyalty of the top {share} by a score of correlation {correlation}"),
                found,
                correlation * mean,
                ERRORS * error + PRINTED,
                format!("truncated normal, rho phi(z)/q; four standard errors of {error:.5} and the rounding of the printed answer"),
            ));
        }
    }
    items
}
