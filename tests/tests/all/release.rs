//! What a release is made of, as far as it can be tried without one; `.ci/release` builds and
//! installs the artifacts.
//!
//! Promised here: install.sh installs what has the right digest, in one step, and nothing
//! else; the crates, the changelog and the tag have one version; and the workflows name no
//! action that can change under them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use orchestration_tests::server::{Refusing, Server, status};
use orchestration_tests::{Cli, Outcome, tool_is_there};
use saphyr::{LoadableYamlNode, Yaml};
use sha2::{Digest, Sha256};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) mod the_installer {
    use super::*;

    pub(crate) const VERSION: &str = "1.2.3";

    /// The archive of a release for this machine, with the executable under test.
    pub(crate) static ARCHIVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let cli = Cli::new();
        let product = cli.command::<&str>(&[]).get_program().to_owned();
        let directory = name();
        let script = "mkdir -p \"$1/bin\" && cp \"$2\" \"$1/bin/orchestration\" && \
                      tar --create --use-compress-program='gzip -1' --file archive \"$1\"";
        let mut command = cli.command_in("sh", &["-c", script, "sh", &directory]);
        Outcome::of(command.arg(product)).exits_with(0);
        fs::read(cli.home().join("archive")).expect("tar has written it")
    });

    fn target() -> String {
        format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
    }

    fn name() -> String {
        format!("orchestration-{VERSION}-{}", target())
    }

    pub(crate) fn digest(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A server with one release, whose archive is `archive`: with the script of the release
    /// beside it.
    pub(crate) fn releases(archive: &'static [u8]) -> Server {
        let script = script_of_release();
        Server::with(move |request, stream| {
            let path = request.line.split(' ').nth(1).unwrap_or_default();
            let body = match path.rsplit_once(&format!("/v{VERSION}/")) {
                Some((_, "install.sh")) => script.as_bytes(),
                Some((_, file)) if file == format!("{}.tar.gz", name()) => archive,
                _ => return stream.write_all(status("404 Not Found", &[], "none").as_bytes()),
            };
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len())?;
            stream.write_all(body)
        })
    }

    /// install.sh as release/finish writes it.
    fn script_of_release() -> String {
        let script = fs::read_to_string(repository().join("release/install.sh")).unwrap();
        let digests = format!("digests='{} {}\n'", target(), digest(&ARCHIVE));
        script.replacen("\nversion=\n", &format!("\nversion={VERSION}\n"), 1).replacen(
            "\ndigests=\n",
            &format!("\n{digests}\n"),
            1,
        )
    }

    /// Runs install.sh of the repository against a server at `host`.
    fn install(cli: &Cli, host: &str, arguments: &[&str]) -> Outcome {
        run(cli, &repository().join("release/install.sh"), host, arguments)
    }

    fn run(cli: &Cli, script: &Path, host: &str, arguments: &[&str]) -> Outcome {
        let mut command = cli.command_in("sh", &[script]);
        let releases = format!("http://{host}");
        Outcome::of(command.args(arguments).env("ORCHESTRATION_RELEASES", releases))
    }

    fn installed(cli: &Cli) -> PathBuf {
        cli.home().join(".local/bin/orchestration")
    }

    #[test]
    fn installs_an_executable_that_runs() {
        if !tool_is_there("curl") {
            return;
        }
        let (cli, server) = (Cli::new(), releases(&ARCHIVE));
        let outcome =
            install(&cli, &server.host(), &["--version", VERSION, "--digest", &digest(&ARCHIVE)])
                .exits_with(0);
        // It is not in the PATH of the test.
        assert!(outcome.stdout.contains("export PATH="), "{}", outcome.stdout);
        let mut command = Command::new(installed(&cli));
        let status =
            Outcome::of(command.args(["auth", "status"]).env_clear().env("HOME", cli.home()));
        assert_eq!(status.exits_with(0).row("openai")[2], "✗ missing");
    }

    #[test]
    fn of_a_release_knows_its_version_and_digests() {
        if !tool_is_there("curl") {
            return;
        }
        let (cli, server) = (Cli::new(), releases(&ARCHIVE));
        let script = cli.file("install.sh", script_of_release());
        run(&cli, &script, &server.host(), &["--to", "elsewhere"]).exits_with(0);
        assert!(cli.home().join("elsewhere/orchestration").is_file());
        // It knows nothing of another one.
        let outcome = run(&cli, &script, &server.host(), &["--version", "9.9.9"]).exits_with(2);
        outcome.explains(&["9.9.9", "--digest"]);
    }

    #[test]
    fn wants_the_static_archive_where_there_is_no_glibc() {
        if !tool_is_there("curl") {
            return;
        }
        let (cli, server) = (Cli::new(), releases(&ARCHIVE));
        // What Alpine's says, and how it ends.
        cli.file("bin/ldd", "#!/bin/sh\necho 'musl libc (x86_64)' >&2\nexit 1\n");
        let script = script_of_release();
        let script = cli.file("install.sh", format!("PATH=$HOME/bin:$PATH\n{script}"));
        Outcome::of(&mut cli.command_in("chmod", &["755", "bin/ldd"])).exits_with(0);
        run(&cli, &script, &server.host(), &[])
            .exits_with(1)
            .explains(&["has no archive for", "-unknown-linux-musl"]);
    }

    #[test]
    fn installs_nothing_with_another_digest_and_leaves_what_was_there() {
        if !tool_is_there("curl") {
            return;
        }
        let (cli, server) = (Cli::new(), releases(&ARCHIVE));
        cli.file(".local/bin/orchestration", "the old one");
        let wrong = "0".repeat(64);
        let outcome = install(&cli, &server.host(), &["--version", VERSION, "--digest", &wrong]);
        outcome.exits_with(1).explains(&[&digest(&ARCHIVE), &wrong, "nothing was installed"]);
        assert_eq!(fs::read_to_string(installed(&cli)).unwrap(), "the old one");
        assert_eq!(fs::read_dir(cli.home().join(".local/bin")).unwrap().count(), 1);
    }

    #[test]
    fn says_what_failed_and_what_to_do() {
        if !tool_is_there("curl") {
            return;
        }
        let (server, refusing) = (releases(&ARCHIVE), Refusing::start());
        let good = digest(&ARCHIVE);
        let release = ["--version", VERSION, "--digest", &good];
        let other = ["--version", "9.9.9", "--digest", &good];
        let cases: &[(&str, &[&str], i32, &[&str])] = &[
            (&server.host(), &other, 1, &["cannot download", "v9.9.9", "check the version"]),
            (&refusing.host(), &release, 1, &["cannot download", "the network"]),
            (&server.host(), &[], 2, &["--version VERSION --digest SHA256"]),
            (&server.host(), &["--version"], 2, &["--version needs a value"]),
            (&server.host(), &["--version", "../x", "--digest", &good], 2, &["'../x'"]),
            (&server.host(), &["--nope"], 2, &["Usage: sh install.sh"]),
            ("llm.corp.example", &release, 2, &["not an https address"]),
        ];
        for (host, arguments, status, said) in cases {
            let cli = Cli::new();
            install(&cli, host, arguments).exits_with(*status).explains(said);
            assert!(!installed(&cli).exists(), "{arguments:?}");
        }
    }

    #[test]
    fn replaces_an_executable_that_runs() {
        if !tool_is_there("curl") {
            return;
        }
        let (cli, server) = (Cli::new(), releases(&ARCHIVE));
        let good = digest(&ARCHIVE);
        let arguments = ["--version", VERSION, "--digest", &good];
        // To write into a running executable fails ("text file busy").
        fs::create_dir_all(cli.home().join(".local/bin")).unwrap();
        fs::copy("/bin/sleep", installed(&cli)).unwrap();
        fs::set_permissions(installed(&cli), Permissions::from_mode(0o755)).unwrap();
        let mut running = Command::new(installed(&cli)).arg("60").spawn().unwrap();
        install(&cli, &server.host(), &arguments).exits_with(0);
        running.kill().unwrap();
        running.wait().unwrap();
        let version = Outcome::of(Command::new(installed(&cli)).arg("--version")).exits_with(0);
        assert!(version.stdout.starts_with("orchestration "), "{}", version.stdout);
    }
}

mod the_version {
    use super::*;

    /// Runs release/version as on a commit with this tag.
    fn version(tag: &str) -> Outcome {
        let mut command = Command::new(repository().join("release/version"));
        Outcome::of(command.env("TAG", tag))
    }

    #[test]
    fn is_one_for_all_crates() {
        let outcome = version(" ").exits_with(0);
        let version = outcome.stdout.trim();
        let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
        let own = manifest.lines().filter(|line| line.starts_with("orchestration"));
        let mut crates = 0;
        for line in own {
            assert!(line.contains(&format!("version = \"{version}\"")), "{line}");
            crates += 1;
        }
        assert!(crates >= 7, "{crates} crates");
    }

    #[test]
    fn of_a_tag_is_that_of_the_crates_and_in_the_changelog() {
        version("v9.9.9").exits_with(1).explains(&["v9.9.9", "Cargo.toml"]);
        let current = version(" ").exits_with(0).stdout;
        let tagged = version(&format!("v{}", current.trim()));
        let changelog = fs::read_to_string(repository().join("CHANGELOG.md")).unwrap();
        if changelog.contains(&format!("\n## {} - ", current.trim())) {
            tagged.exits_with(0);
        } else {
            tagged.exits_with(1).explains(&["CHANGELOG.md has no line"]);
        }
    }
}

/// Returns how many actions a workflow uses, each by its commit, and fails if there is another
/// one, or if it has a permission that is not that of a job.
pub(crate) fn pinned_actions(workflow: &str) -> usize {
    let yaml = Yaml::load_from_str(workflow).expect("it is YAML");
    let permissions = yaml[0]["permissions"].as_mapping().expect("it has permissions");
    assert!(permissions.is_empty(), "{workflow}");
    let used = workflow.lines().filter_map(|line| line.split_once("uses: "));
    let pinned = used.inspect(|(_, action)| {
        let commit = action.split_once('@').map(|(_, rest)| rest).unwrap_or_default();
        let commit = commit.split_whitespace().next().unwrap_or_default();
        let is_commit = commit.len() == 40 && commit.bytes().all(|c| c.is_ascii_hexdigit());
        assert!(is_commit, "{action}");
    });
    pinned.count()
}

#[test]
fn workflows_pin_every_action_by_its_commit_and_start_without_permissions() {
    let directory = repository().join(".github/workflows");
    let workflows = fs::read_dir(directory).expect("there are workflows").map(|entry| {
        let path = entry.expect("a directory can be read").path();
        fs::read_to_string(&path).expect("a workflow is text")
    });
    let pinned: usize = workflows.map(|workflow| pinned_actions(&workflow)).sum();
    assert!(pinned >= 3, "{pinned} actions");
}
