//! The capability `store`: the session that a strategy keeps for one profile.
//!
//! A refresh token has to be there for the next call, and a strategy that has no text of
//! it cannot write it anywhere. So the host keeps it: the strategy says which secrets of
//! the call make up the session, and gets them back under the same names.
//!
//! There is nothing to grant, since a strategy reaches only its own session for the profile
//! of the call. Where that is kept is not the sandbox's business: a call brings a
//! [`SessionStore`], or none.
//!
//! A key that the user stored is kept in the same way, for a built-in strategy that has no
//! session. That one need not import the interface, and takes the key as if it were in a
//! file.
//!
//! A secret that the strategy put together stays that when it is stored: otherwise it
//! could be loaded as one from outside, which the tools look into.

mod interface;
pub(crate) mod link;
mod per_call;
mod session;

pub use interface::INTERFACE;
pub(crate) use per_call::Loaded;
pub use session::{
    Kept, KeyringFault, Reservation, Session, SessionSecret, SessionStore, StoreFault,
};
