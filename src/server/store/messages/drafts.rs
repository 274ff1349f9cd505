//! What a person keeps for themself: what they began and did not send, and the messages they want to find again.

use std::collections::HashMap;

use crate::{
    domain::{
        Change, ChatError, ConversationId, Millis, PersonId, Seq,
        draft::Draft,
        message::{self, MOST_SAVED, MarkedMessage, State},
        text,
    },
    protocol::StreamId,
    server::store::{Hand, Ledger, Outcome, Store, conversations::members, engine::Connection},
};

/// What somebody keeps in each conversation.
#[derive(Default)]
pub(in crate::server::store) struct Kept {
    pub(in crate::server::store) draft: Option<Draft>,
    pub(in crate::server::store) saved: Vec<Seq>,
}

/// In all of their conversations.
pub(in crate::server::store) async fn kept(from: &mut Connection, person: PersonId) -> Outcome<HashMap<ConversationId, Kept>> {
    let mut kept = HashMap::<ConversationId, Kept>::new();
    let drafts: Vec<(ConversationId, String, Seq)> =
        sqlx::query_as("select conversation, body, seq from drafts where person = $1").bind(person).fetch_all(&mut *from).await?;
    for (conversation, body, seq) in drafts {
        kept.entry(conversation).or_default().draft = Some(Draft { body, seq });
    }
    let saved: Vec<(ConversationId, Seq)> =
        sqlx::query_as("select conversation, message from saved where person = $1 order by conversation, message")
            .bind(person)
            .fetch_all(from)
            .await?;
    for (conversation, message) in saved {
        kept.entry(conversation).or_default().saved.push(message);
    }
    Ok(kept)
}

/// In one of their conversations.
pub(in crate::server::store) async fn kept_in(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Kept> {
    let draft = draft(from, person, conversation).await?;
    let saved: Vec<(Seq,)> = sqlx::query_as("select message from saved where person = $1 and conversation = $2 order by message")
        .bind(person)
        .bind(conversation)
        .fetch_all(from)
        .await?;
    Ok(Kept { draft, saved: saved.into_iter().map(|(message,)| message).collect() })
}

/// Whether what somebody has seen is read only when they say so.
pub(in crate::server::store) async fn reads_by_hand(from: &mut Connection, person: PersonId) -> Outcome<bool> {
    let (by_hand,) = sqlx::query_as("select reads_by_hand from people where id = $1").bind(person).fetch_one(from).await?;
    Ok(by_hand)
}

/// What somebody began in a conversation.
pub(in crate::server::store) async fn draft(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Option<Draft>> {
    let row: Option<(String, Seq)> = sqlx::query_as("select body, seq from drafts where person = $1 and conversation = $2")
        .bind(person)
        .bind(conversation)
        .fetch_optional(from)
        .await?;
    Ok(row.map(|(body, seq)| Draft { body, seq }))
}

impl Store {
    /// Keeps what somebody began in a conversation, in the place of what they knew there: `after` is the place of that, and
    /// `None` where there was nothing. An empty text is no draft. Says the place of the change that made it so.
    ///
    /// # Errors
    /// `not_found` for all who are not in it; `conflict` where another device has kept something else meanwhile.
    pub async fn keep_draft(&self, person: PersonId, conversation: ConversationId, body: String, after: Option<Seq>) -> Outcome<Seq> {
        self.perform(move |ledger| Box::pin(ledger.keep_draft(person, conversation, body, after))).await
    }

    /// Saves a message for oneself, or lets go of it.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation and where there is no message; `conflict` when it is deleted, and for
    /// who has saved as many as can be.
    pub async fn save(&self, hand: Hand, on: bool) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.save(hand, on))).await
    }

    /// From here on what somebody has seen is read only when they say so, or by itself again.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn set_reading(&self, person: PersonId, by_hand: bool) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.set_reading(person, by_hand))).await
    }

    /// What somebody has saved and may still read, what was saved last first.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn saved(&self, person: PersonId) -> Outcome<Vec<MarkedMessage>> {
        let rows: Vec<(ConversationId, Seq, Millis, PersonId, String)> = sqlx::query_as(
            "select s.conversation, c.seq, c.at, c.actor, substr(c.said, 1, 400) from saved s \
             join memberships m on m.person = s.person and m.conversation = s.conversation \
             join changes c on c.stream = s.conversation and c.seq = s.message and c.deleted is null \
             where s.person = $1 order by s.at desc, s.message desc",
        )
        .bind(person)
        .fetch_all(&self.readers)
        .await?;
        let read = |(conversation, seq, at, author, body): (_, _, _, _, String)| MarkedMessage {
            conversation,
            seq,
            at,
            author,
            excerpt: text::excerpt(&body),
        };
        Ok(rows.into_iter().map(read).collect())
    }
}

impl Ledger {
    async fn keep_draft(&mut self, person: PersonId, conversation: ConversationId, body: String, after: Option<Seq>) -> Outcome<Seq> {
        members::head_for(&mut self.connection, person, conversation).await?;
        let now = draft(&mut self.connection, person, conversation).await?;
        let Draft { body: known, seq } = now.clone().unwrap_or_default();
        if known == body {
            return Ok(seq);
        }
        if now.is_some() && after != Some(seq) {
            return Err(ChatError::conflict("This draft was changed on another device.").at("after").into());
        }
        let kept = Change::DraftKept { conversation, body: body.clone() };
        let seq = self.append(StreamId::Person(person), kept).await?;
        let write = if body.is_empty() {
            sqlx::query("delete from drafts where person = $1 and conversation = $2").bind(person).bind(conversation)
        } else {
            let write = sqlx::query(
                "insert into drafts (person, conversation, body, seq) values ($1, $2, $3, $4) \
                 on conflict (person, conversation) do update set body = excluded.body, seq = excluded.seq",
            );
            write.bind(person).bind(conversation).bind(body).bind(seq)
        };
        write.execute(&mut self.connection).await?;
        Ok(seq)
    }

    async fn set_reading(&mut self, person: PersonId, by_hand: bool) -> Outcome<()> {
        if reads_by_hand(&mut self.connection, person).await? != by_hand {
            sqlx::query("update people set reads_by_hand = $2 where id = $1").bind(person).bind(by_hand).execute(&mut self.connection).await?;
            self.append(StreamId::Person(person), Change::ReadingSet { on: by_hand }).await?;
        }
        Ok(())
    }

    async fn save(&mut self, hand: Hand, on: bool) -> Outcome<()> {
        members::head_for(&mut self.connection, hand.by, hand.conversation).await?;
        let found: Option<(Option<Millis>,)> = sqlx::query_as("select deleted from changes where stream = $1 and seq = $2 and kind = 'posted'")
            .bind(hand.conversation)
            .bind(hand.message)
            .fetch_optional(&mut self.connection)
            .await?;
        let (deleted,) = found.ok_or_else(ChatError::not_found)?;
        let (all, mine): (i64, i64) =
            sqlx::query_as("select count(*), count(*) filter (where conversation = $2 and message = $3) from saved where person = $1")
                .bind(hand.by)
                .bind(hand.conversation)
                .bind(hand.message)
                .fetch_one(&mut self.connection)
                .await?;
        if (mine > 0) == on {
            return Ok(());
        }
        if on {
            message::stands(&State { deleted, ..State::default() })?;
            if all >= i64::try_from(MOST_SAVED).unwrap_or(i64::MAX) {
                return Err(
                    ChatError::conflict(format!("You have saved {MOST_SAVED} messages, which is the limit. Remove one and try again.")).into()
                );
            }
        }
        let write = if on {
            let write = sqlx::query("insert into saved (person, conversation, message, at) values ($1, $2, $3, $4)");
            write.bind(hand.by).bind(hand.conversation).bind(hand.message).bind(self.now)
        } else {
            let write = sqlx::query("delete from saved where person = $1 and conversation = $2 and message = $3");
            write.bind(hand.by).bind(hand.conversation).bind(hand.message)
        };
        write.execute(&mut self.connection).await?;
        let saved = Change::Saved { conversation: hand.conversation, message: hand.message, on };
        self.append(StreamId::Person(hand.by), saved).await?;
        Ok(())
    }
}
