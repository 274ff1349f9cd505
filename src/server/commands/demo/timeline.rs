//! The timeline of the sample workspace: all events in chronological order. It depends only on the
//! seed of the random numbers, and names people and conversations by index, without the store.

use super::{
    DAY, HOUR, Rng, SPAN,
    conversations::{self, ADA, ConversationKind, DemoConversation},
    message_text::{MessageWriter, Style},
    people::{self, DemoPerson},
};
use crate::{
    domain::Millis,
    server::{
        names,
        store::{
            NewPerson,
            seed::{SeedAction, SeedEvent},
        },
    },
};

const MINUTE: Millis = HOUR / 60;
/// Messages per hour of a working day, in thousandths of the busiest hour.
#[rustfmt::skip]
const DAY_SHAPE: [i64; 24] = [
    8, 5, 5, 5, 5, 10, 40, 120, 450, 900, 1000, 950,
    500, 700, 950, 900, 800, 500, 250, 200, 200, 150, 80, 30,
];

/// All events, in the order of time.
pub(super) struct Timeline {
    people: Vec<DemoPerson>,
    events: Vec<ScheduledEvent>,
    words: Rng,
}

struct ScheduledEvent {
    at: Millis,
    action: Action,
}

/// Texts are generated when they are written: a million messages would not fit into memory.
enum Action {
    Seed(Box<SeedAction>),
    Post { author: usize, conversation: usize, style: Style },
}

/// A message without its text.
struct PlannedMessage {
    at: Millis,
    author: usize,
    style: Style,
}

impl Timeline {
    /// Generates the events of these people and conversations until `end`. All people have the same
    /// password.
    pub(super) fn generate(
        people: usize,
        conversations: usize,
        messages: usize,
        end: Millis,
        password_hash: &str,
    ) -> Self {
        let mut rng = Rng::new(1815);
        let start = end - SPAN;
        let people = people::create_people(&mut rng, people, start, end);
        let plans = conversations::plan_conversations(
            &mut rng,
            &people,
            conversations,
            messages,
            start,
            end,
        );
        let mut events: Vec<ScheduledEvent> = people
            .iter()
            .map(|one| {
                scheduled(one.registered, SeedAction::Register(registration(one, password_hash)))
            })
            .collect();
        for (number, conversation_plan) in plans.iter().enumerate() {
            push_creation(&mut events, number, conversation_plan);
        }
        for (conversation, conversation_plan) in plans.iter().enumerate() {
            let said = plan_messages(&mut rng, conversation_plan, end);
            events.extend(said.into_iter().map(|PlannedMessage { at, author, style }| {
                ScheduledEvent { at, action: Action::Post { author, conversation, style } }
            }));
        }
        // Stable: events of the same moment keep their order, so that nobody writes before joining.
        events.sort_by_key(|event| event.at);
        for (number, conversation_plan) in plans.iter().enumerate() {
            events.extend(
                conversation_plan.members.iter().map(|(person, _)| {
                    final_read(&mut rng, number, conversation_plan, *person, end)
                }),
            );
        }
        Self { people, events, words: Rng::new(1843) }
    }

    /// Number of events.
    pub(super) const fn len(&self) -> usize {
        self.events.len()
    }

    /// The events, in the order of time.
    pub(super) fn into_events(self) -> impl Iterator<Item = SeedEvent> {
        let Self { people, events, words: mut rng } = self;
        events.into_iter().map(move |ScheduledEvent { at, action }| {
            let action = match action {
                Action::Seed(action) => *action,
                Action::Post { author, conversation, style } => SeedAction::Post {
                    author,
                    conversation,
                    body: MessageWriter::new(&people).write(&mut rng, author, style),
                },
            };
            SeedEvent { at, action }
        })
    }
}

fn scheduled(at: Millis, action: SeedAction) -> ScheduledEvent {
    ScheduledEvent { at, action: Action::Seed(Box::new(action)) }
}

fn registration(one: &DemoPerson, password_hash: &str) -> NewPerson {
    NewPerson {
        username: one.username.clone(),
        username_key: names::username_key(&one.username),
        display_name: one.display_name.clone(),
        password_hash: password_hash.to_owned(),
        registration: None,
        invitation: None,
    }
}

/// The creation of a conversation and its later members.
fn push_creation(
    events: &mut Vec<ScheduledEvent>,
    conversation: usize,
    conversation_plan: &DemoConversation,
) {
    let by = conversation_plan.members[0].0;
    match &conversation_plan.kind {
        ConversationKind::Everyone => {}
        ConversationKind::Direct => events.push(scheduled(
            conversation_plan.created,
            SeedAction::OpenDirect { me: by, other: conversation_plan.members[1].0 },
        )),
        ConversationKind::Group(name, renamed) => {
            let (first, later) = conversation_plan
                .members
                .split_at(conversation_plan.members_at(conversation_plan.created).len());
            let members =
                first.iter().map(|(person, _)| *person).filter(|person| *person != by).collect();
            events.push(scheduled(
                conversation_plan.created,
                SeedAction::CreateGroup { creator: by, name: name.clone(), members },
            ));
            events.extend(later.iter().map(|(person, since)| {
                scheduled(*since, SeedAction::AddMember { by, conversation, person: *person })
            }));
            if let Some(name) = renamed {
                events.push(scheduled(
                    conversation_plan.created + 26 * HOUR,
                    SeedAction::Rename { by, conversation, name: name.clone() },
                ));
            }
        }
    }
}

/// The messages of a conversation in the order of time: in sessions, in which a few people take
/// turns.
fn plan_messages(
    rng: &mut Rng,
    conversation_plan: &DemoConversation,
    end: Millis,
) -> Vec<PlannedMessage> {
    let mut said: Vec<PlannedMessage> = Vec::with_capacity(conversation_plan.messages);
    while said.len() < conversation_plan.messages {
        let wanted = 1 + rng.below(6) + if rng.chance(30) { rng.below(18) } else { 0 };
        // Sessions are generated from the last to the first.
        let latest = conversation_plan.latest.filter(|_| said.is_empty());
        plan_session(
            rng,
            conversation_plan,
            wanted.min(conversation_plan.messages - said.len()),
            latest,
            end,
            &mut said,
        );
    }
    said.sort_by_key(|one| one.at);
    // Unread messages are of others: posting marks a conversation as read.
    let unread = said.len() - conversation_plan.unread.min(said.len());
    for one in &mut said[unread..] {
        if one.author == ADA {
            let others: Vec<usize> = conversation_plan
                .members_at(one.at)
                .iter()
                .map(|(person, _)| *person)
                .filter(|person| *person != ADA)
                .collect();
            one.author = rng.pick(&others);
        }
    }
    said
}

fn plan_session(
    rng: &mut Rng,
    conversation_plan: &DemoConversation,
    count: usize,
    latest: Option<Millis>,
    end: Millis,
    said: &mut Vec<PlannedMessage>,
) {
    // Often the same person continues within seconds; a reply takes minutes.
    let gaps: Vec<(bool, Millis)> = (0..count)
        .map(|_| {
            if rng.chance(35) {
                (true, rng.between(4_000, MINUTE))
            } else {
                (false, rng.between(15_000, 8 * MINUTE))
            }
        })
        .collect();
    let length: Millis = gaps.iter().map(|(_, gap)| gap).sum();
    let everyone = conversation_plan.kind == ConversationKind::Everyone;
    // No messages in Everyone before other people have registered.
    let earliest = conversation_plan.created + if everyone { 2 * DAY } else { MINUTE };
    let begin = latest
        .map_or_else(|| active_time(rng, earliest, end), |latest| latest - length)
        .min(end - MINUTE / 2 - length)
        .max(earliest);
    let members_at = conversation_plan.members_at(begin);
    let most =
        if conversation_plan.kind == ConversationKind::Direct { 2 } else { 2 + rng.below(4) };
    let mut partners: Vec<usize> = Vec::new();
    for _ in 0..most * 3 {
        let one = members_at[rng.skewed_below(members_at.len())].0;
        if partners.len() < most && !partners.contains(&one) {
            partners.push(one);
        }
    }
    let (mut at, mut turn) = (begin, 0);
    for (number, (goes_on, gap)) in gaps.into_iter().enumerate() {
        at += gap;
        if !goes_on && partners.len() > 1 {
            turn = (turn + 1 + rng.below(partners.len() - 1)) % partners.len();
        }
        let style = match number {
            0 if everyone => Style::Announcement,
            0 => Style::Opening,
            _ => Style::Reply,
        };
        // Announcements come from the earliest members.
        let author = if style == Style::Announcement {
            members_at[rng.below(members_at.len().min(6))].0
        } else {
            partners[turn]
        };
        said.push(PlannedMessage { at, author, style });
    }
}

/// A time of activity: more on working days than at weekends, more by day than by night.
fn active_time(rng: &mut Rng, from: Millis, to: Millis) -> Millis {
    // A short range may contain night hours only.
    const TRIES: usize = 200;
    let mut moment = from;
    for _ in 0..TRIES {
        moment = rng.between(from, to);
        let hours = moment.div_euclid(HOUR);
        // 1970 began with a Thursday.
        let is_weekend = (hours.div_euclid(24) + 3).rem_euclid(7) >= 5;
        let hour = usize::try_from(hours.rem_euclid(24)).unwrap_or_default();
        let distribute_messages = if is_weekend { DAY_SHAPE[hour] / 7 } else { DAY_SHAPE[hour] };
        if rng.between(1, 1_000) <= distribute_messages {
            break;
        }
    }
    moment
}

/// The final read position of a person: nearly all have read everything.
fn final_read(
    rng: &mut Rng,
    conversation: usize,
    conversation_plan: &DemoConversation,
    person: usize,
    end: Millis,
) -> ScheduledEvent {
    let unread = match rng.below(10) {
        _ if person == ADA => conversation_plan.unread,
        0 => 1 + rng.below(40),
        1 => rng.below(4),
        _ => 0,
    };
    scheduled(end, SeedAction::Read { person, conversation, unread })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_767_000_000_000;

    fn generate(people: usize, conversations: usize, messages: usize) -> Vec<SeedEvent> {
        Timeline::generate(people, conversations, messages, NOW, "hash").into_events().collect()
    }

    #[test]
    fn the_same_arguments_give_the_same_workspace() {
        let (one, other) = (generate(30, 20, 3_000), generate(30, 20, 3_000));
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
        assert_eq!(
            one.iter().filter(|event| matches!(event.action, SeedAction::Post { .. })).count(),
            3_000
        );
        assert!(
            one.is_sorted_by_key(|event| event.at)
                && one.iter().all(|event| (NOW - SPAN..=NOW).contains(&event.at))
        );
    }

    #[test]
    fn authors_alternate_and_mostly_write_by_day() {
        let said: Vec<(Millis, usize, usize)> = generate(60, 40, 20_000)
            .into_iter()
            .filter_map(|event| {
                if let SeedAction::Post { author, conversation, .. } = event.action {
                    Some((event.at, author, conversation))
                } else {
                    None
                }
            })
            .collect();
        let by_day = said
            .iter()
            .filter(|(at, ..)| (8..19).contains(&at.div_euclid(HOUR).rem_euclid(24)))
            .count();
        assert!(by_day * 100 > said.len() * 85, "{by_day}");
        assert!(said.iter().rev().take(3).all(|(at, ..)| NOW - at < HOUR), "it ends now");
        let first = said
            .iter()
            .filter(|(_, _, conversation)| *conversation == said[0].2)
            .map(|(_, author, _)| *author)
            .collect::<Vec<_>>();
        let same = first.windows(2).filter(|two| two[0] == two[1]).count();
        assert!(
            same * 10 > first.len() && same * 10 < first.len() * 8,
            "{same} of {}",
            first.len()
        );
    }
}
