//! The messages of a conversation, and how they are scrolled: at the bottom it stays at the bottom; further up nothing moves
//! under the eye, whatever arrives; near an edge more is loaded.
//!
//! The scroller is laid out from the bottom (`column-reverse`), so the first painted frame shows the newest messages before
//! any script runs, and the bottom holds by itself.

use std::time::Duration;

use leptos::{
    ev, html,
    leptos_dom::helpers::{queue_microtask, window_event_listener},
    prelude::*,
};

use super::{anchor::Anchor, message, rows};
use crate::{
    client::{
        browser,
        timeline::{Timeline, Way},
        use_chat,
    },
    domain::{Change, ConversationId, Seq},
    ui::kit::{
        icon::{Icon, Shape},
        time::Clock,
    },
};

/// Pixels from an edge at which more is loaded.
const NEAR: i32 = 900;
/// Pixels from the bottom that still count as the bottom.
const BOTTOM: i32 = 48;
/// Read means seen for this long.
const SETTLED: Duration = Duration::from_millis(300);
/// A skeleton is shown only when it takes longer than this.
const PATIENCE: Duration = Duration::from_millis(300);

/// The timeline.
#[component]
pub(super) fn Log(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let clock = expect_context::<Clock>();
    let scroller = NodeRef::<html::Div>::new();
    let at_bottom = RwSignal::new(true);
    // The line stays where reading had stopped when the conversation was opened.
    let new_after = chat.book.with_untracked(|book| book.find(id).filter(|summary| summary.unread.count() > 0).map(|summary| summary.read_upto));
    let rows = Memo::new(move |_| {
        let pending = chat.outbox.with(|outbox| outbox.pending(id).to_vec());
        chat.timelines.with(|timelines| {
            let timeline = timelines.find(id).filter(|timeline| timeline.is_loaded())?;
            let unseen = pending.into_iter().filter(|pending| !timeline.has(pending.id));
            let pending = if timeline.has_newer() { Vec::new() } else { unseen.collect() };
            Some(rows::lay_out(timeline.entries(), &pending, chat.my_id(), new_after, |at| clock.day(at)))
        })
    });
    let find = move |ask: fn(&Timeline) -> bool| chat.timelines.with(|timelines| timelines.find(id).is_some_and(ask));
    let last =
        Memo::new(move |_| chat.timelines.with(|timelines| timelines.find(id).filter(|timeline| timeline.is_loaded()).and_then(Timeline::last)));
    let has_newer = Memo::new(move |_| find(Timeline::has_newer));

    let look = move || {
        let Some(log) = scroller.try_get_untracked().flatten() else { return };
        // From the bottom up, 0 is the bottom and numbers are negative.
        let below = -log.scroll_top();
        let above = log.scroll_height() - log.client_height() - below;
        at_bottom.set(below < BOTTOM && !has_newer.get_untracked());
        if above < NEAR {
            chat.more(id, Way::Older);
        }
        if below < NEAR && has_newer.get_untracked() {
            chat.more(id, Way::Newer);
        }
    };
    let held = StoredValue::new(None::<Anchor>);
    // Called by what is about to change the rows on the screen.
    let keep_still = move || {
        let Some(log) = scroller.get_untracked() else { return };
        let sticks = at_bottom.get_untracked() && -log.scroll_top() < BOTTOM;
        let Some(anchor) = (!sticks).then(|| Anchor::take(&log)).flatten() else { return };
        held.set_value(Some(anchor));
        queue_microtask(move || {
            if let Some(anchor) = held.try_update_value(Option::take).flatten() {
                anchor.hold(&log);
            }
        });
    };
    Effect::new(move || {
        rows.track();
        request_animation_frame(move || {
            if at_bottom.try_get_untracked() == Some(true) {
                chat.trim(id);
            }
            look();
        });
    });

    let bottom = move || {
        if has_newer.get_untracked() {
            chat.latest(id);
        }
        at_bottom.set(true);
        held.set_value(None);
        if let Some(log) = scroller.get_untracked() {
            log.set_scroll_top(0);
        }
    };
    // What one writes oneself is always seen.
    let written = Memo::new(move |_| chat.outbox.with(|outbox| outbox.pending(id).len()));
    Effect::new(move |before: Option<usize>| {
        let now = written.get();
        if before.is_some_and(|before| now > before) {
            bottom();
        }
        now
    });

    let attended = RwSignal::new(false);
    Effect::new(move || {
        let update = move || attended.set(browser::is_attended());
        update();
        let handles = [window_event_listener_untyped("focus", move |_| update()), window_event_listener_untyped("blur", move |_| update())];
        let visible = window_event_listener(ev::visibilitychange, move |_| update());
        on_cleanup(move || {
            handles.into_iter().for_each(|handle| handle.remove());
            visible.remove();
        });
    });
    Effect::new(move || {
        let Some(upto) = last.get().filter(|_| at_bottom.get() && attended.get()) else { return };
        let settled = move || {
            let is_shown = scroller.try_get_untracked().flatten().is_some_and(|log| log.client_height() > 0);
            if is_shown && at_bottom.try_get_untracked() == Some(true) && browser::is_attended() {
                chat.saw(id, upto);
            }
        };
        set_timeout(settled, SETTLED);
    });

    let seen_at_bottom =
        Memo::new(move |before: Option<&Seq>| if at_bottom.get() { last.get().unwrap_or_default() } else { before.copied().unwrap_or_default() });
    let new_below = Memo::new(move |_| {
        let seen = seen_at_bottom.get();
        chat.book.with(|book| book.find(id).map_or(0, |summary| summary.unread.seqs.iter().filter(|seq| **seq > seen).count()))
    });
    view! {
        <div class="log-place">
            <div class="log" role="log" aria-label="Messages" aria-live="off" tabindex="0" node_ref=scroller on:scroll=move |_| look()>
                <div class="log-rows">
                    <Beginning id/>
                    <For each=move || { keep_still(); rows.get().unwrap_or_default() } key=rows::Row::key let:row>{message::row(id, row)}</For>
                </div>
            </div>
            <Show when=move || !at_bottom.get()>
                <button type="button" class="jump" on:click=move |_| bottom()>
                    <Icon shape=Shape::Down/>
                    {move || match new_below.get() { 0 => "Latest".to_owned(), n => format!("{n} new") }}
                </button>
            </Show>
            <Announcer id/>
        </div>
    }
}

/// What stands above the first row: that more comes, that it could not come, or that this is the beginning.
#[component]
fn Beginning(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let late = RwSignal::new(false);
    Effect::new(move || {
        set_timeout(
            move || {
                late.try_set(true);
            },
            PATIENCE,
        )
    });
    let view = Memo::new(move |_| {
        chat.timelines.with(|timelines| {
            let Some(timeline) = timelines.find(id) else { return Above::Loading };
            match &timeline.failed {
                Some(why) => Above::Failed(why.clone(), timeline.is_loaded()),
                None if !timeline.is_loaded() => Above::Loading,
                None if timeline.has_older() => Above::More,
                None if timeline.entries().iter().any(|entry| matches!(entry.change, Change::Posted { .. })) => Above::Start,
                None => Above::Empty,
            }
        })
    });
    move || {
        match view.get() {
        Above::Loading => view! { <div class="skeleton" class:late=move || late.get() aria-hidden="true"><i></i><i></i><i></i><i></i></div> }.into_any(),
        Above::More => view! { <p class="edge quiet">"Loading earlier messages…"</p> }.into_any(),
        Above::Start => view! { <p class="edge quiet">"This is the beginning."</p> }.into_any(),
        Above::Empty => view! {
            <div class="blank">
                <Icon shape=Shape::Logo/>
                <h2>"Nothing here yet"</h2>
                <p>"Write the first message below."</p>
            </div>
        }
        .into_any(),
        Above::Failed(why, loaded) => view! {
            <div class="edge" role="alert">
                <p>"Earlier messages could not be loaded. " {why}</p>
                <button type="button" class="button quiet small" on:click=move |_| if loaded { chat.more(id, Way::Older) } else { chat.latest(id) }>"Load again"</button>
            </div>
        }
        .into_any(),
    }
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Above {
    Loading,
    More,
    Start,
    Empty,
    Failed(String, bool),
}

/// Says what others write, once and together, to those who listen instead of look.
#[component]
fn Announcer(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let words = RwSignal::new(String::new());
    let latest = Memo::new(move |_| chat.book.with(|book| book.find(id).and_then(|summary| summary.last.clone())));
    Effect::new(move |before: Option<Option<Seq>>| {
        let last = latest.get();
        let seq = last.as_ref().map(|last| last.seq);
        if let Some(last) =
            last.filter(|last| before.is_some_and(|before| before.is_some_and(|before| before < last.seq)) && last.author != chat.my_id())
        {
            let name = chat.roster.with_untracked(|roster| roster.name(last.author));
            words.set(format!("{name}: {}", last.excerpt));
        }
        seq
    });
    view! { <p class="hidden" aria-live="polite">{move || words.get()}</p> }
}
