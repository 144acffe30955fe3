//! Checks that the committed components match the lock file and their source. This needs
//! no WebAssembly toolchain; `cargo strategies --check` rebuilds them to compare.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use strategy_builder::{Lock, Paths};

#[test]
fn every_prebuilt_component_was_built_from_the_current_source() {
    let paths = Paths::in_this_checkout();
    let lock = Lock::read(&paths.lock()).unwrap();
    assert!(lock.strategies.contains_key("api-key"), "the lock file lists no api-key");
    for (name, locked) in &lock.strategies {
        assert_eq!(
            strategy_builder::sha256_of_source(&paths, name).unwrap(),
            locked.source,
            "the source of {name} changed after it was built: run `cargo strategies`"
        );
    }
}

#[test]
fn every_prebuilt_component_has_the_digest_in_the_lock_file() {
    let paths = Paths::in_this_checkout();
    for (name, locked) in &Lock::read(&paths.lock()).unwrap().strategies {
        let component = fs::read(paths.prebuilt(name)).expect("a prebuilt component");
        assert_eq!(strategy_builder::sha256_of_bytes(&component), locked.component, "{name}.wasm");
    }
}

#[test]
fn every_prebuilt_component_imports_only_the_contract() {
    let paths = Paths::in_this_checkout();
    for name in Lock::read(&paths.lock()).unwrap().strategies.keys() {
        let component = fs::read(paths.prebuilt(name)).expect("a prebuilt component");
        let decoded = wit_component::decode(&component).unwrap();
        let resolve = decoded.resolve();
        let worlds = resolve.worlds.iter().flat_map(|(_, world)| world.imports.keys());
        let imports: Vec<String> = worlds.map(|key| resolve.name_world_key(key)).collect();
        // What takes no variable does not ask for one.
        let reads = imports.contains(&"orchestration:auth/environment@0.2.0".to_owned());
        let takes = !["none", "openrouter"].contains(&name.as_str());
        assert_eq!(reads, takes, "{name}.wasm imports {imports:?}");
        for import in imports {
            assert!(import.starts_with("orchestration:auth/"), "{name}.wasm imports {import}");
        }
    }
}
