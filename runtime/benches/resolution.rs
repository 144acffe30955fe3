//! Measures one resolution in a long-lived host, compared with the alternatives:
//!
//! - the same component with wasmtime only, which shows the overhead of the product;
//! - a helper process started for every credential, as docker, kubectl and the AWS
//!   tools do: a request on stdin, the response on stdout. The helper is this program,
//!   which is small and starts fast;
//! - a native function, with no isolation at all.
//!
//! It also measures what a lease costs that is there: a token that has not ended, for which
//! no strategy is called.
//!
//! The contestants take turns, a few calls each, so that other load on the machine
//! affects all of them equally. Measuring them one after the other would compare
//! different moments.
//!
//!     cargo run --release -p orchestration-runtime --example bench-resolution
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints its results"
)]

mod bare;
mod report;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime};
use std::{env, io, thread};

use bare::Bare;
use orchestration_runtime::{
    AgentConfig, Allocation, AuthStrategy, Environment, ProviderProfile, ProvidersToml, Registry,
    Scope, SecretOrigin, Session, SessionRecord, SessionSecret, SessionTie, Sessions,
    resolve_auth_strategy,
};
use report::{Row, Target};

const VARIABLE: &str = "CORP_KEY";
const KEY: &str = "sk-proj-0123456789abcdef0123456789abcdef0123456789abcdef";

/// The number of turns, and the calls per turn.
const TURNS: usize = 200;
const CALLS: usize = 50;

/// The argument that turns this program into the helper.
const HELPER: &str = "--as-credential-helper";

fn main() {
    if env::args().any(|argument| argument == HELPER) {
        return run_as_helper();
    }
    report::machine();
    println!("one resolution with a fresh instance, median of {} calls", TURNS * CALLS);
    let [pooled, on_demand, bare, helper, native] = measure();
    let native = Row::median("a native function", &native);
    let bare = Row::median("wasmtime only, pooling", &bare);
    let pooled = Row::median("this runtime, pooling", &pooled);
    let on_demand = Row::median("this runtime, on demand", &on_demand);
    let helper = Row::median("a helper process", &helper);
    report::table(&[&native, &bare, &pooled, &on_demand, &helper]);
    report::at_most(&pooled, 5.0);
    report::times(&pooled, &bare, &Target::AtMost(1.1));
    report::times(&helper, &pooled, &Target::AtLeast(150.0));
    report::ratio("two threads / one", two_threads(), &Target::AtLeast(1.8));
    report::at_most(&Row::median("a lease that is there", &lease()), 1.0);
}

fn profile() -> ProviderProfile {
    ProviderProfile {
        api_key_env: Some(VARIABLE.into()),
        base_url: "https://llm.corp.example/v1".parse().ok(),
        ..ProviderProfile::new("corp")
    }
}

fn strategy(allocation: Allocation) -> Box<dyn AuthStrategy> {
    let variables = BTreeMap::from([(VARIABLE.to_owned(), KEY.into())]);
    let environment = Environment::Fixed(variables);
    let registry = Registry::new(&ProvidersToml::built_in(), environment, None, allocation)
        .expect("the sandbox can be set up");
    let config = AgentConfig::default();
    resolve_auth_strategy(&registry, &config, Some(&profile()), Scope::OwnCredential)
        .expect("the strategy exists")
}

/// Measures the five contestants in turns.
fn measure() -> [Vec<Duration>; 5] {
    let (pooled, on_demand) = (strategy(Allocation::Pooling), strategy(Allocation::OnDemand));
    let bare = Bare::new(VARIABLE, KEY).expect("wasmtime runs the component");
    let runtime = runtime();
    let resolve = |strategy: &dyn AuthStrategy| {
        let credentials =
            runtime.block_on(strategy.get_credentials()).expect("the key can be resolved");
        assert_eq!(credentials.get("api_key").map(|key| key.expose()), Some(KEY));
    };
    let mut times: [Vec<Duration>; 5] = Default::default();
    let [of_pooled, of_on_demand, of_bare, of_helper, of_native] = &mut times;
    for turn in 0..TURNS {
        each(CALLS, of_native, || assert_eq!(std::hint::black_box(resolve_natively)(), KEY));
        each(CALLS, of_bare, || {
            assert_eq!(runtime.block_on(bare.resolve()).expect("the key can be resolved"), KEY);
        });
        each(CALLS, of_pooled, || resolve(&*pooled));
        each(CALLS, of_on_demand, || resolve(&*on_demand));
        if turn % 4 == 0 {
            each(1, of_helper, || assert_eq!(ask_helper(), KEY));
        }
    }
    times
}

/// Adds the times of `calls` calls to `times`.
fn each(calls: usize, times: &mut Vec<Duration>, mut call: impl FnMut()) {
    for _ in 0..calls {
        let start = Instant::now();
        call();
        times.push(start.elapsed());
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("the runtime can be built")
}

/// Returns how much faster two threads are than one, comparing the best of several tries.
fn two_threads() -> f64 {
    let strategy = strategy(Allocation::Pooling);
    let rate = |threads: usize| {
        let barrier = Barrier::new(threads);
        let calls = 10_000;
        let took = thread::scope(|scope| {
            let running: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        let runtime = runtime();
                        barrier.wait();
                        let start = Instant::now();
                        for _ in 0..calls {
                            runtime
                                .block_on(strategy.get_credentials())
                                .expect("the key can be resolved");
                        }
                        start.elapsed()
                    })
                })
                .collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).max().unwrap_or_default()
        });
        (threads * calls) as f64 / took.as_secs_f64()
    };
    let best = |threads: usize| (0..8).map(|_| rate(threads)).fold(0.0, f64::max);
    best(2) / best(1)
}

/// Returns the times of asking for a token that has not ended. A clock takes a twentieth of one,
/// so many are measured at once.
fn lease() -> Vec<Duration> {
    const AT_ONCE: u32 = 100;
    let sessions = tempfile::tempdir().expect("there is a directory for temporary files");
    let strategy = signed_in(sessions.path());
    let runtime = runtime();
    let obtain = || runtime.block_on(strategy.obtain(Duration::ZERO)).expect("it has not ended");
    assert_eq!(obtain().key().map(|key| key.expose()), Some(KEY));
    let mut times = Vec::new();
    each(TURNS, &mut times, || (0..AT_ONCE).for_each(|_| drop(obtain())));
    times.into_iter().map(|time| time / AT_ONCE).collect()
}

/// Returns the strategy of a profile whose session is in this directory, as a sign-in leaves it.
fn signed_in(sessions: &Path) -> Box<dyn AuthStrategy> {
    let mut profile = profile();
    profile.auth_type = "oidc".to_owned();
    profile.api_key_env = None;
    profile.issuer = "https://login.corp.example".parse().ok();
    let tie = SessionTie {
        profile: profile.name.clone(),
        auth_type: profile.auth_type.clone(),
        component: String::new(),
        server: "https://llm.corp.example".to_owned(),
        issuer: "https://login.corp.example".to_owned(),
    };
    let access =
        SessionSecret { name: "access".to_owned(), text: KEY.into(), origin: SecretOrigin::Found };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs();
    let session =
        Session { secrets: vec![access], expires_at: Some(now + 3600), ..Session::default() };
    let path = sessions.join(tie.file_name());
    let record = SessionRecord { tie, since: now, saved: now, keyring: None, session };
    fs::write(&path, &*record.to_bytes()).expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
    let environment = Environment::Fixed(BTreeMap::new());
    let registry =
        Registry::new(&ProvidersToml::built_in(), environment, None, Allocation::Pooling)
            .expect("the sandbox can be set up");
    registry.keep_sessions_in(Sessions::at(sessions));
    registry.bind(profile, None, Scope::OwnCredential).expect("the strategy exists")
}

/// Does what the strategy does, without a sandbox: returns the variable that the profile
/// names, if it is set and not empty.
fn resolve_natively() -> String {
    let variables = BTreeMap::from([(VARIABLE.to_owned(), KEY.to_owned())]);
    let profile = profile();
    let name = profile.api_key_env.as_deref().unwrap_or_default();
    variables.get(name).filter(|value| !value.is_empty()).cloned().unwrap_or_default()
}

/// Starts the helper and returns its response.
fn ask_helper() -> String {
    let mut helper = Command::new(env::current_exe().expect("this program has a path"))
        .arg(HELPER)
        .env(VARIABLE, KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the helper starts");
    let written = helper.stdin.take().map(|mut stdin| stdin.write_all(VARIABLE.as_bytes()));
    written.expect("the helper has a stdin").expect("the helper reads its stdin");
    let output = helper.wait_with_output().expect("the helper responds");
    String::from_utf8(output.stdout).expect("the response is text")
}

/// Runs as the helper: reads a name from stdin, writes the variable's value to stdout.
fn run_as_helper() {
    let mut name = String::new();
    io::stdin().read_to_string(&mut name).expect("stdin can be read");
    let value = env::var(name).expect("the variable is set");
    io::stdout().write_all(value.as_bytes()).expect("stdout can be written");
}
