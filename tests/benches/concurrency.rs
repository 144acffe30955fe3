//! Measures what misbehaving strategies cost the others: a thousand concurrent
//! resolutions on a runtime with two threads, while ten guests run endless loops and a
//! task reads the clock every millisecond.
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
    println!("{RESOLUTIONS} concurrent resolutions, {SPINNING} spinning guests, 2 threads");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("the runtime can be built");
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
        Row::percentile("a resolution, idle machine, median", &quiet, 0.5),
        Row::percentile("a resolution, idle machine, p99", &quiet, 0.99),
        Row::percentile("a resolution, with spinning guests, median", &busy, 0.5),
        Row::percentile("a resolution, with spinning guests, p99", &busy, 0.99),
        Row::percentile("the largest delay of the clock task", &late, 1.0),
    ];
    report::table(&rows.each_ref());
    let [.., p99, worst] = &rows;
    report::at_most(p99, 50_000.0);
    report::at_most(worst, 20_000.0);
    for spinning in spinning {
        assert!(runtime.block_on(spinning).expect("the task ends"), "a spinning guest returned");
    }
}

/// Returns a host with a pool, the built-in strategy and one that spins.
fn host() -> Host {
    let spins = Guest::new().get("(loop (br 0)) unreachable").build();
    let toml = lines("spins", &spins, "limits = { deadline_ms = 3000 }", "")
        + "[profiles.corp]\napi_key_env = \"CORP_KEY\"\n";
    let variables = [("CORP_KEY", KEY)];
    Host::allocating(Allocation::Pooling, &toml, &[("spins", &spins)], &variables)
}

/// Returns how long each resolution took since all were started, and the delays of the
/// clock task meanwhile. Checks that each resolution succeeds.
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
        let credentials = answer.expect("the key can be resolved");
        assert_eq!(credentials.get("api_key").map(|key| key.expose()), Some(KEY));
        took.push(time);
    }
    // Long enough to measure the clock task with the spinning guests only.
    tokio::time::sleep(Duration::from_millis(500)).await;
    over.store(true, Ordering::Relaxed);
    (took, clock.await.expect("the clock task ends"))
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
