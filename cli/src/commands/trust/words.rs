//! How `orchestration trust` words one change. No secret is shown, and no text of the
//! file is shown at length.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use orchestration_runtime::{
    BaseUrl, Change, Component, ProfileChange, Reference, SettingValue, StrategyChange,
    gets_tokens, is_built_in, sanitize_path,
};

use crate::ui::text;

/// The longest text that is shown, in characters. The SHA-256 of a component fits.
const LONGEST: usize = 100;

/// The longest URL that is shown. A host has at most 253 characters (RFC 1035), and is
/// never shortened: its end says whose it is.
const LONGEST_URL: usize = 280;

/// How many names of a list are shown.
const NAMED: usize = 12;

/// E.g. `corp: sends CORP_TOKEN, or else OPENAI_API_KEY, to https://llm.corp.example/v1,
/// by way of corp-sso`, or `ci: sends the identity of a GitHub Actions job to
/// https://auth.openai.com for a token, which goes to https://api.openai.com/v1`.
pub(super) fn profile(change: &ProfileChange<'_>) -> String {
    let ProfileChange { profile, is_new, sends, settings: _ } = change;
    let is_built_in = is_built_in(&profile.auth_type);
    let own = match sends.job {
        true => Some("the identity of a GitHub Actions job".to_owned()),
        false => sends.own.map(shown),
    };
    let file = sends.file.map(|file| path(Path::new(file)));
    // The file does not mention the fallback, but an agent would send it.
    let sources = [own, file, sends.fallback.map(str::to_owned)].into_iter().flatten();
    let sources: Vec<String> = sources.collect();
    let key = match sources.as_slice() {
        [] if is_built_in => "no key".to_owned(),
        [] => "its strategy's credential".to_owned(),
        [source] => source.clone(),
        sources => format!("{},", sources.join(", or else ")),
    };
    let url = profile.effective_base_url();
    let url = url.map_or_else(|| "an unknown host".to_owned(), |known| self::url(&known));
    let strategy = match is_built_in {
        true => String::new(),
        false => format!(", by way of {}", profile.auth_type),
    };
    let granted = match reads(sends.granted, sends.granted_files).as_str() {
        "" => String::new(),
        granted => format!(", whose strategy may read {granted}"),
    };
    let new = if *is_new { " (new)" } else { "" };
    let issuer = profile.issuer.as_ref().map(|issuer| shown(issuer.origin().as_str()));
    let goes = match issuer {
        // What a strategy from a file sends where is its own affair.
        Some(issuer) if !is_built_in => {
            format!("sends {key} to {url}{strategy}{granted}, and signs in at {issuer}")
        }
        Some(issuer) if gets_tokens(&profile.auth_type) => {
            let asks = match sources.is_empty() {
                true => format!("signs in at {issuer}"),
                false => format!("sends {key} to {issuer}"),
            };
            format!("{asks} for a token, which goes to {url}{granted}")
        }
        _ => format!("sends {key} to {url}{strategy}{granted}"),
    };
    format!("{}: {goes}{new}", profile.name)
}

/// E.g. `corp-sso: runs /home/ada/clone/.orchestration/sso.wasm, which may read
/// CORP_REGION; used by corp`.
pub(super) fn strategy(change: &StrategyChange<'_>, project: &Path) -> String {
    let StrategyChange { strategy, is_new: _, used_by, settings: _ } = change;
    let reads = match reads(&strategy.env, &strategy.files).as_str() {
        "" => "only the variable or file that a profile names".to_owned(),
        names => names.to_owned(),
    };
    let code = match &strategy.component {
        None => "is built in, and".to_owned(),
        Some(Component::Published(pinned)) => {
            format!("runs {}, which", self::reference(&pinned.reference))
        }
        Some(Component::File(file)) => {
            let inside = file.path.strip_prefix(project).ok();
            let outside =
                inside.is_none_or(|path| path.components().any(|part| part.as_os_str() == ".."));
            let place = if outside { " (outside the project)" } else { "" };
            format!("runs {}{place}, which", path(&file.path))
        }
    };
    let users = match used_by.as_slice() {
        [] => String::new(),
        names => format!(
            "; used by {}",
            some_of(&names.iter().map(|name| shown(name)).collect::<Vec<_>>())
        ),
    };
    let servers: Vec<String> =
        strategy.origins.iter().map(|origin| shown(origin.as_str())).collect();
    let servers = match servers.as_slice() {
        [] => String::new(),
        servers => format!(" and send requests to {}", some_of(servers)),
    };
    format!("{}: {code} may read {reads}{servers}{users}", strategy.auth_type)
}

/// E.g. `allow_http: false → true`.
pub(super) fn change(change: &Change<'_>) -> String {
    use SettingValue::{Files, Headers, Names, Options, Url, Variables};

    let Change { key, before, after, directs_keys: _ } = change;
    let words = match (before, after) {
        (Url(before), Url(after)) if url(before) == url(after) => {
            format!("{}, with another user, password, query or end", url(after))
        }
        (Headers(before), Headers(after)) => differences(before, after, replaced_by),
        (Options(before), Options(after)) => differences(before, after, |_| ""),
        (Variables(before), Variables(after))
        | (Files(before), Files(after))
        | (Names(before), Names(after)) => {
            let [before, after] = [before, after]
                .map(|names| names.iter().map(|name| (*name, "")).collect::<BTreeMap<_, _>>());
            differences(&before, &after, |_| "")
        }
        _ => format!("{} → {}", value(before), value(after)),
    };
    format!("{key}: {words}")
}

/// What a header replaces, if it matters.
fn replaced_by(header: &str) -> &'static str {
    match header.eq_ignore_ascii_case("authorization") {
        true => " (replaces the key)",
        false => "",
    }
}

/// The names that are added, changed and removed; those with a note of what they do
/// come first. Their values may be secret.
fn differences(
    before: &BTreeMap<&str, &str>,
    after: &BTreeMap<&str, &str>,
    note: fn(&str) -> &'static str,
) -> String {
    let added = after.keys().filter(|name| !before.contains_key(*name));
    let changed = after
        .iter()
        .filter(|(name, value)| before.get(*name).is_some_and(|before| before != *value));
    let removed = before.keys().filter(|name| !after.contains_key(*name));
    let noted = |mut names: Vec<&str>| -> Vec<String> {
        names.sort_by_key(|name| note(name).is_empty());
        names.into_iter().map(|name| shown(name) + note(name)).collect()
    };
    let parts = [
        ("adds", noted(added.copied().collect())),
        ("changes", noted(changed.map(|(name, _)| *name).collect())),
        ("removes", removed.map(|name| shown(name)).collect()),
    ];
    let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> =
        parts.map(|(verb, names)| format!("{verb} {}", some_of(&names))).collect();
    parts.join("; ")
}

fn value(value: &SettingValue<'_>) -> String {
    match value {
        SettingValue::Unset => "not set".to_owned(),
        SettingValue::Text(text) => shown(text),
        SettingValue::Url(known) => url(known),
        SettingValue::Path(file) => path(file),
        SettingValue::Reference(known) => reference(known),
        SettingValue::Flag(flag) => flag.to_string(),
        SettingValue::Number(number) => number.to_string(),
        SettingValue::Statuses(statuses) => {
            some_of(&statuses.iter().map(u16::to_string).collect::<Vec<_>>())
        }
        SettingValue::Variables(names) => variables(names.iter()),
        SettingValue::Files(names) | SettingValue::Names(names) => {
            some_of(&names.iter().map(|name| shown(name)).collect::<Vec<_>>())
        }
        SettingValue::Headers(values) | SettingValue::Options(values) => {
            some_of(&values.keys().map(|name| shown(name)).collect::<Vec<_>>())
        }
    }
}

/// Names of variables; those that are set come first, since they can be lost at once.
pub(super) fn variables(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut names: Vec<(bool, String)> = names
        .into_iter()
        .map(|name| (env::var_os(name.as_ref()).is_none(), shown(name.as_ref())))
        .collect();
    names.sort_by_key(|(is_unset, _)| *is_unset);
    some_of(&names.into_iter().map(|(_, name)| name).collect::<Vec<_>>())
}

/// What a strategy may read: variables, then files.
fn reads(env: &[String], files: &[String]) -> String {
    let files: Vec<String> = files.iter().map(|file| path(Path::new(file))).collect();
    let parts = [variables(env), some_of(&files)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn some_of(names: &[String]) -> String {
    text::some_of(names, NAMED)
}

fn path(path: &Path) -> String {
    shown(&sanitize_path(path))
}

/// A text of the file, which may hold control characters.
fn shown(text: &str) -> String {
    cut(text).escape_debug().to_string()
}

fn url(url: &BaseUrl) -> String {
    start(url.to_string())
}

/// A reference has plain characters only, and its host comes first.
fn reference(reference: &Reference) -> String {
    start(reference.to_string())
}

fn start(shown: String) -> String {
    match shown.char_indices().nth(LONGEST_URL) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

/// The start and the end of a text, if all of it is too long.
fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(length - LONGEST / 4).collect();
    let head: String = text.chars().take(LONGEST - LONGEST / 4).collect();
    format!("{head}…{tail}")
}
