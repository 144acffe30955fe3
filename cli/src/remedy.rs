//! Hints: what to do about an error. All of their wording is here; below the
//! command line an error carries data.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::Duration;

use orchestration_runtime::{
    AgentError, BaseUrl, Capability, ConfigError, CredentialUse, FALLBACK_VARIABLE, Fix, HttpError,
    HttpOrigin, InvalidUrl, KeyringFault, LimitedResource, ProviderError, RaisedLimit,
    RegistryFault, Remedy, SystemLimit, Unused, UnusedReason, UrlFault, Verdict, suggestion,
};

use crate::ui::text::{self, quoted};

pub(crate) const SET_HOME: &str = "set HOME, or name a file with --config FILE";
pub(crate) const SET_STATE_HOME: &str = "set HOME or XDG_STATE_HOME";
pub(crate) const LIST_SESSIONS: &str = "to list them: orchestration session list";
pub(crate) const PASS_KEY_ITSELF: &str = "pass the key itself, with nothing around it";
pub(crate) const SET_CACHE_HOME: &str = "set HOME or XDG_CACHE_HOME";
pub(crate) const NAME_FILE: &str = "name a file with --config FILE";
pub(crate) const OTHER_SDS: &str = "name another directory with --sds DIR";
pub(crate) const NAME_OTHER_FILE: &str = "name another file with --config FILE";
const WRITE_PATH_OUT: &str = "set it to the whole path, which starts with /";
const WRITE_HOME_OUT: &str = "write your home directory in its place; only a shell expands ~, and only at the start of a \
     word";
const MAKE_ROOM: &str = "make room, or name another file with --config FILE";
const CHANGE_PERMISSIONS: &str =
    "get the permission to write it, or name another file with --config FILE";
pub(crate) const SET_EDITOR: &str = "set VISUAL or EDITOR";
pub(crate) const SET_TEMPORARY: &str = "set TMPDIR to a directory that you can write";
pub(crate) const NAME_PROVIDERS: &str =
    "name each provider: orchestration init --provider openai --provider groq";
pub(crate) const WRITE_REFERENCE: &str = "write it like oci://ghcr.io/acme/corp-sso:1.2";
pub(crate) const TRY_AGAIN: &str = "try again";
pub(crate) const RENEW: &str = "renew it";
pub(crate) const CHANGE_PROFILE: &str = "change it with: orchestration profile edit";
pub(crate) const OTHER_AUTH_TYPE: &str = "choose another auth type";
pub(crate) const OTHER_NAME: &str = "choose another name, or move it away";
pub(crate) const GIVE_MESSAGE: &str = "pass it as the last argument, or pipe it in";
pub(crate) const PIPE: &str = "this command is for programs, which read its output from a pipe";
pub(crate) const SHOW_TOKEN: &str = "write it to a pipe or a file, or pass --show-token";
pub(crate) const ENTER_PROJECT: &str = "change to the project's directory and try again";
pub(crate) const TRUST: &str = "review and trust it with: orchestration trust";
pub(crate) const TRUST_UNASKED: &str = "if you trust it: orchestration trust --yes";
pub(crate) const UNRESERVED_VARIABLE: &str =
    "name a variable that only holds the key, e.g. CORP_API_KEY";
pub(crate) const OTHER_CACHE_HOME: &str =
    "export XDG_CACHE_HOME=DIRECTORY  # on a file system that can be written and runs programs";
pub(crate) const OTHER_MACHINE: &str =
    "this system can't run compiled WebAssembly: use another machine or container image";
pub(crate) const RUN_ONE: &str = "clients read one base URL: name one of them";
pub(crate) const MERGE_SETTINGS: &str =
    "remove it from the file first, or print our lines with --print and merge them yourself";
pub(crate) const EDIT_SETTINGS: &str = "fix the file in an editor";
pub(crate) const SET_CLOCK: &str = "timedatectl set-ntp true  # or as your system sets its clock";
pub(crate) const INSTALL_AGAIN: &str = "it is part of this program: install the program again";

/// What to do about a credential that is none for AWS and has secrets of these names.
pub(crate) fn for_aws(names: &[&str]) -> String {
    format!("it has {}: print it with --format json", names.join(", "))
}

/// What to do about an error of providers.toml.
pub(crate) fn for_configuration(error: &ConfigError) -> Option<String> {
    match error {
        ConfigError::Read { .. } => Some(NAME_OTHER_FILE.to_owned()),
        ConfigError::NotAbsolute { .. } => Some(WRITE_PATH_OUT.to_owned()),
        ConfigError::Tilde { .. } => Some(WRITE_HOME_OUT.to_owned()),
        ConfigError::Mistake { fix, .. } => fix.as_ref().map(fixed),
    }
}

/// What to do about providers.toml if it can't be written.
pub(crate) fn for_unwritable(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Some(CHANGE_PERMISSIONS),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(MAKE_ROOM),
        _ => Some(NAME_OTHER_FILE),
    }
}

/// How a mistake in providers.toml is fixed.
fn fixed(fix: &Fix) -> String {
    let words = match fix {
        Fix::UseKey(key) => return format!("did you mean '{key}'?"),
        Fix::KnownKeys(keys) => return format!("known keys: {}", keys.join(", ")),
        Fix::KeepSecretsOut => {
            "a secret never goes into this file: set a variable to it, and name that variable \
             with api_key_env"
        }
        Fix::AddVerifyPath => "e.g. path = \"/models\"",
        Fix::PathBelowBaseUrl => "it is appended to base_url, whose query is kept",
        Fix::NameHeader => "name the header that carries the key, e.g. \"x-api-key\"",
        Fix::VerdictStatuses => "2xx and 4xx may, except 408 and 429",
        Fix::KeyOrNone(key) => {
            return format!(
                "remove {key} if the server needs no key, or auth_type = \"none\" if it does"
            );
        }
        Fix::OtherAuthType => {
            "give the strategy another auth type, and name that one in the profile"
        }
        Fix::AddDigest => "`orchestration strategy add` writes it",
        Fix::AddComponent => "add component = \"FILE.wasm\" and its sha256",
        Fix::WriteReference => WRITE_REFERENCE,
        Fix::NameRegistries => {
            "write it like registries.\"ghcr.io/acme/*\" = { key = \"acme.pub\" }"
        }
        Fix::PinReference => "`orchestration strategy add oci://... --auth-type NAME` writes it",
        Fix::NameForm => "it starts with a letter or a digit and has at most 64 characters",
        Fix::DigestForm => "`sha256sum FILE` prints it, and `orchestration strategy add` writes it",
        Fix::NameVariable => "name the variable that holds the key, never the key itself",
        Fix::NameKeyFile => {
            "name the file that holds the key, never the key itself; if this is its name, begin \
             with ./"
        }
        Fix::WriteWholePath => "write the whole path, e.g. \"/var/run/secrets/token\"",
        Fix::UnreservedVariable => UNRESERVED_VARIABLE,
        Fix::WriteBaseUrl(error) => return for_url(error),
        Fix::WriteOrigin { instead } => return for_origin(instead.as_ref()),
        Fix::WriteIssuer => "write it like \"https://login.corp.example/realms/corp\"",
        Fix::PointToText => {
            "write a JSON pointer to a text that is no token, e.g. \"/account/name\""
        }
        Fix::UseProvider { suggestion, known } => {
            let known = known.join(", ");
            let meant = meant(*suggestion);
            return format!(
                "{meant}known providers: {known}; for any other server that speaks OpenAI's \
                 protocol, leave provider out"
            );
        }
        Fix::LeaveHeaderOut => "leave it out: the HTTP client sets it for each connection",
    };
    words.to_owned()
}

/// What to write in place of a text that is not a base URL.
pub(crate) fn for_url(error: &InvalidUrl) -> String {
    const EXAMPLE: &str = "write it like \"https://llm.corp.example/v1\"";
    match (&error.instead, error.fault) {
        (Some(url), _) if url.hides_parts() => {
            format!("write \"{url}\", with its user or query if it needs one (not shown here)")
        }
        (Some(url), _) => format!("write \"{url}\", if that is what you mean"),
        (None, UrlFault::Encoding) => "write %40 for @, %20 for a blank, and so on".to_owned(),
        (None, _) => EXAMPLE.to_owned(),
    }
}

/// What to write in place of a text that is not an origin.
pub(crate) fn for_origin(instead: Option<&HttpOrigin>) -> String {
    match instead {
        Some(origin) => format!("write \"{origin}\", if that is the server you mean"),
        None => "write it like \"https://login.corp.example\"; http is for this machine".to_owned(),
    }
}

/// What to do about a profile or its strategy.
pub(crate) fn for_provider(error: &ProviderError) -> Option<String> {
    error.remedy().map(|remedy| worded(&remedy))
}

/// What to do about an agent. The command line has an option of its own for the
/// model.
pub(crate) fn for_agent(error: &AgentError) -> Option<String> {
    match error {
        AgentError::NoModel { profile } => Some(format!(
            "name one with --model MODEL, or with default_model = \"MODEL\" in \
             [profiles.{profile}]"
        )),
        error => error.remedy().map(|remedy| worded(&remedy)),
    }
}

/// What to do about the provider's answer for `profile`.
pub(crate) fn for_verdict(verdict: &Verdict, profile: &str) -> Option<String> {
    verdict.remedy(profile).map(|remedy| worded(&remedy))
}

/// Words a remedy.
fn worded(remedy: &Remedy) -> String {
    const CHECK_KEY: &str = "is a key for this provider, and that it was not revoked";
    match remedy {
        Remedy::ChooseProfile { suggestion, available } => {
            format!("{}available profiles: {}", meant(suggestion.as_deref()), some_of(available))
        }
        Remedy::ChooseAuthType { available } => {
            format!("available auth types: {}", available.join(", "))
        }
        Remedy::ChooseProvider { known } => format!("known providers: {known}"),
        Remedy::NameModel { profile } => {
            format!("add default_model = \"...\" to [profiles.{profile}]")
        }
        Remedy::Grant { strategy, capability, names } => {
            let key = capability.toml_key();
            let value = match capability {
                Capability::Environment
                | Capability::Files
                | Capability::Http
                | Capability::Readable => {
                    let names = names.iter().map(|name| format!("\"{name}\""));
                    format!("[{}]", names.collect::<Vec<_>>().join(", "))
                }
                Capability::Reveal => "true".to_owned(),
            };
            format!("grant it with {key} = {value} under [strategies.{strategy}]")
        }
        Remedy::DescribeWithoutGrants => {
            "describe gets no grants: tell the strategy's author that it must do without".to_owned()
        }
        Remedy::RaiseLimit { strategy, limit: RaisedLimit { key, value } } => {
            format!("raise it with limits = {{ {key} = {value} }} under [strategies.{strategy}]")
        }
        Remedy::RaiseSystemLimit(limit) => raise_system_limit(limit),
        Remedy::AcceptComponent { strategy, path } => format!(
            "if you trust what is there now: orchestration strategy add {} --auth-type {strategy}",
            quoted(path)
        ),
        Remedy::FetchComponent { strategy } => fetch_component(strategy),
        Remedy::MakeComponent => "make it a component with: wasm-tools component new".to_owned(),
        Remedy::SetVariables { names, hint } => {
            let hint = hint.as_ref().map(|hint| format!("\n  {hint}")).unwrap_or_default();
            format!("{}{hint}", set_variables(names))
        }
        Remedy::Hint(hint) => hint.to_string(),
        Remedy::SetBaseUrl { profile } => set_base_url(profile),
        Remedy::ReplacePlaceholder { profile, placeholder } => format!(
            "replace {placeholder} in base_url of [profiles.{profile}] by your own: \
             orchestration profile edit"
        ),
        Remedy::UseHttps { profile } => format!(
            "use https, or set allow_http = true in [profiles.{profile}] if the network is yours"
        ),
        Remedy::InstallCertificates => "install the certificates of the system \
             (ca-certificates), or name a file of them in SSL_CERT_FILE"
            .to_owned(),
        Remedy::SetProxy { variable } => set_proxy(variable),
        Remedy::CheckProxy { variable } => {
            format!("is the proxy running? {variable} names it; NO_PROXY excepts hosts from it")
        }
        Remedy::TryAgainIn(time) => {
            let time = humantime::format_duration(Duration::from_secs(time.as_secs()));
            format!("the server asks to be left alone for {time}")
        }
        Remedy::StartServer => "is the server running, and on this port?".to_owned(),
        Remedy::TrustCertificate => "if the certificate is your own, name a file with the one \
             that signed it in SSL_CERT_FILE"
            .to_owned(),
        Remedy::RaiseTimeout { profile } => {
            format!("timeout_seconds in [profiles.{profile}] sets how long to wait")
        }
        Remedy::FollowRedirect { profile } => {
            format!("if that is the right server, set it as base_url in [profiles.{profile}]")
        }
        Remedy::SetKey { variable: Some(variable) } => {
            format!("set it to the key itself: export {variable}=your-key-here")
        }
        Remedy::SetKey { variable: None } => PASS_KEY_ITSELF.to_owned(),
        Remedy::StoreKey { profile } => store_key(profile),
        Remedy::WriteKey { path } => write_only_key(path),
        Remedy::SetKeyAgain => "set the key again, without blanks around it".to_owned(),
        Remedy::TryLater { after: Some(time) } => format!("try again in {} s", time.as_secs()),
        Remedy::TryLater { after: None } => "try again later".to_owned(),
        Remedy::CheckPlan => "try again later, and check your plan with the provider".to_owned(),
        Remedy::DescribeVerification { profile } => {
            format!(
                "say how to verify it with verify = {{ path = \"/...\" }} in [profiles.{profile}]"
            )
        }
        Remedy::MakeRoom => "free some space on that disk, and try again".to_owned(),
        Remedy::SignIn { profile } => format!("Sign in with: {}", sign_in(profile)),
        Remedy::CheckKey { holder: Some(name) } => {
            format!("check that {} {CHECK_KEY}", text::from_home(name))
        }
        Remedy::CheckKey { holder: None } => format!("check that it {CHECK_KEY}"),
        Remedy::CheckPermissions => {
            "check that the key may use this model, and from this network".to_owned()
        }
        Remedy::NameVariable { profile } => format!(
            "name the variable that holds a key: api_key_env = \"...\" in [profiles.{profile}], \
             without auth_type = \"none\""
        ),
        Remedy::Keyring { fault, profile, is_there } => for_keyring(fault, profile, *is_there),
        Remedy::CheckModelAndUrl => {
            "check the model's name, and base_url, which usually ends in /v1".to_owned()
        }
        Remedy::CheckBaseUrl => "check base_url, which usually ends in /v1".to_owned(),
    }
}

/// Raises a limit of the system as far as this user can, or says who can.
pub(crate) fn raise_system_limit(limit: &SystemLimit) -> String {
    let (flag, of_unit) = match limit.resource {
        LimitedResource::AddressSpace => ("-v", "LimitAS"),
        LimitedResource::FileSize => ("-f", "LimitFSIZE"),
        LimitedResource::OpenFiles => ("-n", "LimitNOFILE"),
        LimitedResource::Processes => ("-u", "LimitNPROC"),
    };
    if !limit.can_be_raised() {
        return format!(
            "you can't raise it yourself: it is set where this shell, job or container was \
             started (ulimit {flag}; {of_unit} of a systemd unit)"
        );
    }
    // Shells count addresses in KiB, and files in blocks of their own size.
    let most = match (limit.most, limit.resource) {
        (None, _) => "unlimited".to_owned(),
        (Some(_), LimitedResource::FileSize) => "hard".to_owned(),
        (Some(most), LimitedResource::AddressSpace) => (most >> 10).to_string(),
        (Some(most), _) => most.to_string(),
    };
    format!("raise it with: ulimit -S {flag} {most}")
}

fn set_variables(names: &[String]) -> String {
    match names {
        [name] => format!("it asked for {name}, which is not set: export {name}=your-key-here"),
        names => format!("it asked for variables that are not set: {}", some_of(names)),
    }
}

/// As many names as a hint can list.
fn some_of(names: &[String]) -> String {
    const NAMED: usize = 20;
    text::some_of(names, NAMED)
}

fn meant(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("did you mean '{name}'? ")).unwrap_or_default()
}

/// Sends a profile's requests where a variable sends those of other clients.
pub(crate) fn follow_gateway(profile: &str, variable: &str, url: &BaseUrl) -> String {
    format!("to follow it: base_url = \"{url}\" under [profiles.{profile}]; or: unset {variable}")
}

/// Keeps an agent from falling back to the key of another provider.
pub(crate) fn turn_off_fallback(profile: &str) -> String {
    format!("turn it off with fallback_env = false in [profiles.{profile}]")
}

/// Keeps a strategy from a file from reading the key of another provider.
pub(crate) fn revoke_fallback(strategy: &str) -> String {
    format!("turn it off by taking {FALLBACK_VARIABLE} out of env in [strategies.{strategy}]")
}

/// What to do about a project's file that is not used.
pub(crate) fn for_unused(unused: &Unused) -> &'static str {
    match unused.reason {
        UnusedReason::Unknown | UnusedReason::Changed => TRUST,
        UnusedReason::Link => "to use it, replace the link with the file itself",
        UnusedReason::Unreadable(_) => "to use it, make it a file that you can read",
    }
}

/// What exists in place of `name`, with the one that was most likely meant first.
pub(crate) fn instead_of(name: &str, available: &[String], noun: &str) -> String {
    if available.is_empty() {
        return format!("no {noun} are configured there");
    }
    let meant = meant(suggestion(name, available.iter().map(String::as_str)));
    format!("{meant}configured {noun}: {}", available.join(", "))
}

/// Writes a profile into providers.toml.
pub(crate) fn add_profile(name: &str) -> String {
    format!("add it with: orchestration profile add {name}")
}

/// Writes a profile into providers.toml, or leaves it out of a check.
pub(crate) fn add_profile_or_skip(name: &str) -> String {
    format!("{}\n  or leave out built-in profiles with --no-builtin-profiles", add_profile(name))
}

/// Fetches the components of all strategies from their registries.
pub(crate) const FETCH_COMPONENTS: &str =
    "fetch strategies from registries again with: orchestration strategy pull";

/// Fetches the component of a strategy from its registry.
pub(crate) fn fetch_component(strategy: &str) -> String {
    format!("fetch it with: orchestration strategy pull {strategy}")
}

/// Adds a strategy from a registry, by its tag.
pub(crate) fn add_again(strategy: &str) -> String {
    format!("orchestration strategy add oci://HOST/REPOSITORY:TAG --auth-type {strategy}")
}

/// Updates a strategy without a question.
pub(crate) fn update_unasked(strategy: &str) -> String {
    format!("if you trust it: orchestration strategy update {strategy} --yes")
}

/// Adds a strategy for an auth type that has none.
pub(crate) fn add_strategy(auth_type: &str) -> String {
    format!("orchestration strategy add FILE --auth-type {auth_type}")
}

/// Adds a strategy again with grants: the component as an argument, and what follows it.
pub(crate) fn grant(
    config: Option<&Path>,
    component: &str,
    auth_type: &str,
    flags: &str,
) -> String {
    let config = config.map(|config| format!(" --config {}", quoted(config)));
    format!(
        "to grant it: orchestration{} strategy add {component} --auth-type {auth_type}{flags}",
        config.unwrap_or_default(),
    )
}

/// Lets a new component use the sessions of the old one.
pub(crate) fn keep_sessions(config: Option<&Path>, component: &str, auth_type: &str) -> String {
    let config = config.map(|config| format!(" --config {}", quoted(config)));
    format!(
        "if you trust it with them: orchestration{} strategy add {component} --auth-type \
         {auth_type} --keep-sessions",
        config.unwrap_or_default(),
    )
}

/// Removes a strategy that can't be used.
pub(crate) fn remove_strategy(auth_type: &str) -> String {
    format!("remove it with: orchestration strategy remove {auth_type}")
}

/// Gives the secrets of a profile other variables: their names begin with the one that
/// the profile names.
pub(crate) fn rename_variable(profile: &str) -> String {
    format!("to pass it on, change api_key_env in [profiles.{profile}]")
}

/// Stores a key, in place of the stored one if there is one.
pub(crate) fn store_key(profile: &str) -> String {
    format!("store another key with: orchestration auth login {profile} --store")
}

/// Enters a key to store.
pub(crate) fn enter_key(profile: &str) -> String {
    format!("type it on a terminal, or: orchestration auth login {profile} --store < FILE")
}

/// Says what the credential of a profile is that has no stored key.
pub(crate) fn login_without_store(profile: &str) -> String {
    format!("without --store, it says what the profile needs: orchestration auth login {profile}")
}

/// Writes a key into the file that a profile names for it.
pub(crate) fn write_key(path: &str) -> String {
    format!("write the key into {}", text::from_home(path))
}

/// Replaces what else is in the file of a key.
pub(crate) fn write_only_key(path: &str) -> String {
    format!("write the key itself into {}, and nothing else", text::from_home(path))
}

/// Names another file for a key, because what is at the path of this one is none.
pub(crate) fn name_key_file(profile: &str) -> String {
    format!("name the file itself with api_key_file in [profiles.{profile}]")
}

/// Makes the file of a key readable, or names another one.
pub(crate) fn let_read(profile: &str) -> String {
    format!(
        "get the permission to read it, or name another file with api_key_file in \
         [profiles.{profile}]"
    )
}

/// Closes a file to everyone but its owner.
pub(crate) fn deny_others(path: &Path) -> String {
    format!("chmod go= {}", quoted(path))
}

/// Closes a path to everyone else's writes.
pub(crate) fn deny_writes(path: &Path) -> String {
    format!("chmod go-w {}", quoted(path))
}

/// Reaches a server that gave no answer.
pub(crate) fn for_server(error: &HttpError) -> String {
    match error {
        HttpError::Proxy { variable, .. } => worded(&Remedy::CheckProxy { variable }),
        HttpError::ProxyVariable { variable } => set_proxy(variable),
        HttpError::Untrusted { .. } => worded(&Remedy::TrustCertificate),
        HttpError::Setup(_) => worded(&Remedy::InstallCertificates),
        _ => TRY_AGAIN.to_owned(),
    }
}

/// What to do if a registry does not give a component, or gives something else.
pub(crate) fn for_registry(fault: &RegistryFault) -> Option<String> {
    let words = match fault {
        RegistryFault::Http(error) => return Some(for_server(error)),
        RegistryFault::Unauthorized { host, credential, .. } => match credential {
            CredentialUse::None { .. } => return Some(format!("log in with: docker login {host}")),
            CredentialUse::Sent { .. } => {
                return Some(format!("log in again with: docker login {host}"));
            }
        },
        RegistryFault::Forbidden { repository, .. } => {
            return Some(format!(
                "ask the owner of '{repository}' for access, or log in as another user"
            ));
        }
        RegistryFault::NotFound { .. } => "check the repository and the tag",
        RegistryFault::Offline { .. } => "fetch it once without --offline",
        RegistryFault::DockerConfig { .. } => "docker login writes it",
        RegistryFault::Helper { .. } => {
            "credsStore and credHelpers in Docker's config.json name these programs"
        }
        RegistryFault::TooLarge { .. } => {
            "limits = { component_mib = ... } under [strategies.NAME] allows larger components"
        }
        RegistryFault::Truncated { .. } => TRY_AGAIN,
        RegistryFault::Index | RegistryFault::MediaType { .. } | RegistryFault::Layers(_) => {
            "it was not published as a component: see orchestration strategy push --help"
        }
        RegistryFault::NotSigned(_)
        | RegistryFault::OtherKey { .. }
        | RegistryFault::OtherSubject { .. } => "do not use it before its publisher has said why",
        _ => return None,
    };
    Some(words.to_owned())
}

/// Makes the keyring usable, which has the session or key of a profile, or is to have it.
pub(crate) fn for_keyring(fault: &KeyringFault, profile: &str, is_there: bool) -> String {
    let fixed = match fault {
        KeyringFault::NotBuilt => {
            "use a release of this program, or build it with: cargo build --release --features \
             keyring"
        }
        KeyringFault::Absent(_) => {
            "start one, such as GNOME Keyring or KWallet, on the bus that \
             DBUS_SESSION_BUS_ADDRESS names"
        }
        KeyringFault::NoCollection => {
            "create a default keyring in the password settings of your desktop"
        }
        KeyringFault::Locked => "unlock it in the password settings of your desktop",
        KeyringFault::Silent => "restart it, if it is not asking you something on the screen",
        KeyringFault::Refused(_) => "look into its log",
    };
    let without = match is_there {
        false => format!("or leave out --keyring to keep the secrets of {profile} in a file"),
        true => format!("or give up what it has: orchestration session remove {profile}"),
    };
    format!("{fixed}\n  {without}")
}

/// Signs in to a profile.
pub(crate) fn sign_in(profile: &str) -> String {
    format!("orchestration auth login {profile}")
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> String {
    format!("rm {}", quoted(path))
}

/// Forgets that a session is in the keyring.
pub(crate) fn forget_item(profile: &str) -> String {
    let command = format!("orchestration session remove {profile} --force");
    format!("to leave it in the keyring, and no longer use it: {command}")
}

/// Removes what a keyring still has.
pub(crate) const REMOVE_ITEM: &str =
    "remove it with that keyring's own program: its name begins with \"orchestration: \"";

/// Makes a directory owner-only.
pub(crate) fn own(directory: &Path) -> String {
    format!("chmod 700 {}", quoted(directory))
}

/// Restores a file from a copy.
pub(crate) fn put_back(copy: &Path, path: &Path) -> String {
    format!("put it back with: cp {} {}", quoted(copy), quoted(path))
}

/// Gets something out of the way.
pub(crate) fn move_away(path: &Path) -> String {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".old");
    format!("mv {} {}", quoted(path), quoted(Path::new(&aside)))
}

/// Unsets a variable.
pub(crate) fn unset(variable: &str) -> String {
    format!("unset {variable}")
}

/// Sets a proxy variable to the URL of a proxy, or unsets it.
pub(crate) fn set_proxy(variable: &str) -> String {
    format!("unset {variable}  # or: export {variable}=http://HOST:PORT")
}

/// Says where the settings of a client are.
pub(crate) fn set_home_of(variable: &str) -> String {
    format!("set HOME or {variable}")
}

/// Writes the settings of a client again.
pub(crate) fn add_client(client: impl Display, profile: &str) -> String {
    format!("orchestration client add {client} --profile {}", quoted(Path::new(profile)))
}

/// Runs a client that asks no command for its key.
pub(crate) fn run_client(profile: &str, program: &str) -> String {
    format!("run it without a key: orchestration run {profile} -- {program}")
}

/// Names the model of a profile.
pub(crate) fn set_default_model(profile: &str) -> String {
    format!("set default_model = \"MODEL\" in [profiles.{profile}]")
}

/// Names the server of a profile.
pub(crate) fn set_base_url(profile: &str) -> String {
    format!("set base_url in [profiles.{profile}], e.g. \"https://host/v1\"")
}

/// Finds out why there is no key.
pub(crate) fn explain(profile: &str) -> String {
    format!("orchestration auth explain {}", quoted(Path::new(profile)))
}
