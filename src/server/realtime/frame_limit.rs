//! The frame limit: how many frames one client may send.

use std::time::Duration;

use tokio::time::Instant;

/// Maximum number of frames from a client per minute.
const MAX_FRAMES_PER_MINUTE: u32 = 120;
/// How often a typing indicator is relayed.
const TYPING_INTERVAL: Duration = Duration::from_secs(3);

/// Counts the frames of the current minute.
pub(super) struct FrameLimit {
    minute_started: Instant,
    frames: u32,
    last_typing: Option<Instant>,
}

impl Default for FrameLimit {
    fn default() -> Self {
        Self { minute_started: Instant::now(), frames: 0, last_typing: None }
    }
}

impl FrameLimit {
    /// Counts a frame. Whether it exceeds the limit.
    pub(super) fn record_frame(&mut self) -> bool {
        if self.minute_started.elapsed() > Duration::from_secs(60) {
            (self.minute_started, self.frames) = (Instant::now(), 0);
        }
        self.frames += 1;
        self.frames > MAX_FRAMES_PER_MINUTE
    }

    /// Whether a typing indicator may be relayed again.
    pub(super) fn may_send_typing(&mut self) -> bool {
        let now = Instant::now();
        let may = self.last_typing.is_none_or(|last_typing| now - last_typing >= TYPING_INTERVAL);
        if may {
            self.last_typing = Some(now);
        }
        may
    }
}
