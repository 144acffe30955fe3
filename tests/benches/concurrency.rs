//! What strategies that misbehave cost those that don't: a thousand resolutions
//! at once on a runtime of two threads, while ten guests spin without end, and a
//! task beside them that looks at the clock every millisecond.
//!
//!     cargo run --release -p orchestration-tests --example bench-concurrency
#![allow(missing_docs, unreachable_pub, clippy::print_stdout, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "shared with other benches")]
#[path = "../../runtime/benches/report.rs"]
mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use orchestration_runtime::{AgentConfig, Allocation, AuthStrategy, Credentials, ProviderError};
use orchestration_tests::guest::{Guest, Host, lines};
use report::Row;
use tokio::task::JoinSet;

const KEY: &str = "sk-proj-0123456789abcdef0123456789abcdef0123456789abcdef";
const RESOLUTIONS: usize = 1000;
const SPINNING: usize = 10;

fn main() {
    report::machine();
    println!("{RESOLUTIONS} resolutions at once, {SPINNING} spinning guests, 2 threads");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("a runtime can be made");
    let host = host();
    let strategy: Arc<dyn AuthStrategy> = host.strategy("corp", &AgentConfig::default()).into();
    let run = || runtime.block_on(runtime.spawn(resolve_all(Arc::clone(&strategy))));
    drop(run());
    let (quiet, _) = run().expect("the run ends");
    let spinning: Vec<_> = (0..SPINNING)
        .map(|_| {
            let strategy = host.strategy("spins", &AgentConfig::default());
            runtime.spawn(async move { strategy.get_credentials().await.is_err() })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(100));
    let (busy, late) = run().expect("the run ends");
    assert!(spinning.iter().all(|spinning| !spinning.is_finished()), "a guest stopped spinning");
    let rows = [
        Row::percentile("a resolution, nothing else there, median", &quiet, 0.5),
        Row::percentile("a resolution, nothing else there, p99", &quiet, 0.99),
        Row::percentile("a resolution beside spinning guests, median", &busy, 0.5),
        Row::percentile("a resolution beside spinning guests, p99", &busy, 0.99),
        Row::percentile("how late the clock was looked at, at worst", &late, 1.0),
    ];
    report::table(&rows.each_ref());
    let [.., p99, worst] = &rows;
    report::at_most(p99, 50_000.0);
    report::at_most(worst, 20_000.0);
    for ended in spinning {
        assert!(runtime.block_on(ended).expect("the task ends"), "a guest that spins answered");
    }
}

/// The built-in strategy and one that spins, in a pool.
fn host() -> Host {
    let spins = Guest::new().get("(loop (br 0)) unreachable").build();
    let toml = lines("spins", &spins, "limits = { deadline_ms = 3000 }", "")
        + "[profiles.corp]\napi_key_env = \"CORP_KEY\"\n";
    let variables = [("CORP_KEY", KEY)];
    Host::allocating(Allocation::Pooling, &toml, &[("spins", &spins)], &variables)
}

/// How long each resolution took from the moment that all were asked for, and
/// how late the clock was looked at meanwhile. Each must be right.
async fn resolve_all(strategy: Arc<dyn AuthStrategy>) -> (Vec<Duration>, Vec<Duration>) {
    let over = Arc::new(AtomicBool::new(false));
    let clock = tokio::spawn(watch_the_clock(Arc::clone(&over)));
    let mut resolutions = JoinSet::new();
    let start = Instant::now();
    for _ in 0..RESOLUTIONS {
        let strategy = Arc::clone(&strategy);
        resolutions.spawn(async move { (strategy.get_credentials().await, start.elapsed()) });
    }
    let mut took = Vec::with_capacity(RESOLUTIONS);
    while let Some(resolution) = resolutions.join_next().await {
        let (answer, time): (Result<Credentials, ProviderError>, _) =
            resolution.expect("the task ends");
        let credentials = answer.expect("there is a key");
        assert_eq!(credentials.get("api_key").map(|key| key.expose()), Some(KEY));
        took.push(time);
    }
    // Long enough to see the clock beside the spinning guests alone.
    tokio::time::sleep(Duration::from_millis(500)).await;
    over.store(true, Ordering::Relaxed);
    (took, clock.await.expect("the clock is watched to the end"))
}

async fn watch_the_clock(over: Arc<AtomicBool>) -> Vec<Duration> {
    const EVERY: Duration = Duration::from_millis(1);
    let mut late = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let start = Instant::now();
        tokio::time::sleep(EVERY).await;
        late.push(start.elapsed().saturating_sub(EVERY));
    }
    late
}
