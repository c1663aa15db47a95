//! A profile of nix-env becomes one of `nix profile` when that is asked for, and only then.

use crate::packages::{Package, Profile, write_file};
use crate::support::each_nix;

#[test]
fn a_conversion_keeps_what_nix_would_lose_and_can_be_rolled_back() {
    each_nix("converting a profile of nix-env", |nix| {
        let mut package = Package::new("a", 1);
        package.outputs = vec!["out", "man"];
        package.meta = "outputsToInstall = [ \"out\" \"man\" ]; priority = 3;".to_owned();
        write_file(nix, "f.nix", &[package, Package::new("b", 1), Package::new("c", 1)]);
        let profile = Profile::new(nix, "p");
        profile.nix_env(&["--file", "f.nix", "--install", "--attr", "a", "b", "c"]);
        profile.nix_env(&["--set-flag", "active", "false", "b"]);
        let before = profile.live();
        // Nothing else converts.
        profile.firn_well(&["priority", "c", "7"]);
        assert!(!profile.path.join("manifest.json").exists());

        let planned = profile.apply(r#"{"change":"convert"},{"change":"priority","element":"c","to":8}"#);
        assert!(planned.ends_with("-profile"), "{planned}");
        assert_eq!(profile.live(), planned);
        let manifest = std::fs::read_to_string(profile.path.join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let elements = &manifest["elements"];
        assert_eq!(elements["a"]["priority"], 3);
        assert_eq!(elements["a"]["storePaths"].as_array().unwrap().len(), 2, "nix would keep one output");
        assert_eq!(elements["b"]["active"], false);
        assert_eq!(elements["c"]["priority"], 8);
        let listed =
            nix.run("nix", &["profile", "list", "--json", "--profile", profile.path.to_str().unwrap()]);
        assert!(listed.contains("\"b\""), "{listed}");
        let history = profile.firn_well(&["history"]);
        assert!(history.lines().next().unwrap().contains("converted to nix profile"), "{history}");

        profile.firn_well(&["rollback", "--to", "2"]);
        assert_eq!(profile.live(), before);
        assert_eq!(profile.nix_env(&["--query"]), "a-1.0\nb-1.0\nc-1.0\n");
    });
}
