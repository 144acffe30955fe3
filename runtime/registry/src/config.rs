//! The config of a component (`application/vnd.wasm.config.v0+json`): what it imports and
//! exports, readable before the component is.

use orchestration_support::redact;
use serde::{Deserialize, Serialize};

use crate::error::RegistryFault;
use crate::manifest::malformed;
use crate::part::Part;

/// The most names of each list that are read.
const MAX_NAMES: usize = 1000;

/// A config.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Config {
    created: Option<String>,
    architecture: String,
    os: String,
    #[serde(default)]
    layer_digests: Vec<String>,
    component: Option<Names>,
}

/// What a component imports and exports.
#[derive(Serialize, Deserialize)]
struct Names {
    #[serde(default)]
    exports: Vec<String>,
    #[serde(default)]
    imports: Vec<String>,
}

impl Config {
    /// Returns the config of a component. The time is always the same, so that the same
    /// component has the same digest whenever it is pushed.
    pub(crate) fn of(layer: &str, imports: &[String], exports: &[String]) -> Self {
        Self {
            created: Some("1970-01-01T00:00:00Z".to_owned()),
            architecture: "wasm".to_owned(),
            os: "wasip2".to_owned(),
            layer_digests: vec![layer.to_owned()],
            component: Some(Names { exports: exports.to_vec(), imports: imports.to_vec() }),
        }
    }

    /// Parses the config of a component whose layer has this digest.
    pub(crate) fn parse(bytes: &[u8], layer: &str) -> Result<Self, RegistryFault> {
        let part = Part::Config;
        let config: Self =
            serde_json::from_slice(bytes).map_err(|error| malformed(part, &error))?;
        let fault = |reason: &str| RegistryFault::Malformed { part, reason: reason.to_owned() };
        if config.architecture != "wasm" {
            return Err(fault("it is not for WebAssembly"));
        }
        if !config.layer_digests.is_empty() && config.layer_digests != [layer] {
            return Err(fault("it is for another component"));
        }
        let is_long = |names: &Names| names.imports.len().max(names.exports.len()) > MAX_NAMES;
        if config.component.as_ref().is_some_and(is_long) {
            return Err(fault("it lists more imports or exports than a component has"));
        }
        Ok(config)
    }

    /// Returns the imports and exports, sanitized; `None` if it does not list them.
    pub(crate) fn interface(&self) -> Option<(Vec<String>, Vec<String>)> {
        let Names { exports, imports } = self.component.as_ref()?;
        let all = |names: &[String]| names.iter().map(|name| redact::sanitize(name, [])).collect();
        Some((all(imports), all(exports)))
    }
}
