//! What only the interface has a key for, with a real nix behind it: sources and outputs chosen, options
//! remembered, settings of flakes asked about. Keys in, the profile and firn's own files out.

use std::path::Path;

use serde_json::Value;

use crate::flakes::{FIRN, Fate, add, expect, firn, flake, generations};
use crate::support::{PrivateNix, each_nix, script, write};

/// Presses keys and gives the frame they lead to.
fn keys(nix: &PrivateNix, profile: &Path, keys: &str) -> String {
    let mut command = nix.command(FIRN);
    command.args(["--keys", keys, "--frame", "120x36", "--profile"]).arg(profile);
    let (frame, _) = expect(&command.output().unwrap(), 0);
    frame
}

/// A text as the keys that type it.
fn typed(text: &str) -> String {
    let key = |letter: char| match letter {
        ' ' => "<space>".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(key).collect::<Vec<_>>().join(" ")
}

fn element(profile: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(profile.join("manifest.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["elements"][name].clone()
}

#[test]
fn sources_are_changed_by_keys() {
    each_nix("sources are changed by keys", |nix| {
        let [old, new] = ["old", "new"].map(|name| nix.root().join("work").join(name));
        let packages = ["one", "two"].map(|name| (name.to_owned(), Fate::Newer));
        flake(&old, 1, &packages);
        flake(&new, 2, &packages);
        let reference = |folder: &Path| format!("path:{}", folder.display());
        let profile = nix.profile("mine");
        let plain = nix.add_package("three-1", |root| script(root, "bin/three", ""));
        let from = ["one", "two"].map(|name| format!("{}#{name}", reference(&old)));
        add(nix, &profile, &[from.to_vec(), vec![plain]].concat());
        // All that follow it move as one generation.
        let follow = format!("e <tab> <ctrl-u> {} <enter> w y", typed(&reference(&new)));
        let frame = keys(nix, &profile, &follow);
        assert_eq!(generations(&profile), 2, "{frame}");
        for name in ["one", "two"] {
            assert_eq!(element(&profile, name)["originalUrl"], reference(&new), "{frame}");
        }
        // Pinned to what it has, and let go again by what an earlier generation knows.
        let lock = element(&profile, "one")["url"].clone();
        let frame = keys(nix, &profile, "e <down> <enter> w y");
        assert_eq!(element(&profile, "one")["originalUrl"], lock, "{frame}");
        assert!(keys(nix, &profile, "u").contains("locked reference"));
        let frame = keys(nix, &profile, "e <down> <enter> w y");
        assert_eq!(element(&profile, "one")["originalUrl"], reference(&new), "{frame}");
        // What came from no flake is told where it is from, and what that changes is said.
        let attach = format!("j e {} <enter>", typed(&format!("{}#one", reference(&new))));
        let frame = keys(nix, &profile, &attach);
        assert!(frame.contains("Staged: three follows") && frame.contains("→ 2"), "{frame}");
        let frame = keys(nix, &profile, &format!("{attach} w y"));
        assert_eq!(element(&profile, "three")["attrPath"], "packages.x86_64-linux.one", "{frame}");
        // What cannot be followed is not staged, and the row says why.
        let frame = keys(nix, &profile, "e <ctrl-u> p a t h : / n o w h e r e <enter>");
        assert!(
            frame.contains("Not staged: 'one' cannot follow") && frame.contains("nothing staged"),
            "{frame}"
        );
    });
}

#[test]
fn outputs_are_chosen_by_keys() {
    each_nix("outputs are chosen by keys", |nix| {
        let folder = nix.root().join("work/flake");
        let text = r#"{ outputs = { self }: { packages.x86_64-linux.tool = derivation {
            name = "tool-1"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin";
            outputs = [ "out" "doc" ];
            args = [ "-c" "mkdir -p $out/bin $doc/share; echo > $out/bin/tool; echo > $doc/share/text" ];
          } // { meta.outputsToInstall = [ "out" ]; }; }; }"#;
        write(&folder, "flake.nix", text);
        let installable = |outputs: &str| format!("path:{}#tool{outputs}", folder.display());
        let (mine, theirs) = (nix.profile("mine"), nix.profile("theirs"));
        add(nix, &mine, &[installable("")]);
        let frame = keys(nix, &mine, "O");
        assert!(frame.contains("[✓] out") && frame.contains("1 file"), "{frame}");
        let frame = keys(nix, &mine, "O j j <space> <enter> w y");
        add(nix, &theirs, &[installable("^doc,out")]);
        assert_eq!(PrivateNix::real_path(&mine), PrivateNix::real_path(&theirs), "{frame}");
    });
}

#[test]
fn what_has_to_be_allowed_is_allowed_for_the_element_and_remembered() {
    each_nix("what has to be allowed is remembered", |nix| {
        let folder = nix.root().join("work/flake");
        let package = |version: &str, guard: &str| {
            let text = format!(
                r#"{{ outputs = {{ self }}: {{ packages.x86_64-linux.tool = {guard} derivation {{
                name = "tool-{version}"; system = "x86_64-linux"; builder = "/bin/sh";
                args = [ "-c" "echo > $out" ]; }}; }}; }}"#
            );
            write(&folder, "flake.nix", text);
        };
        package("1", "");
        let profile = nix.profile("mine");
        add(nix, &profile, &[format!("path:{}#tool", folder.display())]);
        // As nixpkgs: a variable of the environment allows what is refused otherwise.
        package(
            "2",
            r#"if builtins.getEnv "NIXPKGS_ALLOW_UNFREE" != "1" then throw "Package 'tool' has an unfree license ('x'), refusing to evaluate." else"#,
        );
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "tool"]), 1);
        assert!(err.contains("unfree licence"), "{err}");
        // The line is there already, and only has to be taken.
        let open = format!(": {} <enter>", typed("options remembered"));
        let frame = keys(nix, &profile, &format!("u {open}"));
        assert!(frame.contains("NIXPKGS_ALLOW_UNFREE=1 --impure"), "{frame}");
        let frame = keys(nix, &profile, &format!("u {open} <enter> u"));
        assert!(frame.contains("Staged: tool 1 → 2"), "{frame}");
        // The command line knows it too.
        expect(&firn(nix, &profile, &["upgrade", "tool"]), 0);
        let path = element(&profile, "tool")["storePaths"][0].clone();
        assert!(path.as_str().unwrap().ends_with("tool-2"), "{path}");
    });
}

#[test]
fn what_a_flake_wants_to_set_is_asked_once() {
    each_nix("what a flake wants to set is asked once", |nix| {
        let folder = nix.root().join("work/flake");
        let package = |version: &str| {
            let text = format!(
                r#"{{ nixConfig.extra-substituters = [ "file:///nowhere" ];
                outputs = {{ self }}: {{ packages.x86_64-linux.tool = derivation {{
                name = "tool-{version}"; system = "x86_64-linux"; builder = "/bin/sh";
                args = [ "-c" "echo > $out" ]; }}; }}; }}"#
            );
            write(&folder, "flake.nix", text);
        };
        package("1");
        let profile = nix.profile("mine");
        add(nix, &profile, &[format!("path:{}#tool", folder.display())]);
        package("2");
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "tool", "--dry-run"]), 0);
        assert!(err.contains("wants to set extra-substituters, which was left out"), "{err}");
        let frame = keys(nix, &profile, "u");
        assert!(frame.contains("Accept its settings?") && frame.contains("extra-substituters"), "{frame}");
        assert!(keys(nix, &profile, "u n").contains("are left out from now on"));
        assert!(!keys(nix, &profile, "u").contains("Accept its settings?"), "it was answered");
        let state = nix.home().join("firn-state/options.json");
        let text = std::fs::read_to_string(&state).unwrap().replace("false", "true");
        std::fs::write(&state, text).unwrap();
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "tool", "--dry-run"]), 0);
        assert!(!err.contains("left out"), "accepted: {err}");
    });
}
