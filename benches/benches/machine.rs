//! Fixed pieces of work of which a history consists, beside what such work cost on the machine that the limits of the country were set on
//! (docs/adr/0023; measured there by other programs). Seconds of a history mean little without them: hosts differ, and one host from hour to hour.
//! `cargo bench --manifest-path benches/Cargo.toml --bench machine`

use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use std::hint::black_box;
use std::time::Instant;

/// Rows of a country's living.
const ROWS: usize = 26_000_000;
/// Look-ups of a measurement.
const LOOKUPS: usize = 8_000_000;
const CHAINED: usize = 1_000_000;
const CALLS: usize = 8_000_000;
const KEYS: usize = 250_000;
/// Measurements of a piece; the median is told.
const TIMES: usize = 7;

/// A piece: what it is, its unit, its cost here and on the reference machine.
struct Piece {
    what: &'static str,
    unit: &'static str,
    here: f64,
    reference: f64,
}

/// Median seconds of a piece of work; `ready` makes what it works on and is not timed.
fn seconds<T>(mut ready: impl FnMut() -> T, mut work: impl FnMut(&mut T)) -> f64 {
    let mut found: Vec<f64> = (0..TIMES)
        .map(|_| {
            let mut on = ready();
            let began = Instant::now();
            work(&mut on);
            let took = began.elapsed().as_secs_f64();
            black_box(on);
            took
        })
        .collect();
    found.sort_by(f64::total_cmp);
    found[TIMES / 2]
}

/// A sequence that no prefetcher knows (splitmix64).
fn scattered(i: u64) -> u64 {
    let mut z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn row(i: u64) -> usize {
    ((u128::from(scattered(i)) * ROWS as u128) >> 64) as usize
}

/// Seconds of a pass that reads, changes and writes every row, by so many threads.
fn pass(threads: usize) -> f64 {
    let mut rows = vec![1_u64; ROWS];
    seconds(
        || (),
        |()| {
            std::thread::scope(|scope| {
                for part in rows.chunks_mut(ROWS.div_ceil(threads)) {
                    scope.spawn(move || part.iter_mut().for_each(|row| *row = row.wrapping_mul(3)));
                }
            });
            black_box(rows.as_slice());
        },
    )
}

/// Seconds of a look-up whose row does not depend on the one before, by so many threads.
fn look_up(rows: &[u64], threads: usize) -> f64 {
    let indices: Vec<u32> = (0..LOOKUPS as u64).map(|i| row(i) as u32).collect();
    let work = |()| {
        std::thread::scope(|scope| {
            for part in indices.chunks(LOOKUPS.div_ceil(threads)) {
                scope.spawn(move || {
                    let sum = part.iter().fold(0_u64, |sum, i| sum.wrapping_add(rows[*i as usize]));
                    black_box(sum);
                });
            }
        });
    };
    seconds(|| (), |()| work(())) / LOOKUPS as f64
}

/// Seconds of a look-up that has to wait for the one before, the arithmetic of the next index included. Each measurement walks another path.
fn chained(rows: &[u64]) -> f64 {
    let mut first = 0;
    let mut work = |()| {
        let mut at = 0;
        first += CHAINED as u64;
        for i in first..first + CHAINED as u64 {
            at = row(rows[at].wrapping_add(i));
        }
        black_box(at);
    };
    seconds(|| (), |()| work(())) / CHAINED as f64
}

/// Seconds of a call, for arguments in (0, 1).
fn call(f: impl Fn(f64) -> f64) -> f64 {
    let at: [f64; 1024] = std::array::from_fn(|i| (i as f64 + 0.5) / 1024.0);
    let work = |()| {
        let at = black_box(&at);
        let sum: f64 = (0..CALLS).map(|i| f(at[i % 1024])).sum();
        black_box(sum);
    };
    seconds(|| (), |()| work(())) / CALLS as f64
}

fn draw() -> f64 {
    let draws = Draws::new(black_box(Seed(1)), Purpose::Test);
    let work = |()| {
        let sum: f64 = (0..CALLS as u64).map(|i| draws.uniform(i, 0)).sum();
        black_box(sum);
    };
    seconds(|| (), |()| work(())) / CALLS as f64
}

fn sort() -> f64 {
    let keys = || (0..KEYS as u64).map(scattered).collect::<Vec<u64>>();
    seconds(keys, |keys| keys.sort_unstable())
}

fn main() {
    let piece = |what, unit, here, reference| Piece { what, unit, here, reference };
    let rows: Vec<u64> = (0..ROWS as u64).map(scattered).collect();
    let pieces = [
        piece("look-up of 8 bytes in 26 M rows, one thread", "ns", 1e9 * look_up(&rows, 1), 10.9),
        piece("look-up of 8 bytes in 26 M rows, two threads", "ns", 1e9 * look_up(&rows, 2), 5.5),
        piece("look-up that waits for the one before", "ns", 1e9 * chained(&rows), 184.0),
        piece("read, change and write 26 M rows of 8 bytes", "ms", 1e3 * pass(1), 8.0),
        piece("the same, two threads", "ms", 1e3 * pass(2), 7.3),
        piece("sorting 250,000 keys", "ms", 1e3 * sort(), 7.0),
        piece("exp", "ns", 1e9 * call(math::exp), 11.0),
        piece("ln", "ns", 1e9 * call(math::ln), 9.0),
        piece("a draw of Philox", "ns", 1e9 * draw(), 11.0),
    ];
    println!("{:<48} {:>9} {:>9}     {:>5}", "piece", "here", "reference", "ratio");
    for Piece { what, unit, here, reference } in &pieces {
        println!("{what:<48} {here:>9.1} {reference:>9.1} {unit}  {:>5.2}", here / reference);
    }
}
