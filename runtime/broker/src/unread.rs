//! Answers that a client does not read over HTTP/2.
//!
//! Over HTTP/1.1 such a client stops its whole connection, which is seen there (see
//! [`activity`](crate::activity)). Over HTTP/2 each answer has a window of its own. A client that
//! opens none for one answer, and reads all others, would keep the connection to the provider
//! for as long as it pleases. So it is written down since when an answer waits for its window,
//! and a provider whose answer has waited for long is left. The client's connection stays, as
//! what it reads is none the worse for it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::limits::UNREAD_TIME;

/// The answers of one connection that wait for the client.
#[derive(Default)]
pub(crate) struct UnreadAnswers {
    waiting: RefCell<BTreeMap<u64, Waiting>>,
    next: Cell<u64>,
}

struct Waiting {
    since: Instant,
    /// Drives the connection that the answer comes from.
    provider: AbortHandle,
    is_left: bool,
}

/// One answer, as long as it is there.
pub(crate) struct Unread {
    answers: Rc<UnreadAnswers>,
    number: u64,
    provider: AbortHandle,
}

impl UnreadAnswers {
    /// Leaves the providers whose answers have waited for too long at `now`.
    pub(crate) fn leave_providers(&self, now: Instant) {
        for waiting in self.waiting.borrow_mut().values_mut() {
            if now >= waiting.since + UNREAD_TIME {
                waiting.provider.abort();
                waiting.is_left = true;
            }
        }
    }
}

impl Unread {
    /// Returns an answer that comes from `provider`, and waits for the client from now on.
    pub(crate) fn new(answers: &Rc<UnreadAnswers>, provider: AbortHandle) -> Self {
        let number = answers.next.replace(answers.next.get() + 1);
        let unread = Self { answers: Rc::clone(answers), number, provider };
        unread.waits();
        unread
    }

    /// The client has been handed a part, and is to make room for the next.
    pub(crate) fn waits(&self) {
        let (since, provider) = (Instant::now(), self.provider.clone());
        let waiting = Waiting { since, provider, is_left: false };
        self.answers.waiting.borrow_mut().insert(self.number, waiting);
    }

    /// Returns true if the provider was left, so that the rest of the answer is missing.
    pub(crate) fn is_left(&self) -> bool {
        self.answers.waiting.borrow().get(&self.number).is_some_and(|waiting| waiting.is_left)
    }

    /// The client has room, and waits for the provider.
    pub(crate) fn is_wanted(&self) {
        self.answers.waiting.borrow_mut().remove(&self.number);
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.is_wanted();
    }
}
