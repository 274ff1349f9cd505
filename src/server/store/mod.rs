//! The repository: all that is kept, and the only place where SQL stands.
//!
//! Reads come from a pool of their own and are methods of [`Store`]; changes are methods of [`Ledger`], which only the
//! one writer hands out, inside its transaction.

mod accounts;
mod columns;
mod conversations;
mod engine;
mod files;
mod journal_rows;
mod messages;
mod search;
pub mod seed;
#[cfg(test)]
mod tests;
mod transaction;
mod transaction_times;
mod write_queue;

use std::{path::Path, sync::Arc};

pub use accounts::avatars::{FaceObjects, Whose};
pub use accounts::people::{NewPerson, by_invitation, taken};
pub use accounts::sessions::{NewSession, SESSION_LASTS, TokenHash};
pub use conversations::snapshot::Head;
pub use engine::OpenError;
pub use engine::data_file::{DataFile, Extent, Use};
pub use engine::file_check::part;
pub use files::uploads::{Objects, Served, Share};
pub use messages::edits::Hand;
pub use messages::link_previews::PictureFile;
pub use messages::pagination::Part;
pub use messages::post::Draft;
pub use search::query::Wanted;
pub use transaction::{Ledger, News};
pub use transaction_times::TransactionTimes;
pub use write_queue::Publish;

use tokio::sync::Semaphore;

use super::{background::priority::Precedence, error::Failure};
use crate::domain::ConversationId;
use accounts::{display_names, sessions};
use conversations::create::{self, Identity};
use engine::{Pool, last_write::LastWriteFile};
use search::{index, query};
use write_queue::Writer;

/// What every question to the store ends in.
pub type Outcome<T> = Result<T, Failure>;

/// The open repository. Cloning it is cheap.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    writer: Writer,
    known: sessions::Known,
    epoch: String,
    files_owner: String,
    everyone: ConversationId,
    searching: Arc<Semaphore>,
    health: Arc<engine::Health>,
}

impl Store {
    /// Opens the data file, making or renewing it where needed, and starts the writer.
    /// What is committed is handed to `publish`, in the order of the commits.
    ///
    /// # Errors
    /// One sentence that says what to do, when the file cannot be used.
    pub async fn open(file: &Path, publish: Publish) -> Result<Self, OpenError> {
        let mut connection = engine::open(file).await?;
        let readers = engine::readers(file).await?;
        let identity = create::first_rows(&mut connection, file).await.map_err(|e| engine::explain(file, &e))?;
        let Identity { epoch, files_owner, everyone } = identity;
        let last_write = LastWriteFile::open(file, epoch.clone());
        index::catch_up(&mut connection).await.map_err(|e| engine::explain(file, &e))?;
        display_names::catch_up(&mut connection).await.map_err(|e| engine::explain(file, &e))?;
        let known = sessions::Known::default();
        let heeding = known.clone();
        let publish: Publish = Arc::new(move |news| {
            heeding.heed(&news);
            publish(news);
        });
        Ok(Self {
            readers,
            writer: Writer::start(Ledger::new(connection, everyone, last_write), publish),
            known,
            epoch,
            files_owner,
            everyone,
            searching: Arc::new(Semaphore::new(query::AT_ONCE)),
            health: Arc::default(),
        })
    }

    /// What is being written down, which goes before whatever takes long.
    #[must_use]
    pub fn precedence(&self) -> &Precedence {
        self.writer.precedence()
    }

    /// How long transactions held the writer.
    #[must_use]
    pub fn transaction_times(&self) -> &TransactionTimes {
        self.writer.times()
    }

    /// Whether the data file answers.
    ///
    /// # Errors
    /// What the engine said.
    pub async fn check(&self) -> Outcome<()> {
        sqlx::query("select 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Whether a damaged page was met while running, and is in this data file.
    pub async fn is_damaged(&self) -> bool {
        self.health.is_damaged(&self.readers).await
    }

    /// The database's life: another one makes all marks void.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Which data file this is, also after an earlier copy of it was put back: whose files are whose is known by this.
    #[must_use]
    pub fn files_owner(&self) -> &str {
        &self.files_owner
    }

    /// The conversation of all.
    #[must_use]
    pub const fn everyone(&self) -> ConversationId {
        self.everyone
    }

    /// Finishes what is being written and closes the file.
    pub async fn close(&self) {
        // The writer last: only a connection that may write can empty the WAL into the file as it goes.
        self.readers.close().await;
        self.writer.stop().await;
        tracing::info!("transaction times: {}", self.transaction_times());
    }
}
