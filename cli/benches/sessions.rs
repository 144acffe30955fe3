//! Measures what sessions cost a user at a prompt: the wall time of `orchestration auth status`
//! with four profiles that are signed in, compared with that with four profiles that have keys.
//!
//! The commands take turns, so that other load on the machine affects both equally.
//!
//!     cargo run --release -p orchestration-cli --example bench-sessions
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its results"
)]

mod product;

#[allow(dead_code, reason = "shared with other benches")]
#[path = "../../runtime/benches/report.rs"]
mod report;

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use orchestration_runtime::{SecretOrigin, Session, SessionRecord, SessionSecret, SessionTie};
use report::{Row, Target};
use tempfile::TempDir;

const RUNS: usize = 300;
const PROFILES: [&str; 4] = ["eins", "zwei", "drei", "vier"];
const SERVER: &str = "https://llm.corp.example";
const ISSUER: &str = "https://login.corp.example";
const KEY: &str = "sk-proj-0123456789abcdef0123456789abcdef";

fn main() {
    let binary = product::built();
    report::machine();
    println!("auth status with four profiles, medians of {RUNS} runs each");
    let with_keys = home("api_key_env = \"CORP_KEY\"\n");
    let signed_in = home(&format!(
        "auth_type = \"oidc\"\nissuer = \"{ISSUER}\"\noptions = {{ client_id = \"cli\" }}\n"
    ));
    PROFILES.into_iter().for_each(|profile| sign_in(signed_in.path(), profile));
    let [mut of_keys, mut of_sessions] = [const { Vec::new() }; 2];
    for _ in 0..RUNS {
        of_keys.push(time(&binary, with_keys.path()));
        of_sessions.push(time(&binary, signed_in.path()));
    }
    let of_keys = Row::median("four with keys", &of_keys);
    let of_sessions = Row::median("four that are signed in", &of_sessions);
    report::table(&[&of_keys, &of_sessions]);
    report::times(&of_sessions, &of_keys, &Target::AtMost(1.25));
}

/// Returns a home whose profiles have these lines.
fn home(lines: &str) -> TempDir {
    let home = tempfile::tempdir().expect("there is a directory for temporary files");
    let profile = |name| format!("[profiles.{name}]\nbase_url = \"{SERVER}/v1\"\n{lines}");
    let text: String = PROFILES.into_iter().map(profile).collect();
    fs::write(home.path().join("providers.toml"), text).expect("a file");
    home
}

/// Writes the session of `profile` as a sign-in leaves it, which takes no server.
fn sign_in(home: &Path, profile: &str) {
    let tie = SessionTie {
        profile: profile.to_owned(),
        auth_type: "oidc".to_owned(),
        component: String::new(),
        server: SERVER.to_owned(),
        issuer: ISSUER.to_owned(),
    };
    let secret = |name: &str| SessionSecret {
        name: name.to_owned(),
        text: KEY.into(),
        origin: SecretOrigin::Found,
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs();
    let session = Session {
        secrets: vec![secret("access"), secret("refresh")],
        notes: vec![("token_endpoint".to_owned(), format!("{ISSUER}/token"))],
        account: Some("ada@corp.example".to_owned()),
        expires_at: Some(now + 3600),
        renews: true,
        saved: None,
    };
    let path = home.join(".local/state/orchestration/sessions").join(tie.file_name());
    let record = SessionRecord { tie, since: now, saved: now, keyring: None, session };
    let directory = path.parent().expect("it has one");
    DirBuilder::new().recursive(true).mode(0o700).create(directory).expect("a directory");
    fs::write(&path, &*record.to_bytes()).expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
}

fn time(binary: &Path, home: &Path) -> Duration {
    let mut command = Command::new(binary);
    command.args(["--config", "providers.toml", "auth", "status"]).args(PROFILES);
    command.current_dir(home).env_clear().env("HOME", home).env("CORP_KEY", KEY);
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the binary can be started");
    let time = start.elapsed();
    let found = String::from_utf8_lossy(&output.stdout);
    assert_eq!(found.matches("valid").count(), PROFILES.len(), "{found}");
    time
}
