//! `check selection`: a country of three tenths of the size sends the same men: private loyalty, classes and attempts of the force.

use super::counts::HUNDREDTHS;
use super::patterns::world::{self, Ground};
use super::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::{ForceBase, ForceParams, deploy};
use exitvoice_model::society::person::Class;
use exitvoice_record::EventKind;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "selection",
    about: "Private loyalty, classes and attempts of the force that a country of three tenths of the size sends, against the whole.",
    counts: Some(COUNTS),
    run,
};

const COUNTS: Counts = Counts::hundredths("hundredths of the country that the larger of the two holds", 100);
const SMALLER: f64 = 0.3;
/// Deployments of each force.
const REPLICATES: usize = 100;
/// Soldiers of a battalion and of a company, battalions of the force at the default size and at least.
const BATTALION: u32 = 480;
const COMPANY: u32 = 120;
const BATTALIONS: u32 = 25;
const LEAST_BATTALIONS: u32 = 4;
/// Monte-Carlo standard errors allowed.
const ERRORS: f64 = 4.0;

/// Mean and squared standard error.
type Estimate = (f64, f64);

/// What is measured of a force: mean private loyalty, share of the core class, attempts a soldier.
type Measured = [Estimate; 3];

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let scale = COUNTS.scale(request)?;
    let percent = COUNTS.asked(request)?;
    let soldiers = BATTALION * (percent * BATTALIONS / HUNDREDTHS).max(LEAST_BATTALIONS);
    let pool = request.machine.pool()?;
    let mut sides = Vec::new();
    for scale in [SMALLER * scale, scale] {
        let ground = Ground::at_scale(scale, request, progress)?;
        let params = ground.params(&[])?;
        let plan = world::plan(soldiers, Rule::RandomUtility);
        let base = ForceBase::selected(plan, &ground.extract, &params.selection).map_err(Error::bug)?;
        drop(ground);
        request.machine.stop.check()?;
        sides.push(measured(&base, &params, &pool));
    }
    let words = [
        "mean private loyalty of the force",
        "share of the core class in the force",
        "attempts a soldier at twenty times the base rate",
    ];
    let item = |(i, word): (usize, &str)| {
        let ((small, u), (whole, v)) = (sides[0][i], sides[1][i]);
        let error = (u + v).sqrt();
        Item::near(
            format!("{word}, scale {} beside {scale}", SMALLER * scale),
            small,
            whole,
            ERRORS * error,
            format!("four standard errors of {error:.5}; {soldiers} soldiers, {REPLICATES} deployments of each"),
        )
    };
    Ok(words.into_iter().enumerate().map(item).collect())
}

fn measured(base: &ForceBase, params: &ForceParams, pool: &Pool) -> Measured {
    let loyalty = estimate(&base.private_loyalty(&params.selection));
    let core: Vec<f64> = base.class.as_slice().iter().map(|c| f64::from(u8::from(*c == Class::Core))).collect();
    // Men of one company share luck and differ from others by who they are: companies are the units that vary.
    let companies = base.companies.len();
    let counts = pool.map(REPLICATES, |number| {
        let mut counts = vec![0.0; companies];
        for event in deploy(base, params, Seed(number as u64)).events {
            if event.kind == EventKind::AttemptBegan {
                let squad = base.soldiers.squad[event.soldier];
                counts[base.squads[squad as usize].company as usize] += 1.0;
            }
        }
        counts
    });
    let scale = REPLICATES as f64 * f64::from(COMPANY);
    let attempts: Vec<f64> = (0..companies).map(|b| counts.iter().map(|c| c[b]).sum::<f64>() / scale).collect();
    [loyalty, estimate(&core), estimate(&attempts)]
}

fn estimate(values: &[f64]) -> Estimate {
    let n = values.len().max(2) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0) / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Machine, Silent};

    #[test]
    fn a_small_country_sends_the_men_that_a_larger_one_sends() {
        let machine = Machine::this();
        let items = run(&Request { n: Some(4), ..Request::of(&machine) }, &mut Silent).expect("nothing stops it");
        assert_eq!(items.len(), 3);
        for item in items {
            assert!(item.passed, "{}", item.line());
        }
    }
}
