//! The current user and the account menu.

use leptos::{ev, html, leptos_dom::helpers::window_event_listener, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    client::use_app_state,
    domain::Right,
    ui::{
        kit::{
            avatar::Avatar,
            icon::{Icon, Shape},
        },
        text,
    },
};

/// The button and its menu.
#[component]
pub(super) fn Account() -> impl IntoView {
    let app = use_app_state();
    let me = app.me.get_value();
    let open = RwSignal::new(false);
    let menu = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let shut = move |back: bool| {
        if open.get_untracked() {
            open.set(false);
            if let Some(button) = button.get_untracked().filter(|_| back) {
                let _ = button.focus();
            }
        }
    };
    Effect::new(move || {
        // A press outside closes the menu.
        let _ = window_event_listener(ev::pointerdown, move |event| {
            let inside = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Node>().ok())
                .is_some_and(|target| {
                    menu.get_untracked().is_some_and(|menu| menu.contains(Some(&target)))
                        || button
                            .get_untracked()
                            .is_some_and(|button| button.contains(Some(&target)))
                });
            if !inside {
                shut(false);
            }
        });
    });
    Effect::new(move || {
        if open.get() {
            request_animation_frame(move || {
                if let Some(first) = menu
                    .get_untracked()
                    .and_then(|menu| menu.query_selector("[role=menuitem]").ok().flatten())
                {
                    let _ = first.dyn_into::<web_sys::HtmlElement>().map(|first| first.focus());
                }
            });
        }
    });
    view! {
        <div
            class="account"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    shut(true)
                }
            }
        >
            <Avatar id=me.id.0 name=me.display_name.clone() picture=app.avatar_url(me.id) />
            // Beside the button, which can be pressed all over this row: inside, it would be a
            // visible label that its name does not have.
            <span id="account-name" class="row-title" dir="auto" title=me.display_name.clone()>
                {me.display_name.clone()}
            </span>
            <button
                type="button"
                class="account-button"
                node_ref=button
                aria-label=text::account::ACCOUNT
                aria-describedby="account-name"
                title=text::account::ACCOUNT
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon shape=Shape::More />
            </button>
            <Show when=move || open.get()>
                <div class="menu rows" role="menu" aria-label=text::account::ACCOUNT node_ref=menu>
                    <a role="menuitem" href="/settings" on:click=move |_| shut(false)>
                        {text::settings::SETTINGS}
                    </a>
                    {move || {
                        app.my_role()
                            .may(Right::ViewAdministration)
                            .then(|| {
                                view! {
                                    <a
                                        role="menuitem"
                                        href="/admin"
                                        on:click=move |_| shut(false)
                                    >
                                        {text::administration::ADMINISTRATION}
                                    </a>
                                }
                            })
                    }}
                    <button
                        role="menuitem"
                        type="button"
                        on:click=move |_| {
                            shut(false);
                            app.show_shortcuts.set(true);
                        }
                    >
                        {text::shortcuts::KEYBOARD_SHORTCUTS}
                    </button>
                    <form
                        method="post"
                        action="/sign-out"
                        role="none"
                        on:submit=move |_| app.clear_local_data()
                    >
                        <button role="menuitem">{text::account::SIGN_OUT}</button>
                    </form>
                </div>
            </Show>
        </div>
    }
}
