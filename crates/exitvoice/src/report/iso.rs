//! Dates as `YYYY-MM-DD` in stored report data.

/// Dates as `YYYY-MM-DD`.
pub(super) mod iso_day {
    use exitvoice_core::time::Day;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in super::super) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        Day::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Lists of dates.
pub(super) mod iso_days {
    use exitvoice_core::time::Day;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in super::super) fn serialize<S: Serializer>(days: &[Day], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(days.iter().map(ToString::to_string))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Day>, D::Error> {
        Vec::<String>::deserialize(from)?.iter().map(|d| Day::parse(d).map_err(D::Error::custom)).collect()
    }
}

/// Dates that may be missing.
pub(super) mod iso_option {
    use exitvoice_core::time::Day;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(in super::super) fn serialize<S: Serializer>(day: &Option<Day>, to: S) -> Result<S::Ok, S::Error> {
        day.map(|d| d.to_string()).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|d| Day::parse(&d).map_err(D::Error::custom)).transpose()
    }
}
