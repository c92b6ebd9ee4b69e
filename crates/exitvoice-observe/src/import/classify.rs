//! Which rows the channels score, which were inputs, and why the rest is left out.

use super::row::Parsed;
use super::{ImportSettings, Returns, Waves};
use crate::channel::announcements::{announced, on_record};
use crate::channel::departures::LARGEST;
use crate::claim::{Claim, ClaimSet, Copied, Form, NotModelled, Population, Quantity, SourceGroup};
use exitvoice_core::time::Day;
use std::collections::BTreeMap;

/// Sorts checked rows into a claim set, with a notice for each that cannot be true together with another.
pub(super) fn classify(mut rows: Vec<Parsed>, settings: &ImportSettings) -> ClaimSet {
    rows.sort_by(|a, b| (a.claim.published, &a.claim.id).cmp(&(b.claim.published, &b.claim.id)));
    let mut set = ClaimSet::default();
    let total = rows.len();
    rows.retain(|row| settings.view.is_none_or(|view| row.claim.published <= view));
    set.after_view = total - rows.len();
    let mut scored = Vec::new();
    for row in &rows {
        let claim = &row.claim;
        let reason = row.left_out.clone().or_else(|| why_not(claim, &rows, settings).map(str::to_owned));
        match reason {
            Some(reason) => set.not_modelled.push(NotModelled { id: claim.id.clone(), reason }),
            None if is_input(claim, settings) => set.inputs.push(claim.clone()),
            None => scored.push(claim.clone()),
        }
    }
    let scored = believable(scored, settings, &mut set.not_modelled);
    let copied = copies(&scored, settings.day_zero);
    let originals: BTreeMap<&str, &str> = copied.iter().map(|copy| (copy.id.as_str(), copy.of.as_str())).collect();
    let sums = sums(&scored, &originals, settings.day_zero);
    for claim in &scored {
        let id = claim.id.as_str();
        // A copy of a sum is left out with it, whatever its own number.
        let copy_of = |of: &str| sums.get(of).map(|sum| format!("a copy of {of}, which is {sum}"));
        let of = originals.get(id).copied().and_then(copy_of);
        match of.or_else(|| sums.get(id).cloned()) {
            Some(reason) => set.not_modelled.push(NotModelled { id: claim.id.clone(), reason }),
            None => set.used.push(claim.clone()),
        }
    }
    set.not_modelled.sort_by(|a, b| a.id.cmp(&b.id));
    set.copies = copies(&set.used, settings.day_zero);
    let mut notices = contradictions(&scored, &copied, &sums);
    notices.extend(impossible(&set, settings));
    set.notices = notices;
    set
}

/// Days and part of the force that a row counts: first day, last day, and whether the first contingent only. The first day is `None` for all
/// since day 0, which is what a window that starts on that day or before counts, too: both ends are included, and nothing happened before.
fn window(claim: &Claim, day_zero: Day) -> (Option<Day>, Day, bool) {
    (claim.window_from.filter(|from| *from > day_zero), claim.as_of, claim.first_wave_only)
}

/// By id of a row of casualties that restates a killed and a wounded row of its cluster: what it is the sum of.
fn sums<'c>(scored: &'c [Claim], originals: &BTreeMap<&str, &str>, day_zero: Day) -> BTreeMap<&'c str, String> {
    let first: Vec<&Claim> = scored.iter().filter(|c| !originals.contains_key(c.id.as_str())).collect();
    let sum = |claim: &'c Claim| {
        let (killed, wounded) = parts(claim, &first, day_zero)?;
        Some((claim.id.as_str(), format!("the sum of {killed} and {wounded} of its cluster")))
    };
    scored.iter().filter_map(sum).collect()
}

/// The rows without those that announce more deserters than there are soldiers, together with the rows before them.
fn believable(scored: Vec<Claim>, settings: &ImportSettings, left_out: &mut Vec<NotModelled>) -> Vec<Claim> {
    let mut kept: Vec<Claim> = Vec::with_capacity(scored.len());
    for claim in scored {
        let count = || announced(kept.iter().chain(std::iter::once(&claim)));
        if on_record(&claim) && count() > settings.soldiers as usize {
            let reason = "with the rows before it more deserters on record than the force has soldiers".to_owned();
            left_out.push(NotModelled { id: claim.id, reason });
        } else {
            kept.push(claim);
        }
    }
    kept
}

const MORE_THAN_ALL: &str = "more deserters than the force has soldiers";

const fn is_input(claim: &Claim, settings: &ImportSettings) -> bool {
    matches!(claim.quantity, Quantity::Sent | Quantity::Present) && matches!(settings.waves, Waves::Fixed)
}

/// Why no channel can score the row; `None` where one can.
fn why_not(claim: &Claim, rows: &[Parsed], settings: &ImportSettings) -> Option<&'static str> {
    use Form as F;
    use Quantity as Q;
    if claim.as_of > claim.published {
        return Some("an expectation (as_of after published), not an observation");
    }
    match claim.population {
        Population::Dprk => {}
        Population::Mixed => return Some("Russians and North Koreans together"),
        Population::Other => return Some("another population"),
    }
    if claim.as_of < settings.day_zero {
        return Some("before day 0 of the deployment: not of this force");
    }
    // Nothing happens there after that day, which a total of a later one would read as peace.
    if claim.as_of > settings.last_day {
        return Some("about a day after the last day of the deployment");
    }
    match (claim.quantity, claim.form) {
        (Q::None, _) | (_, F::None) => Some("no modelled quantity"),
        (_, F::Denial) => Some("a denial has the same probability under every parameter"),
        (Q::Prisoners, F::Exact) if window(claim, settings.day_zero).0.is_none() => {
            (claim.value > Some(f64::from(settings.soldiers))).then_some("more prisoners than the force has soldiers")
        }
        (Q::Prisoners, _) => Some("prisoners are modelled as an exact total only"),
        (Q::Desertions, F::Exact | F::About) => departed(claim, settings),
        (Q::Desertions, F::AtLeast | F::AtMost | F::Interval) if !claim.is_anonymous() => {
            let least = if claim.form == F::AtMost { 0.0 } else { claim.low.unwrap_or(0.0) };
            (least > f64::from(settings.soldiers)).then_some(MORE_THAN_ALL)
        }
        (Q::Recaptured, F::Exact | F::About) => {
            let stands = |row: &Parsed| row.left_out.is_none() && why_not(&row.claim, rows, settings).is_none();
            let retells = rows.iter().any(|row| retells(claim, &row.claim) && stands(row));
            (!retells).then_some("recaptures are modelled as a retelling of an earlier report of its cluster only")
        }
        (Q::Desertions | Q::Recaptured, _) => Some("unnamed reports of departures are modelled as one size only"),
        (Q::ShareKilled | Q::ShareCasualties, F::About) => group(claim),
        (Q::ShareKilled | Q::ShareCasualties, _) => Some("shares are modelled in the form `about` only"),
        (_, F::Exact) => Some("exact counts are modelled for prisoners and departures only: write `about`"),
        (_, F::AtMost) if claim.high == Some(0.0) => Some("no estimate on the logarithmic scale prints \"at most 0\""),
        (_, F::Interval) if claim.low == claim.high || claim.low == Some(0.0) => {
            Some("an interval of no width, or one that starts at 0, has no density on the logarithmic scale")
        }
        (Q::Returned, _) if matches!(settings.returns, Returns::NotModelled) => {
            Some("within the deployment of this scenario nobody's tour ends")
        }
        (Q::Present | Q::Returned, _) if claim.first_wave_only => Some("not known for the first contingent alone"),
        _ => group(claim),
    }
}

/// Why no channel can score a number of departed.
fn departed(claim: &Claim, settings: &ImportSettings) -> Option<&'static str> {
    let size = claim.value.unwrap_or(0.0);
    if size < 1.0 {
        return Some("a report that nobody left describes no event");
    }
    if size > f64::from(settings.soldiers) {
        return Some(MORE_THAN_ALL);
    }
    let unnamed = claim.is_anonymous() && size > LARGEST;
    unnamed.then_some("unnamed reports of departures are modelled up to 100 soldiers only")
}

fn group(claim: &Claim) -> Option<&'static str> {
    (claim.group() == SourceGroup::Other).then_some("no level is modelled for this group of sources")
}

/// Whether `later` retells the report of departures `earlier`.
fn retells(later: &Claim, earlier: &Claim) -> bool {
    earlier.quantity == Quantity::Desertions
        && earlier.cluster == later.cluster
        && later.revises.as_deref() == Some(earlier.id.as_str())
}

/// Ids of a killed and a wounded row of the same cluster whose sum this row of casualties restates.
fn parts(claim: &Claim, rows: &[&Claim], day_zero: Day) -> Option<(String, String)> {
    if claim.quantity != Quantity::Casualties {
        return None;
    }
    // Both ends of an interval, whose middle is not used; the number of any other form twice.
    let ends = |c: &Claim| match c.form {
        Form::AtLeast => c.low.zip(c.low),
        Form::AtMost => c.high.zip(c.high),
        Form::Interval => c.low.zip(c.high),
        _ => c.value.zip(c.value),
    };
    let counted = window(claim, day_zero);
    let near = |q: Quantity| {
        rows.iter()
            .copied()
            .filter(move |c| c.quantity == q && c.cluster == claim.cluster && window(c, day_zero) == counted)
    };
    let total = ends(claim)?;
    for killed in near(Quantity::Killed) {
        for wounded in near(Quantity::Wounded) {
            if let (Some(k), Some(w)) = (ends(killed), ends(wounded))
                && (k.0 + w.0 - total.0).abs() < 0.5
                && (k.1 + w.1 - total.1).abs() < 0.5
            {
                return Some((killed.id.clone(), wounded.id.clone()));
            }
        }
    }
    None
}

/// Numbers that a row allows. Bounds stand for all that they allow: a floor retold as a number above it is the same statement.
fn range(c: &Claim) -> (Option<f64>, Option<f64>) {
    match c.form {
        Form::AtLeast => (c.low.or(c.value), None),
        Form::AtMost => (None, c.high.or(c.value)),
        _ => (c.low.or(c.value), c.high.or(c.value)),
    }
}

/// Whether all that one row allows is above all that another does.
fn above(a: &Claim, b: &Claim) -> bool {
    range(a).0.zip(range(b).1).is_some_and(|(low, high)| low > high)
}

fn numbers_in_words(c: &Claim) -> String {
    let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| x.to_string());
    let (low, high) = range(c);
    if low == high { number(low) } else { format!("{} to {}", number(low), number(high)) }
}

/// How far a number of killed or wounded may exceed one of casualties that both are rounded.
const ROUNDING: f64 = 1.1;

/// Rows that count and cannot be true together, or not of this force; one sentence each. They are scored as numbers with errors.
fn impossible(set: &ClaimSet, settings: &ImportSettings) -> Vec<String> {
    let ImportSettings { day_zero, soldiers, .. } = *settings;
    let mut found = Vec::new();
    for part in set.scored().filter(|c| matches!(c.quantity, Quantity::Killed | Quantity::Wounded)) {
        let counted = window(part, day_zero);
        let least = range(part).0;
        let exceeded = |all: &&Claim| least.zip(range(all).1).is_some_and(|(part, all)| part > ROUNDING * all);
        let whole = |c: &&Claim| c.quantity == Quantity::Casualties && c.source == part.source;
        let same = |c: &&Claim| window(c, day_zero) == counted;
        for all in set.scored().filter(whole).filter(same).filter(exceeded) {
            found.push(format!(
                "{} contradicts {}: `{}` tells of more {} than casualties in one window, {} against {}; both rows count",
                part.id,
                all.id,
                part.source,
                part.quantity.word(),
                numbers_in_words(part),
                numbers_in_words(all)
            ));
        }
        if part.quantity == Quantity::Killed && least.is_some_and(|least| least > f64::from(soldiers)) {
            found.push(format!(
                "{}: more killed than the force has soldiers, {} of {soldiers}; the row counts, as a number with an error",
                part.id,
                numbers_in_words(part)
            ));
        }
    }
    found
}

/// Copies whose numbers cannot be those of the row that they copy, one sentence each; also where that row is left out as one of the `sums`.
fn contradictions(rows: &[Claim], copied: &[Copied], sums: &BTreeMap<&str, String>) -> Vec<String> {
    let apart = |a: &Claim, b: &Claim| above(a, b) || above(b, a);
    let row = |id: &str| rows.iter().find(|c| c.id == id);
    let of = |copy: &Copied| {
        let (later, first) = row(&copy.id).zip(row(&copy.of)).filter(|(later, first)| apart(later, first))?;
        let counts = match sums.get(copy.of.as_str()) {
            Some(sum) => format!("neither row counts, the earlier one is {sum}"),
            None => "the earlier row counts".to_owned(),
        };
        Some(format!(
            "{} contradicts {}: both are {} of cluster `{}` for one window, {} against {}; {counts}",
            later.id,
            first.id,
            later.quantity.word(),
            later.cluster,
            numbers_in_words(later),
            numbers_in_words(first)
        ))
    };
    copied.iter().filter_map(of).collect()
}

/// Later rows of a cluster with the quantity and window of an earlier one. All unnamed reports of departures of a cluster are one report;
/// what is announced on record is no copy of them.
fn copies(rows: &[Claim], day_zero: Day) -> Vec<Copied> {
    let mut first: BTreeMap<_, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for claim in rows {
        let report = match claim.quantity {
            Quantity::Desertions => claim.is_anonymous(),
            other => other == Quantity::Recaptured,
        };
        let counted = (!report).then_some(window(claim, day_zero));
        let key = (claim.cluster.as_str(), claim.quantity, counted);
        if let Some(of) = first.get(&key) {
            found.push(Copied { id: claim.id.clone(), of: (*of).to_owned() });
        } else {
            first.insert(key, &claim.id);
        }
    }
    found
}
