//! The extract: what a deployment reads of the Society. Candidates for the force in addressed order, with their living kin to degree 4.

use super::Society;
use super::kin::{self, FARTHEST_DEGREE, Relative};
use super::person::{Class, HouseholdId, PersonId};
use super::rates::Sex;
use crate::error::ModelError;
use crate::mechanism::home::hostage;
use crate::mechanism::service::selection;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;

/// Most candidates kept.
pub const MOST_CANDIDATES: usize = 60_000;

/// A relative of a candidate: an index into the table of kin, and the degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KinLink {
    /// Row of [`Extract::kin_key`] and its sisters.
    pub kin: u32,
    /// Degree, 0 for a spouse.
    pub degree: u8,
    /// Whether both live in one household.
    pub together: bool,
}

/// Candidates and their kin.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    /// Seed of the Society.
    pub seed: Seed,
    /// Its scale.
    pub scale: f64,
    /// Day of the freeze.
    pub frozen: Day,
    /// Eligible soldiers in the whole Society.
    pub eligible: u64,
    /// Keys of the candidates, lowest addressed hash first.
    pub key: Vec<u64>,
    /// Dates of birth.
    pub birth: Vec<Day>,
    /// Classes.
    pub class: Vec<Class>,
    /// Provinces.
    pub province: Vec<u8>,
    /// Hostage weight, mean one over the candidates.
    pub hostage: Vec<f64>,
    /// End of the links of each candidate; they start where the one before ends.
    pub kin_end: Vec<u32>,
    /// Links, by candidate.
    pub links: Vec<KinLink>,
    /// Keys of the kin, each person once.
    pub kin_key: Vec<u64>,
    /// Their dates of birth.
    pub kin_birth: Vec<Day>,
    /// Their classes.
    pub kin_class: Vec<Class>,
    /// Their provinces.
    pub kin_province: Vec<u8>,
    /// Their sexes.
    pub kin_sex: Vec<Sex>,
}

const CANDIDATE_CHUNK: usize = 1_024;

impl Extract {
    /// Takes the candidates with the lowest addressed hashes, at most `most`, and their living kin.
    #[must_use]
    pub fn take(society: &Society, most: usize, pool: &Pool) -> Self {
        let (chosen, eligible) = candidates(society, most, pool);
        let persons = &society.persons;
        let gathered: Vec<(Vec<Relative>, f64)> = pool
            .map_chunks_of(chosen.len(), CANDIDATE_CHUNK, |range| {
                let mut all = Vec::new();
                chosen[range]
                    .iter()
                    .map(|candidate| {
                        kin::relatives(persons, &society.marriages, *candidate, FARTHEST_DEGREE, &mut all);
                        let living: Vec<Relative> =
                            all.iter().copied().filter(|r| persons.alive(r.person, society.frozen)).collect();
                        let weight = living.iter().map(|r| weigh(society, *candidate, r)).sum();
                        (living, weight)
                    })
                    .collect::<Vec<_>>()
            })
            .into_iter()
            .flatten()
            .collect();
        let mut everyone: Vec<PersonId> = gathered.iter().flat_map(|(kin, _)| kin.iter().map(|r| r.person)).collect();
        everyone.sort_unstable();
        everyone.dedup();
        let mean = gathered.iter().map(|(_, w)| w).sum::<f64>() / gathered.len().max(1) as f64;
        let mut extract = Self::empty(society, eligible);
        for (candidate, (living, weight)) in chosen.iter().zip(&gathered) {
            extract.key.push(persons.key[*candidate]);
            extract.birth.push(persons.birth[*candidate]);
            extract.class.push(persons.class[*candidate]);
            extract.province.push(persons.province[*candidate]);
            extract.hostage.push(if mean > 0.0 { weight / mean } else { 0.0 });
            extract.links.extend(living.iter().map(|r| KinLink {
                kin: everyone.partition_point(|p| *p < r.person) as u32,
                degree: r.degree,
                together: lives_with(society, *candidate, r.person),
            }));
            extract.kin_end.push(extract.links.len() as u32);
        }
        for person in everyone {
            extract.kin_key.push(persons.key[person]);
            extract.kin_birth.push(persons.birth[person]);
            extract.kin_class.push(persons.class[person]);
            extract.kin_province.push(persons.province[person]);
            extract.kin_sex.push(persons.sex[person]);
        }
        extract
    }

    const fn empty(society: &Society, eligible: u64) -> Self {
        Self {
            seed: society.seed,
            scale: society.scale,
            frozen: society.frozen,
            eligible,
            key: Vec::new(),
            birth: Vec::new(),
            class: Vec::new(),
            province: Vec::new(),
            hostage: Vec::new(),
            kin_end: Vec::new(),
            links: Vec::new(),
            kin_key: Vec::new(),
            kin_birth: Vec::new(),
            kin_class: Vec::new(),
            kin_province: Vec::new(),
            kin_sex: Vec::new(),
        }
    }

    /// Number of candidates.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.key.len()
    }

    /// Whether nobody is eligible.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// Living kin of a candidate, by degree.
    #[must_use]
    pub fn kin(&self, candidate: usize) -> &[KinLink] {
        let from = if candidate == 0 { 0 } else { self.kin_end[candidate - 1] as usize };
        &self.links[from..self.kin_end[candidate] as usize]
    }
}

/// Eligible persons with the lowest hashes, in that order, and the number of all eligible.
fn candidates(society: &Society, most: usize, pool: &Pool) -> (Vec<PersonId>, u64) {
    let persons = &society.persons;
    let draws = Draws::new(society.seed, Purpose::Candidate);
    let found = pool.map_chunks(persons.len(), |range| {
        let mut all = Vec::new();
        let mut chosen = Vec::new();
        for row in range {
            let person = PersonId::from_row(row);
            let right_sex = persons.sex[person] == Sex::Male && selection::class_is_eligible(persons.class[person]);
            let age = society.frozen.years_since(persons.birth[person]);
            if !right_sex || !selection::AGES_YEARS.contains(&age) || !persons.alive(person, society.frozen) {
                continue;
            }
            kin::relatives(persons, &society.marriages, person, CLOSE_DEGREE, &mut all);
            if all.iter().any(|r| persons.alive(r.person, society.frozen)) {
                chosen.push((draws.hash(persons.key[person], 0), persons.key[person], person));
            }
        }
        chosen
    });
    let mut chosen: Vec<_> = found.into_iter().flatten().collect();
    let eligible = chosen.len() as u64;
    chosen.sort_unstable();
    chosen.truncate(most);
    (chosen.into_iter().map(|c| c.2).collect(), eligible)
}

/// Degree within which a living relative makes a man fit to be sent: spouse, parents, children, siblings, grandparents.
const CLOSE_DEGREE: u8 = 2;

fn lives_with(society: &Society, a: PersonId, b: PersonId) -> bool {
    let household = |p: PersonId| HouseholdId::encode(society.persons.household[p]);
    household(a) != 0 && household(a) == household(b)
}

fn weigh(society: &Society, candidate: PersonId, relative: &Relative) -> f64 {
    let age = society.frozen.years_since(society.persons.birth[relative.person]);
    hostage::weight(relative.degree, lives_with(society, candidate, relative.person), age)
}

/// Sections of the stored form, little-endian, in this order.
pub const SECTIONS: [&str; 13] = [
    "header",
    "key",
    "birth",
    "class",
    "province",
    "hostage",
    "kin_end",
    "links",
    "kin_key",
    "kin_birth",
    "kin_class",
    "kin_province",
    "kin_sex",
];
const LINK_BYTES: usize = 6;

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
        let mut links = Vec::with_capacity(self.links.len() * LINK_BYTES);
        for link in &self.links {
            links.extend(link.kin.to_le_bytes());
            links.extend([link.degree, u8::from(link.together)]);
        }
        let bytes = [
            header,
            self.key.iter().flat_map(|k| k.to_le_bytes()).collect(),
            days(&self.birth),
            classes(&self.class),
            self.province.clone(),
            self.hostage.iter().flat_map(|h| h.to_le_bytes()).collect(),
            self.kin_end.iter().flat_map(|k| k.to_le_bytes()).collect(),
            links,
            self.kin_key.iter().flat_map(|k| k.to_le_bytes()).collect(),
            days(&self.kin_birth),
            classes(&self.kin_class),
            self.kin_province.clone(),
            self.kin_sex.iter().map(|s| *s as u8).collect(),
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
        let extract = Self {
            seed: Seed(u64::from_le_bytes(word(0)?)),
            scale: f64::from_le_bytes(word(8)?),
            eligible: u64::from_le_bytes(word(16)?),
            frozen: Day(i32::from_le_bytes(frozen)),
            key: numbers("key", bytes("key")?, u64::from_le_bytes)?,
            birth: numbers("birth", bytes("birth")?, |b| Day(i32::from_le_bytes(b)))?,
            class: classes("class", bytes("class")?)?,
            province: bytes("province")?.to_vec(),
            hostage: numbers("hostage", bytes("hostage")?, f64::from_le_bytes)?,
            kin_end: numbers("kin_end", bytes("kin_end")?, u32::from_le_bytes)?,
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
            ("hostage", self.hostage.len(), candidates),
            ("kin_end", self.kin_end.len(), candidates),
            ("kin_birth", self.kin_birth.len(), kin),
            ("kin_class", self.kin_class.len(), kin),
            ("kin_province", self.kin_province.len(), kin),
            ("kin_sex", self.kin_sex.len(), kin),
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
