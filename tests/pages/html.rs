//! Reads a page with a real HTML tokenizer and notes what is wrong with it.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// A start tag.
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub inside_label: bool,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A page in pieces.
pub struct Document {
    pub source: String,
    pub tags: Vec<Tag>,
    pub faults: Vec<String>,
}

#[derive(Default)]
struct Reader {
    open: RefCell<Vec<String>>,
    tags: RefCell<Vec<Tag>>,
    faults: RefCell<Vec<String>>,
}

const VOID: [&str; 9] = ["meta", "link", "input", "br", "img", "hr", "wbr", "source", "col"];

impl TokenSink for Reader {
    type Handle = ();
    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                if tag.kind == TagKind::EndTag {
                    let last = self.open.borrow_mut().pop();
                    if last.as_deref() != Some(&name) {
                        self.faults.borrow_mut().push(format!("</{name}> closes {last:?}"));
                    }
                    return TokenSinkResult::Continue;
                }
                let attributes = tag.attrs.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
                let inside_label = self.open.borrow().iter().any(|open| open == "label");
                self.nesting(&name);
                self.tags.borrow_mut().push(Tag { name: name.clone(), attributes, inside_label });
                if !tag.self_closing && !VOID.contains(&name.as_str()) {
                    self.open.borrow_mut().push(name);
                }
            }
            Token::ParseError(error) => self.faults.borrow_mut().push(error.into_owned()),
            Token::EOFToken => {
                for name in self.open.borrow().iter() {
                    self.faults.borrow_mut().push(format!("<{name}> is never closed"));
                }
            }
            Token::DoctypeToken(_) | Token::CommentToken(_) | Token::CharacterTokens(_) | Token::NullCharacterToken => {
            }
        }
        TokenSinkResult::Continue
    }
}

impl Reader {
    /// What a browser would silently move elsewhere.
    fn nesting(&self, name: &str) {
        let open = self.open.borrow();
        let inside = |outer: &str| open.iter().any(|tag| tag == outer);
        let block =
            matches!(name, "div" | "p" | "ul" | "ol" | "dl" | "table" | "form" | "section" | "h2" | "h3" | "h4");
        let broken = (block && inside("p")) || (name == "a" && inside("a")) || (name == "form" && inside("form"));
        if broken || (matches!(name, "a" | "button") && inside("button")) {
            self.faults.borrow_mut().push(format!("<{name}> inside {:?}", open.last()));
        }
    }
}

impl Document {
    pub fn parse(source: &str) -> Self {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(source));
        let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        Self { source: source.to_owned(), tags: tokenizer.sink.tags.take(), faults: tokenizer.sink.faults.take() }
    }
}
