//! A public claim: one dated number that one source printed about the force, and the set of them after import.

use crate::words::words;
use exitvoice_core::time::Day;
use std::collections::BTreeSet;

words! {
    /// What a claim counts.
    Quantity {
        /// Arrived in Russia.
        Sent = "sent",
        /// Alive, free and in Kursk oblast.
        Present = "present",
        /// Returned home.
        Returned = "returned",
        /// Killed or wounded: incidents.
        Casualties = "casualties",
        /// Dead by violence.
        Killed = "killed",
        /// Wounded and not dead of it.
        Wounded = "wounded",
        /// Killed as a share of casualties.
        ShareKilled = "share_killed",
        /// Casualties as a share of those sent.
        ShareCasualties = "share_casualties",
        /// Alive in enemy custody.
        Prisoners = "prisoners",
        /// Unnamed: soldiers who left a post, said to mean not to return. On record: deserters announced by those whom they reached.
        Desertions = "desertions",
        /// Said to have been caught after leaving: a retelling of an earlier report.
        Recaptured = "recaptured",
        /// Nothing that the channels model.
        None = "none",
    }
}

words! {
    /// How a number is printed.
    Form {
        /// "about v".
        About = "about",
        /// "at least v", "more than v".
        AtLeast = "at_least",
        /// "at most v", "up to v".
        AtMost = "at_most",
        /// "l to h".
        Interval = "interval",
        /// A counted number.
        Exact = "exact",
        /// A denial: constant under every parameter.
        Denial = "denial",
        /// No number.
        None = "none",
    }
}

words! {
    /// Whom the number counts.
    Population {
        /// North Korean soldiers only.
        Dprk = "dprk",
        /// North Koreans and Russians together.
        Mixed = "mixed",
        /// Others.
        Other = "other",
    }
}

words! {
    /// Kind of publisher.
    SourceType {
        /// A government or its forces.
        Official = "official",
        /// An intelligence agency on record.
        IntelligenceAgency = "intelligence_agency",
        /// Press that names its source.
        MediaNamed = "media_named",
        /// Press that does not.
        MediaAnonymous = "media_anonymous",
    }
}

words! {
    /// Whether somebody stands for the number.
    Attribution {
        /// A named office or person.
        OnRecord = "on_record",
        /// Nobody is named.
        Anonymous = "anonymous",
    }
}

words! {
    /// Trust in the source, as at publication.
    SourceGrade {
        /// Reliable beyond doubt.
        A = "A",
        /// A state not fighting there, on record.
        B = "B",
        /// A belligerent on record; an office-named anonymous source; named press.
        C = "C",
        /// Past false denials.
        D = "D",
        /// Unreliable.
        E = "E",
        /// Cannot be judged.
        F = "F",
    }
}

words! {
    /// Trust in the information, as at publication.
    InfoGrade {
        /// Confirmed.
        Confirmed = "1",
        /// Corroborated.
        Corroborated = "2",
        /// One source.
        Single = "3",
        /// One source and rumoured on record, or denied.
        Doubtful = "4",
        /// Improbable.
        Improbable = "5",
        /// Unknown, or an anonymous rumour.
        Unknown = "6",
    }
}

words! {
    /// What the collector found out about a statement.
    Confirmation {
        /// Seen by all sides.
        Confirmed = "confirmed",
        /// Two publishers or agencies.
        Corroborated = "corroborated",
        /// One.
        SingleSource = "single_source",
        /// Disputed on record.
        Denied = "denied",
        /// Not known.
        Unknown = "unknown",
    }
}

words! {
    /// How the number was come by.
    Basis {
        /// Counted.
        Measured = "measured",
        /// Estimated.
        Estimated = "estimated",
        /// Judged.
        ExpertJudgement = "expert_judgement",
        /// Rumoured.
        Rumoured = "rumoured",
    }
}

/// Groups of sources that share a level bias and a delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceGroup {
    /// States not fighting there: nis, jcs, kr_*, us_*, uk_di, west_anon.
    Third,
    /// Ukraine: ua_*, hur.
    Kyiv,
    /// Everybody else: no level is modelled for them.
    Other,
}

/// Keys of single sources outside the families below.
pub(crate) const SOURCES: [(&str, SourceGroup); 9] = [
    ("nis", SourceGroup::Third),
    ("jcs", SourceGroup::Third),
    ("uk_di", SourceGroup::Third),
    ("west_anon", SourceGroup::Third),
    ("hur", SourceGroup::Kyiv),
    ("nis_anon", SourceGroup::Other),
    ("prisoner", SourceGroup::Other),
    ("kremlin", SourceGroup::Other),
    ("dprk_state", SourceGroup::Other),
];
/// Families of sources: a key that starts so and goes on.
pub(crate) const FAMILIES: [(&str, SourceGroup); 5] = [
    ("kr_", SourceGroup::Third),
    ("us_", SourceGroup::Third),
    ("ua_", SourceGroup::Kyiv),
    ("press_", SourceGroup::Other),
    ("ru_", SourceGroup::Other),
];

impl SourceGroup {
    /// Group of a source key; `None` for a key that no rule covers.
    #[must_use]
    pub fn of(source: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !source.chars().all(plain) {
            return None;
        }
        let single = SOURCES.iter().find(|(key, _)| *key == source).map(|(_, group)| *group);
        let family = || {
            FAMILIES.iter().find(|(start, _)| source.len() > start.len() && source.starts_with(start)).map(|(_, g)| *g)
        };
        single.or_else(family)
    }
}

/// One row of a claims file. Numbers are counts of persons, shares are fractions.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Unique key of the row.
    pub id: String,
    /// What is counted.
    pub quantity: Quantity,
    /// How it is printed.
    pub form: Form,
    /// Lower end: `at_least` and `interval`.
    pub low: Option<f64>,
    /// The number: `exact` and `about`.
    pub value: Option<f64>,
    /// Upper end: `at_most` and `interval`.
    pub high: Option<f64>,
    /// First day counted; `None`: since day 0.
    pub window_from: Option<Day>,
    /// Last day counted.
    pub as_of: Day,
    /// Date of the page at hand; never used as the date of an event.
    pub published: Day,
    /// Whom it counts.
    pub population: Population,
    /// Key of the source.
    pub source: String,
    /// Kind of publisher.
    pub source_type: SourceType,
    /// Whether somebody stands for it; unknown where no raw row was given.
    pub attribution: Option<Attribution>,
    /// Origin shared by the rows of one bulletin and its copies.
    pub cluster: String,
    /// Earlier row that this one goes back to. A recapture retells its report by it; of other rows both count.
    pub revises: Option<String>,
    /// The statement itself calls the number a floor.
    pub declared_floor: bool,
    /// Counts the first contingent only.
    pub first_wave_only: bool,
    /// Trust in the source.
    pub source_grade: SourceGrade,
    /// Trust in the information.
    pub info_grade: InfoGrade,
}

impl Claim {
    /// Group of the source; the importer admits known sources only.
    #[must_use]
    pub fn group(&self) -> SourceGroup {
        SourceGroup::of(&self.source).unwrap_or(SourceGroup::Other)
    }

    /// Whether nobody stands for it: such a report of departures may be false; others are announcements.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.attribution == Some(Attribution::Anonymous)
            || self.source_type == SourceType::MediaAnonymous
            || self.source_grade == SourceGrade::F
    }
}

/// A row that adds nothing because the same number of the same origin stands earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The later row.
    pub id: String,
    /// The row that counts.
    pub of: String,
}

/// A row that no channel scores, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotModelled {
    /// The row.
    pub id: String,
    /// A sentence.
    pub reason: String,
}

/// Claims after import. Every list is in order of (published, id), whatever the order of the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimSet {
    /// Rows that the channels score, their copies included.
    pub used: Vec<Claim>,
    /// Those of `used` that add nothing.
    pub copies: Vec<Copied>,
    /// Rows that built the scenario (waves), so that scoring them would count them twice.
    pub inputs: Vec<Claim>,
    /// Rows left out, with a reason each.
    pub not_modelled: Vec<NotModelled>,
    /// Number of rows published after the as-of view.
    pub after_view: usize,
    /// What was not checked, and what was assumed because a column is absent.
    pub notices: Vec<String>,
}

impl ClaimSet {
    /// Rows that count: `used` without copies.
    pub fn scored(&self) -> impl Iterator<Item = &Claim> {
        let copies: BTreeSet<&str> = self.copies.iter().map(|c| c.id.as_str()).collect();
        self.used.iter().filter(move |claim| !copies.contains(claim.id.as_str()))
    }

    /// The set as if the rows that `leaves` names had not been published, and what rests on them neither.
    ///
    /// A copy says what its original says and has no error of its own, so it adds nothing to it and is nothing without it: it goes with its
    /// original and does not take its place. So does a retelling of a report of departures, which revises the report and is no evidence of its
    /// own. A sum of other rows of its cluster is never among `used`. Another quantity of the cluster is no copy: it counts by itself and stays.
    /// Rows that built the scenario stay, since the scenario stays as it is.
    #[must_use]
    pub fn without(&self, leaves: impl Fn(&Claim) -> bool) -> Self {
        let mut gone: BTreeSet<&str> = self.used.iter().filter(|c| leaves(c)).map(|c| c.id.as_str()).collect();
        let copies = self.copies.iter().filter(|c| gone.contains(c.of.as_str())).map(|c| c.id.as_str());
        gone.extend(copies.collect::<Vec<_>>());
        let told = |c: &Claim| {
            let report = |r: &&Claim| r.quantity == Quantity::Desertions && r.cluster == c.cluster;
            c.quantity != Quantity::Recaptured || self.used.iter().filter(report).any(|r| !gone.contains(r.id.as_str()))
        };
        Self {
            used: self.used.iter().filter(|c| !gone.contains(c.id.as_str()) && told(c)).cloned().collect(),
            ..self.clone()
        }
    }

    /// Number of origins among the used rows.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.used.iter().map(|claim| claim.cluster.as_str()).collect::<BTreeSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_fall_into_the_groups_of_the_observation_model() {
        for key in ["nis", "jcs", "kr_anon", "kr_official", "us_gov", "us_anon", "uk_di", "west_anon"] {
            assert_eq!(SourceGroup::of(key), Some(SourceGroup::Third), "{key}");
        }
        for key in ["ua_president", "ua_anon", "hur"] {
            assert_eq!(SourceGroup::of(key), Some(SourceGroup::Kyiv), "{key}");
        }
        for key in ["prisoner", "press_bi", "kremlin", "dprk_state", "ru_general_staff"] {
            assert_eq!(SourceGroup::of(key), Some(SourceGroup::Other), "{key}");
        }
        for key in ["", "ua_", "nis2", "NIS", "somebody", "us_gov\u{301}"] {
            assert_eq!(SourceGroup::of(key), None, "{key}");
        }
    }

    fn row(id: &str, quantity: Quantity, source: &str, cluster: &str) -> Claim {
        Claim {
            id: id.to_owned(),
            quantity,
            form: Form::About,
            low: None,
            value: Some(18.0),
            high: None,
            window_from: None,
            as_of: Day(6),
            published: Day(8),
            population: Population::Dprk,
            source: source.to_owned(),
            source_type: SourceType::MediaAnonymous,
            attribution: Some(Attribution::Anonymous),
            cluster: cluster.to_owned(),
            revises: None,
            declared_floor: false,
            first_wave_only: false,
            source_grade: SourceGrade::D,
            info_grade: InfoGrade::Single,
        }
    }

    #[test]
    fn copies_and_retellings_go_with_what_they_tell_of() {
        let used = vec![
            row("report", Quantity::Desertions, "ua_anon", "a"),
            row("copy", Quantity::Desertions, "kr_anon", "a"),
            row("retelling", Quantity::Recaptured, "us_anon", "a"),
            row("killed", Quantity::Killed, "nis", "b"),
            row("casualties", Quantity::Casualties, "jcs", "b"),
        ];
        let copies = vec![Copied { id: "copy".to_owned(), of: "report".to_owned() }];
        let set = ClaimSet { used, copies, ..ClaimSet::default() };
        let rest = |source: &str| {
            let rest = set.without(|c| c.source == source);
            let ids = |claims: &mut dyn Iterator<Item = &Claim>| claims.map(|c| c.id.clone()).collect::<Vec<_>>();
            assert!(rest.scored().count() <= rest.used.len());
            ids(&mut rest.used.iter())
        };
        assert_eq!(rest("ua_anon"), ["killed", "casualties"], "neither stands for the report");
        assert_eq!(
            rest("kr_anon"),
            ["report", "retelling", "killed", "casualties"],
            "the original stands without its copy"
        );
        assert_eq!(rest("us_anon"), ["report", "copy", "killed", "casualties"]);
        assert_eq!(rest("nis"), ["report", "copy", "retelling", "casualties"], "another quantity counts by itself");
    }

    #[test]
    fn nobody_stands_for_a_report_without_a_name_from_an_unnamed_medium_or_of_the_lowest_grade() {
        let named = Claim {
            source_type: SourceType::Official,
            attribution: Some(Attribution::OnRecord),
            ..row("on record", Quantity::Desertions, "ua_mod", "a")
        };
        let unnamed = [
            Claim { attribution: Some(Attribution::Anonymous), ..named.clone() },
            Claim { source_type: SourceType::MediaAnonymous, ..named.clone() },
            Claim { source_grade: SourceGrade::F, ..named.clone() },
        ];
        assert!(!named.is_anonymous() && !Claim { attribution: None, ..named }.is_anonymous());
        assert!(unnamed.iter().all(Claim::is_anonymous));
    }

    #[test]
    fn every_word_is_read_back() {
        for word in Quantity::WORDS {
            assert_eq!(Quantity::parse(word).map(Quantity::word), Some(*word));
        }
        for word in Form::WORDS {
            assert_eq!(Form::parse(word).map(Form::word), Some(*word));
        }
        assert_eq!(InfoGrade::parse("7"), None);
    }
}
