//! People: registration, profiles, and credentials.

use super::{
    audit_log::{Actor, Audit},
    display_names, workspace,
};
use crate::{
    domain::{
        Change, ChatError, FileId, Person, PersonId, Registration, Role, account::AuditAction,
        person::Status,
    },
    protocol::StreamId,
    server::{
        clock,
        error::AppError,
        names,
        store::{Result, Store, WriteTx, engine::Connection},
    },
};

/// A person to be registered, already validated.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// As it was typed.
    pub username: String,
    /// Its confusable key.
    pub username_key: String,
    /// In any script.
    pub display_name: String,
    /// A PHC string.
    pub password_hash: String,
    /// Who can register, instead of the stored setting.
    pub registration: Option<Registration>,
    /// The code of an invitation, in its canonical form.
    pub invitation: Option<String>,
}

/// A row of the view `profiles`.
#[derive(sqlx::FromRow)]
pub(in crate::server::store) struct PersonRow {
    id: PersonId,
    username: String,
    display_name: String,
    status_emoji: Option<String>,
    status_text: Option<String>,
    face: Option<FileId>,
    role: Role,
    title: Option<String>,
    time_zone: Option<String>,
    is_deactivated: bool,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        let status = Status::of(row.status_emoji, row.status_text);
        Self {
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            status,
            avatar: row.face,
            role: row.role,
            title: row.title,
            time_zone: row.time_zone,
            deactivated: row.is_deactivated,
        }
    }
}

/// The profile of a person.
///
/// # Errors
/// `not_found` when there is none.
pub(in crate::server::store) async fn profile(
    from: &mut Connection,
    person: PersonId,
) -> Result<Person> {
    let row: Option<PersonRow> = sqlx::query_as("select * from profiles where id = $1")
        .bind(person)
        .fetch_optional(from)
        .await?;
    Ok(row.ok_or_else(ChatError::not_found)?.into())
}

impl Store {
    /// Registers somebody, and adds them to Everyone.
    ///
    /// # Errors
    /// `conflict` at `username`, when it or a confusable one is taken, and at `display_name`, when
    /// it looks like another one without being equal; `forbidden` without an invitation where one is
    /// needed; `not_found` when the invitation does not work.
    pub async fn register(&self, new: NewPerson) -> Result<Person> {
        self.write(|tx| Box::pin(tx.register(new))).await
    }

    /// Whether this username or a confusable one is taken.
    ///
    /// # Errors
    /// A database error.
    pub async fn is_username_taken(&self, username_key: &str) -> Result<bool> {
        let found: Option<(PersonId,)> =
            sqlx::query_as("select id from people where username_key = $1")
                .bind(username_key)
                .fetch_optional(&self.readers)
                .await?;
        Ok(found.is_some())
    }

    /// Whether nobody has registered yet.
    ///
    /// # Errors
    /// A database error.
    pub async fn is_empty(&self) -> Result<bool> {
        let found: Option<(PersonId,)> =
            sqlx::query_as("select id from people limit 1").fetch_optional(&self.readers).await?;
        Ok(found.is_none())
    }

    /// The person with this username, and their password hash.
    ///
    /// # Errors
    /// A database error.
    pub async fn credentials(&self, username_key: &str) -> Result<Option<(PersonId, String)>> {
        let row = sqlx::query_as(
            "select id, password_hash from people where username_key = $1 and deactivated is null",
        );
        Ok(row.bind(username_key).fetch_optional(&self.readers).await?)
    }

    /// Sets or clears a person's status.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn set_status(&self, person: PersonId, status: Option<Status>) -> Result<()> {
        self.write(move |tx| Box::pin(tx.set_status(person, status.unwrap_or_default()))).await
    }

    /// A person by ID.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub async fn person(&self, id: PersonId) -> Result<Person> {
        profile(&mut *self.readers.acquire().await?, id).await
    }
}

impl WriteTx {
    pub(in crate::server::store) async fn register(&mut self, new: NewPerson) -> Result<Person> {
        let NewPerson {
            username,
            username_key,
            display_name,
            password_hash,
            registration,
            invitation,
        } = new;
        // Checked inside the transaction: of many who register at once, one is the first.
        let somebody: Option<(i64,)> = sqlx::query_as("select 1 from people limit 1")
            .fetch_optional(&mut self.connection)
            .await?;
        let is_first = somebody.is_none();
        let registration = match registration {
            Some(fixed) => fixed,
            None => workspace::read(&mut self.connection).await?.registration,
        };
        let invite_only = registration == Registration::InviteOnly;
        let invitation = match invitation {
            Some(code) => Some(self.use_invitation(&code).await?),
            None if invite_only && !is_first => return Err(registration_closed().into()),
            None => None,
        };
        // Members invite people to their groups, but do not open a closed workspace.
        if invite_only && invitation.as_ref().is_some_and(|used| !used.invites_to_workspace) {
            return Err(registration_closed().into());
        }
        let role = match &invitation {
            _ if is_first => Role::Administrator,
            Some(invitation) => invitation.role,
            None => Role::Member,
        };
        let confusable_forms = names::confusable_forms(&display_name);
        display_names::check(&mut self.connection, &display_name, &confusable_forms, None).await?;
        let person = Person {
            id: PersonId(clock::id()),
            username,
            display_name,
            status: None,
            avatar: None,
            role,
            title: None,
            time_zone: None,
            deactivated: false,
        };
        let written = sqlx::query(
            "insert into people (id, username, username_key, display_name, password_hash, created, \
             role, invitation) values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (username_key) do nothing",
        )
        .bind(person.id)
        .bind(&person.username)
        .bind(username_key)
        .bind(&person.display_name)
        .bind(password_hash)
        .bind(self.now)
        .bind(role)
        .bind(invitation.as_ref().map(|invitation| invitation.id))
        .execute(&mut self.connection)
        .await?;
        if written.rows_affected() == 0 {
            return Err(username_taken().into());
        }
        display_names::insert(
            &mut self.connection,
            person.id,
            &person.display_name,
            confusable_forms,
        )
        .await?;
        let everyone = self.everyone;
        self.append(
            StreamId::Conversation(everyone),
            Change::Registered { newcomer: person.clone() },
        )
        .await?;
        self.join(everyone, &[person.id]).await?;
        if is_first {
            self.audit(Audit::new(AuditAction::WorkspaceCreated, Actor::of(person.id))).await?;
        }
        if let Some(invitation) = invitation {
            let audit = Audit::new(AuditAction::InvitationAccepted, Actor::of(person.id));
            let detail = format!("{} {}", invitation.id, role.as_str());
            self.audit(audit.on(person.id).detail(detail)).await?;
            self.join_invited_groups(&invitation, person.id).await?;
        }
        Ok(person)
    }

    /// Publishes a person's current profile.
    pub(in crate::server::store) async fn profile_updated(
        &mut self,
        person: PersonId,
    ) -> Result<Person> {
        let profile = profile(&mut self.connection, person).await?;
        self.append(
            StreamId::Conversation(self.everyone),
            Change::ProfileUpdated { profile: profile.clone() },
        )
        .await?;
        Ok(profile)
    }

    async fn set_status(&mut self, person: PersonId, to: Status) -> Result<()> {
        let changed = sqlx::query(
            "update people set status_emoji = $2, status_text = $3 where id = $1 \
             and (status_emoji is not $2 or status_text is not $3)",
        )
        .bind(person)
        .bind(to.emoji)
        .bind(to.text)
        .execute(&mut self.connection)
        .await?;
        // An unchanged status is no event.
        if changed.rows_affected() > 0 {
            self.profile_updated(person).await?;
        }
        Ok(())
    }
}

/// These people, sorted and without duplicates.
///
/// # Errors
/// `not_found` when one of them does not exist.
pub(in crate::server::store) async fn existing_people(
    from: &mut Connection,
    mut people: Vec<PersonId>,
) -> Result<Vec<PersonId>> {
    people.sort_unstable();
    people.dedup();
    for person in &people {
        let found: Option<(i64,)> =
            sqlx::query_as("select 1 from people where id = $1 and deactivated is null")
                .bind(*person)
                .fetch_optional(&mut *from)
                .await?;
        if found.is_none() {
            return Err(AppError::Client(ChatError::not_found()));
        }
    }
    Ok(people)
}

/// Registration is closed.
#[must_use]
pub fn registration_closed() -> ChatError {
    ChatError::forbidden(
        "Registration is by invitation only. Ask an administrator of this workspace for a link.",
    )
}

/// The username or a confusable one is taken.
#[must_use]
pub fn username_taken() -> ChatError {
    ChatError::conflict("This username is taken, or looks like one that is. Choose another.")
        .at("username")
}
