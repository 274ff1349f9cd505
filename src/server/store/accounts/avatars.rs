//! Pictures of people and of groups: whose they are, and under which names their bytes lie. Those of people everybody here may see,
//! those of groups only who is in them.

use super::people::PersonRow;
use crate::{
    domain::{Change, ChatError, ConversationId, FileId, PersonId},
    protocol::StreamId,
    server::{
        clock,
        store::{Ledger, Outcome, Store, conversations::members},
    },
};

/// The names under which the bytes of one picture lie, the largest first.
pub type FaceObjects = [String; 3];

/// Whose picture somebody changes: their own, or that of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose {
    /// Who changes it.
    pub by: PersonId,
    /// The group.
    pub group: Option<ConversationId>,
}

impl Store {
    /// Somebody or a group has another picture from now on, or none. Says the names of bytes that may lie there for nobody now.
    ///
    /// # Errors
    /// As [`Store::may_set_face`].
    pub async fn set_face(&self, whose: Whose, face: Option<FaceObjects>) -> Outcome<Vec<String>> {
        self.perform(move |ledger| {
            Box::pin(async move {
                match whose.group {
                    Some(group) => ledger.set_group_face(whose.by, group, face).await,
                    None => ledger.set_own_face(whose.by, face).await,
                }
            })
        })
        .await
    }

    /// Whether somebody may change this picture.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` as the rules say.
    pub async fn may_set_face(&self, whose: Whose) -> Outcome<()> {
        if let Some(group) = whose.group {
            let mut view = self.readers.acquire().await?;
            members::conversation_of(&mut view, whose.by, group).await?.may_picture(whose.by)?;
        }
        Ok(())
    }

    /// The names under which the bytes of a picture lie.
    ///
    /// # Errors
    /// `not_found` where there is none of this id, or of a group that this person is not in.
    pub async fn face(&self, person: PersonId, id: FileId) -> Outcome<FaceObjects> {
        let row: Option<(String, String, String)> = sqlx::query_as(
            "select large, middle, small from faces where id = $1 \
             and (conversation is null or exists (select 1 from memberships m where m.person = $2 and m.conversation = faces.conversation))",
        )
        .bind(id)
        .bind(person)
        .fetch_optional(&self.readers)
        .await?;
        let (large, middle, small) = row.ok_or_else(ChatError::not_found)?;
        Ok([large, middle, small])
    }
}

/// What the picture before was kept as.
type Before = Vec<(String, String, String)>;

impl Ledger {
    async fn set_own_face(&mut self, person: PersonId, face: Option<FaceObjects>) -> Outcome<Vec<String>> {
        let before: Before =
            sqlx::query_as("delete from faces where person = $1 returning large, middle, small").bind(person).fetch_all(&mut self.connection).await?;
        if before.is_empty() && face.is_none() {
            return Ok(Vec::new());
        }
        let id = self.lay_down(Some(person), None, face).await?;
        let row: PersonRow =
            sqlx::query_as("update people set face = $2 where id = $1 returning id, username, display_name, status_emoji, status_text, face")
                .bind(person)
                .bind(id)
                .fetch_one(&mut self.connection)
                .await?;
        self.append(StreamId::Conversation(self.everyone), Change::PersonChanged { profile: row.into() }).await?;
        Ok(names(before))
    }

    async fn set_group_face(&mut self, by: PersonId, group: ConversationId, face: Option<FaceObjects>) -> Outcome<Vec<String>> {
        members::conversation_of(&mut self.connection, by, group).await?.may_picture(by)?;
        let before: Before = sqlx::query_as("delete from faces where conversation = $1 returning large, middle, small")
            .bind(group)
            .fetch_all(&mut self.connection)
            .await?;
        if before.is_empty() && face.is_none() {
            return Ok(Vec::new());
        }
        let id = self.lay_down(None, Some(group), face).await?;
        sqlx::query("update conversations set face = $2 where id = $1").bind(group).bind(id).execute(&mut self.connection).await?;
        self.append(StreamId::Conversation(group), Change::Pictured { by, face: id }).await?;
        Ok(names(before))
    }

    /// Keeps a picture under a new id, if there is one.
    async fn lay_down(&mut self, person: Option<PersonId>, group: Option<ConversationId>, face: Option<FaceObjects>) -> Outcome<Option<FileId>> {
        let Some([large, middle, small]) = face else { return Ok(None) };
        let id = FileId(clock::id());
        let write = sqlx::query("insert into faces (id, person, conversation, large, middle, small) values ($1, $2, $3, $4, $5, $6)");
        write.bind(id).bind(person).bind(group).bind(large).bind(middle).bind(small).execute(&mut self.connection).await?;
        Ok(Some(id))
    }
}

fn names(before: Before) -> Vec<String> {
    before.into_iter().flat_map(|(large, middle, small)| [large, middle, small]).collect()
}
