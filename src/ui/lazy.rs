//! What comes later: the parts of the app that hardly any first frame shows. Their code is a file of its own, split off at
//! [`part_view`], which a page fetches when it has had its first moment, or when it is first asked for a part.
//!
//! A new part is a variant of [`Part`], an arm of [`part_view`], and `{later(Part::…)}` or `{once(Part::…)}` where it is shown.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures::FutureExt;
use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};

use super::{
    conversation::{About, Actions, AskToRing, Details, Earlier, GoToDay, Lightbox, RemovePreview, SeenBy, Thread, Tray},
    kit::emoji::EmojiPicker,
    pages::{saved::Saved, settings::Settings},
    people::profile_card::ProfileCard,
    search::SearchPage,
    sidebar::new_group::NewGroup,
    type_ahead::{Hold, use_ahead},
    workspace::{shortcuts::Help, switcher::Switcher, undo_toast::UndoToast},
};
use crate::{
    client::{browser, use_chat},
    domain::{ConversationId, PersonId, Seq, message::State},
};

/// A part whose code comes later, with all that its component needs.
#[derive(Clone)]
pub(in crate::ui) enum Part {
    Actions { about: About, state: Memo<State>, said: Memo<String>, held: RwSignal<bool> },
    AskToRing { open: RwSignal<bool>, people: Signal<usize>, ring: Callback<()> },
    Details { id: ConversationId },
    Earlier { about: About, open: RwSignal<bool> },
    EmojiPicker { open: RwSignal<bool>, pick: Callback<String> },
    GoToDay { id: ConversationId },
    Help,
    Lightbox { open: RwSignal<bool> },
    NewGroup { open: RwSignal<bool> },
    Profile,
    RemovePreview { about: About, open: RwSignal<bool> },
    Saved,
    Search,
    SeenBy { open: RwSignal<bool>, people: Memo<Vec<PersonId>> },
    Settings,
    Switcher,
    Thread { id: ConversationId, of: Seq },
    Tray { id: ConversationId },
    Undo,
}

/// Whatever only this function reaches is split off.
#[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, preload(load), fallible)]
fn part_view(part: Part) -> Result<AnyView, SplitLoaderError> {
    Ok(match part {
        Part::Actions { about, state, said, held } => view! { <Actions about state said held/> }.into_any(),
        Part::AskToRing { open, people, ring } => view! { <AskToRing open people ring/> }.into_any(),
        Part::Details { id } => view! { <Details id/> }.into_any(),
        Part::Earlier { about, open } => view! { <Earlier about open/> }.into_any(),
        Part::EmojiPicker { open, pick } => view! { <EmojiPicker open pick/> }.into_any(),
        Part::GoToDay { id } => view! { <GoToDay id/> }.into_any(),
        Part::Help => view! { <Help/> }.into_any(),
        Part::Lightbox { open } => view! { <Lightbox open/> }.into_any(),
        Part::NewGroup { open } => view! { <NewGroup open/> }.into_any(),
        Part::Profile => view! { <ProfileCard/> }.into_any(),
        Part::RemovePreview { about, open } => view! { <RemovePreview about open/> }.into_any(),
        Part::Saved => view! { <Saved/> }.into_any(),
        Part::Search => view! { <SearchPage/> }.into_any(),
        Part::SeenBy { open, people } => view! { <SeenBy open people/> }.into_any(),
        Part::Settings => view! { <Settings/> }.into_any(),
        Part::Switcher => view! { <Switcher/> }.into_any(),
        Part::Thread { id, of } => view! { <Thread id of/> }.into_any(),
        Part::Tray { id } => view! { <Tray id/> }.into_any(),
        Part::Undo => view! { <UndoToast/> }.into_any(),
    })
}

impl Part {
    /// What says that it is open, for what floats over the page.
    fn open(&self) -> Option<RwSignal<bool>> {
        match self {
            Self::AskToRing { open, .. }
            | Self::Earlier { open, .. }
            | Self::EmojiPicker { open, .. }
            | Self::Lightbox { open }
            | Self::NewGroup { open }
            | Self::RemovePreview { open, .. }
            | Self::SeenBy { open, .. } => Some(*open),
            Self::GoToDay { .. } => Some(use_chat().show_days),
            Self::Help => Some(use_chat().show_keys),
            Self::Profile => Some(use_chat().show_profile),
            Self::Switcher => Some(use_chat().show_switcher),
            Self::Actions { .. }
            | Self::Details { .. }
            | Self::Saved
            | Self::Search
            | Self::Settings
            | Self::Thread { .. }
            | Self::Tray { .. }
            | Self::Undo => None,
        }
    }

    /// Whether it takes the focus.
    const fn is_typed_in(&self) -> bool {
        matches!(self, Self::Search) || self.place().is_none() && !matches!(self, Self::Actions { .. } | Self::Tray { .. } | Self::Undo)
    }

    /// What its place looks like, for what has one in the page, where it can be waited for.
    const fn place(&self) -> Option<&'static str> {
        match self {
            Self::Details { .. } | Self::Thread { .. } => Some("details"),
            Self::Saved | Self::Search | Self::Settings => Some("pane"),
            _ => None,
        }
    }

    /// The class of its own small place in the page, for what is shown beside something else.
    const fn small_place(&self) -> Option<&'static str> {
        match self {
            Self::Actions { .. } => Some("actions soon"),
            Self::Tray { .. } => Some("tray soon"),
            _ => None,
        }
    }
}

/// How far the code has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Coming,
    Here,
    /// The server could not be reached.
    Missing,
    /// The server has another build than this page.
    Outdated,
}

impl Code {
    /// What is said of it, and what the button does.
    const fn words(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Coming | Self::Here => None,
            Self::Missing => Some(("This could not be loaded. Check your connection and try again.", "Try again")),
            Self::Outdated => Some(("ChatBox was updated. Reload to continue.", "Reload")),
        }
    }
}

/// How long after a page is awake the code is fetched.
const IDLE: Duration = Duration::from_secs(1);
/// Milliseconds until a page that cannot be woken up without the code asks for it again.
const AGAIN: u32 = 2_000;

static HERE: AtomicBool = AtomicBool::new(false);

fn is_here() -> bool {
    is_server() || HERE.load(Ordering::Relaxed)
}

/// Fetches the code, unless it is here.
async fn fetch() -> Code {
    if is_here() || load().await.is_ok() {
        HERE.store(true, Ordering::Relaxed);
        return Code::Here;
    }
    // A server that answers and has no such file has another build.
    if browser::text_at("/healthz").await.is_some() { Code::Outdated } else { Code::Missing }
}

/// Wakes the page up: at once, or when the code is here, if its first frame shows a part. Without it that frame would not be the
/// one that the server rendered.
pub fn before(shows_part: bool, wake: impl FnOnce() + 'static) {
    if !shows_part {
        return wake();
    }
    wasm_bindgen_futures::spawn_local(async move {
        while fetch().await != Code::Here {
            browser::sleep(AGAIN).await;
        }
        wake();
    });
}

/// Fetches the code soon: then it is here when it is first asked for, also without a network.
pub fn fetch_soon() {
    let get = || {
        spawn_local(async {
            fetch().await;
        });
    };
    set_timeout(get, IDLE);
}

/// A part, now; or once its code has come.
pub(in crate::ui) fn later(part: Part) -> AnyView {
    if is_here() {
        return now(part);
    }
    let code = RwSignal::new(Code::Coming);
    let (chat, ahead, open, place, is_typed_in) = (use_chat(), use_ahead(), part.open(), part.place(), part.is_typed_in());
    let small = part.small_place();
    let held = StoredValue::new(None::<Hold>);
    let get = move || {
        code.set(Code::Coming);
        let hold = is_typed_in.then(|| Hold::new(ahead, open));
        held.set_value(hold);
        spawn_local(async move {
            let came = fetch().await;
            let tell = move || {
                if code.try_set(came).is_none()
                    && let (Some((words, _)), None) = (came.words(), place)
                {
                    chat.tell_trouble(words);
                    // So that a press asks again.
                    let _ = open.map(|open| open.try_set(false));
                }
            };
            match hold {
                Some(hold) if came == Code::Here => hold.come(tell),
                Some(hold) => {
                    hold.end();
                    tell();
                }
                None => tell(),
            }
        });
    };
    on_cleanup(move || {
        if let Some(hold) = held.try_get_value().flatten() {
            hold.end();
        }
    });
    get();
    let view = move || match (code.get(), place) {
        (Code::Here, _) => untrack(|| now(part.clone())),
        (Code::Coming, None) => small.map(|class| view! { <p class=class role="status">"Loading…"</p> }).into_any(),
        (_, None) => ().into_any(),
        (code, Some(place)) => waiting(place, code, get),
    };
    view.into_any()
}

/// What floats over the page, from when it is first opened.
pub(in crate::ui) fn once(part: Part) -> AnyView {
    let open = part.open().unwrap_or_default();
    // If the code does not come it shuts, and is asked for anew when it is opened again.
    let opened = Memo::new(move |before: Option<&bool>| open.get() || is_here() && before.copied().unwrap_or(false));
    let view = move || opened.get().then(|| untrack(|| later(part.clone())));
    view.into_any()
}

/// Its code is here: the call is answered at once.
fn now(part: Part) -> AnyView {
    part_view(part).now_or_never().and_then(Result::ok).unwrap_or_else(|| ().into_any())
}

/// What stands in the place of a part that is not here.
fn waiting(place: &'static str, code: Code, get: impl Fn() + 'static) -> AnyView {
    let Some((words, label)) = code.words() else {
        return view! { <section class=place aria-busy="true"><p class="hidden" role="status">"Loading…"</p><div class="skeleton soon" aria-hidden="true"><i></i><i></i><i></i></div></section> }.into_any();
    };
    let press = move |_| if code == Code::Outdated { browser::reload() } else { get() };
    view! {
        <section class=place>
            <div class="blank" role="alert">
                <p>{words}</p>
                <button type="button" class="button quiet small" on:click=press>{label}</button>
            </div>
        </section>
    }
    .into_any()
}
