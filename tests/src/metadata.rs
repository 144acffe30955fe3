//! Reads `cargo metadata` of the workspaces of this repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A package of the workspace.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its dependencies, including those of tests and build scripts.
    pub dependencies: Vec<Dependency>,
    /// The root source files of its library and its executables.
    pub roots: Vec<PathBuf>,
}

/// A dependency of a package.
#[derive(Debug)]
pub struct Dependency {
    /// The name of the package.
    pub name: String,
    /// `dev` or `build`; `None` for a normal dependency.
    pub kind: Option<String>,
    /// Its path, if it is in this repository.
    pub path: Option<String>,
}

/// Returns the packages of the workspace with this manifest, relative to the root of the
/// repository.
pub fn packages(manifest: &str) -> Vec<Package> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(repository.join(manifest))
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata of {manifest} failed:\n{errors}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("the metadata is JSON");
    list(&metadata["packages"]).iter().map(package).collect()
}

fn package(package: &Value) -> Package {
    let is_lib_or_bin = |target: &&Value| {
        list(&target["kind"]).iter().any(|kind| ["lib", "bin"].contains(&kind.as_str().unwrap()))
    };
    let targets = list(&package["targets"]).iter().filter(is_lib_or_bin);
    Package {
        name: text(&package["name"]),
        dependencies: list(&package["dependencies"]).iter().map(dependency).collect(),
        roots: targets.map(|target| text(&target["src_path"]).into()).collect(),
    }
}

fn dependency(dependency: &Value) -> Dependency {
    let optional = |key| dependency[key].as_str().map(str::to_owned);
    Dependency { name: text(&dependency["name"]), kind: optional("kind"), path: optional("path") }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list in cargo's metadata")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string in cargo's metadata").to_owned()
}
