//! The founding population of 1 July 1955, linked backward, and the pilot that turns birth rates into hazards of couples.

pub mod founders;
pub mod generations;
pub mod one_sex;
pub mod pilot;
