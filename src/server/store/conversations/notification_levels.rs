//! A member's settings of a conversation: the notification level, muting, and whether it is pinned.
//! Nobody else is told.

use crate::{
    domain::{
        Change, ChatError, ConversationId, Millis, NotificationLevel, PersonId,
        notification_level::may_mute,
    },
    protocol::StreamId,
    server::store::{Result, Store, WriteTx},
};

impl Store {
    /// Sets the notification level, and until when the conversation is muted. Unchanged settings
    /// are no event.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member; `invalid` at `muted_until`, when it has
    /// passed or is too far ahead.
    pub async fn set_notification_level(
        &self,
        person: PersonId,
        conversation: ConversationId,
        level: NotificationLevel,
        muted_until: Option<Millis>,
    ) -> Result<()> {
        self.write(move |tx| {
            Box::pin(tx.set_notification_level(person, conversation, level, muted_until))
        })
        .await
    }

    /// Pins a conversation to the top of this person's list, or unpins it.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn pin_conversation(
        &self,
        person: PersonId,
        conversation: ConversationId,
        on: bool,
    ) -> Result<()> {
        self.write(move |tx| Box::pin(tx.pin_conversation(person, conversation, on))).await
    }
}

impl WriteTx {
    async fn pin_conversation(
        &mut self,
        person: PersonId,
        conversation: ConversationId,
        on: bool,
    ) -> Result<()> {
        let before: Option<(bool,)> = sqlx::query_as(
            "select pinned from memberships where person = $1 and conversation = $2",
        )
        .bind(person)
        .bind(conversation)
        .fetch_optional(&mut self.connection)
        .await?;
        if before.ok_or_else(ChatError::not_found)?.0 == on {
            return Ok(());
        }
        sqlx::query("update memberships set pinned = $3 where person = $1 and conversation = $2")
            .bind(person)
            .bind(conversation)
            .bind(on)
            .execute(&mut self.connection)
            .await?;
        self.append(StreamId::Person(person), Change::ConversationPinned { conversation, on })
            .await?;
        Ok(())
    }

    async fn set_notification_level(
        &mut self,
        person: PersonId,
        conversation: ConversationId,
        level: NotificationLevel,
        muted_until: Option<Millis>,
    ) -> Result<()> {
        let before: Option<(String, Option<Millis>)> = sqlx::query_as(
            "select level, muted_until from memberships where person = $1 and conversation = $2",
        )
        .bind(person)
        .bind(conversation)
        .fetch_optional(&mut self.connection)
        .await?;
        let (previous, previous_until) = before.ok_or_else(ChatError::not_found)?;
        if previous == level.as_str() && previous_until == muted_until {
            return Ok(());
        }
        muted_until.map_or(Ok(()), |until| may_mute(until, self.now))?;
        sqlx::query(
            "update memberships set level = $3, muted_until = $4 where person = $1 \
             and conversation = $2",
        )
        .bind(person)
        .bind(conversation)
        .bind(level.as_str())
        .bind(muted_until)
        .execute(&mut self.connection)
        .await?;
        self.append(
            StreamId::Person(person),
            Change::NotificationLevelChanged { conversation, level, muted_until },
        )
        .await?;
        Ok(())
    }
}
