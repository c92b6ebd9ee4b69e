//! A checked binary container: named sections, little-endian, 64-byte aligned, a BLAKE3 hash over every byte.
//!
//! ```text
//! 0    magic "EVSECTN1"         16   length of the file, u64     64   BLAKE3 of header (this field zero) and table
//! 8    format of this layout    32   content key, 32 bytes      128   table: name 48, offset u64, length u64, BLAKE3 32
//! 12   number of sections       24, 96..128 zero                      then the sections, each from a multiple of 64 on
//! ```
//!
//! The table's hash covers the sections' hashes, gaps must be zero and offsets are those of the writer, so every flipped bit and
//! every truncation is found. The key says what the content was computed from; a file with another key is foreign, never used.

use super::vfs::{IoError, Vfs, write_atomically};
use exitvoice_core::parallel::Pool;
use std::ops::Range;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"EVSECTN1";
/// Version of the layout; a file of another version is rebuilt.
pub const LAYOUT: u32 = 1;
const ALIGN: usize = 64;
const HEADER: usize = 128;
const ROOT: Range<usize> = 64..96;
const NAME: usize = 48;
const ENTRY: usize = 96;
/// More sections than any file of ours has; a larger count is damage, refused before anything is sized by it.
const MOST_SECTIONS: usize = 4_096;
/// Longest file that is read, in bytes.
const LONGEST: u64 = 16 << 30;

/// What a content was computed from, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

/// Lower-case hexadecimal digits of some bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// A container cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// It cannot be read at all.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It does not begin as a container does.
    #[error("EV0720: `{}` is not a section file of exitvoice", path.display())]
    NotAContainer {
        /// The file.
        path: PathBuf,
    },
    /// A layout of another version.
    #[error("EV0721: `{}` has layout {found}; this version reads layout {LAYOUT}: it must be built again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: u32,
    },
    /// A hash or length does not fit.
    #[error("EV0722: `{}` is damaged: its part `{section}` is not as it was written", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// "header", or the section's name.
        section: String,
    },
    /// Whole, but computed from something else.
    #[error("EV0723: `{}` belongs to other input: its key is {found}, expected {expected}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its key.
        found: String,
        /// The key asked for.
        expected: String,
    },
    /// A section that the reader needs is absent or has another length than its type.
    #[error("EV0724: `{}` has no section `{section}` of the type asked for", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The section's name.
        section: String,
    },
}

impl SectionError {
    /// Exit code of the contract: 65 for a damaged file, 74 where it cannot be read.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        if let Self::Io(error) = self { error.exit_code() } else { 65 }
    }
}

/// A number as it stands in a file: little-endian, without padding.
pub trait Little: Copy + Send + Sync {
    /// Bytes of one number.
    const BYTES: usize;
    /// Appends the number.
    fn put(self, to: &mut Vec<u8>);
    /// Reads a number from exactly [`Little::BYTES`] bytes.
    fn get(from: &[u8]) -> Self;
}

macro_rules! little {
    ($($number:ty),*) => {$(
        impl Little for $number {
            const BYTES: usize = size_of::<$number>();
            fn put(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }
            fn get(from: &[u8]) -> Self {
                Self::from_le_bytes(from.try_into().expect("the caller cuts chunks of this length"))
            }
        }
    )*};
}
little!(u8, u16, u32, u64, i8, i16, i32, i64, f64);

/// A column as the bytes of a section.
#[must_use]
pub fn to_bytes<T: Little>(column: &[T]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(column.len() * T::BYTES);
    column.iter().for_each(|value| value.put(&mut bytes));
    bytes
}

/// The verified sections of a container.
#[derive(Clone, Debug)]
pub struct Sections {
    path: PathBuf,
    content: Vec<u8>,
    table: Vec<(String, Range<usize>)>,
}

impl Sections {
    /// Names in file order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.table.iter().map(|(name, _)| name.as_str())
    }

    /// Bytes of a section.
    ///
    /// # Errors
    /// There is no such section.
    pub fn bytes(&self, name: &str) -> Result<&[u8], SectionError> {
        let found = self.table.iter().find(|(n, _)| n == name);
        found.map(|(_, range)| &self.content[range.clone()]).ok_or_else(|| self.missing(name))
    }

    /// A section as a column of numbers.
    ///
    /// # Errors
    /// There is no such section, or its length is not a multiple of the number's.
    pub fn column<T: Little>(&self, name: &str) -> Result<Vec<T>, SectionError> {
        let bytes = self.bytes(name)?;
        if bytes.len() % T::BYTES != 0 {
            return Err(self.missing(name));
        }
        Ok(bytes.chunks_exact(T::BYTES).map(T::get).collect())
    }

    fn missing(&self, name: &str) -> SectionError {
        SectionError::Missing { path: self.path.clone(), section: name.to_owned() }
    }
}

/// Writes a container atomically.
///
/// # Errors
/// The file cannot be written.
///
/// # Panics
/// A name is empty, longer than 48 bytes or given twice, or there are more than 4,096 sections: bugs of ours.
pub fn write(vfs: &dyn Vfs, path: &Path, key: &Key, sections: &[(&str, &[u8])], pool: &Pool) -> Result<(), IoError> {
    let head = head(key, sections, pool);
    let zeros = [0_u8; ALIGN];
    let mut parts: Vec<&[u8]> = vec![&head];
    for (index, (_, bytes)) in sections.iter().enumerate() {
        parts.push(bytes);
        if index + 1 < sections.len() {
            parts.push(&zeros[..bytes.len().next_multiple_of(ALIGN) - bytes.len()]);
        }
    }
    write_atomically(vfs, path, &parts)
}

/// A whole container in memory, for fixtures that are embedded into the program.
///
/// # Panics
/// As [`write`].
#[must_use]
pub fn to_container(key: &Key, sections: &[(&str, &[u8])], pool: &Pool) -> Vec<u8> {
    let mut content = head(key, sections, pool);
    for (_, bytes) in sections {
        content.resize(content.len().next_multiple_of(ALIGN), 0);
        content.extend_from_slice(bytes);
    }
    content
}

/// Reads a container, verifies every byte, and refuses one with another key.
///
/// # Errors
/// The file is absent, unreadable, damaged, of another layout, or foreign.
pub fn read(vfs: &dyn Vfs, path: &Path, expected: &Key, pool: &Pool) -> Result<Sections, SectionError> {
    parse(path, vfs.read(path, LONGEST)?, expected, pool)
}

/// As [`read`] for content already in memory; `path` names it in errors.
///
/// # Errors
/// The content is damaged, of another layout, or foreign.
pub fn parse(path: &Path, content: Vec<u8>, expected: &Key, pool: &Pool) -> Result<Sections, SectionError> {
    let corrupt = |section: &str| SectionError::Corrupt { path: path.to_owned(), section: section.to_owned() };
    let header_is_damaged = || corrupt("header");
    if !content.starts_with(MAGIC) {
        return Err(SectionError::NotAContainer { path: path.to_owned() });
    }
    if content.len() < HEADER {
        return Err(header_is_damaged());
    }
    let layout = u32::get(&content[8..12]);
    if layout != LAYOUT {
        return Err(SectionError::Format { path: path.to_owned(), found: layout });
    }
    let count = u32::get(&content[12..16]) as usize;
    let head_length = (HEADER + count.min(MOST_SECTIONS) * ENTRY).next_multiple_of(ALIGN);
    let length_fits = u64::get(&content[16..24]) == content.len() as u64;
    if count > MOST_SECTIONS || content.len() < head_length || !length_fits {
        return Err(header_is_damaged());
    }
    let mut head = content[..head_length].to_vec();
    head[ROOT].fill(0);
    if hash(&head, pool) != content[ROOT] {
        return Err(header_is_damaged());
    }
    if content[32..64] != expected.0 {
        let found = hex(&content[32..64]);
        return Err(SectionError::Foreign { path: path.to_owned(), found, expected: expected.hex() });
    }
    let table = table(&content, count, head_length).ok_or_else(header_is_damaged)?;
    for (index, (name, range)) in table.iter().enumerate() {
        let entry = HEADER + index * ENTRY;
        let gap = table.get(index + 1).map_or(range.end, |(_, next)| next.start);
        let gap_is_zero = content[range.end..gap].iter().all(|b| *b == 0);
        if !gap_is_zero || hash(&content[range.clone()], pool) != content[entry + 64..entry + ENTRY] {
            return Err(corrupt(name));
        }
    }
    Ok(Sections { path: path.to_owned(), content, table })
}

/// Names and ranges, where they are those that the writer would have chosen.
fn table(content: &[u8], count: usize, head_length: usize) -> Option<Vec<(String, Range<usize>)>> {
    let mut table = Vec::with_capacity(count);
    let mut end = head_length;
    for index in 0..count {
        let entry = &content[HEADER + index * ENTRY..HEADER + (index + 1) * ENTRY];
        let name = std::str::from_utf8(&entry[..NAME]).ok()?.trim_end_matches('\0').to_owned();
        let start = end.next_multiple_of(ALIGN);
        let length = usize::try_from(u64::get(&entry[56..64])).ok()?;
        end = start.checked_add(length)?;
        if u64::get(&entry[48..56]) != start as u64 || end > content.len() {
            return None;
        }
        table.push((name, start..end));
    }
    (end == content.len()).then_some(table)
}

fn head(key: &Key, sections: &[(&str, &[u8])], pool: &Pool) -> Vec<u8> {
    assert!(sections.len() <= MOST_SECTIONS, "a container has at most {MOST_SECTIONS} sections");
    let length = (HEADER + sections.len() * ENTRY).next_multiple_of(ALIGN);
    let mut head = Vec::with_capacity(length);
    head.extend_from_slice(MAGIC);
    LAYOUT.put(&mut head);
    (sections.len() as u32).put(&mut head);
    head.resize(32, 0);
    head.extend_from_slice(&key.0);
    head.resize(HEADER, 0);
    let mut end = length;
    for (index, (name, bytes)) in sections.iter().enumerate() {
        assert!(!name.is_empty() && name.len() <= NAME && !name.contains('\0'), "`{name}` is no name of a section");
        assert!(sections[..index].iter().all(|(other, _)| other != name), "section `{name}` is given twice");
        let start = end.next_multiple_of(ALIGN);
        head.extend_from_slice(name.as_bytes());
        head.resize(HEADER + index * ENTRY + NAME, 0);
        (start as u64).put(&mut head);
        (bytes.len() as u64).put(&mut head);
        head.extend_from_slice(&hash(bytes, pool));
        end = start + bytes.len();
    }
    head.resize(length, 0);
    head[16..24].copy_from_slice(&(end as u64).to_le_bytes());
    let root = hash(&head, pool);
    head[ROOT].copy_from_slice(&root);
    head
}

/// BLAKE3 on all threads of the pool; the same for any number of them.
#[must_use]
pub fn hash(bytes: &[u8], pool: &Pool) -> [u8; 32] {
    /// Below this many bytes one thread is quicker.
    const SMALL: usize = 1 << 18;
    if bytes.len() < SMALL || pool.threads() == 1 {
        return *blake3::hash(bytes).as_bytes();
    }
    pool.install(|| *blake3::Hasher::new().update_rayon(bytes).finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::FaultVfs;

    const KEY: Key = Key([7; 32]);

    fn pool() -> Pool {
        Pool::new(2).expect("two threads")
    }

    fn small() -> Vec<u8> {
        let ages: Vec<u32> = (0..700).collect();
        let shares: Vec<f64> = (0..37).map(|i| f64::from(i) / 37.0).collect();
        let sections: [(&str, &[u8]); 4] =
            [("age", &to_bytes(&ages)), ("none", &[]), ("share", &to_bytes(&shares)), ("word", b"synthetic")];
        to_container(&KEY, &sections, &pool())
    }

    fn file() -> &'static Path {
        Path::new("cache/test.extract")
    }

    #[test]
    fn what_was_written_is_read_back() {
        let vfs = FaultVfs::new();
        vfs.create_folder(Path::new("cache")).expect("made");
        let ages: Vec<u32> = (0..200_000).collect();
        let sections: [(&str, &[u8]); 3] = [("age", &to_bytes(&ages)), ("sex", &[0, 1, 1]), ("none", &[])];
        write(&vfs, file(), &KEY, &sections, &pool()).expect("written");
        assert_eq!(vfs.read(file(), LONGEST).expect("there"), to_container(&KEY, &sections, &pool()));
        let read = read(&vfs, file(), &KEY, &pool()).expect("whole");
        assert_eq!(read.names().collect::<Vec<_>>(), ["age", "sex", "none"]);
        assert_eq!(read.column::<u32>("age").expect("a column"), ages);
        assert_eq!(read.bytes("sex").expect("bytes"), [0, 1, 1]);
        assert_eq!(read.column::<f64>("none").expect("empty"), Vec::<f64>::new());
        let missing = |e: SectionError| assert!(e.to_string().starts_with("EV0724"), "{e}");
        missing(read.bytes("height").expect_err("no such section"));
        missing(read.column::<u32>("sex").expect_err("three bytes are no u32"));
    }

    #[test]
    fn no_sections_at_all_is_a_container_too() {
        let content = to_container(&KEY, &[], &pool());
        assert_eq!(parse(file(), content, &KEY, &pool()).expect("whole").names().count(), 0);
    }

    #[test]
    fn every_flipped_bit_of_a_small_file_is_found_with_file_and_section() {
        let whole = small();
        assert!((3_000..4_096).contains(&whole.len()), "a file of about 4 kB: {}", whole.len());
        let pool = Pool::new(1).expect("a thread");
        assert!(parse(file(), whole.clone(), &KEY, &pool).is_ok());
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = parse(file(), flipped, &KEY, &pool).expect_err("damage is found");
            assert!(error.to_string().contains("test.extract"), "{error}");
            match bit / 8 {
                0..8 => assert!(matches!(error, SectionError::NotAContainer { .. }), "{error}"),
                8..12 => assert!(matches!(error, SectionError::Format { .. }), "{error}"),
                12..512 => assert!(matches!(&error, SectionError::Corrupt { section, .. } if section == "header")),
                _ => assert!(matches!(&error, SectionError::Corrupt { section, .. } if section != "header")),
            }
        }
    }

    #[test]
    fn every_truncation_and_every_addition_is_found() {
        let whole = small();
        let pool = Pool::new(1).expect("a thread");
        for length in 0..whole.len() {
            assert!(parse(file(), whole[..length].to_vec(), &KEY, &pool).is_err(), "cut to {length}");
        }
        for more in [1, 63, 64] {
            let mut longer = whole.clone();
            longer.resize(whole.len() + more, 0);
            assert!(parse(file(), longer, &KEY, &pool).is_err(), "{more} bytes more");
        }
    }

    #[test]
    fn a_file_with_another_key_is_foreign_and_says_whose_it_is() {
        let error = parse(file(), small(), &Key([8; 32]), &pool()).expect_err("another key");
        assert!(error.to_string().starts_with("EV0723"), "{error}");
        assert!(error.to_string().contains(&KEY.hex()), "{error}");
        assert_eq!(error.exit_code(), 65);
    }

    #[test]
    fn a_file_that_was_never_one_of_ours_is_refused_without_sizing_anything_by_it() {
        let pool = pool();
        let code =
            |content: Vec<u8>| parse(file(), content, &KEY, &pool).expect_err("refused").to_string()[..6].to_owned();
        assert_eq!(code(b"PAR1 some parquet".to_vec()), "EV0720");
        let mut later = small();
        later[8] = 2;
        assert_eq!(code(later), "EV0721");
        let mut huge = small();
        huge[12..16].fill(0xff);
        assert_eq!(code(huge), "EV0722");
    }

    #[test]
    fn the_hash_does_not_depend_on_the_number_of_threads() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
        let one = hash(&bytes, &Pool::new(1).expect("a thread"));
        assert_eq!(one, hash(&bytes, &Pool::new(3).expect("three threads")));
        assert_eq!(one, *blake3::hash(&bytes).as_bytes());
    }
}
