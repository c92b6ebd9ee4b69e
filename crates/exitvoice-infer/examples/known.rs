#![allow(missing_docs, clippy::print_stdout, unreachable_pub)]
#[path = "../tests/common/mod.rs"]
mod common;
use common::*;
use exitvoice_infer::{algorithm::settings::Settings, output, Problem, Parameter, SimError};
use exitvoice_core::{math, param::Prior, quantity::Seed};

struct DawidSkene { parameters: Vec<Parameter>, ratings: Vec<Vec<(usize, usize)>> }
impl DawidSkene {
    fn new() -> Self {
        let text = include_str!("../tests/data/anesthesia.csv");
        let mut ratings = vec![vec![]; 45];
        for line in text.lines().skip(1) { let v: Vec<usize> = line.split(',').map(|x| x.parse().unwrap()).collect(); ratings[v[0]-1].push((v[1]-1, v[2]-1)); }
        let stick = |a: [f64; 4]| -> Vec<Prior> { (0..3).map(|k| Prior::Beta { a: a[k], b: a[k+1..].iter().sum() }).collect() };
        let mut priors = stick([3.0; 4]);
        // each row: diagonal first
        for _ in 0..20 { priors.extend(stick([4.8, 1.0667, 1.0667, 1.0667])); }
        Self { parameters: parameters(&priors), ratings }
    }
    fn simplex(v: &[f64]) -> [f64; 4] { let mut left = 1.0; let mut out = [0.0; 4]; for k in 0..3 { out[k] = left * v[k]; left *= 1.0 - v[k]; } out[3] = left; out }
}
impl Problem for DawidSkene {
    type Truth = ();
    fn parameters(&self) -> &[Parameter] { &self.parameters }
    fn simulate(&self, _: &[f64], _: Seed) -> Result<(), SimError> { Ok(()) }
    fn ln_likelihood(&self, t: &[f64], (): &(), _: Seed) -> f64 {
        let p = Self::simplex(&t[..3]);
        let mut table = [[[0.0; 4]; 4]; 5];
        for r in 0..5 { for c in 0..4 { let s = Self::simplex(&t[3 + (r * 4 + c) * 3..][..3]); let mut k = 1; for o in 0..4 { if o == c { table[r][c][o] = s[0]; } else { table[r][c][o] = s[k]; k += 1; } } } }
        self.ratings.iter().map(|item| { math::ln((0..4).map(|c| p[c] * item.iter().map(|(r, o)| table[*r][c][*o]).product::<f64>()).sum()) }).sum()
    }
}

fn main() {
    let budget: u64 = std::env::args().nth(1).map_or(100_000, |a| a.parse().unwrap());
    for (name, catches, expect) in [("M0", vec![(149.0, 3.0)], 100.20721371789935), ("Mt", vec![(13.0, 1.0), (59.0, 1.0), (64.0, 1.0)], 100.29143655111449)] {
        let p = CaptureRecapture { parameters: parameters(&vec![uniform(0.0, 1.0); 1 + catches.len()]), catches };
        let t = std::time::Instant::now();
        let o = run(&p, &Settings::for_budget(40000), 1);
        let n: Vec<f64> = o.posterior.entries.iter().map(|e| *o.bank.truth(*e).unwrap()).collect();
        let w = &o.posterior.weights;
        let s = output::Summary::of(w, &n).unwrap();
        println!("{name} {:?} ess {:.0} distinct {:.0} N ess {:.0} mean {:.3} +- {:.3} (expected {expect:.3}) sd {:.3} {} {} {:?}", o.diagnostics.source, o.diagnostics.ess, o.diagnostics.ess_distinct, o.lineage.ess(w, &n), s.mean, o.lineage.standard_error(w, &n), s.sd, s.q025, s.q975, t.elapsed());
    }
    let p = DawidSkene::new();
    let t = std::time::Instant::now();
    let o = run(&p, &Settings { particles: 2000, chain_length: 20, ..Settings::for_budget(budget) }, 1);
    let w = &o.posterior.weights;
    let g = posterior(&o);
    let mut means = [0.0; 4];
    for (i, w) in w.iter().enumerate() { let s = DawidSkene::simplex(&[g.columns[0][i], g.columns[1][i], g.columns[2][i]]); for k in 0..4 { means[k] += w * s[k]; } }
    println!("DS {:?} ess {:.0} {means:?} T {} sims {} {:?}", o.diagnostics.source, o.diagnostics.ess, o.diagnostics.temperature, o.diagnostics.simulations, t.elapsed());
    for st in &o.diagnostics.stages {
        let f: Vec<String> = st.families.iter().map(|f| format!("{}:{:.2}/{:.2}", f.proposals, f.acceptance / f.proposals.max(1) as f64, f.jump / f.proposals.max(1) as f64)).collect();
        println!("   {} T={:.4} essw {:.0} M {} S {} {:?}", st.stage, st.temperature, st.ess_of_weights, st.chains, st.sweeps, f);
    }
    let e: Vec<String> = o.diagnostics.parameters.iter().map(|p| format!("{:.0}", p.ess)).collect();
    println!("   param ess {e:?}");
}
