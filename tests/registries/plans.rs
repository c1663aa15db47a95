//! Plans that edit the registry and add by it, and `nix registry` and `nix profile add` in sequence: the
//! same profile, the same registry.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::pins::git_in;
use crate::references::is_new;
use crate::support::{self, PrivateNix};

const FIRN: &str = env!("CARGO_BIN_EXE_firn");

/// A flake whose package says `text`, or what its input says.
fn flake(text: &str) -> String {
    let (inputs, text) = match text {
        "of the input" => ("inputs.dep.url = \"flake:dep\";", "${inputs.dep.text}".to_owned()),
        text => ("", text.to_owned()),
    };
    format!(
        r#"{{ {inputs} outputs = inputs: {{
            text = "{text}";
            packages.x86_64-linux.tool = derivation {{
                name = "tool-1"; system = "x86_64-linux"; builder = "/bin/sh";
                args = [ "-c" "echo {text} > $out" ];
            }};
        }}; }}"#
    )
}

/// Flakes in folders and a repository, a global registry that knows two of them, and a user's.
fn world(nix: &PrivateNix) -> std::path::PathBuf {
    for name in ["one", "two", "dep"] {
        support::write(nix.root(), format!("work/{name}/flake.nix"), flake(name));
    }
    support::write(nix.root(), "work/needs/flake.nix", flake("of the input"));
    support::write(nix.root(), "work/git/flake.nix", flake("git"));
    let repository = nix.root().join("work/git");
    for words in [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-qm", "x"]] {
        git_in(nix, &repository, words);
    }
    let root = nix.root().display();
    let entry = |from: &str, to: &str| json!({ "from": { "type": "indirect", "id": from }, "to": { "type": "path", "path": format!("{root}/work/{to}") } });
    let registry = |entries: &[Value]| json!({ "version": 2, "flakes": entries }).to_string();
    let global = registry(&[entry("dep", "dep"), entry("n", "one")]);
    support::write(nix.root(), "conf/global.json", global);
    let conf = std::fs::read_to_string(nix.root().join("conf/nix.conf")).unwrap();
    let conf = conf.replace("flake-registry =", &format!("flake-registry = {root}/conf/global.json"));
    std::fs::write(nix.root().join("conf/nix.conf"), conf).unwrap();
    let user = nix.home().join(".config/nix/registry.json");
    support::write(nix.root(), &user, registry(&[entry("u", "one"), entry("v", "two"), entry("n", "two")]));
    user
}

/// The commands that do what registry edits and additions ask for, one after the other.
fn in_sequence(nix: &PrivateNix, profile: &Path, changes: &[Value]) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for change in changes {
        let mut words = match change["change"].as_str().unwrap() {
            "registry-add" => vec!["registry".to_owned(), "add".to_owned()],
            "registry-remove" => vec!["registry".to_owned(), "remove".to_owned()],
            "registry-pin" => vec!["registry".to_owned(), "pin".to_owned()],
            _ => continue,
        };
        words.push(text(&change["from"]));
        words.extend(change.get("to").map(text));
        nix.run("nix", &words);
    }
    for change in changes.iter().filter(|change| change["change"] == "add") {
        let profile = profile.to_str().unwrap();
        let installable = text(&change["installable"]);
        let words = ["profile", "install", "--no-write-lock-file", "--profile", profile, &installable];
        nix.run("nix", &words);
    }
}

fn apply(nix: &PrivateNix, profile: &Path, changes: &[Value]) {
    let file = json!({ "version": 1, "changes": changes }).to_string();
    let mut command = nix.command(FIRN);
    command.args(["apply", "-", "--profile", profile.to_str().unwrap()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), file.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_plan_is_what_nix_does_in_sequence() {
    support::each_nix("registry edits in plans", |nix| {
        let user = world(nix);
        let before = std::fs::read_to_string(&user).unwrap();
        let at = |name: &str| format!("path:{}/work/{name}", nix.root().display());
        let git = format!("git+file://{}/work/git", nix.root().display());
        let set = |from: &str, to: &str| json!({ "change": "registry-add", "from": from, "to": to });
        let remove = |from: &str| json!({ "change": "registry-remove", "from": from });
        let pin = |from: &str, to: Option<&str>| match to {
            Some(to) => json!({ "change": "registry-pin", "from": from, "to": to }),
            None => json!({ "change": "registry-pin", "from": from }),
        };
        let add = |installable: &str| json!({ "change": "add", "installable": installable });
        let direct = format!("{}#tool", at("one"));
        let mut cases = vec![
            vec![set("n", &at("one")), add("n#tool")],
            vec![add("n#tool"), remove("n")],
            vec![set("n", &at("one")), set("n", "v"), add("n#tool"), add("u#tool")],
            vec![set("x", &git), set("y", "x/main"), add("y#tool"), remove("v")],
            vec![set("x", &at("two")), remove("x"), set("u", &at("dep")), add("u#tool")],
            // An input of this name is looked up by the user's registry up to 2.28, by the global one after.
            vec![set("dep", &at("two")), set("m", &at("needs")), add("m#tool")],
            vec![set(&at("one"), &at("two")), add(&direct)],
        ];
        if is_new(nix) {
            cases.push(vec![pin("n", None), add("n#tool")]);
            cases.push(vec![
                set("x", &git),
                pin("x", None),
                pin("k", Some("x")),
                add("k#tool"),
                add("x#tool"),
            ]);
            cases.push(vec![pin("n", Some(&git)), set("u", "n"), add("u#tool")]);
            cases.push(vec![remove("n"), pin("n", None), add("n#tool")]);
        }
        for (number, changes) in cases.iter().enumerate() {
            let [ours, theirs] = ["ours", "theirs"].map(|name| nix.profile(&format!("{name}-{number}")));
            std::fs::write(&user, &before).unwrap();
            apply(nix, &ours, changes);
            let written = std::fs::read_to_string(&user).unwrap();
            std::fs::write(&user, &before).unwrap();
            in_sequence(nix, &theirs, changes);
            assert_eq!(written, std::fs::read_to_string(&user).unwrap(), "{changes:?}");
            assert_eq!(PrivateNix::real_path(&ours), PrivateNix::real_path(&theirs), "{changes:?}");
        }
    });
}

#[test]
fn an_upgrade_follows_the_edited_registry() {
    support::each_nix("upgrades by an edited registry", |nix| {
        let user = world(nix);
        let before = std::fs::read_to_string(&user).unwrap();
        let [ours, theirs] = ["ours", "theirs"].map(|name| nix.profile(name));
        for profile in [&ours, &theirs] {
            let profile = profile.to_str().unwrap();
            nix.run("nix", &["profile", "install", "--no-write-lock-file", "--profile", profile, "n#tool"]);
        }
        let old = PrivateNix::real_path(&ours);
        let one = format!("path:{}/work/one", nix.root().display());
        let edit = json!({ "change": "registry-add", "from": "n", "to": one });
        apply(nix, &ours, &[json!({ "change": "upgrade", "element": "tool" }), edit.clone()]);
        let written = std::fs::read_to_string(&user).unwrap();
        std::fs::write(&user, &before).unwrap();
        in_sequence(nix, &theirs, &[edit]);
        nix.run("nix", &["profile", "upgrade", "--profile", theirs.to_str().unwrap(), "tool"]);
        assert_eq!(written, std::fs::read_to_string(&user).unwrap());
        assert_eq!(PrivateNix::real_path(&ours), PrivateNix::real_path(&theirs));
        assert_ne!(PrivateNix::real_path(&ours), old);
    });
}
