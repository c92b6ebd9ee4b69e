#[path = "../tests/common/mod.rs"] mod common;
use common::*;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws,Purpose};
use exitvoice_observe::*;
fn main() {
    let set = import_kursk(&kursk_settings());
    let w = deployment(1.0);
    let all: Vec<&str> = exitvoice_observe::nuisance::registry().iter().flat_map(|r| r.iter()).map(|m| m.key).collect();
    let run = |name: &str, keys: &[&str]| {
        let mut laws = ObserverLaws::from_registry();
        for k in keys { let l = laws.get(k); let v = l.quantile(0.5); laws.pin(k, v).unwrap(); }
        let s = Scorer::new(&set, &scorer_settings(64), &laws).unwrap();
        let v: Vec<f64> = (0..300).map(|i| s.decompose(&Truth::new(&w), Seed(Draws::new(Seed(1),Purpose::Test).hash(i,0))).counts).collect();
        let mean = v.iter().sum::<f64>()/300.; let var = v.iter().map(|x|(x-mean)*(x-mean)).sum::<f64>()/299.;
        println!("{name}: mean {mean:.3} var {var:.3}");
    };
    run("none", &[]);
    let hyper: Vec<&str> = all.iter().copied().filter(|k| !k.contains("bias") && !k.contains("departures") && !k.contains("announ") && !k.contains("grade_1")&& !k.contains("reading")).collect();
    run("all hyper pinned", &hyper);
    for k in &hyper { run(&format!("only {k} pinned"), &[k]); let rest: Vec<&str> = hyper.iter().copied().filter(|x| x!=k).collect(); run(&format!("   all but {k} pinned"), &rest); }
}
