//! Work that holds up its thread, such as reading and hashing a large file.

use std::{io, thread};

use tokio::sync::oneshot;

/// Does the work on a thread of its own, so that those of an async runtime are not held
/// up. Unlike `spawn_blocking` of tokio, it does not panic if there can't be another
/// thread.
///
/// # Errors
///
/// Fails if the thread can't be started, or panics.
///
/// ```
/// use orchestration_support::on_thread::on_thread;
///
/// # fn main() -> std::io::Result<()> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// assert_eq!(on_thread("adder", || 1 + 1).await?, 2);
/// # Ok(())
/// # })
/// # }
/// ```
pub async fn on_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (done, answer) = oneshot::channel();
    thread::Builder::new().name(name.to_owned()).spawn(move || drop(done.send(work())))?;
    answer.await.map_err(|_| io::Error::other(format!("the thread '{name}' failed")))
}
