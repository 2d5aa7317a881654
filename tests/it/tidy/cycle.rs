//! There are no import cycles between files.
//!
//! A file names others by `crate::`, `super::` and `self::`; a re-exported name (`pub use`) counts for the file that
//! defines it. A module's root has what its files share, so imports from it do not count.

use std::collections::{BTreeMap, BTreeSet};

use super::path::{Path, paths, rooted};
use super::{Source, sources};

/// The path of a module: `["feed", "content"]`; empty for the crate.
type Module = Path;

/// All modules, with their code and their re-exports.
struct Tree {
    code: BTreeMap<Module, String>,
    handed_on: BTreeMap<(Module, String), Module>,
}

fn module_of(path: &str) -> Module {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let parts = path.split('/').filter(|part| *part != "lib");
    parts.map(str::to_owned).collect()
}

impl Tree {
    fn new(files: &[Source]) -> Self {
        let code: BTreeMap<Module, String> = files
            .iter()
            .filter(|source| !source.is_test)
            .map(|source| (module_of(&source.path), source.code().join("\n")))
            .collect();
        let mut tree = Self { code, handed_on: BTreeMap::new() };
        for (module, code) in &tree.code {
            for line in code.split(';').filter_map(|statement| {
                let statement = statement.trim_start();
                let rest = statement.strip_prefix("pub")?;
                let rest = rest.split_once("use ").filter(|(kind, _)| {
                    let kind = kind.trim();
                    kind.is_empty() || kind.starts_with('(') && kind.ends_with(')')
                })?;
                Some(rest.1)
            }) {
                for path in paths(line) {
                    let full = tree.absolute(module, &path);
                    let Some(name) = path.last().cloned() else { continue };
                    if let Some(target) = full.and_then(|full| tree.longest(&full)) {
                        tree.handed_on.insert((module.clone(), name), target.0);
                    }
                }
            }
        }
        tree
    }

    /// The absolute form of a path in a module.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let base = match &**first {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            child => {
                let child: Module = module.iter().cloned().chain([child.to_owned()]).collect();
                return self.code.contains_key(&child).then(|| [&child, rest].concat());
            }
        };
        Some([&base, rest].concat())
    }

    /// The module that the longest prefix of a path names, and the name after it.
    fn longest(&self, path: &Module) -> Option<(Module, Option<String>)> {
        let length = (1..=path.len()).rev().find(|end| self.code.contains_key(&path[..*end]))?;
        Some((path[..length].to_vec(), path.get(length).cloned()))
    }

    /// The module that defines the target of a path.
    fn defining(&self, path: &Module) -> Option<Module> {
        let (mut module, name) = self.longest(path)?;
        let Some(name) = name else { return Some(module) };
        let mut handed_on = BTreeSet::new();
        while let Some(next) = self.handed_on.get(&(module.clone(), name.clone())) {
            if !handed_on.insert(next.clone()) {
                break;
            }
            module.clone_from(next);
        }
        Some(module)
    }

    /// The imports of each module, without those from its own parents.
    fn imports(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let mut all = BTreeMap::new();
        for (module, code) in &self.code {
            let mut roots = vec!["crate".to_owned(), "super".to_owned(), "self".to_owned()];
            let is_child =
                |other: &&Module| other.len() == module.len() + 1 && other.starts_with(module);
            roots.extend(
                self.code.keys().filter(is_child).filter_map(|child| child.last().cloned()),
            );
            let mut named = BTreeSet::new();
            for root in &roots {
                for path in rooted(code, root).flatten() {
                    let path: Module = [root.clone()].into_iter().chain(path).collect();
                    let full = self.absolute(module, &path);
                    named.extend(full.and_then(|full| self.defining(&full)));
                }
            }
            named.retain(|other| other != module && !module.starts_with(other));
            all.insert(module, named);
        }
        all
    }
}

/// The modules that are reachable from one.
fn reached(imports: &BTreeMap<&Module, BTreeSet<Module>>, from: &Module) -> BTreeSet<Module> {
    let (mut seen, mut left) = (BTreeSet::new(), vec![from.clone()]);
    while let Some(module) = left.pop() {
        for next in imports.get(&module).into_iter().flatten() {
            if seen.insert(next.clone()) {
                left.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn files_have_no_import_cycles() {
    let tree = Tree::new(&sources("src"));
    let imports = tree.imports();
    let reach: BTreeMap<&Module, BTreeSet<Module>> =
        imports.keys().map(|module| (*module, reached(&imports, module))).collect();
    let mut circles = BTreeSet::new();
    for (module, others) in &reach {
        let circle: BTreeSet<String> = others
            .iter()
            .filter(|other| reach.get(other).is_some_and(|back| back.contains(*module)))
            .map(|other| other.join("::"))
            .collect();
        if !circle.is_empty() {
            circles.insert(circle.into_iter().collect::<Vec<_>>().join(", "));
        }
    }
    let circles: Vec<String> = circles.into_iter().collect();
    super::assert_none(&circles, "these files import each other");
}
