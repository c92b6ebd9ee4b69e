//! `--estimate`: what a command would take, before anything large is allocated.

use super::{Error, Machine, Outcome, ScenarioOptions};
use crate::io::memory::human;
use crate::io::run_folder;
use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};

/// What a command would take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
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
    /// Memory that is free now, in bytes, where the system tells.
    pub available_bytes: Option<u64>,
    /// Whether the memory fits.
    pub fits: bool,
    /// Whether the result is there already, so that the command would verify and show it only.
    pub complete: bool,
}

impl Estimate {
    /// What is left where the run folder of the command is complete.
    ///
    /// # Errors
    /// The file system cannot be looked at.
    pub fn unless_complete(
        self,
        options: &ScenarioOptions,
        scenario: &Scenario,
        run_id: &str,
        machine: &Machine,
    ) -> Result<Self, Error> {
        if options.force || !run_folder::is_complete(machine.vfs.as_ref(), &options.out, &scenario.name, run_id)? {
            return Ok(self);
        }
        Ok(Self {
            histories: 0,
            deployments: 0,
            seconds: 0.0,
            peak_bytes: 0,
            disk_bytes: 0,
            fits: true,
            complete: true,
            ..self
        })
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
        let free = self.available_bytes.map_or("unknown".to_owned(), human);
        let fits = if self.fits { "" } else { ": does not fit; a smaller --scale (with --allow-scaled) needs less" };
        vec![
            format!("histories    {}", self.histories),
            format!("deployments  {}", self.deployments),
            format!("time         about {:.0} s", self.seconds),
            format!("memory       about {} ({free} free){fits}", human(self.peak_bytes)),
            format!("disk         about {}", human(self.disk_bytes)),
        ]
    }

    fn exit_code(&self) -> i32 {
        if self.fits { 0 } else { 71 }
    }
}
