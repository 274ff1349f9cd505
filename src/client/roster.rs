//! The people, and who of them is online.

use std::collections::{HashMap, HashSet};

use crate::domain::{Person, PersonId};

/// Everybody who is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    people: HashMap<PersonId, Person>,
    /// By display name, without case.
    order: Vec<PersonId>,
    online: HashSet<PersonId>,
}

impl Roster {
    /// From a snapshot.
    #[must_use]
    pub fn new(people: Vec<Person>, online: Vec<PersonId>) -> Self {
        let mut roster = Self { online: online.into_iter().collect(), ..Self::default() };
        roster.order = people.iter().map(|person| person.id).collect();
        roster.people = people.into_iter().map(|person| (person.id, person)).collect();
        roster.sort();
        roster
    }

    /// Somebody, if they are known.
    #[must_use]
    pub fn find(&self, id: PersonId) -> Option<&Person> {
        self.people.get(&id)
    }

    /// What somebody is called.
    #[must_use]
    pub fn name(&self, id: PersonId) -> String {
        self.find(id).map_or_else(|| "Somebody".to_owned(), |person| person.display_name.clone())
    }

    /// Somebody by username, in lower case.
    #[must_use]
    pub fn by_username(&self, username: &str) -> Option<&Person> {
        self.people.values().find(|person| person.username == username)
    }

    /// Everybody, by display name.
    pub fn all(&self) -> impl Iterator<Item = &Person> {
        self.order.iter().filter_map(|id| self.people.get(id))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether somebody is online.
    #[must_use]
    pub fn is_online(&self, id: PersonId) -> bool {
        self.online.contains(&id)
    }

    /// Somebody registered.
    pub fn add(&mut self, person: Person) {
        if !self.people.contains_key(&person.id) {
            self.order.push(person.id);
        }
        self.people.insert(person.id, person);
        self.sort();
    }

    /// Who is online.
    #[must_use]
    pub fn online(&self) -> Vec<PersonId> {
        self.online.iter().copied().collect()
    }

    /// These and no others are online.
    pub fn set_online(&mut self, online: Vec<PersonId>) {
        self.online = online.into_iter().collect();
    }

    /// These came, those went.
    pub fn shift_online(&mut self, came: Vec<PersonId>, went: &[PersonId]) {
        self.online.extend(came);
        for id in went {
            self.online.remove(id);
        }
    }

    fn sort(&mut self) {
        let people = &self.people;
        self.order.sort_by_cached_key(|id| (people.get(id).map(|person| person.display_name.to_lowercase()), *id));
    }
}
