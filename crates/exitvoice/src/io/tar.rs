//! A tar archive (POSIX ustar) whose bytes depend on names and contents alone: no times, users or modes of this machine.

/// Bytes of a block.
const BLOCK: usize = 512;

/// A name that ustar cannot hold: longer than 100 bytes after at most 155 bytes of folders.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("EV0754: the name `{name}` is too long for an archive")]
pub struct NameTooLong {
    /// The name.
    pub name: String,
}

/// An archive of files in the order given; names use `/`.
///
/// # Errors
/// A name is too long.
pub fn archive(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, NameTooLong> {
    let mut out = Vec::new();
    for (name, content) in files {
        out.extend_from_slice(&header(name, content.len())?);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    Ok(out)
}

fn header(name: &str, length: usize) -> Result<[u8; BLOCK], NameTooLong> {
    let (folder, last) = split(name).ok_or_else(|| NameTooLong { name: name.to_owned() })?;
    let mode = if name.ends_with(".sh") { "0000755" } else { "0000644" };
    let size = format!("{length:011o}");
    let mut block = [0_u8; BLOCK];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, last);
    put(100, mode);
    put(108, "0000000");
    put(116, "0000000");
    put(124, &size);
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    put(345, folder);
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    Ok(block)
}

/// Folder and name of a path, as ustar keeps them.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.len() <= 100 {
        return Some(("", name));
    }
    let fits = |(at, _): &(usize, &str)| *at <= 155 && name.len() - at - 1 <= 100;
    name.match_indices('/').find(fits).map(|(at, _)| (&name[..at], &name[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_tar_reads_what_was_written() {
        let long = format!("{}/{}.txt", "folder".repeat(20), "name".repeat(20));
        let files =
            [("a/b.txt".to_owned(), b"one".to_vec()), (long, vec![7; 1_000]), ("run.sh".to_owned(), Vec::new())];
        let bytes = archive(&files).expect("names fit");
        assert_eq!(bytes.len() % BLOCK, 0);
        assert_eq!(bytes, archive(&files).expect("names fit"), "the same bytes again");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.tar");
        std::fs::write(&path, &bytes).expect("written");
        let ran = std::process::Command::new("tar").arg("-xf").arg(&path).arg("-C").arg(folder.path()).status();
        // Where there is no tar, the layout alone was tested.
        if ran.is_ok_and(|status| status.success()) {
            for (name, content) in &files {
                assert_eq!(&std::fs::read(folder.path().join(name)).expect("unpacked"), content, "{name}");
            }
        }
    }

    #[test]
    fn a_name_beyond_the_format_is_refused() {
        let error = archive(&[("x".repeat(300), Vec::new())]).expect_err("too long");
        assert!(error.to_string().starts_with("EV0754"));
    }
}
