//! M0, the null: a constant hazard by class. Nothing that happens abroad changes it.

use crate::society::person::Class;
use exitvoice_core::Params;
use exitvoice_core::quantity::Hazard;

/// Parameters of M0.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "decision.constant", part = Force)]
pub struct Params {
    /// Attempts of a soldier of the core class.
    #[param(default = "0.002 /yr", prior = "log_normal(0.002 /yr, 1.8)", grade = Analogue, source = "DR069, DR070", why = "around the base rate of M1, less by the gap in loyalty")]
    pub core_rate: Hazard,
    /// Attempts of a soldier of another class.
    #[param(default = "0.003 /yr", prior = "log_normal(0.003 /yr, 1.8)", grade = Analogue, source = "DR069, DR070", why = "the base rate of M1")]
    pub wavering_rate: Hazard,
}

/// Hazard of a class, per day.
#[must_use]
pub const fn rate(params: &Params, class: Class) -> f64 {
    match class {
        Class::Core => params.core_rate.per_day_value(),
        Class::Wavering | Class::Hostile => params.wavering_rate.per_day_value(),
    }
}
