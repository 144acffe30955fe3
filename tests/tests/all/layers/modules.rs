//! Which file of a crate uses which: the arrows between its modules.
//!
//! A file uses another if it names something that the other defines, whether by a
//! `use`, by a path in the middle of the code, or within a macro. A name is followed
//! through re-exports to the file that defines the item, so going through a facade
//! (`use crate::Profile`) hides nothing. Declaring a module (`mod x;`), handing its
//! items on (`pub use x::Item`) and importing a module as such (`use crate::x;`) use
//! nothing by themselves. Code for tests, `#[cfg(test)]`, does not count, nor do files
//! that are drawn in with `#[path]`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::buffer::{Cursor, TokenBuffer};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprCall, ImplItemFn, Item, ItemMod, ItemUse, Macro, Meta, MetaList, UseTree,
    Visibility,
};

/// For each file those that it uses, with a path that it names them by.
type Arrows = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

/// The circles among the files of the crate whose root file is `root`, each as text:
/// its files, below the directory of the root, and what they use of each other.
pub(super) fn circles(root: &Path) -> Vec<String> {
    let arrows = arrows(root);
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        arrows.keys().map(|file| (file.as_path(), reached(&arrows, file))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        // Those that it reaches and that reach it: itself too, if there are any.
        let circle: BTreeSet<&Path> =
            others.iter().copied().filter(|other| reached[other].contains(file)).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.iter().map(|circle| described(circle, &arrows)).collect()
}

fn reached<'a>(arrows: &'a Arrows, from: &Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<&Path> = arrows[from].keys().map(PathBuf::as_path).collect();
    while let Some(file) = left.pop() {
        if reached.insert(file) {
            left.extend(arrows[file].keys().map(PathBuf::as_path));
        }
    }
    reached
}

fn described(circle: &BTreeSet<&Path>, arrows: &Arrows) -> String {
    let mut text = format!("a circle of {} files:\n", circle.len());
    for file in circle {
        for (used, by) in arrows[*file].iter().filter(|(used, _)| circle.contains(used.as_path())) {
            text += &format!("  {} -> {} ({by})\n", file.display(), used.display());
        }
    }
    text
}

/// The arrows of the crate whose root file is `root`.
fn arrows(root: &Path) -> Arrows {
    let directory = root.parent().unwrap();
    let modules = Modules::read(root);
    let short = |file: &Path| file.strip_prefix(directory).unwrap_or(file).to_owned();
    let mut arrows = Arrows::new();
    for (number, module) in modules.0.iter().enumerate() {
        let used = arrows.entry(short(&module.file)).or_default();
        let imported = module.uses.iter().filter(|import| !import.handed_on);
        for path in imported.map(|import| &import.path).chain(&module.paths) {
            for found in modules.resolve(number, path, &mut BTreeSet::new()) {
                let Found::Item(defined) = found else { continue };
                let defined = &modules.0[defined].file;
                if *defined != module.file {
                    used.entry(short(defined)).or_insert_with(|| path.join("::"));
                }
            }
        }
    }
    arrows
}

/// All modules of a crate; the first is its root.
struct Modules(Vec<Module>);

struct Module {
    file: PathBuf,
    /// Where the files of its child modules are.
    directory: PathBuf,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// The names that it defines.
    items: BTreeSet<String>,
    uses: Vec<Import>,
    /// The paths in its code.
    paths: BTreeSet<Vec<String>>,
}

/// One name of a `use`.
struct Import {
    path: Vec<String>,
    /// None for `*`.
    name: Option<String>,
    handed_on: bool,
}

/// What a name refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Module(usize),
    /// An item that this module defines.
    Item(usize),
}

impl Modules {
    fn read(root: &Path) -> Self {
        let mut modules = Self(Vec::new());
        modules.add(root.to_owned(), root.parent().unwrap().to_owned(), None);
        modules.read_file(0);
        modules
    }

    fn add(&mut self, file: PathBuf, directory: PathBuf, parent: Option<usize>) -> usize {
        self.0.push(Module {
            file,
            directory,
            parent,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            uses: Vec::new(),
            paths: BTreeSet::new(),
        });
        self.0.len() - 1
    }

    fn read_file(&mut self, module: usize) {
        let file = &self.0[module].file;
        let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.read_items(module, &parsed.items);
    }

    fn read_items(&mut self, module: usize, items: &[Item]) {
        for item in items {
            if is_for_tests(attributes(item)) {
                continue;
            }
            match item {
                Item::Mod(child) => self.read_child(module, child),
                item => {
                    self.0[module].items.extend(name(item));
                    Reader(&mut self.0[module]).visit_item(item);
                }
            }
        }
    }

    fn read_child(&mut self, parent: usize, child: &ItemMod) {
        let name = child.ident.to_string();
        let directory = self.0[parent].directory.join(&name);
        let number = if let Some((_, items)) = &child.content {
            let file = self.0[parent].file.clone();
            let number = self.add(file, directory, Some(parent));
            self.read_items(number, items);
            number
        } else if child.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
            return;
        } else {
            let beside = directory.with_extension("rs");
            let file = if beside.is_file() { beside } else { directory.join("mod.rs") };
            let number = self.add(file, directory, Some(parent));
            self.read_file(number);
            number
        };
        self.0[parent].children.insert(name, number);
    }

    /// What `path` refers to in `module`; nothing if that is in another crate. `seen`
    /// are the names that are being looked up already.
    fn resolve(
        &self,
        module: usize,
        path: &[String],
        seen: &mut BTreeSet<(usize, String)>,
    ) -> BTreeSet<Found> {
        let mut found = BTreeSet::from([Found::Module(module)]);
        for (at, segment) in path.iter().enumerate() {
            let step = |from: &Found| match (*from, segment.as_str()) {
                (Found::Module(from), "self") => BTreeSet::from([Found::Module(from)]),
                (Found::Module(_), "crate") if at == 0 => BTreeSet::from([Found::Module(0)]),
                (Found::Module(from), "super") => {
                    self.0[from].parent.map(Found::Module).into_iter().collect()
                }
                (Found::Module(from), name) => self.lookup(from, name, seen),
                (Found::Item(_), _) => BTreeSet::new(),
            };
            let next: BTreeSet<Found> = found.iter().flat_map(step).collect();
            if next.is_empty() {
                // What follows an item, e.g. a variant, is defined with it.
                found.retain(|found| matches!(found, Found::Item(_)));
                return found;
            }
            found = next;
        }
        found
    }

    fn lookup(
        &self,
        module: usize,
        name: &str,
        seen: &mut BTreeSet<(usize, String)>,
    ) -> BTreeSet<Found> {
        let mut found = BTreeSet::new();
        if !seen.insert((module, name.to_owned())) {
            return found;
        }
        let Module { children, items, uses, .. } = &self.0[module];
        found.extend(children.get(name).copied().map(Found::Module));
        found.extend(items.contains(name).then_some(Found::Item(module)));
        for import in uses.iter().filter(|import| import.name.as_deref() == Some(name)) {
            found.extend(self.resolve(module, &import.path, seen));
        }
        if found.is_empty() {
            for import in uses.iter().filter(|import| import.name.is_none()) {
                for from in self.resolve(module, &import.path, seen) {
                    if let Found::Module(from) = from {
                        found.extend(self.lookup(from, name, seen));
                    }
                }
            }
        }
        seen.remove(&(module, name.to_owned()));
        found
    }
}

/// Gathers what the code of a module names.
struct Reader<'a>(&'a mut Module);

impl Reader<'_> {
    /// A lone name in lower case is mostly a local variable. `called` says that it is
    /// a function or a macro.
    fn note(&mut self, path: Vec<String>, called: bool) {
        let named = |name: &String| name.starts_with(char::is_uppercase);
        if called || path.len() > 1 || path.iter().all(named) {
            self.0.paths.insert(path);
        }
    }

    /// The paths in what a macro is given, and in texts there that are paths, as
    /// those for serde.
    fn read_tokens(&mut self, mut at: Cursor<'_>) {
        while !at.eof() {
            if let Some((inside, _, _, rest)) = at.any_group() {
                self.read_tokens(inside);
                at = rest;
            } else if at.ident().is_some() {
                let (path, rest) = path_at(at);
                let called = rest.punct().is_some_and(|(punct, _)| punct.as_char() == '!')
                    || rest.any_group().is_some();
                self.note(path, called);
                at = rest;
            } else if let Some((literal, rest)) = at.literal() {
                let text = literal.to_string();
                let path: Vec<String> =
                    text.trim_matches('"').split("::").map(str::to_owned).collect();
                if ["crate", "self", "super"].contains(&path[0].as_str()) {
                    self.note(path, false);
                }
                at = rest;
            } else if let Some((_, rest)) = at.token_tree() {
                at = rest;
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() && !is_for_tests(&item.attrs) {
            let handed_on = !matches!(item.vis, Visibility::Inherited);
            flatten(&item.tree, Vec::new(), handed_on, &mut self.0.uses);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let path = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.note(path, false);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func
            && let Some(name) = path.path.get_ident()
        {
            self.note(vec![name.to_string()], true);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let Some(name) = call.path.get_ident() {
            self.note(vec![name.to_string()], true);
        }
        self.visit_path(&call.path);
        self.read_tokens(TokenBuffer::new2(call.tokens.clone()).begin());
    }

    fn visit_meta_list(&mut self, list: &'ast MetaList) {
        self.read_tokens(TokenBuffer::new2(list.tokens.clone()).begin());
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }
}

/// The path that begins at an identifier, and what comes after it.
fn path_at(mut at: Cursor<'_>) -> (Vec<String>, Cursor<'_>) {
    let mut path = Vec::new();
    while let Some((name, rest)) = at.ident() {
        path.push(name.to_string());
        at = rest;
        let colon = |at: Cursor<'_>| at.punct().is_some_and(|(punct, _)| punct.as_char() == ':');
        let Some((_, second)) = at.punct().filter(|_| colon(at)) else { break };
        let Some((_, next)) = second.punct().filter(|_| colon(second)) else { break };
        if next.ident().is_none() {
            break;
        }
        at = next;
    }
    (path, at)
}

fn flatten(tree: &UseTree, mut path: Vec<String>, handed_on: bool, uses: &mut Vec<Import>) {
    let name = match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            return flatten(&tree.tree, path, handed_on, uses);
        }
        UseTree::Group(tree) => {
            return tree.items.iter().for_each(|tree| flatten(tree, path.clone(), handed_on, uses));
        }
        UseTree::Name(tree) if tree.ident == "self" => path.last().cloned(),
        UseTree::Name(tree) => {
            path.push(tree.ident.to_string());
            Some(tree.ident.to_string())
        }
        UseTree::Rename(tree) => {
            if tree.ident != "self" {
                path.push(tree.ident.to_string());
            }
            Some(tree.rename.to_string())
        }
        UseTree::Glob(_) => None,
    };
    uses.push(Import { path, name, handed_on });
}

/// Whether there is a `#[cfg(test)]`, or one with more conditions.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = TokenBuffer::new2(list.tokens.clone());
            let at = condition.begin();
            let first = |at: Cursor<'_>, name| at.ident().is_some_and(|(ident, _)| ident == name);
            let all = || at.ident().and_then(|(_, rest)| rest.any_group());
            first(at, "test")
                || first(at, "all") && all().is_some_and(|(inside, ..)| first(inside, "test"))
        }
        _ => false,
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// What an item is called.
fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
