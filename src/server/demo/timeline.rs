//! The script: all that happens in the workspace, in the order of time. It is the same for the same numbers, and it knows no
//! store: what it tells is told by numbers.

use super::{
    DAY, Dice, HOUR, SPAN,
    conversations::{self, ADA, Place, Setting},
    message_text::{Tone, Words},
    people::{self, Character},
};
use crate::{
    domain::Millis,
    server::{
        auth,
        store::{
            NewPerson,
            seed::{Deed, Past},
        },
    },
};

const MINUTE: Millis = HOUR / 60;
/// How much is said in each hour of a working day, in thousandths of the fullest.
#[rustfmt::skip]
const DAY_SHAPE: [i64; 24] = [8, 5, 5, 5, 5, 10, 40, 120, 450, 900, 1000, 950, 500, 700, 950, 900, 800, 500, 250, 200, 200, 150, 80, 30];

/// All that happens.
pub(super) struct Script {
    people: Vec<Character>,
    events: Vec<Event>,
    words: Dice,
}

struct Event {
    at: Millis,
    cue: Cue,
}

/// What is said is made up only when it is its turn: a million messages would not have room.
enum Cue {
    Deed(Box<Deed>),
    Say { author: usize, conversation: usize, tone: Tone },
}

/// A message, but for its words.
struct Said {
    at: Millis,
    author: usize,
    tone: Tone,
}

impl Script {
    /// What so many people say in so many conversations, in so many messages, until `end`. All have the same password.
    pub(super) fn write(people: usize, conversations: usize, messages: usize, end: Millis, password_hash: &str) -> Self {
        let mut dice = Dice::new(1815);
        let start = end - SPAN;
        let people = people::cast(&mut dice, people, start, end);
        let places = conversations::lay(&mut dice, &people, conversations, messages, start, end);
        let mut events: Vec<Event> = people.iter().map(|one| deed(one.registered, Deed::Register(registration(one, password_hash)))).collect();
        for (number, place) in places.iter().enumerate() {
            found(&mut events, number, place);
        }
        for (conversation, place) in places.iter().enumerate() {
            let said = talk(&mut dice, place, end);
            events.extend(said.into_iter().map(|Said { at, author, tone }| Event { at, cue: Cue::Say { author, conversation, tone } }));
        }
        // Stable: what was told first comes first at the same moment, so nobody speaks before they are there.
        events.sort_by_key(|event| event.at);
        for (number, place) in places.iter().enumerate() {
            events.extend(place.members.iter().map(|(person, _)| read(&mut dice, number, place, *person, end)));
        }
        Self { people, events, words: Dice::new(1843) }
    }

    /// How much happens.
    pub(super) const fn len(&self) -> usize {
        self.events.len()
    }

    /// What happens, in the order of time.
    pub(super) fn tell(self) -> impl Iterator<Item = Past> {
        let Self { people, events, words: mut dice } = self;
        events.into_iter().map(move |Event { at, cue }| {
            let deed = match cue {
                Cue::Deed(deed) => *deed,
                Cue::Say { author, conversation, tone } => {
                    Deed::Post { author, conversation, body: Words::among(&people).say(&mut dice, author, tone) }
                }
            };
            Past { at, deed }
        })
    }
}

fn deed(at: Millis, deed: Deed) -> Event {
    Event { at, cue: Cue::Deed(Box::new(deed)) }
}

fn registration(one: &Character, password_hash: &str) -> NewPerson {
    NewPerson {
        username: one.username.clone(),
        username_key: auth::username_key(&one.username),
        display_name: one.display_name.clone(),
        password_hash: password_hash.to_owned(),
        only_first: false,
    }
}

/// How a place came to be, and who came to it later.
fn found(events: &mut Vec<Event>, conversation: usize, place: &Place) {
    let by = place.members[0].0;
    match &place.setting {
        Setting::Everyone => {}
        Setting::Direct => events.push(deed(place.created, Deed::OpenDirect { me: by, other: place.members[1].0 })),
        Setting::Group(name, renamed) => {
            let (first, later) = place.members.split_at(place.present(place.created).len());
            let members = first.iter().map(|(person, _)| *person).filter(|person| *person != by).collect();
            events.push(deed(place.created, Deed::CreateGroup { creator: by, name: name.clone(), members }));
            events.extend(later.iter().map(|(person, since)| deed(*since, Deed::AddMember { by, conversation, person: *person })));
            if let Some(name) = renamed {
                events.push(deed(place.created + 26 * HOUR, Deed::Rename { by, conversation, name: name.clone() }));
            }
        }
    }
}

/// Everything that is said in a place, in the order of time: in sittings, in which a few take turns.
fn talk(dice: &mut Dice, place: &Place, end: Millis) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::with_capacity(place.messages);
    while said.len() < place.messages {
        let wanted = 1 + dice.below(6) + if dice.chance(30) { dice.below(18) } else { 0 };
        // The first to be written is the last to be held.
        let latest = place.latest.filter(|_| said.is_empty());
        sit(dice, place, wanted.min(place.messages - said.len()), latest, end, &mut said);
    }
    said.sort_by_key(|one| one.at);
    // What Ada has not read, others wrote: by writing herself she would have read it.
    let unread = said.len() - place.unread.min(said.len());
    for one in &mut said[unread..] {
        if one.author == ADA {
            let others: Vec<usize> = place.present(one.at).iter().map(|(person, _)| *person).filter(|person| *person != ADA).collect();
            one.author = dice.pick(&others);
        }
    }
    said
}

fn sit(dice: &mut Dice, place: &Place, count: usize, latest: Option<Millis>, end: Millis, said: &mut Vec<Said>) {
    // Often the same goes on within seconds; the answer takes minutes.
    let gaps: Vec<(bool, Millis)> =
        (0..count).map(|_| if dice.chance(35) { (true, dice.between(4_000, MINUTE)) } else { (false, dice.between(15_000, 8 * MINUTE)) }).collect();
    let length: Millis = gaps.iter().map(|(_, gap)| gap).sum();
    let everyone = place.setting == Setting::Everyone;
    // Nobody wants to talk to Everyone before there is anybody.
    let earliest = place.created + if everyone { 2 * DAY } else { MINUTE };
    let begin = latest.map_or_else(|| awake(dice, earliest, end), |latest| latest - length).min(end - MINUTE / 2 - length).max(earliest);
    let present = place.present(begin);
    let most = if place.setting == Setting::Direct { 2 } else { 2 + dice.below(4) };
    let mut partners: Vec<usize> = Vec::new();
    for _ in 0..most * 3 {
        let one = present[dice.early(present.len())].0;
        if partners.len() < most && !partners.contains(&one) {
            partners.push(one);
        }
    }
    let (mut at, mut turn) = (begin, 0);
    for (number, (goes_on, gap)) in gaps.into_iter().enumerate() {
        at += gap;
        if !goes_on && partners.len() > 1 {
            turn = (turn + 1 + dice.below(partners.len() - 1)) % partners.len();
        }
        let tone = match number {
            0 if everyone => Tone::Announcement,
            0 => Tone::Opening,
            _ => Tone::Reply,
        };
        // Those who were there first have something to announce.
        let author = if tone == Tone::Announcement { present[dice.below(present.len().min(6))].0 } else { partners[turn] };
        said.push(Said { at, author, tone });
    }
}

/// A moment at which people write: on working days more than at weekends, by day more than by night.
fn awake(dice: &mut Dice, from: Millis, to: Millis) -> Millis {
    // Where it is night all the time, somebody is awake all the same.
    const TRIES: usize = 200;
    let mut moment = from;
    for _ in 0..TRIES {
        moment = dice.between(from, to);
        let hours = moment.div_euclid(HOUR);
        // 1970 began with a Thursday.
        let is_weekend = (hours.div_euclid(24) + 3).rem_euclid(7) >= 5;
        let hour = usize::try_from(hours.rem_euclid(24)).unwrap_or_default();
        let share = if is_weekend { DAY_SHAPE[hour] / 7 } else { DAY_SHAPE[hour] };
        if dice.between(1, 1_000) <= share {
            break;
        }
    }
    moment
}

/// How far somebody has read in the end: nearly all have read it all.
fn read(dice: &mut Dice, conversation: usize, place: &Place, person: usize, end: Millis) -> Event {
    let but = match dice.below(10) {
        _ if person == ADA => place.unread,
        0 => 1 + dice.below(40),
        1 => dice.below(4),
        _ => 0,
    };
    deed(end, Deed::Read { person, conversation, but })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_767_000_000_000;

    fn told(people: usize, conversations: usize, messages: usize) -> Vec<Past> {
        Script::write(people, conversations, messages, NOW, "hash").tell().collect()
    }

    #[test]
    fn the_same_numbers_are_the_same_workspace() {
        let (one, other) = (told(30, 20, 3_000), told(30, 20, 3_000));
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
        assert_eq!(one.iter().filter(|past| matches!(past.deed, Deed::Post { .. })).count(), 3_000);
        assert!(one.is_sorted_by_key(|past| past.at) && one.iter().all(|past| (NOW - SPAN..=NOW).contains(&past.at)));
    }

    #[test]
    fn people_take_turns_and_mostly_write_by_day() {
        let said: Vec<(Millis, usize, usize)> = told(60, 40, 20_000)
            .into_iter()
            .filter_map(|past| if let Deed::Post { author, conversation, .. } = past.deed { Some((past.at, author, conversation)) } else { None })
            .collect();
        let by_day = said.iter().filter(|(at, ..)| (8..19).contains(&at.div_euclid(HOUR).rem_euclid(24))).count();
        assert!(by_day * 100 > said.len() * 85, "{by_day}");
        assert!(said.iter().rev().take(3).all(|(at, ..)| NOW - at < HOUR), "it ends now");
        let first = said.iter().filter(|(_, _, conversation)| *conversation == said[0].2).map(|(_, author, _)| *author).collect::<Vec<_>>();
        let same = first.windows(2).filter(|two| two[0] == two[1]).count();
        assert!(same * 10 > first.len() && same * 10 < first.len() * 8, "{same} of {}", first.len());
    }
}
