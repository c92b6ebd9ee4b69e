#![allow(missing_docs, clippy::print_stdout, unreachable_pub)]
#[path = "../tests/common/mod.rs"]
mod common;
use common::*;
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_infer::{Problem, algorithm::settings::Settings};
use exitvoice_infer::output;

fn calib<P: Problem>(label: &str, p: &P, s: &Settings, runs: u64) {
    let d = p.parameters().len();
    let mut means = vec![vec![]; d]; let mut vars = vec![0.0; d]; let mut ses = vec![0.0; d];
    let mut imp = 0; let (mut ess, mut dist, mut stages, mut lz, mut lowest, mut refused, mut lze) = (0.0, 0.0, 0.0, vec![], f64::INFINITY, 0, 0.0);
    for seed in 0..runs {
        let o = run(p, s, 1000 + seed);
        let w = &o.posterior.weights; imp += i32::from(o.diagnostics.source == exitvoice_infer::bank::Source::Importance);
        ess += o.diagnostics.ess; dist += o.diagnostics.ess_distinct; stages += o.diagnostics.stages.len() as f64; lz.push(o.diagnostics.ln_evidence); lze += o.diagnostics.ln_evidence_se;
        lowest = o.diagnostics.ess.min(lowest); refused += i32::from(o.refusal.is_some());
        let g = posterior(&o);
        for k in 0..d {
            let c: Vec<f64> = g.columns[k].iter().map(|x| p.parameters()[k].prior.to_real(*x)).collect();
            let m = output::weighted_mean(w, &c);
            means[k].push(m);
            vars[k] += w.iter().zip(&c).map(|(w, x)| w * (x - m) * (x - m)).sum::<f64>() / runs as f64;
            let e = o.lineage.standard_error(w, &c); ses[k] += e * e / runs as f64;
        }
    }
    let n = runs as f64;
    let var = |v: &Vec<f64>| { let m = v.iter().sum::<f64>() / n; v.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (n - 1.0) };
    let te: Vec<f64> = (0..d).map(|k| vars[k] / var(&means[k])).collect();
    let ratio: f64 = (0..d).map(|k| var(&means[k]) / ses[k]).sum::<f64>() / d as f64;
    let harm = d as f64 / te.iter().map(|x| 1.0 / x).sum::<f64>();
    println!("{label} imp {imp}: true ess harm {harm:.0} min {:.0}; est ess {:.0} (lowest {lowest:.0}, refused {refused}) distinct {:.0}; var/se2 {ratio:.2}; stages {:.1}; lnZ sd {:.3} est {:.3}", te.iter().cloned().fold(f64::INFINITY, f64::min), ess / n, dist / n, stages / n, var(&lz).sqrt(), lze / n);
}
fn main() {
    let priors = [normal(0.0, 1.8), normal(0.0, 1.0), Prior::LogNormal { median: 0.004, sd_log: 1.0 }, Prior::LogNormal { median: 0.004, sd_log: 1.0 }, Prior::Beta { a: 4.0, b: 12.0 }, Prior::Beta { a: 1.0, b: 9.0 }, Prior::HalfNormal { sd: 2.0 }, Prior::HalfNormal { sd: 2.0 }, Prior::LogitNormal { mean: -1.0, sd: 1.0 }, uniform(0.0, 1.0), normal(0.0, 0.3), normal(0.3, 0.4)];
    let like = |t: &[f64]| {
        let c1 = math::ln(t[2] * 60.0 * 12000.0) + t[10];
        let c2 = math::ln(t[3] * 60.0 * 12000.0) + t[10];
        math::normal_ln_pdf(7.0, c1, 0.15) + math::normal_ln_pdf(8.2, math::ln_add_exp(c1, c2), 0.15) + math::normal_ln_pdf(8.4, math::ln_add_exp(c1, c2) + t[11], 0.15) + math::normal_ln_pdf(-1.2, math::logit(t[4]), 0.3) + 2.0 * math::ln(t[9]) - 3.0 * math::exp(t[0]) * t[9]
    };
    let real = |v| Noisy { exact: Exact { parameters: parameters(&priors), ln_likelihood: like }, variance: v };
    let runs = std::env::args().nth(1).map_or(60, |a| a.parse().unwrap());
    for (name, s) in [("P4", Settings::for_budget(6000)), ("P8", Settings { chain_length: 8, ..Settings::for_budget(6000) }), ("P4 4000", Settings::for_budget(4000)), ("P8 4000", Settings { chain_length: 8, ..Settings::for_budget(4000) }), ("P8 8000", Settings { chain_length: 8, ..Settings::for_budget(8000) })] {
        calib(&format!("{name} realistic .3"), &real(0.3), &s, runs);
        calib(&format!("{name} realistic 1.5"), &real(1.5), &s, runs);
        calib(&format!("{name} conj10 sd.5 exact"), &conjugate(10, 1.0, 0.5), &s, runs);
        calib(&format!("{name} conj10 sd1 noise1"), &Noisy { exact: conjugate(10, 1.0, 1.0), variance: 1.0 }, &s, runs);
    }
}
