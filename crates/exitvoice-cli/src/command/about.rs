//! `exitvoice about`

use exitvoice::command::{Outcome, about};

pub(crate) fn run() -> Box<dyn Outcome> {
    Box::new(about::about())
}
