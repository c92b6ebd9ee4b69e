//! `report`: draws report and figures of a run again.

use super::{Error, Machine, Outcome, Progress};
use crate::io::run_folder::verify_but;
use crate::io::vfs::write_atomically;
use crate::report::branches::{self, BranchesData};
use crate::report::comparison::{self, ComparisonData};
use crate::report::country::{self, CountryData};
use crate::report::sweep::{self, SweepData};
use crate::report::{Figure, ReportData, render};
use serde::Serialize;
use std::path::PathBuf;

/// Longest stored report that is read, in bytes.
const LONGEST: u64 = 256 << 20;

/// Whether the command draws a file of the run folder itself, so that it may be missing or edited.
fn is_drawn(name: &str) -> bool {
    name == "report.html"
        || name == "brief.html"
        || name.strip_prefix("figures/").is_some_and(|figure| figure.ends_with(".svg"))
}

/// Verifies a run and draws report and figures again from the numbers it stored. Files that come out the same stay as they are.
///
/// # Errors
/// The folder holds no complete run, or a file of it is damaged (65), or the file system refuses (74).
pub fn report(options: &ReportOptions, progress: &mut dyn Progress) -> Result<ReportOutcome, Error> {
    let vfs = options.machine.vfs.as_ref();
    let complete = verify_but(vfs, &options.folder, is_drawn)?;
    let stored = vfs.read(&complete.folder.join("report.json"), LONGEST)?;
    let (html, brief, figures) = draw(&stored)?;
    let page = complete.folder.join("report.html");
    let (mut differs, mut written) = (false, Vec::new());
    let mut put = |name: &str, bytes: &[u8]| -> Result<(), Error> {
        let recorded = complete.run.files.get(name).map(|hash| hash.blake3.as_str());
        differs |= recorded != Some(blake3::hash(bytes).to_hex().as_str());
        let path = complete.folder.join(name);
        if vfs.read(&path, LONGEST).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        written.push(name.to_owned());
        Ok(write_atomically(vfs, &path, &[bytes])?)
    };
    put("report.html", html.as_bytes())?;
    // Runs of before the brief have none, and comparisons and histories are short themselves.
    if let Some(brief) = brief.filter(|_| complete.run.files.contains_key("brief.html")) {
        put("brief.html", brief.as_bytes())?;
    }
    for figure in &figures {
        put(&format!("figures/{}.svg", figure.name), figure.svg_wide.as_bytes())?;
        put(&format!("figures/{}.narrow.svg", figure.name), figure.svg_narrow.as_bytes())?;
    }
    if !written.is_empty() {
        progress.event(super::Event::Note(format!("drawn again: {}", written.join(", "))));
    }
    if differs {
        let words = "this version draws the report differently: the new files differ from the hashes in run.json";
        progress.event(super::Event::Warning(words.to_owned()));
    }
    Ok(ReportOutcome {
        out: complete.folder,
        report: page,
        figures: figures.iter().map(|f| f.name.clone()).collect(),
        scaled: complete.run.scaled,
    })
}

/// The page, the brief and the figures of a run, a comparison or a history, whichever the numbers are of.
fn draw(stored: &[u8]) -> Result<(String, Option<String>, Vec<Figure>), Error> {
    if let Ok(data) = serde_json::from_slice::<ComparisonData>(stored) {
        let (html, figures) = comparison::render(&data);
        return Ok((html, None, figures));
    }
    if let Ok(data) = serde_json::from_slice::<CountryData>(stored) {
        let (html, figures) = country::render(&data);
        return Ok((html, None, figures));
    }
    if let Ok(data) = serde_json::from_slice::<BranchesData>(stored) {
        let (html, figures) = branches::render(&data);
        return Ok((html, None, figures));
    }
    if let Ok(data) = serde_json::from_slice::<SweepData>(stored) {
        let (html, figures) = sweep::render(&data);
        return Ok((html, None, figures));
    }
    let data: ReportData = serde_json::from_slice(stored).map_err(Error::bug)?;
    let drawn = render(&data).map_err(Error::bug)?;
    Ok((drawn.html, Some(drawn.brief), drawn.figures))
}

/// Options of `report`.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// The run folder.
    pub folder: PathBuf,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportOutcome {
    /// The run folder.
    pub out: PathBuf,
    /// Path of `report.html`.
    pub report: PathBuf,
    /// Names of the figures.
    pub figures: Vec<String>,
    /// Whether the run's country is smaller than life.
    pub scaled: bool,
}

impl Outcome for ReportOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("paths are texts")
    }

    fn text(&self) -> Vec<String> {
        vec![format!("{} figures", self.figures.len()), self.report.display().to_string()]
    }
}
