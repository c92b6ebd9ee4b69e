//! What the page relies on, checked once before anything is drawn.

use super::ReportError;
use super::data::{AxisKind, Bands, Density, Inference, LeftOut, Meaning, Quantiles, ReportData};

impl ReportData {
    /// Checks what the page relies on.
    ///
    /// # Errors
    /// [`ReportError::Data`] naming the first thing that does not fit.
    pub fn check(&self) -> Result<(), ReportError> {
        let head = &self.head;
        require(head.scale > 0.0 && head.scale <= 1.0, || format!("scale {} is not in (0, 1]", head.scale))?;
        require(head.last >= head.first, || format!("{} is before {}", head.last, head.first))?;
        require(!self.force.days.is_empty(), || "the force has no day".to_owned())?;
        for series in &self.force.statuses {
            series.prior.check(self.force.days.len(), &series.name)?;
            check_all(series.posterior.as_ref(), |b| b.check(self.force.days.len(), &series.name))?;
        }
        for term in &self.terms {
            check_pair(&term.prior, term.posterior.as_ref(), &term.name)?;
            let lowest = term.posterior.map_or(term.prior.q025, |q| q.q025.min(term.prior.q025));
            require(lowest > 0.0, || format!("{}: a factor is above 0", term.name))?;
        }
        for parameter in &self.parameters {
            check_pair(&parameter.prior, parameter.posterior.as_ref(), &parameter.key)?;
            check_all(parameter.density.as_ref(), |d| d.check(&parameter.key))?;
        }
        if let Some(forecast) = &self.forecast {
            let misfits = forecast.misfits();
            require(misfits.is_empty(), || format!("{}: one interval a month", misfits.join(", ")))?;
            let numbers = forecast.world.iter().chain(forecast.told.iter().flat_map(|t| &t.numbers));
            for number in numbers {
                number.until.iter().chain(&number.within).try_for_each(|q| q.check(&number.name))?;
            }
        }
        check_all(self.inference.as_ref(), Inference::check)
    }
}

impl Inference {
    fn check(&self) -> Result<(), ReportError> {
        for answer in &self.answers {
            check_pair(&answer.prior, answer.posterior.as_ref(), &answer.name)?;
        }
        let days = self.totals.days.len();
        require(days > 0 || self.totals.series.is_empty(), || "the totals have no day".to_owned())?;
        for total in &self.totals.series {
            total.prior.check(days, &total.name)?;
            check_all(total.posterior.as_ref(), |b| b.check(days, &total.name))?;
        }
        for variant in &self.variants {
            check_all(variant.posterior.as_ref(), |q| q.check(&variant.setting))?;
            check_all(variant.left_out.as_ref(), |l| l.check(&variant.setting))?;
        }
        for row in &self.variance_shares {
            let fits = row.by_grade.values().all(|share| share.is_finite() && *share >= 0.0);
            require(fits, || format!("{}: shares of variance {:?}", row.quantity, row.by_grade))?;
        }
        for row in &self.further {
            require((0.0..=1.0).contains(&row.share), || format!("{}: a share of {}", row.evidence, row.share))?;
        }
        for claim in &self.claims.used {
            check_all(claim.predictive.as_ref(), |q| q.check(&claim.id))?;
        }
        let main = self.desertions.settings.iter().filter(|s| s.main).count();
        require(main == 1, || format!("{main} settings of the desertions are the main one"))?;
        for setting in &self.desertions.settings {
            check_pair(&setting.prior, setting.posterior.as_ref(), "desertions")?;
        }
        for month in &self.desertions.by_month {
            check_pair(&month.prior, month.posterior.as_ref(), &month.month)?;
        }
        check_all(self.dated_claim.as_ref().filter(|c| c.excluded.is_none()), |claim| {
            claim.prior.check()?;
            check_all(claim.posterior.as_ref(), Meaning::check)?;
            for case in &claim.cases {
                case.prior.check()?;
                check_all(case.posterior.as_ref(), Meaning::check)?;
            }
            Ok(())
        })
    }
}

impl Quantiles {
    fn check(&self, name: &str) -> Result<(), ReportError> {
        let ordered = [self.q025, self.q05, self.q25, self.q50, self.q75, self.q95, self.q975];
        require(ordered.iter().all(|x| x.is_finite()) && self.mean.is_finite(), || format!("{name}: not finite"))?;
        require(ordered.is_sorted(), || format!("{name}: quantiles are out of order"))
    }
}

impl LeftOut {
    fn check(&self, name: &str) -> Result<(), ReportError> {
        let numbers = [Some(self.median_with), Some(self.sd_with), self.sd_without];
        require(numbers.into_iter().flatten().all(f64::is_finite), || format!("{name}: not finite"))
    }
}

impl Bands {
    fn check(&self, days: usize, name: &str) -> Result<(), ReportError> {
        let columns = [&self.q05, &self.q25, &self.q50, &self.q75, &self.q95];
        for column in columns {
            require(column.len() == days, || format!("{name}: {} values for {days} days", column.len()))?;
            require(column.iter().all(|x| x.is_finite()), || format!("{name}: not finite"))?;
        }
        let sorted = |i: usize| columns.map(|c| c[i]).is_sorted();
        require((0..days).all(sorted), || format!("{name}: quantiles are out of order"))
    }
}

impl Density {
    fn check(&self, name: &str) -> Result<(), ReportError> {
        let bins = self.prior.len();
        let same = self.edges.len() == bins + 1 && self.posterior.as_ref().is_none_or(|p| p.len() == bins);
        require(bins > 0 && same, || format!("{name}: edges and bins of the histogram differ"))?;
        let shares = self.prior.iter().chain(self.posterior.iter().flatten());
        require(self.edges.iter().chain(shares).all(|x| x.is_finite()), || format!("{name}: not finite"))?;
        let positive = self.axis == AxisKind::Linear || self.edges[0] > 0.0;
        require(positive, || format!("{name}: edges on a log axis are above 0"))?;
        require(self.edges.is_sorted(), || format!("{name}: edges are out of order"))
    }
}

impl Meaning {
    fn check(&self) -> Result<(), ReportError> {
        let parts = [self.desertion, self.absence, self.nothing];
        let rounding = 1e-6; // room for sums of rounded numbers
        let sum: f64 = parts.iter().sum();
        require(parts.iter().all(|p| (0.0..=1.0 + rounding).contains(p)) && (sum - 1.0).abs() <= rounding, || {
            format!("the three meanings of the dated claim sum to {sum}")
        })
    }
}

fn check_pair(prior: &Quantiles, posterior: Option<&Quantiles>, name: &str) -> Result<(), ReportError> {
    prior.check(name)?;
    check_all(posterior, |q| q.check(name))
}

fn check_all<T>(item: Option<&T>, check: impl Fn(&T) -> Result<(), ReportError>) -> Result<(), ReportError> {
    item.map_or(Ok(()), check)
}

fn require(holds: bool, what: impl Fn() -> String) -> Result<(), ReportError> {
    if holds { Ok(()) } else { Err(ReportError::Data(what())) }
}
