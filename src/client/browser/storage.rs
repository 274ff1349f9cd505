//! The local database of this page: one handle, which is being opened, open or unavailable.

use std::cell::RefCell;

use futures::{
    FutureExt,
    future::{Either, select},
};

use super::{indexed_db::LocalDb, sleep};
use crate::domain::PersonId;

/// Milliseconds after which local storage counts as unavailable for this page.
const OPEN_TIMEOUT: u32 = 3_000;

thread_local! {
    // Thread-local: browser objects stay on their one thread, and the server never sets it.
    static STORAGE: RefCell<Storage> = const { RefCell::new(Storage::Opening) };
}

/// The local database.
#[derive(Clone)]
pub(in crate::client) enum Storage {
    /// Being opened; messages wait.
    Opening,
    /// This browser stores nothing.
    Unavailable,
    /// Open.
    Open(LocalDb),
}

/// The local database in its current state.
pub(in crate::client) fn storage() -> Storage {
    STORAGE.with_borrow(Clone::clone)
}

/// Opens the local database of a user. `None` if that fails or takes too long.
pub(in crate::client) async fn open(person: PersonId) -> Option<LocalDb> {
    let db = match select(LocalDb::open(person).boxed_local(), sleep(OPEN_TIMEOUT).boxed_local())
        .await
    {
        Either::Left((db, _)) => db,
        Either::Right(_) => None,
    };
    STORAGE.set(db.clone().map_or(Storage::Unavailable, Storage::Open));
    db
}
