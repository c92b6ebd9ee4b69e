//! The force of calibration, and worlds of it whose truth is known: the deployment of `kursk-2024` at a twenty-fourth, or whole.

use crate::check::Request;
use crate::command::{Error, Progress, ScenarioOptions};
use crate::inference::synthetic::printed;
use crate::inference::{Kept, War, solve};
use crate::scenario::Scenario;
use crate::{country, deployment};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::{Outcome, Problem};
use exitvoice_model::force::ForceBase;
use exitvoice_observe::claim::{Claim, Quantity};
use exitvoice_observe::sampler::Observers;
use exitvoice_observe::{ClaimError, ClaimSet, Truth};

/// Soldiers of the reduced force.
const SOLDIERS: f64 = 600.0;
/// Scale of the country they come from: about twice as many candidates.
const SCALE: f64 = 0.002;
/// What is spent on a world, and when it is refused.
#[derive(Clone, Copy)]
struct Effort {
    /// Simulations planned for each world; the further ones where that is refused. One a point: several would leave nothing for the way to the
    /// posterior.
    attempts: &'static [u64],
    /// Simulations kept for a posterior that would be refused without them, beside as many planned ones.
    reserve: u64,
    /// Effective draws below which a posterior is refused.
    ess_needed: f64,
}

/// Effective draws that a rank among them needs. `infer` asks for more, which the tails of an interval need that is told.
pub(super) const LEAST_DRAWS: f64 = 40.0;

const ON_THE_REDUCED: Effort = Effort { attempts: &[1_200, 4_000], reserve: 1_600, ess_needed: LEAST_DRAWS };
/// A quarter of what `infer` spends by default on the claims at hand, and half of it where that is refused.
const ON_THE_WHOLE: Effort = Effort { attempts: &[2_000, 4_000], reserve: 700, ess_needed: LEAST_DRAWS };
/// One in so many bulletins of counts is kept.
const BULLETINS: usize = 4;

/// Scenario, force and claims whose rows, dates and sources are printed anew for each world.
pub(super) struct Bench {
    pub(super) scenario: Scenario,
    pub(super) base: ForceBase,
    pub(super) claims: ClaimSet,
    effort: Effort,
}

impl Bench {
    /// The reduced force, its country built or taken from the cache.
    ///
    /// # Errors
    /// Too little memory, or a signal.
    pub(super) fn reduced(request: &Request<'_>, pool: &Pool, progress: &mut dyn Progress) -> Result<Self, Error> {
        let options = ScenarioOptions { scale: Some(SCALE), ..ScenarioOptions::new("kursk-2024") };
        let mut scenario = options.resolve(request.machine, &[])?;
        let country = country::open(&scenario, request.machine, pool, progress)?;
        let all = f64::from(scenario.soldiers());
        for wave in &mut scenario.waves {
            wave.persons = ((f64::from(wave.persons) * SOLDIERS / all).round() as u32).max(1);
        }
        let asked = crate::inference::Request { scenario: &scenario, claims: None, as_of: None, budget: None };
        let claims = fewer(crate::inference::read_claims(&asked)?);
        let base = deployment::force(&scenario, &country)?;
        Ok(Self { scenario, base, claims, effort: ON_THE_REDUCED })
    }

    /// The whole force under all claims.
    ///
    /// # Errors
    /// As [`Bench::reduced`].
    pub(super) fn whole(request: &Request<'_>, pool: &Pool, progress: &mut dyn Progress) -> Result<Self, Error> {
        let scenario = ScenarioOptions::new("kursk-2024").resolve(request.machine, &[])?;
        let country = country::open(&scenario, request.machine, pool, progress)?;
        let asked = crate::inference::Request { scenario: &scenario, claims: None, as_of: None, budget: None };
        let claims = crate::inference::read_claims(&asked)?;
        let base = deployment::force(&scenario, &country)?;
        Ok(Self { scenario, base, claims, effort: ON_THE_WHOLE })
    }

    /// Addresses of a numbered world.
    pub(super) fn draws(&self, world: u64) -> Draws {
        Draws::new(Seed(self.scenario.seed.0 + world), Purpose::Synthetic)
    }

    /// The problem under a set of claims.
    pub(super) fn war(&self, claims: &ClaimSet) -> Result<War<'_>, Error> {
        War::new(&self.scenario, &self.base, claims, self.scenario.last_day)
    }

    /// The problem under what was said of a world; `None` where a user would be refused: more reports of departures than can be told apart.
    pub(super) fn told(&self, claims: &ClaimSet) -> Result<Option<War<'_>>, Error> {
        use ClaimError::{TooManyInAll, TooManyReports};
        match self.war(claims) {
            Err(Error::Claims(error)) if matches!(*error, TooManyReports { .. } | TooManyInAll { .. }) => Ok(None),
            war => war.map(Some),
        }
    }

    /// A world drawn from the prior, and the claims that observers would print about it.
    pub(super) fn world(&self, draws: Draws) -> Result<World, Error> {
        self.changed_world(draws, |_, value| value)
    }

    /// The same with parameters changed, by name and drawn value.
    pub(super) fn changed_world(&self, draws: Draws, change: impl Fn(&str, f64) -> f64) -> Result<World, Error> {
        self.any_world(draws, change, &[(0, &self.scenario)])
    }

    /// A world drawn from the prior, told by observers whose laws change: those of each scenario hold from its day of the deployment on. The
    /// errors that observers share stay the same.
    pub(super) fn world_told_by(&self, draws: Draws, laws: &[(i32, &Scenario)]) -> Result<World, Error> {
        self.any_world(draws, |_, value| value, laws)
    }

    /// What observers under the laws of a scenario print of a world in the place of count rows of a template; nothing else is told.
    pub(super) fn counts_printed(
        scenario: &Scenario,
        template: &ClaimSet,
        war: &War<'_>,
        truth: &Kept,
        seed: Seed,
    ) -> ClaimSet {
        let simulated = war.scorer.simulate(&Truth::new(&truth.truth.trajectory), seed, Observers::Fresh);
        let rows = printed(scenario, template, &simulated, scenario.last_day);
        let count = |c: &Claim| template.used.iter().any(|row| row.id == c.id);
        ClaimSet { used: rows.into_iter().filter(count).collect(), ..ClaimSet::default() }
    }

    fn any_world(
        &self,
        draws: Draws,
        change: impl Fn(&str, f64) -> f64,
        laws: &[(i32, &Scenario)],
    ) -> Result<World, Error> {
        let template = self.war(&self.claims)?;
        let drawn = template.prior_draw(draws, 10);
        let theta: Vec<f64> =
            template.parameters().iter().zip(drawn).map(|(p, value)| change(&p.name, value)).collect();
        let truth = template.simulate(&theta, draws.seed(11, 0)).map_err(Error::bug)?;
        let seen = Truth::new(&truth.truth.trajectory);
        let mut used = Vec::new();
        for (number, (from, scenario)) in laws.iter().enumerate() {
            let to = laws.get(number + 1).map_or(i32::MAX, |next| next.0);
            let war = War::new(scenario, &self.base, &self.claims, scenario.last_day)?;
            let simulated = war.scorer.simulate(&seen, draws.seed(12, 0), Observers::Fresh);
            let rows = printed(&self.scenario, &self.claims, &simulated, self.scenario.last_day);
            let theirs = |c: &Claim| (*from..to).contains(&(c.as_of - self.scenario.day_zero));
            used.extend(rows.into_iter().filter(is_scored).filter(theirs));
        }
        Ok(World { theta, truth, claims: ClaimSet { used, copies: self.claims.copies.clone(), ..ClaimSet::default() } })
    }

    /// The posterior of the claims; `None` where it is refused at every attempt, each with more simulations than the one before.
    pub(super) fn infer(
        &self,
        request: &Request<'_>,
        pool: &Pool,
        war: &War<'_>,
        draws: Draws,
    ) -> Result<Option<Outcome<Kept>>, Error> {
        let Effort { attempts, reserve, ess_needed } = self.effort;
        for (attempt, budget) in (0_u64..).zip(attempts) {
            let settings = Settings {
                budget: budget + reserve,
                reserve: reserve as u32,
                noise_checks: 0,
                ess_needed,
                ..Settings::for_budget(*budget)
            };
            let seed = draws.seed(13, attempt);
            let outcome = solve(war, &settings, seed, request.machine, pool, &mut |_| {})?;
            if outcome.refusal.is_none() {
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }
}

/// Every fourth bulletin of counts, and all that is said of prisoners and departures.
///
/// A force of 600 loses a twenty-fourth of the soldiers, so chance moves its totals five times as far, in proportion, as those of the whole
/// force; under all bulletins together the likelihood of one deployment would say more about that chance than about the parameters.
fn fewer(claims: ClaimSet) -> ClaimSet {
    let rare = |c: &Claim| matches!(c.quantity, Quantity::Prisoners | Quantity::Desertions | Quantity::Recaptured);
    let mut bulletins: Vec<String> = Vec::new();
    for claim in claims.scored().filter(|c| !rare(c)) {
        if !bulletins.contains(&claim.cluster) {
            bulletins.push(claim.cluster.clone());
        }
    }
    let kept =
        |c: &Claim| rare(c) || bulletins.iter().position(|b| *b == c.cluster).is_some_and(|k| k % BULLETINS == 0);
    ClaimSet { used: claims.used.into_iter().filter(kept).collect(), ..claims }
}

/// A world whose truth is known.
pub(super) struct World {
    /// Its parameters.
    pub(super) theta: Vec<f64>,
    /// What happened.
    pub(super) truth: Kept,
    /// What was said of it.
    pub(super) claims: ClaimSet,
}

/// Rows that were inputs of the waves are no claims about a world whose waves are given.
const fn is_scored(claim: &Claim) -> bool {
    !matches!(claim.quantity, Quantity::Sent | Quantity::Present)
}
