//! Made-up but plausible numbers for the tests of the report. No run produced them.

use super::data::{
    Answer, Assumption, AxisKind, Bands, ClaimRow, Claims, DatedClaim, DatedClaimCase, Density, DesertionSetting,
    Desertions, Diagnostic, Force, Further, Head, Inference, InputFile, LeftOut, Meaning, Measure, MonthRow, Parameter,
    Quantiles, Refusal, ReportData, SourceGroup, StatusSeries, Term, Total, Totals, VarianceShares, Variant, Verdict,
};
use super::forecast::{Forecast, Predicted, Told};
use crate::answers::Measured;
use exitvoice_core::{math, time::Day};

/// Standard normal quantiles at 2.5, 5, 25, 50, 75, 95, 97.5 %.
const Z: [f64; 7] = [-1.96, -1.645, -0.674, 0.0, 0.674, 1.645, 1.96];

/// Log-normal quantiles: the median, and the ratio that one standard deviation stands for.
pub(super) fn spread(median: f64, ratio: f64) -> Quantiles {
    let q = Z.map(|z| median * math::pow(ratio, z));
    list(q)
}

fn list(q: [f64; 7]) -> Quantiles {
    Quantiles { q025: q[0], q05: q[1], q25: q[2], q50: q[3], q75: q[4], q95: q[5], q975: q[6], mean: q[3] }
}

/// Share of the final total reached by a day, 0 to 1.
fn grown(day: f64) -> f64 {
    const START: f64 = 28.0;
    const SPAN: f64 = 105.0;
    let t = ((day - START) / SPAN).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t) * 0.9 + 0.1 * ((day - START).max(0.0) / 177.0).min(1.0)
}

fn bands(days: usize, ratio: f64, median: impl Fn(f64) -> f64) -> Bands {
    let column = |z: f64| (0..days).map(|d| median(d as f64) * math::pow(ratio, z)).collect::<Vec<_>>();
    Bands { q05: column(Z[1]), q25: column(Z[2]), q50: column(Z[3]), q75: column(Z[4]), q95: column(Z[5]) }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a date of the example")
}

fn head(scenario: &str, title: &str, days: i32) -> Head {
    let first = day("2024-10-08");
    Head {
        scenario: scenario.to_owned(),
        title: title.to_owned(),
        run_id: "3f9a0c51d7be".to_owned(),
        digest: "blake3:6d1f0e8c2a7b49d3b0c5e7f1a2938475".to_owned(),
        seed: 1,
        model_version: "m1.0".to_owned(),
        software: "exitvoice 0.1.0 (99946de)".to_owned(),
        scale: 0.3,
        embedded: false,
        soldiers: 15_000,
        replicates: 200,
        first,
        last: first + (days - 1),
        command: format!("exitvoice run {scenario} --seed 1 --replicates 200"),
    }
}

/// Name, label, ratio of a standard deviation, heads at the end and shape of each status.
fn force(days: usize, heads: f64, updated: bool) -> Force {
    let first = day("2024-10-08");
    let arrived = move |d: f64| {
        heads * (0.1 + 0.63 * ((d - 4.0) / 26.0).clamp(0.0, 1.0) + 0.27 * ((d - 90.0) / 50.0).clamp(0.0, 1.0))
    };
    let rows: [(&str, &str, f64, f64); 10] = [
        ("present", "Present", 1.04, 0.0),
        ("wounded_away", "Wounded and away", 1.18, 0.13),
        ("killed", "Killed", 1.28, 0.11),
        ("captured", "Captured", 1.5, 0.00014),
        ("absent", "Absent", 1.7, 0.0011),
        ("leaving", "Leaving", 2.0, 0.000_02),
        ("deserted", "Deserted", 2.2, 0.0001),
        ("caught", "Caught leaving", 2.2, 0.0001),
        ("rotated", "On the way home", 1.3, 0.004),
        ("home", "Home again", 1.25, 0.11),
    ];
    let make = |(name, label, ratio, end): (&str, &str, f64, f64), wide: f64| {
        let ratio = 1.0 + (ratio - 1.0) * wide;
        let end = if wide > 1.0 { end * 0.7 } else { end };
        let shape =
            move |d: f64| if name == "present" { arrived(d) * (1.0 - 0.3 * grown(d)) } else { heads * end * grown(d) };
        (name.to_owned(), label.to_owned(), bands(days, ratio, shape))
    };
    let statuses = rows
        .into_iter()
        .map(|row| {
            let (name, label, prior) = make(row, if updated { 2.4 } else { 1.0 });
            let posterior = updated.then(|| make(row, 1.0).2);
            StatusSeries { name, label, prior, posterior }
        })
        .collect();
    Force { days: (0..days).map(|d| first + d as i32).collect(), statuses }
}

fn judged(prior: Quantiles, posterior: Quantiles, verdict: Verdict) -> (Quantiles, Option<Quantiles>, Option<Verdict>) {
    (prior, Some(posterior), Some(verdict))
}

fn terms() -> Vec<Term> {
    use Verdict::{NotIdentified, Shifted};
    let rows = [
        (
            "desertion.hostage_effect",
            "Relatives held at home",
            "none at risk to the mean conscript",
            0.30,
            2.3,
            0.29,
            2.3,
            NotIdentified,
        ),
        (
            "desertion.danger_effect",
            "Perceived danger",
            "quiet sector to 1 loss in 10 a day",
            1.35,
            1.22,
            1.42,
            1.2,
            Shifted,
        ),
        (
            "desertion.loyalty_effect",
            "Private loyalty",
            "one standard deviation more",
            0.37,
            1.3,
            0.37,
            1.3,
            NotIdentified,
        ),
        ("desertion.exposure_effect", "Weeks abroad", "arrival to 100 days", 2.6, 1.7, 2.6, 1.7, NotIdentified),
        (
            "desertion.informer_effect",
            "Informers in the squad",
            "none to one in eighteen",
            0.72,
            1.35,
            0.73,
            1.34,
            NotIdentified,
        ),
        ("desertion.catch_effect", "Expected chance to be caught", "50 % to 90 %", 0.45, 1.6, 0.45, 1.6, NotIdentified),
    ];
    rows.into_iter()
        .map(|(name, label, contrast, m0, r0, m1, r1, v)| {
            let (prior, posterior, verdict) = judged(spread(m0, r0), spread(m1, r1), v);
            let [name, label, contrast] = [name, label, contrast].map(str::to_owned);
            Term { name, label, contrast, value: prior.q50, prior, posterior, verdict, held: false }
        })
        .collect()
}

/// Draws of a log-normal or normal at even probabilities.
fn draws(median: f64, spread: f64, log: bool) -> Vec<f64> {
    (0..400)
        .map(|i| {
            let z = math::normal_quantile((f64::from(i) + 0.5) / 400.0);
            if log { median * math::pow(spread, z) } else { median + spread * z }
        })
        .collect()
}

/// Key, label, measured in, grade, prior median and spread, posterior median and spread, log axis, verdict.
const PARAMETERS: &str = "\
danger.hazard_winter,Casualty hazard winter,per day,Assumed,0.004,2.72,0.0056,1.24,log,identified
danger.hazard_spring,Casualty hazard spring,per day,Assumed,0.004,2.72,0.0013,1.5,log,identified
danger.killed_share,Killed share of casualties,share,Assumed,0.25,0.1,0.28,0.05,linear,identified
capture.alive,Capture ends alive in custody,share,Assumed,0.5,0.2,0.3,0.19,linear,shifted
desertion.base_hazard,Attempts of the reference soldier,per 1000 soldier-years,Analogue,3,6.05,1.1,5.4,log,shifted
desertion.hostage_effect,Hostage effect,,Assumed,2,0.9,2.02,0.9,linear,none
desertion.danger_effect,Danger effect,,Assumed,3,1,3.05,1,linear,none
";

fn parameters(updated: bool) -> Vec<Parameter> {
    PARAMETERS.lines().map(|line| parameter(&line.split(',').collect::<Vec<_>>(), updated)).collect()
}

fn parameter(cells: &[&str], updated: bool) -> Parameter {
    let [m0, s0, m1, s1] = [4, 5, 6, 7].map(|i| cells[i].parse::<f64>().expect("a number of the example"));
    let log = cells[8] == "log";
    let (prior, posterior) = (draws(m0, s0, log), draws(m1, s1, log));
    let weights = vec![1.0; posterior.len()];
    let later = updated.then_some((posterior.as_slice(), weights.as_slice()));
    let quantiles = |m: f64, s: f64| if log { spread(m, s) } else { list(Z.map(|z| m + s * z)) };
    let verdict = match cells[9] {
        "identified" => Verdict::Identified,
        "shifted" => Verdict::Shifted,
        _ => Verdict::NotIdentified,
    };
    Parameter {
        key: cells[0].to_owned(),
        label: cells[1].to_owned(),
        measure: if cells[2] == "share" { Measure::Share } else { Measure::Other(cells[2].to_owned()) },
        grade: cells[3].to_owned(),
        prior: quantiles(m0, s0),
        posterior: updated.then(|| quantiles(m1, s1)),
        verdict: updated.then_some(verdict),
        density: Density::from_draws(if log { AxisKind::Log } else { AxisKind::Linear }, &prior, later, 30),
    }
}

/// Use, row, quantity, form, low, value, high, window from, as of, published, source, group, grades, cluster, predictive median.
const CLAIMS: &str = "\
used,DP006,desertions,exact,,18,,2024-10-12,2024-10-14,2024-10-15,ua_anon,other,F6,oct14-absence,
used,DP010,recaptured,exact,,18,,2024-10-14,2024-10-16,2024-10-21,ua_anon,other,F6,oct14-absence,
used,DP038,casualties,interval,200,300,999,,2024-12-17,2024-12-19,us_anon,third,C2,us-anon-2024-12-17,900
used,DP039,casualties,at_least,200,200,,,2024-12-18,2024-12-19,ua_ccd,kyiv,C3,ua-200-2024-12,1100
used,DP040,killed,at_least,100,100,,2024-12-01,2024-12-19,2024-12-19,nis,third,B2,seoul-2024-12-19,210
used,DP041,wounded,about,,1000,,2024-12-01,2024-12-19,2024-12-19,nis,third,B2,seoul-2024-12-19,800
used,DP043,casualties,at_least,3000,3000,,,2024-12-23,2024-12-27,ua_president,kyiv,C3,ua-president-2024-12-23,1700
used,DP044,casualties,at_least,1000,1000,,2024-12-20,2024-12-27,2024-12-28,us_gov,third,B3,wh-2024-12-27,520
used,DP049,casualties,about,,3800,,,2025-01-05,2025-01-13,ua_president,kyiv,C3,ua-president-2025-01-05,3300
used,DP054,prisoners,exact,,2,,,2025-01-11,2025-01-11,ua_president,kyiv,C1,ua-prisoners-2025-01-11,2
used,DP056,killed,about,,300,,,2025-01-13,2025-01-13,nis,third,B2,nis-2025-01-13,560
used,DP057,wounded,about,,2700,,,2025-01-13,2025-01-13,nis,third,B2,nis-2025-01-13,2150
used,DP058,casualties,about,,4000,,,2025-01-15,2025-01-24,west_anon,third,C2,bbc-2025-01-15,3000
used,DP059,killed,about,,1000,,,2025-01-15,2025-01-24,west_anon,third,C3,bbc-2025-01-15,830
used,DP060,share_casualties,about,,0.5,,,2025-01-20,2025-01-31,ua_cinc,kyiv,C3,ua-cinc-2025-01-20,0.36
used,DP066,casualties,about,,4000,,,2025-02-14,2025-02-27,ua_president,kyiv,C3,ua-president-2025-02-14,5100
used,DP067,share_killed,about,,0.667,,,2025-02-14,2025-02-27,ua_president,kyiv,C4,ua-president-2025-02-14,0.33
used,DP072,casualties,about,,4000,,,2025-03-27,2025-03-27,jcs,third,B2,jcs-2025-03-27,3900
used,DP073,casualties,at_least,5000,5000,,,2025-03-28,2025-03-28,uk_di,third,B3,uk-2025-03-28,4300
used,DP081,killed,about,,600,,,2025-04-30,2025-04-30,nis,third,B2,nis-2025-04-30,1000
used,DP082,wounded,about,,4100,,,2025-04-30,2025-04-30,nis,third,B2,nis-2025-04-30,3500
input,DP004,sent,about,,1500,,,2024-10-13,2024-10-18,nis,third,B2,nis-2024-10-18,
input,DP080,sent,about,,15000,,,2025-04-30,2025-04-30,nis,third,B2,nis-2025-04-30,
not_modelled,DP014,none,denial,,,,,2024-10-18,2024-10-18,kremlin,other,D4,kremlin-2024-10-18,
not_modelled,DP036,killed,about,,200,,,2024-12-14,2024-12-15,hur,kyiv,C3,ua-200-2024-12,
";

fn claim(cells: &[&str]) -> ClaimRow {
    let number = |text: &str| (!text.is_empty()).then(|| text.parse::<f64>().expect("a number of the example"));
    let date = |text: &str| (!text.is_empty()).then(|| day(text));
    let predicted = |median: f64| if median < 1.0 { list(Z.map(|z| median + 0.06 * z)) } else { spread(median, 1.35) };
    let [id, quantity, form, source, cluster] = [1, 2, 3, 10, 13].map(|i| cells[i].to_owned());
    ClaimRow {
        url: Some(format!("https://example.org/page?row={id}&kind=claim")),
        part_of_force: (id == "DP072").then(|| "first contingent".to_owned()),
        id,
        quantity,
        form,
        low: number(cells[4]),
        value: number(cells[5]),
        high: number(cells[6]),
        window_from: date(cells[7]),
        as_of: date(cells[8]),
        published: date(cells[9]),
        source,
        group: match cells[11] {
            "third" => SourceGroup::ThirdParty,
            "kyiv" => SourceGroup::Kyiv,
            _ => SourceGroup::Other,
        },
        source_grade: cells[12][..1].to_owned(),
        info_grade: cells[12][1..].to_owned(),
        cluster,
        copy_of: None,
        predictive: number(cells[14]).map(predicted),
        reason: "cumulative; bulletin with the row beside it".to_owned(),
    }
}

fn claims() -> Claims {
    let rows = |kept: &str| {
        let cells = CLAIMS.lines().map(|line| line.split(',').collect::<Vec<_>>());
        cells.filter(|cells| cells[0] == kept).map(|cells| claim(&cells)).collect()
    };
    Claims {
        used: rows("used"),
        inputs: rows("input"),
        not_modelled: rows("not_modelled"),
        clusters: 15,
        after_as_of: 0,
        notices: Vec::new(),
    }
}

fn totals(days: usize) -> Totals {
    let first = day("2024-10-08");
    let rows = [
        ("casualties", "Casualties", Measure::Incidents, 3_400.0, 2.1, 4_700.0, 1.19),
        ("killed", "Killed", Measure::Persons, 880.0, 2.6, 1_270.0, 1.33),
        ("wounded", "Wounded", Measure::Persons, 2_500.0, 2.2, 3_430.0, 1.2),
    ];
    let series = rows.into_iter().map(|(name, label, measure, m0, r0, m1, r1)| Total {
        name: name.to_owned(),
        label: label.to_owned(),
        measure,
        prior: bands(days, r0, |d| m0 * (d / days as f64)),
        posterior: Some(bands(days, r1, |d| m1 * grown(d))),
    });
    Totals { days: (0..days).map(|d| first + d as i32).collect(), series: series.collect() }
}

fn desertions() -> Desertions {
    use Verdict::{Identified, NotIdentified, Shifted};
    let rows = [
        (0.3, true, [0.0, 0.0, 0.0, 1.0, 2.0, 12.0, 33.0], [0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 5.0], NotIdentified),
        (3.0, true, [0.0, 0.0, 4.0, 14.0, 49.0, 230.0, 327.0], [0.0, 0.0, 0.0, 1.0, 3.0, 12.0, 19.0], Identified),
        (
            30.0,
            true,
            [6.0, 9.0, 47.0, 142.0, 430.0, 2_200.0, 3_185.0],
            [0.0, 0.0, 1.0, 5.0, 14.0, 71.0, 108.0],
            Identified,
        ),
        (0.3, false, [0.0, 0.0, 0.0, 1.0, 2.0, 12.0, 33.0], [0.0, 0.0, 0.0, 1.0, 2.0, 12.0, 33.0], NotIdentified),
        (
            3.0,
            false,
            [0.0, 0.0, 4.0, 14.0, 49.0, 230.0, 327.0],
            [0.0, 0.0, 3.0, 13.0, 47.0, 221.0, 320.0],
            NotIdentified,
        ),
        (
            30.0,
            false,
            [6.0, 9.0, 47.0, 142.0, 430.0, 2_200.0, 3_185.0],
            [4.0, 6.0, 30.0, 90.0, 310.0, 1_700.0, 2_400.0],
            Shifted,
        ),
    ];
    let settings = rows
        .into_iter()
        .map(|(median, complete, prior, posterior, verdict)| DesertionSetting {
            median_per_1000_years: median,
            complete,
            main: complete && (median - 3.0_f64).abs() < 1e-9,
            prior: list(prior),
            posterior: Some(list(posterior)),
            effective_draws: Some(312.0),
            short_at_upper_end: false,
            verdict: Some(verdict),
        })
        .collect();
    let months = ["2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03", "2025-04"];
    let by_month = months.map(|month| MonthRow {
        month: month.to_owned(),
        prior: list([0.0, 0.0, 0.0, 2.0, 7.0, 33.0, 47.0]),
        posterior: Some(list([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 4.0])),
    });
    Desertions {
        definition: "soldiers who reached the other side or a third party by 30 April 2025".to_owned(),
        settings,
        by_month: by_month.into(),
    }
}

fn dated_claim() -> DatedClaim {
    let meaning = |desertion: f64, absence: f64| Meaning { desertion, absence, nothing: 1.0 - desertion - absence };
    let cases = [
        (0.02, 0.1, 0.1, 1e-4, 1e-5, 0.21),
        (0.02, 0.5, 1.0, 0.02, 0.011, 0.74),
        (0.02, 0.5, 10.0, 0.21, 0.30, 0.41),
        (0.2, 0.1, 0.1, 9e-5, 1.3e-5, 0.02),
        (0.2, 0.5, 1.0, 0.018, 0.003, 0.25),
        (0.2, 0.5, 10.0, 0.17, 0.12, 0.2),
    ];
    DatedClaim {
        day: Day::from_ymd(2024, 10, 14).expect("a date"),
        ids: vec!["DP006".to_owned(), "DP007".to_owned(), "DP010".to_owned()],
        others: 0,
        excluded: None,
        prior: meaning(0.021, 0.3),
        posterior: Some(meaning(0.0042, 0.47)),
        posterior_error: Some(Meaning { desertion: 0.0003, absence: 0.02, nothing: 0.02 }),
        bayes_factor: Some(0.197),
        desertion_draws: Some(31.0),
        complete: true,
        other_silence: Some(meaning(0.011, 0.46)),
        other_silence_error: Some(Meaning { desertion: 0.008, absence: 0.03, nothing: 0.03 }),
        other_silence_draws: Some(70.0),
        cases: cases
            .into_iter()
            .map(|(f, pi, base, prior, posterior, absence)| DatedClaimCase {
                false_reports: f,
                advance_party: Some(pi),
                base_rate_factor: base,
                prior: meaning(prior, 0.3),
                posterior: Some(meaning(posterior, absence)),
                bayes_factor: Some(posterior / (1.0 - posterior) / (prior / (1.0 - prior))),
                desertion_draws: Some(60.0),
            })
            .collect(),
    }
}

fn diagnostics() -> Vec<Diagnostic> {
    let rows = [
        (
            "Effective sample size",
            812.0,
            Some("at least 200"),
            true,
            "Independent draws that the weighted posterior is worth.",
        ),
        ("Simulations", 24_000.0, None, true, "Histories of the force that were run."),
        ("Acceptance", 0.27, Some("0.1 to 0.6"), true, "Share of proposals taken in the last step of tempering."),
        (
            "Variance of the log-likelihood",
            0.31,
            Some("at most 2"),
            true,
            "Noise of the estimated likelihood over the bulk of the posterior.",
        ),
        ("Numeric trouble", 3.0, None, true, "Parameter points that were scored minus infinity."),
    ];
    rows.into_iter()
        .map(|(name, value, wanted, met, meaning)| Diagnostic {
            name: name.to_owned(),
            value,
            wanted: wanted.map(str::to_owned),
            met,
            meaning: meaning.to_owned(),
        })
        .collect()
}

fn answers() -> Vec<Answer> {
    use Verdict::{Identified, NotIdentified};
    let rows = [
        (
            "casualties_total",
            "Casualty incidents by 30 April 2025",
            Measure::Incidents,
            spread(3_400.0, 2.1),
            spread(4_700.0, 1.19),
            Identified,
        ),
        (
            "killed_total",
            "Killed by 30 April 2025",
            Measure::Persons,
            spread(880.0, 2.6),
            spread(1_270.0, 1.33),
            Identified,
        ),
        (
            "killed_share",
            "Killed share of casualties",
            Measure::Share,
            spread(0.25, 1.6),
            spread(0.28, 1.19),
            Identified,
        ),
        (
            "prisoners",
            "Prisoners alive in custody",
            Measure::Persons,
            spread(9.0, 3.0),
            list([0.0, 1.0, 2.0, 2.0, 3.0, 6.0, 8.0]),
            NotIdentified,
        ),
    ];
    rows.into_iter()
        .map(|(name, label, measure, prior, posterior, verdict)| {
            let (prior, posterior, verdict) = judged(prior, posterior, verdict);
            Answer {
                name: name.to_owned(),
                label: label.to_owned(),
                measure,
                prior,
                posterior,
                verdict,
                rests_on: None,
            }
        })
        .collect()
}

fn assumptions() -> Vec<Assumption> {
    let rows = [
        (
            "desertion.base_hazard",
            "3 /1000yr",
            "Analogue",
            "registry default",
            "costa_kahn2003",
            "US 2007 9, US 1971 34 per 1,000; workers in Russia 10-30 unconfirmed",
        ),
        ("desertion.hostage_effect", "2", "Assumed", "registry default", "edele2017", "sign only"),
        ("desertion.danger_effect", "3", "Assumed", "registry default", "", "prototype value"),
        (
            "danger.killed_share",
            "0.25",
            "Assumed",
            "registry default",
            "",
            "numbers derived from claims are never prior centres",
        ),
        (
            "force.waves[0].size",
            "1500 persons",
            "Measured",
            "scenario",
            "DP004",
            "first contingent, cumulative arrivals on 13 October",
        ),
        ("fertility.sex_ratio_at_birth", "1.05", "Measured", "registry default", "wpp2024", "boys per girl"),
    ];
    rows.map(|(key, value, grade, origin, source, why)| {
        let [key, value, grade, origin, source, why] = [key, value, grade, origin, source, why].map(str::to_owned);
        Assumption { key, value, grade, origin, source, why }
    })
    .into()
}

fn files() -> Vec<InputFile> {
    let rows = [
        ("claims-kursk-2024.csv", "claims, raw rows", 31_044),
        ("claims-kursk-2024-coded.csv", "claims, coded", 14_210),
    ];
    rows.map(|(name, role, bytes)| InputFile {
        name: name.to_owned(),
        role: role.to_owned(),
        bytes,
        hash: "sha256:9f2c4a1d0b7e63584c9a1f20d3e7b8c6a5f4e3d2c1b0a99887766554433221100".to_owned(),
    })
    .into()
}

/// A run with claims.
pub(super) fn kursk() -> ReportData {
    const DAYS: usize = 205;
    let bias = [(0.5, 1.16), (1.0, 1.19), (2.0, 1.24)];
    let variant = |setting: String, posterior, left_out| Variant {
        question: "Casualty incidents by 30 April 2025".to_owned(),
        setting,
        measure: Measure::Incidents,
        posterior,
        effective_draws: Some(312.0),
        left_out,
    };
    let scaled = |(factor, ratio): (f64, f64)| {
        let posterior = (factor < 2.0).then(|| spread(4_700.0, ratio));
        variant(format!("sd of the common bias × {factor}"), posterior, None)
    };
    let without = |(source, posterior, sd_without): (&str, Option<Quantiles>, Option<f64>)| {
        let left_out = Some(LeftOut { median_with: 4_700.0, sd_with: 512.0, sd_without, from_all: false });
        variant(format!("without source {source} (3 rows)"), posterior, left_out)
    };
    let cuts = [("nis", None, None), ("jcs", Some(spread(4_500.0, 1.3)), Some(733.0))];
    let variants = bias.map(scaled).into_iter().chain(cuts.map(without));
    ReportData {
        head: head("kursk-2024", "North Korean soldiers in Kursk, October 2024 to April 2025", 205),
        exits: Vec::new(),
        force: force(DAYS, 15_000.0, true),
        terms: terms(),
        parameters: parameters(true),
        inference: Some(Inference {
            as_of: day("2025-04-30"),
            sampler_version: exitvoice_infer::SAMPLER_VERSION,
            held: Vec::new(),
            answers: answers(),
            totals: totals(DAYS),
            variants: variants.collect(),
            variance_shares: vec![VarianceShares {
                quantity: "casualties_total".to_owned(),
                label: "Casualty incidents (killed or wounded, each once)".to_owned(),
                by_grade: [("Assumed".to_owned(), 0.62), ("Analogue".to_owned(), 0.17)].into(),
            }],
            further: [("third parties: casualties by 2025-04-30", 0.21), ("Kyiv: prisoners by 2025-04-30", 0.0)]
                .map(|(evidence, share)| Further {
                    evidence: evidence.to_owned(),
                    quantity: "casualties_total".to_owned(),
                    label: "Casualty incidents (killed or wounded, each once)".to_owned(),
                    share,
                })
                .into(),
            claims: claims(),
            desertions: desertions(),
            dated_claim: Some(dated_claim()),
            diagnostics: diagnostics(),
            refusal: None,
        }),
        forecast: Some(forecast()),
        societies: None,
        assumptions: assumptions(),
        files: files(),
    }
}

/// Three months in which everything grows and widens.
fn forecast() -> Forecast {
    let days: Vec<Day> = ["2025-05-31", "2025-06-30", "2025-07-31"].map(day).into();
    let number = |name: &str, measure: Measure, median: f64| Predicted {
        name: name.to_owned(),
        label: name.replace('_', " "),
        measure,
        until: (1..=3).map(|k| spread(median * f64::from(k), 1.0 + 0.1 * f64::from(k))).collect(),
        within: (1..=3).map(|k| spread(median, 1.0 + 0.1 * f64::from(k))).collect(),
    };
    Forecast {
        from: day("2025-04-30"),
        days,
        draws: 1_000,
        world: vec![
            number("casualties_total", Measure::Incidents, 5_000.0),
            number("desertions_total", Measure::Persons, 3.0),
            Predicted { within: Vec::new(), ..number("killed_share", Measure::Share, 0.2) },
        ],
        told: vec![Told {
            group: "Third parties".to_owned(),
            numbers: vec![number("killed", Measure::Persons, 2_000.0)],
        }],
    }
}

fn exit(measured: Measured, median: f64) -> Answer {
    Answer {
        name: measured.name().to_owned(),
        label: measured.label().to_owned(),
        measure: measured.measure(),
        prior: spread(median, 1.5),
        posterior: None,
        verdict: None,
        rests_on: None,
    }
}

/// A run without claims.
pub(super) fn toy() -> ReportData {
    let mut data = kursk();
    data.head = head("toy-squad", "Thirty synthetic soldiers for sixty days", 60);
    data.head.scale = 1.0;
    data.head.soldiers = 30;
    data.exits = Measured::first().zip([2.0, 3.0, 5.0, 1.0]).map(|(measured, x)| exit(measured, x)).collect();
    data.force = force(60, 30.0, false);
    data.parameters = parameters(false);
    for term in &mut data.terms {
        (term.posterior, term.verdict, term.held) = (None, None, true);
        term.prior = spread(term.value, 1.0);
    }
    data.inference = None;
    data.forecast = None;
    data
}

/// A run whose diagnostics refuse the posterior.
pub(super) fn refused() -> ReportData {
    let mut data = kursk();
    data.forecast = None;
    data.parameters = parameters(false);
    for series in &mut data.force.statuses {
        series.posterior = None;
    }
    for term in &mut data.terms {
        (term.posterior, term.verdict) = (None, None);
    }
    let inference = data.inference.as_mut().expect("the example has claims");
    inference.refusal =
        Some(Refusal { reason: "the effective sample size is 41, below 200.".to_owned(), budget: Some(400_000) });
    for answer in &mut inference.answers {
        (answer.posterior, answer.verdict) = (None, None);
    }
    for total in &mut inference.totals.series {
        total.posterior = None;
    }
    for setting in &mut inference.desertions.settings {
        (setting.posterior, setting.verdict) = (None, None);
    }
    for month in &mut inference.desertions.by_month {
        month.posterior = None;
    }
    for claim in &mut inference.claims.used {
        claim.predictive = None;
    }
    let claim = inference.dated_claim.as_mut().expect("the example has the claim");
    (claim.posterior, claim.bayes_factor) = (None, None);
    for case in &mut claim.cases {
        (case.posterior, case.bayes_factor) = (None, None);
    }
    inference.variants.clear();
    inference.further.clear();
    inference.diagnostics[0].value = 41.0;
    inference.diagnostics[0].met = false;
    data
}

/// One soldier for one day.
pub(super) fn one_day() -> ReportData {
    let mut data = toy();
    data.head.soldiers = 1;
    data.head.last = data.head.first;
    data.force = force(1, 1.0, false);
    data
}
