//! Just enough of Rust's syntax to count lines and to tell code from comments, strings and tests.

use std::ops::RangeInclusive;

/// One source file, taken apart. Lines are counted from 1; all three texts have the same lines.
pub(crate) struct RustSource {
    /// As it stands in the file.
    pub(crate) text: String,
    /// Comments and the insides of strings and character literals replaced by blanks.
    pub(crate) code: String,
    /// Everything except comments replaced by blanks.
    pub(crate) comments: String,
    /// String literals: line on which each starts, and its text between the quotes, escapes as written.
    pub(crate) strings: Vec<(usize, String)>,
    test_lines: Vec<RangeInclusive<usize>>,
}

/// A function with a body.
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// Line of `fn`.
    pub(crate) line: usize,
    /// Lines from `fn` to the closing brace.
    pub(crate) length: usize,
}

impl RustSource {
    /// Takes a file apart. `path` decides whether all of it is test code (`tests/`, `benches/`).
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let mut lexer = Lexer::new(text);
        lexer.run();
        let Lexer { code, comments, strings, .. } = lexer;
        let all_tests = path.split('/').any(|p| p == "tests" || p == "benches") || path.ends_with("/tests.rs");
        let test_lines = if all_tests { vec![1..=text.lines().count().max(1)] } else { test_items(&code) };
        Self { text: text.to_owned(), code, comments, strings, test_lines }
    }

    /// Whether a line belongs to tests.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.test_lines.iter().any(|r| r.contains(&line))
    }

    /// Lines of code outside tests, with their numbers.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(i, l)| (i + 1, l)).filter(|(i, _)| !self.is_test_line(*i))
    }

    /// Lines of the text that belong to tests.
    pub(crate) fn test_text(&self) -> impl Iterator<Item = &str> {
        self.text.lines().enumerate().filter(|(i, _)| self.is_test_line(i + 1)).map(|(_, l)| l)
    }

    /// Every function that has a body, in order.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let code: Vec<char> = self.code.chars().collect();
        let mut found = Vec::new();
        for start in words(&code, "fn") {
            let name: String =
                code[start + 2..].iter().skip_while(|c| **c == ' ').take_while(|c| is_word(**c)).collect();
            if name.is_empty() {
                continue;
            }
            if let Some(end) = body_end(&code, start) {
                let line = line_of(&code, start);
                found.push(Function { name, line, length: line_of(&code, end) - line + 1 });
            }
        }
        found
    }

    /// The lines of the module's own documentation (`//!`), without the marker.
    pub(crate) fn module_doc(&self) -> Vec<&str> {
        self.text
            .lines()
            .take_while(|l| l.starts_with("//!"))
            .map(|l| {
                let rest = &l[3..];
                rest.strip_prefix(' ').unwrap_or(rest)
            })
            .collect()
    }
}

/// Whether a character can stand inside an identifier.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Positions at which `word` stands alone.
pub(crate) fn words<'a>(code: &'a [char], word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let wanted: Vec<char> = word.chars().collect();
    (0..code.len().saturating_sub(wanted.len())).filter(move |i| {
        code[*i..].starts_with(&wanted)
            && (*i == 0 || !is_word(code[i - 1]))
            && code.get(i + wanted.len()).is_none_or(|c| !is_word(*c))
    })
}

/// Line number of a position.
pub(crate) fn line_of(code: &[char], position: usize) -> usize {
    code[..position].iter().filter(|c| **c == '\n').count() + 1
}

/// Position of the bracket that closes the one at `open`.
pub(crate) fn closing(code: &[char], open: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (i, c) in code.iter().enumerate().skip(open) {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

/// Position of the brace that ends the item starting at `start`; `None` for a declaration that ends with a semicolon.
fn body_end(code: &[char], start: usize) -> Option<usize> {
    let mut i = start;
    while i < code.len() {
        match code[i] {
            '(' | '[' => i = closing(code, i)?,
            '{' => return closing(code, i),
            ';' => return None,
            _ => {}
        }
        i += 1;
    }
    None
}

/// Line ranges of items behind `#[cfg(test)]` or `#[test]`.
fn test_items(code: &str) -> Vec<RangeInclusive<usize>> {
    let characters: Vec<char> = code.chars().collect();
    let mut ranges = Vec::new();
    for marker in ["#[cfg(test)]", "#[test]"] {
        for (byte, _) in code.match_indices(marker) {
            let start = code[..byte].chars().count();
            let first = line_of(&characters, start);
            let after = start + marker.chars().count();
            let last = body_end(&characters, after).map_or(first + 1, |end| line_of(&characters, end));
            ranges.push(first..=last);
        }
    }
    ranges
}

/// Splits a text into code, comments and strings.
struct Lexer {
    input: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    comments: String,
    strings: Vec<(usize, String)>,
}

/// Where a character is kept; the other text gets a blank.
#[derive(Clone, Copy)]
enum Kind {
    Code,
    Comment,
    Literal,
}

impl Lexer {
    fn new(text: &str) -> Self {
        Self {
            input: text.chars().collect(),
            at: 0,
            line: 1,
            code: String::with_capacity(text.len()),
            comments: String::with_capacity(text.len()),
            strings: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.take_while(Kind::Comment, |c| c != '\n'),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(None),
                ('r', Some('"' | '#')) if self.starts_literal() => self.raw_string(),
                ('\'', _) => self.quote(),
                _ => self.push(Kind::Code),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.input.get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: Kind) {
        let Some(c) = self.peek(0) else { return };
        self.at += 1;
        let (code, comment) = match (c, kind) {
            ('\n', _) => ('\n', '\n'),
            (_, Kind::Code) => (c, ' '),
            (_, Kind::Comment) => (' ', c),
            (_, Kind::Literal) => (' ', ' '),
        };
        self.line += usize::from(c == '\n');
        self.code.push(code);
        self.comments.push(comment);
    }

    fn take_while(&mut self, kind: Kind, keep: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&keep) {
            self.push(kind);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            let pair = (c, self.peek(1));
            if pair == ('/', Some('*')) || pair == ('*', Some('/')) {
                depth += if c == '/' { 1 } else { -1 };
                self.push(Kind::Comment);
            }
            self.push(Kind::Comment);
            if depth == 0 {
                return;
            }
        }
    }

    /// A string that starts at the quote; `raw` is the number of `#` that must follow the closing quote of a raw one.
    fn string(&mut self, raw: Option<usize>) {
        let hashes = raw.unwrap_or(0);
        let line = self.line;
        self.push(Kind::Code);
        let start = self.at;
        while let Some(c) = self.peek(0) {
            if c == '"' && (1..=hashes).all(|i| self.peek(i) == Some('#')) {
                break;
            }
            if c == '\\' && raw.is_none() {
                self.push(Kind::Literal);
            }
            self.push(Kind::Literal);
        }
        self.strings.push((line, self.input[start..self.at.min(self.input.len())].iter().collect()));
        self.push(Kind::Code);
        for _ in 0..hashes {
            self.push(Kind::Code);
        }
    }

    fn raw_string(&mut self) {
        self.push(Kind::Code);
        let hashes = self.input[self.at..].iter().take_while(|c| **c == '#').count();
        if self.peek(hashes) == Some('"') {
            self.take_while(Kind::Code, |c| c == '#');
            self.string(Some(hashes));
        }
    }

    /// Whether the `r` here begins a literal and is no part of a longer word (`br"..."` and `cr"..."` count).
    fn starts_literal(&self) -> bool {
        match self.at.checked_sub(1).map(|i| self.input[i]) {
            Some('b' | 'c') => self.at < 2 || !is_word(self.input[self.at - 2]),
            Some(c) => !is_word(c),
            None => true,
        }
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        self.push(Kind::Code);
        if self.peek(0) == Some('\\') {
            self.push(Kind::Literal);
            self.push(Kind::Literal);
            self.take_while(Kind::Literal, |c| c != '\'');
            self.push(Kind::Code);
        } else if self.peek(1) == Some('\'') {
            self.push(Kind::Literal);
            self.push(Kind::Code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r##"//! Module.
//!
//! ## Claims
/// Doc with "quotes" and { a brace.
fn first<'a>(x: [u8; 2], c: char) -> bool {
    let s = "a { \" } // no comment"; /* block { /* nested */ */
    let r = r#"raw " { "#; let b = '{'; let e = '\'';
    c == 'x' || s.len() == r.len()
}
trait T { fn declared(&self); }
#[cfg(test)]
mod tests {
    #[test]
    fn second() {}
}
"##;

    #[test]
    fn strings_comments_and_characters_do_not_count_as_code() {
        let source = RustSource::new("crates/a/src/lib.rs", SAMPLE);
        assert_eq!(source.code.lines().count(), SAMPLE.lines().count());
        assert_eq!(source.code.matches('{').count(), source.code.matches('}').count());
        assert!(!source.code.contains("nested") && source.comments.contains("nested"));
        assert_eq!(source.strings[0], (6, "a { \\\" } // no comment".to_owned()));
        assert_eq!(source.strings[1], (7, "raw \" { ".to_owned()));
    }

    #[test]
    fn functions_have_names_lines_and_lengths() {
        let functions = RustSource::new("crates/a/src/lib.rs", SAMPLE).functions();
        let found: Vec<_> = functions.iter().map(|f| (f.name.as_str(), f.line, f.length)).collect();
        assert_eq!(found, [("first", 5, 5), ("second", 14, 1)]);
    }

    #[test]
    fn test_code_is_told_from_the_rest() {
        let source = RustSource::new("crates/a/src/lib.rs", SAMPLE);
        assert!(source.is_test_line(12) && !source.is_test_line(5));
        assert!(RustSource::new("crates/a/tests/whole.rs", "fn a() {}\n").is_test_line(1));
        assert_eq!(source.module_doc(), ["Module.", "", "## Claims"]);
    }
}
