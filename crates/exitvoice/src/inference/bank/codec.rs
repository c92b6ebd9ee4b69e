//! Simulations as bytes, exactly: numbers come back bit for bit.
//!
//! Counts are written as variable-length integers, 7 bits a byte, small numbers first; signed ones with their sign in the lowest bit; levels
//! as differences from the day before. A simulated deployment of 205 days takes about 12 kB.

use crate::answers::Truth;
use crate::inference::Kept;
use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;
use exitvoice_record::{Departure, DepartureKind, Expected, ExpectedDeparture, STATUSES, Trajectory};

/// What a bank on disk can hold.
pub(crate) trait Storable: Sized {
    /// Appends the value.
    fn put(&self, to: &mut Writer);
    /// Reads a value; `None` where the bytes are not those of one.
    fn take(from: &mut Reader<'_>) -> Option<Self>;

    /// The value alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer(Vec::new());
        self.put(&mut writer);
        writer.0
    }

    /// A value that takes all of some bytes.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let found = Self::take(&mut reader)?;
        reader.0.is_empty().then_some(found)
    }
}

/// Bytes that grow.
pub(crate) struct Writer(Vec<u8>);

/// Bytes that are read from the front.
pub(crate) struct Reader<'a>(&'a [u8]);

/// Fewest bytes of a departure: day, size and kind; and of an expected one, which has a rate and a day of arrival, too.
const LEAST_DEPARTURE: usize = 3;
const LEAST_EXPECTED: usize = LEAST_DEPARTURE + size_of::<f64>() + 1;

/// Bits of a byte that belong to the number; the highest says that more follow.
const BITS: u32 = 7;

impl Writer {
    fn whole(&mut self, mut x: u64) {
        while x >> BITS > 0 {
            self.0.push((x & 0x7f) as u8 | 0x80);
            x >>= BITS;
        }
        self.0.push(x as u8);
    }

    fn signed(&mut self, x: i64) {
        self.whole((x << 1 ^ x >> 63) as u64);
    }

    /// A number, bit for bit.
    pub(crate) fn number(&mut self, x: f64) {
        self.0.extend_from_slice(&x.to_bits().to_le_bytes());
    }

    fn counts(&mut self, column: &[i32]) {
        column.iter().for_each(|x| self.signed(i64::from(*x)));
    }

    fn numbers(&mut self, column: &[f64]) {
        self.whole(column.len() as u64);
        column.iter().for_each(|x| self.number(*x));
    }
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn whole(&mut self) -> Option<u64> {
        let mut x = 0_u64;
        for shift in (0..u64::BITS).step_by(BITS as usize) {
            let byte = self.byte()?;
            x |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(x);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let x = self.whole()?;
        Some((x >> 1) as i64 ^ -((x & 1) as i64))
    }

    fn day(&mut self) -> Option<u32> {
        u32::try_from(self.whole()?).ok()
    }

    /// A number, bit for bit.
    pub(crate) fn number(&mut self) -> Option<f64> {
        let (first, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(f64::from_bits(u64::from_le_bytes(*first)))
    }

    /// How many things follow, each of `least` bytes or more: no more than the bytes can hold.
    fn count(&mut self, least: usize) -> Option<usize> {
        usize::try_from(self.whole()?).ok().filter(|n| n.saturating_mul(least) <= self.0.len())
    }

    /// Fills a column.
    fn counts(&mut self, column: &mut [i32]) -> Option<()> {
        for slot in column {
            *slot = i32::try_from(self.signed()?).ok()?;
        }
        Some(())
    }

    /// So many things as are announced, each of `least` bytes or more, in memory that is taken once: it grows no further, and no page of it is
    /// touched twice.
    fn several<T>(&mut self, least: usize, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count(least)?;
        let mut found = Vec::with_capacity(count);
        for _ in 0..count {
            found.push(one(self)?);
        }
        Some(found)
    }

    fn numbers(&mut self) -> Option<Vec<f64>> {
        self.several(size_of::<f64>(), Self::number)
    }
}

/// Columns of a trajectory, in the order of the file.
const fn columns(t: &mut Trajectory) -> [&mut Vec<i32>; COLUMNS] {
    [
        &mut t.sent,
        &mut t.present,
        &mut t.returned,
        &mut t.incidents,
        &mut t.killed,
        &mut t.incidents_first,
        &mut t.killed_first,
        &mut t.sent_first,
        &mut t.custody,
        &mut t.capture_opportunities,
        &mut t.surrendered,
        &mut t.reached,
        &mut t.attempted,
        &mut t.failed,
    ]
}
const COLUMNS: usize = 14;

const fn kind_code(kind: DepartureKind) -> u64 {
    match kind {
        DepartureKind::Desertion => 0,
        DepartureKind::Absence => 1,
    }
}

/// Kind and place in one number: two flags, and `more` above them.
fn put_kind(to: &mut Writer, kind: DepartureKind, at_front: bool, more: u64) {
    to.whole(kind_code(kind) | u64::from(at_front) << 1 | more << 2);
}

fn take_kind(from: &mut Reader<'_>) -> Option<(DepartureKind, bool, u64)> {
    let x = from.whole()?;
    let kind = if x & 1 == 0 { DepartureKind::Desertion } else { DepartureKind::Absence };
    Some((kind, x & 2 != 0, x >> 2))
}

impl Storable for Departure {
    fn put(&self, to: &mut Writer) {
        to.whole(u64::from(self.day));
        to.whole(u64::from(self.size));
        let outcome = self.outcome.map_or(0, |(_, reached)| 1 + u64::from(reached));
        put_kind(to, self.kind, self.at_front, outcome);
        if let Some((day, _)) = self.outcome {
            to.whole(u64::from(day));
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let (day, size) = (from.day()?, from.day()?);
        let (kind, at_front, outcome) = take_kind(from)?;
        let outcome = match outcome {
            0 => None,
            1 | 2 => Some((from.day()?, outcome == 2)),
            _ => return None,
        };
        Some(Self { day, size, kind, at_front, outcome })
    }
}

impl Storable for Trajectory {
    fn put(&self, to: &mut Writer) {
        to.signed(i64::from(self.day_zero.0));
        to.whole(u64::from(self.days));
        to.number(self.capture_alive.value());
        // Writing needs no change, but one list of columns serves both ways.
        columns(&mut self.clone()).iter().for_each(|column| to.counts(column));
        to.whole(self.departures.len() as u64);
        self.departures.iter().for_each(|d| d.put(to));
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let day_zero = Day(i32::try_from(from.signed()?).ok()?);
        let days = from.count(COLUMNS)?;
        let alive = Probability::new(from.number()?).ok()?;
        let mut out = Self::quiet(day_zero, days as u32, alive);
        for column in columns(&mut out) {
            from.counts(column)?;
        }
        out.departures = from.several(LEAST_DEPARTURE, Departure::take)?;
        Some(out)
    }
}

impl Storable for Expected {
    fn put(&self, to: &mut Writer) {
        // Few different probabilities occur.
        let mut chances: Vec<u64> = Vec::new();
        let mut place = |chance: f64| {
            chances.iter().position(|c| *c == chance.to_bits()).unwrap_or_else(|| {
                chances.push(chance.to_bits());
                chances.len() - 1
            })
        };
        let places: Vec<usize> = self.departures.iter().map(|d| place(d.success)).collect();
        to.numbers(&chances.iter().map(|c| f64::from_bits(*c)).collect::<Vec<_>>());
        to.whole(self.departures.len() as u64);
        for (d, place) in self.departures.iter().zip(places) {
            to.whole(u64::from(d.day));
            to.whole(u64::from(d.size));
            put_kind(to, d.kind, d.at_front, place as u64);
            to.number(d.rate);
            to.signed(i64::from(d.arrives) - i64::from(d.day));
        }
        to.numbers(&self.captures);
        to.numbers(&self.surrenders);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let chances = from.numbers()?;
        let departures = from.several(LEAST_EXPECTED, |from| {
            let (day, size) = (from.day()?, from.day()?);
            let (kind, at_front, place) = take_kind(from)?;
            let success = *chances.get(usize::try_from(place).ok()?)?;
            let rate = from.number()?;
            let arrives = u32::try_from(i64::from(day) + from.signed()?).ok()?;
            Some(ExpectedDeparture { day, size, kind, at_front, rate, success, arrives })
        })?;
        Some(Self { departures, captures: from.numbers()?, surrenders: from.numbers()? })
    }
}

impl Storable for Kept {
    fn put(&self, to: &mut Writer) {
        self.truth.trajectory.put(to);
        to.whole(self.truth.heads.len() as u64);
        let mut before = [0; STATUSES.len()];
        for heads in &self.truth.heads {
            for (now, before) in heads.iter().zip(&before) {
                to.signed(i64::from(*now) - i64::from(*before));
            }
            before = *heads;
        }
        to.whole(u64::from(self.advance_party) | u64::from(self.expected.is_some()) << 1);
        if let Some(expected) = &self.expected {
            expected.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let trajectory = Trajectory::take(from)?;
        let mut before = [0_u32; STATUSES.len()];
        let heads = from.several(STATUSES.len(), |from| {
            for slot in &mut before {
                *slot = u32::try_from(i64::from(*slot) + from.signed()?).ok()?;
            }
            Some(before)
        })?;
        let flags = from.whole()?;
        if flags > 3 {
            return None;
        }
        let expected = if flags & 2 != 0 { Some(Expected::take(from)?) } else { None };
        Some(Self { truth: Truth { trajectory, heads }, expected, advance_party: flags & 1 != 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(days: u32, seed: u64) -> Kept {
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            state >> 33
        };
        let mut trajectory = Trajectory::quiet(Day(-3), days, Probability::new(0.25).expect("a share"));
        trajectory.incidents.iter_mut().for_each(|x| *x = next() as i32);
        trajectory.present.iter_mut().for_each(|x| *x = -(next() as i32));
        let mut departures = Vec::new();
        for day in 0..days {
            let (size, at_front) = (next() as u32, next() % 2 == 0);
            let kind = if next() % 2 == 0 { DepartureKind::Desertion } else { DepartureKind::Absence };
            let outcome = (next() % 2 == 0).then(|| (next() as u32, next() % 2 == 0));
            trajectory.departures.push(Departure { day, size, kind, at_front, outcome });
            let (rate, success) = (f64::from_bits(next()), [0.0, 0.3][next() as usize % 2]);
            let arrives = next() as u32 % 300;
            departures.push(ExpectedDeparture { day, size, kind, at_front, rate, success, arrives });
        }
        let heads = (0..days).map(|_| std::array::from_fn(|_| next() as u32)).collect();
        let captures = (0..days).map(|_| 1.0 / (next() as f64 + 1.0)).collect();
        let expected = (!seed.is_multiple_of(3)).then_some(Expected { departures, captures, surrenders: Vec::new() });
        Kept { truth: Truth { trajectory, heads }, expected, advance_party: seed % 2 == 1 }
    }

    fn same(a: &Kept, b: &Kept) -> bool {
        a.truth.trajectory == b.truth.trajectory
            && a.truth.heads == b.truth.heads
            && a.expected == b.expected
            && a.advance_party == b.advance_party
    }

    #[test]
    fn a_simulation_comes_back_bit_for_bit_and_a_cut_one_does_not() {
        for seed in 0..200_u64 {
            let whole = kept(seed as u32 % 40, seed);
            let bytes = whole.to_bytes();
            assert!(same(&Kept::from_bytes(&bytes).expect("readable"), &whole), "{seed}");
            assert!(Kept::from_bytes(&bytes[..bytes.len() - 1]).is_none(), "{seed}");
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_and_never_size_memory() {
        // Counts are bounded by the bytes that follow, so reading returns at once whatever the bytes say.
        let whole = kept(9, 5).to_bytes();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Some(found) = Kept::from_bytes(&flipped) {
                assert!(found.truth.heads.len() <= whole.len());
            }
        }
        assert!(Kept::from_bytes(&[0xff; 40]).is_none());
    }

    #[test]
    fn whole_and_signed_numbers_come_back() {
        for shift in 0..64 {
            for x in [1_u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let mut writer = Writer(Vec::new());
                writer.whole(x);
                writer.signed(x as i64);
                writer.signed((x as i64).wrapping_neg());
                let mut reader = Reader(&writer.0);
                let read = (reader.whole(), reader.signed(), reader.signed());
                assert_eq!(read, (Some(x), Some(x as i64), Some((x as i64).wrapping_neg())));
            }
        }
    }
}
