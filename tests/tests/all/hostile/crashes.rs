//! Strategies whose code fails.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Export, Guest};

use super::{CRASHED, Case};

/// Code that fails.
pub(super) fn crashes() -> Vec<Case> {
    let trap = "unreachable";
    let unreachable = "crashed: wasm trap: wasm `unreachable` instruction executed";
    let case =
        |name: &str, guest: Guest, says| Case::new(name, guest.build(), ErrorKind::Internal, says);
    let mut cases: Vec<Case> = Export::ALL
        .into_iter()
        .map(|export| {
            let name = format!("trap-in-{}", export.name());
            case(&name, Guest::new().body(export, trap), unreachable).shown_by(export)
        })
        .collect();
    cases.extend([
        case("trap-in-start", Guest::new().fields("(func $s unreachable) (start $s)"), unreachable),
        case("trap-in-realloc", Guest::new().realloc(trap), unreachable),
        case("trap-in-post-return", Guest::new().post_return(trap), unreachable),
        case("trap-divides", Guest::new().get("(i32.div_u (i32.const 1) (local.get $i))"), CRASHED),
        case("trap-loads", Guest::new().get("(i32.load (i32.const -1))"), CRASHED),
        case("trap-in-data", Guest::new().fields("(data (i32.const -1) \"x\")"), CRASHED),
        case(
            "calls-the-host-from-realloc",
            Guest::new().realloc(
                "(call $get (i32.const 0) (i32.const 0) (global.get $scratch)) unreachable",
            ),
            CRASHED,
        ),
        case(
            "calls-the-host-from-post-return",
            Guest::new().post_return(
                "(call $get (i32.const 0) (i32.const 0) (global.get $scratch)) unreachable",
            ),
            CRASHED,
        ),
    ]);
    cases
}
