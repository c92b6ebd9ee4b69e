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

/// Hazard of the reference soldier, per day: of the wavering class, of the core where that one has none.
#[must_use]
pub const fn reference(params: &Params) -> f64 {
    let wavering = params.wavering_rate.per_day_value();
    if wavering > 0.0 { wavering } else { params.core_rate.per_day_value() }
}

/// Hazard of a class relative to the reference soldier; 0 where nobody has one.
#[must_use]
pub fn relative(params: &Params, class: Class) -> f64 {
    let rate = match class {
        Class::Core => params.core_rate,
        Class::Wavering | Class::Hostile => params.wavering_rate,
    };
    let reference = reference(params);
    if reference > 0.0 { rate.per_day_value() / reference } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_classes_are_read_against_the_reference() {
        let params =
            |core, wavering| Params { core_rate: Hazard::per_day(core), wavering_rate: Hazard::per_day(wavering) };
        let both = params(0.002, 0.004);
        assert!((reference(&both) - 0.004).abs() < 1e-15 && (relative(&both, Class::Core) - 0.5).abs() < 1e-15);
        assert!((relative(&both, Class::Wavering) - 1.0).abs() < 1e-15);
        let core = params(0.002, 0.0);
        assert!((relative(&core, Class::Core) - 1.0).abs() < 1e-15 && relative(&core, Class::Wavering).abs() < 1e-300);
        assert!(relative(&params(0.0, 0.0), Class::Core).abs() < 1e-300);
    }
}
