//! What a person can do: each shows at once what it can, asks the server, and says what went wrong. Views call these and
//! nothing else.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{conversations as ask, groups},
    client::{
        Chat, Place,
        state::{
            conversations::Book,
            timeline::{Timeline, Way},
        },
    },
    domain::{ChatError, ConversationId, PersonId, Seq, Summary, conversation::MOST_ADDED_AT_ONCE},
};

/// Which page is asked for.
#[derive(Clone, Copy)]
enum Wanted {
    Newest,
    Before(Seq),
    After(Seq),
    Around(Seq),
}
use Wanted::{After, Around, Before, Newest};

impl Chat {
    /// Shows a conversation: at a message, or where reading had stopped; from what is kept, else from a page.
    pub fn open(self, conversation: ConversationId, at: Option<Seq>) {
        self.wires.update_value(|wires| (wires.open, wires.unread_on_purpose) = (Some(conversation), None));
        self.ask_readers(conversation);
        Self::keep_visit(conversation);
        if let Some(seq) = at {
            return self.go_to(conversation, seq);
        }
        let (begins, read) =
            self.book.with_untracked(|book| book.find(conversation).map_or((None, true), |it| (it.begins_at(), it.unread.count() == 0)));
        if !read {
            self.place.set(Some((conversation, Place::New)));
        }
        let is_kept = |timeline: &Timeline| timeline.is_loaded() && begins.is_none_or(|seq| timeline.covers(seq));
        if self.timelines.with_untracked(|timelines| timelines.find(conversation).is_some_and(is_kept)) {
            return;
        }
        match begins {
            Some(seq) => self.around(conversation, seq),
            None => self.latest(conversation),
        }
    }

    /// Leads to a message of a conversation that is open.
    pub fn go_to(self, conversation: ConversationId, message: Seq) {
        self.place.set(Some((conversation, Place::Message(message))));
        let is_kept = |timeline: &Timeline| timeline.is_loaded() && timeline.covers(message);
        if !self.timelines.with_untracked(|timelines| timelines.find(conversation).is_some_and(is_kept)) {
            self.around(conversation, message);
        }
    }

    /// Loads what is around a place, and shows nothing but that.
    fn around(self, conversation: ConversationId, seq: Seq) {
        self.timelines.update(|timelines| *timelines.open(conversation) = Timeline::on_its_way());
        self.load(conversation, Around(seq));
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
            self.load(conversation, Newest);
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
            (Way::Older, Some(edge)) => self.load(conversation, Before(edge)),
            (Way::Newer, Some(edge)) => self.load(conversation, After(edge)),
            (_, None) => {}
        }
    }

    fn load(self, conversation: ConversationId, wanted: Wanted) {
        spawn_local(async move {
            let of = |is: fn(Wanted) -> Option<Seq>| is(wanted);
            let before = of(|wanted| if let Before(seq) = wanted { Some(seq) } else { None });
            let after = of(|wanted| if let After(seq) = wanted { Some(seq) } else { None });
            let around = of(|wanted| if let Around(seq) = wanted { Some(seq) } else { None });
            let page = ask::history(conversation.to_string(), before, after, around, None).await;
            self.timelines.update(|timelines| {
                let Some(timeline) = timelines.find_mut(conversation) else { return };
                match (page, wanted) {
                    (Ok(page), Before(edge)) => timeline.show_older(edge, page),
                    (Ok(page), After(edge)) => timeline.show_newer(edge, page),
                    (Ok(page), Newest | Around(_)) => timeline.show(page),
                    // Others are asked for meanwhile, and on their way: this one no longer matters.
                    (Err(_), Before(_) | After(_)) if !timeline.is_loaded() => {}
                    (Err(error), _) => (timeline.loading, timeline.failed) = (None, Some(error.message)),
                }
            });
        });
    }

    /// The screen has room for so many entries of a conversation.
    pub fn make_room(self, conversation: ConversationId, entries: usize) {
        // Nothing that is shown changes by it.
        self.timelines.update_untracked(|timelines| {
            if let Some(timeline) = timelines.find_mut(conversation) {
                timeline.make_room(entries);
            }
        });
    }

    /// Nobody looks at the beginning of what is shown: lets go of it.
    pub fn trim(self, conversation: ConversationId) {
        let long = self
            .timelines
            .with_untracked(|timelines| timelines.find(conversation).is_some_and(|timeline| timeline.entries().len() > timeline.most()));
        if long {
            self.timelines.update(|timelines| {
                if let Some(timeline) = timelines.find_mut(conversation) {
                    timeline.drop_oldest();
                }
            });
        }
    }

    /// The connection is back: whatever waited goes on.
    pub(in crate::client) fn resume(self) {
        let open = self.wires.with_value(|wires| wires.open);
        if let Some(conversation) = open {
            self.ask_readers(conversation);
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
        // What was made unread on purpose is not read by still being on the screen.
        let by_hand = self.book.with_untracked(Book::reads_by_hand);
        if !is_news || by_hand || self.wires.with_value(|wires| wires.unread_on_purpose == Some(conversation)) {
            return;
        }
        self.read(conversation, upto);
    }

    /// Everything of a conversation is read: somebody says so.
    pub fn read_all(self, conversation: ConversationId) {
        let head = self.book.with_untracked(|book| book.find(conversation).map(|summary| summary.head));
        self.wires.update_value(|wires| wires.unread_on_purpose = None);
        head.into_iter().for_each(|head| self.read(conversation, head));
    }

    fn read(self, conversation: ConversationId, upto: Seq) {
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

    /// A new group. Of very many people the first are in it from the beginning; the others come at once after.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn create_group(self, name: String, members: Vec<PersonId>) -> Result<ConversationId, ChatError> {
        let (first, others) = members.split_at(members.len().min(MOST_ADDED_AT_ONCE));
        let group = self.keep(groups::create_group(name, ids(first)).await?)?;
        if let Err(error) = self.add_members(group, others.to_vec()).await {
            self.tell_trouble(format!("Some people could not be added. {}", error.message));
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
    pub(in crate::client) fn attempt(self, deed: impl Future<Output = Result<(), ChatError>> + 'static) {
        spawn_local(async move {
            if let Err(error) = deed.await {
                self.tell_trouble(error.message);
            }
        });
    }
}

fn ids(people: &[PersonId]) -> Vec<String> {
    people.iter().map(PersonId::to_string).collect()
}
