//! The connection of an agent to its provider: renews the credential when it has
//! expired or is rejected, and retries.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

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
        let credentials = Mutex::new(Arc::new(strategy.obtain().await?));
        Ok(Self { profile, endpoint, headers, strategy, credentials })
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
        if self.credentials().has_expired(SystemTime::now()) {
            self.renew().await?;
        }
        let mut renewed = false;
        let mut retries = 0;
        loop {
            let error =
                match attempt(&self.endpoint, &self.headers, self.credentials(), request).await {
                    Ok(chunks) => return Ok(chunks),
                    Err(error) => error,
                };
            if !renewed && matches!(error, CallError::Authentication { status: 401, .. }) {
                renewed = true;
                if self.renew().await? {
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

    /// Renews the credential. Returns whether its key is another one now.
    async fn renew(&self) -> Result<bool, AgentError> {
        let new = Arc::new(self.strategy.obtain().await?);
        let mut credentials = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *credentials, new);
        Ok(old.key().map(Secret::expose) != credentials.key().map(Secret::expose))
    }

    fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.credentials.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
