//! The pilot population: turns birth rates per woman into base hazards of eligible couples.
//!
//! Rates count all women, hazards apply to couples who are at risk: married, not within the spacing after a birth, of a given parity and
//! fertility. The ratio follows from the rules, not from the country being built, so it is measured once on a population of fixed scale
//! and fixed seed that runs under the same rules; every quarter its base hazards are solved so that expected births equal the rates.
//! No decision of the country reads a count of the country.

use crate::mechanism::demography::birth::{self, FRAILTY_CLASSES, PARITY_CLASSES, QUARTER_DAYS, QUARTERS};
use crate::society::control::{self, Bearing};
use crate::society::fertility::{BaseHazards, Fertility};
use crate::society::history::{self, Due, History, HistoryParams, Input, Spouse};
use crate::society::person::{MarriageId, PersonId};
use crate::society::rates::{FERTILE_FROM, FERTILE_GROUPS, FOUNDING_YEAR, GROUP, Rates, Sex, mid_year};
use crate::synth::founders;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Share of the population simulated by the pilot.
const PILOT_SCALE: f64 = 0.01;
/// Seed of the pilot, the same for every run.
const PILOT_SEED: Seed = Seed(0x1955_0701);

/// A pilot that has run: what every country of its rates, parameters and day of the freeze takes over from it, whatever its seed and scale.
pub struct Pilot<'a> {
    pub(crate) params: &'a HistoryParams,
    pub(crate) freeze: Day,
    /// With the famine, and offset so that the rates of all are the published ones though those under penalties die more often.
    pub(crate) rates: Rates,
    /// Base hazards of births for the whole history.
    pub(crate) births: BaseHazards,
}

impl<'a> Pilot<'a> {
    /// Runs the pilot.
    #[must_use]
    pub fn run(rates: &Rates, params: &'a HistoryParams, freeze: Day, pool: &Pool) -> Self {
        let uneven = rates.with_famine(params.death.famine_peak);
        let mut hazards = BaseHazards::default();
        let none = Fertility::new(mid_year(FOUNDING_YEAR), &hazards);
        let input = Input { rates: &uneven, params, seed: PILOT_SEED, scale: PILOT_SCALE, freeze };
        let mut history = History::new(input, none, &founders::deal(&input, pool), pool);
        let mut couples = Couples::default();
        for year in 0..history.calendar.len() {
            history::weddings(&mut history, year, pool);
            couples.keep(&history, history.calendar.first_day(year));
            let women = women_by_group(&history, history.calendar.first_day(year) + MIDDLE_OF_YEAR, pool);
            for quarter in 0..QUARTERS {
                solve_quarter(&mut history, &mut hazards, &couples, &women, year * QUARTERS + quarter, pool);
                history::births(&mut history, year, pool);
            }
            control::year(&mut history, year, pool);
        }
        // The last step is shorter than a year and leap days shift quarters by a day: one more row covers the remainder.
        hazards.base.push(hazards.base[hazards.base.len() - 1]);
        hazards.parity.push(hazards.parity[hazards.parity.len() - 1]);
        let punished = control::punished_shares(&history, pool);
        Self { params, freeze, rates: punished.offset(&uneven, &params.control.camp), births: hazards }
    }
}

const MIDDLE_OF_YEAR: i32 = 182;
/// Couples looked at together by one thread.
const CHUNK: usize = 4_096;

/// Couples that can still have children.
#[derive(Default)]
struct Couples {
    fertile: Vec<Fertile>,
    seen: usize,
}

/// One of them: its next birth but for the day, and the earliest first birth.
struct Fertile {
    couple: Due,
    from: f64,
}

impl Couples {
    /// Takes in new marriages and drops those past fertility on `day`.
    fn keep(&mut self, history: &History<'_>, day: Day) {
        let (persons, marriages) = (&history.persons, &history.marriages);
        let delay = history.input.params.birth.first_delay.0;
        let spouse = |p: PersonId| Spouse {
            key: persons.life[p].key,
            birth: persons.life[p].birth,
            death: persons.life[p].death,
        };
        self.fertile.extend((self.seen..marriages.len()).map(MarriageId::from_row).map(|marriage| {
            let (wife, husband, day) =
                (marriages.wife[marriage], marriages.husband[marriage], marriages.start[marriage]);
            let prospects = history.prospects(spouse(wife), spouse(husband));
            let couple = Due {
                pair: prospects.pair,
                wife_key: persons.life[wife].key,
                wife,
                husband,
                day,
                wife_birth: persons.life[wife].birth,
                fertile_until: prospects.fertile_until,
                frailty: prospects.frailty,
            };
            Fertile { couple, from: f64::from(day.0) + delay }
        }));
        self.seen = marriages.len();
        self.fertile.retain(|f| f.couple.fertile_until > day);
    }
}

/// A couple at risk in a quarter.
struct AtRisk<'a> {
    couple: &'a Due,
    group: u8,
    births: u8,
    weight: f64,
    from: f64,
}

/// Solves the base hazards of one quarter and puts the quarter's births into the calendar.
fn solve_quarter(
    history: &mut History<'_>,
    hazards: &mut BaseHazards,
    couples: &Couples,
    women: &[f64; FERTILE_GROUPS],
    quarter: usize,
    pool: &Pool,
) {
    let start = f64::from(history.calendar.start().0) + quarter as f64 * QUARTER_DAYS;
    let end = (start + QUARTER_DAYS).min(f64::from(history.input.freeze.0));
    let period = history.input.rates.period(Day(start as i32 + 1));
    let parity = birth::parity_factors(&history.input.params.birth, history.input.rates.total_fertility(period));
    let (at_risk, married) = couples_at_risk(history, couples, (start, end), &parity, pool);
    let years = (end - start).max(0.0) / DAYS_PER_YEAR;
    let most = history.input.params.birth.most.per_day_value() * DAYS_PER_YEAR;
    let mut target = [0.0; FERTILE_GROUPS];
    for group in 0..FERTILE_GROUPS {
        target[group] += women[group] * history.input.rates.births(period)[group] * years;
        let cap = most * married[group] * years;
        if group + 1 < FERTILE_GROUPS && target[group] > cap {
            target[group + 1] += target[group] - cap;
            target[group] = cap;
        }
    }
    let mut exposed = married.map(|wives| Vec::with_capacity(wives as usize));
    for risk in &at_risk {
        exposed[usize::from(risk.group)].push(Exposed { weight: risk.weight, days: end - risk.from });
    }
    let solved = pool.map(FERTILE_GROUPS, |group| solve(&exposed[group], target[group]));
    let base: [f64; FERTILE_GROUPS] = std::array::from_fn(|group| solved[group]);
    let draws = Draws::new(history.input.seed, Purpose::Birth);
    let birth = |risk: &AtRisk| {
        let hazard = base[usize::from(risk.group)] * risk.weight;
        let u = draws.uniform(risk.couple.pair, u64::from(risk.births) << 32 | quarter as u64);
        // Most couples have no child in a quarter.
        let wait = math::resistance_below(u, hazard * (end - risk.from + ROUNDING_DAYS))? / hazard;
        (risk.from + wait < end).then(|| Due { day: Day((risk.from + wait).floor() as i32), ..*risk.couple })
    };
    let born =
        pool.map_chunks_of(at_risk.len(), CHUNK, |range| at_risk[range].iter().filter_map(birth).collect::<Vec<_>>());
    for due in born.into_iter().flatten() {
        history.births.add(&history.calendar, due);
    }
    hazards.base.push(base);
    hazards.parity.push(parity);
}

/// Couples that can have a child in the quarter between two days, and married women by age group.
fn couples_at_risk<'a>(
    history: &History<'_>,
    couples: &'a Couples,
    quarter: (f64, f64),
    parity: &[f64; PARITY_CLASSES],
    pool: &Pool,
) -> (Vec<AtRisk<'a>>, [f64; FERTILE_GROUPS]) {
    let chunks = pool.map_chunks_of(couples.fertile.len(), CHUNK, |range| {
        some_at_risk(history, &couples.fertile[range], quarter, parity)
    });
    let (mut at_risk, mut married) = (Vec::with_capacity(couples.fertile.len()), [0.0; FERTILE_GROUPS]);
    for (of_chunk, counts) in chunks {
        at_risk.extend(of_chunk);
        married.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    (at_risk, married)
}

/// The same of a chunk of the couples.
fn some_at_risk<'a>(
    history: &History<'_>,
    couples: &'a [Fertile],
    (start, end): (f64, f64),
    parity: &[f64; PARITY_CLASSES],
) -> (Vec<AtRisk<'a>>, [f64; FERTILE_GROUPS]) {
    let persons = &history.persons;
    let params = &history.input.params.birth;
    let (mut at_risk, mut married) = (Vec::with_capacity(couples.len()), [0.0; FERTILE_GROUPS]);
    for fertile in couples {
        let couple = &fertile.couple;
        // Couples kept apart by a camp have no children: the others' hazards make up for them.
        if control::bearing(history, couple.wife, couple.husband, Day(start as i32)) != Bearing::Now {
            continue;
        }
        let age = (f64::midpoint(start, end) - f64::from(couple.wife_birth.0)) / DAYS_PER_YEAR;
        let group = (age as usize).wrapping_sub(FERTILE_FROM) / GROUP;
        if f64::from(couple.fertile_until.0) < end || group >= FERTILE_GROUPS {
            continue;
        }
        married[group] += 1.0;
        let births = persons.links[couple.wife].births;
        let last = persons.links[couple.wife]
            .last_child
            .map_or(f64::MIN, |c| f64::from(persons.life[c].birth.0) + params.spacing.0);
        let from = fertile.from.max(last).max(start);
        if from >= end {
            continue;
        }
        let weight = history.frailty[couple.frailty as usize] * parity[birth::parity_class(births)];
        at_risk.push(AtRisk { couple, group: group as u8, births, weight, from });
    }
    (at_risk, married)
}

fn women_by_group(history: &History<'_>, day: Day, pool: &Pool) -> [f64; FERTILE_GROUPS] {
    let persons = &history.persons;
    let counts = pool.map_chunks(persons.len(), |range| {
        let mut women = [0_u64; FERTILE_GROUPS];
        for person in range.map(PersonId::from_row) {
            if persons.links[person].sex == Sex::Female && persons.alive(person, day) {
                let group = (day.years_since(persons.life[person].birth) as usize).wrapping_sub(FERTILE_FROM) / GROUP;
                if let Some(count) = women.get_mut(group) {
                    *count += 1;
                }
            }
        }
        women
    });
    std::array::from_fn(|group| counts.iter().map(|chunk| chunk[group]).sum::<u64>() as f64)
}

/// What a couple at risk in a quarter adds to the expected births of its group.
struct Exposed {
    weight: f64,
    /// Days at risk.
    days: f64,
}

/// Base hazard at which the expected births of a group reach the target, by bisection; zero where nobody is at risk.
fn solve(at_risk: &[Exposed], target: f64) -> f64 {
    // Couples with like weights and days at risk are counted together: the sum is over bins, not couples.
    let mut bins = vec![(0.0_f64, 0.0_f64); FRAILTY_CLASSES * PARITY_CLASSES * DAY_BINS];
    let largest = at_risk.iter().map(|c| c.weight).fold(0.0, f64::max);
    if at_risk.is_empty() || target <= 0.0 {
        return 0.0;
    }
    let scale = (bins.len() - 1) as f64;
    for couple in at_risk {
        let exposure = couple.weight * couple.days;
        let bin = &mut bins[(exposure / (largest * QUARTER_DAYS) * scale) as usize];
        *bin = (bin.0 + 1.0, bin.1 + exposure);
    }
    let expected = |hazard: f64| -> f64 {
        bins.iter().filter(|b| b.0 > 0.0).map(|b| -b.0 * math::exp_m1(-hazard * b.1 / b.0)).sum()
    };
    if expected(LARGEST_HAZARD) < target {
        return LARGEST_HAZARD;
    }
    solve_increasing(target, expected)
}

/// Base hazard at which an increasing function of it reaches the target, to nine digits.
fn solve_increasing(target: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, LARGEST_HAZARD);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if f(middle) < target { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

const HALVINGS: usize = 30;
const DAY_BINS: usize = 2;
/// More than sums of days are rounded by.
const ROUNDING_DAYS: f64 = 1e-6;
/// A base hazard that no couple of a real population reaches, per day.
const LARGEST_HAZARD: f64 = 0.05;
