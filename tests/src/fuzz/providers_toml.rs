//! The parser of providers.toml: no bytes crash it, and no mistake makes it repeat a key
//! that the user wrote into the file.

use std::path::Path;

use orchestration_runtime::{ConfigError, Excerpt, ProvidersToml, is_variable_name};

use super::{SECRET, assert_harmless};

/// Lines that contain a secret where users put one: as a value of every kind, in a value
/// that is cut off, in a comment. `KEY` is one of [`KEYS`], `V` the secret. Names of keys
/// are excluded, because messages must contain them for users to find the mistake.
const LINES: [&str; 25] = [
    "KEY = \"V\"",
    "KEY = 'V'",
    "KEY = V",
    "KEY = V==",
    "KEY = \"V",
    "KEY = \"V==\\q\"",
    "KEY = [\"V\"]",
    "KEY = [V]",
    "KEY = [\n  \"V==\",\n]",
    "KEY = [\n  V==,\n]",
    "KEY = [\n  [V],\n]",
    "KEY = \"\"\"\nV==\\q\n\"\"\"",
    "KEY = \"\"\"\n[V]\\q\n\"\"\"",
    "KEY = '''\nV==\u{1}\n'''",
    "KEY = 5\nBearer V==",
    "KEY = 5\nV",
    "KEY = \"https://u:V@llm.example/\" x",
    "KEY = \"x\" \"V\"",
    "KEY = 5 # V",
    "KEY = \u{1} # V",
    "KEY = { api_key_env = \"V\" }",
    "# V\u{1}",
    "[profiles.corp] V",
    "[profiles.corp] # V",
    "[profiles.corp] # V=",
];

/// Keys of the format, and some that are unknown.
const KEYS: [&str; 18] = [
    "api_key_env",
    "api_key_file",
    "api_key",
    "env",
    "sha256",
    "headers",
    "options",
    "headers.Authorization",
    "profiles.corp.api_key_env",
    "fallback",
    "strategies.corp.env",
    "memory_mib",
    "'quoted key'",
    "provider",
    "base_url",
    "auth_type",
    "component",
    "limits",
];

/// Asserts that any bytes are accepted, or rejected with a mistake that points into the
/// excerpt that it displays, and that neither contains a secret.
///
/// The last three bytes choose a line with a secret, which is inserted before the text is
/// parsed a second time.
pub fn providers_toml(data: &[u8]) {
    read(data, &[]);
    if let Some(planted) = plant(data) {
        read(planted.as_bytes(), &[SECRET]);
    }
}

/// Returns the text of `data` with a line that contains [`SECRET`].
fn plant(data: &[u8]) -> Option<String> {
    let (text, &[position, line, key]) = data.split_last_chunk()?;
    let text = str::from_utf8(text).ok().filter(|text| !text.contains(SECRET))?;
    let (line, key) = (usize::from(line), usize::from(key));
    let (line, key) = (LINES.get(line % LINES.len())?, KEYS.get(key % KEYS.len())?);
    let line = line.replace('V', SECRET).replace("KEY", key);

    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(usize::from(position) % (lines.len() + 1), &line);
    Some(lines.join("\n"))
}

fn read(bytes: &[u8], secrets: &[&str]) {
    match ProvidersToml::parse(Path::new("providers.toml"), bytes) {
        Ok(providers) => check_profiles(&providers),
        Err(error) => {
            assert_harmless(&error.to_string(), secrets);
            let ConfigError::Mistake { message, fix, excerpt, .. } = error else {
                unreachable!("no file was read");
            };
            assert!(!message.is_empty());
            assert_harmless(&format!("{fix:?}"), secrets);
            check_excerpt(&excerpt, bytes, secrets);
        }
    }
}

fn check_excerpt(excerpt: &Excerpt, bytes: &[u8], secrets: &[&str]) {
    let Excerpt { line, column, text, span } = excerpt;
    assert_harmless(text, secrets);
    assert!(text.get(span.clone()).is_some(), "{span:?} is not in {text:?}");
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    assert!((1..=lines).contains(line), "line {line} of {lines}");
    assert!((1..=bytes.len() + 1).contains(column), "column {column}");
}

/// Asserts what the rest of the product assumes about a parsed file.
fn check_profiles(providers: &ProvidersToml) {
    for profile in providers.profiles() {
        assert_harmless(&profile.name, &[]);
        assert_harmless(&profile.auth_type, &[]);
        assert!(!profile.name.is_empty() && profile.name.len() <= 64);
        assert!(profile.api_key_env.as_deref().is_none_or(is_variable_name));
    }
    for strategy in providers.strategies() {
        assert_harmless(&strategy.auth_type, &[]);
        assert!(strategy.env.iter().all(|name| is_variable_name(name)));
        if let Some(component) = &strategy.component {
            assert_eq!(component.sha256().len(), 64);
            assert_harmless(&component.to_string(), &[]);
            let pinned = component.published();
            assert!(pinned.is_none_or(|pinned| pinned.reference.manifest().is_some()));
        }
        let limits = &strategy.limits;
        assert!(limits.memory_bytes > 0 && limits.stack_bytes > 0 && limits.instances > 0);
        assert!(!limits.deadline.is_zero() && !limits.compile.is_zero());
    }
}
