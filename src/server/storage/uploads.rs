//! Uploads in progress: the bytes so far are in a file, so that an upload continues after an
//! interruption.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::Arc,
};

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use tokio::fs;

use super::{
    Files,
    process::{self, ProcessedUpload, UploadMode, disk_error},
};
use crate::{
    domain::{
        Attachment, ChatError, Code, ConversationId, FileId, PersonId,
        file::{self, MAX_CHUNK_BYTES, Upload},
    },
    server::{
        error::AppError,
        store::{BlobKeys, UploadRecord},
    },
};

/// In the folder of files.
pub(super) const UPLOADS_FOLDER: &str = "uploads";
/// Bytes that are buffered before a write.
const WRITE_BUFFER: usize = 256 * 1024;
/// Bytes that are written between two syncs: the journal of messages is on the same disk and waits
/// meanwhile.
pub(super) const SYNC_INTERVAL: u64 = 1024 * 1024;

impl Files {
    fn upload_path(&self, id: FileId) -> PathBuf {
        self.uploads.join(id.to_string())
    }

    /// The file for the re-encoded image of an upload.
    fn processed_path(&self, id: FileId) -> PathBuf {
        self.uploads.join(format!("{id}.drawn"))
    }

    /// How many bytes of an upload have arrived.
    async fn received(&self, id: FileId) -> u64 {
        fs::metadata(self.upload_path(id)).await.map_or(0, |found| found.len())
    }

    /// Appends to an upload. Received bytes are kept even if the rest does not arrive.
    async fn append(
        &self,
        record: &UploadRecord,
        at: u64,
        chunks: &mut BodyDataStream,
    ) -> Result<u64, ChatError> {
        let mut received = self.received(record.id).await;
        if at != received {
            let message =
                format!("The server has {received} bytes of this file. Continue from there.");
            return Err(ChatError::conflict(message).at("at"));
        }
        let path = self.upload_path(record.id);
        let open = move || OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let file = Arc::new(self.io_pool.run(open).await?.map_err(|e| disk_error(&e))?);
        let (mut buffer, mut written, mut synced) = (Vec::with_capacity(WRITE_BUFFER), at, at);
        let mut result = Ok(());
        while let Some(chunk) = chunks.next().await {
            let Ok(chunk) = chunk else {
                result = Err(ChatError::new(
                    Code::Malformed,
                    "The request is incomplete. Continue the upload.",
                ));
                break;
            };
            received += chunk.len() as u64;
            if received > record.size || received - at > MAX_CHUNK_BYTES {
                received -= chunk.len() as u64;
                result = Err(ChatError::new(
                    Code::TooLarge,
                    "The upload is larger than announced, or larger than the 8 MiB of one request.",
                )
                .at("file"));
                break;
            }
            buffer.extend_from_slice(&chunk);
            if buffer.len() >= WRITE_BUFFER {
                let length = buffer.len() as u64;
                buffer = self.write_at(&file, buffer, written).await?;
                written += length;
            }
            if written - synced >= SYNC_INTERVAL {
                self.sync(&file).await?;
                synced = written;
            }
        }
        if !buffer.is_empty() {
            self.write_at(&file, buffer, written).await?;
        }
        self.sync(&file).await?;
        result.map(|()| received)
    }

    /// Writes bytes at their offset: a cancelled request that is still writing then writes the same
    /// bytes there. Runs on the low-priority I/O thread, and meanwhile no more of this file is read
    /// from the network, so messages go first. Returns the empty buffer.
    async fn write_at(
        &self,
        file: &Arc<File>,
        mut bytes: Vec<u8>,
        at: u64,
    ) -> Result<Vec<u8>, ChatError> {
        let file = Arc::clone(file);
        let write = move || {
            file.write_all_at(&bytes, at)?;
            bytes.clear();
            Ok(bytes)
        };
        self.io_pool.run(write).await?.map_err(|e| disk_error(&e))
    }

    async fn sync(&self, file: &Arc<File>) -> Result<(), ChatError> {
        let file = Arc::clone(file);
        self.io_pool.run(move || file.sync_data()).await?.map_err(|e| disk_error(&e))
    }

    /// Stores the blobs of a processed upload that do not exist yet.
    async fn store_blobs(&self, processed: &ProcessedUpload) -> Result<(), AppError> {
        self.blobs.put_file(&processed.keys.whole, &processed.whole, &self.io_pool).await?;
        for (name, bytes) in &processed.variants {
            self.blobs.put(name, bytes).await?;
        }
        Ok(())
    }

    /// Deletes the files of an upload.
    pub(super) async fn delete_upload_files(&self, id: FileId) {
        let paths = [self.upload_path(id), self.processed_path(id)];
        let remove = move || paths.into_iter().for_each(|file| drop(std::fs::remove_file(file)));
        // Failed deletions are repeated with the orphans later.
        let _ = self.io_pool.run(remove).await;
    }

    /// Deletes files of uploads that no row knows.
    pub(super) async fn delete_orphans(&self) {
        let Ok(mut entries) = fs::read_dir(&self.uploads).await else { return };
        while let Ok(Some(file)) = entries.next_entry().await {
            let id = file
                .file_name()
                .to_str()
                .and_then(|name| name.split('.').next()?.parse::<FileId>().ok());
            let is_pending = match id {
                Some(id) => self.store.is_upload_pending(id).await.unwrap_or(true),
                None => false,
            };
            if !is_pending {
                let _ = fs::remove_file(file.path()).await;
            }
        }
    }
}

impl Files {
    /// Starts an upload, or returns its progress.
    ///
    /// # Errors
    /// `invalid` or `too_large` at `size`; and those of the store.
    pub async fn start_upload(
        &self,
        owner: PersonId,
        conversation: ConversationId,
        id: FileId,
        name: &str,
        size: u64,
    ) -> Result<Upload, AppError> {
        let max_size = self.max_file_bytes;
        if size == 0 {
            return Err(ChatError::invalid("size", "This file is empty. Choose another.").into());
        }
        if size > max_size {
            let message = format!(
                "This file is {}. The limit is {}.",
                file::format_size(size),
                file::format_size(max_size)
            );
            return Err(ChatError::new(Code::TooLarge, message).at("size").into());
        }
        let record = UploadRecord {
            id,
            owner,
            conversation,
            name: file::sanitize_name(name),
            size,
            file: None,
        };
        let record = self.store.start_upload(record, self.quota_bytes).await?;
        Ok(self.upload_state(record).await)
    }

    /// The progress of an upload.
    pub async fn upload_state(&self, record: UploadRecord) -> Upload {
        let received =
            if record.file.is_some() { record.size } else { self.received(record.id).await };
        Upload { received, file: record.file }
    }

    /// Appends bytes to an upload, starting at the offset `at`. After its last byte the file is
    /// processed and stored.
    ///
    /// # Errors
    /// `not_found` for everybody but its owner; `conflict` at `at` for another offset, or while
    /// another request uploads it; `too_large`; `malformed` when the body is incomplete; `invalid`
    /// or `too_large` at `file` for content that is rejected, and then the upload is deleted;
    /// `storage_full`.
    pub async fn receive(
        self: &Arc<Self>,
        owner: PersonId,
        id: FileId,
        mode: UploadMode,
        at: u64,
        chunks: &mut BodyDataStream,
    ) -> Result<Upload, ChatError> {
        let Some(lock) = self.lock_upload(id) else {
            // Only its owner learns that it exists.
            self.store.upload(owner, id).await?;
            return Err(ChatError {
                retry_after: Some(1),
                ..ChatError::conflict("This file is already being uploaded.").at("at")
            });
        };
        let record = self.store.upload(owner, id).await?;
        if record.file.is_some() {
            return Ok(self.upload_state(record).await);
        }
        let received = self.append(&record, at, chunks).await?;
        if received < record.size {
            return Ok(Upload { received, file: None });
        }
        // In a task of its own: the sender may be gone before it finishes, and finds the result
        // when they ask again.
        let files = Arc::clone(self);
        let finished = tokio::spawn(async move {
            let _lock = lock;
            files.finish(&record, mode).await
        });
        let file = finished.await.map_err(|_| ChatError::internal())??;
        Ok(Upload { received, file: Some(file) })
    }

    /// Processes and stores a complete upload. One that is rejected is deleted.
    async fn finish(
        &self,
        record: &UploadRecord,
        mode: UploadMode,
    ) -> Result<Attachment, ChatError> {
        let result = self.process_and_store(record, mode).await;
        if result.as_ref().is_err_and(ChatError::is_transient) {
            return result;
        }
        if result.is_err()
            && let Err(AppError::Client(not_found)) =
                self.store.cancel_upload(record.owner, record.id).await
        {
            // Its owner cancelled it meanwhile.
            return Err(not_found);
        }
        self.delete_upload_files(record.id).await;
        result
    }

    async fn process_and_store(
        &self,
        record: &UploadRecord,
        mode: UploadMode,
    ) -> Result<Attachment, ChatError> {
        let (upload, processed_path) =
            (self.upload_path(record.id), self.processed_path(record.id));
        let (upload_record, write_gate) = (record.clone(), self.write_gate.clone());
        let process =
            move || process::process(&upload_record, mode, &upload, &processed_path, &write_gate);
        let processed = self.background.run(process).await??;
        let (file, keys, size) =
            (processed.file.clone(), processed.keys.clone(), processed.stored_size());
        let saved = async {
            // A bucket may be slow: store without the lock, then again with it, for blobs deleted
            // meanwhile.
            if self.blobs.is_remote() {
                self.store_blobs(&processed).await?;
            }
            let _open = self.gc_lock.read().await;
            self.store_blobs(&processed).await?;
            self.store.finish_upload(record.owner, file, keys, size, self.quota_bytes).await
        };
        if let Err(error) = saved.await {
            let BlobKeys { whole, large, small, .. } = processed.keys;
            self.delete_unreferenced([Some(whole), large, small].into_iter().flatten().collect())
                .await;
            return Err(to_client_error(error));
        }
        Ok(processed.file)
    }
}

/// A full disk is reported as such, however deep the error is.
pub(super) fn to_client_error(error: AppError) -> ChatError {
    if let AppError::Internal(cause) = &error {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(cause.as_ref());
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<std::io::Error>() {
                return disk_error(error);
            }
            cause = error.source();
        }
    }
    error.into()
}
