//! Control at home: neighbourhood units, offences, guilt by association, camps.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Hazard, Share};

/// Neighbourhood units; their informers work by the rates of `surveillance.denunciation`.
#[derive(Params)]
#[params(prefix = "control.neighbourhood", part = History)]
pub(super) struct Neighbourhood {
    /// Households in a unit.
    #[param(default = "30", prior = "uniform(20, 40)", grade = Measured, source = "SV001", why = "20 to 40")]
    pub(super) households: f64,
    /// Share of adults who are secret informers.
    #[param(symbol = "iota_home", default = "0.03", prior = "beta(3, 97)", grade = Assumed, source = "SV009", why = "one in 20 to 50 is often quoted; the page was not seen", lever)]
    pub(super) informer_share: Share,
    /// Probability that the leader of the unit notices an offence.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "the leader calls often; what is noticed is not known")]
    pub(super) leader_notices: Share,
}

/// Offences at home.
#[derive(Params)]
#[params(prefix = "control.offence", part = History)]
pub(super) struct Offence {
    /// Political offences of an adult of the core class.
    #[param(default = "0.002 /yr", prior = "log_normal(0.002 /yr, 1)", grade = Assumed, why = "prototype value; checked against the camp stock")]
    pub(super) base_rate: Hazard,
    /// Rate of the wavering class relative to the core.
    #[param(default = "1.2", prior = "log_normal(1.2, 0.3)", grade = Assumed, why = "less to lose; no source found")]
    pub(super) wavering_factor: f64,
    /// Rate of the hostile class relative to the core.
    #[param(default = "1.5", prior = "log_normal(1.5, 0.3)", grade = Assumed, why = "watched more and less to lose; no source found")]
    pub(super) hostile_factor: f64,
    /// Rate of adults under 30 relative to older ones.
    #[param(default = "1.5", prior = "log_normal(1.5, 0.3)", grade = Assumed, why = "offences fall with age wherever they are counted")]
    pub(super) young_factor: f64,
    /// Probability that a detected offence is punished.
    #[param(default = "0.7", prior = "beta(7, 3)", grade = Assumed, why = "bribes and mercy are reported, without a share")]
    pub(super) punished: Share,
}

/// Penalty of kin: `min(1, base x weight of the degree x factor if co-resident)`.
#[derive(Params)]
#[params(prefix = "control.guilt_by_association", part = History)]
pub(super) struct GuiltByAssociation {
    /// Probability that a relative of weight 1 who lives elsewhere is punished for a known offence.
    #[param(symbol = "base", default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "CP002", why = "a quarter to a third of documented prisoners were held for a relative only", lever)]
    pub(super) base: Share,
    /// Weight of the spouse, degree 0.
    #[param(symbol = "w_0", default = "1", prior = "log_normal(1, 0.3)", grade = Assumed, why = "prototype value", lever)]
    pub(super) weight_spouse: f64,
    /// Weight of parents and children, degree 1.
    #[param(symbol = "w_1", default = "1", prior = "fixed", grade = Definition, why = "sets the scale of the base")]
    pub(super) weight_first: f64,
    /// Weight of siblings, grandparents and grandchildren, degree 2.
    #[param(symbol = "w_2", default = "0.5", prior = "beta(5, 5)", grade = Assumed, source = "CP001", why = "prototype value; reach falls with degree", lever)]
    pub(super) weight_second: Share,
    /// Weight of degree 3.
    #[param(symbol = "w_3", default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "CP001", why = "prototype value; reach falls with degree", lever)]
    pub(super) weight_third: Share,
    /// Weight of degree 4.
    #[param(symbol = "w_4", default = "0", prior = "fixed", grade = Definition, source = "CP001", why = "three generations: the rule ends here")]
    pub(super) weight_fourth: Share,
    /// Factor for kin who live with the offender.
    #[param(default = "2", prior = "log_normal(2, 0.3)", grade = Assumed, why = "prototype value; taken from the same house at the same hour", lever)]
    pub(super) co_resident_factor: f64,
    /// Share of spouses spared by divorce.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "reported as frequent; unchecked")]
    pub(super) divorced: Share,
    /// Weight of in-laws relative to blood kin of the same degree; 0 leaves them out.
    #[param(default = "0.2", prior = "beta(1, 4)", grade = Assumed, why = "accounts differ on whether in-laws are reached", lever)]
    pub(super) in_laws: Share,
    /// Share of penalties that are the camp.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "checked against the camp stock; no source found")]
    pub(super) camp: Share,
    /// Share of the other penalties that are banishment.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "no source found")]
    pub(super) banishment: Share,
    /// Share of what remains that blocks careers; the rest is a drop in class.
    #[param(default = "0.6", prior = "beta(6, 4)", grade = Assumed, source = "SB022", why = "one documented case closed officer and cadre posts to several kin")]
    pub(super) career_blocked: Share,
}

/// The camps; their stock is compared with published ranges, not fitted.
#[derive(Params)]
#[params(prefix = "control.camp", part = History)]
pub(super) struct Camp {
    /// Releases from the camps.
    #[param(default = "0.03 /yr", prior = "log_normal(0.03 /yr, 0.7)", grade = Assumed, why = "some zones release, most do not; no rate found")]
    pub(super) release_rate: Hazard,
}
