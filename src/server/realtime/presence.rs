//! Who is online and who of them is idle, as it is told: a plain structure without sockets or clocks. Somebody who reloads a
//! page is not told as gone, and many who come at once are told together.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use crate::domain::PersonId;

/// How long somebody may be away before it is told.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// What is to be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PresenceDelta {
    /// Who came, and who is idle no more.
    pub(super) online: Vec<PersonId>,
    /// Who went.
    pub(super) offline: Vec<PersonId>,
    /// Who is online and idle now, and was not told as that.
    pub(super) idle: Vec<PersonId>,
}

/// Who is online.
#[derive(Default)]
pub(super) struct Presence {
    /// Told as online, and whether as idle.
    announced: HashMap<PersonId, bool>,
    /// Came, and not yet told.
    arrived: HashSet<PersonId>,
    /// Told as online, but gone since.
    departed: HashMap<PersonId, Instant>,
    /// Whom nobody has touched a browser for.
    idle: HashSet<PersonId>,
    /// Told as online, and to be told as gone at once.
    hidden: HashSet<PersonId>,
    /// May be told otherwise than they are, idle or not.
    idle_changed: HashSet<PersonId>,
}

impl Presence {
    /// Somebody's first socket opened.
    pub(super) fn arrive(&mut self, person: PersonId) {
        self.departed.remove(&person);
        self.hidden.remove(&person);
        if !self.announced.contains_key(&person) {
            self.arrived.insert(person);
        }
    }

    /// Somebody's last socket closed.
    pub(super) fn leave(&mut self, person: PersonId, now: Instant) {
        if !self.arrived.remove(&person) && self.announced.contains_key(&person) {
            self.departed.insert(person, now);
        }
    }

    /// Nobody touches any of somebody's browsers, or somebody does again.
    pub(super) fn set_idle(&mut self, person: PersonId, idle: bool) {
        if idle != self.idle.contains(&person) {
            if idle {
                self.idle.insert(person)
            } else {
                self.idle.remove(&person)
            };
            self.idle_changed.insert(person);
        }
    }

    /// Somebody is to be told as gone, whether they are or not, and without waiting.
    pub(super) fn hide(&mut self, person: PersonId) {
        self.arrived.remove(&person);
        self.departed.remove(&person);
        if self.announced.contains_key(&person) {
            self.hidden.insert(person);
        }
    }

    /// What is to be told now. `None` when there is nothing.
    pub(super) fn take_delta(&mut self, now: Instant) -> Option<PresenceDelta> {
        let mut delta = PresenceDelta { online: self.arrived.drain().collect(), offline: self.leaving(now), idle: Vec::new() };
        delta.offline.extend(self.hidden.drain());
        for person in &delta.offline {
            self.departed.remove(person);
            self.announced.remove(person);
            self.idle.remove(person);
        }
        delta.idle.extend(delta.online.iter().filter(|person| self.idle.contains(person)));
        self.announced.extend(delta.online.iter().map(|person| (*person, self.idle.contains(person))));
        for person in self.idle_changed.drain() {
            let idle = self.idle.contains(&person);
            if self.announced.get(&person).is_some_and(|announced| *announced != idle) {
                self.announced.insert(person, idle);
                if idle { delta.idle.push(person) } else { delta.online.push(person) }
            }
        }
        (delta != PresenceDelta::default()).then_some(delta)
    }

    /// Who has been away for so long that it is to be told.
    pub(super) fn leaving(&self, now: Instant) -> Vec<PersonId> {
        self.departed.iter().filter(|(_, since)| now.duration_since(**since) >= GRACE).map(|(person, _)| *person).collect()
    }

    /// Whether somebody is there.
    pub(super) fn is_online(&self, person: PersonId) -> bool {
        self.announced.contains_key(&person) || self.arrived.contains(&person)
    }

    /// Everybody of whom it was told that they are online, and who of them as idle.
    pub(super) fn announced(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        let idle = self.announced.iter().filter(|(_, idle)| **idle);
        (self.announced.keys().copied().collect(), idle.map(|(person, _)| *person).collect())
    }

    /// Everybody who is there, and who of them is idle.
    pub(super) fn online(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        let online_people: Vec<_> = self.announced.keys().chain(&self.arrived).copied().collect();
        let idle = online_people.iter().filter(|person| self.idle.contains(person)).copied().collect();
        (online_people, idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[expect(clippy::unnecessary_wraps, reason = "as it is due")]
    fn delta(online: &[PersonId], offline: &[PersonId], idle: &[PersonId]) -> Option<PresenceDelta> {
        Some(PresenceDelta { online: online.to_vec(), offline: offline.to_vec(), idle: idle.to_vec() })
    }

    #[test]
    fn who_is_idle_is_told_once_and_stays_so_over_a_new_connection() {
        let (ada, start) = (PersonId(Uuid::from_u128(1)), Instant::now());
        let mut presence = Presence::default();
        presence.arrive(ada);
        presence.set_idle(ada, true);
        assert_eq!(presence.take_delta(start), delta(&[ada], &[], &[ada]));
        assert_eq!(presence.announced(), (vec![ada], vec![ada]));
        presence.leave(ada, start);
        presence.arrive(ada);
        presence.set_idle(ada, true);
        assert_eq!(presence.take_delta(start + GRACE), None);
        presence.set_idle(ada, false);
        presence.set_idle(ada, true);
        assert_eq!(presence.take_delta(start + GRACE), None, "it is as it was told");
        presence.set_idle(ada, false);
        assert_eq!(presence.take_delta(start + GRACE), delta(&[ada], &[], &[]));
        presence.set_idle(ada, true);
        presence.leave(ada, start + GRACE);
        assert_eq!(presence.take_delta(start + GRACE), delta(&[], &[], &[ada]));
        assert_eq!(presence.take_delta(start + GRACE * 2), delta(&[], &[ada], &[]));
        presence.arrive(ada);
        assert_eq!(presence.take_delta(start + GRACE * 2), delta(&[ada], &[], &[]), "who comes anew is not idle");
    }

    #[test]
    fn who_hides_is_gone_at_once_and_comes_back_when_they_show_themselves() {
        let (ada, start) = (PersonId(Uuid::from_u128(1)), Instant::now());
        let mut presence = Presence::default();
        presence.arrive(ada);
        presence.hide(ada);
        assert_eq!(presence.take_delta(start), None, "of whom nothing was told, nothing is");
        presence.arrive(ada);
        presence.set_idle(ada, true);
        assert_eq!(presence.take_delta(start), delta(&[ada], &[], &[ada]));
        presence.hide(ada);
        assert_eq!(presence.take_delta(start), delta(&[], &[ada], &[]));
        presence.leave(ada, start);
        assert_eq!((presence.take_delta(start + GRACE), presence.leaving(start + GRACE)), (None, vec![]));
        presence.arrive(ada);
        assert_eq!(presence.take_delta(start + GRACE), delta(&[ada], &[], &[]));
    }

    #[test]
    fn a_reload_is_no_departure() {
        let (ada, start) = (PersonId(Uuid::from_u128(1)), Instant::now());
        let mut presence = Presence::default();
        presence.arrive(ada);
        assert_eq!(presence.take_delta(start), delta(&[ada], &[], &[]));
        presence.leave(ada, start);
        presence.arrive(ada);
        assert_eq!(presence.take_delta(start + GRACE * 2), None);
        presence.leave(ada, start);
        assert_eq!(presence.take_delta(start), None, "not yet");
        assert_eq!(presence.online().0, vec![ada]);
        assert_eq!(presence.take_delta(start + GRACE), delta(&[], &[ada], &[]));
        assert!(presence.online().0.is_empty());
    }

    #[test]
    fn who_came_and_went_untold_was_never_there() {
        let ada = PersonId(Uuid::from_u128(1));
        let mut presence = Presence::default();
        presence.arrive(ada);
        presence.leave(ada, Instant::now());
        assert_eq!(presence.take_delta(Instant::now() + GRACE), None);
    }
}
