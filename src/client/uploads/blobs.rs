//! The data of the files chosen in this tab, and the object URLs of shown images.

use std::cell::RefCell;

use web_sys::{Blob, Url};

use crate::{client::AppState, domain::FileId};

/// A chosen file: its data, and its object URL if it is a shown image.
type ChosenFile = (FileId, Blob, Option<String>);

thread_local! {
    /// Files chosen in this tab.
    pub(super) static BLOBS: RefCell<Vec<ChosenFile>> = const { RefCell::new(Vec::new()) };
}

impl AppState {
    /// Object URL of an image in this tab.
    #[must_use]
    pub fn preview_url(self, id: FileId) -> Option<String> {
        BLOBS.with_borrow(|blobs| blobs.iter().find(|(known, ..)| *known == id)?.2.clone())
    }
}

/// Registers data that is uploaded without being in a tray.
pub(in crate::client) fn add_blob(id: FileId, bytes: Blob) {
    store_blob(id, bytes, false);
}

pub(super) fn store_blob(id: FileId, bytes: Blob, shown: bool) {
    let address = if shown { Url::create_object_url_with_blob(&bytes).ok() } else { None };
    BLOBS.with_borrow_mut(|blobs| blobs.push((id, bytes, address)));
}

pub(in crate::client) fn remove_blob(id: FileId) {
    BLOBS.with_borrow_mut(|blobs| {
        blobs.retain(|(known, _, address)| {
            if let (true, Some(address)) = (*known == id, address) {
                let _ = Url::revoke_object_url(address);
            }
            *known != id
        });
    });
}
