//! Looks at what the links of messages lead to, after the messages were delivered, and tells the readers of it: so that no
//! reader's browser asks another site. It is done beside everything else, is bounded in every way, and may be dropped: a
//! message without a preview is whole.

mod address;
mod fetch;
mod host_limiter;
mod metadata;
mod transport;

use std::{
    io::Cursor,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout_at},
};
use url::Url;

pub use transport::{Transport, TransportFuture};

use super::{
    background::pool::BackgroundPool,
    clock,
    images::{self, EncodedImage, Format},
    store::{PreviewImage, Store, StoreEvent},
};
use crate::{
    domain::{
        Change, ConversationId, Entry, Seq,
        preview::{Picture, Preview},
    },
    protocol::StreamId,
};
use fetch::Resource;
use host_limiter::HostLimiter;
use transport::InFlight;

/// Messages that may wait; what comes on top of them gets no preview.
const MAX_QUEUED: usize = 256;
/// Messages that are at work or wait for their site.
const MAX_ACTIVE: usize = 64;

/// Longer side of a page's picture, in pixels: twice as long as it is shown.
const IMAGE_SIDE: u32 = 240;
/// Most bytes of one, made anew.
const MAX_IMAGE_BYTES: usize = 128 * 1024;

/// A message whose links are to be looked at.
struct Job {
    conversation: ConversationId,
    message: Seq,
    _in_flight: InFlight,
}

/// The messages that wait to be looked at. Cloning it is cheap.
#[derive(Clone)]
pub struct LinkPreviews {
    /// Nobody looks where it is turned off.
    queue: Option<mpsc::Sender<Job>>,
    receiver: Arc<Mutex<Option<mpsc::Receiver<Job>>>>,
    transport: Transport,
}

impl LinkPreviews {
    /// With this way to the world outside, if it is turned on.
    #[must_use]
    pub fn new(enabled: bool, transport: Transport) -> Self {
        let (queue, receiver) = mpsc::channel(MAX_QUEUED);
        Self { queue: enabled.then_some(queue), receiver: Arc::new(Mutex::new(enabled.then_some(receiver))), transport }
    }

    /// The messages among the news that say something else now, and may have a link in it. Quick: the store's writer waits.
    #[must_use]
    pub fn with_links(&self, events: &[StoreEvent]) -> Vec<(ConversationId, Seq)> {
        if self.queue.is_none() {
            return Vec::new();
        }
        events.iter().filter_map(message_with_link).collect()
    }

    /// Lets these wait for being looked at. Called when they were told to those who are connected.
    pub fn enqueue(&self, messages: Vec<(ConversationId, Seq)>) {
        let Some(queue) = &self.queue else { return };
        for (conversation, message) in messages {
            // Where too many wait, this one is left as it is.
            let _ = queue.try_send(Job { conversation, message, _in_flight: InFlight::start(&self.transport) });
        }
    }

    /// Looks at what waits, until the future is dropped. What is not done by then is not done later.
    pub async fn run(self, store: Store, background: BackgroundPool, own_origin: Option<String>) {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut receiver) = receiver else { return };
        let hosts = HostLimiter::new(self.transport, own_origin);
        let mut begun = JoinSet::new();
        loop {
            tokio::select! {
                Some(_) = begun.join_next(), if !begun.is_empty() => {}
                job = receiver.recv(), if begun.len() < MAX_ACTIVE => match job {
                    Some(job) => drop(begun.spawn(process(store.clone(), background.clone(), hosts.clone(), job))),
                    None => return,
                },
            }
        }
    }
}

fn message_with_link(events: &StoreEvent) -> Option<(ConversationId, Seq)> {
    let StoreEvent::Appended(StreamId::Conversation(conversation), Entry { seq, change, .. }) = events else { return None };
    let (message, body) = match change {
        Change::Posted { body, .. } => (*seq, body),
        Change::Edited { message, body, .. } | Change::Restored { message, body, .. } => (*message, body),
        _ => return None,
    };
    body.contains("://").then_some((*conversation, message))
}

/// Looks at the links of one message until one of them shows something.
async fn process(store: Store, background: BackgroundPool, hosts: HostLimiter, job: Job) {
    let Job { conversation, message, .. } = job;
    let Ok(links) = store.pending_links(conversation, message).await else { return };
    // For all of them: a message whose first link is slow gets no more of others' time than any.
    let mut remaining = hosts.transport.timeout;
    for link in links {
        if remaining.is_zero() {
            return;
        }
        let Some((preview, picture)) = preview_link(&background, &hosts, &link, &mut remaining).await else { continue };
        if store.save_preview(conversation, message, preview, picture).await.is_err() {
            tracing::warn!("cannot save a link preview");
        }
        return;
    }
}

/// What one link shows; it takes from the time that is `left`, but for what it waits for its turn.
async fn preview_link(
    background: &BackgroundPool,
    hosts: &HostLimiter,
    link: &str,
    remaining: &mut Duration,
) -> Option<(Preview, Option<PreviewImage>)> {
    let url = Url::parse(link).ok()?;
    let _permit = hosts.acquire(&url).await?;
    let (begun, deadline) = (Instant::now(), Instant::now() + *remaining);
    let fetched = fetch::fetch(&hosts.transport, url, Resource::Page, deadline).await;
    *remaining = remaining.saturating_sub(begun.elapsed());
    let fetched = fetched.map_err(|why| tracing::debug!(%why, "no link preview")).ok()?;
    let from = fetched.from.clone();
    // Others' bytes, up to a megabyte of them: not on a thread that answers people.
    let (seen, picture) = tokio::task::spawn_blocking(move || metadata::read(&fetched.bytes, &fetched.content_type)).await.ok()?;
    let mut preview = seen.of(link, from.host_str().unwrap_or_default())?;
    // Readers wait for a page's words no longer because its picture is slow.
    let image = match picture.and_then(|at| from.join(&at).ok()) {
        Some(at) => timeout_at(deadline, fetch_image(background, hosts, at, deadline)).await.ok().flatten(),
        None => None,
    };
    let file = image.map(|EncodedImage { bytes, format, width, height }| {
        preview.picture = Some(Picture { id: clock::id(), width, height });
        PreviewImage { media: format.media().to_owned(), bytes }
    });
    Some((preview, file))
}

/// A page's picture, fetched under the same rules, and made anew. Without one the preview is whole.
async fn fetch_image(background: &BackgroundPool, hosts: &HostLimiter, at: Url, deadline: Instant) -> Option<EncodedImage> {
    let fetched = fetch::fetch(&hosts.transport, at, Resource::Image, deadline)
        .await
        .map_err(|why| tracing::debug!(%why, "no image for a link preview"))
        .ok()?;
    // What it is, its bytes say, not its server.
    let format = Format::detect(&fetched.bytes)?;
    let image = background.run(move || images::fit(Cursor::new(fetched.bytes), format, IMAGE_SIDE)).await.ok()?.ok()?;
    (image.bytes.len() <= MAX_IMAGE_BYTES).then_some(image)
}
