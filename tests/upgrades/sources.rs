//! Outputs, other flakes, and where elements come from.

use std::path::Path;

use serde_json::Value;

use crate::flakes::{Fate, add, copy, expect, firn, flake, generations};
use crate::support::{PrivateNix, each_nix, script, write};

const WITH_OUTPUTS: &str = r#"{ outputs = { self }: { packages.x86_64-linux.tool = derivation {
    name = "tool-VERSION"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin";
    outputs = [ "out" "doc" ];
    args = [ "-c" "mkdir -p $out/bin $doc/share; echo VERSION > $out/bin/tool; echo > $doc/share/VERSION" ];
  } // { meta.outputsToInstall = [ "out" ]; }; }; }"#;

fn with_outputs(folder: &Path, version: &str) {
    write(folder, "flake.nix", WITH_OUTPUTS.replace("VERSION", version));
}

fn manifest(profile: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(profile.join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn outputs_are_those_that_nix_would_have_added() {
    each_nix("outputs are those that nix would have added", |nix| {
        let folder = nix.root().join("work/flake");
        with_outputs(&folder, "1");
        let installable = |outputs: &str| format!("path:{}#tool{outputs}", folder.display());
        let (mine, theirs) = (nix.profile("mine"), nix.profile("theirs"));
        add(nix, &mine, &[installable("")]);
        for (choice, outputs) in [("out,doc", "^out,doc"), ("*", "^*"), ("doc", "^doc"), ("default", "")] {
            expect(&firn(nix, &mine, &["outputs", "tool", choice]), 0);
            let _ = std::fs::remove_file(&theirs);
            add(nix, &theirs, &[installable(outputs)]);
            assert_eq!(PrivateNix::real_path(&mine), PrivateNix::real_path(&theirs), "{choice}");
        }
        let (json, _) = expect(&firn(nix, &mine, &["outputs", "tool", "--json"]), 0);
        let outputs: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(outputs[1]["files"], serde_json::json!(["bin/tool"]));
        assert_eq!(outputs[0]["installed"], Value::Bool(false));
        let (_, err) = expect(&firn(nix, &mine, &["outputs", "tool", "man"]), 1);
        assert!(err.contains("has no output 'man'; it has doc, out"), "{err}");
        let (json, _) = expect(&firn(nix, &mine, &["outputs", &installable(""), "--json"]), 0);
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap()[0]["output"], "doc");
        // An upgrade takes the outputs along.
        expect(&firn(nix, &mine, &["outputs", "tool", "doc"]), 0);
        with_outputs(&folder, "2");
        expect(&firn(nix, &mine, &["upgrade", "tool"]), 0);
        assert!(mine.join("share/2").exists() && !mine.join("bin").exists());
    });
}

#[test]
fn following_another_flake_makes_what_adding_from_it_makes() {
    each_nix("following another flake makes what adding from it makes", |nix| {
        let [old, new] = ["old", "new"].map(|name| nix.root().join("work").join(name));
        let packages = ["one", "two"].map(|name| (name.to_owned(), Fate::Newer));
        flake(&old, 1, &packages);
        flake(&new, 2, &packages);
        let reference = |folder: &Path| format!("path:{}", folder.display());
        let from =
            |folder: &Path| ["one", "two"].map(|name| format!("{}#{name}", reference(folder))).to_vec();
        let (mine, theirs) = (nix.profile("mine"), nix.profile("theirs"));
        let plain = nix.add_package("three-1", |root| script(root, "bin/three", ""));
        add(nix, &mine, &[from(&old), vec![plain]].concat());
        let pattern = format!(".*{}#.*", old.file_name().unwrap().to_str().unwrap());
        expect(&firn(nix, &mine, &["retarget", "--regex", &pattern, &reference(&new)]), 0);
        assert_eq!(generations(&mine), 2);
        // A flake is attached to what came from none, under the name it has.
        let (_, err) = expect(&firn(nix, &mine, &["retarget", "three", &reference(&new)]), 0);
        assert!(err.contains("FLAKE#PACKAGE"), "{err}");
        let one = format!("{}#one", reference(&new));
        expect(&firn(nix, &mine, &["retarget", "three", &one]), 0);
        let source = &manifest(&mine)["elements"]["three"];
        assert_eq!(source["originalUrl"], reference(&new));
        expect(&firn(nix, &mine, &["remove", "three"]), 0);
        add(nix, &theirs, &from(&new));
        assert_eq!(PrivateNix::real_path(&mine), PrivateNix::real_path(&theirs));
        let (_, err) = expect(&firn(nix, &mine, &["retarget", "one", "path:/nowhere"]), 1);
        assert!(
            err.contains("'one' cannot follow 'path:/nowhere', which cannot be fetched or read"),
            "{err}"
        );
    });
}

#[test]
fn a_collision_of_what_is_built_blocks_and_changes_nothing() {
    each_nix("a collision of what is built blocks and changes nothing", |nix| {
        let folder = nix.root().join("work/flake");
        let tool = |name: &str, file: &str| {
            format!(
                r#"{name} = derivation {{ name = "{name}-1"; system = "x86_64-linux"; builder = "/bin/sh";
                PATH = "/usr/bin:/bin"; args = [ "-c" "mkdir -p $out/bin; echo > $out/bin/{file}" ]; }};"#
            )
        };
        let flake = |file: &str| {
            let packages = tool("one", "one") + &tool("two", file);
            let text =
                format!("{{ outputs = {{ self }}: {{ packages.x86_64-linux = {{ {packages} }}; }}; }}");
            write(&folder, "flake.nix", text);
        };
        flake("two");
        let profile = nix.profile("profile");
        let installables = ["one", "two"].map(|name| format!("path:{}#{name}", folder.display()));
        add(nix, &profile, &installables);
        flake("one");
        let live = PrivateNix::real_path(&profile);
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all"]), 3);
        assert!(err.contains("bin/one"), "{err}");
        assert_eq!(PrivateNix::real_path(&profile), live);
        // Resolved and upgraded in one generation.
        let file = nix.root().join("work/plan.json");
        let plan = r#"{"version":1,"changes":[{"change":"upgrade","element":"two"},
            {"change":"priority","element":"two","to":4}]}"#;
        std::fs::write(&file, plan).unwrap();
        expect(&firn(nix, &profile, &["apply", file.to_str().unwrap()]), 0);
        assert_eq!(
            (generations(&profile), &manifest(&profile)["elements"]["two"]["priority"]),
            (2, &4.into())
        );
    });
}

#[test]
fn names_locked_elements_and_numbers_are_told_as_nix_does() {
    each_nix("names, locked elements and numbers are told as nix does", |nix| {
        let folder = nix.root().join("work/flake");
        flake(&folder, 1, &[("one".to_owned(), Fate::Newer)]);
        let profile = nix.profile("profile");
        add(nix, &profile, &[format!("path:{}#one", folder.display())]);
        let _ = copy(&profile, "other");
        for (words, status) in [
            (&["upgrade", "nope"][..], 0),
            (&["upgrade", "--regex", "nope"], 0),
            (&["upgrade", "7"], 1),
            (&["upgrade"], 2),
            (&["upgrade", "--all", "one"], 2),
            (&["upgrade", "one", "--file", "x.nix"], 0),
            (&["upgrade", "one", "--argstr", "name", "x", "--impure", "--no-update-lock-file"], 0),
        ] {
            let (_, err) = expect(&firn(nix, &profile, words), status);
            assert!(!err.is_empty(), "{words:?}");
        }
        assert_eq!(generations(&profile), 1);
    });
}
