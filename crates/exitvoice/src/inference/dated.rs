//! The first dated claim of a departure, in the shipped claims that of 14 October 2024: a desertion, an absence, or nothing.
//!
//! Before the claim: the probability that a departure of each kind, of any size, falls on a day that the claim can refer to. After it: the
//! weights of the matchings, averaged over posterior draws. Other rates of false reports, of an advance party and of attempts (their silence
//! included) re-weight the same draws.

use super::given::LEFT_OUT;
use super::problem::{Kept, War, is_report};
use super::settings::ESS_NEEDED;
use crate::report::{DatedClaim, DatedClaimCase, Meaning, odds_ratio};
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_infer::bank::Section;
use exitvoice_infer::diagnostic::Lineage;
use exitvoice_infer::diagnostic::ess::effective_size;
use exitvoice_infer::{Outcome, Weighted};
use exitvoice_observe::channel::departures::LAG_DAYS;
use exitvoice_observe::claim::{Claim, Quantity};
use exitvoice_observe::{ClaimSet, EventWeights, Scorer};
use exitvoice_record::{DepartureKind, ExpectedDeparture};

const FALSE_REPORTS: [f64; 2] = [0.02, 0.2];
const ADVANCE_PARTY: [f64; 2] = [0.1, 0.5];
pub(super) const BASE_RATE_FACTORS: [f64; 3] = [0.1, 1.0, 10.0];
/// Position of the factor that changes nothing.
const UNCHANGED: usize = 1;
const ADVANCE_KEY: &str = "force.advance_party";

/// One draw as this question sees it.
struct Draw {
    weight: f64,
    /// Whether an advance party stands.
    advance: bool,
    /// Expected departures on the days of the claim, by kind; `None` under a rule that acts at once.
    rates: Option<[f64; 2]>,
    main: EventWeights,
    /// By factor on the base rate; rate of false reports integrated over, then pinned.
    under: [[EventWeights; 3]; 3],
}

/// What the claim is worth; `other`: draws from the posterior under the other reading of silence, if there are enough.
pub(super) fn dated(
    war: &War<'_>,
    claims: &ClaimSet,
    outcome: &Outcome<Kept>,
    other: Option<&Weighted>,
    refused: bool,
    pool: &Pool,
) -> Option<DatedClaim> {
    let first = claims.scored().find(|c| is_report(c))?;
    let report = war.dated?;
    let ids = cluster_ids(&claims.used, &first.cluster);
    let others = (war.scorer.reports().len() - 1) as u32;
    let day = war.scorer.reports()[report].day;
    let read = |scorer, draws: &Weighted| read(scorer, (outcome, draws), (report, day), pool);
    let prior_draws = read(None, &outcome.prior);
    let prior = before(&prior_draws, |_| 1.0, 1.0);
    let possible = prior_draws.iter().any(|d| d.advance || d.rates.iter().flatten().any(|r| *r > 0.0));
    // Importance draws, whichever the rest of the posterior comes from: many of them were made where the readings are.
    let focused = outcome.bank.stored_draws(Section::Importance);
    let after_draws = if refused { Vec::new() } else { read(Some(&war.scorer), &focused) };
    let posterior = after(&after_draws, |_| 1.0, |d| d.main);
    let posterior_error = posterior.and_then(|_| error(&after_draws, &focused));
    let chance = war.prior_mean(ADVANCE_KEY).clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    let cases = cases(&prior_draws, &after_draws, chance);
    // Departures of a rule that acts at once have no rates, and its readings no odds.
    let at_once = prior_draws.iter().all(|draw| draw.rates.is_none());
    let excluded = match (at_once, possible) {
        (true, _) => Some("under a decision rule that acts at once its readings have no rates".to_owned()),
        (false, false) => Some("the scenario puts no soldiers near the border before the claim".to_owned()),
        (false, true) => None,
    };
    let bayes_factor = posterior.and_then(|p| odds_ratio(p.desertion, prior.desertion));
    let desertion_draws = posterior.map(|_| behind_desertion(&after_draws, |_| 1.0, |d| d.main));
    let other = other.map(|all| (read(Some(&war.other), all), all));
    let other_silence = other.as_ref().and_then(|(draws, _)| after(draws, |_| 1.0, |d| d.main));
    let other_silence_draws = other.as_ref().map(|(draws, _)| behind_desertion(draws, |_| 1.0, |d| d.main));
    let other_silence_error = other.as_ref().and_then(|(draws, all)| error(draws, all));
    Some(DatedClaim {
        day: first.as_of,
        ids,
        others,
        excluded,
        prior,
        posterior,
        posterior_error,
        bayes_factor,
        desertion_draws,
        complete: war.complete,
        other_silence,
        other_silence_error,
        other_silence_draws,
        cases,
    })
}

/// Rows of one report: those that date it, then those that tell of its men's return.
fn cluster_ids(used: &[Claim], cluster: &str) -> Vec<String> {
    let rows = used.iter().filter(|c| c.cluster == cluster);
    let returned = rows.clone().filter(|c| c.quantity == Quantity::Recaptured);
    rows.filter(|c| is_report(c)).chain(returned).map(|c| c.id.clone()).collect()
}

/// Probabilities of an advance party that the draws can be read under. A presence that no draw has cannot be weighed up: without draws of both,
/// the question is left out.
fn advance_settings(prior_draws: &[Draw], after_draws: &[Draw]) -> Vec<Option<f64>> {
    let has = |draws: &[Draw], advance: bool| draws.iter().any(|d| d.advance == advance && d.weight > 0.0);
    let both = |draws: &[Draw]| has(draws, true) && has(draws, false);
    if both(prior_draws) && (after_draws.is_empty() || both(after_draws)) {
        ADVANCE_PARTY.map(Some).to_vec()
    } else {
        vec![None]
    }
}

/// The claim under every other setting; `chance`: probability of an advance party before the claims.
fn cases(prior_draws: &[Draw], after_draws: &[Draw], chance: f64) -> Vec<DatedClaimCase> {
    let mut cases = Vec::new();
    let advance_parties = advance_settings(prior_draws, after_draws);
    for (index, false_reports) in FALSE_REPORTS.into_iter().enumerate() {
        for advance_party in advance_parties.iter().copied() {
            // Its probability acts through its presence alone, so the ratio of the two marginal laws of presence re-weights a draw.
            let presence = |d: &Draw| {
                let to = |p: f64| if d.advance { p / chance } else { (1.0 - p) / (1.0 - chance) };
                advance_party.map_or(1.0, to)
            };
            for (number, base_rate_factor) in BASE_RATE_FACTORS.into_iter().enumerate() {
                let prior = before(prior_draws, presence, base_rate_factor);
                let under = |d: &Draw| d.under[number][index + 1];
                let posterior = after(after_draws, presence, under).filter(|_| enough(after_draws, presence, under));
                let bayes_factor = posterior.and_then(|p| odds_ratio(p.desertion, prior.desertion));
                let desertion_draws = posterior.map(|_| behind_desertion(after_draws, presence, under));
                cases.push(DatedClaimCase {
                    false_reports,
                    advance_party,
                    base_rate_factor,
                    prior,
                    posterior,
                    bayes_factor,
                    desertion_draws,
                });
            }
        }
    }
    cases
}

/// Draws as this question sees them. The readings of the report take most of the time: without a scorer they are left at nothing, which is enough
/// for what is said before the claims.
fn read(
    scorer: Option<&Scorer>,
    (outcome, draws): (&Outcome<Kept>, &Weighted),
    (report, day): (usize, i32),
    pool: &Pool,
) -> Vec<Draw> {
    let rates = [None, Some(FALSE_REPORTS[0]), Some(FALSE_REPORTS[1])];
    let none = EventWeights { ln_desertion: 0.0, ln_absence: 0.0, ln_nothing: 0.0 };
    let found = pool.map(draws.entries.len(), |i| {
        let (kept, weight) = (outcome.bank.truth(draws.entries[i])?, draws.weights[i]);
        let seen = kept.seen();
        let rate = |kind: DepartureKind| {
            let days = day - LAG_DAYS..=day;
            let near = |e: &&ExpectedDeparture| e.kind == kind && e.at_front && days.contains(&(e.day as i32));
            kept.expected.iter().flat_map(|e| &e.departures).filter(near).map(|e| e.rate).sum::<f64>()
        };
        // A draw that weighs next to nothing is kept for the count of draws only.
        let counts = weight >= LEFT_OUT / draws.entries.len() as f64;
        let weights = |factor| match scorer.filter(|_| counts) {
            Some(scorer) => scorer.event_weights(&seen, report, rates, factor),
            None => [none; 3],
        };
        let under = BASE_RATE_FACTORS.map(weights);
        Some(Draw {
            weight: if counts { weight } else { 0.0 },
            advance: kept.advance_party,
            rates: kept.expected.as_ref().map(|_| [rate(DepartureKind::Desertion), rate(DepartureKind::Absence)]),
            main: under[UNCHANGED][0],
            under,
        })
    });
    found.into_iter().flatten().collect()
}

/// Probability that a departure of each kind falls on the days of the claim.
fn before(draws: &[Draw], ratio: impl Fn(&Draw) -> f64, base_rate: f64) -> Meaning {
    let (mut sum, mut desertion, mut absence) = (0.0, 0.0, 0.0);
    for draw in draws {
        let weight = draw.weight * ratio(draw);
        let Some([desertions, absences]) = draw.rates else { continue };
        let d = -math::exp_m1(-desertions * base_rate);
        let a = -math::exp_m1(-absences);
        sum += weight;
        // Both on one day is rarer than any of the numbers shown; the desertion is counted.
        desertion += weight * d;
        absence += weight * (1.0 - d) * a;
    }
    let (desertion, absence) = (desertion / sum, absence / sum);
    Meaning { desertion, absence, nothing: 1.0 - desertion - absence }
}

/// ln of the likelihood: the readings added up.
fn ln_all(weights: &EventWeights) -> f64 {
    math::ln_sum_exp(&[weights.ln_desertion, weights.ln_absence, weights.ln_nothing])
}

/// Whether enough draws carry the weights of a case: an answer of a few is none.
fn enough(draws: &[Draw], ratio: impl Fn(&Draw) -> f64, under: impl Fn(&Draw) -> EventWeights) -> bool {
    let weight = |d: &Draw| d.weight * ratio(d) * math::exp(ln_all(&under(d)) - ln_all(&d.main));
    effective_size(0..draws.len(), &draws.iter().map(weight).collect::<Vec<f64>>()) >= ESS_NEEDED
}

/// How many draws of equal weight the reading as a desertion rests on. Far fewer than the posterior where that is rare: its few heavy draws hide
/// in the whole, and their own spread tells too small an error.
fn behind_desertion(draws: &[Draw], ratio: impl Fn(&Draw) -> f64, under: impl Fn(&Draw) -> EventWeights) -> f64 {
    let weight = |d: &Draw| d.weight * ratio(d) * math::exp(under(d).ln_desertion - ln_all(&d.main));
    effective_size(0..draws.len(), &draws.iter().map(weight).collect::<Vec<f64>>())
}

/// Weights of the readings after the claim; `None` without draws.
fn after(draws: &[Draw], ratio: impl Fn(&Draw) -> f64, under: impl Fn(&Draw) -> EventWeights) -> Option<Meaning> {
    let (mut desertion, mut absence, mut nothing) = (0.0, 0.0, 0.0);
    for draw in draws {
        let scored = ln_all(&draw.main);
        let weights = under(draw);
        // Draws come in proportion to the likelihood that was scored: it is divided out before another one is put in.
        let share = |ln: f64| draw.weight * ratio(draw) * math::exp(ln - scored);
        desertion += share(weights.ln_desertion);
        absence += share(weights.ln_absence);
        nothing += share(weights.ln_nothing);
    }
    let sum = desertion + absence + nothing;
    (sum > 0.0).then(|| Meaning { desertion: desertion / sum, absence: absence / sum, nothing: nothing / sum })
}

/// Monte-Carlo standard errors of the posterior weights of the readings.
fn error(draws: &[Draw], all: &Weighted) -> Option<Meaning> {
    // A draw without a truth has no weight; none is left out here, so that draws and weights stay side by side.
    if draws.len() != all.entries.len() {
        return None;
    }
    let lineage = Lineage::independent(draws.len());
    let of = |ln: fn(&EventWeights) -> f64| {
        let share = |d: &Draw| math::exp(ln(&d.main) - ln_all(&d.main));
        lineage.standard_error(&all.weights, &draws.iter().map(share).collect::<Vec<f64>>())
    };
    let found =
        Meaning { desertion: of(|w| w.ln_desertion), absence: of(|w| w.ln_absence), nothing: of(|w| w.ln_nothing) };
    (found.desertion + found.absence + found.nothing).is_finite().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::time::Day;
    use exitvoice_observe::import::{File, ImportSettings, Returns, Waves, import};

    /// Draws of equal weight in which an advance party stands or does not; a desertion is likelier where it stands.
    fn draws(advance: &[bool]) -> Vec<Draw> {
        let draw = |advance: &bool| {
            let ln_desertion = if *advance { -2.0 } else { -6.0 };
            let main = EventWeights { ln_desertion, ln_absence: -3.0, ln_nothing: -1.0 };
            let rates = Some([if *advance { 0.1 } else { 0.001 }, 0.01]);
            Draw { weight: 1.0, advance: *advance, rates, main, under: [[main; 3]; 3] }
        };
        advance.iter().map(draw).collect()
    }

    #[test]
    fn the_question_of_an_advance_party_is_left_out_where_it_cannot_change_anything() {
        let settings = |before: &[bool], after: &[bool]| {
            let cases = cases(&draws(before), &draws(after), 0.5);
            cases.iter().map(|c| c.advance_party).collect::<Vec<_>>()
        };
        let (all, none) = (2 * 3 * ADVANCE_PARTY.len(), vec![None; 2 * 3]);
        let open = settings(&[true, false], &[false, true]);
        assert_eq!((open.len(), open.iter().flatten().count()), (all, all));
        assert_eq!(settings(&[true, false], &[]).len(), all, "refused: the prior is told");
        assert_eq!(settings(&[true, true], &[true, true]), none, "pinned to 1");
        assert_eq!(settings(&[false, false], &[]), none, "pinned to 0");
        assert_eq!(settings(&[true, false], &[true, true]), none, "no draw after the claims is without");
        let mut weightless = draws(&[true, false]);
        weightless[1].weight = 0.0;
        assert_eq!(advance_settings(&weightless, &[]), [None]);
    }

    #[test]
    fn a_report_has_the_rows_of_its_own_cluster_only() {
        let header = include_str!("../../data/evidence/claims-kursk-2024-coded.csv").lines().next().expect("a header");
        let row = |id: &str, day: u32, cluster: &str, revises: &str| {
            let quantity = if revises.is_empty() { "desertions" } else { "recaptured" };
            let what = format!("{id},{quantity},exact,,18,,,2024-10-{day},2024-10-{day},dprk,ua_anon,media_anonymous");
            let start = format!("{what},{cluster},F,6,yes,x,{revises}");
            format!("{start}{}", ",".repeat(header.matches(',').count() - start.matches(',').count()))
        };
        let rows = [
            row("A3", 20, "later", ""),
            row("A1", 14, "first", ""),
            row("A4", 21, "first", "A1"),
            row("A2", 15, "first", ""),
        ];
        let bytes = format!("{header}\n{}\n", rows.join("\n"));
        let settings = ImportSettings {
            day_zero: Day::parse("2024-10-08").expect("a date"),
            last_day: Day::parse("2025-04-30").expect("a date"),
            soldiers: 15_000,
            waves: Waves::Fixed,
            returns: Returns::NotModelled,
            view: None,
        };
        let set = import(&[File { name: "claims.csv", bytes: bytes.as_bytes() }], None, &settings).expect("rows");
        assert_eq!(set.used.len(), 4);
        assert_eq!(cluster_ids(&set.used, "first"), ["A1", "A2", "A4"]);
        assert_eq!(cluster_ids(&set.used, "later"), ["A3"]);
    }

    #[test]
    fn a_likelier_advance_party_makes_a_desertion_likelier() {
        let both = draws(&[true, false].repeat(60));
        let found = cases(&both, &both, 0.5);
        let desertion = |advance: f64| {
            let case = found.iter().find(|c| c.advance_party.is_some_and(|p| (p - advance).abs() < 1e-9));
            case.and_then(|c| c.posterior).expect("told").desertion
        };
        assert!(desertion(0.5) > desertion(0.1));
    }

    #[test]
    fn one_draw_in_which_men_deserted_is_one_however_many_say_they_did_not() {
        let main = |ln_desertion| EventWeights { ln_desertion, ln_absence: -3.0, ln_nothing: -1.0 };
        let with = |ln_desertion: f64| Draw { main: main(ln_desertion), ..draws(&[false]).remove(0) };
        let mut all: Vec<Draw> = (0..400).map(|_| with(-30.0)).collect();
        let behind = |all: &[Draw]| behind_desertion(all, |_| 1.0, |d| d.main);
        assert!((behind(&all) - 400.0).abs() < 1e-6, "{}", behind(&all));
        all[7] = with(-9.0);
        assert!(enough(&all, |_| 1.0, |d| d.main) && behind(&all) < 1.001, "{}", behind(&all));
    }

    #[test]
    fn a_case_that_rests_on_few_draws_has_no_answer() {
        let answered = |count: usize| {
            let both = draws(&[true, false].repeat(count));
            cases(&both, &both, 0.5).iter().filter(|case| case.posterior.is_some()).count()
        };
        assert_eq!((answered(10), answered(200)), (0, 2 * 3 * ADVANCE_PARTY.len()));
        // One draw that outweighs all others is one draw.
        let mut heavy = draws(&[true, false].repeat(200));
        heavy[0].weight = 1e6;
        assert!(cases(&heavy, &heavy, 0.5).iter().all(|case| case.posterior.is_none()));
    }
}
