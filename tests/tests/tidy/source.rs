//! Source files as tokens: neither a comment nor a string is mistaken for code, and what stands
//! under `#[cfg(test)]` can be told from what is shipped.
//!
//! The crate that procedural macros are made of reads the tokens. It is no parser: what is looked
//! for is short enough to be seen in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::workspace::shown;

/// A file and its tokens.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) tokens: Vec<TokenTree>,
}

/// Which modules are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Those that are shipped; and of their tokens, those that are.
    Shipped,
    /// Those under `#[cfg(test)]` too.
    All,
}

/// A target's files: its first one, and every module below it.
pub(crate) fn sources(root: &Path, follow: Follow) -> Vec<Source> {
    let mut found = Vec::new();
    let mut waiting = vec![(root.to_path_buf(), root.parent().unwrap().to_path_buf())];
    while let Some((path, beside)) = waiting.pop() {
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: can't be read: {error}", shown(&path)));
        let mut tokens = tokens(&text).unwrap_or_else(|why| panic!("{}: {why}", shown(&path)));
        if follow == Follow::Shipped {
            tokens = shipped(&tokens);
        }
        for (name, at) in modules(&tokens) {
            let plain = beside.join(format!("{name}.rs"));
            waiting.push(match at {
                Some(at) => {
                    let file = path.parent().unwrap().join(at);
                    let inside = file.parent().unwrap().to_path_buf();
                    (file, inside)
                }
                None if plain.exists() => (plain, beside.join(name)),
                None => (beside.join(&name).join("mod.rs"), beside.join(name)),
            });
        }
        found.push(Source { path, text, tokens });
    }
    found
}

/// The tokens of Rust source.
pub(crate) fn tokens(text: &str) -> Result<Vec<TokenTree>, String> {
    let stream: TokenStream = text.parse().map_err(|error| format!("no Rust: {error}"))?;
    Ok(stream.into_iter().collect())
}

fn inner(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn punct(token: Option<&TokenTree>, is: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == is)
}

fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// The content of the attribute that begins here: `cfg(test)`.
fn attribute(tokens: &[TokenTree]) -> Option<&Group> {
    if !punct(tokens.first(), '#') {
        return None;
    }
    group(tokens.get(1), Delimiter::Bracket)
}

/// The tokens without what stands under `#[cfg(test)]`, at any depth.
pub(crate) fn shipped(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at..];
        if attribute(rest).is_some_and(|a| a.stream().to_string().replace(' ', "") == "cfg(test)") {
            at += annotated(rest);
            continue;
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                let inside = shipped(&inner(group)).into_iter().collect();
                let mut without = Group::new(group.delimiter(), inside);
                without.set_span(group.span());
                TokenTree::Group(without)
            }
            other => other.clone(),
        });
        at += 1;
    }
    kept
}

/// How many tokens belong to attributes and to what they stand before: an item, a statement, a
/// field or an arm. Where that is not sure it is rather too few, so that nothing escapes the rules.
fn annotated(tokens: &[TokenTree]) -> usize {
    const TO_THE_SEMICOLON: [&str; 5] = ["use", "const", "static", "type", "let"];
    const TO_THE_BRACE: [&str; 9] =
        ["mod", "fn", "impl", "struct", "enum", "trait", "unsafe", "async", "macro_rules"];
    let mut at = 0;
    while attribute(&tokens[at..]).is_some() {
        at += 2;
    }
    if ident(tokens.get(at)).as_deref() == Some("pub") {
        let within = group(tokens.get(at + 1), Delimiter::Parenthesis).is_some();
        at += if within { 2 } else { 1 };
    }
    // `const fn` ends as a function does.
    let word = ident(tokens.get(at)).unwrap_or_default();
    let word = if ident(tokens.get(at + 1)).as_deref() == Some("fn") { "fn" } else { &word };
    while let Some(token) = tokens.get(at) {
        at += 1;
        let semicolon = punct(Some(token), ';');
        let brace = group(Some(token), Delimiter::Brace).is_some();
        let comma = punct(Some(token), ',');
        if semicolon
            || (brace && !TO_THE_SEMICOLON.contains(&word))
            || (comma && !TO_THE_SEMICOLON.contains(&word) && !TO_THE_BRACE.contains(&word))
        {
            break;
        }
    }
    at
}

/// Modules that lie in files of their own: name, and what `#[path]` says.
fn modules(tokens: &[TokenTree]) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    let mut path = None;
    for (at, token) in tokens.iter().enumerate() {
        if let Some(attribute) = attribute(&tokens[at..]) {
            let attribute = inner(attribute);
            if ident(attribute.first()).as_deref() == Some("path")
                && let Some(TokenTree::Literal(literal)) = attribute.get(2)
            {
                path = Some(literal.to_string().trim_matches('"').to_owned());
            }
        } else if ident(Some(token)).as_deref() == Some("mod")
            && let Some(name) = ident(tokens.get(at + 1))
        {
            let path = path.take();
            if punct(tokens.get(at + 2), ';') {
                found.push((name, path));
            }
        }
    }
    found
}

/// A name that is written in a file, in full: `use std::{io, fs::File}` is `std::io` and
/// `std::fs::File`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
}

impl Name {
    /// Whether it goes through these segments, one after another.
    pub(crate) fn has(&self, segments: &[&str]) -> bool {
        self.path.windows(segments.len()).any(|window| window == segments)
    }
}

/// Every name in these tokens, single words included.
pub(crate) fn paths(tokens: &[TokenTree]) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        at += path(&tokens[at..], &[], &mut found);
    }
    found
}

/// Takes one name, or one token that is none; says how many tokens that were.
fn path(tokens: &[TokenTree], before: &[String], found: &mut BTreeSet<Name>) -> usize {
    let mut path = before.to_vec();
    let mut at = 0;
    let mut line = tokens.first().map_or(0, |token| token.span().start().line);
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) => {
                line = ident.span().start().line;
                path.push(ident.to_string());
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' && !path.is_empty() => {
                line = star.span().start().line;
                path.push("*".to_owned());
            }
            Some(TokenTree::Group(group)) => {
                // A tree of names, if it continues one; else it begins anew.
                let of_tree = group.delimiter() == Delimiter::Brace && at > 0;
                let before = if of_tree { path.as_slice() } else { &[] };
                for part in inner(group).split(|token| punct(Some(token), ',')) {
                    let mut done = 0;
                    while done < part.len() {
                        let before = if done == 0 { before } else { &[] };
                        done += self::path(&part[done..], before, found);
                    }
                }
                return at + 1;
            }
            _ => break,
        }
        at += 1;
        if punct(tokens.get(at), ':') && punct(tokens.get(at + 1), ':') {
            at += 2;
        } else {
            break;
        }
    }
    if path.len() > before.len() {
        found.insert(Name { line, path });
    }
    at.max(1)
}

/// A function and how many lines it has, from `fn` to its closing brace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// Every function that has a body, those inside others included.
pub(crate) fn functions(tokens: &[TokenTree]) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            found.extend(functions(&inner(group)));
        }
        // `fn(` is a type; a function has a name.
        let Some(name) = ident(tokens.get(at + 1)) else { continue };
        if ident(Some(token)).as_deref() != Some("fn") {
            continue;
        }
        let line = token.span().start().line;
        let end = tokens[at..].iter().find(|token| {
            punct(Some(token), ';') || group(Some(token), Delimiter::Brace).is_some()
        });
        if let Some(TokenTree::Group(body)) = end {
            let last = body.span_close().end().line;
            found.push(Function { name, line, lines: last + 1 - line });
        }
    }
    found
}

mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        paths(&shipped(&tokens(text).unwrap())).iter().map(|name| name.path.join("::")).collect()
    }

    #[test]
    fn a_name_is_read_in_full_wherever_it_stands() {
        let text = "use std::{io::{self, Read}, fs as files, net::*};\n\
                    fn f() { g(&[::std::env::var(\"std::thread\")]); } // std::process";
        let names = names(text);
        for name in ["std::io::self", "std::io::Read", "std::fs", "std::net::*", "std::env::var"] {
            assert!(names.iter().any(|n| n == name), "{name} is missing: {names:?}");
        }
        assert!(!names.iter().any(|n| n.contains("thread") || n.contains("process")), "{names:?}");
    }

    #[test]
    fn a_name_goes_through_segments_that_stand_together() {
        let name =
            Name { line: 1, path: ["std", "time", "Instant", "now"].map(String::from).into() };
        assert!(name.has(&["std", "time"]) && name.has(&["Instant", "now"]));
        assert!(!name.has(&["std", "Instant"]) && !name.has(&["now", "std"]));
    }

    #[test]
    fn what_is_only_for_tests_is_left_out_and_nothing_else() {
        let text = "#[cfg(test)] use a::{b, c}; fn kept1() {}
                    #[cfg(test)] #[path = \"x.rs\"] mod d; fn kept2() {}
                    #[cfg(test)] fn e<A, B>() { f } fn kept3() {}
                    #[cfg(test)] pub(crate) const fn g() {} fn kept4() {}
                    #[cfg(test)] pub use o::{p, q};
                    fn kept5() { #[cfg(test)] h(|| I { j }, k)?; kept6; }
                    struct Kept7 { #[cfg(test)] l: u8, kept8: u8 }
                    #[cfg(not(test))] mod kept9;
                    #[cfg(test)] mod m { n }";
        let names = names(text);
        for n in 1..=9 {
            let (low, high) = (format!("kept{n}"), format!("Kept{n}"));
            assert!(names.contains(&low) || names.contains(&high), "{low} is missing: {names:?}");
        }
        assert!(!names.iter().any(|n| n.len() == 1 || n.contains("::")), "{names:?}");
    }

    #[test]
    fn modules_in_files_are_found_with_their_paths() {
        let text = "mod a; pub(crate) mod b { mod not_a_file; } #[path = \"d/e.rs\"] mod c;";
        let expected = [("a".to_owned(), None), ("c".to_owned(), Some("d/e.rs".to_owned()))];
        assert_eq!(modules(&tokens(text).unwrap()), expected);
    }

    #[test]
    fn a_function_is_as_long_as_its_lines() {
        let text = "trait T { fn none(); }\nfn outer(f: fn(u8)) -> u8\n{\n\n  fn inner() {}\n}";
        let found = functions(&tokens(text).unwrap());
        let inner = Function { name: "inner".into(), line: 5, lines: 1 };
        let outer = Function { name: "outer".into(), line: 2, lines: 5 };
        assert_eq!(found, [outer, inner]);
    }
}
