//! Bare axum: the cost of the framework for the same fan-out, with small buffers and coalesced
//! writes. Stores nothing.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::get,
};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::peer;

/// Size of a listener's queue, in frames.
const WAITING: usize = 4_096;

#[derive(Clone, Default)]
struct Room(Arc<Mutex<(u64, Vec<Sender<Utf8Bytes>>)>>);

impl Room {
    fn tell(&self, body: &str) {
        let mut room = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        room.0 += 1;
        let frame = Utf8Bytes::from(peer::message(room.0, body));
        room.1.retain(|ear| ear.try_send(frame.clone()).is_ok());
    }
}

/// Serves until the process is killed.
///
/// # Errors
/// A network error.
pub fn serve(address: SocketAddr) -> io::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let app = Router::new()
            .route("/ear", get(ear))
            .route("/mouth", get(mouth))
            .with_state(Room::default());
        axum::serve(
            axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))),
            app,
        )
        .await
    })
}

async fn ear(State(room): State<Room>, ws: WebSocketUpgrade) -> Response {
    ws.read_buffer_size(4096).write_buffer_size(16 * 1024).on_upgrade(move |socket| {
        let (sender, frames) = channel(WAITING);
        room.0.lock().unwrap_or_else(PoisonError::into_inner).1.push(sender);
        hear(socket, frames)
    })
}

async fn hear(socket: WebSocket, mut frames: Receiver<Utf8Bytes>) {
    let (mut sink, mut incoming) = socket.split();
    let mut waiting = Vec::new();
    let _ = sink.send(Message::text(peer::CURRENT)).await;
    loop {
        tokio::select! {
            frame = incoming.next() => if !matches!(frame, Some(Ok(_))) { return },
            taken = frames.recv_many(&mut waiting, 256) => {
                if taken == 0 { return }
                for frame in waiting.drain(..) {
                    if sink.feed(Message::Text(frame)).await.is_err() { return }
                }
                if sink.flush().await.is_err() { return }
            }
        }
    }
}

async fn mouth(State(room): State<Room>, ws: WebSocketUpgrade) -> Response {
    ws.read_buffer_size(4096).on_upgrade(async move |mut socket| {
        let _ = socket.send(Message::text(peer::CURRENT)).await;
        while let Some(Ok(Message::Text(body))) = socket.recv().await {
            room.tell(&body);
            if socket.send(Message::text(peer::KEPT)).await.is_err() {
                return;
            }
        }
    })
}
