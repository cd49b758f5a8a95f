//! Windows of signing, and copies.

use sunvote::core::reject::Rule;

use crate::forge::{Forge, ROOTS, Set};
use crate::raw;
use crate::stages::Stages;
use crate::statements::{declare_kin, kinship, renaming};

pub fn add(set: &mut Set, stages: &Stages) {
    let rule = Rule::StatementTime;
    let suggest = |f: &mut Forge| {
        let envelope = raw::signed(f, |s| s.suggest_to(stages.matter, "再提一条"));
        (envelope, f.now())
    };
    for (name, ms, lawful) in [("at-ahead", 120_000, true), ("at-ahead-too-far", 120_001, false)] {
        set.bad(&stages.suggested, name, "Signed two minutes after the entry, or a millisecond more.", |f| {
            f.wait_minutes(5);
            let (envelope, time) = suggest(f);
            if lawful {
                f.push(&envelope, time.plus_ms(-ms))
            } else {
                f.force_at(rule, &envelope, time.plus_ms(-ms))
            };
        });
    }
    for (name, ms, lawful) in [("at-behind", 600_000, true), ("at-behind-too-far", 600_001, false)] {
        set.bad(&stages.suggested, name, "Signed ten minutes before the entry, or a millisecond more.", |f| {
            let (envelope, time) = suggest(f);
            if lawful {
                f.push(&envelope, time.plus_ms(ms))
            } else {
                f.force_at(rule, &envelope, time.plus_ms(ms))
            };
        });
    }
    let days = 86_400_000;
    for (name, ms, lawful) in [("signing-window", 3 * days, true), ("signing-window-over", 3 * days + 1, false)] {
        set.bad(
            &stages.village,
            name,
            "Two people's statement taken in after three days, or a millisecond more.",
            |f| {
                let (envelope, time) = (f.sign_raw(&f.two(), kinship(f)), f.now().plus_ms(ms));
                if lawful {
                    f.push(&envelope, time)
                } else {
                    f.force_at(rule, &envelope, time)
                };
            },
        );
    }
    for (name, ms, lawful) in [("offline-window", 30 * days, true), ("offline-window-over", 30 * days + 1, false)] {
        set.bad(&stages.village, name, "Roots' statement taken in after thirty days, or a millisecond more.", |f| {
            let payload = renaming(f);
            let (envelope, time) = (f.sign_raw(ROOTS, payload), f.now().plus_ms(ms));
            if lawful {
                f.push(&envelope, time)
            } else {
                f.force_at(rule, &envelope, time)
            };
        });
    }
    set.bad(&stages.village, "replayed", "A statement twice, within its window.", |f| {
        let envelope = raw::signed(f, declare_kin);
        let time = f.now();
        f.push(&envelope, time).wait_days(2);
        f.force(Rule::StatementReplayed, &envelope).then(|s| s.suggest("建议修路"));
    });
    set.bad(&stages.village, "replayed-after-its-window", "A statement again, a millisecond after its window.", |f| {
        let envelope = raw::signed(f, declare_kin);
        let time = f.now();
        f.push(&envelope, time).wait_ms(3 * days + 1);
        f.force(rule, &envelope);
    });
    set.bad(
        &stages.village,
        "refused-and-then-taken",
        "A refused statement changes nothing: a copy of it may be lawful later.",
        |f| {
            f.wait_days(1);
            let envelope = raw::signed(f, declare_kin);
            let time = f.now();
            f.force_at(rule, &envelope, time.plus_ms(-120_001));
            f.push(&envelope, time);
        },
    );
}
