//! Pictures of people and groups: cut to a square, in three sizes, and laid down as files are.

use std::{io::Cursor, sync::Arc};

use sha2::{Digest, Sha256};

use super::{Files, blob_store::blob_name, uploads::to_client_error};
use crate::{
    domain::{ChatError, Code, FileId, file::FileKind, person::FACES},
    server::{
        images::{self, CropArea, EncodedImage, Format, ImageError},
        store::AvatarOwner,
    },
};

impl Files {
    /// Somebody or a group has another picture from now on, as it is asked for: of a file the square that begins so far from the left and
    /// from above and has this side, or its middle. Without a file, none.
    ///
    /// # Errors
    /// As [`App::set_face`]; `invalid` at `file` where that is no id; `too_many`.
    pub async fn set_avatar(
        self: &Arc<Self>,
        owner: AvatarOwner,
        file: Option<String>,
        (left, top, side): (u32, u32, Option<u32>),
    ) -> Result<(), ChatError> {
        let Some(file) = file else { return self.remove_avatar(owner).await };
        self.set_from_upload(owner, FileId::parse(&file)?, side.map(|side| CropArea { left, top, side })).await
    }

    /// Somebody or a group has this picture from now on, which was uploaded by who changes it and not sent: a part of it, or its
    /// middle. The upload is done with.
    ///
    /// # Errors
    /// `not_found` where there is no such file of theirs; `invalid` at `file` where it is no picture; `busy`; and for a group what its
    /// rules say.
    async fn set_from_upload(self: &Arc<Self>, owner: AvatarOwner, file: FileId, crop: Option<CropArea>) -> Result<(), ChatError> {
        // Before anything is drawn for who has no right.
        self.store.check_set_avatar(owner).await?;
        let stored = self.store.pending_file(owner.by, file).await?;
        if stored.file.kind != FileKind::Picture {
            return Err(ImageError::UnsupportedFormat.into());
        }
        let files = Arc::clone(self);
        // On its own: what was begun is done, also where whoever asked is gone.
        let task = tokio::spawn(async move {
            // A picture is in memory until it is drawn: of few at once, and not as large as it was sent, where there is a smaller one.
            let _permit = files.avatar_permits.acquire().await.map_err(|_| ChatError::internal())?;
            let still_image = if stored.file.moves { stored.keys.small } else { None };
            let from = stored.keys.large.or(still_image).unwrap_or(stored.keys.whole);
            let image = files.read_blob(&from, 0..files.blob_size(&from).await?).await?;
            let crop = crop.zip(stored.file.width);
            let images = files.background.run(move || crop_squares(&image, crop)).await??;
            files.store_avatar(owner, images).await?;
            // Another may have sent it meanwhile, or given it up: the picture stands.
            match files.cancel_upload(owner.by, file).await {
                Err(error) if error.code != Code::NotFound => Err(error),
                _ => Ok(()),
            }
        });
        task.await.map_err(|_| ChatError::internal())?
    }

    async fn store_avatar(&self, owner: AvatarOwner, images: Vec<EncodedImage>) -> Result<(), ChatError> {
        let named = |EncodedImage { bytes, format, .. }: EncodedImage| {
            (format!("{}.{}", blob_name(Sha256::new_with_prefix(&bytes)), format.extension()), bytes)
        };
        let images: Vec<_> = images.into_iter().map(named).collect();
        let names: Vec<_> = images.iter().map(|(name, _)| name.clone()).collect();
        let saved = async {
            let _open = self.gc_lock.read().await;
            for (name, bytes) in &images {
                self.blobs.put(name, bytes).await?;
            }
            let avatar = names.clone().try_into().map_err(|_| ChatError::internal())?;
            self.store.set_avatar(owner, Some(avatar)).await
        };
        match saved.await {
            Ok(previous) => self.delete_unreferenced(previous).await,
            Err(error) => {
                // The disk is full, say, or they lost the right meanwhile.
                self.delete_unreferenced(names).await;
                return Err(to_client_error(error));
            }
        }
        Ok(())
    }

    /// Somebody or a group has no picture from now on.
    ///
    /// # Errors
    /// For a group what its rules say.
    async fn remove_avatar(self: &Arc<Self>, owner: AvatarOwner) -> Result<(), ChatError> {
        let files = Arc::clone(self);
        let task = tokio::spawn(async move {
            let previous = files.store.set_avatar(owner, None).await?;
            files.delete_unreferenced(previous).await;
            Ok::<_, ChatError>(())
        });
        task.await.map_err(|_| ChatError::internal())?
    }
}

fn crop_squares(image: &[u8], crop: Option<(CropArea, u32)>) -> Result<Vec<EncodedImage>, ChatError> {
    let format = Format::detect(image).ok_or(ImageError::UnsupportedFormat)?;
    Ok(images::squares(Cursor::new(image), format, crop, &FACES)?)
}
