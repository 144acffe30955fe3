//! What `orchestration trust` shows before it asks: what a project's file changes in
//! the user's own configuration.
//!
//! A stranger wrote the file, and may have written thousands of profiles to hide one
//! line. So the text has a bounded length, and what the user stands to lose comes
//! first: the user's own profiles whose keys go elsewhere, then code, then new
//! profiles, then the rest. What does not fit is counted.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::path::Path;

use orchestration_runtime::{BaseUrl, Change, Changes, PROVIDERS, ProfileChange, StrategyChange};

use super::words;

/// How many profiles and strategies of one group are shown.
const SHOWN: usize = 8;

/// How many settings are shown with their values; of the others, only the keys are.
const SETTINGS: usize = 32;

/// What changes for the user's keys, most dangerous first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// A profile of the user sends its key elsewhere, or in another way.
    Redirected,
    /// Code that serves a profile, or may read more.
    Code,
    /// A profile that the user did not have.
    New,
    /// No key goes elsewhere.
    Other,
}

const GROUPS: [Group; 4] = [Group::Redirected, Group::Code, Group::New, Group::Other];

/// What is lost at once, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Risk {
    /// A variable that is set and that the file names.
    Named,
    /// The variable that every profile falls back to.
    Fallback,
    /// Nothing that is set now.
    None,
}

/// A profile or a strategy that changes.
enum Entry<'a> {
    Profile(&'a ProfileChange<'a>),
    Strategy(&'a StrategyChange<'a>),
}

/// Returns what changes, a line for each profile and strategy and one below it for
/// each of its settings.
pub(super) fn shown(changes: &Changes<'_>, project: &Path) -> String {
    let profiles = changes.profiles.iter().map(Entry::Profile);
    let mut entries: Vec<Entry<'_>> =
        profiles.chain(changes.strategies.iter().map(Entry::Strategy)).collect();
    if entries.is_empty() {
        return "It changes nothing.\n".to_owned();
    }
    // One profile for each variable comes before a second for the same one. The sort is
    // stable, so that the rest stays in the order of names.
    let mut seen: HashMap<Vec<&str>, usize> = HashMap::new();
    entries.sort_by_cached_key(|entry| {
        let earlier = seen.entry(entry.variables()).or_default();
        *earlier += 1;
        (entry.group(), entry.risk(), *earlier)
    });
    let mut text = String::new();
    let mut settings = SETTINGS;
    let mut is_all = true;
    for group in GROUPS {
        let of_group: Vec<&Entry<'_>> =
            entries.iter().filter(|entry| entry.group() == group).collect();
        let (first, rest) = of_group.split_at(of_group.len().min(SHOWN));
        first.iter().for_each(|entry| text += &entry.lines(project, &mut settings));
        text += &counted(rest);
        is_all &= rest.is_empty();
    }
    if !is_all {
        text += "Not all of it is shown: read the file before you trust it.\n";
    }
    text
}

impl<'a> Entry<'a> {
    fn group(&self) -> Group {
        let directs_keys = self.settings().iter().any(|change| change.directs_keys);
        match self {
            Self::Profile(profile) if profile.is_new => Group::New,
            Self::Profile(_) if directs_keys => Group::Redirected,
            Self::Strategy(_) if directs_keys => Group::Code,
            _ => Group::Other,
        }
    }

    fn settings(&self) -> &'a [Change<'a>] {
        match self {
            Self::Profile(profile) => &profile.settings,
            Self::Strategy(strategy) => &strategy.settings,
        }
    }

    fn variables(&self) -> Vec<&'a str> {
        match self {
            Self::Profile(profile) => profile.sends.variables().collect(),
            Self::Strategy(strategy) => strategy.strategy.env.iter().map(String::as_str).collect(),
        }
    }

    fn risk(&self) -> Risk {
        let at_stake = |variable: &str| match self {
            Self::Profile(change) => {
                at_stake(variable, change.profile.effective_base_url().as_ref())
            }
            Self::Strategy(_) => env::var_os(variable).is_some(),
        };
        let fallback = match self {
            Self::Profile(change) => change.sends.fallback,
            Self::Strategy(_) => None,
        };
        let named = |variable: &&str| Some(*variable) != fallback;
        if self.variables().into_iter().filter(named).any(at_stake) {
            Risk::Named
        } else if fallback.is_some_and(at_stake) {
            Risk::Fallback
        } else {
            Risk::None
        }
    }

    /// The line of the entry, and those of its settings, as long as `left` lasts.
    fn lines(&self, project: &Path, left: &mut usize) -> String {
        let line = match self {
            Self::Profile(profile) => format!("Profile   {}\n", words::profile(profile)),
            Self::Strategy(strategy) => {
                format!("Strategy  {}\n", words::strategy(strategy, project))
            }
        };
        let (shown, rest) = self.settings().split_at(self.settings().len().min(*left));
        *left -= shown.len();
        let shown = shown.iter().map(|change| format!("            {}\n", words::change(change)));
        let rest: Vec<&str> = rest.iter().map(|change| change.key).collect();
        let rest = (!rest.is_empty()).then(|| format!("            also: {}\n", rest.join(", ")));
        line + &shown.collect::<String>() + &rest.unwrap_or_default()
    }
}

/// A line for those that are not shown: how many there are, which variables they read,
/// and how many hosts they send them to.
fn counted(rest: &[&Entry<'_>]) -> String {
    let (mut profiles, mut strategies) = (0, 0);
    let mut urls = BTreeSet::new();
    for entry in rest {
        match entry {
            Entry::Profile(change) => {
                profiles += 1;
                urls.extend(change.profile.effective_base_url().map(|url| url.to_string()));
            }
            Entry::Strategy(_) => strategies += 1,
        }
    }
    let variables: BTreeSet<&str> = rest.iter().flat_map(|entry| entry.variables()).collect();
    let variables: Vec<&str> = variables.into_iter().collect();
    let read = words::variables(variables.iter());
    let mut line = String::new();
    if profiles > 0 {
        line += &format!("          and {profiles} more profiles, to {} URLs\n", urls.len());
    }
    if strategies > 0 {
        line += &format!("          and {strategies} more strategies\n");
    }
    if !variables.is_empty() {
        line += &format!("            which may read {read}\n");
    }
    line
}

/// Whether the variable is set and would go elsewhere than to the provider that it
/// belongs to.
fn at_stake(variable: &str, base_url: Option<&BaseUrl>) -> bool {
    let mut owners = PROVIDERS.iter().filter(|known| known.variables.contains(&variable));
    let is_at_home = base_url.is_some_and(|url| owners.any(|owner| owner.is_at(url)));
    env::var_os(variable).is_some() && !is_at_home
}
