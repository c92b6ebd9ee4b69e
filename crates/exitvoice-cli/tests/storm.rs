//! A sweep or an inference whose process is killed again and again, without warning, ends with the bytes of one that was left alone.

#![cfg(unix)]

#[path = "../../exitvoice/tests/place/mod.rs"]
mod place;

use place::SMALL_WAR;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Five points with 60 replicates each: five blocks.
const PLAN: &str = r#"
format = 1
name = "storm"
scenario = "toy-squad"
replicates = 60
[parameters]
"exit.absence.base_rate" = ["0.2 /yr", "0.4 /yr", "0.6 /yr", "0.8 /yr", "1 /yr"]
"#;

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("exitvoice"));
    command.args(arguments).current_dir(folder).env("EXITVOICE_CACHE", folder.join("cache"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    command.spawn().expect("the program starts")
}

/// What is killed.
struct Work {
    /// Name and text of the file that it needs.
    file: (&'static str, &'static str),
    arguments: &'static [&'static str],
    /// Exit code of one that was left alone.
    ends: i32,
    /// A folder inside the results that may differ: the bank of an inference stays, in as many parts as it was written in.
    apart: Option<&'static str>,
}

const SWEEP: Work = Work {
    file: ("plan.toml", PLAN),
    arguments: &["sweep", "plan.toml", "--allow-scaled", "--progress", "none"],
    ends: 0,
    apart: None,
};

/// Too few simulations for a posterior, which takes as many files, and is refused with 69.
const INFERENCE: Work = Work {
    file: ("war.toml", SMALL_WAR),
    arguments: &["infer", "war.toml", "--allow-scaled", "--progress", "none"],
    ends: 69,
    apart: Some(".state"),
};

impl Work {
    fn begun(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(self.file.0), self.file.1).expect("written");
        folder
    }

    fn start(&self, folder: &Path) -> Child {
        start(folder, self.arguments)
    }

    fn ended(&self, status: ExitStatus) -> bool {
        status.code() == Some(self.ends)
    }

    fn assert_same(&self, folder: &Path, expected: &BTreeMap<PathBuf, Vec<u8>>, hits: u32) {
        let found = results(folder, self.apart);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "after {hits} kills");
        for (path, bytes) in &found {
            assert!(*bytes == expected[path], "{} differs after {hits} kills", path.display());
        }
    }
}

fn sweep(folder: &Path) -> Child {
    SWEEP.start(folder)
}

/// Result files by name, without `run.json`, which holds times, without locks and without the folder `apart`.
fn results(folder: &Path, apart: Option<&str>) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![folder.join("results")];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if apart.is_some_and(|apart| apart == name) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if name != "run.json" && !name.starts_with(".lock-") {
                let bytes = std::fs::read(&path).expect("readable");
                out.insert(path.strip_prefix(folder).expect("below").to_owned(), bytes);
            }
        }
    }
    out
}

/// Thirds of an octave.
const STEPS: [f64; 3] = [1.0, 1.259_921_049_894_873, 1.587_401_051_968_199];

/// Kills at moments spread evenly, in an order that repeats nothing, over the time that the whole work takes, until `kills` of them hit
/// a living process.
#[expect(clippy::print_stdout, reason = "the counts, for the table in docs/guide/faults.md")]
fn storm(work: &Work, kills: u32) {
    let reference = work.begun();
    let clock = std::time::Instant::now();
    assert!(work.ended(work.start(reference.path()).wait().expect("it ends")));
    let whole = clock.elapsed();
    let expected = results(reference.path(), work.apart);
    assert!(expected.len() > 10, "{:?}", expected.keys());
    let (mut hits, mut finished, mut tries) = (0, 0_u32, 0_u32);
    let mut folder = work.begun();
    while hits < kills {
        let mut child = work.start(folder.path());
        // The golden ratio spreads the moments, some of them beyond the end.
        let share = (f64::from(tries) * 0.618_033_988_749_895).fract();
        std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * 1.4 * share));
        tries += 1;
        // SIGKILL, as `Child::kill` sends on Unix.
        let killed = child.try_wait().expect("it can be asked").is_none();
        child.kill().expect("it can be killed");
        let status = child.wait().expect("it ends");
        hits += u32::from(killed && !work.ended(status));
        if work.ended(status) {
            finished += 1;
            work.assert_same(folder.path(), &expected, hits);
            folder = work.begun();
        }
    }
    assert!(work.ended(work.start(folder.path()).wait().expect("it ends")), "after the last kill");
    work.assert_same(folder.path(), &expected, hits);
    println!("{hits} kills hit a living process, in {tries} tries; {finished} ended by themselves");
    assert!(finished > 0, "the storm let at least one end by itself");
}

#[test]
fn a_hundred_kills_change_no_byte() {
    storm(&SWEEP, 100);
}

#[test]
fn ten_kills_of_an_inference_change_no_byte() {
    storm(&INFERENCE, 10);
}

#[test]
#[ignore = "100 kills of an inference: cargo xtask ci --full"]
fn a_hundred_kills_of_an_inference_change_no_byte() {
    storm(&INFERENCE, 100);
}

#[test]
#[ignore = "1,000 kills: cargo xtask ci --full"]
fn a_thousand_kills_change_no_byte() {
    storm(&SWEEP, 1_000);
}

#[test]
fn a_terminated_sweep_exits_with_75_within_two_seconds_and_resume_finishes_it() {
    let folder = SWEEP.begun();
    let plan = PLAN.replace("replicates = 60", "replicates = 60000");
    std::fs::write(folder.path().join("plan.toml"), plan).expect("written");
    let mut child = sweep(folder.path());
    let state = wait_for_a_block(folder.path());
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(asked.success());
    for _ in 0..100 {
        if child.try_wait().expect("it can be asked").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = child.try_wait().expect("it can be asked").expect("two seconds are over");
    assert_eq!(ended.code(), Some(75));
    let blocks = std::fs::read_dir(&state).expect("the state stays").count();
    assert!(blocks > 2, "{blocks} files");
    let sweep_folder = state.parent().expect("above");
    let lock = sweep_folder.join(".state/lock-1-of-1");
    assert!(lock.is_file(), "a lock of a dead process is taken over");
    let mut second = start(folder.path(), &["resume", &sweep_folder.display().to_string(), "--progress", "none"]);
    std::thread::sleep(Duration::from_millis(200));
    second.kill().expect("it was working: the lock did not stop it");
    assert_eq!(second.wait().expect("it ends").code(), None, "killed, not refused");
}

/// Folder of the state, once a block stands there.
fn wait_for_a_block(folder: &Path) -> PathBuf {
    for _ in 0..500 {
        let sweeps = std::fs::read_dir(folder.join("results/storm")).into_iter().flatten().flatten();
        for state in sweeps.map(|e| e.path().join(".state")) {
            if state.join("block-000000.bin").is_file() {
                return state;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no block after ten seconds");
}

/// A disk in memory of a size, mounted on a folder; gone when it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn of(bytes: u64) -> Self {
        let disk = Self(tempfile::tempdir().expect("a temporary folder"));
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"]);
        disk
    }

    fn enlarge(&self) {
        self.mount(&["-o", "remount,size=64m"]);
    }

    fn mount(&self, words: &[&str]) {
        let done = Command::new("mount").args(words).arg(self.0.path()).status().expect("mount starts");
        assert!(done.success(), "this test needs the right to mount");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
#[ignore = "mounts disks in memory, which needs the right to: cargo xtask ci --full"]
fn full_disks_of_many_sizes_end_with_74_and_with_room_every_sweep_ends_as_it_would_have() {
    let reference = SWEEP.begun();
    assert!(sweep(reference.path()).wait().expect("it ends").success());
    let expected = results(reference.path(), None);
    let mut full = 0;
    // 64 kB to 16 MB, three sizes an octave.
    for step in 0..=24_usize {
        let bytes = (f64::from(65_536_u32 << (step / 3)) * STEPS[step % 3]) as u64;
        let disk = SmallDisk::of(bytes);
        std::fs::write(disk.0.path().join("plan.toml"), PLAN).expect("the plan fits");
        let code = sweep(disk.0.path()).wait().expect("it ends").code();
        println!("{bytes} bytes: exit {code:?}");
        if code != Some(0) {
            assert_eq!(code, Some(74), "{bytes} bytes");
            full += 1;
            let published = std::fs::read_dir(disk.0.path().join("results/storm")).into_iter().flatten().flatten();
            let published = published.filter(|e| e.path().join("run.json").exists()).count();
            assert_eq!(published, 0, "{bytes} bytes: nothing stands under its final name");
            disk.enlarge();
            assert!(sweep(disk.0.path()).wait().expect("it ends").success(), "{bytes} bytes, enlarged");
        }
        SWEEP.assert_same(disk.0.path(), &expected, 0);
    }
    assert!(full >= 5, "{full} disks were too small");
}
