//! The signed-in app: the sidebar, and beside it what the address says. On a phone one of them at a time.

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
    lazy::{Part, later, once},
    people::profile_link,
    sidebar::Sidebar,
    type_ahead::{self, Awaited},
};
use crate::{
    api::{conversations::Boot, hydration::carried},
    client::{Chat, Halt, Link, browser},
    domain::ChatError,
};

/// Everything behind the sign-in.
#[component]
pub fn Workspace() -> impl IntoView {
    let Some(boot) = carried(use_context::<Boot>) else {
        // Only when somebody came here from a page without a snapshot: the server has one.
        Effect::new(browser::reload);
        return view! { <main class="alone"><p class="quiet">"Loading…"</p></main> }.into_any();
    };
    let chat = Chat::new(boot);
    provide_context(chat);
    type_ahead::provide();
    emoji::Kept::provide(chat.my_id().to_string());
    Effect::new(move || {
        chat.start();
        shortcuts::listen(chat);
        profile_link::listen(chat);
        // A file that is dropped beside its place would be shown by the browser instead of all that is here.
        for event in ["dragover", "drop"] {
            let _ = window_event_listener_untyped(event, |event| {
                let over = event.dyn_ref::<web_sys::DragEvent>().and_then(web_sys::DragEvent::data_transfer);
                if has_files(over) {
                    event.prevent_default();
                }
            });
        }
    });
    Effect::new(move || browser::mark_body("data-connection", chat.link.get().word()));
    let waiting = Memo::new(move |_| chat.book.with(|book| book.rings(chat.now.get())) > 0);
    Effect::new(move || browser::set_icon(if waiting.get() { "/favicon-unread.svg" } else { "/favicon.svg" }));
    let undone = Memo::new(move |_| chat.undo.with(Option::is_some));
    let path = use_location().pathname;
    view! {
        <main class="workspace" data-pane=move || if path.get() == "/" { "list" } else { "main" }>
            <a class="skip" href="#message-field" on:click=move |event| { event.prevent_default(); shortcuts::to_message_field(); }>"Skip to message field"</a>
            <Sidebar/>
            <div class="main">
                <Connection/>
                <Outlet/>
            </div>
            <div class="toasts">
                <Trouble/>
                <div role="status">{move || undone.get().then(|| later(Part::Undo))}</div>
                <Awaited/>
            </div>
            {once(Part::Help)}
            {once(Part::Profile)}
            {once(Part::Switcher)}
        </main>
    }
    .into_any()
}

/// A page's title, with how much rings for one before it.
pub fn page_title(chat: Chat, title: impl Fn() -> Option<String> + Send + Sync + 'static) -> impl Fn() -> String + Send + Sync + 'static {
    let now = move || {
        let title = title()?;
        let now = chat.now.try_get()?;
        Some(match chat.book.try_with(|book| book.rings(now))? {
            0 => format!("{title} · ChatBox"),
            count => format!("({}) {title} · ChatBox", count.min(99)),
        })
    };
    let (on_server, first) = (is_server(), untrack(&now).unwrap_or_default());
    // The server says it here and now. The framework asks for it only when the page is rendered and its thread may have gone on with
    // another person's, whose signals would answer: one would read the name of a group that one is not in. It also writes it into the
    // page as it is, and what groups and people are called may be markup.
    let first = if on_server { first.replace('&', "&amp;").replace('<', "&lt;") } else { first };
    move || (!on_server).then(&now).flatten().unwrap_or_else(|| first.clone())
}

/// A thin line that says when what happens does not arrive at once.
#[component]
fn Connection() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let words = move || match (chat.halt.get(), chat.link.get()) {
        (Some(Halt::Outdated), _) => Some(("ChatBox was updated. Reload to continue.", Some("Reload"))),
        (Some(Halt::Replaced), _) => Some(("ChatBox is open in too many windows. This one is paused.", Some("Use here"))),
        (None, Link::Offline) => Some(("Offline. Your messages will be sent when you are back.", None)),
        (None, Link::Connecting | Link::Live) => None,
    };
    view! {
        <div class="connection" role="status">
            {move || words().map(|(words, button)| view! {
                <p class="line">
                    {words}
                    {button.map(|label| view! { <button type="button" class="button quiet small" on:click=|_| browser::reload()>{label}</button> })}
                </p>
            })}
        </div>
    }
}

/// What went wrong, until it is dismissed.
#[component]
fn Trouble() -> impl IntoView {
    let chat = expect_context::<Chat>();
    Effect::new(move || {
        if chat.link.get() == Link::Live && chat.trouble.with_untracked(|words| words.as_deref() == Some(ChatError::UNREACHED)) {
            chat.trouble.set(None);
        }
    });
    view! {
        <div role="alert">
            {move || chat.trouble.get().map(|words| view! {
                <div class="toast">
                    <Icon shape=Shape::Alert/>
                    <p>{words}</p>
                    <IconButton shape=Shape::Cross label="Dismiss" press=move || chat.trouble.set(None)/>
                </div>
            })}
        </div>
    }
}
