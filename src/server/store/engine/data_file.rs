//! A data file read from outside the server, for `chatbox backup`, `restore` and `verify`; a server
//! may be using it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _};

use super::{Connection, OpenError, file_check};
use crate::server::store::engine;

/// Maximum number of problems of one kind that are listed.
const MAX_LISTED: i64 = 20;
/// The columns that name blobs. Older data files lack some of them.
const BLOB_COLUMNS: [(&str, &str); 6] = [
    ("files", "whole"),
    ("files", "large"),
    ("files", "small"),
    ("faces", "large"),
    ("faces", "middle"),
    ("faces", "small"),
];

/// Who else may use a data file while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A server may be writing to it.
    Shared,
    /// Nobody: the caller holds the lock of its folder, or it is in a backup.
    Exclusive,
}

/// A data file, opened read-only.
pub struct DataFile {
    connection: Connection,
    file: PathBuf,
}

/// How much a data file contains.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Statistics {
    /// Events in all streams.
    pub events: i64,
    /// Streams with at least one event.
    pub streams: i64,
    /// The time of the latest event, as `2026-01-31 17:05 UTC`; `None` without one.
    pub latest: Option<String>,
}

impl DataFile {
    /// Opens a data file without changing it.
    ///
    /// # Errors
    /// One sentence that says what to do: it is missing, not ChatBox's, or cannot be read.
    pub async fn open(file: &Path, access: Access) -> Result<Self, OpenError> {
        if !std::fs::metadata(file).is_ok_and(|about| about.len() > 0) {
            return Err(OpenError(format!(
                "{} does not exist or is empty. Check the folder.",
                file.display()
            )));
        }
        // A server that writes meanwhile could make its WAL look foreign; it checked the file when
        // it started.
        if access == Access::Exclusive {
            file_check::check(file).await?;
        }
        // Without a WAL nothing is written beside the file either: a backup may be on a read-only
        // disk.
        let immutable = access == Access::Exclusive && !file_check::has_wal(file);
        let connection = engine::read_only_options(file, immutable)
            .connect()
            .await
            .map_err(|e| engine::explain(file, &e))?;
        Ok(Self { connection, file: file.to_owned() })
    }

    /// The owner of the stored files. The same in all epochs; `None` in a data file of an old
    /// version.
    ///
    /// # Errors
    /// A database error.
    pub async fn files_owner(&mut self) -> Result<Option<String>, OpenError> {
        let row: Option<(String,)> = sqlx::query_as(
            "select value from meta where key in \
             ('files_owner', 'epoch') order by key desc limit 1",
        )
        .fetch_optional(&mut self.connection)
        .await
        .map_err(|e| engine::explain(&self.file, &e))?;
        Ok(row.map(|(value,)| value))
    }

    /// The names of all blobs that rows refer to.
    ///
    /// # Errors
    /// A database error.
    pub async fn blob_names(&mut self) -> Result<BTreeSet<String>, OpenError> {
        self.blob_names_inner().await.map_err(|e| engine::explain(&self.file, &e))
    }

    async fn blob_names_inner(&mut self) -> Result<BTreeSet<String>, sqlx::Error> {
        let mut blob_names_inner = BTreeSet::new();
        for (table, column) in BLOB_COLUMNS {
            let (there,): (i64,) =
                sqlx::query_as("select count(*) from pragma_table_info($1) where name = $2")
                    .bind(table)
                    .bind(column)
                    .fetch_one(&mut self.connection)
                    .await?;
            if there > 0 {
                let found =
                    format!("select distinct {column} from {table} where {column} is not null");
                let rows: Vec<(String,)> =
                    sqlx::query_as(AssertSqlSafe(found)).fetch_all(&mut self.connection).await?;
                blob_names_inner.extend(rows.into_iter().map(|(name,)| name));
            }
        }
        Ok(blob_names_inner)
    }

    /// Writes a consistent copy to `to`, which must not exist, and syncs it.
    ///
    /// # Errors
    /// An error of the database or the disk.
    pub async fn copy_to(&mut self, to: &Path) -> Result<(), OpenError> {
        let name = to.to_str().ok_or_else(|| {
            OpenError(format!(
                "The path {} is not valid UTF-8. Choose another folder.",
                to.display()
            ))
        })?;
        sqlx::query("vacuum into $1")
            .bind(name)
            .execute(&mut self.connection)
            .await
            .map_err(|e| self.copy_error(to, &e))?;
        std::fs::File::open(to)
            .and_then(|copy| copy.sync_all())
            .map_err(|e| self.copy_error(to, &e))
    }

    fn copy_error(&self, to: &Path, error: &dyn std::fmt::Display) -> OpenError {
        OpenError(format!(
            "Cannot copy {} to {}: {error}. Check the free disk space, and run `chatbox verify` on \
             the source folder.",
            self.file.display(),
            to.display()
        ))
    }

    /// How much the data file contains.
    ///
    /// # Errors
    /// A database error.
    pub async fn statistics(&mut self) -> Result<Statistics, OpenError> {
        sqlx::query_as(
            "select count(*) as events, count(distinct stream) as streams, \
             strftime('%Y-%m-%d %H:%M UTC', max(at) / 1000, 'unixepoch') as latest from changes",
        )
        .fetch_one(&mut self.connection)
        .await
        .map_err(|e| engine::explain(&self.file, &e))
    }

    /// The problems of the data file: damaged pages, dangling references, streams with gaps. Empty
    /// when it is intact. Reads the whole file.
    pub async fn problems(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        for found in
            [self.damaged_pages().await, self.dangling_rows().await, self.broken_streams().await]
        {
            match found {
                Ok(found) => problems.extend(found),
                Err(error) => problems.push(format!("Cannot read the database: {error}")),
            }
        }
        problems.dedup();
        problems
    }

    async fn damaged_pages(&mut self) -> Result<Vec<String>, sqlx::Error> {
        let check = format!("pragma integrity_check({MAX_LISTED})");
        let rows: Vec<(String,)> =
            sqlx::query_as(AssertSqlSafe(check)).fetch_all(&mut self.connection).await?;
        Ok(rows
            .into_iter()
            .filter(|(word,)| word != "ok")
            .map(|(words,)| format!("Damaged data: {words}"))
            .collect())
    }

    async fn dangling_rows(&mut self) -> Result<Vec<String>, sqlx::Error> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "select \"table\", parent, count(*) from pragma_foreign_key_check group by 1, 2",
        )
        .fetch_all(&mut self.connection)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(table, parent, count)| {
                format!("Rows of {table} that refer to missing rows of {parent}: {count}")
            })
            .collect())
    }

    /// Streams whose sequence numbers are not 1, 2, 3 … up to their head.
    async fn broken_streams(&mut self) -> Result<Vec<String>, sqlx::Error> {
        let rows: Vec<(String, Option<i64>, i64, i64)> = sqlx::query_as(
            "with heads as (select id, head from conversations union all select id, head \
             from people), \
             found as (select stream, count(*) as events, max(seq) as last from changes \
             where seq > 0 group by stream) \
             select lower(hex(coalesce(h.id, f.stream))), h.head, coalesce(f.events, 0), \
             coalesce(f.last, 0) \
             from heads h full join found f on f.stream = h.id \
             where h.head is not coalesce(f.last, 0) or coalesce(f.events, 0) <> coalesce(f.last, \
             0) limit $1",
        )
        .bind(MAX_LISTED)
        .fetch_all(&mut self.connection)
        .await?;
        let describe = |(stream, head, events, last): (String, Option<i64>, i64, i64)| match head {
            Some(head) => format!(
                "Stream {stream} should have the events 1 to {head}, but has {events}, the last \
                 with number {last}"
            ),
            None => format!(
                "Stream {stream} has {events} events but belongs to no conversation or person"
            ),
        };
        Ok(rows.into_iter().map(describe).collect())
    }

    /// Closes the file.
    pub async fn close(self) {
        let _ = self.connection.close().await;
    }
}
