//! `orchestration serve`: a profile without its key.
//!
//! Promised here: a client that shows its pass reaches the profile's own server, with the key
//! put in, and nothing else; whoever has no pass reaches nothing; and neither a hostile client
//! nor a hostile provider gets the key to where it does not belong.

mod clients;
mod crowds;
mod http2;
mod leaving;
mod log;
mod metrics;
mod mutual_tls;
mod passes;
mod paths;
mod providers;
mod requests;
mod running;
mod smuggling;
mod sockets;
mod status_page;
mod way_out;

use orchestration_tests::Cli;
use orchestration_tests::broker::Broker;
use orchestration_tests::server::Server;

/// The key, which no client may ever see.
const KEY: &str = "sk-proj-Zx8vQ2mN4tR7wY1bK5dF9hJ3lP6sA0cE";

/// Returns a home with a profile `corp` at `url`, and these further lines in it.
fn home(url: &str, lines: &str) -> Cli {
    let config =
        format!("[profiles.corp]\nbase_url = \"{url}\"\napi_key_env = \"CORP_KEY\"\n{lines}");
    Cli::new().env("CORP_KEY", KEY).config(config)
}

/// Returns a broker for the profile `corp` of `server`.
fn broker_of(server: &Server) -> (Cli, Broker) {
    let cli = home(&server.url(), "");
    let broker = Broker::start(&cli, &["corp"]);
    (cli, broker)
}

/// An answer of a provider.
const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
