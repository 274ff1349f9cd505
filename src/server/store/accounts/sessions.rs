//! Sessions: who is signed in. Only a hash of each token is stored.

use super::{
    TokenHash,
    audit_log::{Actor, session_id},
    people::PersonRow,
    session_cache::CachedSession,
};
use crate::{
    domain::{ChatError, Code, Millis, Person, PersonId, account::Session, device},
    server::{
        error::AppError,
        store::{Result, Store, StoreEvent, WriteTx},
    },
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
    /// The hash of the password that was checked for it, if one was.
    pub verified: Option<String>,
}

/// The username or the password is wrong; the error does not say which.
#[must_use]
pub fn wrong_credentials() -> ChatError {
    ChatError::new(Code::WrongCredentials, "Incorrect username or password.")
}

impl Store {
    /// Starts a session; beyond 20 the oldest ends.
    ///
    /// # Errors
    /// `wrong_credentials` when the account was deactivated or its password changed meanwhile.
    pub async fn start_session(&self, new: NewSession) -> Result<()> {
        self.write(move |tx| Box::pin(async move { tx.start_session(&new).await })).await
    }

    /// Ends a session. Its sockets are closed after the commit.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn end_session(&self, token_hash: TokenHash) -> Result<()> {
        self.write(move |tx| Box::pin(tx.end_session(token_hash))).await
    }

    /// The person of a session that has not expired.
    ///
    /// # Errors
    /// A database error.
    pub async fn session(&self, token_hash: &TokenHash) -> Result<Option<Person>> {
        let now = self.clock.now();
        let as_of = match self.session_cache.get(token_hash, now) {
            Ok((person, records_use)) => {
                if records_use {
                    self.record_use_later(*token_hash, now);
                }
                return Ok(Some(person));
            }
            Err(as_of) => as_of,
        };
        let row: Option<SessionRow> = sqlx::query_as(
            "select s.expires, s.last_used, p.* from sessions s join profiles p on p.id = s.person \
             where s.token_hash = $1 and s.expires > $2 and not p.is_deactivated",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .fetch_optional(&self.readers)
        .await?;
        let Some(SessionRow { expires, last_used, person }) = row else { return Ok(None) };
        let session = CachedSession { person: person.into(), expires, last_used };
        self.session_cache.insert(*token_hash, session.clone(), as_of);
        if let Ok((_, true)) = self.session_cache.get(token_hash, now) {
            self.record_use_later(*token_hash, now);
        }
        Ok(Some(session.person))
    }

    /// Stores the last use of a session in a task of its own: nobody waits for it.
    fn record_use_later(&self, token_hash: TokenHash, at: Millis) {
        let store = self.clone();
        // If it fails, a later use is stored.
        tokio::spawn(async move { drop(store.record_use(token_hash, at).await) });
    }

    /// Stores the last use of a session.
    ///
    /// # Errors
    /// That it could not be written.
    pub(in crate::server::store) async fn record_use(
        &self,
        token_hash: TokenHash,
        at: Millis,
    ) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                sqlx::query("update sessions set last_used = $2 where token_hash = $1")
                    .bind(token_hash.to_vec())
                    .bind(at)
                    .execute(&mut tx.connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// The sessions of a person, the one used last first.
    ///
    /// # Errors
    /// A database error.
    pub async fn sessions(&self, person: PersonId, current: &TokenHash) -> Result<Vec<Session>> {
        let rows: Vec<(Vec<u8>, String, Millis, Millis)> = sqlx::query_as(
            "select token_hash, device, created, last_used from sessions \
             where person = $1 and expires > $2 order by last_used desc, created desc",
        )
        .bind(person)
        .bind(self.clock.now())
        .fetch_all(&self.readers)
        .await?;
        let session = |(hash, user_agent, created, last_used): (Vec<u8>, String, _, _)| {
            let hash = TokenHash::try_from(hash).ok()?;
            let (id, device) = (session_id(&hash), device::device_name(&user_agent));
            Some(Session { id, device, created, last_used, current: hash == *current })
        };
        Ok(rows.into_iter().filter_map(session).collect())
    }

    /// Ends one session of a person.
    ///
    /// # Errors
    /// `not_found` when it is not theirs.
    pub async fn end_session_of(&self, person: PersonId, id: String) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                let hashes: Vec<(Vec<u8>,)> =
                    sqlx::query_as("select token_hash from sessions where person = $1")
                        .bind(person)
                        .fetch_all(&mut tx.connection)
                        .await?;
                let found = hashes
                    .into_iter()
                    .filter_map(|(hash,)| TokenHash::try_from(hash).ok())
                    .find(|hash| session_id(hash) == id);
                let Some(hash) = found else {
                    return Err(AppError::Client(ChatError::not_found()));
                };
                tx.end_session(hash).await
            })
        })
        .await
    }

    /// Ends all sessions of a person but the one that asks.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn end_other_sessions(&self, actor: Actor) -> Result<()> {
        self.write(move |tx| Box::pin(tx.end_sessions_of(actor.person, actor.session))).await
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    expires: Millis,
    last_used: Millis,
    #[sqlx(flatten)]
    person: PersonRow,
}

impl WriteTx {
    async fn end_session(&mut self, token_hash: TokenHash) -> Result<()> {
        sqlx::query("delete from sessions where token_hash = $1")
            .bind(token_hash.to_vec())
            .execute(&mut self.connection)
            .await?;
        self.emit(StoreEvent::SessionsEnded(vec![token_hash]));
        Ok(())
    }

    async fn start_session(&mut self, new: &NewSession) -> Result<()> {
        let account: Option<(i64,)> = sqlx::query_as(
            "select 1 from people where id = $1 and deactivated is null \
             and ($2 is null or password_hash = $2)",
        )
        .bind(new.person)
        .bind(&new.verified)
        .fetch_optional(&mut self.connection)
        .await?;
        if account.is_none() {
            return Err(wrong_credentials().into());
        }
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
            "insert into sessions (token_hash, person, created, expires, device, last_used) \
             values ($1, $2, $3, $4, $5, $3)",
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
