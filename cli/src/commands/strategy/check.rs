//! `orchestration strategy check`: runs the conformance suite on a component.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use orchestration_runtime::{Judgement, ProvidersToml, Report, Tried, Usage};
use serde_json::{Value, json};

use super::junit;
use crate::diagnostics;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::{stdout, style, text};
use crate::watched_files::WatchedFiles;

const HELP: &str = "\
Runs the component under the default limits with test variables: unset, empty,
set, denied, not Unicode. Shows which promises pass or fail, and why. If the
test values do not have the format that the component expects, write cases for
it in FILE.cases.toml beside FILE.wasm.

  [[case]]
  name = \"the key of the JSON is found\"
  profile = { api_key_env = \"CORP_JSON\", options = { stage = \"dev\" } }
  env = { CORP_JSON = '{\"key\":\"sk-1234567890\"}' }
  expect = { credentials = { api_key = \"sk-1234567890\" } }   # or { error = \"missing\" }

Exit status: 0 all promises pass, 2 a file can't be read, 3 one fails

Examples:
  orchestration strategy check corp-sso.wasm
  orchestration strategy check corp-sso.wasm --watch
  orchestration strategy check corp-sso.wasm --format junit > report.xml";

/// Run the conformance suite on a component
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct CheckArgs {
    /// The component
    file: PathBuf,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,

    /// Keep running, and check again when the component or its cases change
    #[arg(long)]
    watch: bool,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
    Junit,
}

impl CheckArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        if self.watch {
            return self.run_forever();
        }
        let report = self.report(&Host::of(ProvidersToml::built_in())?)?;
        stdout::print(&self.shown(&report)?)?;
        Ok(if report.is_good() { Exit::Fine } else { Exit::StrategyFailed })
    }

    fn report(&self, host: &Host) -> Result<Report, CliError> {
        Ok(host.run(host.registry.check(&self.file))?)
    }

    fn shown(&self, report: &Report) -> Result<String, CliError> {
        Ok(match self.format {
            ReportFormat::Text => lines(report),
            ReportFormat::Json => format!("{:#}\n", json(report)),
            ReportFormat::Junit => junit::xml(&self.file, report)?,
        })
    }

    /// Checks again whenever a file changes, until the user stops it.
    fn run_forever(&self) -> Result<Exit, CliError> {
        let mut files = WatchedFiles::default();
        files.watch(Some(self.file.clone()));
        files.watch(Some(self.file.with_extension("cases.toml")));
        loop {
            // Each time from the start: what was compiled of the last component is of no use.
            let host = Host::of(ProvidersToml::built_in())?;
            match self.report(&host).and_then(|report| self.shown(&report)) {
                Ok(shown) => stdout::print_to_reader(&format!("{shown}\n"))?,
                // A file that is being written right now may load at the next look.
                Err(error) => diagnostics::show(&error),
            }
            host.run_quietly(files.changed());
        }
    }
}

fn lines(report: &Report) -> String {
    let promises: String = report.tried.iter().map(line).collect();
    let usage: String = report.usage.iter().map(used).collect();
    let failed = count(report, |verdict| matches!(verdict, Judgement::Failed(_)));
    let skipped = count(report, |verdict| matches!(verdict, Judgement::NotTried(_)));
    let passed = report.tried.len() - failed - skipped;
    let others = match (failed, skipped) {
        (0, 0) => String::new(),
        (_, 0) => format!(", {failed} failed"),
        _ => format!(", {failed} failed, {skipped} skipped"),
    };
    let gap = if usage.is_empty() { "" } else { "\n" };
    format!("{promises}{gap}{usage}\n{passed} passed{others}\n")
}

fn count(report: &Report, is: impl Fn(&Judgement) -> bool) -> usize {
    report.tried.iter().filter(|tried| is(&tried.verdict)).count()
}

/// `✓ missing  the promise`, and below it, if it fails, what came back, to which call, and where
/// the contract says what is right.
fn line(tried: &Tried) -> String {
    let what = tried.case.as_deref().unwrap_or(tried.promise.statement());
    let (mark, reason) = match &tried.verdict {
        Judgement::Passed => (style::good(), None),
        Judgement::Failed(reason) => (style::bad(), Some(reason)),
        Judgement::NotTried(reason) => ("-".to_owned(), Some(reason)),
    };
    let mut shown = format!("{mark} {:<12} {what}\n", tried.promise.id());
    let below = |words: &str| format!("               {words}\n");
    shown.extend(reason.map(|reason| below(reason)));
    if let Judgement::Failed(_) = tried.verdict {
        let (file, item) = tried.promise.item();
        shown.push_str(&below(&format!("tried with {}", tried.promise.call())));
        shown.push_str(&below(&format!("see `{item}` in wit/{file}")));
    }
    shown
}

fn used(usage: &Usage) -> String {
    let micros = usage.time.as_micros();
    let tenths = (micros % 1000) / 100;
    let memory = text::size(usage.memory_bytes as u64);
    let Usage { function, calls, .. } = usage;
    format!(
        "  {function:<18} {calls:>3} calls, at most {}.{tenths} ms and {memory}\n",
        micros / 1000
    )
}

fn json(report: &Report) -> Value {
    let tried = report.tried.iter().map(|tried| {
        let (verdict, reason) = match &tried.verdict {
            Judgement::Passed => ("kept", None),
            Judgement::Failed(reason) => ("broken", Some(reason)),
            Judgement::NotTried(reason) => ("not-tried", Some(reason)),
        };
        let (file, item) = tried.promise.item();
        json!({
            "promise": tried.promise.id(),
            "statement": tried.promise.statement(),
            "case": tried.case,
            "verdict": verdict,
            "reason": reason,
            "call": tried.promise.call(),
            "contract": { "file": file, "item": item },
        })
    });
    let usage = report.usage.iter().map(|usage| {
        json!({
            "function": usage.function,
            "calls": usage.calls,
            "micros": u64::try_from(usage.time.as_micros()).unwrap_or(u64::MAX),
            "memory_bytes": usage.memory_bytes,
        })
    });
    let description = report.description.as_ref().map(|said| {
        json!({
            "auth_type": said.auth_type.text(),
            "version": said.version.text(),
            "summary": said.summary.text(),
            "environment": said.environment,
        })
    });
    json!({
        "good": report.is_good(),
        "description": description,
        "promises": tried.collect::<Vec<Value>>(),
        "usage": usage.collect::<Vec<Value>>(),
    })
}
