//! Invitations: links by which people come into the workspace and into groups.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    audit_log::{Actor, Audit},
    people,
};
use crate::{
    domain::{
        ChatError, ConversationId, Millis, Person, PersonId, Right, Role,
        account::{AuditAction, Invitation, InvitationPreview, invalid_link},
    },
    server::{
        clock,
        error::AppError,
        store::{Result, Store, WriteTx, conversations::membership, engine::Connection},
    },
};

/// An invitation to be created, already validated.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Its code, in its canonical form.
    pub code: String,
    /// Milliseconds until it expires, if it does.
    pub expires_in: Option<Millis>,
    /// Maximum number of people, if there is one.
    pub uses: Option<u32>,
    /// Their role.
    pub role: Role,
    /// The groups that they join.
    pub groups: Vec<ConversationId>,
}

/// An invitation that was just used.
pub(in crate::server::store) struct UsedInvitation {
    pub(in crate::server::store) id: Uuid,
    pub(in crate::server::store) role: Role,
    creator: PersonId,
    /// Whether its creator may invite to the workspace now.
    pub(in crate::server::store) invites_to_workspace: bool,
}

/// Maximum number of invitations of one person that were not revoked.
const MAX_INVITATIONS: i64 = 100;

#[derive(sqlx::FromRow)]
struct InvitationRow {
    id: Uuid,
    code: String,
    creator: PersonId,
    created: Millis,
    expires: Option<Millis>,
    uses: Option<u32>,
    used: u32,
    role: Role,
    revoked: Option<Millis>,
}

/// Path of the page on which people accept an invitation.
fn path(code: &str) -> String {
    format!("/join/{code}")
}

impl InvitationRow {
    /// The invitation as `reader` sees it: without its code for those who could not create it.
    fn into_invitation(
        self,
        groups: Vec<ConversationId>,
        accepted: Vec<PersonId>,
        reader: &Person,
    ) -> Invitation {
        let may_use =
            self.creator == reader.id || groups.is_empty() && reader.role.may_invite_as(self.role);
        let code = may_use.then_some(self.code);
        Invitation {
            id: self.id.to_string(),
            path: code.as_deref().map(path),
            code,
            by: self.creator,
            created: self.created,
            expires: self.expires,
            uses: self.uses,
            used: self.used,
            accepted,
            role: self.role,
            groups,
            revoked: self.revoked,
        }
    }
}

impl Store {
    /// Creates an invitation.
    ///
    /// # Errors
    /// `forbidden` by the rules; `not_found` and `conflict` for a group to which this person may
    /// not add people.
    pub async fn create_invitation(&self, actor: Actor, new: NewInvitation) -> Result<Invitation> {
        self.write(move |tx| Box::pin(tx.create_invitation(actor, new))).await
    }

    /// The invitations that a person may manage, the latest first: all, or only one's own.
    ///
    /// # Errors
    /// A database error.
    pub async fn invitations(&self, reader: &Person) -> Result<Vec<Invitation>> {
        const MOST: i64 = 500;
        let only_of = (!reader.role.may(Right::Invite)).then_some(reader.id);
        let mut view = self.readers.begin().await?;
        let rows: Vec<InvitationRow> = sqlx::query_as(
            "select id, code, creator, created, expires, uses, used, role, revoked from invitations \
             where $1 is null or creator = $1 order by id desc limit $2",
        )
        .bind(only_of)
        .bind(MOST)
        .fetch_all(&mut *view)
        .await?;
        let mut groups: HashMap<Uuid, Vec<ConversationId>> = HashMap::new();
        let mut accepted: HashMap<Uuid, Vec<PersonId>> = HashMap::new();
        for InvitationRow { id, .. } in &rows {
            let of: Vec<(ConversationId,)> =
                sqlx::query_as("select conversation from invitation_groups where invitation = $1")
                    .bind(id)
                    .fetch_all(&mut *view)
                    .await?;
            groups.insert(*id, of.into_iter().map(|(group,)| group).collect());
            let by: Vec<(PersonId,)> =
                sqlx::query_as("select id from people where invitation = $1 order by id desc")
                    .bind(id)
                    .fetch_all(&mut *view)
                    .await?;
            accepted.insert(*id, by.into_iter().map(|(person,)| person).collect());
        }
        let invitation = |row: InvitationRow| {
            let id = row.id;
            row.into_invitation(
                groups.remove(&id).unwrap_or_default(),
                accepted.remove(&id).unwrap_or_default(),
                reader,
            )
        };
        Ok(rows.into_iter().map(invitation).collect())
    }

    /// Revokes an invitation. Who accepted it before stays.
    ///
    /// # Errors
    /// `not_found` for invitations that this person may not manage.
    pub async fn revoke_invitation(&self, actor: Actor, id: Uuid) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                let may_all = tx.require(actor, Right::Invite).await.is_ok();
                let found: Option<(Option<Millis>,)> = sqlx::query_as(
                    "select revoked from invitations where id = $1 and ($3 or creator = $2)",
                )
                .bind(id)
                .bind(actor.person)
                .bind(may_all)
                .fetch_optional(&mut tx.connection)
                .await?;
                let (revoked,) = found.ok_or_else(ChatError::not_found)?;
                if revoked.is_some() {
                    return Ok(());
                }
                sqlx::query("update invitations set revoked = $2 where id = $1")
                    .bind(id)
                    .bind(tx.now)
                    .execute(&mut tx.connection)
                    .await?;
                let audit = Audit::new(AuditAction::InvitationRevoked, actor);
                tx.audit(audit.detail(id.to_string())).await
            })
        })
        .await
    }

    /// What an invitation that works tells somebody who is not signed in.
    ///
    /// # Errors
    /// `not_found` when it does not work.
    pub async fn invitation_preview(&self, code: &str) -> Result<InvitationPreview> {
        let mut view = self.readers.begin().await?;
        let found: Option<(Uuid, Role, PersonId)> = sqlx::query_as(
            "select id, role, creator from invitations where code = $1 and revoked is null \
             and (expires is null or expires > $2) and (uses is null or used < uses)",
        )
        .bind(code)
        .bind(self.clock.now())
        .fetch_optional(&mut *view)
        .await?;
        let (id, role, creator) = found.ok_or_else(invalid_link)?;
        check_creator(&mut view, id, role, creator).await?;
        let groups: Vec<(String,)> = sqlx::query_as(
            "select c.name from invitation_groups g join conversations c on c.id = g.conversation \
             where g.invitation = $1 order by c.name",
        )
        .bind(id)
        .fetch_all(&mut *view)
        .await?;
        Ok(InvitationPreview { groups: groups.into_iter().map(|(name,)| name).collect() })
    }

    /// Joins the groups of an invitation as somebody who is registered. It counts as used only if
    /// that adds the person to a group.
    ///
    /// # Errors
    /// `not_found` when it does not work.
    pub async fn join_by_invitation(&self, person: PersonId, code: String) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                let invitation = tx.use_invitation(&code).await?;
                if !tx.join_invited_groups(&invitation, person).await? {
                    sqlx::query("update invitations set used = used - 1 where id = $1")
                        .bind(invitation.id)
                        .execute(&mut tx.connection)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }
}

impl WriteTx {
    async fn create_invitation(&mut self, actor: Actor, new: NewInvitation) -> Result<Invitation> {
        let by = people::profile(&mut self.connection, actor.person).await?;
        if by.deactivated {
            return Err(ChatError::no_session().into());
        }
        // Creators of groups may invite to these, as members.
        if new.groups.is_empty() || new.role != Role::Member {
            by.require(Right::Invite)?;
        }
        if new.role == Role::Administrator {
            by.require(Right::ManagePeople)?;
        }
        for group in &new.groups {
            membership::conversation_of(&mut self.connection, by.id, *group)
                .await?
                .may_add(by.id)?;
        }
        let (own,): (i64,) = sqlx::query_as(
            "select count(*) from invitations where creator = $1 and revoked is null \
             and (expires is null or expires > $2)",
        )
        .bind(by.id)
        .bind(self.now)
        .fetch_one(&mut self.connection)
        .await?;
        if own >= MAX_INVITATIONS {
            return Err(ChatError::conflict(format!(
                "You have {MAX_INVITATIONS} invitations. Revoke one that is no longer needed."
            ))
            .into());
        }
        let row = InvitationRow {
            id: clock::id(),
            code: new.code,
            creator: by.id,
            created: self.now,
            expires: new.expires_in.map(|ms| self.now + ms),
            uses: new.uses,
            used: 0,
            role: new.role,
            revoked: None,
        };
        sqlx::query(
            "insert into invitations (id, code, creator, created, expires, uses, role) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(row.id)
        .bind(&row.code)
        .bind(row.creator)
        .bind(row.created)
        .bind(row.expires)
        .bind(row.uses)
        .bind(row.role)
        .execute(&mut self.connection)
        .await?;
        for group in &new.groups {
            sqlx::query(
                "insert into invitation_groups (invitation, conversation) values ($1, $2) \
                 on conflict do nothing",
            )
            .bind(row.id)
            .bind(*group)
            .execute(&mut self.connection)
            .await?;
        }
        let audit = Audit::new(AuditAction::InvitationCreated, actor);
        self.audit(audit.detail(format!("{} {}", row.id, new.role.as_str()))).await?;
        Ok(row.into_invitation(new.groups, Vec::new(), &by))
    }

    /// Counts a use of an invitation that works. Inside the transaction: of many who come at once
    /// for the last use, one gets it.
    pub(in crate::server::store) async fn use_invitation(
        &mut self,
        code: &str,
    ) -> Result<UsedInvitation> {
        let used: Option<(Uuid, Role, PersonId)> = sqlx::query_as(
            "update invitations set used = used + 1 where code = $1 and revoked is null \
             and (expires is null or expires > $2) and (uses is null or used < uses) \
             returning id, role, creator",
        )
        .bind(code)
        .bind(self.now)
        .fetch_optional(&mut self.connection)
        .await?;
        let (id, role, creator) = used.ok_or_else(invalid_link)?;
        let invites_to_workspace = check_creator(&mut self.connection, id, role, creator).await?;
        Ok(UsedInvitation { id, role, creator, invites_to_workspace })
    }

    /// Adds somebody to the groups of an invitation to which its creator may still add people.
    /// Returns whether that changed anything.
    pub(in crate::server::store) async fn join_invited_groups(
        &mut self,
        invitation: &UsedInvitation,
        person: PersonId,
    ) -> Result<bool> {
        let groups: Vec<(ConversationId,)> =
            sqlx::query_as("select conversation from invitation_groups where invitation = $1")
                .bind(invitation.id)
                .fetch_all(&mut self.connection)
                .await?;
        let mut joined = false;
        for (group,) in groups {
            match self.add_members(invitation.creator, group, vec![person]).await {
                Ok(added) => joined |= added > 0,
                // The creator left the group, or no longer manages it.
                Err(AppError::Client(_)) => {}
                Err(broken) => return Err(broken),
            }
        }
        Ok(joined)
    }
}

/// Whether the creator of an invitation may invite to the workspace now.
///
/// # Errors
/// `not_found` when they could no longer create the invitation: it is as if it did not exist.
async fn check_creator(
    from: &mut Connection,
    invitation: Uuid,
    role: Role,
    creator: PersonId,
) -> Result<bool> {
    let creator = people::profile(from, creator).await?;
    let invites_to_workspace = creator.role.may_invite_as(Role::Member);
    let has_groups: Option<(i64,)> =
        sqlx::query_as("select 1 from invitation_groups where invitation = $1 limit 1")
            .bind(invitation)
            .fetch_optional(from)
            .await?;
    let to_own_groups = role == Role::Member && has_groups.is_some();
    if creator.deactivated || !(creator.role.may_invite_as(role) || to_own_groups) {
        return Err(invalid_link().into());
    }
    Ok(invites_to_workspace)
}
