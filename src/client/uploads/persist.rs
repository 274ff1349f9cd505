//! Stores unsent files in local storage, for all tabs of the browser.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Blob;

use super::{
    UploadItem,
    blobs::{BLOBS, remove_blob, store_blob},
};
use crate::{
    client::{
        AppState,
        browser::{
            self,
            indexed_db::LocalDb,
            storage::{Storage, storage},
        },
    },
    domain::{Attachment, ConversationId, FileId, file::FileKind},
    protocol::codec,
};

/// How often to check whether a file is stored, in milliseconds.
const POLL_INTERVAL: u32 = 20;

impl AppState {
    /// Loads the trays of the previous page.
    pub(in crate::client) async fn load_tray(self, db: &LocalDb) {
        let mut stored_items: Vec<UploadItem> =
            db.tray().await.iter().filter_map(|file| codec::decode_json(file).ok()).collect();
        stored_items.sort_by_key(|item| item.position);
        for item in stored_items {
            if self
                .uploads
                .with_untracked(|all| all.iter().any(|known| known.file.id == item.file.id))
            {
                continue;
            }
            if let Some(bytes) = db
                .bytes(&item.file.id.to_string())
                .await
                .and_then(|bytes| bytes.dyn_into::<Blob>().ok())
            {
                store_blob(item.file.id, bytes, item.file.kind == FileKind::Image);
                self.uploads.update(|all| all.push(UploadItem { stored: Some(true), ..item }));
            }
        }
        // Files chosen before storage was open.
        let left: Vec<FileId> = self.uploads.with_untracked(|all| {
            all.iter()
                .filter(|item| item.stored == Some(false) && !item.sent)
                .map(|item| item.file.id)
                .collect()
        });
        for id in left {
            self.persist_file(id).await;
        }
        let unseen: Vec<FileId> = self.uploads.with_untracked(|all| {
            all.iter()
                .filter(|item| !item.is_inspected && !item.sent)
                .map(|item| item.file.id)
                .collect()
        });
        for id in unseen {
            self.inspect_file(id).await;
        }
        self.process_uploads();
    }

    /// Takes over what is stored, also by other tabs: `attached` files belong to queued messages,
    /// and a tray has no others than the stored ones and those that could not be stored.
    pub(in crate::client) async fn reload_files(
        self,
        db: &LocalDb,
        attached: Vec<(ConversationId, Attachment)>,
    ) {
        let tray: Vec<UploadItem> =
            db.tray().await.iter().filter_map(|file| codec::decode_json(file).ok()).collect();
        let mut gone = Vec::new();
        self.uploads.update(|all| {
            all.retain(|item| {
                let id = item.file.id;
                let stays = item.stored != Some(true)
                    || attached.iter().any(|(_, file)| file.id == id)
                    || tray.iter().any(|stored_item| stored_item.file.id == id);
                if !stays {
                    gone.push(id);
                }
                stays
            });
            for (conversation, file) in attached {
                match all.iter_mut().find(|item| item.file.id == file.id) {
                    Some(item) => item.sent = true,
                    None => all.push(UploadItem {
                        sent: true,
                        stored: Some(true),
                        ..UploadItem::new(conversation, file)
                    }),
                }
            }
        });
        gone.into_iter().for_each(remove_blob);
    }

    /// Stores a file's data and metadata, with an image's dimensions.
    pub(super) async fn persist_file(self, id: FileId) {
        let (bytes, address) = BLOBS.with_borrow(|blobs| {
            blobs
                .iter()
                .find(|(known, ..)| *known == id)
                .map_or((None, None), |(_, blob, address)| (Some(blob.clone()), address.clone()))
        });
        if let Some((width, height)) = match address {
            Some(address) => browser::image_size(&address).await,
            None => None,
        } {
            self.update_upload(id, |item| {
                (item.file.width, item.file.height) = (Some(width), Some(height))
            });
        }
        let Some(item) =
            self.uploads.with_untracked(|all| all.iter().find(|item| item.file.id == id).cloned())
        else {
            return;
        };
        let stored = match (storage(), codec::encode_json(&item)) {
            (Storage::Open(db), Ok(text)) => db
                .put_file(&id.to_string(), &text, bytes.as_ref().map(AsRef::as_ref))
                .await
                .is_some(),
            _ => false,
        };
        let mut changed = false;
        self.update_upload(id, |now| {
            now.stored = Some(stored);
            changed = (now.position, now.is_inspected, now.is_from_text)
                != (item.position, item.is_inspected, item.is_from_text);
        });
        if changed {
            self.persist_metadata(id).await;
        }
    }

    /// Stores a file's metadata, if its data is stored.
    pub(super) async fn persist_metadata(self, id: FileId) {
        let item = self.uploads.with_untracked(|all| {
            all.iter().find(|item| item.file.id == id && item.stored == Some(true)).cloned()
        });
        let Some(item) = item else { return };
        if let (Storage::Open(db), Ok(text)) = (storage(), codec::encode_json(&item)) {
            db.put_file(&id.to_string(), &text, None).await;
        }
    }

    /// Whether the data of these files is stored. Waits until that is known.
    pub(in crate::client) async fn are_persisted(self, files: &[Attachment]) -> bool {
        for file in files {
            loop {
                let known = self.uploads.with_untracked(|all| {
                    all.iter().find(|item| item.file.id == file.id).map(|item| item.stored)
                });
                match known {
                    Some(None) => browser::sleep(POLL_INTERVAL).await,
                    Some(Some(false)) => return false,
                    Some(Some(true)) | None => break,
                }
            }
        }
        true
    }
}
