//! # Hostage weight
//! How much a soldier has to lose at home.
//!
//! ## Equation
//! `H = (1 / mean) sum over living kin of closeness(d) x dependency`
//! ## Symbols
//! d: degree of kinship (chon), 0 for a spouse; closeness 1, 1, .5, .2, 0 for d = 0..4; dependency: 1 for those who live
//! with him, are under 17 or over 60, else `apart`; mean: [`BASELINE_MEAN`], of the eligible of the default country, a definition
//! ## Resolution
//! once, when the Society is frozen; never re-scaled in a scenario: where families are smaller there is less to lose
//! ## Not modelled
//! quarrels, second families, kin abroad
//! ## Sources
//! weights of guilt by association: three generations, falling with degree (`CP` rows of `sources.csv`)
//! ## Claims
//! C1 distant kin weigh nothing (`closeness_falls_with_degree`)

use exitvoice_core::Params;
use exitvoice_core::quantity::Share;

/// Parameters of the hostage weight.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "home.hostage", part = Force)]
pub struct Params {
    /// Initial belief that kin will be punished.
    #[param(symbol = "b", default = "0.6", prior = "beta(6, 4)", grade = Assumed, why = "prototype value; moves only when the fate of kin becomes known")]
    pub belief: Share,
}

/// Mean weight of the eligible of the default country at scale 1 and seed 1, before division: the unit of H, a definition, measured once (60,000
/// candidates, m10.0); later countries have means near 1 in it, not exactly 1.
pub const BASELINE_MEAN: f64 = 4.1388;

/// Closeness by degree 0 to 4.
pub const CLOSENESS: [f64; 5] = [1.0, 1.0, 0.5, 0.2, 0.0];
/// Dependency of adult kin who live elsewhere.
pub const APART: f64 = 0.5;
/// Ages between which kin who live elsewhere count as independent, in years.
pub const INDEPENDENT_YEARS: std::ops::Range<f64> = 17.0..60.0;

/// Weight of one living relative.
#[must_use]
pub fn weight(degree: u8, lives_with_him: bool, age_years: f64) -> f64 {
    let dependency = if lives_with_him || !INDEPENDENT_YEARS.contains(&age_years) { 1.0 } else { APART };
    CLOSENESS.get(degree as usize).copied().unwrap_or(0.0) * dependency
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
mod tests {
    use super::*;

    #[test]
    fn closeness_falls_with_degree() {
        for degree in 0..4 {
            assert!(weight(degree, true, 40.0) >= weight(degree + 1, true, 40.0));
        }
        assert_eq!(weight(4, true, 10.0), 0.0);
        assert_eq!(weight(9, true, 10.0), 0.0);
        assert_eq!(weight(1, false, 30.0), 0.5);
        assert_eq!(weight(1, false, 70.0), 1.0);
    }
}
