//! The status page: how the profiles are doing, for the operator of the broker.
//!
//! A page about credentials, on an address that every program and every web page on this machine
//! can reach, must not become a way in. So it is off unless it is asked for, loads nothing, runs
//! nothing and changes nothing: a browser reads it again by itself, and its headers forbid all
//! else, so a text that got in unescaped would still not run.

use std::fmt::Write;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use orchestration_support::html::escape;
use orchestration_support::time::rfc3339;
use ring::digest::{SHA256, digest};

use crate::credential_status::{CredentialState, CredentialStatus};
use crate::standing::{CLASSES, ProfileStanding, Standing};

/// The type of what [`page`] returns.
pub(crate) const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// How often a browser reads it again, in seconds.
const REFRESH: u64 = 10;

const STYLE: &str = include_str!("status_page.css");

/// Allows this style, by its digest, and nothing else. The icon is an empty one of the page's
/// own: without it, a browser asks for one.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
});

/// Adds the headers that keep the page from being more than it is.
pub(crate) fn confine(headers: &mut HeaderMap) {
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Returns the page, as of `now`.
pub(crate) fn page(standing: &Standing, now: SystemTime) -> String {
    let rows: String = standing.profiles.iter().map(|profile| row(profile, now)).collect();
    let time = rfc3339(now).unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"refresh\" content=\"{REFRESH}\"><link rel=\"icon\" href=\"data:,\">\
         <title>{title} · orchestration serve</title><style>{STYLE}</style></head>\n\
         <body><main><h1>orchestration serve</h1><p class=\"verdict\">{title}</p>\n{tiles}\n\
         <h2>Profiles</h2><table><thead><tr><th scope=\"col\">Profile</th>\
         <th scope=\"col\">Credential</th><th scope=\"col\">Last renewal</th>\
         <th scope=\"col\" class=\"number\">Requests</th></tr></thead>\n<tbody>{rows}</tbody>\
         </table>\n{refused}<footer>As of {time}, read again every {REFRESH} seconds. \
         <a href=\"/metrics\">/metrics</a> has the same numbers.</footer></main></body></html>\n",
        title = title(&standing.profiles),
        tiles = tiles(standing),
        refused = refused(standing),
    )
}

/// Returns the page in one sentence.
fn title(profiles: &[ProfileStanding]) -> String {
    let is_bad = |profile: &&ProfileStanding| match profile.credential.state {
        CredentialState::Failing | CredentialState::Missing => true,
        CredentialState::Unused | CredentialState::Ready | CredentialState::Due => false,
    };
    match profiles.iter().filter(is_bad).count() {
        0 => "All credentials work".to_owned(),
        1 => "1 credential needs attention".to_owned(),
        count => format!("{count} credentials need attention"),
    }
}

fn tiles(standing: &Standing) -> String {
    let requests: u64 = standing.profiles.iter().flat_map(|profile| profile.requests).sum();
    let refused: u64 = standing.refused.iter().map(|(_, count)| count).sum();
    let tiles = [
        ("Running for", span(standing.uptime)),
        ("Requests", grouped(requests)),
        ("Refused", grouped(refused)),
        ("Open connections", grouped(standing.connections)),
    ];
    let tiles = tiles.map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>"));
    format!("<dl class=\"tiles\">{}</dl>", tiles.concat())
}

fn row(profile: &ProfileStanding, now: SystemTime) -> String {
    let ProfileStanding { name, origin, requests, credential } = profile;
    let ends = match credential.expires_at.map(|end| end.duration_since(now)) {
        Some(Ok(left)) => format!("expires in {}", span(left)),
        Some(Err(_)) => "expired".to_owned(),
        None => String::new(),
    };
    let renewed = match credential.renewed_at {
        Some(at) => format!("{}<small>{} in total</small>", ago(at, now), credential.renewals),
        None => "–".to_owned(),
    };
    format!(
        "<tr><th scope=\"row\">{}<small>{}</small></th><td><span class=\"state {}\">{}</span>\
         <small>{ends}</small></td><td>{renewed}</td><td class=\"number\">{}{}</td></tr>\n{}",
        escape(name),
        escape(origin),
        credential.state.name(),
        words(credential.state),
        grouped(requests.iter().sum()),
        bar(requests),
        last_error(credential, now),
    )
}

fn words(state: CredentialState) -> &'static str {
    match state {
        CredentialState::Unused => "Not used yet",
        CredentialState::Ready => "Ready",
        CredentialState::Due => "Being renewed",
        CredentialState::Failing => "Renewal fails",
        CredentialState::Missing => "Missing",
    }
}

/// Returns a bar of the classes of the statuses, and their numbers in words.
fn bar(requests: &[u64; CLASSES.len()]) -> String {
    let total = requests.iter().sum::<u64>();
    let (mut bars, mut counts, mut start) = (String::new(), Vec::new(), 0.0);
    for ((class, count), number) in CLASSES.iter().zip(requests).zip(1..) {
        if *count == 0 {
            continue;
        }
        let width = *count as f64 / total as f64 * 100.0;
        // Writing to a text does not fail.
        let _ = write!(
            bars,
            "<rect class=\"c{number}\" x=\"{start:.2}\" width=\"{width:.2}\" height=\"1\"/>"
        );
        counts.push(format!("{class} {}", grouped(*count)));
        start += width;
    }
    format!(
        "<svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{bars}</svg>\
         <small>{}</small>",
        counts.join(" · ")
    )
}

fn last_error(credential: &CredentialStatus, now: SystemTime) -> String {
    let Some((at, error)) = &credential.last_error else { return String::new() };
    let is_now = matches!(credential.state, CredentialState::Missing);
    let class = if is_now { "error now" } else { "error" };
    let count = match credential.errors {
        0 | 1 => String::new(),
        count => format!(", {} errors in total", grouped(count)),
    };
    format!(
        "<tr class=\"{class}\"><td colspan=\"4\"><p>{}<small>{}{count}</small></p></td></tr>\n",
        escape(error),
        ago(*at, now)
    )
}

fn refused(standing: &Standing) -> String {
    let seen = standing.refused.iter().filter(|(_, count)| *count > 0);
    let items: String = seen
        .map(|(code, count)| format!("<li><b>{}</b> <code>{code}</code></li>", grouped(*count)))
        .collect();
    match &*items {
        "" => String::new(),
        items => format!("<h2>Refused requests</h2><ul class=\"refused\">{items}</ul>\n"),
    }
}

fn ago(then: SystemTime, now: SystemTime) -> String {
    format!("{} ago", span(now.duration_since(then).unwrap_or_default()))
}

/// Returns a time in its two largest units.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    if days > 0 {
        format!("{days} d {} h", hours % 24)
    } else if hours > 0 {
        format!("{hours} h {} min", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes} min")
    } else {
        format!("{seconds} s")
    }
}

/// Returns a number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
