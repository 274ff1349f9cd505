//! Accepted hosts: with an origin and without one, and public addresses.

use std::net::SocketAddr;

use serde_json::Value;

use super::connections::RawConnection;
use crate::harness::server::TestServer;

#[tokio::test]
async fn without_an_origin_only_local_hosts_are_accepted() {
    let server = TestServer::new();
    let get = async |address: SocketAddr, hosts: &str, target: &str| {
        let mut connection = RawConnection::open(address).await;
        connection.write(format!("GET {target} HTTP/1.1\r\n{hosts}\r\n").as_bytes()).await;
        let (head, body) = connection.read_response().await;
        (head[9..12].parse::<u16>().unwrap(), body)
    };
    let port = server.address.port();
    for host in [
        "localhost",
        "LOCALHOST:1",
        "chat.localhost",
        "127.0.0.1",
        "127.1.2.3",
        "[::1]:8080",
        &format!("localhost:{port}"),
    ] {
        assert_eq!(
            get(server.address, &format!("Host: {host}\r\n"), "/healthz").await.0,
            200,
            "{host}"
        );
    }
    for hosts in [
        "Host: evil.example\r\n",
        &format!("Host: evil.example:{port}\r\n"),
        "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1.nip.io\r\n",
        "Host: 192.168.1.5\r\n",
        "Host: \r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "",
    ] {
        for target in ["/healthz", "/", "/sign-in", "/robots.txt", "/nothing"] {
            let (status, body) = get(server.address, hosts, target).await;
            assert!(matches!(status, 400 | 421), "{hosts:?} {target}: {status}");
            assert!(
                status == 400
                    || serde_json::from_str::<Value>(&body).unwrap()["code"] == "misdirected",
                "{hosts:?}: {body}"
            );
            assert!(!body.contains("evil"), "{body}");
        }
    }
    assert_eq!(
        get(server.address, "Host: localhost\r\n", "http://evil.example/healthz").await.0,
        421
    );
    let named =
        TestServer::with_config(|config| config.origin = Some("https://chat.example.org".into()));
    for host in ["chat.example.org", "10.0.0.7:3000", "inside"] {
        assert_eq!(
            get(named.address, &format!("Host: {host}\r\n"), "/healthz").await.0,
            200,
            "behind a proxy: {host}"
        );
    }
}

#[test]
fn a_public_address_requires_an_origin() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:3000"] {
        let program = std::process::Command::new(env!("CARGO_BIN_EXE_chatbox"))
            .args(["serve", "--address", address, "--data"])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        let stderr = String::from_utf8(program.stderr).unwrap();
        assert_eq!(program.status.code(), Some(1), "{address}: {stderr}");
        assert!(
            stderr.lines().count() == 1 && stderr.contains("--origin"),
            "one sentence that says what to do: {stderr}"
        );
        assert!(!folder.path().join("data").exists(), "and no folder was created");
    }
}
