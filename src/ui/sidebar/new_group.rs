//! Making a group: its name, and who is in it.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

use crate::{
    client::use_chat,
    domain::ChatError,
    ui::{
        form_drafts::{self, Form},
        kit::{
            button::Submit,
            field::{Blame, Wrong},
            overlay::dialog::Dialog,
        },
        people::picker::PeoplePicker,
    },
};

/// The dialog.
#[component]
pub(in crate::ui) fn NewGroup(open: RwSignal<bool>) -> impl IntoView {
    view! { <Dialog open title="New group"><GroupForm open/></Dialog> }
}

#[component]
fn GroupForm(open: RwSignal<bool>) -> impl IntoView {
    let chat = use_chat();
    let go = use_navigate();
    let (name, chosen) = form_drafts::fields(Form::NewGroup);
    let done = move || {
        form_drafts::clear(Form::NewGroup, (name, chosen));
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
            let made = chat.create_group(name.get_untracked(), chosen.get_untracked()).await;
            // The dialog may have been closed meanwhile.
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
    let blame = move || error.with(|error| Blame::of(error.as_ref()));
    view! {
        <form class="stack" on:submit=create>
            {move || blame().general()}
            <div class="field">
                <label for="group-name">"Group name"</label>
                <input
                    id="group-name"
                    type="text"
                    autocomplete="off"
                    autofocus
                    aria-invalid=move || blame().at("name").is_some().to_string()
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                />
                {move || blame().at("name").map(|words| view! { <Wrong words/> })}
            </div>
            <PeoplePicker chosen without=Signal::derive(move || vec![chat.my_id()])/>
            {move || blame().at("members").map(|words| view! { <Wrong words/> })}
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| done()>"Cancel"</button>
                <Submit busy=busy>"Create group"</Submit>
            </div>
        </form>
    }
}
