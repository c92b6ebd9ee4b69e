//! Days: `Day` is a date, `Days` a length. One year is 365.25 days, one month 30.4375 days.

use jiff::civil::Date;
use std::fmt;
use std::ops::{Add, Sub};

/// Days per year.
pub const DAYS_PER_YEAR: f64 = 365.25;
/// Days per month.
pub const DAYS_PER_MONTH: f64 = 30.4375;

/// A date: days since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// A text is not a date.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("EV0105: `{0}` is not a date; expected YYYY-MM-DD")]
pub struct DateError(pub String);

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

impl Day {
    /// Date from year, month (1-12) and day of the month; `None` where there is no such date.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = Date::new(year, month, day).ok()?;
        epoch().until(date).ok().map(|span| Self(span.get_days()))
    }

    /// First of January.
    ///
    /// # Panics
    /// Outside the years -9999 to 9999.
    #[must_use]
    pub fn new_year(year: i16) -> Self {
        Self::from_ymd(year, 1, 1).expect("every year from -9999 to 9999 has a first of January")
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// The text is not a date of the calendar.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let error = || DateError(text.to_owned());
        if text.len() != 10 {
            return Err(error());
        }
        let date: Date = text.parse().map_err(|_| error())?;
        epoch().until(date).map(|span| Self(span.get_days())).map_err(|_| error())
    }

    /// Year, month, day of the month.
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        let date = self.date();
        (date.year(), date.month(), date.day())
    }

    /// Calendar year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.date().year()
    }

    /// Age in years on day `self` of somebody born on `birth`.
    #[inline]
    #[must_use]
    pub fn years_since(self, birth: Self) -> f64 {
        f64::from(self.0 - birth.0) / DAYS_PER_YEAR
    }

    fn date(self) -> Date {
        epoch().checked_add(jiff::Span::new().days(self.0)).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}
impl Add<i32> for Day {
    type Output = Self;
    fn add(self, days: i32) -> Self {
        Self(self.0 + days)
    }
}
impl Sub for Day {
    type Output = i32;
    fn sub(self, other: Self) -> i32 {
        self.0 - other.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_printing() {
        for text in ["1955-07-01", "1970-01-01", "2024-02-29", "2024-10-08", "1899-12-31"] {
            assert_eq!(Day::parse(text).expect("a date").to_string(), text);
        }
        assert_eq!(Day::parse("2024-10-08").expect("a date").0, 20_004);
        for bad in ["2023-02-29", "2024-13-01", "yesterday", "", "2024-1-1"] {
            let error = Day::parse(bad).expect_err("not a date");
            assert!(error.to_string().starts_with("EV0105: "), "{bad}");
        }
    }

    #[test]
    fn days_are_counted_and_split_as_the_calendar_has_them() {
        let day = Day::parse("2024-10-08").expect("a date");
        assert_eq!((day.ymd(), day.year()), ((2024, 10, 8), 2024));
        assert_eq!((day + 30, day - Day::new_year(2024)), (Day::parse("2024-11-07").expect("a date"), 281));
        assert_eq!((Day::from_ymd(2024, 2, 30), Day::from_ymd(2024, 10, 8)), (None, Some(day)));
        assert!((day.years_since(day + -7_305) - 20.0).abs() < 1e-12);
    }
}
