//! The conversations of the sample workspace: Everyone, one busy group, direct conversations and
//! other groups; their members, and their numbers of messages. A few have most of the messages.

use std::collections::HashSet;

use super::{DAY, HOUR, Rng, people::DemoPerson};
use crate::domain::Millis;

/// The person that users sign in as; the first to register.
pub(super) const ADA: usize = 0;
/// Maximum number of members of a group, except in very large workspaces.
const MAX_MEMBERS: usize = 25;
/// Unread messages of Ada in the first conversations; the first has more than a badge shows.
const UNREAD_IN_GROUPS: [usize; 2] = [137, 12];
const UNREAD_IN_PAIRS: [usize; 2] = [3, 1];

/// The kind of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConversationKind {
    Everyone,
    Direct,
    /// Its first name, and its later one.
    Group(String, Option<String>),
}

/// A conversation.
#[derive(Clone, Debug)]
pub(super) struct DemoConversation {
    pub(super) kind: ConversationKind,
    pub(super) created: Millis,
    /// Its members with the time of joining, ascending. The creator comes first.
    pub(super) members: Vec<(usize, Millis)>,
    pub(super) messages: usize,
    /// Number of unread messages of Ada.
    pub(super) unread: usize,
    /// Time of the last message, if it is fixed.
    pub(super) latest: Option<Millis>,
}

impl DemoConversation {
    /// The members at a time.
    pub(super) fn members_at(&self, at: Millis) -> &[(usize, Millis)] {
        &self.members[..self.members.partition_point(|(_, since)| *since <= at)]
    }

    fn has_ada(&self) -> bool {
        self.members.iter().any(|(person, _)| *person == ADA)
    }
}

#[rustfmt::skip]
const NAMES: [&str; 44] = [
    "Campus life", "Chemistry 101", "Release team", "读书会", "Football on Thursdays ⚽",
    "Thesis group: numerical methods for large and sparse systems", "مجموعة الدراسة",
    "Parents of class 4b", "🎸 Band practice", "Grant proposal 2026", "Library", "日本語の会話クラブ",
    "Admin & rooms", "Café crew ☕", "Ελληνική παρέα", "Board games", "IT help",
    "हिंदी साहित्य", "Marketing", "Field trip to the North Sea in May: packing, buses, cooking",
    "Математика для всех", "Lunch?", "Choir", "חוג צילום", "Data science reading group",
    "한국어 스터디", "Birthday surprise for Grace (do not tell her!) 🤫🎂", "Sustainability", "ชมรมถ่ายภาพ",
    "Design", "Onboarding", "Night shift", "Équipe théâtre", "QA",
    "Übungsgruppe Straßenbau und Verkehrsplanung", "X", "Robotics lab 🤖", "Housing", "2026",
    "Newsletter", "Running at 6 am", "Kochen & Backen", "Exam board", "Travel",
];
/// First names of groups that are renamed later.
const FIRST_NAMES: [&str; 4] = ["New group", "Untitled", "Test", "The thing we talked about"];

/// Generates this many conversations in the order of creation, with this many messages in total.
pub(super) fn plan_conversations(
    rng: &mut Rng,
    people: &[DemoPerson],
    count: usize,
    messages: usize,
    start: Millis,
    end: Millis,
) -> Vec<DemoConversation> {
    let everyone =
        people.iter().enumerate().map(|(number, one)| (number, one.registered)).collect();
    let mut conversations = vec![new_conversation(ConversationKind::Everyone, start, everyone)];
    let (mut pairs, mut groups) = (HashSet::new(), 0);
    for number in 1..count {
        let created = if number == 1 { start + 2 * DAY } else { creation_time(rng, start, end) };
        // With few people there are few pairs; the rest are groups.
        let is_pair = number > 1 && number * 45 / 100 > (number - 1) * 45 / 100;
        let with_ada = pairs.len() % 4 != 3;
        if let Some((one, other)) =
            is_pair.then(|| pair(rng, people.len(), with_ada, &mut pairs)).flatten()
        {
            let created =
                created.max(people[one].registered + HOUR).max(people[other].registered + HOUR);
            conversations.push(new_conversation(
                ConversationKind::Direct,
                created,
                vec![(one, created), (other, created)],
            ));
        } else {
            conversations.push(group(rng, people, groups, created, end));
            groups += 1;
        }
    }
    distribute_messages(&mut conversations, messages);
    set_unread(&mut conversations);
    let mut minutes = 1;
    for conversation in conversations.iter_mut().skip(1).take(9) {
        // The first at the end, the others earlier that day and the day before.
        conversation.latest = Some(end - minutes * 60_000);
        minutes = minutes * 2 + 3;
    }
    conversations.sort_by_key(|conversation| conversation.created);
    conversations
}

fn new_conversation(
    kind: ConversationKind,
    created: Millis,
    members: Vec<(usize, Millis)>,
) -> DemoConversation {
    DemoConversation { kind, created, members, messages: 0, unread: 0, latest: None }
}

/// Early times are more likely.
fn creation_time(rng: &mut Rng, start: Millis, end: Millis) -> Millis {
    let last = start + (end - start) / 10 * 7;
    rng.between(start + 2 * DAY, last).min(rng.between(start + 2 * DAY, last))
}

/// A pair without a direct conversation.
fn pair(
    rng: &mut Rng,
    people: usize,
    with_ada: bool,
    known: &mut HashSet<(usize, usize)>,
) -> Option<(usize, usize)> {
    let others = (1..people)
        .find(|other| !known.contains(&(ADA, *other)))
        .filter(|_| with_ada)
        .map(|other| (ADA, other));
    let found = others.or_else(|| {
        let mut tries = (0..20).map(|_| (1 + rng.below(people - 1), 1 + rng.below(people - 1)));
        tries.find(|(one, other)| one < other && !known.contains(&(*one, *other)))
    })?;
    known.insert(found);
    Some(found)
}

/// The first group is the busy one: as large as possible, created by Ada.
fn group(
    rng: &mut Rng,
    people: &[DemoPerson],
    number: usize,
    created: Millis,
    end: Millis,
) -> DemoConversation {
    let with_ada = number % 6 != 5 || people.len() < 4;
    let there = people.partition_point(|one| one.registered < created);
    let creator = if with_ada && number.is_multiple_of(3) { ADA } else { 1 + rng.below(there - 1) };
    let size = if number == 0 { MAX_MEMBERS } else { 3 + rng.skewed_below(MAX_MEMBERS - 2) };
    let mut chosen = if with_ada && creator != ADA { vec![creator, ADA] } else { vec![creator] };
    let first = usize::from(!with_ada);
    if chosen.len() == 1 {
        // A group starts with two members; others may join later.
        chosen.push(first + (creator - first + 1) % (there - first));
    }
    for attempt in 0..size * 4 {
        let other = first
            + if attempt < 8 { rng.below(there - first) } else { rng.below(people.len() - first) };
        if chosen.len() < size && !chosen.contains(&other) {
            chosen.push(other);
        }
    }
    let mut members: Vec<(usize, Millis)> = chosen
        .into_iter()
        .map(|person| {
            (
                person,
                if person < there {
                    created
                } else {
                    people[person].registered + rng.between(HOUR, 5 * DAY)
                },
            )
        })
        .filter(|(_, since)| *since < end - DAY)
        .collect();
    members.sort_by_key(|(_, since)| *since);
    let name = match number / NAMES.len() {
        0 => NAMES[number].to_owned(),
        round => {
            let short: String = NAMES[number % NAMES.len()].chars().take(50).collect();
            format!("{} {}", short.trim_end(), round + 1)
        }
    };
    let kind = if number % 5 == 4 {
        ConversationKind::Group(rng.pick(&FIRST_NAMES).to_owned(), Some(name))
    } else {
        ConversationKind::Group(name, None)
    };
    new_conversation(kind, created, members)
}

/// The busy group has more than a quarter of the messages, Everyone a twentieth; the others share
/// the rest by Zipf's law.
fn distribute_messages(conversations: &mut [DemoConversation], messages: usize) {
    let each = usize::from(messages >= conversations.len());
    let rest = messages - each * conversations.len();
    // In thousandths: the n-th conversation has an n-th of the first one's share.
    let whole: usize =
        (1..conversations.len().saturating_sub(1)).map(|rank| 1_000_000 / rank).sum();
    let mut given = each * conversations.len();
    for (number, conversation) in conversations.iter_mut().enumerate() {
        let part = match number {
            0 => rest / 20,
            1 => 0,
            _ => rest * 67 / 100 * (1_000_000 / (number - 1)) / whole,
        };
        conversation.messages = each + part;
        given += part;
    }
    let busy = conversations.len().min(2) - 1;
    conversations[busy].messages += messages - given;
}

fn set_unread(conversations: &mut [DemoConversation]) {
    let (mut groups, mut pairs) = (UNREAD_IN_GROUPS.into_iter(), UNREAD_IN_PAIRS.into_iter());
    for conversation in conversations.iter_mut().filter(|conversation| conversation.has_ada()) {
        conversation.unread = match conversation.kind {
            ConversationKind::Everyone => None,
            ConversationKind::Direct => pairs.next(),
            ConversationKind::Group(..) => groups.next(),
        }
        // Conversations with few messages have few unread ones.
        .filter(|unread| unread * 3 <= conversation.messages)
        .unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::conversation as conversation_rules, server::commands::demo::people};

    fn planned(people: usize, count: usize, messages: usize) -> Vec<DemoConversation> {
        let mut rng = Rng::new(9);
        let people = people::create_people(&mut rng, people, 0, 182 * DAY);
        plan_conversations(&mut rng, &people, count, messages, 0, 182 * DAY)
    }

    #[test]
    fn ada_is_in_most_conversations_and_one_group_is_busy() {
        let conversations = planned(60, 40, 20_000);
        assert_eq!(
            (
                conversations.len(),
                conversations.iter().map(|conversation| conversation.messages).sum::<usize>()
            ),
            (40, 20_000)
        );
        assert!(conversations.iter().filter(|conversation| conversation.has_ada()).count() >= 30);
        assert!(conversations.iter().any(|conversation| matches!(
            conversation.kind,
            ConversationKind::Group(..)
        ) && conversation.messages >= 5_000
            && conversation.has_ada()));
        assert!(
            (15..=20).contains(
                &conversations
                    .iter()
                    .filter(|conversation| conversation.kind == ConversationKind::Direct)
                    .count()
            )
        );
        let mut unread: Vec<usize> = conversations
            .iter()
            .map(|conversation| conversation.unread)
            .filter(|unread| *unread > 0)
            .collect();
        unread.sort_unstable();
        assert_eq!(unread, [1, 3, 12, 137]);
    }

    #[test]
    fn few_people_and_many_conversations_work() {
        for (people, count, messages) in
            [(2, 1, 1), (2, 2, 1), (2, 60, 500), (3, 9, 5), (5, 100, 100), (300, 1_000, 50_000)]
        {
            let conversations = planned(people, count, messages);
            assert_eq!(
                (
                    conversations.len(),
                    conversations.iter().map(|conversation| conversation.messages).sum::<usize>()
                ),
                (count, messages)
            );
            assert_eq!(conversations[0].kind, ConversationKind::Everyone);
            for conversation in conversations {
                assert!(
                    conversation.members.is_sorted_by_key(|(_, since)| *since)
                        && conversation.created <= conversation.members[0].1
                );
                if let ConversationKind::Group(name, renamed) = conversation.kind {
                    for name in [Some(name), renamed].into_iter().flatten() {
                        assert_eq!(conversation_rules::group_name(&name).unwrap(), name);
                    }
                }
            }
        }
    }
}
