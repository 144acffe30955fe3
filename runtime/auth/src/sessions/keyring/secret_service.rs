//! The keyring by the Secret Service API of freedesktop.org, which GNOME Keyring, KWallet and
//! KeePassXC offer.
//!
//! An item is found by its attributes. One that another program gave the same attributes
//! can't be told apart, but such a program could as well change ours.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use orchestration_sandbox::KeyringFault;
use serde::de::DeserializeOwned;
use zbus::message::Type as MessageType;
use zbus::wire::OwnedVariant;
use zbus::{Connection, MatchRule, Message, MessageStream, OwnedObjectPath, Type, Variant};
use zeroize::Zeroizing;

use super::bus::{ROOT, SERVICE, call, on_bus, refused, soon};
use super::unlock::Unlock;

const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// The path that stands for no object.
const NONE: &str = "/";

/// How long a user has to type the keyring's password.
const PATIENCE: Duration = Duration::from_secs(120);

/// A secret as it goes over the bus: the session, parameters of the encryption, the content
/// and its type.
type Transferred = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// Checks that sessions can be kept in the keyring, and has it unlocked if the user can be
/// asked.
pub(crate) fn probe(unlock: Unlock) -> Result<(), KeyringFault> {
    on_bus(async |bus| {
        let collection = soon(collection(bus)).await?;
        let Some(prompt) = soon(locked(bus, &collection)).await? else { return Ok(()) };
        match unlock {
            Unlock::Ask => shown(bus, &prompt).await,
            Unlock::Never => Err(KeyringFault::Locked),
        }
    })
}

/// Returns the content of the item with this name; `None` if there is none.
pub(crate) fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringFault> {
    on_bus(async |bus| soon(content(bus, name)).await)
}

/// Makes this the content of the item with this name, and reads it back.
pub(crate) fn write(name: &str, label: &str, content: &[u8]) -> Result<(), KeyringFault> {
    on_bus(async |bus| soon(replace(bus, name, label, content)).await)
}

/// Removes the item with this name, if there is one.
pub(crate) fn remove(name: &str) -> Result<(), KeyringFault> {
    on_bus(async |bus| {
        soon(async {
            while let Some(item) = item(bus, name).await? {
                let prompt: OwnedObjectPath = body(&call(bus, &item, ITEM, "Delete", &()).await?)?;
                unasked(&prompt)?;
            }
            Ok(())
        })
        .await
    })
}

async fn content(bus: &Connection, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringFault> {
    let Some(item) = item(bus, name).await? else { return Ok(None) };
    let session = session(bus).await?;
    let (_, _, content, _): Transferred =
        body(&call(bus, &item, ITEM, "GetSecret", &(session,)).await?)?;
    Ok(Some(Zeroizing::new(content)))
}

async fn replace(
    bus: &Connection,
    name: &str,
    label: &str,
    content: &[u8],
) -> Result<(), KeyringFault> {
    let secret = (session(bus).await?, [0_u8; 0].as_slice(), content, "application/octet-stream");
    match item(bus, name).await? {
        Some(item) => {
            call(bus, &item, ITEM, "SetSecret", &(secret,)).await?;
        }
        None => {
            let properties = HashMap::from([
                ("org.freedesktop.Secret.Item.Label", Variant::from(label)),
                ("org.freedesktop.Secret.Item.Attributes", Variant::from(attributes(name))),
            ]);
            let (collection, body) = (collection(bus).await?, (properties, secret, true));
            let created = call(bus, &collection, COLLECTION, "CreateItem", &body).await?;
            let (_, prompt): (OwnedObjectPath, OwnedObjectPath) = self::body(&created)?;
            unasked(&prompt)?;
        }
    }
    let is_kept = self::content(bus, name).await?.is_some_and(|kept| *kept == content);
    let lost = || KeyringFault::Refused("it did not keep the session".to_owned());
    is_kept.then_some(()).ok_or_else(lost)
}

/// Returns the item with this name, unlocked; `None` if there is none.
async fn item(bus: &Connection, name: &str) -> Result<Option<OwnedObjectPath>, KeyringFault> {
    let searched = call(bus, ROOT, SERVICE_INTERFACE, "SearchItems", &(attributes(name),)).await?;
    let (unlocked, locked_items): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = body(&searched)?;
    if let Some(item) = unlocked.into_iter().next() {
        return Ok(Some(item));
    }
    // Some keyrings find nothing in a locked collection.
    let is_locked = !locked_items.is_empty() || {
        let collection = collection(bus).await?;
        locked(bus, &collection).await?.is_some()
    };
    if is_locked { Err(KeyringFault::Locked) } else { Ok(None) }
}

/// What an item is found by.
fn attributes(name: &str) -> HashMap<&'static str, String> {
    [("application", "orchestration"), ("session", name)]
        .map(|(key, value)| (key, value.to_owned()))
        .into()
}

/// Returns the collection that new items go to.
async fn collection(bus: &Connection) -> Result<OwnedObjectPath, KeyringFault> {
    let read = call(bus, ROOT, SERVICE_INTERFACE, "ReadAlias", &("default",)).await?;
    let path: OwnedObjectPath = body(&read)?;
    if path.as_str() == NONE { Err(KeyringFault::NoCollection) } else { Ok(path) }
}

/// Opens a session in which secrets go over the bus as they are: see `connect`.
async fn session(bus: &Connection) -> Result<OwnedObjectPath, KeyringFault> {
    let options = ("plain", Variant::from(""));
    let opened = call(bus, ROOT, SERVICE_INTERFACE, "OpenSession", &options).await?;
    let (_, path): (OwnedVariant, OwnedObjectPath) = body(&opened)?;
    Ok(path)
}

/// Returns what asks the user for the password if the collection is locked; `None` if it is
/// not, or was unlocked without one.
async fn locked(
    bus: &Connection,
    collection: &OwnedObjectPath,
) -> Result<Option<OwnedObjectPath>, KeyringFault> {
    let read = call(bus, collection, PROPERTIES, "Get", &(COLLECTION, "Locked")).await?;
    let is_locked: OwnedVariant = body(&read)?;
    if let Ok(false) = bool::try_from(is_locked) {
        return Ok(None);
    }
    let unlocked = call(bus, ROOT, SERVICE_INTERFACE, "Unlock", &(vec![collection],)).await?;
    let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = body(&unlocked)?;
    Ok(Some(prompt).filter(|prompt| prompt.as_str() != NONE))
}

/// Shows a prompt, and waits until the user has answered it.
async fn shown(bus: &Connection, prompt: &OwnedObjectPath) -> Result<(), KeyringFault> {
    let rule = MatchRule::builder()
        .msg_type(MessageType::Signal)
        .sender(SERVICE)
        .interface(PROMPT)
        .member("Completed")
        .path(prompt.as_str())
        .build()
        .map_err(|error| refused(&error))?;
    // Before the prompt is shown, since it may be answered at once.
    let mut completed = soon(async {
        MessageStream::for_match_rule(rule, bus, None).await.map_err(|error| refused(&error))
    })
    .await?;
    soon(call(bus, prompt, PROMPT, "Prompt", &("",))).await?;
    let completed = tokio::time::timeout(PATIENCE, completed.next()).await;
    let Ok(Some(Ok(completed))) = completed else { return Err(KeyringFault::Locked) };
    let (was_dismissed, _): (bool, OwnedVariant) = body(&completed)?;
    if was_dismissed { Err(KeyringFault::Locked) } else { Ok(()) }
}

/// Refuses a prompt, which would be needed for each renewal again.
fn unasked(prompt: &OwnedObjectPath) -> Result<(), KeyringFault> {
    if prompt.as_str() == NONE { Ok(()) } else { Err(KeyringFault::Locked) }
}

/// Reads an answer.
fn body<T: DeserializeOwned + Type>(message: &Message) -> Result<T, KeyringFault> {
    message.body().deserialize().map_err(|error| refused(&error))
}
