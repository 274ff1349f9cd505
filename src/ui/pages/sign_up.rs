//! Registering: a plain form, which works before Wasm has arrived.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    api::{accounts::SignForm, hydration::hydrated_value},
    client::tabs::session_sync,
    ui::kit::{
        button::Submit,
        field::{FieldErrors, PasswordField, TextField},
        icon::{Icon, Shape},
    },
};

/// The page.
#[component]
pub fn SignUp() -> impl IntoView {
    let form = hydrated_value(|| use_context::<SignForm>().unwrap_or_default());
    let errors = FieldErrors::of(form.error.as_ref());
    let other = if form.next.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?next={}", form.next) };
    view! {
        <Title text="Create account · ChatBox"/>
        <AuthCard heading="Create your account" lead="You will join Everyone and can message anyone here.">
            <form method="post" action="/sign-up" class="stack">
                {errors.general()}
                <TextField
                    name="username"
                    label="Username"
                    hint="2 to 32 letters, digits, dots, underscores or hyphens."
                    value=form.username
                    autocomplete="username"
                    error=errors.at("username")
                    focus=errors.at("display_name").is_none()
                />
                <TextField
                    name="display_name"
                    label="Display name"
                    hint="Shown to others, in any script."
                    value=form.display_name
                    autocomplete="name"
                    error=errors.at("display_name")
                    focus=errors.at("display_name").is_some()
                />
                <PasswordField autocomplete="new-password" hint="At least 8 characters. A few unrelated words work best." error=errors.at("password")/>
                <input type="hidden" name="next" value=form.next/>
                <Submit>"Create account"</Submit>
            </form>
            <p class="aside">"Already registered? " <a href=other>"Sign in"</a></p>
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
                <p class="brand"><Icon shape=Shape::Logo/> "ChatBox"</p>
                <h1>{heading}</h1>
                <p class="lead">{lead}</p>
                {children()}
            </div>
        </main>
    }
}
