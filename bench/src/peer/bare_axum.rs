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

/// Size of the queue of a receiver, in frames.
const QUEUE_SIZE: usize = 4_096;

#[derive(Clone, Default)]
struct Room(Arc<Mutex<(u64, Vec<Sender<Utf8Bytes>>)>>);

impl Room {
    fn publish(&self, body: &str) {
        let mut room = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        room.0 += 1;
        let frame = Utf8Bytes::from(peer::message_frame(room.0, body));
        room.1.retain(|receiver| receiver.try_send(frame.clone()).is_ok());
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
            .route("/receive", get(receive))
            .route("/send", get(send))
            .with_state(Room::default());
        axum::serve(
            axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))),
            app,
        )
        .await
    })
}

async fn receive(State(room): State<Room>, ws: WebSocketUpgrade) -> Response {
    ws.read_buffer_size(4096).write_buffer_size(16 * 1024).on_upgrade(move |socket| {
        let (sender, frames) = channel(QUEUE_SIZE);
        room.0.lock().unwrap_or_else(PoisonError::into_inner).1.push(sender);
        forward(socket, frames)
    })
}

async fn forward(socket: WebSocket, mut frames: Receiver<Utf8Bytes>) {
    let (mut sink, mut incoming) = socket.split();
    let mut batch = Vec::new();
    let _ = sink.send(Message::text(peer::CURRENT)).await;
    loop {
        tokio::select! {
            frame = incoming.next() => if !matches!(frame, Some(Ok(_))) { return },
            count = frames.recv_many(&mut batch, 256) => {
                if count == 0 { return }
                for frame in batch.drain(..) {
                    if sink.feed(Message::Text(frame)).await.is_err() { return }
                }
                if sink.flush().await.is_err() { return }
            }
        }
    }
}

async fn send(State(room): State<Room>, ws: WebSocketUpgrade) -> Response {
    ws.read_buffer_size(4096).on_upgrade(async move |mut socket| {
        let _ = socket.send(Message::text(peer::CURRENT)).await;
        while let Some(Ok(Message::Text(body))) = socket.recv().await {
            room.publish(&body);
            if socket.send(Message::text(peer::ACK)).await.is_err() {
                return;
            }
        }
    })
}
