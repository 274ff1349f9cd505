//! Local storage of one user in IndexedDB: unsent messages, their files, and drafts. Each account
//! has its own database, so that no account reads another's data. Without IndexedDB (some private
//! windows) the data lives as long as the page.

use futures::channel::oneshot;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

use crate::domain::PersonId;

/// Messages as JSON; the key sorts by the time of writing.
const OUTBOX: &str = "outbox";
/// Drafts by conversation.
const DRAFTS: &str = "drafts";
/// Files in trays, as JSON, by file id.
const TRAY: &str = "tray";
/// Data of unsent files, by file id.
const BYTES: &str = "bytes";
const VERSION: u32 = 2;

/// The open database.
#[derive(Clone)]
pub(in crate::client) struct LocalDb(IdbDatabase);

impl LocalDb {
    /// Opens a user's database and creates it if needed. `None` if IndexedDB is unavailable.
    pub(in crate::client) async fn open(person: PersonId) -> Option<Self> {
        let request =
            window().indexed_db().ok()??.open_with_u32(&database_name(person), VERSION).ok()?;
        let opened = request.clone();
        let upgrade = Closure::once_into_js(move || {
            let Some(database) =
                opened.result().ok().and_then(|database| database.dyn_into::<IdbDatabase>().ok())
            else {
                return;
            };
            // Fails if the store exists. If it cannot be created, every use of it fails.
            for name in [OUTBOX, DRAFTS, TRAY, BYTES] {
                let _ = database.create_object_store(name);
            }
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        let database: IdbDatabase = wait_for(&request).await?.dyn_into().ok()?;
        // Another tab deletes the database: do not block it.
        let open = database.clone();
        let forgotten = Closure::once_into_js(move || open.close());
        database.set_onversionchange(Some(forgotten.unchecked_ref()));
        Some(Self(database))
    }

    /// Deletes a user's database.
    pub(in crate::client) fn delete_database(person: PersonId) {
        if let Ok(Some(factory)) = window().indexed_db() {
            let _ = factory.delete_database(&database_name(person));
        }
    }

    /// The outbox, in order.
    pub(in crate::client) async fn outbox(&self) -> Vec<String> {
        self.all(OUTBOX).await.into_iter().map(|(_, message)| message).collect()
    }

    /// The drafts, by conversation.
    pub(in crate::client) async fn drafts(&self) -> Vec<(String, String)> {
        self.all(DRAFTS).await
    }

    /// The files in trays.
    pub(in crate::client) async fn tray(&self) -> Vec<String> {
        self.all(TRAY).await.into_iter().map(|(_, file)| file).collect()
    }

    /// Stores a file, and its data if given.
    pub(in crate::client) async fn put_file(
        &self,
        id: &str,
        file: &str,
        bytes: Option<&JsValue>,
    ) -> Option<()> {
        let transaction = self.read_write()?;
        if let Some(bytes) = bytes {
            let put = store(&transaction, BYTES)?.put_with_key(bytes, &id.into()).ok()?;
            // WebKit stores no files in private windows: it commits the transaction without the
            // file, or never ends it and blocks all others, unless it is aborted. A stored record
            // has a key.
            if wait_for(&put).await.is_none_or(|key| key.is_undefined()) {
                let _ = transaction.abort();
                return None;
            }
        }
        store(&transaction, TRAY)?.put_with_key(&file.into(), &id.into()).ok()?;
        commit(&transaction).await
    }

    /// Deletes files that were sent or cancelled.
    pub(in crate::client) async fn delete_files(&self, ids: &[String]) -> Option<()> {
        let transaction = self.read_write()?;
        for id in ids {
            store(&transaction, TRAY)?.delete(&id.into()).ok()?;
            store(&transaction, BYTES)?.delete(&id.into()).ok()?;
        }
        commit(&transaction).await
    }

    /// Deletes data that no tray and no message refers to: a page may end before it has deleted the
    /// files of a discarded message.
    pub(in crate::client) async fn delete_unreferenced_bytes(&self) -> Option<()> {
        let transaction = self.read_write()?;
        let (bytes, tray) = (
            store(&transaction, BYTES)?.get_all_keys().ok()?,
            store(&transaction, TRAY)?.get_all_keys().ok()?,
        );
        // Requested last, so all results are here when this one is.
        let outbox = wait_for(&store(&transaction, OUTBOX)?.get_all().ok()?).await?;
        let (tray, outbox) =
            (js_sys::Array::from(&tray.result().ok()?), js_sys::Array::from(&outbox));
        let is_needed = |key: &JsValue| {
            let in_message = |message: JsValue| {
                message
                    .as_string()
                    .zip(key.as_string())
                    .is_none_or(|(message, id)| message.contains(&id))
            };
            tray.includes(key, 0) || outbox.iter().any(in_message)
        };
        for key in js_sys::Array::from(&bytes.result().ok()?).iter().filter(|key| !is_needed(key)) {
            store(&transaction, BYTES)?.delete(&key).ok()?;
        }
        commit(&transaction).await
    }

    /// The data of a file.
    pub(in crate::client) async fn bytes(&self, id: &str) -> Option<JsValue> {
        let transaction = self.0.transaction_with_str(BYTES).ok()?;
        wait_for(&store(&transaction, BYTES)?.get(&id.into()).ok()?).await
    }

    /// Stores a message, and deletes the draft and the tray entries that it replaces.
    pub(in crate::client) async fn put_message(
        &self,
        key: &str,
        message: &str,
        written_in: Option<&str>,
        files: &[String],
    ) -> Option<()> {
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

    /// Deletes a message.
    pub(in crate::client) async fn delete_message(&self, key: &str) -> Option<()> {
        let transaction = self.read_write()?;
        store(&transaction, OUTBOX)?.delete(&key.into()).ok()?;
        commit(&transaction).await
    }

    /// Stores a draft; deletes it if it is empty.
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
        keys.iter()
            .zip(values.iter())
            .filter_map(|(key, value)| Some((key.as_string()?, value.as_string()?)))
            .collect()
    }
}

fn database_name(person: PersonId) -> String {
    format!("chatbox-{person}")
}

fn store(transaction: &IdbTransaction, name: &str) -> Option<IdbObjectStore> {
    transaction.object_store(name).ok()
}

/// Waits for the result of a request.
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

/// Commits a transaction and waits until it is durable; `None` if it failed. Commits explicitly: a
/// transaction that the browser would commit by itself is lost if the tab is killed first.
#[expect(
    deprecated,
    reason = "only the bindings deprecate it; the standard and every browser have it"
)]
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
