//! A small file of JSON that knows when it is damaged: its first line is the BLAKE3 of what follows.

use super::vfs::{IoError, Vfs, write_atomically};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Longest file that is read, in bytes.
const LONGEST: u64 = 1 << 30;

/// Why there is nothing to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealError {
    /// No file stands there.
    Absent,
    /// Its content does not have its hash, or is not of the type asked for.
    Damaged,
    /// The file system refuses.
    Io(IoError),
}

/// Writes a value atomically.
///
/// # Errors
/// The file system refuses.
///
/// # Panics
/// The value has a map whose keys are not texts: a bug of ours.
pub fn write<T: Serialize>(vfs: &dyn Vfs, path: &Path, value: &T) -> Result<(), IoError> {
    let body = serde_json::to_string(value).expect("keys are texts");
    let hash = blake3::hash(body.as_bytes()).to_hex();
    write_atomically(vfs, path, &[hash.as_bytes(), b"\n", body.as_bytes(), b"\n"])
}

/// Reads a value and compares it with its hash.
///
/// # Errors
/// There is none, or it is damaged.
pub fn read<T: DeserializeOwned>(vfs: &dyn Vfs, path: &Path) -> Result<T, SealError> {
    let bytes = match vfs.read(path, LONGEST) {
        Ok(bytes) => bytes,
        Err(IoError::NotFound { .. } | IoError::WrongKind { .. }) => return Err(SealError::Absent),
        Err(error) => return Err(SealError::Io(error)),
    };
    body(&bytes).and_then(|body| serde_json::from_str(body).ok()).ok_or(SealError::Damaged)
}

/// What stands under the seal, where it has its hash.
fn body(bytes: &[u8]) -> Option<&str> {
    let (hash, body) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
    let body = body.strip_suffix('\n')?;
    (blake3::hash(body.as_bytes()).to_hex().as_str() == hash).then_some(body)
}
