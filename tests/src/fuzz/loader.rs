//! The loader and the sandbox behind it: no bytes crash the host, hold it up,
//! or make it repeat a secret.
//!
//! Bytes go the way of every component file: through the file system, past the
//! digest, into the thread that compiles, so that a crash or a stack overflow
//! of the compiler shows where users would meet it. What can be called is
//! called, with a variable granted and a key given by hand, under limits that
//! are small enough to be hit.

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
    self as sandbox, Allocation, BUILT_IN, Call, ComponentFile, Environment, Failure, Grant,
    Grants, Limit, Limits, LoadError, Profile, Sandbox, Subject,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

use super::{SECRET, assert_harmless, assert_plain};

/// The key that is given by hand.
const EXPLICIT: &str = "sk-FUZZEXPLICIT-654321";
const SECRETS: [&str; 2] = [SECRET, EXPLICIT];

/// The variable that holds [`SECRET`], and the only one.
const VARIABLE: &str = "CORP_KEY";

/// Inputs that begin with this byte are changes to the built-in component.
const CHANGES: u8 = b'P';

/// How much longer than its deadline a call may take on a machine that is busy
/// with other things.
const SLACK: Duration = Duration::from_secs(5);

static SANDBOX: LazyLock<Sandbox> =
    LazyLock::new(|| match Sandbox::new(limits().stack_bytes, Allocation::OnDemand) {
        Ok(sandbox) => sandbox,
        Err(reason) => unreachable!("this machine can't run the sandbox: {reason}"),
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
        stack_bytes: 64 << 10,
        log_bytes: 1024,
        component_bytes: 1 << 20,
        compile: Duration::from_secs(20),
    }
}

/// Asserts what holds of a component: it is refused with a reason that can be
/// shown, or loaded, and then both of its calls end in time, with an answer
/// inside the limits or a failure that can be shown, and no secret anywhere but
/// in the credential.
///
/// `data` is the component, or [changes](changed) to the built-in one.
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

/// `component` with `changes` made to it: six bytes each, of which three are
/// the place, one is what is done there and two are what it is done with.
fn changed(component: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = component.to_vec();
    let (changes, _) = changes.as_chunks::<6>();
    for &[a, b, c, what, x, y] in changes {
        let place = u32::from_le_bytes([a, b, c, 0]) as usize % bytes.len().max(1);
        let end = bytes.len().min(place + usize::from(y));
        match what % 5 {
            0 => bytes.get_mut(place).into_iter().for_each(|byte| *byte = x),
            1 => bytes.get_mut(place).into_iter().for_each(|byte| *byte ^= 1 << (x % 8)),
            2 => bytes.insert(place.min(bytes.len()), x),
            3 => drop(bytes.drain(place..end)),
            _ => bytes.truncate(place),
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
    let file = ComponentFile { path: path.to_owned(), sha256: component.sha256 };
    let strategy = match block_on(SANDBOX.load_file(&file, &limits, None)) {
        Ok(strategy) => strategy,
        Err(error) => {
            let faulty = matches!(error, LoadError::Thread(_) | LoadError::Limit(_));
            assert!(!faulty, "{error}");
            return check_failure(&error.into());
        }
    };

    let started = Instant::now();
    match block_on(strategy.describe(call(&limits))) {
        Err(failure) => check_failure(&failure),
        Ok(said) => {
            for text in
                [&said.auth_type, &said.version, &said.summary].into_iter().chain(&said.environment)
            {
                assert_harmless(text, &SECRETS);
            }
        }
    }
    assert!(started.elapsed() < limits.deadline + SLACK, "describe took {:?}", started.elapsed());

    let started = Instant::now();
    match block_on(strategy.get_credentials(call(&limits), profile())) {
        Err(failure) => check_failure(&failure),
        Ok(found) => {
            assert_plain(&format!("{:?}", found.source()));
            assert_harmless(&format!("{found:?}"), &SECRETS);
            assert!(found.values().count() <= limits.returned_entries);
            let bytes = found.values().map(|(_, secret)| secret.expose().len()).sum::<usize>();
            assert!(bytes <= limits.returned_bytes);
        }
    }
    assert!(started.elapsed() < limits.deadline + SLACK, "it took {:?}", started.elapsed());
}

fn call(limits: &Limits) -> Arc<Call> {
    let variables = BTreeMap::from([(VARIABLE.to_owned(), SECRET.into())]);
    Arc::new(Call {
        subject: Subject { strategy: "fuzzed".into(), profile: "corp".into() },
        environment: Arc::new(Environment::Fixed(variables)),
        explicit_key: Some(EXPLICIT.into()),
        grants: Grants::from_iter([Grant::variable(VARIABLE)]),
        limits: limits.clone(),
        observer: None,
    })
}

fn profile() -> Profile<'static> {
    Profile {
        name: "corp",
        provider: "openai",
        base_url: Some("https://llm.corp.example/v1"),
        api_key_env: Some(VARIABLE),
        fallback_env: None,
        options: &[("region", "eu")],
    }
}

fn check_failure(failure: &Failure) {
    let failure = Box::new(failure.clone());
    let error = ProviderError::Unusable { auth_type: "fuzzed".to_owned(), failure };
    assert_harmless(&error.to_string(), &SECRETS);
    assert_harmless(&format!("{:?}", error.remedy()), &SECRETS);
}

fn block_on<R>(future: impl Future<Output = R>) -> R {
    match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(future),
        Err(reason) => unreachable!("no runtime: {reason}"),
    }
}

/// A file that is gone after this.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn with(bytes: &[u8]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("orchestration-fuzz-{}-{count}.wasm", process::id());
        let path = env::temp_dir().join(name);
        assert!(fs::write(&path, bytes).is_ok(), "{} can't be written", path.display());
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Looks at every event of this crate: what is noted must be harmless too.
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
