//! Many runs that survive anything: plans of points and replicates, done in blocks, each durable before it is entered into the ledger.
//!
//! ```text
//! results/<plan>/<sweep-id>/.state/sweep.json          what is to be done, and everything that its results depend on
//!                                  ledger-I-of-N.bin   what shard I of N has done
//!                                  lock-I-of-N         held by the living process of that shard
//!                                  block-000000.bin    results of one block, immutable, checked
//! ```
//!
//! A block is a fixed range of tasks, so what it holds does not depend on who computed it, when, on how many threads, or after how
//! many interruptions. When every block is there, the results are written and `run.json` is published last; `.state` then goes.
//!
//! Read [`plan`] for what a user writes, [`design`] for where points come from, [`engine`] for durability (it knows no model),
//! [`work`] for what a task is, [`publish`] for the result tables, `ledger` for its published lines.

pub mod design;
pub mod engine;
mod ledger;
pub(crate) mod levers;
pub mod plan;
pub mod publish;
pub mod state;
pub mod work;

/// Tasks of a block. Part of the format of unfinished sweeps.
pub const BLOCK: u64 = 64;

/// Which blocks a process does: those whose number leaves `index` when divided by `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: u32,
    /// How many processes share the work.
    pub of: u32,
}

impl Shard {
    /// All of the work.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Reads `I/N`, counted from 1.
    ///
    /// # Errors
    /// A sentence about what it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(i, n)| Some((i.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
        match numbers {
            Some((index, of)) if (1..=of).contains(&index) => Ok(Self { index: index - 1, of }),
            _ => Err("expected I/N with I from 1 to N, as 2/8".to_owned()),
        }
    }

    /// As file names carry it.
    #[must_use]
    pub fn word(self) -> String {
        format!("{}-of-{}", self.index + 1, self.of)
    }

    /// Whether a block is its.
    #[must_use]
    pub const fn owns(self, block: u32) -> bool {
        block % self.of == self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_the_blocks_without_gap_or_overlap() {
        let shards: Vec<Shard> = (1..=3).map(|i| Shard::parse(&format!("{i}/3")).expect("valid")).collect();
        for block in 0..20 {
            assert_eq!(shards.iter().filter(|s| s.owns(block)).count(), 1, "block {block}");
        }
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }
}
