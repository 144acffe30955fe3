//! A process that runs for long, and work that takes long.
//!
//! Promised here: what went wrong for a moment is not held against anyone for ever;
//! everybody who wants a credential has it renewed; what is the same for all profiles is
//! read once; and no file is read or compiled on a thread of the async runtime.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use orchestration_runtime::{
    AgentConfig, Allocation, Environment, ErrorKind, OpenAiCompatibleProvider, Provider,
    ProvidersToml, Registry, Scope, resolve_auth_strategy,
};
use orchestration_tests::guest::{self, Export, Guest, SECRET, runtime};
use orchestration_tests::server::{Server, status};
use orchestration_tests::{Cli, Outcome, skip, tool_is_there};

/// The longest wait for what has to come. It only ends a test that would fail.
const PATIENCE: Duration = Duration::from_secs(60);

mod a_failure_that_may_pass {
    use super::*;

    /// Asks for the credential of `corp` until it is there, in one registry.
    #[track_caller]
    fn is_forgotten(spoil: impl Fn(&std::path::Path), mend: impl Fn(&std::path::Path, &[u8])) {
        let component = Guest::new().build();
        let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
        let path = cli.file(".config/orchestration/corp.wasm", &component);
        spoil(&path);
        let config = cli.home().join(".config/orchestration/providers.toml");
        let providers = ProvidersToml::load(&config).unwrap();
        let environment = Environment::Fixed([].into());
        let registry = Registry::new(&providers, environment, None, Allocation::OnDemand).unwrap();
        let profile = providers.profile("corp").unwrap();
        let bound = |registry: &Registry| {
            let config = AgentConfig::default();
            resolve_auth_strategy(registry, &config, Some(profile), Scope::OwnCredential).unwrap()
        };
        let runtime = runtime();
        let failure = runtime.block_on(bound(&registry).obtain(Duration::ZERO)).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Unsupported);
        mend(&path, &component);
        let began = Instant::now();
        let found = loop {
            match runtime.block_on(bound(&registry).obtain(Duration::ZERO)) {
                Err(_) if began.elapsed() < PATIENCE => sleep(Duration::from_millis(50)),
                found => break found,
            }
        };
        assert_eq!(found.unwrap().key().map(|key| key.expose()), Some(SECRET));
    }

    fn write(path: &std::path::Path, component: &[u8]) {
        fs::write(path, component).unwrap();
    }

    #[test]
    fn is_a_component_that_is_missing_for_a_moment() {
        is_forgotten(|path| fs::remove_file(path).unwrap(), write);
    }

    #[test]
    fn is_a_component_that_is_half_copied() {
        is_forgotten(
            |path| {
                let bytes = fs::read(path).unwrap();
                fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
            },
            write,
        );
    }

    #[test]
    fn is_a_directory_that_is_not_mounted_yet() {
        is_forgotten(
            |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            |path, component| {
                fs::remove_dir(path).unwrap();
                write(path, component);
            },
        );
    }

    #[test]
    fn is_a_link_that_is_switched() {
        is_forgotten(
            |path| {
                fs::remove_file(path).unwrap();
                std::os::unix::fs::symlink("nowhere", path).unwrap();
            },
            |path, component| {
                fs::remove_file(path).unwrap();
                write(path, component);
            },
        );
    }

    /// A thousand profiles share what one attempt has found out.
    #[test]
    fn is_found_out_once_for_all_profiles() {
        let component = Guest::new().build();
        let mut config = guest::lines("corp", &component, "", "");
        for number in 0..1000 {
            config += &format!("[profiles.corp{number}]\nauth_type = \"corp\"\n");
        }
        let cli = Cli::new().config(config);
        let Some(trace) =
            Trace::of(&cli, "trace=openat,stat,newfstatat,statx", &["auth", "status"])
        else {
            return;
        };
        let looks = trace.naming("corp.wasm").count();
        assert!((1..100).contains(&looks), "{looks} looks for the component");
    }
}

/// Everybody has the credential renewed: a strategy that can't is noticed by all.
#[test]
fn everyone_who_wants_a_credential_has_it_renewed() {
    let component = Guest::new().body(Export::RefreshIfNeeded, "unreachable").build();
    let profile = "default_model = \"m\"";
    let cli = Cli::new().config(guest::lines("corp", &component, "", profile));
    cli.file(".config/orchestration/corp.wasm", &component);
    for arguments in [
        &["auth", "status", "corp"][..],
        &["auth", "status", "corp", "--verify"],
        &["auth", "check", "corp"],
        &["auth", "login", "corp"],
        &["auth", "token", "corp"],
        &["auth", "exec", "corp", "--", "true"],
        &["auth", "explain", "corp"],
        &["spawn", "--profile", "corp", "Hi"],
    ] {
        let outcome = cli.run(arguments).exits_with(3);
        assert!(outcome.all().contains("crashed"), "{arguments:?}: {outcome:#?}");
    }

    let config = cli.home().join(".config/orchestration/providers.toml");
    let providers = ProvidersToml::load(&config).unwrap();
    let environment = Environment::Fixed([].into());
    let registry = Registry::new(&providers, environment, None, Allocation::OnDemand).unwrap();
    let provider = OpenAiCompatibleProvider::new(providers, registry);
    let config = AgentConfig { profile: Some("corp".to_owned()), ..AgentConfig::default() };
    let validated = runtime().block_on(provider.validate_credentials(&config));
    let error = validated.unwrap_err();
    assert!(error.to_string().contains("crashed"), "{error}");
}

#[test]
fn each_command_renews_once_and_then_asks_once() {
    let component = Guest::new().build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", &component);
    for arguments in [
        &["-v", "auth", "status", "corp"][..],
        &["-v", "auth", "token", "corp"],
        &["-v", "auth", "exec", "corp", "--", "true"],
        &["-v", "auth", "login", "corp"],
    ] {
        let outcome = cli.run(arguments).exits_with(0);
        for function in ["refresh-if-needed", "get-credentials"] {
            let calls = outcome.stderr.matches(&format!("function=\"{function}\"")).count();
            assert_eq!(calls, 1, "{function} of {arguments:?}: {outcome:#?}");
        }
    }
}

/// The system calls of a command, each with the thread that made it.
struct Trace {
    calls: Vec<(String, String)>,
    outcome: Outcome,
}

impl Trace {
    /// None if this machine can't trace.
    fn of(cli: &Cli, calls: &str, arguments: &[&str]) -> Option<Self> {
        if !tool_is_there("strace") {
            return None;
        }
        let own = ["-f", "-qq", "-s", "4096", "-e", calls, "-o", "trace"];
        let outcome = Outcome::of(&mut cli.command_under("strace", &own, arguments));
        let trace = fs::read_to_string(cli.home().join("trace")).unwrap_or_default();
        if trace.is_empty() {
            skip(&format!("strace may not trace here: {}", outcome.stderr.trim()));
            return None;
        }
        let split = |line: &str| {
            let (thread, call) = line.split_once(' ')?;
            Some((thread.to_owned(), call.trim_start().to_owned()))
        };
        Some(Self { calls: trace.lines().filter_map(split).collect(), outcome })
    }

    /// The calls whose arguments contain this, and the threads that made them.
    fn naming<'a>(&'a self, what: &'a str) -> impl Iterator<Item = &'a (String, String)> {
        self.calls.iter().filter(move |(_, call)| call.contains(what))
    }
}

#[test]
fn no_component_is_read_by_the_thread_of_the_runtime() {
    let cli = Cli::new().config(guest::lines("corp", &Guest::new().build(), "", ""));
    let component = Guest::new().build();
    cli.file(".config/orchestration/corp.wasm", &component);
    cli.file("corp.cases.toml", "");
    cli.file("corp.wasm", &component);
    for arguments in [
        &["strategy", "inspect", "corp.wasm"][..],
        &["strategy", "check", "corp.wasm"],
        &["strategy", "list"],
        &["auth", "status"],
    ] {
        let Some(trace) = Trace::of(&cli, "trace=openat", arguments) else { return };
        let (main, _) = trace.calls.first().expect("something is opened");
        let opened: Vec<_> = trace.naming("corp.").collect();
        assert!(!opened.is_empty(), "{arguments:?}: {:#?}", trace.outcome);
        let on_main = opened.iter().any(|(thread, _)| thread == main);
        assert!(!on_main, "{arguments:?}: {opened:#?}");
    }
}

#[test]
fn the_certificates_of_the_system_are_read_once_and_not_by_the_thread_of_the_runtime() {
    let server = Server::new(status("200 OK", &[], "{}"));
    let url = server.url().replace("http://", "https://");
    let mut config = String::new();
    for number in 0..8 {
        config += &format!(
            "[profiles.corp{number}]\nbase_url = \"{url}\"\napi_key_env = \"CORP_TOKEN\"\n\
             timeout_seconds = 5\n"
        );
    }
    let cli = Cli::new().config(config).env("CORP_TOKEN", "corp-Zq81LmVt93KxBdRw7x2f");
    let signed = rcgen::generate_simple_self_signed(["corp.example".to_owned()]).unwrap();
    let certificates = cli.file("certificates.pem", signed.cert.pem());
    let cli = cli.env("SSL_CERT_FILE", certificates);
    let names: Vec<String> = (0..8).map(|number| format!("corp{number}")).collect();
    let mut arguments = vec!["auth", "status", "--verify"];
    arguments.extend(names.iter().map(String::as_str));
    let Some(trace) = Trace::of(&cli, "trace=openat", &arguments) else { return };
    let (main, _) = trace.calls.first().expect("something is opened");
    let read: Vec<_> = trace.naming("certificates.pem").collect();
    assert_eq!(read.len(), 1, "{read:#?} {:#?}", trace.outcome);
    assert_ne!(read[0].0, *main);
}

/// Two containers that share a cache have processes of the same number.
#[test]
fn what_is_written_into_the_cache_has_a_random_name_until_it_is_whole() {
    let component = Guest::new().build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", &component);
    let mut names = Vec::new();
    for _ in 0..3 {
        cli.run(&["cache", "clear"]).exits_with(0);
        let calls = "trace=rename,renameat,renameat2";
        let Some(trace) = Trace::of(&cli, calls, &["auth", "status"]) else { return };
        let (_, call) = trace.naming(".tmp\"").next().expect("the code is given its name");
        let name = call.split('"').find(|path| path.ends_with(".tmp")).expect("a path");
        let random = name.rsplit('.').nth(1).expect("a part of the name").to_owned();
        assert!(random.len() >= 16, "{name}");
        names.push(random);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
}
