//! Names that can't hold a key, because programs act on them.
//!
//! `auth exec` sets the variable that a profile names, and others that begin with it. If
//! one were `LD_PRELOAD` or `PATH`, a credential would decide which code the command
//! runs, and a credential is whatever a strategy returned. The list is closed: the
//! dynamic loader and C library, shells, interpreters, build tools, git and ssh, and what
//! decides where an HTTP client sends a key and whom it trusts.

use crate::catalogue::PROVIDERS;

/// Returns true if the dynamic loader, the C library, a shell, an interpreter, a common
/// tool or an HTTP client acts on the variable, in upper or lower case.
///
/// ```
/// use orchestration_auth::is_reserved_variable;
///
/// assert!(is_reserved_variable("PYTHONPATH"));
/// assert!(is_reserved_variable("DYLD_INSERT_LIBRARIES"));
/// assert!(!is_reserved_variable("PYTHONANYWHERE_TOKEN"));
/// ```
pub fn is_reserved_variable(name: &str) -> bool {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    let begins = |known: &&str| {
        name.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
    };
    // A client that reads its base URL there would send the key to another host.
    let base_urls = || PROVIDERS.iter().flat_map(|known| known.base_url_variables);
    RESERVED.iter().any(is) || RESERVED_PREFIXES.iter().any(begins) || base_urls().any(is)
}

/// The beginnings of reserved names. No provider's key has a name like these.
const RESERVED_PREFIXES: [&str; 9] = [
    // The dynamic loader of Linux and of macOS.
    "LD_",
    "DYLD_",
    // Functions that bash imports.
    "BASH_FUNC_",
    // The C library.
    "LC_",
    "MALLOC_",
    // Tools that take every setting from a variable, commands included.
    "GIT_CONFIG",
    "NPM_CONFIG_",
    "PIP_CONFIG_",
    // Where programs look for their settings.
    "XDG_",
];

/// The other reserved names. docs/src/providers-toml.md describes the list.
const RESERVED: &[&str] = &[
    // The session.
    "HOME",
    "LANG",
    "LANGUAGE",
    "LOGNAME",
    "OLDPWD",
    "ORCHESTRATION_CONFIG",
    "PATH",
    "PWD",
    "SHELL",
    "SHLVL",
    "TERM",
    "TERMCAP",
    "TERMINFO",
    "TERMINFO_DIRS",
    "TERMPATH",
    "TMPDIR",
    "TZ",
    "TZDIR",
    "USER",
    // The C library, as it ignores them in programs with the rights of another user.
    "GCONV_PATH",
    "GETCONF_DIR",
    "GLIBC_TUNABLES",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "LOCPATH",
    "NIS_PATH",
    "NLSPATH",
    "PATH_LOCALE",
    "RESOLV_HOST_CONF",
    "RES_OPTIONS",
    // Shells.
    "BASHOPTS",
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "FPATH",
    "GLOBIGNORE",
    "IFS",
    "NULLCMD",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS4",
    "READNULLCMD",
    "SHELLOPTS",
    "ZDOTDIR",
    // Python.
    "PYTHONBREAKPOINT",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "PYTEST_ADDOPTS",
    "PYTEST_PLUGINS",
    "VIRTUAL_ENV",
    // JavaScript.
    "BUN_OPTIONS",
    "ELECTRON_RUN_AS_NODE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    // Perl.
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PERLIO_DEBUG",
    "PERLLIB",
    // Ruby.
    "BUNDLE_GEMFILE",
    "GEM_HOME",
    "GEM_PATH",
    "RUBYLIB",
    "RUBYOPT",
    // Java and .NET.
    "CLASSPATH",
    "CORECLR_ENABLE_PROFILING",
    "CORECLR_PROFILER",
    "CORECLR_PROFILER_PATH",
    "DOTNET_STARTUP_HOOKS",
    "JAVA_HOME",
    "JAVA_OPTS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "MAVEN_OPTS",
    "_JAVA_OPTIONS",
    // PHP, Lua, R, Julia, Erlang, Emacs.
    "EMACSLOADPATH",
    "ERL_AFLAGS",
    "ERL_FLAGS",
    "ERL_ZFLAGS",
    "JULIA_LOAD_PATH",
    "LUA_CPATH",
    "LUA_INIT",
    "LUA_PATH",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "R_ENVIRON",
    "R_PROFILE",
    // Compilers and builds.
    "CC",
    "CXX",
    "CFLAGS",
    "GCC_EXEC_PREFIX",
    "COMPILER_PATH",
    "GOFLAGS",
    "GOPATH",
    "GOROOT",
    "MAKEFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    // git and ssh.
    "GIT_ASKPASS",
    "GIT_DIR",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "SUDO_ASKPASS",
    // Programs that others start.
    "BROWSER",
    "EDITOR",
    "LESS",
    "LESSCLOSE",
    "LESSOPEN",
    "MANPAGER",
    "PAGER",
    "VISUAL",
    // Where requests go, and whom they trust.
    "ALL_PROXY",
    "AWS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "CURL_HOME",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "OPENAI_API_BASE",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "REQUESTS_CA_BUNDLE",
    "SSLKEYLOGFILE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];
