//! What a person can do: each shows at once what it can, asks the server, and says what went wrong. Views call these and
//! nothing else.

use leptos::{prelude::*, task::spawn_local};

use super::{
    Chat,
    timeline::{MOST_SHOWN, Timeline, Way},
};
use crate::{
    api::{conversations as ask, groups},
    domain::{ChatError, ConversationId, PersonId, Seq, Summary},
};

impl Chat {
    /// Shows a conversation: from what is kept, else from its newest page.
    pub fn open(self, conversation: ConversationId) {
        self.wires.update_value(|wires| wires.open = Some(conversation));
        let ready = self.timelines.with_untracked(|timelines| timelines.find(conversation).is_some_and(Timeline::is_loaded));
        if ready {
            return;
        }
        self.latest(conversation);
    }

    /// Loads the newest page, and shows nothing but that.
    pub fn latest(self, conversation: ConversationId) {
        let begun = self.timelines.try_update(|timelines| {
            let timeline = timelines.open(conversation);
            if timeline.loading.is_some() && !timeline.is_loaded() {
                return false;
            }
            *timeline = Timeline::on_its_way();
            true
        });
        if begun == Some(true) {
            self.load(conversation, None, None);
        }
    }

    /// Loads what comes before or after what is shown.
    pub fn more(self, conversation: ConversationId, way: Way) {
        let edge = self.timelines.try_update(|timelines| {
            let timeline = timelines.find_mut(conversation)?;
            let wanted = match way {
                Way::Older => timeline.has_older().then(|| timeline.first()),
                Way::Newer => timeline.has_newer().then(|| timeline.last()),
            };
            let edge = wanted.flatten().filter(|_| timeline.loading.is_none())?;
            (timeline.loading, timeline.failed) = (Some(way), None);
            Some(edge)
        });
        match (way, edge.flatten()) {
            (Way::Older, Some(edge)) => self.load(conversation, Some(edge), None),
            (Way::Newer, Some(edge)) => self.load(conversation, None, Some(edge)),
            (_, None) => {}
        }
    }

    fn load(self, conversation: ConversationId, before: Option<Seq>, after: Option<Seq>) {
        spawn_local(async move {
            let page = ask::history(conversation.to_string(), before, after, None, None).await;
            self.timelines.update(|timelines| {
                let Some(timeline) = timelines.find_mut(conversation) else { return };
                match page {
                    Ok(page) => match (before, after) {
                        (Some(edge), _) => timeline.show_older(edge, page),
                        (_, Some(edge)) => timeline.show_newer(edge, page),
                        (None, None) => timeline.show_latest(page),
                    },
                    // The newest are asked for again, and on their way: this one no longer matters.
                    Err(_) if before.or(after).is_some() && !timeline.is_loaded() => {}
                    Err(error) => (timeline.loading, timeline.failed) = (None, Some(error.message)),
                }
            });
        });
    }

    /// Nobody looks at the beginning of what is shown: lets go of it.
    pub fn trim(self, conversation: ConversationId) {
        let long =
            self.timelines.with_untracked(|timelines| timelines.find(conversation).is_some_and(|timeline| timeline.entries().len() > MOST_SHOWN));
        if long {
            self.timelines.update(|timelines| {
                if let Some(timeline) = timelines.find_mut(conversation) {
                    timeline.drop_oldest();
                }
            });
        }
    }

    /// The connection is back: whatever waited goes on.
    pub(super) fn resume(self) {
        let open = self.wires.with_value(|wires| wires.open);
        if let Some(conversation) = open {
            let failed = self
                .timelines
                .with_untracked(|timelines| timelines.find(conversation).is_some_and(|timeline| timeline.failed.is_some() && !timeline.is_loaded()));
            if failed {
                self.latest(conversation);
            }
        }
    }

    /// Everything up to here was really seen.
    pub fn saw(self, conversation: ConversationId, upto: Seq) {
        let is_news =
            self.book.with_untracked(|book| book.find(conversation).is_some_and(|summary| summary.read_upto < upto && summary.unread.count() > 0));
        if !is_news {
            return;
        }
        self.book.update(|book| book.read(conversation, upto));
        spawn_local(async move {
            // One that is lost heals by the next.
            let _ = ask::mark_read(conversation.to_string(), upto).await;
        });
    }

    /// The conversation with one other person.
    ///
    /// # Errors
    /// What the server said.
    pub async fn direct(self, other: PersonId) -> Result<ConversationId, ChatError> {
        if let Some(known) = self.book.with_untracked(|book| book.direct_with(other)) {
            return Ok(known);
        }
        self.keep(ask::open_direct(other.to_string()).await?)
    }

    /// A new group.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn create_group(self, name: String, members: Vec<PersonId>) -> Result<ConversationId, ChatError> {
        self.keep(groups::create_group(name, ids(members)).await?)
    }

    /// Adds people to a group.
    ///
    /// # Errors
    /// What the server said.
    pub async fn add_members(self, conversation: ConversationId, people: Vec<PersonId>) -> Result<(), ChatError> {
        groups::add_members(conversation.to_string(), ids(people)).await
    }

    /// Removes somebody from a group.
    pub fn remove_member(self, conversation: ConversationId, person: PersonId) {
        self.attempt(async move { groups::remove_member(conversation.to_string(), person.to_string()).await });
    }

    /// Leaves a group.
    pub fn leave(self, conversation: ConversationId) {
        self.attempt(async move { groups::leave_group(conversation.to_string()).await });
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// What the server said.
    pub async fn rename(self, conversation: ConversationId, name: String) -> Result<(), ChatError> {
        groups::rename_group(conversation.to_string(), name).await
    }

    fn keep(self, summary: Summary) -> Result<ConversationId, ChatError> {
        let id = summary.conversation.id;
        self.book.update(|book| book.put(summary));
        Ok(id)
    }

    /// Does something whose success the stream tells, and says what went wrong.
    fn attempt(self, deed: impl Future<Output = Result<(), ChatError>> + 'static) {
        spawn_local(async move {
            if let Err(error) = deed.await {
                self.tell_trouble(error.message);
            }
        });
    }
}

fn ids(people: Vec<PersonId>) -> Vec<String> {
    people.into_iter().map(|person| person.to_string()).collect()
}
