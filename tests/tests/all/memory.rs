//! What is left in memory of a secret that was used.
//!
//! Promised here: once everything that held a secret is dropped, the process's memory
//! has no run of 8 of its characters, whatever was done with it. A guest's memory counts:
//! wasmtime unmaps it with the store, and a pool clears a slot before it is used again
//! and at the latest when the pool is dropped.
//!
//! The HTTP client frees its buffers as they are. So what was sent to a provider is only
//! gone from a program with the product's allocator, such as the command line. The same
//! is true of the text of a providers.toml. The tests of strategies do without that
//! allocator, as another program may.
//!
//! The stack is not promised: it keeps what the next calls have not overwritten, so the
//! tests make such a call. Nor are the variables of the process, which the system keeps.
//!
//! The secret is made when a test runs, and the search knows it only in another form, so
//! that neither is found in place of a copy.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::thread::sleep;
use std::time::Duration;

use futures_util::StreamExt;
use orchestration_runtime::{
    AgentConfig, Allocation, Environment, OpenAiCompatibleProvider, Provider, ProvidersToml,
    Registry, Scope, Secret, resolve_auth_strategy, verify,
};
use orchestration_tests::guest::{self, Guest};
use orchestration_tests::server::{Request, Server, says, status};
use orchestration_tests::{Cli, in_own_process, in_own_process_with, memory, skip};
use tempfile::{NamedTempFile, TempDir};
use tokio::runtime::{Builder, Runtime};

/// The length of a run that counts as found. A mask shows less.
const RUN: usize = 8;

const LENGTH: usize = 48;

/// The secret, in a buffer that never moves. It is made from a number.
fn secret() -> Vec<u8> {
    let mut secret = Vec::with_capacity(LENGTH);
    secret.extend((0..LENGTH).map(character));
    secret
}

fn character(position: usize) -> u8 {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let number = (position as u64 + 17).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    ALPHABET[number as usize % ALPHABET.len()]
}

/// Returns the addresses of runs of the secret in the memory of this process, as bytes and
/// as characters of four bytes.
fn found() -> Vec<u64> {
    memory::search("self", is_run).expect("a process can read its memory")
}

/// Overwrites what calls have left on the stack, such as the registers that a debug build
/// spills.
#[inline(never)]
fn overwrite_stack() {
    std::hint::black_box(&mut [0u8; 512 << 10]);
}

#[track_caller]
fn assert_nothing_left() {
    overwrite_stack();
    let found = found();
    assert!(found.is_empty(), "{} runs are left, at {:x?}", found.len(), found.first());
}

/// Returns true if `bytes` begins with a run of the secret.
fn is_run(bytes: &[u8]) -> bool {
    // Most bytes are zero.
    if bytes[0] == 0 {
        return false;
    }
    (0..=LENGTH - RUN).any(|first| {
        let is = |offset: usize, stride: usize| {
            bytes.get(offset * stride) == Some(&character(first + offset))
        };
        (0..RUN).all(|offset| is(offset, 1))
            || (0..RUN).all(|offset| is(offset, 4) && bytes.get(offset * 4 + 1) == Some(&0))
    })
}

#[test]
fn the_search_finds_what_is_there() {
    if !in_own_process(the_search_finds_what_is_there) {
        return;
    }
    assert_nothing_left();
    let held = secret();
    assert!(!found().is_empty());
    let characters: Vec<char> = held.iter().map(|byte| char::from(*byte)).collect();
    drop(Secret::from(String::from_utf8(held).expect("it is ASCII")));
    assert!(!found().is_empty(), "four bytes a character");
    assert_eq!(characters.len(), LENGTH);
}

/// The environment of one strategy, which has the secret.
fn environment() -> Environment {
    let value = String::from_utf8(secret()).expect("it is ASCII");
    Environment::Fixed(BTreeMap::from([("CORP_TOKEN".to_owned(), OsString::from(value))]))
}

/// A strategy that reads the secret and does with it what `then` says; it is at the
/// address and of the length that are in `$scratch` at 8 and 12.
fn reading(mut guest: Guest, then: &str) -> Vec<u8> {
    let (address, length) = guest.place(b"CORP_TOKEN");
    let read =
        format!("(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))");
    guest.get(format!("{read} {then}")).build()
}

/// A strategy that fails, with the secret as its message and its hint.
fn telling() -> Vec<u8> {
    let mut guest = Guest::new();
    let failure = guest.place_failure(2, b"", Some(b""));
    let copy = |offset: u32, from: u32| {
        format!(
            "(i32.store offset={offset} (i32.const {failure})
               (i32.load offset={from} (global.get $scratch)))"
        )
    };
    let then = [copy(12, 8), copy(16, 12), copy(24, 8), copy(28, 12)].concat();
    reading(guest, &format!("{then} i32.const {failure}"))
}

/// A strategy that asks for a variable with the secret as its name.
fn asking() -> Vec<u8> {
    let mut guest = Guest::new();
    let denied = guest.place_failure(3, b"no", None);
    let then = format!(
        "(call $get (i32.load offset=8 (global.get $scratch))
           (i32.load offset=12 (global.get $scratch)) (global.get $scratch))
         i32.const {denied}"
    );
    reading(guest, &then)
}

/// A strategy that prints the secret a hundred times, and answers with another one.
fn printing() -> Vec<u8> {
    let guest = Guest::new().says(b"begins\n");
    let mut printing = guest.clone();
    let (address, length) = printing.place(b"CORP_TOKEN");
    printing
        .fields("(global $left (mut i32) (i32.const 100))")
        .before(&format!(
            "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
             (loop $again
               (call $write (call $stdout) (i32.load offset=8 (global.get $scratch))
                 (i32.load offset=12 (global.get $scratch))
                 (i32.add (global.get $scratch) (i32.const 64)))
               (global.set $left (i32.sub (global.get $left) (i32.const 1)))
               (br_if $again (global.get $left)))"
        ))
        .build()
}

/// Resolves with `component`, and does with the credential what commands do with it.
fn used(component: &[u8], allocation: Allocation) {
    let directory = TempDir::new().expect("a temporary directory can be created");
    let path = directory.path().join("providers.toml");
    std::fs::write(directory.path().join("corp.wasm"), component).expect("it can be written");
    let toml =
        guest::lines("corp", component, "env = [\"CORP_TOKEN\"]", "api_key_env = \"CORP_TOKEN\"");
    std::fs::write(&path, toml).expect("it can be written");
    let providers = ProvidersToml::load(&path).expect("the file is good");
    let registry = Registry::new(&providers, environment(), None, allocation);
    let registry = registry.expect("the sandbox can be set up");
    let profile = providers.profile("corp").expect("it is in the file");
    let config = AgentConfig::default();
    let strategy =
        resolve_auth_strategy(&registry, &config, Some(profile), Scope::OwnCredential).unwrap();
    let answer = guest::runtime().block_on(strategy.get_credentials());
    let shown = match &answer {
        Ok(credentials) => {
            let copy = credentials.clone();
            format!("{credentials:?} {:?}", copy.key().map(Secret::mask))
        }
        Err(error) => format!("{error} {error:?} {:?}", error.remedy()),
    };
    assert!(!shown.is_empty());
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_returns_it() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_returns_it) {
        return;
    }
    used(&Guest::new().reads("CORP_TOKEN").build(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_tells_it_in_an_error() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_tells_it_in_an_error) {
        return;
    }
    used(&telling(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_asks_for_it() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_asks_for_it) {
        return;
    }
    used(&asking(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_prints_it() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_prints_it) {
        return;
    }
    used(&printing(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_in_a_pool() {
    if !in_own_process(no_copy_of_a_secret_is_left_in_a_pool) {
        return;
    }
    used(&Guest::new().reads("CORP_TOKEN").build(), Allocation::Pooling);
    assert_nothing_left();
}

/// A profile whose strategy puts the secret together, so that no variable has it, and which
/// has it in a header as well.
fn cli() -> Cli {
    let key = String::from_utf8(secret()).expect("it is ASCII");
    let component = Guest::new().answers_with_hidden(&key).build();
    let header = format!("headers = {{ x-token = \"{key}\" }}");
    let cli = Cli::new().config(guest::lines("corp", &component, "", &header));
    cli.file(".config/orchestration/corp.wasm", &component);
    let token = cli.run(&["auth", "token", "corp"]).exits_with(0);
    assert_eq!(token.stdout, format!("{key}\n"));
    cli
}

#[test]
fn no_copy_of_a_secret_is_left_between_two_looks() {
    let cli = cli();
    let mut command = cli.command(&["auth", "status", "--watch"]);
    let mut child = command.spawn().expect("the product can be started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
    assert!(stdout.by_ref().map_while(Result::ok).any(|line| line.starts_with("corp")));
    // At times a look is going on, so it is enough that nothing is there once.
    let mut seen = Vec::new();
    for _ in 0..40 {
        sleep(Duration::from_millis(100));
        let search =
            |begins: &dyn Fn(&[u8]) -> bool| memory::search(&child.id().to_string(), begins);
        match search(&is_run) {
            Ok(found) => seen.push(found),
            Err(reason) => {
                child.kill().expect("it still runs");
                child.wait().expect("it comes to an end");
                return skip(&format!("the memory of a process can't be read here: {reason}"));
            }
        }
        // Where a program finds its variables, they always are.
        let variables = search(&|bytes| bytes.starts_with(b"HOME=/")).expect("it was read before");
        assert!(!variables.is_empty(), "the memory was not read");
        if seen.last().is_some_and(Vec::is_empty) {
            break;
        }
    }
    child.kill().expect("it still runs");
    child.wait().expect("it comes to an end");
    assert!(seen.iter().any(Vec::is_empty), "runs are always there: {seen:x?}");
}

/// The variable with the base URLs of [`Providers`], and the one with the file of the
/// authority that signed the certificate of one of them.
const URLS: &str = "URLS_OF_PROVIDERS";
const AUTHORITY: &str = "SSL_CERT_FILE";

/// Providers in the process that starts the test, since they have copies of the key.
struct Providers {
    servers: Vec<Server>,
    _authority: NamedTempFile,
}

impl Providers {
    /// Starts them, and returns the variables for the process of the test. One accepts the
    /// key, two reject it and repeat it, one redirects, and one is asked over TLS.
    fn start(accepts: String) -> (Vec<(&'static str, String)>, Self) {
        let sent = |request: &Request| request.header("authorization").map(str::to_owned);
        let repeats = |line: &'static str, header: &'static str| {
            Server::with(move |request, stream| {
                let sent = sent(request).unwrap_or_default();
                let body = format!(r#"{{"error":{{"message":"no: {sent}"}}}}"#);
                let path = format!("/{}", sent.trim_start_matches("Bearer "));
                stream.write_all(status(line, &[(header, &path)], &body).as_bytes())
            })
        };
        let (encrypted, certificate) = Server::with_tls(accepts.clone());
        let servers = vec![
            Server::new(accepts),
            repeats("401 Unauthorized", "x-sent"),
            repeats("400 Bad Request", "x-sent"),
            repeats("302 Found", "location"),
            encrypted,
        ];
        let mut authority = NamedTempFile::new().expect("a file can be created");
        authority.write_all(certificate.as_bytes()).expect("it can be written");
        let urls: Vec<String> = servers.iter().map(Server::url).collect();
        let path = authority.path().display().to_string();
        let variables = vec![(URLS, urls.join(" ")), (AUTHORITY, path)];
        (variables, Self { servers, _authority: authority })
    }
}

impl Drop for Providers {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let bearer = format!("Bearer {}", String::from_utf8(secret()).expect("it is ASCII"));
        for server in &self.servers {
            let requests = server.requests();
            assert!(
                requests.iter().any(|request| request.header("authorization") == Some(&bearer))
            );
        }
    }
}

/// The profiles `p0`, `p1` and so on, at the [`Providers`], with the secret as their key,
/// and their registry.
fn at_providers() -> (ProvidersToml, Registry) {
    let urls = std::env::var(URLS).expect("the process was started with it");
    let profile = |(index, url): (usize, &str)| {
        format!(
            "[profiles.p{index}]\nbase_url = \"{url}\"\napi_key_env = \"CORP_TOKEN\"\n\
             default_model = \"m\"\n"
        )
    };
    let toml: String = urls.split(' ').enumerate().map(profile).collect();
    let mut file = NamedTempFile::new().expect("a file can be created");
    file.write_all(toml.as_bytes()).expect("it can be written");
    let providers = ProvidersToml::load(file.path()).expect("the file is good");
    let registry = Registry::new(&providers, environment(), None, Allocation::OnDemand);
    (providers, registry.expect("the sandbox can be set up"))
}

/// A runtime for requests.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the runtime can be built")
}

/// Resolves, masks, prints and verifies the key of each profile, then drops it.
fn verified() {
    let (providers, registry) = at_providers();
    let config = AgentConfig::default();
    runtime().block_on(async {
        for profile in providers.profiles().filter(|profile| profile.name.starts_with('p')) {
            let strategy =
                resolve_auth_strategy(&registry, &config, Some(profile), Scope::OwnCredential);
            let credentials = strategy.unwrap().get_credentials().await.unwrap();
            let mask = credentials.key().map(Secret::mask);
            let verdict = verify(profile, &credentials).await;
            assert!(!format!("{credentials:?} {mask:?} {verdict:?}").is_empty());
        }
    });
}

#[test]
fn no_copy_of_a_secret_is_left_by_asking_a_provider() {
    let models = r#"{"object":"list","data":[{"id":"m"}]}"#;
    let start = || Providers::start(status("200 OK", &[], models));
    if !in_own_process_with(no_copy_of_a_secret_is_left_by_asking_a_provider, start) {
        return;
    }
    crate::ALLOCATOR.wipe();
    verified();
    assert_nothing_left();
}

/// Asks the model of each profile something, and drops what it says.
fn talked() {
    let (providers, registry) = at_providers();
    let names: Vec<String> = providers.profiles().map(|profile| profile.name.to_owned()).collect();
    let provider = OpenAiCompatibleProvider::new(providers, registry);
    runtime().block_on(async {
        for profile in names.into_iter().filter(|name| name.starts_with('p')) {
            let config = AgentConfig { profile: Some(profile), ..AgentConfig::default() };
            let agent = provider.create_agent(config).await.unwrap();
            let shown = match agent.send("Hi").await {
                Ok(answer) => format!("{:?}", answer.collect::<Vec<_>>().await),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.is_empty());
        }
    });
}

#[test]
fn no_copy_of_a_secret_is_left_by_an_agent() {
    let start = || Providers::start(says(&["Hello"]));
    if !in_own_process_with(no_copy_of_a_secret_is_left_by_an_agent, start) {
        return;
    }
    crate::ALLOCATOR.wipe();
    talked();
    assert_nothing_left();
}
