//! Edits of messages: editing, deleting and restoring. Each is an event of the conversation, and is
//! stored with the message too, so that a page shows its current state.

use crate::{
    domain::{
        Change, ChatError, Conversation, ConversationId, Millis, PersonId, Seq,
        account::AuditAction,
        message::{self, State},
    },
    protocol::StreamId,
    server::{
        search,
        store::{
            Actor, Result, Store, WriteTx, accounts::audit_log::Audit, conversations::membership,
        },
    },
};

/// The message that somebody acts on.
#[derive(Clone, Copy, Debug)]
pub struct MessageTarget {
    /// Who acts.
    pub by: PersonId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: Seq,
}

/// The current state of a message, with its conversation.
pub(in crate::server::store) struct CurrentMessage {
    pub(in crate::server::store) conversation: Conversation,
    pub(in crate::server::store) author: PersonId,
    pub(in crate::server::store) body: String,
    pub(in crate::server::store) written_at: Millis,
    pub(in crate::server::store) state: State,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    actor: PersonId,
    body: String,
    at: Millis,
    edited: Option<Millis>,
    deleted: Option<Millis>,
    deleted_by: Option<PersonId>,
    pinned: Option<Millis>,
    settled: Option<Millis>,
}

macro_rules! message_op {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*)) => {
        $(#[$doc])*
        pub async fn $name(&self, target: MessageTarget, $($argument: $kind),*) -> Result<()> {
            self.write(move |tx| Box::pin(tx.$name(target, $($argument),*))).await
        }
    };
}

impl Store {
    /// Edits the text of a message. An unchanged text is no event.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member and where there is no message; `forbidden` or
    /// `conflict` by the rules.
    pub async fn edit(&self, target: MessageTarget, body: String) -> Result<()> {
        // The index terms of a long text take a while, so they are made before the transaction.
        // Only the author may edit.
        let terms = search::index_terms(target.conversation, target.by, &body);
        self.write(move |tx| Box::pin(tx.edit(target, body, terms))).await
    }

    message_op!(
        /// Deletes a message, if it is not deleted yet.
        ///
        /// # Errors
        /// As for editing.
        delete()
    );
    message_op!(
        /// Restores a deleted message.
        ///
        /// # Errors
        /// As for editing; `conflict` when it is too late.
        restore()
    );
    message_op!(
        /// Adds or removes a reaction.
        ///
        /// # Errors
        /// As for editing; `conflict` at the limit of reactions.
        react(emoji: String, on: bool)
    );
    message_op!(
        /// Pins or unpins a message in its conversation.
        ///
        /// # Errors
        /// As for editing.
        pin(on: bool)
    );
    message_op!(
        /// Marks a question as resolved or open.
        ///
        /// # Errors
        /// As for editing.
        resolve_question(on: bool)
    );
}

impl WriteTx {
    pub(in crate::server::store) async fn edit(
        &mut self,
        target: MessageTarget,
        body: String,
        terms: String,
    ) -> Result<()> {
        let current = self.load_message(target).await?;
        message::may_edit(target.by, current.author, &current.state)?;
        if current.body == body {
            return Ok(());
        }
        sqlx::query("update changes set body = $3, edited = $4 where stream = $1 and seq = $2")
            .bind(target.conversation)
            .bind(target.message)
            .bind(&body)
            .bind(self.now)
            .execute(&mut self.connection)
            .await?;
        self.replace_mentions(&current.conversation, target.message, current.author, &body).await?;
        self.reindex(target.conversation, target.message, terms).await?;
        let until = self
            .append_change(
                target,
                Change::Edited { by: target.by, message: target.message, body: body.clone() },
            )
            .await?;
        self.drop_stale_preview(target, &body).await?;
        self.insert_version(target, until, &current).await
    }

    pub(in crate::server::store) async fn delete(&mut self, target: MessageTarget) -> Result<()> {
        let current = self.load_message(target).await?;
        let role = self.active_role(target.by).await?;
        message::may_delete(&current.conversation, target.by, role, current.author)?;
        if current.state.deleted.is_some() {
            return Ok(());
        }
        self.audit_moderation(AuditAction::MessageDeleted, target, &current).await?;
        sqlx::query(
            "update changes set body = '', deleted = $3, deleted_by = $4 \
             where stream = $1 and seq = $2",
        )
        .bind(target.conversation)
        .bind(target.message)
        .bind(self.now)
        .bind(target.by)
        .execute(&mut self.connection)
        .await?;
        self.replace_mentions(&current.conversation, target.message, current.author, "").await?;
        self.remove_from_index(target.conversation, target.message).await?;
        self.delete_preview(target.conversation, target.message).await?;
        let until = self
            .append_change(
                target,
                Change::Deleted { by: target.by, author: current.author, message: target.message },
            )
            .await?;
        self.insert_version(target, until, &current).await
    }

    /// Writes to the audit log what a moderator did with a message. What its author does is theirs,
    /// and what the creator of the group does, unless it undoes what a moderator did.
    async fn audit_moderation(
        &mut self,
        action: AuditAction,
        target: MessageTarget,
        current: &CurrentMessage,
    ) -> Result<()> {
        let undoes_other =
            current.state.deleted_by.is_some_and(|by| by != target.by && by != current.author);
        let is_creator = current.conversation.creator == Some(target.by);
        if target.by == current.author || is_creator && !undoes_other {
            return Ok(());
        }
        let audit = Audit::new(action, Actor::of(target.by)).on(current.author);
        self.audit(audit.in_conversation(target.conversation)).await
    }

    pub(in crate::server::store) async fn restore(&mut self, target: MessageTarget) -> Result<()> {
        let current = self.load_message(target).await?;
        if current.state.deleted.is_none() {
            return Ok(());
        }
        message::may_restore(
            &current.conversation,
            target.by,
            self.active_role(target.by).await?,
            current.author,
            &current.state,
            self.now,
        )?;
        self.audit_moderation(AuditAction::MessageRestored, target, &current).await?;
        let last: Option<(Seq, String)> = sqlx::query_as(
            "select until, body from versions where stream = $1 \
             and message = $2 order by until desc limit 1",
        )
        .bind(target.conversation)
        .bind(target.message)
        .fetch_optional(&mut self.connection)
        .await?;
        let (until, body) =
            last.ok_or_else(|| ChatError::conflict("This message can no longer be restored."))?;
        sqlx::query("delete from versions where stream = $1 and message = $2 and until = $3")
            .bind(target.conversation)
            .bind(target.message)
            .bind(until)
            .execute(&mut self.connection)
            .await?;
        sqlx::query(
            "update changes set body = $3, deleted = null, deleted_by = null \
             where stream = $1 and seq = $2",
        )
        .bind(target.conversation)
        .bind(target.message)
        .bind(&body)
        .execute(&mut self.connection)
        .await?;
        self.replace_mentions(&current.conversation, target.message, current.author, &body).await?;
        self.reindex(
            target.conversation,
            target.message,
            search::index_terms(target.conversation, current.author, &body),
        )
        .await?;
        let files = self.attachments_of(target.conversation, target.message).await?;
        self.append_change(
            target,
            Change::Restored {
                by: target.by,
                author: current.author,
                message: target.message,
                body,
                files,
            },
        )
        .await?;
        Ok(())
    }

    pub(in crate::server::store) async fn load_message(
        &mut self,
        target: MessageTarget,
    ) -> Result<CurrentMessage> {
        let conversation =
            membership::conversation_of(&mut self.connection, target.by, target.conversation)
                .await?;
        let row: Option<MessageRow> = sqlx::query_as(
            "select actor, body, at, edited, deleted, deleted_by, pinned, settled \
             from changes where stream = $1 and seq = $2 and kind = 'posted'",
        )
        .bind(target.conversation)
        .bind(target.message)
        .fetch_optional(&mut self.connection)
        .await?;
        let MessageRow { actor, body, at, edited, deleted, deleted_by, pinned, settled } =
            row.ok_or_else(ChatError::not_found)?;
        let state = State {
            edited,
            deleted,
            deleted_by,
            pinned: pinned.is_some(),
            resolved: settled.is_some(),
            ..State::default()
        };
        Ok(CurrentMessage {
            conversation,
            author: actor,
            body,
            written_at: edited.unwrap_or(at),
            state,
        })
    }

    pub(in crate::server::store) async fn append_change(
        &mut self,
        target: MessageTarget,
        change: Change,
    ) -> Result<Seq> {
        self.append(StreamId::Conversation(target.conversation), change).await
    }
}
