//! The blob store: bytes under the hash of their content. Equal files are stored once, and a name
//! reveals nothing about the sender. A local folder by default or a bucket, through the
//! `object_store` interface.

use std::{
    fs,
    ops::Range,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::body::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    Error, ObjectMeta, ObjectStore, ObjectStoreExt, buffered::BufWriter, local::LocalFileSystem,
    path::Path,
};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::{
    domain::{ChatError, Code},
    server::{background::pool::BackgroundPool, error::AppError},
};

/// In the folder of files.
pub(in crate::server) const BLOB_FOLDER: &str = "objects";
/// Bytes of a local read: the memory that a slow reader holds.
const READ_CHUNK: u64 = 512 * 1024;
/// The same for a bucket, where each read is a request.
const REMOTE_READ_CHUNK: u64 = 4 * 1024 * 1024;
/// Bytes of a part that is sent to a bucket: the memory that each transfer takes. Services accept
/// no smaller parts.
const MIN_PART: u64 = 5 * 1024 * 1024;
/// Maximum number of parts of an object.
const MAX_PARTS: u64 = 10_000;
/// The object that names the data file which owns the blobs.
const OWNER_KEY: &str = "chatbox";
/// How long unreferenced blobs are kept: they may belong to a newer copy of the data file.
const STALE_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
/// Length of a content hash in hexadecimal.
const HASH_LENGTH: usize = 64;

/// The blob store.
pub(in crate::server) struct BlobStore {
    store: Arc<dyn ObjectStore>,
    /// The local folder, into which uploads can be moved; `None` for a bucket.
    folder: Option<PathBuf>,
}

impl BlobStore {
    /// Opens the store in this folder.
    pub(in crate::server) fn open_folder(folder: &FilePath) -> Result<Self, object_store::Error> {
        let folder = folder.join(BLOB_FOLDER);
        fs::create_dir_all(&folder)
            .map_err(|e| Error::Generic { store: "files", source: e.into() })?;
        // What is acknowledged must survive a power cut, as messages do.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder) })
    }

    /// The store in this bucket.
    pub(super) fn from_bucket(bucket: Arc<dyn ObjectStore>) -> Self {
        Self { store: bucket, folder: None }
    }

    /// Whether the blobs are in a bucket.
    pub(in crate::server) const fn is_remote(&self) -> bool {
        self.folder.is_none()
    }

    /// Stores bytes under the hash of their content, unless they exist.
    pub(super) async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), AppError> {
        if !self.contains(name).await? {
            self.store
                .put(&blob_path(name), Bytes::copy_from_slice(bytes).into())
                .await
                .map_err(|e| self.map_error(e))?;
        }
        Ok(())
    }

    /// Stores a synced file under the hash of its content: a local folder moves it, on a thread of
    /// `pool`.
    pub(in crate::server) async fn put_file(
        &self,
        name: &str,
        file: &FilePath,
        pool: &BackgroundPool,
    ) -> Result<(), AppError> {
        if self.contains(name).await? {
            return Ok(());
        }
        let Some(folder) = &self.folder else { return self.upload(name, file).await };
        let to = folder.join(blob_path(name).as_ref());
        let folder = to.parent().unwrap_or(&to).to_owned();
        let (from, parent) = (file.to_owned(), folder.clone());
        let moved = pool.run(move || {
            fs::create_dir_all(parent)?;
            fs::rename(from, to)
        });
        moved.await?.map_err(|e| AppError::Internal(e.into()))?;
        // A job of its own, because each yields to writes first.
        let synced = pool.run(move || fs::File::open(folder)?.sync_all());
        synced.await?.map_err(|e| AppError::Internal(e.into()))
    }

    async fn upload(&self, name: &str, file: &FilePath) -> Result<(), AppError> {
        let mut from =
            tokio::fs::File::open(file).await.map_err(|e| AppError::Internal(e.into()))?;
        let size = from.metadata().await.map_err(|e| AppError::Internal(e.into()))?.len();
        let part = usize::try_from(MIN_PART.max(size / MAX_PARTS + 1))
            .map_err(|e| AppError::Internal(e.into()))?;
        let mut to = BufWriter::with_capacity(Arc::clone(&self.store), blob_path(name), part)
            .with_max_concurrency(1);
        let sent = async {
            tokio::io::copy(&mut from, &mut to).await?;
            to.shutdown().await
        };
        if let Err(error) = sent.await {
            let _ = to.abort().await;
            tracing::warn!(%error, "cannot upload an attachment to the bucket");
            return Err(unavailable());
        }
        Ok(())
    }

    /// Whether a blob exists.
    pub(in crate::server) async fn contains(&self, name: &str) -> Result<bool, AppError> {
        match self.store.head(&blob_path(name)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.map_error(error)),
        }
    }

    /// Reads a range of a blob.
    pub(super) async fn read(&self, name: &str, part: Range<u64>) -> Result<Bytes, AppError> {
        self.store.get_range(&blob_path(name), part).await.map_err(|e| self.map_error(e))
    }

    /// Reads a range of a blob in chunks: the next one is read when the last one was taken.
    pub(in crate::server) fn stream(
        &self,
        name: &str,
        part: Range<u64>,
    ) -> BoxStream<'static, object_store::Result<Bytes>> {
        let (store, blob_path) = (Arc::clone(&self.store), blob_path(name));
        // Not one request for all: a service may cancel a response that a slow reader leaves
        // waiting.
        let step = if self.folder.is_some() { READ_CHUNK } else { REMOTE_READ_CHUNK };
        let take = move |at: u64| {
            let (store, blob_path, next) =
                (Arc::clone(&store), blob_path.clone(), (at + step).min(part.end));
            async move {
                if at < next {
                    Ok(Some((store.get_range(&blob_path, at..next).await?, next)))
                } else {
                    Ok(None)
                }
            }
        };
        stream::try_unfold(part.start, take).boxed()
    }

    /// Whether the blobs belong to the data file with this owner name; unowned ones belong to it
    /// from now on. Another owner's blobs are never deleted, whatever our rows say.
    pub(in crate::server) async fn check_owner(&self, owner: &str) -> Result<bool, AppError> {
        let marker = Path::from(OWNER_KEY);
        match self.store.get(&marker).await {
            Ok(found) => {
                Ok(found.bytes().await.map_err(|e| self.map_error(e))? == owner.as_bytes())
            }
            Err(Error::NotFound { .. }) => {
                self.store
                    .put(&marker, owner.as_bytes().to_vec().into())
                    .await
                    .map_err(|e| self.map_error(e))?;
                Ok(true)
            }
            Err(error) => Err(self.map_error(error)),
        }
    }

    /// The size of a blob in bytes.
    pub(in crate::server) async fn size(&self, name: &str) -> Result<u64, AppError> {
        Ok(self.store.head(&blob_path(name)).await.map_err(|e| self.map_error(e))?.size)
    }

    /// The blobs that are old enough to be deleted if nothing refers to them.
    pub(super) async fn list_stale(&self) -> Vec<String> {
        self.list(STALE_AFTER).await
    }

    /// The blobs of at least this age. Other objects in a bucket are not ours.
    pub(in crate::server) async fn list(&self, min_age: Duration) -> Vec<String> {
        let now = SystemTime::now();
        let as_blob_name = |found: object_store::Result<ObjectMeta>| {
            let ObjectMeta { location, last_modified, .. } = found
                .inspect_err(|error| tracing::warn!(%error, "cannot list the stored attachments"))
                .ok()?;
            let age = now.duration_since(last_modified.into()).unwrap_or_default();
            let name = location.filename()?.to_owned();
            (content_hash(&name).is_some() && blob_path(&name) == location && age >= min_age)
                .then_some(name)
        };
        self.store.list(None).filter_map(|found| async { as_blob_name(found) }).collect().await
    }

    /// Deletes a blob. A missing one counts as deleted.
    pub(in crate::server) async fn delete(&self, name: &str) -> Result<(), AppError> {
        match self.store.delete(&blob_path(name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "cannot delete an unused attachment");
                Err(unavailable())
            }
        }
    }

    /// A bucket that does not respond is not the same as a disk that fails.
    fn map_error(&self, error: Error) -> AppError {
        if let Error::NotFound { path, .. } = &error {
            tracing::error!(path, "a stored attachment is missing");
            return AppError::Client(ChatError::not_found());
        }
        if self.folder.is_some() {
            return AppError::Internal(error.into());
        }
        tracing::error!(%error, "the bucket returned an error");
        unavailable()
    }
}

fn unavailable() -> AppError {
    let message = "File storage is unavailable. Try again in a moment. Messages are not affected.";
    AppError::Client(ChatError { retry_after: Some(5), ..ChatError::new(Code::Busy, message) })
}

/// In folders by the first two digits: some file systems are slow with very many files in one
/// folder.
fn blob_path(name: &str) -> Path {
    Path::from_iter([name.get(..2).unwrap_or("00"), name])
}

/// The hash in the name of a blob, before the extension that determines its media type; `None` if
/// this is no such name.
pub(in crate::server) fn content_hash(name: &str) -> Option<&str> {
    let hash = name.split('.').next()?;
    (hash.len() == HASH_LENGTH && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some(hash)
}

/// The name of a blob with this hash.
pub(in crate::server) fn blob_name(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
