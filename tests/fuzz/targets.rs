//! What is fuzzed: a reader each, and what must hold for whatever it reads.

use std::path::Path;
use std::sync::Arc;

use firn::core::facts::Facts;
use firn::core::flake_ref;
use firn::core::generation::{number_of, parse_age};
use firn::core::hash::Hash;
use firn::core::installable::Installable;
use firn::core::manifest::{ElementMatcher, ProfileManifest};
use firn::core::nar::{NarHash, from_nix32, nix32, source_path};
use firn::core::package::PackageName;
use firn::core::plan::cost::Cost;
use firn::core::plan::{Base, Plan, json};
use firn::core::store_path::{StoreDir, StorePath};
use firn::core::transaction::Transaction;
use firn::core::url::ParsedUrl;
use firn::core::version::compare_versions;
use firn::core::{resolution, visible};
use firn::system::journal::Journal;
use firn::system::machine::{Cancel, NoProgress, ProfileObject, Store as _, Watch};
use firn::system::playground::{PlaygroundStore, check_world};
use firn::tui::action::Action;
use firn::tui::configuration;
use firn::tui::keymap::{Key, Keymap, Scope};
use firn::tui::theme::Theme;
use sha2::{Digest as _, Sha256};

use super::{caches, environments, notes, overrides};

/// A reader.
pub struct Target {
    /// The name of its corpus folder.
    pub name: &'static str,
    /// Whether it is TOML.
    pub is_toml: bool,
    /// Words of its format.
    pub words: &'static [&'static str],
    /// Reads an input, checks what must hold, and says in few words what it was.
    pub run: fn(&[u8]) -> String,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "manifest",
        is_toml: false,
        words: &[
            "\"elements\":",
            "\"version\":",
            "\"active\":true",
            "\"attrPath\":\"",
            "\"originalUrl\":",
            "\"outputs\":",
            "\"priority\":",
            "\"storePaths\":[",
            "\"url\":\"",
            "\"uri\":",
            "[\"*\"]",
            "/nix/store/",
            "flake:nixpkgs",
            "i270m2h1x1mzqnkc1smn1mksy6mqkd8b-a",
            "path:/",
            "?dir=",
            "github:a/b",
        ],
        run: manifest,
    },
    Target {
        name: "transaction",
        is_toml: false,
        words: &[
            "\"change\":",
            "\"remove\"",
            "\"priority\"",
            "\"active\"",
            "\"add\"",
            "\"element\":",
            "\"to\":",
            "\"installable\":",
            "\"upgrade\"",
            "\"outputs\"",
            "\"retarget\"",
            "\"version\":1",
            "\"hello\"",
            "\"file\":",
        ],
        run: transaction,
    },
    Target {
        name: "keymap",
        is_toml: true,
        words: &[
            "[[bindings]]\n",
            "keys = [",
            "scopes = [",
            "action = ",
            "description = ",
            "hint = ",
            "rank = ",
            "\"ctrl-",
            "\"installed\"",
            "\"main\"",
            "'''",
            "\"\"\"",
            "<",
            "shift-",
            "alt-",
        ],
        run: keymap,
    },
    Target {
        name: "configuration",
        is_toml: true,
        words: &[
            "theme = ",
            "base = ",
            "mouse = ",
            "columns = [",
            "[confirm]\n",
            "colours.added = {",
            "fg = \"#",
            "keys = [",
            "[[keys]]\n",
            "on = ",
            "run = \"yes\"",
            "scope = ",
            "\"filter\"",
            "\"ctrl-c\"",
            "\"esc\"",
            "'''",
        ],
        run: configuration,
    },
    Target {
        name: "reference",
        is_toml: false,
        words: &[
            "github:",
            "git+",
            "file://",
            "https://",
            "path:",
            "tarball+",
            "flake:",
            "?ref=",
            "?rev=",
            "&dir=",
            "narHash=",
            "sha256-",
            "hg+",
            "gitlab:",
            "sourcehut:",
            "git+ssh://",
            "[::1]",
            "%25",
            ".tar.gz",
            "?host=",
            "#",
            "^*",
        ],
        run: reference,
    },
    Target {
        name: "pattern",
        is_toml: false,
        words: &["[[:alpha:]]", "{1,2}", "{2}", "(", ")", "|", "[^", "[]", "*", "+?"],
        run: pattern,
    },
    Target {
        name: "world",
        is_toml: true,
        words: &[
            "[[revision]]\n",
            "[package.a]\n",
            "[[generation]]\n",
            "version = ",
            "days_ago = ",
            "elements = ",
            "outputs = ",
            "programs = {",
            "files = {",
            "fails = {",
            "priority = ",
            "nar_hash = ",
        ],
        run: world,
    },
    Target {
        name: "journal",
        is_toml: false,
        words: &[
            "\"time\":",
            "\"profile\":",
            "\"/p\"",
            "\"deed\":",
            "\"apply\"",
            "\"from\":",
            "\"to\":",
            "null",
            "\n",
        ],
        run: journal,
    },
    Target {
        name: "name",
        is_toml: false,
        words: &["profile-", "-link", "30d", ".drv", "/nix/store/", "-", "2.3pre1", "ctrl-"],
        run: name,
    },
    Target {
        name: "nar",
        is_toml: false,
        words: &[
            "nix-archive-1",
            "\x01\0\0\0\0\0\0\0(\0\0\0\0\0\0\0",
            "\x04\0\0\0\0\0\0\0type\0\0\0\0",
            "regular\0",
            "symlink\0",
            "directory\0\0\0\0\0\0\0",
            "entry\0\0\0",
            "name\0\0\0\0",
            "node\0\0\0\0",
            "contents",
            "target\0\0",
        ],
        run: nar,
    },
    overrides::THEME,
    overrides::REGISTRY,
    environments::ENVIRONMENT,
    notes::NOTES,
    caches::LISTING,
    caches::INFO,
];

/// The store folder of everything fuzzed.
pub fn store_dir() -> StoreDir {
    StoreDir::new("/nix/store")
}

/// The words of an error that are its own and not quoted from the input.
pub fn shape(error: &impl ToString, input: &[u8]) -> String {
    let text = error.to_string();
    let plain = |word: &&str| word.len() < 16 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let quoted =
        |word: &str| input.len() > 8192 || input.windows(word.len()).any(|window| window == word.as_bytes());
    let own = text
        .split([' ', '\'', '`', '"', ',', ':'])
        .filter(plain)
        .filter(|word| word.len() > 2 && !quoted(word));
    own.take(12).collect::<Vec<_>>().join(" ")
}

/// A size in few words.
pub fn about(size: usize) -> u32 {
    size.checked_ilog2().map_or(0, |log| log + 1)
}

fn manifest(input: &[u8]) -> String {
    let read = match ProfileManifest::parse(input, &store_dir()) {
        Ok(read) => read,
        Err(error) => return shape(&error, input),
    };
    let written = read.to_json();
    let again = ProfileManifest::parse(written.as_bytes(), &store_dir()).unwrap();
    assert_eq!(again.to_json(), written, "what is written reads as something else");
    let sources = read.elements.values().filter(|element| element.source.is_some()).count();
    for element in read.elements.values() {
        let _ = (element.base_name(), element.versions());
    }
    let base = Arc::new(Base { store_path: None, manifest: read, store_dir: store_dir() });
    let plan = Plan::make(&base, &Transaction::default(), &Facts::default(), None);
    let words = (plan.state(), json::plan(&plan, &Cost::at_hand(&plan)).map(|_| ()).is_ok());
    format!(
        "{} {} {} {words:?}",
        about(base.manifest.elements.len()),
        about(sources),
        about(base.manifest.references().len())
    )
}

/// Changes on a profile with two elements.
fn transaction(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    let mut transaction = match Transaction::parse(text) {
        Ok(transaction) => transaction,
        Err(error) => return shape(&error, input),
    };
    assert_eq!(Transaction::parse(&transaction.to_json()).unwrap().changes(), transaction.changes());
    let element = r#"{"active":true,"priority":5,"storePaths":["/nix/store/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-hello-1"]}"#;
    let manifest = format!(r#"{{"elements":{{"hello":{element},"a b":{element}}},"version":3}}"#);
    let manifest = ProfileManifest::parse(manifest.as_bytes(), &store_dir()).unwrap();
    let base = Arc::new(Base { store_path: None, manifest, store_dir: store_dir() });
    let facts = Facts::default();
    let plan = Plan::make(&base, &transaction, &facts, None);
    transaction.normalize(&base.manifest, &plan.added);
    let plan = Plan::make(&base, &transaction, &facts, Some(&plan));
    for group in resolution::groups(&plan) {
        resolution::ways(&plan, &transaction, &facts, &group);
    }
    format!("{} {:?} {}", about(transaction.changes().len()), plan.state(), about(plan.left.len()))
}

fn keymap(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    match Keymap::parse(text) {
        Ok(keymap) => {
            keymap.hints(Scope::Installed, 40);
            format!("{}", about(keymap.here(Scope::Installed).len()))
        }
        Err(error) => shape(&error.to_string().lines().last().unwrap_or_default().to_owned(), input),
    }
}

/// Read as the configuration and as a theme; whatever is wrong, there are keys and colours to go on with.
fn configuration(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    let find = |name: &str| {
        let found = Theme::named(name).map(|theme| (theme, Vec::new()));
        found.ok_or_else(|| format!("there is no theme '{name}'"))
    };
    let read = configuration::read("config.toml", text, None, &find);
    let (_, problems) = Theme::read("theme.toml", text);
    if let Some(keymap) = &read.keymap {
        for scope in [Scope::Installed, Scope::Review, Scope::Filter] {
            keymap.hints(scope, 40);
        }
        let ends = keymap.action(Scope::Installed, Key::parse("ctrl-c").unwrap());
        assert_eq!(ends, Some(Action::Interrupt), "nothing ends the program");
        let enter = keymap.action(Scope::Review, Key::parse("enter").unwrap());
        assert_ne!(enter, Some(Action::Yes), "Enter applies a plan");
    }
    let told = read.problems.first().map(|problem| shape(&problem.words, input)).unwrap_or_default();
    format!("{told} {} {} {}", read.problems.len(), about(problems.len()), read.keymap.is_some())
}

fn reference(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    let url = match ParsedUrl::parse(text) {
        Ok(url) => format!("{} {}", about(url.query.len()), url.scheme.len()),
        Err(error) => shape(&error, input),
    };
    let installable = Installable::flake(text);
    let _ = (installable.short_name(), installable.store_path(&store_dir()));
    match flake_ref::normalize(text) {
        Ok(normal) => {
            assert_eq!(flake_ref::normalize(&normal).as_ref(), Ok(&normal), "printed anew it changes again");
            let scheme: String = normal.chars().take_while(|letter| *letter != ':').take(16).collect();
            format!("{scheme} {} {url}", normal == text)
        }
        Err(error) => format!("{} {url}", shape(&error, input)),
    }
}

fn pattern(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    match ElementMatcher::regex(text) {
        Ok(ElementMatcher::Regex(regex, _)) => {
            format!("{}", regex.is_match(b"flake:nixpkgs#packages.hello^out"))
        }
        Ok(_) => "no pattern".to_owned(),
        Err(error) => shape(&error, input),
    }
}

fn world(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    match check_world(text) {
        Ok(()) => "a world".to_owned(),
        Err(error) => shape(&error.to_string().lines().last().unwrap_or_default().to_owned(), input),
    }
}

fn journal(input: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("journal.jsonl"), input).unwrap();
    let journal = Journal::new(folder.path());
    let before = journal.read(Path::new("/p")).unwrap();
    let entry = before.first().cloned();
    if let Some(entry) = entry {
        journal.append(&entry).unwrap();
        assert_eq!(journal.read(Path::new("/p")).unwrap().len(), before.len() + 1);
    }
    let lines = input.split(|byte| *byte == b'\n').count();
    format!("{} {}", about(before.len()), about(lines))
}

/// Everything that is a short text: link names, ages, versions, store paths, hashes, keys.
fn name(input: &[u8]) -> String {
    let shown = visible::text(&visible::bytes(input));
    assert_eq!(visible::text(&shown), shown);
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    let (left, right) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let order = compare_versions(left, right);
    assert_eq!(compare_versions(right, left), order.reverse());
    PackageName::split(text);
    let bytes = from_nix32(text);
    assert!(bytes.as_ref().is_none_or(|bytes| nix32(bytes) == text));
    let path = StorePath::parse(&store_dir(), text);
    let found = [
        number_of("profile", text).is_some(),
        parse_age(text).is_ok(),
        Hash::parse_revision(text).is_some(),
        Hash::parse_nar_hash(text).is_some(),
        Key::parse(text).is_ok(),
        ElementMatcher::word(text, &store_dir()).is_ok(),
        bytes.is_some(),
    ];
    format!("{found:?} {order:?} {}", path.map_or_else(|error| shape(&error, input), |_| "a path".to_owned()))
}

/// An archive, under the very path it must have, is unpacked or refused, and nothing lies beside it.
fn nar(input: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = PlaygroundStore::empty(&folder.path().join("playground")).unwrap();
    let hash = NarHash { sha256: Sha256::digest(input).into(), size: input.len() as u64 };
    let path = source_path(store.store_dir(), "profile", &hash, &[]).unwrap();
    let write_nar = |sink: &mut dyn std::io::Write| sink.write_all(input);
    let object = ProfileObject { path: &path, references: &[], nar: hash, write_nar: &write_nar };
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let imported = store.import_profile(&object, &watch);
    assert_eq!(Path::new(path.as_str()).symlink_metadata().is_ok(), imported.is_ok());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was written outside");
    imported.map_or_else(|error| shape(&error, input), |()| "unpacked".to_owned())
}
