//! Signing in: shows what the user is to do, and waits.
//!
//! A sign-in needs a person, so nothing here waits for one who is not there: without a
//! terminal, an option has to say how to sign in.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use orchestration_runtime::{
    Code, ErrorKind, Pasted, ProviderError, ProviderProfile, Sessions, SignIn, SignInStep,
    SignInWay, Unlock,
};

use crate::error::CliError;
use crate::host::Host;
use crate::remedy;
use crate::ui::secret_input::{self, Line, SecretInputError};
use crate::ui::style::WARNING;
use crate::ui::{question, spinner, stderr};

/// How long a sign-in in the browser may take, if `--timeout` does not say.
const PATIENCE: Duration = Duration::from_secs(600);

/// The longest that is waited, whatever `--timeout` says: no clock counts to its end.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The options of a sign-in.
#[derive(Debug, Default, Args)]
pub(super) struct SignInOptions {
    /// Sign in with a code that is typed into a page on any machine
    #[arg(long, conflicts_with_all = ["browser", "port", "no_open", "paste"])]
    device: bool,

    /// Sign in on a page in the browser of this machine
    #[arg(long)]
    browser: bool,

    /// Print the address of that page instead of opening it
    #[arg(long)]
    no_open: bool,

    /// Sign in on a page on any machine, and paste the address that it ends on
    #[arg(long, conflicts_with_all = ["browser", "no_open"])]
    paste: bool,

    /// The port of this machine that the page leads back to, instead of any
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    /// How long to wait for the user, e.g. 2m
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,

    /// Keep the session or key in the keyring of the desktop instead of a file
    #[arg(long)]
    keyring: bool,
}

impl SignInOptions {
    /// Signs in to `profile`.
    pub(super) fn sign_in(&self, host: &Host, profile: &ProviderProfile) -> Result<(), CliError> {
        let (way, otherwise) = self.ways()?;
        host.run(async {
            let begun = match (host.registry.sign_in(profile, way).await, otherwise) {
                (Err(error), Some(way)) if error.kind() == ErrorKind::Unsupported => {
                    host.registry.sign_in(profile, way).await
                }
                (begun, _) => begun,
            };
            let (sign_in, step) = begun?;
            self.wait(sign_in, step, profile).await
        })
    }

    /// Returns where to keep the session.
    pub(super) fn keep_in(&self, sessions: Sessions) -> Sessions {
        let asks = question::can_be_asked() && has_display();
        let sessions = sessions.unlocking(if asks { Unlock::Ask } else { Unlock::Never });
        if self.keyring { sessions.in_keyring() } else { sessions }
    }

    /// Returns how to sign in, and another way if the server has no such one.
    fn ways(&self) -> Result<(SignInWay, Option<SignInWay>), CliError> {
        let browser = SignInWay::Browser { port: self.port };
        let paste = SignInWay::Paste { port: self.port };
        if self.paste {
            return Ok((paste, None));
        }
        if self.device {
            return Ok((SignInWay::Code, None));
        }
        if self.browser || self.no_open || self.port.is_some() {
            return Ok((browser, None));
        }
        if !question::can_be_asked() {
            let message = "signing in takes a person, and this is not a terminal";
            let hint = "to wait for one: --device prints a code, --browser --no-open an address, \
                        and --paste also reads from stdin the address that the page ends on";
            return Err(CliError::usage(message).with_hint(hint.to_owned()));
        }
        Ok(match browser_is_here() {
            true => (browser, None),
            // A page without a browser can be opened somewhere else.
            false => (SignInWay::Code, Some(paste)),
        })
    }

    /// Shows the step, and waits until it is done.
    async fn wait(
        &self,
        mut sign_in: SignIn,
        step: SignInStep,
        profile: &ProviderProfile,
    ) -> Result<(), CliError> {
        let end = |most| Instant::now() + self.timeout.unwrap_or(most).min(LONGEST);
        match step {
            SignInStep::Done => {}
            SignInStep::Code(code) => {
                show(&code);
                let end = end(code.lasts).min(Instant::now() + code.lasts);
                let _shown = spinner::waiting("you to approve", end);
                in_time(end, sign_in.wait_for_approval(), profile).await?;
            }
            SignInStep::Page(address) => {
                self.open(&address);
                let end = end(PATIENCE);
                let _shown = spinner::waiting("the browser", end);
                in_time(end, sign_in.wait_for_browser(), profile).await?;
            }
            SignInStep::Paste(address) => {
                show_to_paste(&address);
                pasted(&mut sign_in, end(PATIENCE), profile).await?;
            }
        }
        Ok(())
    }

    fn open(&self, address: &str) {
        let opened = !self.no_open && open_browser(address);
        let what = match opened {
            true => "Sign in in your browser. If no page has opened, open this one:",
            false => "Open this page in a browser on this machine:",
        };
        stderr::note(&format!("{WARNING}!{WARNING:#} {what}\n  {address}"));
    }
}

/// Waits for the end of a sign-in until the time is up.
async fn in_time(
    end: Instant,
    finished: impl Future<Output = Result<(), ProviderError>>,
    profile: &ProviderProfile,
) -> Result<(), ProviderError> {
    let finished = tokio::time::timeout_at(end.into(), finished).await;
    finished.unwrap_or_else(|_| Err(not_finished(profile)))
}

fn not_finished(profile: &ProviderProfile) -> ProviderError {
    ProviderError::SignInNotFinished { profile: profile.name.clone() }
}

fn show_to_paste(address: &str) {
    stderr::note(&format!(
        "{WARNING}!{WARNING:#} Open this page in a browser on any machine:\n  {address}\n  \
         It ends on an address that the browser can't open. Paste that, or the code in it."
    ));
}

/// Reads what the user pastes until it signs them in.
async fn pasted(
    sign_in: &mut SignIn,
    end: Instant,
    profile: &ProviderProfile,
) -> Result<(), CliError> {
    loop {
        // Nothing else has to go on meanwhile: only this ends the wait.
        let line = secret_input::line("Address or code (not shown): ", end);
        let why = match line.map_err(SecretInputError::from).map_err(CliError::usage)? {
            Line::Entered(text) => match sign_in.paste(&text).await? {
                Pasted::SignedIn => return Ok(()),
                Pasted::NoAnswer => "that is neither the address nor a code".to_owned(),
                Pasted::OtherSignIn => "that address is of another sign-in".to_owned(),
                Pasted::Refused(error) => error.without_profile(),
            },
            Line::Unfit(why) => why.to_string(),
            Line::TimeIsUp => return Err(not_finished(profile).into()),
            Line::NoMore => {
                let hint = remedy::sign_in(&profile.name);
                return Err(CliError::usage(NOT_PASTED).with_hint(hint));
            }
        };
        stderr::warning(&why, Some("paste the address that the page above has ended on"));
    }
}

const NOT_PASTED: &str = "stdin has ended, and the address was not pasted";

fn show(code: &Code) {
    let page = code.complete.as_deref().filter(|complete| *complete != code.address);
    let with_code = page.map(|page| format!("\n  or, with the code filled in, {page}"));
    stderr::note(&format!(
        "{WARNING}!{WARNING:#} First copy your one-time code: {}\n  Open {} in your browser{}",
        code.code,
        code.address,
        with_code.unwrap_or_default()
    ));
}

/// The program that opens pages on this kind of machine.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Whether a page can be opened where the user sees it. Over SSH it can't.
fn browser_is_here() -> bool {
    let is_remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
    is_set("BROWSER") || !is_remote && (cfg!(target_os = "macos") || has_display())
}

/// Whether a window can be shown.
fn has_display() -> bool {
    is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// Opens a page. Returns false if there is nothing to open it with.
fn open_browser(address: &str) -> bool {
    // `BROWSER` may be a list of programs (xdg-open(1)).
    let browsers = std::env::var("BROWSER").unwrap_or_default();
    let opens = |program: &str| {
        let quiet = Command::new(program)
            .arg(address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        quiet.is_ok()
    };
    browsers.split(':').filter(|program| !program.is_empty()).chain([OPENER]).any(opens)
}
