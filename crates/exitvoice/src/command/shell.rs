//! Commands that a reader pastes into a shell: every word that a user gave is quoted where a shell would read it otherwise.

use std::path::Path;

/// One word, as POSIX shells read it.
///
/// # Panics
/// The text holds a NUL, which no argument can.
#[must_use]
pub(crate) fn word(text: &str) -> String {
    shlex::try_quote(text).expect("arguments have no NUL").into_owned()
}

/// A path as a word.
#[must_use]
pub(crate) fn path(path: &Path) -> String {
    word(&path.display().to_string())
}

/// The options that change what a scenario says, as they were given.
pub(crate) fn changes(allow_scaled: bool, baseline: Option<&str>, set: &[String]) -> Vec<String> {
    let allowed = allow_scaled.then(|| "--allow-scaled".to_owned());
    let baseline = baseline.map(|name| format!("--baseline {}", word(name)));
    allowed.into_iter().chain(baseline).chain(set.iter().map(|set| format!("--set {}", word(set)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_every_word_as_it_was() {
        for text in ["toy-squad", "my dir/b.toml", "x;touch y;z.toml", "exit.a='1 /yr'", "a=\"1 d\"", "$HOME", "é", ""]
        {
            assert_eq!(shlex::split(&format!("exitvoice run {}", word(text))).expect("words")[2], text);
        }
        assert_eq!(word("results/toy-squad/586f8e349b3e"), "results/toy-squad/586f8e349b3e");
        assert_eq!(word("run.seed=3"), "'run.seed=3'");
        assert_eq!(path(Path::new("o p/q")), "'o p/q'");
    }
}
