//! Signs in as a case says.
//!
//! In a test no person signs in: the page is never opened, and no code is typed. The case says
//! what comes back from the page, and its scripted answers say when the user has approved. The
//! time in between passes at once.

use std::time::Duration;

use orchestration_sandbox::{Code, Conversation, Failure, Grant, Page, Step};
use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, HttpOrigin};
use serde::Deserialize;

/// `sign_in` of a case: what the user is shown, and does.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// Whether a page can be opened on this machine.
    #[serde(default)]
    pub(super) browser: bool,
    /// How the address of the page begins that is opened.
    opens: Option<String>,
    /// The code that comes back from the page.
    #[serde(default = "code")]
    code: String,
    /// The code that the user is shown.
    shows: Option<String>,
}

/// What comes back from a page if the case does not say.
fn code() -> String {
    "ac-Jd7-0123456789abcdef".to_owned()
}

/// What the host adds to the answer of a page.
const VERIFIER: &str = "cv-Jd7-0123456789abcdef0123456789abcdef01234567";
const REDIRECT: &str = "http://127.0.0.1:41234/callback";

/// How often a strategy is asked for the next step at most.
const MAX_STEPS: usize = 64;

/// Why no one is signed in.
pub(super) enum NotSignedIn {
    /// A function failed.
    Failed(&'static str, Failure),
    /// It asked until the code had ended.
    Waited,
    /// It went on in another way than the case says.
    Differs(String),
}

/// A sign-in that is in progress.
pub(super) struct Progress<'a> {
    case: &'a SignIn,
    steps: usize,
    /// The pause before the next question about a code, and the time until the code ends.
    asking: Option<(Duration, Duration)>,
    was_opened: bool,
    was_shown: bool,
}

impl SignIn {
    /// Returns the grant that its page needs, if the case names one.
    pub(super) fn grant(&self) -> Option<Grant> {
        let page: BaseUrl = self.opens.as_ref()?.parse().ok()?;
        Some(Grant::origin(&HttpOrigin::of(&page)))
    }

    /// Returns a sign-in that has not begun.
    pub(super) fn start(&self) -> Progress<'_> {
        Progress { case: self, steps: 0, asking: None, was_opened: false, was_shown: false }
    }
}

impl Progress<'_> {
    /// Does what a step says; true if it was the last.
    pub(super) fn take(
        &mut self,
        step: Step,
        conversation: &mut Conversation,
    ) -> Result<bool, NotSignedIn> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(NotSignedIn::Differs(format!("it takes more than {MAX_STEPS} steps")));
        }
        match step {
            Step::Done => return self.is_complete().map(|()| true),
            Step::Open(page) => self.open(&page, conversation)?,
            Step::Show(code) => self.show(&code)?,
            Step::Wait(longer) => {
                let Some((pause, _)) = &mut self.asking else {
                    let what = "it waits, and has shown no code".to_owned();
                    return Err(NotSignedIn::Differs(what));
                };
                *pause += longer;
            }
        }
        self.wait().map(|()| false)
    }

    /// Lets the time to the next question pass.
    fn wait(&mut self) -> Result<(), NotSignedIn> {
        if let Some((pause, left)) = &mut self.asking {
            *left = left.checked_sub(*pause).ok_or(NotSignedIn::Waited)?;
        }
        Ok(())
    }

    fn open(&mut self, page: &Page, conversation: &mut Conversation) -> Result<(), NotSignedIn> {
        self.was_opened = true;
        let address = page.address.expose().as_str();
        if self.case.opens.as_ref().is_some_and(|start| !address.starts_with(start.as_str())) {
            return Err(NotSignedIn::Differs(format!("it opens {}", page.address)));
        }
        conversation.add("code", &Secret::from(self.case.code.as_str()));
        conversation.add("code_verifier", &Secret::from(VERIFIER));
        conversation.note("redirect_uri", REDIRECT);
        Ok(())
    }

    fn show(&mut self, code: &Code) -> Result<(), NotSignedIn> {
        self.was_shown = true;
        if self.case.shows.as_ref().is_some_and(|shown| *shown != code.code) {
            return Err(NotSignedIn::Differs(format!("it shows the code {}", code.code)));
        }
        self.asking = Some((code.interval, code.lasts));
        Ok(())
    }

    /// Checks that the user saw all that the case says.
    fn is_complete(&self) -> Result<(), NotSignedIn> {
        let lacks = match self.case {
            SignIn { opens: Some(_), .. } if !self.was_opened => "it opens no page",
            SignIn { shows: Some(_), .. } if !self.was_shown => "it shows no code",
            _ => return Ok(()),
        };
        Err(NotSignedIn::Differs(lacks.to_owned()))
    }
}
