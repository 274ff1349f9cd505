//! The measured servers and their protocols: how to receive, how to send, and what a delivery looks
//! like. The rest of the generator is the same for all, so that the figures can be compared.

use std::net::SocketAddr;

use clap::ValueEnum;
use memchr::memmem::Finder;
use serde_json::{Value, json};

use crate::{http, ws};

/// Size of a message body, in bytes.
pub const BODY_SIZE: usize = 100;

/// The measured server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// ChatBox, through its public protocol.
    Chatbox,
    /// A server of `chatbox-bench peer`: WebSockets for sending and receiving, nothing else.
    Bare,
    /// Socket.IO 4.
    Socketio,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Receives every message.
    Receiver,
    /// Sends messages and receives acknowledgements.
    Sender,
}

impl Role {
    /// The name of the route, and of the role in a query.
    const fn name(self) -> &'static str {
        match self {
            Self::Receiver => "receive",
            Self::Sender => "send",
        }
    }
}

/// A member and their session cookie. Reference servers need neither.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The session.
    pub cookie: String,
    /// The first frame: for ChatBox `hello`.
    pub hello: String,
}

/// A target and the group that is used.
pub struct Target {
    /// The measured server.
    pub kind: Kind,
    /// The address.
    pub address: SocketAddr,
    /// The members of the group.
    pub members: Vec<Member>,
    /// The ID of the group.
    pub conversation: String,
    /// The last sequence number before the run.
    pub head: u64,
    /// Distinguishes the messages of runs.
    pub run: u32,
    message_prefix: Vec<u8>,
    seq: Finder<'static>,
    body: Finder<'static>,
}

/// A received frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A message: its sequence number and its index.
    Message(u64, usize),
    /// All missed events have been received.
    Ready,
    /// A ping of the protocol, with the text of the reply.
    Ping(&'static str),
    /// Acknowledges the last message of the connection.
    Ack,
    /// Something else.
    Other,
}

impl Target {
    /// Creates a target. Messages of other conversations are ignored.
    #[must_use]
    pub fn new(
        kind: Kind,
        address: SocketAddr,
        members: Vec<Member>,
        conversation: String,
        head: u64,
    ) -> Self {
        let message_prefix = match kind {
            Kind::Chatbox => format!(r#"{{"type":"change","stream":"c:{conversation}""#),
            Kind::Bare => r#"{"seq":"#.to_owned(),
            Kind::Socketio => r#"42["message",{"seq":"#.to_owned(),
        };
        let (seq, body) = (Finder::new(r#""seq":"#), Finder::new(r##""body":"#"##));
        let run = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.subsec_nanos() ^ std::process::id());
        Self {
            kind,
            address,
            members,
            conversation,
            head,
            run,
            message_prefix: message_prefix.into_bytes(),
            seq,
            body,
        }
    }

    /// Whether messages are sent over HTTP instead of a socket.
    #[must_use]
    pub fn sends_by_http(&self) -> bool {
        self.kind == Kind::Chatbox
    }

    /// With more sockets than people, each person has several.
    fn member(&self, n: usize) -> Option<&Member> {
        self.members.get(n.checked_rem(self.members.len())?)
    }

    /// The request that opens a socket.
    #[must_use]
    pub fn upgrade(&self, member: usize, role: Role) -> Vec<u8> {
        let host = self.address.to_string();
        match self.kind {
            Kind::Chatbox => {
                ws::upgrade(&host, "/ws", self.member(member).map(|member| member.cookie.as_str()))
            }
            Kind::Bare => ws::upgrade(&host, &format!("/{}", role.name()), None),
            Kind::Socketio => ws::upgrade(
                &host,
                &format!("/socket.io/?EIO=4&transport=websocket&role={}", role.name()),
                None,
            ),
        }
    }

    /// The first frame on a socket.
    #[must_use]
    pub fn hello(&self, member: usize) -> Option<Vec<u8>> {
        let text = match self.kind {
            Kind::Chatbox => self.member(member)?.hello.clone(),
            Kind::Bare => return None,
            Kind::Socketio => "40".to_owned(),
        };
        let mut frame = Vec::new();
        ws::put_masked(&mut frame, 1, text.as_bytes());
        Some(frame)
    }

    /// The request or frame that sends message `index`.
    #[must_use]
    pub fn message(&self, member: usize, index: usize) -> Vec<u8> {
        let text = match self.kind {
            Kind::Chatbox => {
                return http::post(
                    &self.address.to_string(),
                    "post_message",
                    self.member(member).map(|member| member.cookie.as_str()),
                    &self.message_arguments(index).to_string(),
                );
            }
            Kind::Bare => message_body(index),
            Kind::Socketio => format!(r#"420["send","{}"]"#, message_body(index)),
        };
        let mut frame = Vec::new();
        ws::put_masked(&mut frame, 1, text.as_bytes());
        frame
    }

    /// The arguments of `post_message` for message `index`.
    #[must_use]
    pub fn message_arguments(&self, index: usize) -> Value {
        json!({
            "conversation": self.conversation,
            "client_id": format!("{:08x}-0000-4000-8000-{index:012x}", self.run),
            "body": message_body(index)
        })
    }

    /// Parses a received frame.
    #[must_use]
    pub fn parse(&self, frame: &[u8]) -> Incoming {
        if frame.starts_with(&self.message_prefix) {
            return self
                .parse_message(frame)
                .map_or(Incoming::Other, |(seq, index)| Incoming::Message(seq, index));
        }
        match frame {
            br#"{"type":"current"}"# => Incoming::Ready,
            b"ack" => Incoming::Ack,
            b"2" => Incoming::Ping("3"),
            _ if self.kind == Kind::Socketio && frame.starts_with(b"40") => Incoming::Ready,
            _ if self.kind == Kind::Socketio && frame.starts_with(b"43") => Incoming::Ack,
            _ => Incoming::Other,
        }
    }

    fn parse_message(&self, frame: &[u8]) -> Option<(u64, usize)> {
        let seq = &frame[self.seq.find(frame)? + 6..];
        let body = &seq[self.body.find(seq)? + 9..];
        Some((parse_number(seq), usize::try_from(parse_number(body)).ok()?))
    }
}

/// A body of [`BODY_SIZE`] bytes that contains the index.
fn message_body(index: usize) -> String {
    format!("#{index:09}#{:x<width$}", "", width = BODY_SIZE - 11)
}

fn parse_number(digits: &[u8]) -> u64 {
    digits
        .iter()
        .take_while(|digit| digit.is_ascii_digit())
        .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_a_sequence_number_and_an_index() {
        let target =
            Target::new(Kind::Chatbox, ([127, 0, 0, 1], 1).into(), Vec::new(), "abc".into(), 0);
        let frame = br##"{"type":"change","stream":"c:abc","seq":17,"at":5,"change":{"kind":"posted","author":"x","body":"#000000012#xx"}}"##;
        assert_eq!(target.parse(frame), Incoming::Message(17, 12));
        assert_eq!(
            target.parse(br#"{"type":"change","stream":"c:other","seq":1}"#),
            Incoming::Other
        );
        assert_eq!(target.parse(br#"{"type":"current"}"#), Incoming::Ready);
    }
}
