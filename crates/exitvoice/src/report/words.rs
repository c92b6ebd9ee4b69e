//! How numbers are said: digits, intervals, dates, words of likelihood.
//!
//! Per cent signs follow a no-break space; the summary for the terminal puts plain spaces.

use super::data::{DesertionSetting, Measure, Quantiles, Verdict};
use exitvoice_core::{math, time::Day};

/// Space that no line breaks at.
pub(super) const NBSP: char = '\u{a0}';
/// Months in full, January first.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// With a capital letter at the beginning.
#[must_use]
pub(crate) fn first_up(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A whole number with a comma at each thousand: 1,234.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count that is known only roughly: three significant digits from 1,000 on, whole below, one decimal below 10 where the
/// count is not whole. Counts are not below 0.
#[must_use]
pub fn estimate(x: f64) -> String {
    let x = x.max(0.0);
    if x.round() < 10.0 {
        let tenths = (x * 10.0).round() / 10.0;
        return if (tenths - tenths.round()).abs() < 0.05 { format!("{tenths:.0}") } else { format!("{tenths:.1}") };
    }
    let whole = x.round();
    if whole < 1_000.0 {
        return format!("{whole:.0}");
    }
    let mut step = 1_u64;
    while whole / step as f64 >= 1_000.0 {
        step *= 10;
    }
    grouped((whole / step as f64).round() as u64 * step)
}

/// A share in per cent with as many digits as it carries: 30 %, 4.2 %, 0.3 %, 0.04 %; near 1 as many as the rest needs.
#[must_use]
pub fn percent(share: f64) -> String {
    const SMALLEST: f64 = 1e-6;
    let (hundred, gap) = (share * 100.0, 1.0 - share);
    let text = if share <= 0.0 {
        "0".to_owned()
    } else if gap <= 0.0 {
        "100".to_owned()
    } else if share < SMALLEST {
        return format!("less than 0.0001{NBSP}%");
    } else if gap < SMALLEST {
        return format!("more than 99.9999{NBSP}%");
    } else {
        let places = places_of_percent(share.min(gap) * 100.0);
        trimmed(hundred, places)
    };
    format!("{text}{NBSP}%")
}

/// Decimals for a percentage of this size.
fn places_of_percent(hundred: f64) -> usize {
    const WHOLE_FROM: f64 = 9.95;
    if hundred >= WHOLE_FROM {
        return 0;
    }
    let mut places = 1;
    let mut size = hundred * 10.0;
    while size < 0.95 && places < 4 {
        size *= 10.0;
        places += 1;
    }
    places
}

/// A bare number with two or three significant digits; powers of ten outside .001 to 100,000.
#[must_use]
pub(super) fn significant(x: f64) -> String {
    if x.abs() < f64::MIN_POSITIVE {
        return "0".to_owned();
    }
    let size = math::log10(x.abs()).floor() as i32;
    if !(-3..6).contains(&size) {
        let mantissa = x / math::pow(10.0, f64::from(size));
        return format!("{}{NBSP}×{NBSP}10{}", trimmed(mantissa, 1), superscript(size));
    }
    if size >= 3 {
        let sign = if x < 0.0 { "−" } else { "" };
        return format!("{sign}{}", estimate(x.abs()));
    }
    trimmed(x, usize::try_from(own_places(x)).unwrap_or(0))
}

fn trimmed(x: f64, places: usize) -> String {
    let text = format!("{x:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.replace('-', "−")
}

fn superscript(n: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = |c: char| c.to_digit(10).map_or('⁻', |d| digits[d as usize]);
    n.to_string().chars().map(raised).collect()
}

/// A number in its measure: `4,120`, `30 %`, `× 0.42`, `0.004 1/day`.
#[must_use]
pub(super) fn value(x: f64, measure: &Measure) -> String {
    match measure {
        Measure::Persons | Measure::Incidents => estimate(x),
        Measure::Share => percent(x),
        Measure::Factor => format!("×{NBSP}{}", significant(x)),
        Measure::Other(unit) if unit.is_empty() => significant(x),
        Measure::Other(unit) => format!("{}{NBSP}{unit}", significant(x)),
    }
}

/// Two numbers beside each other, without a unit but the per cent sign: as usual where that shows their difference to a third, else with the
/// fewest digits that do. 1,554 and 1,555 where three digits would say 1,550 and 1,560.
#[must_use]
pub(super) fn told_apart(pair: [f64; 2], measure: &Measure) -> [String; 2] {
    const MOST: i32 = 6;
    const NEAR: f64 = 0.3;
    let share = *measure == Measure::Share;
    let usual = || pair.map(|x| if share { percent(x) } else { significant(x) });
    let [a, b] = pair.map(|x| if share { x * 100.0 } else { x });
    let gap = a - b;
    let shown = |[a, b]: [f64; 2]| (a - b - gap).abs() <= NEAR * gap.abs();
    let own = [a, b].map(|x| if share { own_places_of_percent(x) } else { own_places(x) });
    if gap.abs() < f64::MIN_POSITIVE || shown([rounded(a, own[0]), rounded(b, own[1])]) {
        return usual();
    }
    let found = (own[0].min(own[1])..=MOST).find(|places| shown([a, b].map(|x| rounded(x, *places))));
    let unit = if share { format!("{NBSP}%") } else { String::new() };
    found.map_or_else(usual, |places| [a, b].map(|x| format!("{}{unit}", fixed(x, places))))
}

/// Decimals that [`significant`] gives; below 0 they are places before the point.
fn own_places(x: f64) -> i32 {
    if x.abs() < f64::MIN_POSITIVE {
        return 0;
    }
    let size = math::log10(x.abs()).floor() as i32;
    if (0..6).contains(&size) { 2 - size } else { 1 - size }
}

/// Decimals that [`percent`] gives.
fn own_places_of_percent(hundred: f64) -> i32 {
    let least = hundred.min(100.0 - hundred);
    if least > 0.0 { places_of_percent(least) as i32 } else { 0 }
}

fn rounded(x: f64, places: i32) -> f64 {
    let unit = math::pow(10.0, f64::from(places));
    (x * unit).round() / unit
}

/// With so many decimals, and commas at thousands.
fn fixed(x: f64, places: i32) -> String {
    let decimals = usize::try_from(places).unwrap_or(0);
    let text = format!("{:.decimals$}", rounded(x, places).abs());
    let (whole, part) = text.split_once('.').map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let sign = if x < 0.0 { "−" } else { "" };
    part.map_or_else(|| format!("{sign}{whole}"), |part| format!("{sign}{whole}.{part}"))
}

/// Unit of measure as printed in the head of a column or at an axis.
#[must_use]
pub(super) fn unit(measure: &Measure) -> &str {
    match measure {
        Measure::Persons => "persons",
        Measure::Incidents => "incidents",
        Measure::Share => "per cent",
        Measure::Factor => "factor",
        Measure::Other(unit) if unit.is_empty() => "no unit",
        Measure::Other(unit) => unit,
    }
}

/// `median 4,120, 90 % between 3,300 and 5,400`.
#[must_use]
pub fn interval(q: &Quantiles, measure: &Measure) -> String {
    let (low, high) = (value(q.q05, measure), value(q.q95, measure));
    let median = value(q.q50, measure);
    if low == high {
        return format!("median {median}, 90{NBSP}% at {low}");
    }
    format!("median {median}, 90{NBSP}% between {low} and {high}")
}

/// `3,300 to 5,400`, or the one number where both are written alike.
#[must_use]
pub(super) fn range(low: f64, high: f64, measure: &Measure) -> String {
    let (low, high) = (value(low, measure), value(high, measure));
    if low == high { low } else { format!("{low} to {high}") }
}

/// Word of the ICD 203 band, with the number: `very unlikely (12 %)`. The bands end at 1 % and 99 %; beyond them the
/// outermost words are kept, and the number beside them tells the rest. Never put a word of confidence beside it.
#[must_use]
pub fn likelihood(probability: f64) -> String {
    const BANDS: [(f64, &str); 6] = [
        (0.05, "almost no chance"),
        (0.20, "very unlikely"),
        (0.45, "unlikely"),
        (0.55, "roughly even chance"),
        (0.80, "likely"),
        (0.95, "very likely"),
    ];
    let word = BANDS.iter().find(|(end, _)| probability <= *end).map_or("almost certain", |(_, word)| word);
    format!("{word} ({})", percent(probability))
}

/// `30 April 2025`.
#[must_use]
pub fn date(day: Day) -> String {
    let (year, month, of_month) = day.ymd();
    format!("{of_month}{NBSP}{} {year}", month_name(month))
}

/// Name of a month counted from 1.
#[must_use]
pub(super) fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|i| MONTHS.get(i)).copied().unwrap_or("")
}

/// The three labels of what claims add.
#[must_use]
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Identified => "identified",
        Verdict::Shifted => "shifted, not narrowed",
        Verdict::NotIdentified => "not identified",
    }
}

/// Words for a setting of the prior of desertions.
#[must_use]
pub(super) fn setting(setting: &DesertionSetting) -> String {
    format!("{} per 1,000 soldier-years, {}", significant(setting.median_per_1000_years), silence(setting.complete))
}

/// The same under a title that names the unit.
#[must_use]
pub(super) fn short_setting(setting: &DesertionSetting) -> String {
    format!("{}, {}", significant(setting.median_per_1000_years), silence(setting.complete))
}

/// How silence is read, where it counts and where not.
#[must_use]
pub(super) const fn silence(complete: bool) -> &'static str {
    if complete { "silence counts" } else { "silence ignored" }
}

/// Draws of equal weight below which a ratio that rests on them is told by its order of magnitude.
const ROUGH: f64 = 50.0;

/// Whether so few draws tell an order of magnitude only.
#[must_use]
pub(super) fn is_rough(draws: f64) -> bool {
    draws < ROUGH
}

/// A Bayes factor, resting on so many draws where that is known, or why there is none.
#[must_use]
pub(super) fn bayes_factor(factor: Option<f64>, draws: Option<f64>) -> String {
    let Some(factor) = factor else { return "not defined".to_owned() };
    if draws.is_some_and(is_rough) { format!("about{NBSP}{}", one_digit(factor)) } else { significant(factor) }
}

/// A number from 0 on to one digit.
fn one_digit(x: f64) -> String {
    significant(if x < f64::MIN_POSITIVE { x } else { rounded(x, -math::log10(x).floor() as i32) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn a_bayes_factor_that_rests_on_few_draws_has_one_digit() {
        let told = |factor, draws| plain(&bayes_factor(factor, draws));
        for (factor, draws, text) in [
            (Some(0.00207), Some(15.4), "about 0.002"),
            (Some(0.00207), Some(50.0), "0.0021"),
            (Some(0.00207), None, "0.0021"),
            (Some(0.000_096), Some(3.0), "about 1 × 10⁻⁴"),
            (Some(17.3), Some(3.0), "about 20"),
            (Some(0.0), Some(0.0), "about 0"),
            (None, Some(3.0), "not defined"),
        ] {
            assert_eq!(told(factor, draws), text);
        }
    }

    #[test]
    fn thousands_are_grouped() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn two_numbers_are_told_apart_where_their_difference_is_small() {
        let persons = |a, b| told_apart([a, b], &Measure::Persons);
        assert_eq!(persons(1_554.2, 1_555.2), ["1,554", "1,555"]);
        assert_eq!(persons(1_554.49, 1_555.51), ["1,554.5", "1,555.5"], "not 1,554 and 1,556");
        assert_eq!(persons(280.93, 280.81), ["280.9", "280.8"]);
        assert_eq!(persons(0.312, 0.314), ["0.312", "0.314"]);
        assert_eq!(persons(0.003_12, 0.003_14), ["0.00312", "0.00314"]);
        assert_eq!(persons(-1_554.2, -1_555.2), ["−1,554", "−1,555"]);
        // As usual: nothing to tell, enough told already, or nothing that digits could tell.
        assert_eq!(persons(14_512.0, 14_512.0), ["14,500", "14,500"]);
        assert_eq!(persons(14_512.0, 19_743.0), ["14,500", "19,700"]);
        assert_eq!(persons(3.78, 15.3), ["3.78", "15.3"]);
        assert_eq!(persons(280.93, 280.93 + 1e-9), ["281", "281"]);
        let share = |a, b| told_apart([a, b], &Measure::Share).map(|text| plain(&text));
        assert_eq!(share(0.235_71, 0.235_92), ["23.57 %", "23.59 %"]);
        assert_eq!(share(0.24, 0.29), ["24 %", "29 %"]);
        assert_eq!(share(0.9997, 0.9957), ["99.97 %", "99.6 %"]);
        assert_eq!(share(0.9997, 0.9996), ["99.97 %", "99.96 %"]);
        assert_eq!(share(1.0, 0.0), ["100 %", "0 %"]);
    }

    #[test]
    fn an_estimate_carries_three_digits_and_no_false_ones() {
        let cases = [(0.0, "0"), (0.04, "0"), (0.5, "0.5"), (2.0, "2"), (9.96, "10"), (45.4, "45"), (999.6, "1,000")];
        for (x, text) in cases.into_iter().chain([(4_123.0, "4,120"), (12_345.0, "12,300"), (-1.0, "0")]) {
            assert_eq!(estimate(x), text);
        }
    }

    #[test]
    fn a_share_carries_the_digits_it_has() {
        let cases = [(0.0, "0 %"), (0.5, "50 %"), (0.0031, "0.3 %"), (0.042, "4.2 %"), (0.000_42, "0.04 %")];
        let ends = [(0.9997, "99.97 %"), (1.0, "100 %"), (1e-9, "less than 0.0001 %"), (0.3, "30 %")];
        for (p, text) in cases.into_iter().chain(ends) {
            assert_eq!(plain(&percent(p)), text);
        }
    }

    #[test]
    fn small_and_large_numbers_use_powers_of_ten() {
        let cases = [(0.0, "0"), (3.0, "3"), (0.3, "0.3"), (0.004, "0.004"), (0.0312, "0.031"), (1.256, "1.26")];
        let ends = [(3.2e-6, "3.2 × 10⁻⁶"), (12_345.0, "12,300"), (2e7, "2 × 10⁷"), (-0.25, "−0.25"), (57.3, "57.3")];
        for (x, text) in cases.into_iter().chain(ends) {
            assert_eq!(plain(&significant(x)), text, "{x}");
        }
    }

    #[test]
    fn an_interval_names_its_level() {
        let q = super::super::example::spread(4_123.0, 1.16);
        let text = plain(&interval(&q, &Measure::Persons));
        assert!(text.starts_with("median 4,120, 90 % between 3,") && text.contains(" and 5,"), "{text}");
        let same = Quantiles { q025: 2.0, q05: 2.0, q25: 2.0, q50: 2.0, q75: 2.0, q95: 2.0, q975: 2.0, mean: 2.0 };
        assert_eq!(plain(&interval(&same, &Measure::Persons)), "median 2, 90 % at 2");
    }

    #[test]
    fn words_of_likelihood_stand_beside_their_number() {
        let cases = [(0.0003, "almost no chance (0.03 %)"), (0.12, "very unlikely (12 %)"), (0.3, "unlikely (30 %)")];
        let more = [(0.5, "roughly even chance (50 %)"), (0.7, "likely (70 %)"), (0.9, "very likely (90 %)")];
        for (p, text) in cases.into_iter().chain(more).chain([(0.97, "almost certain (97 %)")]) {
            assert_eq!(plain(&likelihood(p)), text);
        }
    }
}
