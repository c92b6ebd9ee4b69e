//! What a report can show: plain numbers with names, measures and quantiles.
//!
//! Where inference refused, or was not asked for, every `posterior` is `None` and the report says so.

use super::forecast::Forecast;
use super::{iso_day, iso_days, iso_option};
use crate::answers::COSTS;
use crate::societies::Found;
use exitvoice_core::{math, time::Day};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a number counts or measures; decides how it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Heads.
    Persons,
    /// Casualty incidents: each killing or wounding once.
    Incidents,
    /// Between 0 and 1, written in per cent.
    Share,
    /// A factor on something; 1 changes nothing.
    Factor,
    /// Anything else, with its unit of measure as printed (`1/day`; empty for a bare number).
    Other(String),
}

/// Quantiles and mean of one number, all in its own measure, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it: q025 is the quantile at 2.5 %")]
pub struct Quantiles {
    pub q025: f64,
    pub q05: f64,
    pub q25: f64,
    pub q50: f64,
    pub q75: f64,
    pub q95: f64,
    pub q975: f64,
    pub mean: f64,
}

impl Quantiles {
    /// Whether all quantiles are those of another; means may differ.
    #[must_use]
    pub(crate) fn same_interval(&self, other: &Self) -> bool {
        let all = |q: &Self| [q.q025, q.q05, q.q25, q.q50, q.q75, q.q95, q.q975];
        all(self).iter().zip(all(other)).all(|(a, b)| a.total_cmp(&b).is_eq())
    }
}

/// Quantiles of one number on each day of a series; all columns have the length of the days beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it: q05 is the quantile at 5 %")]
pub struct Bands {
    pub q05: Vec<f64>,
    pub q25: Vec<f64>,
    pub q50: Vec<f64>,
    pub q75: Vec<f64>,
    pub q95: Vec<f64>,
}

/// What the claims say about a number beyond its prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Posterior sd at most .8 of the prior sd.
    Identified,
    /// Not narrower, but the median moved by .3 prior sd or more.
    Shifted,
    /// Neither narrower nor moved: the posterior repeats the prior.
    NotIdentified,
}

/// Which run this is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Name of the scenario, as given on the command line.
    pub scenario: String,
    /// What the scenario is about, in a few plain words.
    pub title: String,
    /// Name of the run's folder: 12 hexadecimal digits.
    pub run_id: String,
    /// Digest of the record.
    pub digest: String,
    /// Root of all random draws.
    pub seed: u64,
    /// Version of the model, such as `m1.0`.
    pub model_version: String,
    /// Name, version and commit of the software.
    pub software: String,
    /// Size of the synthetic country relative to the real one, in (0, 1].
    pub scale: f64,
    /// Whether the country is a small one that the program holds, whatever the scale.
    #[serde(default)]
    pub embedded: bool,
    /// Soldiers sent abroad.
    pub soldiers: u64,
    /// Replicates of the ensemble.
    pub replicates: u64,
    /// Day 0 of the deployment.
    #[serde(with = "iso_day")]
    pub first: Day,
    /// Last day simulated.
    #[serde(with = "iso_day")]
    pub last: Day,
    /// The command that repeats the run.
    pub command: String,
}

/// Heads of one status over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusSeries {
    /// Word of the status as in the tables (`wounded_away`).
    pub name: String,
    /// Plain words (`Wounded and away`).
    pub label: String,
    /// Ensemble under the prior.
    pub prior: Bands,
    /// Ensemble after the claims.
    pub posterior: Option<Bands>,
}

/// Where the soldiers are, day by day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Force {
    /// Days of all series.
    #[serde(with = "iso_days")]
    pub days: Vec<Day>,
    /// One series a status, in the order shown.
    pub statuses: Vec<StatusSeries>,
}

/// A number that the run was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Name in tables (`casualties_total`).
    pub name: String,
    /// Plain words (`Casualty incidents by 30 April 2025`).
    pub label: String,
    /// What it counts.
    pub measure: Measure,
    /// Before the claims.
    pub prior: Quantiles,
    /// After the claims.
    pub posterior: Option<Quantiles>,
    /// What the claims add.
    pub verdict: Option<Verdict>,
    /// What the answer rests on that no claim can tell.
    #[serde(default)]
    pub rests_on: Option<String>,
}

/// One cumulative total over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Total {
    /// Name as in the claims' column `quantity` (`casualties`, `killed`).
    pub name: String,
    /// Plain words.
    pub label: String,
    /// What it counts.
    pub measure: Measure,
    /// Before the claims.
    pub prior: Bands,
    /// After the claims.
    pub posterior: Option<Bands>,
}

/// Cumulative totals, true in the simulation, that claims are set against.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Totals {
    /// Days of all series.
    #[serde(with = "iso_days")]
    pub days: Vec<Day>,
    /// One a total.
    pub series: Vec<Total>,
}

/// An answer under another setting of something that claims cannot settle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// What is asked (`Casualty incidents by 30 April 2025`).
    pub question: String,
    /// The setting (`common bias sd x 2`).
    pub setting: String,
    /// What it counts.
    pub measure: Measure,
    /// After the claims; `None` where too few simulations remain.
    pub posterior: Option<Quantiles>,
    /// How many simulations of equal weight there are under this setting; `None` in results of earlier programs.
    #[serde(default)]
    pub effective_draws: Option<f64>,
    /// What it is compared with, where the setting leaves claims out.
    #[serde(default)]
    pub left_out: Option<LeftOut>,
}

/// An answer with every row, beside one for which rows are left out; all numbers in the measure of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Median with every row.
    pub median_with: f64,
    /// Standard deviation with every row.
    pub sd_with: f64,
    /// Standard deviation without the rows; `None` where too few simulations remain.
    pub sd_without: Option<f64>,
    /// Read off every simulation, because few draws of the posterior would be left.
    #[serde(default)]
    pub from_all: bool,
}

/// How much of the variance of one number before the claims the parameters of each grade carry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VarianceShares {
    /// Name of the quantity.
    pub quantity: String,
    /// The same in plain words.
    pub label: String,
    /// By grade: what would go of the variance of the logarithm of the number plus 1/2, in [0, 1], were all its inferred parameters known.
    pub by_grade: BTreeMap<String, f64>,
}

/// What one more published number would be worth for an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Further {
    /// The number, and who publishes it.
    pub evidence: String,
    /// Name of the quantity asked about.
    pub quantity: String,
    /// The same in plain words.
    pub label: String,
    /// Share of its posterior variance that the number is expected to remove, in [0, 1].
    pub share: f64,
}

/// Who speaks: the sign of the common bias differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceGroup {
    /// South Korea, the United States, the United Kingdom, unnamed Western officials.
    ThirdParty,
    /// Ukraine.
    Kyiv,
    /// Anybody else.
    Other,
}

/// One row of the claims file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimRow {
    /// Row id (`DP043`).
    pub id: String,
    /// What is counted, as in the claims' column `quantity`.
    pub quantity: String,
    /// `exact`, `about`, `at_least`, `at_most`, `interval`, `share`, `denial` or `none`.
    pub form: String,
    /// Number, where the form has one; shares as fractions.
    pub value: Option<f64>,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// First day counted; `None` is since day 0.
    #[serde(with = "iso_option")]
    pub window_from: Option<Day>,
    /// Day it speaks of; `None` where no day is given.
    #[serde(with = "iso_option")]
    pub as_of: Option<Day>,
    /// Day of the page.
    #[serde(with = "iso_option")]
    pub published: Option<Day>,
    /// Key of the source.
    pub source: String,
    /// Side of the source.
    pub group: SourceGroup,
    /// Source grade A to F.
    pub source_grade: String,
    /// Information grade 1 to 6.
    pub info_grade: String,
    /// Rows of one cluster share a root and count once.
    pub cluster: String,
    /// Only a part of the force is counted (`first contingent`).
    pub part_of_force: Option<String>,
    /// What the posterior expects this row to say, in its own measure; only for rows that were scored.
    pub predictive: Option<Quantiles>,
    /// The row of its cluster that it repeats: it adds nothing.
    #[serde(default)]
    pub copy_of: Option<String>,
    /// Why it is an input or not modelled, or how it was read.
    pub reason: String,
    /// Address of the page; linked only if it begins with `https://` or `http://`.
    pub url: Option<String>,
}

/// The claims file, sorted by use.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Claims {
    /// Scored rows.
    pub used: Vec<ClaimRow>,
    /// Rows that the scenario is built from; never scored.
    pub inputs: Vec<ClaimRow>,
    /// Rows left out, each with its reason.
    pub not_modelled: Vec<ClaimRow>,
    /// Number of clusters among the scored rows.
    pub clusters: u32,
    /// Rows published after the last day of publication that counts.
    #[serde(default)]
    pub after_as_of: u32,
    /// What was not checked or was assumed, and which rows contradict each other.
    #[serde(default)]
    pub notices: Vec<String>,
}

/// Total desertions under one prior and one reading of silence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DesertionSetting {
    /// Prior median of attempts by the reference soldier, per 1,000 soldier-years.
    pub median_per_1000_years: f64,
    /// Silence counts as evidence: a deserter who reaches the other side is announced with a stated probability.
    pub complete: bool,
    /// The setting of the run's main answer.
    pub main: bool,
    /// Before the claims.
    pub prior: Quantiles,
    /// After the claims.
    pub posterior: Option<Quantiles>,
    /// How many simulations of equal weight there are under this setting; `None` in results of earlier programs.
    #[serde(default)]
    pub effective_draws: Option<f64>,
    /// Refused although simulations remain: too few of them lie at the upper end of this prior.
    #[serde(default)]
    pub short_at_upper_end: bool,
    /// What the claims add.
    pub verdict: Option<Verdict>,
}

/// Desertions of one month, whole force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MonthRow {
    /// Year and month (`2024-12`).
    pub month: String,
    /// Before the claims.
    pub prior: Quantiles,
    /// After the claims.
    pub posterior: Option<Quantiles>,
}

/// Total desertions of the whole force; never by unit, place, day, class or kin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Desertions {
    /// What is counted, one sentence fragment (`soldiers who reached the other side or a third party by 30 April 2025`).
    pub definition: String,
    /// Three priors, completeness on and off; exactly one is the main one.
    pub settings: Vec<DesertionSetting>,
    /// The main setting by month; may be empty.
    pub by_month: Vec<MonthRow>,
}

/// Probabilities of what a claim of a departure describes; they sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meaning {
    /// A real desertion.
    pub desertion: f64,
    /// A real absence: left the post meaning to come back.
    pub absence: f64,
    /// No departure at all.
    pub nothing: f64,
}

/// The same claim under other assumptions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DatedClaimCase {
    /// False reports expected per 30 days.
    pub false_reports: f64,
    /// Probability that an advance party was near the border; `None` where the scenario or the draws leave no other than the one there is.
    pub advance_party: Option<f64>,
    /// Factor on the base rate of attempts.
    pub base_rate_factor: f64,
    /// Before the claims.
    pub prior: Meaning,
    /// After the claims.
    pub posterior: Option<Meaning>,
    /// Posterior odds over prior odds of a desertion; `None` where a side is 0.
    pub bayes_factor: Option<f64>,
    /// How many draws of equal weight the desertion rests on; `None` in results of earlier programs.
    #[serde(default)]
    pub desertion_draws: Option<f64>,
}

/// The first unnamed report of departures; in the shipped claims that of 14 October 2024: eighteen soldiers said to have left their post.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DatedClaim {
    /// The day it speaks of.
    #[serde(with = "iso_day", default = "shipped_day")]
    pub day: Day,
    /// Rows of the claim, all of one cluster.
    pub ids: Vec<String>,
    /// How many other dated reports of departures are scored, each with a cluster of its own.
    #[serde(default)]
    pub others: u32,
    /// Why the scenario cannot hold the event; the probabilities are then not shown.
    pub excluded: Option<String>,
    /// Before the claims, main setting.
    pub prior: Meaning,
    /// After the claims, main setting.
    pub posterior: Option<Meaning>,
    /// Monte-Carlo standard errors of `posterior`.
    #[serde(default)]
    pub posterior_error: Option<Meaning>,
    /// Posterior odds over prior odds of a desertion; `None` where a side is 0.
    pub bayes_factor: Option<f64>,
    /// How many draws of equal weight the desertion rests on; `None` in results of earlier programs.
    #[serde(default)]
    pub desertion_draws: Option<f64>,
    /// Whether silence counts in the main setting.
    #[serde(default)]
    pub complete: bool,
    /// After the claims, silence read the other way and nothing else changed.
    #[serde(default)]
    pub other_silence: Option<Meaning>,
    /// Monte-Carlo standard errors of `other_silence`.
    #[serde(default)]
    pub other_silence_error: Option<Meaning>,
    /// How many draws of equal weight the desertion in `other_silence` rests on; `None` in results of earlier programs.
    #[serde(default)]
    pub other_silence_draws: Option<f64>,
    /// The range over false reports, advance party and base rate.
    pub cases: Vec<DatedClaimCase>,
}

impl DatedClaim {
    /// Whether it is that of the shipped claims.
    #[must_use]
    pub fn is_shipped(&self) -> bool {
        self.day == shipped_day()
    }

    /// Name of the files of its figure.
    #[must_use]
    pub fn figure_name(&self) -> &'static str {
        if self.is_shipped() { "claim-14-october" } else { "dated-claim" }
    }

    /// Whether an advance party is among the settings.
    #[must_use]
    pub fn varies_advance_party(&self) -> bool {
        self.cases.iter().any(|case| case.advance_party.is_some())
    }

    /// Posterior odds over prior odds of a desertion for another posterior; `None` where a side is 0.
    #[must_use]
    pub fn factor(&self, posterior: &Meaning) -> Option<f64> {
        odds_ratio(posterior.desertion, self.prior.desertion)
    }
}

/// Posterior odds over prior odds; `None` where a side is 0 or 1.
#[must_use]
pub fn odds_ratio(posterior: f64, prior: f64) -> Option<f64> {
    let inside = |p: f64| p > 0.0 && p < 1.0;
    (inside(posterior) && inside(prior)).then(|| posterior / (1.0 - posterior) / (prior / (1.0 - prior)))
}

/// Runs stored before the day was kept are of the shipped claims.
fn shipped_day() -> Day {
    Day::from_ymd(2024, 10, 14).expect("a date of the calendar")
}

/// One check of the inference.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Plain name (`Effective sample size`).
    pub name: String,
    /// The number found.
    pub value: f64,
    /// What is asked of it (`at least 200`); `None` where it is only told.
    pub wanted: Option<String>,
    /// It meets what is asked.
    pub met: bool,
    /// What it says, one sentence.
    pub meaning: String,
}

/// Inference gave no posterior.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// Why, one sentence.
    pub reason: String,
    /// Simulations that would be enough, where that can be told.
    pub budget: Option<u64>,
}

/// What the public claims say; absent in a scenario without claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inference {
    /// Last day of publication that counts.
    #[serde(with = "iso_day")]
    pub as_of: Day,
    /// Version of the sampler; 0 in files from before it was written down.
    #[serde(default)]
    pub sampler_version: u32,
    /// Parameters that the scenario holds at a value it sets, though it lists them to be inferred.
    #[serde(default)]
    pub held: Vec<String>,
    /// The numbers asked for, most important first.
    pub answers: Vec<Answer>,
    /// Cumulative totals beside the claims.
    pub totals: Totals,
    /// Answers under other settings.
    pub variants: Vec<Variant>,
    /// Shares of the variance before the claims by grade.
    #[serde(default)]
    pub variance_shares: Vec<VarianceShares>,
    /// What further evidence would be worth, by quantity and the most useful first.
    #[serde(default)]
    pub further: Vec<Further>,
    /// The claims file.
    pub claims: Claims,
    /// Total desertions.
    pub desertions: Desertions,
    /// The claim of 14 October 2024, where the claims file has it.
    pub dated_claim: Option<DatedClaim>,
    /// Checks of the inference.
    pub diagnostics: Vec<Diagnostic>,
    /// There is no posterior, and why.
    pub refusal: Option<Refusal>,
}

/// One term of the decision to leave, for the reference soldier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Term {
    /// Key of its parameter.
    pub name: String,
    /// Plain words (`Relatives held at home`).
    pub label: String,
    /// The change that the factor belongs to, in words (`from no kin at risk to the mean of all conscripts`).
    pub contrast: String,
    /// Factor on the hazard at the value of the scenario; 0 in results of earlier programs.
    #[serde(default)]
    pub value: f64,
    /// Factor on the hazard before the claims; at the value of the scenario where nothing is inferred.
    pub prior: Quantiles,
    /// Factor on the hazard after the claims.
    pub posterior: Option<Quantiles>,
    /// What the claims add.
    pub verdict: Option<Verdict>,
    /// Held at the value of the scenario.
    #[serde(default)]
    pub held: bool,
}

/// How the values of a density are spread along its axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AxisKind {
    /// Equal steps.
    Linear,
    /// Equal ratios; all edges are above 0.
    Log,
}

/// Histogram of a parameter: share of the draws in each bin; bins are equally wide on the axis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Density {
    /// Spread of the edges.
    pub axis: AxisKind,
    /// Edges of the bins, ascending, one more than bins.
    pub edges: Vec<f64>,
    /// Share of prior draws in each bin.
    pub prior: Vec<f64>,
    /// Share of posterior draws in each bin.
    pub posterior: Option<Vec<f64>>,
}

/// One uncertain parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Key in the scenario (`desertion.base_hazard`).
    pub key: String,
    /// Plain words.
    pub label: String,
    /// What it measures.
    pub measure: Measure,
    /// Grade of its default, in the registry's words.
    pub grade: String,
    /// Before the claims.
    pub prior: Quantiles,
    /// After the claims.
    pub posterior: Option<Quantiles>,
    /// What the claims add.
    pub verdict: Option<Verdict>,
    /// Histogram; `None` where none is drawn.
    pub density: Option<Density>,
}

/// One resolved value of the scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assumption {
    /// Key in the scenario.
    pub key: String,
    /// Value with its unit of measure, as printed by `explain`.
    pub value: String,
    /// Grade, in the registry's words.
    pub grade: String,
    /// Layer that set it (`registry default`, `scenario`).
    pub origin: String,
    /// Source key, or empty.
    pub source: String,
    /// Reason.
    pub why: String,
}

/// A file that the run read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputFile {
    /// Name or path as given.
    pub name: String,
    /// What it is for.
    pub role: String,
    /// Size.
    pub bytes: u64,
    /// Hash with the name of its function (`sha256:...`).
    pub hash: String,
}

/// Everything that the report of one run shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportData {
    /// Which run.
    pub head: Head,
    /// Exits and what control costs those who do not leave, over the replicates at the values of the scenario; none without replicates.
    #[serde(default)]
    pub exits: Vec<Answer>,
    /// Where the soldiers are.
    pub force: Force,
    /// What each term of the decision does.
    pub terms: Vec<Term>,
    /// Uncertain parameters.
    pub parameters: Vec<Parameter>,
    /// What the claims say; `None` where the scenario has none or inference was switched off.
    pub inference: Option<Inference>,
    /// What comes after the last day known; `None` where nobody asked, or the inference was refused.
    #[serde(default)]
    pub forecast: Option<Forecast>,
    /// The same scenario in several countries; `None` where one was asked for.
    #[serde(default)]
    pub societies: Option<Found>,
    /// All resolved values.
    pub assumptions: Vec<Assumption>,
    /// Files read.
    pub files: Vec<InputFile>,
}

impl ReportData {
    /// What control costs those who do not leave.
    pub(crate) fn costs(&self) -> impl Iterator<Item = &Answer> {
        self.exits.iter().filter(|answer| COSTS.iter().any(|cost| cost.name == answer.name))
    }
}

impl Density {
    /// Counts draws into `bins` equal bins between the smallest and the largest prior draw; posterior draws outside count
    /// in the outermost bins. `None` where the prior draws do not differ or, on a log axis, are not above 0.
    #[must_use]
    pub fn from_draws(axis: AxisKind, prior: &[f64], posterior: Option<(&[f64], &[f64])>, bins: usize) -> Option<Self> {
        let low = prior.iter().copied().fold(f64::INFINITY, f64::min);
        let high = prior.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !(low < high && bins > 0) || (axis == AxisKind::Log && low <= 0.0) {
            return None;
        }
        let place = |x: f64| if axis == AxisKind::Log { math::ln(x) } else { x };
        let (start, width) = (place(low), (place(high) - place(low)) / bins as f64);
        let edge = |i: usize| {
            let at = start + width * i as f64;
            if axis == AxisKind::Log { math::exp(at) } else { at }
        };
        let shares = |draws: &[f64], weight: &dyn Fn(usize) -> f64| {
            let (mut shares, mut sum) = (vec![0.0; bins], 0.0);
            for (i, x) in draws.iter().enumerate() {
                // A draw below the first edge, 0 on a log axis included, has a negative or undefined place: bin 0.
                let bin = ((place(*x) - start) / width).max(0.0) as usize;
                shares[bin.min(bins - 1)] += weight(i);
                sum += weight(i);
            }
            shares.into_iter().map(|s| s / sum).collect::<Vec<_>>()
        };
        Some(Self {
            axis,
            edges: (0..=bins).map(edge).collect(),
            prior: shares(prior, &|_| 1.0),
            posterior: posterior.map(|(draws, weights)| shares(draws, &|i| weights[i])),
        })
    }
}
