//! An OpenID provider that others wrote: `oidc-provider`, from npm.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orchestration_runtime::SessionRecord;

use tempfile::TempDir;

use crate::{Cli, Outcome, skip};

/// The provider, which ends when this is dropped. Its user is Ada.
pub struct IdentityProvider {
    process: Child,
    address: String,
    issuer: String,
    log: Arc<Mutex<Vec<String>>>,
    keys: Option<TempDir>,
}

impl IdentityProvider {
    /// Starts it with access tokens that last this many seconds. Returns `None` where it is
    /// not installed.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn start(access_seconds: u32) -> Option<Self> {
        Self::start_with(access_seconds, None, None)
    }

    /// Starts it with service accounts, whose keys it makes.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn start_for_services() -> Option<Self> {
        let keys = TempDir::new().expect("a temporary directory can be made");
        Self::start_with(3600, Some(keys), None)
    }

    /// Does what [`start`](Self::start) does, behind a server that has the address of the
    /// issuer.
    pub(crate) fn start_behind(issuer: String, access_seconds: u32) -> Option<Self> {
        Self::start_with(access_seconds, None, Some(issuer))
    }

    fn start_with(
        access_seconds: u32,
        keys: Option<TempDir>,
        issuer: Option<String>,
    ) -> Option<Self> {
        if !directory().join("node_modules").is_dir() {
            skip("oidc-provider is not installed (npm ci --prefix tests/independent/oidc)");
            return None;
        }
        let mut command = Command::new("node");
        if let Some(keys) = &keys {
            command.env("KEYS", keys.path());
        }
        let mut process = command
            .arg(directory().join("server.mjs"))
            .env("ACCESS_SECONDS", access_seconds.to_string())
            .envs(issuer.iter().map(|issuer| ("ISSUER", issuer)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node can be started");
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let address = lines.next().expect("the provider prints its address");
        let issuer = issuer.unwrap_or_else(|| address.clone());
        let log = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&log);
        thread::spawn(move || lines.for_each(|line| locked(&seen).push(line)));
        Some(Self { process, address, issuer, log, keys })
    }

    /// Returns its issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the file with a private key of a service account: `google.json` and
    /// `new.json` of the account `robot`, `rsa.pem`, `ec.jwk` and `ed.pem` of the client
    /// `service`; or with the token of a workload: `assertion.jwt`, or `client.jwt` for the
    /// client `service`.
    ///
    /// # Panics
    ///
    /// Panics if it was started without.
    pub fn key(&self, name: &str) -> PathBuf {
        self.keys.as_ref().expect("it was started for services").path().join(name)
    }

    /// Returns a command line whose profile `corp` signs in here.
    pub fn cli(&self) -> Cli {
        self.cli_for("http://127.0.0.1:9/v1")
    }

    /// Returns the same for another server that takes the token.
    pub fn cli_for(&self, base_url: &str) -> Cli {
        Cli::new().config(format!(
            "[profiles.corp]\nbase_url = \"{base_url}\"\nauth_type = \"oidc\"\n\
             issuer = \"{}\"\noptions = {{ client_id = \"cli\" }}\n",
            self.issuer
        ))
    }

    /// Returns its host and its port.
    pub(crate) fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// Returns how often it has written this line, e.g. `granted refresh_token`.
    pub fn count(&self, line: &str) -> usize {
        locked(&self.log).iter().filter(|seen| *seen == line).count()
    }

    /// Returns what it has written.
    pub fn log(&self) -> Vec<String> {
        locked(&self.log).clone()
    }

    /// Returns true if it says that this token is valid.
    ///
    /// # Panics
    ///
    /// Panics if it gives no answer.
    pub fn accepts(&self, token: &str) -> bool {
        let body = format!("client_id=cli&token={token}");
        let answer = self.ask("/token/introspection", &body);
        answer.contains("\"active\":true")
    }

    /// Posts a form, and returns the answer.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    pub fn ask(&self, path: &str, form: &str) -> String {
        let script = "const [address, body] = process.argv.slice(1);\
            const headers = { 'content-type': 'application/x-www-form-urlencoded' };\
            fetch(address, { method: 'POST', body, headers })\
            .then((answer) => answer.text()).then(console.log)";
        let address = format!("{}{path}", self.address);
        let output = Command::new("node")
            .args(["-e", script, "--", &address, form])
            .output()
            .expect("node can be started");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("the provider writes Unicode")
    }

    /// Signs in on a page, on which Ada approves. With a code it takes longer, since the
    /// provider wants five seconds from one question to the next.
    ///
    /// # Panics
    ///
    /// Panics if no address is shown.
    pub fn sign_in(&self, cli: &Cli) -> Outcome {
        self.sign_in_with(cli, &[])
    }

    /// The same, with more options.
    ///
    /// # Panics
    ///
    /// Panics if no address is shown.
    pub fn sign_in_with(&self, cli: &Cli, options: &[&str]) -> Outcome {
        signed_in(cli, &[&["--no-open"], options].concat(), "code_challenge=")
    }

    /// Signs in with a code, which Ada approves.
    ///
    /// # Panics
    ///
    /// Panics if no code is shown.
    pub fn sign_in_with_code(&self, cli: &Cli) -> Outcome {
        signed_in(cli, &["--device"], "user_code=")
    }
}

/// Signs in on the page whose address is shown with this parameter.
fn signed_in(cli: &Cli, options: &[&str], parameter: &str) -> Outcome {
    let arguments = ["auth", "login", "corp", "--timeout", "60s"];
    let arguments = [&arguments, options].concat();
    let mut login = cli.command(&arguments).spawn().expect("the product can be started");
    let mut stderr = BufReader::new(login.stderr.take().expect("stderr is a pipe"));
    let mut shown = String::new();
    let address = loop {
        let mut line = String::new();
        let read = stderr.read_line(&mut line).expect("the product writes Unicode");
        assert!(read > 0, "no address is shown: {shown}");
        shown.push_str(&line);
        if let Some(start) = line.find("http").filter(|_| line.contains(parameter)) {
            break line[start..].trim().to_owned();
        }
    };
    approve(&address);
    std::io::Read::read_to_string(&mut stderr, &mut shown).expect("it writes Unicode");
    let mut outcome: Outcome = login.wait_with_output().expect("it ends").into();
    outcome.stderr = shown;
    outcome
}

/// Reads the address of the page to sign in on, which `login` shows.
///
/// # Panics
///
/// Panics if none is shown.
pub fn address_shown(login: &mut Child) -> String {
    let stderr = login.stderr.as_mut().expect("stderr is a pipe");
    let mut shown = String::new();
    // Byte by byte, so that the rest is there for those who want it.
    while !(shown.ends_with('\n') && shown.contains("code_challenge_method=S256")) {
        let mut byte = [0];
        std::io::Read::read_exact(stderr, &mut byte)
            .unwrap_or_else(|_| panic!("no address is shown: {shown}"));
        shown.push(char::from(byte[0]));
    }
    let address = shown.lines().find(|line| line.contains("code_challenge_method=S256"));
    address.expect("there is an address").trim().to_owned()
}

/// Does what Ada does in a browser on the page at `address`, and returns the last page.
///
/// # Panics
///
/// Panics if there is no page.
pub fn approve(address: &str) -> String {
    let output =
        Command::new("node").arg(browser()).arg(address).output().expect("node can be started");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it writes Unicode")
}

/// What Chromium shows in the end, where it is installed: the title and the text of the page,
/// and what it complained about. `does` is `approve`, `cancel` or `open`: see `browser.mjs`.
///
/// # Panics
///
/// Panics if there is no page.
pub fn chromium(address: &str, does: &str) -> Option<serde_json::Value> {
    let names = ["chromium-headless-shell", "chromium"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path)
        .flat_map(|directory| names.map(|name| directory.join(name)))
        .find(|program| program.is_file());
    let is_installed = directory().join("node_modules/playwright-core").is_dir();
    let Some(program) = program.filter(|_| is_installed) else {
        skip("Chromium or playwright-core is not installed");
        return None;
    };
    let output = Command::new("node")
        .arg(directory().join("browser.mjs"))
        .args([address, does])
        .env("CHROMIUM", program)
        .output()
        .expect("node can be started");
    assert!(output.status.success(), "{output:?}");
    Some(serde_json::from_slice(&output.stdout).expect("it is JSON"))
}

/// The program that does what Ada does in a browser.
pub fn browser() -> PathBuf {
    directory().join("user.mjs")
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("independent/oidc")
}

fn locked(log: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until `condition` is true. Returns false if that takes a minute.
pub fn in_a_minute(mut condition: impl FnMut() -> bool) -> bool {
    (0..1200).any(|_| {
        thread::sleep(Duration::from_millis(50));
        condition()
    })
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the file of the one session in the home of `cli`.
///
/// # Panics
///
/// Panics if there is none, or more than one.
pub fn session_file(cli: &Cli) -> PathBuf {
    let entries = fs::read_dir(sessions(cli)).expect("there is a directory of sessions");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let is_session = |path: &PathBuf| path.extension().is_some_and(|end| end == "session");
    let [session] =
        paths.filter(is_session).collect::<Vec<_>>().try_into().expect("there is one session");
    session
}

/// Returns the directory of sessions in the home of `cli`.
pub fn sessions(cli: &Cli) -> PathBuf {
    cli.home().join(".local/state/orchestration/sessions")
}

/// Lets the access token of the one session end so many seconds from now, or before now, an
/// hour after it was got, as far as the product knows.
///
/// # Panics
///
/// Panics if there is no session.
pub fn end_token_in(cli: &Cli, seconds: i64) {
    let path = session_file(cli);
    let mut record = SessionRecord::from_bytes(&fs::read(&path).expect("it can be read"))
        .expect("the product has written it");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
    let end = now.saturating_add_signed(seconds);
    record.session.expires_at = Some(end);
    record.saved = end.saturating_sub(3600);
    fs::write(&path, record.to_bytes()).expect("it can be written");
}
