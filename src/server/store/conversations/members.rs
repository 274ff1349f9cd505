//! Who is in which conversation. Everything is asked through the membership, so that "not yours" and "not there" are one
//! question and one answer.

use crate::{
    domain::{Change, ChatError, Conversation, ConversationId, FileId, Millis, PersonId, Seq, Summary},
    protocol::StreamId,
    server::store::{Ledger, News, Outcome, Store, accounts::people::existing, engine::Connection, messages::drafts::Kept},
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

/// Most people who join a conversation in one transaction: each is told what the conversation looks like, so many would keep
/// everybody else's writes waiting.
pub(in crate::server::store) const JOINED_AT_ONCE: usize = 16;

/// A conversation of this person.
pub(in crate::server::store) async fn conversation_of(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Outcome<Conversation> {
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
pub(in crate::server::store) async fn head_for(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Seq> {
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
        // All of them are looked up before the first one is added, so that a list with an unknown person adds nobody.
        let people = {
            let mut view = self.readers.begin().await?;
            conversation_of(&mut view, by, conversation).await?.may_add(by)?;
            existing(&mut view, people).await?
        };
        for some in people.chunks(JOINED_AT_ONCE).map(<[_]>::to_vec) {
            self.perform(move |ledger| Box::pin(ledger.add_members(by, conversation, some))).await?;
        }
        Ok(())
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
        self.move_read(person, conversation, upto, false).await
    }

    /// Makes everything from a place on unread again.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation.
    pub async fn mark_unread(&self, person: PersonId, conversation: ConversationId, from: Seq) -> Outcome<()> {
        self.move_read(person, conversation, Seq(from.0.saturating_sub(1)), true).await
    }
}

impl Ledger {
    pub(in crate::server::store) async fn add_members(&mut self, by: PersonId, conversation: ConversationId, people: Vec<PersonId>) -> Outcome<()> {
        conversation_of(&mut self.connection, by, conversation).await?.may_add(by)?;
        let mut new = Vec::with_capacity(people.len());
        for person in existing(&mut self.connection, people).await? {
            let member: Option<(i64,)> = sqlx::query_as("select 1 from memberships where person = $1 and conversation = $2")
                .bind(person)
                .bind(conversation)
                .fetch_optional(&mut self.connection)
                .await?;
            if member.is_none() {
                self.append(StreamId::Conversation(conversation), Change::MemberAdded { by, person }).await?;
                new.push(person);
            }
        }
        self.join(conversation, &new).await
    }

    /// Makes people members, for whom earlier messages are read, and tells each what the conversation looks like. The summary is
    /// read once: they differ only in what a person keeps for themself.
    pub(in crate::server::store) async fn join(&mut self, conversation: ConversationId, people: &[PersonId]) -> Outcome<()> {
        for person in people {
            sqlx::query("insert into memberships (person, conversation, joined, read_upto) select $1, id, $3, head from conversations where id = $2")
                .bind(*person)
                .bind(conversation)
                .bind(self.now)
                .execute(&mut self.connection)
                .await?;
        }
        let Some(first) = people.first() else { return Ok(()) };
        let shared = super::snapshot::summary(&mut self.connection, *first, conversation).await?;
        for person in people {
            let Kept { draft, saved } = crate::server::store::messages::drafts::kept_in(&mut self.connection, *person, conversation).await?;
            let summary = Summary { draft, saved, ..shared.clone() };
            self.tell(News::Joined(conversation, *person));
            self.append(StreamId::Person(*person), Change::ConversationAdded { summary: Box::new(summary) }).await?;
        }
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
