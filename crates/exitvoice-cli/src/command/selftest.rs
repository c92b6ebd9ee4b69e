//! `exitvoice selftest`

use crate::context::Context;
use exitvoice::command::selftest::{SelftestOptions, selftest};
use exitvoice::command::{Error, Outcome};

pub(crate) fn run(context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    Ok(Box::new(selftest(&SelftestOptions { machine: context.machine.clone() }, &mut context.progress)?))
}
