//! Who may use a profile.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use orchestration_tests::Cli;
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::server::Server;

use super::{FINE, KEY, broker_of, home};

#[test]
fn a_client_shows_its_pass_where_it_would_show_a_key() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let pass = broker.pass();
    for header in [
        "authorization: Bearer ",
        "authorization: bearer ",
        "x-api-key: ",
        "api-key: ",
        "x-goog-api-key: ",
    ] {
        let answer = broker.ask("GET /p/corp/models", &[&format!("{header}{pass}")], "");
        assert_eq!(status_of(&answer), 200, "{header} {answer}");
    }
    assert_eq!(status_of(&broker.ask(&format!("GET /p/corp/models?key={pass}"), &[], "")), 200);
    let both = [&*format!("authorization: Bearer {pass}"), "x-api-key: another"];
    assert_eq!(status_of(&broker.ask("GET /p/corp/models", &both, "")), 200);
    let requests = server.requests();
    assert_eq!(requests.len(), 7);
    for request in requests {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
        assert!(!format!("{request:?}").contains(&pass), "{request:?}");
    }
}

#[test]
fn without_a_valid_pass_nothing_reaches_the_provider_and_the_client_learns_why() {
    let server = Server::new(FINE);
    let url = server.url();
    let cli =
        home(&url, &format!("[profiles.other]\nbase_url = \"{url}\"\nauth_type = \"none\"\n"));
    let former = Broker::start(&cli, &["corp"]);
    let old = former.pass();
    drop(former);
    let broker = Broker::start(&cli, &["corp"]);
    for (headers, path, status, code) in [
        (None, "corp", 401, "no_pass"),
        (Some("authorization: Bearer "), "corp", 401, "no_pass"),
        (Some("authorization: Bearer wrong"), "corp", 401, "wrong_pass"),
        (Some(&*format!("x-api-key: {old}")), "corp", 401, "wrong_pass"),
        (Some(&*format!("x-api-key: {KEY}")), "corp", 401, "wrong_pass"),
        (Some(&*format!("x-api-key: {}", broker.pass())), "other", 403, "pass_for_other_profile"),
        (Some(&*format!("x-api-key: {}", broker.pass())), "nope", 403, "pass_for_other_profile"),
        (Some(&*format!("x-api-key: {}x", broker.pass())), "corp", 401, "wrong_pass"),
    ] {
        let headers: Vec<&str> = headers.into_iter().collect();
        let answer = broker.ask(&format!("POST /p/{path}/chat"), &headers, "{}");
        assert_eq!(status_of(&answer), status, "{headers:?} {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").expect("there is a body");
        let body: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
        assert_eq!(body["error"]["code"], code, "{body}");
        // What clients of OpenAI and of Anthropic show.
        assert!(body["error"]["message"].as_str().is_some_and(|text| text.len() > 20), "{body}");
        assert_eq!(body["type"], "error");
        assert!(body["error"]["type"].as_str().is_some_and(|kind| kind.ends_with("_error")));
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_of_passes_says_which_profile_each_is_good_for() {
    let server = Server::new(FINE);
    let url = server.url();
    let cli = home(&url, &format!("[profiles.free]\nbase_url = \"{url}\"\nauth_type = \"none\"\n"));
    let (one, two) =
        ("one-0123456789abcdef0123456789abcdef", "two-0123456789abcdef0123456789abcdef");
    let file = cli.file("passes", format!("# a fleet\n{one} corp\n{two} corp free\n"));
    let arguments = ["--pass-file", file.to_str().expect("it is Unicode")];
    // Who can read a pass can use it.
    fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("it is ours");
    let serve = [&["serve", "--listen", "127.0.0.1:0"][..], &arguments].concat();
    let refused = cli.run(&serve).exits_with(2);
    assert!(refused.stderr.contains("chmod"), "{}", refused.stderr);
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");

    let broker = Broker::start(&cli, &arguments);
    for (pass, profile, status) in
        [(one, "corp", 200), (one, "free", 403), (two, "corp", 200), (two, "free", 200)]
    {
        let answer = broker.ask(&format!("GET /p/{profile}/x"), &[&format!("api-key: {pass}")], "");
        assert_eq!(status_of(&answer), status, "{pass} {profile} {answer}");
    }
    // A key that a client has brought goes nowhere, with a profile that needs none, too.
    let of_free = server.requests().pop().expect("there was one");
    assert_eq!(of_free.header("api-key"), None);
    drop(broker);

    for (line, says) in
        [("short corp", "line 1"), (&*format!("{one}\n"), "line 1"), ("", "no pass")]
    {
        fs::write(&file, line).expect("it can be written");
        let refused = cli.run(&serve).exits_with(2);
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
        assert!(!refused.stderr.contains(one), "{}", refused.stderr);
    }
}

/// Writes the passes as Kubernetes mounts a secret, and as it rotates one: the file is behind
/// two links, of which the inner one is swapped.
fn mount(cli: &Cli, revision: &str, passes: &str, mode: u32) {
    let volume = cli.home().join("volume");
    let file = cli.file(&format!("volume/..{revision}/passes"), passes);
    fs::set_permissions(&file, Permissions::from_mode(mode)).expect("it is ours");
    symlink(format!("..{revision}"), volume.join("..data_tmp")).expect("it can be made");
    fs::rename(volume.join("..data_tmp"), volume.join("..data")).expect("it can be swapped");
    if !volume.join("passes").exists() {
        symlink("..data/passes", volume.join("passes")).expect("it can be made");
    }
}

#[test]
fn a_secret_that_kubernetes_mounts_is_a_file_of_passes_and_can_be_rotated() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let [one, two] = ["one", "two"].map(|name| format!("{name}-0123456789abcdef0123456789abcdef"));
    mount(&cli, "2026_11_28", &format!("{one} corp\n"), 0o400);
    let broker = Broker::start(&cli, &["corp", "--pass-file", "volume/passes"]);
    let get =
        |pass: &str| status_of(&broker.ask("GET /p/corp/x", &[&format!("x-api-key: {pass}")], ""));
    assert_eq!((get(&one), get(&two)), (200, 401));
    mount(&cli, "2026_11_29", &format!("{two} corp\n"), 0o400);
    assert!(in_a_minute(|| get(&two) == 200), "{}", broker.process().stderr());
    assert_eq!(get(&one), 401);
}

#[test]
fn a_file_of_passes_is_of_this_user_or_of_root_and_no_one_else_can_read_or_write_it() {
    let cli = home("http://127.0.0.1:1/v1", "");
    let volume = cli.home().join("volume");
    let pass = "one-0123456789abcdef0123456789abcdef corp\n";
    mount(&cli, "2026_11_28", pass, 0o400);
    let is_root = fs::metadata(&volume).expect("it is there").uid() == 0;
    let file = volume.join("..data/passes");
    let serve = ["serve", "corp", "--listen", "127.0.0.1:0", "--pass-file", "volume/passes"];
    for mode in [0o404, 0o402, 0o420, 0o460, 0o777] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("it is ours");
        let refused = cli.run(&serve).exits_with(2);
        assert!(refused.stderr.contains("others can read or write it"), "{}", refused.stderr);
    }
    // Kubernetes gives the files of a volume to root, and lets the group of the pod read them.
    fs::set_permissions(&file, Permissions::from_mode(0o440)).expect("it is ours");
    if is_root {
        drop(Broker::start(&cli, &["corp", "--pass-file", "volume/passes"]));
        chown(&file, None, Some(65532)).expect("root may");
        let refused = cli.run(&serve).exits_with(2);
        assert!(refused.stderr.contains("others can read or write it"), "{}", refused.stderr);
        fs::set_permissions(&file, Permissions::from_mode(0o400)).expect("it is ours");
        chown(&file, Some(65532), None).expect("root may");
        let refused = cli.run(&serve).exits_with(2);
        assert!(refused.stderr.contains("it belongs to another user"), "{}", refused.stderr);
    } else {
        let refused = cli.run(&serve).exits_with(2);
        assert!(refused.stderr.contains("others can read or write it"), "{}", refused.stderr);
    }
    // A link leads to no other directory.
    let elsewhere = cli.file("elsewhere", pass);
    fs::set_permissions(&elsewhere, Permissions::from_mode(0o400)).expect("it is ours");
    fs::remove_file(volume.join("passes")).expect("it is ours");
    symlink("../elsewhere", volume.join("passes")).expect("it can be made");
    let refused = cli.run(&serve).exits_with(2);
    assert!(refused.stderr.contains("a link out of its directory"), "{}", refused.stderr);
}

#[test]
fn the_pass_is_in_no_log_and_its_file_is_there_as_long_as_it_is_good() {
    let server = Server::new(FINE);
    let (cli, broker) = broker_of(&server);
    let pass = broker.pass();
    let directory = cli.home().join(".local/state/orchestration");
    let files = || fs::read_dir(&directory).expect("it is there").count();
    assert_eq!(files(), 1);
    for entry in fs::read_dir(&directory).expect("it is there").flatten() {
        let mode = entry.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{entry:?}");
    }
    broker.get("/p/corp/models");
    broker.ask(&format!("GET /p/corp/models?key={pass}"), &[], "");
    broker.process().says("GET /p/corp/models 200 2 B");
    broker.signal("TERM");
    assert!(in_a_minute(|| files() == 0));
    let log = broker.process().stderr();
    assert!(!log.contains(&pass) && !log.contains(KEY) && !log.contains("key="), "{log}");
}
