//! Setting up the empty workspace.

use leptos::prelude::*;

use super::{AuthCard, AuthForm, sign_up::AccountFields};
use crate::{
    domain::Registration,
    ui::{
        kit::{
            button::Submit,
            field::{FieldErrors, TextField},
        },
        text,
    },
};

/// The page.
#[component]
pub(super) fn Setup(asks_code: bool, form: AuthForm, errors: FieldErrors) -> impl IntoView {
    let chosen = Registration::parse(&form.registration).unwrap_or_default();
    // The first field with an error, else the first one.
    let focus = ["code", "workspace", "username", "display_name", "password"]
        .into_iter()
        .find(|field| errors.at(field).is_some())
        .unwrap_or(if asks_code { "code" } else { "workspace" });
    let code = asks_code.then(|| {
        view! {
            <TextField
                name="code"
                label=text::account::SETUP_CODE
                hint=text::account::SETUP_CODE_HINT
                value=form.code.clone()
                autocomplete="one-time-code"
                error=errors.at("code")
                focus=focus == "code"
            />
        }
    });
    let modes = Registration::ALL.map(|mode| {
        view! {
            <label class="check">
                <input
                    type="radio"
                    name="registration"
                    value=mode.as_str()
                    checked=mode == chosen
                />
                <span>{text::administration::registration(mode)}</span>
            </label>
        }
    });
    view! {
        <AuthCard heading=text::account::SETUP_HEADING lead=text::account::SETUP_LEAD>
            <form method="post" action="/setup" class="stack">
                {errors.general()} {code}
                <TextField
                    name="workspace"
                    label=text::account::WORKSPACE_NAME
                    hint=text::account::WORKSPACE_NAME_HINT
                    value=form.workspace.clone()
                    autocomplete="organization"
                    error=errors.at("workspace")
                    focus=focus == "workspace"
                />
                <fieldset class="field" role="radiogroup">
                    <legend>{text::account::WHO_CAN_REGISTER}</legend>
                    {modes.collect_view()}
                </fieldset>
                <h2>{text::account::YOUR_ACCOUNT}</h2>
                <AccountFields form errors focus />
                <Submit>{text::account::CREATE_WORKSPACE}</Submit>
            </form>
        </AuthCard>
    }
}
