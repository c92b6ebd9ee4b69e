//! `--estimate`: what a command would take, before anything large is allocated.

use super::Outcome;
use crate::io::memory::human;
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
}

impl Outcome for Estimate {
    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "estimate": self })
    }

    fn text(&self) -> Vec<String> {
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
