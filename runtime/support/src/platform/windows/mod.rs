//! Windows.
//!
//! A file has a list of who may use it (an ACL), which it inherits from its directory. In the
//! user's profile directory (`%USERPROFILE%`), that is the user, the system and the
//! administrators, and the latter two can do anything anyway. So what is in there is as
//! protected as a file of mode 600 is elsewhere. What is outside may be open to everyone:
//! any user who is signed in can write to a new directory below `C:\`. Reading an ACL would take
//! `unsafe` calls of the system for a case that no one needs. So files are used if they are
//! below the profile directory, and nowhere else.

pub(crate) mod files;
pub(crate) mod limits;
pub(crate) mod within;
