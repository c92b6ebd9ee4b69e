#[path = "../tests/common/mod.rs"] mod common;
use common::*;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws,Purpose};
use exitvoice_observe::*;
fn main() {
    let full = import_kursk(&kursk_settings());
    let w = deployment(1.0);
    let all: Vec<&str> = exitvoice_observe::nuisance::registry().iter().flat_map(|r| r.iter()).map(|m| m.key).collect();
    let hyper: Vec<&str> = all.iter().copied().filter(|k| !k.contains("bias") && !k.contains("departures") && !k.contains("announ") && !k.contains("grade_1")&& !k.contains("reading")).collect();
    let mut laws = ObserverLaws::from_registry();
    for k in &hyper { let l = laws.get(k); let v = l.quantile(0.5); laws.pin(k, v).unwrap(); }
    let mut nojunk = laws.clone();
    for k in &hyper { if k.contains("junk.grade") { nojunk.pin(k, 1e-9).unwrap(); } if k.contains("junk.step") { nojunk.pin(k, 0.0).unwrap(); } }
    let mut coarse = nojunk.clone(); coarse.pin("observe.print.coarse", 0.999).unwrap();
    let run = |name: &str, set: &ClaimSet, laws: &ObserverLaws| {
        let s = Scorer::new(set, &scorer_settings(64), laws).unwrap();
        let v: Vec<f64> = (0..300).map(|i| s.decompose(&Truth::new(&w), Seed(Draws::new(Seed(1),Purpose::Test).hash(i,0))).counts).collect();
        let mean = v.iter().sum::<f64>()/300.; let var = v.iter().map(|x|(x-mean)*(x-mean)).sum::<f64>()/299.;
        println!("{name}: mean {mean:.3} var {var:.3}");
    };
    run("full", &full, &laws); run("nojunk", &full, &nojunk); run("nojunk coarse", &full, &coarse);
    let ids: Vec<String> = full.used.iter().map(|c| c.id.clone()).collect();
    for id in &ids {
        let mut set = full.clone(); set.used.retain(|c| &c.id != id);
        run(&format!("without {id}"), &set, &laws);
    }
}
