//! What each secret of a call is made of.

use crate::given::Given;

/// What a secret is made of: a set of what is [`Given`]. The table of the call names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Roots(u128);

impl Roots {
    /// A text of the strategy.
    pub(crate) const OWN: Self = Self(1);
    /// Random bytes.
    pub(crate) const RANDOM: Self = Self(1 << 1);
    /// The key that the caller passed.
    pub(crate) const EXPLICIT: Self = Self(1 << 2);
    /// The session that was loaded.
    pub(crate) const SESSION: Self = Self(1 << 3);
    /// The key that the user stored.
    pub(crate) const STORED_KEY: Self = Self(1 << 4);

    /// Returns both together.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns true if `other` is part of it.
    pub(crate) fn have(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What the constants of [`Roots`] stand for.
static FIXED: [(Roots, Given); 5] = [
    (Roots::OWN, Given::Own),
    (Roots::RANDOM, Given::Random),
    (Roots::EXPLICIT, Given::Explicit),
    (Roots::SESSION, Given::Session),
    (Roots::STORED_KEY, Given::StoredKey),
];

/// The variables, files and servers that the secrets of one call are from.
#[derive(Default)]
pub(super) struct Named(Vec<Given>);

impl Named {
    /// Returns the root for `given`. There are as many as a call can take, and more: it has
    /// 64 secrets.
    pub(super) fn root(&mut self, given: Given) -> Roots {
        let known = self.0.iter().position(|known| *known == given);
        let at = known.unwrap_or_else(|| {
            self.0.push(given);
            self.0.len() - 1
        });
        let bit = u32::try_from(at + FIXED.len()).unwrap_or(u32::MAX);
        Roots(1_u128.checked_shl(bit).unwrap_or_default())
    }

    /// Returns what `roots` stands for: first what has a name, in the order in which it was
    /// taken.
    pub(super) fn of(&self, roots: Roots) -> impl Iterator<Item = &Given> {
        let bit = |at: usize| 1_u128.checked_shl(u32::try_from(at).unwrap_or(u32::MAX));
        let has = move |at: usize| bit(at).is_some_and(|bit| roots.0 & bit != 0);
        let named = self.0.iter().enumerate().filter(move |(at, _)| has(at + FIXED.len()));
        let fixed = FIXED.iter().filter(move |(root, _)| roots.have(*root));
        named.map(|(_, given)| given).chain(fixed.map(|(_, given)| given))
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, Named, Roots};

    #[test]
    fn roots_are_named_in_the_order_in_which_they_were_taken() {
        let mut named = Named::default();
        let [key, id] = ["CORP_KEY", "CORP_ID"].map(|name| Given::Variable(name.into()));
        let roots = [named.root(key.clone()), named.root(id.clone()), named.root(key.clone())];
        assert_eq!(roots[0], roots[2]);
        let of = |roots| named.of(roots).collect::<Vec<_>>();
        assert_eq!(of(roots[1].and(Roots::OWN).and(roots[0])), [&key, &id, &Given::Own]);
        assert_eq!(of(roots[1]), [&id]);
        assert!(of(Roots::default()).is_empty());
    }

    #[test]
    fn more_than_there_is_room_for_has_no_root() {
        let mut named = Named::default();
        let file = |at: usize| Given::File(format!("/{at}").into());
        let last = (0..123).map(|at| named.root(file(at))).last().unwrap_or_default();
        assert!(named.of(last).eq(&[file(122)]));
        let more = named.root(file(123));
        assert_eq!(named.of(more).count(), 0);
    }
}
