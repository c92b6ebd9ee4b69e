//! Errors for people: the user's line with a mark under the place where a file is in hand, else one line.

use exitvoice::command::{Error, InputError};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use std::io::IsTerminal;

/// Width of an error, in characters.
const WIDTH: usize = 110;

/// Text of an error for standard error, ending in a line feed.
pub(crate) fn render(error: &Error) -> String {
    let Error::Input(input) = error else {
        return format!("error[{}]: {}\n", error.code(), visible(&error.message()));
    };
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    snippet(input, colour).unwrap_or_else(|| plain(input))
}

/// Without the user's text: it is empty, or its line too long to be shown with true columns.
fn plain(input: &InputError) -> String {
    let d = input.diagnostic();
    let mut out = format!(
        "error[{}]: {}\n  --> {}:{}:{}\n  expected: {}\n",
        d.code,
        visible(&d.message),
        visible(&d.file),
        d.line,
        d.column,
        visible(&d.expected)
    );
    if let Some(help) = &d.help {
        out.push_str(&format!("  help: {}\n", visible(help)));
    }
    out
}

fn snippet(input: &InputError, colour: bool) -> Option<String> {
    let d = input.diagnostic();
    let (text, span) = input.display_text();
    let line_start = text.get(..span.start)?.rfind('\n').map_or(0, |i| i + 1);
    let column_is_true = text.get(line_start..span.start)?.chars().count() + 1 == d.column;
    let line_is_empty = text[line_start..].split('\n').next()?.trim().is_empty();
    if !column_is_true || line_is_empty || text.get(span.clone()).is_none() {
        return None;
    }
    let label = format!("expected {}", visible(&d.expected));
    let mut diagnostic = MietteDiagnostic::new(format!("error[{}]: {}", d.code, visible(&d.message)))
        .with_label(LabeledSpan::at(span, label));
    if let Some(help) = &d.help {
        diagnostic = diagnostic.with_help(visible(help));
    }
    let report = Report::new(diagnostic).with_source_code(NamedSource::new(visible(&d.file), visible(text)));
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let mut out = String::new();
    GraphicalReportHandler::new_themed(theme).with_width(WIDTH).render_report(&mut out, report.as_ref()).ok()?;
    Some(out)
}

/// The same text with a visible character of the same length in place of each that a terminal would obey: a file of the user
/// can say anything.
fn visible(text: &str) -> String {
    let safe = |c: char| match c {
        '\n' | '\t' => c,
        c if c.is_control() && c.len_utf8() == 1 => '?',
        c if c.is_control() => '\u{bf}',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice::scenario::Diagnostic;

    fn error(text: &str, at: &str, column: usize) -> InputError {
        let start = text.find(at).expect("there");
        let line = text[..start].matches('\n').count() + 1;
        let diagnostic = Diagnostic {
            code: "EV0203",
            message: "`desertion.base_hazard` needs a hazard (1/time)".to_owned(),
            file: "my.toml".to_owned(),
            line,
            column,
            span: start..start + at.len(),
            expected: "a hazard, as \"0.004 /yr\"".to_owned(),
            help: Some("\"0.004 /yr\" or \"0.004 /d\"?".to_owned()),
        };
        InputError::new(diagnostic, text)
    }

    #[test]
    fn the_users_line_is_shown_with_place_expectation_and_help() {
        let shown = render(&error("format = 1\n[desertion]\nbase_hazard = 0.004\n", "0.004", 15).into());
        for part in ["error[EV0203]", "my.toml:3:15", "base_hazard = 0.004", "expected a hazard", "or \"0.004 /d\"?"] {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
    }

    #[test]
    fn a_line_too_long_to_show_is_named_and_not_printed() {
        let text = format!("x = \"{}\" BAD", "a".repeat(100_000));
        let column = text.find("BAD").expect("there") + 1;
        let shown = render(&error(&text, "BAD", column).into());
        assert!(shown.contains(&format!("my.toml:1:{column}")) && shown.len() < 400, "{shown}");
    }

    #[test]
    fn nothing_from_a_file_reaches_the_terminal_as_a_command() {
        let shown = render(&error("a = \"\u{1b}[31m\u{9b}\u{202e}\" BAD", "BAD", 15).into());
        assert!(!shown.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{shown:?}");
        assert!(shown.contains("BAD"), "{shown}");
    }

    #[test]
    fn other_errors_are_one_line_with_their_code() {
        assert_eq!(render(&Error::Stopped).lines().count(), 1);
        assert!(render(&Error::Stopped).starts_with("error[EV0763]: "));
    }
}
