//! Avatars of people and groups, and the names of their blobs. Those of people are visible to
//! everybody, those of groups to members.

use crate::{
    domain::{Change, ChatError, ConversationId, FileId, PersonId},
    protocol::StreamId,
    server::{
        clock,
        store::{Result, Store, WriteTx, conversations::membership},
    },
};

/// The blob names of one avatar, the largest first.
pub type AvatarKeys = [String; 3];

/// Whose avatar is set: one's own, or that of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvatarOwner {
    /// Who sets it.
    pub by: PersonId,
    /// The group.
    pub group: Option<ConversationId>,
}

impl Store {
    /// Sets or removes an avatar. Returns the blobs that may now be unreferenced.
    ///
    /// # Errors
    /// As [`Store::check_set_avatar`].
    pub async fn set_avatar(
        &self,
        owner: AvatarOwner,
        avatar: Option<AvatarKeys>,
    ) -> Result<Vec<String>> {
        self.write(move |tx| {
            Box::pin(async move {
                match owner.group {
                    Some(group) => tx.set_group_avatar(owner.by, group, avatar).await,
                    None => tx.set_own_avatar(owner.by, avatar).await,
                }
            })
        })
        .await
    }

    /// Whether somebody may set this avatar.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` by the rules.
    pub async fn check_set_avatar(&self, owner: AvatarOwner) -> Result<()> {
        if let Some(group) = owner.group {
            let mut view = self.readers.acquire().await?;
            membership::conversation_of(&mut view, owner.by, group)
                .await?
                .may_change_avatar(owner.by)?;
        }
        Ok(())
    }

    /// The blob names of an avatar.
    ///
    /// # Errors
    /// `not_found` where there is none with this ID, or it belongs to a group without this person.
    pub async fn avatar(&self, person: PersonId, id: FileId) -> Result<AvatarKeys> {
        let row: Option<(String, String, String)> = sqlx::query_as(
            "select large, middle, small from faces where id = $1 \
             and (conversation is null or exists (select 1 from memberships m \
             where m.person = $2 and m.conversation = faces.conversation))",
        )
        .bind(id)
        .bind(person)
        .fetch_optional(&self.readers)
        .await?;
        let (large, middle, small) = row.ok_or_else(ChatError::not_found)?;
        Ok([large, middle, small])
    }
}

/// The blob names of the previous avatar.
type PreviousKeys = Vec<(String, String, String)>;

impl WriteTx {
    async fn set_own_avatar(
        &mut self,
        person: PersonId,
        avatar: Option<AvatarKeys>,
    ) -> Result<Vec<String>> {
        let previous: PreviousKeys =
            sqlx::query_as("delete from faces where person = $1 returning large, middle, small")
                .bind(person)
                .fetch_all(&mut self.connection)
                .await?;
        if previous.is_empty() && avatar.is_none() {
            return Ok(Vec::new());
        }
        let id = self.insert_avatar(Some(person), None, avatar).await?;
        sqlx::query("update people set face = $2 where id = $1")
            .bind(person)
            .bind(id)
            .execute(&mut self.connection)
            .await?;
        self.profile_updated(person).await?;
        Ok(keys(previous))
    }

    async fn set_group_avatar(
        &mut self,
        by: PersonId,
        group: ConversationId,
        avatar: Option<AvatarKeys>,
    ) -> Result<Vec<String>> {
        membership::conversation_of(&mut self.connection, by, group)
            .await?
            .may_change_avatar(by)?;
        let previous: PreviousKeys = sqlx::query_as(
            "delete from faces where conversation = $1 returning large, middle, small",
        )
        .bind(group)
        .fetch_all(&mut self.connection)
        .await?;
        if previous.is_empty() && avatar.is_none() {
            return Ok(Vec::new());
        }
        let id = self.insert_avatar(None, Some(group), avatar).await?;
        sqlx::query("update conversations set face = $2 where id = $1")
            .bind(group)
            .bind(id)
            .execute(&mut self.connection)
            .await?;
        self.append(StreamId::Conversation(group), Change::GroupAvatarChanged { by, avatar: id })
            .await?;
        Ok(keys(previous))
    }

    /// Inserts an avatar with a new ID, if there is one.
    async fn insert_avatar(
        &mut self,
        person: Option<PersonId>,
        group: Option<ConversationId>,
        avatar: Option<AvatarKeys>,
    ) -> Result<Option<FileId>> {
        let Some([large, middle, small]) = avatar else { return Ok(None) };
        let id = FileId(clock::id());
        let write = sqlx::query(
            "insert into faces (id, person, conversation, large, middle, small) \
             values ($1, $2, $3, $4, $5, $6)",
        );
        write
            .bind(id)
            .bind(person)
            .bind(group)
            .bind(large)
            .bind(middle)
            .bind(small)
            .execute(&mut self.connection)
            .await?;
        Ok(Some(id))
    }
}

fn keys(previous: PreviousKeys) -> Vec<String> {
    previous.into_iter().flat_map(|(large, middle, small)| [large, middle, small]).collect()
}
