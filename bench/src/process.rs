//! CPU time and memory of a process, and the limit of open files.

use std::{fs, io, time::Duration};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Clock ticks per second in `/proc` on Linux.
const TICKS: u64 = 100;

/// CPU time of a process, including ended threads.
#[must_use]
pub fn cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may contain spaces; user and system time are the 12th and 13th field
    // after it.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let used: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|part| part.parse::<u64>().ok()).sum();
    Duration::from_millis(used * 1000 / TICKS)
}

/// CPU time of this process.
#[must_use]
pub fn own_cpu() -> Duration {
    cpu(std::process::id())
}

/// Resident memory of a process, in bytes.
#[must_use]
pub fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse::<u64>().ok())
        .unwrap_or_default()
        * 1024
}

/// Raises the limit of open files to the maximum.
///
/// # Errors
/// Fewer than `wanted` are allowed.
pub fn raise_open_files_limit(wanted: u64) -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let max = limit.maximum.unwrap_or(u64::MAX).min(1_000_000);
    setrlimit(Resource::Nofile, Rlimit { current: Some(max), maximum: limit.maximum })?;
    if max < wanted {
        Err(io::Error::other(format!("only {max} files may be open; {wanted} are needed")))
    } else {
        Ok(())
    }
}
