//! The conformance suite: checks whether a component keeps the promises of a strategy.
//!
//! The sandbox protects the host from a strategy but does not make the strategy
//! correct. If a strategy treats an empty variable as a key, or puts the key into an
//! error message, its users notice, and mostly late. So everything that the contract
//! promises and a host can observe is checked here with test values: [`promise`] lists
//! it, [`suite`] runs it, [`judge`] decides what passes, and [`trial`] is one attempt.
//! What only the author knows comes as [`cases`]; [`recording`] makes them of a real call.

mod cases;
mod check;
mod judge;
mod promise;
mod recording;
mod report;
mod script;
mod sign_in;
mod suite;
mod trial;

pub use cases::CasesError;
pub use check::CheckError;
pub use promise::Promise;
pub use recording::{RecordedCall, Recording, RecordingError};
pub use report::{Judgement, Report, Tried, Usage};
