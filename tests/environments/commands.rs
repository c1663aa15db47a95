//! The walk by commands.

use super::Walk;
use super::support::{each_nix, write};

const FILE: [&str; 3] = ["add", "--file", "myproject_env.nix"];

#[test]
fn a_file_is_looked_at_installed_changed_and_updated() {
    each_nix("an environment file, from the dry run to the update", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        let dry = walk.firn(&[&FILE[..], &["--dry-run"]].concat()).expect(0);
        dry.says("build  ").says("+ myproject-env").says("known only then");
        let json = walk.firn(&[&FILE[..], &["--dry-run", "--json"]].concat()).expect(0);
        let plan: serde_json::Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!((&plan["basis"], &plan["result"]), (&"unknown".into(), &serde_json::Value::Null));
        assert!(plan["cost"]["build"].to_string().contains("-myproject-env"), "{plan}");
        let path = plan["elements"]["after"]["myproject-env"]["storePaths"][0].as_str().unwrap();
        assert!(!std::path::Path::new(path).exists(), "nothing is built");

        walk.firn(&[&FILE[..], &["--dry-run", "--out-link", "result"]].concat()).expect(0);
        assert!(nix.root().join("work/result/include/zlib.h").exists());
        assert!(!walk.profile.exists(), "it is not installed");

        walk.firn(&FILE).expect(0).says("+ myproject-env");
        assert_eq!(walk.target(), walk.by_nix("nix", &[&["--file", "myproject_env.nix"]]));
        assert_eq!(walk.read("lib/libz.so"), "1.2.11");
        walk.firn(&["upgrade", "--all", "--dry-run"])
            .expect(0)
            .says("environment file")
            .says("nothing newer");

        walk.firn(&["priority", "myproject-env", "7"]).expect(0);
        walk.five("1.2.13");
        let before = walk.target();
        walk.firn(&["upgrade", "myproject-env", "--dry-run"]).expect(0).says("= myproject-env new build");
        assert_eq!(walk.target(), before);
        walk.firn(&["upgrade", "--all"]).expect(0).says("generation 3 is live");
        assert_eq!(walk.read("lib/libz.so"), "1.2.13");
        let words: [&[&str]; 1] = [&["--file", "myproject_env.nix", "--priority", "7"]];
        assert_eq!(walk.target(), walk.by_nix("again", &words));

        walk.firn(&["rollback"]).expect(0);
        assert_eq!((walk.target(), walk.read("lib/libz.so")), (before, "1.2.11".to_owned()));
        // What is rolled back to is remembered as well.
        walk.firn(&["upgrade", "--all"]).expect(0);
        assert_eq!(walk.read("lib/libz.so"), "1.2.13");
    });
}

#[test]
fn attributes_lists_and_expressions_are_one_element_each() {
    each_nix("attributes, lists and expressions", |nix| {
        let walk = Walk::new(nix);
        write(
            nix.root(),
            "work/list.nix",
            "let p = import ./packages.nix { }; in [ p.ffmpeg p.zlib p.zlib.dev ]",
        );
        walk.firn(&["add", "--file", "packages.nix", "zlib^dev", "nodejs"]).expect(0);
        walk.firn(&["add", "--file", "list.nix", "--priority", "9"]).expect(0).says("+ ffmpeg, zlib");
        let expression = format!("import {}/work/packages.nix {{ zlib = \"2\"; }}", nix.root().display());
        walk.firn(&["add", "--impure", "--expr", &expression, "electron"]).expect(0);
        let words: [&[&str]; 3] = [
            &["--file", "packages.nix", "zlib^dev", "nodejs"],
            &["--file", "list.nix", "--priority", "9"],
            &["--impure", "--expr", &expression, "electron"],
        ];
        assert_eq!(walk.target(), walk.by_nix("nix", &words));
        let dry = walk.firn(&["upgrade", "--all", "--dry-run", "--impure"]).expect(0);
        let (list, attribute) = (nix.root().join("work/list.nix"), nix.root().join("work/packages.nix"));
        dry.says(&format!("environment file {}", list.display()))
            .says(&format!("environment file zlib^dev of {}", attribute.display()))
            .says("environment file electron of an expression");
    });
}

#[test]
fn a_collision_with_what_it_contains_is_explained_and_resolved_both_ways() {
    each_nix("an environment next to what it contains", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        walk.firn(&["add", "--file", "packages.nix", "zlib"]).expect(0);
        let alone = walk.target();
        walk.firn(&FILE)
            .expect(3)
            .says("myproject-env contains zlib, which is installed on its own too")
            .says("remove zlib")
            .says("switch zlib off")
            .says("--priority 6");
        assert_eq!(walk.target(), alone, "nothing was changed");
        walk.firn(&[&FILE[..], &["--priority", "6"]].concat()).expect(0);
        assert!(walk.has("bin/ffmpeg") && walk.has("lib/libz.so"));
        walk.firn(&["rollback"]).expect(0);
        assert_eq!(walk.target(), alone);
        walk.firn(&["remove", "zlib"]).expect(0);
        walk.firn(&FILE).expect(0);
        assert_eq!(walk.target(), walk.by_nix("nix", &[&["--file", "myproject_env.nix"]]));
        walk.firn(&["rollback", "--to", "1"]).expect(0);
        assert_eq!(walk.target(), alone);
    });
}

#[test]
fn a_collision_inside_the_environment_is_told_with_what_to_write() {
    each_nix("a collision inside an environment", |nix| {
        let walk = Walk::new(nix);
        walk.environment("1.2.11", "zlib unstable.zlib", "");
        let ran = walk.firn(&FILE).expect(3).says("zlib-1.2.11").says("zlib-1.3.1");
        let ran = ran.says("both in this environment, bring the same file: ");
        for version in ["1.2.11", "1.3.1"] {
            let place = format!("… being what stands there for zlib-{version}: the file of zlib-{version}");
            assert!(ran.err.contains(&place), "both are called zlib: {}", ran.err);
        }
        for way in ["lib.hiPrio", "lib.lowPrio", "meta.priority", "ignoreCollisions = true;", "pathsToLink"] {
            assert!(ran.err.contains(way), "{way}: {}", ran.err);
        }
        assert!(!walk.profile.exists());
        walk.environment("1.2.11", "zlib (unstable.zlib // { meta.priority = 6; })", "");
        walk.firn(&FILE).expect(0);
        assert_eq!(walk.read("lib/libz.so"), "1.2.11");
        // An upgrade that collides inside keeps what is there, and costs the others nothing.
        walk.environment("1.2.13", "zlib unstable.zlib", "");
        write(nix.root(), "work/tool.nix", "(import ./packages.nix { }).ffmpeg");
        walk.firn(&["add", "--file", "tool.nix"]).expect(0);
        write(nix.root(), "work/tool.nix", "(import ./packages.nix { }).nodejs");
        let before = walk.read("lib/libz.so");
        walk.firn(&["upgrade", "--all"]).expect(1).says("both in this environment");
        assert!(walk.has("bin/nodejs") && !walk.has("bin/ffmpeg"));
        assert_eq!(walk.read("lib/libz.so"), before);
        // With nothing else to do it ends as an addition does.
        let alone = walk.firn(&["upgrade", "--all"]).expect(3).says("both in this environment");
        assert!(!alone.err.contains("nothing to do"), "{}", alone.err);
        walk.environment("1.2.13", "zlib unstable.zlib", "ignoreCollisions = true;");
        walk.firn(&["upgrade", "--all"]).expect(0);
        assert_eq!(walk.read("lib/libz.so"), "1.2.13", "the one that stands first");
    });
}

#[test]
fn a_file_that_is_gone_costs_only_its_own_element() {
    each_nix("an environment file that is gone, and one that is broken", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        for name in ["gone", "broken", "fine"] {
            let package = ["ffmpeg", "nodejs", "libjpeg"][name.len() % 3];
            write(nix.root(), format!("work/{name}.nix"), format!("(import ./packages.nix {{ }}).{package}"));
            walk.firn(&["add", "--file", &format!("{name}.nix")]).expect(0);
        }
        std::fs::remove_file(nix.root().join("work/gone.nix")).unwrap();
        write(nix.root(), "work/broken.nix", "{ this is no Nix");
        write(nix.root(), "work/fine.nix", "(import ./packages.nix { }).electron");
        let ran = walk.firn(&["upgrade", "--all"]).expect(1);
        let ran = ran.says("added from a file that is gone").says("gone.nix' is not there");
        ran.says("has a file that does not evaluate");
        assert!(walk.has("bin/electron"));
        // Another that takes the name is not the file's.
        walk.firn(&["remove", "--all"]).expect(0);
        let other = nix.add_package("myproject-env", |root| write(root, "bin/other", "x"));
        walk.firn(&["add", &other]).expect(0);
        walk.firn(&["upgrade", "--all"]).expect(0).says("was not added from a flake");
    });
}

#[test]
fn an_environment_that_is_added_again_may_be_upgraded_instead() {
    each_nix("an environment added again with its file changed", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        walk.firn(&FILE).expect(0);
        walk.five("1.2.13");
        let ran = walk.firn(&FILE).expect(3).says("ways out:");
        let ways = ran.err.split("ways out:").nth(1).unwrap().trim_start();
        assert!(ways.starts_with("upgrade myproject-env instead"), "{}", ran.err);
        assert!(ways.lines().next().unwrap().ends_with("upgrade myproject-env"), "{}", ran.err);
        let ran = walk.firn(&[&FILE[..], &["--priority", "6"]].concat()).expect(0);
        ran.says("so this is 'myproject-env-1'")
            .says("upgrade myproject-env' would have taken what its file");
        walk.firn(&["rollback"]).expect(0);
        walk.firn(&["upgrade", "myproject-env"]).expect(0);
        assert_eq!(walk.target(), walk.by_nix("nix", &[&["--file", "myproject_env.nix"]]));
        // One that came from elsewhere is not meant.
        write(nix.root(), "work/other.nix", "(import ./myproject_env.nix)");
        walk.five("1.2.14");
        let ran = walk.firn(&["add", "--file", "other.nix"]).expect(3);
        assert!(!ran.err.contains("instead"), "{}", ran.err);
    });
}

#[test]
fn the_doctor_sees_files_that_are_gone_and_what_they_lack() {
    each_nix("environment files that the doctor looks at", |nix| {
        let walk = Walk::new(nix);
        let tools = |names: &[&str]| {
            let text =
                format!("let p = import ./packages.nix {{ }}; in {{ inherit (p) {}; }}", names.join(" "));
            write(nix.root(), "work/tools.nix", text);
        };
        walk.five("1.2.11");
        tools(&["ffmpeg", "nodejs"]);
        write(nix.root(), "work/broken.nix", "(import ./packages.nix { }).electron");
        walk.environment("1.2.11", "libjpeg", "");
        walk.firn(&FILE).expect(0);
        walk.firn(&["add", "--file", "tools.nix", "ffmpeg"]).expect(0);
        walk.firn(&["add", "--file", "tools.nix", "nodejs"]).expect(0);
        walk.firn(&["add", "--file", "broken.nix"]).expect(0);
        let findings = || {
            let ran = walk.firn(&["doctor", "--json"]);
            let all: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
            let of_files = all.as_array().unwrap().iter().filter(|it| it["problem"] == "environment-file");
            of_files.cloned().collect::<Vec<_>>()
        };
        assert_eq!(findings(), Vec::<serde_json::Value>::new());
        std::fs::remove_file(nix.root().join("work/myproject_env.nix")).unwrap();
        tools(&["ffmpeg"]);
        // What does not evaluate is told by its upgrade.
        write(nix.root(), "work/broken.nix", "{ this is no Nix");
        let found = findings();
        assert_eq!(found.len(), 2, "{found:?}");
        let says = |index: usize, field: &str, words: &str| {
            assert!(found[index][field].as_str().unwrap().contains(words), "{words}: {found:?}");
        };
        says(0, "message", "myproject_env.nix, which is not there any more");
        says(0, "mend", "remove myproject-env && ");
        says(1, "message", "was added from nodejs of ");
        says(1, "message", "tools.nix, which has no such package any more");
        // What it says mends it: from where the file is now.
        let at = |index: usize| found[index]["mend"].as_str().unwrap();
        let element = at(1).split(" remove ").nth(1).unwrap().split(" && ").next().unwrap();
        walk.firn(&["remove", element]).expect(0);
        walk.firn(&["add", "--file", "tools.nix", "ffmpeg", "--priority", "9"]).expect(0);
        walk.firn(&["remove", "myproject-env"]).expect(0);
        assert_eq!(findings(), Vec::<serde_json::Value>::new());
    });
}

#[test]
fn sources_can_be_mixed() {
    each_nix("an environment of two sources", |nix| {
        let walk = Walk::new(nix);
        walk.environment("1.2.11", "unstable.zlib libjpeg", "extraOutputsToInstall = [ \"dev\" ];");
        walk.firn(&FILE).expect(0);
        assert_eq!(walk.read("include/zlib.h"), "1.3.1");
        assert!(walk.has("include/jpeglib.h"));
    });
}

#[test]
fn outputs_of_what_is_contained_are_shown_and_chosen_in_the_file() {
    each_nix("outputs of one package of an environment", |nix| {
        let walk = Walk::new(nix);
        walk.environment("1.2.11", "zlib", "");
        walk.firn(&FILE).expect(0);
        assert!(walk.has("lib/libz.so") && !walk.has("include"));
        let listed = walk.firn(&["outputs", "myproject-env"]).expect(0);
        for (output, state) in
            [("out", "installed"), ("dev", "paths = [ zlib.dev ];"), ("static", "zlib.static")]
        {
            let line =
                listed.out.lines().find(|line| line.contains(&format!("zlib-1.2.11  {output} "))).unwrap();
            assert!(line.contains(state), "{line}");
        }
        let listed = listed.says(r#"extraOutputsToInstall = [ "dev" "static" ];"#);
        let json = walk.firn(&["outputs", "myproject-env", "--json"]).expect(0);
        let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!(json.as_array().unwrap().len(), 3, "{}", listed.out);
        assert_eq!((&json[0]["output"], &json[0]["write"]), (&"dev".into(), &"zlib.dev".into()));
        // What was told to be written is written.
        walk.environment("1.2.11", "zlib zlib.dev", "");
        walk.firn(&["upgrade", "--all"]).expect(0);
        assert!(walk.has("include/zlib.h") && walk.has("lib/pkgconfig/zlib.pc") && !walk.has("lib/libz.a"));
        walk.environment("1.2.11", "zlib", "extraOutputsToInstall = [ \"static\" ];");
        walk.firn(&["upgrade", "--all"]).expect(0);
        assert!(!walk.has("include") && walk.has("lib/libz.a"));
    });
}

#[test]
fn a_package_that_needs_others_is_no_environment() {
    each_nix("a package that refers to another", |nix| {
        let walk = Walk::new(nix);
        let text = "let p = import ./packages.nix { }; in derivation { name = \"needs-1\"; \
             system = builtins.currentSystem; builder = \"/bin/sh\"; PATH = \"/usr/bin:/bin\"; \
             args = [ \"-c\" \"mkdir -p $out/lib; echo ${p.zlib} > $out/lib/needs\" ]; }";
        write(nix.root(), "work/needs.nix", text);
        walk.firn(&["add", "--file", "needs.nix"]).expect(0);
        assert!(nix.references(&walk.profile_path("needs")).iter().any(|path| path.contains("-zlib-")));
        walk.firn(&["outputs", "needs"]).expect(1).says("was not added from a flake");
    });
}
