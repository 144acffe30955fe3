//! Builds the seeds of the loader's corpus from `seeds/*.wat`:
//! `cargo +nightly run --example seeds`.

use std::path::Path;
use std::{error, fs};

use orchestration_fuzz::{IMPORTS, strategy};

/// Files that are parts of seeds, not seeds.
const PARTS: [&str; 3] = ["prelude", "shape", "wasi"];

fn main() -> Result<(), Box<dyn error::Error>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let part = |name: &str| fs::read_to_string(directory.join("seeds").join(name));
    let (prelude, wasi) = (part("prelude.wat")?, part("wasi.wat")?);
    for entry in fs::read_dir(directory.join("seeds"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if PARTS.contains(&&*name) {
            continue;
        }
        let wasi = if name.starts_with("wasi-") { wasi.as_str() } else { "" };
        let module = format!("(module {IMPORTS} {wasi} {prelude} {})", fs::read_to_string(&path)?);
        let component = strategy(wat::parse_str(module)?).ok_or(format!("{name} has no shape"))?;
        fs::write(directory.join(format!("corpus/loader/{name}.wasm")), component)?;
    }
    Ok(())
}
