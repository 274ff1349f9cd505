//! Going to a day of a conversation.

use leptos::{html, prelude::*};

use crate::{
    client::{browser, use_chat},
    domain::ConversationId,
    ui::kit::{button::Submit, overlay::dialog::Dialog},
};

/// The dialog; opened by any of the days between the messages, and from the details.
#[component]
pub(in crate::ui) fn GoToDay(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let field = NodeRef::<html::Input>::new();
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // A day that is no day is not sent: the browser says what is missing.
        if let Some(at) = field.get_untracked().and_then(|field| browser::midnight(&field.value())) {
            chat.show_days.set(false);
            chat.go_to_day(id, at);
        }
    };
    view! {
        <Dialog open=chat.show_days title="Go to a day">
            <form class="stack" on:submit=go>
                <label class="field">"Day" <input type="date" required node_ref=field/></label>
                <div class="dialog-foot">
                    <button type="button" class="button quiet" on:click=move |_| chat.show_days.set(false)>"Cancel"</button>
                    <Submit>"Go"</Submit>
                </div>
            </form>
        </Dialog>
    }
}
