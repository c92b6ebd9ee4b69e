//! Short versions of the suites over simulated worlds: that they run to their end, and keep their worlds. What they find is for the long
//! versions to say.

mod place;

use exitvoice::command::Silent;
use exitvoice::command::check::{CheckOptions, check};
use place::Place;

fn runs(name: &str, worlds: u32, items: usize) {
    let place = Place::new();
    let out = place.folder.path().join("out");
    let options = CheckOptions {
        name: name.to_owned(),
        n: Some(worlds),
        reference: None,
        out: Some(out.clone()),
        machine: place.machine(2),
    };
    let found = check(&options, &mut Silent).expect("runs");
    assert_eq!(
        (found.items.len(), found.items.iter().filter(|item| !item.passed).count()),
        (items, 0),
        "{:?}",
        found.items
    );
    assert!(out.join(format!("worlds-{name}.json")).is_file());
    let again = check(&options, &mut Silent).expect("from the worlds kept");
    assert_eq!(found.items, again.items);
}

#[test]
fn a_world_of_simulation_based_calibration() {
    runs("sbc", 1, 18);
}

#[test]
fn a_world_with_fabricated_claims() {
    runs("adversarial", 1, 2);
}

#[test]
fn a_world_whose_sources_slow_down() {
    runs("nowcast", 1, 5);
}
