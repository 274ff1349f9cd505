//! Opening a conversation and paging through its history.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::conversations as ask,
    client::{
        AppState, ScrollTarget,
        state::timeline::{Direction, Timeline},
    },
    domain::{ConversationId, Seq},
};

/// The page of history to request.
#[derive(Clone, Copy)]
enum PageRequest {
    Newest,
    Before(Seq),
    After(Seq),
    Around(Seq),
}
use PageRequest::{After, Around, Before, Newest};

impl AppState {
    /// Opens a conversation at a message, or at the first unread one. Uses the cached timeline if
    /// it covers that place.
    pub fn open_conversation(self, conversation: ConversationId, at: Option<Seq>) {
        self.set_open_conversation(conversation);
        self.load_read_receipts(conversation);
        Self::remember_visited(conversation);
        if let Some(seq) = at {
            return self.go_to_message(conversation, seq);
        }
        let (begins, read) = self.conversations.with_untracked(|conversations| {
            conversations
                .find(conversation)
                .map_or((None, true), |it| (it.first_unread_page(), it.unread.count() == 0))
        });
        if !read {
            self.scroll_target.set(Some((conversation, ScrollTarget::FirstUnread)));
        }
        let is_kept = |timeline: &Timeline| {
            timeline.is_loaded() && begins.is_none_or(|seq| timeline.covers(seq))
        };
        if self
            .timelines
            .with_untracked(|timelines| timelines.find(conversation).is_some_and(is_kept))
        {
            return;
        }
        match begins {
            Some(seq) => self.load_around(conversation, seq),
            None => self.load_latest(conversation),
        }
    }

    /// Scrolls to a message of the open conversation and loads it if needed.
    pub fn go_to_message(self, conversation: ConversationId, message: Seq) {
        self.scroll_target.set(Some((conversation, ScrollTarget::Message(message))));
        let is_kept = |timeline: &Timeline| timeline.is_loaded() && timeline.covers(message);
        if !self
            .timelines
            .with_untracked(|timelines| timelines.find(conversation).is_some_and(is_kept))
        {
            self.load_around(conversation, message);
        }
    }

    /// Replaces the timeline with the page around a message.
    fn load_around(self, conversation: ConversationId, seq: Seq) {
        self.timelines.update(|timelines| *timelines.open(conversation) = Timeline::pending());
        self.load_page(conversation, Around(seq));
    }

    /// Replaces the timeline with the newest page.
    pub fn load_latest(self, conversation: ConversationId) {
        let started = self.timelines.try_update(|timelines| {
            let timeline = timelines.open(conversation);
            if timeline.loading.is_some() && !timeline.is_loaded() {
                return false;
            }
            *timeline = Timeline::pending();
            true
        });
        if started == Some(true) {
            self.load_page(conversation, Newest);
        }
    }

    /// Loads the page before or after the timeline.
    pub fn load_more(self, conversation: ConversationId, direction: Direction) {
        let edge = self.timelines.try_update(|timelines| {
            let timeline = timelines.find_mut(conversation)?;
            let request = match direction {
                Direction::Older => timeline.has_older().then(|| timeline.first()),
                Direction::Newer => timeline.has_newer().then(|| timeline.last()),
            };
            let edge = request.flatten().filter(|_| timeline.loading.is_none())?;
            (timeline.loading, timeline.failed) = (Some(direction), None);
            Some(edge)
        });
        match (direction, edge.flatten()) {
            (Direction::Older, Some(edge)) => self.load_page(conversation, Before(edge)),
            (Direction::Newer, Some(edge)) => self.load_page(conversation, After(edge)),
            (_, None) => {}
        }
    }

    fn load_page(self, conversation: ConversationId, request: PageRequest) {
        spawn_local(async move {
            let of = |is: fn(PageRequest) -> Option<Seq>| is(request);
            let before = of(|request| if let Before(seq) = request { Some(seq) } else { None });
            let after = of(|request| if let After(seq) = request { Some(seq) } else { None });
            let around = of(|request| if let Around(seq) = request { Some(seq) } else { None });
            let page = ask::history(conversation.to_string(), before, after, around, None).await;
            self.timelines.update(|timelines| {
                let Some(timeline) = timelines.find_mut(conversation) else { return };
                match (page, request) {
                    (Ok(page), Before(edge)) => timeline.prepend(edge, page),
                    (Ok(page), After(edge)) => timeline.append(edge, page),
                    (Ok(page), Newest | Around(_)) => timeline.replace(page),
                    // The timeline was replaced meanwhile; this page no longer matters.
                    (Err(_), Before(_) | After(_)) if !timeline.is_loaded() => {}
                    (Err(error), _) => {
                        (timeline.loading, timeline.failed) = (None, Some(error.message))
                    }
                }
            });
        });
    }

    /// Sets how many entries the screen has room for.
    pub fn set_timeline_capacity(self, conversation: ConversationId, entries: usize) {
        // No view depends on the capacity.
        self.timelines.update_untracked(|timelines| {
            if let Some(timeline) = timelines.find_mut(conversation) {
                timeline.set_capacity(entries);
            }
        });
    }

    /// Drops the oldest entries of a timeline over its capacity.
    pub fn trim_timeline(self, conversation: ConversationId) {
        let long = self.timelines.with_untracked(|timelines| {
            timelines
                .find(conversation)
                .is_some_and(|timeline| timeline.entries().len() > timeline.capacity())
        });
        if long {
            self.timelines.update(|timelines| {
                if let Some(timeline) = timelines.find_mut(conversation) {
                    timeline.drop_oldest();
                }
            });
        }
    }

    /// The connection is live again: reloads read receipts and a timeline that failed to load.
    pub(in crate::client) fn on_connected(self) {
        if let Some(conversation) = self.open_conversation_id() {
            self.load_read_receipts(conversation);
            let failed = self.timelines.with_untracked(|timelines| {
                timelines
                    .find(conversation)
                    .is_some_and(|timeline| timeline.failed.is_some() && !timeline.is_loaded())
            });
            if failed {
                self.load_latest(conversation);
            }
        }
    }
}
