//! Uploads files in chunks, and resumes interrupted uploads.

use js_sys::Uint8Array;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::{CANCELLED, UploadItem, UploadState, blobs::BLOBS};
use crate::{
    api::files as ask,
    client::{
        AppState,
        browser::{
            self,
            storage::{Storage, storage},
        },
        text,
    },
    domain::{
        Attachment, ChatError, Code, ConversationId, FileId,
        file::{FileKind, MAX_CHUNK_BYTES, Upload},
    },
    protocol::codec,
};

/// Size of the first chunk, in bytes; it grows while chunks are fast.
const FIRST_CHUNK: u64 = 256 * 1024;
/// A chunk faster than this is fast, in milliseconds.
const FAST_CHUNK: i64 = 700;
/// How often to check whether another upload of the file has finished, in milliseconds.
const POLL_INTERVAL: u32 = 250;
/// Longest delay before a retry, in seconds.
const MAX_RETRY_DELAY: u32 = 30;

impl AppState {
    /// Uploads the queued files one after the other.
    pub(super) fn process_uploads(self) {
        let uploading = self.uploads.with_untracked(|all| {
            all.iter().any(|item| item.state == UploadState::Uploading && !item.sent)
        });
        let next = self.uploads.with_untracked(|all| {
            all.iter()
                .find(|item| {
                    item.state == UploadState::Waiting
                        && item.is_inspected
                        && !item.needs_confirmation()
                        && !item.sent
                })
                .cloned()
        });
        if let (false, Some(item)) = (uploading, next) {
            spawn_local(async move {
                let mut wait = 1;
                while let Err(error) = self.upload_file(item.conversation, &item.file).await {
                    if !error.is_transient() {
                        break;
                    }
                    self.wait_for_retry(error.retry_after.unwrap_or(wait).min(MAX_RETRY_DELAY))
                        .await;
                    wait = (wait * 2).min(MAX_RETRY_DELAY);
                    if self.upload_state(item.file.id).is_none() {
                        break;
                    }
                }
                self.process_uploads();
            });
        }
    }

    /// Uploads a file, or returns at once if it is uploaded.
    pub(in crate::client) async fn upload_file(
        self,
        conversation: ConversationId,
        file: &Attachment,
    ) -> Result<(), ChatError> {
        let id = file.id;
        while self.upload_state(id) == Some(UploadState::Uploading) {
            browser::sleep(POLL_INTERVAL).await;
        }
        if self.upload_state(id) == Some(UploadState::Done) {
            return Ok(());
        }
        self.update_upload(id, |item| item.state = UploadState::Uploading);
        let uploaded = self.upload_bytes(conversation, file).await;
        self.update_upload(id, |item| match &uploaded {
            Ok(whole) => {
                (item.state, item.received, item.waiting_for) =
                    (UploadState::Done, item.file.size, None);
                // Keeps the announced name and size, which identify the upload; the processed file
                // may differ.
                item.file = Attachment {
                    name: item.file.name.clone(),
                    size: item.file.size,
                    ..whole.clone()
                };
            }
            Err(error) if error.is_transient() => {
                item.state = UploadState::Waiting;
                item.waiting_for = (error.code != Code::Unreachable).then(|| error.message.clone());
            }
            Err(error) => item.state = UploadState::Failed(error.message.clone()),
        });
        uploaded.map(drop)
    }

    async fn upload_bytes(
        self,
        conversation: ConversationId,
        file: &Attachment,
    ) -> Result<Attachment, ChatError> {
        let (id, mut chunk) = (file.id.to_string(), FIRST_CHUNK);
        // An avatar is in no tray.
        let is_shared = self.upload_state(file.id).is_some();
        let mut upload =
            ask::start_upload(conversation.to_string(), id.clone(), file.name.clone(), file.size)
                .await?;
        let bytes = self.file_bytes(file.id).await;
        loop {
            let Upload { received, file: whole } = upload;
            if let Some(whole) = whole {
                return Ok(whole);
            }
            if is_shared && self.upload_state(file.id).is_none() {
                if CANCELLED.with_borrow(|all| all.contains(&file.id)) {
                    // The upload may have started after the cancellation.
                    let _ = ask::cancel_upload(id).await;
                }
                return Err(ChatError::new(Code::NotFound, text::upload_cancelled(&file.name)));
            }
            self.update_upload(file.id, |item| {
                (item.received, item.waiting_for) = (received, None)
            });
            let Some(bytes) = &bytes else {
                return Err(ChatError::new(Code::NotFound, text::file_gone(&file.name)));
            };
            let started_at = browser::now();
            let sent = match read_chunk(bytes, received, (received + chunk).min(file.size)).await {
                Some(bytes) => send_chunk(self, file, &bytes, received).await,
                None => Err(ChatError::invalid("file", text::file_unreadable(&file.name))),
            };
            upload = match sent {
                // Another tab uploads the same file; ask how far it is.
                Err(error) if error.code == Code::Conflict => {
                    browser::sleep(POLL_INTERVAL).await;
                    ask::start_upload(
                        conversation.to_string(),
                        id.clone(),
                        file.name.clone(),
                        file.size,
                    )
                    .await?
                }
                sent => sent?,
            };
            let took = (browser::now() - started_at).max(1);
            let came = upload.received.saturating_sub(received);
            self.update_upload(file.id, |item| {
                item.bytes_per_second = came * 1_000 / took.unsigned_abs()
            });
            chunk = if took < FAST_CHUNK {
                (chunk * 2).min(MAX_CHUNK_BYTES)
            } else {
                (chunk / 2).max(FIRST_CHUNK / 4)
            };
        }
    }

    pub(super) async fn file_bytes(self, id: FileId) -> Option<Blob> {
        // Stored data stays as it was when the file was chosen.
        if let Storage::Open(db) = storage()
            && let Some(blob) =
                db.bytes(&id.to_string()).await.and_then(|bytes| bytes.dyn_into().ok())
        {
            return Some(blob);
        }
        BLOBS.with_borrow(|blobs| {
            blobs.iter().find(|(known, ..)| *known == id).map(|(_, blob, _)| blob.clone())
        })
    }

    /// Uploads files again that the server may have deleted.
    pub(in crate::client) fn reset_uploads(self, files: &[Attachment]) {
        for file in files {
            self.update_upload(file.id, |item| {
                (item.state, item.received) = (UploadState::Waiting, 0)
            });
        }
    }

    fn upload_state(self, id: FileId) -> Option<UploadState> {
        self.uploads.with_untracked(|all| {
            all.iter().find(|item| item.file.id == id).map(|item| item.state.clone())
        })
    }

    pub(super) fn update_upload(self, id: FileId, change: impl FnOnce(&mut UploadItem)) {
        self.uploads.update(|all| {
            if let Some(item) = all.iter_mut().find(|item| item.file.id == id) {
                change(item);
            }
        });
    }
}

/// A chunk of a file, read before it is sent, so that read errors and network errors are told
/// apart. `None` if the file is shorter than it was.
pub(super) async fn read_chunk(bytes: &Blob, from: u64, to: u64) -> Option<Uint8Array> {
    #[expect(clippy::cast_precision_loss, reason = "sizes are exact in a double up to 9 PB")]
    let chunk = bytes.slice_with_f64_and_f64(from as f64, to as f64).ok()?;
    let read = Uint8Array::new(&JsFuture::from(chunk.array_buffer()).await.ok()?);
    (u64::from(read.length()) == to - from).then_some(read)
}

async fn send_chunk(
    app: AppState,
    file: &Attachment,
    chunk: &Uint8Array,
    from: u64,
) -> Result<Upload, ChatError> {
    // The server must treat it as a plain file too.
    let keep = if file.kind == FileKind::Image { "" } else { "&as=file" };
    let (status, text) = browser::put_bytes(
        &format!("/files/{}?at={from}{keep}", file.id),
        chunk,
        &app.my_id().to_string(),
    )
    .await
    .ok_or_else(unreachable)?;
    if status < 400 {
        codec::decode_json(&text).map_err(|_| unreachable())
    } else {
        Err(codec::decode_json(&text).unwrap_or_else(|_| unreachable()))
    }
}

fn unreachable() -> ChatError {
    ChatError::new(Code::Unreachable, text::UNREACHABLE)
}
