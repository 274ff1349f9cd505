//! How much one socket's client has said lately.

use std::time::Duration;

use tokio::time::Instant;

/// Most frames from a client in a minute.
const FRAMES_A_MINUTE: u32 = 120;
/// How often it is told that somebody is typing.
const TYPING_EVERY: Duration = Duration::from_secs(3);

/// How many frames came in this minute.
pub(super) struct Heard {
    since: Instant,
    frames: u32,
    typed: Option<Instant>,
}

impl Default for Heard {
    fn default() -> Self {
        Self { since: Instant::now(), frames: 0, typed: None }
    }
}

impl Heard {
    /// Whether one more is too much.
    pub(super) fn too_much(&mut self) -> bool {
        if self.since.elapsed() > Duration::from_secs(60) {
            (self.since, self.frames) = (Instant::now(), 0);
        }
        self.frames += 1;
        self.frames > FRAMES_A_MINUTE
    }

    /// Whether that one is typing is told to others again.
    pub(super) fn may_type(&mut self) -> bool {
        let now = Instant::now();
        let may = self.typed.is_none_or(|typed| now - typed >= TYPING_EVERY);
        if may {
            self.typed = Some(now);
        }
        may
    }
}
