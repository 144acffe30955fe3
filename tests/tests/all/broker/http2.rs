//! Clients that speak HTTP/2, and trailers of either HTTP.
//!
//! Promised here, with curl and Node as clients: many requests share a connection, each with
//! the same rules as any other; bodies, events and trailers arrive; and a trailer is no way
//! for a pass to leave the broker, or for a key to be set.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::server::{Server, status};
use orchestration_tests::tool_is_there;

use super::{FINE, KEY, broker_of, home};

#[test]
fn curl_and_node_speak_http_2_to_it_with_many_requests_at_once() {
    if !tool_is_there("curl") || !tool_is_there("node") {
        return;
    }
    let server = Server::with(|request, stream| {
        let said = format!("{} {}", request.line, request.body);
        stream.write_all(status("200 OK", &[], &said).as_bytes())
    });
    let (_cli, broker) = broker_of(&server);
    let pass = broker.pass();
    let url = format!("http://{}/p/corp/chat", broker.address());
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--http2-prior-knowledge", "--max-time", "60"])
        .args(["--write-out", " %{http_code} HTTP/%{http_version}", "--data", "{\"a\":1}"])
        .args(["--header", &format!("authorization: Bearer {pass}"), &url])
        .output()
        .expect("curl can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "POST /v1/chat HTTP/1.1 {\"a\":1} 200 HTTP/2", "{output:?}");

    // One connection with 50 requests at the same time, of which some have no pass, another
    // host, a page or a path that leads elsewhere.
    let answers = asked_on_one_connection(
        &broker,
        "
        const asked = [];
        for (let n = 0; n < 50; n += 1) asked.push(ask({ ':path': `/p/corp/n${n}` }, `body ${n}`));
        asked.push(ask({ ':path': '/p/corp/x', 'x-api-key': 'wrong' }, ''));
        asked.push(ask({ ':path': '/p/corp/x', ':authority': 'evil.example' }, ''));
        asked.push(ask({ ':path': '/p/corp/x', origin: 'https://evil.example' }, ''));
        asked.push(ask({ ':path': '/p/corp/../../admin' }, ''));
        return Promise.all(asked);
        ",
    );
    for (number, (status, text)) in answers.iter().take(50).enumerate() {
        assert_eq!(*status, 200, "{text}");
        assert_eq!(text, &format!("POST /v1/n{number} HTTP/1.1 body {number}"));
    }
    let refused: Vec<u16> = answers.iter().skip(50).map(|(status, _)| *status).collect();
    assert_eq!(refused, [401, 403, 403, 400]);
    for request in server.requests() {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
        assert!(!format!("{request:?}").contains(&pass), "{request:?}");
    }
    assert_eq!(server.requests().len(), 51);
}

#[test]
fn large_bodies_arrive_whole_one_after_the_other_on_one_connection() {
    if !tool_is_there("node") {
        return;
    }
    let server = Server::with(|request, stream| {
        let said = format!("{} bytes", request.body.len());
        stream.write_all(status("200 OK", &[], &said).as_bytes())
    });
    let (_cli, broker) = broker_of(&server);
    // Together much more than HTTP/2 lets a client send before there is room again.
    let answers = asked_on_one_connection(
        &broker,
        "
        const all = [], body = 'x'.repeat(300000);
        for (let n = 0; n < 20; n += 1) all.push(await ask({ ':path': '/p/corp/chat' }, body));
        return all;
        ",
    );
    assert_eq!(answers, vec![(200, "300000 bytes".to_owned()); 20]);
}

/// Returns the status and the text of each answer that Node gets over HTTP/2, on one connection,
/// to what `asking` asks: the body of a function in JavaScript that returns them.
fn asked_on_one_connection(broker: &Broker, asking: &str) -> Vec<(u16, String)> {
    let script = format!(
        "
        const http2 = require('node:http2');
        const [address, pass] = process.argv.slice(1);
        const session = http2.connect(`http://${{address}}`);
        const ask = (headers, body) => new Promise((resolve, reject) => {{
          const stream = session.request(
            {{ ':method': 'POST', 'x-api-key': pass, 'content-length': body.length, ...headers }});
          let status = 0, text = '';
          stream.on('response', (head) => {{ status = head[':status']; }});
          stream.setEncoding('utf8');
          stream.on('data', (data) => {{ text += data; }});
          stream.on('end', () => resolve([status, text]));
          stream.on('error', reject);
          stream.end(body);
        }});
        const asking = async () => {{ {asking} }};
        asking().then((all) => {{ console.log(JSON.stringify(all)); session.close(); }});
        "
    );
    let output = Command::new("timeout")
        .args(["60", "node", "-e", &script, broker.address(), &broker.pass()])
        .output()
        .expect("node can be started");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A provider that sends trailers, and returns what it got, byte by byte.
fn provider_with_trailers() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let host = listener.local_addr().expect("it has an address").to_string();
    let got = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the broker connects");
        let mut got = Vec::new();
        // The end of the chunks, and of the trailers if there are any.
        while !ends(&got) {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the broker sends it");
            got.extend(byte);
        }
        let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n\
                      5\r\nhello\r\n0\r\nx-sum: 42\r\n\r\n";
        stream.write_all(answer.as_bytes()).expect("the broker reads it");
        String::from_utf8_lossy(&got).into_owned()
    });
    (host, got)
}

fn ends(got: &[u8]) -> bool {
    let text = String::from_utf8_lossy(got);
    text.split_once("\r\n0\r\n")
        .is_some_and(|(_, rest)| rest == "\r\n" || rest.ends_with("\r\n\r\n"))
}

#[test]
fn an_answer_that_a_client_never_reads_is_let_go_while_it_reads_others() {
    if !tool_is_there("node") {
        return;
    }
    let (ended, has_ended) = mpsc::channel();
    let server = Server::with(move |request, stream| {
        if !request.line.contains("endless") {
            return stream.write_all(FINE.as_bytes());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")?;
        while stream.write_all(&[b'x'; 64 << 10]).is_ok() {}
        ended.send(()).map_err(io::Error::other)
    });
    let (_cli, broker) = broker_of(&server);
    // The first answer is not read, and others are, until the test says so.
    let script = "
        const http2 = require('node:http2');
        const [address, pass] = process.argv.slice(1);
        const session = http2.connect(`http://${address}`);
        const ask = (path) => session.request({ ':path': path, 'x-api-key': pass });
        const unread = ask('/p/corp/endless');
        let others = 0;
        const timer = setInterval(() => {
          const other = ask('/p/corp/other');
          other.on('response', (head) => { others += head[':status'] === 200; });
          other.resume();
        }, 1000);
        const closed = new Promise((resolve) => unread.on('close', resolve));
        unread.on('error', () => {});
        process.stdin.on('data', async () => {
          clearInterval(timer);
          unread.resume();
          await closed;
          console.log(JSON.stringify([unread.rstCode !== 0, others > 30, session.closed]));
          session.close();
          process.stdin.unref();
        });
    ";
    let mut node = Command::new("node");
    let node = node.args(["-e", script, broker.address(), &broker.pass()]);
    let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    has_ended.recv_timeout(Duration::from_secs(180)).expect("the broker leaves the provider");
    node.stdin.take().expect("it is a pipe").write_all(b"now\n").expect("it is read");
    let output = node.wait_with_output().expect("it ends");
    // It was cut off and not just ended, and the connection was there all the time.
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "[true,true,false]");
}

#[test]
fn trailers_pass_in_both_directions_and_carry_no_pass_and_no_key() {
    let (host, got) = provider_with_trailers();
    let cli = home(&format!("http://{host}/v1"), "");
    let broker = Broker::start(&cli, &["corp"]);
    let pass = broker.pass();
    let mut client = broker.connect();
    let request = format!(
        "POST /p/corp/x HTTP/1.1\r\nhost: localhost\r\nx-api-key: {pass}\r\nte: trailers\r\n\
         transfer-encoding: chunked\r\ntrailer: x-check, x-api-key, authorization, host\r\n\
         connection: close\r\n\r\n2\r\nhi\r\n0\r\nx-check: 7\r\nx-api-key: {pass}\r\n\
         authorization: Bearer {pass}\r\nhost: evil.example\r\n\r\n"
    );
    client.write_all(request.as_bytes()).expect("the broker reads it");
    let answer = rest_of(client);
    let got = got.join().expect("it got a request");
    assert!(got.contains("\r\nx-check: 7\r\n"), "{got}");
    assert!(!got.contains(&pass) && !got.contains("evil"), "{got}");
    assert_eq!(got.matches("\r\nauthorization:").count(), 1, "{got}");
    assert_eq!(status_of(&answer), 200);
    assert!(answer.contains("hello") && answer.contains("x-sum: 42\r\n"), "{answer}");
}

#[test]
fn trailers_reach_a_client_that_speaks_http_2() {
    if !tool_is_there("node") {
        return;
    }
    let (host, got) = provider_with_trailers();
    let cli = home(&format!("http://{host}/v1"), "");
    let broker = Broker::start(&cli, &["corp"]);
    let script = "
        const http2 = require('node:http2');
        const [address, pass] = process.argv.slice(1);
        const session = http2.connect(`http://${address}`);
        const stream = session.request(
          { ':method': 'POST', ':path': '/p/corp/x', 'x-api-key': pass, te: 'trailers',
            trailer: 'x-check' },
          { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-check': '7', 'x-api-key': pass }));
        stream.on('trailers', (trailers) => console.log(trailers['x-sum']));
        stream.on('data', () => {});
        stream.on('end', () => session.close());
        stream.end('hi');
    ";
    let pass = broker.pass();
    let output = Command::new("node")
        .args(["-e", script, broker.address(), &pass])
        .output()
        .expect("node can be started");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "42\n", "{output:?}");
    let got = got.join().expect("it got a request");
    assert!(got.contains("\r\nx-check: 7\r\n") && !got.contains(&pass), "{got}");
}

fn rest_of(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it comes to an end");
    String::from_utf8_lossy(&answer).into_owned()
}
