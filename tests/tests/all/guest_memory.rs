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
    Allocation, BUILT_IN, Call, ComponentFile, Conversation, Environment, Files, Grant,
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

const SECRETS: [&str; 10] = [
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
        let word = self.words.next();
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
            Ok(HttpAnswer { status: 200, body: body.into_bytes().into() })
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

struct Setup {
    call: Arc<Call>,
    issuer: Issuer,
    base_url: BaseUrl,
    key_file: Option<GrantedFile>,
}

impl Setup {
    fn of(outside: &Arc<Outside>, auth_type: &str) -> Self {
        let issuer: Issuer = ISSUER.parse().unwrap();
        let variables = BTreeMap::from([("CORP_SECRET".to_owned(), CLIENT_SECRET.into())]);
        let call = Call {
            subject: Subject { strategy: auth_type.into(), profile: "corp".into() },
            environment: Arc::new(Environment::Fixed(variables)),
            files: Arc::new(Files::Machine),
            transport: Some(Arc::new(Server(Arc::clone(outside)))),
            sessions: Some(Arc::clone(outside) as Arc<dyn SessionStore>),
            explicit_key: None,
            grants: Grants::default()
                .with([Grant::origin(issuer.origin())])
                .to_take(["CORP_SECRET".to_owned()]),
            limits: Limits { deadline: Duration::from_secs(60), ..Limits::default() },
            clock: WallClock::Machine,
            observer: None,
        };
        let base_url = "https://llm.corp.example/v1".parse().unwrap();
        Self { call: Arc::new(call), issuer, base_url, key_file: None }
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
            options: &[("client_id", "cli")],
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
        saved: None,
    }
}

/// Calls a function of `oidc`, with this session.
#[track_caller]
fn sees_words_and_no_secret(
    session: Option<Session>,
    ask: impl AsyncFn(&Strategy, Arc<Call>, Profile<'_>),
) {
    let oidc = strategy("oidc");
    let mut seen = Seen::default();
    let is_seen = (0..TRIES).any(|_| {
        let outside = Outside::new(session.clone());
        let setup = Setup::of(&outside, "oidc");
        watched(ask(&oidc, Arc::clone(&setup.call), setup.profile()), &mut seen);
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
    sees_words_and_no_secret(Some(session()), async |oidc, call, profile| {
        let found = oidc.get_credentials(call, profile).await.unwrap();
        assert_eq!(found.key().map(Secret::expose), Some(ACCESS));
    });
    sees_words_and_no_secret(Some(session()), async |oidc, call, profile| {
        assert!(oidc.is_valid(call, profile).await.unwrap());
    });
    sees_words_and_no_secret(Some(session()), async |oidc, call, profile| {
        oidc.refresh_if_needed(call, profile).await.unwrap();
    });
    sees_words_and_no_secret(Some(session()), async |oidc, call, profile| {
        oidc.end_session(call, profile).await.unwrap();
    });
}

#[test]
fn has_no_code_and_no_token_in_any_step_of_signing_in() {
    if !in_own_process(has_no_code_and_no_token_in_any_step_of_signing_in) {
        return;
    }
    for browser in [true, false] {
        sees_words_and_no_secret(None, async |oidc, call, profile| {
            let (step, _) = oidc.begin_sign_in(call, profile, browser).await.unwrap();
            assert_eq!(matches!(step, Step::Open(_)), browser);
        });
        sees_words_and_no_secret(None, async |oidc, call, profile| {
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
fn has_no_key_of_a_file_in_a_call_of_api_key() {
    if !in_own_process(has_no_key_of_a_file_in_a_call_of_api_key) {
        return;
    }
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("the-file-with-the-key");
    std::fs::write(&path, KEY).unwrap();
    let path = path.to_str().unwrap();
    let mut setup = Setup::of(&Outside::new(None), "api_key");
    setup.key_file = Some(GrantedFile::new(path));
    let api_key = strategy("api_key");
    let grants = Grants::default().with_file(setup.key_file.clone().unwrap());
    let call = Arc::new(Call { grants, ..Call::clone(&setup.call) });
    let profile = Profile { api_key_env: None, ..setup.profile() };
    let mut seen = Seen::default();
    let found = watched(api_key.get_credentials(call, profile), &mut seen);
    assert_eq!(found.unwrap().key().map(Secret::expose), Some(KEY));
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
    let setup = Setup::of(&Outside::new(None), "corp");
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
