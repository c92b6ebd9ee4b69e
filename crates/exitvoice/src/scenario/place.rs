//! Places in a user's text, and words near to what was written there.

use std::ops::Range;
use std::sync::Arc;

/// Longest part of a user's text that is repeated in a message.
const SHOWN: usize = 60;
/// Longest line that is handed to a renderer whole.
const LONG_LINE: usize = 240;

/// A text with its name: a scenario file, a baseline or one `KEY=VALUE` of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Name shown to the user: the path as given, or `--set`.
    pub name: String,
    /// The text; empty where it was too large to be read.
    pub text: String,
}

/// A stretch of a source text.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) source: Arc<SourceText>,
    pub(crate) span: Range<usize>,
}

impl Place {
    /// The beginning of the text.
    pub(crate) fn start(source: &Arc<SourceText>) -> Self {
        Self { source: Arc::clone(source), span: 0..0 }
    }

    /// Line of the beginning, from 1.
    pub(crate) fn line(&self) -> usize {
        line_and_column(&self.source.text, self.span.start).0
    }
}

/// Line and column of a byte offset, both from 1; columns count characters.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// A user's word as it may stand in a message: no control characters, not endless.
pub(crate) fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out.replace("\\\"", "\"").replace("\\'", "'")
}

/// Byte range of at most `LONG_LINE` bytes of a line around an offset, on character boundaries.
pub(crate) fn window(line: &str, around: usize) -> (usize, usize) {
    if line.len() <= LONG_LINE {
        return (0, line.len());
    }
    let mut from = around.saturating_sub(LONG_LINE / 3);
    let mut to = (from + LONG_LINE).min(line.len());
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    while !line.is_char_boundary(to) {
        to -= 1;
    }
    (from, to)
}

/// The candidate most like `word`, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let last = |text: &str| text.rsplit('.').next().map(str::to_lowercase).unwrap_or_default();
    let lower = word.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let whole = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        // A right name under a wrong table is as good as one slip of the pen.
        let distance = if last(word) == last(candidate) { whole.min(2) } else { whole };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    // One slip in three letters; a word of one letter is like nothing else.
    let limit = (word.chars().count() + 1) / 3;
    best.filter(|(distance, _)| *distance <= limit).map(|(_, candidate)| candidate)
}

/// The hint that names the nearest candidate.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "а = 1\nбв = \"ґ\"\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, text.find('б').expect("there")), (2, 1));
        assert_eq!(line_and_column(text, text.find('"').expect("there")), (2, 6));
        assert_eq!(line_and_column(text, 10_000), (3, 1));
    }

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let keys = ["period.start", "period.end", "exit.attempt.hostage_effect", "run.seed"];
        assert_eq!(nearest("period.stat", keys), Some("period.start"));
        assert_eq!(nearest("run.Seed", keys), Some("run.seed"));
        assert_eq!(nearest("attempt.hostage_effect", keys), Some("exit.attempt.hostage_effect"));
        assert_eq!(nearest("weather", keys), None);
    }

    #[test]
    fn a_message_shows_no_control_characters_and_ends() {
        assert_eq!(shown("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert!(shown(&"x".repeat(1_000_000)).chars().count() <= SHOWN + 1);
    }
}
