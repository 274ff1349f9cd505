//! The session cache: recently used sessions, held in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::TokenHash;
use crate::{
    domain::{Change, Entry, Millis, Person},
    server::store::events::StoreEvent,
};

/// Maximum number of sessions in memory.
const MAX_CACHED: usize = 50_000;
/// Recently used sessions, so that a request need not query the database for its user. The write
/// queue invalidates them before it publishes a change to anybody else, so nothing in here is ever
/// stale.
#[derive(Clone, Default)]
pub(in crate::server::store) struct SessionCache(Arc<Mutex<CachedSessions>>);

#[derive(Default)]
struct CachedSessions {
    people: HashMap<TokenHash, (Person, Millis)>,
    /// Incremented at each invalidation: what was read from the database before must not be
    /// inserted after it.
    generation: u64,
}

impl SessionCache {
    /// The session's person.
    ///
    /// # Errors
    /// The generation at which to query and insert it.
    pub(super) fn get(&self, token_hash: &TokenHash, now: Millis) -> Result<Person, u64> {
        let cached = self.lock();
        match cached.people.get(token_hash) {
            Some((person, expires)) if *expires > now => Ok(person.clone()),
            _ => Err(cached.generation),
        }
    }

    pub(super) fn insert(
        &self,
        token_hash: TokenHash,
        person: Person,
        expires: Millis,
        as_of: u64,
    ) {
        let mut cached = self.lock();
        if cached.generation != as_of {
            return;
        }
        if cached.people.len() >= MAX_CACHED {
            cached.people.clear();
        }
        cached.people.insert(token_hash, (person, expires));
    }

    /// Drops what these events change. Called after the commit, before anybody is told of it.
    pub(in crate::server::store) fn invalidate(&self, events: &[StoreEvent]) {
        for event in events {
            match event {
                StoreEvent::ReadReceipt(..) => {}
                StoreEvent::SessionsEnded(ended) => {
                    let mut cached = self.lock();
                    cached.generation += 1;
                    ended.iter().for_each(|token_hash| drop(cached.people.remove(token_hash)));
                }
                StoreEvent::Appended(
                    _,
                    Entry { change: Change::ProfileUpdated { profile }, .. },
                ) => {
                    let mut cached = self.lock();
                    cached.generation += 1;
                    cached
                        .people
                        .values_mut()
                        .filter(|(person, _)| person.id == profile.id)
                        .for_each(|(person, _)| person.clone_from(profile));
                }
                StoreEvent::Appended(..)
                | StoreEvent::MemberJoined(..)
                | StoreEvent::MemberLeft(..) => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, CachedSessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;
    use uuid::Uuid;

    #[test]
    fn an_ended_session_is_evicted_and_not_inserted_again() {
        let cached = SessionCache::default();
        let ada = Person {
            id: PersonId(Uuid::from_u128(1)),
            username: "ada".into(),
            display_name: "Ada".into(),
            status: None,
            avatar: None,
        };
        let as_of = cached.get(&[1; 32], 0).unwrap_err();
        cached.insert([1; 32], ada.clone(), 10, as_of);
        assert_eq!(cached.get(&[1; 32], 9), Ok(ada.clone()));
        assert!(cached.get(&[1; 32], 10).is_err(), "expired");
        cached.invalidate(&[StoreEvent::SessionsEnded(vec![[1; 32]])]);
        assert!(cached.get(&[1; 32], 0).is_err());
        cached.insert([1; 32], ada, 10, as_of);
        assert!(cached.get(&[1; 32], 0).is_err(), "it was read before the session ended");
    }
}
