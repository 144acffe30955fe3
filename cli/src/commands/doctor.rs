//! `orchestration doctor`: finds setup problems.
//!
//! A problem without a fix helps no one, so the type of a complaint requires a
//! remedy.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use clap::Args;
use orchestration_runtime::{
    Cache, HttpError, Issuer, ProvidersToml, StrategyInfo, SystemLimit, others_can_write,
    server_time,
};

use super::key_file::{self, Checked};
use super::strategy::load_all;
use super::{client, session};
use crate::config::why_unused;
use crate::edited_file::directory_of;
use crate::error::{CliError, Kind};
use crate::exit::Exit;
use crate::gateway::{self, Notice};
use crate::host::Host;
use crate::remedy;
use crate::ui::{stdout, style, text};

const HELP: &str = "\
Checks providers.toml and who can write it, the project's file, the files that hold
keys and who can read them, the compiled-code cache, the sandbox, every strategy,
the sessions, the proxy settings, and the clients that `client add` set up, with the
variables that override their settings, and shows a fix below each problem.

Exit status: 0 no problems, 2 a setup problem, 3 a strategy can't be loaded

Examples:
  orchestration doctor
  orchestration doctor --online
  orchestration doctor --config ./providers.toml";

/// Diagnose the setup and suggest fixes
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct DoctorArgs {
    /// Compare the clock with those of the issuers that profiles name
    #[arg(long)]
    online: bool,
}

impl DoctorArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        diagnose(config, self.online)
    }
}

/// A thing that was checked, and what was seen.
struct Finding {
    subject: &'static str,
    seen: String,
    complaint: Option<Complaint>,
}

/// A problem.
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

/// Checks everything and shows the findings.
fn diagnose(named: Option<&Path>, online: bool) -> Result<Exit, CliError> {
    let mut findings = vec![version()];
    let providers = match ProvidersToml::discover(named) {
        Ok(providers) => providers,
        Err(error) => {
            // Without the configuration, the rest would be misleading.
            stdout::print(&shown(&findings))?;
            return Err(error.into());
        }
    };
    findings.extend(configuration(named, &providers));
    findings.push(project(&providers));
    findings.extend(gateways(&providers));
    findings.extend(key_files(&providers));
    findings.push(cache());
    let proxies = proxies(&providers);
    let clients: Vec<Finding> = client::check::check(&providers)
        .into_iter()
        .map(|checked| found("client", checked))
        .collect();
    findings.extend(running(providers, online)?);
    findings.extend(proxies);
    findings.extend(clients);
    stdout::print(&shown(&findings))?;
    let complaints = findings.iter().filter_map(|finding| finding.complaint.as_ref());
    Ok(complaints.map(|complaint| complaint.exit).max().unwrap_or(Exit::Fine))
}

fn shown(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.subject.len()).max().unwrap_or_default();
    let line = |finding: &Finding| {
        let Finding { subject, seen, complaint } = finding;
        let Some(Complaint { remedy, .. }) = complaint else {
            return format!("{} {subject:width$}  {seen}\n", style::good());
        };
        let indent = " ".repeat(width + 4);
        let remedy = remedy.replace('\n', &format!("\n{indent}"));
        format!("{} {subject:width$}  {seen}\n{indent}{remedy}\n", style::bad())
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
    let Ok(Some(path)) = ProvidersToml::path(named) else {
        return vec![Finding::bad(
            "config",
            "no home directory to look for providers.toml in",
            remedy::SET_HOME,
        )];
    };
    if !path.exists() {
        let seen = format!("no {}: only the built-in profiles", text::link(&path));
        return vec![Finding::fine("config", seen)];
    }
    let (profiles, strategies) = (providers.profiles().len(), providers.strategies().len());
    let seen = format!("{profiles} profiles, {strategies} strategies in {}", text::link(&path));
    let mut findings = vec![Finding::fine("config", seen)];
    // Anyone who can change it can send a key elsewhere.
    let open =
        [path.as_path(), directory_of(&path)].into_iter().filter(|path| others_can_write(path));
    findings.extend(open.map(|path| {
        let seen = format!("others can write {}", text::link(path));
        Finding::bad("config", seen, remedy::deny_writes(path))
    }));
    findings
}

fn project(providers: &ProvidersToml) -> Finding {
    if let Some(unused) = providers.unused() {
        return Finding::bad("project", why_unused(unused), remedy::for_unused(unused));
    }
    match providers.project() {
        Some(path) => Finding::fine("project", format!("{}, trusted", text::link(path))),
        None => Finding::fine(
            "project",
            "no .orchestration/providers.toml in this directory or any parent",
        ),
    }
}

/// The variables that lead clients to a gateway, if profiles go elsewhere. Someone whose
/// tools all go through a gateway expects this one to do so too.
fn gateways(providers: &ProvidersToml) -> impl Iterator<Item = Finding> {
    let notices = gateway::notices(providers, providers.profiles());
    notices.into_iter().map(|Notice { message, remedy }| Finding::bad("profile", message, remedy))
}

/// The files of keys.
fn key_files(providers: &ProvidersToml) -> impl Iterator<Item = Finding> {
    let files = providers.profiles().filter_map(|profile| key_file::check(profile));
    files.map(|checked| found("key file", checked))
}

fn found(subject: &'static str, Checked { seen, remedy }: Checked) -> Finding {
    match remedy {
        Some(remedy) => Finding::bad(subject, seen, remedy),
        None => Finding::fine(subject, seen),
    }
}

fn cache() -> Finding {
    let Some(cache) = Cache::for_current_user() else {
        let seen = "no home directory to keep compiled code in";
        return Finding::bad("cache", seen, remedy::SET_CACHE_HOME);
    };
    let info = cache.try_out().and_then(|()| cache.info());
    match info {
        Ok(info) => {
            let (size, most) = (text::size(info.bytes), text::size(info.max_bytes));
            let directory = text::link(&info.directory);
            Finding::fine(
                "cache",
                format!("{} entries, {size} of {most}, in {directory}", info.entries),
            )
        }
        Err(error) => {
            let remedy = cache_remedy(cache.directory(), &error);
            Finding::bad("cache", format!("is not used: {error}"), remedy)
        }
    }
}

fn cache_remedy(directory: &Path, error: &io::Error) -> String {
    if let Some(limit) = SystemLimit::behind(error) {
        return remedy::raise_system_limit(&limit);
    }
    // Links are not followed: a chmod would change what they lead to.
    match (error.kind(), fs::symlink_metadata(directory)) {
        (io::ErrorKind::PermissionDenied, Ok(metadata)) if metadata.is_dir() => {
            remedy::own(directory)
        }
        (_, Ok(metadata)) if !metadata.is_dir() => remedy::move_away(directory),
        _ => remedy::OTHER_CACHE_HOME.to_owned(),
    }
}

/// What takes the sandbox to find out, and first whether it runs: each strategy, loaded, the
/// sessions, and if `online`, the clock.
fn running(providers: ProvidersToml, online: bool) -> Result<Vec<Finding>, CliError> {
    let host = if online { Host::online(providers) } else { Host::of(providers) };
    let host = match host {
        Ok(host) => host,
        Err(error) if error.kind() == Kind::Sandbox => {
            let remedy = error.hint().unwrap_or(remedy::OTHER_MACHINE).to_owned();
            return Ok(vec![Finding::bad("sandbox", error.to_string(), remedy)]);
        }
        Err(error) => return Err(error),
    };
    let mut findings = vec![Finding::fine("sandbox", "runs on this machine")];
    let infos = host.run(load_all(&host.registry));
    findings.extend(infos.iter().map(loaded));
    let served = |auth_type: &str| infos.iter().any(|info| info.auth_type == auth_type);
    let lost = host.providers.profiles().filter(|profile| !served(&profile.auth_type));
    findings.extend(lost.map(|profile| {
        let seen = format!("{} uses {}, which no strategy serves", profile.name, profile.auth_type);
        Finding::bad("profile", seen, remedy::add_strategy(&profile.auth_type))
    }));
    findings.extend(session::check(&host).into_iter().map(|checked| found("session", checked)));
    if online {
        findings.extend(clock(&host));
    }
    Ok(findings)
}

/// The most that the clock may differ from that of a server. Tokens last for minutes.
const TOLERANCE: Duration = Duration::from_secs(60);

/// The clock, compared with that of each issuer.
fn clock(host: &Host) -> Vec<Finding> {
    let issuers = host.providers.profiles().filter_map(|profile| host.registry.issuer(profile));
    let issuers: BTreeMap<String, Issuer> =
        issuers.map(|issuer| (issuer.origin().to_string(), issuer)).collect();
    if issuers.is_empty() {
        return vec![Finding::fine("clock", "no profile names an issuer to ask for the time")];
    }
    issuers.iter().map(|(origin, issuer)| compared(host, origin, issuer)).collect()
}

fn compared(host: &Host, origin: &str, issuer: &Issuer) -> Finding {
    let theirs = match host.run(server_time(issuer)) {
        Ok(Some(theirs)) => theirs,
        Ok(None) => {
            return Finding::fine("clock", format!("{origin} does not say what time it is"));
        }
        Err(error) => {
            let remedy = remedy::for_server(&error);
            return Finding::bad("clock", format!("can't be compared: {error}"), remedy);
        }
    };
    let ours = SystemTime::now();
    let (apart, direction) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if apart <= TOLERANCE {
        return Finding::fine("clock", format!("agrees with that of {origin}"));
    }
    let apart = humantime::format_duration(Duration::from_secs(apart.as_secs()));
    let seen = format!("is {apart} {direction} that of {origin}");
    Finding::bad("clock", seen, remedy::SET_CLOCK)
}

fn loaded(info: &StrategyInfo) -> Finding {
    let name = &info.auth_type;
    match &info.description {
        Ok(said) => {
            Finding::fine("strategy", format!("{name} {} can be loaded", said.version.quoted()))
        }
        Err(error) => {
            let hint = remedy::for_provider(error);
            let remedy = hint.unwrap_or_else(|| match info.component {
                Some(_) => remedy::remove_strategy(name),
                None => remedy::INSTALL_AGAIN.to_owned(),
            });
            let complaint = Complaint { remedy, exit: Exit::StrategyFailed };
            let seen = error.to_string();
            Finding { subject: "strategy", seen, complaint: Some(complaint) }
        }
    }
}

/// The proxies that the requests of the profiles take. Keys pass through them.
fn proxies(providers: &ProvidersToml) -> Vec<Finding> {
    let mut used = BTreeMap::new();
    for profile in providers.profiles() {
        match profile.proxy() {
            Ok(None) => {}
            Ok(Some(proxy)) => {
                let seen = format!("{} is {}", proxy.variable(), proxy.displayed());
                used.entry(proxy.variable()).or_insert_with(|| Finding::fine("proxy", seen));
            }
            Err(HttpError::ProxyVariable { variable }) => {
                let seen = HttpError::ProxyVariable { variable }.to_string();
                let remedy = remedy::set_proxy(variable);
                used.entry(variable).or_insert_with(|| Finding::bad("proxy", seen, remedy));
            }
            // Its base URL is at fault, and named when the profile is used.
            Err(_) => {}
        }
    }
    if used.is_empty() {
        return vec![Finding::fine("proxy", "none is used")];
    }
    used.into_values().collect()
}
