//! Many profiles, asked at once.

use std::iter;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::IntoIter;

use futures_util::{StreamExt, stream};
use orchestration_runtime::{ProviderProfile, Registry};
use tokio::runtime::Handle;

use super::answer::{self, Answer};
use super::verify::{self, Verifier};
use crate::ui::spinner;

/// How many profiles one thread asks at once. A strategy that spins until its
/// deadline must not hold up the others; ten thousand pending calls would fill the
/// memory.
const AT_ONCE: usize = 128;

/// Asks every profile. The answers are sorted by profile name.
///
/// One task per thread takes the next profile whenever it has room. One task per
/// profile took twice as long as a single thread: a built-in strategy does less work
/// than it takes to wake a thread.
pub(super) async fn ask_all(
    profiles: Vec<Arc<ProviderProfile>>,
    registry: &Registry,
    verifier: Option<Verifier>,
) -> Vec<Answer> {
    let threads = Handle::current().metrics().num_workers();
    let count = profiles.len();
    spinner::left(count);
    let left = Arc::new(Mutex::new(profiles.into_iter()));
    let asking: Vec<_> = (0..threads)
        .map(|_| tokio::spawn(ask_some(Arc::clone(&left), registry.clone(), verifier.clone())))
        .collect();
    let mut answers = Vec::with_capacity(count);
    for asked in asking {
        answers.extend(asked.await.unwrap_or_else(|error| resume_unwind(error.into_panic())));
    }
    answers.sort_by(|a, b| a.profile.name.cmp(&b.profile.name));
    answers
}

/// Asks profiles until none is left.
async fn ask_some(
    left: Arc<Mutex<IntoIter<Arc<ProviderProfile>>>>,
    registry: Registry,
    verifier: Option<Verifier>,
) -> Vec<Answer> {
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let ask = async |profile| {
        let answer = match verifier.clone() {
            Some(verifier) => verify::ask(profile, registry.clone(), Some(verifier)).await,
            None => answer::look(profile, registry.clone()).await,
        };
        spinner::answered();
        answer
    };
    stream::iter(iter::from_fn(next)).map(ask).buffer_unordered(AT_ONCE).collect().await
}
