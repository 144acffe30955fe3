//! Strategies as JSON. The comments on the fields are the descriptions in
//! `orchestration schema strategy-list`.

use orchestration_runtime::{Capability, Grant, Said, StrategyInfo, is_variable_name};
use schemars::JsonSchema;
use serde::Serialize;

use crate::report::{Kept, ReportError};

/// Raised when a field is removed or changes meaning; adding one does not raise it.
const VERSION: u32 = 1;

/// The strategies that a profile may name.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StrategyList<'a> {
    /// The version of this format.
    version: u32,
    /// One entry a strategy, sorted by auth type.
    strategies: Vec<Strategy<'a>>,
}

/// One strategy.
#[derive(Debug, Serialize, JsonSchema)]
struct Strategy<'a> {
    /// The auth type by which profiles pick it.
    auth_type: &'a str,
    /// The path of its component, or its reference in a registry; null if it is built in.
    component: Option<String>,
    /// The SHA-256 of its component.
    sha256: &'a str,
    /// Its version, in its own words; null if it can't be loaded.
    version: Option<&'a str>,
    /// What it does, in its own words; null if it can't be loaded.
    summary: Option<&'a str>,
    /// The variables that it declares.
    needs: Vec<&'a str>,
    /// What is kept for each of its profiles; null if nothing is, or if it can't be loaded.
    keeps: Option<Kept>,
    /// What `[strategies.NAME]` in providers.toml grants it.
    grants: Grants<'a>,
    /// Why it can't be loaded; null if it can.
    error: Option<String>,
}

/// What a strategy is granted.
#[derive(Debug, Serialize, JsonSchema)]
struct Grants<'a> {
    /// The variables whose text it may read.
    env: Vec<&'a str>,
    /// The files that it may use.
    files: Vec<&'a str>,
    /// The servers that it may send requests to.
    origins: Vec<&'a str>,
    /// The places of answers whose text it may read.
    readable: Vec<&'a str>,
    /// Whether it may read the text of every secret that it uses.
    reveal: bool,
}

/// Returns strategies as one JSON document.
pub(super) fn document(strategies: &[StrategyInfo]) -> Result<String, ReportError> {
    let strategies = strategies.iter().map(Strategy::of).collect();
    let text = serde_json::to_string_pretty(&StrategyList { version: VERSION, strategies })?;
    Ok(text + "\n")
}

impl<'a> Strategy<'a> {
    fn of(info: &'a StrategyInfo) -> Self {
        let said = info.description.as_ref().ok();
        let declared = said.iter().flat_map(|said| &said.environment).map(String::as_str);
        Self {
            auth_type: &info.auth_type,
            component: info.component.as_ref().map(ToString::to_string),
            sha256: &info.sha256,
            version: said.map(|said| Said::text(&said.version)),
            summary: said.map(|said| Said::text(&said.summary)),
            // It may declare any text; only names are shown.
            needs: declared.filter(|name| is_variable_name(name)).collect(),
            keeps: info.keeps.map(Kept::from),
            grants: Grants::of(&info.granted),
            error: info.description.as_ref().err().map(ToString::to_string),
        }
    }
}

impl<'a> Grants<'a> {
    fn of(granted: &'a [Grant]) -> Self {
        let within = |capability| {
            let grants = granted.iter().filter(move |grant| grant.capability == capability);
            grants.map(|grant| grant.name.as_str())
        };
        Self {
            env: within(Capability::Environment).collect(),
            files: within(Capability::Files).collect(),
            origins: within(Capability::Http).collect(),
            readable: within(Capability::Readable).collect(),
            reveal: within(Capability::Reveal).next().is_some(),
        }
    }
}
