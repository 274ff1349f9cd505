//! Drafts: messages a person has begun and not sent, kept for their other devices.

use std::collections::HashMap;

use crate::{
    domain::{Change, ChatError, ConversationId, PersonId, Seq, draft::Draft},
    protocol::StreamId,
    server::store::{Result, Store, WriteTx, conversations::membership, engine::Connection},
};

/// The drafts of a person, by conversation.
pub(in crate::server::store) async fn all(
    from: &mut Connection,
    person: PersonId,
) -> Result<HashMap<ConversationId, Draft>> {
    let rows: Vec<(ConversationId, String, Seq)> =
        sqlx::query_as("select conversation, body, seq from drafts where person = $1")
            .bind(person)
            .fetch_all(from)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(conversation, body, seq)| (conversation, Draft { body, seq }))
        .collect())
}

/// The draft of a person in a conversation.
pub(in crate::server::store) async fn draft(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Result<Option<Draft>> {
    let row: Option<(String, Seq)> =
        sqlx::query_as("select body, seq from drafts where person = $1 and conversation = $2")
            .bind(person)
            .bind(conversation)
            .fetch_optional(from)
            .await?;
    Ok(row.map(|(body, seq)| Draft { body, seq }))
}

impl Store {
    /// Saves a draft. `after` is the sequence number of the draft that it replaces, `None` where
    /// there was none. An empty text deletes the draft. Returns the number of the event.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member; `conflict` where another device has saved
    /// another draft meanwhile.
    pub async fn save_draft(
        &self,
        person: PersonId,
        conversation: ConversationId,
        body: String,
        after: Option<Seq>,
    ) -> Result<Seq> {
        self.write(move |tx| Box::pin(tx.save_draft(person, conversation, body, after))).await
    }
}

impl WriteTx {
    async fn save_draft(
        &mut self,
        person: PersonId,
        conversation: ConversationId,
        body: String,
        after: Option<Seq>,
    ) -> Result<Seq> {
        membership::check_member(&mut self.connection, person, conversation).await?;
        let now = draft(&mut self.connection, person, conversation).await?;
        let Draft { body: current, seq } = now.clone().unwrap_or_default();
        if current == body {
            return Ok(seq);
        }
        if now.is_some() && after != Some(seq) {
            return Err(ChatError::conflict("This draft was changed on another device.")
                .at("after")
                .into());
        }
        let change = Change::DraftSaved { conversation, body: body.clone() };
        let seq = self.append(StreamId::Person(person), change).await?;
        let write = if body.is_empty() {
            sqlx::query("delete from drafts where person = $1 and conversation = $2")
                .bind(person)
                .bind(conversation)
        } else {
            let write = sqlx::query(
                "insert into drafts (person, conversation, body, seq) values ($1, $2, $3, $4) \
                 on conflict (person, conversation) do update \
                 set body = excluded.body, seq = excluded.seq",
            );
            write.bind(person).bind(conversation).bind(body).bind(seq)
        };
        write.execute(&mut self.connection).await?;
        Ok(seq)
    }
}
