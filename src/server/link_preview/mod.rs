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

pub use transport::{Answer, Outside};

use super::{
    App, clock,
    images::{self, Drawn, Format},
    store::{News, PictureFile},
};
use crate::{
    domain::{
        Change, ConversationId, Entry, Seq,
        preview::{Picture, Preview},
    },
    protocol::StreamId,
};
use fetch::Matter;
use host_limiter::Sites;
use transport::Busy;

/// Messages that may wait; what comes on top of them gets no preview.
const MOST_WAITING: usize = 256;
/// Messages that are at work or wait for their site.
const MOST_BEGUN: usize = 64;

/// Longer side of a page's picture, in pixels: twice as long as it is shown.
const SIDE: u32 = 240;
/// Most bytes of one, made anew.
const LARGEST_DRAWN: usize = 128 * 1024;

/// A message whose links are to be looked at.
struct Wanted {
    conversation: ConversationId,
    message: Seq,
    _busy: Busy,
}

/// The messages that wait to be looked at. Cloning it is cheap.
#[derive(Clone)]
pub struct Previews {
    /// Nobody looks where it is turned off.
    waits: Option<mpsc::Sender<Wanted>>,
    waiting: Arc<Mutex<Option<mpsc::Receiver<Wanted>>>>,
    outside: Outside,
}

impl Previews {
    /// With this way to the world outside, if it is turned on.
    #[must_use]
    pub fn new(on: bool, outside: Outside) -> Self {
        let (waits, waiting) = mpsc::channel(MOST_WAITING);
        Self { waits: on.then_some(waits), waiting: Arc::new(Mutex::new(on.then_some(waiting))), outside }
    }

    /// The messages among the news that say something else now, and may have a link in it. Quick: the store's writer waits.
    #[must_use]
    pub fn among(&self, news: &[News]) -> Vec<(ConversationId, Seq)> {
        if self.waits.is_none() {
            return Vec::new();
        }
        news.iter().filter_map(with_link).collect()
    }

    /// Lets these wait for being looked at. Called when they were told to those who are connected.
    pub fn note(&self, messages: Vec<(ConversationId, Seq)>) {
        let Some(waits) = &self.waits else { return };
        for (conversation, message) in messages {
            // Where too many wait, this one is left as it is.
            let _ = waits.try_send(Wanted { conversation, message, _busy: Busy::begin(&self.outside) });
        }
    }

    /// Looks at what waits, until the future is dropped. What is not done by then is not done later.
    pub async fn work(self, app: App) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut waiting) = waiting else { return };
        let sites = Sites::new(self.outside, app.config.origin.clone());
        let mut begun = JoinSet::new();
        loop {
            tokio::select! {
                Some(_) = begun.join_next(), if !begun.is_empty() => {}
                wanted = waiting.recv(), if begun.len() < MOST_BEGUN => match wanted {
                    Some(wanted) => drop(begun.spawn(look(app.clone(), sites.clone(), wanted))),
                    None => return,
                },
            }
        }
    }
}

fn with_link(news: &News) -> Option<(ConversationId, Seq)> {
    let News::Happened(StreamId::Conversation(conversation), Entry { seq, change, .. }) = news else { return None };
    let (message, body) = match change {
        Change::Posted { body, .. } => (*seq, body),
        Change::Edited { message, body, .. } | Change::Restored { message, body, .. } => (*message, body),
        _ => return None,
    };
    body.contains("://").then_some((*conversation, message))
}

/// Looks at the links of one message until one of them shows something.
async fn look(app: App, sites: Sites, wanted: Wanted) {
    let Wanted { conversation, message, .. } = wanted;
    let Ok(links) = app.store.links_to_look_at(conversation, message).await else { return };
    // For all of them: a message whose first link is slow gets no more of others' time than any.
    let mut left = sites.outside.patience;
    for link in links {
        if left.is_zero() {
            return;
        }
        let Some((preview, picture)) = one(&app, &sites, &link, &mut left).await else { continue };
        if app.store.preview(conversation, message, preview, picture).await.is_err() {
            tracing::warn!("cannot save a link preview");
        }
        return;
    }
}

/// What one link shows; it takes from the time that is `left`, but for what it waits for its turn.
async fn one(app: &App, sites: &Sites, link: &str, left: &mut Duration) -> Option<(Preview, Option<PictureFile>)> {
    let url = Url::parse(link).ok()?;
    let _turn = sites.turn(&url).await?;
    let (begun, end) = (Instant::now(), Instant::now() + *left);
    let got = fetch::fetch(&sites.outside, url, Matter::Page, end).await;
    *left = left.saturating_sub(begun.elapsed());
    let got = got.map_err(|why| tracing::debug!(%why, "no link preview")).ok()?;
    let from = got.from.clone();
    // Others' bytes, up to a megabyte of them: not on a thread that answers people.
    let (seen, picture) = tokio::task::spawn_blocking(move || metadata::read(&got.bytes, &got.kind)).await.ok()?;
    let mut preview = seen.of(link, from.host_str().unwrap_or_default())?;
    // Readers wait for a page's words no longer because its picture is slow.
    let drawn = match picture.and_then(|at| from.join(&at).ok()) {
        Some(at) => timeout_at(end, draw(app, sites, at, end)).await.ok().flatten(),
        None => None,
    };
    let file = drawn.map(|Drawn { bytes, format, width, height }| {
        preview.picture = Some(Picture { id: clock::id(), width, height });
        PictureFile { media: format.media().to_owned(), bytes }
    });
    Some((preview, file))
}

/// A page's picture, fetched under the same rules, and made anew. Without one the preview is whole.
async fn draw(app: &App, sites: &Sites, at: Url, end: Instant) -> Option<Drawn> {
    let got =
        fetch::fetch(&sites.outside, at, Matter::Picture, end).await.map_err(|why| tracing::debug!(%why, "no image for a link preview")).ok()?;
    // What it is, its bytes say, not its server.
    let format = Format::of(&got.bytes)?;
    let drawn = app.workshop.perform(move || images::fit(Cursor::new(got.bytes), format, SIDE)).await.ok()?.ok()?;
    (drawn.bytes.len() <= LARGEST_DRAWN).then_some(drawn)
}
