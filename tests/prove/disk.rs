//! The disk is full, or fails: nothing false is acknowledged.
