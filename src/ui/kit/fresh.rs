//! Something that the server is asked for, and asked for again whenever something has happened that may change it.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use leptos::{prelude::*, task::spawn_local};

use crate::domain::{ChatError, Seq};

/// What was answered last; nothing while nothing was.
pub type Answer<T> = RwSignal<Option<Result<Vec<T>, ChatError>>>;

/// Asks now and with each of the news, one question at a time.
pub fn keep_fresh(news: Memo<Option<Seq>>, ask: impl Fn() -> LocalBoxFuture<'static, ()> + 'static) {
    let (asking, again) = (StoredValue::new(false), StoredValue::new(false));
    let ask: Rc<dyn Fn() -> LocalBoxFuture<'static, ()>> = Rc::new(ask);
    Effect::new(move || {
        // Read, not only tracked: a memo that nobody reads knows of no changes.
        let _ = news.get();
        if asking.get_value() {
            return again.set_value(true);
        }
        asking.set_value(true);
        let ask = Rc::clone(&ask);
        spawn_local(async move {
            loop {
                ask().await;
                if again.try_update_value(std::mem::take) != Some(true) {
                    break;
                }
            }
            asking.try_set_value(false);
        });
    });
}

/// Takes an answer in; one that did not come leaves what was there.
pub fn take<T: Send + Sync + 'static>(to: Answer<T>, answer: Result<Vec<T>, ChatError>) {
    if answer.is_ok() || to.try_with_untracked(Option::is_none) == Some(true) {
        to.try_set(Some(answer));
    }
}
