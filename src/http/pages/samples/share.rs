//! Sample of what is sent to a group.

use crate::http::i18n::Lang;
use crate::http::pages::samples::{chrome, matter_id, pick, place};
use crate::http::pages::share::SharePage;

impl SharePage {
    /// A matter that is voted on soon.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let (place, id) = (place(lang), matter_id(1));
        let path = format!("/v/{}/m/{id}", place.code);
        let link = format!("https://vote.example{path}");
        let title = pick(lang, "硬化村西机耕路", "Pave the western track");
        let text = pick(
            lang,
            "【黄泥墩村】硬化村西机耕路\n第5步：票决\n金额：126,000元\n接下来：2026年11月21日 19:30开会表决\n",
            "[Huangnidun] Pave the western track\nStep 5: Ballot\nAmount: ¥126,000\nNext: vote on 21 November 2026 19:30\n",
        );
        Self { c: chrome(lang), id, title, picture: format!("{path}/share/file"), text: text + &link, link, place }
    }
}
