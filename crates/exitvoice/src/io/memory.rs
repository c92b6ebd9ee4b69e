//! What memory is free, what was used, and the refusal before anything large is allocated.

use super::vfs::Vfs;
use std::path::Path;

/// Longest system file that is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// Bytes that can still be used without swapping: what the system calls available, or what the container's limit leaves if that
/// is less. `None` where the system does not tell (outside Linux).
#[must_use]
pub fn available(vfs: &dyn Vfs) -> Option<u64> {
    let system = field(&text(vfs, "/proc/meminfo")?, "MemAvailable:")?;
    Some(container(vfs).map_or(system, |left| left.min(system)))
}

/// Largest resident memory of this process so far, in bytes. `None` where the system does not tell.
#[must_use]
pub fn peak(vfs: &dyn Vfs) -> Option<u64> {
    field(&text(vfs, "/proc/self/status")?, "VmHWM:")
}

/// What the limit of the control group (version 2) leaves; its file cache counts as free.
fn container(vfs: &dyn Vfs) -> Option<u64> {
    let number = |name: &str| text(vfs, &format!("/sys/fs/cgroup/{name}"))?.trim().parse::<u64>().ok();
    let stat = text(vfs, "/sys/fs/cgroup/memory.stat").unwrap_or_default();
    let cached = |key: &str| {
        let line = stat.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(' '));
        line.and_then(|v| v.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let used = number("memory.current")?.saturating_sub(cached("inactive_file"));
    Some(number("memory.max")?.saturating_sub(used))
}

fn text(vfs: &dyn Vfs, path: &str) -> Option<String> {
    String::from_utf8(vfs.read(Path::new(path), LIMIT).ok()?).ok()
}

/// Value of a line such as `MemAvailable:   123 kB`, in bytes.
fn field(text: &str, key: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(key))?;
    let kilobytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

/// More memory is needed than there is, or than allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// The system does not have it.
    #[error(
        "EV0745: this needs about {}, and {} are free; a smaller `--scale` (with `--allow-scaled`) needs less, and of a suite that counts hundredths a smaller `--n`",
        human(*needed), human(*available)
    )]
    NotFree {
        /// Needed, in bytes.
        needed: u64,
        /// Available, in bytes.
        available: u64,
    },
    /// The user does not allow it.
    #[error(
        "EV0746: this needs about {}, and `--memory-cap` allows {}; a smaller `--scale` (with `--allow-scaled`) needs less, and of a suite that counts hundredths a smaller `--n`",
        human(*needed), human(*cap)
    )]
    OverCap {
        /// Needed, in bytes.
        needed: u64,
        /// Allowed, in bytes.
        cap: u64,
    },
}

/// Memory that a command is about to need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preflight {
    /// Estimated peak, in bytes.
    pub needed: u64,
    /// What [`available`] says.
    pub available: Option<u64>,
    /// `--memory-cap`.
    pub cap: Option<u64>,
}

impl Preflight {
    /// Refuses what does not fit. Where the system does not tell what is free, only the cap counts.
    ///
    /// # Errors
    /// The need is over the cap or over what is free (exit 71).
    pub const fn check(&self) -> Result<(), MemoryError> {
        let needed = self.needed;
        match (self.cap, self.available) {
            (Some(cap), _) if needed > cap => Err(MemoryError::OverCap { needed, cap }),
            (_, Some(available)) if needed > available => Err(MemoryError::NotFree { needed, available }),
            _ => Ok(()),
        }
    }
}

/// Bytes for people, with decimal prefixes: `3.1 GB`.
#[must_use]
pub fn human(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1_000 {
        return format!("{bytes} bytes");
    }
    let (mut value, mut unit) = (bytes as f64 / 1e3, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1e3;
        unit += 1;
    }
    if value < 9.95 { format!("{value:.1} {}", UNITS[unit]) } else { format!("{value:.0} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::FaultVfs;

    fn machine() -> FaultVfs {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("/proc/meminfo"), b"MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n");
        vfs
    }

    #[test]
    fn the_system_and_the_container_are_asked() {
        assert_eq!(available(&FaultVfs::new()), None);
        let vfs = machine();
        assert_eq!(available(&vfs), Some(8_192_000_000));
        vfs.put(Path::new("/sys/fs/cgroup/memory.max"), b"max\n");
        vfs.put(Path::new("/sys/fs/cgroup/memory.current"), b"3000000000\n");
        assert_eq!(available(&vfs), Some(8_192_000_000), "no limit");
        vfs.put(Path::new("/sys/fs/cgroup/memory.max"), b"4000000000\n");
        vfs.put(Path::new("/sys/fs/cgroup/memory.stat"), b"anon 5\ninactive_file 1000000000\n");
        assert_eq!(available(&vfs), Some(2_000_000_000));
    }

    #[test]
    fn the_peak_of_this_process_is_read() {
        assert_eq!(peak(&FaultVfs::new()), None);
        let vfs = FaultVfs::new();
        vfs.put(Path::new("/proc/self/status"), b"Name:\tx\nVmPeak:\t  999 kB\nVmHWM:\t  100 kB\n");
        assert_eq!(peak(&vfs), Some(102_400));
        if cfg!(target_os = "linux") {
            assert!(peak(&crate::io::vfs::RealVfs).is_some_and(|p| p > 1_000_000));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_the_way_out_is_named() {
        let check = |needed, available, cap| Preflight { needed, available, cap }.check();
        assert_eq!(check(10, Some(10), Some(10)), Ok(()));
        assert_eq!(check(u64::MAX, None, None), Ok(()), "unknown is not none");
        let not_free = check(3_100_000_000, Some(2_000_000_000), None).expect_err("too much").to_string();
        assert!(not_free.starts_with("EV0745") && not_free.contains("--scale"), "{not_free}");
        assert!(not_free.contains("3.1 GB") && not_free.contains("2.0 GB"), "{not_free}");
        let over = check(11, Some(100), Some(10)).expect_err("over the cap").to_string();
        assert!(over.starts_with("EV0746") && over.contains("--scale"), "{over}");
    }

    #[test]
    fn bytes_are_printed_for_people() {
        let printed = [0, 999, 1_000, 9_949, 9_951, 999_499, 999_500, 3_100_000_000].map(human);
        assert_eq!(printed, ["0 bytes", "999 bytes", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "3.1 GB"]);
    }
}
