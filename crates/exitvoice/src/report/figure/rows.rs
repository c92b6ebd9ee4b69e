//! Charts of rows: a label, interval bars of prior and posterior and marks of claims on one horizontal axis.

use super::axis::{Axis, Labels, Scale, numbers, vertical_rules};
use super::canvas::{Anchor, Canvas, Font, Heading, INK, POSTERIOR, PRIOR, SOFT, Shape, svg, text_width};
use super::ribbon::{Entry, KEY, legend, legend_height};
use super::{Page, canvas};
use crate::report::data::Quantiles;
use plotters::prelude::RGBColor;

/// Which side of the claims a bar belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Prior,
    Posterior,
}

impl Tone {
    pub(super) const fn color(self) -> RGBColor {
        match self {
            Self::Prior => PRIOR,
            Self::Posterior => POSTERIOR,
        }
    }

    const fn shape(self) -> Shape {
        match self {
            Self::Prior => Shape::Ring,
            Self::Posterior => Shape::Dot,
        }
    }
}

/// An interval bar: thin outer line, thick inner bar, a mark at the middle; missing parts are not drawn.
pub(super) struct Bar {
    pub(super) tone: Tone,
    pub(super) line: Option<(f64, f64)>,
    pub(super) outer: Option<(f64, f64)>,
    pub(super) inner: Option<(f64, f64)>,
    pub(super) middle: Option<f64>,
}

impl Bar {
    /// 95 % as a line, 90 % light, 50 % dark, median as a mark.
    pub(super) const fn of(tone: Tone, q: &Quantiles) -> Self {
        Self {
            tone,
            line: Some((q.q025, q.q975)),
            outer: Some((q.q05, q.q95)),
            inner: Some((q.q25, q.q75)),
            middle: Some(q.q50),
        }
    }
}

/// A claimed number: a point, or a point with an arrow, or an interval.
pub(super) struct Mark {
    pub(super) shape: Shape,
    pub(super) color: RGBColor,
    pub(super) value: f64,
    pub(super) span: Option<(f64, f64)>,
    /// -1 for at most, 1 for at least, 0 for neither.
    pub(super) arrow: f64,
}

/// One row.
pub(super) struct Row {
    /// Words above the row that begin a group.
    pub(super) group: Option<String>,
    pub(super) label: String,
    /// Second line of the label on wide pages, in soft ink.
    pub(super) detail: String,
    /// Words at the right: numbers and verdict.
    pub(super) side: String,
    pub(super) side_detail: String,
    pub(super) bars: Vec<Bar>,
    pub(super) mark: Option<Mark>,
}

/// A whole chart.
pub(super) struct Rows<'a> {
    pub(super) scale: Scale,
    pub(super) range: (f64, f64),
    pub(super) labels: Labels,
    /// Words under the axis, with the measure.
    pub(super) axis: &'a str,
    /// Rule drawn strongly, such as a factor of 1.
    pub(super) reference: Option<f64>,
    pub(super) rows: Vec<Row>,
    pub(super) legend: &'a [Entry<'a>],
    /// Widths of label and side columns on wide pages.
    pub(super) columns: (f64, f64),
}

const GROUP: f64 = 26.0;
pub(super) const FONT: f64 = 12.0;
pub(super) const SMALL: f64 = 11.0;
/// Between the bars and the words at the right.
pub(super) const SIDE_GAP: f64 = 14.0;
/// Height of a line of words on narrow pages.
const LINE: f64 = 15.0;
/// Rows from which on the numbers of the axis stand above the chart too.
const LONG: usize = 10;

impl Rows<'_> {
    fn row_height(&self, row: &Row, page: Page) -> f64 {
        let bars = 11.0 * row.bars.len().max(1) as f64;
        match page {
            Page::Wide => {
                (bars + 12.0).max(if row.detail.is_empty() && row.side_detail.is_empty() { 26.0 } else { 36.0 })
            }
            Page::Narrow => bars + 14.0 + LINE * narrow_lines(row).len() as f64,
        }
    }

    /// Draws it.
    pub(super) fn svg(&self, page: Page, heading: &Heading<'_>) -> String {
        let width = page.width();
        let long = self.rows.len() > LONG;
        let top = legend_height(self.legend, width) + if long { 24.0 } else { 10.0 };
        let body: f64 =
            self.rows.iter().map(|r| self.row_height(r, page) + r.group.as_ref().map_or(0.0, |_| GROUP)).sum();
        let bottom = top + body + 4.0;
        let (left, right) = match page {
            Page::Wide => (self.columns.0, width - self.columns.1),
            Page::Narrow => (10.0, width - 20.0),
        };
        let axis = Axis::new(self.scale, self.range, (left, right));
        svg(width, bottom + 38.0, heading, |canvas| {
            legend(canvas, self.legend, (0.0, 0.0));
            vertical_rules(canvas, axis, (top, bottom), self.labels, page.pick(6, 4));
            if long {
                numbers(canvas, axis, top - 8.0, self.labels, page.pick(6, 4));
            }
            if let Some(reference) = self.reference {
                canvas.line((axis.at(reference), top), (axis.at(reference), bottom), canvas::AXIS, 1.4);
            }
            let middle = f64::midpoint(left, right);
            canvas.text(self.axis, (middle, bottom + 27.0), Anchor::Middle, Font::new(11.0, INK));
            let mut y = top;
            for row in &self.rows {
                if let Some(group) = &row.group {
                    canvas.text(group, (0.0, y + GROUP * 0.6), Anchor::Start, Font::bold(FONT + 0.5, INK));
                    y += GROUP;
                }
                let height = self.row_height(row, page);
                let center = self.words(canvas, row, (y, height), page);
                draw_row(canvas, axis, row, center);
                y += height;
            }
        })
    }

    /// Writes the words of a row that begins at `y` and gives the middle height of its bars.
    fn words(&self, canvas: &mut Canvas<'_>, row: &Row, (y, height): (f64, f64), page: Page) -> f64 {
        let (font, soft) = (Font::new(FONT, INK), Font::new(SMALL, SOFT));
        if page == Page::Narrow {
            let lines = narrow_lines(row);
            for (i, (left, right)) in lines.iter().enumerate() {
                let line = y + 11.0 + LINE * i as f64;
                canvas.text(left, (0.0, line), Anchor::Start, if i == 0 { font } else { soft });
                canvas.text(right, (canvas.width, line), Anchor::End, soft);
            }
            return y + 5.0 + LINE * lines.len() as f64 + 5.5 * row.bars.len().max(1) as f64;
        }
        let middle = y + height / 2.0;
        let pair = |first: &str, second: &str| {
            if second.is_empty() { (middle, first.is_empty()) } else { (middle - 7.0, false) }
        };
        let right = canvas.width - self.columns.1 + SIDE_GAP;
        for (x, first, second) in [(0.0, &row.label, &row.detail), (right, &row.side, &row.side_detail)] {
            let (line, empty) = pair(first, second);
            if !empty {
                canvas.text(first, (x, line), Anchor::Start, font);
            }
            if !second.is_empty() {
                canvas.text(second, (x, middle + 7.5), Anchor::Start, soft);
            }
        }
        middle
    }
}

/// Words over the bars on narrow pages, left and right: label and numbers, then detail and verdict, each pair in one line
/// where it fits.
fn narrow_lines(row: &Row) -> Vec<(&str, &str)> {
    let fits =
        |left: &str, right: &str| text_width(left, FONT) + text_width(right, SMALL) + 8.0 <= Page::Narrow.width();
    let mut lines: Vec<(&str, &str)> = Vec::new();
    for (left, right) in [(&row.label, &row.side), (&row.detail, &row.side_detail)] {
        if fits(left, right) {
            lines.push((left, right));
        } else {
            lines.extend([(left.as_str(), ""), ("", right.as_str())]);
        }
    }
    lines.retain(|(left, right)| !left.is_empty() || !right.is_empty());
    lines
}

fn draw_row(canvas: &mut Canvas<'_>, axis: Axis, row: &Row, center: f64) {
    let first = center - 5.5 * (row.bars.len() as f64 - 1.0);
    for (i, bar) in row.bars.iter().enumerate() {
        draw_bar(canvas, axis, bar, first + 11.0 * i as f64);
    }
    let Some(mark) = &row.mark else { return };
    let x = axis.at(mark.value);
    if let Some((low, high)) = mark.span {
        canvas.line((axis.at(low), center), (axis.at(high), center), mark.color, 1.6);
    }
    if mark.arrow.abs() > 0.5 {
        canvas.line((x, center), (x + mark.arrow * 12.0, center), mark.color, 1.6);
        canvas.arrow_head((x + mark.arrow * 12.0, center), (mark.arrow, 0.0), mark.color);
    }
    canvas.mark((x, center), mark.shape, 4.2, mark.color);
}

fn draw_bar(canvas: &mut Canvas<'_>, axis: Axis, bar: &Bar, y: f64) {
    let color = bar.tone.color();
    let span = |(low, high): (f64, f64)| (axis.at(low), axis.at(high).max(axis.at(low) + 0.8));
    if let Some((low, high)) = bar.line.map(span) {
        canvas.line((low, y), (high, y), color, 1.0);
    }
    for (part, half, opacity) in [(bar.outer, 3.0, 0.4), (bar.inner, 3.0, 0.75)] {
        if let Some((low, high)) = part.map(span) {
            canvas.bar((low, y - half), (high, y + half), color, opacity);
        }
    }
    if let Some(middle) = bar.middle {
        canvas.mark((axis.at(middle), y), bar.tone.shape(), 3.6, color);
    }
}

/// The legend entry of a bar with its levels.
pub(super) fn bar_key(tone: Tone) -> impl Fn(&mut Canvas<'_>, (f64, f64)) {
    move |canvas, (x, y)| {
        let axis = Axis::new(Scale::Linear, (0.0, 1.0), (x, x + KEY));
        let (line, outer, inner) = (Some((0.0, 1.0)), Some((0.14, 0.86)), Some((0.32, 0.68)));
        draw_bar(canvas, axis, &Bar { tone, line, outer, inner, middle: Some(0.5) }, y);
    }
}
