//! The users, and their presence.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{
    client::text,
    domain::{
        Person, PersonId,
        person::{self, Status},
    },
};

/// All registered users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    people: HashMap<PersonId, Person>,
    /// Ids of those whose account is not deactivated, ordered by display name, ignoring case.
    order: Vec<PersonId>,
    /// Users whose display name is not unique.
    namesakes: Vec<PersonId>,
    /// Hash of all names.
    names: u64,
    online: HashSet<PersonId>,
    /// Online users without recent activity.
    idle: HashSet<PersonId>,
}

/// Presence of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Offline, or hidden.
    Offline,
    /// Online.
    Online,
    /// Online without recent activity.
    Idle,
}

impl Presence {
    /// CSS class of the presence dot.
    #[must_use]
    pub const fn dot(self) -> &'static str {
        match self {
            Self::Offline => "dot",
            Self::Online => "dot on",
            Self::Idle => "dot on idle",
        }
    }
}

impl Roster {
    /// From a snapshot.
    #[must_use]
    pub fn new(people: Vec<Person>, online: Vec<PersonId>, idle: Vec<PersonId>) -> Self {
        let mut roster = Self::default();
        roster.set_online(online, idle);
        roster.people = people.into_iter().map(|person| (person.id, person)).collect();
        roster.sort();
        roster
    }

    /// A user, if known.
    #[must_use]
    pub fn find(&self, id: PersonId) -> Option<&Person> {
        self.people.get(&id)
    }

    /// Display name of a user.
    #[must_use]
    pub fn name(&self, id: PersonId) -> String {
        self.find(id)
            .map_or_else(|| text::UNKNOWN_PERSON.to_owned(), |person| person.display_name.clone())
    }

    /// `@` and username, if the display name is ambiguous.
    #[must_use]
    pub fn handle(&self, id: PersonId) -> Option<String> {
        self.find(id)
            .filter(|_| self.namesakes.contains(&id))
            .map(|person| format!("@{}", person.username))
    }

    /// Display name, with the username if it is ambiguous.
    #[must_use]
    pub fn label(&self, id: PersonId) -> String {
        let name = self.name(id);
        // A left-to-right mark keeps `@` before the username after a right-to-left name.
        let mark = if name.chars().any(is_right_to_left) { "\u{200e}" } else { "" };
        self.handle(id).map_or_else(|| name.clone(), |handle| format!("{name} ({mark}{handle})"))
    }

    /// Changes when a name changes or becomes ambiguous.
    #[must_use]
    pub const fn names(&self) -> u64 {
        self.names
    }

    /// A user's status on one line.
    #[must_use]
    pub fn status(&self, id: PersonId) -> String {
        self.find(id)
            .and_then(|person| person.status.as_ref())
            .map(Status::words)
            .unwrap_or_default()
    }

    /// A user by lower-case username.
    #[must_use]
    pub fn by_username(&self, username: &str) -> Option<&Person> {
        self.people.values().find(|person| person.username == username)
    }

    /// All users whose account is not deactivated, by display name.
    pub fn all(&self) -> impl Iterator<Item = &Person> {
        self.order.iter().filter_map(|id| self.people.get(id))
    }

    /// All users, in no order, also those whose account is deactivated.
    pub fn with_deactivated(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// Number of users whose account is not deactivated.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether a user is online.
    #[must_use]
    pub fn is_online(&self, id: PersonId) -> bool {
        self.online.contains(&id)
    }

    /// Presence of a user.
    #[must_use]
    pub fn presence(&self, id: PersonId) -> Presence {
        match (self.is_online(id), self.idle.contains(&id)) {
            (false, _) => Presence::Offline,
            (true, false) => Presence::Online,
            (true, true) => Presence::Idle,
        }
    }

    /// Adds or replaces a user.
    pub fn add(&mut self, person: Person) {
        self.people.insert(person.id, person);
        self.sort();
    }

    /// The online users, and the idle ones of them.
    #[must_use]
    pub fn online(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        (self.online.iter().copied().collect(), self.idle.iter().copied().collect())
    }

    /// Replaces the online and idle users.
    pub fn set_online(&mut self, online: Vec<PersonId>, idle: Vec<PersonId>) {
        self.online = online.into_iter().collect();
        self.idle = idle.into_iter().collect();
    }

    /// Applies a presence change: users online or active again, users offline, users idle.
    pub fn shift_online(&mut self, came: Vec<PersonId>, went: &[PersonId], idle: Vec<PersonId>) {
        for id in came.iter().chain(went) {
            self.idle.remove(id);
        }
        self.online.extend(came);
        for id in went {
            self.online.remove(id);
        }
        self.idle.extend(idle);
    }

    fn sort(&mut self) {
        let mut sorted: Vec<(String, PersonId)> =
            self.people.values().map(|one| (person::name_key(&one.display_name), one.id)).collect();
        sorted.sort_unstable();
        let shared = sorted.chunk_by(|one, other| one.0 == other.0).filter(|alike| alike.len() > 1);
        self.namesakes = shared.flatten().map(|(_, id)| *id).collect();
        let is_active = |id: &PersonId| self.find(*id).is_some_and(|one| !one.deactivated);
        self.order = sorted.into_iter().map(|(_, id)| id).filter(is_active).collect();
        let mut names = DefaultHasher::new();
        self.all().for_each(|one| (one.id, &one.display_name, &one.username).hash(&mut names));
        self.names = names.finish();
    }
}

/// Whether a character is Hebrew, Arabic or of a related script.
const fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn idle_users_stay_online_until_they_return_or_leave() {
        let (ada, grace) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let mut roster = Roster::new(Vec::new(), vec![ada, grace], vec![grace]);
        assert_eq!(
            (roster.presence(ada), roster.presence(grace)),
            (Presence::Online, Presence::Idle)
        );
        roster.shift_online(vec![grace], &[], vec![ada]);
        assert_eq!(
            (roster.presence(ada), roster.presence(grace)),
            (Presence::Idle, Presence::Online)
        );
        roster.shift_online(Vec::new(), &[ada], Vec::new());
        roster.shift_online(vec![ada], &[], Vec::new());
        assert_eq!(roster.presence(ada), Presence::Online, "who comes again is not idle");
        roster.shift_online(vec![ada], &[grace], vec![ada]);
        assert_eq!(
            (roster.presence(ada), roster.presence(grace)),
            (Presence::Idle, Presence::Offline)
        );
    }

    #[test]
    fn deactivated_users_are_known_but_not_listed() {
        let id = |n| PersonId(Uuid::from_u128(n));
        let ada = Person::named(id(1), "ada", "Ada");
        let mut roster = Roster::new(vec![ada.clone()], Vec::new(), Vec::new());
        assert_eq!(roster.len(), 1);
        roster.add(Person { deactivated: true, ..ada.clone() });
        assert!(roster.is_empty() && roster.all().next().is_none());
        assert_eq!(roster.label(ada.id), "Ada");
        assert_eq!(roster.with_deactivated().count(), 1);
        roster.add(ada);
        assert_eq!(roster.len(), 1, "reactivated");
    }

    #[test]
    fn ambiguous_display_names_are_shown_with_usernames() {
        let person = |id: u128, username: &str, name: &str| {
            Person::named(PersonId(Uuid::from_u128(id)), username, name)
        };
        let ids: Vec<PersonId> = (1..=3).map(|id| PersonId(Uuid::from_u128(id))).collect();
        let mut roster = Roster::new(
            vec![person(1, "maria", "Maria Silva"), person(2, "ada", "Ada")],
            Vec::new(),
            Vec::new(),
        );
        let names = roster.names();
        assert_eq!(
            (roster.label(ids[0]), roster.label(ids[1])),
            ("Maria Silva".into(), "Ada".into())
        );
        roster.add(person(3, "maria2", "maria  silva"));
        assert_eq!(roster.label(ids[0]), "Maria Silva (@maria)");
        assert_eq!(roster.handle(ids[2]).as_deref(), Some("@maria2"));
        assert_eq!(roster.handle(ids[1]), None);
        assert_ne!(roster.names(), names, "who shows a name hears of it");
        assert_eq!(
            roster.all().map(|person| person.username.as_str()).collect::<Vec<_>>(),
            ["ada", "maria", "maria2"]
        );
        roster.add(person(1, "noor", "نور"));
        roster.add(person(3, "noor2", "نور"));
        assert_eq!(
            roster.label(ids[0]),
            "نور (\u{200e}@noor)",
            "the sign stands before the username in any direction"
        );
        roster.add(person(1, "maria", "Maria Silva"));
        roster.add(person(3, "maria2", "Maria Costa"));
        assert_eq!(roster.label(ids[0]), "Maria Silva", "one of them has another name now");
        assert_eq!(
            roster.names(),
            Roster::new(roster.all().cloned().collect(), ids.clone(), Vec::new()).names(),
            "who is online is no name"
        );
    }
}
