//! Claude Code, as a client that asks for keys: its `apiKeyHelper`, which runs
//! `orchestration auth token`, and the variables that contradict it.

use std::env;
use std::path::{Path, PathBuf};

use orchestration_runtime::read_regular;

use crate::ui::text;

/// The most that a settings file may hold, in bytes.
const SETTINGS_BYTES: u64 = 1 << 20;

/// A variable that contradicts the helper.
pub(super) struct Contradiction {
    /// What happens, in words.
    pub(super) seen: String,
    /// The variable.
    pub(super) variable: &'static str,
}

/// Returns the variables that are set beside a helper of ours.
pub(super) fn contradictions() -> Vec<Contradiction> {
    let Some(settings) = settings().into_iter().find(|path| has_helper(path)) else {
        return Vec::new();
    };
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let file = text::link(&settings);
    let effects = [
        ("ANTHROPIC_AUTH_TOKEN", "so Claude Code ignores"),
        ("ANTHROPIC_API_KEY", "so Claude Code sends two keys, that one and the one of"),
    ];
    effects
        .into_iter()
        .filter(|(variable, _)| is_set(variable))
        .map(|(variable, effect)| Contradiction {
            seen: format!("{variable} is set, {effect} the apiKeyHelper in {file}"),
            variable,
        })
        .collect()
}

/// The settings files that Claude Code reads in this directory.
fn settings() -> Vec<PathBuf> {
    let directory = |name| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let user = directory("CLAUDE_CONFIG_DIR")
        .or_else(|| directory("HOME").map(|home| home.join(".claude")))
        .map(|directory| directory.join("settings.json"));
    let project = [".claude/settings.local.json", ".claude/settings.json"].map(PathBuf::from);
    project.into_iter().chain(user).collect()
}

/// Whether the file sets a helper that runs this program.
fn has_helper(settings: &Path) -> bool {
    let Ok(bytes) = read_regular(settings, SETTINGS_BYTES) else { return false };
    let Ok(settings) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return false };
    let helper = settings.get("apiKeyHelper").and_then(|helper| helper.as_str());
    helper.is_some_and(|helper| helper.contains(env!("CARGO_PKG_NAME")))
}
