//! Two requests that look like one: what comes out behind the broker is judged by nginx,
//! whose reader of HTTP is another.

use std::fs;
use std::process::Command;

use orchestration_tests::background::Background;
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::port::free_port;
use orchestration_tests::tool_is_there;
use tempfile::TempDir;

use super::home;

/// An nginx that writes down the requests that it sees.
struct Nginx {
    directory: TempDir,
    port: u16,
    _process: Background,
}

impl Nginx {
    fn start() -> Self {
        let directory = TempDir::new().expect("there is room");
        let port = free_port();
        let path = directory.path().display();
        let config = format!(
            "daemon off;\nmaster_process off;\npid {path}/pid;\nerror_log stderr;\nevents {{}}\n\
             http {{\n  log_format seen '[$request] [$http_x_api_key] [$http_authorization]';\n\
             access_log {path}/seen seen;\n\
             client_body_temp_path {path}/a;\n  proxy_temp_path {path}/b;\n\
             fastcgi_temp_path {path}/c;\n  uwsgi_temp_path {path}/d;\n  scgi_temp_path {path}/e;\n\
             server {{\n    listen 127.0.0.1:{port};\n    location / {{ return 200 'ok'; }}\n  }}\n}}\n"
        );
        let file = directory.path().join("nginx.conf");
        fs::write(&file, config).expect("it can be written");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(directory.path()).arg("-c").arg(&file).args(["-e", "stderr"]);
        let process = Background::start(&mut command);
        let is_there = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(in_a_minute(is_there), "{}", process.stderr());
        Self { directory, port, _process: process }
    }

    fn seen(&self) -> String {
        fs::read_to_string(self.directory.path().join("seen")).unwrap_or_default()
    }
}

#[test]
fn no_request_hides_in_another() {
    if !["/usr/sbin/nginx"].iter().any(|path| fs::exists(path).unwrap_or(false))
        && !tool_is_there("nginx")
    {
        return;
    }
    let nginx = Nginx::start();
    let cli = home(&format!("http://127.0.0.1:{}/v1", nginx.port), "");
    let broker = Broker::start(&cli, &["corp"]);
    let pass = broker.pass();
    let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let chunk = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    for (name, headers, body) in [
        (
            "CL.TE",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            format!("0\r\n\r\n{hidden}"),
        ),
        ("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunk.clone()),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n", hidden.to_owned()),
        ("two lengths in one", "Content-Length: 0, 44\r\n", hidden.to_owned()),
        ("a signed length", "Content-Length: +0\r\n", hidden.to_owned()),
        ("a hexadecimal length", "Content-Length: 0x2c\r\n", hidden.to_owned()),
        ("a length with a blank", "Content-Length : 0\r\n", hidden.to_owned()),
        ("garbage", "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n", hidden.to_owned()),
        (
            "chunked twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "chunked, identity",
            "Transfer-Encoding: chunked, identity\r\nContent-Length: 0\r\n",
            hidden.to_owned(),
        ),
        (
            "a folded header",
            "Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n",
            hidden.to_owned(),
        ),
        ("a tab", "Transfer-Encoding:\tchunked\r\n", format!("0\r\n\r\n{hidden}")),
        (
            "a vertical tab",
            "Transfer-Encoding: \x0bchunked\r\nContent-Length: 0\r\n",
            hidden.to_owned(),
        ),
        (
            "a blank before the colon",
            "Transfer-Encoding : chunked\r\nContent-Length: 0\r\n",
            hidden.to_owned(),
        ),
        (
            "a bare line feed",
            "X: y\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n",
            hidden.to_owned(),
        ),
        (
            "a bare carriage return",
            "X: y\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n",
            hidden.to_owned(),
        ),
        (
            "a chunk extension",
            "Transfer-Encoding: chunked\r\n",
            format!("0;x=\n{hidden}\r\n\r\n{hidden}"),
        ),
        (
            "a long chunk",
            "Transfer-Encoding: chunked\r\n",
            format!("fffffffffffffffff0\r\n{hidden}"),
        ),
        ("a negative chunk", "Transfer-Encoding: chunked\r\n", format!("-1\r\n{hidden}")),
        ("a null", "X: a\0b\r\nContent-Length: 0\r\n", hidden.to_owned()),
        ("HTTP/1.0 with chunks", "Transfer-Encoding: chunked\r\n", format!("0\r\n\r\n{hidden}")),
        (
            "a trailer",
            "Transfer-Encoding: chunked\r\nTrailer: content-length\r\n",
            format!("0\r\nContent-Length: 44\r\n\r\n{hidden}"),
        ),
    ] {
        let version = if name.starts_with("HTTP/1.0") { "1.0" } else { "1.1" };
        let answer = broker.raw(format!(
            "POST /p/corp/shown HTTP/{version}\r\nHost: localhost\r\nx-api-key: {pass}\r\n{headers}\r\n{body}"
        ));
        // What comes after it is a request of its own, without a pass, and refused as such.
        let answers = answer.matches("HTTP/1.1 200").count();
        assert!(answers <= 1, "{name}: {answer}");
        let seen = nginx.seen();
        assert!(!seen.contains("hidden"), "{name}: {seen}");
        assert!(!seen.contains(&pass), "{name}: {seen}");
    }
    // They did not leave a connection behind on which the next answer is another's.
    for number in 0..5 {
        let path = format!("/p/corp/after-{number}");
        assert_eq!(status_of(&broker.get(&path)), 200);
        assert!(in_a_minute(|| nginx
            .seen()
            .contains(&format!("[GET /v1/after-{number} HTTP/1.1]"))));
    }
}
