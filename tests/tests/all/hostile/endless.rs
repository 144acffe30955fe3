//! Strategies that would run forever.

use std::time::Duration;

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{self, Export, Guest};

use super::{Case, DEADLINE, VARIABLE, check, host};

const SPIN: &str = "(loop (br 0)) unreachable";

/// What would run for ever.
pub(super) fn endless() -> Vec<Case> {
    let case = |name: &str, guest: Guest| {
        Case::new(name, guest.build(), ErrorKind::Internal, DEADLINE).soon()
    };
    let mut cases: Vec<Case> = Export::ALL
        .into_iter()
        .map(|export| {
            let name = format!("loop-{}", export.name());
            case(&name, Guest::new().body(export, SPIN)).shown_by(export)
        })
        .collect();
    let start = "(func $spin (loop (br 0))) (start $spin)";
    let tail = "(func $tail (return_call $tail))";
    // Each fills 48 MiB.
    let fill = "(memory.fill (i32.const 0x20000) (i32.const 1) (i32.const 0x3000000))";
    let ask = |name: &str, length: &str| {
        format!("(loop (call $get {name} {length} (global.get $scratch)) (br 0)) unreachable")
    };
    cases.extend([
        case(
            "bulk-without-a-loop",
            Guest::new().memory("1000").get(fill.repeat(300) + "unreachable"),
        ),
        case("loop-start", Guest::new().fields(start)),
        case("loop-realloc", Guest::new().realloc(SPIN)),
        case("loop-post-return", Guest::new().post_return(SPIN)),
        case("loop-tail-call", Guest::new().fields(tail).get("(call $tail) unreachable")),
        case("loop-host-calls", Guest::new().get(ask("(i32.const 0)", "(i32.const 9)"))),
        case(
            "loop-host-calls-new-names",
            // The name is a number that counts up.
            Guest::new().get(
                "(loop
                   (i32.store offset=8 (global.get $scratch)
                     (i32.or (i32.const 0x20202020) (local.get $i)))
                   (local.set $i (i32.and (i32.add (local.get $i) (i32.const 1))
                     (i32.const 0x5f5f5f5f)))
                   (call $get (i32.add (global.get $scratch) (i32.const 8)) (i32.const 4)
                     (i32.add (global.get $scratch) (i32.const 16)))
                   (br 0)) unreachable",
            ),
        ),
        case(
            "loop-host-calls-long-names",
            Guest::new().memory("20").get(ask("(i32.const 0x20000)", "(i32.const 0x80000)")),
        ),
        {
            let mut guest = Guest::new().realloc("i32.const 60000");
            let (address, length) = guest.place(VARIABLE.as_bytes());
            let name = (format!("(i32.const {address})"), format!("(i32.const {length})"));
            case("loop-host-calls-granted", guest.get(ask(&name.0, &name.1)))
        },
    ]);
    cases
}

#[test]
fn a_strategy_that_spins_leaves_the_other_tasks_of_its_thread_running() {
    let spinners: Vec<Case> = endless()
        .into_iter()
        .filter(|case| matches!(case.shown_by, Export::Describe | Export::GetCredentials))
        .collect();
    let host = host(&spinners);
    for case in &spinners {
        let ticks = guest::runtime().block_on(async {
            let mut ticks = 0;
            let counting = async {
                loop {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    ticks += 1;
                }
            };
            tokio::select! {
                wrong = check(&host, case) => assert_eq!(wrong, None),
                () = counting => {}
            }
            ticks
        });
        // 300 ms hold 300 ticks; a machine that is busy gives fewer.
        assert!(ticks >= 10, "{}: {ticks} ticks beside it", case.name);
    }
}
