//! The workspace: its first administrator, its name, and its settings.

use super::audit_log::{Actor, Audit};
use crate::{
    domain::{
        ChatError, Person, Registration, Right, Role, Workspace, account::AuditAction,
        workspace::WorkspaceChange,
    },
    server::store::{NewPerson, Result, Store, WriteTx, engine::Connection},
};

/// What is to be set up in an empty data file, already validated.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// The name of the workspace.
    pub name: String,
    /// Who can register.
    pub registration: Registration,
    /// Its administrator.
    pub administrator: NewPerson,
}

#[derive(sqlx::FromRow)]
struct WorkspaceRow {
    name: String,
    registration: Registration,
    link_previews: bool,
    group_creators: Role,
    next_steps: bool,
}

/// The stored settings.
///
/// # Errors
/// A database error.
pub(in crate::server::store) async fn read(from: &mut Connection) -> Result<Workspace> {
    let row: WorkspaceRow = sqlx::query_as(
        "select name, registration, link_previews, group_creators, next_steps from workspace \
         where id = 1",
    )
    .fetch_one(from)
    .await?;
    let WorkspaceRow { name, registration, link_previews, group_creators, next_steps } = row;
    Ok(Workspace { name, registration, link_previews, group_creators, next_steps })
}

impl Store {
    /// The stored settings.
    ///
    /// # Errors
    /// A database error.
    pub async fn workspace(&self) -> Result<Workspace> {
        read(&mut *self.readers.acquire().await?).await
    }

    /// Sets up the workspace: its name, who can register, and its administrator.
    ///
    /// # Errors
    /// As `register`; `conflict` when somebody has registered already.
    pub async fn set_up(&self, new: NewWorkspace) -> Result<Person> {
        self.write(|tx| Box::pin(tx.set_up(new))).await
    }

    /// Changes the settings. Returns those that apply afterwards.
    ///
    /// # Errors
    /// `forbidden` for all but administrators.
    pub async fn change_workspace(
        &self,
        actor: Actor,
        change: WorkspaceChange,
    ) -> Result<Workspace> {
        self.write(move |tx| Box::pin(tx.change_workspace(actor, change))).await
    }

    /// Which of the next steps of a new workspace are done: whether there is a second person, and
    /// whether there is a group.
    ///
    /// # Errors
    /// A database error.
    pub async fn next_steps(&self) -> Result<(bool, bool)> {
        Ok(sqlx::query_as(
            "select (select count(*) from (select 1 from people limit 2)) = 2, \
             exists (select 1 from conversations where creator is not null)",
        )
        .fetch_one(&self.readers)
        .await?)
    }
}

impl WriteTx {
    async fn set_up(&mut self, new: NewWorkspace) -> Result<Person> {
        let NewWorkspace { name, registration, administrator } = new;
        // Checked inside the transaction: of many who set up at once, one does.
        let somebody: Option<(i64,)> = sqlx::query_as("select 1 from people limit 1")
            .fetch_optional(&mut self.connection)
            .await?;
        if somebody.is_some() {
            return Err(already_set_up().into());
        }
        let before = read(&mut self.connection).await?;
        let next_steps = true;
        self.store_workspace(&Workspace { name, registration, next_steps, ..before }).await?;
        self.register(administrator).await
    }

    async fn change_workspace(
        &mut self,
        actor: Actor,
        change: WorkspaceChange,
    ) -> Result<Workspace> {
        self.require(actor, Right::ManageWorkspace).await?;
        let before = read(&mut self.connection).await?;
        let now = change.apply_to(before.clone());
        if now == before {
            return Ok(now);
        }
        self.store_workspace(&now).await?;
        let changed: Vec<_> = [
            ("name", now.name != before.name),
            ("registration", now.registration != before.registration),
            ("link_previews", now.link_previews != before.link_previews),
            ("group_creators", now.group_creators != before.group_creators),
        ]
        .into_iter()
        .filter_map(|(setting, is_changed)| is_changed.then_some(setting))
        .collect();
        // Dismissing the list of next steps changes nothing for anybody.
        if !changed.is_empty() {
            let audit = Audit::new(AuditAction::WorkspaceChanged, actor);
            self.audit(audit.detail(changed.join(" "))).await?;
        }
        Ok(now)
    }

    async fn store_workspace(&mut self, to: &Workspace) -> Result<()> {
        sqlx::query(
            "update workspace set name = $1, registration = $2, link_previews = $3, \
             group_creators = $4, next_steps = $5 where id = 1",
        )
        .bind(&to.name)
        .bind(to.registration)
        .bind(to.link_previews)
        .bind(to.group_creators)
        .bind(to.next_steps)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }
}

/// The workspace has an administrator.
#[must_use]
pub fn already_set_up() -> ChatError {
    ChatError::conflict("This workspace is already set up. Sign in, or ask its administrator.")
}
