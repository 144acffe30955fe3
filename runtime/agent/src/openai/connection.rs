//! The connection of an agent to its provider: has the credential renewed in time or when
//! it is rejected, and retries.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_openai::types::chat::CreateChatCompletionRequest;
use orchestration_auth::AuthStrategy;
use orchestration_egress::Endpoint;
use orchestration_sandbox::{Credentials, Source};
use orchestration_support::Secret;
use reqwest::header::HeaderMap;

use super::attempt::{Chunks, attempt};
use super::retry::{RETRIES, pause};
use crate::call_error::CallError;
use crate::error::AgentError;

/// The connection of one agent to its provider.
pub(super) struct Connection {
    profile: String,
    endpoint: Endpoint,
    headers: HeaderMap,
    strategy: Box<dyn AuthStrategy>,
    credentials: Mutex<Arc<Credentials>>,
    /// The credential was looked up a moment ago, for the next request.
    is_fresh: AtomicBool,
}

impl Connection {
    /// Returns a connection to `endpoint` with the credential that `strategy` returns
    /// for `profile`, and with `headers` on every request.
    pub(super) async fn new(
        profile: String,
        endpoint: Endpoint,
        headers: HeaderMap,
        strategy: Box<dyn AuthStrategy>,
    ) -> Result<Self, AgentError> {
        let credentials = Mutex::new(Arc::new(strategy.obtain(Duration::ZERO).await?));
        let is_fresh = AtomicBool::new(true);
        Ok(Self { profile, endpoint, headers, strategy, credentials, is_fresh })
    }

    /// Returns the base URL as displayed.
    pub(super) fn displayed(&self) -> String {
        self.endpoint.displayed()
    }

    /// Returns where the credential came from.
    pub(super) fn source(&self) -> Source {
        self.credentials().source().clone()
    }

    /// Adds the profile to the error of a call.
    pub(super) fn failed(&self, error: CallError) -> AgentError {
        AgentError::Call { profile: self.profile.clone(), error: Box::new(error) }
    }

    /// Sends `request` and waits until the answer begins. Retries transient failures,
    /// and renews a rejected credential once. A key that is the same after that is not
    /// sent again: some providers lock out who insists.
    pub(super) async fn ask(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Chunks, AgentError> {
        let mut renewed = false;
        let mut retries = 0;
        loop {
            let sent = self.current().await?;
            let attempt = attempt(&self.endpoint, &self.headers, Arc::clone(&sent), request);
            let error = match attempt.await {
                Ok(chunks) => return Ok(chunks),
                Err(error) => error,
            };
            if !renewed && matches!(error, CallError::Authentication { status: 401, .. }) {
                renewed = true;
                let other = self.hold(self.strategy.obtain_instead_of(&sent).await?);
                if other.key().map(Secret::expose) != sent.key().map(Secret::expose) {
                    // Another look could find yet another one.
                    self.is_fresh.store(true, Ordering::Relaxed);
                    continue;
                }
            }
            match pause(&error, retries) {
                Some(pause) if retries < RETRIES => {
                    let reason = error.to_string();
                    tracing::warn!(reason, "trying again in {} ms", pause.as_millis());
                    retries += 1;
                    tokio::time::sleep(pause).await;
                }
                _ => return Err(self.failed(error)),
            }
        }
    }

    /// Returns the credential to send now: the user may have stored another key since the last
    /// request, or its file may have been replaced.
    async fn current(&self) -> Result<Arc<Credentials>, AgentError> {
        let held = self.credentials();
        if self.is_fresh.swap(false, Ordering::Relaxed) && held.expires_at().is_none() {
            return Ok(held);
        }
        Ok(self.hold(self.strategy.obtain(Duration::ZERO).await?))
    }

    fn hold(&self, credentials: Credentials) -> Arc<Credentials> {
        let credentials = Arc::new(credentials);
        let mut held = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::clone(&credentials);
        credentials
    }

    fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.credentials.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
