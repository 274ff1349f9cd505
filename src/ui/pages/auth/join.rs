//! Accepting an invitation, with a new account or as somebody who is signed in.

use leptos::prelude::*;

use super::{AuthCard, AuthForm, WorkspaceName, sign_up::SignUpForm};
use crate::ui::{
    kit::{button::Submit, field::FieldErrors},
    text,
};

/// Such as "Join Physics", or the name of the workspace.
fn join_heading(groups: &[String]) -> String {
    text::account::join_heading(groups, &expect_context::<WorkspaceName>().0)
}

/// The page of somebody without an account.
#[component]
pub(super) fn JoinAsNewcomer(
    path: String,
    groups: Vec<String>,
    form: AuthForm,
    errors: FieldErrors,
) -> impl IntoView {
    let sign_in = format!("/sign-in?next={path}");
    view! {
        <AuthCard heading=join_heading(&groups) lead=text::account::JOIN_LEAD>
            <SignUpForm action=path form errors />
            <p class="aside">
                {text::account::ALREADY_REGISTERED} <a href=sign_in>{text::account::SIGN_IN}</a>
            </p>
        </AuthCard>
    }
}

/// The page of somebody who is signed in.
#[component]
pub(super) fn JoinGroups(path: String, groups: Vec<String>, errors: FieldErrors) -> impl IntoView {
    let lead = if groups.is_empty() {
        text::account::JOINED_LEAD
    } else {
        text::account::JOIN_GROUPS_LEAD
    };
    let form = (!groups.is_empty()).then(|| {
        view! {
            <form method="post" action=path class="stack">
                {errors.general()} <Submit>{text::account::JOIN}</Submit>
            </form>
        }
    });
    view! {
        <AuthCard heading=join_heading(&groups) lead>
            {form}
            <p class="aside">
                <a href="/">{text::account::GO_TO_CONVERSATIONS}</a>
            </p>
        </AuthCard>
    }
}
