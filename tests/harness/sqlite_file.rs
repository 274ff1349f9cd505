//! The data file as an SQLite file. Only for tests whose subject is the file itself: damaged ones,
//! those of other programs, and copies. All other tests use the interfaces of the server, which any
//! engine has.

use std::path::Path;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

/// Removes an event from the middle of a stream.
pub(crate) const REMOVE_EVENT: &str = "delete from changes where seq = 7 and kind = 'posted'";

/// Inserts a row that refers to rows that do not exist.
pub(crate) const DANGLING_ROW: &str =
    "insert into memberships (person, conversation, joined) values (x'00', x'01', 1)";

/// What makes a database of another program differ from ChatBox's in the header of its file.
pub(crate) const FOREIGN_HEADERS: [&str; 2] =
    ["pragma application_id = 1196444487", "pragma journal_mode = wal"];

/// An open SQLite file.
pub(crate) struct SqliteFile(SqliteConnection);

impl SqliteFile {
    /// Opens a file, or creates it. Foreign keys are not checked.
    pub(crate) async fn open(file: &Path) -> Self {
        let options =
            SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(false);
        Self(options.connect().await.unwrap())
    }

    /// Creates the database of another program, with a table name that ChatBox has too.
    pub(crate) async fn create_foreign(file: &Path) {
        let mut other = Self::open(file).await;
        other.run("create table bookmarks (url text)").await;
        other.run("create table people (id integer)").await;
        other.insert_bookmark().await;
        other.close().await;
    }

    /// Writes to a database of another program.
    pub(crate) async fn insert_bookmark(&mut self) {
        self.run("insert into bookmarks values ('x')").await;
    }

    pub(crate) async fn run(&mut self, sql: impl Into<String>) {
        sqlx::query(AssertSqlSafe(sql.into())).fetch_all(&mut self.0).await.unwrap();
    }

    /// Closes the file, which empties its WAL.
    pub(crate) async fn close(self) {
        self.0.close().await.unwrap();
    }
}

/// Writes a compact copy of the same state: its pages differ.
pub(crate) async fn vacuum_into(file: &Path, copy: &Path) {
    SqliteFile::open(file).await.run(format!("vacuum into '{}'", copy.display())).await;
}
