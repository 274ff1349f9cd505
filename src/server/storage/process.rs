//! Processes a complete upload: its kind, its attachment, and its blobs. Runs in the background
//! pool.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
};

use sha2::{Digest, Sha256};

use super::{
    blob_store::blob_name,
    sniff::{self, Detected, SNIFF_LENGTH},
    uploads::SYNC_INTERVAL,
};
use crate::{
    domain::{
        Attachment, ChatError, Code,
        file::{self, FileKind, ImageFormat},
    },
    server::{
        background::priority::WriteGate,
        content::images::{self, EncodedImage},
        store::{BlobKeys, UploadRecord},
    },
};

/// Largest file that is re-encoded as an image, in bytes; photos may be larger.
const MAX_IMAGE: u64 = 40 * 1024 * 1024;

/// Bytes of one read.
const BUFFER_SIZE: usize = 256 * 1024;
/// Bytes hashed between two yields to writes: seldom enough not to delay other jobs.
const YIELD_INTERVAL: u64 = 1024 * 1024;

/// The blobs to be stored, and the attachment to be shown.
pub(super) struct ProcessedUpload {
    pub(super) file: Attachment,
    pub(super) keys: BlobKeys,
    /// The file with the original: the upload itself, or the re-encoded image.
    pub(super) whole: PathBuf,
    /// The smaller images, by their names.
    pub(super) variants: Vec<(String, Vec<u8>)>,
}

impl ProcessedUpload {
    /// Its size in the quota, in bytes.
    pub(super) fn stored_size(&self) -> u64 {
        self.file.size + self.variants.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>()
    }
}

/// How an upload is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UploadMode {
    /// An image re-encoded, anything else as it is.
    #[default]
    Display,
    /// As it is, also where it is or claims to be an image.
    AsFile,
}

/// Processes a complete upload; an image for display is re-encoded into `output`.
pub(super) fn process(
    upload: &UploadRecord,
    mode: UploadMode,
    source: &Path,
    output: &Path,
    write_gate: &WriteGate,
) -> Result<ProcessedUpload, ChatError> {
    let mut from = File::open(source).map_err(|e| disk_error(&e))?;
    if from.metadata().map_err(|e| disk_error(&e))?.len() != upload.size {
        return Err(ChatError::invalid(
            "file",
            format!("“{}” was damaged in transit. Send it again.", upload.name),
        ));
    }
    let mut beginning = Vec::new();
    (&from).take(SNIFF_LENGTH as u64).read_to_end(&mut beginning).map_err(|e| disk_error(&e))?;
    let kind = sniff::detect(&beginning, beginning.len() as u64 == upload.size);
    if let (UploadMode::Display, Detected::Image(format)) = (mode, &kind) {
        return process_image(upload, from, *format, output, write_gate);
    }
    if mode == UploadMode::Display
        && ImageFormat::from_extension(&file::extension(&upload.name)).is_some()
    {
        return Err(ChatError::invalid(
            "file",
            format!(
                "“{}” has the name of an image but is not one. Rename it, or send it as a file.",
                upload.name
            ),
        ));
    }
    from.seek(SeekFrom::Start(0)).map_err(|e| disk_error(&e))?;
    let mut hash = Sha256::new();
    let (mut buffer, mut unyielded) = (vec![0; BUFFER_SIZE], 0);
    loop {
        let read = from.read(&mut buffer).map_err(|e| disk_error(&e))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        // Low priority alone lets a thread run on for some milliseconds when another one wakes up.
        thread::yield_now();
        unyielded += read as u64;
        if unyielded >= YIELD_INTERVAL {
            write_gate.yield_to_writes();
            unyielded = 0;
        }
    }
    // Before a row names it.
    write_gate.yield_to_writes();
    from.sync_all().map_err(|e| disk_error(&e))?;
    let (kind, media, text_preview) = match kind {
        Detected::Media(kind, media) => (kind, Some(media.to_owned()), String::new()),
        Detected::Text(beginning) => (FileKind::Text, None, beginning),
        Detected::Image(_) | Detected::Other => (FileKind::Other, None, String::new()),
    };
    let file = Attachment {
        id: upload.id,
        name: upload.name.clone(),
        size: upload.size,
        kind,
        text_preview,
        ..Attachment::default()
    };
    Ok(ProcessedUpload {
        file,
        keys: BlobKeys { whole: blob_name(hash), media, ..BlobKeys::default() },
        whole: source.to_owned(),
        variants: Vec::new(),
    })
}

fn process_image(
    upload: &UploadRecord,
    mut from: File,
    format: ImageFormat,
    output: &Path,
    write_gate: &WriteGate,
) -> Result<ProcessedUpload, ChatError> {
    // A photo is read while it is decoded, so its size does not matter.
    if upload.size > MAX_IMAGE && format != ImageFormat::Jpeg {
        return Err(ChatError::new(
            Code::TooLarge,
            "This image is too large to be displayed. Send it as a file.",
        )
        .at("file"));
    }
    from.seek(SeekFrom::Start(0)).map_err(|e| disk_error(&e))?;
    let file = File::create(output).map_err(|e| disk_error(&e))?;
    let mut writer =
        HashingWriter { file, hash: Sha256::new(), size: 0, unsynced: 0, failed: None, write_gate };
    let reencoded =
        images::reencode(BufReader::with_capacity(BUFFER_SIZE, from), format, &mut writer);
    if let Some(error) = writer.failed {
        return Err(disk_error(&error));
    }
    let images::Reencoded { format, width, height, large, small, blur, is_animated } = reencoded?;
    // Before a row names it.
    write_gate.yield_to_writes();
    writer.file.sync_all().map_err(|e| disk_error(&e))?;
    let name = match upload.name.rsplit_once('.') {
        // The extension becomes that of the new format.
        Some((stem, _)) if !has_extension(&upload.name, format) => {
            format!("{stem}.{}", format.extension())
        }
        Some(_) => upload.name.clone(),
        None => format!("{}.{}", upload.name, format.extension()),
    };
    let file = Attachment {
        id: upload.id,
        name,
        size: writer.size,
        kind: FileKind::Image,
        width: Some(width),
        height: Some(height),
        blur,
        animated: is_animated,
        ..Attachment::default()
    };
    // The extension determines the media type.
    let named =
        |hash: Sha256, format: ImageFormat| format!("{}.{}", blob_name(hash), format.extension());
    let mut variants = Vec::new();
    let mut add_variant = |image: EncodedImage| {
        let name = named(Sha256::new_with_prefix(&image.bytes), image.format);
        variants.push((name.clone(), image.bytes));
        name
    };
    let keys = BlobKeys {
        whole: named(writer.hash, format),
        large: large.map(&mut add_variant),
        small: small.map(&mut add_variant),
        media: None,
    };
    Ok(ProcessedUpload { file, keys, whole: output.to_owned(), variants })
}

/// A writer that hashes what it writes. It keeps an error of the disk, because image encoders
/// report only that writing failed.
struct HashingWriter<'p> {
    file: File,
    hash: Sha256,
    size: u64,
    /// Bytes that were not synced yet.
    unsynced: u64,
    failed: Option<io::Error>,
    write_gate: &'p WriteGate,
}

impl HashingWriter<'_> {
    /// Writes some bytes, and syncs often, so that the disk never has much to write at once.
    fn write_throttled(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.unsynced >= SYNC_INTERVAL {
            self.write_gate.yield_to_writes();
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        self.file.write(bytes)
    }
}

impl Write for HashingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.write_throttled(bytes) {
            Ok(written) => {
                self.hash.update(&bytes[..written]);
                self.size += written as u64;
                self.unsynced += written as u64;
                Ok(written)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let reported = io::Error::from(error.kind());
                self.failed = Some(error);
                Err(reported)
            }
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn has_extension(name: &str, format: ImageFormat) -> bool {
    ImageFormat::from_extension(&file::extension(name)) == Some(format)
}

/// Maps an error of the disk.
pub(super) fn disk_error(error: &io::Error) -> ChatError {
    if error.kind() == io::ErrorKind::StorageFull || error.kind() == io::ErrorKind::QuotaExceeded {
        tracing::error!("the disk is full: attachments are rejected until there is free space");
        return ChatError {
            retry_after: Some(10),
            ..ChatError::new(
                Code::StorageFull,
                "The server's disk is full. Your file was not saved. Contact the operator of this server.",
            )
        };
    }
    tracing::error!(%error, "cannot save an attachment");
    ChatError::internal()
}
