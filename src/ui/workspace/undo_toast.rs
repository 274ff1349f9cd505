//! The toast that offers to undo the last action.

use leptos::prelude::*;

use crate::{
    client::{state::undo::Undo, use_app_state},
    ui::{
        kit::{button::IconButton, dom::focus_instead, icon::Shape},
        text,
    },
};

/// The toast and its button.
#[component]
pub(in crate::ui) fn UndoToast() -> impl IntoView {
    let app = use_app_state();
    let toast = move |undo: Undo| {
        let text = text::workspace::done(&undo);
        let press = move |_| {
            app.undo();
            match &undo {
                Undo::Deleted(conversation, message) if app.is_open(*conversation) => {
                    focus_instead(format!("#m{message}"))
                }
                _ => focus_instead(".composer textarea".to_owned()),
            }
        };
        view! {
            <div class="toast">
                <p>{text}</p>
                <button type="button" class="button quiet small" on:click=press>
                    {text::workspace::UNDO}
                </button>
                <IconButton
                    shape=Shape::Cross
                    label=text::kit::DISMISS
                    press=move || app.dismiss_undo()
                />
            </div>
        }
    };
    move || app.undo.get().map(toast)
}
