//! `package DIR`: a replication archive that another machine verifies.

use super::{Error, Machine, Outcome, shell};
use crate::data;
use crate::io::run_folder::verify;
use crate::io::run_json::RunJson;
use crate::io::tar::archive;
use crate::io::vfs::write_atomically;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// Longest file that is packed, in bytes.
const LONGEST: u64 = 4 << 30;

const LICENCES: [(&str, &str); 3] = [
    ("LICENSE-MIT", include_str!("../../../../LICENSE-MIT")),
    ("LICENSE-APACHE", include_str!("../../../../LICENSE-APACHE")),
    ("CITATION.cff", include_str!("../../../../CITATION.cff")),
];

const VERIFY: &str = "#!/bin/sh\n\
# Compares every file with its checksum; with exitvoice installed, also with run.json, and runs replicates again.\n\
set -eu\n\
cd \"$(dirname \"$0\")\"\n\
if command -v sha256sum >/dev/null 2>&1; then\n\
    sha256sum --quiet -c CHECKSUMS.sha256\n\
else\n\
    shasum -a 256 -c CHECKSUMS.sha256 >/dev/null\n\
fi\n\
echo 'every file has its checksum'\n\
if command -v exitvoice >/dev/null 2>&1; then\n\
    exitvoice verify run \"$@\"\n\
else\n\
    echo 'exitvoice is not installed: replicates were not run again'\n\
fi\n";

/// Options of `package`.
#[derive(Clone, Debug)]
pub struct PackageOptions {
    /// A complete run, comparison or sweep.
    pub folder: PathBuf,
    /// `--out`: folder of the archive; beside the run's folder if absent.
    pub out: Option<PathBuf>,
    /// Files.
    pub machine: Machine,
}

/// The archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageOutcome {
    /// Name of the run's folder.
    pub run_id: String,
    /// Digest of its record.
    pub digest: String,
    /// Files in the archive.
    pub files: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of the archive, 64 hexadecimal digits.
    pub sha256: String,
    /// Path of the archive.
    pub out: PathBuf,
}

/// Packs a complete, verified folder with data, licences, ODD, checksums and `verify.sh` into one tar file. Equal folders give equal
/// bytes.
///
/// # Errors
/// The folder is not complete or damaged (64, 65), or the file system refuses (74).
pub fn package(options: &PackageOptions) -> Result<PackageOutcome, Error> {
    let vfs = options.machine.vfs.as_ref();
    let run = verify(vfs, &options.folder)?.run;
    let top = format!("exitvoice-{}", run.run_id);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for name in run.files.keys().map(String::as_str).chain(["run.json"]) {
        files.push((format!("run/{name}"), vfs.read(&options.folder.join(name), LONGEST)?));
    }
    for file in data::FILES {
        files.push((format!("data/{}", file.path), file.bytes.to_vec()));
    }
    files.push(("data/MANIFEST.toml".to_owned(), data::MANIFEST.as_bytes().to_vec()));
    files.push(("odd.md".to_owned(), super::odd::TEXT.as_bytes().to_vec()));
    files.extend(LICENCES.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    files.push(("README.md".to_owned(), readme(&run).into_bytes()));
    files.push(("verify.sh".to_owned(), VERIFY.as_bytes().to_vec()));
    files.sort();
    let sums: String = files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256(bytes))).collect();
    files.push(("CHECKSUMS.sha256".to_owned(), sums.into_bytes()));
    let count = files.len() as u64;
    let below: Vec<(String, Vec<u8>)> =
        files.into_iter().map(|(name, bytes)| (format!("{top}/{name}"), bytes)).collect();
    let bytes = archive(&below)?;
    let folder = match &options.out {
        Some(folder) => folder.clone(),
        None => crate::io::vfs::parent(&options.folder).to_owned(),
    };
    vfs.create_folder(&folder)?;
    let path = folder.join(format!("{top}.tar"));
    write_atomically(vfs, &path, &[&bytes])?;
    Ok(PackageOutcome {
        run_id: run.run_id,
        digest: run.digest,
        files: count,
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
        out: path,
    })
}

fn sha256(bytes: &[u8]) -> String {
    crate::io::section_file::hex(&Sha256::digest(bytes))
}

fn readme(run: &RunJson) -> String {
    let RunJson { run_id, scenario, model_version, digest, command, given, .. } = run;
    let repeat = match from_archive(run) {
        Ok(command) => {
            format!("Compute it again, from this folder, with\n\n    {command}\n\nwhich must give its digest.")
        }
        Err(why) => format!("No one command computes it again from this folder: {why}."),
    };
    let named: String = given.iter().map(|(file, name)| format!("\n- `{name}` is `run/{file}`")).collect();
    let named =
        if named.is_empty() { named } else { format!("It and `run/ledger.jsonl` name files as they were:\n{named}") };
    format!(
        "# Replication archive of `{scenario}`, run {run_id}\n\nEvery person in it is synthetic (`population = synthetic`). Computed by \
         exitvoice with model {model_version}.\n\n- `sh verify.sh`: every file against `CHECKSUMS.sha256`; with exitvoice installed also five \
         replicates run again (`sh verify.sh --all`: every one, from the values in `run/`)\n- `run/`: scenario, resolved values, tables, \
         figures, report, codebook, ledger; `exitvoice verify run --task N` runs line N of the ledger again, from 0\n- `data/`: the data \
         that went in, each with source and licence in `MANIFEST.toml`\n- `odd.md`: the model after the ODD protocol\n\n{repeat}\n\nThe result has the digest {digest} and was \
         made with\n\n    {command}\n\n{named}\n"
    )
    .trim_end()
    .to_owned()
        + "\n"
}

/// The command with the files of the user as they lie in the archive, or why there is none.
fn from_archive(run: &RunJson) -> Result<String, String> {
    if !run.parents.is_empty() {
        return Err(format!(
            "it was made from run {}, whose folder is no part of this archive",
            run.parents.join(", ")
        ));
    }
    if run.given.contains_key("plan.toml") && run.given.len() > 1 {
        return Err("its plan names files by the paths that they had, listed below".to_owned());
    }
    let place = |word: String| match run.given.iter().find(|(_, given)| **given == word) {
        Some((file, _)) => format!("run/{file}"),
        None => word,
    };
    let words = shlex::split(&run.command).ok_or("no shell reads the command below as it stands")?;
    Ok(words.into_iter().map(|word| shell::word(&place(word))).collect::<Vec<_>>().join(" "))
}

impl Outcome for PackageOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("keys are texts")
    }

    fn text(&self) -> Vec<String> {
        vec![
            format!("{} files, {}, sha256 {}", self.files, crate::io::memory::human(self.bytes), self.sha256),
            self.out.display().to_string(),
        ]
    }
}
