//! Many processes and tasks that renew one session at the same moment, and what ends them.
//!
//! Promised here, with a provider that takes each refresh token once and ends the session of
//! whoever shows one again: at the end of a token one of them renews it, and nobody fails; a
//! process that is killed at any moment loses nothing but an answer that it alone had, and
//! that is said; and a disk without room for the new session leaves the old one, because the
//! provider is not asked.
//!
//! The long versions are `cargo test --workspace --test all -- --ignored race`.

use std::process::Child;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use orchestration_runtime::{
    Allocation, AuthStrategy, Environment, ProvidersToml, Registry, Scope, Sessions,
};
use orchestration_tests::identity::{IdentityProvider, end_token_in, session_file, sessions};
use orchestration_tests::{Cli, Outcome, cannot_run, tool_is_there};

/// How many processes, and how many tasks of one more process, ask at once.
const PROCESSES: usize = 50;
const TASKS: usize = 50;

/// How many processes ask at once if half of them are killed.
const KILLED_OR_NOT: u32 = 4;

const RENEWED: &str = "granted refresh_token";
const TOKEN: &[&str] = &["auth", "token", "corp"];

fn signed_in() -> Option<(IdentityProvider, Cli)> {
    let provider = IdentityProvider::start(3600)?;
    let cli = provider.cli();
    provider.sign_in(&cli).exits_with(0);
    Some((provider, cli))
}

fn start(cli: &Cli) -> Child {
    cli.command(TOKEN).spawn().expect("the product can be started")
}

fn outcome(process: Child) -> Outcome {
    process.wait_with_output().expect("it ends").into()
}

/// Strategies of one program, which it uses from many tasks.
fn strategies(cli: &Cli) -> Vec<Arc<dyn AuthStrategy>> {
    let config = cli.home().join(".config/orchestration/providers.toml");
    let providers = ProvidersToml::load(&config).unwrap();
    let environment = Environment::Fixed([].into());
    let registry = Registry::new(&providers, environment, None, Allocation::OnDemand).unwrap();
    registry.keep_sessions_in(Sessions::at(sessions(cli)));
    let profile = || providers.profile("corp").unwrap().as_ref().clone();
    let strategy = || registry.bind(profile(), None, Scope::OwnCredential).unwrap().into();
    (0..TASKS).map(|_| strategy()).collect()
}

/// Lets all ask when the token ends, so often.
fn all_ask_at_the_end(rounds: usize) {
    let Some((provider, cli)) = signed_in() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for round in 1..=rounds {
        let strategies = strategies(&cli);
        // Some find a token that is about to end, and some one that has ended.
        end_token_in(&cli, 1);
        let processes: Vec<Child> = (0..PROCESSES).map(|_| start(&cli)).collect();
        let ask = |strategy: Arc<dyn AuthStrategy>| {
            runtime.spawn(async move { strategy.obtain(Duration::ZERO).await })
        };
        let tasks = runtime.block_on(join_all(strategies.into_iter().map(ask)));
        let of_tasks = tasks.into_iter().map(|task| {
            let found = task.unwrap().unwrap_or_else(|error| panic!("round {round}: {error}"));
            format!("{}\n", found.key().unwrap().expose())
        });
        let of_processes = processes.into_iter().map(|one| outcome(one).exits_with(0).stdout);
        let tokens: Vec<String> = of_tasks.chain(of_processes).collect();
        assert_eq!(tokens.len(), TASKS + PROCESSES);
        assert!(tokens.iter().all(|token| *token == tokens[0]), "round {round}: {tokens:?}");
        assert_eq!(provider.count(RENEWED), round, "{:?}", provider.log());
    }
    assert_eq!(provider.count("revoked"), 0, "{:?}", provider.log());
}

#[test]
fn at_the_end_of_a_token_is_won_by_one_and_lost_by_nobody() {
    all_ask_at_the_end(2);
}

#[test]
#[ignore = "takes minutes"]
fn at_the_end_of_a_token_is_won_by_one_and_lost_by_nobody_in_20_rounds() {
    all_ask_at_the_end(20);
}

/// Lets some processes ask at the end of a token and kills half of them, so often. Returns
/// how many sessions were lost.
fn half_are_killed(rounds: u32) -> u32 {
    let Some((provider, cli)) = signed_in() else { return 0 };
    let mut lost = 0;
    for round in 0..rounds {
        end_token_in(&cli, -1);
        let started = Instant::now();
        let mut processes: Vec<Child> = (0..KILLED_OR_NOT).map(|_| start(&cli)).collect();
        let rest = processes.split_off(KILLED_OR_NOT as usize / 2);
        for (number, mut killed) in (1..).zip(processes) {
            // A different moment each time, from its start until after its end.
            let moment = Duration::from_millis(u64::from((round * 37 * number) % 400));
            sleep(moment.saturating_sub(started.elapsed()));
            killed.kill().expect("it can be killed");
            killed.wait().expect("it ends");
        }
        let ended = rest.into_iter().map(outcome).filter(|one| one.status != 0);
        let ended: Vec<Outcome> = ended.chain([cli.run(TOKEN)]).collect();
        let [said, .., last] = &ended[..] else {
            assert_eq!(ended[0].status, 0, "nobody was told why: {:?}", ended[0]);
            continue;
        };
        // The provider has answered one that was killed, and nobody else has its answer.
        let words = "was lost with the answer to an earlier renewal";
        assert!(ended.iter().any(|one| one.stderr.contains(words)), "{ended:?}");
        assert!(said.stderr.contains("the session has ended"), "{said:?}");
        assert!(last.stderr.contains("orchestration auth login corp"), "{last:?}");
        lost += 1;
        provider.sign_in(&cli).exits_with(0);
    }
    lost
}

#[test]
fn is_survived_by_the_session_if_half_are_killed() {
    half_are_killed(10);
}

#[test]
#[ignore = "takes minutes"]
#[allow(clippy::print_stderr, reason = "whoever runs it wants to know the number")]
fn is_survived_by_the_session_if_half_are_killed_in_200_rounds() {
    eprintln!("{} of 200 answers were lost with the process that had them", half_are_killed(200));
}

#[test]
fn is_survived_by_a_session_that_was_written_when_its_process_was_killed() {
    if !tool_is_there("strace") {
        return;
    }
    let Some((provider, cli)) = signed_in() else { return };
    for (round, (call, when)) in
        [("fsync", 1), ("rename,renameat,renameat2", 1), ("fsync", 2)].into_iter().enumerate()
    {
        end_token_in(&cli, -1);
        let trace = [
            "--quiet=all".to_owned(),
            "--follow-forks".to_owned(),
            "--output=/dev/null".to_owned(),
            format!("--trace={call}"),
            format!("--inject={call}:signal=KILL:when={when}"),
        ];
        let mut command = cli.command_under("strace", &trace, TOKEN);
        let killed = command.output().expect("strace runs");
        assert!(!killed.status.success(), "{call}: it was not killed");
        assert_eq!(provider.count(RENEWED), round + 1);
        let token = cli.run(TOKEN).exits_with(0).stdout;
        assert!(provider.accepts(token.trim_end()), "{call}");
        assert_eq!(provider.count(RENEWED), round + 1, "{call}: {:?}", provider.log());
    }
}

/// Puts the sessions of two homes on full disks of their own, lets three processes ask in
/// each, and then again after the second disk has room. What they say is in files of the
/// homes, with their exit status.
const ON_FULL_DISKS: &str = r#"
full=$1; freed=$2; shift 2
for home in "$full" "$freed"; do
    sessions=$home/.local/state/orchestration/sessions
    cp -a "$sessions" "$home/kept" && mount -t tmpfs -o size=160k,mode=700 tmpfs "$sessions" \
        && cp "$home"/kept/*.session "$sessions" || exit 99
    cat /dev/zero > "$sessions/filler" 2> /dev/null
done
ask() { HOME=$home "$@" > "$home/$said" 2>&1; echo "status $?" >> "$home/$said"; }
for home in "$full" "$freed"; do
    for said in first second third; do ask "$@" & done
done
wait
rm "$freed/.local/state/orchestration/sessions/filler"
for home in "$full" "$freed"; do said=last; ask "$@"; done
cp "$full"/.local/state/orchestration/sessions/*.session "$full/kept"
"#;

#[test]
fn is_not_entered_in_two_stores_on_full_disks_until_one_has_room() {
    let Some((provider, cli)) = signed_in() else { return };
    if !tool_is_there("unshare") {
        return;
    }
    let other = provider.cli();
    provider.sign_in(&other).exits_with(0);
    for home in [&cli, &other] {
        end_token_in(home, -1);
    }
    let homes = [&cli, &other].map(|cli| cli.home().to_str().expect("it is Unicode"));
    let own = ["-rm", "sh", "-c", ON_FULL_DISKS, "sh", homes[0], homes[1]];
    let run = Outcome::of(&mut cli.command_under("unshare", &own, TOKEN));
    if run.status == 99 || run.stderr.contains("unshare:") {
        return cannot_run(&format!("nothing can be mounted here: {}", run.stderr.trim()));
    }
    let said = |home: &Cli, when: &str| {
        std::fs::read_to_string(home.home().join(when)).expect("it was written")
    };
    let no_room = "there is no room on the disk to save a new session\n";
    for home in [&cli, &other] {
        for process in ["first", "second", "third"] {
            let said = said(home, process);
            assert!(said.contains(no_room) && said.ends_with("status 3\n"), "{said}");
        }
    }
    assert!(said(&cli, "last").contains(no_room), "{}", said(&cli, "last"));
    assert!(said(&other, "last").ends_with("status 0\n"), "{}", said(&other, "last"));
    assert_eq!(provider.count(RENEWED), 1, "{:?}", provider.log());
    // The old session was there all the time.
    let file = session_file(&cli);
    std::fs::copy(cli.home().join("kept").join(file.file_name().unwrap()), &file).unwrap();
    cli.run(TOKEN).exits_with(0);
    assert_eq!(provider.count(RENEWED), 2);
    assert_eq!(provider.count("revoked"), 0);
}

#[test]
fn is_not_entered_where_the_new_session_has_no_room() {
    let Some((provider, cli)) = signed_in() else { return };
    if !tool_is_there("unshare") {
        return;
    }
    end_token_in(&cli, -1);
    let directory = sessions(&cli);
    let script = format!(
        "cp -a '{0}' '{0}.copy' && mount -t tmpfs -o size=160k,mode=700 tmpfs '{0}' \
         && cp '{0}'.copy/* '{0}' || exit 99; rm '{0}'/*.lock; \
         cat /dev/zero > '{0}/filler' 2> /dev/null; \
         \"$0\" \"$@\"; status=$?; rm '{0}/filler'; cp '{0}'/* '{0}.copy/'; exit $status",
        directory.display()
    );
    let own = ["-rm", "sh", "-c", &script];
    let full = Outcome::of(&mut cli.command_under("unshare", &own, TOKEN));
    if full.status == 99 || full.stderr.contains("unshare:") {
        return cannot_run(&format!("nothing can be mounted here: {}", full.stderr.trim()));
    }
    full.exits_with(3).explains(&[
        "warning: cannot save the session of profile 'corp'\n",
        "error: profile 'corp': there is no room on the disk to save a new session\n",
        "  free some space on that disk, and try again\n",
    ]);
    assert_eq!(provider.count(RENEWED), 0);
    // What is left there is the old session, and it is renewed where there is room.
    let left = directory.with_extension("copy").join(session_file(&cli).file_name().unwrap());
    std::fs::copy(left, session_file(&cli)).unwrap();
    cli.run(TOKEN).exits_with(0);
    assert_eq!(provider.count(RENEWED), 1);
}
