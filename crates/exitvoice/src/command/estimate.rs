//! `--estimate`: what a command would take, before anything large is allocated.

use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions};
use crate::io::memory::{self, human};
use crate::io::run_folder;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What to do about a small disk where results are written in one go, at the end.
pub(super) const BEFORE_WRITING: &str = "make room before they are written";

/// The same where work is kept as it is done.
pub(super) const OR_RESUME: &str = "make room, or `exitvoice resume` what a full disk ends";

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
            lines.push("does not fit in memory; a smaller --scale (with --allow-scaled) needs less".to_owned());
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
