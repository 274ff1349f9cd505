//! What a person can do: each shows at once what it can, asks the server, and says what went wrong. Views call these and
//! nothing else.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{conversations as ask, groups},
    client::{
        AppState, ScrollTarget,
        state::{
            conversations::Conversations,
            timeline::{Direction, Timeline},
        },
    },
    domain::{ChatError, ConversationId, PersonId, Seq, Summary, conversation::MOST_ADDED_AT_ONCE},
};

/// Which page is asked for.
#[derive(Clone, Copy)]
enum PageRequest {
    Newest,
    Before(Seq),
    After(Seq),
    Around(Seq),
}
use PageRequest::{After, Around, Before, Newest};

impl AppState {
    /// Shows a conversation: at a message, or where reading had stopped; from what is kept, else from a page.
    pub fn open_conversation(self, conversation: ConversationId, at: Option<Seq>) {
        self.conn.update_value(|conn| (conn.open_conversation, conn.kept_unread) = (Some(conversation), None));
        self.load_read_receipts(conversation);
        Self::remember_visited(conversation);
        if let Some(seq) = at {
            return self.go_to_message(conversation, seq);
        }
        let (begins, read) = self
            .conversations
            .with_untracked(|conversations| conversations.find(conversation).map_or((None, true), |it| (it.begins_at(), it.unread.count() == 0)));
        if !read {
            self.scroll_target.set(Some((conversation, ScrollTarget::FirstUnread)));
        }
        let is_kept = |timeline: &Timeline| timeline.is_loaded() && begins.is_none_or(|seq| timeline.covers(seq));
        if self.timelines.with_untracked(|timelines| timelines.find(conversation).is_some_and(is_kept)) {
            return;
        }
        match begins {
            Some(seq) => self.load_around(conversation, seq),
            None => self.load_latest(conversation),
        }
    }

    /// Leads to a message of a conversation that is open.
    pub fn go_to_message(self, conversation: ConversationId, message: Seq) {
        self.scroll_target.set(Some((conversation, ScrollTarget::Message(message))));
        let is_kept = |timeline: &Timeline| timeline.is_loaded() && timeline.covers(message);
        if !self.timelines.with_untracked(|timelines| timelines.find(conversation).is_some_and(is_kept)) {
            self.load_around(conversation, message);
        }
    }

    /// Loads what is around a place, and shows nothing but that.
    fn load_around(self, conversation: ConversationId, seq: Seq) {
        self.timelines.update(|timelines| *timelines.open(conversation) = Timeline::pending());
        self.load_page(conversation, Around(seq));
    }

    /// Loads the newest page, and shows nothing but that.
    pub fn load_latest(self, conversation: ConversationId) {
        let begun = self.timelines.try_update(|timelines| {
            let timeline = timelines.open(conversation);
            if timeline.loading.is_some() && !timeline.is_loaded() {
                return false;
            }
            *timeline = Timeline::pending();
            true
        });
        if begun == Some(true) {
            self.load_page(conversation, Newest);
        }
    }

    /// Loads what comes before or after what is shown.
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
                    // Others are asked for meanwhile, and on their way: this one no longer matters.
                    (Err(_), Before(_) | After(_)) if !timeline.is_loaded() => {}
                    (Err(error), _) => (timeline.loading, timeline.failed) = (None, Some(error.message)),
                }
            });
        });
    }

    /// The screen has room for so many entries of a conversation.
    pub fn set_timeline_capacity(self, conversation: ConversationId, entries: usize) {
        // Nothing that is shown changes by it.
        self.timelines.update_untracked(|timelines| {
            if let Some(timeline) = timelines.find_mut(conversation) {
                timeline.set_capacity(entries);
            }
        });
    }

    /// Nobody looks at the beginning of what is shown: lets go of it.
    pub fn trim_timeline(self, conversation: ConversationId) {
        let long = self
            .timelines
            .with_untracked(|timelines| timelines.find(conversation).is_some_and(|timeline| timeline.entries().len() > timeline.capacity()));
        if long {
            self.timelines.update(|timelines| {
                if let Some(timeline) = timelines.find_mut(conversation) {
                    timeline.drop_oldest();
                }
            });
        }
    }

    /// The connection is back: whatever waited goes on.
    pub(in crate::client) fn on_connected(self) {
        let open = self.conn.with_value(|conn| conn.open_conversation);
        if let Some(conversation) = open {
            self.load_read_receipts(conversation);
            let failed = self
                .timelines
                .with_untracked(|timelines| timelines.find(conversation).is_some_and(|timeline| timeline.failed.is_some() && !timeline.is_loaded()));
            if failed {
                self.load_latest(conversation);
            }
        }
    }

    /// Everything up to here was really seen.
    pub fn mark_seen(self, conversation: ConversationId, upto: Seq) {
        let is_news = self.conversations.with_untracked(|conversations| {
            conversations.find(conversation).is_some_and(|summary| summary.read_upto < upto && summary.unread.count() > 0)
        });
        // What was made unread on purpose is not read by still being on the screen.
        let by_hand = self.conversations.with_untracked(Conversations::manual_read);
        if !is_news || by_hand || self.conn.with_value(|conn| conn.kept_unread == Some(conversation)) {
            return;
        }
        self.mark_read(conversation, upto);
    }

    /// Everything of a conversation is read: somebody says so.
    pub fn mark_all_read(self, conversation: ConversationId) {
        let head = self.conversations.with_untracked(|conversations| conversations.find(conversation).map(|summary| summary.head));
        self.conn.update_value(|conn| conn.kept_unread = None);
        head.into_iter().for_each(|head| self.mark_read(conversation, head));
    }

    fn mark_read(self, conversation: ConversationId, upto: Seq) {
        self.conversations.update(|conversations| conversations.mark_read(conversation, upto));
        spawn_local(async move {
            // One that is lost heals by the next.
            let _ = ask::mark_read(conversation.to_string(), upto).await;
        });
    }

    /// The conversation with one other person.
    ///
    /// # Errors
    /// What the server said.
    pub async fn open_direct(self, other: PersonId) -> Result<ConversationId, ChatError> {
        if let Some(known) = self.conversations.with_untracked(|conversations| conversations.direct_with(other)) {
            return Ok(known);
        }
        self.insert_conversation(ask::open_direct(other.to_string()).await?)
    }

    /// A new group. Of very many people the first are in it from the beginning; the others come at once after.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn create_group(self, name: String, members: Vec<PersonId>) -> Result<ConversationId, ChatError> {
        let (first, others) = members.split_at(members.len().min(MOST_ADDED_AT_ONCE));
        let group = self.insert_conversation(groups::create_group(name, ids(first)).await?)?;
        if let Err(error) = self.add_members(group, others.to_vec()).await {
            self.show_error(format!("Some people could not be added. {}", error.message));
        }
        Ok(group)
    }

    /// Adds people to a group.
    ///
    /// # Errors
    /// What the server said.
    pub async fn add_members(self, conversation: ConversationId, people: Vec<PersonId>) -> Result<(), ChatError> {
        for some in people.chunks(MOST_ADDED_AT_ONCE) {
            groups::add_members(conversation.to_string(), ids(some)).await?;
        }
        Ok(())
    }

    /// Removes somebody from a group.
    pub fn remove_member(self, conversation: ConversationId, person: PersonId) {
        self.run_action(async move { groups::remove_member(conversation.to_string(), person.to_string()).await });
    }

    /// Leaves a group.
    pub fn leave_group(self, conversation: ConversationId) {
        self.run_action(async move { groups::leave_group(conversation.to_string()).await });
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// What the server said.
    pub async fn rename_group(self, conversation: ConversationId, name: String) -> Result<(), ChatError> {
        groups::rename_group(conversation.to_string(), name).await
    }

    fn insert_conversation(self, summary: Summary) -> Result<ConversationId, ChatError> {
        let id = summary.conversation.id;
        self.conversations.update(|conversations| conversations.insert(summary));
        Ok(id)
    }

    /// Does something whose success the stream tells, and says what went wrong.
    pub(in crate::client) fn run_action(self, deed: impl Future<Output = Result<(), ChatError>> + 'static) {
        spawn_local(async move {
            if let Err(error) = deed.await {
                self.show_error(error.message);
            }
        });
    }
}

fn ids(people: &[PersonId]) -> Vec<String> {
    people.iter().map(PersonId::to_string).collect()
}
