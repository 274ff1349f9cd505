//! Somebody's name on one line. A long one is cut, and is whole in the tooltip; the username that tells namesakes apart never is.

use leptos::prelude::*;

use crate::{client::use_chat, domain::PersonId};

/// The name, with the username where somebody else is called the same.
#[component]
pub(in crate::ui) fn PersonName(
    /// Whose.
    person: PersonId,
    /// What else the line looks like.
    #[prop(default = "")]
    class: &'static str,
    /// Whether a press on it opens their profile.
    #[prop(default = false)]
    opens: bool,
) -> impl IntoView {
    let chat = use_chat();
    view! {
        <span class=format!("person-name {class}") data-person=opens.then(|| person.to_string())>
            <span dir="auto" title=move || chat.name(person)>{move || chat.name(person)}</span>
            {move || chat.handle(person).map(|handle| view! { " "<span class="handle">{handle}</span> })}
        </span>
    }
}
