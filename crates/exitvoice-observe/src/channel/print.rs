//! # Printing
//! What is printed when a source's internal estimate is z on the log scale.
//!
//! ## Equation
//! Grain d = 0 with probability eta, else 1; G_d holds 0 and the whole numbers of at most d + 1 significant digits; v-, v+ are the
//! neighbours of v in G_d. With z normal (mean mu, standard deviation s), summed over the grains that hold v:
//! - about v: P(e^z in [(v- + v)/2, (v + v+)/2))
//! - at least v: P(e^(z - delta) in [v, v+)), delta exponential with mean m; at most v: P(e^(z + delta) in (v-, v])
//! - interval [l, h]: (F(h) - F(l)) / log(h/l); share v: P(e^z in [v - .05, v + .05)), the whole: P(e^z >= .95)
//!
//! ## Symbols
//! mu, s of z; eta, m of `Hyper`
//! ## Not modelled
//! why a form is chosen: its probability is free of the world and cancels
//! ## Sources
//! definitions of this project
//! ## Claims
//! - C1 about, at least and at most sum to one over a grain (`printed_numbers_sum_to_one`)
//! - C2 sampled numbers have the frequencies that are scored (`sampled_numbers_match_their_scores`)

use exitvoice_core::math;
use exitvoice_core::rng::sample;

/// Half the width of the cell of a printed share.
const SHARE_HALF_WIDTH: f64 = 0.05;
/// Base of the digits.
const BASE: f64 = 10.0;

/// A printed number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Printed {
    /// "about v".
    About(f64),
    /// "at least v".
    AtLeast(f64),
    /// "at most v".
    AtMost(f64),
    /// "l to h".
    Interval(f64, f64),
    /// A share.
    Share(f64),
}

/// Gap between neighbours in G_d around and above `value` (at least 1): a power of ten, never below 1.
fn gap(value: f64, digits: u32) -> f64 {
    let mut scale = 1.0;
    while value >= BASE * scale {
        scale *= BASE;
    }
    for _ in 0..digits {
        scale /= BASE;
    }
    scale.max(1.0)
}

/// Largest number of G_d that is not above `x`.
fn floor_in(x: f64, digits: u32) -> f64 {
    if x < 1.0 {
        return 0.0;
    }
    let gap = gap(x, digits);
    (x / gap).floor() * gap
}

/// Next number of G_d above `v`, which is in G_d.
fn next(v: f64, digits: u32) -> f64 {
    v + gap(v.max(1.0), digits)
}

/// Number of G_d before `v`, which is in G_d; below 0 there is none.
fn previous(v: f64, digits: u32) -> Option<f64> {
    if v < 1.0 {
        return None;
    }
    // Numbers of G_d are whole, so the largest one not above v - 1/2 is the one before v.
    Some(floor_in(v - 0.5, digits))
}

fn holds(v: f64, digits: u32) -> bool {
    floor_in(v, digits).to_bits() == v.to_bits()
}

/// Grain of a number with more than two significant digits: the coarsest that holds it.
fn own_digits(v: f64) -> u32 {
    (2..f64::MAX_10_EXP.unsigned_abs()).find(|digits| holds(v, *digits)).expect("printed counts are whole numbers")
}

/// Where z (or z with its margin) must lie, as logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    low: f64,
    high: f64,
}

fn cell(printed: Printed, digits: u32) -> Cell {
    let ln = |x: f64| if x > 0.0 { math::ln(x) } else { f64::NEG_INFINITY };
    match printed {
        Printed::About(v) => {
            let low = previous(v, digits).map_or(0.0, |p| 0.5 * (p + v));
            Cell { low: ln(low), high: ln(0.5 * (v + next(v, digits))) }
        }
        Printed::AtLeast(v) => Cell { low: ln(v), high: ln(next(v, digits)) },
        Printed::AtMost(v) => Cell { low: previous(v, digits).map_or(f64::NEG_INFINITY, ln), high: ln(v) },
        Printed::Interval(low, high) => Cell { low: ln(low), high: ln(high) },
        // The whole is printed for every estimate above it.
        Printed::Share(v) => {
            Cell { low: ln(v - SHARE_HALF_WIDTH), high: if v < 1.0 { ln(v + SHARE_HALF_WIDTH) } else { f64::INFINITY } }
        }
    }
}

/// Which way the margin goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// No margin.
    Plain,
    /// Printed below the estimate.
    Below,
    /// Printed above it.
    Above,
}

/// One printed number, ready to be scored: its cells in both grains.
#[derive(Clone, Copy, Debug)]
pub struct Cells {
    side: Side,
    coarse: Option<Cell>,
    fine: Option<Cell>,
    /// Density per log width instead of a probability; 1 otherwise.
    width: f64,
    /// Neither grain holds the number, or the form has no grain: its own cell with weight one.
    single: bool,
}

impl Cells {
    /// Cells of a printed number. One with more than two significant digits is scored in the coarsest grain that holds it.
    ///
    /// # Panics
    /// A count that is no whole number.
    #[must_use]
    pub fn new(printed: Printed) -> Self {
        let side = match printed {
            Printed::AtLeast(_) => Side::Below,
            Printed::AtMost(_) => Side::Above,
            _ => Side::Plain,
        };
        let (Printed::About(v) | Printed::AtLeast(v) | Printed::AtMost(v)) = printed else {
            let fine = cell(printed, 0);
            let width = if matches!(printed, Printed::Interval(..)) { fine.high - fine.low } else { 1.0 };
            return Self { side, coarse: None, fine: Some(fine), width, single: true };
        };
        let grain = |digits: u32| holds(v, digits).then(|| cell(printed, digits));
        let (coarse, fine) = (grain(0), grain(1));
        if fine.is_some() {
            return Self { side, coarse, fine, width: 1.0, single: false };
        }
        Self { side, coarse: None, fine: Some(cell(printed, own_digits(v))), width: 1.0, single: true }
    }

    /// Probability (for an interval: density of its position) of the printed number, z being N(mu, sd^2).
    #[inline]
    #[must_use]
    pub fn probability(&self, mu: f64, sd: f64, coarse: f64, margin: f64) -> f64 {
        let [in_coarse, in_fine] = self.by_grain(mu, sd, margin);
        coarse * in_coarse + (1.0 - coarse) * in_fine
    }

    /// The same given the grain: coarse, fine. Equal where the number has no grain.
    #[inline]
    #[must_use]
    pub fn by_grain(&self, mu: f64, sd: f64, margin: f64) -> [f64; 2] {
        let of = |cell: &Option<Cell>| cell.as_ref().map_or(0.0, |c| self.inside(c, mu, sd, margin));
        let fine = of(&self.fine) / self.width;
        if self.single { [fine, fine] } else { [of(&self.coarse), fine] }
    }

    /// Whether the margin enters.
    #[must_use]
    pub const fn has_margin(&self) -> bool {
        !matches!(self.side, Side::Plain)
    }

    fn inside(&self, cell: &Cell, mu: f64, sd: f64, margin: f64) -> f64 {
        match self.side {
            Side::Plain => between((cell.low - mu) / sd, (cell.high - mu) / sd),
            Side::Below => bounded_between((cell.low - mu) / sd, (cell.high - mu) / sd, sd / margin),
            Side::Above => bounded_between((mu - cell.high) / sd, (mu - cell.low) / sd, sd / margin),
        }
    }

    /// The normal estimate that this number suggests.
    pub(crate) fn suggestion(&self, margin: f64) -> Suggestion {
        /// Width given to a cell that begins at zero.
        const OPEN_WIDTH: f64 = 2.0;
        /// Variance of a uniform law over its squared width.
        const UNIFORM: f64 = 1.0 / 12.0;
        let cell = self.coarse.or(self.fine).expect("one of them holds the number");
        let low = if cell.low.is_finite() { cell.low } else { cell.high - OPEN_WIDTH };
        let high = if cell.high.is_finite() { cell.high } else { 0.0 };
        let width = high - low;
        let shift = match self.side {
            Side::Plain => 0.0,
            Side::Below => margin,
            Side::Above => -margin,
        };
        Suggestion { centre: 0.5 * (low + high) + shift, variance: UNIFORM * width * width + shift * shift, width }
    }
}

/// A printed number as a normal observation of z.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suggestion {
    pub(crate) centre: f64,
    pub(crate) variance: f64,
    /// Of the cell.
    pub(crate) width: f64,
}

/// P(a <= Z < b) for a standard normal Z, without cancellation in the upper tail.
fn between(a: f64, b: f64) -> f64 {
    let found =
        if a > 0.0 { math::normal_cdf(-a) - math::normal_cdf(-b) } else { math::normal_cdf(b) - math::normal_cdf(a) };
    found.max(0.0)
}

/// P(a <= Z - E < b), E exponential with rate `rate` = sd / margin: mean margin in units of sd is 1 / rate.
fn bounded_between(a: f64, b: f64, rate: f64) -> f64 {
    let found = if a > 0.0 {
        bounded_above(a, rate) - bounded_above(b, rate)
    } else {
        bounded_below(b, rate) - bounded_below(a, rate)
    };
    found.max(0.0)
}

/// P(Z - E <= y) = Phi(y) + exp(rate y + rate^2/2) Phi(-y - rate).
fn bounded_below(y: f64, rate: f64) -> f64 {
    if y == f64::NEG_INFINITY { 0.0 } else { math::normal_cdf(y) + tilted(y, rate) }
}

/// P(Z - E > y).
fn bounded_above(y: f64, rate: f64) -> f64 {
    if y == f64::INFINITY { 0.0 } else { math::normal_cdf(-y) - tilted(y, rate) }
}

/// exp(rate y + rate^2/2) Phi(-y - rate), by logarithms where the factors leave the range of floats.
fn tilted(y: f64, rate: f64) -> f64 {
    /// Below this argument the distribution function itself loses its digits.
    const FAR: f64 = -25.0;
    let argument = -y - rate;
    let exponent = rate * (y + 0.5 * rate);
    if argument > FAR {
        math::exp(exponent) * math::normal_cdf(argument)
    } else {
        math::exp(exponent + math::normal_ln_cdf(argument))
    }
}

/// Draws of one printing: grain and margin or position, uniform on (0, 1).
#[derive(Clone, Copy, Debug)]
pub struct PrintDraws {
    /// For the grain.
    pub grain: f64,
    /// For the margin, or the position of an interval or share.
    pub place: f64,
}

/// Prints the estimate `z` in the form of `template`: the same cells as [`Cells`], read the other way.
#[must_use]
pub fn print(template: Printed, z: f64, coarse: f64, margin: f64, draws: PrintDraws) -> Printed {
    let (Printed::About(v) | Printed::AtLeast(v) | Printed::AtMost(v)) = template else {
        return print_without_grain(template, z, draws.place);
    };
    let digits = if holds(v, 1) { u32::from(draws.grain >= coarse) } else { own_digits(v) };
    match template {
        Printed::AtLeast(_) => {
            Printed::AtLeast(floor_in(math::exp(z - sample::exponential(draws.place, margin)), digits))
        }
        Printed::AtMost(_) => {
            let bound = math::exp(z + sample::exponential(draws.place, margin));
            let below = floor_in(bound, digits);
            Printed::AtMost(if below < bound { next(below, digits) } else { below })
        }
        _ => {
            let estimate = math::exp(z);
            let below = floor_in(estimate, digits);
            let above = next(below, digits);
            Printed::About(if estimate < 0.5 * (below + above) { below } else { above })
        }
    }
}

/// Intervals keep the log width of the template, shares the width of their cell; the estimate lies anywhere inside.
fn print_without_grain(template: Printed, z: f64, place: f64) -> Printed {
    if let Printed::Interval(low, high) = template {
        let width = math::ln(high / low);
        let start = z - place * width;
        return Printed::Interval(math::exp(start), math::exp(start + width));
    }
    Printed::Share((math::exp(z) + SHARE_HALF_WIDTH * (2.0 * place - 1.0)).clamp(0.0, 1.0))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};
    use std::collections::BTreeMap;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 6e-7, "{found} against {expected}");
    }

    #[test]
    fn the_check_numbers_of_the_observation_model_come_out() {
        let mu = math::ln(3500.0);
        let p = |printed: Printed| Cells::new(printed).probability(mu, 0.15, 0.5, 0.15);
        close(p(Printed::About(3800.0)), 0.030_096);
        close(p(Printed::About(4000.0)), 0.248_913);
        close(p(Printed::AtLeast(3000.0)), 0.272_429);
        close(p(Printed::AtMost(5000.0)), 0.183_362);
        let interval = Cells::new(Printed::Interval(200.0, 999.0));
        close(interval.probability(math::ln(450.0), 0.3, 0.5, 0.15), 0.617_145);
    }

    #[test]
    fn neighbours_follow_the_digits() {
        assert_eq!(
            [next(0.0, 0), next(9.0, 0), next(9.0, 1), next(3000.0, 0), next(3000.0, 1)],
            [1.0, 10.0, 10.0, 4000.0, 3100.0]
        );
        let before =
            [previous(1.0, 0), previous(1000.0, 0), previous(1000.0, 1), previous(3800.0, 1), previous(10.0, 1)];
        assert_eq!(before, [0.0, 900.0, 990.0, 3700.0, 9.0].map(Some));
        assert_eq!(previous(0.0, 1), None);
        assert!(holds(3800.0, 1) && !holds(3800.0, 0) && holds(0.0, 0) && !holds(4718.0, 1) && holds(100.0, 0));
    }

    fn all_numbers(digits: u32, most: f64) -> Vec<f64> {
        std::iter::successors(Some(0.0), |v| Some(next(*v, digits))).take_while(|v| *v <= most).collect()
    }

    #[test]
    fn printed_numbers_sum_to_one() {
        // One grain alone: eta is 1 or 0.
        for (digits, coarse) in [(0, 1.0), (1, 0.0)] {
            for (mu, sd, margin) in [(8.0, 0.2, 0.1), (0.3, 1.0, 0.5), (5.0, 0.03, 1e-4), (6.0, 0.5, 0.8)] {
                for form in [Printed::About as fn(f64) -> Printed, Printed::AtLeast, Printed::AtMost] {
                    // Numbers above 1e9 are not summed: 3e-8 of "at most" at the widest margin here.
                    let sum: f64 = all_numbers(digits, 1e9)
                        .iter()
                        .map(|v| Cells::new(form(*v)))
                        .filter(|c| c.fine.is_some())
                        .map(|c| c.probability(mu, sd, coarse, margin))
                        .sum();
                    assert!((sum - 1.0).abs() < 1e-7, "{digits} {mu} {sd} {margin}: {sum}");
                }
            }
        }
    }

    #[test]
    fn an_interval_of_given_width_integrates_to_one() {
        let (mu, sd, width) = (6.0, 0.4, 1.6);
        let steps = 40_000;
        let step = 12.0 / f64::from(steps);
        let sum: f64 = (0..steps)
            .map(|i| {
                let start = (f64::from(i) + 0.5) * step;
                let printed = Printed::Interval(math::exp(start), math::exp(start + width));
                Cells::new(printed).probability(mu, sd, 0.5, 0.1) * step
            })
            .sum();
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    }

    #[test]
    fn sampled_numbers_match_their_scores() {
        let (n, mu, sd, coarse, margin) = (40_000_u32, 6.3, 0.35, 0.4, 0.3);
        let draws = Draws::new(Seed(11), Purpose::Test);
        for template in [Printed::About(400.0), Printed::AtLeast(400.0), Printed::AtMost(400.0)] {
            let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
            for i in 0..u64::from(n) {
                let z = sample::normal(draws.uniform(i, 0), mu, sd);
                let place = PrintDraws { grain: draws.uniform(i, 1), place: draws.uniform(i, 2) };
                let (Printed::About(v) | Printed::AtLeast(v) | Printed::AtMost(v)) =
                    print(template, z, coarse, margin, place)
                else {
                    panic!("the form changed")
                };
                *counts.entry(v.to_bits()).or_default() += 1.0;
            }
            for (bits, count) in counts {
                let v = f64::from_bits(bits);
                let printed = match template {
                    Printed::AtLeast(_) => Printed::AtLeast(v),
                    Printed::AtMost(_) => Printed::AtMost(v),
                    _ => Printed::About(v),
                };
                let p = Cells::new(printed).probability(mu, sd, coarse, margin);
                let expected = p * f64::from(n);
                // Rare numbers are not near normal; several hundred cells are compared, so 5 standard errors.
                assert!(
                    (count - expected).abs() < 5.0 * expected.sqrt() + 3.0,
                    "{printed:?}: {count} against {expected}"
                );
            }
        }
    }

    #[test]
    fn sampled_intervals_and_shares_have_the_density_that_is_scored() {
        let n = 20_000_u32;
        let draws = Draws::new(Seed(12), Purpose::Test);
        // P(low end below 150), from the density and from the sampler.
        let (mu, sd) = (5.5, 0.4);
        let template = Printed::Interval(100.0, 300.0);
        let width = math::ln(3.0);
        let step = 1e-4;
        let mass: f64 = (0..)
            .map(|i| math::ln(150.0) - (f64::from(i) + 0.5) * step)
            .take_while(|start| *start > 1.0)
            .map(|s| {
                Cells::new(Printed::Interval(math::exp(s), math::exp(s + width))).probability(mu, sd, 0.5, 0.1) * step
            })
            .sum();
        let below = (0..u64::from(n))
            .filter(|i| {
                let z = sample::normal(draws.uniform(*i, 0), mu, sd);
                let printed = print(template, z, 0.5, 0.1, PrintDraws { grain: 0.5, place: draws.uniform(*i, 1) });
                matches!(printed, Printed::Interval(low, _) if low < 150.0)
            })
            .count() as f64;
        let n = f64::from(n);
        assert!((below / n - mass).abs() < 4.0 * (mass * (1.0 - mass) / n).sqrt(), "{} against {mass}", below / n);
        // A share lands within its cell of the estimate.
        let Printed::Share(v) =
            print(Printed::Share(0.5), math::ln(0.3), 0.5, 0.1, PrintDraws { grain: 0.1, place: 0.75 })
        else {
            panic!("the form changed")
        };
        assert!((v - 0.325).abs() < 1e-12);
        // Above the whole the whole is printed, and scored so.
        let above = print(Printed::Share(0.5), 7.0, 0.5, 0.1, PrintDraws { grain: 0.1, place: 0.75 });
        assert_eq!(above, Printed::Share(1.0));
        assert!(Cells::new(above).probability(7.0, 2.0, 0.5, 0.1) > 0.999);
        assert!(Cells::new(Printed::Share(v)).probability(math::ln(0.3), 1e-6, 0.5, 0.1) > 0.999_999);
    }
}
