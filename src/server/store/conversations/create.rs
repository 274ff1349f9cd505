//! Creating and renaming conversations.

use super::{members, membership};
use crate::{
    domain::{Change, ChatError, ConversationId, Kind, PersonId, Summary},
    protocol::StreamId,
    server::{
        clock,
        store::{
            Result, Store, WriteTx,
            accounts::{people::existing_people, workspace},
        },
    },
};

impl Store {
    /// The direct conversation of two people, created now if there was none.
    ///
    /// # Errors
    /// `invalid` with oneself; `not_found` when the other does not exist.
    pub async fn open_direct(&self, me: PersonId, other: PersonId) -> Result<Summary> {
        let conversation = self.write(move |tx| Box::pin(tx.open_direct(me, other))).await?;
        self.summary(me, conversation).await
    }

    /// Creates a group of these people and its creator.
    ///
    /// # Errors
    /// `not_found` when somebody does not exist; `forbidden` when the creator's role creates no
    /// groups in this workspace.
    pub async fn create_group(
        &self,
        creator: PersonId,
        name: String,
        members: Vec<PersonId>,
    ) -> Result<Summary> {
        let mut members = {
            let mut view = self.readers.begin().await?;
            existing_people(&mut view, members).await?
        };
        members.retain(|member| *member != creator);
        let rest = members.split_off(members.len().min(members::JOIN_BATCH));
        let conversation =
            self.write(move |tx| Box::pin(tx.create_group(creator, name, members))).await?;
        self.add_members(creator, conversation, rest).await?;
        self.summary(creator, conversation).await
    }

    /// Renames a group.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` by the rules.
    pub async fn rename(
        &self,
        by: PersonId,
        conversation: ConversationId,
        name: String,
    ) -> Result<()> {
        self.write(move |tx| Box::pin(tx.rename(by, conversation, name))).await
    }
}

impl WriteTx {
    pub(in crate::server::store) async fn open_direct(
        &mut self,
        me: PersonId,
        other: PersonId,
    ) -> Result<ConversationId> {
        if me == other {
            return Err(ChatError::invalid(
                "person",
                "You cannot start a conversation with yourself. Choose another person.",
            )
            .into());
        }
        existing_people(&mut self.connection, vec![other]).await?;
        let pair = [me.min(other).0.into_bytes(), me.max(other).0.into_bytes()].concat();
        let found: Option<(ConversationId,)> =
            sqlx::query_as("select id from conversations where pair = $1")
                .bind(&pair)
                .fetch_optional(&mut self.connection)
                .await?;
        if let Some((conversation,)) = found {
            return Ok(conversation);
        }
        let conversation = self.insert_conversation(Kind::Direct, None, None, Some(pair)).await?;
        // Both at once: no later event says who the other one is.
        self.join(conversation, &[me, other]).await?;
        Ok(conversation)
    }

    pub(in crate::server::store) async fn create_group(
        &mut self,
        creator: PersonId,
        name: String,
        mut members: Vec<PersonId>,
    ) -> Result<ConversationId> {
        let role = self.active_role(creator).await?;
        workspace::read(&mut self.connection).await?.may_create_groups(role)?;
        members.retain(|member| *member != creator);
        let members = existing_people(&mut self.connection, members).await?;
        let conversation =
            self.insert_conversation(Kind::Group, Some(name), Some(creator), None).await?;
        self.append(StreamId::Conversation(conversation), Change::Created { by: creator }).await?;
        self.join(conversation, &[creator]).await?;
        self.add_members(creator, conversation, members).await?;
        Ok(conversation)
    }

    pub(in crate::server::store) async fn rename(
        &mut self,
        by: PersonId,
        conversation: ConversationId,
        name: String,
    ) -> Result<()> {
        membership::conversation_of(&mut self.connection, by, conversation)
            .await?
            .may_rename(by)?;
        sqlx::query("update conversations set name = $2 where id = $1")
            .bind(conversation)
            .bind(&name)
            .execute(&mut self.connection)
            .await?;
        self.append(StreamId::Conversation(conversation), Change::Renamed { by, name }).await?;
        Ok(())
    }

    async fn insert_conversation(
        &mut self,
        kind: Kind,
        name: Option<String>,
        creator: Option<PersonId>,
        pair: Option<Vec<u8>>,
    ) -> Result<ConversationId> {
        let id = ConversationId(clock::id());
        sqlx::query(
            "insert into conversations (id, kind, name, creator, pair, created) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(kind)
        .bind(name)
        .bind(creator)
        .bind(pair)
        .bind(self.now)
        .execute(&mut self.connection)
        .await?;
        Ok(id)
    }
}
