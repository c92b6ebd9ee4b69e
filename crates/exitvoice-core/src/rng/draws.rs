//! Draws of one purpose under one seed.

use super::philox::philox4x32_10;
use super::purpose::Purpose;
use crate::lanes;
use crate::math;
use crate::quantity::Seed;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const HALF_ULP: f64 = 0.5;
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
const SCALE: f64 = 1.0 / (1_u64 << 53) as f64;

/// (53 high bits + 1/2) 2^-53: uniform on (0, 1), never an end point.
///
/// In the upper half the 1/2 is rounded away; the one value that would round to 1 becomes 1 - 2^-53.
#[inline]
#[must_use]
pub fn uniform_from_bits(bits: u64) -> f64 {
    (((bits >> 11) as f64 + HALF_ULP) * SCALE).min(BELOW_ONE)
}

/// The 128 bits at one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block([u32; 4]);

impl Block {
    /// First 64 bits: the hash `H`.
    #[inline]
    #[must_use]
    pub fn hash(self) -> u64 {
        u64::from(self.0[0]) << 32 | u64::from(self.0[1])
    }

    /// First uniform on (0, 1), from words 0 and 1.
    #[inline]
    #[must_use]
    pub fn uniform(self) -> f64 {
        uniform_from_bits(self.hash())
    }

    /// Second uniform on (0, 1), from words 2 and 3.
    #[inline]
    #[must_use]
    pub fn second(self) -> f64 {
        uniform_from_bits(u64::from(self.0[2]) << 32 | u64::from(self.0[3]))
    }
}

/// Source of all draws for one purpose under one seed. Copy it freely: it has no state.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    key: [u32; 2],
}

impl Draws {
    /// Draws for `purpose` under `seed`.
    #[inline]
    #[must_use]
    pub fn new(seed: Seed, purpose: Purpose) -> Self {
        let key = seed.0 ^ u64::from(purpose as u32).wrapping_mul(GOLDEN);
        Self { key: [key as u32, (key >> 32) as u32] }
    }

    /// The block addressed by two 64-bit inputs (a key and an occurrence, a pair and a day, ...).
    #[inline]
    #[must_use]
    pub fn block(self, a: u64, b: u64) -> Block {
        Block(philox4x32_10([a as u32, (a >> 32) as u32, b as u32, (b >> 32) as u32], self.key))
    }

    /// `H(a, b)`: 64 bits.
    #[inline]
    #[must_use]
    pub fn hash(self, a: u64, b: u64) -> u64 {
        self.block(a, b).hash()
    }

    /// Uniform on (0, 1) at address (a, b).
    #[inline]
    #[must_use]
    pub fn uniform(self, a: u64, b: u64) -> f64 {
        self.block(a, b).uniform()
    }

    /// Resistance `-ln(u)` of a clock: exponential with mean one.
    #[inline]
    #[must_use]
    pub fn resistance(self, a: u64, b: u64) -> f64 {
        -math::ln(self.uniform(a, b))
    }

    /// As [`Draws::resistance`] for each of some addresses, in their order, in place of what `into` holds: the same bits.
    pub fn resistances(self, addresses: impl Iterator<Item = (u64, u64)>, into: &mut Vec<f64>) {
        into.clear();
        into.extend(addresses.map(|(a, b)| self.uniform(a, b)));
        lanes::ln_each(into);
        into.iter_mut().for_each(|ln| *ln = -*ln);
    }

    /// A seed for everything below address (a, b).
    #[inline]
    #[must_use]
    pub fn seed(self, a: u64, b: u64) -> Seed {
        Seed(self.hash(a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_values_do_not_move() {
        let draws = Draws::new(Seed(7), Purpose::Test);
        assert_eq!(format!("{:.17}", draws.uniform(1, 2)), PINNED_UNIFORM);
        assert_eq!(draws.hash(1, 2), PINNED_HASH);
        assert_eq!(draws.seed(1, 2), Seed(PINNED_HASH));
        assert_eq!(draws.resistance(1, 2).to_bits(), (-math::ln(draws.uniform(1, 2))).to_bits());
    }

    #[test]
    fn resistances_are_those_of_their_addresses() {
        let draws = Draws::new(Seed(7), Purpose::Test);
        let addresses = || (0..21_u64).map(|i| (i % 5, i));
        let mut found = vec![1.0; 3];
        draws.resistances(addresses(), &mut found);
        assert_eq!(found.len(), 21);
        assert!(found.iter().zip(addresses()).all(|(t, (a, b))| t.to_bits() == draws.resistance(a, b).to_bits()));
    }
    const PINNED_UNIFORM: &str = "0.40581159700565411";
    const PINNED_HASH: u64 = 7_485_902_672_106_659_695;

    #[test]
    fn a_block_is_the_known_answer_of_the_generator_at_key_and_counter_zero() {
        let key_zero = Draws::new(Seed(u64::from(Purpose::Test as u32).wrapping_mul(GOLDEN)), Purpose::Test);
        let block = key_zero.block(0, 0);
        assert_eq!(block.hash(), 0x6627_e8d5_e169_c58d);
        assert_eq!(block.uniform().to_bits(), uniform_from_bits(0x6627_e8d5_e169_c58d).to_bits());
        assert_eq!(block.second().to_bits(), uniform_from_bits(0xbc57_ac4c_9b00_dbd8).to_bits());
    }

    #[test]
    fn a_uniform_never_reaches_an_end_point() {
        let ulp = 1.0 / (1_u64 << 53) as f64;
        assert_eq!(uniform_from_bits(0).to_bits(), (0.5 * ulp).to_bits());
        assert_eq!(uniform_from_bits(u64::MAX).to_bits(), (1.0 - ulp).to_bits());
        assert_eq!(uniform_from_bits(1 << 63).to_bits(), 0.5_f64.to_bits());
    }
}
