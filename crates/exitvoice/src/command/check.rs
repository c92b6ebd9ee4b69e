//! `check`: a validation suite, item by item.

use super::{Error, Event, Machine, Outcome, Progress, Stage};
use crate::check::{Item, Request, WITH_REFERENCE, find};
use crate::io::vfs::write_atomically;
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

/// Options of `check`.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Name of the suite.
    pub name: String,
    /// `--n`: how much of it.
    pub n: Option<u32>,
    /// `--reference`: folder of reference answers.
    pub reference: Option<PathBuf>,
    /// `--out`: folder for the items and the suite's tables.
    pub out: Option<PathBuf>,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// What a suite found.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckOutcome {
    /// The suite.
    pub name: String,
    /// How much of it, where that can be chosen.
    pub n: Option<u32>,
    /// In its order.
    pub items: Vec<Item>,
    /// File of the items, where one was asked for.
    pub out: Option<PathBuf>,
}

/// Runs a suite.
///
/// # Errors
/// There is no such suite (exit 2), or what the suite meets. Items that do not hold are no error: the outcome exits with 1.
pub fn check(options: &CheckOptions, progress: &mut dyn Progress) -> Result<CheckOutcome, Error> {
    let suite = find(&options.name)?;
    if options.reference.is_some() && suite.name != WITH_REFERENCE {
        let words = "only `check sbibm` compares with a folder of reference answers".to_owned();
        return Err(Error::CannotTake { option: "--reference", words });
    }
    let n = options.n.filter(|_| suite.counts.is_some());
    if options.n.is_some() && n.is_none() {
        progress.event(Event::Warning(format!("`check {}` has one size: `--n` changes nothing", suite.name)));
    }
    let request =
        Request { machine: &options.machine, n, reference: options.reference.as_deref(), out: options.out.as_deref() };
    let n = suite.counts.map(|counts| counts.asked(&request)).transpose()?;
    let vfs = options.machine.vfs.as_ref();
    if let Some(folder) = &options.out {
        vfs.create_folder(folder)?;
    }
    let started = Instant::now();
    progress.event(Event::Began { stage: Stage::Verify, of: None });
    let items = (suite.run)(&request, progress)?;
    progress.event(Event::Ended { stage: Stage::Verify, seconds: started.elapsed().as_secs_f64() });
    let mut outcome = CheckOutcome { name: suite.name.to_owned(), n, items, out: None };
    if let Some(folder) = &options.out {
        let path = folder.join(format!("check-{}.json", suite.name));
        let bytes = serde_json::to_vec_pretty(&outcome.to_json()).map_err(Error::bug)?;
        write_atomically(vfs, &path, &[&bytes])?;
        outcome.out = Some(path);
    }
    Ok(outcome)
}

impl CheckOutcome {
    fn passed(&self) -> usize {
        self.items.iter().filter(|item| item.passed).count()
    }
}

impl Outcome for CheckOutcome {
    fn to_json(&self) -> serde_json::Value {
        let passed = self.passed();
        json!({
            "name": self.name,
            "n": self.n,
            "passed": passed,
            "failed": self.items.len() - passed,
            "items": self.items,
            "out": self.out,
        })
    }

    fn text(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.items.iter().map(Item::line).collect();
        let n = self.n.map_or_else(String::new, |n| format!(" (--n {n})"));
        lines.push(format!("{}: {} of {} hold{n}", self.name, self.passed(), self.items.len()));
        lines.extend(self.out.as_ref().map(|path| path.display().to_string()));
        lines
    }

    fn exit_code(&self) -> i32 {
        // A suite that checked nothing has not passed.
        i32::from(self.items.is_empty() || self.passed() < self.items.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Silent;
    use crate::io::fault::FaultVfs;
    use crate::io::vfs::Vfs;
    use std::path::Path;
    use std::sync::Arc;

    #[test]
    fn the_items_are_printed_and_kept_where_asked() {
        let vfs = FaultVfs::new();
        let machine = Machine { vfs: Arc::new(vfs.clone()), ..Machine::this() };
        let out = Some(PathBuf::from("found"));
        let name = "fuzz".to_owned();
        let options = CheckOptions { name, n: Some(20), reference: None, out, machine };
        let outcome = check(&options, &mut Silent).expect("runs");
        let json = outcome.to_json();
        assert_eq!((outcome.exit_code(), &json["failed"]), (0, &json!(0)));
        for key in ["name", "value", "expected", "tolerance", "reason", "passed"] {
            assert!(json["items"][0].get(key).is_some(), "{key}");
        }
        let kept = vfs.read(Path::new("found/check-fuzz.json"), 1 << 20).expect("written");
        let kept: serde_json::Value = serde_json::from_slice(&kept).expect("JSON");
        // Read from text on both sides: a number's last digit can move when it is read.
        let printed: serde_json::Value = serde_json::from_str(&json["items"].to_string()).expect("JSON");
        assert_eq!(kept["items"], printed);
    }

    #[test]
    fn one_item_that_does_not_hold_fails_the_suite_and_so_does_none_at_all() {
        let item = |x| Item::near("a", x, 1.0, 0.5, "an example");
        let with = |items| CheckOutcome { name: "example".to_owned(), n: None, items, out: None };
        assert_eq!(with(vec![item(1.0), item(1.2)]).exit_code(), 0);
        assert_eq!(with(vec![item(1.0), item(2.0)]).exit_code(), 1);
        assert_eq!(with(Vec::new()).exit_code(), 1);
    }
}
