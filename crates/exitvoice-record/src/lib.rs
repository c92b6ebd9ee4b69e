//! The contract between the world and those who watch it: what happened abroad, as flat tables with requirements.
//!
//! **Invariant:** nothing here names private loyalty, belief, fear or a hazard: an observer who sees the record only cannot peek.
//! **Invariant:** no file system, clock, thread or random number.
//!
//! [`Record`] holds the tables, [`check()`] their requirements, [`Trajectory`] the daily counts that channels read,
//! [`Expected`] what may happen by day, [`Toll`] whom control strikes beside those who leave.

mod check;
mod event;
mod expected;
mod table;
mod toll;
mod trajectory;

pub use check::{Violation, check};
pub use event::{Event, EventKind, STATUSES, Status};
pub use expected::{Expected, ExpectedDeparture};
pub use table::{FamilyEvent, FamilyEventKind, Record, SCHEMA_VERSION, Soldier, SoldierId, Soldiers};
pub use toll::Toll;
pub use trajectory::{Departure, DepartureKind, Trajectory};
