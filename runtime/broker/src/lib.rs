//! Lets local clients use a profile without its key.
//!
//! An agent that has a key can leak it: into a log, a prompt, a commit. Here it gets a
//! [`Pass`] and the URL of a [`Broker`] instead. The broker takes the agent's request, puts
//! the credential of the profile in and sends it to the profile's own server, and to no
//! other. A pass is worth nothing on another machine, or after the broker's end.
//!
//! What the broker can't do is tell two programs of the same user apart: anyone who has read
//! the pass can use the profile until the broker ends, but never has the key.

mod accept;
mod activity;
mod answer;
mod broker;
mod credential_status;
mod credentials;
mod error;
mod error_answer;
mod ext_authz;
mod front;
mod headers;
mod host;
mod lease;
mod limits;
mod listener;
mod location;
mod metrics;
mod operation;
mod pass;
mod platform;
mod pool;
mod proxy;
mod quiet;
mod rarely;
mod record;
mod refusal;
mod refusal_code;
mod sent;
mod served;
mod shown;
mod silence;
mod standing;
mod status_page;
mod stream;
mod streamed;
mod target;
mod tls;
mod unread;
mod upstream;
mod worker;

pub use broker::{Broker, Serving};
pub use error::{ServeError, UpstreamError};
pub use listener::{Address, Listener};
pub use pass::{NoRandomness, Pass};
pub use record::{RequestLog, RequestRecord};
pub use tls::{ServerTls, TlsFault};
pub use upstream::Upstream;
