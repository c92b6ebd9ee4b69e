//! `exitvoice params`

use exitvoice::command::{Outcome, params};

pub(crate) fn run() -> Box<dyn Outcome> {
    Box::new(params::params())
}
