//! Somebody's name on one line. A long one is cut, and is whole in the tooltip; the username that tells namesakes apart never is.

use leptos::prelude::*;

use crate::{client::use_app_state, domain::PersonId};

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
    let app = use_app_state();
    view! {
        <span class=format!("person-name {class}") data-person=opens.then(|| person.to_string())>
            <span dir="auto" title=move || app.name(person)>{move || app.name(person)}</span>
            {move || app.handle(person).map(|handle| view! { " "<span class="handle">{handle}</span> })}
        </span>
    }
}
