//! Clients on other machines: both sides show a certificate.
//!
//! Promised here, with curl as the client: only a certificate that the authority in
//! `--client-ca` signed gets as far as showing a pass, and a pass is needed all the same.

use std::process::Command;

use orchestration_tests::Cli;
use orchestration_tests::broker::Broker;
use orchestration_tests::server::{Certificate, Server};
use orchestration_tests::tool_is_there;

use super::{FINE, home};

/// Writes a certificate, its key and its authority, and returns the paths.
pub(super) fn written(cli: &Cli, name: &str, certificate: &Certificate) -> [String; 3] {
    [
        cli.file(&format!("{name}.pem"), &certificate.pem),
        cli.file(&format!("{name}.key"), &certificate.key),
        cli.file(&format!("{name}-authority.pem"), &certificate.authority),
    ]
    .map(|path| path.to_str().expect("it is Unicode").to_owned())
}

/// Starts a broker with this certificate, for clients with one of the authority `client_ca`.
pub(super) fn broker_with_tls(cli: &Cli, chain: &str, key: &str, client_ca: &str) -> Broker {
    let certificate = ["--tls-cert", chain, "--tls-key", key, "--client-ca", client_ca];
    Broker::start(cli, &[&["corp", "--allow-remote"], &certificate[..]].concat())
}

/// What curl says: the status, the version of HTTP, and whether there was an answer at all.
fn curl(broker: &Broker, options: &[&str], pass: &str) -> (String, bool) {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60", "--output", "/dev/null"])
        .args(["--write-out", "%{http_code} HTTP/%{http_version}"])
        .args(["--header", &format!("x-api-key: {pass}")])
        .args(options)
        .arg(format!("https://{}/p/corp/models", broker.address()))
        .output()
        .expect("curl can be started");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success())
}

#[test]
fn only_a_client_with_a_certificate_of_the_right_authority_gets_to_show_its_pass() {
    if !tool_is_there("curl") {
        return;
    }
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let [of_broker, right, wrong] =
        [&["127.0.0.1"], &["agent"], &["agent"]].map(|hosts| Certificate::signed(hosts));
    let [chain, key, authority] = written(&cli, "broker", &of_broker);
    let [right_chain, right_key, client_ca] = written(&cli, "right", &right);
    let [wrong_chain, wrong_key, _] = written(&cli, "wrong", &wrong);
    let broker = broker_with_tls(&cli, &chain, &key, &client_ca);
    let pass = broker.pass();
    // One that connects and says nothing keeps no one out.
    let _silent = broker.connect();

    let trusting = ["--cacert", &*authority];
    let with_right = ["--cert", &*right_chain, "--key", &*right_key];
    let with_wrong = ["--cert", &*wrong_chain, "--key", &*wrong_key];
    for (version, says) in [("1.2", "HTTP/2"), ("1.3", "HTTP/2")] {
        let tls = ["--tls-max", version];
        let (said, _) = curl(&broker, &[&trusting[..], &with_right, &tls].concat(), &pass);
        assert_eq!(said, format!("200 {says}"), "TLS {version}");
        let old = [&trusting[..], &with_right, &tls, &["--http1.1"]].concat();
        assert_eq!(curl(&broker, &old, &pass).0, "200 HTTP/1.1");
        let (said, _) = curl(&broker, &[&trusting[..], &with_right, &tls].concat(), "wrong");
        assert_eq!(said, format!("401 {says}"), "a certificate is no pass");
    }
    let seen = server.requests().len();
    assert_eq!(seen, 4);
    for (name, options) in [("wrong", &with_wrong[..]), ("none", &[])] {
        for version in ["1.2", "1.3"] {
            let tls = ["--tls-max", version];
            let (said, has_answer) = curl(&broker, &[&trusting[..], options, &tls].concat(), &pass);
            assert!(!has_answer && said.starts_with("000"), "{name}, TLS {version}: {said}");
        }
    }
    // Nor is the certificate of a client good for a broker that another authority stands for.
    let (said, has_answer) =
        curl(&broker, &[&["--cacert", &*client_ca][..], &with_right].concat(), &pass);
    assert!(!has_answer && said.starts_with("000"), "{said}");
    // Plain HTTP gets nothing.
    assert!(!broker.get("/p/corp/models").starts_with("HTTP/1.1 200"));
    assert_eq!(server.requests().len(), seen);
    assert!(curl(&broker, &[&trusting[..], &with_right].concat(), &pass).0.starts_with("200"));
}
