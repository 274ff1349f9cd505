//! What this browser keeps on its disk for one person: messages that are not known to be sent, and what was begun. Each
//! account has a database of its own, so nothing of one is ever read by another. Without such a disk (some private windows)
//! all of it lives as long as the page.

use futures::channel::oneshot;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

use crate::domain::PersonId;

/// Messages by the order in which they were written (the key sorts so), each as JSON.
const OUTBOX: &str = "outbox";
/// What was begun, by conversation.
const DRAFTS: &str = "drafts";
/// What is to be sent with the next message of a conversation, by the id of the file, as JSON.
const TRAY: &str = "tray";
/// The bytes of files that are not known to be sent, by their ids.
const BYTES: &str = "bytes";
const VERSION: u32 = 2;

/// The open database.
#[derive(Clone)]
pub(in crate::client) struct LocalDb(IdbDatabase);

impl LocalDb {
    /// Opens a person's database, made where there is none. `None`: this browser has no disk for us.
    pub(in crate::client) async fn open(person: PersonId) -> Option<Self> {
        let request = window().indexed_db().ok()??.open_with_u32(&database_name(person), VERSION).ok()?;
        let opened = request.clone();
        let upgrade = Closure::once_into_js(move || {
            let Some(database) = opened.result().ok().and_then(|database| database.dyn_into::<IdbDatabase>().ok()) else { return };
            // One that is there already fails; one that cannot be made leaves the database without it, and every use of it says so.
            for name in [OUTBOX, DRAFTS, TRAY, BYTES] {
                let _ = database.create_object_store(name);
            }
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        let database: IdbDatabase = wait_for(&request).await?.dyn_into().ok()?;
        // Another tab forgets everything here: it must not wait for this one.
        let open = database.clone();
        let forgotten = Closure::once_into_js(move || open.close());
        database.set_onversionchange(Some(forgotten.unchecked_ref()));
        Some(Self(database))
    }

    /// Forgets all that is kept for a person.
    pub(in crate::client) fn delete_database(person: PersonId) {
        if let Ok(Some(factory)) = window().indexed_db() {
            let _ = factory.delete_database(&database_name(person));
        }
    }

    /// Everything in the outbox, in order.
    pub(in crate::client) async fn outbox(&self) -> Vec<String> {
        self.all(OUTBOX).await.into_iter().map(|(_, message)| message).collect()
    }

    /// Everything that was begun, by conversation.
    pub(in crate::client) async fn drafts(&self) -> Vec<(String, String)> {
        self.all(DRAFTS).await
    }

    /// What is to be sent with the next messages.
    pub(in crate::client) async fn tray(&self) -> Vec<String> {
        self.all(TRAY).await.into_iter().map(|(_, file)| file).collect()
    }

    /// Keeps a file that is to be sent, and its bytes if they are given.
    pub(in crate::client) async fn put_file(&self, id: &str, file: &str, bytes: Option<&JsValue>) -> Option<()> {
        let transaction = self.read_write()?;
        if let Some(bytes) = bytes {
            let put = store(&transaction, BYTES)?.put_with_key(bytes, &id.into()).ok()?;
            // WebKit stores no files in private windows: such a transaction is committed without the file, or never ends and blocks all
            // others, unless it is aborted. What was put has a key.
            if wait_for(&put).await.is_none_or(|key| key.is_undefined()) {
                let _ = transaction.abort();
                return None;
            }
        }
        store(&transaction, TRAY)?.put_with_key(&file.into(), &id.into()).ok()?;
        commit(&transaction).await
    }

    /// Forgets files: they are sent, or given up.
    pub(in crate::client) async fn delete_files(&self, ids: &[String]) -> Option<()> {
        let transaction = self.read_write()?;
        for id in ids {
            store(&transaction, TRAY)?.delete(&id.into()).ok()?;
            store(&transaction, BYTES)?.delete(&id.into()).ok()?;
        }
        commit(&transaction).await
    }

    /// Drops the bytes that no tray and no message needs: a page may end before it has given up the files of a discarded message.
    pub(in crate::client) async fn delete_unreferenced_bytes(&self) -> Option<()> {
        let transaction = self.read_write()?;
        let (bytes, tray) = (store(&transaction, BYTES)?.get_all_keys().ok()?, store(&transaction, TRAY)?.get_all_keys().ok()?);
        // Asked for last, so all are here when this one is.
        let outbox = wait_for(&store(&transaction, OUTBOX)?.get_all().ok()?).await?;
        let (tray, outbox) = (js_sys::Array::from(&tray.result().ok()?), js_sys::Array::from(&outbox));
        let is_needed = |key: &JsValue| {
            let in_message = |message: JsValue| message.as_string().zip(key.as_string()).is_none_or(|(message, id)| message.contains(&id));
            tray.includes(key, 0) || outbox.iter().any(in_message)
        };
        for key in js_sys::Array::from(&bytes.result().ok()?).iter().filter(|key| !is_needed(key)) {
            store(&transaction, BYTES)?.delete(&key).ok()?;
        }
        commit(&transaction).await
    }

    /// The bytes of a file.
    pub(in crate::client) async fn bytes(&self, id: &str) -> Option<JsValue> {
        let transaction = self.0.transaction_with_str(BYTES).ok()?;
        wait_for(&store(&transaction, BYTES)?.get(&id.into()).ok()?).await
    }

    /// Puts a message into the outbox. What was begun in the conversation it was written in is no draft any more, and these files
    /// are sent with it.
    pub(in crate::client) async fn put_message(&self, key: &str, message: &str, written_in: Option<&str>, files: &[String]) -> Option<()> {
        let transaction = self.read_write()?;
        store(&transaction, OUTBOX)?.put_with_key(&message.into(), &key.into()).ok()?;
        for id in files {
            store(&transaction, TRAY)?.delete(&id.into()).ok()?;
        }
        if let Some(conversation) = written_in {
            store(&transaction, DRAFTS)?.delete(&conversation.into()).ok()?;
        }
        commit(&transaction).await
    }

    /// Takes a message out of the outbox.
    pub(in crate::client) async fn delete_message(&self, key: &str) -> Option<()> {
        let transaction = self.read_write()?;
        store(&transaction, OUTBOX)?.delete(&key.into()).ok()?;
        commit(&transaction).await
    }

    /// Keeps what was begun in a conversation; nothing is no draft.
    pub(in crate::client) async fn put_draft(&self, conversation: &str, text: &str) -> Option<()> {
        let transaction = self.read_write()?;
        let drafts = store(&transaction, DRAFTS)?;
        if text.is_empty() {
            drafts.delete(&conversation.into()).ok()?;
        } else {
            drafts.put_with_key(&text.into(), &conversation.into()).ok()?;
        }
        commit(&transaction).await
    }

    fn read_write(&self) -> Option<IdbTransaction> {
        let all = js_sys::Array::of4(&OUTBOX.into(), &DRAFTS.into(), &TRAY.into(), &BYTES.into());
        self.0.transaction_with_str_sequence_and_mode(&all, IdbTransactionMode::Readwrite).ok()
    }

    async fn all(&self, name: &str) -> Vec<(String, String)> {
        let read = async {
            let transaction = self.0.transaction_with_str(name).ok()?;
            let store = store(&transaction, name)?;
            let (keys, values) = (store.get_all_keys().ok()?, store.get_all().ok()?);
            let values = wait_for(&values).await?;
            Some((js_sys::Array::from(&keys.result().ok()?), js_sys::Array::from(&values)))
        };
        let Some((keys, values)) = read.await else { return Vec::new() };
        keys.iter().zip(values.iter()).filter_map(|(key, value)| Some((key.as_string()?, value.as_string()?))).collect()
    }
}

fn database_name(person: PersonId) -> String {
    format!("chatbox-{person}")
}

fn store(transaction: &IdbTransaction, name: &str) -> Option<IdbObjectStore> {
    transaction.object_store(name).ok()
}

/// Waits for what a request finds.
async fn wait_for(request: &IdbRequest) -> Option<JsValue> {
    let (sender, receiver) = oneshot::channel();
    let found = Closure::once_into_js(move || {
        let _ = sender.send(());
    });
    request.set_onsuccess(Some(found.unchecked_ref()));
    request.set_onerror(Some(found.unchecked_ref()));
    receiver.await.ok()?;
    request.result().ok()
}

/// Ends a transaction and waits until it is on the disk; `None` when it is not. It is asked to end at once: one that the
/// browser ends by itself, when nothing more is asked of it, is undone where the tab is killed before that.
#[expect(deprecated, reason = "by an error of the bindings: the standard knows no such thing, and every browser has it")]
async fn commit(transaction: &IdbTransaction) -> Option<()> {
    transaction.commit().ok()?;
    let (sender, receiver) = oneshot::channel();
    let finished = Closure::once_into_js(move |event: web_sys::Event| {
        let _ = sender.send(event.type_() == "complete");
    });
    transaction.set_oncomplete(Some(finished.unchecked_ref()));
    transaction.set_onabort(Some(finished.unchecked_ref()));
    receiver.await.ok()?.then_some(())
}
