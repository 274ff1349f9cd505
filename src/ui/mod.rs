//! What one sees.
pub mod app;
pub mod shell;
