//! What the machine says of a process: its processor time, its memory; and how many files this one
//! may open.

use std::{fs, io, time::Duration};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Clock ticks of a second, as `/proc` counts them on Linux.
const TICKS: u64 = 100;

/// The processor time that a process has used, over all its threads, those that ended among them.
#[must_use]
pub fn cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold spaces; after it the user's and the system's share are the 12th
    // and 13th.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let used: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|part| part.parse::<u64>().ok()).sum();
    Duration::from_millis(used * 1000 / TICKS)
}

/// The processor time that this process has used.
#[must_use]
pub fn own_cpu() -> Duration {
    cpu(std::process::id())
}

/// The memory of a process that is in use, in bytes.
#[must_use]
pub fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse::<u64>().ok())
        .unwrap_or_default()
        * 1024
}

/// Lets this process open as many files as it may.
///
/// # Errors
/// When fewer than `wanted` are allowed.
pub fn open_files(wanted: u64) -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX).min(1_000_000);
    setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum })?;
    if most < wanted {
        Err(io::Error::other(format!("only {most} files may be open; {wanted} are needed")))
    } else {
        Ok(())
    }
}
