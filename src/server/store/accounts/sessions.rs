//! Sessions: who is signed in. Only a hash of each token is stored.

use super::{TokenHash, people::PersonRow};
use crate::{
    domain::{Millis, Person, PersonId},
    server::store::{Result, Store, StoreEvent, WriteTx},
};

/// Maximum number of sessions of one person; beyond that the oldest ends.
const MAX_SESSIONS: i64 = 20;
/// Lifetime of a session, in milliseconds: 30 days.
pub const SESSION_LIFETIME: Millis = 30 * 24 * 3600 * 1000;

/// A session to be started.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The person.
    pub person: PersonId,
    /// The hash of its token.
    pub token_hash: TokenHash,
    /// The browser's `User-Agent`.
    pub user_agent: String,
    /// The session that this browser had until now: it ends.
    pub replaces: Option<TokenHash>,
}

impl Store {
    /// Starts a session; beyond 20 the oldest ends.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn start_session(&self, new: NewSession) -> Result<()> {
        self.write(move |tx| Box::pin(async move { tx.start_session(&new).await })).await
    }

    /// Ends a session. Its sockets are closed after the commit.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn end_session(&self, token_hash: TokenHash) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                sqlx::query("delete from sessions where token_hash = $1")
                    .bind(token_hash.to_vec())
                    .execute(&mut tx.connection)
                    .await?;
                tx.emit(StoreEvent::SessionsEnded(vec![token_hash]));
                Ok(())
            })
        })
        .await
    }

    /// The person of a session that has not expired.
    ///
    /// # Errors
    /// A database error.
    pub async fn session(&self, token_hash: &TokenHash) -> Result<Option<Person>> {
        let as_of = match self.session_cache.get(token_hash, self.clock.now()) {
            Ok(person) => return Ok(Some(person)),
            Err(as_of) => as_of,
        };
        let row: Option<SessionRow> = sqlx::query_as(
            "select s.expires, p.id, p.username, p.display_name, p.status_emoji, p.status_text, \
             p.face from sessions s join people p on p.id = s.person \
             where s.token_hash = $1 and s.expires > $2 and p.deactivated is null",
        )
        .bind(token_hash.to_vec())
        .bind(self.clock.now())
        .fetch_optional(&self.readers)
        .await?;
        let Some(SessionRow { expires, person }) = row else { return Ok(None) };
        let person: Person = person.into();
        self.session_cache.insert(*token_hash, person.clone(), expires, as_of);
        Ok(Some(person))
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    expires: Millis,
    #[sqlx(flatten)]
    person: PersonRow,
}

impl WriteTx {
    async fn start_session(&mut self, new: &NewSession) -> Result<()> {
        sqlx::query("delete from sessions where person = $1 and expires <= $2")
            .bind(new.person)
            .bind(self.now)
            .execute(&mut self.connection)
            .await?;
        let mut ended: Vec<TokenHash> = Vec::new();
        // First, so that signing in again in the same browser makes room for itself and ends no
        // other device.
        if let Some(before) = new.replaces {
            sqlx::query("delete from sessions where token_hash = $1")
                .bind(before.to_vec())
                .execute(&mut self.connection)
                .await?;
            ended.push(before);
        }
        let oldest: Vec<(Vec<u8>,)> = sqlx::query_as(
            "delete from sessions where token_hash in (select token_hash from sessions \
             where person = $1 order by created desc, token_hash limit 1000 offset $2) \
             returning token_hash",
        )
        .bind(new.person)
        .bind(MAX_SESSIONS - 1)
        .fetch_all(&mut self.connection)
        .await?;
        ended.extend(oldest.into_iter().filter_map(|(hash,)| TokenHash::try_from(hash).ok()));
        sqlx::query(
            "insert into sessions (token_hash, person, created, expires, device) \
             values ($1, $2, $3, $4, $5)",
        )
        .bind(new.token_hash.to_vec())
        .bind(new.person)
        .bind(self.now)
        .bind(self.now + SESSION_LIFETIME)
        .bind(&new.user_agent)
        .execute(&mut self.connection)
        .await?;
        if !ended.is_empty() {
            self.emit(StoreEvent::SessionsEnded(ended));
        }
        Ok(())
    }
}
