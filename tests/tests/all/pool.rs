//! What a host that keeps a pool promises: the same as any other. Instances are
//! made out of memory that others have used before, and limits are those of the
//! strategy, wherever the pool has its own.

use orchestration_runtime::{AgentConfig, Allocation, ProviderError, Status};
use orchestration_tests::guest::{Answer, Export, Guest, Host, lines, runtime};

fn pooled(name: &str, component: &[u8], more: &str) -> Host {
    let toml = lines(name, component, more, "");
    Host::allocating(Allocation::Pooling, &toml, &[(name, component)], &[])
}

fn message(answer: Result<impl Sized, ProviderError>) -> String {
    answer.err().map(|error| error.to_string()).unwrap_or_default()
}

/// Traps where a byte of memory is not as in a fresh instance: in the data, in
/// pages that are there from the start, in pages that it grows by, and in the
/// table. Then it changes all of them.
fn leaves_traces() -> Guest {
    let mut guest = Guest::new().memory("2").fields(
        "(table $mine 8 funcref)
         (func $filled)
         (elem declare func $filled)",
    );
    let (word, _) = guest.place(b"as it was");
    let answer = guest.place_answer(&Answer::default());
    guest.get(format!(
        "(local $page i32)
         (if (i32.ne (i32.load8_u (i32.const {word})) (i32.const 97)) (then unreachable))
         (i32.store8 (i32.const {word}) (i32.const 0))
         (if (i32.load (i32.const 131064)) (then unreachable))
         (i32.store (i32.const 131064) (i32.const 1))
         (if (i32.eqz (ref.is_null (table.get $mine (i32.const 3)))) (then unreachable))
         (table.set $mine (i32.const 3) (ref.func $filled))
         (local.set $page (i32.mul (memory.grow (i32.const 20)) (i32.const 65536)))
         (if (i32.load offset=1000000 (local.get $page)) (then unreachable))
         (i32.store offset=1000000 (local.get $page) (i32.const 1))
         i32.const {answer}"
    ))
}

#[test]
fn a_call_leaves_nothing_for_the_next() {
    let host = pooled("traces", &leaves_traces().build(), "");
    for _ in 0..20 {
        assert_eq!(
            Status::of(&host.ask("traces")),
            Status::Valid,
            "{}",
            message(host.ask("traces"))
        );
    }
}

#[test]
fn a_stopped_call_leaves_nothing_for_the_next() {
    let traces = leaves_traces().build();
    let mut dies = Guest::new().memory("2");
    dies.place(b"no traces");
    let dies = dies
        .get(
            "(memory.fill (i32.const 8192) (i32.const 255) (i32.const 122880))
             (drop (memory.grow (i32.const 20)))
             (memory.fill (i32.const 131072) (i32.const 255) (i32.const 1310720))
             unreachable",
        )
        .build();
    let toml = lines("traces", &traces, "", "") + &lines("dies", &dies, "", "");
    let components: [(&str, &[u8]); 2] = [("traces", &traces), ("dies", &dies)];
    let host = Host::allocating(Allocation::Pooling, &toml, &components, &[]);
    for _ in 0..20 {
        assert_eq!(Status::of(&host.ask("dies")), Status::Error);
        assert_eq!(
            Status::of(&host.ask("traces")),
            Status::Valid,
            "{}",
            message(host.ask("traces"))
        );
    }
}

/// Grows by as many pages and fails where it can't.
fn grows(pages: u32) -> Vec<u8> {
    let grow = format!(
        "(if (i32.eq (memory.grow (i32.const {pages})) (i32.const -1)) (then unreachable))"
    );
    Guest::new().before(&grow).build()
}

#[test]
fn memory_is_limited_as_outside_the_pool_and_raised_by_the_same_line() {
    let component = grows(1100);
    let limited = pooled("grows", &component, "").ask("grows");
    assert_eq!(
        message(limited),
        "profile 'grows': strategy 'grows' was stopped: it asked for more than 64 MiB of memory"
    );
    let raised = pooled("grows", &component, "limits = { memory_mib = 128 }");
    assert_eq!(Status::of(&raised.ask("grows")), Status::Valid, "{}", message(raised.ask("grows")));
}

#[test]
fn a_table_can_grow_as_far_as_outside_the_pool() {
    let grows = |by: u32| {
        Guest::new()
            .fields("(table $mine 1 funcref)")
            .before(&format!(
                "(if (i32.eq (table.grow $mine (ref.null func) (i32.const {by})) (i32.const -1))
                   (then unreachable))"
            ))
            .build()
    };
    let fits = pooled("tables", &grows(99_000), "");
    assert_eq!(Status::of(&fits.ask("tables")), Status::Valid, "{}", message(fits.ask("tables")));
    let limited = pooled("tables", &grows(100_000), "");
    assert_eq!(
        message(limited.ask("tables")),
        "profile 'tables': strategy 'tables' was stopped: it asked for more than 100000 table elements"
    );
    let raised = pooled("tables", &grows(100_000), "limits = { table_elements = 200000 }");
    assert_eq!(
        Status::of(&raised.ask("tables")),
        Status::Valid,
        "{}",
        message(raised.ask("tables"))
    );
}

#[test]
fn a_strategy_that_does_not_fit_the_pool_still_runs() {
    let memories = Guest::new().fields("(memory 2) (memory 2)").build();
    let host = pooled("several", &memories, "");
    assert_eq!(Status::of(&host.ask("several")), Status::Valid, "{}", message(host.ask("several")));
    let tables = Guest::new().fields("(table 1 funcref)".repeat(9)).build();
    let host = pooled("several", &tables, "");
    assert_eq!(Status::of(&host.ask("several")), Status::Valid, "{}", message(host.ask("several")));
}

#[test]
fn calls_beyond_the_slots_of_the_pool_wait_for_their_turn() {
    let spins = Guest::new().body(Export::IsValid, "(loop (br 0)) unreachable").build();
    let host = pooled("spins", &spins, "limits = { deadline_ms = 100 }");
    runtime().block_on(async {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..1050 {
            let strategy = host.strategy("spins", &AgentConfig::default());
            calls.spawn(async move { message(strategy.is_valid().await) });
        }
        while let Some(ended) = calls.join_next().await {
            // Most of them after less time, since others exceeded it before them.
            let message = ended.expect("no call panics");
            assert!(message.starts_with("profile 'spins': strategy 'spins' was stopped: it "));
            assert!(message.contains("its deadline of 100 ms"), "{message}");
        }
    });
}
