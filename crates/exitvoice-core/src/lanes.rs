//! Exponentials and logarithms of many numbers at once, lane by lane without branches: the bits of `libm` 0.2, which takes them one by one.
//!
//! The reductions and the coefficients are those of Sun's fdlibm (`e_exp.c`, `e_log.c`, `s_log1p.c`, 1993), as `libm` has them; a test compares every bit.

use crate::math;

/// Numbers worked on side by side.
const LANES: usize = 8;

const LN2_HI: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LO: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
const INVERSE_LN2: f64 = std::f64::consts::LOG2_E;
/// 2^52: a whole number added to it stands in the low bits of the sum.
const SHIFT: f64 = (1_u64 << 52) as f64;
const BIAS: f64 = 1_023.0;
const MANTISSA_BITS: u32 = 52;
/// The bits of the mantissa.
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;
const SIGN: u64 = 1 << 63;
const ONE: u64 = 1.0_f64.to_bits();
const HALF: u64 = 0.5_f64.to_bits();
/// sqrt(2) / 2 by high word, and what carries it to 1.
const ROOT: u64 = 0x3FE6_A09E << 32;
const CARRY: u64 = (0x3FF0_0000 - 0x3FE6_A09E) << 32;

/// All bits or none: a choice without a branch, which keeps lanes together.
#[inline]
const fn mask(holds: bool) -> u64 {
    (holds as u64).wrapping_neg()
}

#[inline]
const fn only(holds: bool, x: f64) -> f64 {
    f64::from_bits(mask(holds) & x.to_bits())
}

#[inline]
const fn either(holds: bool, x: f64, y: f64) -> f64 {
    f64::from_bits(mask(holds) & x.to_bits() | !mask(holds) & y.to_bits())
}

/// Replaces every number by its exponential: the bits of [`math::exp`].
pub fn exp_each(values: &mut [f64]) {
    each(values, 0.0, |x| x.abs() < PLAIN, exp_plain, math::exp);
}

/// Replaces every number by its natural logarithm: the bits of [`math::ln`].
pub fn ln_each(values: &mut [f64]) {
    each(values, 1.0, |x| (f64::MIN_POSITIVE..f64::INFINITY).contains(&x), ln_plain, math::ln);
}

/// Replaces every x by ln p of p = 1 / (1 + e^-x), and what stands beside it in `rest` by 1 - p: the bits of
/// [`math::ln_logistic_and_rest`].
///
/// # Panics
/// Slices of two lengths.
pub fn ln_logistic_and_rest_each(values: &mut [f64], rest: &mut [f64]) {
    assert_eq!(values.len(), rest.len(), "a place for each");
    let plain = |x: f64| {
        let e = exp_plain(-x.abs());
        let ln = -ln_1p_plain(e);
        (either(x > 0.0, ln, x + ln), either(x > 0.0, e, 1.0) / (1.0 + e))
    };
    let work = |block: &mut [f64; LANES], beside: &mut [f64; LANES]| {
        let all = block.iter().fold(true, |all, x| all & (x.abs() < PLAIN));
        let pairs = block.iter_mut().zip(beside);
        if all {
            pairs.for_each(|(x, rest)| (*x, *rest) = plain(*x));
        } else {
            pairs.for_each(|(x, rest)| (*x, *rest) = math::ln_logistic_and_rest(*x));
        }
    };
    let (blocks, last) = values.as_chunks_mut::<LANES>();
    let (beside, last_beside) = rest.as_chunks_mut::<LANES>();
    blocks.iter_mut().zip(beside).for_each(|(block, beside)| work(block, beside));
    if !last.is_empty() {
        let (mut block, mut beside) = ([0.0; LANES], [0.0; LANES]);
        block[..last.len()].copy_from_slice(last);
        work(&mut block, &mut beside);
        last.copy_from_slice(&block[..last.len()]);
        last_beside.copy_from_slice(&beside[..last.len()]);
    }
}

/// Block by block `plain` where that holds for all of its numbers, else `any`; a last block is filled up with `filler`.
#[inline]
fn each(
    values: &mut [f64],
    filler: f64,
    is_plain: impl Fn(f64) -> bool,
    plain: impl Fn(f64) -> f64,
    any: impl Fn(f64) -> f64,
) {
    let work = |block: &mut [f64; LANES]| {
        // No early end, so that lanes stay together.
        if block.iter().fold(true, |all, x| all & is_plain(*x)) {
            block.iter_mut().for_each(|x| *x = plain(*x));
        } else {
            block.iter_mut().for_each(|x| *x = any(*x));
        }
    };
    let (blocks, rest) = values.as_chunks_mut::<LANES>();
    blocks.iter_mut().for_each(work);
    if !rest.is_empty() {
        let mut block = [filler; LANES];
        block[..rest.len()].copy_from_slice(rest);
        work(&mut block);
        rest.copy_from_slice(&block[..rest.len()]);
    }
}

/// Beyond it, on either side, an exponential may leave the normal numbers.
const PLAIN: f64 = 708.0;

/// `e_exp.c` for |x| below [`PLAIN`].
#[inline]
fn exp_plain(x: f64) -> f64 {
    // Least |x| above ln 2 / 2, above 3 ln 2 / 2, and above 2^-28, by high word.
    const HALF_LN2: f64 = f64::from_bits(0x3FD6_2E43_0000_0000);
    const THREE_HALVES_LN2: f64 = f64::from_bits(0x3FF0_A2B2_0000_0000);
    const TINY: f64 = f64::from_bits(0x3E30_0001_0000_0000);
    const P: [f64; 5] = [
        f64::from_bits(0x3FC5_5555_5555_553E),
        f64::from_bits(0xBF66_C16C_16BE_BD93),
        f64::from_bits(0x3F11_566A_AF25_DE2C),
        f64::from_bits(0xBEBB_BD41_C5D2_6BF1),
        f64::from_bits(0x3E66_3769_72BE_A4D0),
    ];
    let size = x.abs();
    let sign = x.to_bits() & SIGN;
    let (half, one) = (f64::from_bits(HALF | sign), f64::from_bits(ONE | sign));
    let exact = INVERSE_LN2 * x + half;
    // To the next whole number, and back by one where that was away from nought.
    let near = (exact + 1.5 * SHIFT) - 1.5 * SHIFT;
    let whole = near - only(near.abs() > exact.abs(), one);
    let k = only(size >= HALF_LN2, either(size < THREE_HALVES_LN2, one, whole));
    let (hi, lo) = (x - k * LN2_HI, k * LN2_LO);
    let r = hi - lo;
    let square = r * r;
    let c = r - square * (P[0] + square * (P[1] + square * (P[2] + square * (P[3] + square * P[4]))));
    let y = 1.0 + (r * c / (2.0 - c) - lo + hi);
    let power = f64::from_bits((k + (SHIFT + BIAS)).to_bits() << MANTISSA_BITS);
    either(size < TINY, 1.0 + x, y * power)
}

/// Half the square of f, and s (f^2 / 2 + R) of ln(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R), s = f / (2 + f).
#[inline]
fn ln_tail(f: f64) -> (f64, f64) {
    const LG: [f64; 7] = [
        f64::from_bits(0x3FE5_5555_5555_5593),
        f64::from_bits(0x3FD9_9999_9997_FA04),
        f64::from_bits(0x3FD2_4924_9422_9359),
        f64::from_bits(0x3FCC_71C5_1D8E_78AF),
        f64::from_bits(0x3FC7_4664_96CB_03DE),
        f64::from_bits(0x3FC3_9A09_D078_C69F),
        f64::from_bits(0x3FC2_F112_DF3E_5244),
    ];
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let t1 = w * (LG[1] + w * (LG[3] + w * LG[5]));
    let t2 = z * (LG[0] + w * (LG[2] + w * (LG[4] + w * LG[6])));
    (half_square, s * (half_square + (t2 + t1)))
}

/// `e_log.c` for positive normal numbers.
#[inline]
fn ln_plain(x: f64) -> f64 {
    let bits = x.to_bits() + CARRY;
    let k = f64::from_bits((bits >> MANTISSA_BITS) | SHIFT.to_bits()) - (SHIFT + BIAS);
    let f = f64::from_bits((bits & MANTISSA) + ROOT) - 1.0;
    let (half_square, tail) = ln_tail(f);
    tail + k * LN2_LO - half_square + f + k * LN2_HI
}

/// `s_log1p.c` for numbers from 0 to 1.
#[inline]
fn ln_1p_plain(x: f64) -> f64 {
    // Least x with 1 + x above sqrt(2), by high word; 2^-53.
    const STEP: f64 = f64::from_bits(0x3FDA_827A_0000_0000);
    const TINY: f64 = f64::from_bits(0x3CA0_0000_0000_0000);
    let sum = 1.0 + x;
    let bits = sum.to_bits() + CARRY;
    let direct = x < STEP;
    let k = only(!direct, f64::from_bits((bits >> MANTISSA_BITS) | SHIFT.to_bits()) - (SHIFT + BIAS));
    let lost = only(!direct, (x - (sum - 1.0)) / sum);
    let f = either(direct, x, f64::from_bits((bits & MANTISSA) + ROOT) - 1.0);
    let (half_square, tail) = ln_tail(f);
    either(x < TINY, x, tail + (k * LN2_LO + lost) - half_square + f + k * LN2_HI)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Seed;
    use crate::rng::{Draws, Purpose};

    /// Numbers of every size: near nought, around the steps of the reductions, over the whole range, and any bits at all.
    fn numbers() -> Vec<f64> {
        let draws = Draws::new(Seed(1), Purpose::Test);
        let spread = |i: u64| {
            let block = draws.block(i, 0);
            let centred = block.uniform() - 0.5;
            let small = f64::from_bits((u64::from(i as u32 % 60) + 963) << MANTISSA_BITS);
            [centred * 1_500.0, centred * 4.0, centred * 1.2, centred * small, f64::from_bits(block.hash())]
        };
        let edges = [0.0, -0.0, 1.0, PLAIN, -PLAIN, 709.8, -745.2, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::INFINITY];
        let high = [0x3FD6_2E43_u64, 0x3FF0_A2B2, 0x3E30_0001, 0x3FE6_A09E, 0x3FF6_A09E, 0x3FDA_827A, 0x3CA0_0000];
        let steps = high.map(|high| high << 32);
        let around = steps.iter().flat_map(|bits| [bits - 1, *bits, bits + 1].map(f64::from_bits));
        let edges: Vec<f64> = edges.into_iter().chain(around).flat_map(|x| [x, -x]).chain([f64::NAN]).collect();
        edges.into_iter().chain((0..40_000).flat_map(spread)).collect()
    }

    fn same(found: f64, wanted: f64) -> bool {
        found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan()
    }

    #[test]
    fn many_at_once_have_the_bits_of_one_by_one() {
        let numbers = numbers();
        let (mut powers, mut logs) = (numbers.clone(), numbers.clone());
        exp_each(&mut powers);
        ln_each(&mut logs);
        for ((x, power), ln) in numbers.iter().zip(powers).zip(logs) {
            assert!(same(power, math::exp(*x)), "exp {x:e}: {power:e}");
            assert!(same(ln, math::ln(*x)), "ln {x:e}: {ln:e}");
        }
    }

    #[test]
    fn many_logarithms_of_one_more_have_the_bits_of_one_by_one() {
        // Those of the numbers at hand that lie between 0 and 1, blocks of them alone, and all numbers in blocks that mix them.
        let within = numbers().into_iter().map(f64::abs).filter(|x| *x <= 1.0);
        let numbers: Vec<f64> = within.chain([0.0, 1.0, 1.0 - f64::EPSILON]).chain(numbers()).collect();
        let mut logs = numbers.clone();
        each(&mut logs, 0.0, |x| (0.0..=1.0).contains(&x), ln_1p_plain, math::ln_1p);
        for (x, ln) in numbers.iter().zip(logs) {
            assert!(same(ln, math::ln_1p(*x)), "ln(1 + {x:e}): {ln:e}");
        }
    }

    #[test]
    fn many_odds_have_the_bits_of_one_by_one() {
        let plain = numbers().into_iter().filter(|x| x.abs() < 750.0);
        let numbers: Vec<f64> = plain.chain(numbers()).collect();
        // The edges come first; from 200 on all of a block are plain.
        for numbers in [&numbers[..], &numbers[..13], &numbers[200..203], &numbers[200..208], &numbers[200..213]] {
            let (mut lns, mut rests) = (numbers.to_vec(), vec![0.0; numbers.len()]);
            ln_logistic_and_rest_each(&mut lns, &mut rests);
            for ((x, ln), rest) in numbers.iter().zip(lns).zip(rests) {
                let (wanted_ln, wanted_rest) = math::ln_logistic_and_rest(*x);
                assert!(same(ln, wanted_ln) && same(rest, wanted_rest), "{x:e}: {ln:e}, {rest:e}");
            }
        }
    }

    #[test]
    fn any_length_and_place_gives_the_same() {
        let numbers: Vec<f64> = (0_u8..40).map(|i| f64::from(i) * 0.37 + 0.01).collect();
        for start in 0..LANES {
            for end in start..numbers.len() {
                let (mut powers, mut logs) = (numbers[start..end].to_vec(), numbers[start..end].to_vec());
                exp_each(&mut powers);
                ln_each(&mut logs);
                assert!(numbers[start..end].iter().zip(&powers).all(|(x, y)| same(*y, math::exp(*x))));
                assert!(numbers[start..end].iter().zip(&logs).all(|(x, y)| same(*y, math::ln(*x))));
            }
        }
    }
}
