//! The dialog that creates a group.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

use crate::{
    client::use_app_state,
    domain::ChatError,
    ui::{
        form_drafts::{self, FormId},
        kit::{
            button::Submit,
            field::{ErrorText, FieldErrors},
            overlay::dialog::Dialog,
        },
        people::picker::PeoplePicker,
        text,
    },
};

/// The dialog.
#[component]
pub(in crate::ui) fn NewGroup(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=text::sidebar::NEW_GROUP>
            <GroupForm open />
        </Dialog>
    }
}

#[component]
fn GroupForm(open: RwSignal<bool>) -> impl IntoView {
    let app = use_app_state();
    let go = use_navigate();
    let (name, chosen) = form_drafts::fields(FormId::NewGroup);
    let done = move || {
        form_drafts::clear(FormId::NewGroup, (name, chosen));
        open.set(false);
    };
    let error = RwSignal::new(None::<ChatError>);
    let busy = RwSignal::new(false);
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let go = go.clone();
        spawn_local(async move {
            let made = app.create_group(name.get_untracked(), chosen.get_untracked()).await;
            // The dialog may be closed by now.
            busy.try_set(false);
            match made {
                Ok(conversation) => {
                    done();
                    go(&format!("/c/{conversation}"), leptos_router::NavigateOptions::default());
                }
                Err(refused) => drop(error.try_set(Some(refused))),
            }
        });
    };
    let errors = move || error.with(|error| FieldErrors::of(error.as_ref()));
    view! {
        <form class="stack" on:submit=create>
            {move || errors().general()}
            <div class="field">
                <label for="group-name">{text::sidebar::GROUP_NAME}</label>
                <input
                    id="group-name"
                    type="text"
                    autocomplete="off"
                    autofocus
                    aria-invalid=move || errors().at("name").is_some().to_string()
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                />
                {move || errors().at("name").map(|words| view! { <ErrorText words /> })}
            </div>
            <PeoplePicker chosen without=Signal::derive(move || vec![app.my_id()]) />
            {move || errors().at("members").map(|words| view! { <ErrorText words /> })}
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| done()>
                    {text::kit::CANCEL}
                </button>
                <Submit busy=busy>{text::sidebar::CREATE_GROUP}</Submit>
            </div>
        </form>
    }
}
