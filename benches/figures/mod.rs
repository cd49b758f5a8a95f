//! The clock of a benchmark and quantiles of what was measured, as all benchmarks print them.

use std::time::Instant;

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// The value below which `share` of the sorted times lie, in milliseconds.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize] * 1_000.0
}

/// Prints the median and what 95 % and 99 % lie within, in milliseconds; gives the median.
pub fn report(what: &str, mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    let [half, most, nearly] = [0.5, 0.95, 0.99].map(|share| quantile(&seconds, share));
    println!("{what}: median {half:.2} ms, 95 % within {most:.2} ms, 99 % within {nearly:.2} ms ({})", seconds.len());
    half
}
