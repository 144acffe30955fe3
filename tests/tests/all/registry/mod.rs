//! Strategies in registries: published, added, run, and fetched again.
//!
//! Promised here, with a registry that others wrote and with one that cheats: nothing but
//! the pinned bytes is ever run, whatever the registry gives; whatever it does wrong is
//! named; nothing is fetched that no one asked for; and others' tools read what this one
//! writes, and the other way round.

mod fake;
mod faults;
mod interrupted;
mod logins;
mod others;
mod signatures;
mod travels;
mod updates;

use orchestration_tests::Cli;
use orchestration_tests::guest::Guest;

/// The providers.toml of a user.
const CONFIG: &str = ".config/orchestration/providers.toml";

/// The directory of components.
const STORE: &str = ".cache/orchestration/components";

/// A profile whose strategy is from a registry.
const PROFILE: &str = "[profiles.corp]\nauth_type = \"sso\"\napi_key_env = \"CORP_KEY\"\n\
     base_url = \"https://llm.corp.example/v1\"\n";

const KEY: &str = "sk-corp-abcdefgh7x2f";

/// A strategy of this version.
fn sso(version: &str) -> Vec<u8> {
    declaring(version, &[]).build()
}

/// A strategy of this version that declares variables.
fn declaring(version: &str, variables: &[&[u8]]) -> Guest {
    let said: [&[u8]; 3] = [b"corp-sso", version.as_bytes(), b"the company's sign-on"];
    Guest::new().describes(said, variables).reads("CORP_KEY")
}

/// A user with that profile, and a component in `sso.wasm`.
fn user() -> Cli {
    let cli = Cli::new().config(PROFILE).env("CORP_KEY", KEY).env("CORP_REGION", "eu");
    cli.file("sso.wasm", sso("2.1.0"));
    cli
}

/// Returns what providers.toml has.
fn config(cli: &Cli) -> String {
    std::fs::read_to_string(cli.home().join(CONFIG)).expect("the file is there")
}
