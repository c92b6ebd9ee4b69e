//! A14: schedules of mortality and marriage.

use super::Area;
use crate::check::Item;
use exitvoice_core::math;
use exitvoice_model::society::measures::years_lived;
use exitvoice_model::society::nuptiality::Nuptiality;

/// Known answers of demography.
pub(super) const AREA: Area =
    Area { name: "demography", run: |_request| Ok(vec![gompertz(), mean_of_schedule(), spread_of_schedule()]) };

fn gompertz() -> Item {
    const LEVEL: f64 = 5e-5;
    const SLOPE: f64 = 0.09;
    const WIDTH_YEARS: f64 = 0.05;
    let cumulative = |age: f64| LEVEL / SLOPE * math::exp_m1(SLOPE * age);
    // Mean hazard of each interval, so that survival to each of its ends is exact.
    let interval = |i: u32| {
        let from = f64::from(i) * WIDTH_YEARS;
        (WIDTH_YEARS, (cumulative(from + WIDTH_YEARS) - cumulative(from)) / WIDTH_YEARS)
    };
    Item::near(
        "A14 life expectancy of a Gompertz table, years",
        years_lived((0..INTERVALS).map(interval)),
        76.92,
        0.006,
        "integral of exp(-(a/b)(e^(bx)-1)), a = 5e-5, b = .09, given to two decimals",
    )
}

/// Up to the age of 150.
const INTERVALS: u32 = 3_000;
const DRAWS: u32 = 200_000;

fn moments() -> (f64, f64) {
    let schedule = Nuptiality::new();
    let draws = || (0..DRAWS).map(|i| schedule.quantile((f64::from(i) + 0.5) / f64::from(DRAWS)));
    let mean = draws().sum::<f64>() / f64::from(DRAWS);
    (mean, (draws().map(|z| (z - mean) * (z - mean)).sum::<f64>() / f64::from(DRAWS)).sqrt())
}

/// Mean and standard deviation of the standard schedule of Coale and McNeil, in years.
const STANDARD: (f64, f64) = (11.358, 6.582);

fn mean_of_schedule() -> Item {
    let mean = STANDARD.0 + STANDARD.1 * moments().0;
    let reason = "Coale and McNeil 1972; the standardised schedule that draws ages at marriage has four digits";
    Item::near("A14 mean of the Coale-McNeil standard, years", mean, STANDARD.0, 0.015, reason)
}

fn spread_of_schedule() -> Item {
    let reason = "Coale and McNeil 1972; the standardised schedule that draws ages at marriage has four digits";
    Item::near(
        "A14 standard deviation of the Coale-McNeil standard, years",
        STANDARD.1 * moments().1,
        STANDARD.1,
        0.02,
        reason,
    )
}
