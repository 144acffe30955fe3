//! Storing a key: asks for it, checks what can be checked without the provider, and says
//! what it is good for.

use std::sync::Arc;

use orchestration_runtime::{ErrorKind, KeyStored, ProviderProfile, Secret, Source, StoreKeyError};

use super::answer;
use crate::error::{CliError, Kind};
use crate::host::Host;
use crate::remedy;
use crate::ui::secret_input::{self, SecretInputError};
use crate::ui::{stderr, stdout, style, text};

/// A file that can't be written is no fault of the arguments.
const NOT_CHANGED: Kind = Kind::Answer(ErrorKind::Internal);

/// Asks for the key of `profile`, and stores it.
pub(super) fn store(host: &Host, profile: &Arc<ProviderProfile>) -> Result<(), CliError> {
    // First, so that no user looks for a key and then hears that it can't be stored.
    host.run(host.registry.check_key_place(profile)).map_err(|error| refused(error, profile))?;
    warn_of_other_source(host, profile);
    let key = secret_input::read(&format!("Key of {} (not shown): ", profile.name));
    let key = key.map_err(|error| not_read(error, &profile.name))?;
    let stored = host.run(host.registry.store_key(profile, &key));
    let stored = stored.map_err(|error| refused(error, profile))?;
    warn_of_other_provider(profile, &key);
    let what = match stored {
        KeyStored::New => "Stored the key",
        KeyStored::Replaced => "Replaced the stored key",
    };
    let (good, name, mask) = (style::good(), &profile.name, key.mask());
    stdout::print(&format!("{good} {what} of {name} ({mask})\n"))?;
    Ok(())
}

/// Warns if a key is set elsewhere that is used before the stored one.
fn warn_of_other_source(host: &Host, profile: &Arc<ProviderProfile>) {
    let answer = host.run(answer::look(Arc::clone(profile), host.registry.clone()));
    let (what, hint) = match answer.credentials.as_ref().map(|found| found.source()) {
        Ok(Source::Environment(name)) => (format!("{name} is set"), Some(remedy::unset(name))),
        Ok(Source::File(path)) => (format!("there is a key in {}", text::from_home(path)), None),
        _ => return,
    };
    let message = format!("{what}, which is used before a stored key");
    stderr::warning(&message, hint.as_deref());
}

/// Warns if the key looks as if it were for another provider than the profile's.
fn warn_of_other_provider(profile: &ProviderProfile, key: &Secret) {
    if let Some(other) = profile.stranger_of_key(key) {
        let name = &profile.name;
        let message =
            format!("this looks like a key of {}, and {name} is another provider", other.name);
        stderr::warning(&message, Some(&remedy::store_key(name)));
    }
}

/// Why a key can't be stored.
pub(super) fn refused(error: StoreKeyError, profile: &ProviderProfile) -> CliError {
    let name = &profile.name;
    match error {
        StoreKeyError::Profile(error) => error.into(),
        StoreKeyError::OtherStrategy { auth_type, .. } => {
            let message = format!("no key is stored for '{name}': its auth type is {auth_type}");
            CliError::usage(message).with_hint(remedy::login_without_store(name))
        }
        StoreKeyError::Nowhere => {
            let message = "no home directory to keep a key in";
            CliError::usage(message).with_hint(remedy::SET_STATE_HOME.to_owned())
        }
        StoreKeyError::Fault(fault) => {
            let message = format!("the key of '{name}' was not stored: it {fault}");
            CliError::usage(message).with_hint(remedy::PASS_KEY_ITSELF.to_owned())
        }
        StoreKeyError::Name => {
            let message =
                format!("the key of '{name}' was not stored: it is the name of a variable");
            CliError::usage(message).with_hint(remedy::PASS_KEY_ITSELF.to_owned())
        }
        StoreKeyError::Unusable(error) => {
            CliError::new(NOT_CHANGED, format!("cannot use the stored keys: {error}"))
        }
        StoreKeyError::Failed => {
            let message = format!("the stored key of '{name}' was not changed");
            CliError::new(NOT_CHANGED, message)
        }
    }
}

/// Why there is no key to store.
fn not_read(error: SecretInputError, profile: &str) -> CliError {
    let hint = match error {
        SecretInputError::Empty | SecretInputError::SeveralLines => {
            Some(remedy::enter_key(profile))
        }
        SecretInputError::TooLong
        | SecretInputError::NotUnicode
        | SecretInputError::Unreadable(_) => None,
    };
    CliError::usage(format!("the key of '{profile}' was not stored: {error}")).with_hint(hint)
}
