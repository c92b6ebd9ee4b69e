//! A column: one value per row of a table, indexed by that table's ids only.

use crate::id::Id;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// Values of type `T`, one for each row of kind `K`. Appended, never shortened: rows are not deleted or moved.
pub struct Column<K, T> {
    values: Vec<T>,
    kind: PhantomData<fn() -> K>,
}

impl<K, T> Column<K, T> {
    /// An empty column.
    #[must_use]
    pub const fn new() -> Self {
        Self { values: Vec::new(), kind: PhantomData }
    }

    /// An empty column with room for `capacity` rows.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { values: Vec::with_capacity(capacity), kind: PhantomData }
    }

    /// Takes over values that are already in row order.
    #[must_use]
    pub const fn from_vec(values: Vec<T>) -> Self {
        Self { values, kind: PhantomData }
    }

    /// Appends a row and returns its id.
    pub fn push(&mut self, value: T) -> Id<K> {
        let id = Id::from_row(self.values.len());
        self.values.push(value);
        id
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Values in row order.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.values
    }

    /// Values in row order, to be written in place.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The backing vector, for bulk appends in row order.
    pub const fn as_mut_vec(&mut self) -> &mut Vec<T> {
        &mut self.values
    }

    /// Ids of all rows, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<K>> + use<K, T> {
        (0..self.values.len()).map(Id::from_row)
    }
}

impl<K, T: Clone> Column<K, T> {
    /// A column of `rows` equal values.
    #[must_use]
    pub fn filled(rows: usize, value: T) -> Self {
        Self { values: vec![value; rows], kind: PhantomData }
    }
}

impl<K, T> Default for Column<K, T> {
    fn default() -> Self {
        Self::new()
    }
}
impl<K, T: Clone> Clone for Column<K, T> {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), kind: PhantomData }
    }
}
impl<K, T: std::fmt::Debug> std::fmt::Debug for Column<K, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.values.fmt(f)
    }
}
impl<K, T> Index<Id<K>> for Column<K, T> {
    type Output = T;
    #[inline]
    fn index(&self, id: Id<K>) -> &T {
        &self.values[id.row()]
    }
}
impl<K, T> IndexMut<Id<K>> for Column<K, T> {
    #[inline]
    fn index_mut(&mut self, id: Id<K>) -> &mut T {
        &mut self.values[id.row()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_and_numbered_in_order() {
        let mut column: Column<(), char> = Column::new();
        assert!(column.is_empty());
        let first = column.push('a');
        let second = column.push('b');
        assert_eq!((column.len(), column.is_empty(), column.as_slice()), (2, false, ['a', 'b'].as_slice()));
        assert_eq!(column.ids().collect::<Vec<_>>(), [first, second]);
        assert_eq!(Column::<(), u8>::filled(3, 7).as_slice(), [7, 7, 7]);
    }
}
