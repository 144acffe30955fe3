//! One strategy of the registry.

use std::sync::OnceLock;

use orchestration_sandbox::{
    BuiltIn, ComponentFile, Description, Failure, Grant, Limits, Sandbox, Strategy,
};
use tokio::sync::OnceCell;

use crate::strategy::offers_fallback;
use crate::strategy_config::StrategyConfig;

/// A strategy, loaded on its first use.
pub(crate) struct Entry {
    pub(super) code: Code,
    /// What providers.toml grants it.
    pub(crate) env: Vec<Grant>,
    pub(crate) limits: Limits,
    /// A separate sandbox, if its limits need one.
    pub(super) own_sandbox: OnceLock<Sandbox>,
    /// The result of loading it. A failure is kept as well, so that a thousand
    /// profiles with the same broken strategy don't wait a thousand times.
    pub(super) loaded: OnceCell<Result<Loaded, Failure>>,
}

/// The code of a strategy.
pub(super) enum Code {
    BuiltIn(BuiltIn),
    File(ComponentFile),
}

/// A strategy that is ready to be called.
pub(crate) struct Loaded {
    pub(crate) strategy: Strategy,
    /// Its description; `None` for a built-in one, which declares no variables and
    /// so need not be asked.
    pub(crate) description: Option<Description>,
}

impl Code {
    /// Returns the component file; `None` for a built-in strategy.
    pub(super) fn file(&self) -> Option<&ComponentFile> {
        match self {
            Self::BuiltIn(_) => None,
            Self::File(file) => Some(file),
        }
    }

    pub(super) fn sha256(&self) -> &str {
        match self {
            Self::BuiltIn(built_in) => built_in.sha256,
            Self::File(file) => &file.sha256,
        }
    }
}

impl Entry {
    pub(super) fn new(code: Code) -> Self {
        Self {
            code,
            env: Vec::new(),
            limits: Limits::default(),
            own_sandbox: OnceLock::new(),
            loaded: OnceCell::new(),
        }
    }

    /// Returns true if the strategy may be offered the fallback variable.
    pub(crate) fn offers_fallback(&self) -> bool {
        offers_fallback(self.code.file().is_none(), self.env.iter().map(|grant| &*grant.name))
    }

    /// Takes grants and limits from providers.toml.
    pub(super) fn configured(self, config: &StrategyConfig) -> Self {
        let env = config.env.iter().map(Grant::variable).collect();
        Self { env, limits: config.limits.clone(), ..self }
    }
}
