//! The section that generates recovery codes.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::{browser, use_app_state},
    ui::{
        kit::{
            button::Submit,
            form::{FormField, FormRequest},
            icon::{Icon, Shape},
        },
        text,
    },
};

/// The section.
#[component]
pub(super) fn Recovery() -> impl IntoView {
    let app = use_app_state();
    let request = FormRequest::new();
    let (password, codes) = (RwSignal::new(String::new()), RwSignal::new(Vec::<String>::new()));
    let left = RwSignal::new(None::<usize>);
    Effect::new(move || {
        // Again after new ones were generated.
        codes.track();
        spawn_local(async move {
            if let Ok(count) = app.recovery_codes_left().await {
                left.try_set(Some(count));
            }
        });
    });
    let generate = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        request.send(app.recovery_codes(password.get_untracked()), move |new| {
            password.set(String::new());
            codes.set(new.codes);
        });
    };
    view! {
        <h2>{text::settings::RECOVERY}</h2>
        <p class="quiet">{text::settings::RECOVERY_LEAD}</p>
        <p role="status">{move || left.get().map(text::settings::codes_left)}</p>
        {move || (!codes.with(Vec::is_empty)).then(|| view! { <NewCodes codes /> })}
        <form class="stack narrow no-print" on:submit=generate>
            {request.general_error()}
            <FormField
                request
                name="password"
                label=text::settings::CURRENT_PASSWORD
                kind="password"
                autocomplete="current-password"
                value=password
            />
            <p class="hint">{text::settings::RECOVERY_HINT}</p>
            <div class="side-by-side">
                <Submit busy=request.busy>{text::settings::GENERATE_CODES}</Submit>
            </div>
        </form>
    }
}

/// The codes, this once.
#[component]
fn NewCodes(codes: RwSignal<Vec<String>>) -> impl IntoView {
    let app = use_app_state();
    let copied = RwSignal::new(false);
    let copy = move |_| copied.set(browser::copy_text(&codes.with(|codes| codes.join("\n"))));
    let account = text::settings::codes_of(&app.my_username());
    view! {
        <section class="codes" aria-label=text::settings::NEW_CODES>
            <p role="status">{text::settings::NEW_CODES_LEAD}</p>
            <p class="print-only">{account}</p>
            <ol>
                {move || {
                    codes
                        .get()
                        .into_iter()
                        .map(|code| {
                            view! {
                                <li>
                                    <code>{code}</code>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ol>
            <div class="side-by-side no-print">
                <button type="button" class="button quiet" on:click=copy>
                    <Icon shape=Shape::Copy />
                    {move || {
                        if copied.get() { text::settings::COPIED } else { text::settings::COPY }
                    }}
                </button>
                <button type="button" class="button quiet" on:click=|_| browser::print()>
                    {text::settings::PRINT}
                </button>
            </div>
        </section>
    }
}
