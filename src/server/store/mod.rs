//! The store: all data of the server, and the only place with SQL.
//!
//! Reads use a pool of connections and are methods of [`Store`]. Writes are methods of [`WriteTx`],
//! which only the write queue hands out, inside its transaction.

mod accounts;
mod columns;
mod conversations;
mod engine;
mod events;
mod files;
mod journal_rows;
mod messages;
mod open;
mod search;
pub mod seed;
#[cfg(test)]
mod tests;
mod transaction;
mod write_queue;

use std::sync::Arc;

pub use super::error::Result;
pub use accounts::{
    TokenHash,
    audit_log::Actor,
    avatars::{AvatarKeys, AvatarOwner},
    credentials::{CodeHash, wrong_recovery_code},
    invitations::NewInvitation,
    management::PeopleQuery,
    people::{NewPerson, registration_closed, username_taken},
    profile::ProfileChange,
    sessions::{NewSession, SESSION_LIFETIME, wrong_credentials},
    workspace::{NewWorkspace, already_set_up},
};
pub use conversations::snapshot::Head;
pub use engine::{
    OpenError,
    data_file::{Access, DataFile, Statistics},
    file_check::partial_path,
    transaction_times::TransactionTimes,
};
pub use events::{Publish, StoreEvent};
pub use files::uploads::{BlobKeys, StoredFile, UploadRecord};
pub use messages::{
    edits::MessageTarget, link_previews::PreviewImage, new_message::NewMessage,
    pagination::PageQuery,
};
pub use search::query::SearchRequest;
pub use transaction::WriteTx;

use tokio::sync::Semaphore;

use super::{background::priority::WriteGate, clock::Clock};
use crate::domain::ConversationId;
use accounts::session_cache::SessionCache;
use engine::Pool;
use messages::new_message::PreparedMessage;
use write_queue::{BoxFuture, WriteQueue};

/// The open store. Cloning it is cheap.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    write_queue: WriteQueue<PreparedMessage>,
    clock: Clock,
    session_cache: SessionCache,
    epoch: String,
    files_owner: String,
    everyone: ConversationId,
    search_permits: Arc<Semaphore>,
    health: Arc<engine::Health>,
}

impl Store {
    /// Runs a write op in the next transaction, and waits until it is committed.
    ///
    /// # Errors
    /// The op's own error, or that it could not be written.
    pub async fn write<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.write_queue.run(op).await
    }

    /// Held by writes that are queued or running; background jobs yield to it.
    #[must_use]
    pub fn write_gate(&self) -> &WriteGate {
        self.write_queue.write_gate()
    }

    /// How long transactions took.
    #[must_use]
    pub fn transaction_times(&self) -> &TransactionTimes {
        self.write_queue.times()
    }

    /// Whether the database responds.
    ///
    /// # Errors
    /// A database error.
    pub async fn check(&self) -> Result<()> {
        sqlx::query("select 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Whether a damaged page was met while running, and the data file is damaged.
    pub async fn is_damaged(&self) -> bool {
        self.health.is_damaged(&self.readers).await
    }

    /// The epoch of the database: another epoch makes all cursors void.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Identifies this data file, also after an earlier copy of it was restored: stored files
    /// belong to this owner.
    #[must_use]
    pub fn files_owner(&self) -> &str {
        &self.files_owner
    }

    /// The conversation of everybody.
    #[must_use]
    pub const fn everyone(&self) -> ConversationId {
        self.everyone
    }

    /// Finishes the queued writes and closes the data file.
    pub async fn close(&self) {
        // The writer last: only a connection that may write can empty the WAL into the data file.
        self.readers.close().await;
        self.write_queue.stop().await;
        tracing::info!("transaction times: {}", self.transaction_times());
    }
}
