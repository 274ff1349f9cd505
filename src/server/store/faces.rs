//! Pictures of people: whose they are, and under which names their bytes lie. Everybody here may see them.

use super::{Ledger, Outcome, Store, people::PersonRow};
use crate::{
    domain::{Change, ChatError, FileId, PersonId},
    protocol::StreamId,
    server::clock,
};

/// The names under which the bytes of one picture lie, the largest first.
pub type FaceObjects = [String; 3];

impl Store {
    /// Somebody has another picture from now on, or none. Says the names of bytes that may lie there for nobody now.
    ///
    /// # Errors
    /// Only that it could not be written.
    pub async fn set_face(&self, person: PersonId, face: Option<FaceObjects>) -> Outcome<Vec<String>> {
        self.perform(move |ledger| Box::pin(ledger.set_face(person, face))).await
    }

    /// The names under which the bytes of a picture lie.
    ///
    /// # Errors
    /// `not_found` where there is none of this id.
    pub async fn face(&self, id: FileId) -> Outcome<FaceObjects> {
        let row: Option<(String, String, String)> =
            sqlx::query_as("select large, middle, small from faces where id = $1").bind(id).fetch_optional(&self.readers).await?;
        let (large, middle, small) = row.ok_or_else(ChatError::not_found)?;
        Ok([large, middle, small])
    }
}

impl Ledger {
    async fn set_face(&mut self, person: PersonId, face: Option<FaceObjects>) -> Outcome<Vec<String>> {
        let before: Vec<(String, String, String)> =
            sqlx::query_as("delete from faces where person = $1 returning large, middle, small").bind(person).fetch_all(&mut self.connection).await?;
        if before.is_empty() && face.is_none() {
            return Ok(Vec::new());
        }
        let id = face.is_some().then(|| FileId(clock::id()));
        if let (Some(id), Some([large, middle, small])) = (id, face) {
            let write = sqlx::query("insert into faces (id, person, large, middle, small) values ($1, $2, $3, $4, $5)");
            write.bind(id).bind(person).bind(large).bind(middle).bind(small).execute(&mut self.connection).await?;
        }
        let row: PersonRow =
            sqlx::query_as("update people set face = $2 where id = $1 returning id, username, display_name, status_emoji, status_text, face")
                .bind(person)
                .bind(id)
                .fetch_one(&mut self.connection)
                .await?;
        self.append(StreamId::Conversation(self.everyone), Change::PersonChanged { profile: row.into() }).await?;
        Ok(before.into_iter().flat_map(|(large, middle, small)| [large, middle, small]).collect())
    }
}
