//! The image formats that are displayed: signatures, media types and file extensions.

/// An image format that the server re-encodes and browsers display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// Lossless: drawings and screenshots.
    Png,
    /// Photos.
    Jpeg,
    /// Animations, and very old images.
    Gif,
    /// Any of these; accepted, but never written by the server.
    WebP,
}

impl ImageFormat {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Gif, Self::WebP];
    /// Their media types as a list: for `accept` of a file input, and for an `Accept` header.
    pub const ACCEPT: &str = "image/png,image/jpeg,image/gif,image/webp";

    /// The format of a file by its first bytes.
    #[must_use]
    pub const fn detect(beginning: &[u8]) -> Option<Self> {
        match beginning {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }

    /// The format with this media type, in lower case and without parameters.
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.media_type() == media_type)
    }

    /// The file extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    /// The format with this extension, in lower case.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        if extension == "jpeg" {
            return Some(Self::Jpeg);
        }
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found_by_media_type_and_extension() {
        for format in ImageFormat::ALL {
            assert_eq!(ImageFormat::from_media_type(format.media_type()), Some(format));
            assert_eq!(ImageFormat::from_extension(format.extension()), Some(format));
        }
        assert_eq!(ImageFormat::from_extension("jpeg"), Some(ImageFormat::Jpeg));
        assert_eq!(ImageFormat::from_extension("svg"), None);
        assert_eq!(ImageFormat::from_media_type("image/svg+xml"), None);
        assert_eq!(ImageFormat::ALL.map(ImageFormat::media_type).join(","), ImageFormat::ACCEPT);
    }
}
