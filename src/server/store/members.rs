//! Who is in which conversation. Everything is asked through the membership, so that "not yours" and "not there" are one
//! question and one answer.

use super::{Ledger, News, Outcome, Store, engine::Connection};
use crate::{
    domain::{Change, ChatError, Conversation, ConversationId, FileId, Millis, PersonId, Seq},
    protocol::StreamId,
};

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: ConversationId,
    kind: crate::domain::Kind,
    name: Option<String>,
    creator: Option<PersonId>,
    created: Millis,
    face: Option<FileId>,
}

/// A conversation of this person.
pub(super) async fn conversation_of(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Conversation> {
    let row: Option<ConversationRow> = sqlx::query_as(
        "select c.id, c.kind, c.name, c.creator, c.created, c.face from memberships m join conversations c on c.id = m.conversation \
         where m.person = $1 and m.conversation = $2",
    )
    .bind(person)
    .bind(conversation)
    .fetch_optional(from)
    .await?;
    let ConversationRow { id, kind, name, creator, created, face } = row.ok_or_else(ChatError::not_found)?;
    Ok(Conversation { id, kind, name, creator, created, face })
}

/// The head of a conversation of this person.
pub(super) async fn head_for(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Seq> {
    let row: Option<(Seq,)> =
        sqlx::query_as("select c.head from memberships m join conversations c on c.id = m.conversation where m.person = $1 and m.conversation = $2")
            .bind(person)
            .bind(conversation)
            .fetch_optional(from)
            .await?;
    Ok(row.ok_or_else(ChatError::not_found)?.0)
}

impl Store {
    /// Who is in which conversation: what delivery starts from.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn all_memberships(&self) -> Outcome<Vec<(ConversationId, PersonId)>> {
        Ok(sqlx::query_as("select conversation, person from memberships order by conversation").fetch_all(&self.readers).await?)
    }

    /// Adds people to a group; who is in already stays as they are.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` as the rules say; `invalid` when somebody does not exist.
    pub async fn add_members(&self, by: PersonId, conversation: ConversationId, people: Vec<PersonId>) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.add_members(by, conversation, people))).await
    }

    /// Removes somebody from a group.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` as the rules say.
    pub async fn remove_member(&self, by: PersonId, conversation: ConversationId, person: PersonId) -> Outcome<()> {
        self.perform(move |ledger| {
            Box::pin(async move {
                conversation_of(&mut ledger.connection, by, conversation).await?.may_remove(by, person)?;
                head_for(&mut ledger.connection, person, conversation).await?;
                ledger.part(conversation, person, Change::MemberRemoved { by, person }).await
            })
        })
        .await
    }

    /// Leaves a group.
    ///
    /// # Errors
    /// `not_found` or `conflict` as the rules say.
    pub async fn leave(&self, person: PersonId, conversation: ConversationId) -> Outcome<()> {
        self.perform(move |ledger| {
            Box::pin(async move {
                conversation_of(&mut ledger.connection, person, conversation).await?.may_leave(person)?;
                ledger.part(conversation, person, Change::MemberLeft { person }).await
            })
        })
        .await
    }

    /// Moves how far this person has read. It only grows, and never beyond the head.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation.
    pub async fn mark_read(&self, person: PersonId, conversation: ConversationId, upto: Seq) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.mark_read(person, conversation, upto))).await
    }

    /// Makes everything from a place on unread again.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation.
    pub async fn mark_unread(&self, person: PersonId, conversation: ConversationId, from: Seq) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.mark_unread(person, conversation, from))).await
    }
}

impl Ledger {
    pub(super) async fn add_members(&mut self, by: PersonId, conversation: ConversationId, people: Vec<PersonId>) -> Outcome<()> {
        conversation_of(&mut self.connection, by, conversation).await?.may_add(by)?;
        let people = self.existing(people).await?;
        for person in people {
            let joined: Option<(i64,)> = sqlx::query_as("select 1 from memberships where person = $1 and conversation = $2")
                .bind(person)
                .bind(conversation)
                .fetch_optional(&mut self.connection)
                .await?;
            if joined.is_none() {
                self.append(StreamId::Conversation(conversation), Change::MemberAdded { by, person }).await?;
                self.join(conversation, person).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn mark_read(&mut self, person: PersonId, conversation: ConversationId, upto: Seq) -> Outcome<()> {
        let head = head_for(&mut self.connection, person, conversation).await?;
        let moved = sqlx::query("update memberships set read_upto = $3 where person = $1 and conversation = $2 and read_upto < $3")
            .bind(person)
            .bind(conversation)
            .bind(upto.min(head))
            .execute(&mut self.connection)
            .await?;
        self.mark_seen(person, conversation, upto.min(head)).await?;
        if moved.rows_affected() > 0 { self.tell_read(person, conversation, upto.min(head), head).await } else { Ok(()) }
    }

    async fn mark_unread(&mut self, person: PersonId, conversation: ConversationId, from: Seq) -> Outcome<()> {
        let head = head_for(&mut self.connection, person, conversation).await?;
        let upto = Seq(from.0.saturating_sub(1));
        let moved = sqlx::query("update memberships set read_upto = $3 where person = $1 and conversation = $2 and read_upto > $3")
            .bind(person)
            .bind(conversation)
            .bind(upto)
            .execute(&mut self.connection)
            .await?;
        if moved.rows_affected() > 0 { self.tell_read(person, conversation, upto, head).await } else { Ok(()) }
    }

    async fn tell_read(&mut self, person: PersonId, conversation: ConversationId, upto: Seq, head: Seq) -> Outcome<()> {
        let unread = super::snapshot::unread(&mut self.connection, person, conversation, upto).await?;
        self.append(StreamId::Person(person), Change::ReadMoved { conversation, upto, unread, head }).await?;
        Ok(())
    }

    /// Makes somebody a member, and tells them.
    pub(super) async fn join(&mut self, conversation: ConversationId, person: PersonId) -> Outcome<()> {
        self.enter(conversation, person).await?;
        self.welcome(conversation, person).await
    }

    /// Makes somebody a member, for whom what was said before is old.
    pub(super) async fn enter(&mut self, conversation: ConversationId, person: PersonId) -> Outcome<()> {
        sqlx::query("insert into memberships (person, conversation, joined, read_upto) select $1, id, $3, head from conversations where id = $2")
            .bind(person)
            .bind(conversation)
            .bind(self.now)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Tells somebody that they are a member now, and of what.
    pub(super) async fn welcome(&mut self, conversation: ConversationId, person: PersonId) -> Outcome<()> {
        let summary = super::snapshot::summary(&mut self.connection, person, conversation).await?;
        self.tell(News::Joined(conversation, person));
        self.append(StreamId::Person(person), Change::ConversationAdded { summary: Box::new(summary) }).await?;
        Ok(())
    }

    /// Ends a membership. The one who goes is told of it in their own stream; the conversation they hear no more.
    async fn part(&mut self, conversation: ConversationId, person: PersonId, change: Change) -> Outcome<()> {
        sqlx::query("delete from memberships where person = $1 and conversation = $2")
            .bind(person)
            .bind(conversation)
            .execute(&mut self.connection)
            .await?;
        self.tell(News::Left(conversation, person));
        self.append(StreamId::Conversation(conversation), change).await?;
        self.append(StreamId::Person(person), Change::ConversationRemoved { conversation }).await?;
        Ok(())
    }
}
