//! Elementary effects: one parameter moves at a time along random trajectories through a grid.

use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use serde::Serialize;

/// Levels of the grid, and the step of a move: p / (2 (p - 1)), so that every level is met equally often.
const LEVELS: u32 = 4;
const STEP: f64 = 2.0 / 3.0;

/// What moving one parameter does, in units of the output from the lowest to the highest level of the grid. Where levels are quantiles of a
/// prior, these are the quantiles at 12.5 and 87.5 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Mean effect; its sign is lost where effects of both signs cancel.
    pub mean: f64,
    /// Mean absolute effect: the screen.
    pub mean_absolute: f64,
    /// Standard deviation: interaction, or curvature.
    pub deviation: f64,
}

/// Points of `trajectories` walks of `dimensions + 1` points each, and for each walk the order in which parameters move.
#[must_use]
pub fn morris_points(trajectories: u32, dimensions: usize, seed: Seed) -> (Vec<Vec<f64>>, Vec<Vec<usize>>) {
    let draws = Draws::new(seed, Purpose::Design);
    let (mut points, mut orders) = (Vec::new(), Vec::new());
    for walk in 0..u64::from(trajectories) {
        let place = |dimension: usize| {
            let low = (draws.uniform(walk, dimension as u64) * f64::from(LEVELS / 2)) as u32;
            f64::from(low) / f64::from(LEVELS - 1)
        };
        let up = |dimension: usize| draws.block(walk, dimension as u64).second() < 0.5;
        let low: Vec<f64> = (0..dimensions).map(place).collect();
        let mut now: Vec<f64> = (0..dimensions).map(|d| if up(d) { low[d] } else { low[d] + STEP }).collect();
        let mut order: Vec<usize> = (0..dimensions).collect();
        order.sort_by_key(|d| (draws.hash(walk, (dimensions + d) as u64), *d));
        points.push(now.clone());
        for dimension in &order {
            now[*dimension] += if up(*dimension) { STEP } else { -STEP };
            points.push(now.clone());
        }
        orders.push(order);
    }
    (points, orders)
}

/// Effects from the outputs at the points of [`morris_points`], one a parameter.
#[must_use]
pub fn morris(points: &[Vec<f64>], orders: &[Vec<usize>], outputs: &[f64]) -> Vec<Effect> {
    let dimensions = orders.first().map_or(0, Vec::len);
    let mut effects = vec![Vec::with_capacity(orders.len()); dimensions];
    for (walk, order) in orders.iter().enumerate() {
        let start = walk * (dimensions + 1);
        for (step, dimension) in order.iter().enumerate() {
            let (before, after) = (start + step, start + step + 1);
            let moved = points[after][*dimension] - points[before][*dimension];
            effects[*dimension].push((outputs[after] - outputs[before]) / moved);
        }
    }
    effects.iter().map(|e| effect(e)).collect()
}

fn effect(effects: &[f64]) -> Effect {
    let n = effects.len() as f64;
    let mean = effects.iter().sum::<f64>() / n;
    let squares = effects.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>();
    Effect {
        mean,
        mean_absolute: effects.iter().map(|e| e.abs()).sum::<f64>() / n,
        deviation: if effects.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 },
    }
}
