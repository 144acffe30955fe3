//! Warnings of a gateway that other tools use, and a profile does not.

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;

use orchestration_runtime::{
    Environment, IgnoredGateway, PROVIDERS, ProviderProfile, ProvidersToml,
};

use crate::remedy;
use crate::ui::stderr;

/// A gateway that profiles ignore, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// What was seen.
    pub(crate) message: String,
    /// The line that follows the gateway.
    pub(crate) remedy: String,
}

/// Returns a notice for each variable that leads clients of these profiles' providers to
/// a gateway.
pub(crate) fn notices<'a>(
    providers: &ProvidersToml,
    profiles: impl IntoIterator<Item = &'a Arc<ProviderProfile>>,
) -> Vec<Notice> {
    let mut variables = PROVIDERS.iter().flat_map(|known| known.base_url_variables);
    // Most users have no gateway, and some have ten thousand profiles.
    if variables.all(|variable| env::var_os(variable).is_none()) {
        return Vec::new();
    }
    let mut ignored: BTreeMap<&str, (IgnoredGateway<'_>, usize)> = BTreeMap::new();
    for profile in profiles {
        if let Some(gateway) = providers.ignored_gateway(profile, &Environment::Process) {
            ignored.entry(gateway.variable).or_insert((gateway, 0)).1 += 1;
        }
    }
    ignored.into_values().map(|(gateway, count)| Notice::of(&gateway, count)).collect()
}

/// Warns of each.
pub(crate) fn warn(notices: &[Notice]) {
    for Notice { message, remedy } in notices {
        stderr::warning(message, Some(remedy));
    }
}

impl Notice {
    fn of(ignored: &IgnoredGateway<'_>, count: usize) -> Self {
        let IgnoredGateway { profile, here, variable, gateway } = ignored;
        let name = &profile.name;
        match gateway {
            Ok(gateway) => {
                let others = match count {
                    1 => String::new(),
                    _ => format!(" and {} more profiles", count - 1),
                };
                let url = &gateway.url;
                let message =
                    format!("{variable} is {url}, but requests of {name}{others} go to {here}");
                Self { message, remedy: remedy::follow_gateway(name, variable, &gateway.base_url) }
            }
            Err(error) => {
                Self { message: format!("{variable}: {error}"), remedy: remedy::for_url(error) }
            }
        }
    }
}
