//! `orchestration doctor`: whether everything around the credentials is as it
//! should be.
//!
//! A complaint that leaves its reader alone is noise, so there is none without a
//! remedy: the type has no place for one.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use orchestration_runtime::{Cache, ProviderError, ProvidersToml, StrategyInfo};

use crate::config::{self, folder_of};
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::host::Host;
use crate::output;
use crate::strategy;

/// What was looked at, and what was seen.
struct Finding {
    subject: &'static str,
    seen: String,
    complaint: Option<Complaint>,
}

/// Something that is wrong.
struct Complaint {
    remedy: String,
    exit: Exit,
}

impl Finding {
    fn fine(subject: &'static str, seen: impl Into<String>) -> Self {
        Self { subject, seen: seen.into(), complaint: None }
    }

    fn bad(subject: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        let complaint = Complaint { remedy: remedy.into(), exit: Exit::Usage };
        Self { subject, seen: seen.into(), complaint: Some(complaint) }
    }
}

/// Looks at everything and shows what it saw.
pub(crate) fn run(named: Option<&Path>) -> Result<Exit, CliError> {
    let mut findings = vec![version()];
    let providers = match ProvidersToml::discover(named) {
        Ok(providers) => providers,
        Err(error) => {
            // With nothing to go by, the rest would be about something else.
            output::print(&shown(&findings))?;
            return Err(error.into());
        }
    };
    findings.extend(configuration(named, &providers));
    findings.push(project(&providers));
    findings.push(cache());
    findings.extend(strategies(providers)?);
    findings.extend(proxies());
    output::print(&shown(&findings))?;
    let complaints = findings.iter().filter_map(|finding| finding.complaint.as_ref());
    Ok(complaints.map(|complaint| complaint.exit).max().unwrap_or(Exit::Fine))
}

fn shown(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.subject.len()).max().unwrap_or_default();
    let line = |finding: &Finding| {
        let Finding { subject, seen, complaint } = finding;
        let Some(Complaint { remedy, .. }) = complaint else {
            return format!("{} {subject:width$}  {seen}\n", output::good());
        };
        let indent = " ".repeat(width + 4);
        let remedy = remedy.replace('\n', &format!("\n{indent}"));
        format!("{} {subject:width$}  {seen}\n{indent}{remedy}\n", output::bad())
    };
    findings.iter().map(line).collect()
}

fn version() -> Finding {
    let version = env!("CARGO_PKG_VERSION");
    let contract = orchestration_runtime::CONTRACT_VERSION;
    Finding::fine(
        "version",
        format!("orchestration {version}, contract orchestration:auth@{contract}"),
    )
}

fn configuration(named: Option<&Path>, providers: &ProvidersToml) -> Vec<Finding> {
    let Some(path) = ProvidersToml::path(named) else {
        return vec![Finding::bad(
            "config",
            "there is no home folder to look for providers.toml in",
            "set HOME, or name a file with --config FILE",
        )];
    };
    if !path.exists() {
        let seen = format!("no {}: the built-in profiles alone", output::file(&path));
        return vec![Finding::fine("config", seen)];
    }
    let (profiles, strategies) = (providers.profiles().len(), providers.strategies().len());
    let seen = format!("{profiles} profiles, {strategies} strategies in {}", output::file(&path));
    let mut findings = vec![Finding::fine("config", seen)];
    // Who can change it can send a key elsewhere.
    let open = [path.as_path(), folder_of(&path)].into_iter().filter(|path| others_can_write(path));
    findings.extend(open.map(|path| {
        let seen = format!("others can write {}", output::file(path));
        Finding::bad("config", seen, format!("chmod go-w {}", strategy::quoted(path)))
    }));
    findings
}

fn others_can_write(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o022 != 0)
}

fn project(providers: &ProvidersToml) -> Finding {
    if let Some(unused) = providers.unused() {
        let remedy = config::remedy(unused);
        return Finding::bad("project", failure::left_out_because(unused), remedy);
    }
    match providers.project() {
        Some(path) => Finding::fine("project", format!("{}, trusted", output::file(path))),
        None => Finding::fine("project", "no .orchestration/providers.toml from here upwards"),
    }
}

fn cache() -> Finding {
    let Some(cache) = Cache::of_this_user() else {
        let seen = "there is no home folder to keep compiled code in";
        return Finding::bad("cache", seen, "set HOME or XDG_CACHE_HOME");
    };
    let info = cache.check().and_then(|()| cache.info());
    match info {
        Ok(info) => {
            let (size, most) = (output::size(info.bytes), output::size(info.max_bytes));
            let folder = output::file(&info.folder);
            Finding::fine(
                "cache",
                format!("{} entries, {size} of {most}, in {folder}", info.entries),
            )
        }
        Err(error) => {
            let remedy = format!("chmod 700 {}", strategy::quoted(cache.folder()));
            let remedy = match error.kind() {
                io::ErrorKind::PermissionDenied => remedy,
                _ => format!("move {} away", strategy::quoted(cache.folder())),
            };
            Finding::bad("cache", format!("is not used: {error}"), remedy)
        }
    }
}

/// Each strategy, loaded; and first whether any can be.
fn strategies(providers: ProvidersToml) -> Result<Vec<Finding>, CliError> {
    let host = match Host::of(providers) {
        Ok(host) => host,
        Err(CliError::Provider(error @ ProviderError::Sandbox(_))) => {
            let remedy = "a limit on address space is the usual reason: ulimit -v unlimited";
            return Ok(vec![Finding::bad("sandbox", error.to_string(), remedy)]);
        }
        Err(error) => return Err(error),
    };
    let mut findings = vec![Finding::fine("sandbox", "runs on this machine")];
    let infos = host.run(strategy::ask_all(&host.registry))?;
    findings.extend(infos.iter().map(loaded));
    let served = |auth_type: &str| infos.iter().any(|info| info.auth_type == auth_type);
    let lost = host.providers.profiles().filter(|profile| !served(&profile.auth_type));
    findings.extend(lost.map(|profile| {
        let seen = format!("{} asks for {}, which is not there", profile.name, profile.auth_type);
        let auth_type = &profile.auth_type;
        let remedy = format!("orchestration strategy add FILE --auth-type {auth_type}");
        Finding::bad("profile", seen, remedy)
    }));
    Ok(findings)
}

fn loaded(info: &StrategyInfo) -> Finding {
    let name = &info.auth_type;
    match &info.description {
        Ok(said) => Finding::fine("strategy", format!("{name} {} can be loaded", said.version)),
        Err(error) => {
            let hint = error.hint();
            let take_out = || format!("take it out with: orchestration strategy remove {name}");
            let complaint =
                Complaint { remedy: hint.unwrap_or_else(take_out), exit: Exit::StrategyFailed };
            let seen = error.to_string();
            Finding { subject: "strategy", seen, complaint: Some(complaint) }
        }
    }
}

/// The proxies that HTTP clients of this user go through. A key travels there.
fn proxies() -> Vec<Finding> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"];
    let set = names.into_iter().filter_map(|name| {
        let value = env::var_os(name).filter(|value| !value.is_empty())?;
        Some((name, PathBuf::from(value).display().to_string()))
    });
    let findings: Vec<Finding> = set.map(|(name, value)| proxy(name, &value)).collect();
    if findings.is_empty() {
        return vec![Finding::fine("proxy", "none is set")];
    }
    findings
}

fn proxy(name: &str, value: &str) -> Finding {
    let schemes = ["http://", "https://", "socks5://", "socks5h://"];
    if schemes.iter().any(|scheme| value.starts_with(scheme)) {
        return Finding::fine("proxy", format!("{name} is {}", output::without_password(value)));
    }
    // Not shown: whatever it is, it may be a password.
    let remedy = format!("export {name}=http://HOST:PORT, or: unset {name}");
    Finding::bad("proxy", format!("{name} is not the URL of a proxy"), remedy)
}
