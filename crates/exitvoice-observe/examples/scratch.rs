#[path = "../tests/common/mod.rs"] mod common;
use common::*;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws,Purpose};
use exitvoice_observe::*;
fn main() {
    let set = import_kursk(&kursk_settings());
    for m in [32,64,128] {
        let s = Scorer::new(&set, &scorer_settings(m), &ObserverLaws::from_registry()).unwrap();
        let t0 = std::time::Instant::now();
        for scale in [0.4,0.6, 0.8, 1.0, 1.2,1.5,2.0] {
            let w = deployment(scale);
            let v: Vec<f64> = (0..200).map(|i| s.decompose(&Truth::new(&w), Seed(Draws::new(Seed(1),Purpose::Test).hash(i,0))).counts).collect();
            let mean = v.iter().sum::<f64>()/200.; let var = v.iter().map(|x|(x-mean)*(x-mean)).sum::<f64>()/199.;
            println!("M {m} scale {scale}: mean {mean:.3} var {var:.3}");
        }
        println!("ms per call {:.3}", t0.elapsed().as_secs_f64()*1000./1400.);
    }
    let s = Scorer::new(&set, &scorer_settings(64), &ObserverLaws::from_registry()).unwrap();
    let w = deployment(1.0);
    println!("{:?}", s.decompose(&Truth::new(&w), Seed(3)));
    let t0 = std::time::Instant::now();
    for i in 0..1000 { std::hint::black_box(s.decompose(&Truth::new(&w), Seed(i))); }
    println!("all factors: ms per call {:.3}", t0.elapsed().as_secs_f64());
}
