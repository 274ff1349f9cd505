//! The data file as an SQLite file. Only for tests whose subject is the file itself: damaged ones,
//! those of other programs, and copies. All other tests use the interfaces of the server, which any
//! engine has.

use std::path::Path;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

/// An open SQLite file.
pub(crate) struct SqliteFile(SqliteConnection);

impl SqliteFile {
    /// Opens a file, or creates it. Foreign keys are not checked.
    pub(crate) async fn open(file: &Path) -> Self {
        let options =
            SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(false);
        Self(options.connect().await.unwrap())
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
