//! Small files that a path leads to without leaving a directory.
//!
//! A user who names a file in a configuration has looked at that path. If the file is a
//! link, it may lead anywhere by the time it is read, and the content goes to a server.
//! Refusing all links would be simple, but Kubernetes projects each secret as a link to
//! a link in the same directory, and swaps the inner one to rotate it. So links are
//! followed as long as they stay within the directory.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::platform::within::open_within;

pub use crate::file_fault::FileFault;

/// Reads the regular file at `path`, which is relative to `directory` and may not lead out
/// of it, without waiting for anyone. The content is wiped when dropped.
///
/// # Errors
///
/// Fails with [`FileFault`] if there is no such file, or if it has more than `max_bytes`.
///
/// ```
/// use std::path::Path;
///
/// use orchestration_support::within::{FileFault, read_within};
///
/// let directory = std::env::temp_dir().join(format!("within-{}", std::process::id()));
/// std::fs::create_dir_all(&directory)?;
/// std::fs::write(directory.join("token"), "secret")?;
/// std::os::unix::fs::symlink("/etc/hostname", directory.join("link"))?;
///
/// assert_eq!(*read_within(&directory, Path::new("token"), 6)?, b"secret");
/// let outside = read_within(&directory, Path::new("link"), 6);
/// assert!(matches!(outside, Err(FileFault::Outside)));
/// # std::fs::remove_dir_all(directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_within(
    directory: &Path,
    path: &Path,
    max_bytes: usize,
) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    read(open_within(directory, path)?, max_bytes)
}

/// Reads to the end, and leaves no copy of the content behind.
pub(crate) fn read(mut file: File, max_bytes: usize) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let mut bytes = Zeroizing::new(vec![0; 4 << 10]);
    let mut len = 0;
    loop {
        if len == bytes.len() {
            // A vector that grows by itself frees its old memory unwiped.
            let mut larger = Zeroizing::new(vec![0; len * 2]);
            larger.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
            bytes = larger;
        }
        match file.read(bytes.get_mut(len..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(FileFault::Unreadable(error)),
        }
        if len > max_bytes {
            return Err(FileFault::TooLarge);
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    use super::{FileFault, read_within};

    /// A new directory, which is removed when this is dropped.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            drop(fs::remove_dir_all(&path));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn read(&self, path: &str) -> Result<String, FileFault> {
            let bytes = read_within(&self.0, Path::new(path), 100)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn a_secret_that_kubernetes_projects_can_be_read() {
        let directory = Directory::new("projected");
        fs::create_dir(directory.path("..2026_11_28")).unwrap();
        fs::write(directory.path("..2026_11_28/token"), "secret").unwrap();
        symlink("..2026_11_28", directory.path("..data")).unwrap();
        symlink("..data/token", directory.path("token")).unwrap();
        assert_eq!(directory.read("token").unwrap(), "secret");
    }

    #[test]
    fn a_link_out_of_the_directory_is_refused() {
        let directory = Directory::new("outside");
        fs::create_dir_all(directory.path("inner/deep")).unwrap();
        fs::write(directory.path("token"), "secret").unwrap();
        let absolute = directory.path("token");
        for (target, link) in [
            ("../token", "inner/up"),
            (absolute.to_str().unwrap(), "inner/absolute"),
            ("deep/../../token", "inner/through"),
            ("up", "inner/twice"),
            ("..", "inner/parent"),
        ] {
            symlink(target, directory.path(link)).unwrap();
            let inner = directory.path("inner");
            let name = link.strip_prefix("inner/").unwrap();
            for path in [name.to_owned(), format!("{name}/token")] {
                let read = read_within(&inner, Path::new(&path), 100);
                assert!(matches!(read, Err(FileFault::Outside)), "{path}: {read:?}");
            }
        }
    }

    #[test]
    fn links_in_a_circle_end() {
        let directory = Directory::new("circle");
        symlink("there", directory.path("here")).unwrap();
        symlink("here", directory.path("there")).unwrap();
        assert!(matches!(directory.read("here"), Err(FileFault::Unreadable(_))));
    }

    #[test]
    fn nothing_but_regular_files_is_opened() {
        let directory = Directory::new("irregular");
        fs::create_dir(directory.path("directory")).unwrap();
        let fifo = std::process::Command::new("mkfifo").arg(directory.path("pipe")).status();
        assert!(fifo.unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(directory.path("socket")).unwrap();
        for name in ["directory", "pipe", "socket", "."] {
            assert!(matches!(directory.read(name), Err(FileFault::NotRegular)), "{name}");
        }
        let device = read_within(Path::new("/dev"), Path::new("zero"), 100);
        assert!(matches!(device, Err(FileFault::NotRegular)));
    }

    #[test]
    fn a_file_has_at_most_as_many_bytes_as_allowed() {
        let directory = Directory::new("large");
        fs::write(directory.path("most"), "x".repeat(100)).unwrap();
        fs::write(directory.path("more"), "x".repeat(101)).unwrap();
        assert_eq!(directory.read("most").unwrap().len(), 100);
        assert!(matches!(directory.read("more"), Err(FileFault::TooLarge)));
        // Far more than the first buffer, and exactly as many.
        for len in [4095, 4096, 4097, 1 << 20] {
            let text = "y".repeat(len);
            fs::write(directory.path("long"), &text).unwrap();
            let read = read_within(&directory.0, Path::new("long"), len).unwrap();
            assert_eq!(*read, text.as_bytes());
            let cut = read_within(&directory.0, Path::new("long"), len - 1);
            assert!(matches!(cut, Err(FileFault::TooLarge)));
        }
    }

    #[test]
    fn a_file_that_is_replaced_all_the_time_is_found() {
        let directory = Directory::new("swapped");
        let swap = |round: u32| {
            let (new, old) = (format!("..{round}"), format!("..{}", round.wrapping_sub(1)));
            fs::create_dir(directory.path(&new)).unwrap();
            fs::write(directory.path(&new).join("token"), "secret").unwrap();
            symlink(&new, directory.path("..new")).unwrap();
            fs::rename(directory.path("..new"), directory.path("..data")).unwrap();
            drop(fs::remove_dir_all(directory.path(&old)));
        };
        swap(0);
        symlink("..data/token", directory.path("token")).unwrap();
        std::thread::scope(|scope| {
            let swapping = scope.spawn(|| (1..500).for_each(swap));
            while !swapping.is_finished() {
                assert_eq!(directory.read("token").unwrap(), "secret");
            }
        });
    }

    #[test]
    fn what_is_not_there_is_absent() {
        let directory = Directory::new("absent");
        fs::write(directory.path("file"), "text").unwrap();
        for path in ["nothing", "nothing/below", "file/below"] {
            assert!(matches!(directory.read(path), Err(FileFault::Absent)), "{path}");
        }
        let nowhere = read_within(Path::new("/nowhere"), Path::new("token"), 100);
        assert!(matches!(nowhere, Err(FileFault::Absent)));
    }
}
