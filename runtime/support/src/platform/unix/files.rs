//! Files with owners and modes.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{
    FallocateFlags, OFlags, RenameFlags, StatVfsMountFlags, fallocate, renameat_with, statvfs,
};
use rustix::io::Errno;
use rustix::process::{Gid, getegid, geteuid, getgroups};

use crate::platform::{GivenAccess, Readers};

/// Returns the home directory.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

/// Creates a directory that only its owner can use, and those above it.
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// Returns options that create a file which only its owner can use.
pub(crate) fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Opens without waiting for anyone.
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NONBLOCK.bits() as i32)
}

/// Opens without waiting for anyone, and no link.
pub(crate) fn itself(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
}

/// Returns why someone else could have written the file or directory, if they could.
pub(crate) fn other_writers(_: &Path, metadata: &Metadata) -> Option<&'static str> {
    if !is_of_this_user(metadata) {
        return Some("belongs to another user");
    }
    others_may(metadata, 0o022).then_some("can be written by others")
}

/// Returns true if the file or directory belongs to this user.
pub(crate) fn is_own(_: &Path, metadata: &Metadata) -> bool {
    is_of_this_user(metadata)
}

fn is_of_this_user(metadata: &Metadata) -> bool {
    metadata.uid() == geteuid().as_raw()
}

/// Returns who can use a file that this user or root has put there. One of root's may be
/// readable for a group of this process, since nothing else lets it read such a file.
pub(crate) fn given_access(_: &Path, found: &Metadata) -> io::Result<GivenAccess> {
    let is_of_root = found.uid() == 0;
    if !is_of_root && !is_of_this_user(found) {
        return Ok(GivenAccess::OtherOwner);
    }
    Ok(match found.mode() & 0o077 {
        0 => GivenAccess::Own,
        0o040 if is_of_root && is_own_group(found)? => GivenAccess::Own,
        _ => GivenAccess::Open,
    })
}

fn is_own_group(found: &Metadata) -> io::Result<bool> {
    let is_group = |group: Gid| group.as_raw() == found.gid();
    Ok(is_group(getegid()) || getgroups()?.into_iter().any(is_group))
}

/// Returns true if others can do anything with the file or directory.
pub(crate) fn others_can_use(metadata: &Metadata) -> bool {
    others_may(metadata, 0o077)
}

/// Returns true if others can write to the file or directory.
pub(crate) fn others_can_write(metadata: &Metadata) -> bool {
    others_may(metadata, 0o022)
}

/// Returns true if others can read a file of this user, who can change that: what a
/// container mounts is often readable by all and can't be changed.
pub(crate) fn others_can_read(path: &Path, metadata: &Metadata) -> bool {
    let is_open = is_of_this_user(metadata) && others_may(metadata, 0o044);
    let is_fixed = || statvfs(path).is_ok_and(|at| at.f_flag.contains(StatVfsMountFlags::RDONLY));
    is_open && !is_fixed()
}

fn others_may(metadata: &Metadata, mode: u32) -> bool {
    metadata.mode() & mode != 0
}

/// Takes the directory away from everyone but its owner.
pub(crate) fn close_directory(directory: &Path) -> io::Result<()> {
    fs::set_permissions(directory, Permissions::from_mode(0o700))
}

/// Lets these users read the file, whatever the umask is.
pub(crate) fn set_readers(file: &File, readers: Readers) -> io::Result<()> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Group => 0o640,
    };
    file.set_permissions(Permissions::from_mode(mode))
}

/// Lets these users read files in the directory, whatever the umask is. What it has inherited
/// from the directory above it, such as the group of new files, stays.
pub(crate) fn set_directory_readers(directory: &Path, readers: Readers) -> io::Result<()> {
    let mode = match readers {
        Readers::Owner => 0o700,
        Readers::Group => 0o750,
    };
    let inherited = fs::metadata(directory)?.mode() & 0o7000;
    fs::set_permissions(directory, Permissions::from_mode(inherited | mode))
}

/// Renames a file, and replaces none.
pub(crate) fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    let here = rustix::fs::CWD;
    Ok(renameat_with(here, from, here, to, RenameFlags::NOREPLACE)?)
}

/// Returns when a crash of the machine can't undo what was renamed in the directory.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Makes sure that this many bytes can be written to a new file. Returns false if the file
/// system can't do that.
pub(crate) fn allocate(file: &File, bytes: u64) -> io::Result<bool> {
    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(false),
        allocated => Ok(allocated.map(|()| true)?),
    }
}

/// Writes from the start of the file.
pub(crate) fn write_from_start(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)
}
