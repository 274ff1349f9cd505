//! The banner above the field during a reply or an edit.

use leptos::prelude::*;

use crate::{
    client::{drafts::composer_mode::ComposerMode, use_app_state},
    domain::ConversationId,
    ui::{
        kit::{
            button::IconButton,
            icon::{Icon, Shape},
        },
        text,
    },
};

/// The banner with its cancel button.
#[component]
pub(in crate::ui::conversation) fn ReplyBanner(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let mode = Memo::new(move |_| app.composer_mode(id));
    move || {
        let (shape, label, words) = match mode.get() {
            ComposerMode::New => return None,
            ComposerMode::Reply(quote) => {
                let gone = app.is_deleted(id, quote.message);
                let words = if gone { text::MESSAGE_DELETED.to_owned() } else { quote.excerpt };
                (Shape::Reply, text::composer::replying_to(&app.label(quote.author)), words)
            }
            ComposerMode::Edit(_) => {
                (Shape::Pencil, text::composer::EDITING.to_owned(), String::new())
            }
        };
        Some(view! {
            <div class="purpose" role="group" aria-label=text::composer::REPLY_OR_EDIT>
                <Icon shape />
                <strong dir="auto">{label}</strong>
                <span class="quiet" dir="auto">
                    {words}
                </span>
                <IconButton
                    shape=Shape::Cross
                    label=text::kit::CANCEL
                    press=move || app.leave_composer_mode(id)
                />
            </div>
        })
    }
}
