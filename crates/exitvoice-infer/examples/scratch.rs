#![allow(missing_docs, clippy::print_stdout)]
#[path = "../tests/common/mod.rs"]
mod common;
use common::*;
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::{Problem, output};

fn report<P: Problem>(name: &str, p: &P, s: &Settings, seed: u64) {
    let o = run(p, s, seed);
    let d = &o.diagnostics;
    println!("{name} {:?} ess {:.0} distinct {:.0} draws {} T {} sims {} lnZ {:.3} +- {:.3} noise {:?} refusal {:?}", d.source, d.ess, d.ess_distinct, o.posterior.entries.len(), d.temperature, d.simulations, d.ln_evidence, d.ln_evidence_se, d.noise.map(|n| n.variance), o.refusal);
    for st in &d.stages {
        let f: Vec<String> = st.families.iter().map(|f| format!("{}:{:.2}/{:.2}", f.proposals, f.acceptance / f.proposals.max(1) as f64, f.jump / f.proposals.max(1) as f64)).collect();
        println!("   {} T={:.4} essw {:.0} M {} S {} {:?}", st.stage, st.temperature, st.ess_of_weights, st.chains, st.sweeps, f);
    }
    let e: Vec<String> = d.parameters.iter().map(|p| format!("{:.0}", p.ess)).collect();
    println!("   param ess {e:?}");
}

fn main() {
    let s = Settings::for_budget(6000);
    report("conj1", &conjugate(1, 1.0, 0.5), &s, 1);
    report("conj10", &conjugate(10, 1.0, 1.0), &s, 1);
    report("conj10 sharp", &conjugate(10, 1.0, 0.2), &s, 1);
    report("noisy1", &Noisy { exact: conjugate(10, 1.0, 1.0), variance: 1.0 }, &s, 1);
    // like the real thing: 12 params, 4 informed
    let priors = [normal(0.0, 1.8), normal(0.0, 1.0), Prior::LogNormal { median: 0.004, sd_log: 1.0 }, Prior::LogNormal { median: 0.004, sd_log: 1.0 }, Prior::Beta { a: 4.0, b: 12.0 }, Prior::Beta { a: 1.0, b: 9.0 }, Prior::HalfNormal { sd: 2.0 }, Prior::HalfNormal { sd: 2.0 }, Prior::LogitNormal { mean: -1.0, sd: 1.0 }, uniform(0.0, 1.0), normal(0.0, 0.3), normal(0.3, 0.4)];
    let like = |t: &[f64]| {
        let c1 = math::ln(t[2] * 60.0 * 12000.0) + t[10];
        let c2 = math::ln(t[3] * 60.0 * 12000.0) + t[10];
        math::normal_ln_pdf(7.0, c1, 0.15) + math::normal_ln_pdf(8.2, math::ln_add_exp(c1, c2), 0.15) + math::normal_ln_pdf(8.4, math::ln_add_exp(c1, c2) + t[11], 0.15) + math::normal_ln_pdf(-1.2, math::logit(t[4]), 0.3) + 2.0 * math::ln(t[9]) - 3.0 * math::exp(t[0]) * t[9]
    };
    for seed in 1..4 {
    report("realistic", &Noisy { exact: Exact { parameters: parameters(&priors), ln_likelihood: like }, variance: 0.3 }, &Settings::for_budget(4000), seed);
    report("realistic", &Noisy { exact: Exact { parameters: parameters(&priors), ln_likelihood: like }, variance: 0.3 }, &s, seed);
    report("realistic", &Noisy { exact: Exact { parameters: parameters(&priors), ln_likelihood: like }, variance: 1.5 }, &Settings::for_budget(8000), seed);
    }
    let banana = Exact { parameters: parameters(&[normal(0.0, 3.0), normal(0.0, 3.0)]), ln_likelihood: |t: &[f64]| math::normal_ln_pdf(t[1], 0.5 * t[0] * t[0] - 2.0, 0.3) };
    report("banana", &banana, &s, 1);
    let bimodal = Exact { parameters: parameters(&[normal(0.0, 3.0), normal(0.0, 3.0)]), ln_likelihood: |t: &[f64]| math::ln_add_exp(-0.5 * ((t[0] - 3.0).abs() / 0.2 * (t[0] - 3.0).abs() / 0.2), -0.5 * ((t[0] + 3.0) / 0.2 * (t[0] + 3.0) / 0.2)) };
    report("bimodal", &bimodal, &s, 1);
    // calibration of mcse: z of the mean, over seeds
    for (name, noise, d, sd) in [("exact", 0.0, 3, 0.3), ("noisy", 1.0, 3, 0.3), ("exact", 0.0, 10, 0.5), ("noisy", 1.0, 10, 0.5)] {
        let mut z2 = 0.0; let mut v2 = 0.0; let mut ze = 0.0; let mut bias = 0.0; let mut vb=0.0; let mut n = 0.0; let mut ess=0.0; let mut lz=0.0;
        for seed in 0..200 {
            let o = run(&Noisy { exact: conjugate(d, 1.0, sd), variance: noise }, &Settings::for_budget(3000), seed);
            let g = posterior(&o);
            let (m, v) = (1.0 / (1.0 + sd * sd), sd * sd / (1.0 + sd * sd));
            let exact_ln_z = d as f64 * math::normal_ln_pdf(1.0, 0.0, (1.0 + sd * sd).sqrt());
            ze += ((o.diagnostics.ln_evidence - exact_ln_z) / o.diagnostics.ln_evidence_se).powi(2); lz += o.diagnostics.ln_evidence - exact_ln_z;
            let w = &o.posterior.weights;
            ess += o.diagnostics.ess;
            for c in &g.columns {
                let e = o.lineage.standard_error(w, c);
                let z = (output::weighted_mean(w, c) - m) / e;
                z2 += z * z; bias += z;
                let sq: Vec<f64> = c.iter().map(|x| (x - m) * (x - m)).collect();
                let z = (output::weighted_mean(w, &sq) - v) / o.lineage.standard_error(w, &sq);
                v2 += z * z; vb += z;
                n += 1.0;
            }
        }
        println!("{name} d={d}: rms z mean {:.3} var {:.3}; mean z {:.3} {:.3}; evid rms {:.3} bias {:.4}; mean ess {:.0}", (z2 / n).sqrt(), (v2 / n).sqrt(), bias / n, vb / n, (ze / 200.0).sqrt(), lz / 200.0, ess / 200.0);
    }
}
