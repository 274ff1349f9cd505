//! What stands above the field while it is not for a new message: that one answers, or that one edits.

use leptos::prelude::*;

use crate::{
    client::{drafts::composer_mode::Purpose, use_chat},
    domain::ConversationId,
    ui::kit::{
        button::IconButton,
        icon::{Icon, Shape},
    },
};

/// The line, with the way back.
#[component]
pub(in crate::ui::conversation) fn Banner(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let purpose = Memo::new(move |_| chat.purpose(id));
    move || {
        let (shape, label, words) = match purpose.get() {
            Purpose::Write => return None,
            Purpose::Answer(quote) => {
                let gone = chat.is_deleted(id, quote.message);
                let words = if gone { "Message deleted".to_owned() } else { quote.excerpt };
                (Shape::Reply, format!("Replying to {}", chat.label(quote.author)), words)
            }
            Purpose::Edit(_) => (Shape::Pencil, "Editing your message".to_owned(), String::new()),
        };
        Some(view! {
            <div class="purpose" role="group" aria-label="Reply or edit">
                <Icon shape/>
                <strong dir="auto">{label}</strong>
                <span class="quiet" dir="auto">{words}</span>
                <IconButton shape=Shape::Cross label="Cancel" press=move || chat.end_purpose(id)/>
            </div>
        })
    }
}
