//! What a built-in strategy has in its memory.
//!
//! Promised here: no token, key or code is ever there, in any call, although the strategy
//! says where each of them goes.
//!
//! A guest's memory ends with its call, so it is searched while the call goes on: whenever
//! the guest waits for the host, and whenever its turn is over. All that a guest can know
//! comes from an answer of the host, and so each answer has a word that the guest may read.
//! A call is repeated until the words of all answers were seen in the memory, which takes a
//! turn that ends between the last answer and the end of the call. That the search sees a
//! secret is shown with a guest that reads one.
//!
//! `api_key` takes variables without an interruption, so only its key file is seen here.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use orchestration_sandbox::{
    Allocation, BUILT_IN, Call, ComponentFile, Conversation, Environment, ErrorKind, Files, Grant,
    GrantedFile, Grants, HttpAnswer, HttpFault, HttpRequest, Limits, Loader, Profile, Sandbox,
    SecretOrigin, Session, SessionSecret, SessionStore, Step, StoreFault, Strategy, Subject,
    Transport, WallClock,
};
use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, Issuer};
use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{in_own_process, memory};
use tempfile::TempDir;

/// Longer than the turn of a guest.
const TURN: Duration = Duration::from_millis(2);

/// How often a call is repeated at most.
const TRIES: usize = 5000;

/// How much of a secret counts as found.
const RUN: usize = 8;

const ISSUER: &str = "https://login.corp.example";

const CLIENT_SECRET: &str = "cs-Zq81LmVt93KxBdRw7x2f";
const KEY: &str = "sk-8fQ2mWz0Lr5TnYc7Vb1Ks";
const ACCESS: &str = "at-p3HsXw9Dk1Lq7VzNb5Ty";
const REFRESH: &str = "rt-Jm6Rf2Gc8Wv4Qx0Zs1Pd";
const NEW_ACCESS: &str = "at-u7Ke4Mn2Bz9Xt5Lg0Hq";
const NEW_REFRESH: &str = "rt-Wd1Yb8Cf6Vr3Sk9Qm2T";
const DEVICE_CODE: &str = "dc-h5Tz7Pw3Jx1Nv9Lk4Rm";
const CODE: &str = "co-Bq2Fs8Dg6Xc0Mz4Vn7Y";
const VERIFIER: &str = "cv-Kt9Wl3Hp5Rj1Zd7Gx8Q";
/// The end of an ID token; what is before it is no secret of the user.
const SIGNATURE: &str = "sg-Nr4Vb6Xm2Lc8Qw0Tz5J";
/// A key to sign with, and how everything begins that `service_account` signs.
const SIGNING_KEY: &str = "hk-Gx5Lm9Tc3Wq7Yb1Rz8Vd4Kn6Ps2Jf0Hw";
const ASSERTION: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
/// The token of a workload, the one with which it is got, and one of an account that is acted
/// as.
const WORKLOAD: &str = "wl-Qz6Hd2Nv8Jt4Bx0Fk5Sm";
const JOB: &str = "jb-Cw7Pf3Lr9Gy1Zn5Xq8Td";
const IMPERSONATED: &str = "ia-Vs2Kb8Mj4Rw0Hc6Lz9Qf";

const SECRETS: [&str; 15] = [
    CLIENT_SECRET,
    KEY,
    ACCESS,
    REFRESH,
    NEW_ACCESS,
    NEW_REFRESH,
    DEVICE_CODE,
    CODE,
    VERIFIER,
    SIGNATURE,
    SIGNING_KEY,
    ASSERTION,
    WORKLOAD,
    JOB,
    IMPERSONATED,
];

/// The words in the answers of the host.
#[derive(Default)]
struct Words(AtomicUsize);

impl Words {
    /// Returns a new one.
    fn next(&self) -> String {
        word(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn all(&self) -> Vec<String> {
        (0..self.0.load(Ordering::Relaxed)).map(word).collect()
    }
}

fn word(number: usize) -> String {
    format!("readable-{number:04}-word")
}

/// A server that plays the issuer, and what keeps the session.
struct Outside {
    words: Words,
    session: Mutex<Option<Session>>,
}

impl Outside {
    fn new(session: Option<Session>) -> Arc<Self> {
        Arc::new(Self { words: Words::default(), session: Mutex::new(session) })
    }

    fn answer(&self, url: &str) -> String {
        let is_read = !url.contains("/job");
        let word = if is_read { self.words.next() } else { String::new() };
        let tokens = |access, refresh| {
            let claims = "eyJlbWFpbCI6ImFkYUBjb3JwLmV4YW1wbGUifQ";
            format!(
                r#"{{"access_token":"{access}","refresh_token":"{refresh}",
                    "id_token":"eyJhbGciOiJub25lIn0.{claims}.{SIGNATURE}",
                    "expires_in":3600,"error_description":"{word}"}}"#
            )
        };
        match url.trim_start_matches(ISSUER) {
            "/.well-known/openid-configuration" => format!(
                r#"{{"issuer":"{ISSUER}","token_endpoint":"{ISSUER}/token",
                    "authorization_endpoint":"{ISSUER}/authorize",
                    "revocation_endpoint":"{ISSUER}/revoke",
                    "device_authorization_endpoint":"{ISSUER}/device?{word}"}}"#
            ),
            "/token" => tokens(NEW_ACCESS, NEW_REFRESH),
            // Nothing of this answer can be read.
            job if job.starts_with("/job") => format!(r#"{{"value":"{WORKLOAD}"}}"#),
            "/impersonate" => format!(
                r#"{{"accessToken":"{IMPERSONATED}","expireTime":"2090-01-01T00:00:00Z",
                    "error":{{"message":"{word}"}}}}"#
            ),
            "/api/v1/auth/keys" => format!(r#"{{"key":"{KEY}","user_id":"{word}"}}"#),
            "/revoke" => format!(r#"{{"error_description":"{word}"}}"#),
            device if device.starts_with("/device") => format!(
                r#"{{"device_code":"{DEVICE_CODE}","user_code":"{word}",
                    "verification_uri":"{ISSUER}/device","expires_in":600}}"#
            ),
            other => panic!("the strategy asks {other}"),
        }
    }
}

struct Server(Arc<Outside>);

impl Transport for Server {
    fn send<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpAnswer, HttpFault>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let body = self.0.answer(request.url.expose().as_str());
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(HttpAnswer { status: 200, body: body.into_bytes().into(), retry_after: None })
        })
    }
}

impl SessionStore for Outside {
    fn load(&self) -> Result<Option<Session>, StoreFault> {
        sleep(TURN);
        let mut session = self.session.lock().unwrap().clone();
        if let Some(session) = &mut session {
            session.notes.push(("word".to_owned(), self.words.next()));
        }
        Ok(session)
    }

    fn save(&self, session: &Session) -> Result<(), StoreFault> {
        sleep(TURN);
        let mut session = session.clone();
        session.notes.retain(|(name, _)| name != "word");
        *self.session.lock().unwrap() = Some(session);
        Ok(())
    }

    fn forget(&self) -> Result<(), StoreFault> {
        *self.session.lock().unwrap() = None;
        Ok(())
    }
}

/// The texts that were seen in the memory of a guest, in pieces without zeros.
#[derive(Default)]
struct Seen(BTreeSet<Vec<u8>>);

impl Seen {
    fn has(&self, text: &str) -> bool {
        self.0.iter().any(|piece| piece.windows(text.len()).any(|run| run == text.as_bytes()))
    }

    /// Returns the secrets of which a run was there.
    fn secrets(&self) -> Vec<&'static str> {
        let runs: BTreeSet<&[u8]> = self.0.iter().flat_map(|piece| piece.windows(RUN)).collect();
        let is_there = |secret: &&str| secret.as_bytes().windows(RUN).any(|run| runs.contains(run));
        SECRETS.into_iter().filter(is_there).collect()
    }
}

/// Runs a call, and looks into the memory of the guest whenever it is interrupted.
fn watched<T>(call: impl Future<Output = T>, seen: &mut Seen) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut call = pin!(call);
    runtime.block_on(poll_fn(|context| {
        // The turn of the guest is over when it begins.
        sleep(TURN);
        let polled = call.as_mut().poll(context);
        for memory in memory::of_guests() {
            let pieces = memory.split(|byte| *byte == 0).filter(|piece| piece.len() >= RUN);
            seen.0.extend(pieces.map(<[u8]>::to_vec));
        }
        polled
    }))
}

/// A strategy, and what the profile and the user give it.
struct Case {
    auth_type: &'static str,
    session: Option<Session>,
    options: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    readable: &'static [&'static str],
}

const OIDC: Case = Case {
    auth_type: "oidc",
    session: None,
    options: &[("client_id", "cli")],
    variables: &[("CORP_SECRET", CLIENT_SECRET)],
    readable: &[],
};

struct Setup {
    call: Arc<Call>,
    options: &'static [(&'static str, &'static str)],
    issuer: Issuer,
    base_url: BaseUrl,
    key_file: Option<GrantedFile>,
}

impl Setup {
    fn of(outside: &Arc<Outside>, case: &Case) -> Self {
        let Case { auth_type, options, variables, readable, .. } = *case;
        let issuer: Issuer = ISSUER.parse().unwrap();
        let named = variables.iter().map(|(name, _)| (*name).to_owned());
        let named: Vec<String> = named.collect();
        let readable = readable.iter().map(|pointer| Grant::readable(*pointer));
        // What the host lets a job read.
        let job = (auth_type == "federated").then(|| Grant::variable(JOB_ADDRESS));
        let variables: BTreeMap<String, std::ffi::OsString> =
            variables.iter().map(|(name, text)| ((*name).to_owned(), text.into())).collect();
        let call = Call {
            subject: Subject { strategy: auth_type.into(), profile: "corp".into() },
            environment: Arc::new(Environment::Fixed(variables)),
            files: Arc::new(Files::Machine),
            transport: Some(Arc::new(Server(Arc::clone(outside)))),
            sessions: Some(Arc::clone(outside) as Arc<dyn SessionStore>),
            explicit_key: None,
            grants: Grants::default()
                .with([Grant::origin(issuer.origin())].into_iter().chain(readable).chain(job))
                .to_take(named),
            limits: Limits { deadline: Duration::from_secs(60), ..Limits::default() },
            clock: WallClock::Machine,
            observer: None,
        };
        let base_url = "https://llm.corp.example/v1".parse().unwrap();
        Self { call: Arc::new(call), options, issuer, base_url, key_file: None }
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            name: "corp",
            provider: "openai",
            base_url: Some(&self.base_url),
            issuer: Some(&self.issuer),
            api_key_env: Some("CORP_SECRET"),
            api_key_file: self.key_file.as_ref().map(GrantedFile::path),
            fallback_env: None,
            options: self.options,
        }
    }
}

fn strategy(auth_type: &str) -> Strategy {
    let sandbox = Sandbox::new(Limits::default().stack_bytes, Allocation::OnDemand).unwrap();
    let built_in = BUILT_IN.into_iter().find(|built_in| built_in.auth_type == auth_type).unwrap();
    sandbox.load_built_in(built_in).unwrap()
}

fn session() -> Session {
    let secret = |name: &str, text: &str| SessionSecret {
        name: name.to_owned(),
        text: text.into(),
        origin: SecretOrigin::Found,
    };
    Session {
        secrets: vec![secret("access", ACCESS), secret("refresh", REFRESH)],
        notes: ["token", "revoke"]
            .map(|end| {
                let name = if end == "token" { "token_endpoint" } else { "revocation_endpoint" };
                (name.to_owned(), format!("{ISSUER}/{end}"))
            })
            .to_vec(),
        account: Some("ada@corp.example".to_owned()),
        expires_at: Some(u64::from(u32::MAX)),
        renews: true,
        saved: None,
    }
}

/// Calls a function of a strategy.
#[track_caller]
fn sees_words_and_no_secret(case: &Case, ask: impl AsyncFn(&Strategy, Arc<Call>, Profile<'_>)) {
    let strategy = strategy(case.auth_type);
    let mut seen = Seen::default();
    let is_seen = (0..TRIES).any(|_| {
        let outside = Outside::new(case.session.clone());
        let setup = Setup::of(&outside, case);
        watched(ask(&strategy, Arc::clone(&setup.call), setup.profile()), &mut seen);
        let words = outside.words.all();
        assert!(!words.is_empty(), "the host gave no answer");
        words.iter().all(|word| seen.has(word))
    });
    assert!(is_seen, "an answer of the host was never seen in the memory of the guest");
    assert_eq!(seen.secrets(), [""; 0]);
}

#[test]
fn has_no_token_in_any_call_of_oidc() {
    if !in_own_process(has_no_token_in_any_call_of_oidc) {
        return;
    }
    let signed_in = Case { session: Some(session()), ..OIDC };
    sees_words_and_no_secret(&signed_in, async |oidc, call, profile| {
        let found = oidc.get_credentials(call, profile).await.unwrap();
        assert_eq!(found.key().map(Secret::expose), Some(ACCESS));
    });
    sees_words_and_no_secret(&signed_in, async |oidc, call, profile| {
        assert!(oidc.is_valid(call, profile).await.unwrap());
    });
    sees_words_and_no_secret(&signed_in, async |oidc, call, profile| {
        oidc.refresh_if_needed(call, profile).await.unwrap();
    });
    sees_words_and_no_secret(&signed_in, async |oidc, call, profile| {
        oidc.end_session(call, profile).await.unwrap();
    });
}

#[test]
fn has_no_code_and_no_token_in_any_step_of_signing_in() {
    if !in_own_process(has_no_code_and_no_token_in_any_step_of_signing_in) {
        return;
    }
    for browser in [true, false] {
        sees_words_and_no_secret(&OIDC, async |oidc, call, profile| {
            let (step, _) = oidc.begin_sign_in(call, profile, browser).await.unwrap();
            assert_eq!(matches!(step, Step::Open(_)), browser);
        });
        sees_words_and_no_secret(&OIDC, async |oidc, call, profile| {
            let mut conversation = Conversation::default();
            conversation.note("token_endpoint", &format!("{ISSUER}/token"));
            if browser {
                conversation.note("page", "");
                conversation.add("code", &CODE.into());
                conversation.add("code_verifier", &VERIFIER.into());
            } else {
                conversation.add("device_code", &DEVICE_CODE.into());
            }
            let (step, _) = oidc.resume_sign_in(call, profile, conversation).await.unwrap();
            assert_eq!(step, Step::Done);
        });
    }
}

#[test]
fn has_no_key_and_no_assertion_in_any_call_of_service_account() {
    if !in_own_process(has_no_key_and_no_assertion_in_any_call_of_service_account) {
        return;
    }
    let case = Case {
        auth_type: "service_account",
        options: &[("client_id", "cli"), ("algorithm", "HS256")],
        variables: &[("CORP_SECRET", SIGNING_KEY)],
        ..OIDC
    };
    mints(&case, NEW_ACCESS);
}

#[test]
fn has_no_token_of_the_workload_in_any_call_of_federated() {
    if !in_own_process(has_no_token_of_the_workload_in_any_call_of_federated) {
        return;
    }
    let acts_as = Case {
        auth_type: "federated",
        options: &[
            ("client_id", "cli"),
            ("client_secret_env", "CLIENT_KEY"),
            ("impersonation_endpoint", "https://login.corp.example/impersonate"),
        ],
        variables: &[("CORP_SECRET", WORKLOAD), ("CLIENT_KEY", CLIENT_SECRET)],
        readable: &["/error/message"],
        ..OIDC
    };
    mints(&acts_as, IMPERSONATED);
    let is_job = Case {
        auth_type: "federated",
        options: &[("source", "github-actions")],
        variables: &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://login.corp.example/job?api-version=2.0"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", JOB),
        ],
        ..OIDC
    };
    mints(&is_job, NEW_ACCESS);
}

/// The variable that a job may read.
const JOB_ADDRESS: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";

/// Calls all functions of a strategy that gets a token without the user.
#[track_caller]
fn mints(case: &Case, token: &str) {
    let case = Case { session: Some(session()), ..*case };
    // The session is for other settings.
    sees_words_and_no_secret(&case, async |strategy, call, profile| {
        let failure = strategy.get_credentials(call, profile).await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Renewable, "{failure}");
    });
    sees_words_and_no_secret(&case, async |strategy, call, profile| {
        strategy.refresh_if_needed(Arc::clone(&call), profile).await.unwrap();
        let found = strategy.get_credentials(Arc::clone(&call), profile).await.unwrap();
        assert_eq!(found.key().map(Secret::expose), Some(token));
        assert!(strategy.is_valid(call, profile).await.unwrap());
    });
}

#[test]
fn has_no_code_and_no_key_in_any_call_of_openrouter() {
    if !in_own_process(has_no_code_and_no_key_in_any_call_of_openrouter) {
        return;
    }
    let case = Case {
        auth_type: "openrouter",
        options: &[],
        variables: &[],
        readable: &["/user_id", "/error/message"],
        ..OIDC
    };
    // `begin` and `end` get nothing from the host.
    sees_words_and_no_secret(&case, async |strategy, call, profile| {
        let mut conversation = Conversation::default();
        conversation.add("code", &CODE.into());
        conversation.add("code_verifier", &VERIFIER.into());
        let resumed = strategy.resume_sign_in(Arc::clone(&call), profile, conversation).await;
        assert_eq!(resumed.unwrap().0, Step::Done);
        let found = strategy.get_credentials(Arc::clone(&call), profile).await.unwrap();
        assert_eq!(found.key().map(Secret::expose), Some(KEY));
        assert!(strategy.is_valid(call, profile).await.unwrap());
    });
}

#[test]
fn has_no_key_of_a_file_in_a_call_of_api_key() {
    if !in_own_process(has_no_key_of_a_file_in_a_call_of_api_key) {
        return;
    }
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("the-file-with-the-key");
    std::fs::write(&path, KEY).unwrap();
    let path = path.to_str().unwrap();
    let case = Case { auth_type: "api_key", ..OIDC };
    let mut setup = Setup::of(&Outside::new(None), &case);
    setup.key_file = Some(GrantedFile::new(path));
    let api_key = strategy("api_key");
    let grants = Grants::default().with_file(setup.key_file.clone().unwrap());
    let call = Arc::new(Call { grants, ..Call::clone(&setup.call) });
    let profile = Profile { api_key_env: None, ..setup.profile() };
    let mut seen = Seen::default();
    let found = watched(api_key.get_credentials(Arc::clone(&call), profile), &mut seen);
    assert_eq!(found.unwrap().key().map(Secret::expose), Some(KEY));
    assert!(watched(api_key.is_valid(Arc::clone(&call), profile), &mut seen).unwrap());
    watched(api_key.refresh_if_needed(call, profile), &mut seen).unwrap();
    assert!(seen.has(path));
    assert_eq!(seen.secrets(), [""; 0]);
}

/// The same search sees what a guest that is granted to read has read.
#[test]
fn has_the_secret_where_a_guest_may_read_it() {
    if !in_own_process(has_the_secret_where_a_guest_may_read_it) {
        return;
    }
    let mut guest = Guest::new();
    let (address, length) = guest.place(b"CORP_SECRET");
    // It goes on until it is stopped, however slow the machine is.
    let component = guest
        .get(format!(
            "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
             (loop $again (br $again))
             unreachable"
        ))
        .build();
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("corp.wasm");
    std::fs::write(&path, component).unwrap();
    let case = Case { auth_type: "corp", ..OIDC };
    let setup = Setup::of(&Outside::new(None), &case);
    let sandbox = Sandbox::new(Limits::default().stack_bytes, Allocation::OnDemand).unwrap();
    let how = Loader { limits: Limits::default(), cache: None, compiler: None };
    let (file, _) = ComponentFile::at(&path).unwrap();
    let corp = guest::runtime().block_on(sandbox.load_file(&file, how)).unwrap();
    let grants = Grants::from_iter([Grant::variable("CORP_SECRET")]);
    let limits = Limits { deadline: Duration::from_millis(500), ..Limits::default() };
    let call = Arc::new(Call { grants, limits, ..Call::clone(&setup.call) });
    let mut seen = Seen::default();
    drop(watched(corp.get_credentials(call, setup.profile()), &mut seen));
    assert_eq!(seen.secrets(), [CLIENT_SECRET]);
}
