//! One call of a strategy, before it is made.

use std::sync::Arc;

use orchestration_support::Secret;

use crate::audit::Subject;
use crate::capabilities::environment::Environment;
use crate::grants::Grants;
use crate::limits::Limits;
use crate::observation::Observer;

/// What one call may reach and use up.
#[derive(Clone)]
pub struct Call {
    /// What its events are about.
    pub subject: Subject,
    /// Where granted variables are read from.
    pub environment: Arc<Environment>,
    /// The key that the caller passed explicitly. The request carries it, and it is
    /// redacted wherever the strategy repeats it.
    pub explicit_key: Option<Secret>,
    /// What it may reach.
    pub grants: Grants,
    /// What it may use up.
    pub limits: Limits,
    /// Records what it does, for the conformance suite.
    pub observer: Option<Observer>,
}
