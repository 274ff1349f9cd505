//! Tracks which messages were read, meaning visible in a focused window for a moment, and where the
//! new-messages line is.

use std::time::Duration;

use leptos::{ev, html, leptos_dom::helpers::window_event_listener, prelude::*};
use web_sys::HtmlDivElement;

use crate::{
    client::{AppState, browser, use_app_state},
    domain::{ConversationId, Seq},
};

/// How long a message must be visible.
const READ_AFTER: Duration = Duration::from_millis(300);

/// Watches the visible rows.
#[derive(Clone, Copy)]
pub(in crate::ui::conversation) struct ReadTracker {
    app: AppState,
    id: ConversationId,
    scroller: NodeRef<html::Div>,
    /// The last message, if the list is at the bottom.
    bottom: Signal<Option<Seq>>,
    /// Whether the window is focused.
    pub(in crate::ui::conversation) is_focused: RwSignal<bool>,
    checking: StoredValue<bool>,
}

impl ReadTracker {
    pub(in crate::ui::conversation) fn new(
        id: ConversationId,
        scroller: NodeRef<html::Div>,
        bottom: Signal<Option<Seq>>,
    ) -> Self {
        let reading = Self {
            app: use_app_state(),
            id,
            scroller,
            bottom,
            is_focused: RwSignal::new(false),
            checking: StoredValue::new(false),
        };
        Effect::new(move || {
            let update = move || {
                reading.is_focused.set(browser::is_focused());
                reading.check();
            };
            update();
            let handles = [
                window_event_listener_untyped("focus", move |_| update()),
                window_event_listener_untyped("blur", move |_| update()),
            ];
            let visible = window_event_listener(ev::visibilitychange, move |_| update());
            on_cleanup(move || {
                handles.into_iter().for_each(|handle| handle.remove());
                visible.remove();
            });
        });
        reading
    }

    /// Something changed: what is visible now and after the delay is read.
    pub(in crate::ui::conversation) fn check(self) {
        let begins = self.checking.try_update_value(|checking| !std::mem::replace(checking, true));
        if begins != Some(true) {
            return;
        }
        let last_visible = self.last_visible();
        let on_idle = move || {
            self.checking.try_set_value(false);
            let still = self.last_visible();
            if let Some(upto) = last_visible
                .zip(still)
                .map(|(before, now)| before.min(now))
                .filter(|_| browser::is_focused())
            {
                self.app.mark_seen(self.id, upto);
            }
            if still != last_visible {
                self.check();
            }
        };
        set_timeout(on_idle, READ_AFTER);
    }

    /// The last fully visible message.
    fn last_visible(self) -> Option<Seq> {
        let log =
            self.scroller.try_get_untracked().flatten().filter(|log| log.client_height() > 0)?;
        self.bottom.try_get_untracked().flatten().or_else(|| last_visible_row(&log))
    }
}

/// The last row that ends within the viewport.
fn last_visible_row(log: &HtmlDivElement) -> Option<Seq> {
    let rows = log.first_element_child()?.children();
    let bottom = log.get_bounding_client_rect().bottom() + 1.0;
    let (mut first, mut beyond) = (0, rows.length());
    while first < beyond {
        let middle = u32::midpoint(first, beyond);
        let end = rows.item(middle).map_or(f64::MAX, |row| row.get_bounding_client_rect().bottom());
        if end <= bottom { first = middle + 1 } else { beyond = middle }
    }
    (0..first)
        .rev()
        .find_map(|index| rows.item(index)?.id().strip_prefix('m')?.parse().ok().map(Seq))
}

/// The message before the new-messages line: the read position on opening, when messages arrived
/// out of focus, or when marked unread.
pub(in crate::ui::conversation) fn new_line(
    app: AppState,
    id: ConversationId,
    is_visible: impl Fn() -> bool + Send + Sync + 'static,
) -> Memo<Option<Seq>> {
    let state = Memo::new(move |before: Option<&NewLineState>| {
        let (read, unread) = app.conversations.with(|conversations| {
            conversations.find(id).map_or((Seq::START, false), |summary| {
                (summary.read_upto, summary.unread.count() > 0)
            })
        });
        let is_visible = is_visible();
        let line = match before {
            None => unread.then_some(read),
            Some(before) if read < before.read => Some(read),
            Some(before) if unread && !before.unread && !is_visible => Some(read),
            Some(before) => before.line,
        };
        NewLineState { line, read, unread }
    });
    Memo::new(move |_| state.get().line)
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct NewLineState {
    line: Option<Seq>,
    read: Seq,
    unread: bool,
}
