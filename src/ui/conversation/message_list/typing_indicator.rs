//! The typing indicator, on a line of its own so that nothing shifts.

use leptos::prelude::*;

use crate::{client::use_app_state, domain::ConversationId, ui::text};

/// The line.
#[component]
pub(in crate::ui::conversation) fn TypingIndicator(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let words = move || {
        let typing = app.ephemeral.with(|ephemeral| ephemeral.typing(id));
        let name = |n: usize| app.label(typing[n]);
        match typing.len() {
            0 => String::new(),
            1 => text::conversation::one_typing(&name(0)),
            2 => text::conversation::two_typing(&name(0), &name(1)),
            _ => text::conversation::SEVERAL_TYPING.to_owned(),
        }
    };
    view! {
        <p class="typing" dir="auto">
            {words}
        </p>
    }
}
