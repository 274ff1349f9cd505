//! The signed-in application: the sidebar, and beside it the current route. A phone shows one of
//! them at a time.

pub mod shortcuts;
pub(super) mod switcher;
pub(super) mod undo_toast;

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use leptos_router::{components::Outlet, hooks::use_location};

use wasm_bindgen::JsCast;

use super::{
    conversation::has_files,
    kit::{
        button::IconButton,
        emoji,
        icon::{Icon, Shape},
    },
    lazy::{LazyView, lazy, lazy_dialog},
    people::profile_link,
    sidebar::Sidebar,
    type_ahead::{self, PendingNotice},
};
use crate::{
    api::{conversations::InitialState, hydration::hydrated_value},
    client::{AppState, ConnectionStatus, FatalError, browser},
    domain::ChatError,
    ui::text,
};

/// The layout of all routes behind sign-in.
#[component]
pub fn Workspace() -> impl IntoView {
    let Some(initial) = hydrated_value(use_context::<InitialState>) else {
        // Client-side navigation from a page without initial state: the server renders it.
        Effect::new(browser::reload);
        return view! {
            <main class="alone">
                <p class="quiet">{text::kit::LOADING}</p>
            </main>
        }
        .into_any();
    };
    let app = AppState::new(initial);
    provide_context(app);
    type_ahead::provide();
    emoji::EmojiPreferences::provide(app.my_id().to_string());
    Effect::new(move || {
        app.start();
        shortcuts::listen(app);
        profile_link::listen(app);
        // A file dropped elsewhere would replace the page.
        for event in ["dragover", "drop"] {
            let _ = window_event_listener_untyped(event, |event| {
                let over = event
                    .dyn_ref::<web_sys::DragEvent>()
                    .and_then(web_sys::DragEvent::data_transfer);
                if has_files(over) {
                    event.prevent_default();
                }
            });
        }
    });
    Effect::new(move || {
        browser::set_body_attribute("data-connection", app.connection.get().as_str())
    });
    let has_notifications = Memo::new(move |_| {
        app.conversations.with(|conversations| conversations.notification_count(app.now.get())) > 0
    });
    Effect::new(move || {
        browser::set_icon(if has_notifications.get() {
            "/favicon-unread.png"
        } else {
            "/favicon.png"
        })
    });
    let has_undo = Memo::new(move |_| app.undo.with(Option::is_some));
    let path = use_location().pathname;
    view! {
        <main class="workspace" data-pane=move || if path.get() == "/" { "list" } else { "main" }>
            <a
                class="skip"
                href="#message-field"
                on:click=move |event| {
                    event.prevent_default();
                    shortcuts::to_message_field();
                }
            >
                {text::workspace::SKIP_TO_MESSAGE_FIELD}
            </a>
            <Sidebar />
            <div class="main">
                <ConnectionBanner />
                <Outlet />
            </div>
            <div class="toasts">
                <ErrorToast />
                <div role="status">{move || has_undo.get().then(|| lazy(LazyView::UndoToast))}</div>
                <PendingNotice />
            </div>
            {lazy_dialog(LazyView::ShortcutHelp)}
            {lazy_dialog(LazyView::ProfileCard)}
            {lazy_dialog(LazyView::Switcher)}
        </main>
    }
    .into_any()
}

/// A page title with the number of notifications before it.
pub fn page_title(
    app: AppState,
    title: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> impl Fn() -> String + Send + Sync + 'static {
    let now = move || {
        let title = title()?;
        let now = app.now.try_get()?;
        let notifications =
            app.conversations.try_with(|conversations| conversations.notification_count(now))?;
        let workspace = app.workspace.try_with(|workspace| workspace.name.clone())?;
        Some(text::workspace::page_title(&title, &workspace, notifications))
    };
    let (on_server, first) = (is_server(), untrack(&now).unwrap_or_default());
    // The server says it here and now. The framework asks for it only when the page is rendered and
    // its thread may have gone on with another person's, whose signals would answer: one would read
    // the name of a group that one is not in. It also writes it into the page as it is, and what
    // groups and people are called may be markup.
    let first = if on_server { escaped_title(&first) } else { first };
    move || (!on_server).then(&now).flatten().unwrap_or_else(|| first.clone())
}

/// A title as the HTML of a `<title>`, in which the framework escapes nothing.
pub fn escaped_title(title: &str) -> String {
    title.replace('&', "&amp;").replace('<', "&lt;")
}

/// The banner that reports a lost connection.
#[component]
fn ConnectionBanner() -> impl IntoView {
    let app = expect_context::<AppState>();
    let words = move || match (app.fatal.get(), app.connection.get()) {
        (Some(FatalError::Outdated), _) => {
            Some((text::workspace::OUTDATED, Some(text::workspace::RELOAD)))
        }
        (Some(FatalError::Replaced), _) => {
            Some((text::workspace::REPLACED, Some(text::workspace::USE_HERE)))
        }
        (None, ConnectionStatus::Offline) => Some((text::workspace::OFFLINE, None)),
        (None, ConnectionStatus::Connecting | ConnectionStatus::Live) => None,
    };
    view! {
        <div class="connection" role="status">
            {move || {
                words()
                    .map(|(words, button)| {
                        view! {
                            <p class="line">
                                {words}
                                {button
                                    .map(|label| {
                                        view! {
                                            <button
                                                type="button"
                                                class="button quiet small"
                                                on:click=|_| browser::reload()
                                            >
                                                {label}
                                            </button>
                                        }
                                    })}
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// The last error, until it is dismissed.
#[component]
fn ErrorToast() -> impl IntoView {
    let app = expect_context::<AppState>();
    Effect::new(move || {
        if app.connection.get() == ConnectionStatus::Live
            && app.error.with_untracked(|words| words.as_deref() == Some(ChatError::UNREACHABLE))
        {
            app.error.set(None);
        }
    });
    view! {
        <div role="alert">
            {move || {
                app.error
                    .get()
                    .map(|words| {
                        view! {
                            <div class="toast">
                                <Icon shape=Shape::Alert />
                                <p>{words}</p>
                                <IconButton
                                    shape=Shape::Cross
                                    label=text::kit::DISMISS
                                    press=move || app.error.set(None)
                                />
                            </div>
                        }
                    })
            }}
        </div>
    }
}
