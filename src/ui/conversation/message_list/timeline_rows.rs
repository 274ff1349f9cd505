//! The rows of the timeline as plain data, from entries and pending messages.

use std::sync::Arc;

use crate::{
    client::send_queue::outbox::PendingMessage,
    domain::{Change, ClientId, Entry, Millis, PersonId, Seq},
};

/// Messages of one author within this time are grouped.
const GROUP_WINDOW: Millis = 5 * 60 * 1000;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) enum Row {
    /// A date separator.
    Day(Millis),
    /// The new-messages line.
    NewLine(Seq),
    /// A message.
    Message {
        /// The entry.
        entry: Arc<Entry>,
        /// Its author.
        author: PersonId,
        /// Whether it starts a group, with name and avatar.
        lead: bool,
    },
    /// A pending message.
    Pending {
        /// The message.
        pending: PendingMessage,
        /// Whether it starts a group.
        lead: bool,
    },
    /// A system message.
    Notice(Arc<Entry>),
    /// Consecutive membership changes of one kind.
    Membership {
        /// Position of the last one: older ones may be loaded before.
        seq: Seq,
        /// Time of the last one.
        at: Millis,
        /// Their kind.
        change: MembershipChange,
        /// The members, in order.
        people: Vec<PersonId>,
    },
}

/// Kind of a membership change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) enum MembershipChange {
    /// They registered.
    Registered,
    /// Somebody added them.
    Added(PersonId),
    /// Somebody removed them.
    Removed(PersonId),
    /// They left.
    Left,
}

impl MembershipChange {
    fn of(change: &Change) -> Option<(Self, PersonId)> {
        Some(match change {
            Change::Registered { newcomer } => (Self::Registered, newcomer.id),
            Change::MemberAdded { by, person } => (Self::Added(*by), *person),
            Change::MemberRemoved { by, person } => (Self::Removed(*by), *person),
            Change::MemberLeft { person } => (Self::Left, *person),
            _ => return None,
        })
    }
}

/// Key of a row. Starting a group changes the key; send progress does not, so that open overlays
/// stay.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::ui::conversation) enum RowKey {
    /// A day.
    Day(Millis),
    /// The line.
    NewLine,
    /// An entry, and whether it starts a group.
    Entry(Seq, bool),
    /// A pending message, and whether it starts a group.
    Pending(ClientId, bool),
    /// Membership changes, and how many.
    Membership(Seq, usize),
}

impl Row {
    /// The key of the row.
    #[must_use]
    pub(in crate::ui::conversation) fn key(&self) -> RowKey {
        match self {
            Self::Day(at) => RowKey::Day(*at),
            Self::NewLine(_) => RowKey::NewLine,
            Self::Message { entry, lead, .. } => RowKey::Entry(entry.seq, *lead),
            Self::Notice(entry) => RowKey::Entry(entry.seq, false),
            Self::Membership { seq, people, .. } => RowKey::Membership(*seq, people.len()),
            Self::Pending { pending, lead } => RowKey::Pending(pending.id, *lead),
        }
    }
}

/// Builds the rows. `day` numbers local days; `new_after` is the message before the new-messages
/// line.
#[must_use]
pub(in crate::ui::conversation) fn build_rows(
    entries: &[Arc<Entry>],
    pending: &[PendingMessage],
    me: PersonId,
    new_after: Option<Seq>,
    day: impl Fn(Millis) -> Millis,
) -> Vec<Row> {
    let mut rows = Vec::with_capacity(entries.len() + pending.len() + 8);
    let mut last: Option<(PersonId, Millis)> = None;
    let mut today = None;
    let mut line_due = new_after;
    for entry in entries {
        let begins = Some(day(entry.at)) != today;
        if begins {
            today = Some(day(entry.at));
            rows.push(Row::Day(entry.at));
            last = None;
        }
        match &entry.change {
            Change::Posted { author, state, .. } => {
                if line_due.is_some_and(|upto| entry.seq > upto)
                    && *author != me
                    && state.deleted.is_none()
                {
                    line_due = None;
                    last = None;
                    rows.push(Row::NewLine(entry.seq));
                }
                let lead = !continues(last, *author, entry.at);
                last = Some((*author, entry.at));
                rows.push(Row::Message { entry: Arc::clone(entry), author: *author, lead });
            }
            other => {
                last = None;
                match (MembershipChange::of(other), rows.last_mut()) {
                    (
                        Some((change, person)),
                        Some(Row::Membership { seq, at, change: before, people }),
                    ) if *before == change && joins_row(change, *at, entry.at) => {
                        people.push(person);
                        (*seq, *at) = (entry.seq, entry.at);
                    }
                    (Some((change, person)), _) => rows.push(Row::Membership {
                        seq: entry.seq,
                        at: entry.at,
                        change,
                        people: vec![person],
                    }),
                    (None, _) => rows.push(Row::Notice(Arc::clone(entry))),
                }
            }
        }
    }
    for pending in pending {
        let lead = !continues(last, me, pending.at);
        last = Some((me, pending.at));
        rows.push(Row::Pending { pending: pending.clone(), lead });
    }
    rows
}

/// The last own message, which shows its status.
#[must_use]
pub(in crate::ui::conversation) fn last_own(rows: &[Row], me: PersonId) -> Option<Seq> {
    rows.iter().rev().find_map(|row| match row {
        Row::Message { entry, author, .. } if *author == me => Some(entry.seq),
        _ => None,
    })
}

/// Registrations of one day are one row.
fn joins_row(change: MembershipChange, before: Millis, at: Millis) -> bool {
    change == MembershipChange::Registered || at - before < GROUP_WINDOW
}

fn continues(last: Option<(PersonId, Millis)>, author: PersonId, at: Millis) -> bool {
    last.is_some_and(|(before, when)| before == author && (at - when).abs() < GROUP_WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::State;
    use uuid::Uuid;

    const ME: PersonId = PersonId(Uuid::from_u128(1));
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));

    fn post(seq: u64, author: PersonId, minute: Millis) -> Arc<Entry> {
        Arc::new(Entry {
            seq: Seq(seq),
            at: minute * 60_000,
            change: Change::Posted {
                author,
                body: "x".into(),
                client_id: None,
                reply_to: None,
                files: Vec::new(),
                state: State::default(),
            },
        })
    }

    fn by_day(at: Millis) -> Millis {
        at / (24 * 3600 * 1000)
    }

    fn leads(rows: &[Row]) -> Vec<bool> {
        rows.iter()
            .filter_map(|row| if let Row::Message { lead, .. } = row { Some(*lead) } else { None })
            .collect()
    }

    #[test]
    fn messages_of_one_author_within_five_minutes_are_grouped() {
        let entries = [post(1, ME, 0), post(2, ME, 4), post(3, GRACE, 5), post(4, GRACE, 11)];
        assert_eq!(leads(&build_rows(&entries, &[], ME, None, by_day)), [true, false, true, true]);
    }

    #[test]
    fn the_new_line_precedes_the_first_unread_message_of_another_user() {
        let entries = [post(1, GRACE, 0), post(2, ME, 1), post(3, GRACE, 2), post(4, GRACE, 3)];
        let rows = build_rows(&entries, &[], ME, Some(Seq(1)), by_day);
        let at = rows.iter().position(|row| *row == Row::NewLine(Seq(3))).unwrap();
        assert!(
            matches!(&rows[at + 1], Row::Message { entry, lead: true, .. } if entry.seq == Seq(3))
        );
    }

    #[test]
    fn a_new_day_adds_a_separator_and_starts_a_group() {
        let entries = [post(1, ME, 24 * 60 - 1), post(2, ME, 24 * 60)];
        let rows = build_rows(&entries, &[], ME, None, by_day);
        assert_eq!(rows.iter().filter(|row| matches!(row, Row::Day(_))).count(), 2);
        assert_eq!(leads(&rows), [true, true]);
    }

    #[test]
    fn membership_changes_of_one_kind_within_minutes_are_one_row() {
        let person = |n: u128| PersonId(Uuid::from_u128(n));
        let entry = |seq: u64, minute: Millis, change: Change| {
            Arc::new(Entry { seq: Seq(seq), at: minute * 60_000, change })
        };
        let added = |seq: u64, minute: Millis, by: PersonId| {
            entry(seq, minute, Change::MemberAdded { by, person: person(100 + u128::from(seq)) })
        };
        let mut entries: Vec<_> = (1..=50).map(|seq| added(seq, 0, ME)).collect();
        entries.push(added(51, 4, ME));
        entries.push(added(52, 9, ME));
        entries.push(added(53, 9, GRACE));
        entries.push(entry(54, 9, Change::MemberRemoved { by: GRACE, person: person(153) }));
        entries.push(entry(55, 9, Change::MemberLeft { person: person(1) }));
        entries.push(entry(56, 9, Change::MemberLeft { person: person(2) }));
        entries.push(post(57, GRACE, 9));
        entries.push(added(58, 9, GRACE));
        let moved = |entries: &[Arc<Entry>]| -> Vec<(u64, usize)> {
            let rows = build_rows(entries, &[], ME, None, by_day);
            rows.iter()
                .filter_map(|row| {
                    if let Row::Membership { seq, people, .. } = row {
                        Some((seq.0, people.len()))
                    } else {
                        None
                    }
                })
                .collect()
        };
        assert_eq!(moved(&entries), [(51, 51), (52, 1), (53, 1), (54, 1), (56, 2), (58, 1)]);
        assert_eq!(
            moved(&entries[20..51]),
            [(51, 31)],
            "the row is found by its last entry when older ones are loaded"
        );
    }

    #[test]
    fn the_last_own_message_is_found_behind_replies_of_others() {
        let entries = [post(1, ME, 0), post(2, ME, 1), post(3, GRACE, 2)];
        let rows = build_rows(&entries, &[], ME, None, by_day);
        assert_eq!(last_own(&rows, ME), Some(Seq(2)));
        let keys = |entries: &[Arc<Entry>]| {
            build_rows(entries, &[], ME, None, by_day).iter().map(Row::key).collect::<Vec<_>>()
        };
        assert_eq!(
            keys(&entries)[..2],
            keys(&entries[..1]),
            "the row of the one before stays what it was"
        );
    }
}
