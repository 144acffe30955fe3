//! The loader and the sandbox: no bytes crash the host, block it, or make it repeat a
//! secret.
//!
//! The bytes take the path of every component file: through the file system and the
//! digest check to the thread that compiles, so that a crash or a stack overflow of the
//! compiler appears as it would for users. A component that loads is called, with a
//! granted variable, an explicit key and the grant to read both, under limits that are
//! small enough to be hit.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use orchestration_auth::ProviderError;
use orchestration_sandbox::{
    self as sandbox, Allocation, BUILT_IN, Call, ComponentFile, Environment, Failure, Files, Grant,
    Grants, Limit, Limits, LoadError, Loader, Profile, Said, Sandbox, Strategy, Subject, WallClock,
};
use orchestration_support::url::BaseUrl;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

use super::{SECRET, assert_harmless, assert_plain};

/// The explicit key.
const EXPLICIT: &str = "sk-FUZZEXPLICIT-654321";
const SECRETS: [&str; 2] = [SECRET, EXPLICIT];

/// The variable whose value is [`SECRET`]. It is the only one that is set.
pub(super) const VARIABLE: &str = "CORP_KEY";

/// The first byte of inputs that are changes to the built-in component.
const CHANGES: u8 = b'P';

/// How much longer than its deadline a call may take on a busy machine.
const SLACK: Duration = Duration::from_secs(5);

static SANDBOX: LazyLock<Sandbox> =
    LazyLock::new(|| match Sandbox::new(limits().stack_bytes, Allocation::OnDemand) {
        Ok(sandbox) => sandbox,
        Err(reason) => unreachable!("this machine cannot run the sandbox: {reason}"),
    });

static EVENTS: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Harmless));

fn limits() -> Limits {
    Limits {
        deadline: Duration::from_millis(50),
        memory_bytes: 1 << 20,
        table_elements: 1000,
        instances: 16,
        returned_bytes: 4096,
        returned_entries: 4,
        hostcall_bytes: 64 << 10,
        http: Duration::from_millis(50),
        http_requests: 1,
        stack_bytes: 64 << 10,
        log_bytes: 1024,
        component_bytes: 1 << 20,
        compile: Duration::from_secs(20),
        compile_memory_bytes: 1 << 30,
    }
}

/// Asserts that a component is rejected with a reason that is safe to display, or that it
/// loads and its calls return in time, with an answer within the limits or a failure that
/// is safe to display, and with no secret outside the credential.
///
/// `data` is the component, or changes to the built-in one.
pub fn loader(data: &[u8]) {
    let bytes = match data.split_first() {
        Some((&CHANGES, changes)) => changed(built_in(), changes),
        _ => data.to_vec(),
    };
    let file = TemporaryFile::with(&bytes);
    tracing::dispatcher::with_default(&EVENTS, || load_and_call(&file.0));
}

fn built_in() -> &'static [u8] {
    BUILT_IN.first().map(|built_in| built_in.component).unwrap_or_default()
}

/// Returns `component` with `changes` applied. Each is six bytes: three for the position,
/// one for the operation, two for its operands.
fn changed(component: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = component.to_vec();
    let (changes, _) = changes.as_chunks::<6>();
    for &[a, b, c, operation, x, y] in changes {
        let position = u32::from_le_bytes([a, b, c, 0]) as usize % bytes.len().max(1);
        let end = bytes.len().min(position + usize::from(y));
        match operation % 5 {
            0 => bytes.get_mut(position).into_iter().for_each(|byte| *byte = x),
            1 => bytes.get_mut(position).into_iter().for_each(|byte| *byte ^= 1 << (x % 8)),
            2 => bytes.insert(position.min(bytes.len()), x),
            3 => drop(bytes.drain(position..end)),
            _ => bytes.truncate(position),
        }
    }
    bytes
}

fn load_and_call(path: &Path) {
    let limits = limits();
    let component = match sandbox::read(path, limits.component_bytes) {
        Ok(component) => component,
        Err(error) => return assert!(matches!(error, LoadError::Limit(Limit::Component(_)))),
    };
    if let Ok(interface) = component.interface() {
        assert!(interface.imports.len().max(interface.exports.len()) <= component.size());
    }
    let strategy = match load(path, component.sha256) {
        Ok(strategy) => strategy,
        Err(error) => {
            let faulty = matches!(error, LoadError::Thread(_) | LoadError::Limit(_));
            assert!(!faulty, "{error}");
            return check_failure(&error.into());
        }
    };

    let started = Instant::now();
    match block_on(strategy.describe(call(SECRET, &limits))) {
        Err(failure) => check_failure(&failure),
        Ok(description) => {
            for text in [&description.auth_type, &description.version, &description.summary]
                .map(Said::text)
                .into_iter()
                .chain(description.environment.iter().map(String::as_str))
            {
                assert_harmless(text, &SECRETS);
            }
        }
    }
    assert!(started.elapsed() < limits.deadline + SLACK, "describe took {:?}", started.elapsed());

    let started = Instant::now();
    match block_on(strategy.get_credentials(call(SECRET, &limits), profile())) {
        Err(failure) => check_failure(&failure),
        Ok(credentials) => {
            assert_plain(&format!("{:?}", credentials.source()));
            assert_harmless(&format!("{credentials:?}"), &SECRETS);
            assert!(credentials.values().count() <= limits.returned_entries);
            let bytes =
                credentials.values().map(|(_, secret)| secret.expose().len()).sum::<usize>();
            assert!(bytes <= limits.returned_bytes);
        }
    }
    assert!(
        started.elapsed() < limits.deadline + SLACK,
        "get-credentials took {:?}",
        started.elapsed()
    );
}

/// Loads the component in this file.
fn load(path: &Path, sha256: String) -> Result<Strategy, LoadError> {
    let file = ComponentFile { path: path.to_owned(), sha256 };
    block_on(SANDBOX.load_file(&file, Loader { limits: limits(), ..Loader::default() }))
}

/// Loads a component.
pub(super) fn loaded(bytes: &[u8]) -> Result<Strategy, LoadError> {
    let file = TemporaryFile::with(bytes);
    load(&file.0, sandbox::read(&file.0, limits().component_bytes)?.sha256)
}

/// Returns a call in which [`VARIABLE`] has this value.
pub(super) fn call(value: &str, limits: &Limits) -> Arc<Call> {
    let variables = BTreeMap::from([(VARIABLE.to_owned(), value.into())]);
    Arc::new(Call {
        subject: Subject { strategy: "fuzzed".into(), profile: "corp".into() },
        environment: Arc::new(Environment::Fixed(variables)),
        files: Arc::new(Files::Fixed(BTreeMap::new())),
        transport: None,
        sessions: None,
        explicit_key: Some(EXPLICIT.into()),
        grants: Grants::from_iter([Grant::variable(VARIABLE), Grant::reveal()]),
        limits: limits.clone(),
        clock: WallClock::Machine,
        observer: None,
    })
}

static BASE_URL: LazyLock<Option<BaseUrl>> =
    LazyLock::new(|| "https://llm.corp.example/v1".parse().ok());

/// Returns a profile that names [`VARIABLE`].
pub(super) fn profile() -> Profile<'static> {
    Profile {
        name: "corp",
        provider: "openai",
        base_url: BASE_URL.as_ref(),
        issuer: None,
        api_key_env: Some(VARIABLE),
        api_key_file: None,
        fallback_env: None,
        options: &[("region", "eu")],
    }
}

/// Returns a failure as the error that users see.
pub(super) fn error(failure: &Failure) -> ProviderError {
    let failure = Box::new(failure.clone());
    ProviderError::Unusable { auth_type: "fuzzed".to_owned(), failure }
}

fn check_failure(failure: &Failure) {
    let error = error(failure);
    assert_harmless(&error.to_string(), &SECRETS);
    assert_harmless(&format!("{:?}", error.remedy()), &SECRETS);
}

pub(super) fn block_on<R>(future: impl Future<Output = R>) -> R {
    match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(future),
        Err(reason) => unreachable!("no runtime: {reason}"),
    }
}

/// A file that is removed when this is dropped.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn with(bytes: &[u8]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("orchestration-fuzz-{}-{count}.wasm", process::id());
        let path = env::temp_dir().join(name);
        assert!(fs::write(&path, bytes).is_ok(), "{} cannot be written", path.display());
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// A subscriber that checks that every event of the product is harmless.
struct Harmless;

impl Subscriber for Harmless {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("orchestration")
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Self);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Harmless {
    fn record_str(&mut self, _: &Field, value: &str) {
        assert_harmless(value, &SECRETS);
    }

    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        assert_harmless(&format!("{value:?}"), &SECRETS);
    }
}
