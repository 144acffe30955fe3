//! `--listen`: where the broker listens.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use orchestration_runtime::{
    Listener, ServeError, ServerTls, read_regular, sanitize_path, user_directory,
};
use zeroize::Zeroizing;

use crate::error::{CliError, Kind};

/// A value of `--listen`.
#[derive(Debug, Clone)]
pub(super) enum Listen {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("unix:") {
            Some(path) if Path::new(path).is_absolute() => Ok(Self::Unix(path.into())),
            Some(_) => Err("the path of a Unix socket is absolute"),
            None => text
                .parse()
                .map(Self::Tcp)
                .map_err(|_| "neither unix:PATH nor an address with a port, e.g. 127.0.0.1:8080"),
        }
    }
}

/// The files for TLS.
pub(super) struct TlsFiles<'a> {
    pub(super) certificate: &'a Path,
    pub(super) key: &'a Path,
    pub(super) client_ca: &'a Path,
}

/// Returns the directory of sockets and passes of this user, which a login session or the
/// state of the user has.
pub(super) fn directory() -> Result<PathBuf, CliError> {
    let directory = user_directory("XDG_RUNTIME_DIR", ".local/state");
    let missing = || CliError::usage("neither XDG_RUNTIME_DIR nor HOME is set");
    Ok(directory.ok_or_else(missing)?.join("orchestration"))
}

/// Listens where the user says, or on the socket of this user.
pub(super) fn listen(
    listen: Option<&Listen>,
    tls: Option<TlsFiles<'_>>,
) -> Result<Listener, CliError> {
    let listener = match (listen, tls) {
        (Some(Listen::Tcp(address)), Some(files)) => Listener::with_tls(*address, files.read()?),
        (Some(Listen::Tcp(address)), None) => Listener::loopback(*address),
        (Some(Listen::Unix(path)), _) => Listener::unix(path),
        (None, _) => Listener::unix(&directory()?.join("broker.sock")),
    };
    listener.map_err(cannot_start)
}

/// Returns the error of a command whose broker can't start.
pub(super) fn cannot_start(error: ServeError) -> CliError {
    match error {
        ServeError::Listen { .. } => CliError::usage(error),
        ServeError::Remote(_) => CliError::usage(error).with_hint(Some(REMOTE.to_owned())),
        ServeError::System(_) => CliError::new(Kind::Sandbox, error),
    }
}

const REMOTE: &str = "allow it and encrypt it: --allow-remote --tls-cert FILE --tls-key FILE \
                      --client-ca FILE";

impl TlsFiles<'_> {
    fn read(&self) -> Result<ServerTls, CliError> {
        let [chain, key, client_ca] = [self.certificate, self.key, self.client_ca];
        let tls = ServerTls::from_pem(&read(chain)?, &read(key)?, &read(client_ca)?);
        tls.map_err(|fault| {
            let files = [self.certificate, self.key, self.client_ca].map(sanitize_path);
            CliError::usage(format!("{fault} ({})", files.join(", ")))
        })
    }
}

/// The most bytes of a file for TLS. Whole bundles of authorities are a quarter of it.
const MAX_BYTES: u64 = 1 << 20;

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let read = read_regular(path, MAX_BYTES).map(Zeroizing::new);
    read.map_err(|reason| CliError::usage(format!("{}: {reason}", sanitize_path(path))))
}
