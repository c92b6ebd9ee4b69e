//! The stored form of the extract: little-endian sections, checked when read.

use super::{Extract, KinLink, NOWHERE};
use crate::error::ModelError;
use crate::mechanism::service::career::{self, Track};
use crate::society::kin::FARTHEST_DEGREE;
use crate::society::person::Class;
use crate::society::rates::Sex;
use crate::society::service::Service;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;

/// Sections of the stored form, in this order.
pub const SECTIONS: [&str; 19] = [
    "header",
    "key",
    "birth",
    "class",
    "province",
    "service",
    "household",
    "hostage",
    "kin_end",
    "links",
    "kin_key",
    "kin_birth",
    "kin_class",
    "kin_province",
    "kin_sex",
    "kin_household",
    "household_unit",
    "unit_address",
    "unit_informers",
];
const LINK_BYTES: usize = 6;
const SERVICE_BYTES: usize = 6;

impl Extract {
    /// Stored form.
    #[must_use]
    pub fn to_sections(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut header = Vec::new();
        header.extend(self.seed.0.to_le_bytes());
        header.extend(self.scale.to_le_bytes());
        header.extend(self.eligible.to_le_bytes());
        header.extend(self.frozen.0.to_le_bytes());
        let days = |column: &[Day]| column.iter().flat_map(|d| d.0.to_le_bytes()).collect::<Vec<u8>>();
        let classes = |column: &[Class]| column.iter().map(|c| *c as u8).collect::<Vec<u8>>();
        let numbers = |column: &[u32]| column.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        let mut links = Vec::with_capacity(self.links.len() * LINK_BYTES);
        for link in &self.links {
            links.extend(link.kin.to_le_bytes());
            links.extend([link.degree, u8::from(link.together)]);
        }
        let mut service = Vec::with_capacity(self.service.len() * SERVICE_BYTES);
        for row in &self.service {
            service.extend(row.since.0.to_le_bytes());
            service.extend([row.track as u8, u8::from(row.party)]);
        }
        let bytes = [
            header,
            self.key.iter().flat_map(|k| k.to_le_bytes()).collect(),
            days(&self.birth),
            classes(&self.class),
            self.province.clone(),
            service,
            numbers(&self.household),
            self.hostage.iter().flat_map(|h| h.to_le_bytes()).collect(),
            numbers(&self.kin_end),
            links,
            self.kin_key.iter().flat_map(|k| k.to_le_bytes()).collect(),
            days(&self.kin_birth),
            classes(&self.kin_class),
            self.kin_province.clone(),
            self.kin_sex.iter().map(|s| *s as u8).collect(),
            numbers(&self.kin_household),
            numbers(&self.household_unit),
            self.unit_address.iter().flat_map(|a| a.to_le_bytes()).collect(),
            self.unit_informers.clone(),
        ];
        SECTIONS.into_iter().zip(bytes).collect()
    }

    /// Reads the stored form; `section` returns the bytes of a name.
    ///
    /// # Errors
    /// A section is missing, has the wrong length, or holds a number out of range.
    pub fn from_sections<'b>(section: &dyn Fn(&str) -> Option<&'b [u8]>) -> Result<Self, ModelError> {
        let bytes = |name: &'static str| section(name).ok_or(ModelError::Section { section: name });
        let header = bytes("header")?;
        let word = |at: usize| -> Result<[u8; 8], ModelError> {
            header.get(at..at + 8).and_then(|s| s.try_into().ok()).ok_or(ModelError::Section { section: "header" })
        };
        let frozen =
            header.get(24..28).and_then(|s| s.try_into().ok()).ok_or(ModelError::Section { section: "header" })?;
        let frozen = Day(i32::from_le_bytes(frozen));
        let rows = |name: &'static str| numbers(name, bytes(name)?, u32::from_le_bytes);
        let extract = Self {
            seed: Seed(u64::from_le_bytes(word(0)?)),
            scale: f64::from_le_bytes(word(8)?),
            eligible: u64::from_le_bytes(word(16)?),
            frozen,
            key: numbers("key", bytes("key")?, u64::from_le_bytes)?,
            birth: numbers("birth", bytes("birth")?, |b| Day(i32::from_le_bytes(b)))?,
            class: classes("class", bytes("class")?)?,
            province: bytes("province")?.to_vec(),
            service: services(bytes("service")?, frozen)?,
            household: rows("household")?,
            hostage: numbers("hostage", bytes("hostage")?, f64::from_le_bytes)?,
            kin_end: rows("kin_end")?,
            links: numbers("links", bytes("links")?, |b: [u8; LINK_BYTES]| KinLink {
                kin: u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
                degree: b[4],
                together: b[5] == 1,
            })?,
            kin_key: numbers("kin_key", bytes("kin_key")?, u64::from_le_bytes)?,
            kin_birth: numbers("kin_birth", bytes("kin_birth")?, |b| Day(i32::from_le_bytes(b)))?,
            kin_class: classes("kin_class", bytes("kin_class")?)?,
            kin_province: bytes("kin_province")?.to_vec(),
            kin_sex: bytes("kin_sex")?.iter().map(|s| if *s == 1 { Sex::Male } else { Sex::Female }).collect(),
            kin_household: rows("kin_household")?,
            household_unit: rows("household_unit")?,
            unit_address: numbers("unit_address", bytes("unit_address")?, u64::from_le_bytes)?,
            unit_informers: bytes("unit_informers")?.to_vec(),
        };
        extract.check()?;
        Ok(extract)
    }

    fn check(&self) -> Result<(), ModelError> {
        let (candidates, kin) = (self.key.len(), self.kin_key.len());
        let lengths = [
            ("birth", self.birth.len(), candidates),
            ("class", self.class.len(), candidates),
            ("province", self.province.len(), candidates),
            ("service", self.service.len(), candidates),
            ("household", self.household.len(), candidates),
            ("hostage", self.hostage.len(), candidates),
            ("kin_end", self.kin_end.len(), candidates),
            ("kin_birth", self.kin_birth.len(), kin),
            ("kin_class", self.kin_class.len(), kin),
            ("kin_province", self.kin_province.len(), kin),
            ("kin_sex", self.kin_sex.len(), kin),
            ("kin_household", self.kin_household.len(), kin),
            ("unit_informers", self.unit_informers.len(), self.unit_address.len()),
        ];
        for (section, found, expected) in lengths {
            if found != expected {
                return Err(ModelError::Section { section });
            }
        }
        let ordered = self.kin_end.windows(2).all(|w| w[0] <= w[1]);
        if !ordered || self.kin_end.last().map_or(0, |e| *e as usize) != self.links.len() {
            return Err(ModelError::Section { section: "kin_end" });
        }
        if self.links.iter().any(|l| l.kin as usize >= kin || l.degree > FARTHEST_DEGREE) {
            return Err(ModelError::Section { section: "links" });
        }
        let (households, units) = (self.household_unit.len(), self.unit_address.len());
        for (section, column, rows) in [
            ("household", &self.household, households),
            ("kin_household", &self.kin_household, households),
            ("household_unit", &self.household_unit, units),
        ] {
            if column.iter().any(|n| *n != NOWHERE && *n as usize >= rows) {
                return Err(ModelError::Section { section });
            }
        }
        Ok(())
    }
}

fn numbers<const N: usize, T>(
    section: &'static str,
    bytes: &[u8],
    read: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, ModelError> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    if rest.is_empty() { Ok(chunks.iter().map(|c| read(*c)).collect()) } else { Err(ModelError::Section { section }) }
}

fn classes(section: &'static str, bytes: &[u8]) -> Result<Vec<Class>, ModelError> {
    bytes.iter().map(|c| Class::from_number(*c).ok_or(ModelError::Section { section })).collect()
}

/// Service rows; the rank follows from track and years on the day of the freeze.
fn services(bytes: &[u8], frozen: Day) -> Result<Vec<Service>, ModelError> {
    let (chunks, rest) = bytes.as_chunks::<SERVICE_BYTES>();
    let damaged = ModelError::Section { section: "service" };
    if !rest.is_empty() {
        return Err(damaged);
    }
    let read = |b: &[u8; SERVICE_BYTES]| {
        let since = Day(i32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let track = Track::from_number(b[4]).ok_or_else(|| damaged.clone())?;
        Ok(Service { track, since, rank: career::rank(track, frozen.years_since(since)), party: b[5] == 1 })
    };
    chunks.iter().map(read).collect()
}
