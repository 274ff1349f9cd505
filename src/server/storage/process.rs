//! From an upload to a file: what it is, what is shown of it, and the bytes that are laid down. Runs in the workshop.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
};

use sha2::{Digest, Sha256};

use super::{
    blob_store::name_of,
    sniff::{self, Kind, LOOKED_AT},
    uploads::SYNCED,
};
use crate::{
    domain::{
        Attachment, ChatError, Code,
        file::{self, FileKind},
    },
    server::{
        background::priority::Precedence,
        images::{self, Drawn, Format},
        store::{Objects, Share},
    },
};

/// Largest file that is made anew as a picture, in bytes; photos may be larger.
const LARGEST_PICTURE: u64 = 40 * 1024 * 1024;

/// So much is read at once, in bytes.
const AT_ONCE: usize = 256 * 1024;
/// After so much of a sum it looks whether something goes before it: seldom enough that those who wait for the workshop do not notice.
const LOOKS: u64 = 1024 * 1024;

/// What is to be laid down, and what is shown.
pub(super) struct Made {
    pub(super) file: Attachment,
    pub(super) objects: Objects,
    /// Where the whole of it lies until then: the upload as it is, or the picture that was made of it.
    pub(super) whole: PathBuf,
    /// Its smaller pictures, by their names.
    pub(super) drawn: Vec<(String, Vec<u8>)>,
}

impl Made {
    /// How many bytes it takes.
    pub(super) fn takes(&self) -> u64 {
        self.file.size + self.drawn.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>()
    }
}

/// How an upload is to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// A picture as it is made anew here, anything else as it came.
    #[default]
    Shown,
    /// As it came, also where it is a picture, or is called one.
    AsFile,
}

/// Looks at an upload that is there whole; a picture that is to be shown is made anew, into the place beside it.
pub(super) fn make(share: &Share, keep: Keep, upload: &Path, beside: &Path, precedence: &Precedence) -> Result<Made, ChatError> {
    let mut from = File::open(upload).map_err(|e| failed(&e))?;
    if from.metadata().map_err(|e| failed(&e))?.len() != share.size {
        return Err(ChatError::invalid("file", format!("“{}” was damaged in transit. Send it again.", share.name)));
    }
    let mut beginning = Vec::new();
    (&from).take(LOOKED_AT as u64).read_to_end(&mut beginning).map_err(|e| failed(&e))?;
    let kind = sniff::look(&beginning, beginning.len() as u64 == share.size);
    if let (Keep::Shown, Kind::Picture(format)) = (keep, &kind) {
        return picture(share, from, *format, beside, precedence);
    }
    if keep == Keep::Shown && matches!(file::ending(&share.name).as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp") {
        return Err(ChatError::invalid(
            "file",
            format!("“{}” has the name of an image but is not one. Rename it, or send it as a file.", share.name),
        ));
    }
    from.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    let mut hash = Sha256::new();
    let (mut some, mut since) = (vec![0; AT_ONCE], 0);
    loop {
        let read = from.read(&mut some).map_err(|e| failed(&e))?;
        if read == 0 {
            break;
        }
        hash.update(&some[..read]);
        // Low priority alone lets a thread run on for some milliseconds when one of the others wakes up.
        thread::yield_now();
        since += read as u64;
        if since >= LOOKS {
            precedence.give_way();
            since = 0;
        }
    }
    // Before a row names it.
    precedence.give_way();
    from.sync_all().map_err(|e| failed(&e))?;
    let (kind, media, beginning) = match kind {
        Kind::Played(kind, media) => (kind, Some(media.to_owned()), String::new()),
        Kind::Text(beginning) => (FileKind::Text, None, beginning),
        Kind::Picture(_) | Kind::Other => (FileKind::Other, None, String::new()),
    };
    let file = Attachment { id: share.id, name: share.name.clone(), size: share.size, kind, beginning, ..Attachment::default() };
    Ok(Made { file, objects: Objects { whole: name_of(hash), media, ..Objects::default() }, whole: upload.to_owned(), drawn: Vec::new() })
}

fn picture(share: &Share, mut from: File, format: Format, beside: &Path, precedence: &Precedence) -> Result<Made, ChatError> {
    // A photo can be read while it is decoded, whatever its size.
    if share.size > LARGEST_PICTURE && format != Format::Jpeg {
        return Err(ChatError::new(Code::TooLarge, "This image is too large to be displayed. Send it as a file.").at("file"));
    }
    from.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    let file = File::create(beside).map_err(|e| failed(&e))?;
    let mut lies = Lies { file, hash: Sha256::new(), size: 0, unsynced: 0, failed: None, precedence };
    let redrawn = images::redraw(BufReader::with_capacity(AT_ONCE, from), format, &mut lies);
    if let Some(error) = lies.failed {
        return Err(failed(&error));
    }
    let images::Redrawn { format, width, height, large, small, blur, moves } = redrawn?;
    // Before a row names it.
    precedence.give_way();
    lies.file.sync_all().map_err(|e| failed(&e))?;
    let name = match share.name.rsplit_once('.') {
        // By whatever ending it came, it leaves by that of what it is now.
        Some((stem, _)) if !same_ending(&share.name, format) => format!("{stem}.{}", format.ending()),
        Some(_) => share.name.clone(),
        None => format!("{}.{}", share.name, format.ending()),
    };
    let file = Attachment {
        id: share.id,
        name,
        size: lies.size,
        kind: FileKind::Picture,
        width: Some(width),
        height: Some(height),
        blur,
        moves,
        ..Attachment::default()
    };
    // The ending says what it is served as.
    let named = |hash: Sha256, format: Format| format!("{}.{}", name_of(hash), format.ending());
    let mut drawn = Vec::new();
    let mut lay = |picture: Drawn| {
        let name = named(Sha256::new_with_prefix(&picture.bytes), picture.format);
        drawn.push((name.clone(), picture.bytes));
        name
    };
    let objects = Objects { whole: named(lies.hash, format), large: large.map(&mut lay), small: small.map(&mut lay), media: None };
    Ok(Made { file, objects, whole: beside.to_owned(), drawn })
}

/// A file that is being written, and what it has come to. That the disk failed is kept here: whoever writes a picture into it can only
/// say that it could not be written.
struct Lies<'p> {
    file: File,
    hash: Sha256,
    size: u64,
    /// Of that the disk may not hold so much yet.
    unsynced: u64,
    failed: Option<io::Error>,
    precedence: &'p Precedence,
}

impl Lies<'_> {
    /// Writes some, and sees to it that the disk never has much to write at once.
    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.unsynced >= SYNCED {
            self.precedence.give_way();
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        self.file.write(bytes)
    }
}

impl Write for Lies<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.write_some(bytes) {
            Ok(written) => {
                self.hash.update(&bytes[..written]);
                self.size += written as u64;
                self.unsynced += written as u64;
                Ok(written)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let told = io::Error::from(error.kind());
                self.failed = Some(error);
                Err(told)
            }
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn same_ending(name: &str, format: Format) -> bool {
    let ending = file::ending(name);
    ending == format.ending() || (format == Format::Jpeg && ending == "jpeg")
}

/// The disk failed.
pub(super) fn failed(error: &io::Error) -> ChatError {
    if error.kind() == io::ErrorKind::StorageFull || error.kind() == io::ErrorKind::QuotaExceeded {
        tracing::error!("the disk is full: attachments are rejected until there is free space");
        return ChatError {
            retry_after: Some(10),
            ..ChatError::new(Code::StorageFull, "The server's disk is full. Your file was not saved. Contact your administrator.")
        };
    }
    tracing::error!(%error, "cannot save an attachment");
    ChatError::internal()
}
