//! Who is signed in. Only a hash of each token is kept.

use super::{Ledger, News, Outcome, Store};
use crate::{
    domain::{Millis, Person, PersonId},
    server::clock,
};

/// SHA-256 of a session's token.
pub type TokenHash = [u8; 32];

/// Most sessions of one person; the oldest ends when there is another.
const MOST_SESSIONS: i64 = 20;
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
        let row: Option<super::people::PersonRow> = sqlx::query_as(
            "select p.id, p.username, p.display_name from sessions s join people p on p.id = s.person \
             where s.token_hash = $1 and s.expires > $2 and p.deactivated is null",
        )
        .bind(token_hash.to_vec())
        .bind(clock::now())
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(Into::into))
    }
}

impl Ledger {
    async fn begin_session(&mut self, new: &NewSession) -> Outcome<()> {
        sqlx::query("delete from sessions where person = $1 and expires <= $2").bind(new.person).bind(self.now).execute(&mut self.connection).await?;
        let oldest: Vec<(Vec<u8>,)> = sqlx::query_as(
            "delete from sessions where token_hash in (select token_hash from sessions where person = $1 order by created desc, token_hash limit 1000 offset $2) \
             returning token_hash",
        )
        .bind(new.person)
        .bind(MOST_SESSIONS - 1)
        .fetch_all(&mut self.connection)
        .await?;
        sqlx::query("insert into sessions (token_hash, person, created, expires, device) values ($1, $2, $3, $4, $5)")
            .bind(new.token_hash.to_vec())
            .bind(new.person)
            .bind(self.now)
            .bind(self.now + SESSION_LASTS)
            .bind(&new.device)
            .execute(&mut self.connection)
            .await?;
        let mut ended: Vec<TokenHash> = oldest.into_iter().filter_map(|(hash,)| hash.try_into().ok()).collect();
        if let Some(before) = new.instead_of {
            sqlx::query("delete from sessions where token_hash = $1").bind(before.to_vec()).execute(&mut self.connection).await?;
            ended.push(before);
        }
        if !ended.is_empty() {
            self.tell(News::SessionsEnded(ended));
        }
        Ok(())
    }
}
