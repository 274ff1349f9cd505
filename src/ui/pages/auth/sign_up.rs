//! Creating an account.

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
pub(super) fn SignUp(form: AuthForm, errors: FieldErrors) -> impl IntoView {
    let other = with_next("/sign-in", &form.next);
    view! {
        <AuthCard heading=text::account::SIGN_UP_HEADING lead=text::account::SIGN_UP_LEAD>
            <SignUpForm action="/sign-up" form errors />
            <p class="aside">
                {text::account::ALREADY_REGISTERED} <a href=other>{text::account::SIGN_IN}</a>
            </p>
        </AuthCard>
    }
}

/// The fields of a new account.
#[component]
pub(super) fn SignUpForm(
    /// The path that it is sent to.
    #[prop(into)]
    action: String,
    form: AuthForm,
    errors: FieldErrors,
) -> impl IntoView {
    view! {
        <form method="post" action=action class="stack">
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
    }
}
