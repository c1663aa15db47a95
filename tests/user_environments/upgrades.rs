//! Upgrades of packages of nix-env by their names: from its default expression with channels and
//! folders, and from files, next to what `nix-env --upgrade` does with the very same.

use std::path::Path;

use crate::packages::{Package, Profile, write_file};
use crate::support::{PrivateNix, each_nix, write};

fn versioned(name: &str, version: u32, meta: &str) -> Package {
    Package { meta: meta.to_owned(), ..Package::new(name, version) }
}

/// A default expression of two channels, a file, what does not count, and a name that two have.
fn default_expression(nix: &PrivateNix) {
    let folder = nix.root().join("home/.nix-defexpr");
    // nix-env has made a link to the user's channels there, which leads nowhere.
    let _ = std::fs::remove_file(folder.join("channels"));
    let put = |from: &str, to: &str| {
        let to = folder.join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(nix.root().join("work").join(from), to).unwrap();
    };
    write_file(
        nix,
        "one.nix",
        &[versioned("a", 2, ""), versioned("b", 2, "priority = 7;"), versioned("kept", 2, "")],
    );
    write_file(nix, "two.nix", &[versioned("a", 3, ""), versioned("c", 10, ""), versioned("d", 1, "")]);
    write_file(
        nix,
        "more.nix",
        &[versioned("a", 9, "priority = 3;"), versioned("c", 9, ""), versioned("e", 2, "")],
    );
    put("one.nix", "channels/one/default.nix");
    put("two.nix", "channels/two/default.nix");
    put("more.nix", "more.nix");
    // Another of a name that is taken, a manifest, a link that leads nowhere, a text.
    put("two.nix", "z/more.nix");
    put("two.nix", "channels/manifest.nix");
    write(&folder, "note.txt", "[");
    std::os::unix::fs::symlink("gone", folder.join("dangling.nix")).unwrap();
}

/// Files that nix-env reads in ways of its own.
fn odd_file(nix: &PrivateNix) {
    let text = r#"{ extra ? [ ] }:
      let
        make = name: system: meta: derivation {
          inherit name system; builder = "/bin/sh"; PATH = "/bin:/usr/bin";
          args = [ "-c" "mkdir -p $out/bin; echo > $out/bin/${name}" ];
        } // { inherit meta; };
        here = builtins.currentSystem;
      in {
        plain = make "a-4" here { };
        nested = { recurseForDerivations = true; x = make "b-4" here { }; };
        hidden = { y = make "b-5" here { }; };
        "not an attribute" = make "c-90" here { };
        elsewhere = make "c-10" "armv5-none" { };
        throws = throw "no";
        asserts = assert false; make "c-70" here { };
        refused = make "d-60" here { } // { drvPath = throw "unfree"; outPath = throw "unfree"; };
        number = 7;
        c11 = make "c-11" here { maintainers = [ (throw "not asked") ]; } // { meta = { }; };
        e = make "e-1.0" here { };
      }"#;
    std::fs::write(nix.root().join("work/odd.nix"), text).unwrap();
}

fn installed<'a>(nix: &'a PrivateNix, name: &str) -> (Profile<'a>, Profile<'a>) {
    let packages = [
        versioned("a", 1, ""),
        versioned("b", 1, "priority = 6;"),
        versioned("c", 1, ""),
        versioned("d", 1, ""),
        versioned("e", 1, "priority = -1;"),
        versioned("kept", 1, "keep = true;"),
    ];
    write_file(nix, "old.nix", &packages);
    let profile = Profile::new(nix, &format!("firn-{name}"));
    profile.nix_env(&["-f", "old.nix", "-i"]);
    let other = profile.copied(&format!("nix-env-{name}"));
    (profile, other)
}

#[test]
fn the_default_expression_is_read_as_nix_env_reads_it() {
    each_nix("upgrades from ~/.nix-defexpr", |nix| {
        let (profile, other) = installed(nix, "default");
        // Nothing is subscribed to: nothing is done, and it is said.
        let ran = profile.firn(&["upgrade", "--all"]);
        assert_eq!(ran.status.code(), Some(0));
        let error = String::from_utf8_lossy(&ran.stderr);
        assert!(error.contains("nothing to be upgraded from"), "{error}");
        default_expression(nix);
        let dry = profile.firn_well(&["upgrade", "--all", "--dry-run"]);
        assert!(dry.contains("nix-env's default expression"), "{dry}");
        profile.firn_well(&["upgrade", "--all"]);
        other.nix_env(&["--upgrade"]);
        let query = profile.nix_env(&["--query"]);
        assert!(query.contains("kept-1.0") && query.contains("c-10.0") && query.contains("b-1.0"), "{query}");
        assert_eq!(profile.manifest(), other.manifest());
        assert_eq!(profile.live(), other.live());
        let same = profile.firn_well(&["upgrade", "--all"]);
        assert!(!same.contains("is live"), "nothing is newer any more: {same}");
    });
}

#[test]
fn files_and_folders_are_read_as_nix_env_reads_them() {
    each_nix("upgrades from odd files", |nix| {
        odd_file(nix);
        let folder = nix.root().join("work/folder");
        std::fs::create_dir_all(folder.join("below")).unwrap();
        std::fs::copy(nix.root().join("work/odd.nix"), folder.join("below/odd.nix")).unwrap();
        for (source, names) in
            [("odd.nix", vec!["a", "b", "c", "e"]), ("folder", vec![]), ("odd.nix", vec![])]
        {
            let (profile, other) = installed(nix, &format!("{source}{}", names.len()));
            if names.is_empty() {
                // It stops nix-env altogether, and costs firn only itself.
                other.nix_env(&["--uninstall", "d"]);
                profile.nix_env(&["--uninstall", "d"]);
            }
            let all: &[&str] = if names.is_empty() { &["--all"] } else { &names };
            profile.firn_well(&[&["upgrade", "--file", source], all].concat());
            other.nix_env(&[&["--file", source, "--upgrade"], names.as_slice()].concat());
            assert_eq!(profile.manifest(), other.manifest(), "{source} {names:?}");
            assert_eq!(profile.live(), other.live(), "{source} {names:?}");
        }
        let (profile, _) = installed(nix, "refused");
        let ran = profile.firn(&["upgrade", "--file", "odd.nix", "a", "d"]);
        assert_eq!(ran.status.code(), Some(1));
        let error = String::from_utf8_lossy(&ran.stderr);
        assert!(error.contains("cannot become d-60"), "{error}");
        let query = profile.nix_env(&["--query"]);
        assert!(query.contains("a-4") && query.contains("d-1.0"), "{query}");
        let ran = profile.firn(&["upgrade", "--file", "nowhere.nix", "a"]);
        let error = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.code() == Some(1) && error.contains("nowhere.nix"), "{error}");
    });
}

#[test]
fn the_file_of_an_upgrade_is_remembered_and_means_nothing_after_a_conversion() {
    each_nix("the file of an upgrade is remembered", |nix| {
        let (profile, _) = installed(nix, "remembered");
        write_file(nix, "new.nix", &[versioned("a", 2, ""), versioned("c", 2, "")]);
        profile.firn_well(&["upgrade", "--file", "new.nix", "a"]);
        write_file(nix, "new.nix", &[versioned("a", 3, ""), versioned("c", 3, "")]);
        let ran = profile.firn(&["upgrade", "a", "c"]);
        let query = profile.nix_env(&["--query"]);
        assert!(query.contains("a-3.0") && query.contains("c-1.0"), "{query}");
        assert!(String::from_utf8_lossy(&ran.stderr).contains("nothing to be upgraded from"));
        profile.apply(r#"{"change":"convert"}"#);
        let before = profile.live();
        write_file(nix, "new.nix", &[versioned("a", 4, "")]);
        let ran = profile.firn(&["upgrade", "a"]);
        assert_eq!(profile.live(), before, "{}", String::from_utf8_lossy(&ran.stderr));
    });
}

#[test]
fn keys_upgrade_from_the_default_expression_and_ask_where_there_is_none() {
    each_nix("upgrades of nix-env's packages, by keys", |nix| {
        let keys =
            |profile: &Profile<'_>, keys: &str| profile.firn_well(&["--keys", keys, "--frame", "120x36"]);
        let typed =
            |path: &Path| path.display().to_string().chars().map(String::from).collect::<Vec<_>>().join(" ");
        let (profile, other) = installed(nix, "keys");
        let frame = keys(&profile, "u");
        assert!(frame.contains("Upgrade a from") && frame.contains("flake:nixpkgs"), "{frame}");
        let frame = keys(&profile, "u o d d <enter>");
        assert!(frame.contains("a path is written whole"), "{frame}");
        write_file(nix, "new.nix", &[versioned("a", 2, ""), versioned("c", 2, "")]);
        let file = nix.root().join("work/new.nix");
        let frame = keys(&profile, &format!("u {} <enter> w y", typed(&file)));
        assert!(frame.contains("Generation 2 is live"), "{frame}");
        other.nix_env(&["-f", "new.nix", "-u", "a"]);
        assert_eq!(profile.live(), other.live());
        default_expression(nix);
        // What is remembered of a comes before the default expression, which the others are looked for in.
        let frame = keys(&profile, "U");
        assert!(frame.contains("c 1.0 → 10.0") || frame.contains("10.0"), "{frame}");
        keys(&profile, "U w y");
        other.nix_env(&["-u", "b", "c", "d", "e"]);
        assert_eq!(profile.live(), other.live());
    });
}

#[test]
fn what_was_added_from_a_file_is_evaluated_again() {
    each_nix("a package of nix-env that was added from a file", |nix| {
        let profile = Profile::new(nix, "again");
        write_file(nix, "other.nix", &[Package::new("b", 1)]);
        profile.nix_env(&["-f", "other.nix", "-i"]);
        let environment = |text: &str| {
            let text = format!(
                "derivation {{ name = \"my-env\"; system = builtins.currentSystem; builder = \"/bin/sh\"; \
                 PATH = \"/bin:/usr/bin\"; args = [ \"-c\" \"mkdir -p $out/bin; echo {text} > $out/bin/my\" ]; }}"
            );
            std::fs::write(nix.root().join("work/environment.nix"), text).unwrap();
        };
        environment("one");
        write_file(nix, "set.nix", &[versioned("a", 2, ""), versioned("c", 2, "")]);
        profile.firn_well(&["add", "--file", "environment.nix"]);
        profile.firn_well(&["add", "--file", "set.nix", "a"]);
        profile.firn_well(&["add", "--file", "set.nix"]);
        let before = profile.live();
        profile.firn_well(&["upgrade", "my-env", "a", "c"]);
        assert_eq!(profile.live(), before, "nothing has changed");
        // A new build without a version, a lower version, and one that is gone.
        environment("two");
        write_file(nix, "set.nix", &[versioned("a", 1, "")]);
        let ran = profile.firn(&["upgrade", "my-env", "a", "c"]);
        let error = String::from_utf8_lossy(&ran.stderr);
        assert!(error.contains("has no package called 'c' any more"), "{error}");
        assert_eq!(std::fs::read_to_string(profile.path.join("bin/my")).unwrap(), "two\n");
        let query = profile.nix_env(&["--query"]);
        assert!(query.contains("a-1.0") && query.contains("c-2.0") && query.contains("b-1.0"), "{query}");
        environment("three");
        let frame = profile.firn_well(&["--keys", "/ m y <enter> u w y", "--frame", "120x36"]);
        assert!(frame.contains("is live"), "{frame}");
        assert_eq!(std::fs::read_to_string(profile.path.join("bin/my")).unwrap(), "three\n");
    });
}
