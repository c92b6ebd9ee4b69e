//! Persons and marriages: append-only columns, read through the dead.
//!
//! Requirements, checked by [`crate::check_society`]: keys differ up to the tolerated collisions; a mother is a woman at least
//! [`LEAST_PARENT_AGE_YEARS`] older, a father a man at least that much older and alive nine months before the birth; spouses are
//! mutual; child lists are complete and ordered by birth; death never precedes birth.

use crate::society::rates::Sex;
use exitvoice_core::column::Column;
use exitvoice_core::id::Id;
use exitvoice_core::time::Day;

/// Kind of the rows of [`Persons`].
pub enum Person {}
/// Row of a person.
pub type PersonId = Id<Person>;
/// Kind of the rows of [`Marriages`].
pub enum Marriage {}
/// Row of a marriage.
pub type MarriageId = Id<Marriage>;
/// Kind of a household: numbered, without a table; members name it.
pub enum Household {}
/// Number of a household.
pub type HouseholdId = Id<Household>;

/// Least age of a parent at a birth, in years.
pub const LEAST_PARENT_AGE_YEARS: f64 = 15.0;
/// Day of death of those alive at the freeze.
pub const ALIVE: Day = Day(i32::MAX);

/// Class by perceived loyalty, as the regime books it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// Core: counted loyal.
    Core = 0,
    /// Wavering.
    Wavering = 1,
    /// Hostile.
    Hostile = 2,
}

impl Class {
    /// All classes, in order.
    pub const ALL: [Self; 3] = [Self::Core, Self::Wavering, Self::Hostile];

    /// Word used in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Wavering => "wavering",
            Self::Hostile => "hostile",
        }
    }

    /// From its number; `None` for numbers that name no class.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Core),
            1 => Some(Self::Wavering),
            2 => Some(Self::Hostile),
            _ => None,
        }
    }
}

/// Provinces outside the military camps at the census of 2008, with their populations (DPRK census 2008; `domain` table b).
pub const PROVINCES: [(&str, f64); 10] = [
    ("pyongyang", 3_255_288.0),
    ("south_phyongan", 4_051_696.0),
    ("south_hamgyong", 3_066_013.0),
    ("north_phyongan", 2_728_662.0),
    ("north_hamgyong", 2_327_362.0),
    ("south_hwanghae", 2_310_485.0),
    ("north_hwanghae", 2_113_672.0),
    ("kangwon", 1_477_582.0),
    ("jagang", 1_299_830.0),
    ("ryanggang", 719_269.0),
];

/// One row of [`Persons`], for appending.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson {
    /// 64-bit key: the person's name in files and draws.
    pub key: u64,
    /// Date of birth.
    pub birth: Day,
    /// Date of death, [`ALIVE`] where it falls after the freeze.
    pub death: Day,
    /// Mother.
    pub mother: Option<PersonId>,
    /// Father.
    pub father: Option<PersonId>,
    /// Sex.
    pub sex: Sex,
    /// Class.
    pub class: Class,
    /// Province, an index into [`PROVINCES`].
    pub province: u8,
    /// Household.
    pub household: Option<HouseholdId>,
}

impl NewPerson {
    /// A woman of the wavering class, alive, without kin or household.
    pub(crate) const fn alone(key: u64, birth: Day) -> Self {
        Self {
            key,
            birth,
            death: ALIVE,
            mother: None,
            father: None,
            sex: Sex::Female,
            class: Class::Wavering,
            province: 0,
            household: None,
        }
    }
}

/// Key and dates of a person, read together by nearly everything, 16 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// 64-bit key.
    pub key: u64,
    /// Date of birth.
    pub birth: Day,
    /// Date of death, or [`ALIVE`].
    pub death: Day,
}

/// Parents, lists of children, and what a walk over kin reads with them, 24 bytes: side by side, so that a step of the walk costs one
/// look-up in memory.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    /// Mother; none for the linked-back ancestors.
    pub mother: Option<PersonId>,
    /// Father.
    pub father: Option<PersonId>,
    /// Youngest child: head of the child list.
    pub last_child: Option<PersonId>,
    /// Next elder child of the same mother.
    pub elder_by_mother: Option<PersonId>,
    /// Next elder child of the same father.
    pub elder_by_father: Option<PersonId>,
    /// Sex.
    pub sex: Sex,
    /// Class.
    pub class: Class,
    /// Province.
    pub province: u8,
    /// Live births (of a woman), capped at 255.
    pub births: u8,
}

/// Everyone who ever lived in the country, 48 bytes a row.
#[derive(Debug, Default)]
pub struct Persons {
    /// Key and dates.
    pub life: Column<Person, Life>,
    /// Parents, children, sex, class, province.
    pub links: Column<Person, Links>,
    /// Latest marriage.
    pub marriage: Column<Person, Option<MarriageId>>,
    /// Household; the last one for the dead.
    pub household: Column<Person, Option<HouseholdId>>,
}

/// Bytes per row of [`Persons`].
pub const PERSON_BYTES: usize = size_of::<Life>() + size_of::<Links>() + 4 + 4;

impl Persons {
    /// Columns with room for `rows` persons.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            life: Column::with_capacity(rows),
            links: Column::with_capacity(rows),
            marriage: Column::with_capacity(rows),
            household: Column::with_capacity(rows),
        }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.life.len()
    }

    /// Whether nobody was ever born.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.life.is_empty()
    }

    /// Appends rows in order and links each into the child lists of its parents. Children of one parent come in order of birth.
    pub fn append(&mut self, rows: &[NewPerson]) {
        let (mut values, mut links) = self.parts();
        values.append(rows);
        links.append(rows);
    }

    /// The columns in two groups that can be written at the same time.
    pub(crate) fn parts(&mut self) -> (PersonValues<'_>, PersonLinks<'_>) {
        let values =
            PersonValues { life: &mut self.life, household: &mut self.household, marriage: &mut self.marriage };
        (values, PersonLinks(&mut self.links))
    }

    /// Whether `person` is alive at the end of `day`.
    #[inline]
    #[must_use]
    pub fn alive(&self, person: PersonId, day: Day) -> bool {
        let life = self.life[person];
        life.birth <= day && life.death > day
    }
}

/// Columns that a new row fills with its own values.
pub(crate) struct PersonValues<'a> {
    life: &'a mut Column<Person, Life>,
    household: &'a mut Column<Person, Option<HouseholdId>>,
    marriage: &'a mut Column<Person, Option<MarriageId>>,
}

impl PersonValues<'_> {
    /// Number of rows so far.
    pub(crate) const fn len(&self) -> usize {
        self.life.len()
    }

    /// Appends the values of the rows.
    pub(crate) fn append(&mut self, rows: &[NewPerson]) {
        let life = |r: &NewPerson| Life { key: r.key, birth: r.birth, death: r.death };
        self.life.as_mut_vec().extend(rows.iter().map(life));
        self.household.as_mut_vec().extend(rows.iter().map(|r| r.household));
        let end = self.len();
        self.marriage.as_mut_vec().resize(end, None);
    }
}

/// The column that ties a new row to its parents.
pub(crate) struct PersonLinks<'a>(&'a mut Column<Person, Links>);

impl PersonLinks<'_> {
    /// Appends the rows, then links each; parents may stand among them, before or after their children.
    pub(crate) fn append(&mut self, rows: &[NewPerson]) {
        let links = &mut *self.0;
        let first = links.len();
        links.as_mut_vec().extend(rows.iter().map(|row| Links {
            mother: row.mother,
            father: row.father,
            last_child: None,
            elder_by_mother: None,
            elder_by_father: None,
            sex: row.sex,
            class: row.class,
            province: row.province,
            births: 0,
        }));
        for (offset, row) in rows.iter().enumerate() {
            let child = PersonId::from_row(first + offset);
            let elder_by_mother = row.mother.and_then(|m| {
                let mother = &mut links[m];
                mother.births = mother.births.saturating_add(1);
                mother.last_child.replace(child)
            });
            let elder_by_father = row.father.and_then(|f| links[f].last_child.replace(child));
            let own = &mut links[child];
            (own.elder_by_mother, own.elder_by_father) = (elder_by_mother, elder_by_father);
        }
    }
}

/// Marriages, in order of their year and cell, 20 bytes a row.
#[derive(Debug, Default)]
pub struct Marriages {
    /// Wife.
    pub wife: Column<Marriage, PersonId>,
    /// Husband.
    pub husband: Column<Marriage, PersonId>,
    /// Wedding.
    pub start: Column<Marriage, Day>,
    /// Earlier marriage of the wife.
    pub earlier_of_wife: Column<Marriage, Option<MarriageId>>,
    /// Earlier marriage of the husband.
    pub earlier_of_husband: Column<Marriage, Option<MarriageId>>,
}

/// Bytes per row of [`Marriages`].
pub const MARRIAGE_BYTES: usize = 20;

impl Marriages {
    /// Columns with room for `rows` marriages.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            wife: Column::with_capacity(rows),
            husband: Column::with_capacity(rows),
            start: Column::with_capacity(rows),
            earlier_of_wife: Column::with_capacity(rows),
            earlier_of_husband: Column::with_capacity(rows),
        }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.wife.len()
    }

    /// Whether nobody ever married.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.wife.is_empty()
    }

    /// Appends a wedding and makes it the latest marriage of both; `latest` is the column of persons' latest marriages.
    pub(crate) fn wed(
        &mut self,
        latest: &mut Column<Person, Option<MarriageId>>,
        wife: PersonId,
        husband: PersonId,
        start: Day,
    ) -> MarriageId {
        let id = self.wife.push(wife);
        self.husband.push(husband);
        self.start.push(start);
        self.earlier_of_wife.push(latest[wife].replace(id));
        self.earlier_of_husband.push(latest[husband].replace(id));
        id
    }

    /// Spouse of `person` in their latest marriage, dead or alive.
    #[must_use]
    pub fn spouse(&self, persons: &Persons, person: PersonId) -> Option<PersonId> {
        let marriage = persons.marriage[person]?;
        Some(if self.wife[marriage] == person { self.husband[marriage] } else { self.wife[marriage] })
    }
}
