//! Read and delivery receipts: up to where members have seen a conversation, and up to where it has
//! reached their devices.

use super::membership;
use crate::{
    domain::{
        ConversationId, PersonId, Seq,
        person::{MAX_MEMBERS_WITH_RECEIPTS, ReadReceipt},
    },
    server::store::{
        Result, Store, StoreEvent, WriteTx, accounts::privacy::SAVE_BATCH, engine::Connection,
    },
};

impl Store {
    /// The read receipts of a conversation, of people who share them. Empty in a large
    /// conversation.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn read_receipts(
        &self,
        person: PersonId,
        conversation: ConversationId,
    ) -> Result<Vec<ReadReceipt>> {
        let mut view = self.readers.begin().await?;
        membership::check_member(&mut view, person, conversation).await?;
        if is_large(&mut view, conversation).await? {
            return Ok(Vec::new());
        }
        let rows: Vec<(PersonId, Seq, Seq)> = sqlx::query_as(
            "select m.person, case when p.hides_reading then 0 else m.seen_upto end, \
             m.delivered_upto from memberships m \
             join people p on p.id = m.person \
             where m.conversation = $1 and m.person <> $2 \
             and (m.delivered_upto > 0 or m.seen_upto > 0 and p.hides_reading = 0)",
        )
        .bind(conversation)
        .bind(person)
        .fetch_all(&mut *view)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(person, upto, delivered)| ReadReceipt { person, upto, delivered })
            .collect())
    }

    /// The direct conversations: only those have delivery receipts.
    ///
    /// # Errors
    /// A database error.
    pub async fn direct_conversations(&self) -> Result<Vec<ConversationId>> {
        let rows: Vec<(ConversationId,)> =
            sqlx::query_as("select id from conversations where kind = 'direct'")
                .fetch_all(&self.readers)
                .await?;
        Ok(rows.into_iter().map(|(conversation,)| conversation).collect())
    }

    /// Saves delivery receipts.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn save_delivered(
        &self,
        delivered: Vec<(ConversationId, PersonId, Seq)>,
    ) -> Result<()> {
        for batch in delivered.chunks(SAVE_BATCH).map(<[_]>::to_vec) {
            self.write(move |tx| {
                Box::pin(async move {
                    for (conversation, person, upto) in batch {
                        sqlx::query(
                            "update memberships set delivered_upto = $3 \
                             where person = $1 and conversation = $2 \
                             and delivered_upto < $3",
                        )
                        .bind(person)
                        .bind(conversation)
                        .bind(upto)
                        .execute(&mut tx.connection)
                        .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }
}

impl WriteTx {
    /// Records a read receipt. It only grows. Nothing is stored for people who hide receipts: it
    /// would appear as soon as they share them again.
    pub(in crate::server::store) async fn record_read_receipt(
        &mut self,
        person: PersonId,
        conversation: ConversationId,
        upto: Seq,
    ) -> Result<()> {
        let moved = sqlx::query(
            "update memberships set seen_upto = $3 where person = $1 and conversation = $2 \
             and seen_upto < $3 \
             and (select hides_reading from people where id = $1) = 0",
        )
        .bind(person)
        .bind(conversation)
        .bind(upto)
        .execute(&mut self.connection)
        .await?;
        if moved.rows_affected() > 0 && !is_large(&mut self.connection, conversation).await? {
            self.emit(StoreEvent::ReadReceipt(conversation, person, upto));
        }
        Ok(())
    }
}

async fn is_large(from: &mut Connection, conversation: ConversationId) -> Result<bool> {
    let most = i64::try_from(MAX_MEMBERS_WITH_RECEIPTS).unwrap_or(i64::MAX);
    let (members,): (i64,) = sqlx::query_as(
        "select count(*) from (select 1 from memberships where conversation = $1 limit $2)",
    )
    .bind(conversation)
    .bind(most + 1)
    .fetch_one(from)
    .await?;
    Ok(members > most)
}
