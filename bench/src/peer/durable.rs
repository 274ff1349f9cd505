//! The durable limit: the minimum that stores a message before it is delivered. One thread in a
//! loop: read everything available, append it to a file, `fdatasync` once, then one write per
//! receiver and one per sender.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    path::Path,
};

use memchr::memmem;
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};
use tungstenite::handshake::derive_accept_key;

use crate::{peer, ws};

const LISTENER: Token = Token(usize::MAX);

struct Client {
    stream: TcpStream,
    role: Role,
    unparsed: Vec<u8>,
    unsent: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Unknown,
    Receiver,
    Sender,
}

/// Serves until the process is killed.
///
/// # Errors
/// A network or file error.
pub fn serve(address: SocketAddr, journal: &Path) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(address)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut journal = OpenOptions::new().create(true).append(true).open(journal)?;
    let (mut clients, mut events, mut buffer, mut seq) =
        (Vec::<Option<Client>>::new(), Events::with_capacity(1024), vec![0; 256 * 1024], 0);
    loop {
        poll.poll(&mut events, None)?;
        let (mut bodies, mut senders) = (Vec::new(), Vec::new());
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    let _ = stream.set_nodelay(true);
                    poll.registry().register(
                        &mut stream,
                        Token(clients.len()),
                        Interest::READABLE | Interest::WRITABLE,
                    )?;
                    clients.push(Some(Client {
                        stream,
                        role: Role::Unknown,
                        unparsed: Vec::new(),
                        unsent: Vec::new(),
                    }));
                }
                continue;
            }
            let index = event.token().0;
            let Some(client) = clients.get_mut(index).and_then(Option::as_mut) else { continue };
            let before = bodies.len();
            let is_open = client.flush().is_ok() && client.read(&mut buffer, &mut bodies).is_ok();
            senders.extend(std::iter::repeat_n(index, bodies.len() - before));
            if !is_open {
                clients[index] = None;
            }
        }
        if !bodies.is_empty() {
            let frames = store(&mut journal, &mut seq, &bodies)?;
            for client in
                clients.iter_mut().flatten().filter(|client| client.role == Role::Receiver)
            {
                let _ = client.write(&frames);
            }
            let mut ack = Vec::new();
            ws::put_unmasked(&mut ack, peer::ACK.as_bytes());
            for index in senders {
                if let Some(client) = &mut clients[index] {
                    let _ = client.write(&ack);
                }
            }
        }
    }
}

/// Stores all messages with one sync. Returns the frames that deliver them.
fn store(journal: &mut File, seq: &mut u64, bodies: &[String]) -> io::Result<Vec<u8>> {
    let (mut frames, mut lines) = (Vec::new(), Vec::new());
    for body in bodies {
        *seq += 1;
        let message = peer::message_frame(*seq, body);
        lines.extend_from_slice(message.as_bytes());
        lines.push(b'\n');
        ws::put_unmasked(&mut frames, message.as_bytes());
    }
    journal.write_all(&lines)?;
    journal.sync_data()?;
    Ok(frames)
}

impl Client {
    fn read(&mut self, buffer: &mut [u8], bodies: &mut Vec<String>) -> io::Result<()> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    self.unparsed.extend_from_slice(&buffer[..n]);
                    self.parse(bodies)?;
                    if n < buffer.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn parse(&mut self, bodies: &mut Vec<String>) -> io::Result<()> {
        if self.role == Role::Unknown {
            let Some(end) = memmem::find(&self.unparsed, b"\r\n\r\n") else { return Ok(()) };
            let head = String::from_utf8_lossy(&self.unparsed[..end]).into_owned();
            self.unparsed.drain(..end + 4);
            self.role =
                if head.starts_with("GET /receive") { Role::Receiver } else { Role::Sender };
            let key = head
                .lines()
                .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
                .unwrap_or_default();
            let accept = derive_accept_key(key.as_bytes());
            let mut response = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: \
                 Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            )
            .into_bytes();
            ws::put_unmasked(&mut response, peer::CURRENT.as_bytes());
            self.write(&response)?;
        }
        while let Some(frame) = ws::first_frame(&self.unparsed) {
            let mut payload = self.unparsed[frame.payload.clone()].to_vec();
            self.unparsed.drain(..frame.payload.end);
            for (n, byte) in payload.iter_mut().enumerate() {
                *byte ^= frame.mask.map_or(0, |mask| mask[n % 4]);
            }
            match frame.opcode {
                1 => bodies.push(String::from_utf8_lossy(&payload).into_owned()),
                8 => return Err(ErrorKind::UnexpectedEof.into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return self.flush();
        }
        match self.stream.write(bytes) {
            Ok(n) => self.unsent.extend_from_slice(&bytes[n..]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.unsent.extend_from_slice(bytes)
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(n) => drop(self.unsent.drain(..n)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
