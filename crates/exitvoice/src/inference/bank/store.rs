//! Checked files of simulations. Knows seeds and bytes, neither problem nor sampler.

use crate::command::{Error, Event, Progress};
use crate::io::section_file::{self, Key, SectionError, Sections, to_bytes};
use crate::io::vfs::{IoError, Vfs};
use exitvoice_core::parallel::Pool;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Version of the bytes of a file; what those of another one hold is simulated again.
const CODEC: u32 = 2;

/// Simulations and scores, by the seeds that they were made with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment<T = Vec<u8>> {
    /// Parameters and what was simulated, as bytes or read, by seed of the simulation.
    pub(crate) simulations: BTreeMap<u64, (Vec<f64>, T)>,
    /// Parameters and log-likelihoods, by seed of the likelihood.
    pub(crate) scores: BTreeMap<u64, (Vec<f64>, f64)>,
}

impl<T> Default for Segment<T> {
    fn default() -> Self {
        Self { simulations: BTreeMap::new(), scores: BTreeMap::new() }
    }
}

impl<T: Send> Segment<T> {
    /// Whether it holds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.simulations.is_empty() && self.scores.is_empty()
    }

    fn parse(sections: &Sections, pool: &Pool, decode: impl Fn(&[u8]) -> Option<T> + Sync + Send) -> Option<Self> {
        let column = |name: &str| sections.column::<u64>(name).ok();
        let (seeds, lengths) = (column("seed")?, column("length")?);
        let theta = sections.column::<f64>("theta").ok()?;
        let mut truth = sections.bytes("truth").ok()?;
        let thetas = points(&theta, seeds.len())?;
        if lengths.len() != seeds.len() {
            return None;
        }
        let mut stored = Vec::with_capacity(seeds.len());
        for length in lengths {
            let (own, rest) = truth.split_at_checked(usize::try_from(length).ok()?)?;
            truth = rest;
            stored.push(own);
        }
        let read = pool.map(stored.len(), |i| decode(stored[i]));
        let found = seeds.iter().zip(thetas).zip(read);
        let simulations = found.filter_map(|((seed, theta), read)| Some((*seed, (theta, read?)))).collect();
        let (scored, scores) = (column("scored")?, sections.column::<f64>("score").ok()?);
        let at = sections.column::<f64>("at").ok()?;
        let found = points(&at, scored.len())?.zip(scores.iter().copied());
        let whole = truth.is_empty() && scored.len() == scores.len();
        whole.then(|| Self { simulations, scores: scored.iter().copied().zip(found).collect() })
    }
}

/// Rows of a matrix; `None` where its numbers do not make so many rows.
fn points(numbers: &[f64], rows: usize) -> Option<impl Iterator<Item = Vec<f64>> + '_> {
    let dimension = numbers.len().checked_div(rows).unwrap_or(0);
    (dimension * rows == numbers.len())
        .then(|| (0..rows).map(move |row| numbers[row * dimension..(row + 1) * dimension].to_vec()))
}

/// The files of one inference.
pub(crate) struct Store<'a> {
    vfs: &'a dyn Vfs,
    pool: &'a Pool,
    folder: PathBuf,
    identity: String,
    next: u32,
}

impl<'a> Store<'a> {
    /// The bank in a folder that exists; `identity` names everything its simulations and scores depend on. The caller holds the lock.
    pub(crate) fn new(vfs: &'a dyn Vfs, pool: &'a Pool, folder: &Path, identity: &str) -> Self {
        Self { vfs, pool, folder: folder.to_owned(), identity: identity.to_owned(), next: 0 }
    }

    fn key(&self, number: u32) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"exitvoice bank");
        hasher.update(&CODEC.to_le_bytes());
        hasher.update(&number.to_le_bytes());
        hasher.update(self.identity.as_bytes());
        Key(*hasher.finalize().as_bytes())
    }

    /// Everything that is whole, read by `decode` where it lies. A damaged or foreign file is named and removed: what it held is simulated
    /// again, and so is what `decode` cannot read.
    ///
    /// # Errors
    /// The file system refuses.
    pub(crate) fn load<T: Send>(
        &mut self,
        progress: &mut dyn Progress,
        decode: impl Fn(&[u8]) -> Option<T> + Sync + Send,
    ) -> Result<Segment<T>, Error> {
        let mut all = Segment::default();
        for entry in self.vfs.list(&self.folder)? {
            let Some(number) = number_of(entry.file_name()) else { continue };
            self.next = self.next.max(number + 1);
            match self.read(number, &decode) {
                Ok(found) => {
                    all.simulations.extend(found.simulations);
                    all.scores.extend(found.scores);
                }
                Err(SectionError::Io(error)) => return Err(error.into()),
                Err(error) => {
                    progress.event(Event::Warning(format!("{error}; its part of the bank is simulated again")));
                    self.vfs.remove(&entry.path)?;
                }
            }
        }
        Ok(all)
    }

    fn read<T: Send>(
        &self,
        number: u32,
        decode: impl Fn(&[u8]) -> Option<T> + Sync + Send,
    ) -> Result<Segment<T>, SectionError> {
        let path = self.path(number);
        let sections = section_file::read(self.vfs, &path, &self.key(number), self.pool)?;
        Segment::parse(&sections, self.pool, decode)
            .ok_or_else(|| SectionError::Corrupt { path, section: "truth".to_owned() })
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("bank-{number:06}.bin"))
    }

    /// Adds a file, durably.
    ///
    /// # Errors
    /// The file system refuses; no partial file then stands under the name.
    pub(crate) fn append(&mut self, segment: &Segment) -> Result<(), IoError> {
        let (mut lengths, mut theta, mut truth) = (Vec::new(), Vec::new(), Vec::new());
        for (at, bytes) in segment.simulations.values() {
            lengths.push(bytes.len() as u64);
            theta.extend_from_slice(at);
            truth.extend_from_slice(bytes);
        }
        let seeds: Vec<u64> = segment.simulations.keys().copied().collect();
        let scored: Vec<u64> = segment.scores.keys().copied().collect();
        let (mut at, mut scores) = (Vec::new(), Vec::new());
        for (theta, score) in segment.scores.values() {
            at.extend_from_slice(theta);
            scores.push(*score);
        }
        let sections: [(&str, &[u8]); 7] = [
            ("seed", &to_bytes(&seeds)),
            ("theta", &to_bytes(&theta)),
            ("length", &to_bytes(&lengths)),
            ("truth", &truth),
            ("scored", &to_bytes(&scored)),
            ("at", &to_bytes(&at)),
            ("score", &to_bytes(&scores)),
        ];
        section_file::write(self.vfs, &self.path(self.next), &self.key(self.next), &sections, self.pool)?;
        self.next += 1;
        Ok(())
    }
}

/// Number in the name of a file of the bank.
fn number_of(name: &str) -> Option<u32> {
    name.strip_prefix("bank-")?.strip_suffix(".bin")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Silent;
    use crate::io::fault::FaultVfs;

    fn segment(first: u64) -> Segment {
        let simulation = |i: u64| (i, (vec![i as f64, -1.5], vec![i as u8; (i % 5) as usize]));
        Segment {
            simulations: (first..first + 7).map(simulation).collect(),
            scores: (first..first + 6).map(|i| (i ^ 0xffff, (vec![0.5, i as f64], -(i as f64)))).collect(),
        }
    }

    fn as_is(bytes: &[u8]) -> Option<Vec<u8>> {
        Some(bytes.to_vec())
    }

    fn store<'a>(vfs: &'a FaultVfs, pool: &'a Pool) -> Store<'a> {
        vfs.create_folder(Path::new("s")).expect("made");
        Store::new(vfs, pool, Path::new("s"), "a run")
    }

    #[derive(Default)]
    struct Heard(Vec<String>);
    impl Progress for Heard {
        fn event(&mut self, event: Event) {
            if let Event::Warning(words) = event {
                self.0.push(words);
            }
        }
    }

    #[test]
    fn what_was_added_is_read_back_and_numbers_go_on() {
        let (vfs, pool) = (FaultVfs::new(), Pool::new(1).expect("a thread"));
        let mut first = store(&vfs, &pool);
        assert!(first.load(&mut Silent, as_is).expect("empty").is_empty());
        first.append(&segment(0)).expect("written");
        let mut second = store(&vfs, &pool);
        assert_eq!(second.load(&mut Silent, as_is).expect("whole"), segment(0));
        second.append(&segment(100)).expect("written");
        let all = store(&vfs, &pool).load(&mut Silent, as_is).expect("whole");
        assert_eq!((all.simulations.len(), all.scores.len()), (14, 12));
        // What cannot be read is left out, and its score stays.
        let read = |bytes: &[u8]| (bytes.len() > 1).then_some(bytes.len());
        let some = store(&vfs, &pool).load(&mut Silent, read).expect("whole");
        let lengths: Vec<usize> = some.simulations.values().map(|(_, length)| *length).collect();
        assert_eq!((lengths, some.scores.len()), (vec![2, 3, 4, 2, 3, 4], 12));
        let mut other = Store::new(&vfs, &pool, Path::new("s"), "another");
        assert!(other.load(&mut Silent, as_is).expect("another inference").is_empty());
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_found_named_and_leaves_the_rest() {
        let (vfs, pool) = (FaultVfs::new(), Pool::new(1).expect("a thread"));
        let mut bank = store(&vfs, &pool);
        bank.append(&segment(0)).expect("written");
        bank.append(&segment(100)).expect("written");
        let path = Path::new("s/bank-000001.bin");
        let whole = vfs.read(path, 1 << 20).expect("there");
        assert!((1_000..4_096).contains(&whole.len()), "{}", whole.len());
        let spoilt = |bytes: &[u8]| {
            vfs.put(path, bytes);
            let mut heard = Heard::default();
            let found = store(&vfs, &pool).load(&mut heard, as_is).expect("the rest is read");
            assert_eq!(found, segment(0));
            assert!(heard.0.len() == 1 && heard.0[0].contains("bank-000001.bin"), "{:?}", heard.0);
            assert!(vfs.entry(path).expect("readable").is_none(), "the damaged file is gone");
        };
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            spoilt(&flipped);
        }
        (0..whole.len()).for_each(|length| spoilt(&whole[..length]));
    }
}
