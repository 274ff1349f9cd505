//! The rule of import cycles: files of different folders do not depend on each other in a circle.
//!
//! A file depends on the file that defines an item which it names; a re-export in between does not
//! count. Not counted either: test code, and references to the `mod.rs` of a folder above, because
//! every folder needs the types that its parent declares.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    assert_none,
    reader::{Reference, Source, absolute},
    sources,
};

/// Files whose own references are not followed. A new exception needs a reason; one that is not
/// needed any more is reported.
const EXCEPTIONS: [&str; 1] = [
    // The point where the code is split: it renders every lazy view, and lazy views open others.
    "src/ui/lazy.rs",
];

/// Maximum number of re-exports between a name and its definition.
const MAX_HOPS: usize = 10;

#[test]
fn folders_have_no_import_cycles() {
    assert_none(cycles(sources(), &EXCEPTIONS));
}

#[test]
fn exceptions_for_import_cycles_are_needed() {
    assert_none(EXCEPTIONS.iter().enumerate().filter_map(|(n, exception)| {
        let others = [&EXCEPTIONS[..n], &EXCEPTIONS[n + 1..]].concat();
        let is_needed = !cycles(sources(), &others).is_empty();
        (!is_needed).then(|| format!("{exception}: is in no cycle; remove the exception"))
    }));
}

/// A module: a file or an inline module in one.
#[derive(Default)]
struct Module<'a> {
    file: usize,
    is_test: bool,
    items: BTreeSet<&'a str>,
    /// The path of each name that it imports.
    imports: BTreeMap<&'a str, &'a str>,
    globs: Vec<&'a str>,
}

/// The modules of the crate by their paths.
struct Tree<'a>(BTreeMap<Vec<String>, Module<'a>>);

impl<'a> Tree<'a> {
    fn of(files: &'a [Source]) -> Self {
        let mut modules = BTreeMap::<_, Module>::new();
        for (n, file) in files.iter().enumerate().filter(|(_, file)| file.path != "src/main.rs") {
            let root = file.module();
            let within = |inside: &[String]| [&root[..], inside].concat();
            modules.entry(root.clone()).or_default().file = n;
            for module in &file.modules {
                let mut path = within(&module.inside);
                path.push(module.name.clone());
                let entry = modules.entry(path).or_default();
                // The file of a module that is declared here sets its own.
                entry.is_test = module.is_test;
                if entry.file == 0 {
                    entry.file = n;
                }
            }
            for (inside, name) in &file.items {
                modules.entry(within(inside)).or_default().items.insert(name);
            }
            for reference in &file.references {
                let Some(import) = &reference.import else { continue };
                let module = modules.entry(within(&reference.inside)).or_default();
                if import.name == "*" {
                    module.globs.push(reference.path.trim_end_matches("::*"));
                } else {
                    module.imports.insert(&import.name, &reference.path);
                }
            }
        }
        Self(modules)
    }

    /// Whether a module or one around it is under `#[cfg(test)]`.
    fn is_test(&self, path: &[String]) -> bool {
        (1..=path.len()).any(|n| self.0.get(&path[..n]).is_some_and(|module| module.is_test))
    }

    /// The path from the crate's root of a path that a module names; none for other crates.
    fn absolute(&self, path: &str, module: &[String], hops: usize) -> Option<Vec<String>> {
        if let Some(path) = absolute(path, module.to_vec()) {
            return Some(path);
        }
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        let rest = rest.split("::").filter(|word| !word.is_empty()).map(str::to_owned);
        let mut child = [module, &[first.to_owned()]].concat();
        if self.0.contains_key(&child) {
            child.extend(rest);
            return Some(child);
        }
        let import = *self.0.get(module)?.imports.get(first)?;
        // `use time::Date` does not explain what `time` is.
        if hops == 0 || import == path || import.split("::").next() == Some(first) {
            return None;
        }
        let mut import = self.absolute(import, module, hops - 1)?;
        import.extend(rest);
        Some(import)
    }

    /// The file that defines what a path from the crate's root names.
    fn definition(&self, path: &[String], hops: usize) -> Option<usize> {
        let depth = (0..=path.len()).rev().find(|n| self.0.contains_key(&path[..*n]))?;
        let (at, rest) = path.split_at(depth);
        let module = &self.0[at];
        let Some((name, rest)) = rest.split_first() else { return Some(module.file) };
        if module.items.contains(name.as_str()) || hops == 0 {
            return Some(module.file);
        }
        if let Some(import) = module.imports.get(name.as_str()) {
            let mut target = self.absolute(import, at, MAX_HOPS)?;
            target.extend_from_slice(rest);
            return if target == path { None } else { self.definition(&target, hops - 1) };
        }
        for glob in &module.globs {
            let Some(mut target) = self.absolute(glob, at, MAX_HOPS) else { continue };
            let Some(found) = self.0.get(&target) else { continue };
            if found.items.contains(name.as_str()) || found.imports.contains_key(name.as_str()) {
                target.push(name.clone());
                target.extend_from_slice(rest);
                return self.definition(&target, hops - 1);
            }
        }
        Some(module.file)
    }
}

/// For each file, the files on which it depends, and a line that says so.
type Graph = Vec<BTreeMap<usize, String>>;

fn graph(files: &[Source], exceptions: &[&str]) -> Graph {
    let tree = Tree::of(files);
    let target = |file: &Source, reference: &Reference| {
        let module = [&file.module()[..], &reference.inside].concat();
        let is_reexport = reference.import.as_ref().is_some_and(|import| import.is_reexport);
        if is_reexport || reference.in_test || tree.is_test(&module) {
            return None;
        }
        let path = tree.absolute(&reference.path, &module, MAX_HOPS)?;
        let target = tree.definition(&path, MAX_HOPS)?;
        (!is_parent(&files[target].path, &file.path)).then_some(target)
    };
    let edges = |(n, file): (usize, &Source)| {
        let mut edges = BTreeMap::new();
        if exceptions.contains(&file.path.as_str()) {
            return edges;
        }
        for reference in &file.references {
            if let Some(target) = target(file, reference).filter(|target| *target != n) {
                edges.entry(target).or_insert_with(|| super::names(file, reference));
            }
        }
        edges
    };
    files.iter().enumerate().map(edges).collect()
}

/// Whether a file is the `mod.rs` of a folder that contains another file.
fn is_parent(parent: &str, file: &str) -> bool {
    parent.strip_suffix("mod.rs").is_some_and(|folder| file.starts_with(folder))
        || parent == "src/lib.rs"
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The cycles that contain files of different folders, each with the references that form it.
fn cycles(files: &[Source], exceptions: &[&str]) -> Vec<String> {
    let graph = graph(files, exceptions);
    let reachable: Vec<BTreeSet<usize>> = (0..graph.len()).map(|n| reach(&graph, n)).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for n in 0..graph.len() {
        let members: Vec<usize> =
            reachable[n].iter().copied().filter(|other| reachable[*other].contains(&n)).collect();
        let folders: BTreeSet<_> = members.iter().map(|n| folder(&files[*n].path)).collect();
        if !seen.insert(members.clone()) || folders.len() < 2 {
            continue;
        }
        let mut lines = vec![format!("A cycle of {} files:", members.len())];
        for from in &members {
            for (to, line) in graph[*from].iter().filter(|(to, _)| members.contains(to)) {
                lines.push(format!("  {line} ({})", files[*to].path));
            }
        }
        found.push(lines.join("\n"));
    }
    found
}

/// The files on which a file depends, directly or not. It contains the file itself only in a cycle.
fn reach(graph: &Graph, from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(n) = open.pop() {
        open.extend(graph[n].keys().copied().filter(|to| found.insert(*to)));
    }
    found
}

#[test]
fn an_import_cycle_is_noticed() {
    let count = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(path, text)| Source::of(path, text)).collect();
        cycles(&files, &[]).len()
    };
    let root = ("src/lib.rs", "mod a; mod b;");
    let uses_b = ("src/a/x.rs", "use crate::b::y::Y; struct X;");
    let b = ("src/b/mod.rs", "mod y; pub use y::Y;");
    let a = ("src/a/mod.rs", "mod x; pub use x::X; struct A(x::X);");
    for uses_a in [
        "use crate::a::x::X; struct Y;",
        "use super::super::a; struct Y(a::X);",
        "use crate::a::A; struct Y;",
        "struct Y; fn f() { vec![crate::a::X::new()] }",
    ] {
        assert_eq!(count(&[root, a, uses_b, b, ("src/b/y.rs", uses_a)]), 1, "{uses_a}");
    }
    for uses_no_a in [
        "struct Y;",
        "struct Y; #[cfg(test)] mod tests { use crate::a::X; }",
        "use std::a::X; struct Y;",
        "pub use crate::a::X; struct Y;",
    ] {
        assert_eq!(count(&[root, a, uses_b, b, ("src/b/y.rs", uses_no_a)]), 0, "{uses_no_a}");
    }
    let parent = ("src/a/mod.rs", "mod x; struct A(x::X);");
    assert_eq!(count(&[root, parent, ("src/a/x.rs", "use super::A; struct X;")]), 0);
}
