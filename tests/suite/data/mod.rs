//! The data folder: backup, restored copies, and crashes.

pub(crate) mod backup;
pub(crate) mod crashes;
pub(crate) mod restored_copies;
