//! The session cache: recently used sessions, held in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::TokenHash;
use crate::{
    domain::{Change, Entry, Millis, Person, time::MINUTE},
    server::store::events::StoreEvent,
};

/// Maximum number of sessions in memory.
const MAX_CACHED: usize = 50_000;
/// How precisely the last use of a session is stored.
const USE_PRECISION: Millis = 5 * MINUTE;

/// Recently used sessions, so that a request need not query the database for its user. The write
/// queue invalidates them before it publishes a change to anybody else, so nothing in here is ever
/// stale.
#[derive(Clone, Default)]
pub(in crate::server::store) struct SessionCache(Arc<Mutex<CachedSessions>>);

#[derive(Default)]
struct CachedSessions {
    sessions: HashMap<TokenHash, CachedSession>,
    /// Incremented at each invalidation: what was read from the database before must not be
    /// inserted after it.
    generation: u64,
}

/// A session, as the cache holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CachedSession {
    pub(super) person: Person,
    pub(super) expires: Millis,
    /// As it is stored, or about to be.
    pub(super) last_used: Millis,
}

/// The person of a session, and whether its use is to be stored.
pub(super) type Hit = (Person, bool);

impl SessionCache {
    /// The session's person.
    ///
    /// # Errors
    /// The generation at which to query and insert it.
    pub(super) fn get(&self, token_hash: &TokenHash, now: Millis) -> Result<Hit, u64> {
        let mut cached = self.lock();
        match cached.sessions.get_mut(token_hash) {
            Some(session) if session.expires > now => {
                let records_use = now - session.last_used >= USE_PRECISION;
                if records_use {
                    session.last_used = now;
                }
                Ok((session.person.clone(), records_use))
            }
            _ => Err(cached.generation),
        }
    }

    pub(super) fn insert(&self, token_hash: TokenHash, session: CachedSession, as_of: u64) {
        let mut cached = self.lock();
        if cached.generation != as_of {
            return;
        }
        if cached.sessions.len() >= MAX_CACHED {
            cached.sessions.clear();
        }
        cached.sessions.insert(token_hash, session);
    }

    /// Drops what these events change. Called after the commit, before anybody is told of it.
    pub(in crate::server::store) fn invalidate(&self, events: &[StoreEvent]) {
        for event in events {
            match event {
                StoreEvent::ReadReceipt(..) => {}
                StoreEvent::SessionsEnded(ended) => {
                    let mut cached = self.lock();
                    cached.generation += 1;
                    ended.iter().for_each(|token_hash| drop(cached.sessions.remove(token_hash)));
                }
                StoreEvent::Appended(
                    _,
                    Entry { change: Change::ProfileUpdated { profile }, .. },
                ) => {
                    let mut cached = self.lock();
                    cached.generation += 1;
                    cached
                        .sessions
                        .values_mut()
                        .filter(|session| session.person.id == profile.id)
                        .for_each(|session| session.person.clone_from(profile));
                }
                StoreEvent::Appended(..)
                // Its sessions end by an event of their own.
                | StoreEvent::Deactivated(..)
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
        let ada = Person::named(PersonId(Uuid::from_u128(1)), "ada", "Ada");
        let session =
            CachedSession { person: ada.clone(), expires: 2 * USE_PRECISION, last_used: 0 };
        let as_of = cached.get(&[1; 32], 0).unwrap_err();
        cached.insert([1; 32], session.clone(), as_of);
        assert_eq!(cached.get(&[1; 32], 9), Ok((ada.clone(), false)));
        assert_eq!(cached.get(&[1; 32], USE_PRECISION), Ok((ada.clone(), true)));
        assert_eq!(cached.get(&[1; 32], USE_PRECISION + 1), Ok((ada, false)), "stored once");
        assert!(cached.get(&[1; 32], 2 * USE_PRECISION).is_err(), "expired");
        cached.invalidate(&[StoreEvent::SessionsEnded(vec![[1; 32]])]);
        assert!(cached.get(&[1; 32], 0).is_err());
        cached.insert([1; 32], session, as_of);
        assert!(cached.get(&[1; 32], 0).is_err(), "it was read before the session ended");
    }
}
