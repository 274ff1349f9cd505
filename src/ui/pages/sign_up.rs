//! Registering: a plain form, which works before Wasm has arrived.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    api::{accounts::SignForm, hydration::hydrated_value},
    client::tabs::session_sync,
    ui::{
        kit::{
            button::Submit,
            field::{FieldErrors, PasswordField, TextField},
            icon::{Icon, Shape},
        },
        text,
    },
};

/// The page.
#[component]
pub fn SignUp() -> impl IntoView {
    let form = hydrated_value(|| use_context::<SignForm>().unwrap_or_default());
    let errors = FieldErrors::of(form.error.as_ref());
    let other = if form.next.is_empty() {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={}", form.next)
    };
    view! {
        <Title text=text::account::SIGN_UP_TITLE />
        <AuthCard heading=text::account::SIGN_UP_HEADING lead=text::account::SIGN_UP_LEAD>
            <form method="post" action="/sign-up" class="stack">
                {errors.general()}
                <TextField
                    name="username"
                    label=text::account::USERNAME
                    hint=text::account::USERNAME_HINT
                    value=form.username
                    autocomplete="username"
                    error=errors.at("username")
                    focus=errors.at("display_name").is_none()
                />
                <TextField
                    name="display_name"
                    label=text::account::DISPLAY_NAME
                    hint=text::account::DISPLAY_NAME_HINT
                    value=form.display_name
                    autocomplete="name"
                    error=errors.at("display_name")
                    focus=errors.at("display_name").is_some()
                />
                <PasswordField
                    autocomplete="new-password"
                    hint=text::account::PASSWORD_HINT
                    error=errors.at("password")
                />
                <input type="hidden" name="next" value=form.next />
                <Submit>{text::account::SIGN_UP}</Submit>
            </form>
            <p class="aside">
                {text::account::ALREADY_REGISTERED} <a href=other>{text::account::SIGN_IN}</a>
            </p>
        </AuthCard>
    }
}

/// The card in the middle of a signing page.
#[component]
pub fn AuthCard(
    /// The page's heading.
    heading: &'static str,
    /// A sentence under it.
    lead: &'static str,
    children: Children,
) -> impl IntoView {
    Effect::new(session_sync::wait_for_session);
    view! {
        <main class="alone">
            <div class="card">
                <p class="brand">
                    <Icon shape=Shape::Logo />
                    {text::CHATBOX}
                </p>
                <h1>{heading}</h1>
                <p class="lead">{lead}</p>
                {children()}
            </div>
        </main>
    }
}
