//! What a history writes: population, vital rates, kin, classes and stocks, each beside its target and where that comes from.

use super::Keys;
use crate::io::table::{Column, ColumnData, Role, Table};
use exitvoice_core::time::Day;

/// Living persons of a group on a day.
#[derive(Clone, Debug)]
pub struct PopulationRow {
    /// Day of the count.
    pub day: Day,
    /// Sex, none for both.
    pub sex: Option<&'static str>,
    /// First age of the five-year group, none for all ages.
    pub age_from: Option<u32>,
    /// Class on that day under the scenario's rule of inheritance, none for all.
    pub class: Option<&'static str>,
    /// Province of residence, none for all.
    pub province: Option<&'static str>,
    /// Persons at full scale.
    pub persons: f64,
    /// Published persons.
    pub published: Option<f64>,
}

/// One number of a period or a day beside its target.
#[derive(Clone, Debug)]
pub struct MeasureRow {
    /// First day.
    pub from: Day,
    /// Day after the last; for a stock the day itself.
    pub until: Day,
    /// Name of the measure, snake_case.
    pub measure: &'static str,
    /// Unit of its numbers.
    pub unit: &'static str,
    /// Group it is of, such as a sex, a class or a rule; empty for everybody.
    pub group: String,
    /// Simulated.
    pub value: f64,
    /// Standard error of a sampled mean.
    pub error: Option<f64>,
    /// Published range; both ends equal where a number is published.
    pub published: Option<(f64, f64)>,
    /// Where the published numbers come from; empty where none are.
    pub source: &'static str,
}

impl MeasureRow {
    /// A measure (name and unit) of a period or day of which nothing is published.
    #[must_use]
    pub fn of(from: Day, until: Day, (measure, unit): (&'static str, &'static str), group: &str, value: f64) -> Self {
        Self { from, until, measure, unit, group: group.to_owned(), value, error: None, published: None, source: "" }
    }
}

/// Population by day, sex, age, class and province.
#[must_use]
pub fn population(keys: &Keys, classes: &[&str], provinces: &[&str], rows: &[PopulationRow]) -> Table {
    let mut columns = keys.columns(rows.len());
    columns.push(Column::new(
        "date",
        "",
        "Day of the count",
        Role::Input,
        rows.iter().map(|r| r.day).collect::<Vec<Day>>(),
    ));
    let word = |levels: &[&str], read: fn(&PopulationRow) -> Option<&'static str>| {
        ColumnData::category(levels, rows.iter().map(read))
    };
    columns.push(Column::new("sex", "", "Sex", Role::Latent, word(&["women", "men"], |r| r.sex)).missing("both sexes"));
    let ages = rows.iter().map(|r| r.age_from).collect::<Vec<Option<u32>>>();
    columns.push(
        Column::new("age_from_years", "yr", "First age of the five-year group", Role::Latent, ages).missing("all ages"),
    );
    columns.push(
        Column::new(
            "class",
            "",
            "Class on the day under the scenario's rule of inheritance",
            Role::Latent,
            word(classes, |r| r.class),
        )
        .missing("all classes"),
    );
    columns.push(
        Column::new("province", "", "Province of residence", Role::Latent, word(provinces, |r| r.province))
            .missing("all provinces"),
    );
    let persons = rows.iter().map(|r| r.persons).collect::<Vec<f64>>();
    columns.push(Column::new("true_persons", "persons", "Living persons at full scale", Role::Latent, persons));
    let published = rows.iter().map(|r| r.published).collect::<Vec<Option<f64>>>();
    columns.push(
        Column::new("published_persons", "persons", "Published number", Role::Input, published)
            .missing("none is published for the day and group")
            .source("un_wpp2019"),
    );
    Table { name: "population", description: "Living persons of one group on one day", columns }
}

/// What the codebook has as the unit of numbers whose unit stands in a column.
const OF_ITS_ROW: &str = "see `unit`";

/// A table of measures: `vital_rates`, `classes`, `stocks`, `control`, `kin_by_age`.
#[must_use]
pub fn measures(keys: &Keys, name: &'static str, description: &'static str, rows: &[MeasureRow]) -> Table {
    let mut columns = keys.columns(rows.len());
    let days = |read: fn(&MeasureRow) -> Day| rows.iter().map(read).collect::<Vec<Day>>();
    let words = |read: fn(&MeasureRow) -> &'static str| {
        let mut levels: Vec<&str> = Vec::new();
        for word in rows.iter().map(read) {
            if !levels.contains(&word) {
                levels.push(word);
            }
        }
        ColumnData::category(&levels, rows.iter().map(|row| Some(read(row))))
    };
    let numbers = |read: fn(&MeasureRow) -> Option<f64>| rows.iter().map(read).collect::<Vec<Option<f64>>>();
    let none = "nothing is published for it";
    columns.extend([
        Column::new("date", "", "First day, or the day of a stock", Role::Input, days(|r| r.from)),
        Column::new("until", "", "Day after the last, or the day of a stock", Role::Input, days(|r| r.until)),
        Column::new("measure", "", "What is measured", Role::Input, words(|r| r.measure)),
        Column::new("unit", "", "Unit of the numbers of the row", Role::Input, words(|r| r.unit)),
        Column::new(
            "group",
            "",
            "Group it is of; empty for everybody",
            Role::Input,
            rows.iter().map(|r| r.group.clone()).collect::<Vec<String>>(),
        ),
        Column::new(
            "true_value",
            OF_ITS_ROW,
            "Simulated; counts at full scale, means and shares as they are",
            Role::Latent,
            rows.iter().map(|r| r.value).collect::<Vec<f64>>(),
        ),
        Column::new(
            "true_standard_error",
            OF_ITS_ROW,
            "Standard error of a sampled mean",
            Role::Latent,
            numbers(|r| r.error),
        )
        .missing("a count of everybody"),
        Column::new(
            "published_low",
            OF_ITS_ROW,
            "Lower end of what is published",
            Role::Input,
            numbers(|r| r.published.map(|p| p.0)),
        )
        .missing(none),
        Column::new(
            "published_high",
            OF_ITS_ROW,
            "Upper end of what is published",
            Role::Input,
            numbers(|r| r.published.map(|p| p.1)),
        )
        .missing(none),
        Column::new(
            "published_source",
            "",
            "Where it is published: rows of sources.csv or works of the bibliography; empty where nowhere",
            Role::Input,
            rows.iter().map(|r| r.source.to_owned()).collect::<Vec<String>>(),
        ),
    ]);
    Table { name, description, columns }
}
