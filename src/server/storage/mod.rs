//! Attachments and avatars: uploaded in chunks (`uploads`), identified (`sniff`) and processed
//! (`process`), stored under the hash of their content (`blob_store`) in a folder or a bucket
//! (`backend`), and deleted when nothing refers to them.

mod avatars;
mod backend;
mod blob_store;
mod process;
mod sniff;
mod uploads;

use std::{
    collections::HashSet,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::body::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::{RwLock, Semaphore};

use super::{
    background::{
        pool::{BackgroundPool, LOWEST_PRIORITY},
        priority::WriteGate,
    },
    error::AppError,
    store::{OpenError, Store},
};
use crate::domain::{ChatError, FileId, PersonId};
pub use backend::{FileStorage, Secret, StorageBackend};
pub(super) use backend::{local_folder, open_blob_store};
pub(super) use blob_store::{BLOB_FOLDER, BlobStore, blob_name, content_hash};
pub use process::UploadMode;

/// Blobs that are checked and deleted while uploads wait.
const DELETE_BATCH: usize = 50;

/// The settings of file storage.
pub struct FilesConfig<'c> {
    /// The data folder.
    pub data: &'c Path,
    /// The folder or bucket.
    pub storage: &'c FileStorage,
    /// Largest file, in bytes.
    pub max_file_bytes: u64,
    /// Maximum number of bytes of one person's files.
    pub quota_bytes: u64,
}

/// File storage: the blobs, and the uploads in progress.
pub struct Files {
    store: Store,
    /// Decodes images and hashes files.
    background: BackgroundPool,
    /// Largest file, in bytes.
    max_file_bytes: u64,
    /// Maximum number of bytes of one person's files.
    quota_bytes: u64,
    blobs: BlobStore,
    /// The folder of uploads in progress: one file each, named by its ID.
    uploads: PathBuf,
    /// Uploads that a request is writing.
    active_uploads: Mutex<HashSet<FileId>>,
    /// Whether the blobs belong to our data file: another one's are never deleted.
    owns_blobs: AtomicBool,
    /// Held for reading while blobs are stored that a row is about to name, and for writing while
    /// blobs are deleted.
    gc_lock: RwLock<()>,
    /// Bounds the avatars that are encoded at once.
    avatar_permits: Semaphore,
    /// Writes uploads in order. Not the background pool, whose jobs take long.
    io_pool: BackgroundPool,
    /// Background work yields to writes.
    write_gate: WriteGate,
}

impl Files {
    /// Opens the file storage.
    ///
    /// # Errors
    /// One sentence that says what to do, when it cannot be used.
    pub fn open(
        config: FilesConfig<'_>,
        store: Store,
        background: BackgroundPool,
    ) -> Result<Self, OpenError> {
        // Uploads are appended to, which no bucket supports.
        let folder = backend::local_folder(config.data, config.storage);
        let uploads = folder.join(uploads::UPLOADS_FOLDER);
        std::fs::create_dir_all(&uploads).map_err(|e| backend::cannot_use(&folder, &e))?;
        let blobs = backend::open_blob_store(config.data, config.storage)?;
        let write_gate = store.write_gate().clone();
        Ok(Self {
            store,
            background,
            max_file_bytes: config.max_file_bytes,
            quota_bytes: config.quota_bytes,
            blobs,
            uploads,
            active_uploads: Mutex::default(),
            owns_blobs: AtomicBool::new(false),
            gc_lock: RwLock::default(),
            avatar_permits: Semaphore::new(2),
            io_pool: BackgroundPool::with_threads(1, LOWEST_PRIORITY, &write_gate),
            write_gate,
        })
    }

    /// Locks an upload as long as the returned guard lives. `None` while another request holds it.
    fn lock_upload(self: &Arc<Self>, id: FileId) -> Option<UploadLock> {
        let mut active = self.active_uploads.lock().unwrap_or_else(PoisonError::into_inner);
        active.insert(id).then(|| UploadLock { files: Arc::clone(self), id })
    }
}

/// A locked upload.
struct UploadLock {
    files: Arc<Files>,
    id: FileId,
}

impl Drop for UploadLock {
    fn drop(&mut self) {
        self.files.active_uploads.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Files {
    /// Deletes purged files, and the rest of cancelled uploads. Runs in the background; what fails
    /// is done the next time.
    pub async fn purge_files(&self) {
        self.check_ownership().await;
        loop {
            let Ok((uploads, names)) = self.store.purge_files().await else {
                tracing::warn!("cannot delete unused attachments; trying again later");
                return;
            };
            let last = uploads.is_empty() && names.is_empty();
            for id in uploads {
                self.delete_upload_files(id).await;
            }
            self.delete_unreferenced(names).await;
            if last {
                break;
            }
        }
        if self.owns_blobs.load(Ordering::Relaxed) {
            self.delete_orphans().await;
        }
    }

    /// Checks whether the blobs belong to our data file. A store that does not respond is asked
    /// again the next time.
    async fn check_ownership(&self) {
        match self.blobs.check_owner(self.store.files_owner()).await {
            Ok(true) => self.owns_blobs.store(true, Ordering::Relaxed),
            Ok(false) => tracing::error!(
                "the attachments folder or bucket belongs to another database: nothing is deleted \
                 there; choose another one with --files"
            ),
            Err(_) => {}
        }
    }

    /// Deletes old blobs that no row refers to: a crash can leave them, or an unavailable store.
    pub async fn delete_stale_blobs(&self) {
        self.delete_unreferenced(self.blobs.list_stale().await).await;
    }

    /// Deletes those of these blobs that no row refers to.
    async fn delete_unreferenced(&self, names: Vec<String>) {
        if !self.owns_blobs.load(Ordering::Relaxed) {
            return;
        }
        for batch in names.chunks(DELETE_BATCH) {
            // So that nobody stores the same content in between.
            let _alone = self.gc_lock.write().await;
            for name in self.store.unreferenced(batch.to_vec()).await.unwrap_or_default() {
                if self.blobs.delete(&name).await.is_err() {
                    // They are deleted as stale blobs later.
                    return;
                }
            }
        }
    }

    /// The size of a blob.
    ///
    /// # Errors
    /// That it cannot be read.
    pub async fn blob_size(&self, name: &str) -> Result<u64, AppError> {
        self.blobs.size(name).await
    }

    /// Streams a range of a blob: the next chunk is read when the last one was taken.
    #[must_use]
    pub fn stream_blob(
        &self,
        name: &str,
        part: Range<u64>,
    ) -> BoxStream<'static, object_store::Result<Bytes>> {
        self.blobs.stream(name, part)
    }

    /// Reads a range of a blob.
    ///
    /// # Errors
    /// That it cannot be read.
    pub async fn read_blob(&self, name: &str, part: Range<u64>) -> Result<Bytes, AppError> {
        self.blobs.read(name, part).await
    }

    /// Cancels an upload.
    ///
    /// # Errors
    /// `not_found` where this person has no such unsent file.
    pub async fn cancel_upload(
        self: &Arc<Self>,
        owner: PersonId,
        id: FileId,
    ) -> Result<(), ChatError> {
        let files = Arc::clone(self);
        // In a task of its own: it finishes even when the request is cancelled.
        let done = tokio::spawn(async move {
            let names = files.store.cancel_upload(owner, id).await?;
            files.delete_upload_files(id).await;
            files.delete_unreferenced(names).await;
            Ok::<_, ChatError>(())
        });
        done.await.map_err(|_| ChatError::internal())?
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use clap::Parser;

    use super::*;
    use crate::server::{
        App,
        config::{Command, CommandLine},
    };

    async fn open_app(data: &Path, files: &Path) -> App {
        let [data, files] = [data, files].map(|folder| folder.to_str().unwrap().to_owned());
        let Command::Serve(config) =
            CommandLine::parse_from(["chatbox", "serve", "--data", &data, "--files", &files])
                .command
        else {
            panic!()
        };
        App::open(*config).await.unwrap()
    }

    #[tokio::test]
    async fn stale_blobs_are_deleted_after_a_month_and_never_another_servers() {
        let folder = tempfile::tempdir().unwrap();
        let [owns_blobs, theirs, files] =
            ["ours", "theirs", "files"].map(|name| folder.path().join(name));
        let app = open_app(&owns_blobs, &files).await;
        let name = "0123".repeat(16);
        app.files.blobs.put(&name, b"left").await.unwrap();
        app.files.delete_stale_blobs().await;
        assert_eq!(
            app.files.blob_size(&name).await.unwrap(),
            4,
            "it may be of a younger copy of the data"
        );
        let lies = std::fs::File::options()
            .write(true)
            .open(files.join("objects/01").join(&name))
            .unwrap();
        lies.set_modified(SystemTime::now() - Duration::from_secs(31 * 24 * 3600)).unwrap();
        let other = open_app(&theirs, &files).await;
        other.files.delete_stale_blobs().await;
        assert_eq!(other.files.blob_size(&name).await.unwrap(), 4, "they are not of its data");
        app.files.delete_stale_blobs().await;
        assert!(app.files.blob_size(&name).await.is_err());
    }
}
