//! Membership checks. Conversations are looked up through the membership, so that "not yours" and
//! "not there" are one query and one answer.

use crate::{
    domain::{ChatError, Conversation, ConversationId, FileId, Kind, Millis, PersonId, Seq},
    server::store::{Result, engine::Connection},
};

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: ConversationId,
    kind: Kind,
    name: Option<String>,
    creator: Option<PersonId>,
    created: Millis,
    face: Option<FileId>,
}

/// A conversation of this person.
///
/// # Errors
/// `not_found` for everybody who is not a member.
pub(in crate::server::store) async fn conversation_of(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Result<Conversation> {
    let row: Option<ConversationRow> = sqlx::query_as(
        "select c.id, c.kind, c.name, c.creator, c.created, c.face from memberships m \
         join conversations c on c.id = m.conversation \
         where m.person = $1 and m.conversation = $2",
    )
    .bind(person)
    .bind(conversation)
    .fetch_optional(from)
    .await?;
    let ConversationRow { id, kind, name, creator, created, face } =
        row.ok_or_else(ChatError::not_found)?;
    Ok(Conversation { id, kind, name, creator, created, avatar: face })
}

/// Checks the membership, and returns the head of the conversation.
///
/// # Errors
/// `not_found` for everybody who is not a member.
pub(in crate::server::store) async fn check_member(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Result<Seq> {
    let row: Option<(Seq,)> = sqlx::query_as(
        "select c.head from memberships m \
         join conversations c on c.id = m.conversation where m.person = $1 \
         and m.conversation = $2",
    )
    .bind(person)
    .bind(conversation)
    .fetch_optional(from)
    .await?;
    Ok(row.ok_or_else(ChatError::not_found)?.0)
}
