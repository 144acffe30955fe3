//! What one resolution costs a host that lives long, beside what it could use
//! instead:
//!
//! - the same component under wasmtime alone, which says what the product adds;
//! - a helper process started for every credential, the protocol of docker,
//!   kubectl and the AWS tools: a request on stdin, the answer on stdout. This
//!   helper is this very program, a small one that starts fast;
//! - a native function, with no isolation at all.
//!
//! The sides take turns, a few calls each, so that whatever else the machine does
//! falls on all of them; a framework that measures one after the other would
//! give ratios of two different moments.
//!
//!     cargo run --release -p orchestration-runtime --example bench-resolution
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench reports"
)]

mod bare;
mod report;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use bare::Bare;
use orchestration_runtime::{
    AgentConfig, Allocation, AuthStrategy, Environment, ProviderProfile, ProvidersToml, Registry,
    Scope, resolve_auth_strategy,
};
use report::{Row, Target};

const VARIABLE: &str = "CORP_KEY";
const KEY: &str = "sk-proj-0123456789abcdef0123456789abcdef0123456789abcdef";

/// How often the sides take turns, and the calls of one turn.
const TURNS: usize = 200;
const CALLS: usize = 50;

/// The argument that makes this program the helper.
const HELPER: &str = "--as-credential-helper";

fn main() {
    if env::args().any(|argument| argument == HELPER) {
        return help();
    }
    report::machine();
    println!("one resolution with a fresh instance, median of {} calls", TURNS * CALLS);
    let [pooled, on_demand, bare, helper, native] = measure();
    let native = Row::median("a native function", &native);
    let bare = Row::median("wasmtime alone, pooling", &bare);
    let pooled = Row::median("this runtime, pooling", &pooled);
    let on_demand = Row::median("this runtime, on demand", &on_demand);
    let helper = Row::median("a helper process", &helper);
    report::table(&[&native, &bare, &pooled, &on_demand, &helper]);
    report::at_most(&pooled, 5.0);
    report::times(&pooled, &bare, &Target::AtMost(1.3));
    report::times(&helper, &pooled, &Target::AtLeast(150.0));
    report::ratio("two threads / one", two_threads(), &Target::AtLeast(1.8));
}

fn profile() -> ProviderProfile {
    ProviderProfile {
        api_key_env: Some(VARIABLE.into()),
        base_url: Some("https://llm.corp.example/v1".into()),
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
        .expect("there is such a strategy")
}

/// The five sides, in turns.
fn measure() -> [Vec<Duration>; 5] {
    let (pooled, on_demand) = (strategy(Allocation::Pooling), strategy(Allocation::OnDemand));
    let bare = Bare::new(VARIABLE, KEY).expect("wasmtime runs the component");
    let runtime = runtime();
    let resolve = |strategy: &dyn AuthStrategy| {
        let credentials = runtime.block_on(strategy.get_credentials()).expect("there is a key");
        assert_eq!(credentials.get("api_key").map(|key| key.expose()), Some(KEY));
    };
    let mut times: [Vec<Duration>; 5] = Default::default();
    let [of_pooled, of_on_demand, of_bare, of_helper, of_native] = &mut times;
    for turn in 0..TURNS {
        each(CALLS, of_native, || assert_eq!(std::hint::black_box(resolve_natively)(), KEY));
        each(CALLS, of_bare, || {
            assert_eq!(runtime.block_on(bare.resolve()).expect("there is a key"), KEY);
        });
        each(CALLS, of_pooled, || resolve(&*pooled));
        each(CALLS, of_on_demand, || resolve(&*on_demand));
        if turn % 4 == 0 {
            each(1, of_helper, || assert_eq!(ask_helper(), KEY));
        }
    }
    times
}

/// How long each of `calls` took.
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
        .expect("a runtime can be made")
}

/// How much more two threads get done than one, in the best of some tries.
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
                            runtime.block_on(strategy.get_credentials()).expect("there is a key");
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

/// What the strategy does, without a sandbox: the variable that the profile
/// names, if it is set and not empty.
fn resolve_natively() -> String {
    let variables = BTreeMap::from([(VARIABLE.to_owned(), KEY.to_owned())]);
    let profile = profile();
    let name = profile.api_key_env.as_deref().unwrap_or_default();
    variables.get(name).filter(|value| !value.is_empty()).cloned().unwrap_or_default()
}

/// Starts the helper and has it answer.
fn ask_helper() -> String {
    let mut helper = Command::new(env::current_exe().expect("a path to this program"))
        .arg(HELPER)
        .env(VARIABLE, KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the helper starts");
    let asked = helper.stdin.take().map(|mut stdin| stdin.write_all(VARIABLE.as_bytes()));
    asked.expect("the helper listens").expect("the helper reads");
    let output = helper.wait_with_output().expect("the helper answers");
    String::from_utf8(output.stdout).expect("the answer is text")
}

/// The helper's side of it.
fn help() {
    let mut name = String::new();
    io::stdin().read_to_string(&mut name).expect("somebody asks");
    let value = env::var(name).expect("the variable is set");
    io::stdout().write_all(value.as_bytes()).expect("somebody listens");
}
