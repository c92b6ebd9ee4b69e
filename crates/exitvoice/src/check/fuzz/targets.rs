//! The parsers, and files that they read.

use crate::answers::Truth;
use crate::inference::{Kept, Storable};
use crate::io::fault::FaultVfs;
use crate::io::run_json::{self, RunJson, RunStatus};
use crate::io::section_file::{self, Key};
use crate::io::vfs::Vfs;
use crate::io::{ledger, run_folder, sealed};
use crate::provenance::Rows;
use crate::scenario::{self, Catalogue, Layers, SourceText};
use crate::{data, sensitivity, sweep};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;
use exitvoice_record::{Departure, DepartureKind, STATUSES, Trajectory};
use std::path::Path;

/// One parser: what it is given, and the call.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) corpus: Vec<Vec<u8>>,
    pub(super) parse: fn(&[u8], &Pool),
}

/// All of them.
pub(super) fn targets(pool: &Pool) -> Vec<Target> {
    let text = |texts: &[&str]| texts.iter().map(|t| t.as_bytes().to_vec()).collect::<Vec<_>>();
    let scenarios: Vec<&str> = data::SCENARIOS.iter().map(|(_, text)| *text).collect();
    let coded: Vec<&str> = data::text(CODED).into_iter().collect();
    let raw: Vec<&str> = data::text(RAW).into_iter().collect();
    let plan = "format = 1\nname = \"a\"\nscenario = \"toy-squad\"\ndesign = \"grid\"\nreplicates = 2\n[parameters]\n\
                \"exit.absence.length\" = [\"2 d\", \"3 d\"]\nexit.attempt.danger_effect = [1, 2.5]\n";
    let hypercube = "format = 1\nscenario = \"toy-squad\"\ndesign = \"latin_hypercube\"\npoints = 4\nseed = 3\n[parameters]\n\
                     \"exit.absence.length\" = { low = \"2 d\", high = \"3 d\" }\n\"exit.attempt.danger_effect\" = \"prior\"\n";
    let which =
        "format = 1\nscenario = \"toy-squad\"\nmethod = \"morris\"\nbase = 2\nparameters = [\"exit.absence.length\"]\n";
    let sections: [(&str, &[u8]); 2] = [("a", &[1; 70]), ("b", &[2; 9])];
    vec![
        Target { name: "scenario", corpus: text(&scenarios), parse: scenario },
        Target {
            name: "--set",
            corpus: text(&["run.seed=3", "exit.absence.length=\"2 d\"", "claims.set=none"]),
            parse: set,
        },
        Target { name: "sweep plan", corpus: text(&[plan, hypercube]), parse: plans },
        Target { name: "sensitivity plan", corpus: text(&[which]), parse: sensitivity_plans },
        Target { name: "coded claims", corpus: text(&coded), parse: coded_claims },
        Target { name: "raw claims", corpus: text(&raw), parse: raw_claims },
        Target { name: "claims with their chain", corpus: vec![sealed_claims(), text(&coded).concat()], parse: chain },
        Target { name: "ledger", corpus: vec![ledger_bytes()], parse: ledgers },
        Target {
            name: "section file",
            corpus: vec![section_file::to_container(&KEY, &sections, pool)],
            parse: containers,
        },
        Target { name: "run.json", corpus: vec![run_json::sealed(complete().to_bytes())], parse: runs },
        Target { name: "sealed state", corpus: vec![state()], parse: states },
        Target { name: "simulation in a bank", corpus: vec![simulation(0), simulation(40)], parse: simulations },
    ]
}

const CODED: &str = "evidence/claims-kursk-2024-coded.csv";
const RAW: &str = "evidence/claims-kursk-2024.csv";
const KEY: Key = Key([9; 32]);
const IDENTITY: [u8; 32] = [7; 32];

fn scenario(bytes: &[u8], _pool: &Pool) {
    let Ok(source) = scenario::read_text("fuzzed.toml", bytes) else { return };
    let registry = crate::registry::all();
    let _ = scenario::resolve(source, &Layers::default(), &Catalogue::embedded(&registry));
}

fn set(bytes: &[u8], _pool: &Pool) {
    let Ok(change) = scenario::parse_override(&String::from_utf8_lossy(bytes)) else { return };
    let registry = crate::registry::all();
    let Some(toy) = data::scenario("toy-squad") else { return };
    let source = SourceText { name: "toy-squad".to_owned(), text: toy.to_owned() };
    let layers = Layers { command_line: &[change], ..Layers::default() };
    let _ = scenario::resolve(source, &layers, &Catalogue::embedded(&registry));
}

fn plans(bytes: &[u8], _pool: &Pool) {
    let _ = sweep::plan::parse("fuzzed.toml", &String::from_utf8_lossy(bytes), &crate::registry::all());
}

fn sensitivity_plans(bytes: &[u8], _pool: &Pool) {
    let _ = sensitivity::parse("fuzzed.toml", &String::from_utf8_lossy(bytes), &crate::registry::all());
}

fn claims(coded: &[u8], raw: Option<&[u8]>) {
    use exitvoice_observe::import::{File, ImportSettings, Returns, Waves, import};
    let settings = ImportSettings {
        day_zero: Day(20_004),
        last_day: Day(20_208),
        soldiers: 14_000,
        waves: Waves::Fixed,
        returns: Returns::NotModelled,
        view: None,
    };
    let raw = raw.map(|bytes| File { name: "raw.csv", bytes });
    let _ = import(&[File { name: "coded.csv", bytes: coded }], raw, &settings);
}

fn coded_claims(bytes: &[u8], _pool: &Pool) {
    claims(bytes, None);
}

fn raw_claims(bytes: &[u8], _pool: &Pool) {
    claims(data::text(CODED).unwrap_or_default().as_bytes(), Some(bytes));
}

fn sealed_claims() -> Vec<u8> {
    let rows = [["A1", "5", "officials, \"as said\""], ["A2", "", ""], ["A3", "1000", "мовою"]];
    let rows = rows.map(|row| row.map(str::to_owned).to_vec()).to_vec();
    Rows::new(["id", "value", "source"].map(str::to_owned).to_vec(), rows).sealed().unwrap_or_default()
}

fn chain(bytes: &[u8], _pool: &Pool) {
    if let Ok(rows) = Rows::read("fuzzed.csv", bytes) {
        let _ = rows.verify();
    }
}

fn ledgers(bytes: &[u8], _pool: &Pool) {
    let vfs = FaultVfs::new();
    vfs.put(Path::new("ledger"), bytes);
    let _ = ledger::read(&vfs, Path::new("ledger"), &IDENTITY);
}

fn ledger_bytes() -> Vec<u8> {
    let vfs = FaultVfs::new();
    let entries = [ledger::Entry::Done { task: 1 }, ledger::Entry::Failed { task: 2, error: "no".to_owned() }];
    let written = ledger::replace(&vfs, Path::new("ledger"), &IDENTITY, &entries);
    written.and_then(|()| vfs.read(Path::new("ledger"), 1 << 20)).unwrap_or_default()
}

fn containers(bytes: &[u8], pool: &Pool) {
    let _ = section_file::parse(Path::new("fuzzed"), bytes.to_vec(), &KEY, pool);
}

fn complete() -> RunJson {
    let files = [("codebook.csv".to_owned(), run_folder::file_hash(b"a"))].into();
    RunJson { status: RunStatus::Completed, files, ..run_json::example("0123456789ab") }
}

fn runs(bytes: &[u8], _pool: &Pool) {
    let vfs = FaultVfs::new();
    vfs.put(Path::new("run/run.json"), bytes);
    vfs.put(Path::new("run/codebook.csv"), b"a");
    let _ = run_folder::verify(&vfs, Path::new("run"));
}

/// A state under its seal.
fn state() -> Vec<u8> {
    let vfs = FaultVfs::new();
    let written = sealed::write(&vfs, Path::new("state"), &complete());
    let read = written.and_then(|()| vfs.read(Path::new("state"), 1 << 20));
    read.unwrap_or_default()
}

/// As it stands, and what stands under the seal under a seal of its own: changes get past the hash.
fn states(bytes: &[u8], _pool: &Pool) {
    let body: Vec<u8> = bytes.iter().skip_while(|b| **b != b'\n').skip(1).copied().collect();
    let body = body.strip_suffix(b"\n").unwrap_or(&body);
    let again = [blake3::hash(body).to_hex().as_bytes(), b"\n", body, b"\n"].concat();
    for bytes in [bytes, &again] {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("state"), bytes);
        let _ = sealed::read::<RunJson>(&vfs, Path::new("state"));
    }
}

/// A simulated deployment of some days, somebody leaving on each.
fn simulation(days: u32) -> Vec<u8> {
    let mut trajectory = Trajectory::quiet(Day(20_004), days, Probability::new(0.25).expect("a share"));
    let leaving = |day: u32| Departure {
        day,
        size: 1 + day,
        kind: if day.is_multiple_of(2) { DepartureKind::Desertion } else { DepartureKind::Absence },
        at_front: day.is_multiple_of(3),
        outcome: day.is_multiple_of(4).then_some((day + 9, day.is_multiple_of(8))),
    };
    trajectory.departures = (0..days).map(leaving).collect();
    let heads = (0..days).map(|day| [day; STATUSES.len()]).collect();
    Kept { truth: Truth { trajectory, heads }, expected: None, advance_party: true }.to_bytes()
}

fn simulations(bytes: &[u8], _pool: &Pool) {
    if let Some(found) = Kept::from_bytes(bytes) {
        let again = found.to_bytes();
        assert!(Kept::from_bytes(&again).is_some(), "what is read can be written and read again");
    }
}
