//! Opening the store: migrations, the identity of the data file, backfills, and the start of the
//! write queue.

use std::{path::Path, sync::Arc};

use tokio::sync::Semaphore;

use super::{
    Result, Store,
    accounts::{display_names, session_cache::SessionCache},
    engine::{
        self, OpenError,
        identity::{self, Identity},
        last_write::LastWriteFile,
    },
    events::Publish,
    search::{index, query},
    transaction::WriteTx,
    write_queue::WriteQueue,
};
use crate::server::clock::Clock;

impl Store {
    /// Opens the data file, creating or migrating it where needed, and starts the write queue. The
    /// events of each commit are handed to `publish`, in commit order.
    ///
    /// # Errors
    /// One sentence that says what to do, when the file cannot be used.
    pub async fn open(file: &Path, clock: Clock, publish: Publish) -> Result<Self, OpenError> {
        let mut connection = engine::open(file).await?;
        let readers = engine::open_readers(file).await?;
        let identity = identity::init_identity(&mut connection, file)
            .await
            .map_err(|e| engine::explain(file, &e))?;
        let Identity { epoch, files_owner, everyone } = identity;
        let last_write = LastWriteFile::open(file, epoch.clone());
        index::backfill(&mut connection).await.map_err(|e| engine::explain(file, &e))?;
        display_names::backfill(&mut connection).await.map_err(|e| engine::explain(file, &e))?;
        let session_cache = SessionCache::default();
        let tx = WriteTx::new(connection, clock.clone(), everyone, last_write);
        Ok(Self {
            readers,
            write_queue: WriteQueue::start(tx, session_cache.clone(), publish),
            clock,
            session_cache,
            epoch,
            files_owner,
            everyone,
            search_permits: Arc::new(Semaphore::new(query::MAX_CONCURRENT)),
            health: Arc::default(),
        })
    }
}
