//! Signing in: a plain form, which works before Wasm has arrived.

use leptos::prelude::*;
use leptos_meta::Title;

use super::sign_up::AuthCard;
use crate::{
    api::{accounts::SignForm, hydration::hydrated_value},
    ui::{
        kit::{
            button::Submit,
            field::{FieldErrors, PasswordField, TextField},
        },
        text,
    },
};

/// The page.
#[component]
pub fn SignIn() -> impl IntoView {
    let form = hydrated_value(|| use_context::<SignForm>().unwrap_or_default());
    let errors = FieldErrors::of(form.error.as_ref());
    let other = if form.next.is_empty() {
        "/sign-up".to_owned()
    } else {
        format!("/sign-up?next={}", form.next)
    };
    view! {
        <Title text=text::account::SIGN_IN_TITLE />
        <AuthCard heading=text::account::SIGN_IN_HEADING lead=text::account::SIGN_IN_LEAD>
            <form method="post" action="/sign-in" class="stack">
                {errors.general()}
                <TextField
                    name="username"
                    label=text::account::USERNAME
                    value=form.username
                    autocomplete="username"
                    error=errors.at("username")
                    focus=true
                />
                <PasswordField autocomplete="current-password" error=errors.at("password") />
                <input type="hidden" name="next" value=form.next />
                <Submit>{text::account::SIGN_IN}</Submit>
            </form>
            <p class="aside">
                {text::account::NEW_HERE} <a href=other>{text::account::SIGN_UP}</a>
            </p>
        </AuthCard>
    }
}
