//! Junk and grain: draws of their parameters, over which every draw of the rest averages.
//!
//! Given everything else, the probability of a row is linear in the share of junk and in the probability of the coarse grain, and their
//! average costs a few products. What varies most between draws is so made cheap.

use super::dense::latin_hypercube;
use crate::nuisance::{HyperLaws, MIXING, Mixing};
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};

/// Points drawn in a call, and how many of them each draw of the rest averages over.
const POOL: usize = 64;
const USED: usize = 32;

/// Points of junk and grain, in columns.
pub(crate) struct Pool {
    coarse: [f64; POOL],
    junk: [[f64; POOL]; 6],
    /// Product over rows at each point of the last average.
    products: [f64; USED],
    start: usize,
}

/// Probabilities of what one row printed, by grain (coarse, fine).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alternatives {
    /// Grade of the source.
    pub(crate) source_grade: usize,
    /// If the row is about the truth.
    pub(crate) sound: [f64; 2],
    /// If it is free of it.
    pub(crate) junk: [f64; 2],
}

impl Pool {
    pub(crate) fn new(laws: &HyperLaws, seed: Seed) -> Self {
        let cube = latin_hypercube(Draws::new(seed, Purpose::Junk), POOL, MIXING);
        let mut pool = Self { coarse: [0.0; POOL], junk: [[0.0; POOL]; 6], products: [1.0; USED], start: 0 };
        for (point, u) in cube.chunks(MIXING).enumerate() {
            let mixing = laws.mixing_at(u);
            pool.coarse[point] = mixing.coarse;
            for (column, share) in pool.junk.iter_mut().zip(mixing.junk) {
                column[point] = share;
            }
        }
        pool
    }

    /// ln of the mean over points of the product over rows; draw by draw another part of the pool.
    pub(crate) fn average(&mut self, draw: usize, rows: impl Iterator<Item = Alternatives>) -> f64 {
        self.start = draw * USED % POOL;
        self.products = [1.0; USED];
        let mut ln_scale = 0.0;
        let coarse = &self.coarse[self.start..self.start + USED];
        for row in rows {
            let scale = row.sound[0].max(row.sound[1]).max(row.junk[0]).max(row.junk[1]);
            if scale <= 0.0 {
                return f64::NEG_INFINITY;
            }
            ln_scale += math::ln(scale);
            let [sound, junk] = [row.sound, row.junk].map(|pair| pair.map(|p| p / scale));
            let shares = &self.junk[row.source_grade][self.start..self.start + USED];
            for ((product, coarse), share) in self.products.iter_mut().zip(coarse).zip(shares) {
                let if_sound = sound[1] + coarse * (sound[0] - sound[1]);
                let if_junk = junk[1] + coarse * (junk[0] - junk[1]);
                *product *= if_sound + share * (if_junk - if_sound);
            }
        }
        ln_scale + math::ln(self.products.iter().sum::<f64>() / USED as f64)
    }

    /// A point of the last average, picked with probability proportional to what it makes of the rows.
    pub(crate) fn pick(&self, u: f64) -> Mixing {
        let possible = self.products.iter().any(|p| *p > 0.0);
        self.point(self.start + if possible { sample::categorical(u, &self.products) } else { 0 })
    }

    /// One point as it was drawn.
    pub(crate) fn point(&self, point: usize) -> Mixing {
        let mut junk = [0.0; 6];
        for (share, column) in junk.iter_mut().zip(&self.junk) {
            *share = column[point];
        }
        Mixing { junk, coarse: self.coarse[point] }
    }
}
