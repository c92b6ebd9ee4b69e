//! The run folder of a history: tables, figures, page.

use super::measured::{CENSUS_YEAR, Measured, PUBLISHED_SHARES_YEAR, REACHED};
use super::{
    CENSUS_FIRST_MARRIAGE, HistoryOptions, HistoryOutcome, by_province, census_shares, home, life_expectancies,
    published_fertility, shares, sources,
};
use crate::command::{Error, ScenarioOptions, shell};
use crate::io::run_folder::RunFolder;
use crate::io::run_json::RunJson;
use crate::report::country::{CampStock, ClassShares, CountryData, Documented, KinAtAge, Printed, Pyramid};
use crate::scenario::{Scenario, SourceText};
use crate::tables::Keys;
use crate::tables::country::{MeasureRow, PopulationRow, measures, population};
use crate::{fill, write};
use exitvoice_core::time::Day;
use exitvoice_model::mechanism::class::inheritance::Rule;
use exitvoice_model::mechanism::control::camp;
use exitvoice_model::mechanism::service::career;
use exitvoice_model::society::history::HistoryParams;
use exitvoice_model::society::person::{Class, PROVINCES};
use exitvoice_model::society::rates::{FOUNDING_YEAR, GROUP, PERIODS, Rates, Sex, mid_year};
use exitvoice_model::society::tables::residents::{Cross, Residents};
use exitvoice_model::society::tables::{OLDEST_COMPARED, Population, SMALLEST_COMPARED, classes, stocks};
use std::collections::BTreeMap;

const SEXES: [(&str, Sex); 2] = [("women", Sex::Female), ("men", Sex::Male)];

/// A history whose country is counted.
pub(super) struct Job<'a> {
    pub(super) options: &'a HistoryOptions,
    pub(super) scenario: &'a Scenario,
    pub(super) params: &'a HistoryParams,
    pub(super) rates: &'a Rates,
    pub(super) measured: &'a Measured,
}

/// The command that repeats a history.
pub(super) fn command(options: &ScenarioOptions, scenario: &Scenario) -> String {
    format!("exitvoice history {} {}", shell::word(&options.scenario), options.words(scenario))
}

impl Job<'_> {
    /// Writes everything but `run.json`.
    pub(super) fn fill(
        &self,
        folder: &mut RunFolder<'_>,
        found: &HistoryOutcome,
        source: &SourceText,
    ) -> Result<(), Error> {
        let keys = Keys { run_id: found.run_id.clone(), scenario: self.scenario.name.clone() };
        let class_words = Class::ALL.map(Class::word);
        let provinces = PROVINCES.map(|p| p.0);
        folder.write_table(&population(&keys, &class_words, &provinces, &self.population()))?;
        let vital = "Vital rates of a period, beside what is published";
        folder.write_table(&measures(&keys, "vital_rates", vital, &self.vital_rates()))?;
        let shares = "Shares of the classes on a day by rule of inheritance, and under the paternal rule (R1) of children by class of the father";
        folder.write_table(&measures(&keys, "classes", shares, &self.classes()))?;
        let stocks = "Camps, banished, army and party on a day, beside what is published; the army without bounds where the scenario chooses neither school of its size";
        folder.write_table(&measures(&keys, "stocks", stocks, &self.stocks()))?;
        let control = "What control at home did in a period: offences, punished ones, kin punished for each of these, and officers whose track ended";
        folder.write_table(&measures(&keys, "control", control, &self.control()))?;
        let kin = "Mean living kin of persons of an age at the freeze by degree, and how many an offence would reach, kin of the spouse left out";
        folder.write_table(&measures(&keys, "kin_by_age", kin, &self.kin()))?;
        write::country(folder, &self.data(found))?;
        folder.write("sources.csv", crate::data::sources().as_bytes())?;
        write::scenario(folder, source, self.scenario, &[], &self.command())
    }

    /// `run.json`.
    pub(super) fn run_json(
        &self,
        found: &HistoryOutcome,
        inputs: BTreeMap<String, String>,
        started: String,
        threads: usize,
    ) -> Result<RunJson, Error> {
        let beside = found.seconds_beside;
        write::run_json(write::About {
            run_id: &found.run_id,
            scenario: self.scenario,
            command: &self.command(),
            replicates: 0,
            digest: &found.digest,
            inputs,
            society: &found.digest,
            seconds: BTreeMap::from([
                ("history".to_owned(), found.seconds),
                ("count".to_owned(), beside.count),
                ("cache".to_owned(), beside.cache),
                ("write".to_owned(), beside.write),
            ]),
            started,
            threads,
            peak_bytes: found.peak_bytes,
            summary: serde_json::to_value(found).map_err(Error::bug)?,
        })
    }

    fn command(&self) -> String {
        command(&self.options.scenario, self.scenario)
    }

    fn full(&self, n: u64) -> f64 {
        n as f64 / self.scenario.scale
    }

    fn population(&self) -> Vec<PopulationRow> {
        let mut rows = Vec::new();
        for count in &self.measured.population {
            let day = count.day;
            let pyramid = self.rates.pyramid(day.year()).filter(|_| day == mid_year(day.year()));
            let published = pyramid.map(|p| p.iter().flatten().sum());
            let (class, province) = (None, None);
            let persons = self.full(count.total());
            rows.push(PopulationRow { day, sex: None, age_from: None, class, province, persons, published });
            for (word, sex) in SEXES {
                for (group, n) in count.by_age[sex as usize].iter().enumerate() {
                    let (sex_word, age_from) = (Some(word), Some((group * GROUP) as u32));
                    let published = pyramid.map(|p| p[sex as usize][group]);
                    let persons = self.full(*n);
                    rows.push(PopulationRow { day, sex: sex_word, age_from, class, province, persons, published });
                }
            }
        }
        for Residents { day, cells } in &self.measured.residents {
            self.residents(*day, cells, &mut rows);
        }
        let frozen = self.measured.frozen();
        self.residents(frozen, &self.measured.cross, &mut rows);
        rows
    }

    fn residents(&self, day: Day, cells: &Cross, rows: &mut Vec<PopulationRow>) {
        for (word, sex) in SEXES {
            for (group, classes) in cells[sex as usize].iter().enumerate() {
                for (class, provinces) in Class::ALL.into_iter().zip(classes) {
                    for (province, n) in PROVINCES.iter().zip(provinces) {
                        let (sex, age_from) = (Some(word), Some((group * GROUP) as u32));
                        let (class, province) = (Some(class.word()), Some(province.0));
                        let persons = self.full(*n);
                        rows.push(PopulationRow { day, sex, age_from, class, province, persons, published: None });
                    }
                }
            }
        }
    }

    fn vital_rates(&self) -> Vec<MeasureRow> {
        let frozen = self.measured.population.last().expect("the freeze is counted");
        let mut rows = Vec::new();
        let mut add =
            |from: Day, until: Day, (measure, unit), group: &str, value, published: Option<(f64, &'static str)>| {
                rows.push(MeasureRow {
                    published: published.map(|(x, _)| (x, x)),
                    source: published.map_or("", |(_, source)| source),
                    ..MeasureRow::of(from, until, (measure, unit), group, value)
                });
            };
        for row in &self.measured.fertility {
            let (from, until) = (mid_year(row.from), mid_year(row.until));
            let rate = published_fertility(row).map(|rate| (rate, sources::PROSPECTS));
            add(from, until, ("children_per_woman", "1"), "", row.children_per_woman, rate);
            add(from, until, ("weddings_a_year", "/yr"), "", row.weddings_a_year, None);
            // A stock: at the end of the period's first year.
            let then = mid_year(row.from + 1);
            add(then, then, ("women_searching", "persons"), "", row.women_searching, None);
        }
        for (from, until, births) in &self.measured.births {
            let a_year = self.full(*births) / until.years_since(*from);
            add(*from, *until, ("births_a_year", "/yr"), "", a_year, None);
        }
        for (from, until, reason, moves) in &self.measured.moves {
            let a_year = self.full(*moves) / until.years_since(*from);
            add(*from, *until, ("moves_a_year", "/yr"), reason.word(), a_year, None);
        }
        let (day, provinces) = (mid_year(CENSUS_YEAR), PROVINCES.iter().zip(census_shares()));
        for ((province, census), found) in provinces.zip(shares(&by_province(self.measured.census()))) {
            add(day, day, ("province_share_of_living", "1"), province.0, found, Some((census, sources::CENSUS)));
        }
        for period in 1..PERIODS {
            let year = FOUNDING_YEAR + ((period - 1) * GROUP) as i16;
            let (from, until) = (mid_year(year), mid_year(year + GROUP as i16).min(frozen.day));
            let deaths: u64 = self.measured.mortality[period].iter().flatten().map(|(deaths, _)| deaths).sum();
            add(from, until, ("deaths_a_year", "/yr"), "", self.full(deaths) / until.years_since(from), None);
            for (word, sex) in SEXES {
                let (counted, published) = life_expectancies(self.measured, self.rates, period, sex);
                // A country too small to say gives no row.
                if let Some(counted) = counted {
                    let published = Some((published, sources::PROSPECTS));
                    add(from, until, ("life_expectancy_years", "yr"), word, counted, published);
                }
            }
        }
        let (from, until) = (Day::new_year(CENSUS_YEAR), Day::new_year(CENSUS_YEAR + 1));
        let census = CENSUS_FIRST_MARRIAGE.into_iter().zip(sources::FIRST_MARRIAGE);
        let marriages = SEXES.iter().zip(self.measured.first_marriages).zip(census);
        for (((word, _), (mean, _)), census) in marriages.filter(|((_, (_, n)), _)| *n > 0) {
            add(from, until, ("age_at_first_marriage_years", "yr"), word, mean, Some(census));
        }
        let household = self.measured.in_households as f64 / frozen.households.max(1) as f64;
        // The census was sixteen years before: nothing is published of that day.
        add(frozen.day, frozen.day, ("persons_a_household", "persons"), "", household, None);
        rows
    }

    fn classes(&self) -> Vec<MeasureRow> {
        let mut rows = Vec::new();
        for by in &self.measured.class_shares {
            let published = by.day == mid_year(PUBLISHED_SHARES_YEAR);
            for (rule, shares) in Rule::ALL.into_iter().zip(by.shares) {
                for ((class, value), range) in Class::ALL.into_iter().zip(shares).zip(classes::PUBLISHED_SHARES) {
                    let published = published.then_some(range);
                    let source = if published.is_some() { sources::CLASSES } else { "" };
                    let group = format!("{} {}", rule.word(), class.word());
                    let row = MeasureRow::of(by.day, by.day, ("share_of_living", "1"), &group, value);
                    rows.push(MeasureRow { published, source, ..row });
                }
            }
        }
        let frozen = self.measured.frozen();
        for (father, children) in Class::ALL.into_iter().zip(classes::transition(&self.measured.fathers)) {
            for (child, value) in Class::ALL.into_iter().zip(children) {
                let group = format!("{} father {} child {}", Rule::Paternal.word(), father.word(), child.word());
                rows.push(MeasureRow::of(frozen, frozen, ("share_of_children", "1"), &group, value));
            }
        }
        rows
    }

    fn stocks(&self) -> Vec<MeasureRow> {
        let mut rows = Vec::new();
        let mut add = |day: Day, measure, value: f64, published: Option<(f64, f64)>, source: &'static str| {
            let source = if published.is_some() { source } else { "" };
            rows.push(MeasureRow { published, source, ..MeasureRow::of(day, day, measure, "", value) });
        };
        for (day, stock) in &self.measured.punished {
            let known = (day.year() >= home::CAMPS_SINCE).then_some(camp::PUBLISHED_STOCK);
            add(*day, ("camps_persons", "persons"), self.full(stock.camps), known, sources::CAMPS);
            add(*day, ("camps_for_kin_persons", "persons"), self.full(stock.camps_for_kin), None, "");
            if stock.camps > 0 {
                let share = stock.camps_for_kin as f64 / stock.camps as f64;
                let (range, year) = home::DOCUMENTED_FOR_KIN;
                let documented = (day.year() == year).then_some(range);
                add(*day, ("camps_share_for_kin", "1"), share, documented, sources::CAMPS_FOR_KIN);
            }
            add(*day, ("banished_persons", "persons"), self.full(stock.banished), None, "");
        }
        let army = home::published_army(self.params);
        for (day, count) in self.measured.days.iter().zip(&self.measured.serving) {
            let soldiers = count.soldiers.iter().sum::<u64>();
            let of = |n: u64, all: u64| n as f64 / all.max(1) as f64;
            let known = army.filter(|_| day.year() >= home::ARMY_SINCE);
            add(*day, ("army_persons", "persons"), self.full(soldiers), known, sources::ARMY);
            add(*day, ("army_share_women", "1"), stocks::share_of_women(count), None, "");
            add(*day, ("army_share_officers", "1"), of(count.officers, soldiers), None, "");
            let rounding = career::MEMBERS_ROUNDING;
            let members = home::published_members(*day).map(|n| (n - rounding, n + rounding));
            add(*day, ("party_members_persons", "persons"), self.full(count.party), members, sources::PARTY);
            add(*day, ("party_share_of_living", "1"), of(count.party, count.living), None, "");
        }
        rows
    }

    fn control(&self) -> Vec<MeasureRow> {
        let mut rows = Vec::new();
        for period in &self.measured.control {
            let mut add = |measure, group: &str, value| {
                rows.push(MeasureRow::of(period.from, period.until, measure, group, value));
            };
            let at_full_scale = |a_year: f64| a_year / self.scenario.scale;
            add(("offences_a_year", "/yr"), "", at_full_scale(period.offences));
            add(("punished_offences_a_year", "/yr"), "", at_full_scale(period.punished));
            for (kin, whom) in period.kin.into_iter().flatten().zip(REACHED) {
                add(("kin_punished_per_punished_offence", "persons"), whom, kin);
            }
            add(("officers_removed_a_year", "/yr"), "", at_full_scale(period.officers_removed));
        }
        rows
    }

    fn kin(&self) -> Vec<MeasureRow> {
        let day = self.measured.frozen();
        let mut rows = Vec::new();
        for (at, errors) in &self.measured.at_risk {
            for (degree, mean) in at.kin.iter().enumerate() {
                let group = format!("age {} degree {degree}", at.age);
                let row = MeasureRow::of(day, day, ("living_kin", "persons"), &group, *mean);
                rows.push(MeasureRow { error: errors.map(|errors| errors[degree]), ..row });
            }
            let group = format!("age {}", at.age);
            let row = MeasureRow::of(day, day, ("would_be_punished", "persons"), &group, at.punished);
            rows.push(MeasureRow { error: Some(at.error), ..row });
        }
        rows
    }

    /// What the page shows.
    fn data(&self, found: &HistoryOutcome) -> CountryData {
        let measured = self.measured;
        let published = |count: &&Population| {
            count.day == mid_year(count.day.year()) && self.rates.pyramid(count.day.year()).is_some()
        };
        let last = measured.population.iter().rev().find(published).expect("the founding is published");
        let at_full_scale = |by_age: [u64; 21]| by_age.map(|n| self.full(n));
        let camps = |(day, stock): &(Day, stocks::Punished)| CampStock {
            day: *day,
            held: self.full(stock.camps),
            for_kin: self.full(stock.camps_for_kin),
        };
        let kin = |(at, _): &(stocks::AtRisk, _)| KinAtAge {
            age: at.age,
            kin: at.kin,
            punished: at.punished,
            error: at.error,
        };
        let table = |t: &super::PrintedTable| Printed {
            title: t.title.clone(),
            columns: t.columns.clone(),
            rows: t.rows.clone(),
        };
        CountryData {
            head: fill::head(self.scenario, &found.run_id, &found.digest, 0, &self.command()),
            persons: [found.persons_ever, found.persons_living],
            pyramid: Pyramid {
                day: last.day,
                simulated: last.by_age.map(at_full_scale),
                published: *self.rates.pyramid(last.day.year()).expect("looked up before"),
                compared: Some((u32::from(OLDEST_COMPARED), SMALLEST_COMPARED)),
                source: Some(sources::PROSPECTS.to_owned()),
            },
            rules: Rule::ALL.map(|rule| rule.word().to_owned()).to_vec(),
            classes: measured
                .class_shares
                .iter()
                .map(|by| ClassShares { day: by.day, shares: by.shares.to_vec() })
                .collect(),
            classes_published: (PUBLISHED_SHARES_YEAR, classes::PUBLISHED_SHARES),
            classes_source: Some(sources::CLASSES.to_owned()),
            kin: measured.at_risk.iter().map(kin).collect(),
            camps: measured.punished.iter().map(camps).collect(),
            camps_published: (home::CAMPS_SINCE, camp::PUBLISHED_STOCK),
            camps_source: Some(sources::CAMPS.to_owned()),
            camps_documented_for_kin: Some(Documented {
                range: home::DOCUMENTED_FOR_KIN.0,
                year: home::DOCUMENTED_FOR_KIN.1,
                source: sources::CAMPS_FOR_KIN.to_owned(),
            }),
            rule: Rule::ALL.iter().position(|rule| *rule == self.params.class.rule).unwrap_or_default(),
            kin_sampled: measured.at_risk.iter().map(|(at, _)| at.sampled).max(),
            tables: found.tables.iter().map(table).collect(),
        }
    }
}
