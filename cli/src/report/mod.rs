//! The status of profiles, as data and in the formats of CI systems.

mod document;
mod error;
mod github;
mod json;
mod junit;
mod kept;
mod lines;
mod location;
mod problem;
mod profile;
mod sarif;
mod source;
mod status;
mod summary;
mod verification;

pub(crate) use document::Report;
pub(crate) use error::ReportError;
pub(crate) use json::Line;
pub(crate) use junit::xml as xml_text;
pub(crate) use kept::{Keeper, Kept};
pub(crate) use location::Location;
pub(crate) use profile::{Outcome, ProfileReport, StrategyReport};
pub(crate) use source::Source;
pub(crate) use status::{Kind, Status};
pub(crate) use verification::Verification;
