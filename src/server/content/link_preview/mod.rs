//! Link previews: fetches the pages of links after their messages were delivered, and tells the
//! readers, so that no reader's browser contacts another site. It runs in the background, is
//! bounded in every way, and may be dropped: a message is complete without a preview.

mod address;
mod fetch;
mod host_limiter;
mod metadata;
mod transport;

use std::{
    io::Cursor,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout_at},
};
use url::Url;

pub use transport::{Transport, TransportFuture};

use crate::server::{
    background::pool::BackgroundPool,
    clock,
    content::images::{self, EncodedImage},
    store::{PreviewImage, Store, StoreEvent},
};
use crate::{
    domain::{
        Change, ConversationId, Entry, Seq,
        file::ImageFormat,
        link_preview::{LinkPreview, Thumbnail},
    },
    protocol::StreamId,
};
use fetch::Resource;
use host_limiter::HostLimiter;
use transport::InFlight;

/// Maximum number of queued messages; more get no preview.
const MAX_QUEUED: usize = 256;
/// Maximum number of messages in progress.
const MAX_ACTIVE: usize = 64;

/// Longer side of a page's image, in pixels: twice its size on the screen.
const IMAGE_SIDE: u32 = 240;
/// Maximum number of bytes of a re-encoded image.
const MAX_IMAGE_BYTES: usize = 128 * 1024;

/// A message whose links need a preview.
struct Job {
    conversation: ConversationId,
    message: Seq,
    _in_flight: InFlight,
}

/// The queue of messages that need previews. Cloning it is cheap.
#[derive(Clone)]
pub struct LinkPreviews {
    enabled: Arc<AtomicBool>,
    queue: mpsc::Sender<Job>,
    receiver: Arc<Mutex<Option<mpsc::Receiver<Job>>>>,
    transport: Transport,
}

impl LinkPreviews {
    /// With this transport, if previews are enabled.
    #[must_use]
    pub fn new(enabled: bool, transport: Transport) -> Self {
        let (queue, receiver) = mpsc::channel(MAX_QUEUED);
        Self {
            enabled: Arc::new(AtomicBool::new(enabled)),
            queue,
            receiver: Arc::new(Mutex::new(Some(receiver))),
            transport,
        }
    }

    /// Enables or disables previews of further messages.
    pub fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Ordering::Relaxed);
    }

    /// The messages in these events with new text that may contain a link. Fast: the writer waits.
    #[must_use]
    pub fn with_links(&self, events: &[StoreEvent]) -> Vec<(ConversationId, Seq)> {
        if !self.enabled.load(Ordering::Relaxed) {
            return Vec::new();
        }
        events.iter().filter_map(message_with_link).collect()
    }

    /// Queues messages. Called after their events were published.
    pub fn enqueue(&self, messages: Vec<(ConversationId, Seq)>) {
        for (conversation, message) in messages {
            // Beyond the limit a message gets no preview.
            let _ = self.queue.try_send(Job {
                conversation,
                message,
                _in_flight: InFlight::start(&self.transport),
            });
        }
    }

    /// Processes the queue until the future is dropped. What is not done by then is not done later.
    pub async fn run(self, store: Store, background: BackgroundPool, own_origin: Option<String>) {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut receiver) = receiver else { return };
        let enabled = Arc::clone(&self.enabled);
        let hosts = HostLimiter::new(self.transport, own_origin);
        let mut active = JoinSet::new();
        loop {
            tokio::select! {
                Some(_) = active.join_next(), if !active.is_empty() => {}
                job = receiver.recv(), if active.len() < MAX_ACTIVE => match job {
                    Some(_) if !enabled.load(Ordering::Relaxed) => {}
                    Some(job) => {
                        let (store, background) = (store.clone(), background.clone());
                        active.spawn(process(store, background, hosts.clone(), job));
                    }
                    None => return,
                },
            }
        }
    }
}

fn message_with_link(events: &StoreEvent) -> Option<(ConversationId, Seq)> {
    let StoreEvent::Appended(StreamId::Conversation(conversation), Entry { seq, change, .. }) =
        events
    else {
        return None;
    };
    let (message, body) = match change {
        Change::Posted { body, .. } => (*seq, body),
        Change::Edited { message, body, .. } | Change::Restored { message, body, .. } => {
            (*message, body)
        }
        _ => return None,
    };
    body.contains("://").then_some((*conversation, message))
}

/// Fetches the links of a message until one has a preview.
async fn process(store: Store, background: BackgroundPool, hosts: HostLimiter, job: Job) {
    let Job { conversation, message, .. } = job;
    let Ok(links) = store.pending_links(conversation, message).await else { return };
    // One timeout for all links: a message with a slow link gets no more time than any other.
    let mut remaining = hosts.transport.timeout;
    for link in links {
        if remaining.is_zero() {
            return;
        }
        let Some((preview, picture)) =
            preview_link(&background, &hosts, &link, &mut remaining).await
        else {
            continue;
        };
        if store.save_preview(conversation, message, preview, picture).await.is_err() {
            tracing::warn!("cannot save a link preview");
        }
        return;
    }
}

/// The preview of one link. Its time counts against `remaining`, except for waiting for a permit.
async fn preview_link(
    background: &BackgroundPool,
    hosts: &HostLimiter,
    link: &str,
    remaining: &mut Duration,
) -> Option<(LinkPreview, Option<PreviewImage>)> {
    let url = Url::parse(link).ok()?;
    let _permit = hosts.acquire(&url).await?;
    let (started, deadline) = (Instant::now(), Instant::now() + *remaining);
    let fetched = fetch::fetch(&hosts.transport, url, Resource::Page, deadline).await;
    *remaining = remaining.saturating_sub(started.elapsed());
    let fetched = fetched.map_err(|why| tracing::debug!(%why, "no link preview")).ok()?;
    let from = fetched.from.clone();
    // Untrusted bytes, up to a megabyte: not on a thread that serves requests.
    let read = move || metadata::read(&fetched.bytes, &fetched.content_type);
    let (seen, picture) = background.run(read).await.ok()?;
    let mut preview = seen.to_preview(link, from.host_str().unwrap_or_default())?;
    // A slow image does not delay the text of the preview.
    let image = match picture.and_then(|at| from.join(&at).ok()) {
        Some(at) => {
            timeout_at(deadline, fetch_image(background, hosts, at, deadline)).await.ok().flatten()
        }
        None => None,
    };
    let file = image.map(|EncodedImage { bytes, format, width, height }| {
        preview.thumbnail = Some(Thumbnail { id: clock::id(), width, height });
        PreviewImage { media: format.media_type().to_owned(), bytes }
    });
    Some((preview, file))
}

/// A page's image, fetched under the same rules, and re-encoded. The preview is complete without
/// one.
async fn fetch_image(
    background: &BackgroundPool,
    hosts: &HostLimiter,
    at: Url,
    deadline: Instant,
) -> Option<EncodedImage> {
    let fetched = fetch::fetch(&hosts.transport, at, Resource::Image, deadline)
        .await
        .map_err(|why| tracing::debug!(%why, "no image for a link preview"))
        .ok()?;
    // Its bytes determine the format, not its server.
    let format = ImageFormat::detect(&fetched.bytes)?;
    let image = background
        .run(move || images::fit(Cursor::new(fetched.bytes), format, IMAGE_SIDE))
        .await
        .ok()?
        .ok()?;
    (image.bytes.len() <= MAX_IMAGE_BYTES).then_some(image)
}
