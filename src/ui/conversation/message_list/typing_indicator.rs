//! Who is typing, on a line of its own, so that nothing moves when they begin.

use leptos::prelude::*;

use crate::{client::use_chat, domain::ConversationId};

/// The line.
#[component]
pub(in crate::ui::conversation) fn Typing(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let words = move || {
        let typing = chat.knowing.with(|knowing| knowing.typing(id));
        let name = |n: usize| chat.label(typing[n]);
        match typing.len() {
            0 => String::new(),
            1 => format!("{} is typing…", name(0)),
            2 => format!("{} and {} are typing…", name(0), name(1)),
            _ => "Several people are typing…".to_owned(),
        }
    };
    view! { <p class="typing" dir="auto">{words}</p> }
}
