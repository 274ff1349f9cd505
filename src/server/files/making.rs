//! From an upload to a file: what it is, what is shown of it, and the bytes that are laid down. Runs in the workshop.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::{
    kinds::{self, Kind, LOOKED_AT},
    objects::name_of,
};
use crate::{
    domain::{
        Attachment, ChatError, Code,
        file::{self, FileKind},
    },
    server::{
        pictures::{self, Drawn, Format},
        store::{Objects, Share},
    },
};

/// Largest file that is made anew as a picture, in bytes.
const LARGEST_PICTURE: u64 = 40 * 1024 * 1024;

/// What is to be laid down, and what is shown.
pub(super) struct Made {
    pub(super) file: Attachment,
    pub(super) objects: Objects,
    /// Bytes to be laid down, by their names. Where there are none, it is the upload as it is.
    pub(super) drawn: Vec<(String, Vec<u8>)>,
}

impl Made {
    /// How many bytes it takes.
    pub(super) fn takes(&self) -> u64 {
        if self.drawn.is_empty() { self.file.size } else { self.drawn.iter().map(|(_, bytes)| bytes.len() as u64).sum() }
    }
}

/// Looks at an upload that is there whole.
pub(super) fn make(share: &Share, upload: &Path) -> Result<Made, ChatError> {
    let mut from = File::open(upload).map_err(|e| failed(&e))?;
    if from.metadata().map_err(|e| failed(&e))?.len() != share.size {
        return Err(ChatError::invalid("file", format!("“{}” did not come as it was sent. Send it again.", share.name)));
    }
    let mut beginning = Vec::new();
    from.by_ref().take(LOOKED_AT as u64).read_to_end(&mut beginning).map_err(|e| failed(&e))?;
    let kind = kinds::look(&beginning, beginning.len() as u64 == share.size);
    if let Kind::Picture(format) = kind {
        return picture(share, from, format);
    }
    if matches!(file::ending(&share.name).as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp") {
        return Err(ChatError::invalid("file", format!("“{}” is called a picture and is none.", share.name)));
    }
    from.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    let mut hash = Sha256::new();
    std::io::copy(&mut BufReader::with_capacity(256 * 1024, &from), &mut Hashing(&mut hash)).map_err(|e| failed(&e))?;
    // Before a row names it.
    from.sync_all().map_err(|e| failed(&e))?;
    let (kind, media, beginning) = match kind {
        Kind::Played(kind, media) => (kind, Some(media.to_owned()), String::new()),
        Kind::Text(beginning) => (FileKind::Text, None, beginning),
        Kind::Picture(_) | Kind::Other => (FileKind::Other, None, String::new()),
    };
    let file = Attachment { id: share.id, name: share.name.clone(), size: share.size, kind, beginning, ..Attachment::default() };
    Ok(Made { file, objects: Objects { whole: name_of(hash), media, ..Objects::default() }, drawn: Vec::new() })
}

fn picture(share: &Share, mut from: File, format: Format) -> Result<Made, ChatError> {
    if share.size > LARGEST_PICTURE {
        return Err(ChatError::new(Code::TooLarge, "A picture has at most 40 MB. Make it smaller first.").at("file"));
    }
    from.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    let pictures::Redrawn { whole, large, small, blur, moves } = pictures::redraw(BufReader::with_capacity(256 * 1024, from), format)?;
    let name = match share.name.rsplit_once('.') {
        // By whatever ending it came, it leaves by that of what it is now.
        Some((stem, _)) if !same_ending(&share.name, whole.format) => format!("{stem}.{}", whole.format.ending()),
        Some(_) => share.name.clone(),
        None => format!("{}.{}", share.name, whole.format.ending()),
    };
    let file = Attachment {
        id: share.id,
        name,
        size: whole.bytes.len() as u64,
        kind: FileKind::Picture,
        width: Some(whole.width),
        height: Some(whole.height),
        blur,
        moves,
        ..Attachment::default()
    };
    let mut drawn = Vec::new();
    let mut lay = |picture: Drawn| {
        // The ending says what it is served as.
        let name = format!("{}.{}", name_of(Sha256::new_with_prefix(&picture.bytes)), picture.format.ending());
        drawn.push((name.clone(), picture.bytes));
        name
    };
    let objects = Objects { whole: lay(whole), large: large.map(&mut lay), small: small.map(&mut lay), media: None };
    Ok(Made { file, objects, drawn })
}

fn same_ending(name: &str, format: Format) -> bool {
    let ending = file::ending(name);
    ending == format.ending() || (format == Format::Jpeg && ending == "jpeg")
}

struct Hashing<'h>(&'h mut Sha256);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The disk failed.
pub(super) fn failed(error: &std::io::Error) -> ChatError {
    if error.kind() == std::io::ErrorKind::StorageFull || error.kind() == std::io::ErrorKind::QuotaExceeded {
        tracing::error!("the disk is full: no file is taken until there is room");
        return ChatError {
            retry_after: Some(10),
            ..ChatError::new(Code::StorageFull, "The server's disk is full, so this file was not kept. Tell whoever runs it, and try again later.")
        };
    }
    tracing::error!(%error, "a file could not be kept");
    ChatError::internal()
}
