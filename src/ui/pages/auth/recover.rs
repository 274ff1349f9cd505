//! Setting a new password: with a recovery code, or with a reset from an administrator.

use leptos::prelude::*;

use super::{AuthCard, AuthForm};
use crate::ui::{
    kit::{
        button::Submit,
        field::{FieldErrors, PasswordField, TextField},
    },
    text,
};

/// The page that explains the ways back, with the form for a recovery code.
#[component]
pub(super) fn Recover(form: AuthForm, errors: FieldErrors) -> impl IntoView {
    view! {
        <AuthCard heading=text::account::RECOVER_HEADING lead=text::account::RECOVER_LEAD>
            <form method="post" action="/recover" class="stack">
                {errors.general()}
                <TextField
                    name="username"
                    label=text::account::USERNAME
                    value=form.username
                    autocomplete="username"
                    error=errors.at("username")
                    focus=true
                />
                <TextField
                    name="code"
                    label=text::account::RECOVERY_CODE
                    hint=text::account::RECOVERY_CODE_HINT
                    value=form.code
                    autocomplete="one-time-code"
                    error=errors.at("code")
                />
                <NewPassword errors />
                <Submit>{text::account::SET_NEW_PASSWORD}</Submit>
            </form>
            <p class="aside">{text::account::NO_RECOVERY_CODE}</p>
            <p class="aside">
                <a href="/sign-in">{text::account::BACK_TO_SIGN_IN}</a>
            </p>
        </AuthCard>
    }
}

/// The page of a password reset.
#[component]
pub(super) fn Reset(path: String, errors: FieldErrors) -> impl IntoView {
    view! {
        <AuthCard heading=text::account::RESET_HEADING lead=text::account::RESET_LEAD>
            <form method="post" action=path class="stack">
                {errors.general()} <NewPassword errors focus=true />
                <Submit>{text::account::SET_NEW_PASSWORD}</Submit>
            </form>
        </AuthCard>
    }
}

/// The page of an invitation or reset that does not work.
#[component]
pub(super) fn InvalidLink() -> impl IntoView {
    view! {
        <AuthCard
            heading=text::account::INVALID_LINK_HEADING
            lead=text::account::INVALID_LINK_LEAD
        >
            <p class="aside">
                <a href="/sign-in">{text::account::BACK_TO_SIGN_IN}</a>
            </p>
        </AuthCard>
    }
}

#[component]
fn NewPassword(errors: FieldErrors, #[prop(default = false)] focus: bool) -> impl IntoView {
    view! {
        <PasswordField
            name="new"
            label=text::account::NEW_PASSWORD
            autocomplete="new-password"
            hint=text::account::PASSWORD_HINT
            error=errors.at("new")
            focus
        />
    }
}
