//! A broker that runs, until a signal ends it.

use std::path::Path;
use std::time::Duration;

use orchestration_runtime::{Broker, Serving};

use super::configured::Configured;
use super::upstreams::served;
use crate::diagnostics;
use crate::platform::end_signals::EndSignals;
use crate::ui::stderr;

/// How long requests may go on after the signal to end: less than service managers wait.
const DRAIN: Duration = Duration::from_secs(25);

/// Takes changes of the files over until a signal ends the broker. A second one ends it at
/// once.
pub(super) async fn until_end(
    broker: &Broker,
    configured: &mut Configured<'_>,
    project: Option<&Path>,
    signals: &mut EndSignals,
    serving: Serving,
) {
    let mut files = configured.files(project);
    let mut warned = None;
    loop {
        let is_over = tokio::select! {
            is_over = signals.next() => is_over,
            () = files.changed() => false,
        };
        if is_over {
            break;
        }
        reload(broker, configured, &mut warned).await;
    }
    stderr::note("finishing the requests under way; a second signal ends them");
    tokio::select! {
        () = serving.drain(DRAIN) => {}
        () = signals.end() => {}
    }
}

async fn reload(broker: &Broker, configured: &mut Configured<'_>, warned: &mut Option<String>) {
    match configured.read_again(warned).await {
        Ok((upstreams, passes)) => {
            let count = upstreams.len();
            broker.replace(upstreams, passes);
            stderr::note(&format!("reloaded: {}", served(count)));
        }
        Err(error) => {
            diagnostics::show(&error);
            stderr::note("not reloaded: the profiles stay as they were");
        }
    }
}
