//! Signing in: shows what the user is to do, and waits.
//!
//! A sign-in needs a person, so nothing here waits for one who is not there: without a
//! terminal, an option has to say how to sign in.

use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use orchestration_runtime::{Code, ProviderError, ProviderProfile, SignIn, SignInStep, SignInWay};

use crate::error::CliError;
use crate::host::Host;
use crate::ui::style::WARNING;
use crate::ui::{spinner, stderr};

/// How long a sign-in may take in the browser, if `--timeout` does not say.
const PATIENCE: Duration = Duration::from_secs(600);

/// The options of a sign-in.
#[derive(Debug, Args)]
pub(super) struct SignInOptions {
    /// Sign in with a code that is typed into a page on any machine
    #[arg(long, conflicts_with_all = ["browser", "port", "no_open"])]
    device: bool,

    /// Sign in on a page in the browser of this machine
    #[arg(long)]
    browser: bool,

    /// Print the address of that page instead of opening it
    #[arg(long)]
    no_open: bool,

    /// The port of this machine that the page leads back to, instead of any
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    /// How long to wait for the user, e.g. 2m
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
}

impl SignInOptions {
    /// Signs in to `profile`.
    pub(super) fn sign_in(&self, host: &Host, profile: &ProviderProfile) -> Result<(), CliError> {
        let way = self.way()?;
        host.run(async {
            let (sign_in, step) = host.registry.sign_in(profile, way).await?;
            self.wait(sign_in, step, profile).await
        })
        .map_err(CliError::from)
    }

    /// Returns how to sign in.
    fn way(&self) -> Result<SignInWay, CliError> {
        let browser = SignInWay::Browser { port: self.port };
        if self.device {
            return Ok(SignInWay::Code);
        }
        if self.browser || self.no_open || self.port.is_some() {
            return Ok(browser);
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            let message = "signing in takes a person, and this is not a terminal";
            let hint = "to wait for one: --device prints a code, --browser --no-open an address";
            return Err(CliError::usage(message).with_hint(hint.to_owned()));
        }
        Ok(if browser_is_here() { browser } else { SignInWay::Code })
    }

    /// Shows the step, and waits until it is done.
    async fn wait(
        &self,
        sign_in: SignIn,
        step: SignInStep,
        profile: &ProviderProfile,
    ) -> Result<(), ProviderError> {
        let patience = |most| self.timeout.unwrap_or(most);
        let not_finished = || ProviderError::SignInNotFinished { profile: profile.name.clone() };
        match step {
            SignInStep::Done => Ok(()),
            SignInStep::Code(code) => {
                show(&code);
                let patience = patience(code.lasts).min(code.lasts);
                let _shown = spinner::waiting("you to approve", Instant::now() + patience);
                let approved = tokio::time::timeout(patience, sign_in.wait_for_approval());
                approved.await.unwrap_or_else(|_| Err(not_finished()))
            }
            SignInStep::Page(address) => {
                self.open(&address);
                let patience = patience(PATIENCE);
                let _shown = spinner::waiting("the browser", Instant::now() + patience);
                let came_back = tokio::time::timeout(patience, sign_in.wait_for_browser());
                came_back.await.unwrap_or_else(|_| Err(not_finished()))
            }
        }
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
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
    is_set("BROWSER")
        || !is_remote
            && (cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"))
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
