//! Pins and open questions: setting them, and the lists of a conversation.

use crate::{
    domain::{
        Change, ConversationId, Millis, PersonId, Seq,
        message::{self, MessageExcerpt, MessageFlag},
        text,
    },
    server::{
        search::{QUESTION, conversation_term},
        store::{MessageTarget, Result, Store, WriteTx, conversations::membership},
    },
};

/// Maximum number of messages in a list.
const MAX_LISTED: u32 = 100;

impl Store {
    /// The newest messages with this mark: pins by when they were pinned, questions by when they
    /// were asked.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn messages_with_flag(
        &self,
        person: PersonId,
        conversation: ConversationId,
        flag: MessageFlag,
    ) -> Result<Vec<MessageExcerpt>> {
        let mut view = self.readers.begin().await?;
        membership::check_member(&mut view, person, conversation).await?;
        let rows: Vec<(Seq, Millis, PersonId, String)> = match flag {
            MessageFlag::Pinned => {
                let rows = sqlx::query_as(
                    "select seq, at, actor, substr(said, 1, 400) from changes where stream = $1 \
                     and pinned is not null and deleted is null \
                     order by pinned desc limit $2",
                );
                rows.bind(conversation).bind(MAX_LISTED).fetch_all(&mut *view).await?
            }
            MessageFlag::OpenQuestion => {
                // Only the newest questions of all conversations are scanned; the search finds
                // older ones.
                let rows = sqlx::query_as(
                    "select c.seq, c.at, c.actor, substr(c.said, 1, 400) \
                     from (select rowid as number from search where search match $2 \
                     order by rowid desc \
                     limit 2000) s cross join changes w on w.number = s.number cross \
                     join changes c on c.stream = w.stream and c.seq = w.seq \
                     where c.stream = $1 and c.settled is null limit $3",
                );
                let terms = format!("\"{}\" AND \"{QUESTION}\"", conversation_term(conversation));
                rows.bind(conversation).bind(terms).bind(MAX_LISTED).fetch_all(&mut *view).await?
            }
        };
        Ok(rows
            .into_iter()
            .map(|(seq, at, author, body)| MessageExcerpt {
                conversation,
                seq,
                at,
                author,
                excerpt: text::excerpt(&body),
            })
            .collect())
    }
}

impl WriteTx {
    pub(in crate::server::store) async fn pin(
        &mut self,
        target: MessageTarget,
        on: bool,
    ) -> Result<()> {
        let current = self.load_message(target).await?;
        message::may_pin(&current.conversation)?;
        message::check_not_deleted(&current.state)?;
        if current.state.pinned != on {
            self.set_flag(
                "update changes set pinned = $3 where stream = $1 and seq = $2",
                target,
                on,
            )
            .await?;
            self.append_change(
                target,
                Change::Pinned { by: target.by, message: target.message, on },
            )
            .await?;
        }
        Ok(())
    }

    pub(in crate::server::store) async fn resolve_question(
        &mut self,
        target: MessageTarget,
        on: bool,
    ) -> Result<()> {
        let current = self.load_message(target).await?;
        message::may_resolve(&current.conversation, target.by, current.author)?;
        message::check_not_deleted(&current.state)?;
        if current.state.resolved != on {
            self.set_flag(
                "update changes set settled = $3 where stream = $1 and seq = $2",
                target,
                on,
            )
            .await?;
            self.append_change(
                target,
                Change::QuestionResolved { by: target.by, message: target.message, on },
            )
            .await?;
        }
        Ok(())
    }

    async fn set_flag(
        &mut self,
        statement: &'static str,
        target: MessageTarget,
        on: bool,
    ) -> Result<()> {
        let since = on.then_some(self.now);
        sqlx::query(statement)
            .bind(target.conversation)
            .bind(target.message)
            .bind(since)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}
