//! Quantiles of what was measured, as all benchmarks print them.

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

/// Prints the median and what 95 % lie within, in milliseconds; gives the median.
pub fn report(what: &str, mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    let [half, most] = [0.5, 0.95].map(|share| quantile(&seconds, share));
    println!("{what}: median {half:.2} ms, 95 % within {most:.2} ms");
    half
}
