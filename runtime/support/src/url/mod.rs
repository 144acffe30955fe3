//! URLs: which ones a key may go to, and how they are displayed.
//!
//! HTTP clients are lenient. They read `https://evil.example\@api.openai.com` as the
//! host evil.example, `https:/host` as `https://host`, and drop line breaks. A person
//! who reviews the text reads something else, and the key goes where the client reads.
//! So a [`BaseUrl`] is only made from a text that means the same to both, and what is
//! displayed, a [`DisplayUrl`], is always made from what the client would use.

mod base;
mod display;
mod invalid;
mod issuer;
mod loopback;
mod origin;
mod secrets;
mod written;

pub use base::BaseUrl;
pub use display::DisplayUrl;
pub use invalid::{InvalidUrl, UrlFault};
pub use issuer::Issuer;
pub use loopback::is_loopback;
pub use origin::{HttpOrigin, InvalidOrigin, OriginFault};
pub use secrets::url_secrets;
