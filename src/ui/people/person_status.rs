//! What somebody says of themselves, beside their name.

use leptos::prelude::*;

use crate::{client::use_app_state, domain::PersonId};

/// It, on one line; nothing where they say nothing.
#[component]
pub(in crate::ui) fn PersonStatus(person: PersonId) -> impl IntoView {
    let app = use_app_state();
    let words = Memo::new(move |_| app.roster.with(|roster| roster.status(person)));
    // No words are no text at all: the sheet puts a point before what is there.
    let shown = move || Some(words.get()).filter(|words| !words.is_empty());
    view! { <span class="status quiet" dir="auto" title=shown>{shown}</span> }
}
