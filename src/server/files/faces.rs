//! Pictures of people and groups: cut to a square, in three sizes, and laid down as files are.

use std::io::Cursor;

use sha2::{Digest, Sha256};

use super::objects::name_of;
use crate::{
    domain::{ChatError, FileId, person::FACES},
    server::{
        App,
        pictures::{self, Drawn, Format, Part, Unfit},
        store::Whose,
    },
};

impl App {
    /// Somebody or a group has this picture from now on, which was uploaded by who changes it and not sent: a part of it, or its
    /// middle. The upload is done with.
    ///
    /// # Errors
    /// `not_found` where there is no such file of theirs; `invalid` at `file` where it is no picture; `busy`; and for a group what its
    /// rules say.
    pub async fn set_face(&self, whose: Whose, file: FileId, part: Option<Part>) -> Result<(), ChatError> {
        // Before anything is drawn for who has no right.
        self.store.may_set_face(whose).await?;
        self.store.upload(whose.by, file).await?;
        let whole = self.store.file(whose.by, file).await?.objects.whole;
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
        let face = names.clone().try_into().map_err(|_| ChatError::internal())?;
        let kept = self.store.set_face(whose, Some(face)).await;
        drop(open);
        match kept {
            Ok(before) => self.drop_unless_used(before).await,
            Err(failure) => {
                // They lost the right meanwhile, say.
                self.drop_unless_used(names).await;
                return Err(failure.into());
            }
        }
        self.give_up_upload(whose.by, file).await
    }

    /// Somebody or a group has no picture from now on.
    ///
    /// # Errors
    /// For a group what its rules say.
    pub async fn remove_face(&self, whose: Whose) -> Result<(), ChatError> {
        let before = self.store.set_face(whose, None).await?;
        self.drop_unless_used(before).await;
        Ok(())
    }

    async fn drop_unless_used(&self, names: Vec<String>) {
        let _alone = self.files.gate.write().await;
        self.drop_nobodys(names).await;
    }
}

fn draw(picture: &[u8], part: Option<Part>) -> Result<Vec<Drawn>, ChatError> {
    let format = Format::of(picture).ok_or(Unfit::Unknown)?;
    Ok(pictures::squares(Cursor::new(picture), format, part, &FACES)?)
}
