//! Files: attachments and avatars, hostile files, and buckets.

pub(crate) mod attachments;
pub(crate) mod bucket;
pub(crate) mod hostile_files;
