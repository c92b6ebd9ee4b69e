//! Stable bytes of a resolved scenario: what a run identity and the key of a cached country hash.
//!
//! Every field has a tag and every text a length, so that no two scenarios share bytes. Origins, line numbers and comments are
//! left out: they change no result.

use super::{Phase, Response, Scenario, SocietySource, Wave};
use exitvoice_core::param::Part;
use exitvoice_core::time::Day;

/// First bytes; moves when the layout below moves.
const HEADER: &[u8] = b"exitvoice scenario 2\n";

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn text(&mut self, text: &str) {
        self.0.push(b't');
        self.0.extend((text.len() as u64).to_le_bytes());
        self.0.extend(text.as_bytes());
    }
    fn number(&mut self, value: f64) {
        self.0.push(b'f');
        // -0 and 0 are one value.
        self.0.extend((value + 0.0).to_bits().to_le_bytes());
    }
    fn count(&mut self, value: u64) {
        self.0.push(b'n');
        self.0.extend(value.to_le_bytes());
    }
    fn day(&mut self, day: Day) {
        self.0.push(b'd');
        self.0.extend(day.0.to_le_bytes());
    }
    fn absent(&mut self) {
        self.0.push(b'-');
    }
    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.absent(),
        }
    }
}

impl Scenario {
    /// Stable bytes of everything that can change a result or its report. Equal scenarios have equal bytes, whatever file,
    /// layer or spelling they came from.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut out = Writer(HEADER.to_vec());
        out.text(&self.name);
        out.text(&self.title);
        out.text(&self.description);
        out.count(self.seed.0);
        out.number(self.scale);
        out.count(u64::from(self.replicates));
        out.day(self.day_zero);
        out.day(self.last_day);
        match &self.society {
            SocietySource::History => out.absent(),
            SocietySource::Fixture(name) => out.text(name),
        }
        match &self.claims {
            None => out.absent(),
            Some(claims) => {
                out.text(&claims.name);
                out.count(u64::from(claims.complete));
            }
        }
        self.write_force(&mut out);
        out.count(self.infer.parameters.len() as u64);
        for key in &self.infer.parameters {
            out.text(key);
        }
        for count in [self.infer.budget, self.infer.replicates] {
            out.count(u64::from(count));
        }
        self.write_values(&mut out, None);
        out.0
    }

    /// Stable bytes of the parameters of part `History` alone: with seed, scale, data and versions the key of a cached country.
    #[must_use]
    pub fn history_bytes(&self) -> Vec<u8> {
        let mut out = Writer(HEADER.to_vec());
        self.write_values(&mut out, Some(Part::History));
        out.0
    }

    fn write_force(&self, out: &mut Writer) {
        let order = &self.order_of_battle;
        for size in [
            order.soldiers_per_squad,
            order.squads_per_platoon,
            order.platoons_per_company,
            order.companies_per_battalion,
            order.battalions_per_brigade,
        ] {
            out.count(u64::from(size));
        }
        out.optional(order.brigades.map(u64::from), Writer::count);
        out.day(order.known_from);
        out.text(&order.source);
        out.count(self.waves.len() as u64);
        for wave in &self.waves {
            let Wave { name, contingent, persons, arrives, at_front, joins, known_from, front_known_from, source } =
                wave;
            out.text(name);
            out.count(u64::from(*contingent));
            out.count(u64::from(*persons));
            out.day(*arrives);
            out.optional(*at_front, Writer::day);
            out.text(joins);
            out.day(*known_from);
            out.day(*front_known_from);
            out.text(source);
        }
        out.count(self.phases.len() as u64);
        for Phase { name, from, hazard, known_from, source } in &self.phases {
            out.text(name);
            out.day(*from);
            out.optional(hazard.as_deref(), Writer::text);
            out.day(*known_from);
            out.text(source);
        }
        out.count(self.responses.len() as u64);
        for Response { name, order, on, source } in &self.responses {
            out.text(name);
            out.text(order);
            out.optional(*on, Writer::day);
            out.text(source);
        }
        out.text(self.rule);
    }

    fn write_values(&self, out: &mut Writer, part: Option<Part>) {
        for (key, value) in self.values.iter().filter(|(_, value)| part.is_none_or(|part| value.meta.part == part)) {
            out.text(key);
            out.number(value.canonical);
        }
    }
}
