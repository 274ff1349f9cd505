//! Views that few first frames contain. Their code is a separate Wasm file, split at
//! [`render_view`], which a page preloads a moment after hydration or loads when a view is first
//! needed.
//!
//! A new view is a variant of [`LazyView`], an arm of [`render_view`], and `{lazy(LazyView::…)}` or
//! `{lazy_dialog(LazyView::…)}` where it is shown.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures::FutureExt;
use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};

use super::{
    conversation::{
        AttachmentTray, ConfirmMentionEveryone, Details, EditHistory, GoToDate, Lightbox,
        MessageActions, MessageRef, ReadBy, RemovePreview, Thread,
    },
    kit::emoji::EmojiPicker,
    pages::{administration::Administration, saved::Saved, settings::Settings},
    people::profile_card::ProfileCard,
    search::SearchPage,
    sidebar::new_group::NewGroup,
    type_ahead::{PendingTarget, use_type_ahead},
    workspace::{shortcuts::ShortcutHelp, switcher::Switcher, undo_toast::UndoToast},
};
use crate::{
    client::{browser, use_app_state},
    domain::{ConversationId, PersonId, Seq, message::State},
    ui::text,
};

/// A lazily loaded view and its props.
#[derive(Clone)]
pub(in crate::ui) enum LazyView {
    Administration,
    MessageActions {
        message_ref: MessageRef,
        state: Memo<State>,
        said: Memo<String>,
        held: RwSignal<bool>,
    },
    ConfirmMentionEveryone {
        open: RwSignal<bool>,
        people: Signal<usize>,
        confirm: Callback<()>,
    },
    Details {
        id: ConversationId,
    },
    EditHistory {
        message_ref: MessageRef,
        open: RwSignal<bool>,
    },
    EmojiPicker {
        open: RwSignal<bool>,
        pick: Callback<String>,
    },
    GoToDate {
        id: ConversationId,
    },
    ShortcutHelp,
    Lightbox {
        open: RwSignal<bool>,
    },
    NewGroup {
        open: RwSignal<bool>,
    },
    ProfileCard,
    RemovePreview {
        message_ref: MessageRef,
        open: RwSignal<bool>,
    },
    Saved,
    Search,
    ReadBy {
        open: RwSignal<bool>,
        people: Memo<Vec<PersonId>>,
    },
    Settings,
    Switcher,
    Thread {
        id: ConversationId,
        of: Seq,
    },
    AttachmentTray {
        id: ConversationId,
    },
    UndoToast,
}

/// Split off: code that only this function reaches is loaded lazily.
#[leptos::wasm_split::wasm_split(
    later,
    wasm_split_path = leptos::wasm_split,
    preload(load),
    fallible
)]
fn render_view(view: LazyView) -> Result<AnyView, SplitLoaderError> {
    Ok(match view {
        LazyView::Administration => view! { <Administration /> }.into_any(),
        LazyView::MessageActions { message_ref, state, said, held } => {
            view! { <MessageActions message_ref state said held /> }.into_any()
        }
        LazyView::ConfirmMentionEveryone { open, people, confirm } => {
            view! { <ConfirmMentionEveryone open people confirm /> }.into_any()
        }
        LazyView::Details { id } => view! { <Details id /> }.into_any(),
        LazyView::EditHistory { message_ref, open } => {
            view! { <EditHistory message_ref open /> }.into_any()
        }
        LazyView::EmojiPicker { open, pick } => view! { <EmojiPicker open pick /> }.into_any(),
        LazyView::GoToDate { id } => view! { <GoToDate id /> }.into_any(),
        LazyView::ShortcutHelp => view! { <ShortcutHelp /> }.into_any(),
        LazyView::Lightbox { open } => view! { <Lightbox open /> }.into_any(),
        LazyView::NewGroup { open } => view! { <NewGroup open /> }.into_any(),
        LazyView::ProfileCard => view! { <ProfileCard /> }.into_any(),
        LazyView::RemovePreview { message_ref, open } => {
            view! { <RemovePreview message_ref open /> }.into_any()
        }
        LazyView::Saved => view! { <Saved /> }.into_any(),
        LazyView::Search => view! { <SearchPage /> }.into_any(),
        LazyView::ReadBy { open, people } => view! { <ReadBy open people /> }.into_any(),
        LazyView::Settings => view! { <Settings /> }.into_any(),
        LazyView::Switcher => view! { <Switcher /> }.into_any(),
        LazyView::Thread { id, of } => view! { <Thread id of /> }.into_any(),
        LazyView::AttachmentTray { id } => view! { <AttachmentTray id /> }.into_any(),
        LazyView::UndoToast => view! { <UndoToast /> }.into_any(),
    })
}

impl LazyView {
    /// The signal that opens an overlay.
    fn open(&self) -> Option<RwSignal<bool>> {
        match self {
            Self::ConfirmMentionEveryone { open, .. }
            | Self::EditHistory { open, .. }
            | Self::EmojiPicker { open, .. }
            | Self::Lightbox { open }
            | Self::NewGroup { open }
            | Self::RemovePreview { open, .. }
            | Self::ReadBy { open, .. } => Some(*open),
            Self::GoToDate { .. } => Some(use_app_state().show_go_to_date),
            Self::ShortcutHelp => Some(use_app_state().show_shortcuts),
            Self::ProfileCard => Some(use_app_state().show_profile),
            Self::Switcher => Some(use_app_state().show_switcher),
            Self::Administration
            | Self::MessageActions { .. }
            | Self::Details { .. }
            | Self::Saved
            | Self::Search
            | Self::Settings
            | Self::Thread { .. }
            | Self::AttachmentTray { .. }
            | Self::UndoToast => None,
        }
    }

    /// Whether the view takes the focus.
    const fn takes_focus(&self) -> bool {
        matches!(self, Self::Search)
            || self.container().is_none()
                && !matches!(
                    self,
                    Self::MessageActions { .. } | Self::AttachmentTray { .. } | Self::UndoToast
                )
    }

    /// CSS class of the pane in which the view can show its loading state.
    const fn container(&self) -> Option<&'static str> {
        match self {
            Self::Details { .. } | Self::Thread { .. } => Some("details"),
            Self::Administration | Self::Saved | Self::Search | Self::Settings => Some("pane"),
            _ => None,
        }
    }

    /// CSS class of an inline loading state.
    const fn inline_class(&self) -> Option<&'static str> {
        match self {
            Self::MessageActions { .. } => Some("actions soon"),
            Self::AttachmentTray { .. } => Some("tray soon"),
            _ => None,
        }
    }
}

/// Loading state of the code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LoadState {
    Loading,
    Loaded,
    /// The server cannot be reached.
    Unreachable,
    /// The server runs another build than this page.
    Outdated,
}

impl LoadState {
    /// Message and button label of a failed load.
    const fn message(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Loading | Self::Loaded => None,
            Self::Unreachable => Some((text::workspace::NOT_LOADED, text::kit::TRY_AGAIN)),
            Self::Outdated => Some((text::workspace::OUTDATED, text::workspace::RELOAD)),
        }
    }
}

/// Delay of the preload after hydration.
const PRELOAD_DELAY: Duration = Duration::from_secs(1);
/// Milliseconds before a page that cannot hydrate without the code tries again.
const RETRY_DELAY: u32 = 2_000;

static LOADED: AtomicBool = AtomicBool::new(false);

fn is_loaded() -> bool {
    is_server() || LOADED.load(Ordering::Relaxed)
}

/// Loads the code, unless it is loaded.
async fn load_code() -> LoadState {
    if is_loaded() || load().await.is_ok() {
        LOADED.store(true, Ordering::Relaxed);
        return LoadState::Loaded;
    }
    // A server that answers but lacks the file runs another build.
    if browser::fetch_text("/healthz").await.is_some() {
        LoadState::Outdated
    } else {
        LoadState::Unreachable
    }
}

/// Hydrates the page, at once or when the code is loaded. A first frame with a lazy view would
/// otherwise differ from the server's.
pub fn hydrate_when_ready(needs_code: bool, wake: impl FnOnce() + 'static) {
    if !needs_code {
        return wake();
    }
    wasm_bindgen_futures::spawn_local(async move {
        while load_code().await != LoadState::Loaded {
            browser::sleep(RETRY_DELAY).await;
        }
        wake();
    });
}

/// Preloads the code, so that views open at once and offline.
pub fn preload() {
    let get = || {
        spawn_local(async {
            load_code().await;
        });
    };
    set_timeout(get, PRELOAD_DELAY);
}

/// A lazy view, or a placeholder until its code is loaded.
pub(in crate::ui) fn lazy(view: LazyView) -> AnyView {
    if is_loaded() {
        return render(view);
    }
    let state = RwSignal::new(LoadState::Loading);
    let (app, type_ahead, open, container, takes_focus) =
        (use_app_state(), use_type_ahead(), view.open(), view.container(), view.takes_focus());
    let inline_class = view.inline_class();
    let held = StoredValue::new(None::<PendingTarget>);
    let get = move || {
        state.set(LoadState::Loading);
        let target = takes_focus.then(|| PendingTarget::new(type_ahead, open));
        held.set_value(target);
        spawn_local(async move {
            let loaded_state = load_code().await;
            let tell = move || {
                if state.try_set(loaded_state).is_none()
                    && let (Some((message, _)), None) = (loaded_state.message(), container)
                {
                    app.show_error(message);
                    // So that the next press tries again.
                    let _ = open.map(|open| open.try_set(false));
                }
            };
            match target {
                Some(target) if loaded_state == LoadState::Loaded => target.arrive(tell),
                Some(target) => {
                    target.cancel();
                    tell();
                }
                None => tell(),
            }
        });
    };
    on_cleanup(move || {
        if let Some(target) = held.try_get_value().flatten() {
            target.cancel();
        }
    });
    get();
    let view = move || match (state.get(), container) {
        (LoadState::Loaded, _) => untrack(|| render(view.clone())),
        (LoadState::Loading, None) => inline_class
            .map(|class| {
                view! {
                    <p class=class role="status">
                        {text::kit::LOADING}
                    </p>
                }
            })
            .into_any(),
        (_, None) => ().into_any(),
        (state, Some(container)) => placeholder(container, state, get),
    };
    view.into_any()
}

/// An overlay that is created when it is first opened.
pub(in crate::ui) fn lazy_dialog(view: LazyView) -> AnyView {
    let open = view.open().unwrap_or_default();
    // A failed load closes it; opening it again retries.
    let opened = Memo::new(move |was: Option<&bool>| {
        open.get() || is_loaded() && was.copied().unwrap_or(false)
    });
    let view = move || opened.get().then(|| untrack(|| lazy(view.clone())));
    view.into_any()
}

/// Renders a view whose code is loaded: the future is ready at once.
fn render(view: LazyView) -> AnyView {
    render_view(view).now_or_never().and_then(Result::ok).unwrap_or_else(|| ().into_any())
}

/// The placeholder of a pane.
fn placeholder(container: &'static str, state: LoadState, get: impl Fn() + 'static) -> AnyView {
    let Some((message, label)) = state.message() else {
        return view! {
            <section class=container aria-busy="true">
                <p class="hidden" role="status">
                    {text::kit::LOADING}
                </p>
                <div class="skeleton soon" aria-hidden="true">
                    <i></i>
                    <i></i>
                    <i></i>
                </div>
            </section>
        }
        .into_any();
    };
    let press = move |_| if state == LoadState::Outdated { browser::reload() } else { get() };
    view! {
        <section class=container>
            <div class="blank" role="alert">
                <p>{message}</p>
                <button type="button" class="button quiet small" on:click=press>
                    {label}
                </button>
            </div>
        </section>
    }
    .into_any()
}
