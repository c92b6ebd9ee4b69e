//! Events of a command on standard error: a bar, plain lines, JSON lines, or nothing.

use clap::ValueEnum;
use exitvoice::command::{Event, Progress, Stage};
use indicatif::{FormattedDuration, ProgressBar, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::{IsTerminal, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// `--progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// A bar on a terminal, plain lines elsewhere
    Auto,
    /// A bar
    Bar,
    /// Lines of text
    Plain,
    /// One JSON object a line
    Json,
    /// Nothing; warnings are still printed
    None,
}

/// Time between two plain lines about the same stage.
const PLAIN_EVERY: Duration = Duration::from_secs(5);
/// Time between two redraws of a bar that nothing moves.
const TICK: Duration = Duration::from_millis(200);

/// Shows events on standard error.
pub(crate) struct Reporter {
    mode: Mode,
    stage: Option<(Stage, Option<u64>)>,
    bar: Option<ProgressBar>,
    last: Instant,
    /// When it was last known how many seconds of the stage are left, and how many.
    left: Arc<Mutex<Option<(Instant, f64)>>>,
}

impl Reporter {
    /// Decides what `auto` is: a bar only where standard error is a terminal that can move its cursor.
    pub(crate) fn new(mode: Mode) -> Self {
        let can_draw = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
        let mode = match mode {
            Mode::Auto | Mode::Bar if can_draw => Mode::Bar,
            Mode::Auto | Mode::Bar => Mode::Plain,
            other => other,
        };
        Self { mode, stage: None, bar: None, last: Instant::now(), left: Arc::default() }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        let write = || {
            // Nobody is left to be told that standard error is closed.
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn begin_bar(&mut self, stage: Stage, of: Option<u64>) {
        self.finish();
        let (words, unit) = stage.words();
        // No colours at all: NO_COLOR is respected by having none.
        let template = match of {
            Some(_) => format!("{{msg}} {{wide_bar}} {{human_pos}} of {{human_len}} {unit}{{left}}"),
            None => "{spinner} {msg} {elapsed}".to_owned(),
        };
        let left = self.left.clone();
        let say = move |_: &ProgressState, out: &mut dyn Write| {
            let known = *left.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, seconds)) = known {
                let left = Duration::from_secs_f64((seconds - at.elapsed().as_secs_f64()).max(0.0));
                // A bar that cannot be written has nobody to be told.
                let _ = write!(out, ", about {} left", FormattedDuration(Duration::from_secs(left.as_secs())));
            }
        };
        let style = ProgressStyle::with_template(&template).expect("the template is ours").with_key("left", say);
        let bar = of.map_or_else(ProgressBar::new_spinner, ProgressBar::new).with_style(style).with_message(words);
        bar.enable_steady_tick(TICK);
        self.bar = Some(bar);
    }
}

impl Progress for Reporter {
    fn event(&mut self, event: Event) {
        if self.mode == Mode::Json {
            if let Event::Began { stage, of } = event {
                self.stage = Some((stage, of));
            }
            return self.line(&as_json(&event, self.stage).to_string());
        }
        match event {
            Event::Warning(text) => self.line(&format!("warning: {text}")),
            _ if self.mode == Mode::None => {}
            Event::Note(text) => self.line(&text),
            Event::Began { stage, of } => {
                self.stage = Some((stage, of));
                *self.left.lock().unwrap_or_else(PoisonError::into_inner) = None;
                self.last = Instant::now();
                if self.mode == Mode::Bar {
                    self.begin_bar(stage, of);
                } else {
                    self.line(&format!("{} ...", stage.words().0));
                }
            }
            Event::Advanced { done } => {
                if let Some(bar) = &self.bar {
                    // Work comes in batches: what is left is worked out when one ends, and runs down until the next one does.
                    let of = self.stage.and_then(|(_, of)| of).unwrap_or(0);
                    let ahead = of.saturating_sub(done) as f64 * self.last.elapsed().as_secs_f64() / done.max(1) as f64;
                    let known = (done > 0).then(|| (Instant::now(), ahead));
                    *self.left.lock().unwrap_or_else(PoisonError::into_inner) = known;
                    bar.set_position(done);
                } else if let (Some((stage, of)), true) = (self.stage, self.last.elapsed() >= PLAIN_EVERY) {
                    self.last = Instant::now();
                    let (words, unit) = stage.words();
                    let of = of.map_or(String::new(), |n| format!(" of {n}"));
                    self.line(&format!("{words}: {done}{of} {unit}"));
                }
            }
            Event::Ended { stage, seconds } => {
                self.finish();
                self.stage = None;
                self.line(&format!("{}: {seconds:.1} s", stage.words().0));
            }
        }
    }
}

fn as_json(event: &Event, current: Option<(Stage, Option<u64>)>) -> serde_json::Value {
    use serde_json::json;
    match event {
        Event::Began { stage, of } => json!({ "event": "began", "stage": stage.word(), "of": of }),
        Event::Advanced { done } => {
            json!({ "event": "advanced", "stage": current.map(|(s, _)| s.word()), "done": done })
        }
        Event::Ended { stage, seconds } => json!({ "event": "ended", "stage": stage.word(), "seconds": seconds }),
        Event::Note(text) => json!({ "event": "note", "text": text }),
        Event::Warning(text) => json!({ "event": "warning", "text": text }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_one_json_object_each() {
        let began = Event::Began { stage: Stage::History, of: Some(69) };
        assert_eq!(as_json(&began, None).to_string(), r#"{"event":"began","stage":"history","of":69}"#);
        let done = as_json(&Event::Advanced { done: 3 }, Some((Stage::History, None)));
        assert_eq!(done.to_string(), r#"{"event":"advanced","stage":"history","done":3}"#);
    }
}
