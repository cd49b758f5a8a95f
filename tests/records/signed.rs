//! Signatures: broken ones, and those about which libraries disagree (PROTOCOL section 9).

use ed25519_dalek::SigningKey;
use sunvote::core::reject::Rule;
use sunvote::log::dsse::{Envelope, Signature, pae};

use crate::forge::{Forge, Set};
use crate::raw;
use crate::stages::Stages;
use crate::statements::{kinship, replaced};

pub fn add(set: &mut Set, stages: &Stages) {
    broken(set, stages);
    edges(set, stages);
}

fn broken(set: &mut Set, stages: &Stages) {
    let rule = Rule::StatementSignature;
    let mut bad = |name: &str, about: &str, rule: Rule, twist: &dyn Fn(&Forge, &mut Envelope)| {
        set.bad(&stages.village, name, about, |f| {
            let mut envelope = f.sign_raw(&f.two(), kinship(f));
            twist(f, &mut envelope);
            let time = f.now();
            f.finding(f.next(), rule.code()).push(&envelope, time);
            f.then(|s| s.wait_minutes(1).suggest("建议修路"));
        });
    };
    bad("signature-bit", "One bit of R.", rule, &|_, e| e.signatures[0].sig[3] ^= 1);
    bad("signature-s-bit", "One bit of S.", rule, &|_, e| e.signatures[1].sig[40] ^= 1);
    bad("signature-swapped", "Both signatures, in the other's place.", rule, &|_, e| e.signatures.swap(0, 1));
    bad("signature-twice", "The first signature in the second's place.", rule, &|_, e| {
        e.signatures[1].sig = e.signatures[0].sig;
    });
    bad("signature-keyid", "A keyid that is another key's; the signature is good.", rule, &|_, e| {
        e.signatures[0].keyid = e.signatures[1].keyid;
    });
    bad("signature-missing", "One signature for two signers.", Rule::SignerCount, &|_, e| e.signatures.truncate(1));
    bad("signature-more", "Three signatures for two signers.", Rule::SignerCount, &|_, e| {
        e.signatures.push(e.signatures[0].clone());
    });
    bad("signature-of-other-type", "Signed under another payload type.", rule, &|f, e| {
        let pae = pae("application/json", &e.payload);
        let keys = f.two().map(|hand| f.key_of(hand).unwrap().clone());
        for (signature, key) in e.signatures.iter_mut().zip(&keys) {
            *signature = Signature::sign(&pae, key);
        }
    });
    bad("signature-s-plus-q", "S + q: the same signature in a spelling that some libraries take.", rule, &|_, e| {
        raw::add_q(&mut e.signatures[0].sig);
    });
    bad(
        "signature-r-not-canonical",
        "R is the point 1 as p + 1, S = k·a: other spellings of R are refused.",
        rule,
        &|f, e| {
            let key = f.key_of(f.two()[0]).unwrap();
            e.signatures[0].sig = raw::neutral_r(key, &e.pae(), true);
        },
    );
    bad("signature-all-zero", "Sixty-four zeros.", rule, &|_, e| e.signatures[0].sig = [0; 64]);
}

/// Signatures that count although libraries disagree about them.
fn edges(set: &mut Set, stages: &Stages) {
    for point in 1..8 {
        let name = format!("torsion-signature-{point}");
        let about =
            format!("R moved by torsion point {point} of 8: it counts (some libraries refuse it, batches by chance).");
        set.bad(&stages.village, &name, &about, |f| {
            let mut envelope = f.sign_raw(&f.two(), kinship(f));
            let key: &SigningKey = f.key_of(f.two()[0]).unwrap();
            envelope.signatures[0].sig = raw::torsion_signature(key, &envelope.pae(), point);
            let time = f.now();
            f.push(&envelope, time);
        });
    }
    set.bad(
        &stages.village,
        "signature-r-neutral",
        "R is the neutral point in its one spelling, S = k·a: it counts.",
        |f| {
            let mut envelope = f.sign_raw(&f.two(), kinship(f));
            envelope.signatures[0].sig = raw::neutral_r(f.key_of(f.two()[0]).unwrap(), &envelope.pae(), false);
            let time = f.now();
            f.push(&envelope, time);
        },
    );
    for (name, about, public) in raw::unfit_keys() {
        set.bad(&stages.village, &format!("signer-{name}"), about, |f| {
            let payload = kinship(f);
            let clerk = f.someone(f.clerk()).unwrap().public();
            let payload = replaced(&payload, &clerk.to_string(), &public.to_string());
            let mut envelope = f.sign_raw(&f.two(), payload);
            envelope.signatures[0] = raw::signature_of(&public);
            let time = f.now();
            // The bytes say that the key is none; the law, that it is not the clerk's.
            let seq = f.next();
            f.finding(seq, "signer.key").finding(seq, "statement.signature").push(&envelope, time);
        });
    }
}
