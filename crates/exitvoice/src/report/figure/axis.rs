//! Axes: from a number to a place on the sheet, and the numbers written beside it.

use super::canvas::{AXIS, Anchor, Canvas, Font, RULE, SOFT, text_width};
use crate::report::words;
use exitvoice_core::{math, time::Day};

/// Spread of the values of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Equal steps.
    Linear,
    /// Equal ratios; only above 0.
    Log,
    /// ln(1 + x): shows 0 and large counts together; only from 0 on.
    Symlog,
    /// Days since 1970-01-01.
    Days,
}

/// One axis of a panel. Numbers beyond its ends are drawn at the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

/// How numbers along an axis are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Labels {
    Count,
    Percent,
    Number,
}

impl Axis {
    /// `low` lies at `start`, `high` at `end`, both places in user units. An empty range is widened.
    pub(super) fn new(scale: Scale, (low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        let room = if scale == Scale::Days { 1.0 } else { low.abs().max(1.0) };
        let high = if high > low { high } else { low + room };
        Self { scale, low, high, start, end }
    }

    fn project(self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear | Scale::Days => value,
            Scale::Log => math::ln(value),
            Scale::Symlog => math::ln_1p(value),
        }
    }

    /// Place of a number.
    pub(super) fn at(self, value: f64) -> f64 {
        let (low, high) = (self.project(self.low), self.project(self.high));
        let share = (self.project(value.clamp(self.low, self.high)) - low) / (high - low);
        self.start + share * (self.end - self.start)
    }

    pub(super) fn ends(self) -> (f64, f64) {
        (self.start, self.end)
    }

    /// Numbers to write, about `count` of them, ascending.
    pub(super) fn ticks(self, count: usize) -> Vec<f64> {
        match self.scale {
            Scale::Linear => linear_ticks(self.low, self.high, count),
            Scale::Log => log_ticks(self.low, self.high, count),
            Scale::Symlog => {
                let mut ticks = vec![0.0];
                ticks.extend(log_ticks(1.0, self.high, count));
                ticks.retain(|t| *t <= self.high);
                ticks
            }
            Scale::Days => day_ticks(self.low as i32, self.high as i32, count),
        }
    }
}

/// Room that the numbers left of an axis take, the gap to its rules and a margin included: at least that of four digits and a comma, so that
/// panels side by side begin alike where they can.
pub(super) fn room(axis: Axis, labels: Labels, count: usize) -> f64 {
    const MARGIN: f64 = 5.0;
    const LEAST: f64 = 42.0;
    let widest = |most: f64, tick: f64| most.max(text_width(&label(tick, labels), TICK));
    LEAST.max(axis.ticks(count).into_iter().fold(0.0, widest) + GAP + MARGIN)
}

fn linear_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let rough = (high - low) / count.max(1) as f64;
    let decade = math::pow(10.0, math::log10(rough).floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * decade).find(|s| *s >= rough * 0.999).unwrap_or(rough);
    let first = (low / step).ceil() as i64;
    let last = (high / step * (1.0 + 1e-12)).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// Powers of ten; 1, 3 (or 1, 2, 5) of each where there is room, every second or third where there is not.
fn log_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let (first, last) = (math::log10(low).floor() as i32, math::log10(high).ceil() as i32);
    let decades = (math::log10(high) - math::log10(low)).max(0.1);
    let steps: &[f64] = match count as f64 / decades {
        r if r >= 3.0 => &[1.0, 2.0, 5.0],
        r if r >= 1.7 => &[1.0, 3.0],
        _ => &[1.0],
    };
    let every = (decades / count.max(1) as f64).ceil().max(1.0) as i32;
    let inside = |t: &f64| *t >= low * (1.0 - 1e-9) && *t <= high * (1.0 + 1e-9);
    (first..=last)
        .filter(|d| d.rem_euclid(every) == 0)
        .flat_map(|d| steps.iter().map(move |s| s * math::pow(10.0, f64::from(d))))
        .filter(inside)
        .collect()
}

/// First days of months; in a short window every seventh day from its start.
fn day_ticks(low: i32, high: i32, count: usize) -> Vec<f64> {
    const SHORT: i32 = 75;
    if high - low < SHORT {
        let step = ((high - low) / (7 * count.max(1) as i32) + 1) * 7;
        return (low..=high).step_by(usize::try_from(step).unwrap_or(7)).map(f64::from).collect();
    }
    let firsts: Vec<i32> = (low..=high).filter(|d| Day(*d).ymd().2 == 1).collect();
    let every = firsts.len().div_ceil(count.max(1)).max(1);
    // Multiples of `every` months counted so that January is kept wherever that is possible.
    let kept = |d: &&i32| (i32::from(Day(**d).ymd().1) - 1).rem_euclid(every as i32) == 0;
    firsts.iter().filter(kept).map(|d| f64::from(*d)).collect()
}

/// Text of a tick.
fn label(value: f64, labels: Labels) -> String {
    match labels {
        Labels::Count => words::grouped(value.max(0.0).round() as u64),
        Labels::Percent => words::percent(value),
        Labels::Number => words::significant(value),
    }
}

/// Two lines for a day: `Nov` and, at the first tick and in January, the year; in a short window `8 Oct`.
fn day_label(day: Day, first: bool, short: bool) -> (String, Option<String>) {
    let (year, month, of_month) = day.ymd();
    let name: String = words::month_name(month).chars().take(3).collect();
    let text = if short { format!("{of_month} {name}") } else { name };
    (text, (first || (month == 1 && of_month <= 7)).then(|| year.to_string()))
}

/// A rectangle with two axes.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub(super) x: Axis,
    pub(super) y: Axis,
}

/// Size of the numbers along an axis.
pub(super) const TICK: f64 = 11.0;
/// Numbers up the side of a small panel, about.
pub(super) const SIDE: usize = 3;
/// Between a number and the rule that it belongs to.
const GAP: f64 = 5.0;

impl Panel {
    /// Horizontal rules with numbers at the left, dates below.
    pub(super) fn frame(self, canvas: &mut Canvas<'_>, y_labels: Labels, y_count: usize, x_count: usize) {
        let ((left, right), (bottom, _)) = (self.x.ends(), self.y.ends());
        let font = Font::new(TICK, SOFT);
        // Heads are whole: a scale of one head has no tick at a half.
        let whole = |tick: &f64| y_labels != Labels::Count || (tick - tick.round()).abs() < 1e-9;
        for tick in self.y.ticks(y_count).into_iter().filter(whole) {
            let y = self.y.at(tick);
            canvas.line((left, y), (right, y), RULE, 0.8);
            canvas.text(&label(tick, y_labels), (left - GAP, y), Anchor::End, font);
        }
        canvas.line((left, bottom), (right, bottom), AXIS, 1.0);
        let ticks = self.x.ticks(x_count);
        let short = ticks.iter().any(|t| Day(*t as i32).ymd().2 != 1);
        for (i, tick) in ticks.iter().enumerate() {
            let x = self.x.at(*tick);
            let (text, year) = day_label(Day(*tick as i32), i == 0, short);
            canvas.line((x, bottom), (x, bottom + 4.0), AXIS, 1.0);
            canvas.text(&text, (x, bottom + 12.0), Anchor::Middle, font);
            if let Some(year) = year {
                canvas.text(&year, (x, bottom + 24.0), Anchor::Middle, font);
            }
        }
    }
}

/// Vertical rules from `top` to `bottom` with numbers below, for charts of rows.
pub(super) fn vertical_rules(
    canvas: &mut Canvas<'_>,
    axis: Axis,
    (top, bottom): (f64, f64),
    labels: Labels,
    count: usize,
) {
    for tick in axis.ticks(count) {
        let x = axis.at(tick);
        canvas.line((x, top), (x, bottom), RULE, 0.8);
    }
    numbers(canvas, axis, bottom + 10.0, labels, count);
    let (left, right) = axis.ends();
    canvas.line((left, bottom), (right, bottom), AXIS, 1.0);
}

/// The numbers of an axis in a line at height `y`.
pub(super) fn numbers(canvas: &mut Canvas<'_>, axis: Axis, y: f64, labels: Labels, count: usize) {
    for tick in axis.ticks(count) {
        canvas.text(&label(tick, labels), (axis.at(tick), y), Anchor::Middle, Font::new(TICK, SOFT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_on_every_scale() {
        for scale in [Scale::Linear, Scale::Log, Scale::Symlog, Scale::Days] {
            let axis = Axis::new(scale, (1.0, 1_000.0), (0.0, 300.0));
            let places: Vec<f64> = [0.5, 1.0, 5.0, 999.0, 1_000.0, 5_000.0].map(|v| axis.at(v)).to_vec();
            assert!(places.is_sorted(), "{scale:?} {places:?}");
            assert!(places[0].abs() < 1e-9 && (places[5] - 300.0).abs() < 1e-9, "{scale:?} {places:?}");
        }
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let axis = |scale, range| Axis::new(scale, range, (0.0, 1.0));
        assert_eq!(axis(Scale::Linear, (0.0, 9_800.0)).ticks(4), [0.0, 5_000.0]);
        assert_eq!(axis(Scale::Linear, (0.0, 9_800.0)).ticks(5), [0.0, 2_000.0, 4_000.0, 6_000.0, 8_000.0]);
        assert_eq!(axis(Scale::Symlog, (0.0, 120.0)).ticks(3), [0.0, 1.0, 10.0, 100.0]);
        let months = axis(Scale::Days, (20_004.0, 20_208.0)).ticks(8);
        assert_eq!(months.len(), 6, "first days of November to April");
        assert!(months.iter().all(|d| Day(*d as i32).ymd().2 == 1));
    }

    #[test]
    fn numbers_left_of_an_axis_have_the_room_that_they_need() {
        let of = |most: f64| room(Axis::new(Scale::Linear, (0.0, most), (0.0, 1.0)), Labels::Count, 3);
        assert!((of(9_000.0) - 42.0).abs() < 1e-9 && (of(3.0) - 42.0).abs() < 1e-9);
        for (most, widest) in [(25_000.0, "20,000"), (250_000.0, "200,000"), (3e6, "2,000,000")] {
            assert!(of(most) >= text_width(widest, TICK) + 2.0 * GAP, "{most}: {}", of(most));
        }
    }

    #[test]
    fn one_day_is_an_axis_too() {
        let axis = Axis::new(Scale::Days, (20_004.0, 20_004.0), (0.0, 100.0));
        assert_eq!(axis.ticks(4), [20_004.0]);
        assert!(axis.at(20_004.0).is_finite());
    }
}
