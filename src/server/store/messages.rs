//! Posting: one message, one row, for ever.

use super::{Ledger, News, Outcome, Store};
use crate::{
    domain::{Change, ChatError, ClientId, ConversationId, Entry, Millis, PersonId, Seq},
    protocol::StreamId,
    server::error::Failure,
};

/// A message on its way in.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who writes.
    pub author: PersonId,
    /// Where.
    pub conversation: ConversationId,
    /// The sender's name for it: the same again is the same message.
    pub client_id: ClientId,
    /// What, already checked.
    pub body: String,
}

impl Store {
    /// Keeps a message, or finds that it was kept before, and says where it stands and since when.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation; `conflict` when the id was used for another message.
    pub async fn post(&self, draft: Draft) -> Outcome<(Seq, Millis)> {
        self.perform(|ledger| Box::pin(ledger.post(draft))).await
    }
}

impl Ledger {
    pub(super) async fn post(&mut self, draft: Draft) -> Outcome<(Seq, Millis)> {
        let Draft { author, conversation, client_id, body } = draft;
        // One statement asks who may, takes the number and writes; a row comes back only if all three held.
        let row: Option<(Seq,)> = sqlx::query_as(
            "insert into changes (stream, seq, at, kind, actor, body, client_id) \
             select c.id, c.head + 1, $3, 'posted', m.person, $4, $5 \
             from memberships m join conversations c on c.id = m.conversation where m.person = $1 and m.conversation = $2 \
             on conflict (actor, client_id) where client_id is not null do nothing returning seq",
        )
        .bind(author)
        .bind(conversation)
        .bind(self.now)
        .bind(&body)
        .bind(client_id)
        .fetch_optional(&mut self.connection)
        .await?;
        let Some((seq,)) = row else { return self.posted_before(author, conversation, client_id, &body).await };
        sqlx::query("update conversations set head = $2, last_posted = $2 where id = $1")
            .bind(conversation)
            .bind(seq)
            .execute(&mut self.connection)
            .await?;
        let change = Change::Posted { author, body, client_id: Some(client_id) };
        let at = self.now;
        self.tell(News::Happened(StreamId::Conversation(conversation), Entry { seq, at, change }));
        Ok((seq, at))
    }

    async fn posted_before(&mut self, author: PersonId, conversation: ConversationId, client_id: ClientId, body: &str) -> Outcome<(Seq, Millis)> {
        super::members::head_for(&mut self.connection, author, conversation).await?;
        let (stream, seq, at, kept): (ConversationId, Seq, Millis, String) =
            sqlx::query_as("select stream, seq, at, body from changes where actor = $1 and client_id = $2")
                .bind(author)
                .bind(client_id)
                .fetch_one(&mut self.connection)
                .await?;
        if stream == conversation && kept == body {
            return Ok((seq, at));
        }
        Err(Failure::Refused(ChatError::conflict("This id was already used for another message.").at("client_id")))
    }
}
