//! What each of these strategies writes in the same way: its bindings and its exports.

/// Maps a world of `wit/` to Rust, in a module `bindings`: with the types and the imports of
/// this crate, so that what it returns is what the strategy exports.
#[macro_export]
macro_rules! bindings {
    ($world:tt) => {
        #[allow(missing_docs)]
        mod bindings {
            wit_bindgen::generate!({
                path: "../../wit",
                world: $world,
                with: {
                    "orchestration:auth/types@0.2.0": oauth::bindings::orchestration::auth::types,
                    "orchestration:auth/environment@0.2.0": oauth::bindings::orchestration::auth::environment,
                    "orchestration:auth/files@0.2.0": oauth::bindings::orchestration::auth::files,
                    "orchestration:auth/secrets@0.2.0": oauth::bindings::orchestration::auth::secrets,
                    "orchestration:auth/http@0.2.0": oauth::bindings::orchestration::auth::http,
                    "orchestration:auth/store@0.2.0": oauth::bindings::orchestration::auth::store,
                },
            });
        }
    };
}

/// Makes a type the strategy that it names: with its description, and with `is-valid` as it
/// follows from the credential. The functions get the request and return what the contract
/// says.
#[macro_export]
macro_rules! strategy {
    ($strategy:ident, $auth_type:literal, $summary:literal, $credentials:path, $refresh:path) => {
        impl bindings::exports::orchestration::auth::strategy::Guest for $strategy {
            fn describe() -> $crate::bindings::orchestration::auth::types::Description {
                $crate::bindings::orchestration::auth::types::Description {
                    auth_type: $auth_type.into(),
                    version: env!("CARGO_PKG_VERSION").into(),
                    summary: $summary.into(),
                    environment: Vec::new(),
                }
            }

            fn get_credentials(
                request: $crate::bindings::orchestration::auth::types::Request,
            ) -> Result<
                $crate::bindings::orchestration::auth::types::Credentials,
                $crate::bindings::orchestration::auth::types::AuthError,
            > {
                $credentials(&request)
            }

            fn refresh_if_needed(
                request: $crate::bindings::orchestration::auth::types::Request,
            ) -> Result<(), $crate::bindings::orchestration::auth::types::AuthError> {
                $refresh(&request)
            }

            fn is_valid(request: $crate::bindings::orchestration::auth::types::Request) -> bool {
                $credentials(&request).is_ok()
            }
        }
    };
}
