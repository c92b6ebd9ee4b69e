//! The force: thresholds, branching, learning, informers, and how far word of an exit carries.

use super::Area;
use crate::check::Item;
use exitvoice_core::hazard::Clock;
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_model::decision::{affect, threshold};
use exitvoice_model::mechanism::surveillance::denunciation;

/// Known answers of the force.
pub(super) const AREA: Area = Area {
    name: "force",
    run: |_request| {
        let mut items = crowds();
        items.extend(ladders());
        items.extend(branching());
        items.extend(informers());
        items.extend(learning());
        items.push(word());
        Ok(items)
    },
};

fn crowds() -> Vec<Item> {
    const ANSWERS: [(f64, f64); 4] = [(0.10, 0.0077), (0.12, 0.0402), (0.20, 0.9999), (0.50, 0.9049)];
    let item = |(sd, expected): (f64, f64)| {
        let name = format!("A1 Granovetter: share who leave at thresholds N(.25, {sd})");
        Item::near(
            name,
            threshold::crowd(0.25, sd),
            expected,
            5e-5,
            "lowest fixed point of r = Phi((r - .25)/sd), to four decimals",
        )
    };
    let mut items: Vec<Item> = ANSWERS.into_iter().map(item).collect();
    // On either side of sigma_c = .1222209, where the curve touches the diagonal at r = .0620.
    for (sd, range, reason) in [
        (0.122_22, [0.055, 0.0620], "just short of sigma_c = .1222209: below the tangency at .0620"),
        (0.122_23, [0.99, 1.0], "just past sigma_c = .1222209 nearly all leave"),
        (0.122_5, [0.99, 1.0], "past sigma_c = .1222209 nearly all leave"),
    ] {
        let name = format!("A1 Granovetter: share at thresholds N(.25, {sd})");
        items.push(Item::between(name, threshold::crowd(0.25, sd), range, reason));
    }
    items
}

fn ladders() -> Vec<Item> {
    let whole: Vec<f64> = (0..100).map(f64::from).collect();
    let mut broken = whole.clone();
    broken[1] = 2.0;
    let item = |name, thresholds: &[f64], expected: &str| {
        Item::equal(name, threshold::cascade(thresholds).to_string(), expected, "each rung brings the next; exact")
    };
    vec![
        item("A2 ladder of thresholds 0 to 99: how many leave", &whole, "100"),
        item("A2 the same with the 1 replaced by a 2", &broken, "1"),
    ]
}

/// Galton and Watson with Poisson offspring, drawn by the sampler that the program uses.
fn branching() -> Vec<Item> {
    const LINES: u64 = 4_000;
    const SURVIVES: u64 = 400;
    let draws = Draws::new(Seed(6), Purpose::Synthetic);
    let progeny = |m: f64, line: u64| {
        let (mut alive, mut all) = (1_u64, 1_u64);
        while alive > 0 && all < SURVIVES {
            let children = sample::poisson(draws.uniform(line, all - alive), m);
            alive = alive - 1 + children;
            all += children;
        }
        (alive == 0).then_some(all as f64)
    };
    let mut items = Vec::new();
    for (m, expected) in [(1.2, 0.6863), (1.5, 0.4172), (2.0, 0.2032)] {
        let dead = (0..LINES).filter(|line| progeny(m, *line).is_some()).count() as f64 / LINES as f64;
        let error = (expected * (1.0 - expected) / LINES as f64).sqrt();
        let reason = "four Monte-Carlo standard errors of 4,000 lines; a line of 400 dies out with chance below 1e-9 at m 1.5 and above";
        items.push(Item::near(
            format!("A6 Galton-Watson: extinction at m = {m}"),
            dead,
            expected,
            4.0 * error + 1e-3,
            reason,
        ));
    }
    let m: f64 = 0.5;
    let sizes: Vec<f64> = (0..LINES).filter_map(|line| progeny(m, line)).collect();
    let mean = sizes.iter().sum::<f64>() / LINES as f64;
    let variance = sizes.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (LINES as f64 - 1.0);
    let error = (m / ((1.0 - m) * (1.0 - m) * (1.0 - m)) / LINES as f64).sqrt();
    let reason = "1/(1-m); four standard errors from the variance m/(1-m)^3";
    items.push(Item::near("A6 Galton-Watson: total progeny at m = .5", mean, 1.0 / (1.0 - m), 4.0 * error, reason));
    // Fourth cumulant of the Borel law at m = .5: m (1 + 8 m + 6 m^2) / (1 - m)^7 = 416; the variance of a sample variance follows.
    let expected = m / ((1.0 - m) * (1.0 - m) * (1.0 - m));
    let error = ((416.0 + 2.0 * expected * expected) / LINES as f64).sqrt();
    let reason = "m/(1-m)^3; four standard errors of a sample variance, from the fourth cumulant of the Borel law";
    items.push(Item::near(
        "A6 Galton-Watson: variance of the total progeny at m = .5",
        variance,
        expected,
        4.0 * error,
        reason,
    ));
    items
}

fn informers() -> Vec<Item> {
    [(0.001, 6.0 / 105.9), (0.01, 6.0 / 15.9), (0.05, 30.0 / 39.5)]
        .into_iter()
        .map(|(prevalence, expected)| {
            let name = format!("A13 worth of a denunciation at prevalence {prevalence}");
            let found = denunciation::predictive_value(0.6, 0.01, prevalence);
            Item::near(name, found, expected, 1e-12, "s pi/(s pi + f (1 - pi)) with s = .6, f = .01; rounding")
        })
        .collect()
}

fn learning() -> Vec<Item> {
    let strength = (0..10).fold(0.0, |v, _| affect::learn(0.1, v, 1.0));
    let draws = Draws::new(Seed(16), Purpose::Synthetic);
    let n = 20_000_u64;
    // A clock against the cumulative hazard (t / 100)^2 fires at a Weibull time of shape 2 and scale 100.
    let time = |i: u64| {
        let mut clock = Clock::new(draws.resistance(i, 0));
        clock.set_personal(0.0, 1.0);
        100.0 * clock.threshold().sqrt()
    };
    let mean = (0..n).map(time).sum::<f64>() / n as f64;
    let mut items = vec![
        Item::near(
            "A16 Rescorla-Wagner: strength after ten trials",
            strength,
            1.0 - math::pow(0.9, 10.0),
            1e-12,
            "1 - .9^10 = .651; rounding",
        ),
        Item::near(
            "A16 Weibull(2, 100): mean of clock times",
            mean,
            88.62,
            4.0 * 46.33 / (n as f64).sqrt(),
            "four standard errors; the standard deviation is 46.33",
        ),
    ];
    let values = crate::registry::all();
    let default =
        |key: &str| values.iter().find(|m| m.key == key).and_then(|m| m.default_value().ok()).unwrap_or(f64::NAN);
    let strength = default("mind.belief.penalty_strength");
    let found = (strength * default("home.hostage.belief")) / (strength + 10.0);
    items.push(Item::near(
        "A16 belief of .6 after ten unpunished cases",
        found,
        0.30,
        1e-12,
        "mean of Beta(6, 14); rounding",
    ));
    items
}

/// Follow-on exits per exit, battalions only: a = gamma kappa, (Ei(a) - ln a - .5772)/d x (rho (m - n) + n - 1) lambda0 (1 - q).
fn word() -> Item {
    let (kappa, decay, gamma, rho, m, n, rate, caught) = (0.5, 0.03, 1.5, 0.15, 500.0, 10.0, 1.5e-4, 0.5);
    let a: f64 = gamma * kappa;
    let mut term = 1.0;
    let series = (1..40).fold(0.0, |sum, k| {
        term *= a / f64::from(k);
        sum + term / f64::from(k)
    });
    let found = series / decay * (rho * (m - n) + n - 1.0) * rate * (1.0 - caught);
    Item::near(
        "A15 follow-on exits per exit inside a battalion",
        found,
        0.189,
        5e-4,
        "given to three decimals; below 1, and free of the size of the force",
    )
}
