//! Means of rows, and their slopes, which only the proposal uses: a wrong slope leaves every answer right and makes it dear.

use super::*;
use crate::ObserverLaws;
use crate::import::{File, ImportSettings, Returns, Waves, import};
use crate::toy::quiet;
use exitvoice_core::time::Day;

/// One row of each quantity whose mean is its own formula.
const CLAIMS: &str = "\
id,quantity,form,low,value,high,window_from,as_of,published,population,source_key,source_type,cluster,source_grade,info_grade,modelled,reason,revises,declared_floor,first_wave_only
A1,casualties,about,,900,,,1970-02-20,1970-02-21,dprk,nis,intelligence_agency,a,B,3,yes,,,,
A2,killed,about,,150,,,1970-02-20,1970-02-21,dprk,nis,intelligence_agency,a,B,3,yes,,,,
A3,wounded,about,,700,,,1970-02-20,1970-02-21,dprk,ua_mod,official,b,C,3,yes,,,,
";

fn settings() -> ImportSettings {
    ImportSettings {
        day_zero: Day(0),
        last_day: Day(204),
        soldiers: 14_000,
        waves: Waves::Fixed,
        returns: Returns::Modelled,
        view: None,
    }
}

#[test]
fn the_mean_of_a_row_moves_along_the_errors_as_its_slopes_say() {
    let set = import(&[File { name: "claims.csv", bytes: CLAIMS.as_bytes() }], None, &settings()).expect("valid");
    let mut layout = Layout::new(set.scored(), Day(0));
    assert_eq!(layout.rows.len(), 3);
    // The share killed of the same estimate.
    let share = CountRow { mean: Mean::ShareKilled, ..layout.rows[1].clone() };
    layout.rows.push(share);
    let mut world = quiet(60);
    for day in 10..50 {
        world.incidents[day] = 25;
        world.killed[day] = 4;
    }
    let laws = HyperLaws::new(&ObserverLaws::from_registry());
    let mut engine = Engine::new(&layout, &laws, 4, &world, Seed(2));
    engine.set_truth(1);
    for k in 0..layout.errors.len() {
        engine.work.errors[k] = 0.3 - 0.2 * (k % 4) as f64;
    }
    let step = 1e-5;
    for (number, row) in layout.rows.iter().enumerate() {
        let [_, by_level, by_split] = engine.mean(number);
        let mut moved = 0;
        for k in 0..layout.errors.len() {
            let mut at = |offset: f64| {
                engine.work.errors[k] += offset;
                let mean = engine.mean(number)[0];
                engine.work.errors[k] -= offset;
                mean
            };
            let found = (at(step) - at(-step)) / (2.0 * step);
            let of =
                |slope: f64, indices: &[usize]| if indices.contains(&k) { slope * engine.work.scale[k] } else { 0.0 };
            let told = of(by_level, &row.level) + of(by_split, &row.split);
            assert!((found - told).abs() < 1e-7, "{:?}, error {k}: {found} and {told}", row.mean);
            moved += usize::from(found.abs() > 1e-3);
        }
        assert!(moved > 0, "{:?}", row.mean);
    }
    // Share and complement of the same estimate.
    let share = math::exp(engine.mean(3)[0]);
    let [all, killed, wounded] = [0, 1, 2].map(|row| engine.mean(row));
    assert!(share > 0.0 && share < 1.0 && killed[0] < all[0]);
    assert!((killed[2] - (1.0 - share)).abs() < 1e-12 && wounded[2] < 0.0);
    // All rows at once.
    engine.estimates.set_means(&layout, &engine.work);
    for (number, of) in engine.estimates.means.iter().enumerate() {
        assert_eq!(of.map(f64::to_bits), engine.mean(number).map(f64::to_bits));
    }
}

#[test]
fn a_row_of_the_first_contingent_reads_its_numbers_and_no_others() {
    let set = import(&[File { name: "claims.csv", bytes: CLAIMS.as_bytes() }], None, &settings()).expect("valid");
    let laws = HyperLaws::new(&ObserverLaws::from_registry());
    let mut alone = quiet(60);
    (alone.sent[2], alone.incidents[20], alone.killed[30]) = (3_000, 700, 90);
    let mut among_others = quiet(60);
    (among_others.sent_first[2], among_others.incidents_first[20], among_others.killed_first[30]) = (3_000, 700, 90);
    (among_others.sent[2], among_others.incidents[20], among_others.killed[30]) = (11_000, 2_500, 600);
    let mean = |mean: Mean, first: bool, world: &Trajectory| {
        let mut layout = Layout::new(set.scored(), Day(0));
        layout.rows[0] = CountRow { mean, first, ..layout.rows[0].clone() };
        let mut engine = Engine::new(&layout, &laws, 4, world, Seed(2));
        engine.set_truth(1);
        engine.mean(0)[0]
    };
    for of in [Mean::Casualties, Mean::Killed, Mean::Wounded, Mean::ShareKilled, Mean::ShareCasualties, Mean::Sent] {
        let [first, all, without] =
            [mean(of, true, &among_others), mean(of, false, &among_others), mean(of, false, &alone)];
        assert!((first - without).abs() < 1e-12 && (first - all).abs() > 0.01, "{of:?}: {first}, {all}, {without}");
    }
}

#[test]
fn a_draw_is_the_same_after_others() {
    let set = import(&[File { name: "claims.csv", bytes: CLAIMS.as_bytes() }], None, &settings()).expect("valid");
    let (layout, laws) = (Layout::new(set.scored(), Day(0)), HyperLaws::new(&ObserverLaws::from_registry()));
    let mut world = quiet(60);
    (world.incidents[20], world.killed[30]) = (700, 90);
    let fresh = |draw: usize| Engine::new(&layout, &laws, 4, &world, Seed(2)).conditioned(draw).to_bits();
    let mut engine = Engine::new(&layout, &laws, 4, &world, Seed(2));
    for draw in [1, 0, 3, 3, 2, 0] {
        assert_eq!(engine.conditioned(draw).to_bits(), fresh(draw), "draw {draw}");
    }
}
