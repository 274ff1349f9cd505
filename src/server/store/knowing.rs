//! What people let others know of them, and up to where they have seen a conversation.

use super::{Ledger, News, Outcome, Store, engine::Connection, members};
use crate::{
    domain::{
        Change, ConversationId, PersonId, Seq,
        person::{MOST_READERS, Privacy, Reader},
    },
    protocol::StreamId,
};

/// What somebody lets others know.
pub(super) async fn privacy(from: &mut Connection, person: PersonId) -> Outcome<Privacy> {
    let (hides_reading, hides_typing): (bool, bool) =
        sqlx::query_as("select hides_reading, hides_typing from people where id = $1").bind(person).fetch_one(from).await?;
    Ok(Privacy { shows_reading: !hides_reading, shows_typing: !hides_typing })
}

impl Store {
    /// Who has seen a conversation up to where, of those who let others know. Of a large one nobody is told.
    ///
    /// # Errors
    /// `not_found` for all who are not in it.
    pub async fn readers_of(&self, person: PersonId, conversation: ConversationId) -> Outcome<Vec<Reader>> {
        let mut view = self.readers.begin().await?;
        members::head_for(&mut view, person, conversation).await?;
        if is_large(&mut view, conversation).await? {
            return Ok(Vec::new());
        }
        let rows: Vec<(PersonId, Seq)> = sqlx::query_as(
            "select m.person, m.seen_upto from memberships m join people p on p.id = m.person and p.hides_reading = 0 \
             where m.conversation = $1 and m.person <> $2 and m.seen_upto > 0",
        )
        .bind(conversation)
        .bind(person)
        .fetch_all(&mut *view)
        .await?;
        Ok(rows.into_iter().map(|(person, upto)| Reader { person, upto }).collect())
    }

    /// Lets others know something else from now on.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn set_privacy(&self, person: PersonId, privacy: Privacy) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.set_privacy(person, privacy))).await
    }
}

impl Ledger {
    async fn set_privacy(&mut self, person: PersonId, to: Privacy) -> Outcome<()> {
        if privacy(&mut self.connection, person).await? == to {
            return Ok(());
        }
        sqlx::query("update people set hides_reading = $2, hides_typing = $3 where id = $1")
            .bind(person)
            .bind(!to.shows_reading)
            .bind(!to.shows_typing)
            .execute(&mut self.connection)
            .await?;
        self.append(StreamId::Person(person), Change::PrivacySet { privacy: to }).await?;
        Ok(())
    }

    /// Somebody has seen a conversation up to here. It only grows.
    pub(super) async fn mark_seen(&mut self, person: PersonId, conversation: ConversationId, upto: Seq) -> Outcome<()> {
        let moved = sqlx::query("update memberships set seen_upto = $3 where person = $1 and conversation = $2 and seen_upto < $3")
            .bind(person)
            .bind(conversation)
            .bind(upto)
            .execute(&mut self.connection)
            .await?;
        if moved.rows_affected() > 0
            && privacy(&mut self.connection, person).await?.shows_reading
            && !is_large(&mut self.connection, conversation).await?
        {
            self.tell(News::Seen(conversation, person, upto));
        }
        Ok(())
    }
}

async fn is_large(from: &mut Connection, conversation: ConversationId) -> Outcome<bool> {
    let most = i64::try_from(MOST_READERS).unwrap_or(i64::MAX);
    let (members,): (i64,) = sqlx::query_as("select count(*) from (select 1 from memberships where conversation = $1 limit $2)")
        .bind(conversation)
        .bind(most + 1)
        .fetch_one(from)
        .await?;
    Ok(members > most)
}
