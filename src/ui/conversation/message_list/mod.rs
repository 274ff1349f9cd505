//! The message list and its scrolling: it sticks to the bottom, does not shift when scrolled up,
//! and loads pages near its edges.
//!
//! The scroller is laid out from the bottom (`column-reverse`), so the first frame shows the newest
//! messages before any script runs, and stays at the bottom.

mod list_top;
pub(super) mod notice;
mod read_tracker;
mod scroll_anchor;
pub(super) mod timeline_rows;
pub(super) mod typing_indicator;

use std::time::Duration;

use leptos::{
    ev, html,
    leptos_dom::helpers::{queue_microtask, window_event_listener},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlDivElement, HtmlElement};

use super::message;
use crate::{
    client::{
        ScrollTarget,
        state::timeline::{Direction, Timeline},
        use_app_state,
    },
    domain::{ConversationId, Seq},
    ui::{
        kit::{
            icon::{Icon, Shape},
            time::Clock,
        },
        text,
    },
};
use list_top::ListTop;
use read_tracker::{ReadTracker, new_line};
use scroll_anchor::ScrollAnchor;

/// Distance from an edge at which the next page loads, in pixels.
const LOAD_MARGIN: i32 = 900;
/// Smallest height of a row, in pixels.
const MIN_ROW_HEIGHT: i32 = 24;
/// Distance that still counts as the bottom, in pixels.
const BOTTOM_TOLERANCE: i32 = 48;
/// Space left above the new-messages line, in pixels.
const NEW_LINE_MARGIN: i32 = 90;
/// How long a message is highlighted after navigation.
const HIGHLIGHT_DURATION: Duration = Duration::from_millis(2_500);
/// Rows rendered in the first frame of an open conversation. Each costs half a millisecond; the
/// others follow.
const FIRST_FRAME_ROWS: usize = 60;

/// The list.
#[component]
pub(super) fn MessageList(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let clock = expect_context::<Clock>();
    let scroller = NodeRef::<html::Div>::new();
    let (at_bottom, all_rows) = (RwSignal::new(true), RwSignal::new(false));
    let find = move |ask: fn(&Timeline) -> bool| {
        app.timelines.with(|timelines| timelines.find(id).is_some_and(ask))
    };
    let last = Memo::new(move |_| {
        app.timelines.with(|timelines| {
            timelines.find(id).filter(|timeline| timeline.is_loaded()).and_then(Timeline::last)
        })
    });
    let has_newer = Memo::new(move |_| find(Timeline::has_newer));
    let read_tracker = ReadTracker::new(
        id,
        scroller,
        Signal::derive(move || last.get().filter(|_| at_bottom.get())),
    );
    let new_after = new_line(app, id, move || read_tracker.is_focused.get() && at_bottom.get());
    Effect::new(move || {
        request_animation_frame(move || {
            set_timeout(
                move || {
                    let _ = all_rows.try_set(true);
                },
                Duration::ZERO,
            )
        });
    });
    let rows = Memo::new(move |_| {
        let pending = app.outbox.with(|outbox| outbox.pending(id).to_vec());
        app.timelines.with(|timelines| {
            let timeline = timelines.find(id).filter(|timeline| timeline.is_loaded())?;
            let unseen = pending.into_iter().filter(|pending| !timeline.has(pending.id));
            let pending = if timeline.has_newer() { Vec::new() } else { unseen.collect() };
            let new_after = new_after.get();
            let mut rows = timeline_rows::build_rows(
                timeline.entries(),
                &pending,
                app.my_id(),
                new_after,
                |at| clock.day(at),
            );
            let is_led =
                app.scroll_target.with(|place| place.is_some_and(|(there, _)| there == id));
            if !(all_rows.get() || is_led || new_after.is_some()) {
                rows.drain(..rows.len().saturating_sub(FIRST_FRAME_ROWS));
            }
            Some(rows)
        })
    });

    let last_own = Memo::new(move |_| {
        rows.with(|rows| timeline_rows::last_own(rows.as_deref().unwrap_or_default(), app.my_id()))
    });

    let update_scroll_state = move || {
        // A hidden list has no size: every edge would seem near.
        let Some(log) =
            scroller.try_get_untracked().flatten().filter(|log| log.client_height() > 0)
        else {
            return;
        };
        app.set_timeline_capacity(
            id,
            usize::try_from((log.client_height() + 4 * LOAD_MARGIN) / MIN_ROW_HEIGHT)
                .unwrap_or_default(),
        );
        // 0 is the bottom, and positions above are negative.
        let below = -log.scroll_top();
        let above = log.scroll_height() - log.client_height() - below;
        at_bottom.set(below < BOTTOM_TOLERANCE && !has_newer.get_untracked());
        read_tracker.check();
        // The first frame has only some of the loaded rows.
        if above < LOAD_MARGIN && all_rows.get_untracked() {
            app.load_more(id, Direction::Older);
        }
        if below < LOAD_MARGIN && has_newer.get_untracked() {
            app.load_more(id, Direction::Newer);
        }
    };
    let held = StoredValue::new(None::<ScrollAnchor>);
    // Called before the visible rows change.
    let hold_scroll = move || {
        let Some(log) = scroller.get_untracked() else { return };
        // Several changes may come together: the position before the first counts.
        if held.with_value(Option::is_some) {
            return;
        }
        let sticks = at_bottom.get_untracked() && -log.scroll_top() < BOTTOM_TOLERANCE;
        let Some(anchor) = (!sticks).then(|| ScrollAnchor::capture(&log)).flatten() else { return };
        held.set_value(Some(anchor));
        queue_microtask(move || {
            if let Some(anchor) = held.try_update_value(Option::take).flatten() {
                anchor.restore(&log);
                // Again after the effects of the change.
                queue_microtask(move || anchor.restore(&log));
            }
        });
    };
    Effect::new(move || {
        rows.track();
        all_rows.track();
        request_animation_frame(move || {
            // First: it sets the capacity.
            update_scroll_state();
            if at_bottom.try_get_untracked() == Some(true) {
                app.trim_timeline(id);
            }
        });
    });
    // The window size affects what is visible.
    let resized = window_event_listener(ev::resize, move |_| update_scroll_state());
    on_cleanup(move || resized.remove());

    let bottom = move || {
        if has_newer.get_untracked() {
            app.load_latest(id);
        }
        at_bottom.set(true);
        held.set_value(None);
        if let Some(log) = scroller.get_untracked() {
            log.set_scroll_top(0);
        }
    };
    // Own messages scroll to the bottom.
    let written = Memo::new(move |_| app.outbox.with(|outbox| outbox.pending(id).len()));
    Effect::new(move |before: Option<usize>| {
        let now = written.get();
        if before.is_some_and(|before| now > before) {
            bottom();
        }
        now
    });

    // Scrolls to the target once it is loaded.
    Effect::new(move || {
        let Some(place) =
            app.scroll_target.get().filter(|(there, _)| *there == id).map(|(_, place)| place)
        else {
            return;
        };
        if rows.with(Option::is_none) {
            return;
        }
        request_animation_frame(move || {
            let Some(log) = scroller.try_get_untracked().flatten() else { return };
            all_rows.set(true);
            app.scroll_target.set(None);
            held.set_value(None);
            scroll_to(&log, place);
            if let ScrollTarget::Message(seq) = place {
                app.highlighted.set(Some((id, seq)));
                let clear_highlight = move || {
                    app.highlighted.try_set(None);
                };
                set_timeout(clear_highlight, HIGHLIGHT_DURATION);
            }
            update_scroll_state();
        });
    });

    let seen_at_bottom = Memo::new(move |before: Option<&Seq>| {
        if at_bottom.get() {
            last.get().unwrap_or_default()
        } else {
            before.copied().unwrap_or_default()
        }
    });
    let new_below = Memo::new(move |_| {
        let seen = seen_at_bottom.get();
        app.conversations.with(|conversations| {
            conversations
                .find(id)
                .map_or(0, |summary| summary.unread.seqs.iter().filter(|seq| **seq > seen).count())
        })
    });
    let to_read = Memo::new(move |_| {
        app.conversations.with(|conversations| {
            conversations.manual_read()
                && conversations.find(id).is_some_and(|summary| summary.unread.count() > 0)
        })
    });
    view! {
        <div class="log-place">
            <div
                class="log"
                role="log"
                aria-label=text::conversation::MESSAGES
                aria-live="off"
                tabindex="0"
                node_ref=scroller
                on:scroll=move |_| update_scroll_state()
                on:beforeshift=move |_: web_sys::Event| hold_scroll()
            >
                <div class="log-rows">
                    <ListTop id />
                    <For
                        each=move || {
                            hold_scroll();
                            rows.get().unwrap_or_default()
                        }
                        key=timeline_rows::Row::key
                        let:row
                    >
                        {message::row(id, row, last_own)}
                    </For>
                </div>
            </div>
            <Show when=move || !at_bottom.get()>
                <button type="button" class="jump" on:click=move |_| bottom()>
                    <Icon shape=Shape::Down />
                    {move || match new_below.get() {
                        0 => text::conversation::LATEST.to_owned(),
                        n => text::conversation::new_below(n),
                    }}
                </button>
            </Show>
            <Announcer id />
            {move || {
                to_read
                    .get()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="jump read"
                                on:click=move |_| app.mark_all_read(id)
                            >
                                <Icon shape=Shape::Check />
                                {text::conversation::MARK_AS_READ}
                            </button>
                        }
                    })
            }}
        </div>
    }
}

/// Scrolls to a target: centres a message or shows the start of a tall one, and moves the
/// new-messages line to the top if it is above.
fn scroll_to(log: &HtmlDivElement, place: ScrollTarget) {
    let found = match place {
        ScrollTarget::FirstUnread => log.query_selector(".new-line").ok().flatten(),
        ScrollTarget::Message(seq) => document().get_element_by_id(&format!("m{seq}")),
    };
    let Some(row) = found.and_then(|row| row.dyn_into::<HtmlElement>().ok()) else { return };
    let (there, here) = (row.get_bounding_client_rect(), log.get_bounding_client_rect());
    #[expect(clippy::cast_possible_truncation, reason = "a screen's distance")]
    let by = match place {
        ScrollTarget::FirstUnread => (there.top() - here.top()) as i32 - NEW_LINE_MARGIN,
        ScrollTarget::Message(_) if there.height() > here.height() => {
            (there.top() - here.top()) as i32
        }
        ScrollTarget::Message(_) => {
            ((there.top() + there.bottom() - here.top() - here.bottom()) / 2.0) as i32
        }
    };
    if matches!(place, ScrollTarget::Message(_)) || by < 0 {
        log.set_scroll_top(log.scroll_top() + by);
    }
    if matches!(place, ScrollTarget::Message(_)) {
        let quietly = FocusOptions::new();
        quietly.set_prevent_scroll(true);
        let _ = row.focus_with_options(&quietly);
    }
}

/// Announces new messages to screen readers.
#[component]
fn Announcer(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let words = RwSignal::new(String::new());
    let latest = Memo::new(move |_| {
        app.conversations
            .with(|conversations| conversations.find(id).and_then(|summary| summary.last.clone()))
    });
    Effect::new(move |before: Option<Option<Seq>>| {
        let last = latest.get();
        let seq = last.as_ref().map(|last| last.seq);
        if let Some(last) = last.filter(|last| {
            before.is_some_and(|before| before.is_some_and(|before| before < last.seq))
                && last.author != app.my_id()
        }) {
            let name = untrack(|| app.label(last.author));
            words.set(text::conversation::announcement(&name, &last.excerpt));
        }
        seq
    });
    view! {
        <p class="hidden" aria-live="polite">
            {move || words.get()}
        </p>
    }
}
