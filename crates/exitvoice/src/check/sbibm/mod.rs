//! `check sbibm`: six problems of the simulation-based inference benchmark, solved by the engine of `infer` with their likelihoods supplied.
//!
//! Draws go to `OUT/TASK/NUMBER.csv`, 10,000 rows under a header, for a judge that knows the reference posteriors. Without `--reference`
//! the observations of the benchmark are taken from the embedded file, and the draws are compared with the moments and quantiles of the
//! reference draws; any other folder laid out as `TASK/NUMBER/observation.csv` works as well.

mod task;

use super::{Counts, Item, Request, Suite};
use crate::command::input::read_user_file;
use crate::command::{Error, Progress};
use crate::io::vfs::{EntryKind, write_atomically};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::{Outcome, output};
use serde::Deserialize;
use std::path::Path;
use task::{TASKS, Task};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "sbibm",
    about: "Posterior draws of six benchmark problems (Lueckmann et al. 2021), against the reference posteriors.",
    counts: Some(COUNTS),
    run,
};

const COUNTS: Counts =
    Counts { what: "likelihoods evaluated for each problem", default: 400_000, range: [1_000, 100_000_000] };
/// One in so many more where the effective sample size would be below [`ESS_NEEDED`]: the reserve, as the inference keeps one.
const RESERVE_ONE_IN: u32 = 4;
/// Rows written.
const ROWS: usize = 10_000;
/// Effective sample size below which draws would be told from the reference by their repetition.
const ESS_NEEDED: f64 = 5_000.0;
/// Largest observation file, in bytes.
const LONGEST: u64 = 1 << 16;
/// Standard errors allowed; the largest of some hundred comparisons exceeds this by chance once in 300 runs.
const STANDARD_ERRORS: f64 = 4.5;

/// One observation, and what the reference posterior looks like.
#[derive(Debug, Deserialize)]
struct Embedded {
    task: String,
    number: String,
    observation: Vec<f64>,
    /// Of the reference draws, by parameter: mean, standard deviation, quantiles at 5, 50, 95 %.
    summary: Vec<[f64; 5]>,
    /// Number of reference draws.
    draws: f64,
}

/// A problem to be solved.
struct Problem {
    task: Task,
    name: &'static str,
    number: String,
    observation: Vec<f64>,
}

fn embedded() -> Result<Vec<Embedded>, Error> {
    let text = crate::data::text("reference/sbibm.json")
        .ok_or_else(|| Error::Bug { detail: "reference/sbibm.json is not embedded".to_owned() })?;
    serde_json::from_str(text).map_err(Error::bug)
}

fn run(request: &Request<'_>, _progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let known = embedded()?;
    let problems = match request.reference {
        Some(folder) => in_folder(request, folder)?,
        None => known.iter().filter_map(from_embedded).collect(),
    };
    let pool = request.machine.pool()?;
    let mut items = Vec::new();
    for problem in problems {
        let outcome = solve(request, &pool, &problem)?;
        let rows = outcome.posterior.resampled(ROWS, 0.5);
        let group = output::parameters(&outcome.bank, &rows);
        if let Some(out) = request.out {
            write(request, out, &problem, &group)?;
        }
        let name = format!("{} {}", problem.name, problem.number);
        let reason = "smallest over parameters and distinct draws: below it a classifier could tell the draws from independent ones";
        let ess = outcome.diagnostics.ess.min(outcome.diagnostics.ess_distinct);
        items.push(Item::between(format!("{name}: effective sample size"), ess, [ESS_NEEDED, f64::INFINITY], reason));
        let same = |k: &&Embedded| k.task == problem.name && k.observation == problem.observation;
        if let Some(reference) = known.iter().find(same) {
            let off = furthest(reference, &group.columns, outcome.diagnostics.ess.min(ROWS as f64));
            let reason = "largest difference of means and of shares below the reference's quantiles, in standard errors of both samples";
            items.push(Item::between(
                format!("{name}: distance from the reference"),
                off,
                [0.0, STANDARD_ERRORS],
                reason,
            ));
        }
    }
    Ok(items)
}

fn from_embedded(e: &Embedded) -> Option<Problem> {
    let (task, name) = TASKS.into_iter().find(|(_, name)| *name == e.task)?;
    Some(Problem { task, name, number: e.number.clone(), observation: e.observation.clone() })
}

/// Problems of a folder laid out as `TASK/NUMBER/observation.csv`, in the order of tasks and names.
fn in_folder(request: &Request<'_>, folder: &Path) -> Result<Vec<Problem>, Error> {
    let vfs = request.machine.vfs.as_ref();
    let mut found = Vec::new();
    for (task, name) in TASKS {
        let inside = folder.join(name);
        if vfs.entry(&inside)?.is_none() {
            continue;
        }
        let mut numbers: Vec<String> = Vec::new();
        for entry in vfs.list(&inside)? {
            // A link counts as what it leads to; one that leads nowhere is no problem to be left out in silence.
            let kind =
                if entry.kind == EntryKind::Other { vfs.entry(&entry.path)?.map(|e| e.kind) } else { Some(entry.kind) };
            match kind {
                Some(EntryKind::Folder) => numbers.push(entry.file_name().to_owned()),
                Some(EntryKind::File) => {}
                _ => {
                    let expected = "a folder, or a link to one".to_owned();
                    return Err(Error::Reference { path: entry.path.display().to_string(), expected });
                }
            }
        }
        numbers.sort_by_key(|n| (n.len(), n.clone()));
        for number in numbers {
            let path = inside.join(&number).join("observation.csv");
            let bytes = read_user_file(vfs, &path, LONGEST)?;
            let observation = observation(&bytes, task.observed())
                .map_err(|expected| Error::Reference { path: path.display().to_string(), expected })?;
            found.push(Problem { task, name, number, observation });
        }
    }
    if found.is_empty() {
        let names = TASKS.map(|(_, name)| name).join(", ");
        let expected = format!("a folder of one of {names}, and in it NUMBER/observation.csv");
        return Err(Error::Reference { path: folder.display().to_string(), expected });
    }
    Ok(found)
}

/// The numbers of an observation file: a header, and one row of as many finite numbers as the task has.
fn observation(bytes: &[u8], count: usize) -> Result<Vec<f64>, String> {
    let wanted = || format!("a header and one row of {count} finite numbers");
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(bytes).into_records();
    let row = rows.next().and_then(Result::ok).ok_or_else(wanted)?;
    let numbers: Vec<f64> =
        row.iter().filter_map(|cell| cell.trim().parse().ok()).filter(|x: &f64| x.is_finite()).collect();
    if numbers.len() == count && row.len() == count && rows.next().is_none() { Ok(numbers) } else { Err(wanted()) }
}

fn solve(request: &Request<'_>, pool: &Pool, problem: &Problem) -> Result<Outcome<()>, Error> {
    let planned = COUNTS.asked(request)?;
    let reserve = planned / RESERVE_ONE_IN;
    let settings = Settings {
        budget: u64::from(planned) + u64::from(reserve),
        reserve,
        noise_checks: 0,
        most_draws: 2 * ROWS as u32,
        ess_needed: ESS_NEEDED,
        particles: (planned / 20).clamp(160, 2 * ROWS as u32),
        prior_draws: (planned / 8).max(160),
        ..Settings::for_budget(planned.into())
    };
    let observed = task::problem(problem.task, problem.observation.clone());
    crate::inference::solve(&observed, &settings, Seed(1), request.machine, pool, &mut |_| {})
}

fn write(request: &Request<'_>, out: &Path, problem: &Problem, group: &output::Group) -> Result<(), Error> {
    let vfs = request.machine.vfs.as_ref();
    let folder = out.join(problem.name);
    vfs.create_folder(&folder)?;
    let mut text = problem.task.columns().join(",");
    for row in 0..group.weight.len() {
        text.push('\n');
        let cells: Vec<String> = group.columns.iter().map(|c| c[row].to_string()).collect();
        text.push_str(&cells.join(","));
    }
    text.push('\n');
    write_atomically(vfs, &folder.join(format!("{}.csv", problem.number)), &[text.as_bytes()])?;
    Ok(())
}

/// Largest standardised difference between draws and reference over parameters, means and shares below three quantiles.
fn furthest(reference: &Embedded, columns: &[Vec<f64>], ess: f64) -> f64 {
    const SHARES: [f64; 3] = [0.05, 0.5, 0.95];
    let error = (1.0 / ess + 1.0 / reference.draws).sqrt();
    let mut largest = 0.0_f64;
    for (column, [mean, sd, quantiles @ ..]) in columns.iter().zip(&reference.summary) {
        let n = column.len() as f64;
        largest = largest.max((column.iter().sum::<f64>() / n - mean).abs() / (sd * error));
        for (p, at) in SHARES.into_iter().zip(quantiles) {
            let share = column.iter().filter(|x| *x <= at).count() as f64 / n;
            largest = largest.max((share - p).abs() / ((p * (1.0 - p)).sqrt() * error));
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_problem_behind_a_link_is_solved_and_a_link_to_nothing_is_named() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let (inside, elsewhere) = (place.path().join("two_moons"), place.path().join("elsewhere"));
        for folder in [&inside.join("1"), &elsewhere] {
            std::fs::create_dir_all(folder).expect("made");
            std::fs::write(folder.join("observation.csv"), "a,b\n0.1,-0.2\n").expect("written");
        }
        std::fs::write(inside.join("notes.txt"), "none").expect("written");
        std::os::unix::fs::symlink(&elsewhere, inside.join("2")).expect("linked");
        let machine = crate::command::Machine::this();
        let found = || in_folder(&Request::of(&machine), place.path());
        let numbers: Vec<String> = found().expect("two problems").into_iter().map(|p| p.number).collect();
        assert_eq!(numbers, ["1", "2"]);
        std::os::unix::fs::symlink(place.path().join("gone"), inside.join("3")).expect("linked");
        let error = found().map(|_| ()).expect_err("a link to nothing");
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0775", 64));
        assert!(error.to_string().contains("two_moons/3"), "{error}");
    }

    #[test]
    fn an_observation_that_does_not_fit_is_refused() {
        assert_eq!(observation(b"a,b\n1,-2.5\n", 2), Ok(vec![1.0, -2.5]));
        for bad in
            [b"a,b\n".as_slice(), b"a,b\n1\n", b"a,b\n1,x\n", b"a,b\n1,inf\n", b"a,b\n1,2\n3,4\n", b"", b"a,b\n1,2,3\n"]
        {
            assert!(observation(bad, 2).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn draws_are_those_of_their_own_reference_and_not_of_another() {
        // About as few as leave the 5,000 effective draws that the suite asks for.
        const EVALUATED: u32 = 12_000;
        let machine = crate::command::Machine::this();
        let request = Request { n: Some(EVALUATED), ..Request::of(&machine) };
        let known = embedded().expect("embedded");
        let of = |number: &str| known.iter().find(|e| e.task == "two_moons" && e.number == number).expect("embedded");
        let [own, other] = ["1", "2"].map(of);
        let problem = from_embedded(own).expect("a known task");
        let outcome = solve(&request, &Pool::new(1).expect("a thread"), &problem).expect("nothing stops it");
        let columns = output::parameters(&outcome.bank, &outcome.posterior.resampled(ROWS, 0.5)).columns;
        let ess = outcome.diagnostics.ess.min(ROWS as f64);
        // With fewer the limit would be wide: with 1,000 it is a seventh of a standard deviation.
        assert!(ess >= 1_000.0, "{ess}");
        let [own, other] = [own, other].map(|reference| furthest(reference, &columns, ess));
        assert!(own <= STANDARD_ERRORS && other > STANDARD_ERRORS, "{own} {other}");
    }
}
