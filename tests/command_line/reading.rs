//! list, tree, collisions, history: verbs that only look.

use serde_json::json;

use super::sandbox::{Sandbox, elements, run};

#[test]
fn list_prints_one_aligned_line_per_element() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("list").expect(0);
    let lines = ran.lines();
    assert_eq!(lines.len(), elements(&sandbox.firn("list --json").json()).len());
    let hello = lines.iter().find(|line| line.starts_with("hello ")).unwrap();
    assert!(hello.contains("2.12.3") && hello.contains(" on ") && hello.contains("nixpkgs#hello"), "{hello}");
    let podman = lines.iter().find(|line| line.starts_with("podman ")).unwrap();
    assert!(podman.contains(" off "), "{podman}");
    let column = |line: &str| line.find(" on ").or_else(|| line.find(" off "));
    assert!(lines.iter().all(|line| column(line) == column(hello)), "{}", ran.out);
    assert_eq!(ran.err, "");
}

#[test]
fn list_json_is_the_manifest_as_nix_prints_it() {
    let sandbox = Sandbox::new();
    let printed = sandbox.firn("list --json").expect(0).out;
    let on_disk = std::fs::read_to_string(sandbox.profile().join("manifest.json")).unwrap();
    assert_eq!(printed, format!("{on_disk}\n"));
    let pretty = sandbox.firn("list --json --pretty").expect(0).out;
    assert!(pretty.starts_with("{\n  \"elements\": {\n"), "{pretty}");
}

#[test]
fn tree_tells_path_target_and_element_of_every_link() {
    let sandbox = Sandbox::new();
    let tree = sandbox.firn("tree --json").expect(0).json();
    let link = &tree["bin/hello"];
    assert_eq!(link["element"], "hello");
    let target = link["target"].as_str().unwrap();
    assert_eq!(target, std::fs::read_link(sandbox.profile().join("bin/hello")).unwrap().to_str().unwrap());
    assert!(tree["bin/less"]["element"].is_null(), "less is propagated by bat");
    assert!(tree.get("manifest.json").is_none());
    assert_eq!(sandbox.firn("tree").expect(0).lines().len(), tree.as_object().unwrap().len());
}

#[test]
fn tree_json_agrees_with_the_links_on_disk() {
    let sandbox = Sandbox::new();
    let tree = sandbox.firn("tree --json").expect(0).json();
    let mut found = 0;
    let mut folders = vec![sandbox.target()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_symlink() {
                let name = path.strip_prefix(sandbox.target()).unwrap().to_str().unwrap().to_owned();
                let target = std::fs::read_link(&path).unwrap();
                assert_eq!(tree[&name]["target"], target.to_str().unwrap(), "{name}");
                found += 1;
            } else if path.is_dir() {
                folders.push(path);
            }
        }
    }
    assert_eq!(found, tree.as_object().unwrap().len());
}

#[test]
fn tree_of_a_generation_is_what_it_was() {
    let sandbox = Sandbox::new();
    let first = sandbox.firn("tree --json --generation 1").expect(0).json();
    assert!(first["bin/bat"]["target"].as_str().unwrap().contains("-bat-0.22.1/"));
    let ran = sandbox.firn("tree --generation 99").expect(1);
    assert!(ran.err.contains("99") && ran.err.contains("hint: "), "{}", ran.err);
}

#[test]
fn collisions_tells_who_hides_whom() {
    let sandbox = Sandbox::new();
    let found = sandbox.firn("collisions --json").expect(0).json();
    assert_eq!(found["ties"].as_array().unwrap().len(), 0);
    assert_eq!(found["typeClashes"].as_array().unwrap().len(), 0);
    let hidden = found["shadowed"].as_array().unwrap();
    let jj = hidden.iter().find(|shadowed| shadowed["path"] == "bin/jj").unwrap();
    assert_eq!(jj["winner"]["element"], "jujutsu");
    assert_eq!(jj["losers"][0]["element"], "jj");
    assert_eq!(jj["losers"][0]["priority"], 6);
    assert!(!found["latent"].as_array().unwrap().is_empty());
    let text = sandbox.firn("collisions").expect(0).out;
    assert!(text.contains("jujutsu (5) > jj (6)") && text.contains("      bin/jj\n"), "{text}");
}

#[test]
fn history_tells_each_generation_newest_first_and_as_json_oldest_first() {
    let sandbox = Sandbox::new();
    let text = sandbox.firn("history").expect(0);
    let list = sandbox.firn("history --json").expect(0).json();
    let generations = list.as_array().unwrap();
    assert_eq!(text.lines().len(), generations.len());
    assert!(text.lines()[0].starts_with("* "), "{}", text.out);
    let current = generations.last().unwrap();
    assert_eq!(current["current"], true);
    assert_eq!(current["storePath"], sandbox.target().to_str().unwrap());
    assert_eq!(current["comparedWith"], generations[generations.len() - 2]["number"]);
    assert!(current["error"].is_null());
    let first = &generations[0]["changes"][0];
    assert_eq!(first["kinds"][0], "added");
    assert!(first["before"].is_null() && first["after"]["storePaths"].is_array());
}

#[test]
fn a_missing_profile_is_an_empty_one() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("none/profile");
    let ran = sandbox.words(&["--profile", path.to_str().unwrap(), "list", "--json"]).expect(0);
    assert_eq!(ran.out, "{\"elements\":{},\"version\":3}\n");
    for verb in ["list", "tree", "collisions", "history"] {
        let ran = sandbox.words(&["--profile", path.to_str().unwrap(), verb]).expect(0);
        assert_eq!(ran.out, "", "{verb}");
    }
}

#[test]
fn a_link_to_a_profile_is_followed_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let link = sandbox.path(".nix-profile");
    std::os::unix::fs::symlink(sandbox.profile(), &link).unwrap();
    let ran = sandbox.words(&["--profile", link.to_str().unwrap(), "disable", "hello"]).expect(0);
    assert!(ran.err.contains("is a link to the profile"), "{}", ran.err);
    assert_eq!(std::fs::read_link(&link).unwrap(), sandbox.profile());
    assert_eq!(sandbox.firn("list --json").json()["elements"]["hello"]["active"], false);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("firn"));
    command.env_clear().env("HOME", sandbox.path("home")).current_dir(sandbox.path("."));
    let mut child = command
        .args(["--demo=playground", "tree"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let sandbox = Sandbox::new();
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("firn"))
        .env_clear()
        .env("HOME", sandbox.path("home"))
        .current_dir(sandbox.path("."))
        .args(["--demo=playground", "list"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("standard output"));
}

#[test]
fn hostile_names_are_shown_and_not_run() {
    let sandbox = Sandbox::new();
    let name = "\u{1b}[2J\u{9b}31m\u{202e}x\ny";
    let element = json!({"active": true, "priority": 5, "storePaths": []});
    sandbox.profile_of("hostile", &json!({"elements": {name: element}, "version": 3}));
    let bad = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    for line in ["list", "list --json", "history", "history --json"] {
        let mut command = sandbox.command();
        command.args(["--demo=playground", "--profile", "hostile"]).args(line.split(' '));
        let ran = run(command).expect(0);
        assert!(!ran.out.contains(bad) && ran.out.contains('x'), "{line}: {:?}", ran.out);
        assert_eq!(ran.out.lines().count(), 1, "{line}: {:?}", ran.out);
    }
    for line in ["export", "export --json", "doctor", "doctor --json", "collisions", "tree", "which x"] {
        let ran = sandbox.firn(&format!("--profile hostile {line}"));
        assert!(!ran.out.contains(bad) && !ran.err.contains(bad), "{line}: {:?}", ran.out + &ran.err);
    }
    for words in [["which", name], ["remove", name], ["rollback", name], ["list", name]] {
        let ran = sandbox.words(&words);
        assert!(!ran.out.contains(bad) && !ran.err.contains(bad), "{words:?}: {:?}", ran.err);
    }
    let mut command = sandbox.command();
    command.args(["--demo=playground", "--profile", "hostile", "list", "--json"]);
    assert_eq!(elements(&run(command).json()), [name], "it is the same JSON");
}

#[test]
fn a_name_of_4000_characters_leaves_the_list_readable() {
    let sandbox = Sandbox::new();
    let long = format!("start-{}", "n".repeat(4000));
    let element = json!({"active": true, "priority": 5, "storePaths": [], "attrPath": long,
        "originalUrl": "flake:nixpkgs", "outputs": null, "url": "flake:nixpkgs"});
    let short = json!({"active": true, "priority": 5, "storePaths": []});
    sandbox.profile_of("long", &json!({"elements": {&long: element, "a": short}, "version": 3}));
    for (mark, line) in [("…", "--profile long list"), ("...", "--ascii --profile long list")] {
        let text = sandbox.firn(line).expect(0);
        let lines = text.lines();
        assert!(lines.iter().all(|line| line.chars().count() < 500), "{}", text.out);
        assert!(lines[1].starts_with("start-nnn") && lines[1].contains(mark), "{}", text.out);
        let priorities: Vec<_> = lines.iter().map(|line| line.chars().position(|it| it == '5')).collect();
        assert_eq!(priorities[0], priorities[1], "{}", text.out);
    }
    let listed = sandbox.firn("--profile long list --json").expect(0).json();
    assert_eq!(elements(&listed), ["a".to_owned(), long]);
}
