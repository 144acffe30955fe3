//! How a broker begins, changes and ends.

use std::fs;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc;

use orchestration_tests::Cli;
use orchestration_tests::background::Background;
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::port::free_port;
use orchestration_tests::server::{Server, status};

use super::{FINE, KEY, broker_of, home};

#[test]
fn the_probes_need_no_pass_and_tell_nothing() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    for path in ["/livez", "/readyz"] {
        let answer = broker
            .raw(format!("GET {path} HTTP/1.1\r\nhost: 10.1.2.3\r\nconnection: close\r\n\r\n"));
        assert_eq!(status_of(&answer), 200, "{answer}");
        assert!(answer.ends_with("\r\n\r\nok\n"), "{answer}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_script_that_waits_for_the_port_alone_finds_the_pass() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let broker = Background::start(&mut cli.command(&["serve", "corp", "--listen", &address]));
    while TcpStream::connect(&address).is_err() {
        assert!(!broker.stderr().contains("error"), "{}", broker.stderr());
    }
    let pass = cli.home().join(format!(".local/state/orchestration/broker-{port}.pass"));
    assert!(fs::read_to_string(&pass).expect("it is there").starts_with("pass-"));
}

#[test]
fn a_port_serves_one_broker_and_the_next_one_can_have_it_at_once() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let serve = ["serve", "corp", "--listen", &format!("127.0.0.1:{}", free_port())];
    let first = Broker::started(&mut cli.command(&serve));
    cli.run(&serve).exits_with(2).explains(&["cannot listen on"]);
    // The pass of the first is still there. The broker closes the connection itself, so the system
    // keeps what is left of it for a minute.
    assert_eq!(status_of(&first.get("/p/corp/x")), 200);
    drop(first);
    let next = Broker::started(&mut cli.command(&serve));
    assert_eq!(status_of(&next.get("/p/corp/x")), 200);
}

#[test]
fn of_two_brokers_that_want_a_port_at_once_one_serves_and_the_other_says_why_not() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    for _ in 0..5 {
        let serve = ["serve", "corp", "--listen", &format!("127.0.0.1:{}", free_port())];
        let start = || Background::start(&mut cli.command(&serve));
        let mut brokers = [start(), start()];
        let mut ended = None;
        in_a_minute(|| {
            ended = brokers.iter_mut().position(|broker| broker.ended().is_some());
            ended.is_some()
        });
        let broker = &mut brokers[ended.expect("one of them ends")];
        broker.says("cannot listen on");
        let status = broker.ended().and_then(|status| status.code());
        assert_eq!(status, Some(2), "{}", broker.stderr());
    }
}

#[test]
fn a_change_of_providers_toml_takes_effect_and_a_mistake_in_it_does_not() {
    let [old, new] = ["old", "new"].map(|name| Server::new(status("200 OK", &[], name)));
    let cli = home(&old.url(), "");
    let broker = Broker::start(&cli, &["corp"]);
    let says = |text: &str| in_a_minute(|| broker.get("/p/corp/x").ends_with(text));
    assert!(says("old"));
    let path = cli.home().join(".config/orchestration/providers.toml");
    fs::write(&path, "[profiles.corp]\nbase_url = 1\n").expect("it can be written");
    broker.process().says("not reloaded");
    assert!(says("old"));
    let corp =
        |url: &str| format!("[profiles.corp]\nbase_url = \"{url}\"\napi_key_env = \"CORP_KEY\"\n");
    fs::write(&path, corp(&new.url())).expect("it can be written");
    assert!(says("new"), "{}", broker.process().stderr());
    broker.signal("HUP");
    assert!(in_a_minute(
        || broker.process().stderr().matches("\nreloaded: 1 profile\n").count() >= 2
    ));
    assert!(says("new"));
}

#[test]
fn a_profile_that_did_not_change_keeps_its_token_and_one_that_did_gets_a_new_one() {
    let token = "{\"access_token\":\"tok-Zq81LmVt93Kx\",\"expires_in\":3600}";
    let issuer = Server::new(status("200 OK", &[("content-type", "application/json")], token));
    let server = Server::new(FINE);
    let mint = |name: &str, more: &str| {
        format!(
            "[profiles.{name}]\nbase_url = \"{}\"\nauth_type = \"federated\"\n\
             api_key_env = \"CORP_KEY\"\nissuer = \"http://{}\"\n\
             options = {{ token_endpoint = \"/token\" }}\n{more}\n",
            server.url(),
            issuer.host()
        )
    };
    let cli = Cli::new().env("CORP_KEY", KEY).config(mint("one", "") + &mint("two", ""));
    let file = cli.home().join(".config/orchestration/providers.toml");
    // Without a home, no file keeps a token.
    let run = cli.home().join("run");
    let cli = cli.without("HOME").env("XDG_RUNTIME_DIR", run);
    let config = file.to_str().expect("it is Unicode");
    let broker = Broker::start(&cli, &["one", "two", "--config", config]);
    let ask = |path: &str| assert_eq!(status_of(&broker.get(path)), 200);
    let is_reloaded = |times: usize| {
        in_a_minute(|| broker.process().stderr().matches("\nreloaded").count() >= times)
    };
    ask("/p/one/x");
    ask("/p/two/x");
    assert_eq!(issuer.requests().len(), 2);
    broker.signal("HUP");
    assert!(is_reloaded(1));
    ask("/p/one/x");
    ask("/p/two/x");
    assert_eq!(issuer.requests().len(), 2, "nothing has changed");
    let changed = mint("one", "") + &mint("two", "headers = { \"X-Team\" = \"ops\" }");
    fs::write(&file, changed).expect("it can be written");
    assert!(is_reloaded(2));
    ask("/p/one/x");
    assert_eq!(issuer.requests().len(), 2, "that of the other profile has changed");
    ask("/p/two/x");
    assert_eq!(issuer.requests().len(), 3);
    let last = server.requests().pop().expect("there was one");
    assert_eq!(last.header("x-team"), Some("ops"));
    // What the strategy is granted is a part of it.
    let granted = "[strategies.federated]\nenv = [\"CORP_REGION\"]\n".to_owned();
    fs::write(&file, granted + &mint("one", "") + &mint("two", "")).expect("it can be written");
    assert!(is_reloaded(3));
    ask("/p/one/x");
    assert_eq!(issuer.requests().len(), 4);
}

#[test]
fn requests_under_way_are_finished_when_the_broker_is_told_to_end() {
    let (go_on, may_go_on) = mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    let server = Server::with(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst")?;
        stream.flush()?;
        may_go_on.lock().expect("it is whole").recv().expect("the client waits");
        stream.write_all(b"last")
    });
    let (_cli, broker) = broker_of(&server);
    let mut answer = broker.begin("/p/corp/x");
    answer.until("first");
    broker.signal("TERM");
    broker.process().says("finishing the requests under way");
    assert!(in_a_minute(|| std::net::TcpStream::connect(broker.address()).is_err()));
    go_on.send(()).expect("the server waits");
    let answer = answer.rest();
    assert!(answer.ends_with("firstlast"), "{answer}");
}

#[test]
fn a_second_signal_ends_it_at_once_and_leaves_no_pass_behind() {
    let (_hold, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let server = Server::with(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst")?;
        stream.flush()?;
        let _ = wait.lock().expect("it is whole").recv();
        Ok(())
    });
    for (first, second) in [("TERM", "TERM"), ("INT", "TERM"), ("TERM", "INT")] {
        let (cli, broker) = broker_of(&server);
        let mut answer = broker.begin("/p/corp/x");
        answer.until("first");
        let passes = cli.home().join(".local/state/orchestration");
        let files = || fs::read_dir(&passes).expect("it is there").count();
        assert_eq!(files(), 1);
        broker.signal(first);
        broker.process().says("a second signal ends them");
        // Its request would go on for 25 seconds.
        broker.signal(second);
        let answer = answer.rest();
        assert!(answer.ends_with("first"), "{answer}");
        assert!(in_a_minute(|| files() == 0));
    }
}

#[test]
fn a_profile_that_cannot_be_served_is_an_error_if_it_is_named_and_a_warning_if_not() {
    let config = format!(
        "[profiles.mine]\nbase_url = \"https://RESOURCE.openai.azure.com/openai/v1\"\n\
         [profiles.open]\nbase_url = \"http://llm.corp.example/v1\"\napi_key_env = \"K\"\n\
         headers = {{ X-Key = \"{KEY}\" }}\n"
    );
    let cli = Cli::new().config(config);
    for (name, says) in [("mine", "RESOURCE"), ("open", "plain http"), ("nope", "nope")] {
        let refused = cli.run(&["serve", name, "--listen", "127.0.0.1:0"]);
        assert_ne!(refused.status, 0, "{name}");
        assert!(refused.stderr.contains(says), "{name}: {}", refused.stderr);
    }
    let broker = Broker::start(&cli, &[]);
    broker.process().says("profile 'mine' is not served");
    broker.process().says("profile 'open' is not served");
    assert!(!broker.process().stderr().contains(KEY));
}

#[test]
fn only_this_machine_is_served_unless_more_is_allowed_with_tls() {
    let cli = home("http://127.0.0.1:1/v1", "");
    let refused = cli.run(&["serve", "corp", "--listen", "0.0.0.0:0"]).exits_with(2);
    assert!(refused.stderr.contains("--allow-remote"), "{}", refused.stderr);
    let refused =
        cli.run(&["serve", "corp", "--listen", "0.0.0.0:0", "--allow-remote"]).exits_with(2);
    assert!(refused.stderr.contains("--tls-cert"), "{}", refused.stderr);
    for listen in ["8080", "localhost", "unix:relative", ""] {
        cli.run(&["serve", "corp", "--listen", listen]).exits_with(2);
    }
}
