//! Tasks that are not woken for nothing.
//!
//! Over HTTP/1.1 the parts of a body go from the task that reads them to the one that writes
//! them. Whenever a part is taken, hyper wakes the task that reads: it may read the next. After
//! the last part there is none, so that task looks at all that it waits for and sleeps again. For
//! a short question and a short answer these were two turns of six.
//!
//! So hyper gets wakers of ours, which hold a wake back while a part is taken. The task that takes
//! it sees whether it was the last, and then forgets the wake.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::body::Incoming;

thread_local! {
    static HELD_BACK: RefCell<HeldBack> = const { RefCell::new(HeldBack::Nothing) };
}

/// What becomes of a wake on this thread.
enum HeldBack {
    /// It is passed on.
    Nothing,
    /// The first one is kept.
    First(Option<Waker>),
}

/// The waker of a task, whose wakes can be held back.
struct Quiet(Waker);

impl Wake for Quiet {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let hold_back = |held: &RefCell<HeldBack>| match &mut *held.borrow_mut() {
            HeldBack::First(first @ None) => {
                *first = Some(self.0.clone());
                true
            }
            HeldBack::First(Some(_)) | HeldBack::Nothing => false,
        };
        // A thread that ends may have dropped it already.
        if !HELD_BACK.try_with(hold_back).unwrap_or(false) {
            self.0.wake_by_ref();
        }
    }
}

/// Drives a connection with a waker whose wakes can be held back.
#[derive(Default)]
pub(crate) struct QuietWaker(Option<(Waker, Waker)>);

impl QuietWaker {
    /// Waits for the end of `connection`.
    pub(crate) fn drive<F: Future>(
        &mut self,
        mut connection: Pin<&mut F>,
    ) -> impl Future<Output = F::Output> {
        poll_fn(move |context| self.poll(connection.as_mut(), context))
    }

    /// Polls `connection`, for the task of `context`.
    fn poll<F: Future>(
        &mut self,
        connection: Pin<&mut F>,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let task = context.waker();
        let known = self.0.take().filter(|(known, _)| known.will_wake(task));
        let quiet = || (task.clone(), Waker::from(Arc::new(Quiet(task.clone()))));
        let (_, quiet) = self.0.insert(known.unwrap_or_else(quiet));
        connection.poll(&mut Context::from_waker(quiet))
    }
}

/// Takes the next part of `body`, which arrives over HTTP/1.1, and lets the task that reads it
/// sleep if that is the last. Over HTTP/2 that task has more to do: it tells the other side that
/// there is room again.
pub(crate) fn poll_frame(
    body: &mut Incoming,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    HELD_BACK.set(HeldBack::First(None));
    let frame = Pin::new(&mut *body).poll_frame(context);
    let held = HELD_BACK.replace(HeldBack::Nothing);
    if let HeldBack::First(Some(waker)) = held
        && !body.is_end_stream()
    {
        waker.wake();
    }
    frame
}
