//! Paths and sizes as text.

use std::borrow::Cow;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use orchestration_runtime::{home_directory, rfc3339, sanitize_path};

/// A path that can be clicked on terminals that support OSC 8 hyperlinks.
/// stdout strips the link together with colours.
pub(crate) fn link(path: &Path) -> String {
    let shown = sanitize_path(path);
    match std::path::absolute(path) {
        Ok(target) => format!("\x1b]8;;file://{}\x1b\\{shown}\x1b]8;;\x1b\\", in_url(&target)),
        Err(_) => shown,
    }
}

/// A path as URLs have it (RFC 3986).
pub(crate) fn in_url(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escaped = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.as_os_str().as_encoded_bytes().iter().copied().map(escaped).collect()
}

/// A path as a person writes it, with `~` for the home directory.
pub(crate) fn from_home(path: &str) -> Cow<'_, str> {
    let home = home_directory();
    let below = home.as_deref().and_then(|home| Path::new(path).strip_prefix(home).ok());
    match below {
        Some(below) => format!("~/{}", below.display()).into(),
        None => path.into(),
    }
}

/// A path quoted as one word for a shell, in a form that can be displayed.
pub(crate) fn quoted(path: &Path) -> String {
    let Some(path) = path.to_str().filter(|text| sanitize_path(path) == *text) else {
        let bytes = path.as_os_str().as_encoded_bytes();
        return format!("$'{}'", bytes.escape_ascii());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

/// The first names, `most` at the most, and how many more there are.
pub(crate) fn some_of(names: &[String], most: usize) -> String {
    let first = names.get(..most).unwrap_or(names);
    let more = names.len() - first.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}

/// One line for each name and its value, with the values aligned.
pub(crate) fn fields(fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    fields.iter().map(|(name, value)| format!("{name:width$}  {value}\n")).collect()
}

/// A time in seconds since the Unix epoch, e.g. `2026-11-28T13:20:00Z`; none after the year
/// 9999, which the format cannot express.
pub(crate) fn time(seconds: u64) -> Option<String> {
    rfc3339(UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?)
}

/// A number of bytes, in the largest unit that fits.
pub(crate) fn size(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", tenths(1 << 10)),
        0x10_0000..0x4000_0000 => format!("{} MiB", tenths(1 << 20)),
        _ => format!("{} GiB", tenths(1 << 30)),
    }
}
