//! Figures: each drawn for a wide and for a narrow page, with its data as CSV and a Vega-Lite specification.
//!
//! Every figure has a title, axes with their measure, a legend that names the intervals, a sentence that reads it and a
//! note on sources. Medians are lines or ticks, 50 % intervals dark, 90 % light.

mod axis;
mod canvas;
mod claims;
pub(super) mod comparison;
pub(super) mod country;
mod dated;
mod densities;
mod desertions;
pub(super) mod forecast;
pub(super) mod points;
mod predicted;
mod ribbon;
mod rows;
mod sheet;
mod terms;

use super::data::ReportData;
use canvas::Heading;
pub(crate) use canvas::escaped;
pub(super) use sheet::Sheet;

/// One figure of the report.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Name of its files, such as `force`.
    pub name: String,
    /// What it shows, as printed above it.
    pub title: String,
    /// The same for those who do not see it, with its main numbers.
    pub alt: String,
    /// One sentence that reads it.
    pub reading: String,
    /// Intervals, sources and grades.
    pub note: String,
    /// Drawn for pages from 700 units on.
    pub svg_wide: String,
    /// Drawn for narrow pages.
    pub svg_narrow: String,
    /// Its data, one number a row.
    pub csv: String,
    /// Vega-Lite specification that reads `NAME.csv` beside it.
    pub vega_lite: String,
}

impl Figure {
    /// The same as one of several of its kind: names of files and of elements end in a number.
    pub(super) fn numbered(self, number: usize) -> Self {
        let name = format!("{}-{number}", self.name);
        let again = |svg: &str, width: &str| svg.replace(&format!("{}-{width}", self.name), &format!("{name}-{width}"));
        Self {
            svg_wide: again(&self.svg_wide, "wide"),
            svg_narrow: again(&self.svg_narrow, "narrow"),
            vega_lite: self.vega_lite.replace(&format!("{}.csv", self.name), &format!("{name}.csv")),
            name,
            ..self
        }
    }
}

/// Width of the page that a drawing is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Wide,
    Narrow,
}

impl Page {
    /// Width of the drawing in user units.
    pub(super) const fn width(self) -> f64 {
        match self {
            Self::Wide => 820.0,
            Self::Narrow => 360.0,
        }
    }

    /// One of two things.
    pub(super) fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// Words that go with a drawing.
pub(super) struct Caption {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) alt: String,
    pub(super) reading: String,
    pub(super) note: String,
}

/// Puts a figure together; `draw` makes the drawing of one page width.
fn figure(
    caption: Caption,
    sheet: &Sheet,
    vega: &serde_json::Value,
    draw: impl Fn(Page, &Heading<'_>) -> String,
) -> Figure {
    let paint = |page: Page, width: &str| {
        let id = format!("{}-{width}", caption.name);
        let description = format!("{} Population: synthetic.", caption.alt);
        draw(page, &Heading { id: &id, title: &caption.title, description: &description })
    };
    let (svg_wide, svg_narrow) = (paint(Page::Wide, "wide"), paint(Page::Narrow, "narrow"));
    Figure {
        svg_wide,
        svg_narrow,
        csv: sheet.csv(),
        vega_lite: sheet::vega_lite(caption.name, &caption.title, &caption.alt, vega),
        name: caption.name.to_owned(),
        title: caption.title,
        alt: caption.alt,
        reading: caption.reading,
        note: caption.note,
    }
}

/// All figures that the data allow, in the order of the page.
pub(super) fn all(data: &ReportData) -> Vec<Figure> {
    let mut out = vec![ribbon::force(data)];
    if let Some(inference) = &data.inference {
        out.extend(claims::totals(inference));
        out.extend(predicted::predicted_claims(inference));
        out.push(desertions::desertions(&inference.desertions));
        out.extend(inference.dated_claim.as_ref().and_then(dated::dated_claim));
        out.extend(data.forecast.as_ref().and_then(forecast::predicted));
    }
    out.extend(terms::terms(&data.terms));
    out.extend(densities::densities(&data.parameters));
    out
}
