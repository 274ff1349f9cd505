//! Avatars of users and groups: their URLs, cropping, and uploads.

use leptos::prelude::*;
use web_sys::File;

use crate::{
    api::{self, groups, people},
    client::{AppState, state::conversations::Conversations, text, uploads},
    domain::{
        Attachment, ChatError, ConversationId, FileId, PersonId,
        file::{self, FileKind},
    },
};

/// Owner of an avatar: a group, or the current user (`None`).
pub type AvatarOwner = Option<ConversationId>;

/// The square part of an image that becomes the avatar, in image pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CropRect {
    /// Left edge.
    pub left: i32,
    /// Top edge.
    pub top: i32,
    /// Side length.
    pub side: i32,
}

impl CropRect {
    /// The crop of an image of this size at `zoom` percent around a centre, which is in thousandths
    /// of the image's sides.
    #[must_use]
    pub fn of((width, height): (i32, i32), zoom: i32, (x, y): (i32, i32)) -> Self {
        let side = (width.min(height).saturating_mul(100) / zoom.max(100)).max(1);
        let begin = |length: i32, middle: i32| {
            ((middle * length + 500) / 1_000 - side / 2).clamp(0, (length - side).max(0))
        };
        Self { left: begin(width, x), top: begin(height, y), side }
    }

    /// The new centre, in thousandths, after moving by `x` and `y` screen pixels in a viewport of
    /// `shown` pixels.
    #[must_use]
    pub fn moved(self, (width, height): (i32, i32), x: i32, y: i32, shown: i32) -> (i32, i32) {
        let place = |begin: i32, by: i32, length: i32| {
            let middle = begin + self.side / 2 + by * self.side / shown;
            // Rounded up; otherwise small steps would be lost.
            (middle.clamp(self.side / 2, length - self.side / 2) * 1_000 + length / 2)
                / length.max(1)
        };
        (place(self.left, x, width), place(self.top, y, height))
    }
}

impl AppState {
    /// URL of a user's avatar, if they have one. Reactive.
    #[must_use]
    pub fn avatar_url(self, person: PersonId) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.avatars.with(|avatars| {
                avatars
                    .iter()
                    .find(|(known, _)| *known == person)
                    .map(|(_, avatar)| avatar_url(*avatar))
            })
        })
    }

    /// URL of a group's own avatar, if it has one.
    #[must_use]
    pub fn group_avatar_url(self, group: ConversationId) -> Memo<Option<String>> {
        Memo::new(move |_| {
            self.conversations.with(|conversations| {
                conversations
                    .find(group)
                    .and_then(|summary| summary.conversation.avatar)
                    .map(avatar_url)
            })
        })
    }

    /// Uploads an image and sets the crop as the avatar, unless `wanted` turns false during the
    /// upload.
    ///
    /// # Errors
    /// Why it cannot be.
    pub async fn set_avatar(
        self,
        owner: AvatarOwner,
        chosen: File,
        crop: CropRect,
        wanted: impl Fn() -> bool,
    ) -> Result<(), ChatError> {
        let Some(place) =
            owner.or_else(|| self.conversations.with_untracked(Conversations::everyone))
        else {
            return Err(ChatError::internal());
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a size is a whole number"
        )]
        let size = chosen.size() as u64;
        if size > self.file_limit {
            return Err(ChatError::invalid("file", text::file_too_large(size, self.file_limit)));
        }
        let picture = Attachment {
            id: FileId(uuid::Uuid::new_v4()),
            name: file::sanitize_name(&chosen.name()),
            size,
            kind: FileKind::Image,
            ..Attachment::default()
        };
        uploads::add_blob(picture.id, chosen.into());
        let uploaded = self.upload_file(place, &picture).await;
        uploads::remove_blob(picture.id);
        uploaded?;
        if !wanted() {
            return api::files::cancel_upload(picture.id.to_string()).await;
        }
        let length = |length: i32| u32::try_from(length).unwrap_or(0);
        let (left, top, side) = (length(crop.left), length(crop.top), Some(length(crop.side)));
        let file = Some(picture.id.to_string());
        match owner {
            Some(group) => groups::set_group_avatar(group.to_string(), file, left, top, side).await,
            None => people::set_avatar(file, left, top, side).await,
        }
    }

    /// Removes an avatar.
    pub fn remove_avatar(self, owner: AvatarOwner) {
        self.run_action(async move {
            match owner {
                Some(group) => groups::set_group_avatar(group.to_string(), None, 0, 0, None).await,
                None => people::set_avatar(None, 0, 0, None).await,
            }
        });
    }
}

/// URL of an avatar, 96 pixels wide.
#[must_use]
pub fn avatar_url(avatar: FileId) -> String {
    format!("/faces/{avatar}/96")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_is_square_and_stays_inside_the_image() {
        let size = (600, 400);
        assert_eq!(CropRect::of(size, 100, (500, 500)), CropRect { left: 100, top: 0, side: 400 });
        assert_eq!(CropRect::of(size, 400, (0, 1_000)), CropRect { left: 0, top: 300, side: 100 });
        let mut middle = (500, 500);
        for _ in 0..200 {
            middle = CropRect::of(size, 200, middle).moved(size, 12, -12, 256);
        }
        assert_eq!(
            CropRect::of(size, 200, middle),
            CropRect { left: 400, top: 0, side: 200 },
            "in the corner"
        );
        assert_eq!(CropRect::of((0, 0), 100, (500, 500)).side, 1, "one that has not come");
    }
}
