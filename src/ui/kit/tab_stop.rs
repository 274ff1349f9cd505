//! A list as one tab stop: Tab reaches one row, arrows the others.

use leptos::prelude::*;

/// The row that Tab reaches: the last focused one, else the current one, else the first.
pub fn tab_stop<T: Copy + PartialEq + Send + Sync + 'static>(
    focused: RwSignal<Option<T>>,
    current: impl Fn() -> Option<T> + Send + Sync + 'static,
    listed: Memo<Vec<T>>,
) -> Memo<Option<T>> {
    Memo::new(move |_| {
        listed.with(|listed| {
            let wanted =
                [focused.get(), current()].into_iter().flatten().find(|row| listed.contains(row));
            wanted.or_else(|| listed.first().copied())
        })
    })
}

/// The `tabindex` of a row.
pub fn tab_index<T: Copy + PartialEq + Send + Sync + 'static>(
    stop: Memo<Option<T>>,
    row: T,
) -> impl Fn() -> &'static str + Copy {
    move || if stop.get() == Some(row) { "0" } else { "-1" }
}
