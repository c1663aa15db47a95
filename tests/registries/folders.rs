//! References written as paths, the global registry that Nix downloads: what needs a machine.

use std::path::Path;

use firn::core::flake_ref::FlakeRef;
use firn::core::registry::{Layer, Reach};
use firn::ops::load_registries::{load_as_nix, load_registries};
use firn::system::flake_folder;
use firn::system::machine::{Cancel, Freshness, NoProgress, Watch};
use firn::system::registry_file::FileState;

use crate::pins::{context, context_with, git_in};
use crate::random::Random;
use crate::references::is_new;
use crate::support::{self, PrivateNix};
use crate::{number, say};

const FLAKE: &str = "{ outputs = x: { }; }";

/// What Nix calls what was typed in a folder; `None` if it refuses.
fn original_url(nix: &PrivateNix, folder: &Path, text: &str) -> Option<String> {
    let mut command = nix.command("nix");
    command.current_dir(folder).args(["flake", "metadata", "--json", "--no-write-lock-file", text]);
    let output = command.output().unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    output.status.success().then(|| metadata["originalUrl"].as_str().unwrap().to_owned())
}

#[test]
fn folders_are_the_flakes_that_nix_takes_them_for() {
    support::each_nix("folders", |nix| {
        for path in
            ["repo/flake.nix", "repo/sub/deep/flake.nix", "repo/none/x", "plain/flake.nix", "plain/a b/x"]
        {
            support::write(nix.root(), format!("work/{path}"), FLAKE);
        }
        let work = nix.root().join("work");
        let repo = work.join("repo");
        git_in(nix, &repo, &["init", "-q", "-b", "main"]);
        git_in(nix, &repo, &["add", "."]);
        git_in(nix, &repo, &["commit", "-qm", "x"]);
        support::link(nix.root(), "work/link", "repo/sub");
        for (folder, text) in [
            ("repo", "."),
            ("repo/none", "."),
            ("repo/sub/deep", "."),
            ("repo/sub", ".."),
            ("", "./repo"),
            ("", "./link/deep"),
            ("", "./link"),
            ("", "./plain"),
            ("", "./plain/a b"),
            ("", "./nowhere/at/all"),
            ("", "./repo/none/x"),
            ("", "./repo/flake.nix"),
            ("", "path:./plain"),
            ("", "path:plain"),
            ("", "git+file:./repo"),
            ("", "git+file:repo?dir=sub/deep"),
            ("repo/sub", "./deep?ref=main"),
            ("", work.join("plain").to_str().unwrap()),
        ] {
            if text.starts_with("./link") && !is_new(nix) {
                // 2.26 refuses links.
                continue;
            }
            let folder = work.join(folder);
            let ours = flake_folder::read(text, &folder).ok().map(|(reference, _)| reference.to_string());
            let theirs = original_url(nix, &folder, text);
            assert_eq!(ours, theirs, "{text} in {}", folder.display());
        }
    });
}

/// What Nix makes of a text.
#[derive(Debug, PartialEq)]
enum Reading {
    /// This reference, without its `dir` if nothing could be fetched from there.
    Reference(String),
    /// No reference.
    Refused,
    /// One of which it does not tell more than that it holds no flake.
    Untold,
}

/// As [`original_url`], and for a reference that leads nowhere.
fn nix_reads(nix: &PrivateNix, folder: &Path, text: &str) -> Reading {
    let mut command = nix.command("nix");
    command.current_dir(folder).args(["flake", "metadata", "--json", "--no-write-lock-file", text]);
    let output = command.output().unwrap();
    if output.status.success() {
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        return Reading::Reference(metadata["originalUrl"].as_str().unwrap().to_owned());
    }
    let words = String::from_utf8(output.stderr).unwrap();
    for start in ["while fetching the input '", "cannot find flake '"] {
        if let Some((_, rest)) = words.split_once(start) {
            return Reading::Reference(rest.split_once('\'').unwrap().0.to_owned());
        }
    }
    if words.contains("-source") && words.contains("does not exist") {
        Reading::Untold
    } else {
        Reading::Refused
    }
}

/// Folders with a flake, named with what has a meaning in URLs.
const FOLDERS: [&str; 14] = [
    "plain", "a#b", "a?b", "a%20b", "ä", "~", "x^y", "a b", "a+b", "a=b&c", ".hidden", "a:b", "a@b", "\"q\"",
];

/// A path as people type it, with what has a meaning in URLs in its names.
fn typed_path(random: &mut Random, work: &Path) -> String {
    let whole = work.to_str().unwrap();
    let starts = [
        "",
        "./",
        "../work/",
        "~/",
        "path:",
        "path:./",
        "path:///",
        "git+file:",
        "git+file:./",
        "git+file://",
    ];
    let others =
        ["a%23b", "a%3Fb", "%C3%A4", "a%20%20b", "repo", "repo/sub", "repo/none", "gone", ".", "..", ""];
    let ends = [
        "",
        "",
        "",
        "/",
        "/.",
        "/..",
        "//",
        "/flake.nix",
        "?dir=sub",
        "?dir=",
        "?ref=main",
        "?x=1",
        "?",
        "#",
        "#x",
    ];
    let start = match random.below(4) {
        0 => format!("{whole}/"),
        1 => format!("path:{whole}/"),
        _ => (*random.pick(&starts)).to_owned(),
    };
    format!("{start}{}{}", random.pick(&[&FOLDERS[..], &others].concat()), random.pick(&ends))
}

#[test]
fn random_paths_are_the_flakes_that_nix_takes_them_for() {
    let (first, count) = (number("FIRN_TEST_SEED", 1), number("FIRN_TEST_REFERENCES", 120) / 5);
    support::each_nix("random paths", |nix| {
        if !is_new(nix) {
            // 2.26 reads odd paths with a grammar of its own.
            return;
        }
        let work = nix.root().join("work");
        for name in FOLDERS.iter().chain(&["plain/sub", "repo", "repo/sub"]) {
            support::write(nix.root(), format!("work/{name}/flake.nix"), FLAKE);
        }
        support::write(nix.root(), "work/repo/none/x", "");
        let repo = work.join("repo");
        for words in [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-qm", "x"]] {
            git_in(nix, &repo, words);
        }
        let (mut found, mut differ) = (0, Vec::new());
        for seed in first..first + count {
            let text = typed_path(&mut Random::new(seed), &work);
            let read = flake_folder::read(&text, &work).ok().filter(|(_, fragment)| fragment.is_empty());
            let theirs = nix_reads(nix, &work, &text);
            found += usize::from(theirs != Reading::Refused);
            let same = match (&read, &theirs) {
                (Some((ours, _)), Reading::Reference(theirs)) => {
                    [ours.as_str(), ours.with_dir(b"").as_str()].contains(&theirs.as_str())
                }
                (Some(_), Reading::Untold) | (None, Reading::Refused) => true,
                _ => false,
            };
            if !same {
                differ.push(format!("{text}: firn {read:?} nix {theirs:?}"));
            }
        }
        say(&format!("random paths from seed {first}: {count}, {found} found, {} differ", differ.len()));
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    });
}

#[test]
fn a_global_registry_is_read_where_nix_keeps_it() {
    support::each_nix("global registry", |nix| {
        let root = nix.root();
        let write = |path: &str| {
            let entry = format!(
                r#"{{"from":{{"type":"indirect","id":"n"}},"to":{{"type":"path","path":"{path}"}}}}"#
            );
            support::write(root, "work/global.json", format!(r#"{{"version":2,"flakes":[{entry}]}}"#));
        };
        write("/one");
        let configuration = std::fs::read_to_string(root.join("conf/nix.conf")).unwrap();
        let url = format!("flake-registry = file://{}/work/global.json", root.display());
        support::write(root, "conf/nix.conf", configuration.replace("flake-registry =", &url));
        let context = context(nix);
        let before = load_registries(&context);
        assert_eq!(before.file(Layer::Global).unwrap().state, FileState::NotFetched);
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let target = |loaded: &firn::ops::load_registries::LoadedRegistries| {
            loaded.registries.layer(Layer::Global).entries[0].to.to_string()
        };
        assert_eq!(target(&load_as_nix(&context, Freshness::AsNix, &watch).unwrap()), "path:/one");
        assert_eq!(target(&load_registries(&context)), "path:/one");
        write("/two");
        assert_eq!(
            target(&load_as_nix(&context, Freshness::AsNix, &watch).unwrap()),
            "path:/one",
            "still fresh"
        );
        assert_eq!(target(&load_as_nix(&context, Freshness::Anew, &watch).unwrap()), "path:/two");
    });
}

/// What the command line puts before all registries; Nix itself takes the option only where it
/// evaluates.
#[test]
fn overrides_come_first() {
    support::each_nix("overrides", |nix| {
        for name in ["one", "two"] {
            support::write(nix.root(), format!("work/{name}/flake.nix"), FLAKE);
        }
        let (one, two) = (nix.root().join("work/one"), nix.root().join("work/two"));
        let user = format!(
            r#"{{"from":{{"type":"indirect","id":"n"}},"to":{{"type":"path","path":"{}"}}}}"#,
            one.display()
        );
        support::write(
            nix.root(),
            "home/.config/nix/registry.json",
            format!(r#"{{"version":2,"flakes":[{user}]}}"#),
        );
        let options = ["--override-flake", "n", two.to_str().unwrap()];
        let mut metadata = vec!["flake", "metadata", "--json", "--no-write-lock-file", "n"];
        metadata.extend(options);
        let theirs: serde_json::Value = serde_json::from_str(&nix.run("nix", &metadata)).unwrap();
        let context = context_with(nix, &options);
        let loaded = load_registries(&context);
        let reference = FlakeRef::parse("n").unwrap();
        let found = loaded.registries.look_up(&reference, loaded.reach).unwrap();
        assert_eq!(found.hops[0].entry.layer, Layer::CommandLine);
        assert_eq!(found.result.to_string(), theirs["resolvedUrl"].as_str().unwrap());
        let none = context_with(nix, &["--no-registries"]);
        assert_eq!(load_registries(&none).reach, Reach::Nothing);
    });
}
