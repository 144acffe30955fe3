//! What the built-in strategy `federated` reaches for a job of GitHub Actions.
//!
//! A runner gives a job two variables: an address that returns a token of the job for any
//! audience, and a token that this address wants. The address is on a host that GitHub
//! chooses, so no one can grant its origin beforehand. A profile with
//! `options.source = "github-actions"` therefore grants the strategy the text of the one
//! variable, the other one to take, and the origin in the first.
//!
//! What could go wrong with that, and what stands against it:
//!
//! - **A profile sends the token that the address wants elsewhere.** The origin comes from
//!   the environment of this process alone, and no file sets that. Only the component that
//!   is part of this program is granted the variables, and it sends the one to the origin in
//!   the other; a strategy from a file gets nothing here, whatever its name. Who sets the
//!   address can read the token as well.
//! - **A profile asks for a token of the job for someone else.** It chooses the audience
//!   and, by its `issuer`, who gets the token, so a project could have a token made for a
//!   cloud that trusts this job, and sent to a server of its own. Naming the variable of a
//!   key is as strong, so it is held by the same means: the file of a project is ignored
//!   until someone trusts exactly this text, and `trust` says that the identity of the job
//!   goes to that issuer. Don't trust the file of a pull request in a job with
//!   `id-token: write`.
//! - **The address is on this machine or in plain http.** It is not granted then, because no
//!   runner has such an address; a test grants its server literally, under `origins`.

use orchestration_sandbox::{Environment, Grant};
use orchestration_support::url::{BaseUrl, HttpOrigin};

use crate::profile::ProviderProfile;

/// The auth type of the strategy.
const FEDERATED: &str = "federated";

/// The variable with the address that returns the token of the job.
const ADDRESS: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";

/// The variable with the token that this address wants.
pub(crate) const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// Returns true if the strategy of `profile` uses the identity of a job of GitHub Actions.
pub(crate) fn is_job(profile: &ProviderProfile) -> bool {
    let is_source = |(name, value): (&str, &str)| name == "source" && value == "github-actions";
    profile.auth_type == FEDERATED && profile.options.iter().any(is_source)
}

/// Returns what the strategy may reach to get the token of the job, in addition to taking
/// [`REQUEST_TOKEN`].
pub(crate) fn grants(environment: &Environment) -> impl Iterator<Item = Grant> {
    let origin = environment.get(ADDRESS).and_then(|address| origin(address.to_str()?));
    [Grant::variable(ADDRESS)].into_iter().chain(origin.as_ref().map(Grant::origin))
}

/// Returns the names of all that is granted for the job of `profile`; nothing if it uses none.
pub(crate) fn names(profile: &ProviderProfile, environment: &Environment) -> Vec<String> {
    match is_job(profile) {
        false => Vec::new(),
        true => {
            let names = grants(environment).map(|grant| grant.name);
            names.chain([REQUEST_TOKEN.to_owned()]).collect()
        }
    }
}

fn origin(address: &str) -> Option<HttpOrigin> {
    let url: BaseUrl = address.trim().parse().ok()?;
    (url.expose().scheme() == "https").then(|| HttpOrigin::of(&url))
}
