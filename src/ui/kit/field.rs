//! Fields of forms, with their label, their hint, and what is wrong with what was typed.

use std::collections::HashMap;

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::domain::ChatError;

/// What was wrong with a form, by field.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors {
    general: Option<String>,
    fields: HashMap<String, String>,
}

impl FieldErrors {
    /// From a failure: at its field, else at the top.
    #[must_use]
    pub fn of(error: Option<&ChatError>) -> Self {
        match error {
            None => Self::default(),
            Some(ChatError { message, field: Some(field), .. }) => Self { general: None, fields: [(field.clone(), message.clone())].into() },
            Some(ChatError { message, .. }) => Self { general: Some(message.clone()), fields: HashMap::new() },
        }
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn at(&self, field: &str) -> Option<String> {
        self.fields.get(field).cloned()
    }

    /// What is wrong with all of it, for the top of the form.
    pub fn general(&self) -> impl IntoView + use<> {
        self.general.clone().map(|words| view! { <ErrorText words/> })
    }
}

/// Words about what went wrong.
#[component]
pub fn ErrorText(
    /// The words.
    #[prop(into)]
    words: String,
    /// The element's id, for the field it is about.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    view! { <p class="wrong" role="alert" id=id><Icon shape=Shape::Alert/> {words}</p> }
}

/// One line of text.
#[component]
pub fn TextField(
    /// Its name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// A sentence of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What it starts with.
    #[prop(optional, into)]
    value: String,
    /// What browsers fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Whether the page starts here.
    #[prop(default = false)]
    focus: bool,
) -> impl IntoView {
    view! {
        <Labelled name label hint error=error.clone()>
            <input
                id=name
                name=name
                type="text"
                value=value
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required
                autofocus=focus
                aria-invalid=error.is_some().to_string()
                aria-describedby=described(name, hint, error.is_some())
            />
        </Labelled>
    }
}

/// A password, which is never filled in again by the server.
#[component]
pub fn PasswordField(
    /// What browsers fill in.
    autocomplete: &'static str,
    /// A sentence of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    error: Option<String>,
) -> impl IntoView {
    view! {
        <Labelled name="password" label="Password" hint error=error.clone()>
            <input
                id="password"
                name="password"
                type="password"
                autocomplete=autocomplete
                required
                aria-invalid=error.is_some().to_string()
                aria-describedby=described("password", hint, error.is_some())
            />
        </Labelled>
    }
}

#[component]
fn Labelled(name: &'static str, label: &'static str, hint: Option<&'static str>, error: Option<String>, children: Children) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {children()}
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            {error.map(|words| view! { <ErrorText words id=format!("{name}-wrong")/> })}
        </div>
    }
}

fn described(name: &str, hint: Option<&str>, wrong: bool) -> Option<String> {
    let ids = [hint.map(|_| format!("{name}-hint")), wrong.then(|| format!("{name}-wrong"))];
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
