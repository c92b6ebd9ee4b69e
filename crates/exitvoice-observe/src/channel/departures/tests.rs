//! Sums over matchings beside closed forms, fine grids and sampled reports.

use super::*;
use crate::toy::quiet;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::Purpose;
use exitvoice_core::time::Day;
use exitvoice_record::{Departure, Trajectory};

pub(crate) fn channel(clusters: &[(i32, u32, bool)], as_of: i32) -> Departures {
    let laws = ObserverLaws::from_registry();
    let (as_of, completeness) = (Day(as_of), Completeness::Complete);
    let settings =
        ScorerSettings { day_zero: Day(0), as_of, completeness, departures: crate::DeparturesAs::Events, draws: 1 };
    let mut found = Departures::new(std::iter::empty(), &settings, &laws).expect("no report");
    let cluster =
        |(day, size, retold): &(i32, u32, bool)| Cluster { id: String::new(), day: *day, size: *size, retold: *retold };
    found.clusters = clusters.iter().map(cluster).collect();
    found.false_moments = false_moments(found.false_law, found.days, clusters.len());
    found.false_rules = false_rules(found.false_law, found.days, clusters.len());
    found
}

fn departure(day: u32, size: u32, kind: DepartureKind) -> Departure {
    Departure { day, size, kind, at_front: true, outcome: None }
}

fn world() -> Trajectory {
    let mut truth = quiet(60);
    truth.departures = vec![
        departure(6, 18, DepartureKind::Absence),
        departure(6, 3, DepartureKind::Desertion),
        departure(30, 1, DepartureKind::Absence),
    ];
    truth
}

#[test]
fn sizes_of_reports_sum_to_one() {
    let false_sum: f64 = (0..200).map(size_if_false).sum();
    assert!((false_sum - 1.0).abs() < 1e-12);
    for n in [1, 2, 18, 99, 100, 240] {
        let sum: f64 = (1..=100).map(|y| size_given(y, n)).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{n}: {sum}");
    }
}

#[test]
fn one_report_agrees_with_the_closed_form() {
    // E[q^N] = 9/(9 + N) for q = 1 - r0; the matched absence of 18 leaves 9/(9 + 1) - 9/(9 + 19) for the absences.
    let truth = world();
    let found = channel(&[(6, 18, false)], 59);
    let (f0, f1) = (found.false_moments[0], found.false_moments[1]);
    let silent_d = 9.0 / 12.0;
    let silent_a = 9.0 / 28.0;
    let absence = f0 * silent_d * (9.0 / 10.0 - silent_a) * size_given(18, 18) / 3.0;
    let desertion = f0 * (1.0 - silent_d) * silent_a * size_given(18, 3) / 3.0;
    let nothing = f1 * silent_d * silent_a * size_if_false(18);
    let weights = found.weights(&Truth::new(&truth), 0, None);
    for (ln, exact) in [(weights.ln_absence, absence), (weights.ln_desertion, desertion), (weights.ln_nothing, nothing)]
    {
        assert!((math::exp(ln) / exact - 1.0).abs() < 1e-5, "{} against {exact}", math::exp(ln));
    }
}

#[test]
fn many_reports_of_departures_that_took_place_agree_with_the_closed_form() {
    // Absences of three men, each reported, and more that are not: E over t of e^(-3 m t) (1 - e^(-3t))^n is a beta function.
    for (reported, not) in [(1, 0), (10, 0), (20, 5), (30, 0), (30, 150), (100, 0), (100, 3), (100, 400)] {
        let mut truth = quiet(400);
        let absence = |k: u32| departure(3 * k.min(reported), 3, DepartureKind::Absence);
        truth.departures = (0..reported + not).map(absence).collect();
        let clusters: Vec<(i32, u32, bool)> = (0..reported as i32).map(|k| (3 * k, 3, false)).collect();
        let mut found = channel(&clusters, 399);
        found.false_moments = false_moments(Law::Pinned(0.0), found.days, clusters.len());
        let (n, m) = (f64::from(reported), f64::from(not));
        let exact = n * math::ln(size_given(3, 3) / 3.0) + math::ln(3.0) + math::ln_beta(3.0 + m, n + 1.0);
        let found = found.ln_likelihood(&Truth::new(&truth));
        assert!((found - exact).abs() < 1e-4, "{reported} and {not}: {found} against {exact}");
    }
}

#[test]
fn false_reports_beside_departures_far_larger_agree_with_the_closed_form() {
    // Each report of y men beside an absence of n that it describes or not: with k that do, E over t is a beta function.
    for (reports, y, n) in [(1, 3, 100), (1, 3, 1000), (1, 100, 1000), (30, 2, 18), (60, 50, 3)] {
        let mut truth = quiet(400);
        truth.departures = (0..reports).map(|k| departure(6 * k, n, DepartureKind::Absence)).collect();
        let clusters: Vec<(i32, u32, bool)> = (0..reports as i32).map(|k| (6 * k, y, false)).collect();
        let found = channel(&clusters, 399);
        let b = 9.0 / f64::from(n);
        let of_true = |k: u32| {
            let (true_, false_) = (f64::from(k), f64::from(reports - k));
            let each = true_ * math::ln(size_given(y, n) / 3.0) + false_ * math::ln(size_if_false(y));
            let at_t = math::ln(b) + math::ln_beta(b + false_, true_ + 1.0);
            let rate = math::ln(found.false_moments[(reports - k) as usize]);
            math::ln_choose(f64::from(reports), true_) + each + at_t + rate
        };
        let exact = math::ln_sum_exp(&(0..=reports).map(of_true).collect::<Vec<f64>>());
        let found = found.ln_likelihood(&Truth::new(&truth));
        assert!((found - exact).abs() < 1e-4, "{reports} of {y} beside {n}: {found} against {exact}");
    }
}

#[test]
fn reports_of_large_departures_agree_with_a_fine_grid() {
    // Two reports of an absence each, 200 and 90 men, and of a third of 150 that either can describe.
    let mut truth = quiet(60);
    truth.departures = [(6, 200), (8, 90), (7, 150)].map(|(day, n)| departure(day, n, DepartureKind::Absence)).into();
    let mut found = channel(&[(8, 100, false), (8, 90, false)], 59);
    found.false_moments = false_moments(Law::Pinned(0.0), found.days, 2);
    let h = |y, n| size_given(y, n) / 3.0;
    let steps = 200_000;
    let at = |i: i32| {
        let t = (f64::from(i) + 0.5) * 4.0 / f64::from(steps);
        let [r200, r150, r90] = [200.0, 150.0, 90.0].map(|n| -math::exp_m1(-n * t));
        let pair = |a: f64, na, b: f64, nb, silent: f64| {
            a * b * (1.0 - silent) * (h(100, na) * h(90, nb) + h(100, nb) * h(90, na))
        };
        let sum = pair(r200, 200, r90, 90, r150) + pair(r200, 200, r150, 150, r90) + pair(r150, 150, r90, 90, r200);
        sum * 9.0 * math::exp(-9.0 * t) * 4.0 / f64::from(steps)
    };
    let exact = math::ln((0..steps).map(at).sum());
    let found = found.ln_likelihood(&Truth::new(&truth));
    assert!((found - exact).abs() < 1e-4, "{found} against {exact}");
}

#[test]
fn desertion_absence_and_nothing_add_up() {
    let truth = world();
    let found = channel(&[(6, 18, true), (8, 4, false), (31, 2, false)], 59);
    let total = found.ln_likelihood(&Truth::new(&truth));
    for report in 0..3 {
        let w = found.weights(&Truth::new(&truth), report, None);
        let sum = math::exp(w.ln_desertion) + math::exp(w.ln_absence) + math::exp(w.ln_nothing);
        assert!((sum / math::exp(total) - 1.0).abs() < 1e-9, "{report}");
    }
}

#[test]
fn as_the_world_empties_the_likelihood_tends_to_that_of_a_false_report() {
    let found = channel(&[(6, 18, true)], 59);
    let weights = found.weights(&Truth::new(&quiet(60)), 0, Some(0.2));
    let expected = math::ln(0.3 * size_if_false(18) * 0.2 / 30.0) - 0.2 * 60.0 / 30.0;
    assert!((weights.ln_nothing - expected).abs() < 1e-12);
    assert_eq!(weights.ln_desertion, f64::NEG_INFINITY);
    assert_eq!(weights.ln_absence, f64::NEG_INFINITY);
}

#[test]
fn reports_of_the_last_days_may_be_still_to_come() {
    let mut truth = quiet(60);
    truth.departures = vec![
        departure(56, 4, DepartureKind::Desertion),
        departure(58, 30, DepartureKind::Absence),
        departure(59, 18, DepartureKind::Desertion),
    ];
    let n = 40_000_u64;
    let one = channel(&[], 59);
    let mut hits = [0.0_f64; 4];
    for i in 0..n {
        let (draws, false_draws) =
            (Draws::new(Seed(i), Purpose::Departures), Draws::new(Seed(i), Purpose::FalseReport));
        let reports = one.simulate(&Truth::new(&truth), draws, false_draws);
        let found: Vec<(i32, u32)> = reports.iter().map(|r| (r.day, r.size)).collect();
        let expected: [&[(i32, u32)]; 4] = [&[], &[(59, 30)], &[(59, 18)], &[(59, 18), (59, 30)]];
        (0..4).for_each(|k| hits[k] += f64::from(u8::from(found == expected[k])));
    }
    let n = n as f64;
    let p = |clusters: &[(i32, u32, bool)]| math::exp(channel(clusters, 59).ln_likelihood(&Truth::new(&truth)));
    let (a, b) = ((59, 18, false), (59, 30, false));
    for (hits, p) in hits.into_iter().zip([p(&[]), p(&[b]), p(&[a]), p(&[a, b])]) {
        let found = hits / n;
        // Four standard errors: a false alarm in 16,000.
        assert!((found - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{found} against {p}");
    }
}

#[test]
fn sampled_reports_match_their_scores() {
    let truth = world();
    let n = 40_000_u64;
    let one = channel(&[], 59);
    let (mut silent, mut single) = (0.0, 0.0);
    for i in 0..n {
        let (draws, false_draws) =
            (Draws::new(Seed(i), Purpose::Departures), Draws::new(Seed(i), Purpose::FalseReport));
        let reports = one.simulate(&Truth::new(&truth), draws, false_draws);
        silent += f64::from(u8::from(reports.is_empty()));
        single += f64::from(u8::from(matches!(reports[..], [Report { day: 7, size: 18, .. }])));
    }
    let n = n as f64;
    let p_silent = math::exp(one.ln_likelihood(&Truth::new(&truth)));
    let p_single = math::exp(channel(&[(7, 18, false)], 59).ln_likelihood(&Truth::new(&truth)));
    for (found, p) in [(silent / n, p_silent), (single / n, p_single)] {
        assert!((found - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{found} against {p}");
    }
}
