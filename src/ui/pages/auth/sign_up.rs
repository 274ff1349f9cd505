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

/// The form of a new account.
#[component]
pub(super) fn SignUpForm(
    /// The path that it is sent to.
    #[prop(into)]
    action: String,
    form: AuthForm,
    errors: FieldErrors,
) -> impl IntoView {
    let focus = if errors.at("display_name").is_some() { "display_name" } else { "username" };
    let next = form.next.clone();
    view! {
        <form method="post" action=action class="stack">
            {errors.general()} <AccountFields form errors focus />
            <input type="hidden" name="next" value=next />
            <Submit>{text::account::SIGN_UP}</Submit>
        </form>
    }
}

/// The names and the password of a new account, in a form.
#[component]
pub(super) fn AccountFields(
    form: AuthForm,
    errors: FieldErrors,
    /// Name of the field with the initial focus.
    focus: &'static str,
) -> impl IntoView {
    view! {
        <TextField
            name="username"
            label=text::account::USERNAME
            hint=text::account::USERNAME_HINT
            value=form.username
            autocomplete="username"
            error=errors.at("username")
            focus=focus == "username"
        />
        <TextField
            name="display_name"
            label=text::account::DISPLAY_NAME
            hint=text::account::DISPLAY_NAME_HINT
            value=form.display_name
            autocomplete="name"
            error=errors.at("display_name")
            focus=focus == "display_name"
        />
        <PasswordField
            autocomplete="new-password"
            hint=text::account::PASSWORD_HINT
            error=errors.at("password")
            focus=focus == "password"
        />
    }
}
