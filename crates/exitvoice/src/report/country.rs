//! The document of a history: the country beside what is published of it.

use super::data::Head;
use super::figure::{Figure, country};
use super::words::{NBSP, significant};
use super::{iso_day, page, table, words};
use exitvoice_core::time::Day;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// Groups of a pyramid: 0-4 to 100 and over.
pub const GROUPS: usize = 21;

/// Living persons by sex (women, men) and five-year age group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pyramid {
    /// Day of the count.
    #[serde(with = "iso_day")]
    pub day: Day,
    /// Simulated, at full scale.
    pub simulated: [[f64; GROUPS]; 2],
    /// Published.
    pub published: [[f64; GROUPS]; 2],
    /// Groups of which the largest deviation is told: those below this age in years, and of more than so many published persons.
    #[serde(default)]
    pub compared: Option<(u32, f64)>,
    /// Where it is published.
    #[serde(default)]
    pub source: Option<String>,
}

/// Shares of the classes under each rule on a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClassShares {
    /// Day of the count.
    #[serde(with = "iso_day")]
    pub day: Day,
    /// `[rule][class]`.
    pub shares: Vec<[f64; 3]>,
}

/// Kin of persons of an age.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KinAtAge {
    /// Completed years.
    pub age: u32,
    /// Mean living kin by degree, 0 the spouse.
    pub kin: [f64; 5],
    /// Mean number whom an offence would reach, and its standard error.
    pub punished: f64,
    /// Standard error of that mean.
    pub error: f64,
}

/// Persons in camps on a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CampStock {
    /// Day of the count.
    #[serde(with = "iso_day")]
    pub day: Day,
    /// At full scale.
    pub held: f64,
    /// Of them, for a relative's act only.
    pub for_kin: f64,
}

/// A published range of something else than a stock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Documented {
    /// Lower and upper end.
    pub range: (f64, f64),
    /// Year of publication.
    pub year: i16,
    /// Where.
    pub source: String,
}

/// A table as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Printed {
    /// One line above it: what it holds, beside what, from where.
    pub title: String,
    /// Names of the columns, the one of words first.
    pub columns: Vec<String>,
    /// Word and numbers of each row; none where nothing is published about that time.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

/// Everything that the page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountryData {
    /// Scenario, seed, scale, versions.
    pub head: Head,
    /// Rows of the country, and persons alive at the freeze.
    pub persons: [u64; 2],
    /// The latest published pyramid.
    pub pyramid: Pyramid,
    /// Names of the rules of inheritance, in the order of the shares.
    pub rules: Vec<String>,
    /// In order of the days.
    pub classes: Vec<ClassShares>,
    /// Year of the published class shares, and their ranges.
    pub classes_published: (i16, [(f64, f64); 3]),
    /// Where those are published.
    #[serde(default)]
    pub classes_source: Option<String>,
    /// By age.
    pub kin: Vec<KinAtAge>,
    /// In order of the days.
    pub camps: Vec<CampStock>,
    /// First year of the published stocks of the camps, and their range.
    pub camps_published: (i16, (f64, f64)),
    /// Where those are published.
    #[serde(default)]
    pub camps_source: Option<String>,
    /// Share of documented prisoners held for a relative only.
    #[serde(default)]
    pub camps_documented_for_kin: Option<Documented>,
    /// The scenario's rule, by its place among the rules.
    #[serde(default)]
    pub rule: usize,
    /// Persons of each age whose kin were counted, at most.
    #[serde(default)]
    pub kin_sampled: Option<u64>,
    /// Tables, each beside its target and source.
    pub tables: Vec<Printed>,
}

/// What such a page cannot say.
const LIMITS: [&str; 3] = [
    "Everybody in it is synthetic. It says what published rates and stated assumptions imply, not what happened to anybody.",
    "Population, mortality, fertility and ages at marriage follow published figures. Classes, offences, penalties and careers rest on few and contested accounts.",
    "It is one country from one seed: luck is small in numbers of the whole country and larger in small groups.",
];

/// Draws page and figures.
#[must_use]
pub fn render(data: &CountryData) -> (String, Vec<Figure>) {
    let figures = country::all(data);
    let title = format!("The country of {} – exitvoice history", data.head.scenario);
    let columns = html! { main id="main" { (parts(data, &figures)) } };
    (page::document(&data.head, &title, &masthead(data), &columns), figures)
}

fn masthead(data: &CountryData) -> Markup {
    let head = &data.head;
    let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
    let scaled = if head.scale < 1.0 { " (scaled = true)" } else { "" };
    html! {
        header {
            p.kicker { "exitvoice history · synthetic population" }
            h1 { "The country behind " (head.scenario) }
            p.deck { "Births, marriages, deaths, class records, control at home and service from 1955 to the freeze, beside what is published." }
            dl.facts {
                (fact("Persons ever", &words::grouped(data.persons[0])))
                (fact("Alive at the freeze", &words::grouped(data.persons[1])))
                (fact("Population", "synthetic"))
                (fact("Scale of the country", &format!("{}{scaled}", head.scale)))
                (fact("Model version", &head.model_version))
                (fact("Seed", &head.seed.to_string()))
                (fact("Run", &head.run_id))
            }
        }
    }
}

fn parts(data: &CountryData, figures: &[Figure]) -> Markup {
    let section = |number: usize, name: &str, body: Markup| {
        html! { section { h2 { span.number { (number) } " " (name) } (body) } }
    };
    html! {
        (section(1, "Population", html! {
            @if data.head.scale < 1.0 {
                p.notice role="note" { "scaled = true: the synthetic country has " (words::percent(data.head.scale)) " of the real size. Counts are given at full size." }
            }
            (page::figure(figures, "pyramid"))
        }))
        (section(2, "Classes", page::figure(figures, "classes")))
        (section(3, "Families that can be made to pay", page::figure(figures, "kin_at_risk")))
        (section(4, "Camps", page::figure(figures, "camps")))
        (section(5, "Tables", html! { @for table in &data.tables { (printed(table)) } }))
        (section(6, "What this is not, and how to repeat it", html! {
            ul { @for limit in LIMITS { li { (limit) } } }
            pre tabindex="0" { code { (data.head.command) } }
            p.note { "Digest of the country: " code { (data.head.digest) } }
        }))
    }
}

fn printed(table: &Printed) -> Markup {
    let head: Vec<String> = table.columns.iter().map(|c| c.replace('_', " ")).collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let body = html! {
        @for (word, numbers) in &table.rows {
            tr { th.name scope="row" { (word.replace('_', " ")) } @for number in numbers { td.number { (number.map_or_else(|| "–".to_owned(), cell)) } } }
        }
    };
    table::boxed(&table.title, &head, &body)
}

/// A number of a table: whole numbers in groups of three digits, others with four decimals or three digits.
fn cell(x: f64) -> String {
    if x.fract() == 0.0 && (0.0..1e15).contains(&x) {
        words::grouped(x as u64)
    } else if x.abs() < 1.0 {
        format!("{x:.4}")
    } else {
        significant(x).replace(NBSP, "\u{202f}")
    }
}
