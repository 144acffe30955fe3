//! Checks the request of a strategy, and puts its secrets in.

use std::collections::BTreeSet;

use orchestration_support::header::{is_connection_header, is_token, is_value};
use orchestration_support::json::is_pointer;
use orchestration_support::url::BaseUrl;
use orchestration_support::{Secret, redact};
use zeroize::{Zeroize, Zeroizing};

use super::body;
use crate::bindings::orchestration::auth::http as wit;
use crate::bindings::orchestration::auth::http::HttpError;
use crate::bindings::orchestration::auth::types::Part;
use crate::capabilities::secrets::{Held, Table};

/// The most bytes of a request, and of the body of an answer.
pub(super) const MAX_BYTES: usize = 64 << 10;

/// The most pointers of each kind.
const MAX_POINTERS: usize = 32;

/// The methods that strategies use.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that the host sets, besides those of the connection, or that would say more than
/// the strategy: an answer must come as it is, and nothing says what was visited before.
const RESERVED: [&str; 7] =
    ["accept", "accept-encoding", "authorization", "content-type", "cookie", "cookie2", "referer"];

/// A request that can be sent, and what is wanted of its answer.
pub(super) struct Prepared<'a> {
    pub(super) method: &'static str,
    pub(super) url: BaseUrl,
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) body: Option<Secret>,
    pub(super) wanted: Wanted<'a>,
}

/// What is wanted of an answer: JSON pointers, all of them valid.
pub(super) struct Wanted<'a> {
    pub(super) read: &'a [String],
    /// Each with the name of the secret.
    pub(super) take: &'a [(String, String)],
}

/// The request of a strategy, any part of which may be a secret. It is wiped when dropped.
pub(super) struct Wiped(pub(super) wit::Request);

/// Returns the URL of a request.
pub(super) fn url(text: &str) -> Result<BaseUrl, HttpError> {
    let url: BaseUrl = text.parse().map_err(|_| HttpError::Malformed)?;
    let known = url.expose();
    let has_user = !known.username().is_empty() || known.password().is_some();
    if has_user || known.fragment().is_some() { Err(HttpError::Malformed) } else { Ok(url) }
}

/// Returns the method of a request.
pub(super) fn method(text: &str) -> Result<&'static str, HttpError> {
    METHODS.into_iter().find(|method| *method == text).ok_or(HttpError::Malformed)
}

impl<'a> Prepared<'a> {
    /// Checks `request`, which is for `url`, and puts in what it names of `secrets`.
    ///
    /// # Errors
    ///
    /// Fails with [`HttpError::Malformed`], [`HttpError::NoSecret`], [`HttpError::Leak`] or
    /// [`HttpError::TooLarge`].
    pub(super) fn of(
        request: &'a wit::Request,
        url: BaseUrl,
        secrets: &Table,
    ) -> Result<Self, HttpError> {
        let method = method(&request.method)?;
        let wanted = Wanted::of(request)?;
        if redact::repeats_secret(url.expose().as_str(), secrets.unknown()) {
            return Err(HttpError::Leak);
        }
        let headers = headers(request, secrets)?;
        let body = body(request, method, secrets)?;
        let of_headers = headers.iter().map(|(name, value)| name.len() + value.expose().len());
        let of_body = body.as_ref().map_or(0, |body| body.expose().len());
        if url.expose().as_str().len() + of_headers.sum::<usize>() + of_body > MAX_BYTES {
            return Err(HttpError::TooLarge);
        }
        Ok(Self { method, url, headers, body, wanted })
    }
}

impl<'a> Wanted<'a> {
    fn of(request: &'a wit::Request) -> Result<Self, HttpError> {
        let wit::Request { read, take, .. } = request;
        let mut pointers = read.iter().chain(take.iter().map(|(pointer, _)| pointer));
        let are_few = read.len() <= MAX_POINTERS && take.len() <= MAX_POINTERS;
        // A text that is read twice would be searched for secrets twice.
        let mut seen = BTreeSet::new();
        let is_twice = !read.iter().all(|pointer| seen.insert(pointer));
        let is_both = || {
            let is_read = |taken: &str| read.iter().any(|read| is_or_leads_to(read, taken));
            take.iter().any(|(taken, _)| is_read(taken))
        };
        if !are_few || is_twice || is_both() || !pointers.all(|pointer| is_pointer(pointer)) {
            return Err(HttpError::Malformed);
        }
        Ok(Self { read, take })
    }
}

/// Returns true if `other` is the same pointer, or one into what is there.
fn is_or_leads_to(pointer: &str, other: &str) -> bool {
    other.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the headers, those of the host among them.
fn headers(request: &wit::Request, secrets: &Table) -> Result<Vec<(String, Secret)>, HttpError> {
    let mut headers = vec![("accept".to_owned(), Secret::from("application/json"))];
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        let is_reserved = is_connection_header(&name) || RESERVED.contains(&name.as_str());
        let is_known = headers.iter().any(|(known, _)| *known == name);
        let value = match value {
            Part::Text(text) => text.as_str(),
            // A file often ends in a line break, which is no part of its secret.
            Part::Secret(secret) => named(secrets, secret)?.trim(),
        };
        if is_reserved || is_known || !is_token(&name) || !is_value(value) {
            return Err(HttpError::Malformed);
        }
        headers.push((name, Secret::from(value)));
    }
    if let Some((scheme, secret)) = &request.authorization {
        let secret = named(secrets, secret)?.trim();
        if !is_token(scheme) || !is_value(secret) || secret.is_empty() {
            return Err(HttpError::Malformed);
        }
        let value = Zeroizing::new(format!("{scheme} {secret}"));
        headers.push(("authorization".to_owned(), Secret::from(value.as_str())));
    }
    if !request.fields.is_empty() {
        let kind = match request.encoding {
            wit::Encoding::Form => "application/x-www-form-urlencoded",
            wit::Encoding::Json => "application/json",
        };
        headers.push(("content-type".to_owned(), Secret::from(kind)));
    }
    Ok(headers)
}

fn body(
    request: &wit::Request,
    method: &str,
    secrets: &Table,
) -> Result<Option<Secret>, HttpError> {
    if request.fields.is_empty() {
        return Ok(None);
    }
    // Servers ignore the body of a GET, or refuse it.
    if method == "GET" {
        return Err(HttpError::Malformed);
    }
    let fields = request.fields.iter().map(|(name, part)| match part {
        Part::Text(text) => Ok((name.as_str(), text.as_str())),
        Part::Secret(secret) => Ok((name.as_str(), named(secrets, secret)?)),
    });
    let fields: Vec<(&str, &str)> = fields.collect::<Result<_, _>>()?;
    let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_BYTES {
        return Err(HttpError::TooLarge);
    }
    let body = match request.encoding {
        wit::Encoding::Form => body::form(&fields),
        wit::Encoding::Json => {
            if body::is_ambiguous(&fields) {
                return Err(HttpError::Malformed);
            }
            body::json(&fields)
        }
    };
    Ok(Some(Secret::from(body.as_str())))
}

fn named<'a>(secrets: &'a Table, name: &str) -> Result<&'a str, HttpError> {
    secrets.get(name).map(Held::text).ok_or(HttpError::NoSecret)
}

impl Wiped {
    /// Returns the names of the secrets that the request carries, each once.
    pub(super) fn named(&self) -> BTreeSet<&str> {
        let parts = self.0.headers.iter().chain(&self.0.fields);
        let named = parts.filter_map(|(_, part)| match part {
            Part::Secret(name) => Some(name.as_str()),
            Part::Text(_) => None,
        });
        let authorization = self.0.authorization.iter().map(|(_, name)| name.as_str());
        named.chain(authorization).collect()
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        let wit::Request { method, url, headers, authorization, encoding: _, fields, read, take } =
            &mut self.0;
        method.zeroize();
        url.zeroize();
        for (name, Part::Text(text) | Part::Secret(text)) in headers.iter_mut().chain(fields) {
            name.zeroize();
            text.zeroize();
        }
        for (first, second) in authorization.iter_mut().chain(take) {
            first.zeroize();
            second.zeroize();
        }
        read.iter_mut().for_each(Zeroize::zeroize);
    }
}
