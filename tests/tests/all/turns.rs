//! Many strategies at once: none can take the time or the memory of the others.
//!
//! Promised here: an honest strategy gets its answer beside any number of strategies that
//! spin, and however long its thread does something else, because only its own turns count
//! against its deadline; one that spins for a thousand profiles is soon given up, with a word
//! about it meanwhile; and all strategies of a process together stay within one sum of memory.

use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use orchestration_runtime::{AgentConfig, Status};
use orchestration_tests::guest::{self, Guest, Host, lines};
use orchestration_tests::{Cli, Used};

const SPIN: &str = "(loop (br 0)) unreachable";

/// Counts to `millions` million, then answers.
fn slow(millions: u64) -> Vec<u8> {
    let count = format!(
        "(func $count (local $i i64)
           (loop $again
             (local.set $i (i64.add (local.get $i) (i64.const 1)))
             (br_if $again (i64.lt_u (local.get $i) (i64.const {millions}000000)))))"
    );
    Guest::new().reads("KEY").fields(count).before("(call $count)").build()
}

#[test]
fn a_strategy_that_works_gets_its_answer_beside_sixty_that_spin() {
    let spinning = Guest::new().get(SPIN).build();
    let names: Vec<String> = (0..60).map(|number| format!("spin-{number}")).collect();
    // Its own work takes a fiftieth of its deadline or so, and by the wall clock, with
    // sixty others before each of its turns, more than all of it.
    let working = slow(20);
    let limits = "limits = { deadline_ms = 2000 }";
    let mut toml = lines("work", &working, limits, "api_key_env = \"KEY\"");
    let mut components: Vec<(&str, &[u8])> = vec![("work", &working)];
    for name in &names {
        toml += &lines(name, &spinning, "", "");
        components.push((name, &spinning));
    }
    let host = Host::new(&toml, &components, &[("KEY", "sk-abcdefghijklmnopqrstuvwxyz")]);
    let config = AgentConfig::default();
    let work = host.strategy("work", &config);
    let spinners: Vec<_> = names.iter().map(|name| host.strategy(name, &config)).collect();
    guest::runtime().block_on(async {
        // All are compiled beforehand, so that they run at the same time.
        work.get_credentials().await.expect("it works alone");
        for spinner in &spinners {
            spinner.refresh_if_needed().await.expect("it answers this");
        }
        let spinning = join_all(spinners.iter().map(|spinner| spinner.get_credentials()));
        tokio::select! {
            biased;
            _ = spinning => panic!("all of them were stopped, and the honest one had no answer"),
            answer = work.get_credentials() => {
                assert_eq!(Status::of(&answer), Status::Valid, "{answer:?}");
            }
        }
    });
}

#[test]
fn a_strategy_gets_its_answer_however_long_others_keep_its_thread() {
    // Its own work takes much less than a twentieth of that, also on a busy machine.
    const DEADLINE: Duration = Duration::from_secs(8);
    let working = slow(10);
    let toml = lines("work", &working, "limits = { deadline_ms = 8000 }", "api_key_env = \"KEY\"");
    let key = ("KEY", "sk-abcdefghijklmnopqrstuvwxyz");
    let host = Host::new(&toml, &[("work", &working)], &[key]);
    let work = host.strategy("work", &AgentConfig::default());
    let one_thread = tokio::runtime::Builder::new_current_thread().enable_all().build();
    one_thread.expect("tokio starts").block_on(async {
        work.get_credentials().await.expect("it works alone");
        let (mut answer, mut turns) = (pin!(work.get_credentials()), 0);
        let answer = poll_fn(|context| {
            turns += 1;
            let answer = answer.as_mut().poll(context);
            if turns == 1 && answer.is_pending() {
                std::thread::sleep(DEADLINE + Duration::from_secs(1));
            }
            answer
        })
        .await;
        assert!(turns > 1, "it had to wait for a turn");
        assert_eq!(Status::of(&answer), Status::Valid, "{answer:?}");
    });
}

/// The home of a user with this many profiles of one strategy that spins.
fn spinning(profiles: usize) -> Cli {
    let component = Guest::new().get(SPIN).build();
    let mut toml = lines("spin", &component, "limits = { deadline_ms = 1000 }", "");
    for number in 1..profiles {
        toml += &format!("[profiles.spin-{number}]\nauth_type = \"spin\"\n\n");
    }
    let cli = Cli::new().env("OPENAI_API_KEY", "sk-proj-abcdefghijklmnop7x2f").config(toml);
    cli.file(".config/orchestration/spin.wasm", component);
    cli
}

#[test]
fn a_strategy_that_spins_is_given_less_time_for_each_further_profile() {
    let cli = spinning(300);
    // Compiles it beforehand.
    cli.run(&["auth", "status", "openai", "spin"]).exits_with(3);
    let started = Instant::now();
    let outcome = cli.status().exits_with(3);
    // In full, it would be some 300 s, shared by the processors.
    assert!(started.elapsed() < Duration::from_secs(30), "took {:?}", started.elapsed());
    assert_eq!(outcome.row("openai").get(2), Some(&"✓ valid"));
    assert_eq!(outcome.row("spin-299").get(2), Some(&"✗ error"));
    outcome.explains(&[
        "it exceeded its deadline of 1000 ms in other calls, and then the shorter one of this call",
        "deadline_ms = 2000",
    ]);
}

#[test]
fn a_terminal_shows_which_strategy_is_waited_for_and_how_many_profiles_are_left() {
    let cli = spinning(3);
    let Some(terminal) = cli.at_terminal(80, &["auth", "status", "spin", "spin-1", "spin-2"])
    else {
        return;
    };
    terminal.wait_for("running strategy 'spin', ");
    let screen = terminal.screen();
    assert!(!screen.written.iter().any(|line| line.contains("running")), "{screen:#?}");
}

#[test]
fn all_strategies_together_stay_within_one_gigabyte() {
    // Each takes 60 MiB and keeps it for a while.
    let fill = "(memory.fill (i32.const 0x20000) (i32.const 1) (i32.const 0x3b00000))";
    let component = |number: usize| {
        let own = format!("(global $number i32 (i32.const {number}))");
        Guest::new().memory("960").fields(own).get(format!("{fill} {SPIN}")).build()
    };
    let mut toml = String::new();
    let cli = Cli::new();
    for number in 0..40 {
        let (name, component) = (format!("large-{number}"), component(number));
        toml += &lines(&name, &component, "limits = { deadline_ms = 500 }", "");
        cli.file(&format!(".config/orchestration/{name}.wasm"), component);
    }
    let cli = cli.config(toml);
    // Compiles them beforehand, in processes whose memory is not the question.
    cli.status().exits_with(3);
    let (Used { mib, .. }, outcome) = cli.status_measured();
    assert_eq!(outcome.row("large-39").get(2), Some(&"✗ error"), "{outcome:#?}");
    assert!((128..1200).contains(&mib), "{mib} MiB");
}
