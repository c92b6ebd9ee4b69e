//! # Cell
//! Who is told, who joins, who reports; who leaves together, and how it ends.
//!
//! ## Equation
//! a member asks up to `k_c` of the mates he trusts most, each with `T_ij > theta_T` and a face that is not loyal; who
//! commands asks all he commands; one asked joins with `logistic(nu + eta_j - alpha)`; who joins asks in turn, up to the
//! platoon; departure after a lag `Exp(lag)`; one draw for the whole cell: success s, caught q, killed k, returned r, by zone
//! ## Symbols
//! eta_j - alpha: log of mate j's hazard relative to the reference soldier; nu: log-odds of the reference soldier when asked
//! ## Resolution
//! inside the stage `Event`, at the initiator's hour; single draws addressed by ordered pair and day, and by cell; reports
//! after `surveillance.denunciation`; a report acted on before the departure arrests the cell
//! ## Not modelled
//! talks over days, second thoughts, cells across platoons
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 no one joins twice (`a_cell_takes_each_mate_once`); C2 shares of outcomes sum to one (`outcomes_sum_to_one`);
//! C3 loyal faces and strangers are not told, but a leader's men are (`only_trusted_disloyal_faces_are_told`)

use crate::force::plan::Zone;
use crate::mechanism::surveillance::denunciation::{self, Informer, Sign};
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, ModelVersion, Share};
use exitvoice_core::rng::Draws;
use exitvoice_record::EventKind;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "exit.cell",
    stage: Stage::Event,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["soldiers.private_loyalty", "soldiers.hostage", "soldiers.face", "squads.danger", "squads.bond"],
    writes: &[],
    posts: &[],
};

/// Parameters of cells.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "exit.cell", part = Force)]
pub struct Params {
    /// How readily mates join: log-odds that the reference soldier does when asked.
    #[param(symbol = "nu", default = "-1", prior = "normal(-1, 1.5)", grade = Assumed, why = "prototype value; group sizes would show it")]
    pub join: f64,
    /// Mates each member asks; below 1 nobody is asked, by leaders neither.
    #[param(symbol = "k_c", default = "4", prior = "uniform(1, 8)", grade = Assumed, why = "prototype value")]
    pub asked: f64,
    /// Least trust in a mate before a plan is confided to him.
    #[param(symbol = "theta_T", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "a little above the trust of strangers, reached within a week together")]
    pub trust_threshold: Share,
    /// Mean time from the decision to the departure.
    #[param(default = "1 d", prior = "log_normal(1 d, 0.5)", grade = Assumed, why = "prototype value")]
    pub lag: Days,
    /// Mean time on the way.
    #[param(default = "1 d", prior = "log_normal(1 d, 0.5)", grade = Assumed, why = "a few kilometres to the other side")]
    pub way: Days,
    /// Probability that a cell reaches the other side or a third party.
    #[param(symbol = "s_z", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "prototype value", lever)]
    pub success: Share,
    /// Probability that a cell is caught by its own side, given that it does not succeed.
    #[param(symbol = "q_z/(1-s_z)", default = "0.714", prior = "beta(5, 2)", grade = Assumed, why = "prototype: .5 caught, .1 killed, .1 returned", lever)]
    pub caught: Share,
    /// Probability that a cell that neither succeeds nor is caught is killed on the way; the rest turns back.
    #[param(symbol = "k_z/(k_z+r_z)", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "prototype: .1 killed, .1 returned")]
    pub killed: Share,
    /// Probability that a cell in the rear reaches the other side or a third party.
    #[param(symbol = "s_rear", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub success_rear: Share,
    /// Probability that a cell in the rear that does not succeed is caught.
    #[param(symbol = "q_rear/(1-s_rear)", default = "0.714", prior = "beta(5, 2)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub caught_rear: Share,
    /// Probability that a cell in the rear that neither succeeds nor is caught is killed; the others turn back.
    #[param(symbol = "k_rear/(k_rear+r_rear)", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "prototype value, one for all zones")]
    pub killed_rear: Share,
    /// Probability that a cell at a border reaches the other side or a third party.
    #[param(symbol = "s_border", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub success_border: Share,
    /// Probability that a cell at a border that does not succeed is caught.
    #[param(symbol = "q_border/(1-s_border)", default = "0.714", prior = "beta(5, 2)", grade = Assumed, why = "prototype value, one for all zones", lever)]
    pub caught_border: Share,
    /// Probability that a cell at a border that neither succeeds nor is caught is killed; the others turn back.
    #[param(symbol = "k_border/(k_border+r_border)", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "prototype value, one for all zones")]
    pub killed_border: Share,
}

/// Whom a soldier commands among those who can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nobody.
    None,
    /// His squad.
    Squad,
    /// The whole platoon.
    Platoon,
}

/// Somebody who asks or can be asked.
#[derive(Clone, Copy, Debug)]
pub struct Mate {
    /// Key of the person.
    pub key: u64,
    /// His squad.
    pub squad: u32,
    /// Whether he shows that he is not loyal.
    pub sign: Sign,
    /// Whether he informs.
    pub informer: Informer,
    /// Private loyalty.
    pub private_loyalty: f64,
}

/// What costs much to know of the initiator (`None`) and his mates, looked up for those of whom it is asked.
pub struct Lookups<T, H, C> {
    /// Trust of one in a mate.
    pub trust: T,
    /// Hazard of a mate relative to the reference soldier, `exp(eta - alpha)`; infinite where his rule says that he leaves now.
    pub relative_hazard: H,
    /// Whom one commands.
    pub command: C,
}

/// Draws of cells.
#[derive(Clone, Copy, Debug)]
pub struct CellDraws {
    /// Keys of pairs.
    pub pair: Draws,
    /// Who joins.
    pub join: Draws,
    /// Who reports.
    pub report: Draws,
}

/// What came of asking. Indices into the mates, in order of asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Those who join.
    pub joined: Vec<usize>,
    /// Those who were told.
    pub told: Vec<usize>,
    /// Those who report the plan.
    pub reporters: Vec<usize>,
}

/// Asks until nobody is left who asks. The initiator is not among the mates.
pub fn gather<T, H, C>(
    params: &Params,
    watch: &denunciation::Params,
    draws: &CellDraws,
    initiator: &Mate,
    day: u32,
    mates: &[Mate],
    known: &Lookups<T, H, C>,
) -> Cell
where
    T: Fn(Option<usize>, usize) -> f64,
    H: Fn(usize) -> f64,
    C: Fn(Option<usize>) -> Command,
{
    let mut cell = Cell::default();
    if params.asked < 1.0 {
        return cell;
    }
    let mut asked = vec![false; mates.len()];
    let mut queue = VecDeque::from([None]);
    let odds = math::exp(params.join);
    while let Some(asker) = queue.pop_front() {
        let person = asker.map_or(initiator, |m: usize| &mates[m]);
        let command = (known.command)(asker);
        for mate in choose(params, draws.pair, (person, command), mates, &asked, |m| (known.trust)(asker, m)) {
            asked[mate] = true;
            cell.told.push(mate);
            let Mate { key, informer, private_loyalty, .. } = mates[mate];
            let relative_hazard = (known.relative_hazard)(mate);
            let pair = draws.pair.hash(person.key, key);
            let reports = draws.report.uniform(pair, u64::from(day))
                < denunciation::reports_plan(watch, informer, private_loyalty);
            let weight = odds * relative_hazard;
            let willing =
                relative_hazard.is_infinite() || draws.join.uniform(pair, u64::from(day)) < weight / (1.0 + weight);
            // An informer decides on reporting first; another reports only what he does not join.
            if willing && !(reports && informer == Informer::Yes) {
                cell.joined.push(mate);
                queue.push_back(Some(mate));
            } else if reports {
                cell.reporters.push(mate);
            }
        }
    }
    cell
}

/// Mates whom a member asks, in order.
fn choose(
    params: &Params,
    pair: Draws,
    (person, command): (&Mate, Command),
    mates: &[Mate],
    asked: &[bool],
    trust: impl Fn(usize) -> f64,
) -> Vec<usize> {
    let open = (0..mates.len()).filter(|m| !asked[*m]);
    let commanded = |m: &usize| match command {
        Command::None => false,
        Command::Squad => mates[*m].squad == person.squad,
        Command::Platoon => true,
    };
    let least = params.trust_threshold.value();
    let confided = |m: &usize| mates[*m].sign == Sign::Shown && trust(*m) > least;
    // Positive numbers order as their bits; ties in trust, which are many, fall to an addressed order.
    let order =
        |m: &usize| (Reverse(trust(*m).max(0.0).to_bits()), pair.hash(person.key, mates[*m].key), mates[*m].key);
    if command == Command::None {
        let mut all: Vec<usize> = open.filter(confided).collect();
        all.sort_by_cached_key(order);
        all.truncate(params.asked as usize);
        all
    } else {
        let mut all: Vec<usize> = open.filter(commanded).collect();
        all.sort_by_cached_key(order);
        all
    }
}

/// How a cell that left ends.
#[must_use]
pub fn outcome(shares: &[f64; OUTCOMES], u: f64) -> EventKind {
    let [success, caught, killed, _] = shares;
    if u < *success {
        EventKind::Deserted
    } else if u < success + caught {
        EventKind::CaughtLeaving
    } else if u < success + caught + killed {
        EventKind::KilledLeaving
    } else {
        EventKind::TurnedBack
    }
}

/// Ways a cell can end.
pub const OUTCOMES: usize = 4;

/// Probabilities of success, caught, killed, returned in a zone. `catch_factor` scales the share caught, in favour of success.
#[must_use]
pub fn shares(params: &Params, zone: Zone, catch_factor: f64) -> [f64; OUTCOMES] {
    let (success, caught, killed) = match zone {
        Zone::Rear => (params.success_rear, params.caught_rear, params.killed_rear),
        Zone::Front => (params.success, params.caught, params.killed),
        Zone::Border => (params.success_border, params.caught_border, params.killed_border),
    };
    let (success, caught, killed) = (success.value(), caught.value(), killed.value());
    let rest = (1.0 - success) * (1.0 - caught);
    let caught = (1.0 - success) * caught;
    let spared = caught * (1.0 - catch_factor);
    [success + spared, caught - spared, rest * killed, rest * (1.0 - killed)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    fn defaults() -> Params {
        Params::from_resolved(&testing::defaults(Params::META)).expect("complete")
    }

    fn watch() -> denunciation::Params {
        denunciation::Params::from_resolved(&testing::defaults(denunciation::Params::META)).expect("complete")
    }

    fn draws(seed: u64) -> CellDraws {
        let of = |purpose| Draws::new(Seed(seed), purpose);
        CellDraws { pair: of(Purpose::Confide), join: of(Purpose::Join), report: of(Purpose::CellReport) }
    }

    fn mate(key: u64, squad: u32) -> Mate {
        Mate { key, squad, sign: Sign::Shown, informer: Informer::No, private_loyalty: -50.0 }
    }

    /// What comes of asking mates who all join readily, on a day, given whom the initiator commands and the trust in each mate.
    fn gathered(
        params: &Params,
        draws: &CellDraws,
        (initiator, command): (&Mate, Command),
        day: u32,
        mates: &[Mate],
        trust: impl Fn(usize) -> f64,
    ) -> Cell {
        let known = Lookups {
            trust: |_, mate| trust(mate),
            relative_hazard: |_| 50.0,
            command: |asker: Option<usize>| if asker.is_none() { command } else { Command::None },
        };
        gather(params, &watch(), draws, initiator, day, mates, &known)
    }

    fn platoon() -> Vec<Mate> {
        (0..29).map(|i| mate(100 + i, i as u32 / 10)).collect()
    }

    #[test]
    fn outcomes_sum_to_one() {
        for zone in [Zone::Rear, Zone::Front, Zone::Border] {
            for factor in [0.0, 0.5, 1.0] {
                assert!((shares(&defaults(), zone, factor).iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
        }
        let shares = shares(&defaults(), Zone::Front, 1.0);
        assert!((shares[1] - 0.5).abs() < 1e-3 && (shares[2] - 0.1).abs() < 1e-3);
        assert_eq!(outcome(&shares, 0.0), EventKind::Deserted);
        assert_eq!(outcome(&shares, 0.999_999), EventKind::TurnedBack);
    }

    #[test]
    fn a_cell_takes_each_mate_once() {
        let cell = gathered(&defaults(), &draws(5), (&mate(1, 0), Command::None), 3, &platoon(), |_| 1.0);
        let mut unique = cell.joined.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), cell.joined.len());
        assert!(cell.joined.len() > 18, "joiners confide in turn: {}", cell.joined.len());
        let told = cell.told.len();
        assert!(cell.joined.len() <= told && told <= 29);
        let alone = Params { join: -100.0, ..defaults() };
        assert!(gathered(&alone, &draws(5), (&mate(1, 0), Command::None), 3, &platoon(), |_| 1.0).joined.is_empty());
    }

    #[test]
    fn only_trusted_disloyal_faces_are_told() {
        let mut mates = platoon();
        for mate in mates.iter_mut().take(20) {
            mate.sign = Sign::None;
        }
        let trust = |m: usize| if m < 25 { 0.9 } else { 0.1 };
        let asks = |command| gathered(&defaults(), &draws(6), (&mate(1, 0), command), 3, &mates, trust);
        let cell = asks(Command::None);
        assert!(!cell.told.is_empty() && cell.told.iter().all(|m| (20..25).contains(m)), "{:?}", cell.told);
        let cell = asks(Command::Squad);
        assert!((0..10).all(|m| cell.told.contains(&m)), "all of his squad are asked");
    }

    #[test]
    fn a_clean_cell_has_the_hypergeometric_probability() {
        // A13: squad of ten with one informer, initiator not one; k - 1 of the nine others are told.
        let trials = 20_000_u64;
        for (k, expected) in [(2, 0.889), (3, 0.778), (5, 0.556)] {
            let params = Params { asked: f64::from(k - 1), join: -100.0, ..defaults() };
            let clean = (0..trials)
                .filter(|trial| {
                    let mut mates: Vec<Mate> = (0..9).map(|i| mate(trial * 10 + i, 0)).collect();
                    mates[4].informer = Informer::Yes;
                    let cell =
                        gathered(&params, &draws(9), (&mate(u64::MAX - trial, 0), Command::None), 0, &mates, |_| 1.0);
                    !cell.told.contains(&4)
                })
                .count() as f64
                / trials as f64;
            let standard_error = (expected * (1.0 - expected) / trials as f64).sqrt();
            assert!((clean - expected).abs() < 4.0 * standard_error + 5e-4, "k {k}: {clean} against {expected}");
        }
    }

    #[test]
    fn informers_report_at_their_rate_and_do_not_join_what_they_report() {
        let trials = 20_000_u64;
        let params = Params { asked: 1.0, ..defaults() };
        let reported = (0..trials)
            .filter(|trial| {
                let mates = [Mate { informer: Informer::Yes, ..mate(trial * 2, 0) }];
                let cell = gathered(&params, &draws(2), (&mate(trial * 2 + 1, 0), Command::None), 0, &mates, |_| 1.0);
                assert!(cell.reporters.is_empty() || cell.joined.is_empty());
                !cell.reporters.is_empty()
            })
            .count() as f64
            / trials as f64;
        assert!((reported - 0.35).abs() < 4.0 * (0.35 * 0.65 / trials as f64).sqrt(), "{reported}");
    }
}
