//! What a program asks a helper, and the credential that it gets.

use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use orchestration_runtime::{
    BaseUrl, Credentials, HttpOrigin, ProviderProfile, ProvidersToml, Secret,
};

use crate::commands::auth::answer::ask;
use crate::error::CliError;
use crate::host::Host;
use crate::remedy;
use crate::ui::stderr;

/// The most bytes of a question.
const MAX_QUESTION: u64 = 64 << 10;

/// The only action of a helper that has an answer. Others store and erase passwords, of
/// which there are none here.
pub(super) const GET: &str = "get";

/// The name of the user, where a program wants one beside the token and the base URL has
/// none. Most servers that take a token as a password ignore it, or expect this one.
const USER: &str = "oauth2";

/// A credential with a key, and the profile that it belongs to.
pub(super) struct Found {
    pub(super) profile: Arc<ProviderProfile>,
    pub(super) credentials: Credentials,
    pub(super) key: Secret,
}

impl Found {
    /// Returns the name of the user that goes with the key.
    pub(super) fn user(&self) -> String {
        let user = self.profile.effective_base_url().and_then(|url| url.user());
        user.unwrap_or_else(|| USER.to_owned())
    }
}

/// Returns the credential for a server, if a profile has one for it.
pub(super) fn find(url: &str, config: Option<&Path>) -> Result<Option<Found>, CliError> {
    let Ok(url) = url.parse::<BaseUrl>() else { return Ok(None) };
    let host = Host::until_exit(config, false)?;
    let Some(profile) = profile_at(&host.providers, &url) else { return Ok(None) };
    let answer = host.run(ask(Arc::clone(profile), host.registry.clone(), Duration::ZERO));
    let credentials = answer.credentials?;
    let key = credentials.key().cloned();
    Ok(key.map(|key| Found { profile: answer.profile, credentials, key }))
}

/// Returns the profile whose requests go to the server of `url`.
fn profile_at<'a>(providers: &'a ProvidersToml, url: &BaseUrl) -> Option<&'a Arc<ProviderProfile>> {
    let fitting = providers.profiles().filter(|profile| profile.serves(url));
    let fitting = fitting.filter_map(|profile| {
        let base_url = profile.effective_base_url()?;
        Some((common_path(&base_url, url), profile))
    });
    let mut fitting: Vec<_> = fitting.collect();
    fitting.sort_by_key(|(common, _)| std::cmp::Reverse(*common));
    match &fitting[..] {
        [] => None,
        [(first, one), (second, other), ..] if first == second => {
            let (one, other) = (&one.name, &other.name);
            let origin = HttpOrigin::of(url);
            stderr::note(&format!("profiles '{one}' and '{other}' are both for {origin}"));
            None
        }
        [(_, profile), ..] => Some(profile),
    }
}

/// Returns how many segments the path of a base URL has, if that of `url` begins with them.
fn common_path(base_url: &BaseUrl, url: &BaseUrl) -> Option<usize> {
    let segments = |url: &BaseUrl| -> Vec<String> {
        let segments = url.expose().path_segments().into_iter().flatten();
        segments.filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
    };
    let (own, asked) = (segments(base_url), segments(url));
    asked.starts_with(&own).then_some(own.len())
}

/// Returns what the program asks. Where a person asks, at a terminal, the answer would stay
/// in its scrollback.
pub(super) fn question() -> Result<String, CliError> {
    if io::stdout().is_terminal() {
        let message = "refusing to print a credential to a terminal";
        return Err(CliError::usage(message).with_hint(remedy::PIPE.to_owned()));
    }
    let mut question = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_QUESTION + 1)
        .read_to_end(&mut question)
        .map_err(|error| CliError::usage(format!("stdin can't be read: {error}")))?;
    if question.len() as u64 > MAX_QUESTION {
        return Err(CliError::usage("the question on stdin has more than 64 KiB"));
    }
    String::from_utf8(question).map_err(|_| CliError::usage("the question on stdin is no text"))
}
