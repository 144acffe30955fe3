//! Configurations, good and bad, with secrets in all of them.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;

use orchestration_runtime::{SecretOrigin, Session, SessionRecord, SessionSecret, SessionTie};
use orchestration_tests::Cli;
use orchestration_tests::guest::{self, Guest};
use orchestration_tests::server::{self, Server};

use super::{
    GEMINI, HEADER, MISPLACED, OPENAI, OPTION, PADDED, PASSWORD, TOKEN, UNRELATED, good_config,
};

/// A strategy that finds the key: the built-in one, as a file.
const FINDS: &[u8] = include_bytes!("../../../../strategies/prebuilt/api-key.wasm");

/// A configuration.
pub(super) struct Home {
    /// What it is, for a message.
    pub(super) name: &'static str,
    config: Vec<u8>,
    cases: String,
    /// The line that the user's editor adds.
    edit: String,
    variables: Vec<(&'static str, OsString)>,
}

/// What all homes share.
pub(super) struct Shared {
    server: Server,
    strategy: Vec<u8>,
}

impl Shared {
    /// Starts the server and builds the strategy.
    pub(super) fn new() -> Self {
        Self { server: echo(), strategy: talks() }
    }

    /// Returns the homes; the first is in order.
    pub(super) fn homes(&self) -> Vec<Home> {
        let good = self.good_config();
        let keys = [OPENAI, GEMINI, TOKEN].map(OsString::from);
        let home = |name, config: &str| Home {
            name,
            config: config.into(),
            cases: cases(&format!("api_key = \"{MISPLACED}\"")),
            edit: format!("api_key = \"{MISPLACED}\""),
            variables: variables(keys.clone()),
        };
        let not_unicode = OsString::from_vec([TOKEN.as_bytes(), b"\xff"].concat());
        let malformed =
            [format!("{OPENAI}\r\n").into(), format!("\"{GEMINI}\"").into(), not_unicode];
        let prefixed =
            [format!("Bearer {OPENAI}"), format!("{GEMINI}\n{UNRELATED}"), format!("$({TOKEN})")];
        vec![
            Home { edit: "# edited".to_owned(), ..home("all is in order", &good) },
            Home { variables: variables(malformed), ..home("keys are malformed", &good) },
            Home {
                variables: variables(prefixed.map(OsString::from)),
                cases: format!("[[case]]\nname = \"{MISPLACED}\"\nkey = {PADDED}\n"),
                ..home("keys are prefixed or span lines, and the cases are malformed", &good)
            },
            Home { config: Vec::new(), ..home("there are only built-in profiles", "") },
            home(
                "a key is the name of a variable",
                &format!("{good}[profiles.x]\napi_key_env = \"{MISPLACED}\"\n"),
            ),
            home(
                "a key is in an unknown setting",
                &format!("{good}[profiles.x]\napi_key = \"{MISPLACED}\"\n"),
            ),
            home(
                "URLs, headers and options are wrong",
                &format!(
                    "{good}[profiles.x]\nbase_url = \"https:/u:{PASSWORD}@h/?key={PADDED}\"\n\
                     headers = {{ \"X {HEADER}\" = \"{HEADER}\\n\" }}\noptions = [\"{OPTION}\"]\n"
                ),
            ),
            home(
                "a quote is not closed",
                &format!("{good}[profiles.x]\napi_key = \"{MISPLACED}\n"),
            ),
            Home {
                config: [good.as_bytes(), MISPLACED.as_bytes(), b"\xff\xfe"].concat(),
                ..home("the file is not Unicode", "")
            },
        ]
    }

    /// A file in which all is in its place: profiles whose servers repeat the key, and a
    /// strategy that does.
    fn good_config(&self) -> String {
        let host = self.server.host();
        let mut config = good_config();
        for (profile, path) in
            [("openai", "says"), ("gemini", "echo"), ("openrouter", "moved"), ("local", "echo")]
        {
            config += &format!("[profiles.{profile}]\nbase_url = \"http://{host}/{path}\"\n");
        }
        for path in ["says", "echo", "moved", "odd"] {
            config += &format!(
                "[profiles.{path}]\nbase_url = \"http://{host}/{path}\"\n\
                 api_key_env = \"CORP_TOKEN\"\nheaders = {{ X-Gate = \"{HEADER}\" }}\n"
            );
        }
        let secret = format!("api_key_env = \"CORP_TOKEN\"\noptions = {{ secret = \"{OPTION}\" }}");
        config += &format!(
            "[profiles.sso]\nauth_type = \"corp-sso\"\noptions = {{ secret = \"{OPTION}\" }}\n"
        );
        config + &guest::lines("talks", &self.strategy, "env = [\"CORP_TOKEN\"]", &secret)
    }
}

impl Home {
    /// Creates the home directory, with more files than any command needs.
    pub(super) fn create(&self, shared: &Shared) -> Cli {
        let mut cli = Cli::new();
        for (name, value) in &self.variables {
            cli = cli.env(*name, value);
        }
        let temporary = cli.home().join("tmp");
        let cli = cli.env("TMPDIR", temporary).config(&self.config);
        for directory in ["", ".config/orchestration/"] {
            cli.file(&format!("{directory}talks.wasm"), &shared.strategy);
            cli.file(&format!("{directory}talks.cases.toml"), &self.cases);
        }
        cli.file("finds.wasm", FINDS);
        keep_session(&cli);
        cli.file("tmp/.keep", "");
        cli.file("providers.toml", &self.config);
        cli.file(".orchestration/providers.toml", &self.config);
        cli.file("edit", format!("echo '{}' >> \"$1\"\n", self.edit));
        cli
    }
}

/// Writes a session with a key in it, and with names and notes that no one should see.
fn keep_session(cli: &Cli) {
    let secret = SessionSecret {
        name: "refresh".to_owned(),
        text: OPENAI.into(),
        origin: SecretOrigin::Found,
    };
    let record = SessionRecord {
        tie: SessionTie {
            profile: "stays".to_owned(),
            auth_type: "talks".to_owned(),
            component: guest::digest(b"talks"),
            server: "https://llm.example".to_owned(),
            issuer: String::new(),
        },
        since: 1,
        saved: 2,
        keyring: None,
        session: Session {
            saved: None,
            secrets: vec![secret],
            notes: vec![("note".to_owned(), GEMINI.to_owned())],
            account: Some(format!("ada {OPENAI}")),
            expires_at: None,
            renews: true,
        },
    };
    let name = format!(".local/state/orchestration/sessions/{}", record.tie.file_name());
    let path = cli.file(&name, &*record.to_bytes());
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("a mode can be set");
}

/// Returns the key that `auth token PROFILE` is to print.
pub(super) fn token(profile: &str) -> Option<&'static str> {
    match profile {
        "openai" => Some(OPENAI),
        "gemini" => Some(GEMINI),
        "corp" => Some(TOKEN),
        _ => None,
    }
}

/// The variables of a home: these three keys, one that no profile names, and everything
/// that makes programs talk.
fn variables([openai, gemini, token]: [OsString; 3]) -> Vec<(&'static str, OsString)> {
    let proxy = format!("http://user:{PASSWORD}@127.0.0.1:1");
    vec![
        ("OPENAI_API_KEY", openai),
        ("GEMINI_API_KEY", gemini),
        ("CORP_TOKEN", token),
        ("UNRELATED_SECRET", UNRELATED.into()),
        // No command reaches the network, and a proxy has a password.
        ("HTTPS_PROXY", proxy.into()),
        ("EDITOR", "sh ./edit".into()),
        ("RUST_LOG", "trace".into()),
        ("RUST_BACKTRACE", "full".into()),
        ("RUST_LIB_BACKTRACE", "full".into()),
    ]
}

/// The cases of the strategy, one of which fails.
fn cases(expected: &str) -> String {
    format!(
        "[[case]]\nname = \"a key\"\nprofile = {{ api_key_env = \"CORP_TOKEN\" }}\n\
         env = {{ CORP_TOKEN = \"{TOKEN}\" }}\nexpect = {{ credentials = {{ {expected} }} }}\n"
    )
}

/// A server that repeats all that it is sent, in several places of its response.
fn echo() -> Server {
    Server::with(|request, stream| {
        let sent = format!("{request:?}");
        let key = request.header("authorization").unwrap_or_default();
        let gate = request.header("x-gate").unwrap_or_default();
        let path = request.line.split('/').nth(1).unwrap_or_default();
        let response = match path {
            "says" if request.line.starts_with("GET") => {
                server::status("200 OK", &[], "{\"object\":\"list\",\"data\":[{\"id\":\"m\"}]}")
            }
            "says" => server::says(&["Hello"]),
            "moved" => {
                let location = format!("https://elsewhere.example/{key}?{gate}");
                server::status("302 Found", &[("location", &location)], &sent)
            }
            "odd" => {
                server::status("200 OK", &[("content-type", &format!("{key}; {gate}"))], &sent)
            }
            _ => {
                let error = serde_json::json!({ "error": { "message": sent, "code": key } });
                server::status("401 Unauthorized", &[("x-echo", key)], &error.to_string())
            }
        };
        stream.write_all(response.as_bytes())
    })
}

/// A strategy that reads the key, writes it to its output, and answers with an error that
/// has it as its message and its hint.
fn talks() -> Vec<u8> {
    let mut guest = Guest::new();
    let (address, length) = guest.place(b"CORP_TOKEN");
    let failure = guest.place_failure(2, b"", Some(b""));
    let value =
        "(i32.load offset=8 (global.get $scratch)) (i32.load offset=12 (global.get $scratch))";
    let [at, size] =
        [8, 12].map(|offset| format!("(i32.load offset={offset} (global.get $scratch))"));
    let put = |offset: u32, value: &str| {
        format!("(i32.store offset={offset} (i32.const {failure}) {value})")
    };
    let texts = [put(12, &at), put(16, &size), put(24, &at), put(28, &size)].concat();
    let interfaces = ["cli/stdout", "io/streams"];
    let imports = "(import \"wasi:cli/stdout@0.2.0\" \"get-stdout\" (func $stdout (result i32)))
        (import \"wasi:io/streams@0.2.0\" \"[method]output-stream.blocking-write-and-flush\"
          (func $write (param i32 i32 i32 i32)))";
    let guest = guest.wasi(&interfaces, imports).get(format!(
        "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
         (if (i32.load8_u (global.get $scratch)) (then (return (i32.const {failure}))))
         {texts}
         (call $write (call $stdout) {value} (i32.add (global.get $scratch) (i32.const 64)))
         i32.const {failure}"
    ));
    guest.build()
}
