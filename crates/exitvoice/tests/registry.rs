//! The real registry: complete, sound, and honest about what acts.

use exitvoice::data;
use exitvoice::registry;
use exitvoice::scenario::{Catalogue, Given, Layers, Override, SourceText, resolve};
use exitvoice_core::param::{Grade, Part, Prior};
use exitvoice_model::MODEL_VERSION;
use std::collections::{BTreeMap, BTreeSet};

/// Symbols and unnamed numbers of the design of the model, section by section, with the key that carries each.
const DESIGN: &[(&str, &str)] = &[
    // 2 The country.
    ("mortality in camps", "control.camp.mortality_factor"),
    ("mortality under other penalties", "control.camp.banished_factor"),
    ("uneven famine", "demography.death.famine_peak"),
    ("first marriage before 1960", "demography.marriage.mean_early"),
    ("first marriage in 2008", "demography.marriage.mean_late"),
    ("sd of the age at first marriage", "demography.marriage.spread"),
    ("onset of marriage", "demography.marriage.onset"),
    ("largest age gap", "demography.marriage.gap_most"),
    ("homogamy a", "demography.marriage.homogamy"),
    ("cap on the marital rate", "demography.birth.most"),
    ("couple frailty cv", "demography.birth.couple_variation"),
    ("moves by marriage", "demography.migration.marriage_share"),
    ("moves by service", "demography.migration.service_share"),
    ("moves by privilege", "demography.migration.core_of_capital"),
    ("R4 weights, mother", "class.inheritance.mother_weight"),
    ("R4 weights, grandparents", "class.inheritance.grandparent_weight"),
    ("R4 noise", "class.inheritance.score_noise"),
    ("R5 generations", "class.inheritance.generations"),
    ("R6 age of freezing, opening of the dossier", "class.review.opened_at"),
    ("interval of reviews", "class.review.interval"),
    ("r_u", "class.review.up"),
    ("r_d", "class.review.down"),
    ("purges", "class.review.purge"),
    ("rehabilitation", "class.review.rehabilitation"),
    ("households of a neighbourhood unit", "control.neighbourhood.households"),
    ("informers at home", "control.neighbourhood.informer_share"),
    ("offences", "control.offence.base_rate"),
    ("offences by class", "control.offence.hostile_factor"),
    ("offences by age", "control.offence.young_factor"),
    ("offences punished", "control.offence.punished"),
    ("base of the penalty of kin", "control.guilt_by_association.base"),
    ("w_0", "control.guilt_by_association.weight_spouse"),
    ("w_1", "control.guilt_by_association.weight_first"),
    ("w_2", "control.guilt_by_association.weight_second"),
    ("w_3", "control.guilt_by_association.weight_third"),
    ("w_4", "control.guilt_by_association.weight_fourth"),
    ("x 2 if co-resident", "control.guilt_by_association.co_resident_factor"),
    ("spouse spared by divorce", "control.guilt_by_association.divorced"),
    ("in-laws", "control.guilt_by_association.in_laws"),
    ("outcome camp", "control.guilt_by_association.camp"),
    ("outcome banishment", "control.guilt_by_association.banishment"),
    ("outcome blocked careers", "control.guilt_by_association.career_blocked"),
    ("camp stock", "control.camp.release_rate"),
    ("age at conscription", "service.conscription.age"),
    ("lengths of service, men", "service.conscription.men_2021"),
    ("lengths of service, women", "service.conscription.women_2021"),
    ("hostile class mostly not drafted", "service.conscription.hostile_drafted"),
    ("top elite exempt", "service.conscription.elite_exempt"),
    ("two schools of army size", "service.conscription.larger_school"),
    ("party membership", "service.career.party_after"),
    ("officers", "service.career.officer_share"),
    ("political officers stricter still", "service.career.political_eligible"),
    ("q_ref", "service.selection.share_selected"),
    ("rho of selection", "service.selection.correlation"),
    // 3.1 Units and people.
    ("political officer", "force.roles.political_officers"),
    ("security officer", "force.roles.security_officers"),
    ("L between classes", "service.selection.core_loyalty_gap"),
    // 3.2 The decision.
    ("alpha", "exit.attempt.base_rate"),
    ("beta_V", "exit.attempt.exposure_effect"),
    ("beta_D", "exit.attempt.danger_effect"),
    ("beta_F", "exit.attempt.fear_effect"),
    ("gamma", "exit.attempt.success_effect"),
    ("beta_L", "exit.attempt.loyalty_effect"),
    ("beta_C", "exit.attempt.catch_effect"),
    ("beta_H", "exit.attempt.hostage_effect"),
    ("beta_S", "exit.attempt.trust_effect"),
    ("O_z, rear", "exit.attempt.opportunity_rear"),
    ("O_z, border", "exit.attempt.opportunity_border"),
    // 3.3 Cells, absence, surrender.
    ("nu", "exit.cell.join"),
    ("k_c", "exit.cell.asked"),
    ("theta_T", "exit.cell.trust_threshold"),
    ("delta0", "surveillance.denunciation.others"),
    ("lag of departure", "exit.cell.lag"),
    ("s_z", "exit.cell.success"),
    ("q_z", "exit.cell.caught"),
    ("k_z, r_z", "exit.cell.killed"),
    ("s_z, rear", "exit.cell.success_rear"),
    ("q_z, rear", "exit.cell.caught_rear"),
    ("k_z, r_z, rear", "exit.cell.killed_rear"),
    ("s_z, border", "exit.cell.success_border"),
    ("q_z, border", "exit.cell.caught_border"),
    ("k_z, r_z, border", "exit.cell.killed_border"),
    ("absence", "exit.absence.base_rate"),
    ("surrender", "exit.surrender.base_rate"),
    // 3.4 Public face.
    ("a0", "mind.public_face.base"),
    ("a1", "mind.public_face.loyalty_effect"),
    ("a2", "mind.public_face.informer_effect"),
    ("a3", "mind.public_face.confided_effect"),
    ("rate of the face", "mind.public_face.redraw_rate"),
    // 3.5 Denunciations and assessments.
    ("iota", "surveillance.denunciation.informer_share"),
    ("sigma", "surveillance.denunciation.told"),
    ("sigma'", "surveillance.denunciation.sign_rate"),
    ("phi", "surveillance.denunciation.innocent_rate"),
    ("assessments", "surveillance.assessment.interval"),
    ("30 days of reports", "surveillance.audit.window"),
    ("quota c", "surveillance.audit.quota"),
    ("a report acted on", "surveillance.audit.delay"),
    // 3.6 Learning and news.
    ("eta_D", "mind.danger.learning"),
    ("d_F", "mind.fear.decay"),
    ("kappa_F", "mind.fear.rise"),
    ("mu", "mind.exposure.growth"),
    ("rho", "mind.belief.between_squads"),
    ("w", "mind.belief.catch_learning"),
    ("prior of q^", "mind.belief.catch_prior"),
    ("kappa", "mind.belief.success_gain"),
    ("d", "mind.belief.success_decay"),
    ("prior of b", "home.hostage.belief"),
    ("strength of the prior of b", "mind.belief.penalty_strength"),
    ("eps_k", "mind.belief.news"),
    ("T_ij at the start", "mind.trust.initial"),
    ("T_ij + .02", "mind.trust.growth"),
    ("T_ij x 1.5", "mind.trust.alike_factor"),
    ("T_ij x .3", "mind.trust.broken_factor"),
    ("T_ij recovering at .01", "mind.trust.recovery"),
    ("a denunciation known in the squad", "surveillance.denunciation.becomes_known"),
    // 3.7 Danger.
    ("casualty hazard, first phase", "danger.combat.hazard_first_clashes"),
    ("casualty hazard, last phase", "danger.combat.hazard_spring"),
    ("killed share", "danger.combat.killed_share"),
    ("death of wounds", "danger.combat.died_of_wounds"),
    ("return of wounded", "danger.combat.return_share"),
    ("assault units", "danger.combat.assault_factor"),
    ("killed by own side", "danger.combat.killed_by_own_side"),
    ("opportunity of capture", "danger.capture.opportunity"),
    ("psi", "danger.capture.suicide_share"),
    ("death in custody", "danger.capture.dies_in_custody"),
    ("rotation", "danger.rotation.tour"),
    ("advance party", "force.advance_party"),
    // 3.8 Penalties and rewards at home.
    ("known exit", "home.penalty.exit_known"),
    ("patchy application", "home.penalty.applied"),
    ("delay of the penalty", "home.penalty.delay"),
    ("families moved", "home.penalty.families_moved"),
    ("families of the dead", "home.reward.probability"),
    ("knowledge to kin", "home.returnees.kin_rate"),
    ("knowledge to neighbours", "home.returnees.neighbour_rate"),
    // 3.9 The regime.
    ("pay", "regime.ledger.pay_combat"),
    ("share of the regime", "regime.ledger.regime_share"),
    ("shells", "regime.ledger.shells"),
    ("oil", "regime.ledger.oil"),
    ("technology", "regime.ledger.technology"),
    ("trigger of responses", "regime.response.trigger"),
    ("tighter informers", "regime.response.informer_factor"),
    ("units pulled back", "regime.response.pull_back"),
    // 3.10 Initiative.
    ("g0", "exit.initiative.base"),
    ("g1", "exit.initiative.loyalty_effect"),
    ("g2", "exit.initiative.informer_effect"),
    ("g3", "exit.initiative.hostage_effect"),
    // 3.12 Rival structures.
    ("M0", "decision.constant.core_rate"),
    ("M2 theta_i, mean", "decision.threshold.mean"),
    ("M2 theta_i, sd", "decision.threshold.sd"),
    ("M3 tau", "decision.affect.threshold"),
    ("M3 w_ij", "decision.affect.mate_weight"),
    ("M4 joint penalty", "decision.collective_sanction.fine"),
    ("M5 catch by distance", "decision.principal_agent.catch_fall"),
    ("M5 penalty by distance", "decision.principal_agent.penalty_fall"),
];

fn shipped(name: &str) -> SourceText {
    SourceText { name: format!("{name}.toml"), text: data::scenario(name).expect("shipped").to_owned() }
}

#[test]
fn every_symbol_of_the_design_has_a_row() {
    let keys: BTreeSet<&str> = registry::all().into_iter().map(|meta| meta.key).collect();
    let missing: Vec<_> = DESIGN.iter().filter(|(_, key)| !keys.contains(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let named: BTreeSet<&str> = DESIGN.iter().map(|(_, key)| *key).collect();
    assert_eq!(named.len(), DESIGN.len(), "a key stands for two symbols");
}

#[test]
fn the_registry_has_no_problems_and_no_key_twice() {
    assert_eq!(registry::problems(&registry::all()), Vec::<String>::new());
    assert!(registry::all().iter().any(|meta| meta.part == Part::Observe), "the observers' parameters act");
}

#[test]
fn only_definitions_are_without_a_prior() {
    for meta in registry::all() {
        let fixed = meta.parsed_prior().expect("valid") == Prior::Fixed;
        assert_eq!(fixed, meta.grade == Grade::Definition, "{}", meta.key);
    }
}

#[test]
fn every_default_is_one_that_its_prior_expects() {
    for meta in registry::all() {
        let (prior, default) = (meta.parsed_prior().expect("valid"), meta.default_value().expect("valid"));
        let Some((low, high)) = prior.quantile(0.005).zip(prior.quantile(0.995)) else { continue };
        assert!((low..=high).contains(&default), "{}: {default} outside {low} to {high}, the middle 99 %", meta.key);
    }
}

#[test]
fn no_default_rests_on_evidence_published_after_the_period() {
    let mut reader = csv::Reader::from_reader(data::sources().as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect("a column");
    let (id, late) = (column("id"), column("after_cutoff"));
    let rows: BTreeMap<String, bool> =
        reader.records().map(|row| row.expect("a row")).map(|row| (row[id].to_owned(), &row[late] == "yes")).collect();
    for meta in registry::all() {
        for source in meta.source.split([',', ' ']).filter(|source| !source.is_empty()) {
            assert_ne!(rows.get(source), Some(&true), "{} rests on {source}", meta.key);
        }
    }
}

#[test]
fn shipped_scenarios_give_every_parameter_a_value_and_no_other() {
    let acting = registry::all();
    for (name, _) in data::SCENARIOS {
        let scenario = resolve(shipped(name), &Layers::default(), &Catalogue::embedded(&acting)).expect(name);
        let keys: BTreeSet<&str> = scenario.values.keys().map(String::as_str).collect();
        assert_eq!(keys, acting.iter().map(|meta| meta.key).collect(), "{name}");
    }
}

#[test]
fn a_rule_of_inheritance_that_does_not_exist_is_refused_where_it_is_written() {
    let acting = registry::all();
    for (value, valid) in [("1", true), ("6", true), ("0", false), ("7", false), ("1.5", false)] {
        let line = [Override { key: "class.inheritance.rule".to_owned(), value: value.to_owned(), given: Given::Set }];
        let layers = Layers { command_line: &line, ..Layers::default() };
        let resolved = resolve(shipped("toy-squad"), &layers, &Catalogue::embedded(&acting));
        match resolved {
            Ok(_) => assert!(valid, "{value}"),
            Err(error) => {
                assert!(!valid, "{error}");
                assert_eq!(error.diagnostic().code, "EV0210");
            }
        }
    }
}

#[test]
fn the_baseline_of_this_model_holds_its_defaults() {
    let name = registry::baseline_name();
    assert_eq!(name, format!("m{}", MODEL_VERSION.law));
    let (_, text) = data::BASELINES.iter().find(|(known, _)| *known == name).expect("embedded");
    let differ = "the defaults moved: run the example `baseline`, or move the model version and keep this file";
    assert_eq!(*text, registry::baseline_text(), "{differ}");
    let acting = registry::all();
    let catalogue = Catalogue::embedded(&acting);
    let plain = resolve(shipped("toy-squad"), &Layers::default(), &catalogue).expect("valid");
    let layers = Layers { baseline: Some(&name), ..Layers::default() };
    let again = resolve(shipped("toy-squad"), &layers, &catalogue).expect("the baseline is read");
    assert_eq!(again.canonical_bytes(), plain.canonical_bytes());
}

/// Shipped scenarios with the one thing in which each differs from `kursk-2024`.
const ONE_CHANGE: &[(&str, &str)] = &[
    ("double-size", "waves"),
    ("no-hostages", "home.hostage.belief"),
    ("no-informers", "surveillance.denunciation.informer_share"),
    ("no-selection", "service.selection.share_selected"),
    ("open-information", "mind.belief.between_squads"),
    ("rule-m0", "decision.rule"),
    ("rule-m2", "decision.rule"),
    ("rule-m3", "decision.rule"),
    ("rule-m4", "decision.rule"),
    ("rule-m5", "decision.rule"),
    ("short-tour", "danger.rotation.tour"),
];

#[test]
fn counterfactuals_differ_from_the_deployment_in_one_thing() {
    let acting = registry::all();
    let resolved = |name: &str| resolve(shipped(name), &Layers::default(), &Catalogue::embedded(&acting)).expect(name);
    let base = resolved("kursk-2024");
    for (name, change) in ONE_CHANGE {
        let other = resolved(name);
        let mut found: Vec<&str> = Vec::new();
        found.extend((other.waves != base.waves).then_some("waves"));
        found.extend((other.rule != base.rule).then_some("decision.rule"));
        found.extend((other.phases != base.phases || other.responses != base.responses).then_some("phases"));
        found.extend((other.order_of_battle != base.order_of_battle).then_some("order_of_battle"));
        let values = other.values.iter().zip(&base.values);
        found.extend(
            values.filter(|(a, b)| a.1.canonical.to_bits() != b.1.canonical.to_bits()).map(|(a, _)| a.0.as_str()),
        );
        assert_eq!(found, [*change], "{name}");
    }
    assert_eq!(resolved("double-size").soldiers(), 2 * base.soldiers());
    let shipped: Vec<&str> =
        data::SCENARIOS.iter().map(|s| s.0).filter(|s| ONE_CHANGE.iter().all(|o| o.0 != *s)).collect();
    assert_eq!(shipped, ["kursk-2024", "toy-squad"], "every other scenario is one change");
}
