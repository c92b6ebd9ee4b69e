//! `check as-of`: the same inference as it would have stood on earlier days, side by side.
//!
//! On each day only claims published by then are read, and only waves, fronts and phases known by then are in the scenario; the answers
//! speak of the time up to that day. With `--out` the table `as-of.csv` puts them beside each other, before and after the claims.

use super::{Counts, Item, Request, Suite};
use crate::command::infer::known_by;
use crate::command::{Error, Progress, ScenarioOptions};
use crate::inference::{self, Inferred};
use crate::io::vfs::write_atomically;
use crate::scenario::Scenario;
use crate::{country, deployment};
use exitvoice_core::time::Day;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "as-of",
    about: "The inference of `kursk-2024` as it would have stood on four earlier days, with what was public by then.",
    counts: Some(COUNTS),
    run,
};

/// The default is that of `infer`.
const COUNTS: Counts = Counts { what: "deployments simulated for each day", default: 8_000, range: [160, 1_000_000] };
/// Days on which the question is asked.
const DAYS: [&str; 4] = ["2024-10-24", "2024-12-31", "2025-01-13", "2025-04-30"];
/// Effective draws below which an answer is refused.
const ESS_NEEDED: f64 = 200.0;

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let machine = request.machine;
    let scenario = ScenarioOptions::new("kursk-2024").resolve(machine, &[])?;
    let pool = machine.pool()?;
    let country = country::open(&scenario, machine, &pool, progress)?;
    let (mut items, mut table) = (Vec::new(), header());
    for text in DAYS {
        let day = Day::parse(text).map_err(Error::bug)?;
        let view = known_by(&scenario, day)?;
        let asked = inference::Request {
            scenario: &view,
            claims: None,
            as_of: Some(day),
            budget: Some(COUNTS.asked(request)?),
        };
        let base = deployment::force(&view, &country)?;
        let inferred = inference::infer(&asked, &base, None, machine, &pool, progress)?;
        items.extend(judge(&view, &asked, &inferred, day)?);
        table.push_str(&lines(&view, &inferred, day));
    }
    if let Some(out) = request.out {
        write_atomically(machine.vfs.as_ref(), &out.join("as-of.csv"), &[table.as_bytes()])?;
    }
    Ok(items)
}

fn judge(view: &Scenario, asked: &inference::Request<'_>, inferred: &Inferred, day: Day) -> Result<Vec<Item>, Error> {
    let claims = inference::read_claims(asked)?;
    let later = claims.used.iter().chain(&claims.inputs).filter(|c| c.published > day).count();
    let unknown = view.waves.iter().filter(|w| w.known_from > day).count()
        + view.waves.iter().filter(|w| w.at_front.is_some() && w.front_known_from > day).count()
        + view.phases.iter().filter(|p| p.known_from > day).count()
        + usize::from(view.order_of_battle.known_from > day);
    let ess = number(inferred, "ess");
    let reason = "an as-of view holds nothing that was published later";
    Ok(vec![
        Item::near(format!("{day}: rows published later"), later as f64, 0.0, 0.0, reason),
        Item::near(format!("{day}: keys of the scenario known later"), unknown as f64, 0.0, 0.0, reason),
        Item::between(
            format!("{day}: effective sample size"),
            ess,
            [ESS_NEEDED, f64::INFINITY],
            "below it the engine refuses its result",
        ),
    ])
}

fn number(inferred: &Inferred, name: &str) -> f64 {
    inferred.numbers.iter().find(|(n, _)| n == name).map_or(f64::NAN, |(_, x)| *x)
}

fn header() -> String {
    "as_of,rows_used,rows_published_later,soldiers_known,ess,quantity,prior_q05,prior_q50,prior_q95,post_q05,post_q25,post_q50,post_q75,\
     post_q95\n"
        .to_owned()
}

/// One line for each quantity; the columns after the claims are empty where the result was refused.
fn lines(view: &Scenario, inferred: &Inferred, day: Day) -> String {
    let mut text = String::new();
    let (counts, ess) = (inferred.counts, number(inferred, "ess"));
    for (name, before) in &inferred.before {
        let after = inferred.quantities.get(name).filter(|_| inferred.refusal.is_none());
        let after = after.map_or_else(
            || ",,,,".to_owned(),
            |q| [q.q05, q.q25, q.q50, q.q75, q.q95].map(|x| x.to_string()).join(","),
        );
        text.push_str(&format!(
            "{day},{},{},{},{ess},{name},{},{},{},{after}\n",
            counts.used,
            counts.after_as_of,
            view.soldiers(),
            before.q05,
            before.q50,
            before.q95
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Machine;

    #[test]
    fn as_many_deployments_are_simulated_as_by_infer() {
        let scenario = ScenarioOptions::new("kursk-2024").resolve(&Machine::this(), &[]).expect("shipped");
        assert_eq!(COUNTS.default, scenario.infer.budget);
    }
}
