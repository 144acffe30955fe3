//! Strategies that would use up the machine.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Answer, Export, Guest, padded, with_instances};

use super::components::{
    doubling_components, doubling_types, nested_components, nested_types, types,
};
use super::{CRASHED, Case, HOSTCALL, INVALID, MEMORY, STACK, TABLE, TOO_MANY_PARTS};

/// What would use up the machine.
pub(super) fn greedy() -> Vec<Case> {
    let case =
        |name: &str, guest: Guest, says| Case::new(name, guest.build(), ErrorKind::Internal, says);
    let too_many_parts =
        |name: &str, component| Case::new(name, component, ErrorKind::Unsupported, TOO_MANY_PARTS);
    let steps = "(loop (drop (memory.grow $memory (i32.const 1))) (br 0)) unreachable";
    let turns = "(loop (drop (memory.grow $one (i32.const 7))) (drop (memory.grow $two
        (i32.const 5))) (br 0)) unreachable";
    let grow_table = "(loop (drop (table.grow $t (ref.null func) (i32.const 100))) (br 0))
        unreachable";
    let recursion = "(func $deep (param i64) (call $deep (i64.add (local.get 0) (i64.const 1)))
        (drop (i64.add (local.get 0) (i64.const 1))))";
    let start = format!("{recursion} (func $s (call $deep (i64.const 0))) (start $s)");
    let by_table = "(type $f (func)) (table $t 1 funcref) (elem (i32.const 0) $again)
        (func $again (call_indirect (type $f) (i32.const 0)) (drop (memory.size)))";
    let million = {
        let mut guest = Guest::new().memory("300");
        let answer = guest.place_answer(&Answer::default());
        guest.get(format!(
            "(i32.store offset=8 (i32.const {answer}) (i32.const 0x10000))
             (i32.store offset=12 (i32.const {answer}) (i32.const 1000000)) i32.const {answer}"
        ))
    };
    let long_text = |length: u32| {
        let mut guest = Guest::new().memory("60");
        let failure = guest.place_failure(2, b"", None);
        guest.get(format!(
            "(i32.store offset=16 (i32.const {failure}) (i32.const {length})) i32.const {failure}"
        ))
    };
    let many = |count: usize, length: usize| {
        let secret = vec![b's'; length];
        let values = vec![(&b"k"[..], &secret[..]); count];
        Guest::new().answers(&Answer { values, ..Answer::default() })
    };
    let fat = {
        let mut guest = Guest::new().memory("4");
        let answer = guest.place_answer(&Answer::default());
        let text = guest.last_text();
        guest.get(format!(
            "(i32.store (i32.const {text}) (i32.const 0x20000))
             (i32.store offset=4 (i32.const {text}) (i32.const 70000)) i32.const {answer}"
        ))
    };
    let good = Guest::new().build();
    let all_names = {
        let mut guest = Guest::new();
        let address = guest.place_description([b"a", b"b", b"c"], &[]);
        guest.memory("60").body(
            Export::Describe,
            format!(
                "(i32.store offset=24 (i32.const {address}) (i32.const 0x20000))
                 (i32.store offset=28 (i32.const {address}) (i32.const 100000))
                 i32.const {address}"
            ),
        )
    };
    vec![
        case("memory-from-the-start", Guest::new().memory("2000"), MEMORY),
        case("memory-at-once", Guest::new().get("(memory.grow (i32.const 30000))"), MEMORY),
        case("memory-by-steps", Guest::new().get(steps), MEMORY),
        case("memory-over-several", Guest::new().fields("(memory 500) (memory 600)"), MEMORY),
        case(
            "memory-over-several-by-steps",
            Guest::new().fields("(memory $one 1) (memory $two 1)").get(turns),
            MEMORY,
        ),
        case("memory-of-64-bits", Guest::new().fields("(memory i64 0x100000000)"), MEMORY),
        case("memory-in-realloc", Guest::new().realloc(steps), MEMORY),
        Case::new(
            "memory-shared",
            Guest::new().fields("(memory 1 2 shared)").build(),
            ErrorKind::Unsupported,
            INVALID,
        ),
        case("table-at-once", Guest::new().fields("(table 9000000 funcref)"), TABLE),
        case("table-by-steps", Guest::new().fields("(table $t 1 funcref)").get(grow_table), TABLE),
        case(
            "table-over-several",
            Guest::new().fields("(table 60000 funcref) (table 60000 funcref)"),
            TABLE,
        ),
        case(
            "recursion",
            Guest::new().fields(recursion).get("(call $deep (i64.const 0)) unreachable"),
            STACK,
        ),
        case("recursion-in-start", Guest::new().fields(start), STACK),
        case(
            "recursion-through-a-table",
            Guest::new().fields(by_table).get("(call $again) unreachable"),
            STACK,
        ),
        case("a-million-entries", million, HOSTCALL),
        case("thirty-three-entries", many(33, 9), "it returned more than 32 secrets"),
        case("fat-entries", fat, "it returned more than 65536 bytes"),
        case("text-of-2-mib", long_text(2 << 20), HOSTCALL),
        case("text-of-2-gib", long_text(1 << 31), CRASHED),
        case("text-of-4-gib", long_text(u32::MAX), CRASHED),
        case("declares-100000", all_names, HOSTCALL),
        Case::new(
            "declares-65",
            Guest::new().describes([b"a", b"b", b"c"], &[&b"V"[..]; 65]).build(),
            ErrorKind::Internal,
            "broke the contract: it declares more than 64 variables",
        ),
        Case::new(
            "made-of-500-instances",
            with_instances(good.clone(), 500),
            ErrorKind::Internal,
            "it has more than 100 core instances, memories or tables",
        ),
        too_many_parts("made-of-100000-instances", with_instances(good.clone(), 100_000)),
        Case::valid("made-of-100000-types", types(100_000)),
        Case::new("made-of-2000000-types", types(2_000_000), ErrorKind::Unsupported, INVALID),
        Case::new(
            "made-of-100000-nested-types",
            nested_types(100_000),
            ErrorKind::Unsupported,
            INVALID,
        ),
        Case::valid("made-of-20-nested-components", nested_components(20, good.clone())),
        too_many_parts("made-of-5000-nested-components", nested_components(5000, good.clone())),
        too_many_parts("made-of-doubling-components", doubling_components(12)),
        too_many_parts("made-of-doubling-components-deep-down", doubling_components(40)),
        Case::new("made-of-doubling-types", doubling_types(40), ErrorKind::Unsupported, INVALID),
        Case::new(
            "larger-than-a-mib",
            padded(good, 1 << 20),
            ErrorKind::Unsupported,
            "its component is larger than 1 MiB",
        )
        .with("limits = { component_mib = 1 }"),
    ]
}
