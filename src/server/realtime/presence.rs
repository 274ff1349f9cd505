//! Presence: who is online and who of them is idle, as announced to others. A plain structure
//! without sockets or clocks. Reloading a page does not announce somebody as offline, and many who
//! connect at once are announced together.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use crate::domain::PersonId;

/// How long somebody may be disconnected before they are announced as offline.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// The changes to announce.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PresenceDelta {
    /// Who came online, and who is no longer idle.
    pub(super) online: Vec<PersonId>,
    /// Who went offline.
    pub(super) offline: Vec<PersonId>,
    /// Who is online and now idle, and was not announced as idle.
    pub(super) idle: Vec<PersonId>,
}

/// Who is online.
#[derive(Default)]
pub(super) struct Presence {
    /// Announced as online, and whether as idle.
    announced: HashMap<PersonId, bool>,
    /// Connected, and not yet announced.
    arrived: HashSet<PersonId>,
    /// Announced as online, but disconnected since.
    departed: HashMap<PersonId, Instant>,
    /// People whose browsers are all idle.
    idle: HashSet<PersonId>,
    /// Announced as online, and to be announced as offline at once.
    hidden: HashSet<PersonId>,
    /// People whose idle state may differ from what was announced.
    idle_changed: HashSet<PersonId>,
}

impl Presence {
    /// A person's first connection opened.
    pub(super) fn arrive(&mut self, person: PersonId) {
        self.departed.remove(&person);
        self.hidden.remove(&person);
        if !self.announced.contains_key(&person) {
            self.arrived.insert(person);
        }
    }

    /// A person's last connection closed.
    pub(super) fn leave(&mut self, person: PersonId, now: Instant) {
        if !self.arrived.remove(&person) && self.announced.contains_key(&person) {
            self.departed.insert(person, now);
        }
    }

    /// Sets whether all of a person's browsers are idle.
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

    /// Announces a person as offline at once, whether they are or not.
    pub(super) fn hide(&mut self, person: PersonId) {
        self.arrived.remove(&person);
        self.departed.remove(&person);
        if self.announced.contains_key(&person) {
            self.hidden.insert(person);
        }
    }

    /// The changes to announce now. `None` when there are none.
    pub(super) fn take_delta(&mut self, now: Instant) -> Option<PresenceDelta> {
        let mut delta = PresenceDelta {
            online: self.arrived.drain().collect(),
            offline: self.leaving(now),
            idle: Vec::new(),
        };
        delta.offline.extend(self.hidden.drain());
        for person in &delta.offline {
            self.departed.remove(person);
            self.announced.remove(person);
            self.idle.remove(person);
        }
        delta.idle.extend(delta.online.iter().filter(|person| self.idle.contains(person)));
        self.announced
            .extend(delta.online.iter().map(|person| (*person, self.idle.contains(person))));
        for person in self.idle_changed.drain() {
            let idle = self.idle.contains(&person);
            if self.announced.get(&person).is_some_and(|announced| *announced != idle) {
                self.announced.insert(person, idle);
                if idle { delta.idle.push(person) } else { delta.online.push(person) }
            }
        }
        (delta != PresenceDelta::default()).then_some(delta)
    }

    /// Who has been disconnected long enough to be announced as offline.
    pub(super) fn leaving(&self, now: Instant) -> Vec<PersonId> {
        self.departed
            .iter()
            .filter(|(_, since)| now.duration_since(**since) >= GRACE)
            .map(|(person, _)| *person)
            .collect()
    }

    /// Whether somebody is online.
    pub(super) fn is_online(&self, person: PersonId) -> bool {
        self.announced.contains_key(&person) || self.arrived.contains(&person)
    }

    /// Everybody announced as online, and who of them as idle.
    pub(super) fn announced(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        let idle = self.announced.iter().filter(|(_, idle)| **idle);
        (self.announced.keys().copied().collect(), idle.map(|(person, _)| *person).collect())
    }

    /// Everybody who is online, and who of them is idle.
    pub(super) fn online(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        let online_people: Vec<_> = self.announced.keys().chain(&self.arrived).copied().collect();
        let idle =
            online_people.iter().filter(|person| self.idle.contains(person)).copied().collect();
        (online_people, idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[expect(clippy::unnecessary_wraps, reason = "as it is due")]
    fn delta(
        online: &[PersonId],
        offline: &[PersonId],
        idle: &[PersonId],
    ) -> Option<PresenceDelta> {
        Some(PresenceDelta {
            online: online.to_vec(),
            offline: offline.to_vec(),
            idle: idle.to_vec(),
        })
    }

    #[test]
    fn idle_is_announced_once_and_kept_over_a_reconnect() {
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
        assert_eq!(presence.take_delta(start + GRACE), None, "it is as it was announced");
        presence.set_idle(ada, false);
        assert_eq!(presence.take_delta(start + GRACE), delta(&[ada], &[], &[]));
        presence.set_idle(ada, true);
        presence.leave(ada, start + GRACE);
        assert_eq!(presence.take_delta(start + GRACE), delta(&[], &[], &[ada]));
        assert_eq!(presence.take_delta(start + GRACE * 2), delta(&[], &[ada], &[]));
        presence.arrive(ada);
        assert_eq!(
            presence.take_delta(start + GRACE * 2),
            delta(&[ada], &[], &[]),
            "who comes anew is not idle"
        );
    }

    #[test]
    fn hidden_presence_goes_offline_at_once_and_returns_when_shown() {
        let (ada, start) = (PersonId(Uuid::from_u128(1)), Instant::now());
        let mut presence = Presence::default();
        presence.arrive(ada);
        presence.hide(ada);
        assert_eq!(
            presence.take_delta(start),
            None,
            "who was never announced is not announced as offline"
        );
        presence.arrive(ada);
        presence.set_idle(ada, true);
        assert_eq!(presence.take_delta(start), delta(&[ada], &[], &[ada]));
        presence.hide(ada);
        assert_eq!(presence.take_delta(start), delta(&[], &[ada], &[]));
        presence.leave(ada, start);
        assert_eq!(
            (presence.take_delta(start + GRACE), presence.leaving(start + GRACE)),
            (None, vec![])
        );
        presence.arrive(ada);
        assert_eq!(presence.take_delta(start + GRACE), delta(&[ada], &[], &[]));
    }

    #[test]
    fn a_reload_is_not_announced_as_offline() {
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
    fn a_short_visit_is_never_announced() {
        let ada = PersonId(Uuid::from_u128(1));
        let mut presence = Presence::default();
        presence.arrive(ada);
        presence.leave(ada, Instant::now());
        assert_eq!(presence.take_delta(Instant::now() + GRACE), None);
    }
}
