//! The summary in plain words, for the head of the page and for the terminal, from the same sentences.

use super::data::{Answer, Bands, DatedClaim, Inference, Measure, ReportData, StatusSeries, Verdict};
use super::words::{
    NBSP, bayes_factor, date, estimate, grouped, interval, is_rough, likelihood, percent, range, significant,
};

/// The sentence that goes with the dated claim and with every total of desertions.
pub(super) const ASSUMPTION: &str = "It is an assumption with a number on it.";

/// Plain-word summary for the terminal, one sentence or notice a line; the page says the same.
#[must_use]
pub fn summary_lines(data: &ReportData) -> Vec<String> {
    let head = &data.head;
    let mut lines = vec![format!(
        "{}: {} (population = synthetic; model {}, seed {}, run {})",
        head.scenario, head.title, head.model_version, head.seed, head.run_id
    )];
    lines.extend(scaled_notice(data));
    lines.extend(refusal_notice(data));
    lines.extend(unused_notice(data));
    lines.extend(summary_sentences(data));
    lines.into_iter().map(|line| line.replace(NBSP, " ")).collect()
}

/// Notice where the country is smaller than the real one.
#[must_use]
pub(super) fn scaled_notice(data: &ReportData) -> Option<String> {
    let scale = data.head.scale;
    if data.head.embedded && scale < 1.0 {
        return Some(format!(
            "scaled = true: a scale of {} was asked for, but the country of this scenario is a small embedded one, which has no other size.",
            percent(scale)
        ));
    }
    (scale < 1.0).then(|| {
        format!(
            "scaled = true: the synthetic country of this run has {} of the real size. The force abroad has its full size; \
             counts about the country at home are not counts about the real one.",
            percent(scale)
        )
    })
}

/// Notice where inference refused.
#[must_use]
pub(super) fn refusal_notice(data: &ReportData) -> Option<String> {
    let refusal = data.inference.as_ref()?.refusal.as_ref()?;
    let budget = refusal.budget.map(|n| format!(" About {} simulations would be needed.", grouped(n)));
    Some(format!(
        "No posterior: {} The report shows what was assumed before the claims.{}",
        refusal.reason,
        budget.unwrap_or_default()
    ))
}

/// Notice where no row of the claims can be used.
#[must_use]
pub(super) fn unused_notice(data: &ReportData) -> Option<String> {
    data.inference.as_ref().filter(|inference| inference.claims.used.is_empty()).map(|_| {
        "No row of the claims can be used: what stands after the claims is what was assumed before them, and silence is no evidence."
            .to_owned()
    })
}

/// The summary in sentences, each number beside its prior.
fn summary_sentences(data: &ReportData) -> Vec<String> {
    let mut out = vec![opening_sentence(data)];
    match &data.inference {
        Some(inference) => {
            out.extend(inference.answers.iter().map(answer_sentence));
            out.extend(closing_sentences(data, inference));
        }
        None => out.extend(without_claims(data)),
    }
    out
}

/// The summary as the items of a list on the page, after the sentence that opens it; the table below has the priors.
#[must_use]
pub(super) fn page_summary(data: &ReportData) -> (String, Vec<String>) {
    let mut items = Vec::new();
    match &data.inference {
        Some(inference) => {
            let known = inference.answers.iter().filter_map(|a| Some((a, a.posterior.as_ref()?)));
            items.extend(
                known
                    .filter(|(a, _)| a.verdict != Some(Verdict::NotIdentified))
                    .map(|(a, q)| format!("After the claims, {}: {}.", lower_first(&a.label), interval(q, &a.measure))),
            );
            items.extend(closing_sentences(data, inference));
        }
        None => items.extend(without_claims(data)),
    }
    (opening_sentence(data), items)
}

fn opening_sentence(data: &ReportData) -> String {
    let head = &data.head;
    format!(
        "This run follows {} from {} to {}, {}.",
        counted(head.soldiers, "synthetic soldier"),
        date(head.first),
        date(head.last),
        match head.replicates {
            0 if data.inference.as_ref().is_some_and(|found| found.claims.used.is_empty()) => {
                "in simulations that no claim weighs".to_owned()
            }
            0 => "in simulations weighed by the claims".to_owned(),
            1 => "simulated once".to_owned(),
            times => format!("simulated {} times", grouped(times)),
        }
    )
}

fn closing_sentences(data: &ReportData, inference: &Inference) -> Vec<String> {
    let mut out: Vec<String> = desertion_sentence(inference).into_iter().collect();
    out.extend(cost_sentences(data));
    out.extend(inference.dated_claim.as_ref().map(dated_claim_sentence));
    out.extend(not_identified_sentence(data));
    if !inference.held.is_empty() {
        out.push(format!("Set by the scenario and held there, not inferred: {}.", inference.held.join(", ")));
    }
    out
}

fn without_claims(data: &ReportData) -> Vec<String> {
    let mut out: Vec<String> = data.exits.iter().map(exit_sentence).collect();
    out.extend(force_sentence(data));
    out.push("No claims enter this run: every number is what the assumptions imply.".to_owned());
    out
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// `1 soldier`, `2 soldiers`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n), if n == 1 { "" } else { "s" })
}

fn answer_sentence(answer: &Answer) -> String {
    let prior = interval(&answer.prior, &answer.measure);
    match (&answer.posterior, answer.verdict) {
        (None, _) => format!("{}: prior {prior}.", answer.label),
        (Some(posterior), Some(Verdict::NotIdentified)) => format!(
            "{}: not identified; posterior {}, prior {prior}.",
            answer.label,
            interval(posterior, &answer.measure)
        ),
        (Some(posterior), _) => {
            format!("{}: {}; prior {prior}.", answer.label, interval(posterior, &answer.measure))
        }
    }
}

/// A number over the replicates at the values of the scenario.
fn exit_sentence(answer: &Answer) -> String {
    format!("{}: {}.", answer.label, interval(&answer.prior, &answer.measure))
}

/// What control costs those who do not leave, which no claim speaks of.
fn cost_sentences(data: &ReportData) -> impl Iterator<Item = String> {
    data.costs().map(|answer| {
        format!("At the values of the scenario, before any claim: {}", lower_first(&exit_sentence(answer)))
    })
}

fn desertion_sentence(inference: &Inference) -> Option<String> {
    let main = inference.desertions.settings.iter().find(|s| s.main)?;
    let prior = interval(&main.prior, &Measure::Persons);
    let found = match &main.posterior {
        Some(posterior) => format!("{}; prior {prior}", interval(posterior, &Measure::Persons)),
        None => format!("prior {prior}"),
    };
    let silence = if main.complete && !inference.claims.used.is_empty() {
        "silence counts as evidence"
    } else {
        "silence is ignored"
    };
    let settings = &inference.desertions.settings;
    let known: Vec<f64> = settings.iter().filter_map(|s| Some(s.posterior.as_ref()?.q50)).collect();
    let (low, high) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), q| (l.min(*q), h.max(*q)));
    let refused: Vec<String> = settings.iter().filter(|s| s.posterior.is_none()).map(super::words::setting).collect();
    let spread = if low > high {
        String::new()
    } else if refused.is_empty() {
        format!(" Over three priors, with silence counted and ignored, the median runs {}.", runs(low, high))
    } else {
        format!(
            " Over {} of {} settings of prior and silence the median runs {}; too few simulations stand for the other{}: {}.",
            known.len(),
            settings.len(),
            runs(low, high),
            if refused.len() == 1 { "" } else { "s" },
            refused.join("; ")
        )
    };
    Some(format!(
        "Desertions ({}): {found}. This starts from a prior median of {} attempts per 1,000 soldier-years, and {silence}. \
         {ASSUMPTION}{spread}",
        inference.desertions.definition,
        significant(main.median_per_1000_years),
    ))
}

fn runs(low: f64, high: f64) -> String {
    format!("from {} to {}", estimate(low), estimate(high))
}

/// What the dated claim is worth, in one or two sentences.
#[must_use]
pub(super) fn dated_claim_sentence(claim: &DatedClaim) -> String {
    if let Some(reason) = &claim.excluded {
        return format!("The claim of {}: excluded by the scenario: {reason}.", date(claim.day));
    }
    let Some(posterior) = &claim.posterior else {
        return format!(
            "That the claim of {} describes a real desertion has prior probability {}. {ASSUMPTION}",
            date(claim.day),
            percent(claim.prior.desertion)
        );
    };
    let range = dated_claim_range(claim)
        .map(|(low, high)| format!("; over the settings shown it runs from {} to {}", percent(low), percent(high)))
        .unwrap_or_default();
    let error =
        claim.posterior_error.map(|e| format!(" (Monte-Carlo error {})", percent(e.desertion))).unwrap_or_default();
    format!(
        "That the claim of {} describes a real desertion: {}{error}, prior {}, Bayes factor {}{range}. {ASSUMPTION}",
        date(claim.day),
        likelihood(posterior.desertion),
        percent(claim.prior.desertion),
        bayes_factor_in_words(claim)
    )
}

/// The Bayes factor, and where few draws stand behind it that it is rough.
fn bayes_factor_in_words(claim: &DatedClaim) -> String {
    let told = bayes_factor(claim.bayes_factor, claim.desertion_draws);
    match claim.desertion_draws.filter(|draws| claim.bayes_factor.is_some() && is_rough(*draws)) {
        Some(draws) => format!(
            "{told} (its order of magnitude only: it rests on {} effective simulations, and more of them can raise it several times)",
            significant(draws)
        ),
        None => told,
    }
}

/// Smallest and largest posterior probability of a desertion over the settings.
#[must_use]
pub(super) fn dated_claim_range(claim: &DatedClaim) -> Option<(f64, f64)> {
    let cases = claim.cases.iter().filter_map(|c| c.posterior).chain(claim.posterior).map(|m| m.desertion);
    cases.fold(None, |range, p| {
        let (low, high) = range.unwrap_or((p, p));
        Some((low.min(p), high.max(p)))
    })
}

fn not_identified_sentence(data: &ReportData) -> Option<String> {
    let judged: Vec<_> = data.parameters.iter().filter(|p| p.verdict.is_some()).collect();
    let blind: Vec<_> = judged.iter().filter(|p| p.verdict == Some(Verdict::NotIdentified)).collect();
    if judged.is_empty() {
        return None;
    }
    if blind.is_empty() {
        return Some(format!("All {} uncertain parameters moved or narrowed under the claims.", judged.len()));
    }
    let names = blind.iter().map(|p| p.label.as_str()).collect::<Vec<_>>().join("; ");
    Some(format!("Not identified by the claims ({} of {} parameters): {names}.", blind.len(), judged.len()))
}

/// Heads on the last day in the largest statuses.
#[must_use]
pub(super) fn force_sentence(data: &ReportData) -> Option<String> {
    const SHOWN: usize = 4;
    let (last, day) = (data.force.days.len().checked_sub(1)?, data.force.days.last()?);
    let updated = data.force.statuses.iter().any(|s| s.posterior.is_some());
    let mut rows: Vec<_> = data
        .force
        .statuses
        .iter()
        // After the claims, only what is told after them.
        .filter(|series| !updated || series.posterior.is_some())
        .map(|series| (series, series.posterior.as_ref().unwrap_or(&series.prior)))
        .filter(|(_, bands)| bands.q95[last] >= 1.0)
        .collect();
    rows.sort_by(|a, b| b.1.q50[last].total_cmp(&a.1.q50[last]));
    let rest = rows.len().saturating_sub(SHOWN);
    let rest = if rest > 0 {
        format!(
            "; {} with fewer: see the figure",
            if rest == 1 { "1 status".to_owned() } else { format!("{rest} statuses") }
        )
    } else {
        String::new()
    };
    rows.truncate(SHOWN);
    let say = |(series, bands): &(&StatusSeries, &Bands)| {
        let span = range(bands.q05[last], bands.q95[last], &Measure::Persons);
        format!("{} {} ({span})", lower_first(&series.label), estimate(bands.q50[last]))
    };
    let parts: Vec<_> = rows.iter().map(say).collect();
    (!parts.is_empty()).then(|| {
        format!(
            "On {}, median and 90{NBSP}% interval of heads, the largest first: {}{}.",
            date(*day),
            parts.join(", "),
            rest
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_with_a_word_of_likelihood_speaks_of_confidence() {
        for line in summary_lines(&super::super::example::kursk()) {
            assert!(!line.to_lowercase().contains("confiden"), "{line}");
        }
    }

    #[test]
    fn the_summary_says_what_is_assumed() {
        let lines = summary_lines(&super::super::example::kursk()).join("\n");
        for part in ["population = synthetic", "scaled = true", "90 % between", "assumption with a number on it"] {
            assert!(lines.contains(part), "{part} in {lines}");
        }
        assert!(lines.contains("Not identified by the claims"), "{lines}");
        assert!(!lines.contains(NBSP));
    }

    #[test]
    fn a_scale_of_an_embedded_country_is_told_to_change_nothing() {
        let mut data = super::super::example::toy();
        data.head.embedded = true;
        assert_eq!(scaled_notice(&data), None);
        data.head.scale = 0.5;
        assert!(
            scaled_notice(&data).is_some_and(|line| line.contains("no other size") && line.contains("scaled = true"))
        );
    }

    #[test]
    fn a_run_without_claims_says_so() {
        let lines = summary_lines(&super::super::example::toy()).join("\n");
        assert!(lines.contains("No claims enter this run"), "{lines}");
        assert!(lines.contains("present"), "{lines}");
        for answer in &super::super::example::toy().exits {
            assert!(lines.contains(&answer.label), "{} in {lines}", answer.label);
        }
    }

    #[test]
    fn a_refusal_is_told_first() {
        let lines = summary_lines(&super::super::example::refused());
        assert!(lines.iter().any(|l| l.starts_with("No posterior: ") && l.contains("simulations")), "{lines:?}");
    }
}
