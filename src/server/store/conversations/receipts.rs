//! What people let others know of them, and up to where they have seen a conversation.

use super::members;
use crate::{
    domain::{
        Change, ChatError, ConversationId, Millis, PersonId, Seq,
        person::{MOST_READERS, Privacy, Reader},
    },
    protocol::StreamId,
    server::store::{Ledger, News, Outcome, Store, engine::Connection},
};

/// In milliseconds.
const MINUTE: Millis = 60_000;
/// Rows that one transaction notes; a network that breaks makes thousands of them at once.
const NOTED_AT_ONCE: usize = 200;

/// What somebody lets others know.
pub(in crate::server::store) async fn privacy(from: &mut Connection, person: PersonId) -> Outcome<Privacy> {
    let (hides_reading, hides_typing, hides_presence): (bool, bool, bool) =
        sqlx::query_as("select hides_reading, hides_typing, hides_presence from people where id = $1").bind(person).fetch_one(from).await?;
    Ok(Privacy { shows_reading: !hides_reading, shows_typing: !hides_typing, shows_presence: !hides_presence })
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
        let rows: Vec<(PersonId, Seq, Seq)> = sqlx::query_as(
            "select m.person, case when p.hides_reading then 0 else m.seen_upto end, m.delivered_upto from memberships m \
             join people p on p.id = m.person \
             where m.conversation = $1 and m.person <> $2 and (m.delivered_upto > 0 or m.seen_upto > 0 and p.hides_reading = 0)",
        )
        .bind(conversation)
        .bind(person)
        .fetch_all(&mut *view)
        .await?;
        Ok(rows.into_iter().map(|(person, upto, delivered)| Reader { person, upto, delivered }).collect())
    }

    /// The conversations of two: where it is asked what has come.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn all_pairs(&self) -> Outcome<Vec<ConversationId>> {
        let rows: Vec<(ConversationId,)> = sqlx::query_as("select id from conversations where kind = 'direct'").fetch_all(&self.readers).await?;
        Ok(rows.into_iter().map(|(conversation,)| conversation).collect())
    }

    /// Up to here these conversations have reached these people.
    ///
    /// # Errors
    /// Only that it could not be written.
    pub async fn note_delivered(&self, delivered: Vec<(ConversationId, PersonId, Seq)>) -> Outcome<()> {
        for some in delivered.chunks(NOTED_AT_ONCE).map(<[_]>::to_vec) {
            self.perform(move |ledger| {
                Box::pin(async move {
                    for (conversation, person, upto) in some {
                        sqlx::query("update memberships set delivered_upto = $3 where person = $1 and conversation = $2 and delivered_upto < $3")
                            .bind(person)
                            .bind(conversation)
                            .bind(upto)
                            .execute(&mut ledger.connection)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }

    /// Who would rather not tell that they are online.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn all_hidden(&self) -> Outcome<Vec<PersonId>> {
        let rows: Vec<(PersonId,)> = sqlx::query_as("select id from people where hides_presence").fetch_all(&self.readers).await?;
        Ok(rows.into_iter().map(|(person,)| person).collect())
    }

    /// Who would rather not tell that they are typing.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn all_who_hide_typing(&self) -> Outcome<Vec<PersonId>> {
        let rows: Vec<(PersonId,)> = sqlx::query_as("select id from people where hides_typing").fetch_all(&self.readers).await?;
        Ok(rows.into_iter().map(|(person,)| person).collect())
    }

    /// These people were online until now. Kept to the minute, and not of those who would rather not tell.
    ///
    /// # Errors
    /// Only that it could not be written.
    pub async fn note_last_seen(&self, people: Vec<PersonId>) -> Outcome<()> {
        for some in people.chunks(NOTED_AT_ONCE).map(<[_]>::to_vec) {
            self.perform(move |ledger| {
                Box::pin(async move {
                    let minute = ledger.now - ledger.now.rem_euclid(MINUTE);
                    for person in some {
                        sqlx::query("update people set last_seen = $2 where id = $1 and hides_presence = 0 and coalesce(last_seen, 0) < $2")
                            .bind(person)
                            .bind(minute)
                            .execute(&mut ledger.connection)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }

    /// When somebody was last online, to the minute, if they let others know and ever were.
    ///
    /// # Errors
    /// `not_found` when there is nobody.
    pub async fn last_seen(&self, person: PersonId) -> Outcome<Option<Millis>> {
        let row: Option<(Option<Millis>, bool)> =
            sqlx::query_as("select last_seen, hides_presence from people where id = $1 and deactivated is null")
                .bind(person)
                .fetch_optional(&self.readers)
                .await?;
        let (last_seen, hides) = row.ok_or_else(ChatError::not_found)?;
        Ok(last_seen.filter(|_| !hides))
    }

    /// Lets others know something else from now on; whether they know of one's presence stays as it is by `None`.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn set_privacy(&self, person: PersonId, shows_reading: bool, shows_typing: bool, shows_presence: Option<bool>) -> Outcome<()> {
        self.perform(move |ledger| {
            Box::pin(async move {
                let before = privacy(&mut ledger.connection, person).await?;
                let shows_presence = shows_presence.unwrap_or(before.shows_presence);
                ledger.set_privacy(person, before, Privacy { shows_reading, shows_typing, shows_presence }).await
            })
        })
        .await
    }
}

impl Ledger {
    async fn set_privacy(&mut self, person: PersonId, before: Privacy, to: Privacy) -> Outcome<()> {
        if before == to {
            return Ok(());
        }
        sqlx::query("update people set hides_reading = $2, hides_typing = $3, hides_presence = $4 where id = $1")
            .bind(person)
            .bind(!to.shows_reading)
            .bind(!to.shows_typing)
            .bind(!to.shows_presence)
            .execute(&mut self.connection)
            .await?;
        self.append(StreamId::Person(person), Change::PrivacySet { privacy: to }).await?;
        Ok(())
    }

    /// Somebody has seen a conversation up to here. It only grows. Of somebody who hides it nothing is kept: it would appear as
    /// soon as they show it again.
    pub(in crate::server::store) async fn mark_seen(&mut self, person: PersonId, conversation: ConversationId, upto: Seq) -> Outcome<()> {
        let moved = sqlx::query(
            "update memberships set seen_upto = $3 where person = $1 and conversation = $2 and seen_upto < $3 \
             and (select hides_reading from people where id = $1) = 0",
        )
        .bind(person)
        .bind(conversation)
        .bind(upto)
        .execute(&mut self.connection)
        .await?;
        if moved.rows_affected() > 0 && !is_large(&mut self.connection, conversation).await? {
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
