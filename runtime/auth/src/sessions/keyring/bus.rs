//! The session bus, and calls of the service of secrets on it.

use std::time::Duration;

use orchestration_sandbox::KeyringFault;
use orchestration_support::redact::sanitize;
use serde::Serialize;
use zbus::address::Transport;
use zbus::{Address, Connection, DBusError, DynamicType, Message, fdo};

/// The name of the service, and the path of its first object.
pub(super) const SERVICE: &str = "org.freedesktop.secrets";
pub(super) const ROOT: &str = "/org/freedesktop/secrets";

/// How long an operation may take, which is less than a call of a strategy has.
const PATIENCE: Duration = Duration::from_secs(3);

/// Runs an operation on the session bus.
pub(super) fn on_bus<T>(
    operation: impl AsyncFnOnce(&Connection) -> Result<T, KeyringFault>,
) -> Result<T, KeyringFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| KeyringFault::Absent(error.to_string()))?;
    runtime.block_on(async {
        let connection = within(PATIENCE, connect()).await?;
        operation(&connection).await
    })
}

/// Does work that must not take long.
pub(super) async fn soon<T>(
    work: impl Future<Output = Result<T, KeyringFault>>,
) -> Result<T, KeyringFault> {
    within(PATIENCE, work).await
}

async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, KeyringFault>>,
) -> Result<T, KeyringFault> {
    tokio::time::timeout(patience, work).await.unwrap_or(Err(KeyringFault::Silent))
}

/// Connects to the bus of this user's session. Secrets go over it as they are, so it must be
/// a socket of this machine: a program that can read that can ask the keyring for them too.
async fn connect() -> Result<Connection, KeyringFault> {
    let address = Address::session().map_err(|error| absent(&error))?;
    if !matches!(address.transport(), Transport::Unix(_)) {
        let reason = "DBUS_SESSION_BUS_ADDRESS names no socket of this machine";
        return Err(KeyringFault::Absent(reason.to_owned()));
    }
    let builder = zbus::connection::Builder::address(address);
    builder.build().await.map_err(|error| absent(&error))
}

/// Calls a method of the service.
pub(super) async fn call(
    connection: &Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &(impl Serialize + DynamicType),
) -> Result<Message, KeyringFault> {
    let called = connection.call_method(Some(SERVICE), path, Some(interface), method, body);
    called.await.map_err(|error| refused(&error))
}

fn absent(error: &zbus::Error) -> KeyringFault {
    KeyringFault::Absent(words(error))
}

/// Returns what an error in place of an answer means.
pub(super) fn refused(error: &zbus::Error) -> KeyringFault {
    match error {
        zbus::Error::MethodError(name, ..) if name.as_str() == IS_LOCKED => KeyringFault::Locked,
        zbus::Error::FDO(error) => match **error {
            // The bus itself answers that, also if it can't start the service.
            fdo::Error::ServiceUnknown(_)
            | fdo::Error::NameHasNoOwner(_)
            | fdo::Error::SpawnServiceNotFound(_)
            | fdo::Error::SpawnExecFailed(_)
            | fdo::Error::SpawnChildExited(_)
            | fdo::Error::SpawnFailed(_) => KeyringFault::Absent(words_of_bus(error)),
            fdo::Error::NoReply(_) | fdo::Error::TimedOut(_) | fdo::Error::Timeout(_) => {
                KeyringFault::Silent
            }
            _ => KeyringFault::Refused(words_of_bus(error)),
        },
        error => KeyringFault::Refused(words(error)),
    }
}

const IS_LOCKED: &str = "org.freedesktop.Secret.Error.IsLocked";

/// Returns the words of an error of the bus, without its name.
fn words_of_bus(error: &fdo::Error) -> String {
    match error.description() {
        Some(words) if !words.is_empty() => sanitize(words, []),
        _ => sanitize(&error.to_string(), []),
    }
}

/// Returns the words of an error from outside, in a form that can be displayed.
fn words(error: &zbus::Error) -> String {
    match error {
        zbus::Error::InputOutput(error) => sanitize(&error.to_string(), []),
        zbus::Error::FDO(error) => words_of_bus(error),
        error => sanitize(&error.to_string(), []),
    }
}
