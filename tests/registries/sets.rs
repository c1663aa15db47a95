//! Random sets of registries: what references resolve to, and the file after an edit.

use std::fmt::Write as _;
use std::path::Path;

use firn::core::flake_ref::FlakeRef;
use firn::core::registry::{Reach, Registries, Registry};
use firn::system::registry_file::{GlobalPlace, RegistryPlaces};
use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::references::is_new;
use crate::set_pins;
use crate::support::{self, PrivateNix};
use crate::write_reference::{Oddness, attributes, branch};
use crate::{number, say};

const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

const NAMES: [&str; 4] = ["a", "b", "c", "nixpkgs"];

/// A name, with a branch, tag or commit sometimes.
fn name(random: &mut Random) -> Map<String, Value> {
    let mut object = Map::from_iter([
        ("type".to_owned(), json!("indirect")),
        ("id".to_owned(), json!(random.pick(&NAMES))),
    ]);
    if random.chance(20) {
        object.insert("ref".to_owned(), json!(random.pick(&["x", "main"])));
    }
    if random.chance(10) {
        object.insert("rev".to_owned(), json!(REVISION));
    }
    object
}

fn direct(random: &mut Random) -> Map<String, Value> {
    let (repo, kind) = (*random.pick(&["r", "s"]), *random.pick(&["github", "gitlab"]));
    object(&json!({ "type": kind, "owner": "o", "repo": repo }))
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Any reference; what is replaced must not have a folder.
fn attributes_without_dir(random: &mut Random) -> Map<String, Value> {
    let mut attributes = attributes(random, Oddness::Tame);
    attributes.remove("dir");
    attributes
}

/// An entry; `flake` is a folder with one, which a pin can be made of.
fn entry(random: &mut Random, flake: &str) -> Value {
    let from = match random.below(20) {
        0..=15 => name(random),
        16..=18 => direct(random),
        _ => attributes_without_dir(random),
    };
    let mut to = match random.below(10) {
        0..=2 => name(random),
        3..=4 => direct(random),
        5 => object(&json!({ "type": "path", "path": flake })),
        6 => object(&json!({ "type": "git", "url": format!("file://{flake}-repository") })),
        _ => attributes(random, Oddness::Tame),
    };
    if random.chance(25) {
        to.insert("dir".to_owned(), json!(random.pick(&["d", "e/f", ""])));
    }
    let mut entry = Map::from_iter([("from".to_owned(), json!(from)), ("to".to_owned(), json!(to))]);
    if random.chance(25) {
        entry.insert("exact".to_owned(), json!(random.chance(85)));
    }
    if random.chance(10) {
        entry.insert("comment".to_owned(), json!("x"));
    }
    Value::Object(entry)
}

/// The text of a file, damaged sometimes.
fn file(random: &mut Random, flake: &str) -> String {
    let mut entries: Vec<Value> = (0..random.below(7)).map(|_| entry(random, flake)).collect();
    if random.chance(6) && !entries.is_empty() {
        let place = random.below(entries.len());
        entries[place] = random
            .pick(&[
                json!(1),
                json!({}),
                json!({ "from": { "type": "indirect", "id": "a" } }),
                json!({ "from": { "type": "indirect", "id": "1" }, "to": { "type": "path", "path": "/x" } }),
                json!({ "from": { "type": "indirect", "id": "a" }, "to": { "type": "path", "path": null } }),
                json!({ "from": { "type": "indirect", "id": "a", "dir": "x" }, "to": { "type": "path", "path": "/x" } }),
            ])
            .clone();
    }
    let version =
        if random.chance(3) { random.pick(&[json!(1), json!("2"), json!(2.5)]).clone() } else { json!(2) };
    let mut text = json!({ "version": version, "flakes": entries }).to_string();
    if random.chance(3) {
        text = text.replacen("\"flakes\":", "\"flakes\":,", 1);
    }
    text
}

/// What a person may ask for.
pub fn question(random: &mut Random) -> String {
    let mut text = if random.chance(80) {
        (*random.pick(&NAMES)).to_owned()
    } else {
        format!("{}:o/{}", random.pick(&["github", "gitlab"]), random.pick(&["r", "s", "t"]))
    };
    if random.chance(35) {
        text.push('/');
        text.push_str(&branch(random, Oddness::Tame));
    } else if random.chance(10) {
        write!(text, "/{REVISION}").unwrap();
    }
    if text.contains(':') {
        return text;
    }
    if random.chance(10) {
        write!(text, "/{REVISION}").unwrap();
    }
    if random.chance(15) { format!("flake:{text}?dir=own") } else { text }
}

/// The folder of the flake that pins are made of; beside it is one in a repository.
fn flake(nix: &PrivateNix) -> String {
    nix.root().join("work/flake").to_str().unwrap().to_owned()
}

/// The files of a set below the root of a private Nix.
pub struct Set {
    pub places: RegistryPlaces,
}

impl Set {
    fn place(nix: &PrivateNix, random: &mut Random) -> Self {
        let user = nix.home().join(".config/nix/registry.json");
        let system = nix.root().join("conf/registry.json");
        let global = nix.root().join("work/global.json");
        for path in [&user, &system, &global] {
            let _ = std::fs::remove_file(path);
            if random.chance(75) {
                support::write(nix.root(), path, file(random, &flake(nix)));
            }
        }
        let global = GlobalPlace::File(global);
        Self { places: RegistryPlaces { user, system, global, ..RegistryPlaces::default() } }
    }

    /// All of it, as firn reads it.
    pub fn registries(&self) -> Registries {
        let mut registries = Registries::default();
        for file in self.places.read() {
            *registries.layer_mut(file.layer) = file.registry;
        }
        registries
    }

    /// The whole set as text, for messages.
    pub fn show(&self) -> String {
        let mut text = String::new();
        for file in self.places.read() {
            let contents = text_of(&file.path).unwrap_or_default();
            writeln!(text, "{:?} {:?}\n{contents}", file.layer, file.registry.fault).unwrap();
        }
        text
    }

    /// What Nix lists: layer, from and to of each entry. 2.26 crashes over an entry with both a branch
    /// and a commit of a forge.
    fn list(nix: &PrivateNix) -> Option<Vec<Vec<String>>> {
        let global = nix.root().join("work/global.json");
        let output = nix.output("nix", &["registry", "list", "--flake-registry", global.to_str().unwrap()]);
        if output.status.code().is_none() && !is_new(nix) {
            return None;
        }
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| line.split_ascii_whitespace().map(str::to_owned).collect());
        Some(lines.collect())
    }

    /// What Nix resolves these to; `None` if it refuses one.
    fn resolve(nix: &PrivateNix, questions: &[&str]) -> Option<Vec<String>> {
        let global = nix.root().join("work/global.json");
        let mut words = vec!["registry", "resolve", "--flake-registry", global.to_str().unwrap()];
        words.extend(questions);
        let output = nix.output("nix", &words);
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| text.lines().map(str::to_owned).collect())
    }
}

fn ours(registries: &Registries, question: &str) -> Option<String> {
    let reference = FlakeRef::parse(question).ok()?;
    Some(registries.look_up(&reference, Reach::All).ok()?.result.to_string())
}

/// Compares what is resolved; gives how many both resolve and refuse.
fn compare_look_ups(nix: &PrivateNix, set: &Set, questions: &[String]) -> (usize, usize) {
    let registries = set.registries();
    let ours: Vec<Option<String>> = questions.iter().map(|question| ours(&registries, question)).collect();
    let words = |index: &usize| questions[*index].as_str();
    let (found, refused): (Vec<usize>, Vec<usize>) =
        (0..questions.len()).partition(|&index| ours[index].is_some());
    let asked: Vec<&str> = found.iter().map(words).collect();
    let expected: Vec<String> = ours.iter().flatten().cloned().collect();
    if Set::resolve(nix, &asked) != Some(expected) {
        for index in &found {
            let theirs = Set::resolve(nix, &[words(index)]).map(|mut lines| lines.remove(0));
            assert_eq!(theirs, ours[*index], "{}: {}", words(index), set.show());
        }
        panic!("one by one they are the same: {asked:?}");
    }
    for index in &refused {
        let asked = words(index);
        assert_eq!(Set::resolve(nix, &[asked]), None, "firn refuses {asked}: {}", set.show());
    }
    (found.len(), refused.len())
}

/// The list has the same entries in the same order; older versions print some of them otherwise.
/// `false` if Nix has none.
fn compare_lists(nix: &PrivateNix, set: &Set, registries: &Registries) -> bool {
    let ours: Vec<Vec<String>> = registries
        .entries()
        .map(|(id, entry)| vec![id.layer.name().to_owned(), entry.from.to_string(), entry.printed_target()])
        .collect();
    let Some(theirs) = Set::list(nix) else { return false };
    if is_new(nix) {
        assert_eq!(theirs, ours, "{}", set.show());
        return true;
    }
    assert_eq!(theirs.len(), ours.len(), "{}", set.show());
    for (theirs, ours) in theirs.iter().zip(&ours) {
        // Hosts, slashes and the order of parameters are told by the newer one.
        let start = |texts: &[String]| -> Vec<String> {
            let scheme =
                |text: &String| text.replacen("git+git+", "git+", 1).split(':').next().map(str::to_owned);
            texts.iter().filter_map(scheme).collect()
        };
        assert_eq!(start(theirs), start(ours), "{theirs:?} {ours:?}");
    }
    true
}

pub fn text_of(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// Adds and removes in the user's file; gives how many edits were compared.
fn compare_edits(nix: &PrivateNix, user: &Path, random: &mut Random) -> usize {
    let mut compared = 0;
    for _ in 0..3 {
        let before = text_of(user).map_or_else(Registry::default, |text| Registry::parse(text.as_bytes()));
        if before.fault.is_some() {
            // Nix would lose what it cannot read.
            return compared;
        }
        let (from, to) = (question(random), question(random));
        let (from_ref, to_ref) = (FlakeRef::parse(&from), FlakeRef::parse(&to));
        let removes = random.chance(30);
        let expected = match (removes, from_ref, to_ref) {
            (true, Ok(from), _) => before.removing(&from).ok(),
            (false, Ok(from), Ok(to)) => before.adding(&from, to).ok(),
            _ => None,
        };
        let words: &[&str] =
            if removes { &["registry", "remove", &from] } else { &["registry", "add", &from, &to] };
        let Some(expected) = expected else {
            assert!(removes || !nix.output("nix", words).status.success(), "{words:?}");
            continue;
        };
        let output = nix.output("nix", words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(text_of(user), Some(expected.to_text().unwrap()), "{words:?} on {before:#?}");
        compared += 1;
    }
    compared
}

#[test]
fn random_sets_resolve_and_are_edited_as_in_nix() {
    let (first, count) = (number("FIRN_TEST_SEED", 1), number("FIRN_TEST_REGISTRIES", 12));
    support::each_nix("random registries", |nix| {
        set_pins::make_flakes(nix);
        let (mut listed, mut resolved, mut refused, mut edited, mut pinned) = (0, 0, 0, 0, 0);
        for seed in first..first + count {
            let mut random = Random::new(seed);
            let set = Set::place(nix, &mut random);
            listed += usize::from(compare_lists(nix, &set, &set.registries()));
            if !is_new(nix) {
                // 2.26 cannot resolve, writes Git's addresses as they are, and takes an entry away
                // before it looks up what is to be pinned.
                continue;
            }
            let questions: Vec<String> = (0..10).map(|_| question(&mut random)).collect();
            let (found, not) = compare_look_ups(nix, &set, &questions);
            (resolved, refused) = (resolved + found, refused + not);
            edited += compare_edits(nix, &set.places.user, &mut random);
            pinned += usize::from(set_pins::compare(nix, &set, &mut random));
        }
        say(&format!(
            "random registries from seed {first}: {listed} of {count} sets listed, {resolved} resolved and {refused} \
             refused by both, {edited} edits, {pinned} pins"
        ));
    });
}
