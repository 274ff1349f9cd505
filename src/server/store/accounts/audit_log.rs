//! The audit log: what was done to accounts and the workspace, by whom and from which session. It is
//! append-only and holds no secret and no message.

use super::TokenHash;
use crate::{
    domain::{
        ConversationId, Millis, PersonId,
        account::{AuditAction, AuditEntry, AuditPage, PAGE_SIZE},
    },
    server::store::{Result, Store, WriteTx},
};

/// Who does something, and in which session.
#[derive(Clone, Copy, Debug)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// Their session. `None` before there is one.
    pub session: Option<TokenHash>,
}

impl Actor {
    /// Without a session.
    pub(in crate::server::store) const fn of(person: PersonId) -> Self {
        Self { person, session: None }
    }
}

/// The public id of a session: the first half of its hash, which signs in nobody.
#[must_use]
pub(in crate::server::store) fn session_id(token_hash: &TokenHash) -> String {
    let mut half = [0; 16];
    half.copy_from_slice(&token_hash[..16]);
    uuid::Uuid::from_bytes(half).simple().to_string()
}

/// An entry to be written.
pub(in crate::server::store) struct Audit {
    action: AuditAction,
    actor: Option<Actor>,
    person: Option<PersonId>,
    conversation: Option<ConversationId>,
    detail: Option<String>,
}

impl Audit {
    /// Without an actor, the operator did it on the machine.
    pub(in crate::server::store) fn new(
        action: AuditAction,
        actor: impl Into<Option<Actor>>,
    ) -> Self {
        Self { action, actor: actor.into(), person: None, conversation: None, detail: None }
    }

    /// To whom it was done.
    pub(in crate::server::store) fn on(self, person: PersonId) -> Self {
        Self { person: Some(person), ..self }
    }

    /// In which conversation.
    pub(in crate::server::store) fn in_conversation(self, conversation: ConversationId) -> Self {
        Self { conversation: Some(conversation), ..self }
    }

    pub(in crate::server::store) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

#[derive(sqlx::FromRow)]
struct AuditRow {
    id: i64,
    at: Millis,
    action: AuditAction,
    actor: Option<PersonId>,
    session: Option<String>,
    person: Option<PersonId>,
    conversation: Option<ConversationId>,
    detail: Option<String>,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: u64::try_from(row.id).unwrap_or_default(),
            at: row.at,
            action: row.action,
            actor: row.actor,
            session: row.session,
            person: row.person,
            conversation: row.conversation,
            detail: row.detail,
        }
    }
}

impl Store {
    /// Entries of the audit log, the latest first: those before an entry, of one person, and of one
    /// kind.
    ///
    /// # Errors
    /// A database error.
    pub async fn audit_log(
        &self,
        before: Option<u64>,
        actor: Option<PersonId>,
        action: Option<AuditAction>,
    ) -> Result<AuditPage> {
        // A statement of its own for each filter, so that each uses its index.
        let statement = match (actor, action) {
            (None, None) => {
                "select id, at, action, actor, session, person, conversation, detail \
                 from audit_log where id < $1 order by id desc limit $2"
            }
            (Some(_), None) => {
                "select id, at, action, actor, session, person, conversation, detail \
                 from audit_log where id < $1 and actor = $3 order by id desc limit $2"
            }
            (None, Some(_)) => {
                "select id, at, action, actor, session, person, conversation, detail \
                 from audit_log where id < $1 and action = $4 order by id desc limit $2"
            }
            (Some(_), Some(_)) => {
                "select id, at, action, actor, session, person, conversation, detail \
                 from audit_log where id < $1 and actor = $3 and action = $4 \
                 order by id desc limit $2"
            }
        };
        let before = before.and_then(|id| i64::try_from(id).ok()).unwrap_or(i64::MAX);
        let rows: Vec<AuditRow> = sqlx::query_as(statement)
            .bind(before)
            .bind(PAGE_SIZE + 1)
            .bind(actor)
            .bind(action)
            .fetch_all(&self.readers)
            .await?;
        let more = rows.len() > PAGE_SIZE as usize;
        let entries = rows.into_iter().take(PAGE_SIZE as usize).map(Into::into).collect();
        Ok(AuditPage { entries, more })
    }
}

impl WriteTx {
    /// Writes an entry in the transaction of what it describes.
    pub(in crate::server::store) async fn audit(&mut self, audit: Audit) -> Result<()> {
        let Audit { action, actor, person, conversation, detail } = audit;
        sqlx::query(
            "insert into audit_log (at, action, actor, session, person, conversation, detail) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.now)
        .bind(action)
        .bind(actor.map(|actor| actor.person))
        .bind(actor.and_then(|actor| actor.session).map(|session| session_id(&session)))
        .bind(person)
        .bind(conversation)
        .bind(detail)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }
}
