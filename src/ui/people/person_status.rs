//! A user's status beside their name.

use leptos::prelude::*;

use crate::{client::use_app_state, domain::PersonId};

/// The status on one line.
#[component]
pub(in crate::ui) fn PersonStatus(person: PersonId) -> impl IntoView {
    let app = use_app_state();
    let words = Memo::new(move |_| app.roster.with(|roster| roster.status(person)));
    // Without a text node: the style sheet puts a separator before text.
    let shown = move || Some(words.get()).filter(|words| !words.is_empty());
    view! {
        <span class="status quiet" dir="auto" title=shown>
            {shown}
        </span>
    }
}
