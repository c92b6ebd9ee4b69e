//! Typed row ids: no arithmetic, no conversion from a bare integer; only a table makes one.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZeroU32;

/// Row of a table of kind `K`. Four bytes, also as `Option<Id<K>>`. In-process only: files carry 64-bit keys instead.
pub struct Id<K>(NonZeroU32, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// Row number counted from zero.
    #[inline]
    #[must_use]
    pub const fn row(self) -> usize {
        self.0.get() as usize - 1
    }

    /// Id of row `row`; for tables only, which know that the row exists.
    ///
    /// # Panics
    /// If `row` is `u32::MAX` or more: tables hold fewer than 2^32 - 1 rows.
    #[inline]
    #[must_use]
    pub fn from_row(row: usize) -> Self {
        let number = u32::try_from(row + 1).expect("tables hold fewer than 2^32 - 1 rows");
        Self(NonZeroU32::new(number).expect("row + 1 is at least one"), PhantomData)
    }

    /// Stored form of an optional id: 0 for none, row + 1 otherwise.
    #[must_use]
    pub fn encode(id: Option<Self>) -> u32 {
        id.map_or(0, |i| i.0.get())
    }

    /// Reads the stored form; the caller checks that the row exists.
    #[must_use]
    pub fn decode(stored: u32) -> Option<Self> {
        NonZeroU32::new(stored).map(|n| Self(n, PhantomData))
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.row())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    #[test]
    fn an_optional_id_takes_four_bytes_and_survives_encoding() {
        assert_eq!(size_of::<Option<Id<Thing>>>(), 4);
        for row in [0, 1, 41, 4_000_000_000] {
            let id: Id<Thing> = Id::from_row(row);
            assert_eq!(id.row(), row);
            assert_eq!(format!("{id:?}"), format!("#{row}"));
            assert_eq!(Id::decode(Id::encode(Some(id))), Some(id));
        }
        assert_eq!(Id::<Thing>::decode(0), None);
    }
}
