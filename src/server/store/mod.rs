//! The repository: all that is kept, and the only place where SQL stands.
//!
//! Reads come from a pool of their own and are methods of [`Store`]; changes are methods of [`Ledger`], which only the
//! one writer hands out, inside its transaction.

mod alterations;
mod backup;
mod carrying;
mod columns;
mod conversations;
mod data_file;
mod display_names;
mod engine;
mod entries;
mod faces;
mod files;
mod history;
mod knowing;
mod last_write;
mod ledger;
mod levels;
mod marked;
mod members;
mod mentions;
mod messages;
mod own;
mod people;
mod pieces;
mod places;
#[cfg(test)]
mod plans;
mod previews;
mod reactions;
mod read_positions;
mod search;
mod search_names;
mod search_pages;
pub mod seed;
mod sessions;
#[cfg(test)]
mod sizes;
mod snapshot;
mod transaction_times;
mod writer;

use std::{path::Path, sync::Arc};

pub use alterations::Hand;
pub use backup::{DataFile, Extent, Use};
pub use data_file::part;
pub use engine::OpenError;
pub use faces::{FaceObjects, Whose};
pub use files::{Objects, Served, Share};
pub use history::Part;
pub use ledger::{Ledger, News};
pub use messages::Draft;
pub use people::{NewPerson, by_invitation, taken};
pub use previews::PictureFile;
pub use search::Wanted;
pub use sessions::{NewSession, SESSION_LASTS, TokenHash};
pub use snapshot::Head;
pub use transaction_times::TransactionTimes;
pub use writer::Publish;

use tokio::sync::Semaphore;

use crate::{
    domain::ConversationId,
    server::{error::Failure, precedence::Precedence},
};
use conversations::Identity;
use engine::Pool;
use last_write::LastWriteFile;
use writer::Writer;

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
        let identity = conversations::first_rows(&mut connection, file).await.map_err(|e| engine::explain(file, &e))?;
        let Identity { epoch, files_owner, everyone } = identity;
        let last_write = LastWriteFile::open(file, epoch.clone());
        pieces::catch_up(&mut connection).await.map_err(|e| engine::explain(file, &e))?;
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
            searching: Arc::new(Semaphore::new(search::AT_ONCE)),
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
