//! What a command and the processes below it use.

use std::fs;

use crate::{Cli, Outcome};

/// What all processes of a command used.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// The most memory that they had at the same time, in MiB.
    pub mib: u64,
    /// How long the command took, in seconds.
    pub seconds: u64,
    /// The memory of processes that outlived it by ten seconds, in KiB.
    pub left: u64,
}

impl Cli {
    /// Runs `auth status`. Returns what it used, and the outcome.
    pub fn status_measured(&self) -> (Used, Outcome) {
        let own = ["-c", MEASURE];
        let outcome = Outcome::of(&mut self.command_under("python3", &own, &["auth", "status"]));
        let used = fs::read_to_string(self.home().join("used")).expect("it was written");
        let numbers: Vec<u64> = used.split_whitespace().flat_map(str::parse).collect();
        let [kib, seconds, left] = numbers[..] else { panic!("{used:?}") };
        (Used { mib: kib >> 10, seconds, left }, outcome)
    }
}

/// Adds up, again and again, what is resident of each process of the session; none has
/// more than the most that the system saw of one.
const MEASURE: &str = "
import os, resource, subprocess, sys, time
started = time.monotonic()
child = subprocess.Popen(sys.argv[1:], start_new_session=True)
def resident(pid):
    try:
        if os.getsid(pid) != child.pid: return 0
        return int(open(f'/proc/{pid}/statm').read().split()[1]) * resource.getpagesize() // 1024
    except (OSError, IndexError):
        return 0
def all():
    return sum(resident(int(pid)) for pid in os.listdir('/proc') if pid.isdigit())
peak = 0
while child.poll() is None:
    peak = max(peak, all())
    time.sleep(0.01)
ended = time.monotonic()
while all() and time.monotonic() < ended + 10:
    time.sleep(0.01)
peak = max(peak, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
open('used', 'w').write(f'{peak} {int(ended - started)} {all()}')
sys.exit(child.returncode)
";
