//! The command while it runs, as if this process were not there: signals reach it, the
//! terminal is its own, and its end is ours.
//!
//! It is in the process group of this process, so a shell stops and continues both, and Ctrl-C
//! reaches both. This process must outlive the command, to answer its last requests, so it
//! ignores what the terminal sends to both, and passes on what only this one was sent.

use std::fs::{self, File};
use std::future::poll_fn;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::task::Poll;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, getpid, kill_process, waitid};
use rustix::termios::tcgetpgrp;
use signal_hook::low_level::emulate_default_handler;
use tokio::signal::unix::{self, SignalKind};

use crate::exit::Exit;

/// What a terminal sends to all processes of its foreground group.
const OF_TERMINAL: [Signal; 3] = [Signal::INT, Signal::QUIT, Signal::HUP];

/// What else is passed on.
const OTHERS: [Signal; 3] = [Signal::TERM, Signal::USR1, Signal::USR2];

/// What shells add to the number of a signal to make an exit status.
const BY_SIGNAL: i32 = 128;

/// The signals that no longer end this process.
pub(crate) struct Signals(Vec<(Signal, unix::Signal)>);

impl Signals {
    /// Catches the signals, in a runtime. A command that is started then has the default of
    /// each.
    pub(crate) fn caught() -> io::Result<Self> {
        let ignored = ignored();
        let is_ignored = |signal: Signal| ignored >> (signal.as_raw() - 1) & 1 == 1;
        let all = [Signal::CHILD].into_iter().chain(OF_TERMINAL).chain(OTHERS);
        // What `nohup` and the like ignore stays so, for the command as well.
        let caught = all
            .filter(|signal| !is_ignored(*signal))
            .map(|signal| Ok((signal, unix::signal(SignalKind::from_raw(signal.as_raw()))?)));
        caught.collect::<io::Result<_>>().map(Self)
    }

    /// Returns the next signal.
    async fn next(&mut self) -> Signal {
        poll_fn(|context| {
            for (signal, stream) in &mut self.0 {
                if stream.poll_recv(context).is_ready() {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Returns how the command ended. Until then, signals are passed on to it.
pub(crate) async fn to_the_end(mut child: Child, mut signals: Signals) -> io::Result<ExitStatus> {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return child.wait();
    };
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        stop_with(pid);
        let signal = signals.next().await;
        let is_for_both = OF_TERMINAL.contains(&signal) && is_in_foreground();
        if signal != Signal::CHILD && !is_for_both {
            // It may have ended by itself.
            let _ = kill_process(pid, signal);
        }
    }
}

/// Stops this process if the command has stopped, so that the shell sees it, and continues the
/// command when the shell continues this process.
fn stop_with(command: Pid) {
    let stopped = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
    let status = waitid(WaitId::Pid(command), stopped);
    if status.is_ok_and(|status| status.is_some_and(|status| status.stopped())) {
        let _ = kill_process(getpid(), Signal::STOP);
        let _ = kill_process(command, Signal::CONT);
    }
}

/// Returns true if what the terminal sends reaches this process and the command alike.
fn is_in_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|tty| tcgetpgrp(tty).is_ok_and(|group| group == getpgrp()))
}

/// The signals that this process was started to ignore, a bit each.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// Ends as the command did: with its status, or by the same signal.
pub(crate) fn exit(ended: ExitStatus) -> Exit {
    let code = ended.code().unwrap_or_else(|| {
        let signal = ended.signal().unwrap_or_default();
        // It returns only if that signal ends nothing.
        let _ = emulate_default_handler(signal);
        BY_SIGNAL + signal
    });
    Exit::OfCommand(u8::try_from(code).unwrap_or(u8::MAX))
}
