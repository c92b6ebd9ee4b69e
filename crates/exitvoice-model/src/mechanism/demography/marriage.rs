//! # Marriage
//! Who looks for a spouse when, and who finds whom in a market cell.
//!
//! ## Equation
//! first search at age `max(onset, mean(cohort) + sd z)`, z of the Coale-McNeil schedule; a woman wants a husband `g ~ N(gap, gap_sd)` years older and
//! takes the nearest free man of her cell, within `gap_reach` years of g first, then within three times that,
//! then up to `gap_most` years older
//! ## Symbols
//! mean: of women, `mean_early` for those who marry before 1960, linear to `mean_late` in 2008; men `gap` later
//! ## Resolution
//! a year at a time; a cell holds the seekers of one province and one value of hash(key) mod m, about 64 new women
//! a year; women are served in addressed order; who finds nobody waits; with probability `homogamy` a woman
//! searches her own class only; parents, grandparents, siblings, aunts, uncles and first cousins are not married; widowed persons may search
//! again after a pause
//! ## Not modelled
//! divorce; remarriage by class; wealth; matchmaking across provinces
//! ## Sources
//! `dprk_census2008`: first marriage at 25.5 and 29.0 years, here .4 years after the first search; `coale1972`: shape of the schedule; Family Law
//! of 1990, article 10: blood kin to the eighth degree do not marry (here those who share a grandparent or nearer)
//! ## Claims
//! C1 no man is taken twice (`a_cell_pairs_each_seeker_once`); C2 a restricted woman marries inside her class
//! (`a_cell_pairs_each_seeker_once`); C3 near kin do not marry (`near_kin_do_not_marry`)

use crate::schedule::{Spec, Stage};
use crate::society::market::{Market, View};
use crate::society::nuptiality::Nuptiality;
use crate::society::person::Class;
use crate::society::rates::Sex;
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, ModelVersion, Seed, Share};
use exitvoice_core::rng::{Block, Draws, Purpose};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "demography.marriage",
    stage: Stage::Marriage,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["persons.birth", "persons.death", "persons.class", "persons.province", "persons.mother", "persons.father"],
    writes: &["persons.marriage", "marriages"],
    posts: &[],
};

/// Parameters of marriage.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "demography.marriage", part = History)]
pub struct Params {
    /// Mean age of women at their first search before 1960.
    #[param(default = "21 yr", prior = "normal(21 yr, 1 yr)", grade = Assumed, source = "", why = "births of the 1950s-80s need early marriage; no census before 1993")]
    pub mean_early: Days,
    /// Mean age of women at their first search in 2008 and later.
    #[param(default = "25.1 yr", prior = "normal(25.1 yr, 0.5 yr)", grade = Measured, source = "dprk_census2008", why = "25.5 at first marriage, which comes .4 years after the first search here")]
    pub mean_late: Days,
    /// Standard deviation of the age at first search.
    #[param(default = "3.5 yr", prior = "normal(3.5 yr, 0.5 yr)", grade = Assumed, why = "between Japan and Korea of the same decades")]
    pub spread: Days,
    /// Least age at first search.
    #[param(default = "15 yr", prior = "uniform(14 yr, 17 yr)", grade = Assumed, why = "births at 15-19 in the 1950s need it")]
    pub onset: Days,
    /// Mean wanted age gap, husband older.
    #[param(default = "3.5 yr", prior = "normal(3.5 yr, 0.5 yr)", grade = Measured, source = "dprk_census2008", why = "29.0 less 25.5")]
    pub gap: Days,
    /// Standard deviation of the wanted age gap.
    #[param(default = "2.5 yr", prior = "normal(2.5 yr, 0.5 yr)", grade = Assumed, why = "usual spread where men marry later")]
    pub gap_spread: Days,
    /// Distance from the wanted gap accepted in the first round of search.
    #[param(default = "3 yr", prior = "normal(3 yr, 1 yr)", grade = Assumed, why = "near matches before far ones")]
    pub gap_reach: Days,
    /// Largest age gap.
    #[param(default = "20 yr", prior = "uniform(15 yr, 25 yr)", grade = Assumed, why = "men were scarce in 1955: .62 per woman of the usual ages")]
    pub gap_most: Days,
    /// Share of women whose search is restricted to their own class.
    #[param(symbol = "a", default = "0.8", prior = "beta(8, 2)", grade = Assumed, why = "unknown; sweep .5-.95")]
    pub homogamy: Share,
    /// Share of widowers under 60 who search again.
    #[param(default = "0.7", prior = "beta(7, 3)", grade = Assumed, why = "no source found")]
    pub widower_returns: Share,
    /// Share of widows under 45 who search again.
    #[param(default = "0.4", prior = "beta(4, 6)", grade = Assumed, why = "no source found")]
    pub widow_returns: Share,
    /// Pause between the spouse's death and the new search.
    #[param(default = "2 yr", prior = "normal(2 yr, 0.5 yr)", grade = Assumed, why = "mourning; no source found")]
    pub widowed_pause: Days,
}

/// Oldest age at which a widow searches again, in years.
const WIDOW_LIMIT_YEARS: f64 = 45.0;
/// The same for widowers.
const WIDOWER_LIMIT_YEARS: f64 = 60.0;
/// Age after which a woman gives up the search, in years.
const WOMAN_GIVES_UP_YEARS: f64 = 50.0;
/// The same for men.
const MAN_GIVES_UP_YEARS: f64 = 65.0;
/// Year until which the schedule stays.
const EARLY_UNTIL_YEAR: f64 = 1960.0;
/// Year from which it stays.
const LATE_FROM_YEAR: f64 = 2008.0;
/// Year of day zero of [`Day`].
const DAY_ZERO_YEAR: f64 = 1970.0;

/// Day on which a person first looks for a spouse; the second value of the person's block of purpose `Life` decides.
#[must_use]
pub fn first_search(params: &Params, schedule: &Nuptiality, life: Block, sex: Sex, birth: Day) -> Day {
    let birth_year = DAY_ZERO_YEAR + f64::from(birth.0) / DAYS_PER_YEAR;
    let women = mean_age_of_women(params, birth_year);
    let mean = if sex == Sex::Female { women } else { women + params.gap.0 };
    let age = (mean + params.spread.0 * schedule.quantile(life.second())).max(params.onset.0);
    Day(birth.0 + age as i32)
}

/// Mean age at first search, in days, of women born in `birth_year`: the schedule moves with the year in which they marry.
fn mean_age_of_women(params: &Params, birth_year: f64) -> f64 {
    let (early, late) = (params.mean_early.0, params.mean_late.0);
    let slope = (late - early) / (LATE_FROM_YEAR - EARLY_UNTIL_YEAR);
    // Solves mean = early + slope (birth_year + mean / year - 1960) for the mean.
    let linear = (early + slope * (birth_year - EARLY_UNTIL_YEAR)) / (1.0 - slope / DAYS_PER_YEAR);
    linear.clamp(early, late)
}

/// Day on which the survivor of a marriage that ended on `end` searches again, if ever.
#[must_use]
pub fn next_search(params: &Params, draws: Draws, key: u64, sex: Sex, birth: Day, end: Day) -> Option<Day> {
    let day = Day(end.0.saturating_add(params.widowed_pause.0 as i32));
    let (share, limit) = match sex {
        Sex::Female => (params.widow_returns, WIDOW_LIMIT_YEARS),
        Sex::Male => (params.widower_returns, WIDOWER_LIMIT_YEARS),
    };
    let again = day.years_since(birth) < limit && draws.uniform(key, u64::from(end.0.unsigned_abs())) < share.value();
    again.then_some(day)
}

/// Whom a woman would like, settled when her search begins.
#[derive(Clone, Copy, Debug)]
pub struct Taste {
    /// Date of birth of the husband she would like.
    wanted: Day,
    /// Whether she searches her own class only.
    own_class: bool,
}

/// Somebody in the market of one cell.
#[derive(Clone, Copy, Debug)]
pub struct Seeker {
    /// Key.
    pub key: u64,
    /// Row in the table of persons, carried through, never read here.
    pub row: u32,
    /// Date of birth.
    pub birth: Day,
    /// Date of death: nobody marries after it.
    pub death: Day,
    /// First day of the search.
    pub due: Day,
    /// Class.
    pub class: Class,
    /// Whom she would like; of a man never read.
    pub taste: Taste,
    /// Parents and grandparents.
    pub forebears: Forebears,
}

/// Two parents and four grandparents.
pub const FOREBEARS: usize = 6;
/// Parents and grandparents of somebody, as stored rows (row + 1), 0 where unknown.
pub type Forebears = [u32; FOREBEARS];
/// Forebears of whom none is known.
pub const UNKNOWN: Forebears = [0; FOREBEARS];

/// Whether two seekers are near kin: one is a parent or grandparent of the other, or they have one in common (first cousins or nearer).
#[must_use]
pub fn near_kin(a: &Seeker, b: &Seeker) -> bool {
    let descends = |of: &Seeker, from: &Seeker| of.forebears.contains(&(from.row + 1));
    let common = |forebear: &u32| *forebear != 0 && b.forebears.contains(forebear);
    descends(a, b) || descends(b, a) || a.forebears.iter().any(common)
}

/// A wedding found by a cell.
#[derive(Clone, Copy, Debug)]
pub struct Couple {
    /// Bride.
    pub wife: Seeker,
    /// Groom.
    pub husband: Seeker,
    /// Wedding day.
    pub day: Day,
}

/// Draws of the market.
#[derive(Clone, Copy, Debug)]
pub struct MarketDraws {
    /// Order of a woman in a year; the second value is the wedding day of one who waited.
    order: Draws,
    /// Wanted age gap of a woman; the second value is whether she searches her own class only.
    want: Draws,
}

impl MarketDraws {
    /// Draws under the Society's seed.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { order: Draws::new(seed, Purpose::MarketOrder), want: Draws::new(seed, Purpose::AgeGap) }
    }

    /// Whom a person with this key would like; men are chosen and have none of their own, so theirs is not drawn.
    #[must_use]
    pub fn taste(&self, params: &Params, sex: Sex, key: u64, birth: Day) -> Taste {
        if sex == Sex::Male {
            return Taste { wanted: birth, own_class: false };
        }
        let taste = self.want.block(key, 0);
        let gap = params.gap.0 + params.gap_spread.0 * math::normal_quantile(taste.uniform());
        Taste { wanted: birth + -(gap as i32), own_class: taste.second() < params.homogamy.value() }
    }
}

/// Takes the dead and those past the age of giving up off the market.
pub fn leave_market(women: &mut Vec<Seeker>, men: &mut Vec<Seeker>, from: Day) {
    let searches = |s: &Seeker, until: f64| s.death > from && f64::from(from - s.birth) < until * DAYS_PER_YEAR;
    women.retain(|w| searches(w, WOMAN_GIVES_UP_YEARS));
    men.retain(|m| searches(m, MAN_GIVES_UP_YEARS));
}

/// A woman's search in a year.
#[derive(Clone, Copy)]
struct Want {
    order: u64,
    index: u32,
    /// Wedding day if she finds somebody.
    day: Day,
    married: bool,
}

/// Pairs the seekers of one cell for the year that starts on `from` and ends before `until`. Who marries leaves the lists.
pub fn pair_cell(
    params: &Params,
    draws: &MarketDraws,
    women: &mut Vec<Seeker>,
    men: &mut Vec<Seeker>,
    from: Day,
    until: Day,
) -> Vec<Couple> {
    let mut wants: Vec<Want> =
        women.iter().enumerate().map(|(index, woman)| want(draws, index, woman, from, until)).collect();
    let key = |want: &Want| women[want.index as usize].key;
    wants.sort_unstable_by(|a, b| a.order.cmp(&b.order).then_with(|| key(a).cmp(&key(b))));
    // Those who waited stand in order already.
    men.sort_by_key(|m| (m.birth, m.key));
    let mut market = Market::new(men);
    let view = |want: &Want| {
        let Seeker { class, taste, .. } = &women[want.index as usize];
        market.view(taste.own_class.then_some(*class), taste.wanted.0)
    };
    let views: Vec<View> = wants.iter().map(view).collect();
    let mut couples = Vec::new();
    let reach = params.gap_reach.0;
    for round in [reach, WIDER * reach, f64::INFINITY] {
        let (back, forth) = (round.min(ANY_DAYS) as i32, round.min(YOUNGER_LIMIT_DAYS) as i32);
        for (want, view) in wants.iter_mut().zip(&views).filter(|(want, _)| !want.married) {
            let woman = &women[want.index as usize];
            let wanted = woman.taste.wanted.0;
            let oldest = woman.birth.0 - params.gap_most.0 as i32;
            let range = (oldest.max(wanted.saturating_sub(back)), wanted.saturating_add(forth));
            let fits = |m: &Seeker| m.death > want.day && m.due <= want.day && !near_kin(woman, m);
            if woman.death > want.day
                && let Some(found) = market.nearest(*view, range, |man| fits(&men[man]))
            {
                market.take(found, men[found].class);
                want.married = true;
                couples.push(Couple { wife: *woman, husband: men[found], day: want.day });
            }
        }
    }
    let mut married = vec![false; women.len()];
    for want in &wants {
        married[want.index as usize] = want.married;
    }
    retain_unset(women, &married);
    retain_unset(men, market.taken());
    couples
}

fn want(draws: &MarketDraws, index: usize, woman: &Seeker, from: Day, until: Day) -> Want {
    let turn = draws.order.block(woman.key, u64::from(from.0.unsigned_abs()));
    // A new seeker marries on the day her search begins, one who waited on an addressed day of the year.
    let waited = Day(from.0 + (turn.second() * f64::from(until - from)) as i32);
    let day = if woman.due >= from { woman.due } else { waited };
    Want { order: turn.hash(), index: index as u32, day, married: false }
}

/// The second round looks this many times as far as the first.
const WIDER: f64 = 3.0;
/// More days than any age gap.
const ANY_DAYS: f64 = 1e6;
/// How much younger than wanted a husband may be in the last round.
const YOUNGER_LIMIT_DAYS: f64 = 8.0 * DAYS_PER_YEAR;

fn retain_unset(seekers: &mut Vec<Seeker>, set: &[bool]) {
    let mut index = 0;
    seekers.retain(|_| {
        index += 1;
        !set[index - 1]
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::param::ParamMeta;
    use std::collections::{BTreeMap, BTreeSet};

    fn params() -> Params {
        let values: BTreeMap<String, f64> =
            Params::META.iter().map(|m: &ParamMeta| (m.key.to_owned(), m.default_value().expect("valid"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    fn seekers(params: &Params, sex: Sex, n: u64, birth_year: i16, class_of: impl Fn(u64) -> Class) -> Vec<Seeker> {
        let first = 1_000 * sex as u64;
        (0..n)
            .map(|i| Seeker {
                key: first + i,
                row: i as u32,
                birth: Day::new_year(birth_year) + (i as i32 * 37) % 1_400,
                death: Day(i32::MAX),
                due: Day::new_year(1990),
                class: class_of(i),
                taste: MarketDraws::new(Seed(1)).taste(
                    params,
                    sex,
                    first + i,
                    Day::new_year(birth_year) + (i as i32 * 37) % 1_400,
                ),
                forebears: UNKNOWN,
            })
            .collect()
    }

    #[test]
    fn a_cell_pairs_each_seeker_once() {
        let params = Params { homogamy: Share::clamped(1.0), ..params() };
        let class = |i: u64| if i.is_multiple_of(3) { Class::Core } else { Class::Wavering };
        let (mut women, mut men) =
            (seekers(&params, Sex::Female, 64, 1966, class), seekers(&params, Sex::Male, 50, 1962, class));
        let from = Day::new_year(1990);
        let couples = pair_cell(&params, &MarketDraws::new(Seed(1)), &mut women, &mut men, from, Day::new_year(1991));
        assert!(couples.len() > 40, "{}", couples.len());
        assert_eq!(women.len() + couples.len(), 64);
        assert_eq!(men.len() + couples.len(), 50);
        let grooms: BTreeSet<u64> = couples.iter().map(|c| c.husband.key).collect();
        assert_eq!(grooms.len(), couples.len());
        assert!(couples.iter().all(|c| c.wife.class == c.husband.class && c.day >= from));
    }

    #[test]
    fn near_kin_do_not_marry() {
        let params = params();
        let of = |sex| seekers(&params, sex, 1, 1964, |_| Class::Core)[0];
        let (woman, man) = (Seeker { row: 40, ..of(Sex::Female) }, Seeker { row: 50, ..of(Sex::Male) });
        let with = |seeker: Seeker, forebears| Seeker { forebears, ..seeker };
        let kin = [
            ("brother", [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]),
            ("half-brother", [1, 2, 3, 4, 5, 6], [9, 2, 10, 11, 5, 6]),
            ("cousin", [1, 2, 3, 4, 5, 6], [7, 8, 3, 9, 10, 11]),
            ("uncle", [1, 2, 3, 4, 5, 6], [3, 4, 7, 8, 9, 10]),
            ("father", [51, 2, 3, 4, 5, 6], [3, 4, 0, 0, 0, 0]),
            ("grandson", [3, 4, 0, 0, 0, 0], [1, 2, 41, 5, 6, 7]),
        ];
        let wed = |a: Forebears, b: Forebears| {
            let (mut women, mut men) = (vec![with(woman, a)], vec![with(man, b)]);
            let from = Day::new_year(1990);
            pair_cell(&params, &MarketDraws::new(Seed(1)), &mut women, &mut men, from, Day::new_year(1991)).len()
        };
        for (who, a, b) in kin {
            assert_eq!(wed(a, b), 0, "{who}");
        }
        assert_eq!(wed([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]), 1);
        assert_eq!(wed(UNKNOWN, UNKNOWN), 1, "nobody is kin by not being known");
    }

    #[test]
    fn the_schedule_of_women_moves_between_1960_and_2008() {
        let params = params();
        assert!((mean_age_of_women(&params, 1930.0) / DAYS_PER_YEAR - 21.0).abs() < 1e-9);
        assert!((mean_age_of_women(&params, 1995.0) / DAYS_PER_YEAR - 25.1).abs() < 1e-9);
        let middle = mean_age_of_women(&params, 1961.0) / DAYS_PER_YEAR;
        assert!((middle - (21.0 + 4.1 * (1961.0 + middle - 1960.0) / 48.0)).abs() < 1e-9, "{middle}");
    }

    #[test]
    fn survivors_search_again_with_their_share_up_to_an_age_and_after_a_pause() {
        let (params, draws) = (params(), Draws::new(Seed(3), Purpose::Test));
        let (end, n) = (Day::new_year(1990), 20_000);
        for (sex, share, limit) in [
            (Sex::Female, params.widow_returns.value(), WIDOW_LIMIT_YEARS),
            (Sex::Male, params.widower_returns.value(), WIDOWER_LIMIT_YEARS),
        ] {
            let of_age = |years: f64| -> Vec<Day> {
                let birth = end + -((years * DAYS_PER_YEAR) as i32);
                (0..n).filter_map(|key| next_search(&params, draws, key, sex, birth, end)).collect()
            };
            let young = of_age(limit - params.widowed_pause.0 / DAYS_PER_YEAR - 1.0);
            let found = young.len() as f64 / n as f64;
            assert!((found - share).abs() < 4.0 * (share * (1.0 - share) / n as f64).sqrt(), "{found} {share}");
            assert!(young.iter().all(|day| *day == end + params.widowed_pause.0 as i32));
            // The age is that of the search, not that at the death.
            assert!(of_age(limit - 0.5 * params.widowed_pause.0 / DAYS_PER_YEAR).is_empty());
        }
    }
}
