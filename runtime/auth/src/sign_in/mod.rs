//! Signs a user in to a profile, and out.
//!
//! The strategy leads and the caller acts: it shows a code or opens a page, waits, and asks
//! for the next step. Each step holds the lock of the session, since the last one saves it.
//! Between two steps it is free: nothing else has to wait while a user looks for a password.

mod answer;
mod answer_page;
mod listener;
mod page;
mod pasted;

use std::io;
use std::time::{Duration, Instant};

use orchestration_sandbox::{Code, Conversation, ErrorKind, Failure, Page, Step};
use orchestration_support::Secret;

use self::answer::{Answer, NoAnswer};
use self::listener::Listener;
use self::page::Asked;
use crate::bound::Bound;
use crate::error::ProviderError;
use crate::profile::ProviderProfile;
use crate::strategies::Registry;
use crate::strategy::Scope;

/// A sign-in to one profile, which is in progress.
///
/// [`Registry::sign_in`] starts one. It needs a tokio runtime with its timer and with I/O.
pub struct SignIn {
    bound: Bound,
    conversation: Conversation,
    /// The pause before the next question about a code, and when the code ends.
    asking: Option<(Duration, Instant)>,
    way: SignInWay,
    /// The page that is to answer, and what waits for it on this machine.
    opened: Option<(Asked, Option<Listener>)>,
}

/// How a user can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInWay {
    /// On a page in a browser on this machine, which leads back to a port of it.
    Browser {
        /// The port; any free one if there is none.
        port: Option<u16>,
    },
    /// On a page in a browser on any machine, from which the user pastes the address that it
    /// ends on.
    Paste {
        /// The port in that address; any if there is none.
        port: Option<u16>,
    },
    /// With a code, on a page on any machine.
    Code,
}

impl SignInWay {
    fn port(self) -> Option<u16> {
        match self {
            Self::Browser { port } | Self::Paste { port } => port,
            Self::Code => None,
        }
    }
}

/// What the user does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInStep {
    /// Types a code into a page. Then [`SignIn::wait_for_approval`] goes on.
    Code(Code),
    /// Signs in on the page with this address. Then [`SignIn::wait_for_browser`] goes on.
    Page(String),
    /// Signs in on the page with this address, on any machine, and pastes what it ends on.
    /// Then [`SignIn::paste`] goes on.
    Paste(String),
    /// Nothing: the user is signed in.
    Done,
}

/// What became of a text that the user pasted.
#[derive(Debug)]
pub enum Pasted {
    /// The user is signed in.
    SignedIn,
    /// It is neither an address that the page leads to nor a code.
    NoAnswer,
    /// It is the address of another sign-in.
    OtherSignIn,
    /// The server refuses the code in it.
    Refused(ProviderError),
}

impl Registry {
    /// Returns true if users sign in to `profile`. Its strategy is loaded for that.
    ///
    /// # Errors
    ///
    /// Fails as [`bind`](Self::bind) does, and if the strategy can't be loaded.
    pub async fn signs_in(&self, profile: &ProviderProfile) -> Result<bool, ProviderError> {
        let bound = Bound::to(self, None, profile.clone(), Scope::OwnCredential)?;
        bound.signs_in().await.map_err(|failure| bound.failed(failure))
    }

    /// Starts to sign in to `profile`, in one of these ways.
    ///
    /// # Errors
    ///
    /// Fails as [`bind`](Self::bind) does, and with [`ProviderError::Strategy`] if the
    /// strategy can't start, e.g. because its server can't be reached, and with
    /// [`ProviderError::Keyring`] if the session can't go to the keyring.
    pub async fn sign_in(
        &self,
        profile: &ProviderProfile,
        way: SignInWay,
    ) -> Result<(SignIn, SignInStep), ProviderError> {
        let bound = Bound::to(self, None, profile.clone(), Scope::OwnCredential)?;
        bound.check_keyring().await?;
        let begun = bound.begin_sign_in(way != SignInWay::Code).await;
        let (step, conversation) = begun.map_err(|failure| bound.failed(failure))?;
        let nothing = Conversation::default();
        let mut sign_in = SignIn { bound, conversation: nothing, asking: None, way, opened: None };
        let step = sign_in.take(step, conversation).await?;
        let step = step.ok_or_else(|| sign_in.failed(NOTHING_TO_WAIT_FOR))?;
        Ok((sign_in, step))
    }

    /// Signs out of `profile`: tells the server, and removes the session.
    ///
    /// # Errors
    ///
    /// Fails as [`bind`](Self::bind) does, and with [`ProviderError::Strategy`] if the session
    /// can't be removed. That the server was not told is no error, but part of what is
    /// returned.
    pub async fn sign_out(&self, profile: &ProviderProfile) -> Result<SignedOut, ProviderError> {
        let bound = Bound::to(self, None, profile.clone(), Scope::OwnCredential)?;
        let told = async {
            // The lock is a file, which is not left behind where there was no session.
            if !bound.has_session().await? {
                // The keyring may have lost what a file stands for.
                bound.forget_session().await?;
                return Ok(SignedOut::WasNot);
            }
            let _lock = bound.lock().await?;
            let told = bound.end_session().await;
            bound.forget_session().await?;
            bound.forget_leases();
            Ok(match told {
                Ok(()) => SignedOut::Everywhere,
                Err(failure) => SignedOut::Here(bound.failed(failure)),
            })
        };
        told.await.map_err(|failure| bound.failed(failure))
    }
}

/// How a user was signed out.
#[derive(Debug)]
pub enum SignedOut {
    /// There was no session.
    WasNot,
    /// The server knows, and the session is removed.
    Everywhere,
    /// The session is removed, but the server was not told, for this reason: its tokens are
    /// valid until they end.
    Here(ProviderError),
}

impl SignIn {
    /// Waits until the user has approved the code that was shown.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Strategy`] if the server refuses, or if the code ends
    /// before that.
    pub async fn wait_for_approval(mut self) -> Result<(), ProviderError> {
        loop {
            let Some((pause, end)) = self.asking else {
                return Err(self.failed(NOTHING_TO_WAIT_FOR));
            };
            let pause = self.conversation.retry_after().map_or(pause, |asked| asked.max(pause));
            if Instant::now() + pause > end {
                return Err(ProviderError::SignInNotFinished {
                    profile: self.bound.name().to_owned(),
                });
            }
            tokio::time::sleep(pause).await;
            match self.resume().await? {
                None => {}
                Some(SignInStep::Done) => return Ok(()),
                Some(_) => return Err(self.failed(OTHER_STEP)),
            }
        }
    }

    /// Waits until the browser comes back from the page.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::SignInRefused`] if the page says so, and with
    /// [`ProviderError::Strategy`] if the server refuses the code that it answered with.
    pub async fn wait_for_browser(mut self) -> Result<(), ProviderError> {
        let Some((asked, Some(listener))) = self.opened.take() else {
            return Err(self.failed(NOTHING_TO_WAIT_FOR));
        };
        let answer = listener.answer(&asked.state, self.bound.name()).await;
        let answer = answer.map_err(|error| self.cannot_listen(&error))?;
        self.finish(answer, &asked).await
    }

    /// Takes a text that the user pasted: the address that the browser ended on, or the code
    /// in it. Unless that signs the user in, another one can be pasted.
    ///
    /// # Errors
    ///
    /// Fails as [`wait_for_browser`](Self::wait_for_browser) does, except that a refused code
    /// is no error.
    pub async fn paste(&mut self, text: &Secret) -> Result<Pasted, ProviderError> {
        let Some((asked, listener)) = self.opened.take() else {
            return Err(self.failed(NOTHING_TO_WAIT_FOR));
        };
        let pasted = match pasted::answer_in(text, &asked.state) {
            Err(NoAnswer::Incomplete) => Pasted::NoAnswer,
            Err(NoAnswer::OtherState) => Pasted::OtherSignIn,
            Ok(answer) => {
                let before = self.conversation.clone();
                let finished = self.finish(answer, &asked).await;
                self.conversation = before;
                match finished {
                    Ok(()) => Pasted::SignedIn,
                    Err(error @ ProviderError::Strategy { .. })
                        if error.kind() == ErrorKind::Invalid =>
                    {
                        Pasted::Refused(error)
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        self.opened = Some((asked, listener));
        Ok(pasted)
    }

    /// Signs in with the answer of a page.
    async fn finish(&mut self, answer: Answer, asked: &Asked) -> Result<(), ProviderError> {
        let code = match answer {
            Answer::Code(code) => code,
            Answer::Refused(words) => {
                let profile = self.bound.name().to_owned();
                return Err(ProviderError::SignInRefused { profile, words });
            }
        };
        self.conversation.add("code", &code);
        self.conversation.add("code_verifier", &asked.code_verifier);
        self.conversation.note("redirect_uri", &asked.redirect_uri);
        match self.resume().await? {
            Some(SignInStep::Done) => Ok(()),
            _ => Err(self.failed(OTHER_STEP)),
        }
    }

    /// Asks for the next step; `None` if the same is waited for again.
    async fn resume(&mut self) -> Result<Option<SignInStep>, ProviderError> {
        let conversation = std::mem::take(&mut self.conversation);
        let resumed = self.bound.resume_sign_in(conversation).await;
        let (step, conversation) = resumed.map_err(|failure| self.failed(failure))?;
        self.take(step, conversation).await
    }

    async fn take(
        &mut self,
        step: Step,
        conversation: Conversation,
    ) -> Result<Option<SignInStep>, ProviderError> {
        self.conversation = conversation;
        Ok(match step {
            Step::Done => {
                self.bound.forget_leases();
                Some(SignInStep::Done)
            }
            Step::Open(page) => {
                let address = self.listen_for(&page).await?;
                Some(match self.way {
                    SignInWay::Paste { .. } => SignInStep::Paste(address),
                    SignInWay::Browser { .. } | SignInWay::Code => SignInStep::Page(address),
                })
            }
            Step::Show(code) => {
                self.asking = Some((code.interval, Instant::now() + code.lasts));
                Some(SignInStep::Code(code))
            }
            Step::Wait(longer) => {
                let (pause, _) =
                    self.asking.as_mut().ok_or_else(|| self.bound.failed(NOTHING_TO_WAIT_FOR))?;
                *pause += longer;
                None
            }
        })
    }

    /// Returns the whole address of a page, and listens for its answer.
    async fn listen_for(&mut self, page: &Page) -> Result<String, ProviderError> {
        let listener = Listener::on(self.way.port()).await;
        let listener = listener.map_err(|error| self.cannot_listen(&error))?;
        let port = listener.port().map_err(|error| self.cannot_listen(&error))?;
        let asked = Asked::on(page, port)
            .ok_or_else(|| self.cannot_listen(&io::Error::other("no random bytes")))?;
        let address = asked.address.clone();
        // A browser on this machine is to show the address that is pasted, not to wait for
        // someone who does not answer.
        let pastes = matches!(self.way, SignInWay::Paste { .. });
        self.opened = Some((asked, (!pastes).then_some(listener)));
        Ok(address)
    }

    fn cannot_listen(&self, error: &io::Error) -> ProviderError {
        ProviderError::CannotListen {
            profile: self.bound.name().to_owned(),
            port: self.way.port(),
            reason: error.to_string(),
        }
    }

    fn failed(&self, failure: Failure) -> ProviderError {
        self.bound.failed(failure)
    }
}

const NOTHING_TO_WAIT_FOR: Failure = Failure::Contract("its sign-in waits for nothing");
const OTHER_STEP: Failure = Failure::Contract("its sign-in goes on in another way");
