//! What was done last, for as long as it can be undone.

use leptos::prelude::*;

use crate::{
    client::{state::undo::Undo, use_chat},
    ui::kit::{button::IconButton, dom::focus_instead, icon::Shape},
};

/// The toast, with its button.
#[component]
pub(in crate::ui) fn UndoToast() -> impl IntoView {
    let chat = use_chat();
    let toast = move |undo: Undo| {
        let words = undo.words();
        let press = move |_| {
            chat.undo();
            match &undo {
                Undo::Deleted(conversation, message) if chat.is_open(*conversation) => focus_instead(format!("#m{message}")),
                _ => focus_instead(".composer textarea".to_owned()),
            }
        };
        view! {
            <div class="toast">
                <p>{words}</p>
                <button type="button" class="button quiet small" on:click=press>"Undo"</button>
                <IconButton shape=Shape::Cross label="Dismiss" press=move || chat.settle_undo()/>
            </div>
        }
    };
    move || chat.undo.get().map(toast)
}
