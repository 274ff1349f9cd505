//! Files are looked at before anything of them leaves: their sender is told what they carry, and says what is to become of them.

use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::{Sharing, remember, upload::read};
use crate::{
    client::{Chat, browser},
    domain::{
        Attachment, ConversationId, FileId,
        file::FileKind,
        metadata::{self, LOOKED_AT, Notice},
    },
};

/// How long until the code that looks is asked for again, in milliseconds.
const AGAIN: u32 = 2_000;

/// What is said by how a file begins and ends: whether it is a picture that is shown, and what its sender is told.
type Seen = (bool, Option<Notice>);

/// Whatever only this function reaches is split off.
#[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn see(beginning: Vec<u8>, end: Vec<u8>) -> Result<Seen, SplitLoaderError> {
    Ok((metadata::image_type(&beginning).is_some(), metadata::notice(&beginning, &end)))
}

async fn seen(bytes: &Blob) -> Seen {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is a whole number")]
    let size = bytes.size() as u64;
    let part = async |from, to| read(bytes, from, to).await.map(|read| read.to_vec()).unwrap_or_default();
    let beginning = part(0, size.min(LOOKED_AT)).await;
    let end = part(size.saturating_sub(LOOKED_AT), size).await;
    loop {
        if let Ok(seen) = see(beginning.clone(), end.clone()).await {
            return seen;
        }
        browser::sleep(AGAIN).await;
    }
}

impl Chat {
    /// Looks at a file that is to be sent; it is brought once that is done.
    pub(super) async fn look_at(self, id: FileId) {
        let (is_picture, notice) = match self.bytes_of(id).await {
            Some(bytes) => seen(&bytes).await,
            None => (false, None),
        };
        self.advance(id, |one| {
            if is_picture {
                one.file.kind = FileKind::Picture;
            }
            (one.is_looked_at, one.notice) = (true, notice);
        });
        self.note_file(id).await;
        self.bring_tray();
    }

    /// A file goes as it is, with what its sender was told of it.
    pub fn allow(self, id: FileId) {
        self.advance(id, |one| one.notice = None);
        spawn_local(self.note_file(id));
        self.bring_tray();
    }

    /// A picture is sent as a file, as it is: another one, in its place.
    pub fn send_as_file(self, id: FileId) {
        spawn_local(async move {
            let Some(bytes) = self.bytes_of(id).await else { return };
            let new = FileId(uuid::Uuid::new_v4());
            remember(new, bytes, false);
            self.sharing.update(|all| {
                if let Some(one) = all.iter_mut().find(|one| one.file.id == id && !one.sent) {
                    let file = Attachment { id: new, name: one.file.name.clone(), size: one.file.size, ..Attachment::default() };
                    let place = one.place;
                    *one = Sharing { place, is_looked_at: true, ..Sharing::new(one.conversation, file) };
                }
            });
            self.give_up(id);
            self.keep_file(new).await;
            self.bring_tray();
        });
    }

    /// Text that is too long for a message goes as a file. Whether it is among the files now.
    pub fn attach_text(self, conversation: ConversationId, text: &str) -> bool {
        let Ok(made) = File::new_with_str_sequence(&js_sys::Array::of1(&text.into()), "message.txt") else { return false };
        let before = untrack(|| self.tray(conversation)).len();
        self.attach(conversation, vec![made]);
        let one = untrack(|| self.tray(conversation)).into_iter().nth(before);
        if let Some(one) = &one {
            self.advance(one.file.id, |one| one.is_typed = true);
        }
        one.is_some()
    }

    /// Takes a file out of what is to be sent. Text that has no other copy goes back to where it was typed.
    pub fn remove_from_tray(self, id: FileId) {
        let one = self.sharing.with_untracked(|all| all.iter().find(|one| one.file.id == id).cloned());
        let Some(one) = one.filter(|one| one.is_typed) else { return self.give_up(id) };
        spawn_local(async move {
            if let Some(bytes) = self.bytes_of(id).await
                && let Ok(text) = JsFuture::from(bytes.text()).await
                && let Some(text) = text.as_string()
            {
                self.keep_draft(one.conversation, crate::domain::draft::both(self.draft(one.conversation), text));
                self.recalled.update(|times| *times += 1);
            }
            self.give_up(id);
        });
    }
}
