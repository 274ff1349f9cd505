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
pub struct Response {
    /// Its status.
    pub status: u16,
    /// The session cookie, if one was set.
    pub cookie: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// A keep-alive connection with blocking requests.
pub struct HttpClient {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl HttpClient {
    /// Connects.
    ///
    /// # Errors
    /// A network error.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_string(), buffer: Vec::new() })
    }

    /// Calls a server function. Returns the response and the cookie that was set, if any.
    ///
    /// # Errors
    /// A network error, or a status other than 200.
    pub fn call(
        &mut self,
        function: &str,
        arguments: &Value,
        cookie: Option<&str>,
    ) -> io::Result<(Value, Option<String>)> {
        self.stream.write_all(&post(&self.host, function, cookie, &arguments.to_string()))?;
        let response = self.read_response(function)?;
        Ok((serde_json::from_slice(&response.body)?, response.cookie))
    }

    /// Sends a PUT request.
    ///
    /// # Errors
    /// As [`HttpClient::call`].
    pub fn put(&mut self, path: &str, cookie: &str, bytes: &[u8]) -> io::Result<Value> {
        let (host, length) = (&self.host, bytes.len());
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: \
             application/octet-stream\r\nContent-Length: {length}\r\nCookie: {cookie}\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes())?;
        self.stream.write_all(bytes)?;
        Ok(serde_json::from_slice(&self.read_response(path)?.body)?)
    }

    fn read_response(&mut self, request: &str) -> io::Result<Response> {
        let response = loop {
            if let Some((response, used)) = parse_response(&self.buffer) {
                self.buffer.drain(..used);
                break response;
            }
            let mut bytes = [0; 16 * 1024];
            match self.stream.read(&mut bytes)? {
                0 => return Err(io::Error::other("the server closed the connection")),
                n => self.buffer.extend_from_slice(&bytes[..n]),
            }
        };
        if response.status != 200 {
            return Err(io::Error::other(format!(
                "{request}: {} {}",
                response.status,
                String::from_utf8_lossy(&response.body)
            )));
        }
        Ok(response)
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
pub fn parse_response(bytes: &[u8]) -> Option<(Response, usize)> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let field = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let body: usize =
        field("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let length = end + 4 + body;
    if bytes.len() < length {
        return None;
    }
    let cookie = field("set-cookie").and_then(|cookie| cookie.split(';').next().map(str::to_owned));
    Some((
        Response { status: status(bytes), cookie, body: bytes[end + 4..length].to_vec() },
        length,
    ))
}

/// The status and length of the first response, without parsing more than that; `None` if it is
/// incomplete.
#[must_use]
pub fn response_length(bytes: &[u8]) -> Option<(u16, usize)> {
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
    fn a_response_is_parsed_once_it_is_complete() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: \
                      chatbox=abc; Path=/\r\ncontent-length: 4\r\n\r\nnullHTTP";
        let (found, used) = parse_response(bytes).expect("complete");
        assert_eq!(
            (found.status, found.cookie.as_deref(), &found.body[..], used),
            (200, Some("chatbox=abc"), &b"null"[..], bytes.len() - 4)
        );
        assert_eq!(response_length(bytes), Some((200, used)));
        assert_eq!(response_length(&bytes[..used - 1]), None);
    }
}
