//! A small registry that stands in for the model's, so that scenarios are tested without a world.

use exitvoice::scenario::{Catalogue, Layers, ResolveError, Scenario, SourceText, resolve};
use exitvoice_core::Params;
use exitvoice_core::param::ParamMeta;
use exitvoice_core::quantity::{Days, Hazard, Persons, Share};

/// Danger, as far as the shipped scenarios name it.
#[derive(Params)]
#[params(prefix = "danger.combat", part = Force)]
#[expect(dead_code, reason = "only the registry rows are used")]
pub(crate) struct Combat {
    /// Casualty hazard of the first clashes.
    #[param(default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Assumed, why = "test")]
    pub hazard_first_clashes: Hazard,
    /// Casualty hazard of the winter assaults.
    #[param(default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Assumed, why = "test")]
    pub hazard_winter_assaults: Hazard,
    /// Casualty hazard of the pause.
    #[param(default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Assumed, why = "test")]
    pub hazard_pause: Hazard,
    /// Casualty hazard after the pause.
    #[param(default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Assumed, why = "test")]
    pub hazard_spring: Hazard,
    /// Share of casualties who are killed.
    #[param(default = "0.23", prior = "logit_normal(-1.2, 1)", grade = Assumed, why = "test")]
    pub killed_share: Share,
}

/// Capture.
#[derive(Params)]
#[params(prefix = "danger.capture", part = Force)]
#[expect(dead_code, reason = "only the registry rows are used")]
pub(crate) struct Capture {
    /// Chance of capture per casualty.
    #[param(default = "0.01", prior = "beta(1, 99)", grade = Assumed, why = "test")]
    pub opportunity: Share,
}

/// Exit.
#[derive(Params)]
#[params(prefix = "exit.attempt", part = Force)]
#[expect(dead_code, reason = "only the registry rows are used")]
pub(crate) struct Attempt {
    /// Attempt rate of the reference soldier.
    #[param(symbol = "exp(alpha)", default = "0.003 /yr", prior = "log_normal(0.003 /yr, 1.8)", grade = Analogue, source = "us2007", why = "test")]
    pub base_rate: Hazard,
    /// Fall of the log-hazard per unit of hostage weight.
    #[param(symbol = "beta_H", default = "2", prior = "half_normal(2)", grade = Assumed, why = "test", lever)]
    pub hostage_effect: f64,
    /// Rise of the log-hazard per unit of danger.
    #[param(default = "3", prior = "half_normal(3)", grade = Assumed, why = "test")]
    pub danger_effect: f64,
    /// A definition.
    #[param(default = "0.6", prior = "fixed", grade = Definition, why = "test")]
    pub reference_belief: f64,
}

/// Cells.
#[derive(Params)]
#[params(prefix = "exit.cell", part = Force)]
#[expect(dead_code, reason = "only the registry rows are used")]
pub(crate) struct Cell {
    /// Log-odds of joining.
    #[param(symbol = "nu", default = "-1", prior = "normal(-1, 1.5)", grade = Assumed, why = "test")]
    pub join: f64,
}

/// Absence.
#[derive(Params)]
#[params(prefix = "exit.absence", part = Force)]
#[expect(dead_code, reason = "only the registry rows are used")]
pub(crate) struct Absence {
    /// Absence rate.
    #[param(default = "0.01 /yr", prior = "log_normal(0.01 /yr, 1.5)", grade = Assumed, why = "test")]
    pub base_rate: Hazard,
    /// How long an absence lasts.
    #[param(default = "2 d", prior = "log_normal(2 d, 1)", grade = Assumed, why = "test")]
    pub duration: Days,
}

/// Force.
#[derive(Params)]
#[params(prefix = "force", part = Force)]
#[expect(dead_code, reason = "only the registry rows are used")]
pub(crate) struct Force {
    /// Probability that men were near the border before the first wave.
    #[param(default = "0", prior = "beta(1, 1)", grade = Assumed, why = "test")]
    pub advance_party: Share,
    /// A count of persons, which the real registry may have one day.
    #[param(default = "40 persons", prior = "log_normal(40 persons, 0.5)", grade = Assumed, why = "test")]
    pub headcount: Persons,
}

/// Country.
#[derive(Params)]
#[params(prefix = "demography.marriage", part = History)]
#[expect(dead_code, reason = "only the registry rows are used")]
pub(crate) struct Marriage {
    /// Share of women whose search is restricted to their class.
    #[param(symbol = "a", default = "0.8", prior = "uniform(0.5, 0.95)", grade = Assumed, why = "test")]
    pub homogamy: Share,
}

/// The registry of the tests.
pub(crate) fn registry() -> Vec<&'static ParamMeta> {
    exitvoice::registry::join(&[&[
        Combat::META,
        Capture::META,
        Attempt::META,
        Cell::META,
        Absence::META,
        Force::META,
        Marriage::META,
    ]])
}

/// Resolves a text under the name `test.toml`.
pub(crate) fn resolve_text(text: &str, layers: &Layers<'_>) -> Result<Scenario, ResolveError> {
    let source = SourceText { name: "test.toml".to_owned(), text: text.to_owned() };
    let registry = registry();
    resolve(source, layers, &Catalogue::embedded(&registry))
}
