//! What `cargo metadata` says of a workspace of this repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A package of the workspace.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// The root files of its library and its executables.
    pub roots: Vec<PathBuf>,
}

/// What a package depends on.
#[derive(Debug)]
pub struct Dependency {
    /// The name of the package.
    pub name: String,
    /// `dev` or `build`; none for an ordinary one.
    pub kind: Option<String>,
    /// Where it is, if in this repository.
    pub path: Option<String>,
}

/// The packages of the workspace whose manifest is at `manifest` in this repository.
pub fn packages(manifest: &str) -> Vec<Package> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(repository.join(manifest))
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "no metadata of {manifest}:\n{errors}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("the metadata is JSON");
    list(&metadata["packages"]).iter().map(package).collect()
}

fn package(package: &Value) -> Package {
    let of_the_product = |target: &&Value| {
        list(&target["kind"]).iter().any(|kind| ["lib", "bin"].contains(&kind.as_str().unwrap()))
    };
    let targets = list(&package["targets"]).iter().filter(of_the_product);
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
    value.as_array().expect("cargo has a list here")
}

fn text(value: &Value) -> String {
    value.as_str().expect("cargo has a text here").to_owned()
}
