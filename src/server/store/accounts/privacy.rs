//! Privacy settings, and when people were last online.

use crate::{
    domain::{Change, ChatError, Millis, PersonId, person::Privacy, time::MINUTE},
    protocol::StreamId,
    server::store::{Result, Store, WriteTx, engine::Connection},
};

/// Maximum number of rows in one transaction: when a network fails, thousands of people leave at
/// once.
pub(in crate::server::store) const SAVE_BATCH: usize = 200;

/// A person's privacy settings.
pub(in crate::server::store) async fn privacy(
    from: &mut Connection,
    person: PersonId,
) -> Result<Privacy> {
    let (hides_reading, hides_typing, hides_presence): (bool, bool, bool) = sqlx::query_as(
        "select hides_reading, hides_typing, hides_presence from people where id = $1",
    )
    .bind(person)
    .fetch_one(from)
    .await?;
    Ok(Privacy {
        shows_reading: !hides_reading,
        shows_typing: !hides_typing,
        shows_presence: !hides_presence,
    })
}

impl Store {
    /// People who hide their presence.
    ///
    /// # Errors
    /// A database error.
    pub async fn people_hiding_presence(&self) -> Result<Vec<PersonId>> {
        let rows: Vec<(PersonId,)> = sqlx::query_as("select id from people where hides_presence")
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(|(person,)| person).collect())
    }

    /// People who hide their typing.
    ///
    /// # Errors
    /// A database error.
    pub async fn people_hiding_typing(&self) -> Result<Vec<PersonId>> {
        let rows: Vec<(PersonId,)> = sqlx::query_as("select id from people where hides_typing")
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(|(person,)| person).collect())
    }

    /// Records that these people were online until now. Stored to the minute, and not for people
    /// who hide their presence.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn save_last_seen(&self, people: Vec<PersonId>) -> Result<()> {
        for batch in people.chunks(SAVE_BATCH).map(<[_]>::to_vec) {
            self.write(move |tx| {
                Box::pin(async move {
                    let minute = tx.now - tx.now.rem_euclid(MINUTE);
                    for person in batch {
                        sqlx::query(
                            "update people set last_seen = $2 where id = $1 \
                             and hides_presence = 0 and coalesce(last_seen, 0) < $2",
                        )
                        .bind(person)
                        .bind(minute)
                        .execute(&mut tx.connection)
                        .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }

    /// When somebody was last online, to the minute, if they show it and ever were.
    ///
    /// # Errors
    /// `not_found` when there is no such person.
    pub async fn last_seen(&self, person: PersonId) -> Result<Option<Millis>> {
        let row: Option<(Option<Millis>, bool)> = sqlx::query_as(
            "select last_seen, hides_presence from people where id = $1 and deactivated is null",
        )
        .bind(person)
        .fetch_optional(&self.readers)
        .await?;
        let (last_seen, hides) = row.ok_or_else(ChatError::not_found)?;
        Ok(last_seen.filter(|_| !hides))
    }

    /// Sets privacy settings; `None` leaves the visibility of one's presence unchanged.
    ///
    /// # Errors
    /// A database error.
    pub async fn set_privacy(
        &self,
        person: PersonId,
        shows_reading: bool,
        shows_typing: bool,
        shows_presence: Option<bool>,
    ) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                let before = privacy(&mut tx.connection, person).await?;
                let shows_presence = shows_presence.unwrap_or(before.shows_presence);
                tx.set_privacy(
                    person,
                    before,
                    Privacy { shows_reading, shows_typing, shows_presence },
                )
                .await
            })
        })
        .await
    }
}

impl WriteTx {
    async fn set_privacy(&mut self, person: PersonId, before: Privacy, to: Privacy) -> Result<()> {
        if before == to {
            return Ok(());
        }
        sqlx::query(
            "update people set hides_reading = $2, hides_typing = $3, hides_presence = $4 \
             where id = $1",
        )
        .bind(person)
        .bind(!to.shows_reading)
        .bind(!to.shows_typing)
        .bind(!to.shows_presence)
        .execute(&mut self.connection)
        .await?;
        self.append(StreamId::Person(person), Change::PrivacySet { privacy: to }).await?;
        Ok(())
    }
}
