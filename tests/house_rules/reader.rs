//! Reads a source file as far as the rules need it: its code without comments, its strings, and
//! every path it names.

use std::{fs, path::Path};

/// A file.
pub(crate) struct Source {
    /// From the project's folder on.
    pub path: String,
    pub text: String,
    /// Without comments; strings are emptied.
    pub code: String,
    /// Each string literal, and its line.
    pub strings: Vec<(usize, String)>,
}

/// A path that is named, groups written out: `use a::{b, c}` names `a::b` and `a::c`.
pub(crate) struct Named {
    pub path: String,
    pub line: usize,
    /// How many braces are open around it: 0 is the top of the file.
    pub depth: usize,
    /// How many modules written in the file are open around it.
    modules: usize,
    pub is_use: bool,
}

impl Named {
    pub(crate) fn first(&self) -> &str {
        self.path.split("::").next().unwrap_or_default()
    }

    /// The module of `server` that it names, seen from this file of `server`.
    pub(crate) fn server_module(&self, file: &str) -> Option<String> {
        // These two only group modules.
        let words: Vec<_> =
            self.path.split("::").filter(|word| !matches!(*word, "content" | "commands")).collect();
        if words.starts_with(&["crate", "server"]) {
            return words.get(2).map(|word| (*word).to_owned());
        }
        let ups = words.iter().take_while(|word| **word == "super").count();
        let below_server = file
            .trim_start_matches("src/server/")
            .trim_end_matches(".rs")
            .trim_end_matches("/mod")
            .split('/')
            .count()
            + self.modules;
        if ups != below_server { None } else { words.get(ups).map(|word| (*word).to_owned()) }
    }

    /// Which of our rooms it names, seen from this file: `crate::room`, or as many `super` as lead
    /// there.
    pub(crate) fn room(&self, file: &str) -> Option<String> {
        let mut words = self.path.split("::").peekable();
        if words.peek() == Some(&"crate") {
            return words.nth(1).map(str::to_owned);
        }
        let ups = self.path.split("::").take_while(|word| *word == "super").count();
        let below_root = file
            .trim_start_matches("src/")
            .trim_end_matches(".rs")
            .trim_end_matches("/mod")
            .split('/')
            .count()
            + self.modules;
        if ups == 0 || ups < below_root {
            None
        } else {
            self.path.split("::").nth(ups).map(str::to_owned)
        }
    }
}

impl Source {
    pub(crate) fn read(file: &Path) -> Self {
        let path =
            file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display().to_string();
        Self::of(&path, &fs::read_to_string(file).unwrap_or_default())
    }

    pub(crate) fn of(path: &str, text: &str) -> Self {
        let (code, strings) = strip(text);
        Self { path: path.to_owned(), text: text.to_owned(), code, strings }
    }

    /// Paths that begin with a crate which is none of these.
    pub(crate) fn foreign_crates(&self, known: &[&str]) -> Vec<Named> {
        const PRIMITIVES: [&str; 10] =
            ["bool", "char", "f64", "i64", "str", "u16", "u32", "u64", "u8", "usize"];
        let mut names = self.names();
        // What stands at the end of a `use`, and modules that are declared here, are names of this
        // file's own.
        let uses = names.iter().filter(|named| named.is_use && named.path.contains("::"));
        let own: Vec<String> =
            uses.filter_map(|named| named.path.rsplit("::").next().map(str::to_owned)).collect();
        let is_own = |word: &str| {
            own.iter().any(|name| name == word) || self.code.contains(&format!("mod {word};"))
        };
        names.retain(|named| {
            let first = named.first();
            first.starts_with(|c: char| c.is_ascii_lowercase())
                && !known.contains(&first)
                && !PRIMITIVES.contains(&first)
                && !is_own(first)
        });
        names
    }

    /// Every path it names.
    pub(crate) fn names(&self) -> Vec<Named> {
        let tokens = tokens(&self.code);
        let mut named = Vec::new();
        // For each open brace: whether it is a module's.
        let mut open: Vec<bool> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let (word, line) = (&tokens[at].0, tokens[at].1);
            let before = |n: usize| at.checked_sub(n).map_or("", |at| tokens[at].0.as_str());
            match word.as_str() {
                "{" => open.push(before(2) == "mod"),
                "}" => drop(open.pop()),
                _ => {}
            }
            let begins = is_word(word) && !matches!(before(1), "::" | ".");
            let is_use = before(1) == "use";
            if begins && (is_use || tokens.get(at + 1).is_some_and(|next| next.0 == "::")) {
                let mut paths = Vec::new();
                at = tree(&tokens, at, "", &mut paths);
                let modules = open.iter().filter(|is_module| **is_module).count();
                named.extend(paths.into_iter().map(|path| Named {
                    path,
                    line,
                    depth: open.len(),
                    modules,
                    is_use,
                }));
            } else {
                at += 1;
            }
        }
        named
    }
}

/// Reads one path or group from here on; says where it ends.
fn tree(tokens: &[(String, usize)], mut at: usize, prefix: &str, found: &mut Vec<String>) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.0.as_str());
    let mut path = prefix.to_owned();
    loop {
        if word(at) == "{" {
            at += 1;
            while !matches!(word(at), "}" | "") {
                at = if word(at) == "," { at + 1 } else { tree(tokens, at, &path, found) };
            }
            return at + 1;
        }
        if is_word(word(at)) || word(at) == "*" {
            path =
                if path.is_empty() { word(at).to_owned() } else { format!("{path}::{}", word(at)) };
        }
        if word(at + 1) == "::" && (is_word(word(at + 2)) || matches!(word(at + 2), "{" | "*")) {
            at += 2;
            continue;
        }
        found.push(path);
        // `use a as b` names b, which is no path of its own.
        return if word(at + 1) == "as" { at + 3 } else { at + 1 };
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::`, and single signs, each with its line.
fn tokens(code: &str) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    let mut line = 1;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let mut word = String::from(c);
            while let Some(more) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(more);
            }
            found.push((word, line));
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            found.push(("::".to_owned(), line));
        } else if !c.is_whitespace() {
            found.push((c.to_string(), line));
        }
    }
    found
}

/// The code without comments and with empty strings, line for line; and the strings.
fn strip(text: &str) -> (String, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut strings, mut line, mut at) = (String::new(), Vec::new(), 1, 0);
    let is = |at: usize, what: &str| {
        what.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c))
    };
    while at < chars.len() {
        let c = chars[at];
        if is(at, "//") {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if is(at, "/*") {
            while at < chars.len() && !is(at, "*/") {
                if chars[at] == '\n' {
                    code.push('\n');
                    line += 1;
                }
                at += 1;
            }
            at += 2;
        } else if c == 'r'
            && (is(at, "r\"") || is(at, "r#\""))
            && !code.ends_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            let end = if is(at, "r\"") { "\"" } else { "\"#" };
            at += end.len() + 1;
            let (begin, first) = (at, line);
            while at < chars.len() && !is(at, end) {
                line += usize::from(chars[at] == '\n');
                at += 1;
            }
            let literal: String = chars[begin..at.min(chars.len())].iter().collect();
            code.push_str("\"\"");
            code.extend(literal.chars().filter(|c| *c == '\n'));
            strings.push((first, literal));
            at += end.len();
        } else if c == '"' {
            at += 1;
            let (begin, first) = (at, line);
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            let literal: String = chars[begin..at.min(chars.len())].iter().collect();
            line += literal.matches('\n').count();
            code.push_str("\"\"");
            code.extend(literal.chars().filter(|c| *c == '\n'));
            strings.push((first, literal));
            at += 1;
        } else if c == '\'' && (is(at + 2, "'") || is(at + 1, "\\")) {
            // A character, not a lifetime.
            at += if is(at + 1, "\\") { 3 } else { 2 };
            while at < chars.len() && chars[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else {
            line += usize::from(c == '\n');
            code.push(c);
            at += 1;
        }
    }
    (code, strings)
}
