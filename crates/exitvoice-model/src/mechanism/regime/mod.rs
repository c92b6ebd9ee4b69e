//! Mechanisms: what the deployment brings the regime, and how it responds.

pub mod ledger;
pub mod response;
