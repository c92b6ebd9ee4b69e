//! Words of a column: an enum that is read from, and written as, one fixed word each; and the nearest of a list.

/// Declares an enum whose variants have one word each in a claims file.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// Every word, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word in a file.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the word; `None` for any other text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use words;

/// Smallest number of insertions, deletions and replacements that turn one text into another (Levenshtein 1966).
fn distance(from: &str, to: &str) -> usize {
    let target: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=target.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in target.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[target.len()]
}

/// Longest text that is compared; longer ones have no nearest word.
const LONGEST: usize = 64;

/// The word of a list that is closest to `text`, if it is close: at most a third of its letters differ (at least one may).
pub(crate) fn nearest<'a>(text: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if text.len() > LONGEST {
        return None;
    }
    let found = words.into_iter().map(|w| (distance(text, w), w)).min()?;
    (found.0 <= (found.1.chars().count() / 3).max(1)).then_some(found.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not_offered() {
        assert_eq!(distance("killed", "kiled"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(nearest("casualites", ["killed", "casualties", "wounded"]), Some("casualties"));
        assert_eq!(nearest("elephants", ["killed", "casualties", "wounded"]), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), ["killed"]), None);
    }
}
