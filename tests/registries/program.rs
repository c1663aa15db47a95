//! The program next to `nix registry`: the same words, the same file, output and status.

use std::path::Path;
use std::process::Output;

use crate::references::is_new;
use crate::set_pins::make_flakes;
use crate::sets::text_of;
use crate::support::{self, PrivateNix};

/// firn itself.
pub const FIRN: &str = env!("CARGO_BIN_EXE_firn");

/// What a program left behind: its status, its output, and the user's registry.
#[derive(Debug, PartialEq)]
struct Left {
    status: Option<i32>,
    out: String,
    file: Option<String>,
}

struct World<'a> {
    nix: &'a PrivateNix,
    user: std::path::PathBuf,
    before: String,
}

impl<'a> World<'a> {
    fn new(nix: &'a PrivateNix) -> Self {
        make_flakes(nix);
        let root = nix.root().display();
        let entry =
            |from: &str, to: &str| format!(r#"{{"from":{{"type":"indirect","id":"{from}"}},"to":{to}}}"#);
        let entries = [
            entry("a", &format!(r#"{{"type":"path","path":"{root}/work/flake","dir":""}}"#)),
            entry("b", r#"{"type":"indirect","id":"a","ref":"x"}"#).replacen('{', r#"{"exact":true,"#, 1),
            entry("a", r#"{"type":"github","owner":"o","repo":"r","dir":"d/e"}"#),
            entry("g", &format!(r#"{{"type":"git","url":"file://{root}/work/flake-repository"}}"#)),
        ];
        let before = format!(r#"{{"version":2,"flakes":[{}],"comment":1}}"#, entries.join(","));
        support::write(
            nix.root(),
            "conf/registry.json",
            r#"{"version":2,"flakes":[{"from":{"type":"indirect","id":"s"},"to":{"type":"tarball","url":"https://h/x.tar.gz"}}]}"#,
        );
        Self { nix, user: nix.home().join(".config/nix/registry.json"), before }
    }

    /// Runs `nix registry` or `firn registry` on the registry as it was.
    fn run(&self, is_firn: bool, words: &[&str]) -> (Left, String) {
        support::write(self.nix.root(), &self.user, &self.before);
        let mut command = if is_firn { self.nix.command(FIRN) } else { self.nix.command("nix") };
        let Output { status, stdout, stderr } = command.arg("registry").args(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let left = Left { status: status.code(), out: text(stdout), file: text_of(&self.user) };
        (left, text(stderr))
    }
}

/// Every flag that the manual of `nix registry` lists, and some that any nix command takes.
const FLAGS: &[&[&str]] = &[
    &[],
    &["--debug"],
    &["--log-format", "raw"],
    &["--log-format", "internal-json"],
    &["--log-format", "bar"],
    &["--log-format", "bar-with-logs"],
    &["--print-build-logs"],
    &["-L"],
    &["--quiet"],
    &["--quiet", "--quiet"],
    &["--verbose"],
    &["-v"],
    &["-vvv"],
    &["--offline"],
    &["--refresh"],
    &["--option", "cores", "1"],
    &["--option", "use-registries", "false"],
    &["--no-use-registries"],
    &["--use-registries"],
    &["--tarball-ttl", "5"],
    &["--flake-registry", ""],
    &["--extra-experimental-features", "ca-derivations"],
];

/// Those of `add` and `pin`, which evaluate.
const EVALUATION_FLAGS: &[&[&str]] = &[
    &["--impure"],
    &["--arg", "x", "1"],
    &["--argstr", "x", "1"],
    &["-I", "x=/y"],
    &["--eval-store", "auto"],
];

#[test]
fn every_flag_of_nix_registry_does_the_same() {
    support::each_nix("flags of nix registry", |nix| {
        let world = World::new(nix);
        let mut count = 0;
        let mut compare = |words: &[&str]| {
            let (theirs, their_err) = world.run(false, words);
            let (ours, our_err) = world.run(true, words);
            assert_eq!(ours, theirs, "{words:?}\nfirn {our_err}\nnix {their_err}");
            count += 1;
        };
        for (index, flags) in FLAGS.iter().enumerate() {
            let mut verbs =
                vec![vec!["add", "n", "path:/n?dir=d"], vec!["add", "a/x", "b"], vec!["remove", "a"]];
            verbs.extend(is_new(nix).then(|| vec!["resolve", "a", "b"]));
            for (place, verb) in verbs.iter().enumerate() {
                // After the verb's words, or before them.
                let split = if (index + place) % 2 == 0 { verb.len() } else { 1 };
                compare(&[&verb[..split], *flags, &verb[split..]].concat());
            }
        }
        for flags in EVALUATION_FLAGS {
            compare(&[&["add", "n", "path:/n"], *flags].concat());
            if is_new(nix) {
                // Older ones take the entry away before they look it up.
                compare(&[&["pin", "a"], *flags].concat());
                compare(&[&["pin", "x", "g"], *flags].concat());
            }
        }
        crate::say(&format!("flags of nix registry: {count} lines, output, status and file are the same"));
    });
}

#[test]
fn the_list_begins_with_nix_s_columns() {
    support::each_nix("columns of the list", |nix| {
        let world = World::new(nix);
        support::write(nix.root(), "work/global.json", &world.before);
        let global = nix.root().join("work/global.json");
        for flags in [vec![], vec!["--flake-registry", global.to_str().unwrap()]] {
            let words = [&["list"][..], &flags].concat();
            let cells = |text: &str| -> Vec<String> {
                let line = |line: &str| line.split_ascii_whitespace().take(3).collect::<Vec<_>>().join(" ");
                text.lines().map(line).collect()
            };
            let (theirs, ours) = (world.run(false, &words).0, world.run(true, &words).0);
            assert_eq!(cells(&ours.out), cells(&theirs.out));
            assert_eq!(cells(&ours.out).len(), if flags.is_empty() { 5 } else { 9 });
            assert_eq!((ours.status, ours.file), (theirs.status, theirs.file));
        }
    });
}

/// Where nix says 1 for wrong usage, firn says 2 as everywhere.
#[test]
fn wrong_words_are_refused_by_both() {
    support::each_nix("wrong words", |nix| {
        let world = World::new(nix);
        for (line, in_nix, in_firn) in [
            ("", 1, 2),
            ("bogus", 1, 2),
            ("add", 1, 2),
            ("add a", 1, 2),
            ("add a b c", 1, 2),
            ("remove", 1, 2),
            ("remove a b", 1, 2),
            ("pin", 1, 2),
            ("pin a b c", 1, 2),
            ("list a", 1, 2),
            ("list --bogus", 1, 2),
            ("add a path:/x --bogus", 1, 2),
            ("add a path:/x --registry", 1, 2),
            ("remove a --option cores", 1, 2),
            ("list --log-format bogus", 1, 2),
            ("add a#x path:/x", 1, 1),
            ("add a path:/x#y", 1, 1),
            ("add ./x path:/y", 1, 1),
            ("add a ./y", 1, 1),
            ("add a .", 1, 1),
            ("add a x:y", 1, 1),
            ("add a b/c/d", 1, 1),
            ("remove ..", 1, 1),
            ("pin unknown", 1, 1),
            ("list --help", 0, 0),
            ("add --help", 0, 0),
            ("list --version", 0, 0),
        ] {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let (theirs, _) = world.run(false, &words);
            let (ours, err) = world.run(true, &words);
            assert_eq!((theirs.status, ours.status), (Some(in_nix), Some(in_firn)), "{line}: {err}");
            assert_eq!(ours.file.as_deref(), Some(world.before.as_str()), "{line}");
            assert_eq!(err.is_empty(), in_firn == 0, "{line}: {err}");
        }
    });
}

/// A second pin is a silent no-op in Nix since 2.33.
#[test]
fn pinning_again_moves_the_pin_from_the_command_line() {
    support::each_nix("pins from the command line", |nix| {
        let world = World::new(nix);
        support::write(nix.root(), &world.user, &world.before);
        let pin = |nix: &PrivateNix| {
            let output = nix.output(FIRN, &["registry", "pin", "g"]);
            assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
            text_of(&world.user).unwrap()
        };
        let first = pin(nix);
        assert_eq!(pin(nix), first, "nothing has moved");
        let repository = nix.root().join("work/flake-repository");
        support::write(nix.root(), repository.join("flake.nix"), "{ outputs = x: { a = 1; }; }");
        crate::pins::git_in(nix, &repository, &["commit", "-qam", "y"]);
        let second = pin(nix);
        assert_ne!(second, first);
        let revision = |text: &str| text.split_once("\"rev\": \"").map(|(_, rest)| rest[..40].to_owned());
        assert!(revision(&first).is_some() && revision(&second).is_some());
        assert_ne!(revision(&first), revision(&second));
        assert_eq!(second.matches("\"g\"").count(), 1);
    });
}

/// A relative path with a slash loses the other entries in Nix since 2.33.
#[test]
fn a_relative_registry_keeps_its_entries() {
    support::each_nix("relative registries", |nix| {
        let world = World::new(nix);
        for (name, base) in [("sub/r.json", "work"), ("./r.json", "work"), ("../other.json", "work/sub")] {
            let folder = nix.root().join(base);
            let file = folder.join(name);
            support::write(nix.root(), &file, &world.before);
            support::folder(nix.root(), base);
            let words = ["registry", "add", "n", "path:/n", "--registry", name];
            let output = nix.command(FIRN).current_dir(&folder).args(words).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            let ours = text_of(&file);
            support::write(nix.root(), &file, &world.before);
            let absolute = canonical(&file);
            nix.run("nix", &["registry", "add", "n", "path:/n", "--registry", absolute.to_str().unwrap()]);
            assert_eq!(ours, text_of(&file), "{name}");
            assert_eq!(text_of(&world.user), None);
        }
    });
}

fn canonical(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap()
}
