//! How the budget of an inference is shared out.

use exitvoice_infer::algorithm::settings::Settings;

/// Share of the budget spent where the dated claim describes a departure, one in.
const FOCUS_ONE_IN: u64 = 6;

/// Share of the budget kept back for a posterior that would be refused without it, one in.
const RESERVE_ONE_IN: u64 = 4;

/// Settings for a budget of simulations, `replicates` of them at each point; `dated`: there is a dated claim to look for.
pub(super) fn sampler_settings(budget: u64, replicates: u32, dated: bool) -> Settings {
    let points = budget / u64::from(replicates.max(1));
    let reserve = points / RESERVE_ONE_IN;
    let planned = points - reserve;
    let focus = if dated { (planned / FOCUS_ONE_IN) as u32 } else { 0 };
    Settings { budget, replicates, focus, reserve: reserve as u32, ..Settings::for_budget(planned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_replicates_fits_into_the_budget() {
        for replicates in [1, 2, 3, 4, 8] {
            for dated in [false, true] {
                let settings = sampler_settings(8_000, replicates, dated);
                assert_eq!(settings.check(), Ok(()), "{replicates}");
                assert_eq!((settings.budget, settings.replicates), (8_000, replicates));
                assert_eq!(settings.focus > 0, dated);
            }
        }
    }

    #[test]
    fn a_quarter_of_the_points_is_kept() {
        assert_eq!(sampler_settings(8_000, 1, true).reserve, 2_000);
        assert_eq!(sampler_settings(8_000, 2, true).reserve, 1_000);
        assert_eq!(sampler_settings(8_000, 1, true).prior_draws, Settings::for_budget(6_000).prior_draws);
    }
}
