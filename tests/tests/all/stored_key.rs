//! `auth login PROFILE --store`: a key that is kept on this machine.
//!
//! Promised here: a key is typed without echo or piped in, and shown nowhere; it is a file
//! that no one else can read, and at every moment the old key or the new one; it is used
//! where nothing that the user set goes first, and only for the server that it was stored
//! for; what can't be a key is not stored; and a user sees what is stored, and removes it.

use std::fs::{self, Permissions};
use std::future::ready;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use futures_util::StreamExt;
use orchestration_runtime::{
    Agent, AgentConfig, Allocation, Environment, OpenAiCompatibleProvider, Provider, ProvidersToml,
    Registry, Sessions,
};
use orchestration_tests::server::{Server, says};
use orchestration_tests::{Cli, Outcome, tool_is_there};
use serde_json::Value;

const KEY: &str = "sk-proj-Zq81LmVt93KxBdRw7x2f";
const NEW_KEY: &str = "sk-proj-9bYf72HsWqZ0nLx4PdVj";
const OTHER_KEY: &str = "sk-proj-Wk58TnCw06RjQyAe31Zo";
const DIRECTORY: &str = ".local/state/orchestration/sessions";
const STORE: &[&str] = &["auth", "login", "openai", "--store"];
const TOKEN: &[&str] = &["auth", "token", "openai"];
const STATUS: &[&str] = &["auth", "status", "openai"];

/// Stores a key that is piped in.
fn store(cli: &Cli, key: &str) -> Outcome {
    cli.run_with_input(STORE, format!("{key}\n").as_bytes())
}

/// A home in which `KEY` is stored for the profile `openai`.
fn stored() -> Cli {
    let cli = Cli::new();
    store(&cli, KEY).exits_with(0);
    cli
}

#[track_caller]
fn finds(cli: &Cli, key: &str) {
    assert_eq!(cli.run(TOKEN).exits_with(0).stdout, format!("{key}\n"));
}

/// Checks that there is no key, and returns why.
#[track_caller]
fn finds_nothing(cli: &Cli) -> Outcome {
    let outcome = cli.run(TOKEN).exits_with(1).explains(&["OPENAI_API_KEY is not set"]);
    hides_keys(&outcome);
    outcome
}

#[track_caller]
fn hides_keys(outcome: &Outcome) {
    for key in [KEY, NEW_KEY, OTHER_KEY] {
        let parts = key.as_bytes().windows(8).map(|part| str::from_utf8(part).expect("ASCII"));
        // How keys of the provider begin is no secret.
        for part in parts.filter(|part| *part != "sk-proj-") {
            assert!(!outcome.all().contains(part), "{part}: {outcome:#?}");
        }
    }
}

/// The files of keys, sorted, without those that are only locked.
fn files(cli: &Cli) -> Vec<PathBuf> {
    let entries = fs::read_dir(cli.home().join(DIRECTORY)).into_iter().flatten().flatten();
    let is_locked = |path: &PathBuf| path.extension().is_some_and(|end| end == "lock");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| !is_locked(path)).collect();
    files.sort();
    files
}

/// The only file.
#[track_caller]
fn file(cli: &Cli) -> PathBuf {
    let [file] = files(cli).try_into().expect("there is one file");
    file
}

fn mode(path: PathBuf) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o777
}

fn set_mode(path: PathBuf, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
}

#[test]
fn a_piped_key_is_stored_where_only_the_user_can_read_it_and_is_used_everywhere() {
    let cli = Cli::new();
    let outcome = store(&cli, KEY).exits_with(0);
    assert_eq!(outcome.stdout, "✓ Stored the key of openai (sk-...7x2f)\n");
    assert_eq!(outcome.stderr, "");
    assert_eq!(mode(file(&cli)), 0o600);
    assert_eq!(mode(cli.home().join(DIRECTORY)), 0o700);

    finds(&cli, KEY);
    let status = cli.run(STATUS).exits_with(0);
    assert_eq!(status.row("openai"), ["openai", "api_key", "✓ valid", "stored key"]);
    let login = cli.login("openai").exits_with(0);
    assert_eq!(login.stdout, "✓ openai has a stored key (sk-...7x2f)\n");
    let explain = cli.run(&["auth", "explain", "openai"]).exits_with(0);
    for step in [
        ["granted", "stored key", "you stored it"],
        ["asked", "stored key", "taken as key"],
        ["returned", "api_key", "from the stored key"],
    ] {
        let is_step = |line: &str| step.iter().all(|part| line.contains(part));
        assert!(explain.stdout.lines().any(is_step), "{step:?}: {explain:#?}");
    }
    assert!(explain.stdout.contains("✓ the credential is the stored key"), "{explain:#?}");
    let json = cli.run(&["auth", "check", "openai", "--format", "json"]).exits_with(0);
    let report: Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(report["profiles"][0]["source"]["type"], "stored_key");
    let script = ["auth", "exec", "openai", "--", "sh", "-c", "test \"$OPENAI_API_KEY\" = \"$0\""];
    let mut exec = cli.command(&[&script[..], &[KEY]].concat());
    Outcome::of(exec.env("PATH", std::env::var_os("PATH").unwrap_or_default())).exits_with(0);
    for outcome in [status, login, explain, json] {
        hides_keys(&outcome);
    }
}

#[test]
fn a_typed_key_is_not_shown_and_what_follows_it_does_not_reach_the_shell() {
    let cli = Cli::new();
    let Some(terminal) = cli.at_terminal(80, STORE) else { return };
    terminal.wait_for("Key of openai (not shown): ");
    // Corrected as it is typed: a line that is given up, and a character of two bytes.
    terminal.type_bytes(b"wrong\x15");
    terminal.type_bytes("\u{fc}\u{7f}".as_bytes());
    terminal.type_bytes(format!("{KEY}\rpasted too far").as_bytes());
    terminal.wait_for("✓ Stored the key of openai (sk-...7x2f)");
    // The terminal shows what is typed, as before.
    terminal.type_bytes(b"visible again");
    terminal.wait_for("visible again");
    let screen = terminal.screen();
    let seen = screen.written.join("\n");
    for hidden in [&KEY[..12], "wrong", "pasted too far"] {
        assert!(!seen.contains(hidden), "{seen}");
    }
    finds(&cli, KEY);
}

#[test]
fn an_interrupted_prompt_stores_nothing_and_leaves_the_terminal_as_it_was() {
    let cli = Cli::new();
    let Some(terminal) = cli.at_terminal(80, STORE) else { return };
    terminal.wait_for("Key of openai (not shown): ");
    terminal.type_bytes(b"half a key");
    terminal.press("C-c");
    let screen = terminal.screen();
    assert!(!screen.written.join("\n").contains("half"), "{screen:#?}");
    assert!(files(&cli).is_empty());
}

#[test]
fn what_the_user_set_for_the_profile_goes_first_and_the_fallback_goes_last() {
    let config = "[profiles.openai]\napi_key_env = \"OPENAI_API_KEY\"\napi_key_file = \"key\"\n";
    let cli = Cli::new().config(config);
    let key_file = cli.home().join(".config/orchestration/key");
    store(&cli, KEY).exits_with(0);
    finds(&cli, KEY);

    fs::write(&key_file, OTHER_KEY).expect("it can be written");
    finds(&cli, OTHER_KEY);
    let replaced = store(&cli, NEW_KEY).exits_with(0);
    replaced.explains(&["warning: there is a key in", "which is used before a stored key"]);
    finds(&cli, OTHER_KEY);
    fs::remove_file(key_file).expect("it is there");
    finds(&cli, NEW_KEY);

    let cli = cli.env("OPENAI_API_KEY", OTHER_KEY);
    finds(&cli, OTHER_KEY);
    let shadowed = store(&cli, KEY).exits_with(0);
    hides_keys(&shadowed.explains(&[
        "warning: OPENAI_API_KEY is set, which is used before a stored key",
        "unset OPENAI_API_KEY",
    ]));
    // A blank variable is as good as none.
    finds(&cli.without("OPENAI_API_KEY").env("OPENAI_API_KEY", " "), KEY);
}

#[test]
fn an_agent_sends_the_stored_key_and_not_the_fallback() {
    let server = Server::new(says(&["Hello"]));
    let config = format!(
        "[profiles.corp]\nbase_url = \"{}\"\napi_key_env = \"CORP_KEY\"\ndefault_model = \"m\"\n",
        server.url()
    );
    let cli = Cli::new().config(config).env("OPENAI_API_KEY", OTHER_KEY);
    let login = ["auth", "login", "corp", "--store"];
    cli.run_with_input(&login, KEY.as_bytes()).exits_with(0);
    cli.run(&["spawn", "--profile", "corp", "Hi"]).exits_with(0);
    assert_eq!(server.request().header("authorization"), Some(&*format!("Bearer {KEY}")));
}

/// Sends a message, and returns the key that it was sent with.
async fn key_sent(agent: &dyn Agent, server: &Server) -> String {
    agent.send("Hi").await.expect("it is sent").for_each(|_| ready(())).await;
    let requests = server.requests();
    let sent = requests.last().and_then(|request| request.header("authorization"));
    sent.and_then(|sent| sent.strip_prefix("Bearer ")).expect("there is a key").to_owned()
}

#[tokio::test]
async fn a_running_agent_sends_the_key_that_is_stored_replaced_or_removed_meanwhile() {
    let server = Server::new(says(&["Hello"]));
    let config = format!(
        "[profiles.corp]\nbase_url = \"{}\"\napi_key_env = \"CORP_KEY\"\ndefault_model = \"m\"\n",
        server.url()
    );
    let cli = Cli::new().config(config);
    let config = cli.home().join(".config/orchestration/providers.toml");
    let providers = ProvidersToml::load(&config).expect("it can be read");
    let environment = Environment::Fixed([("OPENAI_API_KEY".to_owned(), OTHER_KEY.into())].into());
    let registry = Registry::new(&providers, environment, None, Allocation::OnDemand)
        .expect("strategies can run");
    registry.keep_sessions_in(Sessions::at(cli.home().join(DIRECTORY)));
    let agents = OpenAiCompatibleProvider::new(providers, registry);
    let config = AgentConfig { profile: Some("corp".to_owned()), ..AgentConfig::default() };
    let agent = agents.create_agent(config).await.expect("there is a key");
    assert_eq!(key_sent(&*agent, &server).await, OTHER_KEY);
    for key in [KEY, NEW_KEY] {
        let login = ["auth", "login", "corp", "--store"];
        cli.run_with_input(&login, key.as_bytes()).exits_with(0);
        assert_eq!(key_sent(&*agent, &server).await, key);
    }
    cli.run(&["auth", "logout", "corp"]).exits_with(0);
    assert_eq!(key_sent(&*agent, &server).await, OTHER_KEY);
}

#[test]
fn a_project_that_sends_the_profile_elsewhere_does_not_get_the_key() {
    let cli = stored();
    let project = |lines: &str| {
        let file = cli.file("clone/.orchestration/providers.toml", lines);
        let run = |arguments: &[&str]| {
            Outcome::of(cli.command(arguments).current_dir(cli.home().join("clone")))
        };
        run(&["trust", "--yes"]).exits_with(0);
        let outcome = run(TOKEN);
        let listed = run(&["auth", "logout", "openai"]).exits_with(0);
        fs::remove_file(file).expect("it is there");
        hides_keys(&listed);
        outcome
    };
    for base_url in [
        "https://evil.example/v1",
        "https://api.openai.com.evil.example/v1",
        "https://api.openai.com:8443/v1",
        "http://api.openai.com/v1",
    ] {
        let redirected = format!("[profiles.openai]\nbase_url = \"{base_url}\"\n");
        hides_keys(&project(&redirected).exits_with(1));
    }
    let issuer = "[profiles.openai]\nissuer = \"https://evil.example\"\n";
    hides_keys(&project(issuer).exits_with(1));
    // Not even signing out there removes it here.
    finds(&cli, KEY);
}

#[test]
fn a_key_is_for_one_profile() {
    let config = "[profiles.work]\napi_key_env = \"WORK_KEY\"\n";
    let cli = Cli::new().config(config);
    store(&cli, KEY).exits_with(0);
    let other = cli.run(&["auth", "token", "work"]).exits_with(1);
    hides_keys(&other.explains(&["WORK_KEY is not set"]));
}

#[test]
fn a_replaced_key_is_gone_and_the_user_hears_of_it() {
    let cli = stored();
    let replaced = store(&cli, NEW_KEY).exits_with(0);
    assert_eq!(replaced.stdout, "✓ Replaced the stored key of openai (sk-...PdVj)\n");
    finds(&cli, NEW_KEY);
    let content = fs::read_to_string(file(&cli)).expect("it is text");
    assert!(!content.contains(KEY), "the old key is still there");
}

#[test]
fn the_user_sees_what_is_stored_and_removes_it() {
    let cli = stored();
    let list = cli.run(&["session", "list"]).exits_with(0);
    let row = list.row("openai");
    assert_eq!(row[..4], ["openai", "api_key", "(stored key)", "https://api.openai.com"]);
    let show = cli.run(&["session", "show", "openai"]).exits_with(0);
    assert!(show.stdout.contains("Account    (stored key)"), "{show:#?}");
    let json = cli.run(&["session", "list", "--format", "json"]).exits_with(0);
    let listed: Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(listed["sessions"][0]["kind"], "stored_key");
    let removed = cli.run(&["session", "remove", "openai"]).exits_with(0);
    assert!(removed.stdout.contains("removed the stored key of openai at"), "{removed:#?}");
    for outcome in [&list, &show, &json, &removed] {
        hides_keys(outcome);
    }
    finds_nothing(&cli);

    for logout in [&["auth", "logout", "openai"][..], &["auth", "logout", "--all"]] {
        store(&cli, KEY).exits_with(0);
        let removed = cli.run(logout).exits_with(0);
        assert_eq!(removed.stdout, "✓ Removed the stored key of openai\n");
        assert!(files(&cli).is_empty());
        finds_nothing(&cli);
    }
    let none = cli.run(&["auth", "logout", "openai"]).exits_with(0);
    assert_eq!(none.stdout, "No key of openai is stored\n");
    assert_eq!(cli.run(&["auth", "logout", "--all"]).exits_with(0).stdout, "");
}

#[test]
fn doctor_says_what_is_stored_and_what_is_used_instead() {
    let cli = stored();
    let doctor = cli.run(&["doctor"]).exits_with(0);
    let line = "stored key of openai at https://api.openai.com\n";
    assert!(doctor.stdout.contains(line), "{doctor:#?}");
    let cli = cli.env("OPENAI_API_KEY", OTHER_KEY);
    let shadowed = cli.run(&["doctor"]).exits_with(0);
    assert!(shadowed.stdout.contains("; OPENAI_API_KEY is set, which is used instead"));
    set_mode(file(&cli), 0o644);
    let open = cli.run(&["doctor"]).exits_with(2);
    assert!(open.stdout.contains("is not used: others can read or write it"), "{open:#?}");
    for outcome in [doctor, shadowed, open] {
        hides_keys(&outcome);
    }
}

#[test]
fn whoever_stores_nothing_gets_no_directory() {
    let cli = Cli::new();
    for arguments in [STATUS, &["auth", "login", "openai"], &["auth", "logout", "openai"]] {
        cli.run(arguments);
    }
    assert!(!cli.home().join(".local").exists());
}

#[test]
fn what_can_not_be_a_key_is_not_stored_and_the_old_key_stays() {
    let too_long = "x".repeat((16 << 10) + 1);
    let cases: [(&[u8], &str); 14] = [
        (b"", "nothing was entered"),
        (b" \t\r\n", "nothing was entered"),
        (b"sk-proj-one\nsk-proj-two\n", "several lines"),
        (b"sk-proj-one\n\nsk-proj-two\n", "several lines"),
        (too_long.as_bytes(), "more than 16 KiB"),
        (b"sk-proj-\xff\xfe", "not valid UTF-8"),
        (b"sk-proj-\x1b[2Jabcdefgh", "a control character (U+001B) at position 9"),
        (b"sk-proj abcdefgh", "a space (U+0020)"),
        (b"\"sk-proj-abcdefgh\"", "begins and ends with a quote"),
        (b"Bearer sk-proj-abcdefgh", "begins with 'Bearer'"),
        (b"your-key-here", "is a placeholder"),
        (b"$OPENAI_API_KEY", "is a reference that was not resolved"),
        (b"op://vault/openai/key", "is a reference that was not resolved"),
        (b"OPENAI_API_KEY", "is the name of a variable"),
    ];
    let (new, old) = (Cli::new(), stored());
    for (input, reason) in cases {
        for cli in [&new, &old] {
            let refused = cli.run_with_input(STORE, input).exits_with(2);
            assert_eq!(refused.stdout, "");
            let start = "error: the key of 'openai' was not stored: ";
            let refused = refused.explains(&[start, reason]);
            let shown = refused.all().replace('\n', "");
            assert!(!shown.contains(char::is_control), "{refused:#?}");
            assert!(!shown.contains("abcdefgh"), "{refused:#?}");
        }
        assert!(files(&new).is_empty(), "{reason}");
        finds(&old, KEY);
    }
}

#[test]
fn a_key_of_another_provider_comes_with_a_warning() {
    for key in ["sk-ant-api03-Zq81LmVt93KxBd", "AIzaSyD4hNw82QpXvT6cJrEk19sUgM"] {
        let outcome = store(&Cli::new(), key).exits_with(0);
        outcome.explains(&[
            "warning: this looks like a key of",
            "openai is another provider",
            "orchestration auth login openai --store",
        ]);
    }
    // A gateway takes whatever keys it likes.
    let config = "[profiles.openai]\nbase_url = \"https://llm.corp.example/v1\"\n";
    let gateway = store(&Cli::new().config(config), "sk-ant-api03-Zq81LmVt93KxBd").exits_with(0);
    assert_eq!(gateway.stderr, "");
}

#[test]
fn only_the_strategy_api_key_takes_a_stored_key() {
    let config = "[profiles.free]\nauth_type = \"none\"\nbase_url = \"https://free.example/v1\"\n\
                  [profiles.sso]\nauth_type = \"oidc\"\nissuer = \"https://login.example\"\n\
                  [profiles.odd]\nauth_type = \"odd\"\n";
    let cli = Cli::new().config(config);
    let login =
        |profile| cli.run_with_input(&["auth", "login", profile, "--store"], KEY.as_bytes());
    for (profile, auth_type) in [("free", "none"), ("sso", "oidc")] {
        let refused = login(profile).exits_with(2);
        hides_keys(&refused.explains(&[
            &format!("no key is stored for '{profile}': its auth type is {auth_type}"),
            &format!("orchestration auth login {profile}"),
        ]));
    }
    login("odd").exits_with(3).explains(&["unknown auth type 'odd'"]);
    login("nope").exits_with(2).explains(&["profile 'nope' not found"]);
    let both = ["auth", "login", "sso", "--store", "--device"];
    cli.run(&both).exits_with(2).explains(&["cannot be used with"]);
    assert!(files(&cli).is_empty());
}

#[test]
fn a_directory_that_others_use_is_closed_or_refused() {
    let cli = stored();
    let directory = cli.home().join(DIRECTORY);
    // What an older umask opened for reading is closed by the next change.
    set_mode(directory.clone(), 0o755);
    finds(&cli, KEY);
    store(&cli, NEW_KEY).exits_with(0);
    assert_eq!(mode(directory.clone()), 0o700);

    set_mode(directory.clone(), 0o777);
    let read = cli.run(TOKEN).exits_with(1);
    hides_keys(&read.explains(&["cannot read the stored key", "can be written by others"]));
    let written = store(&cli, KEY).exits_with(3);
    hides_keys(&written.explains(&["cannot use the stored keys", "can be written by others"]));
    set_mode(directory.clone(), 0o700);
    finds(&cli, NEW_KEY);

    // A link to a directory of the user may be another's to change.
    let real = cli.home().join("real");
    fs::rename(&directory, &real).expect("it can be renamed");
    symlink(&real, &directory).expect("a link can be created");
    cli.run(TOKEN).exits_with(1).explains(&["is a symbolic link"]);
    store(&cli, KEY).exits_with(3).explains(&["is a symbolic link"]);
}

#[test]
fn a_file_that_others_can_read_or_that_is_no_key_is_moved_aside() {
    type Damage = fn(PathBuf);
    let damages: [(&str, Damage); 4] = [
        ("it is damaged", |path| {
            let bytes = fs::read(&path).expect("it reads");
            fs::write(&path, &bytes[..bytes.len() / 2]).expect("it can be written");
        }),
        ("it is damaged", |path| fs::write(path, "").expect("it can be written")),
        ("others can read or write it", |path| set_mode(path, 0o644)),
        ("it is not a regular file", |path| {
            let real = path.with_extension("real");
            fs::rename(&path, &real).expect("it can be renamed");
            symlink(&real, &path).expect("a link can be created");
        }),
    ];
    for (reason, damage) in damages {
        let cli = stored();
        let path = file(&cli);
        damage(path.clone());
        let moved = finds_nothing(&cli);
        moved.explains(&["the stored key of profile 'openai' is not used", reason, "it is now"]);
        assert!(PathBuf::from(format!("{}.unusable-1", path.display())).symlink_metadata().is_ok());
        store(&cli, NEW_KEY).exits_with(0);
        finds(&cli, NEW_KEY);
    }
}

#[test]
fn a_full_disk_leaves_the_old_key() {
    let cli = stored();
    let old = fs::read(file(&cli)).expect("it reads");
    let script = "trap '' XFSZ; ulimit -f 0; echo \"$KEY\" | \"$0\" auth login openai --store";
    let mut command = cli.command_under("sh", &["-c", script], &[""; 0]);
    let outcome = Outcome::of(command.env("KEY", NEW_KEY)).exits_with(3);
    hides_keys(&outcome.explains(&[
        "cannot save the stored key of profile 'openai'",
        "error: the stored key of 'openai' was not changed",
    ]));
    assert!(fs::read(file(&cli)).expect("it reads") == old);
    finds(&cli, KEY);
}

#[test]
fn a_killed_process_leaves_the_old_key_or_the_new_one() {
    if !tool_is_there("strace") {
        return;
    }
    for (call, when) in [("fsync", 1), ("rename,renameat,renameat2", 1), ("fsync", 2)] {
        let cli = stored();
        let script = format!(
            "echo \"$KEY\" | exec strace --quiet=all --follow-forks --output=/dev/null \
             --trace={call} --inject={call}:signal=KILL:when={when} \"$0\" auth login openai \
             --store"
        );
        let mut command = cli.command_under("sh", &["-c", &script], &[""; 0]);
        let killed = command.env("KEY", NEW_KEY).output().expect("strace runs");
        assert!(!killed.status.success(), "{call} {when}: it was not killed");
        let found = cli.run(TOKEN).exits_with(0).stdout;
        assert!([KEY, NEW_KEY].contains(&found.trim_end()), "{call} {when}: {found}");
        assert!(files(&cli).into_iter().all(|path| mode(path) == 0o600));
        store(&cli, OTHER_KEY).exits_with(0);
        finds(&cli, OTHER_KEY);
    }
}

#[test]
fn a_key_for_a_server_on_this_machine_is_used_although_it_needs_none() {
    let cli = Cli::new();
    let login = ["auth", "login", "local", "--store"];
    cli.run_with_input(&login, KEY.as_bytes()).exits_with(0);
    let token = cli.run(&["auth", "token", "local"]).exits_with(0);
    assert_eq!(token.stdout, format!("{KEY}\n"));
}
