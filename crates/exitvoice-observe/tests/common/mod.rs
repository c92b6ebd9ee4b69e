//! Shared by the tests of this crate: the shipped claims and a plausible deployment.
#![allow(dead_code, reason = "every test file uses its own part")]

use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;
use exitvoice_observe::ClaimSet;
use exitvoice_observe::import::{File, ImportSettings, Returns, Waves, import};
use exitvoice_observe::{Completeness, DeparturesAs, ScorerSettings};
use exitvoice_record::{Departure, DepartureKind, Trajectory};

pub(crate) const KURSK_RAW: &str = "claims-kursk-2024.csv";
pub(crate) const KURSK_CODED: &str = "claims-kursk-2024-coded.csv";

/// Columns of coded claims.
pub(crate) const HEADER: &str = "id,quantity,form,low,value,high,window_from,as_of,published,population,source_key,source_type,cluster,\
                      source_grade,info_grade,modelled,reason,revises,declared_floor,first_wave_only\n";

/// A file of the shipped evidence, which the facade embeds.
pub(crate) fn read(name: &str) -> String {
    let text = match name {
        KURSK_RAW => include_str!("../../../exitvoice/data/evidence/claims-kursk-2024.csv"),
        KURSK_CODED => include_str!("../../../exitvoice/data/evidence/claims-kursk-2024-coded.csv"),
        other => unreachable!("not shipped: {other}"),
    };
    text.to_owned()
}

pub(crate) fn day(year: i16, month: i8, day: i8) -> Day {
    Day::from_ymd(year, month, day).expect("a date")
}

pub(crate) fn kursk_settings() -> ImportSettings {
    ImportSettings {
        day_zero: day(2024, 10, 8),
        last_day: day(2025, 4, 30),
        soldiers: 14_000,
        waves: Waves::Fixed,
        returns: Returns::Modelled,
        view: None,
    }
}

pub(crate) fn scorer_settings(draws: usize) -> ScorerSettings {
    let (day_zero, as_of) = (day(2024, 10, 8), day(2025, 4, 30));
    ScorerSettings { day_zero, as_of, completeness: Completeness::Complete, departures: DeparturesAs::Events, draws }
}

pub(crate) fn import_kursk(settings: &ImportSettings) -> ClaimSet {
    let (raw, coded) = (read(KURSK_RAW), read(KURSK_CODED));
    let coded = File { name: KURSK_CODED, bytes: coded.as_bytes() };
    import(&[coded], Some(File { name: KURSK_RAW, bytes: raw.as_bytes() }), settings)
        .expect("the shipped claims are valid")
}

pub(crate) fn import_text(coded: &str) -> ClaimSet {
    import(&[File { name: "claims.csv", bytes: coded.as_bytes() }], None, &kursk_settings()).expect("valid")
}

/// A deployment that fits the claims: 11,000 and 3,000 sent, `scale` times 4,700 incidents in two phases, a fifth killed.
pub(crate) fn deployment(scale: f64) -> Trajectory {
    let days = 205_usize;
    let mut world = Trajectory {
        day_zero: day(2024, 10, 8),
        days: 205,
        sent: vec![0; days],
        present: vec![0; days],
        returned: vec![0; days],
        incidents: vec![0; days],
        killed: vec![0; days],
        incidents_first: vec![0; days],
        killed_first: vec![0; days],
        sent_first: vec![0; days],
        custody: vec![0; days],
        capture_opportunities: vec![0; days],
        surrendered: vec![0; days],
        reached: vec![0; days],
        attempted: vec![0; days],
        failed: vec![0; days],
        departures: Vec::new(),
        capture_alive: Probability::clamped(0.04),
    };
    for (first, last, persons) in [(2, 5, 375), (10, 20, 500), (22, 31, 400)] {
        for d in first..=last {
            world.sent[d] += persons;
            world.sent_first[d] += persons;
            world.present[d] += persons;
        }
    }
    for d in 90..120 {
        world.sent[d] += 100;
    }
    // Days 55 to 100: 3 December to 16 January; from 122: 7 February.
    for (from, to, daily) in [(30, 55, 4.0), (55, 100, 76.0), (122, 170, 24.0)] {
        for d in from..to {
            let incidents = (daily * scale) as i32;
            world.incidents[d] += incidents;
            world.incidents_first[d] += incidents * 9 / 10;
            world.killed[d] += incidents / 5;
            world.killed_first[d] += incidents * 9 / 50;
            world.capture_opportunities[d] += i32::from(d % 2 == 0);
        }
    }
    for d in 100..170 {
        world.returned[d] += 25;
    }
    for d in (20..160).step_by(17) {
        world.departures.push(Departure {
            day: d,
            size: 2 + d % 3,
            kind: DepartureKind::Absence,
            at_front: true,
            outcome: None,
        });
    }
    world.departures.push(Departure {
        day: 80,
        size: 2,
        kind: DepartureKind::Desertion,
        at_front: true,
        outcome: None,
    });
    world.attempted[80] = 2;
    world.failed[81] = 2;
    world
}
