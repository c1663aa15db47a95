//! which: where a file comes from.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::sandbox::{Sandbox, link_text, run};

#[test]
fn a_program_s_element_is_told_with_those_it_hides() {
    let sandbox = Sandbox::new();
    let found = sandbox.firn("which jj --json").expect(0).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    let file = &found[0];
    assert_eq!((&file["path"], &file["type"]), (&json!("bin/jj"), &json!("file")));
    assert_eq!(file["target"], link_text(&sandbox.profile().join("bin/jj")));
    assert_eq!(file["providers"][0]["element"], "jujutsu");
    assert_eq!((&file["hidden"][0]["element"], &file["hidden"][0]["priority"]), (&json!("jj"), &json!(6)));
    assert_eq!(file["colliding"], json!([]));
    assert_eq!(file["onPath"], json!({"entry": null, "first": null}));
    let text = sandbox.firn("which jj").expect(0);
    let lines = text.lines();
    assert_eq!(lines[0], "bin/jj");
    assert!(lines[1].starts_with("  provided by  jujutsu (5)  "), "{}", text.out);
    assert!(lines[2].starts_with("  hides        jj (6)       "), "{}", text.out);
    assert!(lines[3].contains("is not on PATH") && text.err.is_empty(), "{}", text.out);
}

#[test]
fn paths_of_every_kind_lead_to_the_same_answer() {
    let sandbox = Sandbox::new();
    let by_name = sandbox.firn("which jj --json").expect(0).out;
    let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
    symlink(sandbox.profile(), sandbox.path("mine")).unwrap();
    let hidden =
        sandbox.firn("which jj --json").json()[0]["hidden"][0]["target"].as_str().unwrap().to_owned();
    symlink(&hidden, sandbox.path("elsewhere")).unwrap();
    for path in [
        "bin/jj".to_owned(),
        "bin//jj".to_owned(),
        text(sandbox.profile().join("bin/jj")),
        text(sandbox.target().join("bin/jj")),
        "./mine/bin/jj".to_owned(),
        "./mine/../mine/bin/jj".to_owned(),
        link_text(&sandbox.profile().join("bin/jj")),
        hidden,
        text(sandbox.path("elsewhere")),
    ] {
        assert_eq!(sandbox.words(&["which", &path, "--json"]).expect(0).out, by_name, "{path}");
    }
}

#[test]
fn folders_packages_and_files_of_any_place_have_their_elements() {
    let sandbox = Sandbox::new();
    let bin = sandbox.firn("which bin --json").expect(0).json();
    assert_eq!((&bin[0]["type"], &bin[0]["target"]), (&json!("directory"), &json!(null)));
    assert!(bin[0]["providers"].as_array().unwrap().len() > 10 && bin[0]["onPath"].is_null());
    let page = sandbox.firn("which hello.1 --json").expect(0).json();
    assert_eq!(
        (&page[0]["path"], &page[0]["providers"][0]["element"]),
        (&json!("share/man/man1/hello.1"), &json!("hello"))
    );
    let package = page[0]["providers"][0]["storePath"].as_str().unwrap();
    let whole = sandbox.words(&["which", package, "--json"]).expect(0).json();
    assert_eq!((&whole[0]["path"], &whole[0]["providers"][0]["element"]), (&json!(""), &json!("hello")));
    assert!(sandbox.words(&["which", package]).expect(0).out.contains("belongs to   hello (5)"));
    assert!(sandbox.firn("which less").expect(0).out.contains("less-668, propagated (1000)"));
}

#[test]
fn below_a_folder_that_is_one_link_the_disk_has_the_last_word() {
    let sandbox = Sandbox::new();
    sandbox.firn("remove --all").expect(0);
    sandbox.firn("add nixpkgs#hello").expect(0);
    assert!(sandbox.profile().join("bin").is_symlink());
    let found = sandbox.firn("which hello --json").expect(0).json();
    assert_eq!((&found[0]["path"], &found[0]["type"]), (&json!("bin/hello"), &json!("file")));
    assert!(found[0]["target"].as_str().unwrap().ends_with("/bin/hello"));
    let ran = sandbox.firn("which helo").expect(1);
    assert!(ran.err.contains("did you mean bin/hello?"), "{}", ran.err);
}

#[test]
fn what_is_not_there_is_status_1_with_advice() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let podman = sandbox.firn("list --json").json()["elements"]["podman"]["storePaths"][0].clone();
    std::fs::write(sandbox.path("letter"), "").unwrap();
    for (file, words) in [
        ("helo", "did you mean bin/hello?"),
        ("bin/hallo", "did you mean bin/hello?"),
        ("quite-another-thing", "'firn --demo=playground tree' lists"),
        ("podman", "'firn --demo=playground enable podman'"),
        (&format!("{}/bin/podman", podman.as_str().unwrap()), "'firn --demo=playground enable podman'"),
        ("manifest.json", "Nix writes it"),
        ("./letter", "not in the profile"),
    ] {
        let ran = sandbox.words(&["which", file]).expect(1);
        assert!(ran.err.contains(words) && ran.err.contains("hint: "), "{file}: {}", ran.err);
        assert_eq!(ran.out, "", "{file}");
        assert_eq!(sandbox.words(&["which", file, "--json"]).expect(1).out, "[]\n", "{file}");
    }
}

#[test]
fn another_folder_of_path_that_comes_first_is_named() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let mine = sandbox.path("mine");
    std::fs::create_dir(&mine).unwrap();
    std::fs::copy(sandbox.profile().join("bin/jj"), mine.join("jj")).unwrap();
    let bin = sandbox.profile().join("bin");
    let ask = |folders: [&std::path::Path; 2], name: &str| {
        let mut command = sandbox.command();
        command.env("PATH", std::env::join_paths(folders).unwrap());
        command.args(["--demo=playground", "which", name, "--json"]);
        run(command).expect(0).json()[0]["onPath"].clone()
    };
    let first = |path: std::path::PathBuf| json!({"entry": bin, "first": path});
    assert_eq!(ask([&mine, &bin], "jj"), first(mine.join("jj")));
    assert_eq!(ask([&bin, &mine], "jj"), first(bin.join("jj")));
    assert_eq!(ask([&mine, &bin], "hello"), first(bin.join("hello")));
}
