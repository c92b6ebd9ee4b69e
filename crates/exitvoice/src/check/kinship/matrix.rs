//! Matrix models of kinship in one sex: expected living kin of a woman by her age, from survival and fertility by single age.
//!
//! After Caswell (2019), "The formal demography of kinship", Demographic Research 41: a vector of kin by age goes a year forward by
//! survival, and births of kin one step nearer are added to it. What is added at a step is a question of placing, see [`Placing`].

use exitvoice_core::math;
use exitvoice_model::synth::one_sex::SingleAgeRates;

/// Where a step puts its births.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placing {
    /// As published: a child born between two steps is of age 0 at the second, so mother and child differ by the mother's age at the first
    /// and one year more. The woman whose kin are counted is an exception: at age 0 her mother has the age of the births, without the
    /// year. All her sisters, and all kin through them, are a year younger than one convention for everybody gives.
    EndOfStep,
    /// As in [`exitvoice_model::synth::one_sex`]: births stand at the start of a step and the newborn lives through it like
    /// everybody else. Mother and child differ by the mother's age at the birth, for each pair of them.
    StartOfStep,
}

/// Expected living kin by age of the woman and age of the kin.
type ByAge = Vec<Vec<f64>>;

/// Living kin in the female line by age of the woman, `[age]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kin {
    pub(super) mother: Vec<f64>,
    pub(super) grandmother: Vec<f64>,
    pub(super) daughters: Vec<f64>,
    pub(super) sisters: Vec<f64>,
    pub(super) nieces: Vec<f64>,
    pub(super) aunts: Vec<f64>,
    pub(super) cousins: Vec<f64>,
}

struct Model<'a> {
    rates: &'a SingleAgeRates,
    placing: Placing,
    ages: usize,
    /// Ages of mothers at births in the stable population.
    mothers: Vec<f64>,
}

/// Expected kin at the rates, in the stable population that they lead to.
pub(super) fn kin(rates: &SingleAgeRates, placing: Placing) -> Kin {
    let model = Model::new(rates, placing);
    let own = |age: usize| (0..model.ages).map(|a| f64::from(u8::from(a == age))).collect::<Vec<f64>>();
    let none = vec![0.0; model.ages];
    let ego: ByAge = (0..model.ages).map(own).collect();
    let daughters = model.path(none.clone(), Some(&ego));
    let granddaughters = model.path(none.clone(), Some(&daughters));
    let mother = model.path(model.mothers.clone(), None);
    let grandmother = model.path(model.at_birth(&mother), None);
    let elder = model.path(model.at_birth(&daughters), None);
    let younger = model.path(none.clone(), Some(&mother));
    let by_elder = model.path(model.at_birth(&granddaughters), Some(&elder));
    let by_younger = model.path(none, Some(&younger));
    let aunts = [model.path(model.at_birth(&elder), None), model.path(model.at_birth(&younger), Some(&grandmother))];
    let cousins = [
        model.path(model.at_birth(&by_elder), Some(&aunts[0])),
        model.path(model.at_birth(&by_younger), Some(&aunts[1])),
    ];
    let sum = |parts: &[&ByAge]| -> Vec<f64> {
        (0..model.ages).map(|age| parts.iter().map(|kin| kin[age].iter().sum::<f64>()).sum()).collect()
    };
    Kin {
        mother: sum(&[&mother]),
        grandmother: sum(&[&grandmother]),
        daughters: sum(&[&daughters]),
        sisters: sum(&[&elder, &younger]),
        nieces: sum(&[&by_elder, &by_younger]),
        aunts: sum(&[&aunts[0], &aunts[1]]),
        cousins: sum(&[&cousins[0], &cousins[1]]),
    }
}

impl<'a> Model<'a> {
    fn new(rates: &'a SingleAgeRates, placing: Placing) -> Self {
        let mothers = ages_of_mothers(rates, placing);
        Self { rates, placing, ages: rates.survival.len(), mothers }
    }

    fn births(&self, kin: &[f64]) -> f64 {
        kin.iter().zip(&self.rates.daughters).map(|(n, f)| n * f).sum()
    }

    /// Kin by age of the woman, from those at her birth on; `mothers` bear more of them.
    fn path(&self, first: Vec<f64>, mothers: Option<&ByAge>) -> ByAge {
        let mut all = vec![first];
        for age in 0..self.ages - 1 {
            let born = mothers.map_or(0.0, |kin| self.births(&kin[age]));
            let mut now = all[age].clone();
            if self.placing == Placing::StartOfStep {
                now[0] += born;
            }
            let mut next: Vec<f64> =
                std::iter::once(0.0).chain(now.iter().zip(&self.rates.survival).map(|(n, s)| n * s)).collect();
            next.truncate(self.ages);
            if self.placing == Placing::EndOfStep {
                next[0] += born;
            }
            all.push(next);
        }
        all
    }

    /// Kin of a kind at the birth of a woman: those of the same kind, one step nearer, of a mother of the age of mothers.
    fn at_birth(&self, kin: &ByAge) -> Vec<f64> {
        let of_age = |age: usize| self.mothers.iter().zip(kin).map(|(share, kin)| share * kin[age]).sum();
        (0..self.ages).map(of_age).collect()
    }
}

/// Shares of the ages of mothers at births in the stable population: births by age of a birth cohort, discounted by the growth a year, for as
/// many years as a generation takes: the age at birth, and one more where births stand at the end of a step.
fn ages_of_mothers(rates: &SingleAgeRates, placing: Placing) -> Vec<f64> {
    /// Halvings of the bracket of the growth rate: to the last bit.
    const HALVINGS: usize = 60;
    let mut alive = 1.0;
    let maternity: Vec<f64> = rates
        .survival
        .iter()
        .zip(&rates.daughters)
        .map(|(survival, daughters)| {
            let births = alive * daughters;
            alive *= survival;
            births
        })
        .collect();
    let late = f64::from(u8::from(placing == Placing::EndOfStep));
    let discounted = |growth: f64| -> Vec<f64> {
        maternity.iter().enumerate().map(|(age, m)| m * math::exp(-growth * (age as f64 + late))).collect()
    };
    let (mut low, mut high) = (-1.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if discounted(middle).iter().sum::<f64>() > 1.0 { low = middle } else { high = middle }
    }
    discounted(f64::midpoint(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A short life: bears at 2 to 4, gone at 7.
    fn rates() -> SingleAgeRates {
        SingleAgeRates {
            survival: vec![0.8, 0.9, 0.95, 0.9, 0.7, 0.5, 0.0],
            daughters: vec![0.0, 0.0, 0.5, 0.6, 0.3, 0.0, 0.0],
        }
    }

    /// Chance of living from one age to another.
    fn lives(rates: &SingleAgeRates, from: usize, to: usize) -> f64 {
        rates.survival[from.min(to)..to].iter().product()
    }

    #[test]
    fn kin_are_the_double_sums_of_goodman_keyfitz_and_pullum() {
        // Daughters born by a woman's mother, and by each of these, summed over all pairs of ages instead of going forward by steps.
        let rates = rates();
        let found = kin(&rates, Placing::StartOfStep);
        let mothers = ages_of_mothers(&rates, Placing::StartOfStep);
        let ages = 0..7_usize;
        for age in 0..5_usize {
            let (mut sisters, mut nieces) = (0.0, 0.0);
            for i in ages.clone() {
                for j in ages.clone() {
                    // The sister is born j - i years after the woman, and before the births of the year at hand.
                    let Some(sister_age) = (age + i).checked_sub(j).filter(|a| *a > 0) else { continue };
                    let born = mothers[i] * rates.daughters[j] * lives(&rates, i, j);
                    sisters += born * lives(&rates, 0, sister_age.min(7));
                    for u in 0..sister_age.min(7) {
                        nieces +=
                            born * lives(&rates, 0, u) * rates.daughters[u] * lives(&rates, 0, (sister_age - u).min(7));
                    }
                }
            }
            assert!((found.sisters[age] - sisters).abs() < 1e-12, "{age}: {} {sisters}", found.sisters[age]);
            assert!((found.nieces[age] - nieces).abs() < 1e-12, "{age}: {} {nieces}", found.nieces[age]);
        }
    }

    #[test]
    fn the_published_placing_makes_sisters_and_their_daughters_a_year_younger() {
        // With nobody dying before 7 sisters are counted alike but for the one year: those of a woman of `age` now were there a year earlier.
        let mut rates = rates();
        rates.survival = vec![1.0; 6];
        rates.survival.push(0.0);
        let (published, simulated) = (kin(&rates, Placing::EndOfStep), kin(&rates, Placing::StartOfStep));
        let growth_free = |kin: &Kin| kin.sisters[6] / kin.sisters[0];
        assert!(growth_free(&published) > 1.0 && growth_free(&simulated) > 1.0);
        assert!(published.nieces[3] < simulated.nieces[3], "younger sisters have borne fewer daughters");
        assert!((published.daughters[5] - simulated.daughters[5]).abs() < 1e-12);
    }

    #[test]
    fn ages_of_mothers_are_shares_and_younger_in_a_growing_population() {
        let mut more = rates();
        more.daughters.iter_mut().for_each(|f| *f *= 2.0);
        let mean = |shares: &[f64]| shares.iter().enumerate().map(|(age, s)| age as f64 * s).sum::<f64>();
        for placing in [Placing::EndOfStep, Placing::StartOfStep] {
            let (few, many) = (ages_of_mothers(&rates(), placing), ages_of_mothers(&more, placing));
            assert!((few.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(mean(&many) < mean(&few));
        }
    }
}
