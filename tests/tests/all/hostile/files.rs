//! Files that are not strategies.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{self, Guest, STRATEGY};

use super::{Case, INVALID};

/// Files that are no strategies.
pub(super) fn no_strategies() -> Vec<Case> {
    let case = |name: &str, component: Vec<u8>, says: &str| {
        Case::new(name, component, ErrorKind::Unsupported, says)
    };
    let good = Guest::new().build();
    let next = "package orchestration:auth@0.3.0 { interface strategy { version: func() -> u32; } \
        interface environment { all: func() -> u32; } }";
    let export =
        "(func (export \"orchestration:auth/strategy@0.3.0#version\") (result i32) i32.const 2)";
    let exported = |interface: &str| {
        format!("(component (instance $i) (export \"{interface}\" (instance $i)))")
    };
    let imported = |interface: &str| {
        guest::component(&format!(
            "(component (import \"{interface}\" (instance)) (instance $i)
               (export \"{STRATEGY}\" (instance $i)))"
        ))
    };
    let wrong_type = format!(
        "(component
           (core module $m (func (export \"d\") (result i32) i32.const 1))
           (core instance $i (instantiate $m))
           (func $d (result u32) (canon lift (core func $i \"d\")))
           (instance $s (export \"describe\" (func $d)))
           (export \"{STRATEGY}\" (instance $s)))"
    );
    vec![
        case("empty-file", Vec::new(), "its component is not WebAssembly"),
        case("random-bytes", noise(4096), "its component is not WebAssembly"),
        case("random-component", [&good[..8], &noise(4096)].concat(), INVALID),
        case("damaged", damaged(good.clone()), INVALID),
        case("only-a-header", good[..8].to_vec(), "component does not export"),
        case("half-a-header", good[..6].to_vec(), INVALID),
        case("truncated", good[..good.len() - 1].to_vec(), INVALID),
        case("core-module", Guest::new().module(), "it is a core module, not a component"),
        case(
            "exports-nothing",
            guest::component("(component)"),
            "component does not export orchestration:auth/strategy@0.2.0",
        ),
        case("exports-an-empty-strategy", guest::component(&exported(STRATEGY)), INVALID),
        case("exports-another-type", guest::component(&wrong_type), INVALID),
        case(
            "exports-the-next-version",
            guest::component(&exported("orchestration:auth/strategy@0.3.0")),
            "component needs orchestration:auth@0.3.0, but only 0.2.0 is supported",
        ),
        case(
            "imports-the-next-version",
            Guest::new()
                .wit(next, "import orchestration:auth/environment@0.3.0;")
                .imports("(import \"orchestration:auth/environment@0.3.0\" \"all\" (func $all (result i32)))")
                .get("call $all")
                .build(),
            "component needs orchestration:auth@0.3.0, but only 0.2.0 is supported",
        ),
        Case::valid(
            "exports-two-versions",
            Guest::new()
                .wit(next, "export orchestration:auth/strategy@0.3.0;")
                .fields(export)
                .build(),
        ),
        case(
            "imports-sockets",
            imported("wasi:sockets/tcp@0.2.0"),
            "component imports wasi:sockets/tcp, which is not available to strategies",
        ),
        case(
            "imports-something",
            imported("some:body/thing@1.2.3"),
            "component imports some:body/thing, which is not available to strategies",
        ),
        case(
            "imports-an-odd-name",
            imported("some:body/\\1b[2J\\e2\\80\\aething"),
            "component imports some:body/[2Jthing, which is not available to strategies",
        ),
        case(
            "the-wrong-digest",
            good,
            "does not match providers.toml: sha256 is",
        ),
    ]
}

/// `component` with its core module's code replaced by noise.
fn damaged(mut component: Vec<u8>) -> Vec<u8> {
    let middle = component.len() / 2;
    let noise = noise(64);
    component[middle..middle + 64].copy_from_slice(&noise);
    component
}

/// The same noise every time.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..bytes).map(|_| next()).collect()
}
