//! A stranger's software: programs that know nothing of sunvote read the logs that a server serves, or cosign them. Go's
//! checksum database packages verify them whole; a published C2SP witness cosigns the district's checkpoint.

#[expect(dead_code, reason = "shared with the suite `app`, which uses all of it")]
#[path = "../app/bed.rs"]
mod bed;
mod go;
mod rollback;
mod served;
#[path = "../http/village.rs"]
mod village;
mod witness;
