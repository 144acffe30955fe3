//! A file of a template, which is compiled into the executable.

/// A file of a template: its path in the project, and its text.
pub(super) type File = (&'static str, &'static str);

/// The files of one directory of `cli/templates/`.
macro_rules! files {
    ($directory:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../templates/", $directory, "/", $path)))),*]
    };
}
pub(super) use files;
