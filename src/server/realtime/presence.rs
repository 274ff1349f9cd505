//! Who is online, as it is told: a plain structure without sockets or clocks. Somebody who reloads a page is not told as
//! gone, and many who come at once are told together.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use crate::domain::PersonId;

/// How long somebody may be away before it is told.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Who is online.
#[derive(Default)]
pub(super) struct Presence {
    /// Told as online.
    told: HashSet<PersonId>,
    /// Came, and not yet told.
    came: HashSet<PersonId>,
    /// Told as online, but gone since.
    gone: HashMap<PersonId, Instant>,
}

impl Presence {
    /// Somebody's first socket opened.
    pub(super) fn arrive(&mut self, person: PersonId) {
        self.gone.remove(&person);
        if !self.told.contains(&person) {
            self.came.insert(person);
        }
    }

    /// Somebody's last socket closed.
    pub(super) fn leave(&mut self, person: PersonId, now: Instant) {
        if !self.came.remove(&person) && self.told.contains(&person) {
            self.gone.insert(person, now);
        }
    }

    /// What is to be told now: who came, who went. `None` when there is nothing.
    pub(super) fn due(&mut self, now: Instant) -> Option<(Vec<PersonId>, Vec<PersonId>)> {
        let came: Vec<_> = self.came.drain().collect();
        let gone: Vec<_> = self.gone.iter().filter(|(_, since)| now.duration_since(**since) >= GRACE).map(|(person, _)| *person).collect();
        self.told.extend(&came);
        for person in &gone {
            self.gone.remove(person);
            self.told.remove(person);
        }
        (!came.is_empty() || !gone.is_empty()).then_some((came, gone))
    }

    /// Everybody of whom it was told.
    pub(super) fn told(&self) -> Vec<PersonId> {
        self.told.iter().copied().collect()
    }

    /// Everybody who is there.
    pub(super) fn online(&self) -> Vec<PersonId> {
        self.told.iter().chain(&self.came).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_reload_is_no_departure() {
        let (ada, start) = (PersonId(Uuid::from_u128(1)), Instant::now());
        let mut presence = Presence::default();
        presence.arrive(ada);
        assert_eq!(presence.due(start), Some((vec![ada], vec![])));
        presence.leave(ada, start);
        presence.arrive(ada);
        assert_eq!(presence.due(start + GRACE * 2), None);
        presence.leave(ada, start);
        assert_eq!(presence.due(start), None, "not yet");
        assert_eq!(presence.online(), vec![ada]);
        assert_eq!(presence.due(start + GRACE), Some((vec![], vec![ada])));
        assert!(presence.online().is_empty());
    }

    #[test]
    fn who_came_and_went_untold_was_never_there() {
        let ada = PersonId(Uuid::from_u128(1));
        let mut presence = Presence::default();
        presence.arrive(ada);
        presence.leave(ada, Instant::now());
        assert_eq!(presence.due(Instant::now() + GRACE), None);
    }
}
