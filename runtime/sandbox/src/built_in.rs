//! The strategies that are part of this executable.
//!
//! The build script compiles them for the target, so that the process maps their code
//! at startup instead of compiling it. Compiled code runs unchecked, so no other crate
//! can create a [`BuiltIn`].

use crate::config::Footprint;
use crate::deserialize::PAGE_BYTES;

/// A strategy that is part of this executable.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// The auth type that it serves.
    pub auth_type: &'static str,
    /// The component, as committed in `strategies/prebuilt/`.
    pub component: &'static [u8],
    /// The SHA-256 of the component in lower-case hexadecimal.
    pub sha256: &'static str,
    /// What it keeps for later calls.
    pub keeps: Keeps,
    /// The server that it is for, if there is one.
    pub service: Option<Service>,
    /// The component, compiled for the target by the build script.
    pub(crate) compiled: &'static [u8],
    /// The same, for engines with a small footprint.
    pub(crate) compiled_small: &'static [u8],
}

/// The one server that a built-in strategy is for, which it may reach for a profile that
/// does not name another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The issuer of a profile that names none.
    pub issuer: &'static str,
    /// What the strategy may read in answers, as JSON pointers.
    pub readable: &'static [&'static str],
}

/// Its users are known by a number. Its errors are not those of RFC 6749.
const OPENROUTER: Service =
    Service { issuer: "https://openrouter.ai", readable: &["/user_id", "/error/message"] };

impl BuiltIn {
    /// Returns the code for engines with this footprint.
    pub(crate) fn compiled(&self, footprint: Footprint) -> &'static [u8] {
        match footprint {
            Footprint::Usual => self.compiled,
            Footprint::Small => self.compiled_small,
        }
    }
}

/// What a built-in strategy keeps in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// It has no session.
    Nothing,
    /// A key that the user stored. It saves nothing itself.
    StoredKey,
    /// A key that the user signed in for, which does not expire.
    Key,
    /// What the user signed in for, which it renews.
    SignIn,
    /// A token that it gets again without the user, so that nothing is lost with it.
    Token,
}

/// Bytes that share their pages with nothing else, since pages are made executable as a
/// whole.
#[repr(align(4096))]
struct Pages<const LENGTH: usize>([u8; LENGTH]);

const _: () = assert!(align_of::<Pages<0>>() == PAGE_BYTES);

/// The compiled code in a file that the build script wrote.
macro_rules! code {
    ($file:expr) => {{
        static CODE: Pages<{ include_bytes!($file).len() }> = Pages(*include_bytes!($file));
        &CODE.0
    }};
}

/// The strategy of the guest crate `$name`, with what the build script made of it.
macro_rules! built_in {
    ($auth_type:literal, $name:literal $(, $field:ident: $value:expr)* $(,)?) => {
        BuiltIn {
            auth_type: $auth_type,
            component: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".wasm")),
            sha256: include_str!(concat!(env!("OUT_DIR"), "/", $name, ".sha256")),
            compiled: code!(concat!(env!("OUT_DIR"), "/", $name, ".cwasm")),
            compiled_small: code!(concat!(env!("OUT_DIR"), "/", $name, "-small.cwasm")),
            $($field: $value,)*
        }
    };
}

/// Every built-in strategy, sorted by auth type.
pub const BUILT_IN: [BuiltIn; 6] = [
    built_in!("api_key", "api-key", keeps: Keeps::StoredKey, service: None),
    built_in!("federated", "federated", keeps: Keeps::Token, service: None),
    built_in!("none", "none", keeps: Keeps::Nothing, service: None),
    built_in!("oidc", "oidc", keeps: Keeps::SignIn, service: None),
    built_in!("openrouter", "openrouter", keeps: Keeps::Key, service: Some(OPENROUTER)),
    built_in!("service_account", "service-account", keeps: Keeps::Token, service: None),
];
