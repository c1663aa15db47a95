//! A profile of nix-env becomes one of `nix profile` when that is asked for, and only then.

use crate::packages::{Package, Profile, write_file};
use crate::support::{PrivateNix, each_nix};

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

/// A flake called nixpkgs: a as it is installed, b newer, c that is something else; d is not there.
fn nixpkgs(nix: &PrivateNix, reversed: bool) {
    let folder = nix.root().join("work/nixpkgs");
    write_file(nix, "one.nix", &packages(1));
    write_file(nix, "two.nix", &packages(if reversed { 3 } else { 2 }));
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["one.nix", "two.nix"] {
        // A flake has to name its platform.
        let text = std::fs::read_to_string(nix.root().join("work").join(file)).unwrap();
        let text = text.replace("builtins.currentSystem", "\"x86_64-linux\"");
        std::fs::write(folder.join(file), text).unwrap();
    }
    let flake = r"{ outputs = { self }: { packages.x86_64-linux = {
        inherit (import ./one.nix) a; inherit (import ./two.nix) b more; c = (import ./one.nix).b; }; }; }";
    std::fs::write(folder.join("flake.nix"), flake).unwrap();
    nix.run("nix", &["registry", "add", "flake:nixpkgs", &format!("path:{}", folder.display())]);
}

fn packages(version: u32) -> Vec<Package> {
    let mut with_outputs = Package::new("a", 1);
    with_outputs.outputs = vec!["out", "man", "dev"];
    "outputsToInstall = [ \"out\" \"man\" ]; priority = 3;".clone_into(&mut with_outputs.meta);
    let others = ["b", "c", "d", "more"].map(|name| Package::new(name, version));
    [vec![with_outputs], others.to_vec()].concat()
}

fn elements(profile: &Profile<'_>) -> serde_json::Value {
    let manifest = std::fs::read_to_string(profile.path.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    manifest["elements"].clone()
}

fn installed<'a>(nix: &'a PrivateNix, name: &str) -> Profile<'a> {
    write_file(nix, "old.nix", &packages(1));
    let profile = Profile::new(nix, name);
    profile.nix_env(&["--file", "old.nix", "--install", "--attr", "a", "b", "c", "d"]);
    profile.nix_env(&["--set-flag", "active", "false", "d"]);
    profile
}

#[test]
fn sources_are_proposed_and_change_nothing_that_is_installed() {
    each_nix("a conversion with sources", |nix| {
        nixpkgs(nix, false);
        let profile = installed(nix, "p");
        let before = profile.live();
        let (links, paths) = (profile.firn_well(&["tree"]), profile.firn_well(&["list", "--json"]));
        let dry = profile.firn(&["convert", "--from", "nixpkgs", "--dry-run"]);
        let told = String::from_utf8_lossy(&dry.stdout).into_owned();
        let error = String::from_utf8_lossy(&dry.stderr).into_owned();
        assert!(
            dry.status.success() && told.contains("flake:nixpkgs#packages.x86_64-linux.a"),
            "{told}{error}"
        );
        assert!(error.contains("c: nixpkgs#c is another package, b-1.0"), "{error}");
        assert!(error.contains("without a source: 2 packages") && error.contains("d:"), "{error}");
        assert_eq!(profile.live(), before);

        profile.firn_well(&["convert", "--from", "nixpkgs"]);
        assert_eq!(profile.firn_well(&["tree"]), links, "not one link is another");
        let (now, was) = (elements(&profile), serde_json::from_str::<serde_json::Value>(&paths).unwrap());
        for name in ["a", "b", "c", "d"] {
            assert_eq!(now[name]["storePaths"], was["elements"][name]["storePaths"], "{name}");
        }
        // The very package is locked; of another nobody knows the revision.
        assert!(now["a"]["url"].as_str().unwrap().contains("narHash"), "{now}");
        assert_eq!((&now["a"]["outputs"], &now["a"]["priority"]), (&serde_json::Value::Null, &3.into()));
        assert_eq!(
            (&now["b"]["url"], &now["b"]["originalUrl"]),
            (&"flake:nixpkgs".into(), &"flake:nixpkgs".into())
        );
        assert!(
            now["c"]["url"].is_null() && now["d"]["url"].is_null() && now["d"]["active"] == false,
            "{now}"
        );
        // Nix itself writes what firn wrote, and both upgrade what has something newer, and only that.
        let path = profile.path.to_str().unwrap();
        let copy = Profile::new(nix, "copy");
        copy.nix_env(&["--set", &profile.live()]);
        nix.run("nix", &["profile", "remove", "d", "--profile", path]);
        copy.firn_well(&["remove", "d"]);
        assert_eq!(profile.live(), copy.live());
        nix.run("nix", &["profile", "upgrade", "--all", "--profile", path]);
        copy.firn_well(&["upgrade", "--all"]);
        assert!(elements(&profile)["b"]["storePaths"][0].as_str().unwrap().ends_with("-b-2.0"));
        assert_eq!(profile.live(), copy.live());

        profile.firn_well(&["rollback", "--to", "2"]);
        assert_eq!(profile.live(), before);
        assert_eq!(profile.nix_env(&["--query"]), "a-1.0\nb-1.0\nc-1.0\nd-1.0\n");
        // Named sources, and none.
        profile.firn_well(&[
            "convert",
            "--from",
            "nixpkgs",
            "--source",
            "c=nixpkgs#more",
            "--source",
            "a=none",
        ]);
        let now = elements(&profile);
        assert_eq!(now["c"]["attrPath"], "packages.x86_64-linux.more");
        assert!(now["a"]["url"].is_null() && now["b"]["originalUrl"] == "flake:nixpkgs", "{now}");
        let ran = profile.firn(&["convert"]);
        assert_eq!(ran.status.code(), Some(1));
    });
}

#[test]
fn proposals_are_changed_and_declined_by_keys() {
    each_nix("a conversion with sources, by keys", |nix| {
        nixpkgs(nix, true);
        let profile = installed(nix, "p");
        let keys = |keys: &str| profile.firn_well(&["--keys", keys, "--frame", "120x36"]);
        let convert = ": c o n v e r t <space> a <enter>";
        let frame = keys(convert);
        assert!(
            frame.contains("Convert to nix profile, with sources from") && frame.contains("nixpkgs"),
            "{frame}"
        );
        let frame = keys(&format!("{convert} <enter>"));
        assert!(frame.contains("2 sources proposed; none for c and d"), "{frame}");
        // One is declined, one is named by hand.
        let declined = "e <down> <enter>";
        let named = "j j e n i x p k g s # m o r e <enter>";
        let frame = keys(&format!("{convert} <enter> {declined} {named}"));
        assert!(frame.contains("c follows nixpkgs, with the very package"), "{frame}");
        let frame = keys(&format!("{convert} <enter> {declined} {named} w"));
        assert!(frame.contains("one of nix profile"), "{frame}");
        let before = profile.firn_well(&["tree"]);
        let frame = keys(&format!("{convert} <enter> {declined} {named} w y"));
        assert!(frame.contains("is live"), "{frame}");
        let now = elements(&profile);
        assert!(now["a"]["url"].is_null() && now["d"]["url"].is_null(), "{now}");
        assert_eq!(now["b"]["attrPath"], "packages.x86_64-linux.b");
        assert_eq!(now["c"]["attrPath"], "packages.x86_64-linux.more");
        assert_eq!(profile.firn_well(&["tree"]), before);
        keys("- y");
        assert_eq!(profile.nix_env(&["--query"]), "a-1.0\nb-1.0\nc-1.0\nd-1.0\n");
    });
}

#[test]
fn a_flake_that_cannot_be_read_converts_nothing() {
    each_nix("a conversion from a flake that is not there", |nix| {
        let profile = installed(nix, "p");
        let before = profile.live();
        let ran = profile.firn(&["convert", "--from", "path:/nowhere/at/all"]);
        let error = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{error}");
        assert!(error.contains("'path:/nowhere/at/all'") && error.contains("nothing was changed"), "{error}");
        assert_eq!(profile.live(), before);
        let convert = ": c o n v e r t <space> a <enter> <ctrl-u> p a t h : / n o w h e r e <enter>";
        let frame = profile.firn_well(&["--keys", convert, "--frame", "120x36"]);
        assert!(frame.contains("Not converted: path:/nowhere cannot be"), "{frame}");
        let frame = profile.firn_well(&["--keys", &format!("{convert} w y"), "--frame", "120x36"]);
        assert_eq!(profile.live(), before, "nothing is staged: {frame}");
    });
}

#[test]
fn a_hold_outlives_a_conversion_and_its_rollback() {
    each_nix("a conversion of what is held", |nix| {
        nixpkgs(nix, false);
        let profile = installed(nix, "p");
        profile.firn_well(&["hold", "b"]);
        profile.firn_well(&["convert", "--from", "nixpkgs"]);
        assert_eq!(elements(&profile)["b"]["originalUrl"], "flake:nixpkgs");
        let told = |profile: &Profile<'_>| {
            String::from_utf8_lossy(&profile.firn(&["upgrade", "b"]).stderr).into_owned()
        };
        let before = profile.live();
        assert!(told(&profile).contains("'b' is held"), "{}", told(&profile));
        assert_eq!(profile.live(), before);
        profile.firn_well(&["rollback"]);
        assert!(told(&profile).contains("'b' is held"), "{}", told(&profile));
    });
}
