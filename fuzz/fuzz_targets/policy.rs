#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    sunvote_fuzz::judge("policy", bytes);
});
