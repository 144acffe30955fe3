//! `strategy check FILE`: the promises of a strategy, kept or broken.

use orchestration_runtime::{Judgement, Registry, Report, Tried, Usage};
use serde_json::{Value, json};

use crate::args::{CheckArguments, ReportFormat};
use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;

/// Tries every promise, and shows what came of it.
pub(super) async fn run(arguments: &CheckArguments, registry: &Registry) -> Result<Exit, CliError> {
    let report = registry.check(&arguments.file).await?;
    let shown = match arguments.format {
        ReportFormat::Text => text(&report),
        ReportFormat::Json => format!("{:#}\n", json(&report)),
    };
    output::print(&shown)?;
    Ok(if report.is_good() { Exit::Fine } else { Exit::StrategyFailed })
}

fn text(report: &Report) -> String {
    let promises: String = report.tried.iter().map(line).collect();
    let usage: String = report.usage.iter().map(used).collect();
    let broken = count(report, |verdict| matches!(verdict, Judgement::Broken(_)));
    let not_tried = count(report, |verdict| matches!(verdict, Judgement::NotTried(_)));
    let kept = report.tried.len() - broken - not_tried;
    let others = match (broken, not_tried) {
        (0, 0) => String::new(),
        (_, 0) => format!(", {broken} broken"),
        _ => format!(", {broken} broken, {not_tried} not tried"),
    };
    let gap = if usage.is_empty() { "" } else { "\n" };
    format!("{promises}{gap}{usage}\n{kept} kept{others}\n")
}

fn count(report: &Report, is: impl Fn(&Judgement) -> bool) -> usize {
    report.tried.iter().filter(|tried| is(&tried.verdict)).count()
}

/// `✓ missing  what was promised`, and below it why not, where it was broken.
fn line(tried: &Tried) -> String {
    let what = tried.case.as_deref().unwrap_or(tried.promise.statement());
    let (mark, reason) = match &tried.verdict {
        Judgement::Kept => (output::good(), None),
        Judgement::Broken(reason) => (output::bad(), Some(reason)),
        Judgement::NotTried(reason) => ("-".to_owned(), Some(reason)),
    };
    let reason = reason.map(|reason| format!("               {reason}\n")).unwrap_or_default();
    format!("{mark} {:<12} {what}\n{reason}", tried.promise.id())
}

fn used(usage: &Usage) -> String {
    let micros = usage.time.as_micros();
    let tenths = (micros % 1000) / 100;
    let memory = output::size(usage.memory_bytes as u64);
    let Usage { function, calls, .. } = usage;
    format!(
        "  {function:<18} {calls:>3} calls, at most {}.{tenths} ms and {memory}\n",
        micros / 1000
    )
}

fn json(report: &Report) -> Value {
    let tried = report.tried.iter().map(|tried| {
        let (verdict, reason) = match &tried.verdict {
            Judgement::Kept => ("kept", None),
            Judgement::Broken(reason) => ("broken", Some(reason)),
            Judgement::NotTried(reason) => ("not-tried", Some(reason)),
        };
        json!({
            "promise": tried.promise.id(),
            "statement": tried.promise.statement(),
            "case": tried.case,
            "verdict": verdict,
            "reason": reason,
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
            "auth_type": said.auth_type,
            "version": said.version,
            "summary": said.summary,
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
