//! The server loop: accepts connections until it is told to stop; then finishes what runs, within a
//! deadline.

use std::{convert::Infallible, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::service::{Service, service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinHandle,
    time::interval,
};

use super::{
    connection::{GuardedBody, Phase, TimedStream},
    router,
};
use crate::{
    domain::PersonId,
    server::{App, auth::local_request::Peer},
};

/// How long requests may take to finish during shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(2_500);
/// How long the closing handshakes of sockets may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How often presence changes are announced.
const PRESENCE_INTERVAL: Duration = Duration::from_millis(150);

/// How often delivery receipts are saved.
const RECEIPTS_INTERVAL: Duration = Duration::from_secs(20);
/// How often deleted messages and files are purged.
const PURGE_INTERVAL: Duration = Duration::from_secs(6 * 3600);

/// Maximum number of connections that wait to be accepted: when everybody reconnects at once they
/// wait, instead of a second until its browsers try again.
const BACKLOG: u32 = 4_096;

/// Listens at this address.
///
/// # Errors
/// The address is in use, or not permitted for this user.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Half-closed connections of the previous server do not block the address.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` completes. The listener and the signal come from outside, so that a test can
/// bring its own.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let router = router(app.clone());
    // HTTP/1 only: HTTP/2 would need limits of its own, and proxies speak HTTP/1 to their backends.
    // No header timeout: it would end idle connections as well.
    let server = auto::Builder::new(TokioExecutor::new()).http1_only();
    let graceful = GracefulShutdown::new();
    let presence = tokio::spawn(run_presence(app.clone()));
    let previews = tokio::spawn(app.link_previews.clone().run(
        app.store.clone(),
        app.background.clone(),
        app.config.origin.clone(),
    ));
    let mut prune_timer = interval(Duration::from_secs(60));
    let mut receipts_timer = interval(RECEIPTS_INTERVAL);
    let mut purge_timer = interval(PURGE_INTERVAL);
    purge_timer.reset();
    let mut purging = purge(&app);
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = prune_timer.tick() => app.limits.prune(),
            _ = receipts_timer.tick() => {
                let app = app.clone();
                tokio::spawn(async move { save_receipts(&app).await });
            }
            _ = purge_timer.tick() => purging = purge(&app),
            accepted = listener.accept() => {
                let (stream, peer) = match accepted {
                    Ok(accepted) => accepted,
                    // Out of descriptors, or a client that left at once: nothing of ours has
                    // failed.
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    }
                };
                let _ = stream.set_nodelay(true);
                let phase = Arc::new(Phase::default());
                let stream = TimedStream::new(stream, Arc::clone(&phase));
                let routes = TowerToHyperService::new(router.clone());
                let service = service_fn(move |mut request: hyper::Request<_>| {
                    request.extensions_mut().insert(Peer(peer));
                    let (guard, answer) = (phase.begin_request(), routes.call(request));
                    async move {
                        let answer = answer.await?;
                        Ok::<_, Infallible>(answer.map(|body| GuardedBody::new(body, guard)))
                    }
                });
                let connection =
                    server.serve_connection_with_upgrades(TokioIo::new(stream), service);
                let connection = graceful.watch(connection.into_owned());
                tokio::spawn(async move {
                    // Clients disconnect in many ways; none is an error of the server.
                    let _ = connection.await;
                });
            }
        }
    }
    drop(listener);
    presence.abort();
    purging.abort();
    previews.abort();
    let (online, _) = app.hub.online();
    app.hub.shutdown();
    if tokio::time::timeout(CLOSE_TIMEOUT, app.hub.drained()).await.is_err() {
        tracing::warn!("some WebSocket connections were not closed in time");
    }
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
    save_last_seen(&app, online).await;
    save_receipts(&app).await;
    app.store.close().await;
    Ok(())
}

/// Announces presence changes. The time of a departure is saved before it is announced, so that a
/// client that asks then gets it.
async fn run_presence(app: App) {
    let mut presence = interval(PRESENCE_INTERVAL);
    loop {
        presence.tick().await;
        save_last_seen(&app, app.hub.leaving()).await;
        app.hub.broadcast_presence();
    }
}

/// All at once, however many they are: when a network fails, a crowd leaves in one moment.
async fn save_last_seen(app: &App, people: Vec<PersonId>) {
    if !people.is_empty() && app.store.save_last_seen(people).await.is_err() {
        tracing::warn!("cannot save when people were last seen");
    }
}

/// Saves delivery receipts periodically: until then the hub has them, and after a crash the next
/// connections confirm them again.
async fn save_receipts(app: &App) {
    let receipts = app.hub.unsaved_receipts(None);
    if receipts.is_empty() {
        return;
    }
    match app.store.save_delivered(receipts.clone()).await {
        Ok(()) => app.hub.receipts_saved(&receipts),
        Err(_) => tracing::warn!("cannot save delivery receipts; trying again later"),
    }
}

/// Purges in the background; what fails is done the next time.
fn purge(app: &App) -> JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        if app.store.purge_deleted().await.is_err() {
            tracing::warn!("cannot purge deleted messages; trying again later");
        }
        app.files.purge_files().await;
        app.files.delete_stale_blobs().await;
    })
}
