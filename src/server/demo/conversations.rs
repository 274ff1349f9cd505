//! Where people talk: Everyone, one group that is always busy, pairs and other groups; who is in them, since when, and how much
//! is said there. A few have most of it, as everywhere.

use std::collections::HashSet;

use super::{DAY, Dice, HOUR, people::Character};
use crate::domain::Millis;

/// The person one signs in as; the first to register.
pub(super) const ADA: usize = 0;
/// Most members of a group, but for very large workspaces.
const LARGEST: usize = 25;
/// How many messages of others Ada has not read in the places that come first; the first has more than a badge shows.
const UNREAD_IN_GROUPS: [usize; 2] = [137, 12];
const UNREAD_IN_PAIRS: [usize; 2] = [3, 1];

/// What kind of place it is, and what only that kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Everyone,
    Direct,
    /// Its first name, and the one it got later.
    Group(String, Option<String>),
}

/// Where people talk.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) setting: Setting,
    pub(super) created: Millis,
    /// Who may talk, and since when, by that time. Whoever made the place comes first.
    pub(super) members: Vec<(usize, Millis)>,
    pub(super) messages: usize,
    /// How many of the last messages Ada has not read.
    pub(super) unread: usize,
    /// When something was said there last, where that is not left to chance.
    pub(super) latest: Option<Millis>,
}

impl Place {
    /// Who was there at that moment.
    pub(super) fn present(&self, at: Millis) -> &[(usize, Millis)] {
        &self.members[..self.members.partition_point(|(_, since)| *since <= at)]
    }

    fn has_ada(&self) -> bool {
        self.members.iter().any(|(person, _)| *person == ADA)
    }
}

#[rustfmt::skip]
const NAMES: [&str; 44] = [
    "Campus life", "Chemistry 101", "Release team", "读书会", "Football on Thursdays ⚽", "Thesis group: numerical methods for large and sparse systems", "مجموعة الدراسة",
    "Parents of class 4b", "🎸 Band practice", "Grant proposal 2026", "Library", "日本語の会話クラブ", "Admin & rooms", "Café crew ☕", "Ελληνική παρέα", "Board games", "IT help",
    "हिंदी साहित्य", "Marketing", "Field trip to the North Sea in May: packing, buses, cooking", "Математика для всех", "Lunch?", "Choir", "חוג צילום", "Data science reading group",
    "한국어 스터디", "Birthday surprise for Grace (do not tell her!) 🤫🎂", "Sustainability", "ชมรมถ่ายภาพ", "Design", "Onboarding", "Night shift", "Équipe théâtre", "QA",
    "Übungsgruppe Straßenbau und Verkehrsplanung", "X", "Robotics lab 🤖", "Housing", "2026", "Newsletter", "Running at 6 am", "Kochen & Backen", "Exam board", "Travel",
];
/// What groups are called before somebody finds a better name.
const FIRST_NAMES: [&str; 4] = ["New group", "Untitled", "Test", "The thing we talked about"];

/// So many places, in the order in which they came to be, in which so many messages are written altogether.
pub(super) fn lay(dice: &mut Dice, people: &[Character], count: usize, messages: usize, start: Millis, end: Millis) -> Vec<Place> {
    let everyone = people.iter().enumerate().map(|(number, one)| (number, one.registered)).collect();
    let mut places = vec![place(Setting::Everyone, start, everyone)];
    let (mut pairs, mut groups) = (HashSet::new(), 0);
    for number in 1..count {
        let created = if number == 1 { start + 2 * DAY } else { founded(dice, start, end) };
        // Not all pairs talk, and of few people there are few pairs: then it is a group.
        let is_pair = number > 1 && number * 45 / 100 > (number - 1) * 45 / 100;
        let with_ada = pairs.len() % 4 != 3;
        if let Some((one, other)) = is_pair.then(|| pair(dice, people.len(), with_ada, &mut pairs)).flatten() {
            let created = created.max(people[one].registered + HOUR).max(people[other].registered + HOUR);
            places.push(place(Setting::Direct, created, vec![(one, created), (other, created)]));
        } else {
            places.push(group(dice, people, groups, created, end));
            groups += 1;
        }
    }
    share(&mut places, messages);
    leave_unread(&mut places);
    let mut minutes = 1;
    for place in places.iter_mut().skip(1).take(9) {
        // The first at the end, the others ever earlier that day and the day before.
        place.latest = Some(end - minutes * 60_000);
        minutes = minutes * 2 + 3;
    }
    places.sort_by_key(|place| place.created);
    places
}

fn place(setting: Setting, created: Millis, members: Vec<(usize, Millis)>) -> Place {
    Place { setting, created, members, messages: 0, unread: 0, latest: None }
}

/// Rather early than late.
fn founded(dice: &mut Dice, start: Millis, end: Millis) -> Millis {
    let last = start + (end - start) / 10 * 7;
    dice.between(start + 2 * DAY, last).min(dice.between(start + 2 * DAY, last))
}

/// Two who do not talk yet.
fn pair(dice: &mut Dice, people: usize, with_ada: bool, known: &mut HashSet<(usize, usize)>) -> Option<(usize, usize)> {
    let others = (1..people).find(|other| !known.contains(&(ADA, *other))).filter(|_| with_ada).map(|other| (ADA, other));
    let found = others.or_else(|| {
        let mut tries = (0..20).map(|_| (1 + dice.below(people - 1), 1 + dice.below(people - 1)));
        tries.find(|(one, other)| one < other && !known.contains(&(*one, *other)))
    })?;
    known.insert(found);
    Some(found)
}

/// The first group is the busy one: as large as may be, and Ada's.
fn group(dice: &mut Dice, people: &[Character], number: usize, created: Millis, end: Millis) -> Place {
    let with_ada = number % 6 != 5 || people.len() < 4;
    let there = people.partition_point(|one| one.registered < created);
    let creator = if with_ada && number.is_multiple_of(3) { ADA } else { 1 + dice.below(there - 1) };
    let size = if number == 0 { LARGEST } else { 3 + dice.early(LARGEST - 2) };
    let mut chosen = if with_ada && creator != ADA { vec![creator, ADA] } else { vec![creator] };
    let first = usize::from(!with_ada);
    if chosen.len() == 1 {
        // Nobody is in a group alone; the others may come later.
        chosen.push(first + (creator - first + 1) % (there - first));
    }
    for attempt in 0..size * 4 {
        let other = first + if attempt < 8 { dice.below(there - first) } else { dice.below(people.len() - first) };
        if chosen.len() < size && !chosen.contains(&other) {
            chosen.push(other);
        }
    }
    let mut members: Vec<(usize, Millis)> = chosen
        .into_iter()
        .map(|person| (person, if person < there { created } else { people[person].registered + dice.between(HOUR, 5 * DAY) }))
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
    let setting = if number % 5 == 4 { Setting::Group(dice.pick(&FIRST_NAMES).to_owned(), Some(name)) } else { Setting::Group(name, None) };
    place(setting, created, members)
}

/// The busy group has more than a quarter of all that is said, Everyone a twentieth; the others share the rest by Zipf's law.
fn share(places: &mut [Place], messages: usize) {
    let each = usize::from(messages >= places.len());
    let rest = messages - each * places.len();
    // In thousandths: the n-th place has an n-th of the first one's.
    let whole: usize = (1..places.len().saturating_sub(1)).map(|rank| 1_000_000 / rank).sum();
    let mut given = each * places.len();
    for (number, place) in places.iter_mut().enumerate() {
        let part = match number {
            0 => rest / 20,
            1 => 0,
            _ => rest * 67 / 100 * (1_000_000 / (number - 1)) / whole,
        };
        place.messages = each + part;
        given += part;
    }
    let busy = places.len().min(2) - 1;
    places[busy].messages += messages - given;
}

fn leave_unread(places: &mut [Place]) {
    let (mut groups, mut pairs) = (UNREAD_IN_GROUPS.into_iter(), UNREAD_IN_PAIRS.into_iter());
    for place in places.iter_mut().filter(|place| place.has_ada()) {
        place.unread = match place.setting {
            Setting::Everyone => None,
            Setting::Direct => pairs.next(),
            Setting::Group(..) => groups.next(),
        }
        // Where little is said, little is left unread.
        .filter(|unread| unread * 3 <= place.messages)
        .unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::conversation, server::demo::people};

    fn laid(people: usize, count: usize, messages: usize) -> Vec<Place> {
        let mut dice = Dice::new(9);
        let people = people::cast(&mut dice, people, 0, 182 * DAY);
        lay(&mut dice, &people, count, messages, 0, 182 * DAY)
    }

    #[test]
    fn ada_is_nearly_everywhere_and_one_group_is_busy() {
        let places = laid(60, 40, 20_000);
        assert_eq!((places.len(), places.iter().map(|place| place.messages).sum::<usize>()), (40, 20_000));
        assert!(places.iter().filter(|place| place.has_ada()).count() >= 30);
        assert!(places.iter().any(|place| matches!(place.setting, Setting::Group(..)) && place.messages >= 5_000 && place.has_ada()));
        assert!((15..=20).contains(&places.iter().filter(|place| place.setting == Setting::Direct).count()));
        let mut unread: Vec<usize> = places.iter().map(|place| place.unread).filter(|unread| *unread > 0).collect();
        unread.sort_unstable();
        assert_eq!(unread, [1, 3, 12, 137]);
    }

    #[test]
    fn few_people_and_many_conversations_are_no_trouble_either() {
        for (people, count, messages) in [(2, 1, 1), (2, 2, 1), (2, 60, 500), (3, 9, 5), (5, 100, 100), (300, 1_000, 50_000)] {
            let places = laid(people, count, messages);
            assert_eq!((places.len(), places.iter().map(|place| place.messages).sum::<usize>()), (count, messages));
            assert_eq!(places[0].setting, Setting::Everyone);
            for place in places {
                assert!(place.members.is_sorted_by_key(|(_, since)| *since) && place.created <= place.members[0].1);
                if let Setting::Group(name, renamed) = place.setting {
                    for name in [Some(name), renamed].into_iter().flatten() {
                        assert_eq!(conversation::group_name(&name).unwrap(), name);
                    }
                }
            }
        }
    }
}
