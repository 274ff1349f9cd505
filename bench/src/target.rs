//! Who is measured, and how one speaks to it: how one listens, how a message is sent, what a
//! delivery looks like. The rest of the generator is the same for all, so that their figures can be
//! compared.

use std::net::SocketAddr;

use clap::ValueEnum;
use memchr::memmem::Finder;

use crate::{http, ws};

/// Bytes of a message's body.
pub const BODY: usize = 100;

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// ChatBox, by its public protocol.
    Chatbox,
    /// A peer of `chatbox-bench peer`: WebSockets for sending and listening, nothing else.
    Bare,
    /// Socket.IO 4.
    Socketio,
}

/// A member: who they are and the cookie that says so. Peers ask for neither.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The session.
    pub cookie: String,
    /// The first frame: for ChatBox `hello`.
    pub hello: String,
}

/// Where to measure, and what is said there.
pub struct Target {
    /// Who is measured.
    pub kind: Kind,
    /// Where.
    pub address: SocketAddr,
    /// The members of the group.
    pub members: Vec<Member>,
    /// The group's id.
    pub conversation: String,
    /// The number of the last change before the run.
    pub head: u64,
    /// Makes each run's messages its own.
    pub run: u32,
    change: Vec<u8>,
    seq: Finder<'static>,
    body: Finder<'static>,
}

/// What a frame that arrived was.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message: its place in the order, and which one it is.
    Message(u64, usize),
    /// From here on all that happens is told.
    Ready,
    /// To be answered with this text.
    Answer(&'static str),
    /// The message that was sent last is kept.
    Kept,
    /// Something else.
    Other,
}

impl Target {
    /// A target; messages are told from others by their conversation.
    #[must_use]
    pub fn new(
        kind: Kind,
        address: SocketAddr,
        members: Vec<Member>,
        conversation: String,
        head: u64,
    ) -> Self {
        let change = match kind {
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
            change: change.into_bytes(),
            seq,
            body,
        }
    }

    /// Whether messages are sent over HTTP, apart from the socket.
    #[must_use]
    pub fn sends_by_http(&self) -> bool {
        self.kind == Kind::Chatbox
    }

    /// More sockets than people: each has several.
    fn member(&self, n: usize) -> Option<&Member> {
        self.members.get(n.checked_rem(self.members.len())?)
    }

    /// The request that opens a listening socket, or one to send by.
    #[must_use]
    pub fn upgrade(&self, member: usize, listens: bool) -> Vec<u8> {
        let host = self.address.to_string();
        match self.kind {
            Kind::Chatbox => {
                ws::upgrade(&host, "/ws", self.member(member).map(|member| member.cookie.as_str()))
            }
            Kind::Bare => ws::upgrade(&host, if listens { "/ear" } else { "/mouth" }, None),
            Kind::Socketio => {
                let role = if listens { "ear" } else { "mouth" };
                ws::upgrade(
                    &host,
                    &format!("/socket.io/?EIO=4&transport=websocket&role={role}"),
                    None,
                )
            }
        }
    }

    /// What is said first on a socket.
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

    /// Message number `index`, as this member sends it.
    #[must_use]
    pub fn message(&self, member: usize, index: usize) -> Vec<u8> {
        let body = format!("#{index:09}#{:x<width$}", "", width = BODY - 11);
        let text = match self.kind {
            Kind::Chatbox => {
                let (conversation, run) = (&self.conversation, self.run);
                let json = format!(
                    r#"{{"conversation":"{conversation}","client_id":"{run:08x}-0000-4000-8000-{index:012x}","body":"{body}"}}"#
                );
                return http::post(
                    &self.address.to_string(),
                    "post_message",
                    self.member(member).map(|member| member.cookie.as_str()),
                    &json,
                );
            }
            Kind::Bare => body,
            Kind::Socketio => format!(r#"420["send","{body}"]"#),
        };
        let mut frame = Vec::new();
        ws::put_masked(&mut frame, 1, text.as_bytes());
        frame
    }

    /// What a frame means.
    #[must_use]
    pub fn read(&self, frame: &[u8]) -> Heard {
        if frame.starts_with(&self.change) {
            return self
                .read_message(frame)
                .map_or(Heard::Other, |(seq, index)| Heard::Message(seq, index));
        }
        match frame {
            br#"{"type":"current"}"# => Heard::Ready,
            b"kept" => Heard::Kept,
            b"2" => Heard::Answer("3"),
            _ if self.kind == Kind::Socketio && frame.starts_with(b"40") => Heard::Ready,
            _ if self.kind == Kind::Socketio && frame.starts_with(b"43") => Heard::Kept,
            _ => Heard::Other,
        }
    }

    fn read_message(&self, frame: &[u8]) -> Option<(u64, usize)> {
        let seq = &frame[self.seq.find(frame)? + 6..];
        let body = &seq[self.body.find(seq)? + 9..];
        Some((number(seq), usize::try_from(number(body)).ok()?))
    }
}

fn number(digits: &[u8]) -> u64 {
    digits
        .iter()
        .take_while(|digit| digit.is_ascii_digit())
        .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_by_its_number_and_its_mark() {
        let target =
            Target::new(Kind::Chatbox, ([127, 0, 0, 1], 1).into(), Vec::new(), "abc".into(), 0);
        let frame = br##"{"type":"change","stream":"c:abc","seq":17,"at":5,"change":{"kind":"posted","author":"x","body":"#000000012#xx"}}"##;
        assert_eq!(target.read(frame), Heard::Message(17, 12));
        assert_eq!(target.read(br#"{"type":"change","stream":"c:other","seq":1}"#), Heard::Other);
        assert_eq!(target.read(br#"{"type":"current"}"#), Heard::Ready);
    }
}
