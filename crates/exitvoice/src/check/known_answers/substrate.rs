//! Draws, special functions, competing risks and embedded data.

use super::Area;
use crate::check::Item;
use exitvoice_core::hazard::cumulative_incidence;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, Hazard};
use exitvoice_core::rng::philox::philox4x32_10;

/// Known answers of the substrate.
pub(super) const AREA: Area = Area {
    name: "substrate",
    run: |_request| {
        let mut items = philox();
        items.extend(quantiles());
        items.extend([competing(), embedded()]);
        Ok(items)
    },
};

fn philox() -> Vec<Item> {
    const ANSWERS: [(&str, [u32; 4], [u32; 2], &str); 3] = [
        ("all zeros", [0; 4], [0; 2], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("all ones", [u32::MAX; 4], [u32::MAX; 2], "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            "digits of pi",
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ];
    let words = |w: [u32; 4]| w.map(|x| format!("{x:08x}")).join(" ");
    let item = |(input, counter, key, expected): (&str, [u32; 4], [u32; 2], &str)| {
        let reason = "published with the generator (Random123); exact";
        Item::equal(format!("philox4x32-10 of {input}"), words(philox4x32_10(counter, key)), expected, reason)
    };
    ANSWERS.into_iter().map(item).collect()
}

fn quantiles() -> Vec<Item> {
    const ANSWERS: [(f64, f64); 3] = [(0.975, 1.959_963_984_540_054), (0.5, 0.0), (1e-10, -6.361_340_902_404_056)];
    let item = |(p, expected): (f64, f64)| {
        let reason = "computed to 16 digits in arbitrary precision; a few units in the last place";
        Item::near(format!("normal quantile at {p}"), math::normal_quantile(p), expected, 1e-14, reason)
    };
    ANSWERS.into_iter().map(item).collect()
}

fn competing() -> Item {
    let found = cumulative_incidence(Hazard::per_day(1.5e-4), Hazard::per_day(0.005), Days(120.0)).value() * 1_000.0;
    Item::near(
        "A7 competing risks: exits per 1,000 in 120 days",
        found,
        13.43,
        0.005,
        "h_x/(h_d+h_x)(1-exp(-(h_d+h_x)T)), given to two decimals; without the competing risk it would be 17.84",
    )
}

fn embedded() -> Item {
    let wrong = crate::data::verify();
    let found = if wrong.is_empty() { "every file".to_owned() } else { format!("not {}", wrong.join(", ")) };
    Item::equal("embedded data have the hashes of their manifest", found, "every file", "SHA-256; exact")
}
