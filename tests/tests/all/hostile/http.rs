//! Strategies and servers that mean harm, alone and together: what a strategy sends, and what
//! a server answers.
//!
//! One server plays all of them, by the path of the request. Each strategy renews its
//! credential, as it would for a user, and says what it got: the error of `send`, or the text
//! that it read.

use std::io::{self, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use orchestration_runtime::{AgentConfig, ErrorKind, ProviderError};
use orchestration_tests::guest::{self, Export, Guest, Host, Part, Piece, Sends, Tool};
use orchestration_tests::server::{Request, Server, status};

use super::{CRASHED, HOSTCALL, UNGRANTED, VALUE, VARIABLE};

/// A token that the server issues.
const TOKEN: &str = "tok-9bYf72HsWqZ0nLx4PdVj3GmC";

/// The same in Base64, and in the escapes of a URL.
const TOKEN_BASE64: &str = "dG9rLTliWWY3MkhzV3FaMG5MeDRQZFZqM0dtQw";
const TOKEN_PERCENT: &str = "%74%6f%6b%2d9bYf72HsWqZ0nLx4PdVj3GmC";

/// What a strategy waits for a server.
const WAIT: Duration = Duration::from_millis(600);

const NO_ANSWER: &str = " got no answer from http://127.0.0.1:";
const TOO_LARGE: &str = "the answer has more than 64 KiB";

/// One strategy, and what becomes of it.
struct Attack {
    name: &'static str,
    component: Vec<u8>,
    /// None where the strategy gets what it asks for.
    kind: Option<ErrorKind>,
    /// Part of what is said of it.
    says: &'static str,
    /// The requests that reach the server.
    requests: usize,
}

/// The bodies of JSON that the server answers, by path.
fn body(path: &str) -> String {
    let (half, rest) = TOKEN.split_at(TOKEN.len() / 2);
    match path {
        "/repeats" => format!(r#"{{"access_token":"{TOKEN}","error":"got {TOKEN}"}}"#),
        "/repeats-base64" => format!(r#"{{"access_token":"{TOKEN}","error":"{TOKEN_BASE64}"}}"#),
        "/repeats-percent" => format!(r#"{{"access_token":"{TOKEN}","error":"{TOKEN_PERCENT}"}}"#),
        "/repeats-in-escapes" => {
            let escaped: String =
                TOKEN.bytes().map(|byte| format!("\\u{:04x}", u32::from(byte))).collect();
            format!(r#"{{"access_token":"{TOKEN}","error":"{escaped}"}}"#)
        }
        "/repeats-in-two" => {
            format!(r#"{{"access_token":"{TOKEN}","error":"{half}","error_description":"{rest}"}}"#)
        }
        "/twice" => format!(r#"{{"error":"a","access_token":"{TOKEN}","error":"{TOKEN}"}}"#),
        "/number" => r#"{"expires_in":3600,"a":{"b":1},"empty":"","list":[1,2]}"#.to_owned(),
        "/deep" => format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000)),
        "/unclosed" => format!(r#"{{"access_token":"{TOKEN}""#),
        _ => format!(r#"{{"access_token":"{TOKEN}"}}"#),
    }
}

/// Writes `bytes` again and again, until the strategy has gone or had 2 GiB.
fn pour(stream: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    let times = (2_usize << 30) / bytes.len();
    (0..times).try_for_each(|_| stream.write_all(bytes))
}

/// Writes `bytes` one after the other, in longer than a strategy waits.
fn drip(stream: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    bytes.iter().try_for_each(|byte| {
        sleep(Duration::from_millis(20));
        stream.write_all(&[*byte])
    })
}

fn respond(request: &Request, stream: &mut dyn Write) -> io::Result<()> {
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let path = request.line.split(' ').nth(1).unwrap_or_default();
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    let redirect = |to: &str| status("307 Temporary Redirect", &[("location", to)], "");
    match path {
        "/2-gib" => {
            stream.write_all(head(2 << 30).as_bytes())?;
            pour(stream, &[b' '; 4096])
        }
        "/2-gib-in-chunks" => {
            stream.write_all(CHUNKED)?;
            pour(stream, &[&b"1000\r\n"[..], &[b' '; 4096], b"\r\n"].concat())
        }
        "/2-gib-until-closed" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            pour(stream, &[b' '; 4096])
        }
        "/byte-by-byte" => drip(stream, format!("{}{}", head(22), body("/")).as_bytes()),
        "/without-end" => {
            stream.write_all(CHUNKED)?;
            drip(stream, &b"1\r\n \r\n".repeat(100))
        }
        "/silent" => {
            sleep(WAIT * 2);
            Ok(())
        }
        "/redirect" => stream.write_all(redirect("https://elsewhere.example/token").as_bytes()),
        "/redirect-to-metadata" => {
            let to = format!("http://169.254.169.254/latest/meta-data?key={VALUE}");
            stream.write_all(redirect(&to).as_bytes())
        }
        "/redirect-to-itself" => stream.write_all(redirect("/redirect-to-itself").as_bytes()),
        "/closes" => Ok(()),
        "/closes-in-the-head" => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-le"),
        "/closes-in-the-body" => {
            stream.write_all(format!("{}{}", head(60_000), body("/")).as_bytes())
        }
        "/shorter-than-it-says" => stream.write_all(format!("{}{}", head(5), body("/")).as_bytes()),
        "/two-lengths" => stream.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 40\r\n\r\n{}                ",
        ),
        "/negative-length" => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}"),
        "/chunk-of-2-eib" => {
            stream.write_all(CHUNKED)?;
            stream.write_all(b"1fffffffffffffff\r\n{}")
        }
        "/chunk-without-a-size" => {
            stream.write_all(CHUNKED)?;
            stream.write_all(b"x\r\n{}\r\n0\r\n\r\n")
        }
        "/gzip" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n")?;
            // An empty file; no client here unpacks even that.
            let bomb = [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0"[..], &[0; 8]].concat();
            stream.write_all(format!("content-length: {}\r\n\r\n", bomb.len()).as_bytes())?;
            stream.write_all(&bomb)
        }
        "/continues" => pour(stream, &b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
        "/endless-head" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            pour(stream, &[&b"x-fill: "[..], &[b'a'; 4000], b"\r\n"].concat())
        }
        "/no-http" => stream.write_all(&[0xff; 4096]),
        path => stream.write_all(status("200 OK", &[], &body(path)).as_bytes()),
    }
}

/// A strategy that takes the secret, sends the request, and says what it got.
fn sending(request: &Sends<'_>) -> Vec<u8> {
    Guest::new().sends_variable(VARIABLE, request).build()
}

/// What servers do.
fn answers(origin: &str) -> Vec<Attack> {
    let asks = |name: &'static str, kind, says| {
        let url = format!("{origin}/{name}");
        let request = Sends::post(&url).with("token", "taken").takes("/access_token");
        Attack { name, component: sending(&request.reads("/error")), kind, says, requests: 1 }
    };
    let unanswered = |name, says| asks(name, Some(ErrorKind::Unavailable), says);
    let nothing = |name| asks(name, Some(ErrorKind::Missing), "nothing");
    let leaks = |name| asks(name, Some(ErrorKind::Unavailable), "\"leak\"");
    vec![
        unanswered("2-gib", TOO_LARGE),
        unanswered("2-gib-in-chunks", TOO_LARGE),
        unanswered("2-gib-until-closed", TOO_LARGE),
        unanswered("byte-by-byte", " in time"),
        unanswered("without-end", " in time"),
        unanswered("silent", " in time"),
        unanswered("redirect", "it redirects to https://elsewhere.example/token"),
        unanswered("redirect-to-metadata", "it redirects to http://169.254.169.254/latest"),
        unanswered("redirect-to-itself", "it redirects to http://127.0.0.1"),
        unanswered("closes", NO_ANSWER),
        unanswered("closes-in-the-head", NO_ANSWER),
        unanswered("closes-in-the-body", NO_ANSWER),
        nothing("shorter-than-it-says"),
        unanswered("two-lengths", NO_ANSWER),
        unanswered("negative-length", NO_ANSWER),
        unanswered("chunk-of-2-eib", NO_ANSWER),
        unanswered("chunk-without-a-size", NO_ANSWER),
        nothing("gzip"),
        unanswered("continues", " in time"),
        unanswered("endless-head", NO_ANSWER),
        unanswered("no-http", NO_ANSWER),
        nothing("deep"),
        nothing("unclosed"),
        leaks("repeats"),
        leaks("repeats-base64"),
        leaks("repeats-percent"),
        leaks("repeats-in-escapes"),
        leaks("twice"),
    ]
}

/// What strategies send, and want of an answer.
fn requests(origin: &str) -> Vec<Attack> {
    let url = format!("{origin}/token");
    let number = format!("{origin}/number");
    let post = || Sends::post(&url);
    let refused = |name, request: &Sends<'_>, says| {
        let kind = Some(ErrorKind::Unavailable);
        Attack { name, component: sending(request), kind, says, requests: 0 }
    };
    let malformed = |name, request: &Sends<'_>| refused(name, request, "\"malformed\"");
    let answered = |name, request: &Sends<'_>, kind, says| Attack {
        requests: 1,
        kind,
        ..refused(name, request, says)
    };
    let header = |name: &'static [u8], value: &'static [u8]| {
        let mut request = post();
        request.headers.push((name, Part::Text(value)));
        request
    };
    let segment = format!("/{}", "a".repeat(5000));
    // Each byte of a form becomes three.
    let escapes = vec![b'%'; 30_000];
    let mut tripled = post();
    tripled.fields = vec![(b"a", Part::Text(&escapes))];
    let secret_url = format!("{url}?key={VALUE}");
    let escaped_url = format!("{url}?key={}", VALUE.replace('-', "%2D"));
    let pointers: Vec<String> = (0..33).map(|number| format!("/{number}")).collect();
    let mut many_reads = post();
    many_reads.read = pointers.iter().map(|pointer| pointer.as_bytes()).collect();
    let mut many_takes = post();
    many_takes.take = pointers.iter().map(|text| (text.as_bytes(), &b"token"[..])).collect();
    let mut reads_what_it_takes = post().takes("/access_token");
    reads_what_it_takes.read.push(b"/access_token");
    let mut reads_around_it = post().takes("/access_token");
    reads_around_it.read.push(b"");
    let invalid = Some(ErrorKind::Internal);
    let missing = Some(ErrorKind::Missing);
    vec![
        Attack { component: too_much(&url), ..refused("sends-too-much", &post(), "\"too-large\"") },
        refused("sends-too-many-escapes", &tripled, "\"too-large\""),
        refused("no-such-secret", &post().with("a", "nobody"), "\"no-secret\""),
        refused("secret-in-the-url", &Sends::post(&secret_url), "\"leak\""),
        refused("secret-in-the-url-escaped", &Sends::post(&escaped_url), "\"leak\""),
        malformed("header-with-a-line-break", &header(b"x-a", b"1\r\nx-b: 2")),
        malformed("header-name-with-a-colon", &header(b"x-a:", b"1")),
        malformed("header-of-the-connection", &header(b"transfer-encoding", b"chunked")),
        malformed("header-of-another-host", &header(b"host", b"evil.example")),
        malformed("more-pointers-than-32", &many_reads),
        malformed("takes-more-than-32", &many_takes),
        malformed("reads-what-it-takes", &reads_what_it_takes),
        malformed("reads-around-what-it-takes", &reads_around_it),
        malformed("pointer-that-is-none", &post().takes("access_token")),
        answered("long-pointer", &post().takes(&segment), missing, "nothing"),
        answered("takes-everything", &post().takes(""), missing, "nothing"),
        answered("takes-nothing", &Sends::post(&number).takes("/nothing"), missing, "nothing"),
        answered("takes-an-empty-text", &Sends::post(&number).takes("/empty"), missing, "nothing"),
        answered("takes-a-list", &Sends::post(&number).takes("/list"), missing, "nothing"),
        answered("takes-into-a-number", &Sends::post(&number).takes("/a/b/c"), missing, "nothing"),
        answered("reads-a-list", &Sends::post(&number).reads("/list"), missing, "nothing"),
        answered(
            "reads-a-token",
            &post().reads("/access_token"),
            Some(ErrorKind::Denied),
            "was denied \"/access_token\" (not granted)",
        ),
        Attack {
            kind: invalid,
            component: many_requests(&url),
            requests: 8,
            ..refused("10000-requests", &post(), "it sent more than 8 requests")
        },
        Attack {
            kind: invalid,
            component: pointer_of_a_mib(&url),
            ..refused("pointer-of-a-mib", &post(), HOSTCALL)
        },
        Attack {
            kind: invalid,
            component: pointers_nowhere(&url),
            ..refused("pointers-nowhere", &post(), CRASHED)
        },
    ]
}

/// Sends 10,000 requests, whatever comes back.
fn many_requests(url: &str) -> Vec<u8> {
    let mut guest = Guest::new();
    let send = guest.send(&Sends::post(url));
    let code = format!(
        "(loop $next
           {send}
           (local.set $i (i32.add (local.get $i) (i32.const 1)))
           (br_if $next (i32.lt_u (local.get $i) (i32.const 10000))))"
    );
    guest.returns_answer(Export::RefreshIfNeeded, &code).build()
}

/// Sends a secret made of itself, of more than 64 KiB.
fn too_much(url: &str) -> Vec<u8> {
    let mut guest = Guest::new().tools();
    let mut code = guest.tool(&Tool::Take(VARIABLE, "made"));
    for _ in 0..12 {
        code += &guest.tool(&Tool::Concat(&[Piece::Secret("made"), Piece::Secret("made")], "made"));
    }
    code += &guest.send(&Sends::post(url).with("a", "made"));
    guest.returns_answer(Export::RefreshIfNeeded, &code).build()
}

/// Takes what is at a pointer of a MiB.
fn pointer_of_a_mib(url: &str) -> Vec<u8> {
    let mut guest = Guest::new().memory("40");
    let send = guest.send(&Sends::post(url).takes("/a"));
    let request = guest.last_request();
    let code = format!(
        "(memory.fill (i32.const 65536) (i32.const 47) (i32.const 1048576))
         (i32.store (i32.load offset=64 (i32.const {request})) (i32.const 65536))
         (i32.store offset=4 (i32.load offset=64 (i32.const {request})) (i32.const 1048576))
         {send}"
    );
    guest.returns_answer(Export::RefreshIfNeeded, &code).build()
}

/// Has pointers outside of its memory.
fn pointers_nowhere(url: &str) -> Vec<u8> {
    let mut guest = Guest::new();
    let send = guest.send(&Sends::post(url).takes("/a"));
    let request = guest.last_request();
    let code = format!("(i32.store offset=64 (i32.const {request}) (i32.const -16)) {send}");
    guest.returns_answer(Export::RefreshIfNeeded, &code).build()
}

/// What only looks like a server that is granted.
fn origins(host: &str) -> Vec<Attack> {
    let (_, port) = host.split_once(':').expect("it has a port");
    let denied = |name: &'static str, url: String, kind, says| Attack {
        name,
        component: sending(&Sends::post(&url)),
        kind: Some(kind),
        says,
        requests: 0,
    };
    let not_granted = |name, url| denied(name, url, ErrorKind::Denied, "(not granted)");
    let malformed = |name, url| denied(name, url, ErrorKind::Unavailable, "\"malformed\"");
    vec![
        not_granted("another-port", format!("http://127.0.0.1:{}/token", next_port(port))),
        not_granted("the-usual-port", "http://127.0.0.1/token".to_owned()),
        not_granted("https-for-http", format!("https://127.0.0.1:{port}/token")),
        not_granted("another-name", format!("http://localhost:{port}/token")),
        not_granted("trailing-dot", format!("http://localhost.:{port}/token")),
        not_granted("below-the-name", format!("http://127.0.0.1.evil.example:{port}/token")),
        not_granted("ipv6", format!("http://[::1]:{port}/token")),
        malformed("ipv4-in-ipv6", format!("http://[::ffff:127.0.0.1]:{port}/token")),
        malformed("unicode", format!("https://l\u{f6}gin.example:{port}/token")),
        not_granted("punycode", format!("https://xn--lgin-5qa.example:{port}/token")),
        not_granted("metadata", "http://169.254.169.254/latest/meta-data".to_owned()),
        malformed("metadata-as-a-number", "http://2852039166/latest/meta-data".to_owned()),
        not_granted("metadata-of-ipv6", "http://[fd00:ec2::254]/latest/meta-data".to_owned()),
        malformed("path-with-dots", format!("http://{host}/a/../token")),
        malformed("address-as-a-number", format!("http://2130706433:{port}/token")),
        malformed("address-in-hexadecimal", format!("http://0x7f.1:{port}/token")),
        malformed("user", format!("http://127.0.0.1:{port}@evil.example/token")),
        malformed("user-of-the-server", format!("http://evil.example@127.0.0.1:{port}/token")),
        malformed("no-server", "http:///token".to_owned()),
        malformed("a-file", "file:///etc/passwd".to_owned()),
    ]
}

/// Another port of this machine.
fn next_port(port: &str) -> u16 {
    let port: u16 = port.parse().expect("it is a number");
    port ^ 1
}

/// Asks all strategies one after the other, and returns what is wrong with each.
fn tried(server: &Server, attacks: &[Attack]) -> String {
    let more = format!(
        "origins = [\"http://{}\"]\nlimits = {{ http_ms = {} }}",
        server.host(),
        WAIT.as_millis()
    );
    let profile = format!("api_key_env = \"{VARIABLE}\"");
    let toml: String = attacks
        .iter()
        .map(|attack| guest::lines(attack.name, &attack.component, &more, &profile))
        .collect();
    let components: Vec<(&str, &[u8])> =
        attacks.iter().map(|attack| (attack.name, &attack.component[..])).collect();
    let variables: Vec<(&str, &str)> = UNGRANTED.into_iter().chain([(VARIABLE, VALUE)]).collect();
    let host = Host::new(&toml, &components, &variables);
    let config = AgentConfig::default();
    let strategies: Vec<_> =
        attacks.iter().map(|attack| host.strategy(attack.name, &config)).collect();
    guest::runtime().block_on(async {
        // Compiling a strategy takes longer than it waits for its server.
        join_all(strategies.iter().map(|strategy| strategy.is_valid())).await;
        let mut wrong = String::new();
        let started = Instant::now();
        for (attack, strategy) in attacks.iter().zip(&strategies) {
            let before = server.requests().len();
            let result = strategy.refresh_if_needed().await;
            let sent = server.requests().len() - before;
            wrong += &attack.difference(&result, sent).unwrap_or_default();
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
        wrong
    })
}

impl Attack {
    /// Returns how the result differs from what is expected.
    fn difference(&self, result: &Result<(), ProviderError>, sent: usize) -> Option<String> {
        let Self { name, kind, says, requests, .. } = self;
        let said = result.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
        let shows = [VALUE, TOKEN].iter().any(|secret| {
            (0..secret.len() - 8).any(|start| said.contains(&secret[start..start + 8]))
        });
        let is_kind = result.as_ref().err().map(ProviderError::kind) == *kind;
        let is_as_expected = is_kind && said.contains(says) && sent == *requests && !shows;
        let expected = format!("not {kind:?} {says:?} after {requests} requests");
        (!is_as_expected).then(|| format!("{name}: {sent} requests, {result:?}, {expected}\n"))
    }
}

#[test]
fn no_answer_of_a_server_crashes_the_host_fills_it_or_holds_it_up() {
    let server = Server::with(respond);
    let wrong = tried(&server, &answers(&format!("http://{}", server.host())));
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_request_says_more_than_it_seems_to_or_reads_what_it_must_not() {
    let server = Server::with(respond);
    let wrong = tried(&server, &requests(&format!("http://{}", server.host())));
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_other_spelling_of_a_server_is_granted() {
    let server = Server::with(respond);
    let wrong = tried(&server, &origins(&server.host()));
    assert!(wrong.is_empty(), "{wrong}");
}

/// The other spellings of one origin are that origin: what is granted is a server, and not a
/// text.
#[test]
fn a_granted_server_is_reached_in_each_spelling_that_clients_read_as_it() {
    let server = Server::with(respond);
    let host = server.host();
    let reached = |name, url: String| Attack {
        name,
        component: sending(&Sends::post(&url).takes("/access_token")),
        kind: None,
        says: "",
        requests: 1,
    };
    let attacks = [reached("scheme-in-capitals", format!("HTTP://{host}/token"))];
    let wrong = tried(&server, &attacks);
    assert!(wrong.is_empty(), "{wrong}");
}

/// A search for a token does not find its halves, and a server can always tell a strategy a
/// secret letter by letter: docs/security.md says so. What the strategy then says is redacted.
#[test]
fn a_token_that_a_server_splits_over_two_texts_is_not_shown() {
    let server = Server::with(respond);
    let url = format!("http://{}/repeats-in-two", server.host());
    let says_half = |pointer| {
        let mut guest = Guest::new();
        let send = guest.send(&Sends::post(&url).takes("/access_token").reads(pointer));
        // As if nothing had been taken: so it says what it has read.
        let code = format!("{send} (i32.store offset=28 (global.get $scratch) (i32.const 0))");
        guest.returns_answer(Export::RefreshIfNeeded, &code).build()
    };
    let attacks = [("first-half", "/error"), ("second-half", "/error_description")];
    let attacks = attacks.map(|(name, pointer)| Attack {
        name,
        component: says_half(pointer),
        kind: Some(ErrorKind::Invalid),
        says: "says: \"***\"",
        requests: 1,
    });
    let wrong = tried(&server, &attacks);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_strategy_takes_from_an_answer_no_more_secrets_than_from_anywhere() {
    // The table of the call has room for 64 secrets.
    let server = Server::with(respond);
    let url = format!("http://{}/token", server.host());
    let mut guest = Guest::new().tools();
    let fill: String = (0..64)
        .map(|number| {
            let name = format!("made-{number}");
            guest.tool(&Tool::Random(16, &name))
        })
        .collect();
    let send = guest.send(&Sends::post(&url).takes("/access_token"));
    let attack = Attack {
        name: "fills-the-table",
        component: guest.returns_answer(Export::RefreshIfNeeded, &(fill + &send)).build(),
        kind: Some(ErrorKind::Internal),
        says: "it made more than 64 secrets",
        requests: 1,
    };
    let wrong = tried(&server, &[attack]);
    assert!(wrong.is_empty(), "{wrong}");
}
