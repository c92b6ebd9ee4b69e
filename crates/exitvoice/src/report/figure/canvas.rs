//! Drawing of SVG in user units, over the SVG backend of plotters.
//!
//! The backend takes whole numbers, so a user unit is ten of its own; the view box scales them back. Text stays text.

use plotters::backend::SVGBackend;
use plotters::prelude::{DrawingBackend, RGBAColor, RGBColor, ShapeStyle, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont};
use std::fmt::Write as _;

/// Backend units in a user unit.
const FINE: f64 = 10.0;
/// Plotters divides sizes of fonts by this.
const FONT: f64 = 1.24;
/// Width of a character relative to the size of the font, on average.
const CHARACTER: f64 = 0.54;

/// Colours by Okabe and Ito: told apart with any colour vision and in grey print.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const SOFT: RGBColor = RGBColor(92, 92, 92);
pub(super) const RULE: RGBColor = RGBColor(222, 222, 222);
pub(super) const AXIS: RGBColor = RGBColor(140, 140, 140);
pub(super) const PRIOR: RGBColor = RGBColor(130, 130, 130);
pub(super) const POSTERIOR: RGBColor = RGBColor(0, 114, 178);
pub(super) const KYIV: RGBColor = RGBColor(213, 94, 0);
pub(super) const THIRD: RGBColor = RGBColor(20, 20, 20);
pub(super) const OTHER: RGBColor = RGBColor(0, 120, 90);

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Shape of a mark.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Dot,
    Ring,
    Triangle,
    Square,
}

/// Looks of a text.
#[derive(Clone, Copy)]
pub(super) struct Font {
    pub(super) size: f64,
    pub(super) color: RGBColor,
    pub(super) bold: bool,
}

impl Font {
    pub(super) const fn new(size: f64, color: RGBColor) -> Self {
        Self { size, color, bold: false }
    }

    pub(super) const fn bold(size: f64, color: RGBColor) -> Self {
        Self { size, color, bold: true }
    }
}

/// Rough width of a text; without font files it can only be guessed, from the average character.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * CHARACTER
}

/// The words of a text on at most `lines` lines of a width, about; what does not fit ends in an ellipsis.
pub(super) fn wrapped(text: &str, width: f64, size: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let last = out.len() - 1;
        let longer = if out[last].is_empty() { word.to_owned() } else { format!("{} {word}", out[last]) };
        if out[last].is_empty() || text_width(&longer, size) <= width {
            out[last] = longer;
        } else if out.len() < lines {
            out.push(word.to_owned());
        } else {
            out[last].push('…');
            break;
        }
    }
    out
}

/// A sheet to draw on.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    pub(super) width: f64,
}

/// What an SVG says about itself to those who do not see it.
pub(super) struct Heading<'a> {
    /// Unique in the page.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// An SVG of `width` by `height` user units with title and description, drawn by `paint`.
pub(super) fn svg(width: f64, height: f64, heading: &Heading<'_>, paint: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut text = String::new();
    let size = ((width * FINE) as u32, (height * FINE) as u32);
    let mut canvas = Canvas { backend: SVGBackend::with_string(&mut text, size), width };
    paint(&mut canvas);
    ok(canvas.backend.present());
    drop(canvas);
    let body = text.split_once('>').map_or("", |(_, body)| body);
    let mut out = String::with_capacity(text.len() + 600);
    let (id, title, description) = (heading.id, escaped(heading.title), escaped(heading.description));
    write!(
        out,
        "<svg class=\"ev\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {} {}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"{id}-title\">{title}</title>\n\
         <desc id=\"{id}-desc\">{description}</desc>\n\
         <style>.ev text{{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu Sans\",sans-serif;\
         paint-order:stroke;stroke:#fff;stroke-width:22px;stroke-linejoin:round}}</style>{body}",
        size.0, size.1
    )
    .expect("writing to a String does not fail");
    out
}

/// Text for the inside of an element.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The backend writes to a `String`, which does not fail.
fn ok<T, E: std::fmt::Debug>(result: Result<T, E>) {
    result.expect("the SVG backend writes to a String, which does not fail");
}

fn fine(point: (f64, f64)) -> (i32, i32) {
    debug_assert!(point.0.is_finite() && point.1.is_finite(), "checked data have a place on the sheet");
    ((point.0 * FINE).round() as i32, (point.1 * FINE).round() as i32)
}

fn stroke(color: RGBAColor, width: f64) -> ShapeStyle {
    ShapeStyle { color, filled: false, stroke_width: (width * FINE).round() as u32 }
}

impl Canvas<'_> {
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, width: f64) {
        ok(self.backend.draw_line(fine(from), fine(to), &stroke(color.to_rgba(), width)));
    }

    pub(super) fn path(&mut self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        ok(self.backend.draw_path(thinned(points), &stroke(color.to_rgba(), width)));
    }

    /// Dashes of 5 and gaps of 3 units along a path.
    pub(super) fn dashes(&mut self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        const DASH: f64 = 5.0;
        const GAP: f64 = 3.0;
        let mut at = 0.0;
        let mut dash: Vec<(f64, f64)> = Vec::new();
        for pair in points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let length = ((b.0 - a.0) * (b.0 - a.0) + (b.1 - a.1) * (b.1 - a.1)).sqrt();
            let mut done = 0.0;
            while done < length {
                let in_dash = at < DASH;
                let step = (if in_dash { DASH } else { DASH + GAP } - at).min(length - done);
                let point = |s: f64| (a.0 + (b.0 - a.0) * s / length, a.1 + (b.1 - a.1) * s / length);
                if in_dash {
                    if dash.is_empty() {
                        dash.push(point(done));
                    }
                    dash.push(point(done + step));
                }
                (done, at) = (done + step, at + step);
                if at >= DASH && !dash.is_empty() {
                    self.path(&dash, color, width);
                    dash.clear();
                }
                if at >= DASH + GAP {
                    at = 0.0;
                }
            }
        }
        if dash.len() > 1 {
            self.path(&dash, color, width);
        }
    }

    pub(super) fn polygon(&mut self, points: &[(f64, f64)], color: RGBColor, opacity: f64) {
        ok(self.backend.fill_polygon(thinned(points), &stroke(color.mix(opacity), 0.0)));
    }

    pub(super) fn bar(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, opacity: f64) {
        let style = stroke(color.mix(opacity), 0.0);
        ok(self.backend.draw_rect(fine(from), fine(to), &style, true));
    }

    pub(super) fn mark(&mut self, (x, y): (f64, f64), shape: Shape, radius: f64, color: RGBColor) {
        let r = (radius * FINE) as u32;
        match shape {
            Shape::Dot => ok(self.backend.draw_circle(fine((x, y)), r, &stroke(color.to_rgba(), 0.0), true)),
            Shape::Ring => {
                ok(self.backend.draw_circle(fine((x, y)), r, &stroke(plotters::prelude::WHITE.to_rgba(), 0.0), true));
                ok(self.backend.draw_circle(fine((x, y)), r, &stroke(color.to_rgba(), radius * 0.4), false));
            }
            Shape::Triangle => {
                let (wide, tall) = (radius * 1.15, radius * 1.1);
                self.polygon(
                    &[(x - wide, y + tall * 0.8), (x, y - tall * 1.2), (x + wide, y + tall * 0.8)],
                    color,
                    1.0,
                );
            }
            Shape::Square => {
                let half = radius * 0.88;
                self.bar((x - half, y - half), (x + half, y + half), color, 1.0);
            }
        }
    }

    /// An arrow head of the given colour, pointing along (dx, dy), one of which is 0.
    pub(super) fn arrow_head(&mut self, (x, y): (f64, f64), (dx, dy): (f64, f64), color: RGBColor) {
        let (long, wide) = (6.0, 3.4);
        let tip = (x + dx * long, y + dy * long);
        self.polygon(&[(x + dy * wide, y + dx * wide), tip, (x - dy * wide, y - dx * wide)], color, 1.0);
    }

    /// Text whose middle height is at `y`.
    pub(super) fn text(&mut self, text: &str, (x, y): (f64, f64), anchor: Anchor, font: Font) {
        if text.is_empty() {
            return;
        }
        let h_pos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let weight = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let face = ("sans-serif", font.size * FINE * FONT).into_font().style(weight);
        let style = TextStyle::from(face).color(&font.color).pos(Pos::new(h_pos, VPos::Center));
        ok(self.backend.draw_text(text, &style, fine((x, y))));
    }
}

/// Points on the fine grid without those that a straight line passes through anyway.
fn thinned(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    let mut out: Vec<(i32, i32)> = Vec::with_capacity(points.len());
    for point in points.iter().map(|p| fine(*p)) {
        if out.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = out[..] {
            let cross =
                i64::from(b.0 - a.0) * i64::from(point.1 - b.1) - i64::from(b.1 - a.1) * i64::from(point.0 - b.0);
            let onward =
                i64::from(b.0 - a.0) * i64::from(point.0 - b.0) + i64::from(b.1 - a.1) * i64::from(point.1 - b.1);
            if cross == 0 && onward >= 0 {
                out.pop();
            }
        }
        out.push(point);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_needs_two_points() {
        assert_eq!(thinned(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (2.0, 2.0)]), [(0, 0), (20, 20)]);
        assert_eq!(thinned(&[(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]).len(), 3);
    }

    #[test]
    fn words_are_wrapped_and_what_is_too_much_is_marked() {
        assert_eq!(wrapped("one two three", 1e3, 12.0, 2), ["one two three"]);
        let lines = wrapped("one two three four five", text_width("one two", 12.0), 12.0, 2);
        assert_eq!(lines, ["one two", "three…"]);
    }

    #[test]
    fn text_is_escaped_and_stays_text() {
        let heading = Heading { id: "a", title: "x < y & z", description: "d" };
        let out = svg(100.0, 50.0, &heading, |canvas| {
            canvas.text("a<b & 북한 Київ", (10.0, 10.0), Anchor::Start, Font::new(10.0, INK));
        });
        assert!(out.contains("<title id=\"a-title\">x &lt; y &amp; z</title>"), "{out}");
        assert!(out.contains("a&lt;b &amp; 북한 Київ"), "{out}");
        assert!(out.contains("viewBox=\"0 0 1000 500\"") && out.trim_end().ends_with("</svg>"), "{out}");
    }
}
