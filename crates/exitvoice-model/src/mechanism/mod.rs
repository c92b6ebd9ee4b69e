//! Verbs: one mechanism, one file, with card, parameters, equation and tests.

pub mod class;
pub mod control;
pub mod danger;
pub mod demography;
pub mod exit;
pub mod home;
pub mod mind;
pub mod service;
