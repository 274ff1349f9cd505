//! A user's name on one line. Long names are truncated, the disambiguating username never is.

use leptos::prelude::*;

use crate::{client::use_app_state, domain::PersonId};

/// The name, with the username if it is ambiguous.
#[component]
pub(in crate::ui) fn PersonName(
    /// The user.
    person: PersonId,
    /// Additional CSS class.
    #[prop(default = "")]
    class: &'static str,
    /// Whether a press opens the profile.
    #[prop(default = false)]
    opens: bool,
) -> impl IntoView {
    let app = use_app_state();
    view! {
        <span class=format!("person-name {class}") data-person=opens.then(|| person.to_string())>
            <span dir="auto" title=move || app.name(person)>
                {move || app.name(person)}
            </span>
            {move || {
                app.handle(person)
                    .map(|handle| {
                        view! {
                            " "
                            <span class="handle">{handle}</span>
                        }
                    })
            }}
        </span>
    }
}
