//! Mathematical functions with the same bits on every platform: `libm` 0.2 and arithmetic only.
//!
//! Special functions that `libm` lacks are written here; tests hold them to values of SciPy 1.11 and mpmath 1.3.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// e^x.
#[inline]
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}
/// Natural logarithm.
#[inline]
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}
/// -ln(u) of a uniform draw, or `None` where it cannot be below `limit`: it is at least 1 - u, so that most of those above need no logarithm.
/// Some that are returned are above it as well.
#[inline]
#[must_use]
pub fn resistance_below(u: f64, limit: f64) -> Option<f64> {
    // Further off than any rounding of either side.
    const ROOM: f64 = 1e-9;
    (1.0 - u <= limit * (1.0 + ROOM)).then(|| -ln(u))
}
/// ln(1 + x), accurate near zero.
#[inline]
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}
/// e^x - 1, accurate near zero.
#[inline]
#[must_use]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}
/// x^y.
#[inline]
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}
/// Logarithm to base ten.
#[inline]
#[must_use]
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}
/// Hyperbolic tangent.
#[inline]
#[must_use]
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}
/// Sine.
#[inline]
#[must_use]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}
/// Cosine.
#[inline]
#[must_use]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}
/// Natural logarithm of |gamma(x)|.
#[inline]
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}
/// 1 / (1 + e^-x), in (0, 1).
#[inline]
#[must_use]
pub fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}
/// ln(p / (1 - p)).
#[inline]
#[must_use]
pub fn logit(p: f64) -> f64 {
    ln(p) - ln_1p(-p)
}
/// ln(logistic(x)), without overflow.
#[inline]
#[must_use]
pub fn ln_logistic(x: f64) -> f64 {
    if x >= 0.0 { -ln_1p(exp(-x)) } else { x - ln_1p(exp(x)) }
}

/// ln p and 1 - p of p = [`logistic`] `(x)`, from one exponential: the bits of [`ln_logistic`] `(x)` and [`logistic`] `(-x)`.
#[inline]
#[must_use]
pub fn ln_logistic_and_rest(x: f64) -> (f64, f64) {
    let e = exp(-x.abs());
    let ln = -ln_1p(e);
    if x > 0.0 { (ln, e / (1.0 + e)) } else { (x + ln, 1.0 / (1.0 + e)) }
}

/// ln(e^a + e^b).
#[inline]
#[must_use]
pub fn ln_add_exp(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + ln_1p(exp(low - high)) }
}

/// ln of the sum of exponentials, in slice order; minus infinity for an empty slice.
#[must_use]
pub fn ln_sum_exp(values: &[f64]) -> f64 {
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if high == f64::NEG_INFINITY {
        return high;
    }
    high + ln(values.iter().map(|v| exp(v - high)).sum::<f64>())
}

/// Standard normal density.
#[inline]
#[must_use]
pub fn normal_pdf(x: f64) -> f64 {
    exp(-0.5 * x * x) / libm::sqrt(2.0 * PI)
}
/// Log density of N(mean, sd^2) at x.
#[inline]
#[must_use]
pub fn normal_ln_pdf(x: f64, mean: f64, sd: f64) -> f64 {
    let z = (x - mean) / sd;
    -0.5 * z * z - ln(sd) - 0.5 * ln(2.0 * PI)
}
/// Standard normal distribution function.
#[inline]
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// ln of the standard normal distribution function, accurate far into the lower tail (Abramowitz & Stegun 26.2.12 below -30).
#[must_use]
pub fn normal_ln_cdf(x: f64) -> f64 {
    if x > -30.0 {
        return ln(normal_cdf(x));
    }
    let r = 1.0 / (x * x);
    -0.5 * x * x - ln(-x) - 0.5 * ln(2.0 * PI) + ln_1p(-r * (1.0 - 3.0 * r * (1.0 - 5.0 * r)))
}

/// Quantile of the standard normal at `p` in (0, 1): Wichura 1988, algorithm AS 241 (PPND16), relative error about 1e-16.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(r, &AS241_A) / polynomial(r, &AS241_B);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = libm::sqrt(-ln(tail));
    let size = if r <= 5.0 {
        let r = r - 1.6;
        polynomial(r, &AS241_C) / polynomial(r, &AS241_D)
    } else {
        let r = r - 5.0;
        polynomial(r, &AS241_E) / polynomial(r, &AS241_F)
    };
    if q < 0.0 { -size } else { size }
}

fn polynomial(x: f64, coefficients: &[f64; 8]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

const AS241_A: [f64; 8] = [
    3.387_132_872_796_366_6,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const AS241_B: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_545e3,
];
const AS241_C: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const AS241_D: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const AS241_E: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const AS241_F: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

/// Regularised lower incomplete gamma function P(a, x): series below a + 1, continued fraction above (Numerical Recipes 6.2).
#[must_use]
pub fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let scale = exp(a * ln(x) - x - ln_gamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * EPSILON {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return scale * sum;
    }
    let (mut b, mut c) = (x + 1.0 - a, 1.0 / TINY);
    let (mut d, mut h) = (1.0 / b, 1.0 / b);
    for i in 1..MAX_TERMS {
        let i = f64::from(i);
        let an = -i * (i - a);
        b += 2.0;
        d = 1.0 / away_from_zero(an * d + b);
        c = away_from_zero(b + an / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < EPSILON {
            break;
        }
    }
    1.0 - scale * h
}

/// Regularised incomplete beta function I_x(a, b) by Lentz's continued fraction (Numerical Recipes 6.4).
#[must_use]
pub fn beta_inc(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * ln(x) + b * ln_1p(-x));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..MAX_TERMS {
        let m = f64::from(m);
        for coefficient in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            h *= d * c;
        }
        if (d * c - 1.0).abs() < EPSILON {
            break;
        }
    }
    h
}

const EPSILON: f64 = 1e-16;
const TINY: f64 = 1e-300;
const MAX_TERMS: u32 = 10_000;

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// ln of the beta function B(a, b).
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// ln of the binomial coefficient n over k.
#[must_use]
pub fn ln_choose(n: f64, k: f64) -> f64 {
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

/// Point in (low, high) at which an increasing function reaches `target`, by bisection to the last bit.
#[must_use]
pub fn bisect(mut low: f64, mut high: f64, target: f64, f: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = low + (high - low) * 0.5;
        if middle <= low || middle >= high {
            return middle;
        }
        if f(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs().max(1e-300), "{found} against {expected}");
    }

    #[test]
    fn a_resistance_is_kept_back_only_where_it_is_above_the_limit() {
        let (mut kept_back, mut below) = (0, 0);
        for u in (1..1_000).map(|i| f64::from(i) / 1_000.0).chain([f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0]) {
            for limit in [0.0, 1e-12, 0.01, 0.3, 1.0, 5.0, 1_000.0, -ln(u), 1.0 - u] {
                match resistance_below(u, limit) {
                    Some(resistance) => assert_eq!(resistance.to_bits(), (-ln(u)).to_bits()),
                    None => assert!(-ln(u) >= limit, "{u} {limit}"),
                }
                kept_back += u32::from(resistance_below(u, limit).is_none());
                below += u32::from(-ln(u) < limit);
            }
        }
        assert!(kept_back > 2_000 && below > 2_000, "{kept_back} {below}");
    }

    #[test]
    fn one_exponential_gives_the_bits_of_two() {
        for x in [-800.0, -30.5, -1.25, -1e-9, -0.0, 0.0, 1e-9, 0.7, 29.0, 800.0] {
            let (ln, rest) = ln_logistic_and_rest(x);
            assert_eq!([ln, rest].map(f64::to_bits), [ln_logistic(x), logistic(-x)].map(f64::to_bits), "{x}");
        }
    }

    #[test]
    fn special_functions_agree_with_scipy() {
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-15);
        close(normal_quantile(1e-10), -6.361_340_902_404_056, 1e-14);
        close(normal_quantile(0.3), -0.524_400_512_708_040_9, 1e-14);
        close(normal_cdf(-3.0), 0.001_349_898_031_630_094_5, 1e-13);
        close(normal_ln_cdf(-40.0), -804.608_442_013_754, 1e-12);
        close(gamma_p(4.0, 3.0), 0.352_768_111_217_769_3, 1e-13);
        close(gamma_p(0.5, 8.0), 0.999_936_657_516_333_8, 1e-13);
        close(beta_inc(2.0, 8.0, 0.2), 0.563_792_384, 1e-12);
        close(beta_inc(19.0, 1.0, 0.95), 0.377_353_602_535_307_7, 1e-12);
        close(ln_choose(10.0, 3.0), 4.787_491_742_782_046, 1e-13);
        close(ln_add_exp(-1000.0, -1000.0), -999.306_852_819_440_1, 1e-14);
        close(logistic(-40.0), 4.248_354_255_291_589e-18, 1e-14);
    }

    /// Values to 18 digits by multiple-precision arithmetic of another program.
    #[test]
    fn every_function_agrees_with_multiple_precision() {
        close(pow(2.5, 1.5), 3.952_847_075_210_474, 1e-15);
        close(log10(7.0), 0.845_098_040_014_256_8, 1e-15);
        close(tanh(0.5), 0.462_117_157_260_009_76, 1e-15);
        close(sin(1.0), 0.841_470_984_807_896_5, 1e-15);
        close(cos(1.0), 0.540_302_305_868_139_7, 1e-15);
        close(exp_m1(1e-9), 1.000_000_000_5e-9, 1e-15);
        close(ln_1p(1e-9), 9.999_999_995e-10, 1e-15);
        close(ln_gamma(4.5), 2.453_736_570_842_442_2, 1e-15);
        close(logistic(1.5), 0.817_574_476_193_643_7, 1e-15);
        close(logistic(-1.5), 0.182_425_523_806_356_34, 1e-15);
        close(logit(0.2), -1.386_294_361_119_890_6, 1e-15);
        close(ln_logistic(2.0), -0.126_928_011_042_972_5, 1e-14);
        close(ln_logistic(-2.0), -2.126_928_011_042_972_5, 1e-15);
        close(ln_logistic(-800.0), -800.0, 1e-15);
        close(ln_sum_exp(&[0.5, -1.0, 2.0]), 2.241_311_296_657_157, 1e-15);
        close(ln_add_exp(1.0, 3.0), 3.126_928_011_042_972_5, 1e-15);
        close(ln_add_exp(3.0, 1.0), 3.126_928_011_042_972_5, 1e-15);
        close(normal_pdf(0.7), 0.312_253_933_366_761_26, 1e-15);
        close(normal_ln_pdf(1.0, 2.0, 0.5), -2.225_791_352_644_727_4, 1e-15);
        close(normal_cdf(1.2), 0.884_930_329_778_291_7, 1e-14);
        close(normal_ln_cdf(-2.0), -3.783_184_333_682_032, 1e-14);
        close(normal_ln_cdf(-30.5), -469.462_737_322_912_1, 1e-11);
        close(normal_quantile(1e-4), -3.719_016_485_455_680_6, 1e-15);
        close(normal_quantile(0.6), 0.253_347_103_135_799_8, 1e-14);
        close(ln_beta(2.5, 3.5), -3.301_835_269_962_053, 1e-14);
    }

    /// On both sides of the places where series, fraction and symmetry change over.
    #[test]
    fn incomplete_gamma_and_beta_agree_with_multiple_precision_in_every_branch() {
        for (a, x, expected) in [
            (2.5, 1.0, 0.150_854_963_915_390_36),
            (2.5, 3.4, 0.764_055_462_305_478_6),
            (2.5, 3.6, 0.793_814_080_290_444_1),
            (2.5, 9.0, 0.997_053_595_412_119_7),
            (30.0, 20.0, 0.021_818_217_525_557_392),
            (30.0, 45.0, 0.992_662_800_702_203_5),
        ] {
            close(gamma_p(a, x), expected, 1e-12);
        }
        for (a, b, x, expected) in [
            (2.5, 1.5, 0.3, 0.088_943_723_170_665_6),
            (2.5, 1.5, 0.9, 0.902_119_357_058_620_2),
            (40.0, 60.0, 0.3, 0.017_592_508_468_930_087),
            (40.0, 60.0, 0.45, 0.846_224_797_681_398_7),
        ] {
            close(beta_inc(a, b, x), expected, 1e-11);
            close(beta_inc(b, a, 1.0 - x), 1.0 - expected, 1e-11);
        }
        let ends = [gamma_p(2.0, 0.0), gamma_p(2.0, -1.0), beta_inc(2.0, 3.0, 0.0), beta_inc(2.0, 3.0, 1.0)];
        assert_eq!(ends.map(f64::to_bits), [0.0, 0.0, 0.0, 1.0].map(f64::to_bits));
    }

    #[test]
    fn sums_of_nothing_are_minus_infinity_and_nothing_adds_nothing() {
        assert_eq!(ln_sum_exp(&[]).to_bits(), f64::NEG_INFINITY.to_bits());
        assert_eq!(ln_sum_exp(&[f64::NEG_INFINITY; 2]).to_bits(), f64::NEG_INFINITY.to_bits());
        assert_eq!(ln_add_exp(f64::NEG_INFINITY, 2.0).to_bits(), 2.0_f64.to_bits());
        assert_eq!(ln_add_exp(f64::NEG_INFINITY, f64::NEG_INFINITY).to_bits(), f64::NEG_INFINITY.to_bits());
    }

    #[test]
    fn the_normal_quantile_inverts_the_distribution_function() {
        for i in 1..200 {
            let p = f64::from(i) / 200.0;
            close(normal_cdf(normal_quantile(p)), p, 1e-13);
        }
    }
}
