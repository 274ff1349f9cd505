//! Pictures of people: cut to a square, in three sizes, and laid down as files are.

use std::io::Cursor;

use sha2::{Digest, Sha256};

use super::objects::name_of;
use crate::{
    domain::{ChatError, FileId, PersonId, person::FACES},
    server::{
        App,
        pictures::{self, Drawn, Format, Part, Unfit},
    },
};

impl App {
    /// Somebody has this picture from now on, which they uploaded and did not send: a part of it, or its middle. The upload is
    /// done with.
    ///
    /// # Errors
    /// `not_found` where there is no such file of theirs; `invalid` at `file` where it is no picture; `busy`.
    pub async fn set_face(&self, person: PersonId, file: FileId, part: Option<Part>) -> Result<(), ChatError> {
        self.store.upload(person, file).await?;
        let whole = self.store.file(person, file).await?.objects.whole;
        let size = self.size_of_bytes(&whole).await?;
        let picture = self.read_bytes(&whole, 0..size).await?;
        let drawn = self.workshop.perform(move || draw(&picture, part)).await??;
        let mut names = Vec::new();
        let open = self.files.gate.read().await;
        for Drawn { bytes, format, .. } in drawn {
            let name = format!("{}.{}", name_of(Sha256::new_with_prefix(&bytes)), format.ending());
            self.files.objects.put(&name, bytes).await?;
            names.push(name);
        }
        let face = names.try_into().map_err(|_| ChatError::internal())?;
        let before = self.store.set_face(person, Some(face)).await?;
        drop(open);
        self.drop_before(before).await;
        self.give_up_upload(person, file).await
    }

    /// Somebody has no picture from now on.
    ///
    /// # Errors
    /// Only that it could not be written.
    pub async fn remove_face(&self, person: PersonId) -> Result<(), ChatError> {
        let before = self.store.set_face(person, None).await?;
        self.drop_before(before).await;
        Ok(())
    }

    async fn drop_before(&self, names: Vec<String>) {
        let _alone = self.files.gate.write().await;
        self.drop_nobodys(names).await;
    }
}

fn draw(picture: &[u8], part: Option<Part>) -> Result<Vec<Drawn>, ChatError> {
    let format = Format::of(picture).ok_or(Unfit::Unknown)?;
    Ok(pictures::squares(Cursor::new(picture), format, part, &FACES)?)
}
