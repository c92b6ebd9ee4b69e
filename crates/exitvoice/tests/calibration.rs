//! Short versions of the suites over simulated worlds: that they run to their end, and keep their worlds. What they find is for the long
//! versions to say.

mod place;

use exitvoice::command::check::{CheckOptions, CheckOutcome, check};
use exitvoice::command::{Event, Outcome, Progress, Silent};
use place::Place;

/// Hears what a suite notes.
#[derive(Default)]
struct Notes(Vec<String>);

impl Progress for Notes {
    fn event(&mut self, event: Event) {
        if let Event::Note(words) = event {
            self.0.push(words);
        }
    }
}

/// What a suite finds in simulated worlds, and again in the same worlds as they were kept.
fn twice(name: &str, worlds: u32) -> CheckOutcome {
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
    assert!(out.join(format!("worlds-{name}.json")).is_file());
    let mut heard = Notes::default();
    let again = check(&options, &mut heard).expect("from the worlds kept");
    let kept = format!("{worlds} worlds stand in");
    assert!(heard.0.iter().any(|words| words.starts_with(&kept)), "{:?}", heard.0);
    // As JSON: a tolerance that is no number, which one world may leave, equals nothing.
    assert_eq!(found.to_json()["items"], again.to_json()["items"]);
    found
}

fn runs(name: &str, worlds: u32, items: usize) {
    let found = twice(name, worlds);
    assert_eq!(
        (found.items.len(), found.items.iter().filter(|item| !item.passed).count()),
        (items, 0),
        "{:?}",
        found.items
    );
}

#[test]
fn a_world_of_simulation_based_calibration() {
    runs("sbc", 1, 20);
}

#[test]
fn a_world_with_fabricated_claims() {
    runs("adversarial", 1, 2);
}

#[test]
fn a_world_whose_sources_slow_down() {
    runs("nowcast", 1, 5);
}

#[test]
fn a_world_in_which_hostages_may_or_may_not_deter() {
    // One world has no standard error to be judged by: the probability is told all the same.
    let found = twice("recovery", 1);
    let [_, answered] = &found.items[..] else { panic!("two items: {:?}", found.items) };
    assert!(answered.passed, "{answered:?}");
    let probability = found.to_json()["items"][0]["value"].as_f64();
    assert!(probability.is_some_and(|p| p > 0.0 && p < 1.0), "{probability:?}");
}

#[test]
#[ignore = "builds the country at its true size, 3.3 GB and some minutes: cargo xtask ci --full"]
fn a_world_of_simulation_based_calibration_on_the_whole_force() {
    runs("sbc-whole", 1, 20);
}
