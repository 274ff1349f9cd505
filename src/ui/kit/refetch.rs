//! Data that is fetched again when an event may have changed it.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use leptos::{prelude::*, task::spawn_local};

use crate::domain::{ChatError, Seq};

/// The last response; `None` before the first.
pub type Fetched<T> = RwSignal<Option<Result<Vec<T>, ChatError>>>;

/// Fetches now and whenever `version` changes, one request at a time, and again on reconnect after
/// a failure. A failed request keeps the earlier data.
pub fn refetch_on<T: Send + Sync + 'static>(
    to: Fetched<T>,
    version: Memo<Option<Seq>>,
    connected: Signal<bool>,
    ask: impl Fn() -> LocalBoxFuture<'static, Result<Vec<T>, ChatError>> + 'static,
) {
    let (in_flight, pending, failed) =
        (StoredValue::new(false), StoredValue::new(false), StoredValue::new(false));
    let ask: Rc<dyn Fn() -> LocalBoxFuture<'static, Result<Vec<T>, ChatError>>> = Rc::new(ask);
    Effect::new(move |before: Option<(Option<Seq>, bool)>| {
        // Read, not only tracked: a memo that nobody reads does not notify.
        let now = (version.get(), connected.get());
        let is_due = before.is_none_or(|before| {
            before.0 != now.0 || now.1 && !before.1 && (failed.get_value() || in_flight.get_value())
        });
        if !is_due {
            return now;
        }
        if in_flight.get_value() {
            pending.set_value(true);
            return now;
        }
        in_flight.set_value(true);
        let ask = Rc::clone(&ask);
        spawn_local(async move {
            loop {
                let answer = ask().await;
                failed.try_set_value(answer.is_err());
                if answer.is_ok() || to.try_with_untracked(Option::is_none) == Some(true) {
                    to.try_set(Some(answer));
                }
                if pending.try_update_value(std::mem::take) != Some(true) {
                    break;
                }
            }
            in_flight.try_set_value(false);
        });
        now
    });
}
