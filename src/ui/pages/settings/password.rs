//! The section that changes the password.

use leptos::prelude::*;

use crate::{
    client::use_app_state,
    ui::{
        kit::{
            button::Submit,
            form::{FormField, FormRequest},
        },
        text,
    },
};

/// The section.
#[component]
pub(super) fn PasswordForm() -> impl IntoView {
    let app = use_app_state();
    let username = app.my_username();
    let request = FormRequest::new();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        request.send(
            app.change_password(current.get_untracked(), new.get_untracked()),
            move |()| {
                current.set(String::new());
                new.set(String::new());
            },
        );
    };
    view! {
        <h2>{text::settings::PASSWORD}</h2>
        <p class="quiet">{text::settings::PASSWORD_LEAD}</p>
        <form class="stack narrow" on:submit=change>
            {request.general_error()}
            // For password managers.
            <input type="text" autocomplete="username" value=username readonly hidden />
            <FormField
                request
                name="current"
                label=text::settings::CURRENT_PASSWORD
                kind="password"
                autocomplete="current-password"
                value=current
            />
            <FormField
                request
                name="new"
                label=text::account::NEW_PASSWORD
                hint=text::account::PASSWORD_HINT
                kind="password"
                autocomplete="new-password"
                value=new
            />
            <div class="side-by-side">
                <Submit busy=request.busy>{text::settings::CHANGE_PASSWORD}</Submit>
                <span class="hint" role="status">
                    {move || request.done.get().then_some(text::settings::PASSWORD_CHANGED)}
                </span>
            </div>
        </form>
    }
}
