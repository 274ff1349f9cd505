//! Who is signed in. Only a hash of each token is kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    domain::{Change, Entry, Millis, Person, PersonId},
    server::{
        clock,
        store::{Ledger, News, Outcome, Store},
    },
};

/// SHA-256 of a session's token.
pub type TokenHash = [u8; 32];

/// Most sessions of one person; the oldest ends when there is another.
const MOST_SESSIONS: i64 = 20;
/// Most sessions that are held in memory.
const MOST_KNOWN: usize = 50_000;
/// How long a session lasts, in milliseconds: 30 days.
pub const SESSION_LASTS: Millis = 30 * 24 * 3600 * 1000;

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose.
    pub person: PersonId,
    /// Its token's hash.
    pub token_hash: TokenHash,
    /// What the browser said it is.
    pub device: String,
    /// The session that this browser had until now: it ends.
    pub instead_of: Option<TokenHash>,
}

impl Store {
    /// Begins a session; of more than 20 the oldest end.
    ///
    /// # Errors
    /// Only that it could not be written.
    pub async fn begin_session(&self, new: NewSession) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(async move { ledger.begin_session(&new).await })).await
    }

    /// Ends a session. Its sockets are closed once this is committed.
    ///
    /// # Errors
    /// Only that it could not be written.
    pub async fn end_session(&self, token_hash: TokenHash) -> Outcome<()> {
        self.perform(move |ledger| {
            Box::pin(async move {
                sqlx::query("delete from sessions where token_hash = $1").bind(token_hash.to_vec()).execute(&mut ledger.connection).await?;
                ledger.tell(News::SessionsEnded(vec![token_hash]));
                Ok(())
            })
        })
        .await
    }

    /// Whose session this is, if it is one and has not run out.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn session(&self, token_hash: &TokenHash) -> Outcome<Option<Person>> {
        let as_of = match self.known.find(token_hash, clock::now()) {
            Ok(person) => return Ok(Some(person)),
            Err(as_of) => as_of,
        };
        let row: Option<SessionRow> = sqlx::query_as(
            "select s.expires, p.id, p.username, p.display_name, p.status_emoji, p.status_text, p.face from sessions s join people p on p.id = s.person \
             where s.token_hash = $1 and s.expires > $2 and p.deactivated is null",
        )
        .bind(token_hash.to_vec())
        .bind(clock::now())
        .fetch_optional(&self.readers)
        .await?;
        let Some(SessionRow { expires, person }) = row else { return Ok(None) };
        let person: Person = person.into();
        self.known.keep(*token_hash, person.clone(), expires, as_of);
        Ok(Some(person))
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    expires: Millis,
    #[sqlx(flatten)]
    person: super::people::PersonRow,
}

/// Sessions that were asked for lately, so that a request need not ask the engine who sends it. What ends a session is
/// committed by the one writer, which tells it here before it tells anybody else: so nothing in here is ever stale.
#[derive(Clone, Default)]
pub(in crate::server::store) struct Known(Arc<Mutex<KnownSessions>>);

#[derive(Default)]
struct KnownSessions {
    people: HashMap<TokenHash, (Person, Millis)>,
    /// How often something was forgotten: who read the tables before that must not be remembered after it.
    forgotten: u64,
}

impl Known {
    /// Whose session this is, or the moment as of which it may be asked for and kept.
    fn find(&self, token_hash: &TokenHash, now: Millis) -> Result<Person, u64> {
        let known = self.lock();
        match known.people.get(token_hash) {
            Some((person, expires)) if *expires > now => Ok(person.clone()),
            _ => Err(known.forgotten),
        }
    }

    fn keep(&self, token_hash: TokenHash, person: Person, expires: Millis, as_of: u64) {
        let mut known = self.lock();
        if known.forgotten != as_of {
            return;
        }
        if known.people.len() >= MOST_KNOWN {
            known.people.clear();
        }
        known.people.insert(token_hash, (person, expires));
    }

    /// Forgets what this changes. To be called after the commit, before anybody is told of it.
    pub(in crate::server::store) fn heed(&self, news: &[News]) {
        for item in news {
            match item {
                News::Seen(..) => {}
                News::SessionsEnded(ended) => {
                    let mut known = self.lock();
                    known.forgotten += 1;
                    ended.iter().for_each(|token_hash| drop(known.people.remove(token_hash)));
                }
                News::Happened(_, Entry { change: Change::PersonChanged { profile }, .. }) => {
                    let mut known = self.lock();
                    known.forgotten += 1;
                    known.people.values_mut().filter(|(person, _)| person.id == profile.id).for_each(|(person, _)| person.clone_from(profile));
                }
                News::Happened(_, entry) if !entry.change.leaves_people_as_they_are() => {
                    let mut known = self.lock();
                    known.forgotten += 1;
                    known.people.clear();
                }
                News::Happened(..) | News::Joined(..) | News::Left(..) => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, KnownSessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Change {
    /// Whether everybody is afterwards who they were before: a change that is not named here makes all sessions be read again.
    const fn leaves_people_as_they_are(&self) -> bool {
        matches!(
            self,
            Self::Posted { .. }
                | Self::Edited { .. }
                | Self::Deleted { .. }
                | Self::Restored { .. }
                | Self::Reacted { .. }
                | Self::Pinned { .. }
                | Self::Settled { .. }
                | Self::Previewed { .. }
                | Self::Created { .. }
                | Self::Renamed { .. }
                | Self::Pictured { .. }
                | Self::MemberAdded { .. }
                | Self::MemberRemoved { .. }
                | Self::MemberLeft { .. }
                | Self::Registered { .. }
                | Self::ConversationAdded { .. }
                | Self::ConversationRemoved { .. }
                | Self::PrivacySet { .. }
                | Self::LevelSet { .. }
                | Self::ConversationPinned { .. }
                | Self::DraftKept { .. }
                | Self::Saved { .. }
                | Self::ReadingSet { .. }
                | Self::ReadMoved { .. }
        )
    }
}

impl Ledger {
    async fn begin_session(&mut self, new: &NewSession) -> Outcome<()> {
        sqlx::query("delete from sessions where person = $1 and expires <= $2").bind(new.person).bind(self.now).execute(&mut self.connection).await?;
        let mut ended: Vec<TokenHash> = Vec::new();
        // First, so that signing in again in the same browser makes room for itself and ends no other device.
        if let Some(before) = new.instead_of {
            sqlx::query("delete from sessions where token_hash = $1").bind(before.to_vec()).execute(&mut self.connection).await?;
            ended.push(before);
        }
        let oldest: Vec<(Vec<u8>,)> = sqlx::query_as(
            "delete from sessions where token_hash in (select token_hash from sessions where person = $1 order by created desc, token_hash limit 1000 offset $2) \
             returning token_hash",
        )
        .bind(new.person)
        .bind(MOST_SESSIONS - 1)
        .fetch_all(&mut self.connection)
        .await?;
        ended.extend(oldest.into_iter().filter_map(|(hash,)| TokenHash::try_from(hash).ok()));
        sqlx::query("insert into sessions (token_hash, person, created, expires, device) values ($1, $2, $3, $4, $5)")
            .bind(new.token_hash.to_vec())
            .bind(new.person)
            .bind(self.now)
            .bind(self.now + SESSION_LASTS)
            .bind(&new.device)
            .execute(&mut self.connection)
            .await?;
        if !ended.is_empty() {
            self.tell(News::SessionsEnded(ended));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_ended_session_is_forgotten_and_not_remembered_from_before() {
        let known = Known::default();
        let ada = Person { id: PersonId(Uuid::from_u128(1)), username: "ada".into(), display_name: "Ada".into(), status: None, face: None };
        let as_of = known.find(&[1; 32], 0).unwrap_err();
        known.keep([1; 32], ada.clone(), 10, as_of);
        assert_eq!(known.find(&[1; 32], 9), Ok(ada.clone()));
        assert!(known.find(&[1; 32], 10).is_err(), "run out");
        known.heed(&[News::SessionsEnded(vec![[1; 32]])]);
        assert!(known.find(&[1; 32], 0).is_err());
        known.keep([1; 32], ada, 10, as_of);
        assert!(known.find(&[1; 32], 0).is_err(), "it was read before the end");
    }
}
