//! The posterior from public claims: the one place where world, watchers and inference meet.
//!
//! [`War`] is the problem that the sampler sees; [`Inferred`] is what comes out of it, with everything a report says.

mod again;
mod bank;
mod budget;
mod dated;
mod explained;
pub mod forecast;
mod further;
mod given;
mod influence;
mod main_effect;
mod problem;
mod settings;
pub mod synthetic;
mod tell;

pub(crate) use bank::{Storable, Store};
use given::Given;
pub use problem::{Kept, War};

use crate::answers::{QUANTITIES, Quantity, summarise, where_defined};
use crate::command::run::{ClaimCounts, PriorPost};
use crate::command::{Error, Event, Machine, Progress, Stage};
use crate::data;
use crate::io::run_folder::RunFolder;
use crate::provenance::broken_chain;
use crate::report::{Parameter, Quantiles, Refusal, Verdict};
use crate::scenario::Scenario;
use crate::tables::{self, Keys};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::algorithm::{rescore, smc};
use exitvoice_infer::diagnostic::identify::{Label, identify_beyond_error};
use exitvoice_infer::{Ending, InferError, Outcome, Problem, output};
use exitvoice_model::force::ForceBase;
use exitvoice_observe::ClaimSet;
use exitvoice_observe::import::{File, ImportSettings, Returns, Waves, import};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The scenario, with claims.
    pub scenario: &'a Scenario,
    /// A claims file of the user in place of the scenario's set: its name and text.
    pub claims: Option<(&'a str, &'a [u8])>,
    /// Only what was published by this day.
    pub as_of: Option<Day>,
    /// Most simulations, in place of the scenario's.
    pub budget: Option<u32>,
}

/// What an inference found.
pub struct Inferred {
    /// Claim rows by use.
    pub counts: ClaimCounts,
    /// Answers: after the claims, or before them where the result was refused.
    pub quantities: BTreeMap<String, Quantiles>,
    /// Answers before the claims.
    pub before: BTreeMap<String, Quantiles>,
    /// BLAKE3 of posterior draws, weights and log-likelihoods.
    pub digest: [u8; 32],
    /// Numbers by name.
    pub numbers: Vec<(String, f64)>,
    /// What the claims said of each parameter.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Why there is no posterior, if there is none.
    pub refusal: Option<Refusal>,
    /// Last day of publication that counted.
    pub as_of: Day,
    claims: ClaimSet,
    outcome: Outcome<Kept>,
    posterior: BTreeMap<String, Vec<f64>>,
    settings: settings::Settings,
    dated: Option<crate::report::DatedClaim>,
    predicted: tell::Predicted,
    /// Answers under other settings, and without each source and grade.
    pub variants: Vec<crate::report::Variant>,
    /// By quantity and grade of evidence: share of the prior variance.
    pub variance_shares: BTreeMap<String, BTreeMap<String, f64>>,
    /// What one more published number would be worth, by quantity and the most useful first; nothing where the result was refused.
    pub further: Vec<crate::report::Further>,
    given: Given,
    details: tell::RowDetails,
}

/// Reads the claims as [`read_claims`], and tries whether they can be scored together.
///
/// # Errors
/// A claims file of the user is wrong, or has more reports of departures than can be told apart (exit 64).
pub fn scorable_claims(request: &Request<'_>) -> Result<ClaimSet, Error> {
    let (scenario, claims) = (request.scenario, read_claims(request)?);
    let complete = scenario.claims.as_ref().is_some_and(|c| c.complete);
    let as_of = request.as_of.unwrap_or(scenario.last_day);
    problem::scorer(scenario, &claims, &problem::observer_laws(scenario)?, as_of, complete)?;
    Ok(claims)
}

/// Name and coded bytes of the claims of a scenario, for hashes.
///
/// # Errors
/// The scenario names a set that is not embedded (a bug: resolving checks it).
pub fn claims_bytes(scenario: &Scenario) -> Result<Option<(String, Vec<u8>)>, Error> {
    let Some(set) = &scenario.claims else { return Ok(None) };
    let texts = data::claims(&set.name)
        .ok_or_else(|| Error::Bug { detail: format!("claims `{}` are not embedded", set.name) })?;
    Ok(Some((set.name.clone(), [texts.raw.as_bytes(), texts.coded.as_bytes()].concat())))
}

/// Reads and sorts the claims of a request.
///
/// # Errors
/// A claims file of the user is wrong (exit 64).
pub fn read_claims(request: &Request<'_>) -> Result<ClaimSet, Error> {
    let scenario = request.scenario;
    let settings = ImportSettings {
        day_zero: scenario.day_zero,
        last_day: scenario.last_day,
        soldiers: scenario.soldiers(),
        waves: Waves::Fixed,
        returns: returns(scenario),
        view: request.as_of,
    };
    if let Some((name, bytes)) = request.claims {
        let mut claims = import(&[File { name, bytes }], None, &settings)?;
        claims.notices.extend(broken_chain(name, bytes));
        return Ok(claims);
    }
    let Some(set) = &scenario.claims else { return Ok(ClaimSet::default()) };
    let texts = data::claims(&set.name)
        .ok_or_else(|| Error::Bug { detail: format!("claims `{}` are not embedded", set.name) })?;
    let file = |name: &'static str, text: &'static str| File { name, bytes: text.as_bytes() };
    Ok(import(&[file("coded claims", texts.coded)], Some(file("raw claims", texts.raw)), &settings)?)
}

/// Median time abroad before a unit goes home.
const TOUR: &str = "danger.rotation.tour";

/// Whether soldiers come home within the deployment: half of the tours have ended by its last day.
fn returns(scenario: &Scenario) -> Returns {
    if scenario.values.get(TOUR).is_some_and(|tour| tour.canonical < f64::from(scenario.days())) {
        Returns::Modelled
    } else {
        Returns::NotModelled
    }
}

/// Infers hidden numbers from the claims. Simulations are kept in `store`, where there is one, and those that it holds are not made again.
///
/// # Errors
/// Wrong claims (64), a signal (75; what was simulated is kept), a file system that refuses (74), or a simulator that contradicts itself
/// (70). A refusal is no error.
pub(crate) fn infer(
    request: &Request<'_>,
    base: &ForceBase,
    store: Option<&mut Store<'_>>,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Inferred, Error> {
    let asked = Ready::new(request, base)?;
    let outcome = asked.sample(store, machine, pool, progress)?;
    asked.answer(outcome, pool, progress)
}

/// The posterior of other claims from the simulations that `store` holds of an earlier inference, `before`: they are weighted again, and
/// only what is missing of the bank is simulated.
///
/// # Errors
/// As [`infer`].
pub(crate) fn reweigh(
    request: &Request<'_>,
    before: &Request<'_>,
    base: &ForceBase,
    store: &mut Store<'_>,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Inferred, Error> {
    let (mut asked, before) = (Ready::new(request, base)?, Ready::new(before, base)?);
    let bank = before.sample(Some(store), machine, pool, progress)?;
    let started = Instant::now();
    progress.event(Event::Began { stage: Stage::Infer, of: None });
    let outcome = rescore(&asked.war, &asked.settings, pool, bank).map_err(from_infer)?;
    progress.event(Event::Ended { stage: Stage::Infer, seconds: started.elapsed().as_secs_f64() });
    if !before.war.watches(&asked.war) {
        let words = "the bank was made for claims that date departures to other days: what it says of these is noisier";
        progress.event(Event::Warning(words.to_owned()));
        asked.claims.notices.push(words.to_owned());
    }
    let mut inferred = asked.answer(outcome, pool, progress)?;
    if let Some(refusal) = &mut inferred.refusal {
        refusal
            .reason
            .push_str(" These simulations were made for other claims: an inference of its own may need fewer.");
    }
    Ok(inferred)
}

/// A request made ready.
struct Ready<'a> {
    scenario: &'a Scenario,
    claims: ClaimSet,
    as_of: Day,
    war: War<'a>,
    settings: Settings,
    details: tell::RowDetails,
}

impl<'a> Ready<'a> {
    fn new(request: &Request<'a>, base: &'a ForceBase) -> Result<Self, Error> {
        let scenario = request.scenario;
        let claims = read_claims(request)?;
        let as_of = request.as_of.unwrap_or(scenario.last_day);
        let war = War::new(scenario, base, &claims, as_of)?;
        let budget = u64::from(request.budget.unwrap_or(scenario.infer.budget));
        let settings = budget::sampler_settings(budget, scenario.infer.replicates, war.dated.is_some());
        Ok(Self { scenario, claims, as_of, war, settings, details: tell::RowDetails::read(request) })
    }

    fn sample(
        &self,
        store: Option<&mut Store<'_>>,
        machine: &Machine,
        pool: &Pool,
        progress: &mut dyn Progress,
    ) -> Result<Outcome<Kept>, Error> {
        let (started, seed) = (Instant::now(), self.scenario.seed);
        progress.event(Event::Began { stage: Stage::Infer, of: Some(self.settings.budget) });
        let advanced = |p: exitvoice_infer::Progress| Event::Advanced { done: p.simulations };
        let outcome = match store {
            Some(store) => {
                let mut hear = |p, progress: &mut dyn Progress| progress.event(advanced(p));
                bank::solve(&self.war, store, (&self.settings, seed), machine, pool, progress, &mut hear)?
            }
            None => solve(&self.war, &self.settings, seed, machine, pool, &mut |p| progress.event(advanced(p)))?,
        };
        progress.event(Event::Ended { stage: Stage::Infer, seconds: started.elapsed().as_secs_f64() });
        Ok(outcome)
    }

    fn answer(self, outcome: Outcome<Kept>, pool: &Pool, progress: &mut dyn Progress) -> Result<Inferred, Error> {
        let started = Instant::now();
        progress.event(Event::Began { stage: Stage::Answers, of: None });
        let inferred = Inferred::gather(self, outcome, pool)?;
        progress.event(Event::Ended { stage: Stage::Answers, seconds: started.elapsed().as_secs_f64() });
        Ok(inferred)
    }
}

/// Deployments that an inference simulates beside those of its budget, for a raised prior.
pub(crate) fn raised_deployments(scenario: &Scenario) -> u64 {
    settings::deployments(scenario) as u64
}

/// Runs the engine to its end, or until a signal; `hear` is told of every step.
///
/// # Errors
/// What the engine refuses to work on, or a signal.
pub(crate) fn solve<P: Problem>(
    problem: &P,
    settings: &Settings,
    seed: Seed,
    machine: &Machine,
    pool: &Pool,
    hear: &mut dyn FnMut(exitvoice_infer::Progress),
) -> Result<Outcome<P::Truth>, Error> {
    let mut step = |progress| {
        hear(progress);
        if machine.stop.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match smc::run(problem, settings, seed, pool, &mut step).map_err(from_infer)? {
        Ending::Finished(outcome) => Ok(*outcome),
        Ending::Stopped(_) => Err(Error::Stopped),
    }
}

pub(crate) fn from_infer(error: InferError) -> Error {
    match error {
        InferError::Setting { .. } => Error::Sampler { reason: error.to_string() },
        other => Error::Bug { detail: other.to_string() },
    }
}

impl Inferred {
    fn gather(ready: Ready<'_>, outcome: Outcome<Kept>, pool: &Pool) -> Result<Self, Error> {
        let Ready { scenario, claims, as_of, war, details, .. } = ready;
        let war = &war;
        let draws = &outcome.posterior;
        let group = output::parameters(&outcome.bank, draws);
        let posterior: BTreeMap<String, Vec<f64>> =
            group.names.iter().cloned().zip(group.columns.iter().cloned()).collect();
        let refusal = outcome.refusal.map(|r| Refusal {
            reason: format!("{}.", crate::report::first_up(&strip_code(&r.to_string()))),
            budget: Some(r.budget_needed),
        });
        let before: BTreeMap<String, Quantiles> = QUANTITIES
            .iter()
            .filter_map(|q| {
                let (weights, values) = settings::values(&outcome.bank, &outcome.prior, q.read);
                summarise(&weights, &values).map(|s| (q.name.to_owned(), s))
            })
            .collect();
        let given = Given::new(&war.scorer, &outcome.bank, draws, scenario.seed, pool);
        let after = |q: &Quantity| summarise(&given.weights, &given.values(q.read)).map(|s| (q.name.to_owned(), s));
        let quantities = if refusal.is_some() { before.clone() } else { QUANTITIES.iter().filter_map(after).collect() };
        let verdicts = outcome
            .diagnostics
            .parameters
            .iter()
            .filter_map(|p| p.identification.as_ref().map(|i| (p.name.clone(), label_to_verdict(i.label))))
            .collect();
        let scored = claims.scored().count();
        let counts = ClaimCounts {
            used: claims.used.len() as u32,
            inputs: claims.inputs.len() as u32,
            not_modelled: claims.not_modelled.len() as u32,
            clusters: claims.clusters() as u32,
            after_as_of: claims.after_view as u32,
        };
        let settings = settings::settings(scenario, war, &outcome, &given, pool)?;
        let dated = dated::dated(war, &claims, &outcome, settings.other_silence.as_ref(), refusal.is_some(), pool);
        let predicted = tell::predicted(scenario, war, &claims, &outcome, refusal.is_some(), pool);
        let mut variants = settings::variants(scenario, war, &claims, &outcome, as_of, refusal.is_some(), pool)?;
        if refusal.is_none() && claims.scored().next().is_some() {
            variants.extend(influence::without(scenario, war, &claims, &outcome, as_of, pool)?);
        }
        let variance_shares = influence::variance_shares(scenario, &outcome);
        let refused = refusal.is_some();
        let further = if refused { Vec::new() } else { further::further(scenario, war, &claims, &outcome, pool) };
        Ok(Self {
            counts,
            quantities,
            before,
            digest: digest(&outcome),
            numbers: numbers(&outcome, scored, &given, dated.as_ref()),
            verdicts,
            refusal,
            as_of,
            claims,
            posterior,
            settings,
            dated,
            predicted,
            variants,
            variance_shares,
            further,
            given,
            details,
            outcome,
        })
    }

    /// What `quantities` are, in a word.
    #[must_use]
    pub const fn quantities_are(&self) -> &'static str {
        if self.refusal.is_some() { "prior" } else { "posterior" }
    }

    /// Writes claims, posterior draws and diagnostics.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn write_tables(&self, folder: &mut RunFolder<'_>, keys: &Keys) -> Result<(), Error> {
        folder.write_table(&tell::claims_table(keys, &self.claims, &self.predicted.quantiles))?;
        // The groups of ArviZ's InferenceData; the observed data are the scored rows of `claims`.
        let groups = output::groups(&self.outcome);
        folder.write_table(&tables::prior(keys, &groups.prior))?;
        if self.refusal.is_none() {
            folder.write_table(&tables::posterior(keys, &groups.posterior))?;
            folder.write_table(&tables::sample_stats(keys, &groups.sample_stats))?;
        }
        let name = if self.refusal.is_none() { "posterior_predictive" } else { "prior_predictive" };
        folder.write_table(&tables::predictive(keys, name, &self.predicted.samples))?;
        folder.write_table(&tables::diagnostics(keys, &self.numbers))?;
        Ok(())
    }

    /// What the posterior expects each scored row to say, by row.
    #[must_use]
    pub fn predictive(&self) -> BTreeMap<String, Quantiles> {
        self.predicted.quantiles.clone()
    }

    /// What was not checked or was assumed of the claims, and which of them contradict each other.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.claims.notices
    }

    /// Keys of parameters that the claims do not inform.
    #[must_use]
    pub fn not_identified(&self) -> Vec<String> {
        self.verdicts.iter().filter(|(_, v)| **v == Verdict::NotIdentified).map(|(k, _)| k.clone()).collect()
    }
}

const fn label_to_verdict(label: Label) -> Verdict {
    match label {
        Label::NotIdentified => Verdict::NotIdentified,
        Label::ShiftedNotNarrowed => Verdict::Shifted,
        Label::Identified => Verdict::Identified,
    }
}

/// Weights and values.
type Side<'a> = (&'a [f64], &'a [f64]);

/// What the claims say of a number, judged on the real line. Where all its quantiles are what they were and draws lie beyond them still, nothing: of a
/// number that is nearly always 0 a few draws make the spread, before as after.
fn verdict(before: Side<'_>, before_real: &[f64], after: Side<'_>, after_real: &[f64]) -> Option<Verdict> {
    let found = label_to_verdict(identify_beyond_error(before.0, before_real, after.0, after_real)?.label);
    let same = summarise(before.0, before.1).zip(summarise(after.0, after.1)).is_some_and(|(a, b)| a.same_interval(&b));
    let apart = after.1.iter().any(|x| x.total_cmp(&after.1[0]).is_ne());
    Some(if same && apart { Verdict::NotIdentified } else { found })
}

/// Prior and posterior by parameter, as `--json` prints them.
#[must_use]
pub fn prior_post(parameters: &[Parameter]) -> BTreeMap<String, PriorPost> {
    let word = |v: Option<Verdict>| match v {
        Some(Verdict::NotIdentified) => "not identified",
        Some(Verdict::Shifted) => "shifted, not narrowed",
        Some(Verdict::Identified) | None => "",
    };
    parameters
        .iter()
        .map(|p| {
            let (verdict, measure) = (word(p.verdict).to_owned(), Some(p.measure.clone()));
            (p.key.clone(), PriorPost { prior: p.prior, post: p.posterior, verdict, measure })
        })
        .collect()
}

fn digest(outcome: &Outcome<Kept>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for (entry, weight) in outcome.posterior.entries.iter().zip(&outcome.posterior.weights) {
        for value in outcome.bank.theta(entry.row) {
            hasher.update(&value.to_bits().to_le_bytes());
        }
        hasher.update(&weight.to_bits().to_le_bytes());
        hasher.update(&outcome.bank.ln_likelihood(entry.row).to_bits().to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn numbers(
    outcome: &Outcome<Kept>,
    scored: usize,
    given: &Given,
    dated: Option<&crate::report::DatedClaim>,
) -> Vec<(String, f64)> {
    let d = &outcome.diagnostics;
    let mut rows = vec![
        ("ess".to_owned(), d.ess),
        ("ess_distinct".to_owned(), d.ess_distinct),
        ("temperature".to_owned(), d.temperature),
        ("simulations".to_owned(), d.simulations as f64),
        ("failures".to_owned(), d.failures.total() as f64),
        ("budget".to_owned(), d.budget as f64),
        ("rows_scored".to_owned(), scored as f64),
        ("stages".to_owned(), d.stages.len() as f64),
    ];
    // A bank that is weighed again has moved no chain.
    if let Some(last) = d.stages.last() {
        rows.push(("acceptance".to_owned(), last.acceptance()));
    }
    if d.ln_evidence.is_finite() {
        rows.push(("ln_evidence".to_owned(), d.ln_evidence));
        rows.push(("ln_evidence_se".to_owned(), d.ln_evidence_se));
    }
    if let Some(noise) = &d.noise {
        rows.push(("ln_likelihood_variance".to_owned(), noise.variance));
    }
    for parameter in &d.parameters {
        rows.push((format!("ess {}", parameter.name), parameter.ess));
    }
    let weights = &outcome.posterior.weights;
    for quantity in QUANTITIES {
        let all = given.spread(&given.values(quantity.read), weights.len());
        let Some((weights, all)) = where_defined(weights, &all) else { continue };
        rows.push((format!("mcse_mean {}", quantity.name), outcome.lineage.standard_error(&weights, &all)));
        rows.push((format!("mcse_median {}", quantity.name), outcome.lineage.quantile_error(&weights, &all, 0.5)));
    }
    if let Some((claim, error)) = dated.and_then(|c| Some((c, c.posterior_error?))) {
        let posterior = claim.posterior.map_or([f64::NAN; 3], |m| [m.desertion, m.absence, m.nothing]);
        let errors = [error.desertion, error.absence, error.nothing];
        for (name, (p, e)) in ["desertion", "absence", "nothing"].into_iter().zip(posterior.into_iter().zip(errors)) {
            rows.push((format!("dated_claim_{name}"), p));
            rows.push((format!("mcse dated_claim_{name}"), e));
        }
        rows.push(("dated_claim_desertion_draws".to_owned(), claim.desertion_draws.unwrap_or(f64::NAN)));
    }
    rows.retain(|(_, x)| x.is_finite());
    rows
}

/// A message without its code.
fn strip_code(message: &str) -> String {
    message.split_once(": ").map_or(message, |(_, rest)| rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_draws_beyond_an_interval_that_stays_identify_nothing_and_a_number_that_is_known_is_identified() {
        let weights = vec![1.0; 1_000];
        let draws =
            |above: usize, value: f64| (0..1_000).map(|i| if i < above { value } else { 0.0 }).collect::<Vec<f64>>();
        let said = |before: &[f64], after: &[f64]| verdict((&weights, before), before, (&weights, after), after);
        assert_eq!(said(&draws(20, 9.0), &draws(10, 2.0)), Some(Verdict::NotIdentified), "few and beyond, both times");
        assert_eq!(said(&draws(20, 9.0), &draws(0, 0.0)), Some(Verdict::Identified), "pinned");
        assert_eq!(said(&draws(500, 9.0), &draws(500, 2.0)), Some(Verdict::Identified), "narrower");
    }
}
