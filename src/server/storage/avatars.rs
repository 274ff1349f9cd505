//! Avatars: cropped to a square, encoded in three sizes, and stored as blobs.

use std::{io::Cursor, sync::Arc};

use sha2::{Digest, Sha256};

use super::{Files, blob_store::blob_name, uploads::to_client_error};
use crate::{
    domain::{
        ChatError, Code, FileId,
        file::{FileKind, ImageFormat},
        person::AVATAR_SIZES,
    },
    server::{
        content::images::{self, CropArea, EncodedImage, ImageError},
        store::AvatarOwner,
    },
};

impl Files {
    /// Sets or removes the avatar of a person or group: the square of the file at this offset and
    /// with this side, or its middle. Without a file it is removed.
    ///
    /// # Errors
    /// `invalid` at `file` where that is not an ID or not an image; `not_found` where there is no
    /// such unsent file; `busy`; and by the rules of groups.
    pub async fn set_avatar(
        self: &Arc<Self>,
        owner: AvatarOwner,
        file: Option<String>,
        (left, top, side): (u32, u32, Option<u32>),
    ) -> Result<(), ChatError> {
        let Some(file) = file else { return self.remove_avatar(owner).await };
        self.set_from_upload(
            owner,
            FileId::parse(&file)?,
            side.map(|side| CropArea { left, top, side }),
        )
        .await
    }

    /// Sets the avatar from an unsent upload of the person who sets it, and removes the upload.
    ///
    /// # Errors
    /// As [`Files::set_avatar`].
    async fn set_from_upload(
        self: &Arc<Self>,
        owner: AvatarOwner,
        file: FileId,
        crop: Option<CropArea>,
    ) -> Result<(), ChatError> {
        // Checked before any work.
        self.store.check_set_avatar(owner).await?;
        let stored = self.store.pending_file(owner.by, file).await?;
        if stored.file.kind != FileKind::Image {
            return Err(ImageError::UnsupportedFormat.into());
        }
        let files = Arc::clone(self);
        // In a task of its own: it finishes even when the request is cancelled.
        let task = tokio::spawn(async move {
            // The image is in memory until it is encoded: few at once, and a smaller variant where
            // there is one.
            let _permit =
                files.avatar_permits.acquire().await.map_err(|_| ChatError::internal())?;
            let still_image = if stored.file.animated { stored.keys.small } else { None };
            let from = stored.keys.large.or(still_image).unwrap_or(stored.keys.whole);
            let image = files.read_blob(&from, 0..files.blob_size(&from).await?).await?;
            let crop = crop.zip(stored.file.width);
            let images = files.background.run(move || crop_squares(&image, crop)).await??;
            files.store_avatar(owner, images).await?;
            // The upload may have been sent or cancelled meanwhile: the avatar is set all the same.
            match files.cancel_upload(owner.by, file).await {
                Err(error) if error.code != Code::NotFound => Err(error),
                _ => Ok(()),
            }
        });
        task.await.map_err(|_| ChatError::internal())?
    }

    async fn store_avatar(
        &self,
        owner: AvatarOwner,
        images: Vec<EncodedImage>,
    ) -> Result<(), ChatError> {
        let named = |EncodedImage { bytes, format, .. }: EncodedImage| {
            (
                format!("{}.{}", blob_name(Sha256::new_with_prefix(&bytes)), format.extension()),
                bytes,
            )
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
                // The disk may be full, or the person lost the right meanwhile.
                self.delete_unreferenced(names).await;
                return Err(to_client_error(error));
            }
        }
        Ok(())
    }

    /// Removes an avatar.
    ///
    /// # Errors
    /// By the rules of groups.
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

fn crop_squares(
    image: &[u8],
    crop: Option<(CropArea, u32)>,
) -> Result<Vec<EncodedImage>, ChatError> {
    let format = ImageFormat::detect(image).ok_or(ImageError::UnsupportedFormat)?;
    Ok(images::squares(Cursor::new(image), format, crop, &AVATAR_SIZES)?)
}
