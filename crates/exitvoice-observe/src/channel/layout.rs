//! Which unknown errors the rows of counts share: built once from the claims.
//!
//! Casualties: bias of the group + error of the source + error of the bulletin. Killed, wounded: these, and the split errors of source
//! and bulletin. Share killed: split errors only. Head counts: bias of the group for heads + error of the bulletin.
//! Errors of one class that enter exactly the same rows are one normal error; a level error that enters one row only is summed in
//! closed form into that row's standard deviation.

use super::dense::Pattern;
use super::print::{Cells, Printed};
use crate::claim::{Claim, Form, Quantity, SourceGroup};
use crate::nuisance::{Hyper, HyperLaws};
use exitvoice_core::time::Day;
use std::collections::BTreeMap;

/// Which mean a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mean {
    /// log C^.
    Casualties,
    /// log C^ Q^.
    Killed,
    /// log C^ (1 - Q^).
    Wounded,
    /// log Q^.
    ShareKilled,
    /// log C^ - log S~.
    ShareCasualties,
    /// log of the sent.
    Sent,
    /// log of the present.
    Present,
    /// log of the returned.
    Returned,
}

impl Mean {
    fn of(quantity: Quantity) -> Option<Self> {
        Some(match quantity {
            Quantity::Casualties => Self::Casualties,
            Quantity::Killed => Self::Killed,
            Quantity::Wounded => Self::Wounded,
            Quantity::ShareKilled => Self::ShareKilled,
            Quantity::ShareCasualties => Self::ShareCasualties,
            Quantity::Sent => Self::Sent,
            Quantity::Present => Self::Present,
            Quantity::Returned => Self::Returned,
            Quantity::Prisoners | Quantity::Desertions | Quantity::Recaptured | Quantity::None => return None,
        })
    }

    pub(crate) const fn has_split(self) -> bool {
        matches!(self, Self::Killed | Self::Wounded | Self::ShareKilled)
    }

    const fn has_level(self) -> bool {
        !matches!(self, Self::ShareKilled)
    }

    const fn counts_heads(self) -> bool {
        matches!(self, Self::Sent | Self::Present | Self::Returned)
    }
}

/// One part of the variance of an unknown error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Bias of a group: (0 casualties, 1 heads; 0 third, 1 kyiv).
    Bias(usize, usize),
    /// tau.
    SourceLevel,
    /// omega.
    SourceSplit,
    /// s of the best grade of the bulletin.
    BulletinLevel(usize),
    /// Twice that.
    BulletinSplit(usize),
}

impl Part {
    fn variance(self, hyper: &Hyper, laws: &HyperLaws) -> f64 {
        let sd = match self {
            Self::Bias(kind, group) => laws.biases[kind][group].1,
            Self::SourceLevel => hyper.source_level,
            Self::SourceSplit => hyper.source_split,
            Self::BulletinLevel(grade) => hyper.error[grade],
            Self::BulletinSplit(grade) => 2.0 * hyper.error[grade],
        };
        sd * sd
    }
}

/// Variance of a sum of independent parts.
pub(crate) fn variance(parts: &[Part], hyper: &Hyper, laws: &HyperLaws) -> f64 {
    parts.iter().map(|p| p.variance(hyper, laws)).sum()
}

/// Most errors that a row shares with others: bias, source and bulletin of its level, source and bulletin of its split.
pub(crate) const SHARED: usize = 5;

/// A row of counts, ready to be scored.
#[derive(Clone, Debug)]
pub(crate) struct CountRow {
    pub(crate) id: String,
    /// Whether it was printed: a row that nobody printed is simulated and says nothing.
    pub(crate) scored: bool,
    pub(crate) mean: Mean,
    pub(crate) first: bool,
    /// 0 third, 1 kyiv.
    pub(crate) group: usize,
    /// Events after the end of this day count; `None`: all.
    pub(crate) after: Option<i32>,
    /// Last day.
    pub(crate) to: i32,
    pub(crate) printed: Printed,
    pub(crate) cells: Cells,
    /// 0 usual, 1 declared floor.
    pub(crate) margin: usize,
    pub(crate) source_grade: usize,
    pub(crate) info_grade: usize,
    pub(crate) bulletin_grade: usize,
    /// Level errors of this row alone.
    pub(crate) own: Vec<Part>,
    /// Indices of shared level errors.
    pub(crate) level: Vec<usize>,
    /// Indices of shared split errors.
    pub(crate) split: Vec<usize>,
}

impl CountRow {
    /// Variance of the row's log estimate given the shared errors.
    pub(crate) fn variance(&self, hyper: &Hyper, laws: &HyperLaws) -> f64 {
        let (own, best) = (hyper.error[self.info_grade], hyper.error[self.bulletin_grade]);
        laws.reading * laws.reading + variance(&self.own, hyper, laws) + (own * own - best * best).max(0.0)
    }

    /// Mean of the group's bias, which is not part of any error.
    pub(crate) fn bias_mean(&self, laws: &HyperLaws) -> f64 {
        if self.mean.has_level() { laws.biases[usize::from(self.mean.counts_heads())][self.group].0 } else { 0.0 }
    }
}

/// Rows of counts and the errors they share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) rows: Vec<CountRow>,
    pub(crate) errors: Vec<Vec<Part>>,
    /// Which errors meet in a row: most do not.
    pub(crate) pattern: Pattern,
    /// Last day that any row needs, plus one.
    pub(crate) days: usize,
}

/// Rows in an order that no name of a source or cluster enters: renaming them changes no address of a draw.
fn canonical_order(a: &Claim, b: &Claim) -> std::cmp::Ordering {
    let key = |c: &Claim| {
        let bits = |x: Option<f64>| x.map(f64::to_bits);
        let numbers = (bits(c.low), bits(c.value), bits(c.high));
        (c.published, c.as_of, c.quantity, c.form, numbers, c.window_from, c.first_wave_only, c.info_grade)
    };
    key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
}

/// The number of a claim as printed; `None` for a form that the counts do not score.
pub(crate) fn printed(claim: &Claim) -> Option<Printed> {
    let share = matches!(claim.quantity, Quantity::ShareKilled | Quantity::ShareCasualties);
    match claim.form {
        Form::About if share => claim.value.map(Printed::Share),
        Form::About => claim.value.map(Printed::About),
        Form::AtLeast => claim.low.map(Printed::AtLeast),
        Form::AtMost => claim.high.map(Printed::AtMost),
        Form::Interval => claim.low.zip(claim.high).map(|(l, h)| Printed::Interval(l, h)),
        Form::Exact | Form::Denial | Form::None => None,
    }
}

impl Layout {
    /// From scored claims; others than counts are passed over.
    pub(crate) fn new<'c>(claims: impl Iterator<Item = &'c Claim>, day_zero: Day) -> Self {
        Self::with_unprinted(claims, &[], day_zero)
    }

    /// The same with rows that nobody has printed.
    pub(crate) fn with_unprinted<'c>(
        claims: impl Iterator<Item = &'c Claim>,
        unprinted: &'c [Claim],
        day_zero: Day,
    ) -> Self {
        let all = claims.map(|c| (c, true)).chain(unprinted.iter().map(|c| (c, false)));
        let mut claims: Vec<(&Claim, Mean, Printed, usize, bool)> = all
            .filter_map(|(claim, scored)| {
                let group = match claim.group() {
                    SourceGroup::Third => 0,
                    SourceGroup::Kyiv => 1,
                    SourceGroup::Other => return None,
                };
                Some((claim, Mean::of(claim.quantity)?, printed(claim)?, group, scored))
            })
            .collect();
        claims.sort_by(|a, b| canonical_order(a.0, b.0));
        let mut best: BTreeMap<&str, usize> = BTreeMap::new();
        for (claim, ..) in &claims {
            let grade = claim.info_grade as usize;
            best.entry(&claim.cluster).and_modify(|g| *g = grade.min(*g)).or_insert(grade);
        }
        let rows: Vec<CountRow> = claims
            .iter()
            .map(|(claim, mean, printed, group, scored)| CountRow {
                id: claim.id.clone(),
                scored: *scored,
                mean: *mean,
                first: claim.first_wave_only,
                group: *group,
                after: claim.window_from.map(|from| from - day_zero - 1),
                to: claim.as_of - day_zero,
                printed: *printed,
                cells: Cells::new(*printed),
                margin: usize::from(claim.declared_floor),
                source_grade: claim.source_grade as usize,
                info_grade: claim.info_grade as usize,
                bulletin_grade: best[claim.cluster.as_str()],
                own: Vec::new(),
                level: Vec::new(),
                split: Vec::new(),
            })
            .collect();
        let days = rows.iter().filter_map(|r| usize::try_from(r.to + 1).ok()).max().unwrap_or(0);
        let mut layout = Self { rows, errors: Vec::new(), pattern: Pattern::default(), days };
        let errors = list_errors(&layout.rows, &claims.iter().map(|c| c.0).collect::<Vec<_>>());
        layout.connect(errors);
        debug_assert!(layout.rows.iter().all(|row| row.level.len() + row.split.len() <= SHARED));
        layout
    }

    fn connect(&mut self, errors: Vec<(Class, Vec<usize>, Vec<Part>)>) {
        for (class, rows, parts) in errors {
            if class == Class::Level && rows.len() == 1 {
                self.rows[rows[0]].own = parts;
                continue;
            }
            for row in rows {
                match class {
                    Class::Level => self.rows[row].level.push(self.errors.len()),
                    Class::Split => self.rows[row].split.push(self.errors.len()),
                }
            }
            self.errors.push(parts);
        }
        let met = self.rows.iter().map(|row| row.level.iter().chain(&row.split).copied().collect());
        self.pattern = Pattern::new(self.errors.len(), met);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Level,
    Split,
}

/// Errors in order of the first row they enter, those with equal rows joined.
fn list_errors(rows: &[CountRow], claims: &[&Claim]) -> Vec<(Class, Vec<usize>, Vec<Part>)> {
    let mut named: Vec<(Class, Part, &str, Vec<usize>)> = Vec::new();
    let mut enter = |class: Class, part: Part, name, row: usize| match named
        .iter_mut()
        .find(|(c, p, n, _)| *c == class && *p == part && *n == name)
    {
        Some((.., list)) => list.push(row),
        None => named.push((class, part, name, vec![row])),
    };
    for (i, (row, claim)) in rows.iter().zip(claims).enumerate() {
        if row.mean.has_level() {
            enter(Class::Level, Part::Bias(usize::from(row.mean.counts_heads()), row.group), "", i);
            if !row.mean.counts_heads() {
                enter(Class::Level, Part::SourceLevel, claim.source.as_str(), i);
            }
            enter(Class::Level, Part::BulletinLevel(row.bulletin_grade), claim.cluster.as_str(), i);
        }
        if row.mean.has_split() {
            enter(Class::Split, Part::SourceSplit, claim.source.as_str(), i);
            enter(Class::Split, Part::BulletinSplit(row.bulletin_grade), claim.cluster.as_str(), i);
        }
    }
    let mut found: Vec<(Class, Vec<usize>, Vec<Part>)> = Vec::new();
    for (class, part, _, list) in named {
        match found.iter_mut().find(|(c, l, _)| *c == class && *l == list) {
            Some((.., parts)) => parts.push(part),
            None => found.push((class, list, vec![part])),
        }
    }
    found
}
