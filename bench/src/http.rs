//! A minimal HTTP client: blocking requests for the set-up, and a parser that recognises complete
//! responses on connections under load.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
};

use memchr::memmem;
use serde_json::Value;

/// A response.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The session cookie, if one was set.
    pub cookie: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// A keep-alive connection with blocking requests.
pub struct Asker {
    stream: TcpStream,
    host: String,
    read: Vec<u8>,
}

impl Asker {
    /// Connects.
    ///
    /// # Errors
    /// A network error.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_string(), read: Vec::new() })
    }

    /// Calls a server function. Returns the response and the cookie that was set, if any.
    ///
    /// # Errors
    /// A network error, or a status other than 200.
    pub fn ask(
        &mut self,
        function: &str,
        arguments: &Value,
        cookie: Option<&str>,
    ) -> io::Result<(Value, Option<String>)> {
        self.stream.write_all(&post(&self.host, function, cookie, &arguments.to_string()))?;
        let answer = self.hear(function)?;
        Ok((serde_json::from_slice(&answer.body)?, answer.cookie))
    }

    /// Sends a PUT request.
    ///
    /// # Errors
    /// As [`Asker::ask`].
    pub fn put(&mut self, path: &str, cookie: &str, bytes: &[u8]) -> io::Result<Value> {
        let (host, length) = (&self.host, bytes.len());
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: \
             application/octet-stream\r\nContent-Length: {length}\r\nCookie: {cookie}\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes())?;
        self.stream.write_all(bytes)?;
        Ok(serde_json::from_slice(&self.hear(path)?.body)?)
    }

    fn hear(&mut self, asked: &str) -> io::Result<Answer> {
        let answer = loop {
            if let Some((answer, used)) = answer(&self.read) {
                self.read.drain(..used);
                break answer;
            }
            let mut bytes = [0; 16 * 1024];
            match self.stream.read(&mut bytes)? {
                0 => return Err(io::Error::other("the server closed the connection")),
                n => self.read.extend_from_slice(&bytes[..n]),
            }
        };
        if answer.status != 200 {
            return Err(io::Error::other(format!(
                "{asked}: {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            )));
        }
        Ok(answer)
    }
}

/// The request for a server function.
#[must_use]
pub fn post(host: &str, function: &str, cookie: Option<&str>, body: &str) -> Vec<u8> {
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    let length = body.len();
    format!(
        "POST /api/{function} HTTP/1.1\r\nHost: {host}\r\nContent-Type: \
         application/json\r\nContent-Length: {length}\r\n{cookie}\r\n{body}"
    )
    .into_bytes()
}

/// The first response in a buffer and its length; `None` if it is incomplete.
#[must_use]
pub fn answer(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let field = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let length: usize =
        field("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let whole = end + 4 + length;
    if bytes.len() < whole {
        return None;
    }
    let cookie = field("set-cookie").and_then(|cookie| cookie.split(';').next().map(str::to_owned));
    Some((Answer { status: status(bytes), cookie, body: bytes[end + 4..whole].to_vec() }, whole))
}

/// Length and status of the first response, without parsing more than that.
#[must_use]
pub fn measure(bytes: &[u8]) -> Option<(u16, usize)> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let head = &bytes[..end];
    let at =
        memmem::find(head, b"ontent-length: ").or_else(|| memmem::find(head, b"ontent-Length: "));
    let digits = at.map_or(&[][..], |at| &head[at + 15..]);
    let length = digits
        .iter()
        .take_while(|digit| digit.is_ascii_digit())
        .fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    (bytes.len() >= end + 4 + length).then(|| (status(bytes), end + 4 + length))
}

fn status(bytes: &[u8]) -> u16 {
    bytes
        .get(9..12)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_is_whole() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: \
                      chatbox=abc; Path=/\r\ncontent-length: 4\r\n\r\nnullHTTP";
        let (found, used) = answer(bytes).expect("whole");
        assert_eq!(
            (found.status, found.cookie.as_deref(), &found.body[..], used),
            (200, Some("chatbox=abc"), &b"null"[..], bytes.len() - 4)
        );
        assert_eq!(measure(bytes), Some((200, used)));
        assert_eq!(measure(&bytes[..used - 1]), None);
    }
}
