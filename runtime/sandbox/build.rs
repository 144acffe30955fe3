//! Compiles the built-in strategies ahead of time, for the target of the build.
//!
//! Compiling a component at startup takes tens of milliseconds; mapping compiled
//! code takes a fraction of one. Naming the target explicitly also keeps `wasmtime`
//! from using CPU features that only the build machine has: the product runs on
//! every machine of its target.

#[path = "src/config.rs"]
mod config;

use std::path::{Path, PathBuf};
use std::{env, fs};

use config::Footprint;
use sha2::{Digest, Sha256};
use wasmtime::{Engine, Result};

/// The crates of `strategies/` whose components are embedded.
const BUILT_IN: [&str; 6] =
    ["api-key", "federated", "none", "oidc", "openrouter", "service-account"];

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/config.rs");
    let engines =
        [("", Footprint::Usual), ("-small", Footprint::Small)].map(|(suffix, footprint)| {
            // The stack size does not affect the compiled code.
            let mut config = config::engine_config(512 << 10, footprint);
            config.target(&env::var("TARGET")?)?;
            // The settings know the system of this script only.
            config.native_unwind_info(env::var("CARGO_CFG_TARGET_OS")? == "windows");
            Ok((suffix, Engine::new(&config)?))
        });
    let engines = engines.into_iter().collect::<Result<Vec<_>>>()?;

    let prebuilt = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("prebuilt");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for name in BUILT_IN {
        let component = prebuilt.join(format!("{name}.wasm"));
        println!("cargo::rerun-if-changed={}", component.display());
        let bytes = fs::read(&component)?;
        for (suffix, engine) in &engines {
            let compiled = engine.precompile_component(&bytes)?;
            fs::write(out.join(format!("{name}{suffix}.cwasm")), compiled)?;
        }
        let digest = Sha256::digest(&bytes);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(out.join(format!("{name}.sha256")), digest)?;
        fs::copy(&component, out.join(format!("{name}.wasm")))?;
    }
    Ok(())
}
