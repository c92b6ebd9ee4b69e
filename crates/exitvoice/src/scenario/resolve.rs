//! From merged layers to a [`Scenario`]: types, units, and what is impossible.

use super::error::{Problem, ResolveError};
use super::file::{Item, Leaf, Raw};
use super::merge::{Entry, Merged, merge, row_fields};
use super::place::{Place, SourceText, did_you_mean, shown};
use super::schema::{self, FIXTURES, Kind, MAX_DAYS, MAX_SOLDIERS, PHASE_FIELDS, RESPONSE_FIELDS, WAVE_FIELDS};
use super::typed::{checked_name, count_of, day_of, number_of, out_of_range, quantity_of, text_of, within, wrong_type};
use super::{
    Catalogue, ClaimsSet, InferSettings, JOINS, Layers, OrderOfBattle, Origin, Phase, Response, Scenario,
    SocietySource, Value, Wave,
};
use exitvoice_core::param::{ParamMeta, Part, Prior};
use exitvoice_core::quantity::{Dimension, Seed};
use exitvoice_core::time::Day;
use exitvoice_model::decision::Rule;
use exitvoice_model::domain;
use exitvoice_model::mechanism::regime::response::Order;
use std::collections::BTreeMap;
use std::sync::Arc;

type Result<T> = std::result::Result<T, ResolveError>;

/// Resolves a scenario against everything below and above it.
///
/// # Errors
/// The text is no scenario, a key or name is unknown, a value has the wrong type, unit or range, or the whole is impossible.
/// The first problem in order of layers and keys is returned.
pub fn resolve(source: SourceText, layers: &Layers<'_>, catalogue: &Catalogue<'_>) -> Result<Scenario> {
    let source = Arc::new(source);
    let merged = merge(&source, layers, catalogue)?;
    let read = Reader { merged: &merged, catalogue };
    let (day_zero, last_day) = read.period()?;
    let order_of_battle = read.order_of_battle(day_zero)?;
    let waves = read.waves(day_zero, last_day, &order_of_battle)?;
    let phases = read.phases(day_zero, last_day)?;
    let claims = read.claims()?;
    let infer = read.infer(claims.is_some())?;
    let settings = schema::SETTINGS
        .iter()
        .filter_map(|setting| merged.entries.get(setting.key).map(|entry| (setting.key, entry.origin.clone())))
        .collect();
    Ok(Scenario {
        name: read.name()?,
        title: read.text("title")?,
        description: read.text("description")?,
        seed: read.seed()?,
        scale: read.scale()?,
        replicates: read.count("run.replicates")?,
        day_zero,
        last_day,
        society: read.society()?,
        claims,
        order_of_battle,
        waves,
        phases,
        responses: read.responses(day_zero, last_day)?,
        rule: read.rule()?,
        infer,
        values: read.values()?,
        settings,
    })
}

/// The error of an as-of view before the first wave was known.
pub(crate) fn nothing_known(date: Day, waves: &[Wave]) -> ResolveError {
    let text = date.to_string();
    let span = 0..text.len();
    let source = Arc::new(SourceText { name: "--as-of".to_owned(), text });
    let first = waves.iter().map(|wave| wave.known_from).min();
    let expected = first.map_or_else(String::new, |day| format!("a date from {day} on"));
    ResolveError::new(Problem::NothingKnown { date }, &Place { source, span }, expected, None)
}

/// Sizes of formations where nothing is public about them: the defaults, which are assumptions.
pub(crate) fn assumed_order(start: Day) -> OrderOfBattle {
    let text = |part: &str| {
        let setting = schema::setting_of(&format!("order_of_battle.{part}"));
        setting.and_then(|setting| setting.default).expect("these settings have defaults").trim_matches('"')
    };
    let size = |part: &str| text(part).trim_end_matches(" persons").parse().expect("a test reads every default");
    OrderOfBattle {
        soldiers_per_squad: size("soldiers_per_squad"),
        squads_per_platoon: size("squads_per_platoon"),
        platoons_per_company: size("platoons_per_company"),
        companies_per_battalion: size("companies_per_battalion"),
        battalions_per_brigade: size("battalions_per_brigade"),
        brigades: None,
        known_from: start,
        source: text("source").to_owned(),
    }
}

struct Reader<'a> {
    merged: &'a Merged,
    catalogue: &'a Catalogue<'a>,
}

impl Reader<'_> {
    fn entry(&self, key: &str) -> Option<&Entry> {
        self.merged.entries.get(key)
    }

    fn needed(&self, key: &str) -> Result<&Entry> {
        self.entry(key).ok_or_else(|| {
            let expected = schema::setting_of(key).map_or_else(String::new, |setting| setting.kind.expected());
            let help = match key {
                "waves" => "[[waves]] with name, contingent, persons, arrives and source".to_owned(),
                _ => key.split_once('.').map_or_else(
                    || format!("write `{key} = ...`"),
                    |(table, name)| format!("write `{name} = ...` under `[{table}]`"),
                ),
            };
            ResolveError::new(Problem::Missing { key: key.to_owned() }, &self.merged.home, expected, Some(help))
        })
    }

    fn text(&self, key: &str) -> Result<String> {
        let entry = self.needed(key)?;
        text_of(key, &entry.raw, &entry.place)
    }

    fn count(&self, key: &str) -> Result<u32> {
        let entry = self.needed(key)?;
        count_of(key, kind(key), &entry.raw, &entry.place)
    }

    fn name(&self) -> Result<String> {
        let Some(entry) = self.entry("name") else {
            let file = &self.merged.home.source.name;
            let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
            let stem = stem.strip_suffix(".toml").unwrap_or(stem);
            let help = "give the scenario a `name = \"...\"`".to_owned();
            return checked_name("scenario", stem, &self.merged.home, Some(help));
        };
        checked_name("scenario", &text_of("name", &entry.raw, &entry.place)?, &entry.place, None)
    }

    fn seed(&self) -> Result<Seed> {
        let entry = self.needed("run.seed")?;
        let expected = Kind::Seed.expected();
        let Raw::Integer(digits) = &entry.raw else {
            return Err(wrong_type("run.seed", &entry.raw, &entry.place, &expected));
        };
        digits.parse().map(Seed).map_err(|_| out_of_range("run.seed", digits, &entry.place, &expected))
    }

    fn scale(&self) -> Result<f64> {
        let entry = self.needed("run.scale")?;
        let expected = Kind::Scale.expected();
        let (value, found) = number_of("run.scale", &entry.raw, &entry.place, &expected)?;
        if value > 0.0 && value <= 1.0 {
            return Ok(value);
        }
        Err(out_of_range("run.scale", &found, &entry.place, &expected))
    }

    fn period(&self) -> Result<(Day, Day)> {
        let day = |key: &str| -> Result<Day> {
            let entry = self.needed(key)?;
            day_of(key, &entry.raw, &entry.place)
        };
        let (start, end) = (day("period.start")?, day("period.end")?);
        let place = &self.needed("period.end")?.place;
        if end < start {
            let problem = Problem::Period { start, end, what: "ends before it starts" };
            return Err(ResolveError::new(problem, place, format!("a date from {start} on"), None));
        }
        if end.0.saturating_sub(start.0) >= MAX_DAYS {
            let problem = Problem::Period { start, end, what: "is too long" };
            return Err(ResolveError::new(problem, place, format!("at most {MAX_DAYS} days"), None));
        }
        Ok((start, end))
    }

    fn society(&self) -> Result<SocietySource> {
        let text = self.text("society.source")?;
        if text == "history" {
            return Ok(SocietySource::History);
        }
        let place = &self.needed("society.source")?.place;
        let choices: Vec<String> = FIXTURES.iter().map(|name| format!("fixture:{name}")).collect();
        if choices.contains(&text) {
            return Ok(SocietySource::Fixture(text["fixture:".len()..].to_owned()));
        }
        let all = || std::iter::once("history").chain(choices.iter().map(String::as_str));
        let expected = format!("one of {}", all().collect::<Vec<_>>().join(", "));
        let problem = Problem::UnknownName { kind: "society", name: shown(&text) };
        Err(ResolveError::new(problem, place, expected, did_you_mean(&text, all())))
    }

    fn claims(&self) -> Result<Option<ClaimsSet>> {
        let name = self.text("claims.set")?;
        let flag = self.needed("claims.complete")?;
        let Raw::Flag(complete) = flag.raw else {
            return Err(wrong_type("claims.complete", &flag.raw, &flag.place, &Kind::Flag.expected()));
        };
        if name == "none" {
            return Ok(None);
        }
        if self.catalogue.claims.contains(&name.as_str()) {
            return Ok(Some(ClaimsSet { name, complete }));
        }
        let place = &self.needed("claims.set")?.place;
        let all = || self.catalogue.claims.iter().copied().chain(["none"]);
        let expected = format!("one of {}", all().collect::<Vec<_>>().join(", "));
        let help = did_you_mean(&name, all())
            .unwrap_or_else(|| "a claims file of your own is given to `infer --claims FILE`".to_owned());
        let problem = Problem::UnknownName { kind: "set of claims", name: shown(&name) };
        Err(ResolveError::new(problem, place, expected, Some(help)))
    }

    fn order_of_battle(&self, start: Day) -> Result<OrderOfBattle> {
        const KNOWN_FROM: &str = "order_of_battle.known_from";
        let known = self.entry(KNOWN_FROM).map(|entry| day_of(KNOWN_FROM, &entry.raw, &entry.place)).transpose()?;
        let size = |part: &str| self.count(&format!("order_of_battle.{part}"));
        Ok(OrderOfBattle {
            soldiers_per_squad: size("soldiers_per_squad")?,
            squads_per_platoon: size("squads_per_platoon")?,
            platoons_per_company: size("platoons_per_company")?,
            companies_per_battalion: size("companies_per_battalion")?,
            battalions_per_brigade: size("battalions_per_brigade")?,
            brigades: self.entry("order_of_battle.brigades").map(|_| size("brigades")).transpose()?,
            known_from: known.unwrap_or(start),
            source: self.text("order_of_battle.source")?,
        })
    }

    fn waves(&self, start: Day, end: Day, order: &OrderOfBattle) -> Result<Vec<Wave>> {
        let rows = self.rows("waves", "wave", WAVE_FIELDS)?;
        let entry = self.needed("waves")?;
        if rows.is_empty() {
            let problem = Problem::NoForce("there is no wave, so there is no force".to_owned());
            return Err(ResolveError::new(problem, &entry.place, Kind::Rows(WAVE_FIELDS).expected(), None));
        }
        let mut waves: Vec<Wave> = Vec::with_capacity(rows.len());
        let mut soldiers = 0_u64;
        for row in &rows {
            let wave = wave_of(row, start, end, waves.last())?;
            soldiers += u64::from(wave.persons);
            let full = order.brigades.map(|brigades| u64::from(brigades) * order.soldiers_per_brigade());
            let (limit, reason) = match full {
                Some(full) if full < u64::from(MAX_SOLDIERS) => (full, "the places in the order of battle"),
                _ => (u64::from(MAX_SOLDIERS), "the most that can be simulated"),
            };
            if soldiers > limit {
                let problem = Problem::TooManySoldiers { found: soldiers, limit, reason };
                let expected = format!("at most {limit} persons in all waves together");
                let help = full.map(|_| "raise `order_of_battle.brigades`, or the sizes of its parts".to_owned());
                return Err(ResolveError::new(problem, &row.place_of("persons"), expected, help));
            }
            waves.push(wave);
        }
        Ok(waves)
    }

    fn phases(&self, start: Day, end: Day) -> Result<Vec<Phase>> {
        let mut phases: Vec<Phase> = Vec::new();
        for row in &self.rows("phases", "phase", PHASE_FIELDS)? {
            phases.push(self.phase_of(row, start, end, phases.last())?);
        }
        Ok(phases)
    }

    fn responses(&self, start: Day, end: Day) -> Result<Vec<Response>> {
        let response = |row: &Row<'_>| {
            let (name, order) = (row.name()?, row.text("order")?.unwrap_or_default());
            if Order::from_word(&order).is_none() {
                return Err(unknown_name("order", &order, &row.place_of("order"), &ORDERS));
            }
            let on = row.day("on")?;
            if let Some(day) = on.filter(|day| *day < start || *day > end) {
                return Err(row.impossible_day("on", &name, format!("it is carried out on {day}"), start, end));
            }
            Ok(Response { name, order, on, source: row.source()? })
        };
        self.rows("responses", "response", RESPONSE_FIELDS)?.iter().map(response).collect()
    }

    fn rule(&self) -> Result<&'static str> {
        let text = self.text("decision.rule")?;
        let keys = Rule::ALL.map(|(_, key)| key);
        let found = keys.iter().find(|key| **key == text).copied();
        found.ok_or_else(|| match self.needed("decision.rule") {
            Ok(entry) => unknown_name("rule of decision", &text, &entry.place, &keys),
            Err(error) => error,
        })
    }

    fn phase_of(&self, row: &Row<'_>, start: Day, end: Day, previous: Option<&Phase>) -> Result<Phase> {
        let name = row.name()?;
        let from = row.day("from")?.unwrap_or(start);
        if from < start || from > end {
            let side = if from < start { "before the period starts" } else { "after the period ends" };
            return Err(row.impossible_day("from", &name, format!("it begins on {from}, {side}"), start, end));
        }
        if let Some(previous) = previous.map(|phase| phase.from).filter(|day| *day >= from) {
            let problem = Problem::OutOfOrder { what: "phase", name, day: from, previous };
            let expected = "phases in the order of their first days, each on a day of its own";
            return Err(ResolveError::new(problem, &row.place_of("from"), expected, None));
        }
        let hazard = match row.text("hazard")? {
            Some(key) if key != "none" => Some(self.hazard_key(row, &name, key)?),
            _ => None,
        };
        Ok(Phase { hazard, from, known_from: row.day("known_from")?.unwrap_or(start), source: row.source()?, name })
    }

    fn hazard_key(&self, row: &Row<'_>, phase: &str, key: String) -> Result<String> {
        let hazards = || self.catalogue.registry.iter().filter(|meta| meta.dimension == Dimension::Hazard);
        if hazards().any(|meta| meta.key == key) {
            return Ok(key);
        }
        let help = match self.catalogue.registry.iter().find(|meta| meta.key == key) {
            Some(meta) => Some(format!("`{key}` is {}", meta.dimension.expected())),
            None => did_you_mean(&key, hazards().map(|meta| meta.key)),
        };
        let problem = Problem::NotAHazard { phase: phase.to_owned(), key: shown(&key) };
        let expected = "the registry key of a hazard, or `none` for no contact";
        Err(ResolveError::new(problem, &row.place_of("hazard"), expected, help))
    }

    fn infer(&self, has_claims: bool) -> Result<InferSettings> {
        let entry = self.needed("infer.parameters")?;
        let Raw::List(items) = &entry.raw else {
            return Err(wrong_type("infer.parameters", &entry.raw, &entry.place, &Kind::Keys.expected()));
        };
        let (mut parameters, mut held): (Vec<String>, Vec<String>) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            let place = within(&entry.place, &item.span);
            let key = text_of("infer.parameters", &item.raw, &place)?;
            self.check_inferable(&key, &place)?;
            if parameters.contains(&key) || held.contains(&key) {
                return Err(ResolveError::new(Problem::GivenTwice { key }, &place, "each parameter once", None));
            }
            if self.is_moved(&key)? { held.push(key) } else { parameters.push(key) }
        }
        if has_claims && parameters.is_empty() {
            let problem = Problem::Missing { key: "infer.parameters".to_owned() };
            let help = if held.is_empty() {
                "without parameters the claims can teach nothing; or set `claims.set = \"none\"`"
            } else {
                "every parameter of `infer.parameters` is set to a value, so the claims can teach nothing; leave one free"
            };
            let help = help.to_owned();
            let place = &self.needed("claims.set")?.place;
            return Err(ResolveError::new(problem, place, Kind::Keys.expected(), Some(help)));
        }
        let settings = InferSettings {
            parameters,
            held,
            budget: self.count("infer.budget")?,
            replicates: self.count("infer.replicates")?,
        };
        Ok(settings)
    }

    /// Whether a file, a plan or an option sets a parameter to another value than its default. A printed scenario sets every parameter, most
    /// to their defaults, and resolves to the same bytes.
    fn is_moved(&self, key: &str) -> Result<bool> {
        let entry = self.needed(key)?;
        let Some(meta) = self.catalogue.registry.iter().find(|meta| meta.key == key) else { return Ok(false) };
        if matches!(entry.origin, Origin::Default | Origin::Baseline(_)) {
            return Ok(false);
        }
        let value = quantity_of(meta.key, meta.dimension, &entry.raw, &entry.place)?;
        Ok(meta.default_value().is_ok_and(|default| default.to_bits() != (value + 0.0).to_bits()))
    }

    fn check_inferable(&self, key: &str, place: &Place) -> Result<()> {
        let free = |meta: &&&'static ParamMeta| {
            meta.part == Part::Force && meta.parsed_prior().is_ok_and(|prior| prior != Prior::Fixed)
        };
        let all = || self.catalogue.registry.iter().filter(free).map(|meta| meta.key);
        let reason = match self.catalogue.registry.iter().find(|meta| meta.key == key) {
            Some(meta) if free(&meta) => return Ok(()),
            Some(meta) if meta.part == Part::History => "all deployments of an inference share one country",
            Some(meta) if meta.part == Part::Observe => "what concerns the observers is integrated out",
            Some(_) => "its prior is `fixed`",
            None => "it is no parameter of the registry",
        };
        let problem = Problem::NotInferable { key: shown(key), reason };
        let help = did_you_mean(key, all().filter(|other| *other != key));
        Err(ResolveError::new(problem, place, "the key of a parameter of the force that has a prior", help))
    }

    fn values(&self) -> Result<BTreeMap<String, Value>> {
        let mut values = BTreeMap::new();
        for &meta in self.catalogue.registry {
            let entry = self.needed(meta.key)?;
            let canonical = match &entry.origin {
                Origin::Default => meta.default_value().expect("a test reads every default of the registry"),
                _ => quantity_of(meta.key, meta.dimension, &entry.raw, &entry.place)?,
            };
            let as_written = match &entry.raw {
                Raw::Text(text) | Raw::Integer(text) | Raw::Decimal(_, text) => text.clone(),
                _ => String::new(),
            };
            if let Err(domain) = domain::check_value(meta.key, canonical) {
                return Err(out_of_range(meta.key, &as_written, &entry.place, domain));
            }
            let origin = entry.origin.clone();
            let value = Value { canonical: canonical + 0.0, as_written, meta, origin };
            values.insert(meta.key.to_owned(), value);
        }
        domain::check_together(|key| values.get(key).map(|value: &Value| value.canonical))
            .map_err(|conflict| self.together(&conflict, &values))?;
        Ok(values)
    }

    /// The error of two values that cannot stand together, at the later of them that is no default.
    fn together(&self, conflict: &domain::Conflict, values: &BTreeMap<String, Value>) -> ResolveError {
        let [first, second] = conflict.keys;
        let is_default = values.get(second).is_none_or(|value| matches!(value.origin, Origin::Default));
        let (key, other) = if is_default { (first, second) } else { (second, first) };
        let found = |key: &str| values.get(key).map_or_else(String::new, |value| value.canonical.to_string());
        let found_at = self.entry(key).map_or(&self.merged.home, |entry| &entry.place);
        let problem = Problem::OutOfRange { key: key.to_owned(), found: found(key) };
        let help = format!("`{other}` is {}", found(other));
        ResolveError::new(problem, found_at, conflict.expected, Some(help))
    }

    fn rows<'r>(&'r self, key: &str, what: &'static str, known: &'static [schema::Field]) -> Result<Vec<Row<'r>>> {
        let entry = self.needed(key)?;
        let expected = Kind::Rows(known).expected().replace("waves", key);
        let Raw::List(items) = &entry.raw else {
            return Err(wrong_type(key, &entry.raw, &entry.place, &expected));
        };
        let mut rows: Vec<Row<'r>> = Vec::with_capacity(items.len());
        for Item { raw, span } in items {
            let place = within(&entry.place, span);
            let Raw::Table(fields) = raw else { return Err(wrong_type(key, raw, &place, &expected)) };
            let row = Row { what, fields: row_fields(fields, known, |span| within(&place, span))?, place };
            if let Some(field) = known.iter().find(|field| field.required && !row.fields.contains_key(field.key)) {
                let problem = Problem::Missing { key: format!("{what}.{}", field.key) };
                let expected = format!("`{}`: {}", field.key, field.description);
                return Err(ResolveError::new(problem, &row.place, expected, None));
            }
            let name = row.name()?;
            if rows.iter().any(|other| other.name().is_ok_and(|earlier| earlier == name)) {
                let problem = Problem::DuplicateName { what, name };
                return Err(ResolveError::new(problem, &row.place_of("name"), "a name of its own for each", None));
            }
            rows.push(row);
        }
        Ok(rows)
    }
}

/// One row of `waves`, `phases` or `responses`.
struct Row<'a> {
    what: &'static str,
    fields: BTreeMap<&'a str, &'a Leaf>,
    place: Place,
}

impl Row<'_> {
    fn key(&self, field: &str) -> String {
        format!("{}.{field}", self.what)
    }

    fn place_of(&self, field: &str) -> Place {
        self.fields.get(field).map_or_else(|| self.place.clone(), |leaf| within(&self.place, &leaf.span))
    }

    fn text(&self, field: &str) -> Result<Option<String>> {
        self.fields
            .get(field)
            .map(|leaf| text_of(&self.key(field), &leaf.raw, &within(&self.place, &leaf.span)))
            .transpose()
    }

    fn day(&self, field: &str) -> Result<Option<Day>> {
        self.fields
            .get(field)
            .map(|leaf| day_of(&self.key(field), &leaf.raw, &within(&self.place, &leaf.span)))
            .transpose()
    }

    fn name(&self) -> Result<String> {
        let text = self.text("name")?.unwrap_or_default();
        checked_name(self.what, &text, &self.place_of("name"), None)
    }

    fn source(&self) -> Result<String> {
        let text = self.text("source")?.unwrap_or_default();
        if text.trim().is_empty() {
            let problem = Problem::Missing { key: self.key("source") };
            let expected = "ids of claims, as \"DP017, DP022\", or \"assumption\"";
            return Err(ResolveError::new(problem, &self.place_of("source"), expected, None));
        }
        Ok(text)
    }

    fn impossible_day(&self, field: &str, name: &str, reason: String, start: Day, end: Day) -> ResolveError {
        let problem = Problem::ImpossibleDay { what: self.what, name: name.to_owned(), reason };
        let help = format!("take the {} out, or move `period.start` or `period.end`", self.what);
        ResolveError::new(problem, &self.place_of(field), format!("a date from {start} to {end}"), Some(help))
    }
}

fn wave_of(row: &Row<'_>, start: Day, end: Day, previous: Option<&Wave>) -> Result<Wave> {
    let name = row.name()?;
    let field = |key: &str| -> (&Raw, Place) { (&row.fields[key].raw, row.place_of(key)) };
    let (raw, place) = field("contingent");
    let contingent = count_of("wave.contingent", Kind::Count(1, 2), raw, &place)?;
    let (raw, place) = field("persons");
    let persons = match count_of("wave.persons", Kind::Persons(0, u32::MAX), raw, &place)? {
        0 => {
            let problem = Problem::NoForce(format!("wave `{name}` is a wave of nobody"));
            return Err(ResolveError::new(problem, &place, "at least \"1 person\"", None));
        }
        persons => persons,
    };
    let arrives = row.day("arrives")?.unwrap_or(start);
    if arrives < start || arrives > end {
        let side = if arrives < start { "before the period starts" } else { "after the period ends" };
        return Err(row.impossible_day("arrives", &name, format!("it arrives on {arrives}, {side}"), start, end));
    }
    if let Some(previous) = previous.map(|wave| wave.arrives).filter(|day| *day > arrives) {
        let problem = Problem::OutOfOrder { what: "wave", name, day: arrives, previous };
        return Err(ResolveError::new(problem, &row.place_of("arrives"), "waves in order of arrival", None));
    }
    let at_front = row.day("at_front")?;
    if let Some(front) = at_front.filter(|front| *front < arrives) {
        let reason = format!("it is at the front on {front}, before it arrives on {arrives}");
        let problem = Problem::ImpossibleDay { what: "wave", name, reason };
        return Err(ResolveError::new(problem, &row.place_of("at_front"), format!("a date from {arrives} on"), None));
    }
    let joins = joins_of(row, &name, previous.is_none(), at_front.is_some())?;
    let known_from = row.day("known_from")?.unwrap_or(start);
    Ok(Wave {
        contingent: contingent as u8,
        persons,
        arrives,
        at_front,
        joins,
        known_from,
        front_known_from: row.day("front_known_from")?.unwrap_or(known_from),
        source: row.source()?,
        name,
    })
}

/// Whether a wave comes as units or as replacements.
fn joins_of(row: &Row<'_>, name: &str, first: bool, has_front: bool) -> Result<&'static str> {
    let word = row.text("joins")?.unwrap_or_else(|| JOINS[0].to_owned());
    let Some(joins) = JOINS.into_iter().find(|known| *known == word) else {
        return Err(unknown_name("way of joining", &word, &row.place_of("joins"), &JOINS));
    };
    let problem = |reason: &str| {
        let problem = Problem::ImpossibleReplacements { name: name.to_owned(), reason: reason.to_owned() };
        Err(ResolveError::new(problem, &row.place_of("joins"), "units, or replacements for an earlier wave", None))
    };
    match joins {
        "replacements" if first => problem("no earlier wave has brought units"),
        "replacements" if has_front => problem("they go where their squads are; leave `at_front` out"),
        joins => Ok(joins),
    }
}

/// Orders a response can give.
const ORDERS: [&str; 3] = ["tighten_informers", "pull_back", "move_families"];

fn unknown_name(kind: &'static str, name: &str, place: &Place, choices: &[&str]) -> ResolveError {
    let problem = Problem::UnknownName { kind, name: shown(name) };
    let expected = format!("one of {}", choices.join(", "));
    ResolveError::new(problem, place, expected, did_you_mean(name, choices.iter().copied()))
}

fn kind(key: &str) -> Kind {
    schema::setting_of(key).expect("only keys of SETTINGS are read").kind
}
