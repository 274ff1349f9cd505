//! Inspects files before anything is uploaded: the sender learns what they contain and decides.

use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::{UploadItem, blobs::store_blob, upload::read_chunk};
use crate::{
    client::{AppState, browser},
    domain::{
        Attachment, ConversationId, FileId,
        file::{FileKind, ImageFormat},
        metadata::{self, Notice, SCANNED_BYTES},
    },
};

/// Delay before loading the inspection code again, in milliseconds.
const RETRY_DELAY: u32 = 2_000;

/// Result of an inspection: whether it is an image that can be shown, and a notice to the sender.
type Inspection = (bool, Option<Notice>);

/// Split off: code that only this function reaches is loaded lazily.
#[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn inspect_bytes(beginning: Vec<u8>, end: Vec<u8>) -> Result<Inspection, SplitLoaderError> {
    Ok((ImageFormat::detect(&beginning).is_some(), metadata::notice(&beginning, &end)))
}

async fn inspect_blob(bytes: &Blob) -> Inspection {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size is a whole number"
    )]
    let size = bytes.size() as u64;
    let part = async |from, to| {
        read_chunk(bytes, from, to).await.map(|chunk| chunk.to_vec()).unwrap_or_default()
    };
    let beginning = part(0, size.min(SCANNED_BYTES)).await;
    let end = part(size.saturating_sub(SCANNED_BYTES), size).await;
    loop {
        if let Ok(inspection) = inspect_bytes(beginning.clone(), end.clone()).await {
            return inspection;
        }
        browser::sleep(RETRY_DELAY).await;
    }
}

impl AppState {
    /// Inspects a file, then starts its upload.
    pub(super) async fn inspect_file(self, id: FileId) {
        let (is_picture, notice) = match self.file_bytes(id).await {
            Some(bytes) => inspect_blob(&bytes).await,
            None => (false, None),
        };
        self.update_upload(id, |item| {
            if is_picture {
                item.file.kind = FileKind::Image;
            }
            (item.is_inspected, item.notice) = (true, notice);
        });
        self.persist_metadata(id).await;
        self.process_uploads();
    }

    /// Uploads a file despite its notice.
    pub fn confirm_upload(self, id: FileId) {
        self.update_upload(id, |item| item.notice = None);
        spawn_local(self.persist_metadata(id));
        self.process_uploads();
    }

    /// Replaces an image with the same data as a plain file.
    pub fn send_as_file(self, id: FileId) {
        spawn_local(async move {
            let Some(bytes) = self.file_bytes(id).await else { return };
            let new = FileId(uuid::Uuid::new_v4());
            store_blob(new, bytes, false);
            self.uploads.update(|all| {
                if let Some(item) = all.iter_mut().find(|item| item.file.id == id && !item.sent) {
                    let file = Attachment {
                        id: new,
                        name: item.file.name.clone(),
                        size: item.file.size,
                        ..Attachment::default()
                    };
                    let position = item.position;
                    *item = UploadItem {
                        position,
                        is_inspected: true,
                        ..UploadItem::new(item.conversation, file)
                    };
                }
            });
            self.cancel_upload(id);
            self.persist_file(new).await;
            self.process_uploads();
        });
    }

    /// Attaches a text over the message limit as a file. Returns whether it was attached.
    pub fn attach_text(self, conversation: ConversationId, text: &str) -> bool {
        let Ok(made) =
            File::new_with_str_sequence(&js_sys::Array::of1(&text.into()), "message.txt")
        else {
            return false;
        };
        let before = untrack(|| self.tray(conversation)).len();
        self.attach(conversation, vec![made]);
        let item = untrack(|| self.tray(conversation)).into_iter().nth(before);
        if let Some(item) = &item {
            self.update_upload(item.file.id, |item| item.is_from_text = true);
        }
        item.is_some()
    }

    /// Removes a file from the tray. A text that exists nowhere else returns to the composer.
    pub fn remove_from_tray(self, id: FileId) {
        let item =
            self.uploads.with_untracked(|all| all.iter().find(|item| item.file.id == id).cloned());
        let Some(item) = item.filter(|item| item.is_from_text) else {
            return self.cancel_upload(id);
        };
        spawn_local(async move {
            if let Some(bytes) = self.file_bytes(id).await
                && let Ok(text) = JsFuture::from(bytes.text()).await
                && let Some(text) = text.as_string()
            {
                self.save_draft(
                    item.conversation,
                    crate::domain::draft::concat(self.draft(item.conversation), text),
                );
                self.draft_version.update(|times| *times += 1);
            }
            self.cancel_upload(id);
        });
    }
}
