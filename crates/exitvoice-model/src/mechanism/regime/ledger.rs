//! # Ledger of the regime
//! What the deployment brings and costs, month by month, in columns that are never netted or valued in one unit.
//!
//! ## Equation
//! pay = soldiers abroad x (share of others x their pay + the rest x pay in combat) x days / month; the regime keeps a share;
//! shells, oil and technology at their yearly rates while anybody is abroad
//! ## Symbols
//! soldiers abroad: present, away wounded, absent, leaving, or under arrest; see `Params`
//! ## Resolution
//! read off the record after the last day; acts on nothing
//! ## Not modelled
//! what any of it is worth; what the other side pays for
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 a soldier-month brings its pay, split by the regime's share (`pay_is_split_and_never_netted`)

use super::super::home::returnees;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::time::{DAYS_PER_MONTH, DAYS_PER_YEAR};
use exitvoice_record::{EventKind, FamilyEventKind, Record, Status};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "regime.ledger",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["record.heads", "record.events", "record.families"],
    writes: &[],
    posts: &[],
};

/// Columns of the ledger; never netted or valued in one unit.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "regime.ledger", part = Force)]
pub struct Params {
    /// Pay of a combat soldier, in US dollars a month.
    #[param(default = "2000", prior = "log_normal(2000, 0.2)", grade = Measured, source = "DE001", why = "one agency, first inferred from the pay of foreigners")]
    pub pay_combat: f64,
    /// Pay of others, in US dollars a month.
    #[param(default = "800", prior = "log_normal(800, 0.3)", grade = Measured, source = "DE002", why = "one source")]
    pub pay_other: f64,
    /// Share of soldiers paid as others.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "support of an infantry force; no source found")]
    pub other_share: Share,
    /// Share of the pay that the regime keeps.
    #[param(default = "0.9", prior = "uniform(0.3, 1)", grade = Analogue, source = "DE003, DE008", why = "90 by the press; workers abroad 67 to 70, in one account 30")]
    pub regime_share: Share,
    /// Shells delivered, in rounds a year.
    #[param(default = "2800000", prior = "log_normal(2800000, 0.7)", grade = Measured, source = "DE016", why = "one belligerent's count; others are three times as high")]
    pub shells: f64,
    /// Oil received, in barrels a year.
    #[param(default = "1330000", prior = "log_normal(1330000, 0.3)", grade = Measured, source = "DE019, DE020", why = "at least a million barrels in nine months, in 43 voyages")]
    pub oil: f64,
    /// Technical systems received, in kinds a year.
    #[param(default = "3", prior = "log_normal(3, 0.7)", grade = Assumed, why = "air defence, jamming and guidance are named; nothing is counted")]
    pub technology: f64,
}

/// One month of the ledger; months of 30.4375 days from day 0, the last one cut at the end of the period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Month {
    /// Days soldiers spent abroad, in person-days.
    pub soldier_days: f64,
    /// Pay kept by the regime, US dollars.
    pub pay_kept_usd: f64,
    /// Pay that reaches the soldiers, US dollars.
    pub pay_passed_on_usd: f64,
    /// Shells delivered, rounds.
    pub shells_rounds: f64,
    /// Oil received, barrels.
    pub oil_barrels: f64,
    /// Technical systems received, kinds.
    pub technology_kinds: f64,
    /// Dead by violence.
    pub dead: f64,
    /// Exits that became known at home.
    pub known_exits: f64,
    /// Relatives penalised.
    pub kin_penalised: f64,
    /// Families rewarded.
    pub families_rewarded: f64,
    /// Relatives who learnt of life abroad.
    pub kin_who_learnt: f64,
    /// Neighbours expected to learn of it, by the end of the period, from those who came home in the month.
    pub neighbours_who_learn: f64,
}

/// The ledger of a replicate.
#[must_use]
pub fn ledger(params: &Params, home: &returnees::Params, exposure: &dyn Fn(f64) -> f64, record: &Record) -> Vec<Month> {
    let index = |day: u32| (f64::from(day) / DAYS_PER_MONTH) as usize;
    let mut months = vec![Month::default(); index(record.days.saturating_sub(1)) + 1];
    for (day, heads) in (0..).zip(&record.heads) {
        let abroad: f64 = ABROAD.iter().map(|s| f64::from(heads[*s as usize])).sum();
        months[index(day)].add_day(params, abroad);
    }
    let mut arrived = vec![0; record.soldiers.key.len()];
    for event in &record.events {
        let month = &mut months[index(event.day)];
        if event.kind.status_after() == Some(Status::Killed) {
            month.dead += 1.0;
        }
        match event.kind {
            EventKind::Arrived => arrived[event.soldier.row()] = event.day,
            EventKind::ArrivedHome => {
                let seen = exposure(f64::from(event.day - arrived[event.soldier.row()]));
                month.neighbours_who_learn += returnees::neighbours(home, seen, f64::from(record.days - event.day));
            }
            _ => {}
        }
    }
    for event in &record.families {
        let month = &mut months[index(event.day)];
        match event.kind {
            FamilyEventKind::ExitKnown => month.known_exits += 1.0,
            FamilyEventKind::Rewarded => month.families_rewarded += 1.0,
            FamilyEventKind::Learnt => month.kin_who_learnt += 1.0,
            kind if kind.is_penalty() => month.kin_penalised += 1.0,
            _ => {}
        }
    }
    months
}

/// Statuses of soldiers abroad on whom pay is due.
const ABROAD: [Status; 5] = [Status::Present, Status::WoundedAway, Status::Absent, Status::Leaving, Status::Arrested];

impl Month {
    fn add_day(&mut self, params: &Params, abroad: f64) {
        let other = params.other_share.value();
        let pay = abroad * (other * params.pay_other + (1.0 - other) * params.pay_combat) / DAYS_PER_MONTH;
        self.soldier_days += abroad;
        self.pay_kept_usd += pay * params.regime_share.value();
        self.pay_passed_on_usd += pay * (1.0 - params.regime_share.value());
        if abroad > 0.0 {
            self.shells_rounds += params.shells / DAYS_PER_YEAR;
            self.oil_barrels += params.oil / DAYS_PER_YEAR;
            self.technology_kinds += params.technology / DAYS_PER_YEAR;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn pay_is_split_and_never_netted() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let mut month = Month::default();
        for _ in 0..30 {
            month.add_day(&params, 11_000.0);
        }
        let pay = 11_000.0 * (0.2 * 800.0 + 0.8 * 2_000.0) * 30.0 / 30.437_5;
        assert!((month.pay_kept_usd - 0.9 * pay).abs() < 1e-3);
        assert!((month.pay_passed_on_usd - 0.1 * pay).abs() < 1e-3);
        assert!((month.soldier_days - 330_000.0).abs() < 1e-6);
        // What is received does not hang on how many are abroad.
        let parts = [month.shells_rounds, month.oil_barrels, month.technology_kinds];
        for (part, a_year) in parts.into_iter().zip([params.shells, params.oil, params.technology]) {
            assert!((part - 30.0 * a_year / 365.25).abs() < 1e-9 * a_year, "{part} of {a_year}");
        }
        let mut empty = Month::default();
        empty.add_day(&params, 0.0);
        assert_eq!(empty, Month::default(), "nothing is received for nobody");
    }
}
