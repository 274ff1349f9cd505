//! What becomes of a message after it was written: edited, deleted, restored, reacted to, pinned, settled. Each is a change in
//! the conversation's stream, and is kept with the message, so that a page has it as it stands.

use crate::{
    domain::{
        Change, ChatError, Conversation, ConversationId, Millis, PersonId, Seq,
        message::{self, RESTORE_MILLIS, State, Version},
    },
    protocol::StreamId,
    server::{
        clock, search,
        store::{Ledger, Outcome, Store, conversations::members},
    },
};

/// Messages whose earlier texts are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: i64 = 100;

/// Which message, and who does something to it.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    /// Who.
    pub by: PersonId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Which message.
    pub message: Seq,
}

/// A message as it stands, with the conversation it is in.
pub(in crate::server::store) struct Found {
    it: Conversation,
    pub(in crate::server::store) author: PersonId,
    pub(in crate::server::store) body: String,
    written: Millis,
    pub(in crate::server::store) state: State,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    actor: PersonId,
    body: String,
    at: Millis,
    edited: Option<Millis>,
    deleted: Option<Millis>,
    deleted_by: Option<PersonId>,
    pinned: Option<Millis>,
    settled: Option<Millis>,
}

macro_rules! deed {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*)) => {
        $(#[$doc])*
        pub async fn $name(&self, hand: Hand, $($argument: $kind),*) -> Outcome<()> {
            self.perform(move |ledger| Box::pin(ledger.$name(hand, $($argument),*))).await
        }
    };
}

impl Store {
    /// Changes a message's text. The same text again changes nothing.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation and where there is no message; `forbidden` or `conflict` as the
    /// rules say.
    pub async fn edit(&self, hand: Hand, body: String) -> Outcome<()> {
        // The index terms of a long text take a while, so they are made before the transaction. Only the author may edit.
        let terms = search::pieces_of(hand.conversation, hand.by, &body);
        self.perform(move |ledger| Box::pin(ledger.edit(hand, body, terms))).await
    }

    deed!(
        /// Deletes a message. One that is deleted stays so.
        ///
        /// # Errors
        /// As for editing.
        delete()
    );
    deed!(
        /// Brings back a message that was deleted. One that stands stays so.
        ///
        /// # Errors
        /// As for editing; `conflict` when it is too late.
        restore()
    );
    deed!(
        /// Reacts to a message, or takes it back.
        ///
        /// # Errors
        /// As for editing; `conflict` when the message has as many reactions as it can hold.
        react(emoji: String, on: bool)
    );
    deed!(
        /// Pins a message in its conversation, or takes the pin away.
        ///
        /// # Errors
        /// As for editing.
        pin(on: bool)
    );
    deed!(
        /// Says that a question is answered, or that it is open again.
        ///
        /// # Errors
        /// As for editing.
        settle(on: bool)
    );

    /// What a message said before, the oldest first.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation, where there is no message, and where it is deleted.
    pub async fn versions(&self, person: PersonId, conversation: ConversationId, message: Seq) -> Outcome<Vec<Version>> {
        let mut view = self.readers.begin().await?;
        members::head_for(&mut view, person, conversation).await?;
        let standing: Option<(Seq,)> =
            sqlx::query_as("select seq from changes where stream = $1 and seq = $2 and kind = 'posted' and deleted is null")
                .bind(conversation)
                .bind(message)
                .fetch_optional(&mut *view)
                .await?;
        standing.ok_or_else(ChatError::not_found)?;
        let rows: Vec<(Millis, String)> = sqlx::query_as("select at, body from versions where stream = $1 and message = $2 order by until")
            .bind(conversation)
            .bind(message)
            .fetch_all(&mut *view)
            .await?;
        Ok(rows.into_iter().map(|(at, body)| Version { at, body }).collect())
    }

    /// Forgets what was deleted too long ago to be restored.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn forget_deleted(&self) -> Outcome<()> {
        let before = clock::now() - RESTORE_MILLIS;
        loop {
            let some: Vec<(ConversationId, Seq)> = sqlx::query_as(
                "select stream, seq from changes where deleted is not null and deleted < $1 \
                 and exists (select 1 from versions v where v.stream = changes.stream and v.message = changes.seq) limit $2",
            )
            .bind(before)
            .bind(FORGOTTEN_AT_ONCE)
            .fetch_all(&self.readers)
            .await?;
            if some.is_empty() {
                return Ok(());
            }
            self.perform(move |ledger| Box::pin(ledger.forget_versions(some, before))).await?;
        }
    }
}

impl Ledger {
    pub(in crate::server::store) async fn edit(&mut self, hand: Hand, body: String, terms: String) -> Outcome<()> {
        let found = self.find(hand).await?;
        message::may_edit(hand.by, found.author, &found.state)?;
        if found.body == body {
            return Ok(());
        }
        sqlx::query("update changes set body = $3, edited = $4 where stream = $1 and seq = $2")
            .bind(hand.conversation)
            .bind(hand.message)
            .bind(&body)
            .bind(self.now)
            .execute(&mut self.connection)
            .await?;
        self.note_mentions(&found.it, hand.message, found.author, &body).await?;
        self.find_anew(hand.conversation, hand.message, terms).await?;
        let until = self.alter(hand, Change::Edited { by: hand.by, message: hand.message, body: body.clone() }).await?;
        self.keep_preview_of(hand, &body).await?;
        self.keep_version(hand, until, &found).await
    }

    pub(in crate::server::store) async fn delete(&mut self, hand: Hand) -> Outcome<()> {
        let found = self.find(hand).await?;
        message::may_delete(&found.it, hand.by, found.author)?;
        if found.state.deleted.is_some() {
            return Ok(());
        }
        sqlx::query("update changes set body = '', deleted = $3, deleted_by = $4 where stream = $1 and seq = $2")
            .bind(hand.conversation)
            .bind(hand.message)
            .bind(self.now)
            .bind(hand.by)
            .execute(&mut self.connection)
            .await?;
        self.note_mentions(&found.it, hand.message, found.author, "").await?;
        self.find_no_more(hand.conversation, hand.message).await?;
        self.forget_preview(hand.conversation, hand.message).await?;
        let until = self.alter(hand, Change::Deleted { by: hand.by, author: found.author, message: hand.message }).await?;
        self.keep_version(hand, until, &found).await
    }

    pub(in crate::server::store) async fn restore(&mut self, hand: Hand) -> Outcome<()> {
        let found = self.find(hand).await?;
        if found.state.deleted.is_none() {
            return Ok(());
        }
        message::may_restore(&found.it, hand.by, found.author, &found.state, self.now)?;
        let last: Option<(Seq, String)> =
            sqlx::query_as("select until, body from versions where stream = $1 and message = $2 order by until desc limit 1")
                .bind(hand.conversation)
                .bind(hand.message)
                .fetch_optional(&mut self.connection)
                .await?;
        let (until, body) = last.ok_or_else(|| ChatError::conflict("This message can no longer be restored."))?;
        sqlx::query("delete from versions where stream = $1 and message = $2 and until = $3")
            .bind(hand.conversation)
            .bind(hand.message)
            .bind(until)
            .execute(&mut self.connection)
            .await?;
        sqlx::query("update changes set body = $3, deleted = null, deleted_by = null where stream = $1 and seq = $2")
            .bind(hand.conversation)
            .bind(hand.message)
            .bind(&body)
            .execute(&mut self.connection)
            .await?;
        self.note_mentions(&found.it, hand.message, found.author, &body).await?;
        self.find_anew(hand.conversation, hand.message, search::pieces_of(hand.conversation, found.author, &body)).await?;
        let files = self.attached(hand.conversation, hand.message).await?;
        self.alter(hand, Change::Restored { by: hand.by, author: found.author, message: hand.message, body, files }).await?;
        Ok(())
    }

    pub(in crate::server::store) async fn pin(&mut self, hand: Hand, on: bool) -> Outcome<()> {
        let found = self.find(hand).await?;
        message::may_pin(&found.it)?;
        message::stands(&found.state)?;
        if found.state.pinned != on {
            self.mark("update changes set pinned = $3 where stream = $1 and seq = $2", hand, on).await?;
            self.alter(hand, Change::Pinned { by: hand.by, message: hand.message, on }).await?;
        }
        Ok(())
    }

    pub(in crate::server::store) async fn settle(&mut self, hand: Hand, on: bool) -> Outcome<()> {
        let found = self.find(hand).await?;
        message::may_settle(&found.it, hand.by, found.author)?;
        message::stands(&found.state)?;
        if found.state.settled != on {
            self.mark("update changes set settled = $3 where stream = $1 and seq = $2", hand, on).await?;
            self.alter(hand, Change::Settled { by: hand.by, message: hand.message, on }).await?;
        }
        Ok(())
    }

    pub(in crate::server::store) async fn find(&mut self, hand: Hand) -> Outcome<Found> {
        let it = members::conversation_of(&mut self.connection, hand.by, hand.conversation).await?;
        let row: Option<FoundRow> = sqlx::query_as(
            "select actor, body, at, edited, deleted, deleted_by, pinned, settled from changes where stream = $1 and seq = $2 and kind = 'posted'",
        )
        .bind(hand.conversation)
        .bind(hand.message)
        .fetch_optional(&mut self.connection)
        .await?;
        let FoundRow { actor, body, at, edited, deleted, deleted_by, pinned, settled } = row.ok_or_else(ChatError::not_found)?;
        let state = State { edited, deleted, deleted_by, pinned: pinned.is_some(), settled: settled.is_some(), ..State::default() };
        Ok(Found { it, author: actor, body, written: edited.unwrap_or(at), state })
    }

    async fn mark(&mut self, statement: &'static str, hand: Hand, on: bool) -> Outcome<()> {
        let since = on.then_some(self.now);
        sqlx::query(statement).bind(hand.conversation).bind(hand.message).bind(since).execute(&mut self.connection).await?;
        Ok(())
    }

    pub(in crate::server::store) async fn alter(&mut self, hand: Hand, change: Change) -> Outcome<Seq> {
        self.append(StreamId::Conversation(hand.conversation), change).await
    }

    /// What a message said until this change.
    async fn keep_version(&mut self, hand: Hand, until: Seq, said: &Found) -> Outcome<()> {
        sqlx::query("insert into versions (stream, message, until, at, body) values ($1, $2, $3, $4, $5)")
            .bind(hand.conversation)
            .bind(hand.message)
            .bind(until)
            .bind(said.written)
            .bind(&said.body)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    async fn forget_versions(&mut self, of: Vec<(ConversationId, Seq)>, before: Millis) -> Outcome<()> {
        for (conversation, message) in of {
            // Restored meanwhile: then it keeps what it said.
            sqlx::query(
                "delete from versions where stream = $1 and message = $2 \
                 and exists (select 1 from changes c where c.stream = $1 and c.seq = $2 and c.deleted < $3)",
            )
            .bind(conversation)
            .bind(message)
            .bind(before)
            .execute(&mut self.connection)
            .await?;
        }
        Ok(())
    }
}
