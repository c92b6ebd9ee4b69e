//! From an inference to the words and tables of the report.

use super::problem::{Kept, War};
use super::settings::on_the_real_line;
use super::{Inferred, Request};
use crate::answers::{QUANTITIES, Quantity, Truth, summarise, where_defined};
use crate::fill::{self, Draws};
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::report::{
    Answer, Assumption, ClaimRow, Claims, Desertions, Diagnostic, Head, Inference, InputFile, Measure, Quantiles,
    ReportData, SourceGroup, VarianceShares, date,
};
use crate::scenario::Scenario;
use crate::tables::{Keys, Printed};
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws as Addressed, Purpose};
use exitvoice_core::time::Day;
use exitvoice_infer::{Outcome, Weighted};
use exitvoice_observe::ClaimSet;
use exitvoice_observe::claim::{self, Claim};
use exitvoice_observe::sampler::Observers;
use std::collections::{BTreeMap, BTreeSet};

/// Posterior draws for which printed claims are drawn.
const PREDICTIVE_DRAWS: usize = 400;

impl Inferred {
    /// Everything that the report shows.
    #[must_use]
    pub fn report(
        &self,
        scenario: &Scenario,
        head: Head,
        assumptions: Vec<Assumption>,
        files: Vec<InputFile>,
    ) -> ReportData {
        let bank = &self.outcome.bank;
        let side = |draws: &Weighted| -> (Vec<&Truth>, Vec<f64>) {
            let kept =
                draws.entries.iter().zip(&draws.weights).filter_map(|(e, w)| bank.truth(*e).map(|k| (&k.truth, *w)));
            kept.filter(|(_, w)| *w > 0.0).unzip()
        };
        let (before, before_weights) = side(&self.outcome.prior);
        let prior = fill::Weighted { truths: &before, weights: &before_weights };
        let given = self.given.truths(bank, &self.outcome.posterior);
        let after: Vec<&Truth> = given.iter().collect();
        let posterior = fill::Weighted { truths: &after, weights: &self.given.weights };
        let posterior = self.refusal.is_none().then_some(posterior);
        let draws =
            Draws { columns: &self.posterior, weights: &self.outcome.posterior.weights, verdicts: &self.verdicts };
        let draws = self.refusal.is_none().then_some(draws);
        ReportData {
            exits: Vec::new(),
            force: fill::force(scenario.day_zero, prior, posterior),
            terms: fill::terms(scenario, draws),
            parameters: fill::parameters(scenario, draws),
            inference: Some(Inference {
                as_of: self.as_of,
                sampler_version: exitvoice_infer::SAMPLER_VERSION,
                held: scenario.infer.held.clone(),
                answers: self.answers(scenario, prior, posterior),
                totals: fill::totals_of(scenario.day_zero, prior, posterior),
                variants: self.variants.clone(),
                variance_shares: self.shares(),
                further: self.further.clone(),
                claims: self.claims_of_report(),
                desertions: Desertions {
                    definition: format!(
                        "soldiers who reached the other side or a third party by {}",
                        date(scenario.last_day)
                    ),
                    settings: self.settings.desertions.clone(),
                    by_month: self.settings.by_month.clone(),
                },
                dated_claim: self.dated.clone(),
                diagnostics: self.diagnostics(),
                refusal: self.refusal.clone(),
            }),
            societies: None,
            forecast: None,
            head,
            assumptions,
            files,
        }
    }

    fn shares(&self) -> Vec<VarianceShares> {
        let told = |quantity: &Quantity| {
            let by_grade = self.variance_shares.get(quantity.name)?.clone();
            Some(VarianceShares { quantity: quantity.name.to_owned(), label: quantity.label.to_owned(), by_grade })
        };
        QUANTITIES.iter().filter_map(told).collect()
    }

    fn answers(
        &self,
        scenario: &Scenario,
        prior: fill::Weighted<'_>,
        posterior: Option<fill::Weighted<'_>>,
    ) -> Vec<Answer> {
        let mut answers = Vec::new();
        for quantity in QUANTITIES.iter().filter(|q| q.name != "sent_total") {
            let read = |side: fill::Weighted<'_>| {
                let values: Vec<f64> = side.truths.iter().map(|t| (quantity.read)(&t.trajectory)).collect();
                where_defined(side.weights, &values)
            };
            let Some((before_weights, before_values)) = read(prior) else { continue };
            let Some(before) = summarise(&before_weights, &before_values) else { continue };
            let after = posterior.and_then(read);
            // Numbers of heads are judged on the scale of their logarithm, as in the table of settings: their prior has a long tail.
            let real = |xs: &[f64]| match quantity.measure {
                Measure::Persons | Measure::Incidents => on_the_real_line(xs),
                _ => xs.to_vec(),
            };
            let verdict = after.as_ref().and_then(|(w, x)| {
                super::verdict((&before_weights, &before_values), &real(&before_values), (w, x), &real(x))
            });
            answers.push(Answer {
                name: quantity.name.to_owned(),
                label: format!("{} by {}", quantity.label, date(scenario.last_day)),
                measure: quantity.measure.clone(),
                prior: before,
                posterior: after.as_ref().and_then(|(weights, values)| summarise(weights, values)),
                verdict,
                rests_on: posterior.and(quantity.rests_on).map(str::to_owned),
            });
        }
        answers
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        let number = |name: &str| self.numbers.iter().find(|(n, _)| n == name).map(|(_, x)| *x);
        let mut rows = Vec::new();
        type Wanted = Option<(&'static str, fn(f64) -> bool)>;
        let mut row = |name: &str, key: &str, wanted: Wanted, meaning: &str| {
            if let Some(value) = number(key) {
                rows.push(Diagnostic {
                    name: name.to_owned(),
                    value,
                    wanted: wanted.map(|w| w.0.to_owned()),
                    met: wanted.is_none_or(|w| (w.1)(value)),
                    meaning: meaning.to_owned(),
                });
            }
        };
        row(
            "Effective sample size",
            "ess",
            Some(("at least 200", |x| x >= 200.0)),
            "How many independent draws the posterior is worth, by its worst parameter.",
        );
        row(
            "Variance of the log-likelihood estimate",
            "ln_likelihood_variance",
            Some(("at most 2", |x| x <= 2.0)),
            "Noise of the likelihood at one point; the posterior stays exact, only less efficient.",
        );
        row(
            "Highest temperature",
            "temperature",
            Some(("1", |x| x >= 1.0)),
            "At 1 the draws come from the posterior itself.",
        );
        row("Acceptance", "acceptance", None, "Share of proposed moves accepted at the last temperature.");
        row("Simulated deployments", "simulations", None, "Each is a whole deployment of the force.");
        row("Rows scored", "rows_scored", None, "Claim rows that enter the likelihood, copies not counted.");
        rows
    }

    fn claims_of_report(&self) -> Claims {
        let details = &self.details;
        let row = |claim: &Claim, reason: &str| {
            claim_row(claim, details, self.predicted.quantiles.get(&claim.id).copied(), reason)
        };
        let copies: BTreeMap<&str, &str> = self.claims.copies.iter().map(|c| (c.id.as_str(), c.of.as_str())).collect();
        let used = self.claims.used.iter().map(|c| {
            let copy_of = copies.get(c.id.as_str()).map(|of| (*of).to_owned());
            ClaimRow { copy_of, ..row(c, "") }
        });
        let inputs = self
            .claims
            .inputs
            .iter()
            .map(|c| row(c, "the waves are given by the scenario; scoring it would count it twice"));
        let left = self.claims.not_modelled.iter().map(|n| details.left_out(&n.id, &n.reason));
        Claims {
            used: used.collect(),
            inputs: inputs.collect(),
            not_modelled: left.collect(),
            clusters: self.claims.clusters() as u32,
            after_as_of: self.counts.after_as_of,
            notices: self.claims.notices.clone(),
        }
    }
}

/// What only the files say of a row.
#[derive(Default)]
pub(super) struct RowDetails {
    rows: BTreeMap<String, BTreeMap<String, String>>,
}

impl RowDetails {
    /// Of the file of the user, where there is one; else of the scenario's set.
    pub(super) fn read(request: &Request<'_>) -> Self {
        let shipped = || {
            let texts = request.scenario.claims.as_ref().and_then(|c| crate::data::claims(&c.name))?;
            Some(vec![texts.raw.as_bytes(), texts.coded.as_bytes()])
        };
        let files = match request.claims {
            Some((_, bytes)) => vec![bytes],
            None => shipped().unwrap_or_default(),
        };
        let mut rows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for bytes in files {
            let mut reader = csv::Reader::from_reader(bytes);
            let Ok(names) = reader.headers().cloned() else { continue };
            let Some(at) = names.iter().position(|name| name == "id") else { continue };
            for record in reader.records().flatten() {
                let Some(id) = record.get(at) else { continue };
                let cells = names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned));
                rows.entry(id.to_owned()).or_default().extend(cells);
            }
        }
        Self { rows }
    }

    fn cell(&self, id: &str, column: &str) -> Option<String> {
        self.rows.get(id).and_then(|r| r.get(column)).filter(|c| !c.is_empty()).cloned()
    }

    fn left_out(&self, id: &str, reason: &str) -> ClaimRow {
        let text = |column: &str| self.cell(id, column).unwrap_or_default();
        let number = |column: &str| self.cell(id, column).and_then(|c| c.parse().ok());
        let day = |column: &str| self.cell(id, column).and_then(|c| Day::parse(&c).ok());
        let source = self.cell(id, "source_key").or_else(|| self.cell(id, "source")).unwrap_or_default();
        let group = claim::SourceGroup::of(&source);
        ClaimRow {
            id: id.to_owned(),
            quantity: text("quantity"),
            form: text("form"),
            value: number("value"),
            low: number("low"),
            high: number("high"),
            window_from: day("window_from"),
            as_of: day("as_of"),
            published: day("published"),
            source,
            group: group_of(group.unwrap_or(claim::SourceGroup::Other)),
            source_grade: text("source_grade"),
            info_grade: text("info_grade"),
            cluster: text("cluster"),
            part_of_force: None,
            predictive: None,
            copy_of: None,
            reason: reason.to_owned(),
            url: self.cell(id, "url"),
        }
    }
}

const fn group_of(group: claim::SourceGroup) -> SourceGroup {
    match group {
        claim::SourceGroup::Third => SourceGroup::ThirdParty,
        claim::SourceGroup::Kyiv => SourceGroup::Kyiv,
        claim::SourceGroup::Other => SourceGroup::Other,
    }
}

fn claim_row(claim: &Claim, details: &RowDetails, predictive: Option<Quantiles>, reason: &str) -> ClaimRow {
    ClaimRow {
        id: claim.id.clone(),
        quantity: claim.quantity.word().to_owned(),
        form: claim.form.word().to_owned(),
        value: claim.value,
        low: claim.low,
        high: claim.high,
        window_from: claim.window_from,
        as_of: Some(claim.as_of),
        published: Some(claim.published),
        source: claim.source.clone(),
        group: group_of(claim.group()),
        source_grade: claim.source_grade.word().to_owned(),
        info_grade: claim.info_grade.word().to_owned(),
        cluster: claim.cluster.clone(),
        part_of_force: claim.first_wave_only.then(|| "first contingent".to_owned()),
        predictive,
        copy_of: None,
        reason: if reason.is_empty() {
            details.cell(&claim.id, "reason").unwrap_or_default()
        } else {
            reason.to_owned()
        },
        url: details.cell(&claim.id, "url"),
    }
}

/// What scored rows would have printed.
pub(super) struct Predicted {
    /// By row: quantiles over the draws.
    pub(super) quantiles: BTreeMap<String, Quantiles>,
    /// By sample: its draw, rows and numbers.
    pub(super) samples: Vec<Printed>,
}

/// What each scored row would have printed, over draws from the posterior: of deployments as the claims leave them, by the observers behind
/// the claims, whose shared errors the posterior knows of; errors of a row by itself are drawn anew. Where the result was refused, over draws
/// from the prior, by observers of whom nothing is known.
pub(super) fn predicted(
    scenario: &Scenario,
    war: &War<'_>,
    claims: &ClaimSet,
    outcome: &Outcome<Kept>,
    refused: bool,
    pool: &Pool,
) -> Predicted {
    let draws = if refused { &outcome.prior } else { &outcome.posterior }.resampled(PREDICTIVE_DRAWS, 0.5);
    let seeds = Addressed::new(scenario.seed, Purpose::Predictive);
    let printed = pool.map(draws.entries.len(), |i| {
        let (kept, seed) = (outcome.bank.truth(draws.entries[i])?, |what| seeds.seed(i as u64, what));
        if refused {
            return Some(war.scorer.simulate(&kept.seen(), seed(0), Observers::Fresh).claims);
        }
        let whole = war.scorer.complete(&kept.seen(), seed(1));
        Some(war.scorer.simulate_world(&whole, seed(0), Observers::Conditioned).claims)
    });
    let scored: BTreeSet<&str> = claims.scored().map(|c| c.id.as_str()).collect();
    let told = |row: exitvoice_observe::sampler::PrintedClaim| {
        let number = row.number();
        (number.is_finite() && scored.contains(row.id.as_str())).then_some((row.id, number))
    };
    let samples: Vec<Printed> = draws
        .entries
        .iter()
        .zip(printed)
        .filter_map(|(entry, rows)| {
            Some(Printed { draw: [entry.chain, entry.draw], rows: rows?.into_iter().filter_map(told).collect() })
        })
        .collect();
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    samples.iter().flat_map(|sample| &sample.rows).for_each(|(id, number)| values.entry(id).or_default().push(*number));
    let quantiles = values
        .into_iter()
        .filter_map(|(id, found)| summarise(&vec![1.0; found.len()], &found).map(|q| (id.to_owned(), q)))
        .collect();
    Predicted { quantiles, samples }
}

/// Claims as read, with what the posterior expects each scored row to say.
pub(super) fn claims_table(keys: &Keys, claims: &ClaimSet, predicted: &BTreeMap<String, Quantiles>) -> Table {
    let copies: Vec<&str> = claims.copies.iter().map(|c| c.id.as_str()).collect();
    let all: Vec<(&Claim, &str)> = claims
        .used
        .iter()
        .map(|c| (c, if copies.contains(&c.id.as_str()) { "copy" } else { "scored" }))
        .chain(claims.inputs.iter().map(|c| (c, "input")))
        .collect();
    let rows = all.len();
    let mut columns = keys.columns(rows);
    let text = |name, description, read: &dyn Fn(&Claim) -> String| {
        Column::new(name, "", description, Role::Input, all.iter().map(|(c, _)| read(c)).collect::<Vec<String>>())
    };
    columns.push(text("claim_id", "Row of the claims file", &|c| c.id.clone()));
    columns.push(text("quantity", "What is counted", &|c| c.quantity.word().to_owned()));
    columns.push(text("form", "Form of the statement", &|c| c.form.word().to_owned()));
    let number = |name, description, read: &dyn Fn(&Claim) -> Option<f64>| {
        let values = all.iter().map(|(c, _)| read(c)).collect::<Vec<Option<f64>>>();
        Column::new(name, "1", description, Role::Input, values).missing("the form has no such number")
    };
    columns.push(number("claimed_low", "Lower end", &|c| c.low));
    columns.push(number("claimed_value", "Number stated", &|c| c.value));
    columns.push(number("claimed_high", "Upper end", &|c| c.high));
    let dates = |read: &dyn Fn(&Claim) -> Day| all.iter().map(|(c, _)| read(c)).collect::<Vec<Day>>();
    columns.push(Column::new("as_of", "", "Day it speaks of", Role::Input, dates(&|c| c.as_of)));
    columns.push(Column::new("published", "", "Day of the page", Role::Input, dates(&|c| c.published)));
    columns.push(text("source", "Key of the source", &|c| c.source.clone()));
    columns.push(text("cluster", "Rows of one cluster share a root", &|c| c.cluster.clone()));
    columns.push(text("source_grade", "Grade of the source, A to F", &|c| c.source_grade.word().to_owned()));
    columns.push(text("info_grade", "Grade of the information, 1 to 6", &|c| c.info_grade.word().to_owned()));
    let uses = ColumnData::category(&["scored", "copy", "input"], all.iter().map(|(_, u)| Some(*u)));
    columns.push(Column::new("use", "", "How the row is used", Role::Input, uses));
    for (name, description, read) in [
        (
            "post_printed_q05",
            "5 % quantile of what the posterior expects it to say",
            (|q| q.q05) as fn(&Quantiles) -> f64,
        ),
        ("post_printed_q50", "Median of what the posterior expects it to say", |q| q.q50),
        ("post_printed_q95", "95 % quantile of what the posterior expects it to say", |q| q.q95),
    ] {
        let values = all.iter().map(|(c, _)| predicted.get(&c.id).map(read)).collect::<Vec<Option<f64>>>();
        columns.push(
            Column::new(name, "1", description, Role::Inferred, values).missing("the row was not scored as a number"),
        );
    }
    Table { name: "claims", description: "Claims that were scored, copied or used as inputs", columns }
}
