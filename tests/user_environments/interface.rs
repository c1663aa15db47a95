//! The interface on a profile of nix-env: keys in, the generation that nix-env itself would make out.

use crate::packages::{Package, Profile, write_file};
use crate::support::each_nix;

/// Presses keys and gives the frame they lead to.
fn keys(profile: &Profile<'_>, keys: &str) -> String {
    profile.firn_well(&["--keys", keys, "--frame", "120x36"])
}

fn with_outputs(meta: &str) -> Package {
    let mut package = Package::new("a", 1);
    package.outputs = vec!["out", "man", "dev"];
    meta.clone_into(&mut package.meta);
    package
}

#[test]
fn outputs_are_chosen_by_keys_as_nix_env_would_install_them() {
    each_nix("outputs of nix-env's packages, by keys", |nix| {
        // The same package but for what it names to be installed, which is no part of what is built.
        write_file(
            nix,
            "f.nix",
            &[with_outputs("outputsToInstall = [ \"out\" \"man\" ];"), Package::new("b", 1)],
        );
        write_file(nix, "dev.nix", &[with_outputs("outputsToInstall = [ \"dev\" \"out\" ];")]);
        let mine = Profile::new(nix, "firn");
        mine.nix_env(&["--file", "f.nix", "--install", "--attr", "a", "b"]);
        let theirs = mine.copied("nix-env");

        let frame = keys(&mine, "O");
        assert!(frame.contains("as it is now: man, out") && frame.contains("[✓] man"), "{frame}");
        assert!(frame.contains("[ ] dev") && frame.contains("1 file"), "{frame}");
        let frame = keys(&mine, "O j j");
        assert!(frame.contains("dev has 1 file") && frame.contains("bin/a-1.0-dev"), "{frame}");
        // Another output and another flag are one generation.
        let frame = keys(&mine, "O j j <space> j <space> <enter> p <up> <enter> w y");
        assert!(frame.contains("Generation 2 is live"), "{frame}");
        theirs.nix_env(&["--file", "dev.nix", "--install", "--attr", "a"]);
        theirs.nix_env(&["--set-flag", "priority", &mine_priority(&mine), "a"]);
        assert_eq!(mine.manifest(), theirs.manifest());
        assert_eq!(mine.live(), theirs.live());
        assert!(mine.path.join("bin/a-1.0-dev").exists() && !mine.path.join("bin/a-1.0-man").exists());
        // What is there already is no change, and the last output cannot go.
        let frame = keys(&mine, "O <space> <enter>");
        assert!(frame.contains("has these outputs already"), "{frame}");
        let frame = keys(&mine, "O j j <space> j j <space>");
        assert!(frame.contains("one output at least"), "{frame}");
    });
}

fn mine_priority(profile: &Profile<'_>) -> String {
    let json: serde_json::Value = serde_json::from_str(&profile.firn_well(&["list", "--json"])).unwrap();
    json["elements"]["a"]["priority"].to_string()
}

#[test]
fn outputs_whose_derivation_is_gone_are_said_to_be_unknown() {
    each_nix("outputs of nix-env's packages without their derivation", |nix| {
        let path = nix.add_package("plain-1", |root| crate::support::write(root, "share/plain", "x"));
        let profile = Profile::new(nix, "firn");
        profile.nix_env(&["--install", &path]);
        let frame = keys(&profile, "O");
        assert!(frame.contains("[✓] out") && frame.contains("only what is installed is known"), "{frame}");
    });
}
