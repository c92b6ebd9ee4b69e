//! The worlds of a suite one after the other, each kept in `--out` as soon as it is known: a suite of hours that is stopped goes on where it
//! ended, and one that is asked for more worlds has the first already.
//!
//! `worlds-NAME.json` (sealed, replaced atomically after each world) holds the rows by number of the world beside everything they depend on:
//! model, sampler, observers, program, scenario and data. Rows of anything else are refused, not mixed; a damaged file is named and its worlds are simulated again.

use super::bench::Bench;
use crate::check::{Request, Suite};
use crate::command::{Error, Event, Progress, Stage};
use crate::io::run_json::Software;
use crate::io::sealed::{self, SealError};
use crate::io::vfs::Vfs;
use crate::sweep::state::{StateError, changed};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What rows depend on, by name.
type Identity = BTreeMap<String, String>;

/// The file.
#[derive(Debug, Deserialize, Serialize)]
struct Worlds<Row> {
    identity: Identity,
    rows: BTreeMap<u32, Row>,
}

/// Rows of the worlds of these numbers, in order: read where they are kept, else simulated and kept, `every` so many and at the end. What a number
/// stands for must not depend on how many are asked for.
///
/// # Errors
/// What `row` meets; kept worlds of another program, scenario or model (exit 64); the file system refuses; a row that does not read as it
/// was written (a bug).
pub(super) fn each<Row: DeserializeOwned + PartialEq + Serialize>(
    suite: &Suite,
    request: &Request<'_>,
    bench: &Bench,
    (numbers, every): (Range<u32>, u32),
    progress: &mut dyn Progress,
    row: impl FnMut(u32) -> Result<Row, Error>,
) -> Result<Vec<Row>, Error> {
    let place = request.out.map(|folder| Place {
        vfs: request.machine.vfs.as_ref(),
        path: folder.join(format!("worlds-{}.json", suite.name)),
        identity: identity(bench),
    });
    let going_on = || request.machine.stop.check();
    simulate(place.as_ref(), (numbers, every), progress, going_on, row)
}

/// Where worlds are kept.
struct Place<'a> {
    vfs: &'a dyn Vfs,
    path: PathBuf,
    identity: Identity,
}

fn identity(bench: &Bench) -> Identity {
    let Software { commit, dirty, profile, .. } = Software::this();
    let scenario = blake3::hash(&bench.scenario.canonical_bytes()).to_hex().to_string();
    let mut out = crate::write::inputs(None);
    out.extend([
        ("model".to_owned(), exitvoice_model::MODEL_VERSION.to_string()),
        ("sampler".to_owned(), exitvoice_infer::SAMPLER_VERSION.to_string()),
        ("observers".to_owned(), exitvoice_observe::OBSERVER_VERSION.to_string()),
        ("program".to_owned(), format!("{commit}, {profile}, changed: {dirty}")),
        ("scenario".to_owned(), scenario),
    ]);
    out
}

fn simulate<Row: DeserializeOwned + PartialEq + Serialize>(
    place: Option<&Place<'_>>,
    (numbers, every): (Range<u32>, u32),
    progress: &mut dyn Progress,
    going_on: impl Fn() -> Result<(), Error>,
    mut row: impl FnMut(u32) -> Result<Row, Error>,
) -> Result<Vec<Row>, Error> {
    let mut kept = place.map_or_else(|| Ok(BTreeMap::new()), |place| place.read(progress))?;
    progress.event(Event::Began { stage: Stage::Worlds, of: Some(numbers.len() as u64) });
    for (done, number) in (1..).zip(numbers.clone()) {
        let there = kept.contains_key(&number);
        if !there {
            going_on()?;
            kept.insert(number, row(number)?);
            if let Some(place) = place.filter(|_| (number + 1) % every == 0 || number + 1 == numbers.end) {
                kept = place.write(kept)?;
            }
        }
        progress.event(Event::Advanced { done });
    }
    Ok(kept.into_iter().filter(|(number, _)| numbers.contains(number)).map(|(_, row)| row).collect())
}

impl Place<'_> {
    fn read<Row: DeserializeOwned>(&self, progress: &mut dyn Progress) -> Result<BTreeMap<u32, Row>, Error> {
        match sealed::read::<Worlds<Row>>(self.vfs, &self.path) {
            Ok(found) if found.identity == self.identity => {
                let words = format!("{} worlds stand in `{}` already", found.rows.len(), self.path.display());
                progress.event(Event::Note(words));
                Ok(found.rows)
            }
            Ok(found) => {
                Err(StateError::Changed { folder: self.folder(), differences: self.differing(&found.identity) }.into())
            }
            Err(SealError::Absent) => Ok(BTreeMap::new()),
            Err(SealError::Damaged) => {
                let words = format!("`{}` is damaged: its worlds are simulated again", self.path.display());
                progress.event(Event::Warning(words));
                Ok(BTreeMap::new())
            }
            Err(SealError::Io(error)) => Err(error.into()),
        }
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or_else(|| Path::new(".")).to_owned()
    }

    fn differing(&self, found: &Identity) -> Vec<String> {
        let keys: BTreeSet<&String> = self.identity.keys().chain(found.keys()).collect();
        let [was, is] = [found, &self.identity].map(|of| |key| of.get(key).map_or("absent", String::as_str));
        keys.into_iter().filter_map(|key| changed(key, was(key), is(key))).collect()
    }

    /// Writes the rows, and gives them back after a look at whether they read as they were: what goes on must not differ in a digit.
    fn write<Row: DeserializeOwned + PartialEq + Serialize>(
        &self,
        rows: BTreeMap<u32, Row>,
    ) -> Result<BTreeMap<u32, Row>, Error> {
        let worlds = Worlds { identity: self.identity.clone(), rows };
        sealed::write(self.vfs, &self.path, &worlds)?;
        match sealed::read::<Worlds<Row>>(self.vfs, &self.path) {
            Ok(again) if again.rows == worlds.rows => Ok(worlds.rows),
            other => Err(Error::bug(format!("worlds do not read as they were written: {:?}", other.err()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Silent;
    use crate::io::fault::FaultVfs;

    type Row = Option<BTreeMap<String, f64>>;

    fn place<'a>(vfs: &'a FaultVfs, model: &str) -> Place<'a> {
        let identity = Identity::from([("model".to_owned(), model.to_owned())]);
        Place { vfs, path: PathBuf::from("worlds-example.json"), identity }
    }

    /// Numbers whose last digits a careless reader of text loses.
    fn found(number: u32) -> Row {
        let x = |k: u32| f64::from(number * 10 + k + 1).sqrt() / 3e7;
        (number != 2).then(|| (0..9).map(|k| (k.to_string(), x(k))).collect())
    }

    /// Runs with a stop after some worlds; the rows and how many were simulated.
    fn run(place: &Place<'_>, worlds: u32, most: u32) -> (Result<Vec<Row>, Error>, u32) {
        let mut simulated = 0;
        let rows = simulate(
            Some(place),
            (0..worlds, 1),
            &mut Silent,
            || Ok(()),
            |number| {
                if simulated == most {
                    return Err(Error::Stopped);
                }
                simulated += 1;
                Ok(found(number))
            },
        );
        (rows, simulated)
    }

    #[test]
    fn a_stopped_suite_goes_on_and_ends_with_the_rows_of_one_that_was_not() {
        let disks = [FaultVfs::new(), FaultVfs::new()];
        let [stopped, straight] = disks.each_ref().map(|vfs| place(vfs, "m1"));
        let all = run(&straight, 7, 99).0.expect("runs");
        assert_eq!(all, (0..7).map(found).collect::<Vec<_>>());
        let (first, simulated) = run(&stopped, 7, 4);
        assert!(matches!(first, Err(Error::Stopped)) && simulated == 4, "{first:?}");
        let (rest, simulated) = run(&stopped, 7, 99);
        assert_eq!((rest.expect("runs"), simulated), (all.clone(), 3));
        assert_eq!(stopped.vfs.read(&stopped.path, 1 << 20), straight.vfs.read(&straight.path, 1 << 20));
        // Fewer worlds are the first of them, more go on.
        let (fewer, simulated) = run(&stopped, 5, 0);
        assert_eq!((fewer.expect("runs"), simulated), (all[..5].to_vec(), 0));
        assert_eq!(run(&stopped, 9, 99).1, 2);
    }

    #[test]
    fn worlds_of_another_model_are_refused_by_name_and_stay() {
        let vfs = FaultVfs::new();
        run(&place(&vfs, "m1"), 3, 99).0.expect("runs");
        let error = run(&place(&vfs, "m2"), 3, 99).0.expect_err("another model");
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0783", 64));
        assert!(error.to_string().contains("model was m1 and is m2"), "{error}");
        assert_eq!(run(&place(&vfs, "m1"), 3, 99).1, 0);
    }

    #[test]
    fn a_damaged_file_is_never_read_and_its_worlds_are_simulated_again() {
        let vfs = FaultVfs::new();
        let place = place(&vfs, "m1");
        let whole = run(&place, 3, 99).0.expect("runs");
        let bytes = vfs.read(&place.path, 1 << 20).expect("there");
        for (at, cut) in [(80, false), (bytes.len() - 9, false), (bytes.len() - 1, true)] {
            let mut changed = if cut { bytes[..at].to_vec() } else { bytes.clone() };
            if !cut {
                changed[at] ^= 1;
            }
            vfs.put(&place.path, &changed);
            let (rows, simulated) = run(&place, 3, 99);
            assert_eq!((rows.expect("runs"), simulated), (whole.clone(), 3), "{at}");
        }
    }
}
