//! Signing in.

use leptos::prelude::*;

use super::{AuthCard, AuthForm, with_next};
use crate::ui::{
    kit::{
        button::Submit,
        field::{FieldErrors, PasswordField, TextField},
    },
    text,
};

/// The page.
#[component]
pub(super) fn SignIn(form: AuthForm, errors: FieldErrors) -> impl IntoView {
    let other = with_next("/sign-up", &form.next);
    view! {
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
                <a href="/recover">{text::account::FORGOT_PASSWORD}</a>
            </p>
            <p class="aside">
                {text::account::NEW_HERE} <a href=other>{text::account::SIGN_UP}</a>
            </p>
        </AuthCard>
    }
}
