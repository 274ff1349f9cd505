//! Members: who is in which conversation.

use super::{
    membership::{check_member, conversation_of},
    summaries,
};
use crate::{
    domain::{Change, ConversationId, PersonId, Summary},
    protocol::StreamId,
    server::store::{
        Result, Store, StoreEvent, WriteTx,
        accounts::people::existing_people,
        messages::{drafts, saved_messages},
    },
};

/// Maximum number of people who join in one transaction: each gets a summary of the conversation,
/// so many would keep other writes waiting.
pub(in crate::server::store) const JOIN_BATCH: usize = 16;

impl Store {
    /// All memberships.
    ///
    /// # Errors
    /// A database error.
    pub async fn all_memberships(&self) -> Result<Vec<(ConversationId, PersonId)>> {
        Ok(sqlx::query_as("select conversation, person from memberships order by conversation")
            .fetch_all(&self.readers)
            .await?)
    }

    /// Adds people to a group; those who are members stay as they are.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` by the rules; `invalid` when somebody does not exist.
    pub async fn add_members(
        &self,
        by: PersonId,
        conversation: ConversationId,
        people: Vec<PersonId>,
    ) -> Result<()> {
        // All are looked up before the first one is added, so that a list with an unknown person
        // adds nobody.
        let people = {
            let mut view = self.readers.begin().await?;
            conversation_of(&mut view, by, conversation).await?.may_add(by)?;
            existing_people(&mut view, people).await?
        };
        for batch in people.chunks(JOIN_BATCH).map(<[_]>::to_vec) {
            self.write(move |tx| Box::pin(tx.add_members(by, conversation, batch))).await?;
        }
        Ok(())
    }

    /// Removes somebody from a group.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` by the rules.
    pub async fn remove_member(
        &self,
        by: PersonId,
        conversation: ConversationId,
        person: PersonId,
    ) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                conversation_of(&mut tx.connection, by, conversation)
                    .await?
                    .may_remove(by, person)?;
                check_member(&mut tx.connection, person, conversation).await?;
                tx.remove_membership(conversation, person, Change::MemberRemoved { by, person })
                    .await
            })
        })
        .await
    }

    /// Leaves a group.
    ///
    /// # Errors
    /// `not_found` or `conflict` by the rules.
    pub async fn leave(&self, person: PersonId, conversation: ConversationId) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                conversation_of(&mut tx.connection, person, conversation)
                    .await?
                    .may_leave(person)?;
                tx.remove_membership(conversation, person, Change::MemberLeft { person }).await
            })
        })
        .await
    }
}

impl WriteTx {
    /// Adds people, and returns how many were not members before.
    pub(in crate::server::store) async fn add_members(
        &mut self,
        by: PersonId,
        conversation: ConversationId,
        people: Vec<PersonId>,
    ) -> Result<usize> {
        conversation_of(&mut self.connection, by, conversation).await?.may_add(by)?;
        let mut new = Vec::with_capacity(people.len());
        for person in existing_people(&mut self.connection, people).await? {
            let member: Option<(i64,)> =
                sqlx::query_as("select 1 from memberships where person = $1 and conversation = $2")
                    .bind(person)
                    .bind(conversation)
                    .fetch_optional(&mut self.connection)
                    .await?;
            if member.is_none() {
                self.append(
                    StreamId::Conversation(conversation),
                    Change::MemberAdded { by, person },
                )
                .await?;
                new.push(person);
            }
        }
        self.join(conversation, &new).await?;
        Ok(new.len())
    }

    /// Adds members, with earlier messages as read, and sends each the summary. It is read once:
    /// summaries differ only in drafts and saved messages.
    pub(in crate::server::store) async fn join(
        &mut self,
        conversation: ConversationId,
        people: &[PersonId],
    ) -> Result<()> {
        for person in people {
            sqlx::query(
                "insert into memberships (person, conversation, joined, read_upto) \
                 select $1, id, $3, head from conversations where id = $2",
            )
            .bind(*person)
            .bind(conversation)
            .bind(self.now)
            .execute(&mut self.connection)
            .await?;
        }
        let Some(first) = people.first() else { return Ok(()) };
        let shared = summaries::summary(&mut self.connection, *first, conversation).await?;
        for person in people {
            let draft = drafts::draft(&mut self.connection, *person, conversation).await?;
            let saved =
                saved_messages::in_conversation(&mut self.connection, *person, conversation)
                    .await?;
            let summary = Summary { draft, saved, ..shared.clone() };
            self.emit(StoreEvent::MemberJoined(conversation, *person));
            self.append(
                StreamId::Person(*person),
                Change::ConversationAdded { summary: Box::new(summary) },
            )
            .await?;
        }
        Ok(())
    }

    /// Ends a membership. The person's own stream tells them; they no longer receive the
    /// conversation's events.
    async fn remove_membership(
        &mut self,
        conversation: ConversationId,
        person: PersonId,
        change: Change,
    ) -> Result<()> {
        sqlx::query("delete from memberships where person = $1 and conversation = $2")
            .bind(person)
            .bind(conversation)
            .execute(&mut self.connection)
            .await?;
        self.emit(StoreEvent::MemberLeft(conversation, person));
        self.append(StreamId::Conversation(conversation), change).await?;
        self.append(StreamId::Person(person), Change::ConversationRemoved { conversation }).await?;
        Ok(())
    }
}
