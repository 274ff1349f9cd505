//! Parses a source file as far as the rules need it: its tokens, its modules and items, and every
//! path that it names, also inside macros.

use std::{fs, path::Path};

use proc_macro2::{LineColumn, TokenStream};
use syn::{
    Attribute, Block, Item, ItemMod, ItemUse, Macro, Meta, UseTree, Visibility,
    spanned::Spanned as _, visit, visit::Visit,
};

use super::tokens::{Kind, Token, flatten};

/// A source file.
pub(crate) struct Source {
    /// Relative to the project's folder.
    pub path: String,
    pub text: String,
    pub tokens: Vec<Token>,
    pub references: Vec<Reference>,
    /// The modules that it declares or contains.
    pub modules: Vec<Module>,
    /// The names of its items, with the inline modules around them.
    pub items: Vec<(Vec<String>, String)>,
}

/// A path that the code names. Groups are expanded: `use a::{b, c}` names `a::b` and `a::c`.
pub(crate) struct Reference {
    pub path: String,
    pub line: usize,
    /// Whether it is inside a function body.
    pub in_body: bool,
    pub in_test: bool,
    /// The inline modules around it.
    pub inside: Vec<String>,
    pub import: Option<Import>,
}

/// What a `use` item introduces.
#[derive(Clone)]
pub(crate) struct Import {
    /// The name in this file; `*` of a glob.
    pub name: String,
    /// Whether other modules can name it here.
    pub is_reexport: bool,
}

/// `mod x;` or `mod x { … }`.
pub(crate) struct Module {
    pub name: String,
    /// The inline modules around it.
    pub inside: Vec<String>,
    pub is_test: bool,
}

impl Source {
    pub(crate) fn read(file: &Path) -> Self {
        let path =
            file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display().to_string();
        Self::of(&path, &fs::read_to_string(file).unwrap_or_default())
    }

    pub(crate) fn of(path: &str, text: &str) -> Self {
        let parsed = text.parse::<TokenStream>().map_err(|e| e.to_string()).and_then(|tokens| {
            let file = syn::parse2(tokens.clone()).map_err(|e| e.to_string())?;
            Ok((tokens, file))
        });
        let (tokens, file): (_, syn::File) = match parsed {
            Ok(parsed) => parsed,
            Err(e) => panic!("{path} is not Rust: {e}"),
        };
        let mut reader = Reader::default();
        reader.visit_file(&file);
        let mut tokens = flatten(tokens);
        for token in &mut tokens {
            token.in_test =
                reader.tests.iter().any(|(start, end)| *start <= token.start && token.end <= *end);
        }
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens,
            references: reader.references,
            modules: reader.modules,
            items: reader.items,
        }
    }

    /// Each string literal with its line.
    pub(crate) fn strings(&self) -> impl Iterator<Item = (usize, &str)> {
        self.tokens.iter().filter_map(|token| Some((token.start.line, token.text()?)))
    }

    /// The module that the file is, from the crate's root.
    pub(crate) fn module(&self) -> Vec<String> {
        module_of(&self.path)
    }

    /// The path from the crate's root, if the reference begins with `crate`, `self` or `super`.
    pub(crate) fn absolute(&self, reference: &Reference) -> Option<Vec<String>> {
        let mut module = self.module();
        module.extend(reference.inside.iter().cloned());
        absolute(&reference.path, module)
    }

    /// References to crates other than these.
    pub(crate) fn foreign_crates(&self, known: &[&str]) -> Vec<&Reference> {
        const PRIMITIVES: [&str; 10] =
            ["bool", "char", "f64", "i64", "str", "u16", "u32", "u64", "u8", "usize"];
        let is_local = |word: &str| {
            let is_imported = |reference: &Reference| {
                reference.path.contains("::")
                    && reference.import.as_ref().is_some_and(|import| import.name == word)
            };
            self.references.iter().any(is_imported)
                || self.modules.iter().any(|module| module.name == word)
        };
        let is_foreign = |reference: &&Reference| {
            let first = reference.path.split("::").next().unwrap_or_default();
            first.starts_with(|c: char| c.is_ascii_lowercase())
                && !known.contains(&first)
                && !PRIMITIVES.contains(&first)
                && !is_local(first)
        };
        self.references.iter().filter(is_foreign).collect()
    }
}

/// The module of a file in `src`, from the crate's root.
pub(crate) fn module_of(path: &str) -> Vec<String> {
    let module = path.trim_start_matches("src/").trim_end_matches(".rs");
    module.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect()
}

/// The path from the crate's root of a path in a module, if it begins with `crate`, `self` or
/// `super`.
pub(crate) fn absolute(path: &str, mut module: Vec<String>) -> Option<Vec<String>> {
    let mut words = path.split("::").peekable();
    match words.next()? {
        "crate" => module.clear(),
        "self" => {}
        "super" => {
            module.pop()?;
            while words.next_if_eq(&"super").is_some() {
                module.pop()?;
            }
        }
        _ => return None,
    }
    module.extend(words.map(str::to_owned));
    Some(module)
}

/// Collects what a file names and contains.
#[derive(Default)]
struct Reader {
    references: Vec<Reference>,
    modules: Vec<Module>,
    items: Vec<(Vec<String>, String)>,
    /// Where the items under `#[cfg(test)]` are.
    tests: Vec<(LineColumn, LineColumn)>,
    /// The inline modules around the current place.
    inside: Vec<String>,
    bodies: usize,
    test_items: usize,
}

impl Reader {
    fn add(&mut self, path: String, line: usize, import: Option<Import>) {
        self.references.push(Reference {
            path,
            line,
            in_body: self.bodies > 0,
            in_test: self.test_items > 0,
            inside: self.inside.clone(),
            import,
        });
    }

    fn add_use(&mut self, prefix: &str, tree: &UseTree, is_reexport: bool) {
        let join = |name: &str| match (prefix, name) {
            ("", name) => name.to_owned(),
            (prefix, "self") => prefix.to_owned(),
            (prefix, name) => format!("{prefix}::{name}"),
        };
        let (path, name) = match tree {
            UseTree::Path(path) => {
                return self.add_use(&join(&path.ident.to_string()), &path.tree, is_reexport);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.add_use(prefix, tree, is_reexport));
            }
            UseTree::Name(name) => {
                let path = join(&name.ident.to_string());
                (path.clone(), path.rsplit("::").next().unwrap_or_default().to_owned())
            }
            UseTree::Rename(name) => (join(&name.ident.to_string()), name.rename.to_string()),
            _ => (join("*"), "*".to_owned()),
        };
        self.add(path, tree.span().start().line, Some(Import { name, is_reexport }));
    }

    /// Adds the paths in the tokens of a macro or an attribute, which need not be Rust.
    fn add_tokens(&mut self, stream: TokenStream) {
        let tokens = flatten(stream);
        let mut at = 0;
        while at < tokens.len() {
            at = self.add_path(&tokens, at, String::new());
        }
    }

    /// Adds the path that begins at a token, if one does, and says where the next token is.
    fn add_path(&mut self, tokens: &[Token], mut at: usize, mut path: String) -> usize {
        let begin = at;
        loop {
            let Some(word) = tokens.get(at).and_then(Token::word) else { return at + 1 };
            path = if path.is_empty() { word.to_owned() } else { format!("{path}::{word}") };
            if !tokens.get(at + 1).is_some_and(|token| token.is("::")) {
                break;
            }
            match tokens.get(at + 2) {
                Some(Token { kind: Kind::Word(_), .. }) => at += 2,
                Some(token) if token.is("{") => return self.add_group(tokens, at + 3, &path),
                _ => break,
            }
        }
        let is_member = begin > 0 && tokens[begin - 1].is(".");
        if path.contains("::") && !is_member {
            self.add(path, tokens[begin].start.line, None);
        }
        at + 1
    }

    /// Adds the members of a group in a `use`.
    fn add_group(&mut self, tokens: &[Token], mut at: usize, prefix: &str) -> usize {
        while tokens.get(at).is_some_and(|token| !token.is("}")) {
            at = self.add_path(tokens, at, prefix.to_owned());
        }
        at + 1
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name): (&[Attribute], _) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Mod(item) => (&item.attrs, None),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Use(item) => (&item.attrs, None),
            _ => (&[], None),
        };
        let is_test = attributes.iter().any(is_test);
        if is_test {
            self.tests.push((item.span().start(), item.span().end()));
        }
        if let (0, Some(name)) = (self.bodies, name) {
            self.items.push((self.inside.clone(), name.to_string()));
        }
        self.test_items += usize::from(is_test);
        visit::visit_item(self, item);
        self.test_items -= usize::from(is_test);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        self.modules.push(Module {
            name: name.clone(),
            inside: self.inside.clone(),
            is_test: self.test_items > 0,
        });
        self.inside.push(name);
        visit::visit_item_mod(self, item);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_use("", &item.tree, !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.bodies += 1;
        visit::visit_block(self, block);
        self.bodies -= 1;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if words.len() > 1 {
            self.add(words.join("::"), path.span().start().line, None);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, found: &'ast Macro) {
        visit::visit_macro(self, found);
        self.add_tokens(found.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        visit::visit_attribute(self, attribute);
        if let Meta::List(list) = &attribute.meta {
            self.add_tokens(list.tokens.clone());
        }
    }
}

/// `#[cfg(test)]`, also as a part of a condition, but not `#[cfg(not(test))]`.
fn is_test(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let words: Vec<_> = flatten(list.tokens.clone());
    let has = |word: &str| words.iter().any(|token| token.word() == Some(word));
    list.path.is_ident("cfg") && has("test") && !has("not")
}
