//! Worlds whose truth is known: parameters from their priors, a deployment, and the claims that observers would print about it.

use super::problem::War;
use crate::answers::QUANTITIES;
use crate::command::Error;
use crate::provenance::Rows;
use crate::scenario::Scenario;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;
use exitvoice_infer::Problem;
use exitvoice_model::force::ForceBase;
use exitvoice_observe::ClaimSet;
use exitvoice_observe::channel::departures::LAG_DAYS;
use exitvoice_observe::claim::{Attribution, Claim, Form, InfoGrade, Population, Quantity, SourceGrade, SourceType};
use exitvoice_observe::import::CLAIM_ROW;
use exitvoice_observe::sampler::{Observers, Simulated};
use std::collections::BTreeMap;

/// Claims and the world behind them.
pub struct Synthetic {
    /// The claims file.
    pub rows: Rows,
    /// What was true: parameters and quantities by name, and which report describes what.
    pub truth: serde_json::Value,
}

/// Draws a world and its claims. Rows, forms, dates and sources are those of `claims`; reports of departures and announcements are drawn
/// whole, their day and number included.
///
/// # Errors
/// The claims cannot be scored together, or a prior cannot be read (a bug).
pub fn synthetic(
    scenario: &Scenario,
    base: &ForceBase,
    claims: &ClaimSet,
    as_of: Day,
    seed: Seed,
) -> Result<Synthetic, Error> {
    let war = War::new(scenario, base, claims, as_of)?;
    let draws = Draws::new(seed, Purpose::Synthetic);
    let theta = war.prior_draw(draws, 0);
    let kept = war.simulate(&theta, draws.seed(1, 0)).map_err(Error::bug)?;
    let trajectory = &kept.truth.trajectory;
    let simulated = war.scorer.simulate_world(trajectory, draws.seed(2, 0), Observers::Fresh);
    let rows = printed(scenario, claims, &simulated, as_of);
    let parameters: BTreeMap<&str, f64> = war.parameters().iter().map(|p| p.name.as_str()).zip(theta).collect();
    let quantities: BTreeMap<&str, f64> = QUANTITIES.iter().map(|q| (q.name, (q.read)(trajectory))).collect();
    let word = |r: &exitvoice_observe::channel::departures::Report| match r.truth {
        Some(exitvoice_record::DepartureKind::Desertion) => "desertion",
        Some(exitvoice_record::DepartureKind::Absence) => "absence",
        None => "nothing",
    };
    let reports: BTreeMap<String, &str> =
        simulated.reports.iter().enumerate().map(|(k, r)| (report_id(k), word(r))).collect();
    let truth = serde_json::json!({
        "population": "synthetic",
        "scenario": scenario.name,
        "model_version": exitvoice_model::MODEL_VERSION.to_string(),
        "seed": seed.0,
        "parameters": parameters,
        "quantities": quantities,
        "reports": reports,
    });
    Ok(Synthetic {
        rows: Rows::new(
            CLAIM_ROW.map(str::to_owned).to_vec(),
            rows.iter().map(|row| cells(row, claims.inputs.iter().any(|input| input.id == row.id))).collect(),
        ),
        truth,
    })
}

/// What ids of simulated rows begin with.
const SIMULATED: &str = "SIM-";

fn report_id(number: usize) -> String {
    format!("{SIMULATED}R{:03}", number + 1)
}

/// The claims that were printed, in the order of the rows that they replace; reports and announcements last.
pub(crate) fn printed(scenario: &Scenario, claims: &ClaimSet, simulated: &Simulated, as_of: Day) -> Vec<Claim> {
    let by_id: BTreeMap<&str, _> = simulated.claims.iter().map(|c| (c.id.as_str(), c)).collect();
    let copies: BTreeMap<&str, &str> = claims.copies.iter().map(|c| (c.id.as_str(), c.of.as_str())).collect();
    let departure = |c: &&Claim| !matches!(c.quantity, Quantity::Desertions | Quantity::Recaptured);
    let renewed = claims.used.iter().filter(departure).filter_map(|claim| {
        let root = copies.get(claim.id.as_str()).copied().unwrap_or(&claim.id);
        let number = by_id.get(root)?;
        Some(Claim { low: number.low, value: number.value, high: number.high, ..claim.clone() })
    });
    let mut rows: Vec<Claim> = renewed.chain(claims.inputs.iter().cloned()).collect();
    rows.sort_by(|a, b| (a.published, &a.id).cmp(&(b.published, &b.id)));
    for (number, report) in simulated.reports.iter().enumerate() {
        let day = scenario.day_zero + report.day;
        let first = day + -LAG_DAYS;
        rows.push(Claim {
            value: Some(f64::from(report.size)),
            window_from: (first >= scenario.day_zero).then_some(first),
            ..departures(report_id(number), day, false)
        });
    }
    if simulated.announced > 0 {
        rows.push(Claim {
            value: Some(simulated.announced as f64),
            ..departures(format!("{SIMULATED}A001"), as_of, true)
        });
    }
    rows
}

/// A row about departures, on record or unnamed.
fn departures(id: String, day: Day, on_record: bool) -> Claim {
    let unnamed = (SourceType::MediaAnonymous, Attribution::Anonymous, SourceGrade::F, InfoGrade::Unknown, "ua_anon");
    let named = (SourceType::Official, Attribution::OnRecord, SourceGrade::C, InfoGrade::Confirmed, "ua_mod");
    let (source_type, attribution, source_grade, info_grade, source) = if on_record { named } else { unnamed };
    Claim {
        cluster: id.to_lowercase(),
        id,
        quantity: Quantity::Desertions,
        form: Form::Exact,
        low: None,
        value: None,
        high: None,
        window_from: None,
        as_of: day,
        published: day,
        population: Population::Dprk,
        source: source.to_owned(),
        source_type,
        attribution: Some(attribution),
        revises: None,
        declared_floor: false,
        first_wave_only: false,
        source_grade,
        info_grade,
    }
}

/// A row of the file. The id of a simulated one tells that nobody published it, whatever source and day it has; rows that the scenario is built from
/// are the published ones.
fn cells(claim: &Claim, published: bool) -> Vec<String> {
    let simulated = |id: &str| {
        let stays = published || id.starts_with(SIMULATED);
        if stays { id.to_owned() } else { format!("{SIMULATED}{id}") }
    };
    let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    let yes = |flag: bool| if flag { "yes".to_owned() } else { String::new() };
    vec![
        simulated(&claim.id),
        claim.quantity.word().to_owned(),
        claim.form.word().to_owned(),
        number(claim.low),
        number(claim.value),
        number(claim.high),
        claim.window_from.map_or_else(String::new, |d| d.to_string()),
        claim.as_of.to_string(),
        claim.published.to_string(),
        claim.population.word().to_owned(),
        claim.source.clone(),
        claim.source_type.word().to_owned(),
        claim.attribution.map_or_else(String::new, |a| a.word().to_owned()),
        claim.cluster.clone(),
        claim.revises.as_deref().map(simulated).unwrap_or_default(),
        yes(claim.declared_floor),
        yes(claim.first_wave_only),
        claim.source_grade.word().to_owned(),
        claim.info_grade.word().to_owned(),
    ]
}
