//! `--estimate`: what a command would take, before anything large is allocated.

use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions};
use crate::country;
use crate::inference;
use crate::io::memory::{self, human};
use crate::io::run_folder;
use crate::scenario::{Scenario, SocietySource};
use exitvoice_core::time::Day;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What to do about a small disk where results are written in one go, at the end.
pub(super) const BEFORE_WRITING: &str = "make room before they are written";

/// The same where work is kept as it is done.
pub(super) const OR_RESUME: &str = "make room, or `exitvoice resume` what a full disk ends";

/// Bytes of the program with its threads, and of a country's extract with the force drawn from it. These and the constants of other
/// commands were read off `/usr/bin/time -v`; `docs/guide/faults.md` has what they give beside what was measured.
pub(super) const BYTES_OF_PROGRAM: u64 = 39_000_000;
const BYTES_OF_FORCE: u64 = 110_000_000;
/// Bytes an inference takes beside the force, and for each simulation kept.
const BYTES_OF_INFERENCE: u64 = 125_000_000;
const BYTES_A_SIMULATION: u64 = 40_000;
/// Size of the deployment that the two figures were measured on.
const BENCH_SOLDIERS: f64 = 15_000.0;
const BENCH_DAYS: u64 = 205;
/// Seconds of one deployment of 15,000 soldiers and 205 days on one core, and of one that an inference scores, about; for estimates only.
const SECONDS_A_DEPLOYMENT: f64 = 0.024;
const SECONDS_A_SIMULATION: f64 = 0.036;
/// The same of a draw that a forecast goes on with and prints.
const SECONDS_A_DRAW_AHEAD: f64 = 0.048;
/// Seconds that a replicate takes whatever its size: its rows of the tables and the ledger.
const SECONDS_A_REPLICATE: f64 = 0.000_5;
/// Seconds of opening a cached country, about.
const SECONDS_TO_OPEN: f64 = 0.2;
/// Bytes of a report with its figures, and of tables for each simulated day of a replicate, about.
pub(super) const REPORT_BYTES: u64 = 2_000_000;
const TABLE_BYTES_A_DAY: u64 = 40;
/// Bytes of a simulation in the bank on disk for each of its days, about.
const BANK_BYTES_A_DAY: u64 = 70;
/// Bytes of a replicate and day that a run keeps until its tables are written.
pub(super) const BYTES_A_DAY: u64 = 3_100;

/// What a command would take, wherever it runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// Countries to be built; 0 where the cache has them.
    pub histories: u64,
    /// Deployments to be simulated.
    pub deployments: u64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Largest memory in bytes.
    pub peak_bytes: u64,
    /// Result files and cache, in bytes.
    pub disk_bytes: u64,
}

impl Need {
    const NOTHING: Self = Self { histories: 0, deployments: 0, seconds: 0.0, peak_bytes: 0, disk_bytes: 0 };

    /// The same with what comes before or after it, and is gone by then.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            histories: self.histories + other.histories,
            deployments: self.deployments + other.deployments,
            seconds: self.seconds + other.seconds,
            peak_bytes: self.peak_bytes.max(other.peak_bytes),
            disk_bytes: self.disk_bytes + other.disk_bytes,
        }
    }

    /// Beside what a machine has, results going to the folder `out`.
    #[must_use]
    pub fn on(self, machine: &Machine, out: &Path) -> Estimate {
        let available_bytes = memory::available(machine.vfs.as_ref());
        let free_disk_bytes = machine.vfs.free(out);
        let most = machine.memory_cap.unwrap_or(u64::MAX).min(available_bytes.unwrap_or(u64::MAX));
        Estimate {
            need: self,
            available_bytes,
            free_disk_bytes,
            fits: self.peak_bytes <= most && self.disk_bytes <= free_disk_bytes.unwrap_or(u64::MAX),
            complete: false,
        }
    }
}

/// What the deployments of a scenario would take on a machine, `inferred` of them by an inference.
///
/// # Errors
/// The cache cannot be looked at, or the country to be built would be too small (exit 64).
pub fn need_of(scenario: &Scenario, inferred: u64, replicates: u32, machine: &Machine) -> Result<Need, Error> {
    let size = size_of(scenario);
    let work = f64::from(replicates) * SECONDS_A_DEPLOYMENT + inferred as f64 * SECONDS_A_SIMULATION;
    let beside = f64::from(replicates) * SECONDS_A_REPLICATE;
    let builds = country::is_to_be_built(scenario, machine)?;
    if builds {
        country::check_size(scenario)?;
    }
    let built = |bytes: u64| if builds { bytes } else { 0 };
    let deployment = deployment_bytes(scenario, inferred) + kept_bytes(scenario, replicates, BYTES_A_DAY);
    Ok(Need {
        histories: u64::from(builds),
        deployments: u64::from(replicates) + inferred,
        seconds: if builds { country::history_seconds(scenario) } else { SECONDS_TO_OPEN }
            + (work * size + beside) / machine.threads.max(1) as f64,
        peak_bytes: built(country::history_bytes(scenario)).max(deployment),
        disk_bytes: built(country::extract_bytes(scenario))
            + REPORT_BYTES
            + inferred * BANK_BYTES_A_DAY * u64::from(scenario.days())
            + u64::from(replicates) * u64::from(scenario.days()) * TABLE_BYTES_A_DAY,
    })
}

impl Need {
    /// The same with the deployments that answers are read off: of a raised prior, and those that a forecast goes on with. Nothing of them is kept.
    pub(super) fn with_answers(self, scenario: &Scenario, predict_to: Option<Day>, machine: &Machine) -> Self {
        let raised = inference::raised_deployments(scenario);
        let mut work = raised as f64 * SECONDS_A_DEPLOYMENT * size_of(scenario);
        let mut ahead = 0;
        if let Some(last_day) = predict_to {
            ahead = inference::forecast::DRAWS as u64;
            work += ahead as f64 * SECONDS_A_DRAW_AHEAD * size_of(&Scenario { last_day, ..scenario.clone() });
        }
        let seconds = self.seconds + work / machine.threads.max(1) as f64;
        Self { deployments: self.deployments + raised + ahead, seconds, ..self }
    }
}

/// Soldiers and days beside those of the deployment that was timed.
fn size_of(scenario: &Scenario) -> f64 {
    f64::from(scenario.soldiers()) * f64::from(scenario.days()) / (BENCH_SOLDIERS * BENCH_DAYS as f64)
}

/// What it would take to weigh the simulations of an inference again: none is made, each is scored.
///
/// # Errors
/// As [`need_of`].
pub(super) fn need_of_weighing(scenario: &Scenario, simulations: u64, machine: &Machine) -> Result<Need, Error> {
    let (none, made) = (need_of(scenario, 0, 0, machine)?, need_of(scenario, simulations, 0, machine)?);
    let scores = (made.seconds - none.seconds) * (1.0 - SECONDS_A_DEPLOYMENT / SECONDS_A_SIMULATION);
    Ok(Need { seconds: none.seconds + scores, peak_bytes: made.peak_bytes, ..none })
}

/// Bytes that deployments take: those of the process with country and force, and of the simulations that an inference keeps.
#[must_use]
pub fn deployment_bytes(scenario: &Scenario, inferred: u64) -> u64 {
    let force = if matches!(scenario.society, SocietySource::Fixture(_)) { 0 } else { BYTES_OF_FORCE };
    let beside = if inferred == 0 { 0 } else { BYTES_OF_INFERENCE };
    let simulations = inferred * BYTES_A_SIMULATION * u64::from(scenario.days()) / BENCH_DAYS;
    BYTES_OF_PROGRAM + force + beside + simulations
}

/// Bytes of replicates that are kept whole, at so many a day.
pub(super) fn kept_bytes(scenario: &Scenario, replicates: u32, bytes_a_day: u64) -> u64 {
    u64::from(replicates) * u64::from(scenario.days()) * bytes_a_day
}

/// What a command would take of a machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// What it needs.
    #[serde(flatten)]
    pub need: Need,
    /// Memory that is free now, in bytes, where the system tells.
    pub available_bytes: Option<u64>,
    /// What is free on the disk of the results, in bytes, where the system tells.
    pub free_disk_bytes: Option<u64>,
    /// Whether memory and disk suffice.
    pub fits: bool,
    /// Whether the result is there already, so that the command would verify and show it only.
    pub complete: bool,
}

impl Estimate {
    /// Says where the results do not fit on their disk, with advice. A warning and no refusal: the estimate is rough.
    pub(super) fn warn_of_disk(&self, advice: &str, progress: &mut dyn Progress) {
        let needed = self.need.disk_bytes;
        if let Some(free) = self.free_disk_bytes.filter(|free| needed > *free) {
            let (needed, free) = (human(needed), human(free));
            progress.event(Event::Warning(format!(
                "the results take about {needed}, and {free} are free on their disk: {advice}"
            )));
        }
    }

    /// What is left where the run folder of the command, below `name`, is complete.
    ///
    /// # Errors
    /// The file system cannot be looked at.
    pub fn unless_complete(
        self,
        options: &ScenarioOptions,
        name: &str,
        run_id: &str,
        machine: &Machine,
    ) -> Result<Self, Error> {
        if options.force || !run_folder::is_complete(machine.vfs.as_ref(), &options.out, name, run_id)? {
            return Ok(self);
        }
        Ok(Self { need: Need::NOTHING, fits: true, complete: true, ..self })
    }
}

impl Outcome for Estimate {
    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "estimate": self })
    }

    fn text(&self) -> Vec<String> {
        if self.complete {
            return vec!["complete     the result is there already; `--force` computes it again".to_owned()];
        }
        let free = |bytes: Option<u64>| bytes.map_or("unknown".to_owned(), human);
        let mut lines = vec![
            format!("histories    {}", self.need.histories),
            format!("deployments  {}", self.need.deployments),
            format!("time         about {}", duration(self.need.seconds)),
            format!("memory       about {} ({} free)", human(self.need.peak_bytes), free(self.available_bytes)),
            format!("disk         about {} ({} free)", human(self.need.disk_bytes), free(self.free_disk_bytes)),
        ];
        if self.need.disk_bytes > self.free_disk_bytes.unwrap_or(u64::MAX) {
            lines.push("does not fit on the disk of --out".to_owned());
        } else if !self.fits {
            lines.push(
                "does not fit in memory, or is over --memory-cap; a smaller --scale (with --allow-scaled) needs less"
                    .to_owned(),
            );
        }
        lines
    }

    fn exit_code(&self) -> i32 {
        if self.fits { 0 } else { 71 }
    }
}

/// Seconds for people; what is under one is not known to a digit.
fn duration(seconds: f64) -> String {
    if seconds < 1.0 { "1 s or less".to_owned() } else { format!("{seconds:.0} s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::FaultVfs;
    use std::sync::Arc;

    #[derive(Default)]
    struct Told(Vec<Event>);

    impl Progress for Told {
        fn event(&mut self, event: Event) {
            self.0.push(event);
        }
    }

    #[test]
    fn a_disk_without_room_does_not_fit_and_one_that_does_not_tell_does() {
        let disk = FaultVfs::new();
        let machine = Machine { vfs: Arc::new(disk.clone()), ..Machine::this() };
        let need = Need { disk_bytes: 5_000_000, ..Need::NOTHING };
        let on = || need.on(&machine, Path::new("results"));
        assert!(on().fits);
        disk.tell_free(5_000_000);
        assert!(on().fits);
        disk.tell_free(4_999_999);
        let estimate = on();
        let mut told = Told::default();
        estimate.warn_of_disk("make room", &mut told);
        assert!(
            matches!(&told.0[..], [Event::Warning(said)] if said.contains("5.0 MB are free on their disk: make room"))
        );
        assert_eq!((estimate.fits, estimate.exit_code()), (false, 71));
        assert_eq!(
            estimate.text()[4..],
            ["disk         about 5.0 MB (5.0 MB free)", "does not fit on the disk of --out"]
        );
    }

    #[test]
    fn the_memory_of_the_machine_or_its_cap_decides() {
        let disk = FaultVfs::new();
        disk.put(Path::new("/proc/meminfo"), b"MemAvailable: 2 kB\n");
        let mut machine = Machine { vfs: Arc::new(disk), memory_cap: None, ..Machine::this() };
        let fits =
            |machine: &Machine, peak_bytes| Need { peak_bytes, ..Need::NOTHING }.on(machine, Path::new("results")).fits;
        assert!(fits(&machine, 2_048) && !fits(&machine, 2_049));
        machine.memory_cap = Some(1_000);
        assert!(fits(&machine, 1_000) && !fits(&machine, 1_001));
    }
}
