//! Forms whose request runs in the browser: fields that show the error of the last request, and its
//! state.

use leptos::{prelude::*, task::spawn_local};

use super::field::{ErrorText, FieldErrors};
use crate::domain::ChatError;

/// The request of a form. `Copy`.
#[derive(Clone, Copy)]
pub struct FormRequest {
    error: RwSignal<Option<ChatError>>,
    /// Whether the request runs.
    pub busy: RwSignal<bool>,
    /// Whether the last request succeeded and nothing was typed since.
    pub done: RwSignal<bool>,
}

impl FormRequest {
    /// Of a form that was not sent yet.
    #[must_use]
    pub fn new() -> Self {
        Self { error: RwSignal::new(None), busy: RwSignal::new(false), done: RwSignal::new(false) }
    }

    /// Runs a request, unless one runs; then `next` with its result.
    pub fn send<T: 'static>(
        self,
        request: impl Future<Output = Result<T, ChatError>> + 'static,
        next: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.done.set(false);
        spawn_local(async move {
            let result = request.await;
            // The form may be gone by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(value) => {
                    self.error.set(None);
                    self.done.set(true);
                    next(value);
                }
                Err(error) => self.error.set(Some(error)),
            }
        });
    }

    /// The error of a field. Reactive.
    pub fn error_at(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.error.with(|error| FieldErrors::of(error.as_ref()).at(field)))
    }

    /// The error of the whole form.
    pub fn general_error(self) -> AnyView {
        (move || self.error.with(|error| FieldErrors::of(error.as_ref()).general())).into_any()
    }
}

impl Default for FormRequest {
    fn default() -> Self {
        Self::new()
    }
}

/// A text or password field of such a form.
#[component]
pub fn FormField(
    /// The form's request.
    request: FormRequest,
    /// The argument of the request: where its error is shown.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// Its value.
    value: RwSignal<String>,
    /// `text` or `password`.
    #[prop(default = "text")]
    kind: &'static str,
    /// Value of `autocomplete`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// A sentence of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Whether it has the initial focus.
    #[prop(default = false)]
    focus: bool,
) -> impl IntoView {
    let error = request.error_at(name);
    let id = format!("form-{name}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    let described = {
        let (hint_id, error_id) = (hint.map(|_| hint_id.clone()), error_id.clone());
        move || {
            let wrong = error.get().map(|_| error_id.clone());
            let ids: Vec<String> = [hint_id.clone(), wrong].into_iter().flatten().collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                dir="auto"
                autofocus=focus
                aria-invalid=move || error.get().is_some().to_string()
                aria-describedby=described
                prop:value=move || value.get()
                on:input=move |event| {
                    request.done.set(false);
                    value.set(event_target_value(&event));
                }
            />
            {hint
                .map(|hint| {
                    view! {
                        <p class="hint" id=hint_id>
                            {hint}
                        </p>
                    }
                })}
            {move || {
                error.get().map(|words| view! { <ErrorText words id=error_id.clone() /> })
            }}
        </div>
    }
}

/// A choice of one among several, as a labelled `<select>`.
#[component]
pub fn FormSelect(
    /// Id of the element.
    id: &'static str,
    /// Its label.
    label: &'static str,
    /// Values and their names.
    options: Vec<(&'static str, &'static str)>,
    /// The chosen value.
    value: RwSignal<String>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(option, name)| {
            view! {
                <option value=option selected=move || value.with(|value| value == option)>
                    {name}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select
                id=id
                prop:value=move || value.get()
                on:change=move |event| value.set(event_target_value(&event))
            >
                {options}
            </select>
        </div>
    }
}
