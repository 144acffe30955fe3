//! The Unix socket: who can use it, and what is left of a broker that was killed.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use orchestration_tests::background::Background;
use orchestration_tests::broker::status_of;
use orchestration_tests::server::Server;
use orchestration_tests::{Cli, cannot_run, skip};

use super::{FINE, KEY, home};

fn serve(cli: &Cli) -> (Background, PathBuf) {
    let process = Background::start(&mut cli.command(&["serve", "corp"]));
    process.says("base URL: ");
    (process, cli.home().join(".local/state/orchestration/broker.sock"))
}

fn ask(socket: &Path) -> String {
    let mut stream = UnixStream::connect(socket).expect("the broker listens");
    let request = "GET /p/corp/x HTTP/1.1\r\nhost: broker\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("the broker reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the broker answers");
    answer
}

#[test]
fn programs_of_this_user_need_no_pass_on_the_socket_and_no_one_else_can_open_it() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let (_broker, socket) = serve(&cli);
    assert_eq!(fs::metadata(&socket).expect("it is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(status_of(&ask(&socket)), 200);
    let key = server.request().header("authorization").map(str::to_owned);
    assert_eq!(key, Some(format!("Bearer {KEY}")));
}

#[test]
fn another_user_is_refused_even_if_the_socket_lets_everyone_in() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let (broker, socket) = serve(&cli);
    if fs::metadata(cli.home()).expect("it is there").uid() != 0 {
        return cannot_run("only root can be another user");
    }
    if !fs::exists("/usr/bin/python3").unwrap_or(false) {
        return skip("python3 is not installed (apt-get install python3)");
    }
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).expect("it is ours");
    for directory in socket.ancestors().skip(1).take(4) {
        fs::set_permissions(directory, Permissions::from_mode(0o755)).expect("it is ours");
    }
    let script = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                  s.sendall(b'GET /p/corp/x HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')\n\
                  try: print(len(s.recv(9)))\nexcept OSError: print(0)";
    let output = Command::new("setpriv")
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "/usr/bin/python3",
            "-c",
            script,
        ])
        .arg(&socket)
        .output()
        .expect("there is setpriv");
    let answered = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(answered.trim() == "0" || errors.contains("Broken pipe"), "{answered} {errors}");
    assert!(!errors.contains("Permission"), "{errors}");
    assert!(server.requests().is_empty());
    broker.says("another user was refused");
    assert_eq!(status_of(&ask(&socket)), 200);
}

#[test]
fn a_killed_broker_leaves_no_socket_in_the_way_of_the_next() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let (first, socket) = serve(&cli);
    let second = cli.run(&["serve", "corp"]).exits_with(2);
    assert!(second.stderr.contains("another broker listens there"), "{}", second.stderr);
    assert_eq!(status_of(&ask(&socket)), 200);
    // By a signal that it can't see.
    drop(first);
    assert!(socket.exists());
    let (_third, socket) = serve(&cli);
    assert_eq!(status_of(&ask(&socket)), 200);
}

#[test]
fn nothing_but_a_socket_is_replaced_and_not_where_others_could() {
    let cli = home("http://127.0.0.1:1/v1", "");
    let file = cli.file("notes.sock", "mine");
    let listen = |path: &Path| format!("unix:{}", path.display());
    let refused = cli.run(&["serve", "corp", "--listen", &listen(&file)]).exits_with(2);
    assert!(refused.stderr.contains("there is another file"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "mine");
    let shared = cli.home().join("shared");
    fs::create_dir(&shared).expect("it can be made");
    fs::set_permissions(&shared, Permissions::from_mode(0o777)).expect("it is ours");
    let refused = cli.run(&["serve", "corp", "--listen", &listen(&shared.join("s"))]).exits_with(2);
    assert!(refused.stderr.contains("can be written by others"), "{}", refused.stderr);
}
