//! Crash points, full disks, flipped bits: whatever happens, the next process ends with the same bytes.

use super::*;
use crate::command::Silent;
use crate::io::fault::{Fault, FaultVfs, Remains};
use std::cell::Cell;

const IDENTITY: [u8; 32] = [3; 32];
const EXTENT: Extent = Extent { tasks: 5, per_block: 2 };

fn folder() -> &'static Path {
    Path::new("sweep/.state")
}

/// What a task gives: its square, longer than a sector, and one failure.
fn task(task: u64) -> Outcome {
    if task == 3 { Err("EV0764: this one fails".to_owned()) } else { Ok(vec![(task * task) as u8; 700]) }
}

fn reference() -> Vec<Outcome> {
    (0..EXTENT.tasks).map(task).collect()
}

/// One process: everything that is missing.
fn process(vfs: &FaultVfs, pool: &Pool, shard: Shard, computed: &Cell<u64>) -> Result<(), Error> {
    vfs.create_folder(folder())?;
    let store = Store::open(vfs, pool, folder(), IDENTITY, EXTENT, shard)?;
    let missing = store.missing(&mut Silent)?;
    let mut work = |tasks: Range<u64>| {
        computed.set(computed.get() + tasks.end - tasks.start);
        Ok(tasks.map(task).collect())
    };
    store.run(&missing, &Stop::default(), &mut work, &mut Silent)
}

fn found(vfs: &FaultVfs, pool: &Pool) -> Vec<Outcome> {
    let store = Store::open(vfs, pool, folder(), IDENTITY, EXTENT, Shard::WHOLE).expect("free");
    let all = (0..store.blocks()).map(|b| store.read(b).expect("whole").expect("done"));
    all.flatten().collect()
}

fn pool() -> Pool {
    Pool::new(1).expect("a thread")
}

fn begun() -> FaultVfs {
    let vfs = FaultVfs::new();
    vfs.put(&folder().join("sweep.json"), b"{}");
    vfs
}

fn ways_to_lose() -> Vec<Remains> {
    let mut ways = vec![Remains::Synced, Remains::Everything, Remains::Names, Remains::Content, Remains::Garbage];
    ways.extend((0..4).map(Remains::Sectors));
    ways.extend((0..16).map(Remains::Mixed));
    ways
}

#[test]
fn after_a_power_cut_between_any_two_operations_the_same_results_come_out() {
    let pool = pool();
    let clean = begun();
    process(&clean, &pool, Shard::WHOLE, &Cell::new(0)).expect("no fault");
    let operations = clean.operations();
    let mut points = 0;
    for at in 0..operations {
        let vfs = begun();
        vfs.fail_at(at, Fault::Crash);
        let ended = process(&vfs, &pool, Shard::WHOLE, &Cell::new(0));
        assert!(ended.is_err(), "operation {at} does not happen");
        for remains in ways_to_lose() {
            let disk = vfs.fork();
            disk.power_cut_with(remains);
            process(&disk, &pool, Shard::WHOLE, &Cell::new(0)).unwrap_or_else(|e| panic!("{at} {remains:?}: {e}"));
            assert_eq!(found(&disk, &pool), reference(), "{at} {remains:?}");
            points += 1;
        }
    }
    assert!(points > 500, "{points} crash points");
}

#[test]
fn a_full_disk_ends_with_74_leaves_no_partial_block_and_the_rest_is_done_when_there_is_room() {
    let pool = pool();
    let clean = begun();
    process(&clean, &pool, Shard::WHOLE, &Cell::new(0)).expect("no fault");
    for at in 0..clean.operations() {
        for fault in [Fault::DiskFull, Fault::Torn { bytes: 100 }] {
            let vfs = begun();
            vfs.fail_at(at, fault);
            if let Err(error) = process(&vfs, &pool, Shard::WHOLE, &Cell::new(0)) {
                assert_eq!(error.exit_code(), 74, "{at}: {error}");
            }
            vfs.restart();
            let store = Store::open(&vfs, &pool, folder(), IDENTITY, EXTENT, Shard::WHOLE).expect("free");
            for block in 0..store.blocks() {
                assert!(store.read(block).is_ok(), "{at}: block {block} stands there in part");
            }
            drop(store);
            process(&vfs, &pool, Shard::WHOLE, &Cell::new(0)).expect("there is room again");
            assert_eq!(found(&vfs, &pool), reference(), "{at} {fault:?}");
        }
    }
}

#[test]
fn what_is_done_is_not_done_again() {
    let (vfs, pool, computed) = (begun(), pool(), Cell::new(0));
    process(&vfs, &pool, Shard::WHOLE, &computed).expect("no fault");
    process(&vfs, &pool, Shard::WHOLE, &computed).expect("no fault");
    assert_eq!(computed.get(), EXTENT.tasks);
}

#[test]
fn shards_in_any_order_give_the_same_blocks_as_one_process() {
    let (whole, parts, pool) = (begun(), begun(), pool());
    process(&whole, &pool, Shard::WHOLE, &Cell::new(0)).expect("no fault");
    for index in [1, 0] {
        process(&parts, &pool, Shard { index, of: 2 }, &Cell::new(0)).expect("no fault");
    }
    let blocks = |vfs: &FaultVfs| {
        let all = vfs.files().into_iter();
        all.filter(|(path, _)| path.to_string_lossy().contains("block-")).collect::<Vec<_>>()
    };
    assert_eq!(blocks(&whole), blocks(&parts));
    assert_eq!(found(&parts, &pool), reference());
}

#[test]
fn a_second_process_is_refused_while_the_first_lives_and_the_whole_excludes_every_shard() {
    let (vfs, pool) = (begun(), pool());
    let open = |shard| Store::open(&vfs, &pool, folder(), IDENTITY, EXTENT, shard);
    let half = open(Shard { index: 0, of: 2 }).expect("free");
    let code = |shard| open(shard).map(drop).map_err(|e| e.exit_code());
    assert_eq!(code(Shard { index: 0, of: 2 }), Err(73));
    assert_eq!(code(Shard::WHOLE), Err(73));
    assert_eq!(code(Shard { index: 1, of: 2 }), Ok(()));
    drop(half);
    assert_eq!(code(Shard::WHOLE), Ok(()));
    let whole = open(Shard::WHOLE).expect("free");
    assert_eq!(code(Shard { index: 1, of: 2 }), Err(73), "a part of what another does whole");
    drop(whole);
    assert_eq!(code(Shard { index: 1, of: 2 }), Ok(()));
}

#[test]
fn a_shard_forgets_its_own_results_and_no_others() {
    let (vfs, pool) = (begun(), pool());
    process(&vfs, &pool, Shard::WHOLE, &Cell::new(0)).expect("no fault");
    let first = Store::open(&vfs, &pool, folder(), IDENTITY, EXTENT, Shard { index: 0, of: 2 }).expect("free");
    first.forget().expect("no fault");
    assert_eq!(first.missing(&mut Silent).expect("no fault"), [0, 2]);
    drop(first);
    let computed = Cell::new(0);
    process(&vfs, &pool, Shard::WHOLE, &computed).expect("no fault");
    assert_eq!(computed.get(), 3, "blocks 0 and 2 of two, two and one tasks");
    assert_eq!(found(&vfs, &pool), reference());
}

#[test]
fn every_flipped_bit_of_a_block_is_found_and_the_block_is_done_again() {
    let (vfs, pool) = (begun(), pool());
    process(&vfs, &pool, Shard::WHOLE, &Cell::new(0)).expect("no fault");
    let path = folder().join("block-000002.bin");
    let whole = vfs.read(&path, 1 << 20).expect("there");
    let store = Store::open(&vfs, &pool, folder(), IDENTITY, EXTENT, Shard::WHOLE).expect("free");
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        vfs.put(&path, &flipped);
        let error = store.read(2).expect_err("the flip is noticed");
        assert_eq!(error.exit_code(), 65, "bit {bit}: {error}");
    }
    for length in 0..whole.len() {
        vfs.put(&path, &whole[..length]);
        assert!(store.read(2).is_err(), "cut to {length} bytes");
    }
    drop(store);
    process(&vfs, &pool, Shard::WHOLE, &Cell::new(0)).expect("it is done again");
    assert_eq!(vfs.read(&path, 1 << 20).expect("there"), whole);
}

#[test]
fn a_request_to_stop_is_heard_between_blocks_and_keeps_what_is_done() {
    let (vfs, pool, stop) = (begun(), pool(), Stop::default());
    let store = Store::open(&vfs, &pool, folder(), IDENTITY, EXTENT, Shard::WHOLE).expect("free");
    let mut work = |tasks: Range<u64>| {
        stop.request();
        Ok(tasks.map(task).collect())
    };
    let ended = store.run(&[0, 1, 2], &stop, &mut work, &mut Silent).expect_err("stopped");
    assert_eq!(ended.exit_code(), 75);
    assert_eq!(store.missing(&mut Silent).expect("readable"), [1, 2]);
}
