//! The last write: a small file beside the data file that names the event committed last. A data
//! file without that event is older than what this server last wrote: somebody restored an earlier
//! copy.
//!
//! The file is written after each commit and not synced. A power cut may therefore leave it
//! outdated or torn, which is taken for a restored copy: that costs a resync, and no message.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use uuid::Uuid;

use super::Connection;
use crate::domain::Seq;

/// Largest difference between the time in the file and the change time reported by the system, in
/// nanoseconds. A restored copy, even of the whole folder, keeps the former and gets a new change
/// time.
const TOLERANCE: i128 = 50_000_000;
/// How often a write is repeated until both times agree.
const MAX_ATTEMPTS: u32 = 3;

/// The event that was committed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server::store) struct LastWrite {
    /// The epoch of the data file that was written to.
    pub(in crate::server::store) epoch: String,
    stream: Uuid,
    seq: u64,
}

/// The open file.
pub(in crate::server::store) struct LastWriteFile {
    file: Option<File>,
    epoch: String,
    /// How far the clock of the file system is ahead of ours, in nanoseconds.
    clock_offset: i128,
}

fn path(data_file: &Path) -> PathBuf {
    data_file.with_extension("last-write")
}

impl LastWrite {
    /// Reads the file beside this data file; `None` where it is missing, unreadable, or a copy.
    pub(in crate::server::store) fn read(data_file: &Path) -> Option<Self> {
        let mut file = File::open(path(data_file)).ok()?;
        let mut text = String::new();
        Read::by_ref(&mut file).take(512).read_to_string(&mut text).ok()?;
        let mut words = text.split_whitespace();
        let mut word = || words.next();
        let (version, epoch, stream, seq, moment) = (word()?, word()?, word()?, word()?, word()?);
        let moment: i128 = moment.parse().ok()?;
        let original = version == "1"
            && word() == Some("end")
            && (ctime(&file).ok()? - moment).abs() < TOLERANCE;
        original.then_some(Self {
            epoch: epoch.to_owned(),
            stream: stream.parse().ok()?,
            seq: seq.parse().ok()?,
        })
    }

    /// Whether the data file contains that event.
    pub(in crate::server::store) async fn is_contained_in(
        &self,
        connection: &mut Connection,
    ) -> Result<bool, sqlx::Error> {
        if self.seq == 0 {
            return Ok(true);
        }
        let head: Option<(Seq,)> = sqlx::query_as(
            "select head from conversations \
             where id = $1 union all select head from people where id = $1",
        )
        .bind(self.stream)
        .fetch_optional(connection)
        .await?;
        Ok(head.is_some_and(|(head,)| head.0 >= self.seq))
    }
}

impl LastWriteFile {
    /// Opens the file for this epoch, and keeps its last entry. Where it cannot be written the
    /// server still works: its next start treats the data as a restored copy.
    pub(in crate::server::store) fn open(data_file: &Path, epoch: String) -> Self {
        let (stream, seq) = match LastWrite::read(data_file) {
            Some(last) if last.epoch == epoch => (last.stream, last.seq),
            _ => (Uuid::nil(), 0),
        };
        let opened =
            OpenOptions::new().write(true).create(true).truncate(false).open(path(data_file));
        let file = opened
            .inspect_err(|error| tracing::warn!(%error, "cannot open chatbox.last-write"))
            .ok();
        let mut opened_file = Self { file, epoch, clock_offset: 0 };
        opened_file.write(stream, seq);
        opened_file
    }

    /// Records the event that was committed last.
    pub(in crate::server::store) fn record(&mut self, stream: Uuid, seq: Seq) {
        self.write(stream, seq.0);
    }

    fn write(&mut self, stream: Uuid, seq: u64) {
        if let Err(error) = self.try_write(stream, seq) {
            tracing::warn!(%error, "cannot update chatbox.last-write");
            self.file = None;
        }
    }

    fn try_write(&mut self, stream: Uuid, seq: u64) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        for _ in 0..MAX_ATTEMPTS {
            let moment = now() + self.clock_offset;
            // Of a fixed length, so that no old line is longer than the new one.
            let line = format!("1 {} {} {seq:020} {moment:030} end\n", self.epoch, stream.simple());
            file.write_all_at(line.as_bytes(), 0)?;
            let drift = ctime(file)? - moment;
            if drift.abs() < TOLERANCE / 2 {
                break;
            }
            self.clock_offset += drift;
        }
        Ok(())
    }
}

/// When the file was last written or replaced (ctime), by the clock of its file system. Unlike the
/// modification time nobody can set it.
fn ctime(file: &File) -> io::Result<i128> {
    let about = file.metadata()?;
    Ok(i128::from(about.ctime()) * 1_000_000_000 + i128::from(about.ctime_nsec()))
}

fn now() -> i128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i128::try_from(since.as_nanos()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_copy_is_told_from_the_original() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("chatbox.sqlite");
        assert_eq!(LastWrite::read(&data), None, "nothing is there");
        LastWriteFile::open(&data, "epoch".into()).write(Uuid::from_u128(7), 41);
        drop(LastWriteFile::open(&data, "epoch".into()));
        let last = LastWrite { epoch: "epoch".into(), stream: Uuid::from_u128(7), seq: 41 };
        assert_eq!(LastWrite::read(&data), Some(last));
        let content = std::fs::read(path(&data)).unwrap();
        // Long enough after the original that the system's clock has moved on.
        let before = ctime(&File::open(path(&data)).unwrap()).unwrap();
        while now() - before < 2 * TOLERANCE {
            std::thread::yield_now();
        }
        std::fs::write(path(&data), content).unwrap();
        assert_eq!(LastWrite::read(&data), None, "the same bytes, written at another moment");
        std::fs::write(path(&data), "1 epoch").unwrap();
        assert_eq!(LastWrite::read(&data), None, "torn");
    }
}
