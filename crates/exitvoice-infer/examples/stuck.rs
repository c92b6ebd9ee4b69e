#![allow(missing_docs, clippy::print_stdout, unreachable_pub)]
#[path = "../tests/common/mod.rs"]
mod common;
use common::*;
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_infer::{algorithm::settings::Settings};
use std::collections::BTreeMap;

fn main() {
    let priors = [normal(0.0, 1.8), normal(0.0, 1.0), Prior::LogNormal { median: 0.004, sd_log: 1.0 }, Prior::LogNormal { median: 0.004, sd_log: 1.0 }, Prior::Beta { a: 4.0, b: 12.0 }, Prior::Beta { a: 1.0, b: 9.0 }, Prior::HalfNormal { sd: 2.0 }, Prior::HalfNormal { sd: 2.0 }, Prior::LogitNormal { mean: -1.0, sd: 1.0 }, uniform(0.0, 1.0), normal(0.0, 0.3), normal(0.3, 0.4)];
    let like = |t: &[f64]| {
        let c1 = math::ln(t[2] * 60.0 * 12000.0) + t[10];
        let c2 = math::ln(t[3] * 60.0 * 12000.0) + t[10];
        math::normal_ln_pdf(7.0, c1, 0.15) + math::normal_ln_pdf(8.2, math::ln_add_exp(c1, c2), 0.15) + math::normal_ln_pdf(8.4, math::ln_add_exp(c1, c2) + t[11], 0.15) + math::normal_ln_pdf(-1.2, math::logit(t[4]), 0.3) + 2.0 * math::ln(t[9]) - 3.0 * math::exp(t[0]) * t[9]
    };
    for v in [0.0, 0.3, 1.5] {
    let p = Noisy { exact: Exact { parameters: parameters(&priors), ln_likelihood: like }, variance: v };
    for seed in [2, 1003] {
    let o = run(&p, &Settings::for_budget(6000), seed);
    println!("var {v} ess {:.0} {:.0}", o.diagnostics.ess, o.diagnostics.ess_distinct);
    for (k, pop) in o.bank.populations().iter().enumerate() {
        let mut count: BTreeMap<u32, u32> = BTreeMap::new();
        for m in &pop.members { *count.entry(*m).or_insert(0) += 1; }
        let mut top: Vec<(u32, u32)> = count.into_iter().map(|(r, c)| (c, r)).collect();
        top.sort(); top.reverse();
        let mean = pop.members.iter().map(|r| o.bank.ln_likelihood(*r)).sum::<f64>() / pop.members.len() as f64;
        println!(" pop {k} T {:.3} n {} distinct {} mean lnL {mean:.2} lnZ {:.2}", pop.temperature, pop.members.len(), top.len(), pop.ln_evidence);
        for (c, r) in top.iter().take(3) {
            let t = o.bank.theta(*r);
            let exact = like(t);
            let z: Vec<String> = priors.iter().zip(t).map(|(p, x)| { let y = p.to_real(*x); let m = p.to_real(p.quantile(0.5).unwrap()); let s = (p.to_real(p.quantile(0.84134).unwrap()) - p.to_real(p.quantile(0.15866).unwrap()))/2.0; format!("{:.1}", (y - m) / s) }).collect();
            println!("    x{c} stage {} lnL {:.2} noise {:.2} {}", o.bank.stage(*r), o.bank.ln_likelihood(*r), o.bank.ln_likelihood(*r) - exact, z.join(" "));
        }
    }
    }}
}
