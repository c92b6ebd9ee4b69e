//! Random numbers by address: a draw is a function of (seed, purpose, inputs), never of what was drawn before.
//!
//! `H(inputs; seed, purpose)` is the first 64 bits of Philox4x32-10 with counter = inputs and
//! key = seed XOR (purpose x 0x9E3779B97F4A7C15 mod 2^64). A uniform is (53 high bits + 1/2) 2^-53, so it is never 0 or 1.

mod draws;
pub mod philox;
mod purpose;
pub mod sample;

pub use draws::{Block, Draws, uniform_from_bits};
pub use purpose::Purpose;
