//! The dialog that goes to a date of a conversation.

use leptos::{html, prelude::*};

use crate::{
    client::{browser, use_app_state},
    domain::ConversationId,
    ui::{
        kit::{button::Submit, overlay::dialog::Dialog},
        text,
    },
};

/// The dialog.
#[component]
pub(in crate::ui) fn GoToDate(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let field = NodeRef::<html::Input>::new();
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // The browser reports an invalid date.
        if let Some(at) =
            field.get_untracked().and_then(|field| browser::start_of_day(&field.value()))
        {
            app.show_go_to_date.set(false);
            app.go_to_date(id, at);
        }
    };
    view! {
        <Dialog open=app.show_go_to_date title=text::conversation::GO_TO_DAY>
            <form class="stack" on:submit=go>
                <label class="field">
                    {text::conversation::DAY} <input type="date" required node_ref=field />
                </label>
                <div class="dialog-foot">
                    <button
                        type="button"
                        class="button quiet"
                        on:click=move |_| app.show_go_to_date.set(false)
                    >
                        {text::kit::CANCEL}
                    </button>
                    <Submit>{text::conversation::GO}</Submit>
                </div>
            </form>
        </Dialog>
    }
}
