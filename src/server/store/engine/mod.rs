//! What is specific to SQLite: opening the file, pragmas, checkpoints, error codes. The SQL of the
//! other modules (`$1`, `on conflict`, `returning`) is also valid for PostgreSQL, which therefore
//! needs another module like this one and not a second copy of the store.

pub(super) mod data_file;
pub(super) mod file_check;
pub(super) mod identity;
pub(super) mod last_write;
pub(super) mod statements;
pub(super) mod transaction_times;

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

/// A database connection.
pub(super) type Connection = sqlx::SqliteConnection;
/// A pool of connections.
pub(super) type Pool = sqlx::SqlitePool;
/// A row.
pub(super) type Row = sqlx::sqlite::SqliteRow;

/// Whether a transaction was committed, or why not.
pub(super) type CommitResult = Result<(), CommitError>;

/// Why a transaction was not committed. Nothing of it was written or published.
#[derive(Clone, Copy, Debug)]
pub(super) enum CommitError {
    /// The disk is full.
    StorageFull,
    /// Another error, which was logged.
    Failed,
}

/// Takes the write lock at once: a transaction that begins with a read could fail at its first
/// write.
pub(super) const BEGIN: &str = "begin immediate";
pub(super) const COMMIT: &str = "commit";

/// First SQLite that cannot corrupt a WAL file when two connections checkpoint at once.
const OLDEST_SQLITE: &str = "3.51.3";
const MAX_READERS: u32 = 4;
/// Pages in the WAL from which on it is checkpointed; the default of the engine.
const CHECKPOINT_PAGES: i64 = 1_000;
/// Exit code of the process when the disk fails (sysexits.h).
const EX_IOERR: i32 = 74;

/// Why the data file cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// Opens the connection of the writer and runs the migrations.
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
    let (version,): (String,) = sqlx::query_as("select sqlite_version()")
        .fetch_one(&mut connection)
        .await
        .map_err(explain_error)?;
    if version_parts(&version) < version_parts(OLDEST_SQLITE) {
        return Err(OpenError(format!(
            "ChatBox was built with SQLite {version}, which can corrupt databases. Build it with \
             SQLite {OLDEST_SQLITE} or later."
        )));
    }
    sqlx::migrate!("migrations/sqlite")
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|e| explain_migration(file, &e))?;
    let id = format!("pragma application_id = {APPLICATION_ID}");
    sqlx::query(AssertSqlSafe(id)).execute(&mut connection).await.map_err(explain_error)?;
    Ok(connection)
}

/// Options to read a data file without changing it: the file alone (`immutable`), or together with
/// its WAL.
pub(super) fn read_only_options(file: &Path, alone: bool) -> SqliteConnectOptions {
    connect_options(file).read_only(true).immutable(alone)
}

/// Checkpoints and truncates the WAL.
pub(super) async fn truncate_wal(connection: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query("pragma wal_checkpoint(truncate)").execute(connection).await.map(drop)
}

/// Writes the first page, which counts schema changes, into the WAL: `file_check` tells a copy from
/// the original by it.
pub(super) async fn bump_user_version(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let (version,): (i32,) =
        sqlx::query_as("pragma user_version").fetch_one(&mut *connection).await?;
    let next = format!("pragma user_version = {}", version.wrapping_add(1));
    sqlx::query(AssertSqlSafe(next)).execute(connection).await.map(drop)
}

/// Opens the read-only connections. They never block the writer. Unlike a network connection a file
/// does not go away, so they are not tested before each use.
pub(super) async fn open_readers(file: &Path) -> Result<Pool, OpenError> {
    let pool = SqlitePoolOptions::new()
        .max_connections(MAX_READERS)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false);
    pool.connect_with(connect_options(file).read_only(true)).await.map_err(|e| explain(file, &e))
}

/// Optimizes and closes the database.
pub(super) async fn close(mut connection: Connection) {
    let _ = sqlx::query("pragma optimize").execute(&mut connection).await;
    // SQLite would checkpoint when its last connection closes, but an abandoned reader may close
    // after this one, and cannot.
    let _ = truncate_wal(&mut connection).await;
    let _ = connection.close().await;
}

/// The WAL after [`checkpoint`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WalState {
    /// It was checkpointed.
    pub(super) checkpointed: bool,
    /// Pages that may still be added before the next checkpoint.
    pub(super) room: u64,
}

/// Checkpoints the WAL when it has grown. SQLite could do so by itself at a commit, but would not
/// report that the disk failed.
pub(super) async fn checkpoint(connection: &mut Connection) -> WalState {
    // Busy flag, length of the WAL, and how much of it is checkpointed.
    let state: Result<(i64, i64, i64), _> =
        sqlx::query_as("pragma wal_checkpoint(noop)").fetch_one(&mut *connection).await;
    let room = state.map(|(_, length, done)| CHECKPOINT_PAGES - (length - done));
    let done = match room {
        Ok(room) if room <= 0 => sqlx::query("pragma wal_checkpoint(passive)")
            .execute(connection)
            .await
            .map(|_| WalState { checkpointed: true, room: 0 }),
        Ok(room) => {
            Ok(WalState { checkpointed: false, room: u64::try_from(room).unwrap_or_default() })
        }
        Err(e) => Err(e),
    };
    match done {
        Ok(state) => state,
        // The WAL keeps its content: it is tried again after the next commit.
        Err(e) if is_full(&e) => {
            tracing::error!("the disk is full: the database cannot grow until there is free space");
            WalState::default()
        }
        Err(e) => abort_on_io_error(&e),
    }
}

/// Ends the process. After a failed sync nobody knows what the disk holds: going on could
/// acknowledge messages that are not saved.
pub(super) fn abort_on_io_error(error: &sqlx::Error) -> ! {
    let message = "A write to the disk failed";
    tracing::error!(%error, "{message}");
    log::finish(Some(&format!(
        "{message} ({error}). ChatBox stopped, so that it never acknowledges unsaved messages. \
         Everything acknowledged is saved. Check the disk, then start again."
    )));
    std::process::exit(EX_IOERR)
}

/// Whether the disk is full: nothing is lost, and writing works again when there is space.
pub(super) fn is_full(error: &sqlx::Error) -> bool {
    const SQLITE_FULL: &str = "13";
    // The shared-memory file could not grow.
    const SQLITE_IOERR_SHMSIZE: &str = "4874";
    error
        .as_database_error()
        .and_then(|e| e.code())
        .is_some_and(|code| code == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE)
}

/// Classifies an error inside a transaction.
pub(super) fn commit_error(cause: &(dyn Error + 'static)) -> CommitError {
    match cause.downcast_ref::<sqlx::Error>() {
        Some(error) if is_full(error) => CommitError::StorageFull,
        _ => CommitError::Failed,
    }
}

/// Explains a database error to the operator.
pub(super) fn explain(file: &Path, error: &sqlx::Error) -> OpenError {
    const NOT_A_DATABASE: &str = "26";
    let file = file.display();
    let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
    OpenError(match code.as_str() {
        NOT_A_DATABASE | "11" => {
            format!(
                "{file} is not a ChatBox database, or it is damaged. Restore a backup, or choose \
                 another folder with --data."
            )
        }
        "8" | "14" => format!(
            "Cannot open {file} for writing. Check that its folder exists and that this user has \
             write access, or choose another folder with --data."
        ),
        "5" | "6" => {
            format!("{file} is in use by another program. Stop that program, then start again.")
        }
        "13" => {
            format!("The disk is full: cannot write {file}. Free some space, then start again.")
        }
        _ => format!("Cannot use {file}: {error}."),
    })
}

fn explain_migration(file: &Path, error: &MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(_) => OpenError(format!(
            "{} was written by a newer version of ChatBox. Start that version, or restore a backup \
             made before the upgrade.",
            file.display()
        )),
        MigrateError::VersionMismatch(n) | MigrateError::Dirty(n) => OpenError(format!(
            "Migration {n} of {} is incomplete or unknown. Restore a backup.",
            file.display()
        )),
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => explain(file, e),
        other => OpenError(format!(
            "Cannot migrate {}: {other}. Restore a backup, or report this error.",
            file.display()
        )),
    }
}

fn connect_options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::from_str("sqlite:")
        .unwrap_or_default()
        .filename(file)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(200)
        // As many rows as one statement of the writer returns, so that it need not pause.
        .row_buffer_size(256)
        // Each reader caches up to 2 MB of pages; the system caches the file for all of them.
        .pragma("cache_size", "-2000")
        .pragma("temp_store", "memory")
        // The text of a statement is no secret, but its duration could reveal something about a
        // person: nothing is logged.
        .disable_statement_logging()
}

fn version_parts(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        #[cfg(test)]
        if let Some(refusal) = super::tests::refusals::injected(&error) {
            return Self::Client(refusal);
        }
        record_corruption(&error);
        Self::Internal(Box::new(error))
    }
}

/// How often a damaged page was met in this process.
static CORRUPTION_COUNT: AtomicU64 = AtomicU64::new(0);

fn record_corruption(error: &sqlx::Error) {
    const SQLITE_CORRUPT: u32 = 11;
    const SQLITE_NOTADB: u32 = 26;
    // Of an extended code, the last byte is the primary code.
    let code =
        error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
    if code.is_some_and(|code| matches!(code & 0xff, SQLITE_CORRUPT | SQLITE_NOTADB))
        && CORRUPTION_COUNT.fetch_add(1, Ordering::Relaxed) == 0
    {
        tracing::error!(%error, "the database is damaged: stop ChatBox, run `chatbox verify` on \
                                 the data folder and restore a backup");
    }
}

/// Whether the data file is damaged. Checked again only after a damaged page was met.
#[derive(Default)]
pub(super) struct Health {
    /// The count of damaged pages at the last check, and its result.
    last_check: tokio::sync::Mutex<(u64, bool)>,
}

impl Health {
    pub(super) async fn is_damaged(&self, readers: &Pool) -> bool {
        let count = CORRUPTION_COUNT.load(Ordering::Relaxed);
        let mut last_check = self.last_check.lock().await;
        if last_check.0 != count && !last_check.1 {
            let found: Result<(String,), _> =
                sqlx::query_as("pragma quick_check(1)").fetch_one(readers).await;
            *last_check = (count, found.map_or(true, |(word,)| word != "ok"));
        }
        last_check.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sqlite_is_built_without_global_memory_locks() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(&folder.path().join("engine.sqlite")).await.unwrap();
        let built: Vec<(String,)> =
            sqlx::query_as("pragma compile_options").fetch_all(&mut connection).await.unwrap();
        let has = |option: &str| built.iter().any(|(built,)| built == option);
        assert!(
            has("DEFAULT_MEMSTATUS=0") && !has("ENABLE_MEMORY_MANAGEMENT"),
            "as .cargo/config.toml has it: {built:?}"
        );
    }
}
