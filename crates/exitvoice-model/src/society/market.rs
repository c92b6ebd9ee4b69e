//! The men of a market cell: who is free and nearest in age, without a look at those already taken.

use super::person::Class;
use crate::mechanism::demography::marriage::Seeker;

/// The men of a cell in order of birth, all together and by class.
pub(crate) struct Market {
    all: Row,
    by_class: [Row; Class::ALL.len()],
    /// Place of each man in the row of his class.
    place: Vec<u32>,
    taken: Vec<bool>,
}

impl Market {
    /// All `men`, who stand in order of birth, are free.
    pub(crate) fn new(men: &[Seeker]) -> Self {
        let mut by_class = [const { Vec::new() }; Class::ALL.len()];
        let place = men.iter().enumerate().map(|(man, seeker)| {
            let row: &mut Vec<(i32, u32)> = &mut by_class[seeker.class as usize];
            row.push((seeker.birth.0, man as u32));
            row.len() as u32 - 1
        });
        let place = place.collect();
        let all = men.iter().enumerate().map(|(man, seeker)| (seeker.birth.0, man as u32)).collect();
        Self { all: Row::new(all), by_class: by_class.map(Row::new), place, taken: vec![false; men.len()] }
    }

    /// Where somebody looks for a man, of `class` if there is one, born on `wanted` at best: the same all year.
    pub(crate) fn view(&self, class: Option<Class>, wanted: i32) -> View {
        let row = class.map_or(&self.all, |class| &self.by_class[class as usize]);
        View { class, wanted, start: row.men.partition_point(|m| m.0 < wanted) as u32 }
    }

    /// Index of the free man in view born nearest to the best day within `range` who fits; ties go to the older.
    pub(crate) fn nearest(&mut self, view: View, range: (i32, i32), fits: impl Fn(usize) -> bool) -> Option<usize> {
        let row = view.class.map_or(&mut self.all, |class| &mut self.by_class[class as usize]);
        row.nearest(view, range, fits)
    }

    /// Who was taken, by index.
    pub(crate) fn taken(&self) -> &[bool] {
        &self.taken
    }

    /// Takes a man of a class off the market.
    pub(crate) fn take(&mut self, man: usize, class: Class) {
        self.taken[man] = true;
        self.all.take(man);
        self.by_class[class as usize].take(self.place[man] as usize);
    }
}

/// A row of men, and the place in it of the first born no earlier than a wanted day.
#[derive(Clone, Copy)]
pub(crate) struct View {
    class: Option<Class>,
    wanted: i32,
    start: u32,
}

/// Men in order of birth, with the way past those already taken.
struct Row {
    /// Birth and index of each man.
    men: Vec<(i32, u32)>,
    /// For each number of men from the start, how many remain when the taken ones at its end are left out, or fewer links to it.
    below: Vec<u32>,
    /// For each place, the first free one from it on, or a link towards it.
    above: Vec<u32>,
}

impl Row {
    fn new(men: Vec<(i32, u32)>) -> Self {
        let links: Vec<u32> = (0..=men.len() as u32).collect();
        Self { men, below: links.clone(), above: links }
    }

    fn take(&mut self, place: usize) {
        self.below[place + 1] = place as u32;
        self.above[place] = place as u32 + 1;
    }

    fn nearest(&mut self, view: View, (low, high): (i32, i32), fits: impl Fn(usize) -> bool) -> Option<usize> {
        let Self { men, below, above } = self;
        let View { wanted, start, .. } = view;
        let start = start as usize;
        let mut older = None;
        let mut count = follow(below, start);
        while count > 0 && men[count - 1].0 >= low {
            if fits(men[count - 1].1 as usize) {
                older = Some(men[count - 1]);
                break;
            }
            count = follow(below, count - 1);
        }
        let limit = older.map_or(high, |m| high.min(wanted + (wanted - m.0)));
        let mut younger = None;
        let mut place = follow(above, start);
        while place < men.len() && men[place].0 <= limit {
            if fits(men[place].1 as usize) {
                younger = Some(men[place]);
                break;
            }
            place = follow(above, place + 1);
        }
        let nearest = match (older, younger) {
            (Some(o), Some(y)) if y.0 - wanted < wanted - o.0 => Some(y),
            (Some(o), _) => Some(o),
            (None, y) => y,
        };
        nearest.map(|m| m.1 as usize)
    }
}

/// End of the chain of links from `place`; every other link on the way is shortened.
fn follow(links: &mut [u32], place: usize) -> usize {
    let mut place = place;
    while links[place] as usize != place {
        links[place] = links[links[place] as usize];
        place = links[place] as usize;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    #[test]
    fn the_row_of_men_finds_whom_a_search_of_all_of_them_finds() {
        let draws = Draws::new(Seed(3), Purpose::Test);
        let births: Vec<i32> = {
            let mut births: Vec<i32> = (0..80).map(|i| (draws.uniform(i, 0) * 400.0) as i32).collect();
            births.sort_unstable();
            births
        };
        let mut row = Row::new(births.iter().enumerate().map(|(i, b)| (*b, i as u32)).collect());
        let mut taken = vec![false; births.len()];
        for turn in 0..200 {
            let wanted = (draws.uniform(turn, 1) * 420.0) as i32 - 10;
            let (low, high) = (wanted - 60, wanted + 40);
            // Some men never fit.
            let fits = |man: usize| !man.is_multiple_of(7) && !(man as u64 + turn).is_multiple_of(5);
            // Nearest first, the older of two equally near, and of two born on one day the one nearer in the row.
            let free = (0..births.len()).filter(|m| !taken[*m] && fits(*m) && (low..=high).contains(&births[*m]));
            let start = births.partition_point(|b| *b < wanted);
            let rank = |m: &usize| ((births[*m] - wanted).abs(), *m >= start, m.abs_diff(start));
            let expected = free.min_by_key(rank);
            let view = View { class: None, wanted, start: start as u32 };
            let found = row.nearest(view, (low, high), fits);
            assert_eq!(found, expected, "turn {turn}");
            if let Some(man) = found {
                taken[man] = true;
                row.take(man);
            }
        }
        assert!(taken.iter().filter(|t| **t).count() > 50);
    }
}
