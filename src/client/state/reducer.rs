//! Applies server events to the state. Pure, in order, each event once. Live, caught-up and fetched
//! events follow the same rule: a known number is dropped, the next one is applied, a later one
//! waits until the gap is filled.

use std::collections::{BTreeMap, HashMap};

use super::{conversations::Conversations, roster::Roster, timelines::Timelines};
use crate::{
    domain::{Change, ConversationId, Entry, Seq},
    protocol::StreamId,
};

/// Applies events to the state it borrows.
pub struct Reducer<'s> {
    /// The users.
    pub roster: &'s mut Roster,
    /// The conversations.
    pub conversations: &'s mut Conversations,
    /// The timelines.
    pub timelines: &'s mut Timelines,
}

/// Which parts of the state changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The users.
    pub roster: bool,
    /// The conversations.
    pub conversations: bool,
    /// The timelines.
    pub timelines: bool,
}

impl Changed {
    /// Adds the changes of another event.
    pub fn add(&mut self, more: Self) {
        self.roster |= more.roster;
        self.conversations |= more.conversations;
        self.timelines |= more.timelines;
    }
}

/// Events that arrived before their predecessors, by stream.
#[derive(Clone, Debug, Default)]
pub struct OutOfOrder(HashMap<StreamId, BTreeMap<Seq, Entry>>);

/// Result of applying an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What changed.
    pub changed: Changed,
    /// Events are missing after this cursor and must be fetched.
    pub gap: Option<(StreamId, Seq)>,
}

impl Reducer<'_> {
    /// Applies an event, and the waiting ones that follow it.
    pub fn apply(
        &mut self,
        out_of_order: &mut OutOfOrder,
        stream: StreamId,
        entry: Entry,
    ) -> Outcome {
        // An unknown stream is not the user's any more, or its first event is still on the way in
        // the user's own stream.
        let Some(cursor) = self.conversations.cursor(stream) else { return Outcome::default() };
        if entry.seq <= cursor {
            return Outcome::default();
        }
        let mut waiting = out_of_order.0.remove(&stream).unwrap_or_default();
        // Waiting events may have been applied otherwise since.
        waiting.retain(|seq, _| *seq > cursor);
        let mut outcome = Outcome::default();
        if entry.seq > cursor.next() {
            outcome.gap = waiting.is_empty().then_some((stream, cursor));
            waiting.insert(entry.seq, entry);
        } else {
            let mut next = Some(entry);
            while let Some(entry) = next {
                let seq = entry.seq;
                self.apply_next(out_of_order, stream, entry, &mut outcome);
                waiting.retain(|later, _| *later > seq);
                next = waiting.remove(&seq.next());
            }
        }
        if !waiting.is_empty() {
            out_of_order.0.insert(stream, waiting);
        }
        outcome
    }

    fn apply_next(
        &mut self,
        out_of_order: &mut OutOfOrder,
        stream: StreamId,
        entry: Entry,
        outcome: &mut Outcome,
    ) {
        outcome.changed.conversations = true;
        match stream {
            StreamId::Conversation(conversation) => {
                self.apply_to_conversation(conversation, entry, &mut outcome.changed)
            }
            StreamId::Person(_) => {
                match &entry.change {
                    Change::ConversationRemoved { conversation } => {
                        out_of_order.0.remove(&StreamId::Conversation(*conversation));
                        self.timelines.forget(*conversation);
                        outcome.changed.timelines = true;
                    }
                    // The conversation is known from the response to an own request. Fetch what it
                    // is missing: taking over this summary would leave a gap in the timeline.
                    Change::ConversationAdded { summary } => {
                        let known = self
                            .conversations
                            .find(summary.conversation.id)
                            .filter(|known| known.head < summary.head);
                        outcome.gap = known
                            .map(|known| {
                                (StreamId::Conversation(known.conversation.id), known.head)
                            })
                            .or(outcome.gap);
                    }
                    _ => {}
                }
                self.conversations.apply_own(entry);
            }
        }
    }

    fn apply_to_conversation(
        &mut self,
        conversation: ConversationId,
        entry: Entry,
        changed: &mut Changed,
    ) {
        if let Change::Registered { newcomer: person }
        | Change::ProfileUpdated { profile: person } = &entry.change
        {
            self.roster.add(person.clone());
            changed.roster = true;
        }
        self.conversations.apply(conversation, &entry);
        if let Some(timeline) = self.timelines.find_mut(conversation) {
            timeline.apply(entry);
            changed.timelines = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Conversation, Kind, NotificationLevel, Person, PersonId, Summary, message::State,
        person::Privacy,
    };
    use uuid::Uuid;

    const ME: PersonId = PersonId(Uuid::from_u128(1));
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));
    const HERE: ConversationId = ConversationId(Uuid::from_u128(7));

    fn post(seq: u64) -> Entry {
        Entry {
            seq: Seq(seq),
            at: 0,
            change: Change::Posted {
                author: GRACE,
                body: format!("{seq}"),
                client_id: None,
                reply_to: None,
                files: Vec::new(),
                state: State::default(),
            },
        }
    }

    fn conversations() -> Conversations {
        let conversation = Conversation {
            id: HERE,
            kind: Kind::Group,
            name: Some("Here".into()),
            creator: Some(ME),
            created: 0,
            avatar: None,
        };
        let summary = Summary {
            head: Seq(2),
            read_upto: Seq(2),
            ..Summary::empty(conversation, vec![ME, GRACE])
        };
        Conversations::new(
            &Person::named(ME, "ada", "Ada"),
            Privacy { shows_reading: true, shows_typing: true, shows_presence: true },
            Seq(0),
            vec![summary],
        )
    }

    #[test]
    fn order_and_repetition_of_events_do_not_change_the_result() {
        let orders: [&[u64]; 4] =
            [&[3, 4, 5, 6], &[6, 5, 4, 3], &[4, 3, 3, 6, 5, 4], &[3, 5, 5, 6, 2, 1, 4]];
        for order in orders {
            let (mut roster, mut conversations, mut timelines, mut out_of_order) =
                (Roster::default(), conversations(), Timelines::default(), OutOfOrder::default());
            timelines.open(HERE);
            let mut reducer = Reducer {
                roster: &mut roster,
                conversations: &mut conversations,
                timelines: &mut timelines,
            };
            for seq in order {
                reducer.apply(&mut out_of_order, StreamId::Conversation(HERE), post(*seq));
            }
            let summary = conversations.find(HERE).unwrap();
            assert_eq!((summary.head, summary.unread.count()), (Seq(6), 4), "{order:?}");
            let shown: Vec<u64> =
                timelines.find(HERE).unwrap().entries().iter().map(|entry| entry.seq.0).collect();
            assert_eq!(shown, [3, 4, 5, 6], "{order:?}");
            assert!(out_of_order.0.is_empty(), "{order:?}");
        }
    }

    #[test]
    fn a_gap_is_requested_once() {
        let (mut roster, mut conversations, mut timelines, mut out_of_order) =
            (Roster::default(), conversations(), Timelines::default(), OutOfOrder::default());
        let mut reducer = Reducer {
            roster: &mut roster,
            conversations: &mut conversations,
            timelines: &mut timelines,
        };
        let stream = StreamId::Conversation(HERE);
        assert_eq!(reducer.apply(&mut out_of_order, stream, post(4)).gap, Some((stream, Seq(2))));
        assert_eq!(reducer.apply(&mut out_of_order, stream, post(5)).gap, None);
    }

    fn own(seq: u64, change: Change) -> (StreamId, Entry) {
        (StreamId::Person(ME), Entry { seq: Seq(seq), at: 0, change })
    }

    #[test]
    fn a_newer_summary_of_a_known_conversation_requests_the_gap() {
        let (mut roster, mut conversations, mut timelines, mut out_of_order) =
            (Roster::default(), conversations(), Timelines::default(), OutOfOrder::default());
        timelines.open(HERE);
        let mut summary = conversations.find(HERE).unwrap().clone();
        summary.head = Seq(4);
        let mut reducer = Reducer {
            roster: &mut roster,
            conversations: &mut conversations,
            timelines: &mut timelines,
        };
        let (mine, added) = own(1, Change::ConversationAdded { summary: Box::new(summary) });
        let here = StreamId::Conversation(HERE);
        assert_eq!(reducer.apply(&mut out_of_order, mine, added).gap, Some((here, Seq(2))));
        for seq in [3, 4] {
            reducer.apply(&mut out_of_order, here, post(seq));
        }
        let shown: Vec<u64> =
            timelines.find(HERE).unwrap().entries().iter().map(|entry| entry.seq.0).collect();
        assert_eq!((shown, conversations.find(HERE).unwrap().unread.count()), (vec![3, 4], 2));
    }

    #[test]
    fn waiting_events_of_a_removed_conversation_do_not_hide_a_later_gap() {
        let (mut roster, mut conversations, mut timelines, mut out_of_order) =
            (Roster::default(), conversations(), Timelines::default(), OutOfOrder::default());
        let mut summary = conversations.find(HERE).unwrap().clone();
        summary.head = Seq(8);
        let mut reducer = Reducer {
            roster: &mut roster,
            conversations: &mut conversations,
            timelines: &mut timelines,
        };
        let here = StreamId::Conversation(HERE);
        assert_eq!(reducer.apply(&mut out_of_order, here, post(5)).gap, Some((here, Seq(2))));
        let (mine, removed) = own(1, Change::ConversationRemoved { conversation: HERE });
        reducer.apply(&mut out_of_order, mine, removed);
        let (mine, added) = own(2, Change::ConversationAdded { summary: Box::new(summary) });
        reducer.apply(&mut out_of_order, mine, added);
        assert_eq!(
            reducer.apply(&mut out_of_order, here, post(10)).gap,
            Some((here, Seq(8))),
            "nine is missing"
        );
    }

    #[test]
    fn a_level_change_keeps_the_unread_count() {
        let (mut roster, mut conversations, mut timelines, mut out_of_order) =
            (Roster::default(), conversations(), Timelines::default(), OutOfOrder::default());
        let mut reducer = Reducer {
            roster: &mut roster,
            conversations: &mut conversations,
            timelines: &mut timelines,
        };
        reducer.apply(&mut out_of_order, StreamId::Conversation(HERE), post(3));
        let mut counts = Vec::new();
        for (seq, level, muted_until) in [
            (1, NotificationLevel::Nothing, None),
            (2, NotificationLevel::Everything, Some(200)),
            (3, NotificationLevel::Everything, None),
        ] {
            let (mine, set) = own(
                seq,
                Change::NotificationLevelChanged { conversation: HERE, level, muted_until },
            );
            reducer.apply(&mut out_of_order, mine, set);
            counts.push((
                reducer.conversations.notification_count(100),
                reducer.conversations.notification_count(200),
                reducer.conversations.unread(),
            ));
        }
        assert_eq!(counts, [(0, 0, 1), (0, 1, 1), (1, 1, 1)]);
    }

    #[test]
    fn pinned_conversations_are_listed_first_in_order_of_latest_message() {
        let (mut roster, mut conversations, mut timelines, mut out_of_order) =
            (Roster::default(), conversations(), Timelines::default(), OutOfOrder::default());
        let other = |n: u128, created: i64| {
            let mut summary = conversations.find(HERE).unwrap().clone();
            (summary.conversation.id, summary.conversation.created) =
                (ConversationId(Uuid::from_u128(n)), created);
            summary
        };
        let [older, newer] = [other(8, 10), other(9, 20)];
        let (older_id, newer_id) = (older.conversation.id, newer.conversation.id);
        conversations.insert(older);
        conversations.insert(newer);
        let mut reducer = Reducer {
            roster: &mut roster,
            conversations: &mut conversations,
            timelines: &mut timelines,
        };
        let mut orders = vec![reducer.conversations.listed()];
        for (seq, conversation, on) in [
            (1, HERE, true),
            (2, older_id, true),
            (3, HERE, false),
            (4, ConversationId(Uuid::from_u128(5)), true),
        ] {
            let (mine, pinned) = own(seq, Change::ConversationPinned { conversation, on });
            reducer.apply(&mut out_of_order, mine, pinned);
            orders.push(reducer.conversations.listed());
        }
        let [usual, first] = [[newer_id, older_id, HERE], [HERE, newer_id, older_id]];
        let (both, second) = ([older_id, HERE, newer_id], [older_id, newer_id, HERE]);
        assert_eq!(orders, [usual, first, both, second, second]);
    }

    #[test]
    fn events_of_unknown_streams_are_ignored() {
        let (mut roster, mut conversations, mut timelines, mut out_of_order) =
            (Roster::default(), conversations(), Timelines::default(), OutOfOrder::default());
        let mut reducer = Reducer {
            roster: &mut roster,
            conversations: &mut conversations,
            timelines: &mut timelines,
        };
        let gone = Entry {
            seq: Seq(1),
            at: 0,
            change: Change::ConversationRemoved { conversation: HERE },
        };
        reducer.apply(&mut out_of_order, StreamId::Person(ME), gone);
        assert_eq!(
            reducer.apply(&mut out_of_order, StreamId::Conversation(HERE), post(3)),
            Outcome::default()
        );
        assert!(conversations.find(HERE).is_none());
    }
}
