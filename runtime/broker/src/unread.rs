//! Answers that a client does not read over HTTP/2.
//!
//! Over HTTP/1.1 such a client stops its whole connection, which is seen there (see
//! [`activity`](crate::activity)). Over HTTP/2 each answer has a window of its own. A client that
//! opens none for one answer, and reads all others, would keep that one and the connection to its
//! provider for as long as it pleases. So it is written down since when an answer waits for its
//! window, and one that has waited for long is cut off. The connection stays, as what the client
//! reads is none the worse for it.
//!
//! Hyper does not ask for the next part of an answer that waits, which is when it could be told to
//! give up. So what it runs for the request is ended from outside: it is a task of ours.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use tokio::task::{AbortHandle, Id, spawn_local};
use tokio::time::Instant;

use crate::limits::UNREAD_TIME;

tokio::task_local! {
    /// The task of a request over HTTP/2, in that task.
    static TASK: Rc<OnceCell<AbortHandle>>;
}

/// Runs a request over HTTP/2, beside the others of its connection.
pub(crate) fn spawn(request: impl Future<Output = ()> + 'static) {
    let task = Rc::<OnceCell<AbortHandle>>::default();
    let running = spawn_local(TASK.scope(Rc::clone(&task), request));
    task.get_or_init(|| running.abort_handle());
}

/// The answers of one connection that wait for the client: the task of each, and since when.
#[derive(Default)]
pub(crate) struct UnreadAnswers(RefCell<HashMap<Id, (AbortHandle, Instant)>>);

/// One answer, as long as it is there.
pub(crate) struct Unread {
    answers: Rc<UnreadAnswers>,
    task: AbortHandle,
}

impl UnreadAnswers {
    /// Cuts off the answers that have waited for too long at `now`.
    pub(crate) fn cut_off(&self, now: Instant) {
        for (task, since) in self.0.borrow().values() {
            if now >= *since + UNREAD_TIME {
                task.abort();
            }
        }
    }
}

impl Unread {
    /// Returns the answer to the request of this task, which waits for the client from now on;
    /// `None` if it is not one over HTTP/2.
    pub(crate) fn of_this_task(answers: &Rc<UnreadAnswers>) -> Option<Self> {
        let task = TASK.try_with(|task| task.get().cloned()).ok()??;
        let unread = Self { answers: Rc::clone(answers), task };
        unread.waits();
        Some(unread)
    }

    /// The client has been handed a part, and is to make room for the next.
    pub(crate) fn waits(&self) {
        let waiting = (self.task.clone(), Instant::now());
        self.answers.0.borrow_mut().insert(self.task.id(), waiting);
    }

    /// The client has room, and waits for the provider.
    pub(crate) fn is_wanted(&self) {
        self.answers.0.borrow_mut().remove(&self.task.id());
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.is_wanted();
    }
}
