//! The engine under the store: the one place where SQLite differs from any other. The SQL elsewhere is common to both
//! engines (`$1`, `on conflict`, `returning`), so that PostgreSQL is another file like this one, not a second copy.

pub(super) mod data_file;
pub(super) mod file_check;
pub(super) mod identity;
pub(super) mod last_write;

use std::{
    error::Error,
    path::Path,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::server::{error::AppError, log};
use file_check::APPLICATION_ID;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// A connection to it.
pub(super) type Connection = sqlx::SqliteConnection;
/// Several connections to it.
pub(super) type Pool = sqlx::SqlitePool;
/// A row of it.
pub(super) type Row = sqlx::sqlite::SqliteRow;

/// Whether a transaction was kept, or why not.
pub(super) type CommitResult = Result<(), CommitError>;

/// Why a transaction was not committed. Nothing of it was written or published.
#[derive(Clone, Copy, Debug)]
pub(super) enum CommitError {
    /// The disk is full.
    StorageFull,
    /// Something else, which stands in the log.
    Failed,
}

/// Takes the write lock at once: a transaction that begins by reading could fail when it first writes.
pub(super) const BEGIN: &str = "begin immediate";

/// First SQLite that cannot corrupt a WAL file when two connections checkpoint at once.
const OLDEST_SQLITE: &str = "3.51.3";
const MAX_READERS: u32 = 4;
/// Pages in the journal from which on they are brought into the data file; as many as the engine would let come together.
const CHECKPOINT_PAGES: i64 = 1_000;
/// What the process ends with when the disk fails, as programs have since long.
const EX_IOERR: i32 = 74;

/// Why the data file cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// The writer's connection, with the tables made or renewed.
pub(super) async fn open(file: &Path) -> Result<Connection, OpenError> {
    let explain_error = |e: sqlx::Error| explain(file, &e);
    file_check::check(file).await?;
    let options = connect_options(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", "0")
        .pragma("cache_size", "-8000");
    let mut connection = options.connect().await.map_err(explain_error)?;
    let (version,): (String,) = sqlx::query_as("select sqlite_version()").fetch_one(&mut connection).await.map_err(explain_error)?;
    if version_parts(&version) < version_parts(OLDEST_SQLITE) {
        return Err(OpenError(format!(
            "ChatBox was built with SQLite {version}, which can corrupt databases. Build it with SQLite {OLDEST_SQLITE} or later."
        )));
    }
    sqlx::migrate!("migrations/sqlite").run_direct(None, &mut connection, false).await.map_err(|e| explain_migration(file, &e))?;
    let id = format!("pragma application_id = {APPLICATION_ID}");
    sqlx::query(AssertSqlSafe(id)).execute(&mut connection).await.map_err(explain_error)?;
    Ok(connection)
}

/// How to look into a data file without changing anything: alone as it lies there, or together with its journal.
pub(super) fn read_only_options(file: &Path, alone: bool) -> SqliteConnectOptions {
    connect_options(file).read_only(true).immutable(alone)
}

/// Brings the whole journal into the data file.
pub(super) async fn truncate_wal(connection: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query("pragma wal_checkpoint(truncate)").execute(connection).await.map(drop)
}

/// Writes the first page, which counts changes of the tables, into the journal: by it `data_file` tells a copy from the original.
pub(super) async fn bump_user_version(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let (version,): (i32,) = sqlx::query_as("pragma user_version").fetch_one(&mut *connection).await?;
    let next = format!("pragma user_version = {}", version.wrapping_add(1));
    sqlx::query(AssertSqlSafe(next)).execute(connection).await.map(drop)
}

/// The readers' connections: they cannot write, and never block the writer. A file does not go away as a network does: they
/// are not tried before each use.
pub(super) async fn open_readers(file: &Path) -> Result<Pool, OpenError> {
    let pool = SqlitePoolOptions::new().max_connections(MAX_READERS).acquire_timeout(Duration::from_secs(10)).test_before_acquire(false);
    pool.connect_with(connect_options(file).read_only(true)).await.map_err(|e| explain(file, &e))
}

/// Leaves the file tidy.
pub(super) async fn close(mut connection: Connection) {
    let _ = sqlx::query("pragma optimize").execute(&mut connection).await;
    // The engine would do so with the last connection, but a reader's that was given up may close after this one, and cannot.
    let _ = truncate_wal(&mut connection).await;
    let _ = connection.close().await;
}

/// Brings the journal (the WAL) into the data file when it has grown, and says whether it did. The engine would do so by itself at a
/// commit, but it keeps to itself that the disk failed meanwhile.
pub(super) async fn checkpoint(connection: &mut Connection) -> bool {
    // What is said: whether it was hindered, how long the journal is, and how much of it the data file holds.
    let state: Result<(i64, i64, i64), _> = sqlx::query_as("pragma wal_checkpoint(noop)").fetch_one(&mut *connection).await;
    let grown = state.map(|(_, length, done)| length - done >= CHECKPOINT_PAGES);
    let done = match grown {
        Ok(true) => sqlx::query("pragma wal_checkpoint(passive)").execute(connection).await.map(|_| true),
        Ok(false) => Ok(false),
        Err(e) => Err(e),
    };
    match done {
        Ok(done) => done,
        // What is in the journal stays there: it is tried again after the next commit.
        Err(e) if is_full(&e) => {
            tracing::error!("the disk is full: the database cannot grow until there is free space");
            false
        }
        Err(e) => abort_on_io_error(&e),
    }
}

/// Ends the process. After a failed sync nobody knows what the disk holds: going on could acknowledge what is not there.
pub(super) fn abort_on_io_error(error: &sqlx::Error) -> ! {
    let message = "A write to the disk failed";
    tracing::error!(%error, "{message}");
    log::finish(Some(&format!(
        "{message} ({error}). ChatBox stopped, so that it never acknowledges unsaved messages. \
         Everything acknowledged is saved. Check the disk, then start again."
    )));
    std::process::exit(EX_IOERR)
}

/// Whether the disk is full: nothing is lost, and writing works again when there is room.
pub(super) fn is_full(error: &sqlx::Error) -> bool {
    const SQLITE_FULL: &str = "13";
    // The file of the readers' places could not grow.
    const SQLITE_IOERR_SHMSIZE: &str = "4874";
    error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE)
}

/// What a failure in a transaction means for those who wait for it.
pub(super) fn commit_error(cause: &(dyn Error + 'static)) -> CommitError {
    match cause.downcast_ref::<sqlx::Error>() {
        Some(error) if is_full(error) => CommitError::StorageFull,
        _ => CommitError::Failed,
    }
}

/// What an engine's error means for the person who runs the server.
pub(super) fn explain(file: &Path, error: &sqlx::Error) -> OpenError {
    const NOT_A_DATABASE: &str = "26";
    let file = file.display();
    let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
    OpenError(match code.as_str() {
        NOT_A_DATABASE | "11" => {
            format!("{file} is not a ChatBox database, or it is damaged. Restore a backup, or choose another folder with --data.")
        }
        "8" | "14" => format!(
            "Cannot open {file} for writing. Check that its folder exists and that this user has write access, or choose another folder with --data."
        ),
        "5" | "6" => format!("{file} is in use by another program. Stop that program, then start again."),
        "13" => format!("The disk is full: cannot write {file}. Free some space, then start again."),
        _ => format!("Cannot use {file}: {error}."),
    })
}

fn explain_migration(file: &Path, error: &MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(_) => OpenError(format!(
            "{} was written by a newer version of ChatBox. Start that version, or restore a backup made before the upgrade.",
            file.display()
        )),
        MigrateError::VersionMismatch(n) | MigrateError::Dirty(n) => {
            OpenError(format!("Migration {n} of {} is incomplete or unknown. Restore a backup.", file.display()))
        }
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => explain(file, e),
        other => OpenError(format!("Cannot migrate {}: {other}. Restore a backup, or report this error.", file.display())),
    }
}

fn connect_options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::from_str("sqlite:")
        .unwrap_or_default()
        .filename(file)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(200)
        // As many rows as one statement of the writer gives: it need not stop in between.
        .row_buffer_size(256)
        // Each reader keeps pages of its own, up to 2 MB; the system keeps the file for all of them.
        .pragma("cache_size", "-2000")
        .pragma("temp_store", "memory")
        // A statement's text is no secret, but its slowness could tell on a person: nothing of it is logged.
        .disable_statement_logging()
}

fn version_parts(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        record_corruption(&error);
        Self::Internal(Box::new(error))
    }
}

/// How often a damaged page was met in this process.
static CORRUPTION_COUNT: AtomicU64 = AtomicU64::new(0);

fn record_corruption(error: &sqlx::Error) {
    const SQLITE_CORRUPT: u32 = 11;
    const SQLITE_NOTADB: u32 = 26;
    // The code is an extended one: its last byte says which.
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
    if code.is_some_and(|code| matches!(code & 0xff, SQLITE_CORRUPT | SQLITE_NOTADB)) && CORRUPTION_COUNT.fetch_add(1, Ordering::Relaxed) == 0 {
        tracing::error!(%error, "the database is damaged: stop ChatBox, run `chatbox verify` on the data folder and restore a backup");
    }
}

/// Whether the data file was found damaged: looked at again only after a damaged page was met.
#[derive(Default)]
pub(super) struct Health {
    /// How much damage had been met when it was looked at last, and what was found.
    last_check: tokio::sync::Mutex<(u64, bool)>,
}

impl Health {
    pub(super) async fn is_damaged(&self, readers: &Pool) -> bool {
        let count = CORRUPTION_COUNT.load(Ordering::Relaxed);
        let mut last_check = self.last_check.lock().await;
        if last_check.0 != count && !last_check.1 {
            let found: Result<(String,), _> = sqlx::query_as("pragma quick_check(1)").fetch_one(readers).await;
            *last_check = (count, found.map_or(true, |(word,)| word != "ok"));
        }
        last_check.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_engine_holds_no_lock_for_what_nobody_asks_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(&folder.path().join("engine.sqlite")).await.unwrap();
        let built: Vec<(String,)> = sqlx::query_as("pragma compile_options").fetch_all(&mut connection).await.unwrap();
        let has = |option: &str| built.iter().any(|(built,)| built == option);
        assert!(has("DEFAULT_MEMSTATUS=0") && !has("ENABLE_MEMORY_MANAGEMENT"), "as .cargo/config.toml has it: {built:?}");
    }
}
