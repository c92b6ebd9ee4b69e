//! Figures of a history: pyramid, class shares, kin at risk by age, camps. Simulated numbers are solid, published ones grey.

use super::axis::{Axis, Labels, Panel, Scale, vertical_rules};
use super::canvas::{AXIS, Anchor, Canvas, Font, INK, KYIV, OTHER, POSTERIOR, PRIOR, RULE, SOFT, Shape, svg};
use super::ribbon::{Entry, KEY, legend, legend_height};
use super::sheet::Sheet;
use super::{Caption, Figure, Page, figure};
use crate::report::country::{CountryData, Documented, GROUPS, KinAtAge, Pyramid};
use crate::report::words::{self, grouped, percent, significant};
use exitvoice_core::time::Day;
use plotters::prelude::RGBColor;
use serde_json::json;

/// All of them, in the order of the page.
pub(in crate::report) fn all(data: &CountryData) -> Vec<Figure> {
    vec![pyramid(&data.pyramid), classes(data), kin(data), camps(data)]
}

/// Years of an age group.
const GROUP: usize = 5;
const THOUSAND: f64 = 1_000.0;
const SEXES: [&str; 2] = ["women", "men"];

fn group_label(group: usize) -> String {
    let from = group * GROUP;
    if group + 1 == GROUPS { format!("{from}+") } else { format!("{from}-{}", from + GROUP - 1) }
}

/// Totals and the largest deviation of a group in words.
fn pyramid_reading(data: &Pyramid) -> String {
    let pairs = || data.simulated.iter().flatten().zip(data.published.iter().flatten());
    let (simulated, published) = pairs().fold((0.0, 0.0), |sum, (s, p)| (sum.0 + s, sum.1 + p));
    let totals = format!(
        "{} persons simulated, {} published ({})",
        grouped(simulated as u64),
        grouped(published as u64),
        deviation(simulated / published - 1.0)
    );
    let Some((below, above)) = data.compared else { return format!("{totals}.") };
    let told = |(group, (_, published)): &(usize, (&f64, &f64))| {
        ((group % GROUPS) * GROUP) < below as usize && **published > above
    };
    let compared = pairs().enumerate().filter(told);
    let worst = compared.map(|(_, (s, p))| (s / p - 1.0).abs()).fold(0.0, f64::max);
    format!(
        "{totals}; of the groups under {below} and above {} persons the one that differs most does so by {}.",
        grouped(above as u64),
        percent(worst)
    )
}

/// Published numbers as a grey line, simulated ones as bars.
fn pyramid(data: &Pyramid) -> Figure {
    let (year, reading) = (data.day.year(), pyramid_reading(data));
    let caption = Caption {
        name: "pyramid",
        title: format!("Population by age and sex on 1 July {year}, beside the United Nations' figures"),
        alt: format!("A pyramid of ages, women left and men right, simulated and published. {reading}"),
        reading,
        note:
            "Bars: simulated, at full scale. Line: WPP 2019, medium variant. Thousands of persons by five-year group."
                .to_owned(),
    };
    let columns = ["date", "sex", "age_from_years", "simulated_persons", "published_persons", "published_source"];
    let mut sheet = Sheet::new(&columns);
    for (sex, word) in SEXES.iter().enumerate() {
        for group in 0..GROUPS {
            let age = (group * GROUP) as f64;
            let (simulated, published) = (data.simulated[sex][group], data.published[sex][group]);
            let (day, source) = (data.day.to_string().into(), data.source.as_deref().unwrap_or_default().into());
            sheet.row([day, (*word).into(), age.into(), simulated.into(), published.into(), source]);
        }
    }
    let vega = json!({
        "facet": {"column": {"field": "sex", "type": "nominal"}},
        "spec": {"layer": [
            {"mark": {"type": "bar", "opacity": 0.5}, "encoding": {"x": {"field": "simulated_persons", "type": "quantitative", "title": "persons"}}},
            {"mark": {"type": "tick", "color": "#666"}, "encoding": {"x": {"field": "published_persons", "type": "quantitative"}}}],
            "encoding": {"y": {"field": "age_from_years", "type": "ordinal", "sort": "descending"}}},
    });
    figure(caption, &sheet, &vega, |page, heading| draw_pyramid(data, page, heading))
}

fn draw_pyramid(data: &Pyramid, page: Page, heading: &super::canvas::Heading<'_>) -> String {
    let persons = [data.simulated, data.published].into_iter().flatten().flatten();
    let most = persons.fold(1.0, f64::max) / THOUSAND;
    let (width, row, label) = (page.width(), page.pick(17.0, 15.0), 46.0);
    let simulated =
        |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.bar((x, y - 5.0), (x + KEY, y + 5.0), POSTERIOR, 0.55);
    let published = |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.path(&[(x, y), (x + KEY, y)], INK, 1.5);
    let entries = [Entry { text: "simulated", draw: &simulated }, Entry { text: "published", draw: &published }];
    let top = legend_height(&entries, width) + 22.0;
    let bottom = top + row * GROUPS as f64;
    svg(width, bottom + 40.0, heading, |canvas| {
        legend(canvas, &entries, (0.0, 0.0));
        let half = (width - label) / 2.0;
        let axes = [
            Axis::new(Scale::Linear, (0.0, most * 1.05), (half, 12.0)),
            Axis::new(Scale::Linear, (0.0, most * 1.05), (half + label, width - 12.0)),
        ];
        for (sex, axis) in axes.into_iter().enumerate() {
            vertical_rules(canvas, axis, (top, bottom), Labels::Count, page.pick(4, 2));
            let (start, end) = axis.ends();
            let middle = f64::midpoint(start, end);
            canvas.text(SEXES[sex], (middle, top - 9.0), Anchor::Middle, Font::bold(12.5, INK));
            canvas.text("thousands of persons", (middle, bottom + 28.0), Anchor::Middle, Font::new(11.0, SOFT));
            let mut outline = Vec::new();
            for group in 0..GROUPS {
                let y = bottom - row * (group as f64 + 1.0);
                let x = axis.at(data.simulated[sex][group] / THOUSAND);
                canvas.bar((start.min(x), y + 1.0), (start.max(x), y + row - 1.0), POSTERIOR, 0.55);
                let x = axis.at(data.published[sex][group] / THOUSAND);
                outline.extend([(x, y + row), (x, y)]);
            }
            canvas.path(&outline, INK, 1.5);
        }
        let center = half + label / 2.0;
        for group in (0..GROUPS).step_by(page.pick(1, 2)) {
            let y = bottom - row * (group as f64 + 0.5);
            canvas.text(&group_label(group), (center, y), Anchor::Middle, Font::new(10.5, SOFT));
        }
    })
}

/// A source after what it is of; folders of earlier versions name none.
fn in_brackets(source: Option<&str>) -> String {
    source.map_or_else(String::new, |source| format!(" ({source})"))
}

fn deviation(x: f64) -> String {
    format!("{}{}\u{a0}%", if x < 0.0 { "\u{2212}" } else { "+" }, significant(x.abs() * 100.0))
}

/// A rectangle for a chart over time.
fn time_panel(days: (Day, Day), y: (f64, f64), (left, top): (f64, f64), (width, height): (f64, f64)) -> Panel {
    Panel {
        x: Axis::new(Scale::Linear, (years(days.0), years(days.1)), (left + 52.0, left + width - 10.0)),
        y: Axis::new(Scale::Linear, y, (top + height - 30.0, top)),
    }
}

fn years(day: Day) -> f64 {
    f64::from(day.year()) + f64::from(day - Day::new_year(day.year())) / exitvoice_core::time::DAYS_PER_YEAR
}

/// Rules with numbers at the left, decades below.
fn frame(canvas: &mut Canvas<'_>, panel: Panel, labels: Labels, count: usize) {
    let ((left, right), (bottom, top)) = (panel.x.ends(), panel.y.ends());
    let font = Font::new(11.0, SOFT);
    for tick in panel.y.ticks(count) {
        let y = panel.y.at(tick);
        canvas.line((left, y), (right, y), RULE, 0.8);
        let text = if labels == Labels::Percent { percent(tick) } else { grouped(tick.round() as u64) };
        canvas.text(&text, (left - 5.0, y), Anchor::End, font);
    }
    for decade in (1960..=2020).step_by(20) {
        let x = panel.x.at(f64::from(decade));
        canvas.line((x, bottom), (x, bottom + 4.0), AXIS, 1.0);
        canvas.text(&decade.to_string(), (x, bottom + 13.0), Anchor::Middle, font);
    }
    canvas.line((left, bottom), (right, bottom), AXIS, 1.0);
    debug_assert!(top < bottom, "a panel has a height");
}

const CLASSES: [(&str, RGBColor); 3] = [("core", POSTERIOR), ("wavering", OTHER), ("hostile", KYIV)];

/// One panel a rule: shares of the three classes over time.
fn classes(data: &CountryData) -> Figure {
    let (year, ranges) = data.classes_published;
    let then = data.classes.iter().find(|c| c.day.year() == year);
    let rule = data.rules.get(data.rule).map_or("", String::as_str).replace('_', " ");
    let said = |i: usize| {
        let shares = then.and_then(|c| c.shares.get(data.rule));
        shares.map_or_else(|| "-".to_owned(), |shares| percent(shares[i]))
    };
    let range = |i: usize| format!("{} to {}", percent(ranges[i].0), percent(ranges[i].1));
    let reading = format!(
        "Under the scenario's rule, {rule}, in {year}: core {} (published {}), wavering {} ({}), hostile {} ({}).",
        said(0),
        range(0),
        said(1),
        range(1),
        said(2),
        range(2)
    );
    let caption = Caption {
        name: "classes",
        title: "Shares of the classes among the living, by rule of inheritance".to_owned(),
        alt: format!("Six small panels over time, one a rule, with the shares of three classes. {reading}"),
        reading,
        note: format!(
            "One record read by six rules. Bars at {year}: ranges published for 1958 to {year}{}. The one survey that could tell was taken among refugees.",
            in_brackets(data.classes_source.as_deref())
        ),
    };
    let columns = ["date", "rule", "class", "share", "published_low", "published_high", "published_source"];
    let mut sheet = Sheet::new(&columns);
    for count in &data.classes {
        for (rule, shares) in data.rules.iter().zip(&count.shares) {
            for (i, share) in shares.iter().enumerate() {
                let published = Some(ranges[i]).filter(|_| count.day.year() == year);
                let (low, high) = (published.map(|r| r.0), published.map(|r| r.1));
                let class = CLASSES[i].0.into();
                let source = data.classes_source.as_deref().filter(|_| published.is_some()).unwrap_or_default();
                sheet.row([
                    count.day.to_string().into(),
                    rule.as_str().into(),
                    class,
                    (*share).into(),
                    low.into(),
                    high.into(),
                    source.into(),
                ]);
            }
        }
    }
    let vega = json!({
        "facet": {"field": "rule", "type": "nominal"}, "columns": 3,
        "spec": {"layer": [
            {"mark": "line", "encoding": {"y": {"field": "share", "type": "quantitative", "title": "share of the living"}}},
            {"mark": "rule", "encoding": {"y": {"field": "published_low", "type": "quantitative"}, "y2": {"field": "published_high"}}}],
            "encoding": {"x": {"field": "date", "type": "temporal"}, "color": {"field": "class", "type": "nominal"}}},
    });
    figure(caption, &sheet, &vega, |page, heading| class_panels(data, page, heading))
}

fn class_panels(data: &CountryData, page: Page, heading: &super::canvas::Heading<'_>) -> String {
    let (year, ranges) = data.classes_published;
    let columns = page.pick(3, 2);
    let gap = page.pick(16.0, 4.0);
    let width = (page.width() - gap * (columns as f64 - 1.0)) / columns as f64;
    let height = page.pick(178.0, 150.0);
    let keys = CLASSES.map(|(_, color)| {
        move |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.path(&[(x, y), (x + KEY, y)], color, 2.0)
    });
    let published = |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| {
        canvas.bar((x + KEY / 2.0 - 3.0, y - 7.0), (x + KEY / 2.0 + 3.0, y + 7.0), PRIOR, 0.5)
    };
    let mut entries: Vec<Entry<'_>> = CLASSES.iter().zip(&keys).map(|((text, _), draw)| Entry { text, draw }).collect();
    entries.push(Entry { text: "published range", draw: &published });
    let top = legend_height(&entries, page.width()) + 8.0;
    let rows = data.rules.len().div_ceil(columns);
    let shares = data.classes.iter().flat_map(|c| c.shares.iter().flatten().copied());
    let most = shares.chain(ranges.map(|r| r.1)).fold(0.0, f64::max) * 1.08;
    svg(page.width(), top + height * rows as f64 + 4.0, heading, |canvas| {
        legend(canvas, &entries, (0.0, 0.0));
        let (Some(first), Some(last)) = (data.classes.first(), data.classes.last()) else { return };
        for (rule, name) in data.rules.iter().enumerate() {
            let corner = ((rule % columns) as f64 * (width + gap), top + (rule / columns) as f64 * height);
            canvas.text(&name.replace('_', " "), (corner.0, corner.1 + 8.0), Anchor::Start, Font::bold(12.0, INK));
            let panel = time_panel(
                (first.day, last.day),
                (0.0, most),
                (corner.0 - 10.0, corner.1 + 24.0),
                (width + 10.0, height - 32.0),
            );
            frame(canvas, panel, Labels::Percent, 4);
            for (class, (_, color)) in CLASSES.iter().enumerate() {
                let line: Vec<(f64, f64)> = data
                    .classes
                    .iter()
                    .map(|c| (panel.x.at(years(c.day)), panel.y.at(c.shares[rule][class])))
                    .collect();
                canvas.path(&line, *color, 2.0);
                if rule == data.rule {
                    let (x, shift) = (panel.x.at(f64::from(year) + 0.5), 7.0 * (class as f64 - 1.0));
                    let (low, high) = (panel.y.at(ranges[class].0), panel.y.at(ranges[class].1));
                    canvas.bar((x + shift - 2.5, high), (x + shift + 2.5, low), *color, 0.4);
                }
            }
        }
    })
}

const DEGREES: [(&str, RGBColor); 5] = [
    ("spouse", RGBColor(60, 60, 60)),
    ("degree 1: parents, children", RGBColor(0, 114, 178)),
    ("degree 2: siblings, grandparents, grandchildren", RGBColor(86, 180, 233)),
    ("degree 3: aunts, uncles, nieces, nephews, great-grandparents", RGBColor(0, 158, 115)),
    ("degree 4: cousins and others", RGBColor(190, 190, 190)),
];

/// Living kin by degree as stacked bars, and how many an offence would reach as a number with its interval.
fn kin(data: &CountryData) -> Figure {
    let punished = || data.kin.iter().map(|k| k.punished);
    let (least, most) = (punished().fold(f64::INFINITY, f64::min), punished().fold(0.0, f64::max));
    let reading = match data.kin.first() {
        None => String::new(),
        Some(_) => format!(
            "An offence would reach between {} and {} relatives on average at the ages shown.",
            significant(least),
            significant(most)
        ),
    };
    let sample = data.kin_sampled.map_or_else(|| "a sample".to_owned(), |n| format!("{} persons at most", grouped(n)));
    let caption = Caption {
        name: "kin_at_risk",
        title: "Living kin by age at the freeze, and how many of them an offence would reach".to_owned(),
        alt: format!("One stacked bar an age with living kin by degree, and a mark for those at risk. {reading}"),
        reading,
        note: format!(
            "Means over {sample} of each age; kin of the spouse left out. Mark: kin that an offence would reach, with 95\u{a0}% interval of the mean. No published counts."
        ),
    };
    let mut sheet = Sheet::new(&["age_years", "degree", "living_kin", "would_be_punished", "standard_error"]);
    for row in &data.kin {
        for (degree, n) in row.kin.iter().enumerate() {
            sheet.row([f64::from(row.age).into(), (degree as f64).into(), (*n).into(), None.into(), None.into()]);
        }
        sheet.row([
            f64::from(row.age).into(),
            "all".into(),
            row.kin.iter().sum::<f64>().into(),
            row.punished.into(),
            row.error.into(),
        ]);
    }
    let vega = json!({
        "layer": [
            {"mark": "bar", "transform": [{"filter": "datum.degree != 'all'"}], "encoding": {"x": {"field": "living_kin", "type": "quantitative", "title": "living kin"}, "color": {"field": "degree", "type": "nominal"}}},
            {"mark": "point", "transform": [{"filter": "datum.degree == 'all'"}], "encoding": {"x": {"field": "would_be_punished", "type": "quantitative"}}}],
        "encoding": {"y": {"field": "age_years", "type": "ordinal"}},
    });
    figure(caption, &sheet, &vega, |page, heading| {
        let keys = DEGREES.map(|(_, color)| {
            move |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.bar((x, y - 5.0), (x + KEY, y + 5.0), color, 0.75)
        });
        let mark = |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| {
            canvas.line((x, y), (x + KEY, y), KYIV, 1.8);
            canvas.mark((x + KEY / 2.0, y), Shape::Dot, 4.0, KYIV);
        };
        let mut entries: Vec<Entry<'_>> =
            DEGREES.iter().zip(&keys).map(|((text, _), draw)| Entry { text, draw }).collect();
        entries.push(Entry { text: "an offence would reach", draw: &mark });
        let (width, row) = (page.width(), page.pick(34.0, 32.0));
        let top = legend_height(&entries, width) + 10.0;
        let bottom = top + row * data.kin.len() as f64;
        let longest = data.kin.iter().map(|k| k.kin.iter().sum::<f64>()).fold(1.0, f64::max);
        svg(width, bottom + 40.0, heading, |canvas| {
            legend(canvas, &entries, (0.0, 0.0));
            let axis = Axis::new(
                Scale::Linear,
                (0.0, longest * 1.02),
                (page.pick(70.0, 50.0), width - page.pick(110.0, 20.0)),
            );
            vertical_rules(canvas, axis, (top, bottom), Labels::Count, page.pick(8, 4));
            let (left, right) = axis.ends();
            canvas.text(
                "living relatives",
                (f64::midpoint(left, right), bottom + 28.0),
                Anchor::Middle,
                Font::new(11.0, INK),
            );
            for (i, k) in data.kin.iter().enumerate() {
                kin_row(canvas, axis, k, top + row * (i as f64 + 0.5), page);
            }
        })
    })
}

/// One age: its bar, its mark and, on wide pages, its numbers.
fn kin_row(canvas: &mut Canvas<'_>, axis: Axis, k: &KinAtAge, y: f64, page: Page) {
    /// Standard errors of a 95 % interval.
    const WIDTH: f64 = 1.96;
    canvas.text(&format!("age {}", k.age), (0.0, y), Anchor::Start, Font::new(12.0, INK));
    let mut sum = 0.0;
    for (n, (_, color)) in k.kin.iter().zip(DEGREES) {
        canvas.bar((axis.at(sum), y - 9.0), (axis.at(sum + n), y + 5.0), color, 0.75);
        sum += n;
    }
    let (low, high) = (k.punished - WIDTH * k.error, k.punished + WIDTH * k.error);
    canvas.line((axis.at(low.max(0.0)), y + 10.0), (axis.at(high), y + 10.0), KYIV, 1.8);
    canvas.mark((axis.at(k.punished), y + 10.0), Shape::Dot, 3.6, KYIV);
    if page == Page::Wide {
        let text = format!("{} of {}", significant(k.punished), significant(sum));
        canvas.text(&text, (axis.ends().1 + 14.0, y), Anchor::Start, Font::new(11.5, INK));
    }
}

/// Persons in camps over time, beside the range of published stocks.
fn camps(data: &CountryData) -> Figure {
    let (since, (low, high)) = data.camps_published;
    let last = data.camps.last();
    let documented = data.camps_documented_for_kin.as_ref().map_or_else(String::new, |documented| {
        let Documented { range: (low, high), year, source } = documented;
        format!(" (of documented prisoners, published in {year}, {} to {}; {source})", percent(*low), percent(*high))
    });
    let reading = last.map_or_else(String::new, |c| {
        format!(
            "{} persons at the freeze, {} of them for a relative only{documented}; bounds of the published stocks since {since} are {} and {}.",
            words::estimate(c.held),
            percent(c.for_kin / c.held.max(1.0)),
            grouped(low as u64),
            grouped(high as u64)
        )
    });
    let caption = Caption {
        name: "camps",
        title: "Persons in political camps, beside the range of published stocks".to_owned(),
        alt: format!(
            "Two lines over time, all held and those held for a relative only, and a band of published stocks. {reading}"
        ),
        reading,
        note: format!(
            "At full scale. Band: published stocks since {since}{}, a check and not a fit.",
            in_brackets(data.camps_source.as_deref())
        ),
    };
    let columns =
        ["date", "in_camps_persons", "for_kin_persons", "published_low", "published_high", "published_source"];
    let mut sheet = Sheet::new(&columns);
    for stock in &data.camps {
        let known = stock.day.year() >= since;
        let (low, high) = (known.then_some(low), known.then_some(high));
        let source = data.camps_source.as_deref().filter(|_| known).unwrap_or_default();
        let (held, for_kin) = (stock.held.into(), stock.for_kin.into());
        sheet.row([stock.day.to_string().into(), held, for_kin, low.into(), high.into(), source.into()]);
    }
    let vega = json!({
        "layer": [
            {"mark": {"type": "area", "opacity": 0.2}, "encoding": {"y": {"field": "published_low", "type": "quantitative", "title": "persons"}, "y2": {"field": "published_high"}}},
            {"mark": "line", "encoding": {"y": {"field": "in_camps_persons", "type": "quantitative"}}},
            {"mark": {"type": "line", "strokeDash": [4, 3]}, "encoding": {"y": {"field": "for_kin_persons", "type": "quantitative"}}}],
        "encoding": {"x": {"field": "date", "type": "temporal"}},
    });
    figure(caption, &sheet, &vega, |page, heading| {
        let held = |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.path(&[(x, y), (x + KEY, y)], POSTERIOR, 2.0);
        let for_kin = |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.dashes(&[(x, y), (x + KEY, y)], KYIV, 1.8);
        let band =
            |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.bar((x, y - 6.0), (x + KEY, y + 6.0), PRIOR, 0.3);
        let entries = [
            Entry { text: "all held", draw: &held },
            Entry { text: "held for a relative's act only", draw: &for_kin },
            Entry { text: "published stocks", draw: &band },
        ];
        let width = page.width();
        let top = legend_height(&entries, width) + 26.0;
        let height = page.pick(260.0, 220.0);
        svg(width, top + height + 10.0, heading, |canvas| {
            legend(canvas, &entries, (0.0, 0.0));
            let (Some(first), Some(last)) = (data.camps.first(), data.camps.last()) else { return };
            let most = data.camps.iter().map(|c| c.held).fold(high, f64::max) * 1.05;
            let panel = time_panel((first.day, last.day), (0.0, most), (0.0, top), (width, height));
            canvas.text("persons", (0.0, top - 12.0), Anchor::Start, Font::new(11.0, INK));
            frame(canvas, panel, Labels::Count, 5);
            let from = panel.x.at(f64::from(since));
            canvas.bar((from, panel.y.at(high)), (panel.x.ends().1, panel.y.at(low)), PRIOR, 0.3);
            let line = |read: fn(&crate::report::country::CampStock) -> f64| -> Vec<(f64, f64)> {
                data.camps.iter().map(|c| (panel.x.at(years(c.day)), panel.y.at(read(c)))).collect()
            };
            canvas.path(&line(|c| c.held), POSTERIOR, 2.0);
            canvas.dashes(&line(|c| c.for_kin), KYIV, 1.8);
        })
    })
}
