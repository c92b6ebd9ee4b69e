//! Class record, control and service while the history runs: what is due in which year, and the tables that stay.
//!
//! Everything here is an event: somebody comes of age, a clock of offences falls, a file is reviewed, a sentence ends. No stage walks
//! over persons and years, except that a cohort is read once, in the order of its rows, when it comes of age.

mod age;
mod cases;
mod files;
mod lines;
mod penalty;
mod punished;
mod reviews;

pub use files::{Files, Tallies, YearTally};

pub(crate) use age::{book_founders, class_is_open, come_of_age};
pub(crate) use cases::offences;
pub(crate) use penalty::{Bearing, Entry, bearing, career, changed, entry};
pub(crate) use punished::punished_shares;
pub(crate) use reviews::reviews;

use super::history::{Buckets, History};
use super::person::{MarriageId, PersonId};
use super::songbun::Origin;
use crate::mechanism::class::review;
use crate::mechanism::control::{camp, guilt_by_association, neighbourhood, offence};
use crate::mechanism::service::{career, conscription};
use exitvoice_core::column::Column;
use exitvoice_core::param::{Lookup, ParamError};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;

/// Parameters of record, control and service.
#[derive(Clone, Copy, Debug)]
pub struct ControlParams {
    /// Review of files, purges, rehabilitation.
    pub review: review::Params,
    /// Offences.
    pub offence: offence::Params,
    /// Neighbourhood units.
    pub neighbourhood: neighbourhood::Params,
    /// Guilt by association.
    pub guilt: guilt_by_association::Params,
    /// Camps and banishment.
    pub camp: camp::Params,
    /// Conscription.
    pub conscription: conscription::Params,
    /// Careers.
    pub career: career::Params,
}

impl ControlParams {
    /// Reads all of them.
    ///
    /// # Errors
    /// A value is missing or does not fit.
    pub fn from_resolved(values: &dyn Lookup) -> Result<Self, ParamError> {
        Ok(Self {
            review: review::Params::from_resolved(values)?,
            offence: offence::Params::from_resolved(values)?,
            neighbourhood: neighbourhood::Params::from_resolved(values)?,
            guilt: guilt_by_association::Params::from_resolved(values)?,
            camp: camp::Params::from_resolved(values)?,
            conscription: conscription::Params::from_resolved(values)?,
            career: career::Params::from_resolved(values)?,
        })
    }
}

/// Addressed draws of this part.
#[derive(Clone, Copy)]
pub(crate) struct ControlDraws {
    /// Subcategory of a founding line.
    origin: Draws,
    /// Draft, party and officer track; second value: resistance to the first offence.
    service: Draws,
    /// Resistance to the next offence; second value: whether it is one, and how it is dealt with.
    offence: Draws,
    /// Whether an offence is detected and punished.
    detection: Draws,
    /// Whether and how a relative is punished.
    penalty: Draws,
    /// Reviews, purges.
    review: Draws,
    /// Units and their informers.
    neighbourhood: Draws,
    /// Where the banished go, when a sentence ends, and the life left.
    sentence: Draws,
}

impl ControlDraws {
    fn new(seed: Seed) -> Self {
        let draws = |purpose| Draws::new(seed, purpose);
        Self {
            origin: draws(Purpose::FoundingClass),
            service: draws(Purpose::Conscription),
            offence: draws(Purpose::Offence),
            detection: draws(Purpose::Detection),
            penalty: draws(Purpose::KinPenalty),
            review: draws(Purpose::Review),
            neighbourhood: draws(Purpose::Neighbourhood),
            sentence: draws(Purpose::Sentence),
        }
    }
}

/// The next event of a person's clock of offences.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// Who offends.
    person: PersonId,
    /// When.
    day: Day,
    /// Occurrence of the clock, from 0.
    occurrence: u32,
}

/// A review that will move a class unless the file has a new entry before.
#[derive(Clone, Copy, Debug)]
struct Pending {
    /// Whose class is reviewed.
    person: PersonId,
    /// When.
    day: Day,
    /// Entries in the file when the clock was set.
    entries: u8,
    /// Whether the class rises; else it falls.
    raises: bool,
}

/// State of this part while the history runs.
pub(crate) struct Control {
    /// Files of everybody.
    pub(crate) files: Files,
    /// Entries in each file, capped at 255.
    entries: Column<super::person::Person, u8>,
    /// Worst class that any child of a person ever had; kept under rule R5 only, else empty.
    worst_child: Column<super::person::Person, super::person::Class>,
    /// Founders first, then the number of persons at the end of each year step.
    rows: Vec<u32>,
    /// Founders under the age of conscription, by the year step in which they reach it.
    youths: Buckets<PersonId>,
    /// Founders under the age at which files are opened, likewise; empty unless that comes before conscription.
    minors: Buckets<PersonId>,
    /// Next offence of persons who have one before the freeze, by year step.
    clocks: Buckets<Clock>,
    /// Those who are to be made officers, by year step.
    commissions: Buckets<PersonId>,
    /// Reviews that will move a class unless the file has a new entry before, by year step.
    pending: Buckets<Pending>,
    /// Those whose sentence ends, by year step.
    releases: Buckets<PersonId>,
    /// Newborns whose class is decided when the year's files are read.
    unread: Vec<PersonId>,
    /// Weddings of the year, one of the couple an offender.
    with_offender: Vec<MarriageId>,
    /// Informers of the neighbourhood units.
    informers: neighbourhood::Informers,
    /// Draws by purpose.
    draws: ControlDraws,
    /// Acts so far: the number of the last one.
    acts: u32,
}

impl Control {
    /// Nothing has happened yet; for `steps` years.
    pub(crate) fn new(seed: Seed, params: &ControlParams, steps: usize) -> Self {
        Self {
            files: Files::new(params, steps),
            entries: Column::new(),
            worst_child: Column::new(),
            rows: Vec::with_capacity(steps),
            youths: Buckets::new(steps),
            minors: Buckets::new(steps),
            clocks: Buckets::new(steps),
            commissions: Buckets::new(steps),
            pending: Buckets::new(steps),
            releases: Buckets::new(steps),
            unread: Vec::new(),
            with_offender: Vec::new(),
            informers: neighbourhood::Informers::new(&params.neighbourhood),
            draws: ControlDraws::new(seed),
            acts: 0,
        }
    }

    /// Keeps a wedding for the officer whom it takes off the track.
    pub(crate) fn marries_offender(&mut self, marriage: MarriageId) {
        self.with_offender.push(marriage);
    }

    /// Puts down the subcategories of children whose rows begin with `first`, and those among them, by number, whose class is not settled.
    pub(crate) fn enter(&mut self, first: usize, lines: &[Origin], unread: &[usize]) {
        self.files.origin.as_mut_vec().extend_from_slice(lines);
        self.unread.extend(unread.iter().map(|number| PersonId::from_row(first + number)));
    }
}

/// The stages of this part, for one year: for callers that do not walk the whole schedule.
pub(crate) fn year(history: &mut History<'_>, year: usize, pool: &exitvoice_core::parallel::Pool) {
    come_of_age(history, year, pool);
    offences(history, year, pool);
    reviews(history, year, pool);
}
