//! `sunvote root`: the district's root keys. They are made and used on machines without network; what they sign travels
//! as a file, to one root after the other and back to the server.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use console::Term;
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use zeroize::Zeroizing;

use crate::cli::Failure;
use crate::cli::secret::{seed, write_secret, write_whole};
use crate::core::ids::PublicKey;
use crate::log::ceremony::key::{MAX_FILE_BYTES, RootKeyFile};
use crate::log::ceremony::{self, Item, words};
use crate::log::district::{self, Says};
use crate::log::note::{Algorithm, Note, NoteSignature, VerifierKey};

/// Make a district's root key and sign with it, on a machine without network.
#[derive(Debug, Args)]
pub(in crate::cli) struct Root {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a root key, sealed under a passphrase.
    New(New),
    /// Show what a file of statements says, and sign it.
    Sign(Sign),
    /// Sign which files a version of the pages' programs consists of.
    Release(Release),
}

#[derive(Debug, Args)]
#[command(
    after_help = "The release key is a key of its own, made like a root key and kept off line by who builds the program.
Readers and witnesses pin the verifier key that is printed.

Examples:
  sunvote root new release.root
  sunvote root release release.root release.txt --name release.liandu.example -o release.note"
)]
struct Release {
    /// The key's file.
    #[arg(value_name = "KEY")]
    key: PathBuf,
    /// The text that `sunvote admin files` prints.
    #[arg(value_name = "TEXT")]
    text: PathBuf,
    /// Name under which it signs: no spaces, no plus sign.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The signed note; must not be there yet.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

#[derive(Debug, Args)]
#[command(after_help = "Each root key is kept by another person, on a machine without network, with a copy in a safe.
Print the public key on the district's notices: by it anyone can check where a record begins.

Examples:
  sunvote root new first.root
  sunvote root new second.root --passphrase-file passphrase.txt")]
struct New {
    /// The key's file; must not be there yet.
    #[arg(value_name = "KEY")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Read what is shown. Compare the fingerprints of officers' keys with what they told you themselves.

Examples:
  sunvote root sign first.root founding.request -o founding.first
  sunvote root sign second.root founding.first -o founding.signed
  sunvote root sign first.root founding.request --show            only show it"
)]
struct Sign {
    /// The key's file.
    #[arg(value_name = "KEY")]
    key: PathBuf,
    /// The file from the server, or from the root that signed before.
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// Where to write it with the signatures added; must not be there yet.
    #[arg(long, short, value_name = "FILE", required_unless_present = "show")]
    output: Option<PathBuf>,
    /// Only show what would be signed.
    #[arg(long)]
    show: bool,
    /// Sign without being asked: for scripts that have checked the file themselves.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Where the passphrase comes from.
#[derive(Debug, Args)]
struct Passphrase {
    /// A file whose first line is the passphrase; without it you are asked.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Root {
    /// Carries the command out.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::New(new) => new.run(),
            Command::Sign(sign) => sign.run(),
            Command::Release(release) => release.run(),
        }
    }
}

impl Passphrase {
    /// Reads the passphrase; a new one is asked for twice.
    fn read(&self, new: bool) -> Result<Zeroizing<String>, Failure> {
        if let Some(path) = &self.passphrase_file {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let text = Zeroizing::new(text);
            return Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()));
        }
        let first = ask("Passphrase: ")?;
        if new && *ask("The same again: ")? != *first {
            return Err("the two are not the same; nothing was made".into());
        }
        Ok(first)
    }
}

fn ask(question: &str) -> Result<Zeroizing<String>, Failure> {
    let terminal = Term::stderr();
    if !terminal.is_term() {
        return Err("no terminal to ask for the passphrase: use --passphrase-file".into());
    }
    terminal.write_str(question)?;
    Ok(Zeroizing::new(terminal.read_secure_line()?))
}

impl New {
    fn run(&self) -> Result<(), Failure> {
        if self.file.exists() {
            return Err(format!("{} is there already; a root key is never replaced", self.file.display()).into());
        }
        let passphrase = self.passphrase.read(true)?;
        let made = RootKeyFile::make(&passphrase, &mut ChaCha20Rng::from_seed(seed()?))?;
        write_secret(&self.file, &made.to_text()?)?;
        println!("public key  {}", made.public);
        println!("\nTo print:\n\n{}\n", words::printable(&made.public));
        println!("The key is in {}. Without its passphrase it is lost.", self.file.display());
        Ok(())
    }
}

impl Sign {
    fn run(&self) -> Result<(), Failure> {
        let file = read_key(&self.key)?;
        let request = File::open(&self.request).map_err(|error| format!("{}: {error}", self.request.display()))?;
        let read = ceremony::read(BufReader::new(request));
        let mut items = read.map_err(|error| format!("{}: {error}", self.request.display()))?;
        let mine = items.iter().filter(|item| item.missing().any(|key| key == file.public)).count();
        print!("{}", words::summary(&items));
        println!("\nyour key     {}, to sign {mine} of them", words::fingerprint(&file.public));
        let Some(output) = self.output.as_ref().filter(|_| !self.show) else { return Ok(()) };
        check_signer(&items, file.public)?;
        self.confirm()?;
        let key = file.open(&self.passphrase.read(false)?)?;
        sign(&mut items, &key);
        let mut bytes = Vec::new();
        ceremony::write(&items, &mut bytes)?;
        write_whole(output, &bytes)?;
        println!("signed       {mine} statements, written to {}", output.display());
        for (key, count) in words::missing(&items) {
            println!("still needs  {} for {count} of them", words::fingerprint(&key));
        }
        Ok(())
    }

    fn confirm(&self) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let terminal = Term::stderr();
        if !terminal.is_term() {
            return Err("no terminal to ask on: look at it with --show, then use --yes".into());
        }
        terminal.write_str("Is this what you want to sign? Write yes: ")?;
        if terminal.read_line()?.trim() == "yes" { Ok(()) } else { Err("nothing was signed".into()) }
    }
}

impl Release {
    fn run(&self) -> Result<(), Failure> {
        let file = read_key(&self.key)?;
        let pinned = VerifierKey::new(&self.name, Algorithm::Ed25519, &file.public)?;
        let text = std::fs::read_to_string(&self.text).map_err(|error| format!("{}: {error}", self.text.display()))?;
        let key = file.open(&self.passphrase.read(false)?)?;
        let note = Note { signatures: vec![NoteSignature::sign(&text, &self.name, &key)], text }.to_string();
        let Ok((Says::Release { version, files }, _)) = district::read(note.as_bytes()) else {
            return Err(format!("{}: not the text that `sunvote admin files` prints", self.text.display()).into());
        };
        write_whole(&self.output, note.as_bytes())?;
        println!("signed       version {version}, {} files, written to {}", files.len(), self.output.display());
        println!("pin          {pinned}");
        Ok(())
    }
}

fn read_key(path: &Path) -> Result<RootKeyFile, Failure> {
    let mut text = String::new();
    let file = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text));
    file.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(RootKeyFile::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// Refuses a batch in which the key has no part: signing half of it would look like all.
fn check_signer(items: &[Item], key: PublicKey) -> Result<(), Failure> {
    let other = items.iter().find(|item| item.statement.by.iter().all(|signer| signer.key != key));
    if let Some(item) = other {
        let (kind, village) = (item.statement.kind(), item.statement.village);
        return Err(format!("{kind} of {village} is for other root keys; nothing was signed").into());
    }
    if items.iter().all(|item| item.missing().all(|missing| missing != key)) {
        return Err("this key has signed all of it already".into());
    }
    Ok(())
}

fn sign(items: &mut [Item], key: &SigningKey) {
    let public = PublicKey(key.verifying_key().to_bytes());
    for item in items.iter_mut().filter(|item| item.missing().any(|missing| missing == public)) {
        item.sign(key);
    }
}
