//! Address checks against server-side request forgery: only public addresses on the usual ports. A
//! server is in its owner's network, and the author of a link must not reach what only that network
//! can.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{Transport, fetch::FetchError};

/// Names that are private to a network, with all names below them.
const PRIVATE_SUFFIXES: [&str; 7] =
    ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion"];
/// Maximum number of addresses of a name.
const MAX_ADDRESSES: usize = 64;

/// IPv4 networks that are not public, with their prefix lengths.
const PRIVATE_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, reserved, and broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Only 2000::/3 of IPv6 is assigned. Inside of it these networks are not public: protocols (Teredo
/// among them), documentation, 6to4.
const PRIVATE_V6: [(Ipv6Addr, u32); 6] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2001, 0x4, 0x112, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// A checked host.
#[derive(Debug)]
pub(super) struct ResolvedHost {
    /// As a certificate names it.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) https: bool,
    /// Its addresses, all public. Only these are dialled, whatever the name resolves to later.
    pub(super) addresses: Vec<IpAddr>,
}

/// Whether an address is public.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !PRIVATE_V4.iter().any(|(network, bits)| {
            (address.to_bits() ^ network.to_bits()).leading_zeros() >= *bits
        }),
        // Embedded IPv4 (::ffff:a.b.c.d, ::a.b.c.d, 64:ff9b::) is outside the assigned range, and
        // rejected.
        IpAddr::V6(address) => {
            address.to_bits() >> 125 == 1
                && !PRIVATE_V6.iter().any(|(network, bits)| {
                    (address.to_bits() ^ network.to_bits()).leading_zeros() >= *bits
                })
        }
    }
}

/// Checks a URL: the scheme, the port, the name, and every address of it. Called for each redirect.
pub(super) async fn check(transport: &Transport, url: &Url) -> Result<ResolvedHost, FetchError> {
    let https = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return Err(FetchError("unsupported scheme")),
    };
    let port = url
        .port_or_known_default()
        .filter(|port| matches!(port, 80 | 443))
        .ok_or(FetchError("unsupported port"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError("credentials in the URL"));
    }
    let (host, addresses) = match url.host().ok_or(FetchError("missing host"))? {
        Host::Ipv4(address) => (address.to_string(), vec![IpAddr::V4(address)]),
        Host::Ipv6(address) => (address.to_string(), vec![IpAddr::V6(address)]),
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            let is_private = PRIVATE_SUFFIXES.iter().any(|suffix| {
                name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            });
            if is_private || !name.contains('.') || name.starts_with('.') || name.contains("..") {
                return Err(FetchError("private host name"));
            }
            let addresses = (transport.resolve)(name.to_owned())
                .await
                .map_err(|_| FetchError("unknown host name"))?;
            (name.to_owned(), addresses)
        }
    };
    // One private address rejects all: a name that resolves to both is an attack.
    if addresses.is_empty()
        || addresses.len() > MAX_ADDRESSES
        || !addresses.iter().all(|address| is_public(*address))
    {
        return Err(FetchError("private address"));
    }
    Ok(ResolvedHost { host, port, https, addresses })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_recognized() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "223.255.255.254",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::8888",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
