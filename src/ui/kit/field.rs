//! Form fields with label, hint and error.

use std::collections::HashMap;

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::{domain::ChatError, ui::text};

/// Errors of a form, by field.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors {
    general: Option<String>,
    fields: HashMap<String, String>,
}

impl FieldErrors {
    /// From an error: at its field, else at the form.
    #[must_use]
    pub fn of(error: Option<&ChatError>) -> Self {
        match error {
            None => Self::default(),
            Some(ChatError { message, field: Some(field), .. }) => {
                Self { general: None, fields: [(field.clone(), message.clone())].into() }
            }
            Some(ChatError { message, .. }) => {
                Self { general: Some(message.clone()), fields: HashMap::new() }
            }
        }
    }

    /// The error of a field.
    #[must_use]
    pub fn at(&self, field: &str) -> Option<String> {
        self.fields.get(field).cloned()
    }

    /// The error of the whole form.
    pub fn general(&self) -> impl IntoView + use<> {
        self.general.clone().map(|words| view! { <ErrorText words /> })
    }
}

/// An error message.
#[component]
pub fn ErrorText(
    /// The text.
    #[prop(into)]
    words: String,
    /// Id of the element, for `aria-describedby`.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    view! {
        <p class="wrong" role="alert" id=id>
            <Icon shape=Shape::Alert />
            {words}
        </p>
    }
}

/// A text field.
#[component]
pub fn TextField(
    /// Its name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// A sentence of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Initial value.
    #[prop(optional, into)]
    value: String,
    /// Value of `autocomplete`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The error.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Whether it has the initial focus.
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

/// A password field; the server never fills it in again.
#[component]
pub fn PasswordField(
    /// Its name in the form.
    #[prop(default = "password")]
    name: &'static str,
    /// Its label.
    #[prop(default = text::kit::PASSWORD)]
    label: &'static str,
    /// Value of `autocomplete`.
    autocomplete: &'static str,
    /// A sentence of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// The error.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Whether it has the initial focus.
    #[prop(default = false)]
    focus: bool,
) -> impl IntoView {
    view! {
        <Labelled name label hint error=error.clone()>
            <input
                id=name
                name=name
                type="password"
                autocomplete=autocomplete
                required
                autofocus=focus
                aria-invalid=error.is_some().to_string()
                aria-describedby=described(name, hint, error.is_some())
            />
        </Labelled>
    }
}

#[component]
fn Labelled(
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    error: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {children()}
            {hint
                .map(|hint| {
                    view! {
                        <p class="hint" id=format!("{name}-hint")>
                            {hint}
                        </p>
                    }
                })}
            {error.map(|words| view! { <ErrorText words id=format!("{name}-wrong") /> })}
        </div>
    }
}

fn described(name: &str, hint: Option<&str>, wrong: bool) -> Option<String> {
    let ids = [hint.map(|_| format!("{name}-hint")), wrong.then(|| format!("{name}-wrong"))];
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
