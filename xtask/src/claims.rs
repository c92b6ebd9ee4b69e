//! The claims ledger: every checkable sentence of a mechanism card, with the test that checks it.
//!
//! A card ends with `## Claims` and sentences of the form ``C1 more kin at risk, fewer attempts (`kin_deters`)``.

use crate::tree::Tree;
use std::collections::BTreeSet;
use std::path::Path;

/// One checkable sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// File that makes it.
    pub(crate) path: String,
    /// As `C1`; unique in its file.
    pub(crate) id: String,
    /// What it says.
    pub(crate) text: String,
    /// Name of the test that checks it, if it names one.
    pub(crate) test: Option<String>,
}

/// Lists all claims; an orphan (no test named, or the test does not exist) is a failure.
pub(crate) fn command(root: &Path) -> Result<(), String> {
    let tree = Tree::from_disk(root)?;
    let claims = all(&tree);
    let orphans = orphans(&tree, &claims);
    for claim in &claims {
        let test = claim.test.as_deref().unwrap_or("no test");
        println!("{} {}  {}  [{test}]", claim.path, claim.id, claim.text);
    }
    for (path, what) in &orphans {
        eprintln!("orphan: {path} {what}");
    }
    println!("{} claims, {} orphans", claims.len(), orphans.len());
    if orphans.is_empty() { Ok(()) } else { Err(format!("{} claims have no test", orphans.len())) }
}

/// Every claim of the cards in the sources and of the pages under `docs/odd/`.
pub(crate) fn all(tree: &Tree) -> Vec<Claim> {
    let cards = tree
        .rust_in("crates/")
        .filter(|(path, _)| !path.contains("/_"))
        .map(|(path, source)| (path, source.module_doc().join("\n")));
    let pages = tree.files_in("docs/odd/", ".md").map(|(path, text)| (path, text.to_owned()));
    cards.chain(pages).flat_map(|(path, text)| in_section(path, &text)).collect()
}

/// What is wrong with them: file, and a sentence.
pub(crate) fn orphans(tree: &Tree, claims: &[Claim]) -> Vec<(String, String)> {
    let tests: BTreeSet<String> = tree
        .rust
        .values()
        .flat_map(|s| s.functions().into_iter().filter(|f| s.is_test_line(f.line)).map(|f| f.name))
        .collect();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for claim in claims {
        let mut say = |what: String| wrong.push((claim.path.clone(), format!("{} {what}", claim.id)));
        match &claim.test {
            None => say("names no test".to_owned()),
            Some(test) if !tests.contains(test) => say(format!("names the test `{test}`, which does not exist")),
            Some(_) => {}
        }
        if !seen.insert((&claim.path, &claim.id)) {
            say("stands there twice".to_owned());
        }
    }
    wrong
}

/// Claims of the section `## Claims` of a text; the section ends at the next heading.
fn in_section(path: &str, text: &str) -> Vec<Claim> {
    let lines = text.lines().skip_while(|l| !l.starts_with("## Claims"));
    let mut section = String::new();
    for (i, line) in lines.enumerate() {
        if i > 0 && line.starts_with('#') {
            break;
        }
        section.push_str(line.strip_prefix("## Claims").unwrap_or(line).trim());
        section.push(' ');
    }
    let words: Vec<&str> = section.split_whitespace().collect();
    let starts: Vec<usize> = (0..words.len()).filter(|i| is_id(words[*i])).collect();
    starts
        .iter()
        .enumerate()
        .map(|(n, start)| {
            let end = starts.get(n + 1).copied().unwrap_or(words.len());
            claim(path, words[*start], &words[start + 1..end].join(" "))
        })
        .collect()
}

fn is_id(word: &str) -> bool {
    let word = word.trim_matches(['*', ':', '-']);
    word.strip_prefix('C').is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
}

fn claim(path: &str, id: &str, sentence: &str) -> Claim {
    let named = sentence.rsplit_once("(`").and_then(|(text, rest)| rest.split_once("`)").map(|(test, _)| (text, test)));
    let (text, test) = named.map_or((sentence, None), |(text, test)| (text, Some(test)));
    Claim {
        path: path.to_owned(),
        id: id.trim_matches(['*', ':', '-']).to_owned(),
        text: text.trim_matches([' ', '-', '*']).to_owned(),
        test: test.map(|t| t.rsplit("::").next().unwrap_or(t).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "//! # Attempt\n//!\n//! ## Claims          C1 more kin, fewer attempts (`kin_deters`); C2 zero is\n\
        //! zero (`zero_is_zero`)\n//! - C3 nobody checks this\n//!\n//! # Not part\n//! C4 of it (`kin_deters`)\n\
        #[cfg(test)]\nmod tests {\n    #[test]\n    fn kin_deters() {}\n}\nfn zero_is_zero() {}\n";

    #[test]
    fn claims_are_read_over_line_ends_and_end_at_the_next_heading() {
        let found = all(&Tree::made_up(&[("crates/m/src/a.rs", CARD)]));
        let ids: Vec<_> = found.iter().map(|c| (c.id.as_str(), c.test.as_deref())).collect();
        assert_eq!(ids, [("C1", Some("kin_deters")), ("C2", Some("zero_is_zero")), ("C3", None)]);
        assert_eq!(found[0].text, "more kin, fewer attempts");
    }

    #[test]
    fn a_missing_test_an_unnamed_test_and_a_repeated_id_are_orphans() {
        let tree = Tree::made_up(&[
            ("crates/m/src/a.rs", CARD),
            ("docs/odd/x.md", "## Claims\n- **C1** y (`kin_deters`)\n- **C1** z (`kin_deters`)\n"),
        ]);
        let wrong = orphans(&tree, &all(&tree));
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong[0].1.contains("zero_is_zero"), "a function outside tests is no test");
        assert!(wrong[1].1.contains("C3 names no test") && wrong[2].1.contains("twice"));
    }
}
