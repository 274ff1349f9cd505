//! Checks of the data file before it is opened for writing: that it is ChatBox's, and that the WAL
//! beside it is its own. A rejected file is not changed.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions, Connection as _};

use super::{Connection, OpenError};
use crate::server::store::engine;

/// Marks a SQLite file as ChatBox's, in SQLite's `application_id` ("ChBx").
pub(in crate::server::store) const APPLICATION_ID: i32 = 0x4368_4278;

const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER_LENGTH: usize = 100;
/// Offset of the application ID in the header.
const APPLICATION_ID_OFFSET: usize = 68;
/// A WAL that is no longer than its header is empty.
const EMPTY_WAL: u64 = 32;

/// The path of the WAL of a data file.
pub(in crate::server::store) fn wal_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Whether the WAL of a data file contains anything.
pub(in crate::server::store) fn has_wal(file: &Path) -> bool {
    fs::metadata(wal_path(file)).is_ok_and(|about| about.len() > EMPTY_WAL)
}

/// The path of a data file that is still being written.
#[must_use]
pub fn partial_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Tells two states of one data file apart.
#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Lineage {
    epoch: Option<String>,
    previous_epoch: Option<String>,
    /// Incremented after each checkpoint: the data file without its WAL is at most one behind.
    generation: i64,
    /// Counts schema changes. A copy made with `VACUUM` is ahead of its original.
    #[sqlx(skip)]
    schema: i64,
}

/// Whether this file may be opened: it does not exist yet, or it is ChatBox's and its WAL belongs
/// to it.
///
/// # Errors
/// One sentence that says what to do.
pub(in crate::server::store) async fn check(file: &Path) -> Result<(), OpenError> {
    let size = fs::metadata(file).map_or(0, |about| about.len());
    let has_wal = has_wal(file);
    if size == 0 {
        if partial_path(file).exists() {
            return Err(incomplete_restore(file));
        }
        return if has_wal { Err(wal_without_data(file)) } else { Ok(()) };
    }
    let has_id = has_application_id(file)?;
    // Without reading the WAL: nothing of another program is touched.
    let without_wal = engine::read_only_options(file, true).connect().await;
    let without_wal = match without_wal {
        Ok(mut connection) => {
            let found = tables(&mut connection).await;
            let lineage = lineage(&mut connection).await;
            let _ = connection.close().await;
            found.map(|tables| (tables, lineage))
        }
        Err(error) => Err(error),
    };
    match &without_wal {
        Ok((tables, _)) if !has_id && !tables.is_empty() && !is_chatbox(tables) => {
            return Err(foreign_file(file));
        }
        Err(error) if !has_wal => return Err(engine::explain(file, error)),
        _ => {}
    }
    if !has_wal {
        return Ok(());
    }
    // Read-only, so that closing it does not checkpoint a foreign WAL into the file.
    let mut with_wal = match engine::read_only_options(file, false).connect().await {
        Ok(connection) => connection,
        // The file alone can be read, so it is the WAL that does not fit.
        Err(_) if without_wal.is_ok() => return Err(foreign_wal(file)),
        Err(error) => return Err(engine::explain(file, &error)),
    };
    let wal_belongs = match (without_wal, lineage(&mut with_wal).await) {
        // An interrupted checkpoint leaves a file that is complete only with its WAL.
        (Err(_), Ok(_)) => is_intact(&mut with_wal).await,
        (Ok((tables, base)), Ok(current)) => {
            let base = base.unwrap_or(Lineage {
                epoch: None,
                previous_epoch: None,
                generation: 0,
                schema: 0,
            });
            wal_belongs(&mut with_wal, &tables, &base, &current).await
        }
        (_, Err(_)) => false,
    };
    let _ = with_wal.close().await;
    if wal_belongs { Ok(()) } else { Err(foreign_wal(file)) }
}

async fn wal_belongs(
    with_wal: &mut Connection,
    tables: &[(String, i64)],
    base: &Lineage,
    current: &Lineage,
) -> bool {
    let same_epoch =
        base.epoch.is_none() || base.epoch == current.epoch || base.epoch == current.previous_epoch;
    let follows = (0..=1).contains(&(current.generation - base.generation));
    // A copy made with `VACUUM` has its pages elsewhere. Its first page shows that: the one in the
    // WAL is the original's.
    let is_original = base.schema <= current.schema;
    let now = self::tables(with_wal).await.unwrap_or_default();
    let same_roots = tables.iter().all(|table| now.contains(table)) || base.generation == 0;
    // A file from before generations were counted can only be judged by its content.
    same_epoch
        && follows
        && is_original
        && same_roots
        && (base.generation > 0 || is_intact(with_wal).await)
}

async fn lineage(connection: &mut Connection) -> Result<Lineage, sqlx::Error> {
    let (schema,): (i64,) =
        sqlx::query_as("pragma schema_version").fetch_one(&mut *connection).await?;
    let lineage: Lineage = sqlx::query_as(
        "select (select value from meta where key = 'epoch') as epoch, (select value \
         from meta where key = 'previous_epoch') as previous_epoch, \
         coalesce((select cast(value as integer) from meta \
         where key = 'generation'), 0) as generation",
    )
    .fetch_one(connection)
    .await?;
    Ok(Lineage { schema, ..lineage })
}

/// Tables and indexes with their root pages.
async fn tables(connection: &mut Connection) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("select name, rootpage from sqlite_schema where rootpage > 0")
        .fetch_all(connection)
        .await
}

fn is_chatbox(tables: &[(String, i64)]) -> bool {
    ["_sqlx_migrations", "meta", "people"]
        .iter()
        .all(|ours| tables.iter().any(|(name, _)| name == ours))
}

async fn is_intact(connection: &mut Connection) -> bool {
    let found: Result<(String,), _> =
        sqlx::query_as("pragma integrity_check(1)").fetch_one(connection).await;
    found.is_ok_and(|(word,)| word == "ok")
}

/// Whether the header has ChatBox's application ID; older data files have none.
fn has_application_id(file: &Path) -> Result<bool, OpenError> {
    let mut header = [0; HEADER_LENGTH];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    read.map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => not_sqlite(file),
        _ => OpenError(format!(
            "Cannot read {}: {error}. Grant this user read access, or choose \
             another folder with --data.",
            file.display()
        )),
    })?;
    if !header.starts_with(MAGIC) {
        return Err(not_sqlite(file));
    }
    let id = i32::from_be_bytes([0, 1, 2, 3].map(|n| header[APPLICATION_ID_OFFSET + n]));
    match id {
        APPLICATION_ID => Ok(true),
        0 => Ok(false),
        _ => Err(foreign_file(file)),
    }
}

fn not_sqlite(file: &Path) -> OpenError {
    OpenError(format!(
        "{} is not a ChatBox database, or it is damaged. It was not changed. Restore a backup, or \
         choose another folder with --data.",
        file.display()
    ))
}

fn foreign_file(file: &Path) -> OpenError {
    OpenError(format!(
        "{} belongs to another program. It was not changed. Choose another folder with --data.",
        file.display()
    ))
}

fn wal_without_data(file: &Path) -> OpenError {
    OpenError(format!(
        "{} is missing or empty, but its write-ahead log {} exists and may contain messages. \
         Restore the database, or delete the write-ahead log to start without data.",
        file.display(),
        wal_path(file).display()
    ))
}

fn incomplete_restore(file: &Path) -> OpenError {
    OpenError(format!(
        "The restore into this folder is incomplete: {} is missing. Run `chatbox restore` again, \
         or delete {} to start without data.",
        file.display(),
        partial_path(file).display()
    ))
}

fn foreign_wal(file: &Path) -> OpenError {
    OpenError(format!(
        "{} was replaced, but {} belongs to the previous database. Nothing was changed. If you \
         restored a backup, delete {} and {}-shm, then \
         start again. Otherwise put the previous database back.",
        file.display(),
        wal_path(file).display(),
        wal_path(file).display(),
        file.display()
    ))
}
