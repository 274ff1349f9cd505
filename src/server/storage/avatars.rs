//! Pictures of people and groups: cut to a square, in three sizes, and laid down as files are.

use std::io::Cursor;

use sha2::{Digest, Sha256};

use super::{blob_store::name_of, uploads::told};
use crate::{
    domain::{ChatError, Code, FileId, file::FileKind, person::FACES},
    server::{
        App,
        images::{self, Drawn, Format, Part, Unfit},
        store::Whose,
    },
};

impl App {
    /// Somebody or a group has another picture from now on, as it is asked for: of a file the square that begins so far from the left and
    /// from above and has this side, or its middle. Without a file, none.
    ///
    /// # Errors
    /// As [`App::set_face`]; `invalid` at `file` where that is no id; `too_many`.
    pub async fn change_face(&self, whose: Whose, file: Option<String>, (left, top, side): (u32, u32, Option<u32>)) -> Result<(), ChatError> {
        let Some(file) = file else { return self.remove_face(whose).await };
        self.limits.upload(whose.by)?;
        self.set_face(whose, FileId::parse(&file)?, side.map(|side| Part { left, top, side })).await
    }

    /// Somebody or a group has this picture from now on, which was uploaded by who changes it and not sent: a part of it, or its
    /// middle. The upload is done with.
    ///
    /// # Errors
    /// `not_found` where there is no such file of theirs; `invalid` at `file` where it is no picture; `busy`; and for a group what its
    /// rules say.
    async fn set_face(&self, whose: Whose, file: FileId, part: Option<Part>) -> Result<(), ChatError> {
        // Before anything is drawn for who has no right.
        self.store.may_set_face(whose).await?;
        let served = self.store.not_sent(whose.by, file).await?;
        if served.file.kind != FileKind::Picture {
            return Err(Unfit::Unknown.into());
        }
        let app = self.clone();
        // On its own: what was begun is done, also where whoever asked is gone.
        let done = tokio::spawn(async move {
            // A picture is in memory until it is drawn: of few at once, and not as large as it was sent, where there is a smaller one.
            let _turn = app.files.drawing.acquire().await.map_err(|_| ChatError::internal())?;
            let still = if served.file.moves { served.objects.small } else { None };
            let from = served.objects.large.or(still).unwrap_or(served.objects.whole);
            let picture = app.read_bytes(&from, 0..app.size_of_bytes(&from).await?).await?;
            let part = part.zip(served.file.width);
            let drawn = app.workshop.perform(move || draw(&picture, part)).await??;
            app.lay_down_face(whose, drawn).await?;
            // Another may have sent it meanwhile, or given it up: the picture stands.
            match app.give_up_upload(whose.by, file).await {
                Err(error) if error.code != Code::NotFound => Err(error),
                _ => Ok(()),
            }
        });
        done.await.map_err(|_| ChatError::internal())?
    }

    async fn lay_down_face(&self, whose: Whose, drawn: Vec<Drawn>) -> Result<(), ChatError> {
        let named = |Drawn { bytes, format, .. }: Drawn| (format!("{}.{}", name_of(Sha256::new_with_prefix(&bytes)), format.ending()), bytes);
        let drawn: Vec<_> = drawn.into_iter().map(named).collect();
        let names: Vec<_> = drawn.iter().map(|(name, _)| name.clone()).collect();
        let kept = async {
            let _open = self.files.gate.read().await;
            for (name, bytes) in &drawn {
                self.files.objects.put(name, bytes).await?;
            }
            let face = names.clone().try_into().map_err(|_| ChatError::internal())?;
            self.store.set_face(whose, Some(face)).await
        };
        match kept.await {
            Ok(before) => self.drop_unless_used(before).await,
            Err(failure) => {
                // The disk is full, say, or they lost the right meanwhile.
                self.drop_unless_used(names).await;
                return Err(told(failure));
            }
        }
        Ok(())
    }

    /// Somebody or a group has no picture from now on.
    ///
    /// # Errors
    /// For a group what its rules say.
    async fn remove_face(&self, whose: Whose) -> Result<(), ChatError> {
        let app = self.clone();
        let done = tokio::spawn(async move {
            let before = app.store.set_face(whose, None).await?;
            app.drop_unless_used(before).await;
            Ok::<_, ChatError>(())
        });
        done.await.map_err(|_| ChatError::internal())?
    }
}

fn draw(picture: &[u8], part: Option<(Part, u32)>) -> Result<Vec<Drawn>, ChatError> {
    let format = Format::of(picture).ok_or(Unfit::Unknown)?;
    Ok(images::squares(Cursor::new(picture), format, part, &FACES)?)
}
