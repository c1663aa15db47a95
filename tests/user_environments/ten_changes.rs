//! 30 packages that nix-env installed: ten mixed changes in one plan are one generation, the one that
//! nix-env makes of them one by one; and every command of nix-env works on it afterwards.

use std::fmt::Write as _;

use crate::packages::{Package, Profile, generations, write_file};
use crate::support::{PrivateNix, each_nix};

fn thirty(version: u32) -> Vec<Package> {
    (0..30_u32)
        .map(|number| {
            let mut package = Package::new(&format!("p{number}"), version);
            if number % 3 == 0 {
                package.outputs = vec!["out", "man", "dev"];
                package.meta.push_str("outputsToInstall = [ \"out\" \"man\" ];");
            }
            if number % 4 == 0 {
                write!(package.meta, " priority = {};", number + 1).unwrap();
            }
            if number % 5 == 0 {
                package.meta += " description = \"number \\\"five\\\" \\${x}\\n\"; license = { free = true; \
                                 url = \"x\"; }; platforms = [ \"a\" \"b\" ]; bad = x: x; half = 0.5;";
            }
            package
        })
        .collect()
}

/// The ten changes, and the commands of nix-env that do the same.
const CHANGES: &str = r#"
    {"change":"remove","element":"p3"},
    {"change":"remove","element":"p29"},
    {"change":"priority","element":"p4","to":17},
    {"change":"active","element":"p5","to":false},
    {"change":"keep","element":"p6","to":true},
    {"change":"upgrade-from","element":"p7","file":"new.nix"},
    {"change":"upgrade-from","element":"p12","file":"new.nix"},
    {"change":"add","installable":"p30","file":"old.nix","priority":3},
    {"change":"add","installable":"STORE_PATH"},
    {"change":"priority","element":"p9","to":2}"#;

fn by_nix_env(profile: &Profile<'_>, store_path: &str) {
    profile.nix_env(&["--uninstall", "p3"]);
    profile.nix_env(&["--uninstall", "p29"]);
    profile.nix_env(&["--set-flag", "priority", "17", "p4"]);
    profile.nix_env(&["--set-flag", "active", "false", "p5"]);
    profile.nix_env(&["--set-flag", "keep", "true", "p6"]);
    profile.nix_env(&["--file", "new.nix", "--upgrade", "p7"]);
    profile.nix_env(&["--file", "new.nix", "--upgrade", "p12"]);
    profile.nix_env(&["--file", "old.nix", "--install", "--priority", "3", "--attr", "p30"]);
    profile.nix_env(&["--install", store_path]);
    profile.nix_env(&["--set-flag", "priority", "2", "p9"]);
}

#[test]
fn ten_changes_are_one_generation_that_nix_env_would_have_made() {
    each_nix("ten changes to 30 packages of nix-env", |nix| {
        let mut old = thirty(1);
        old.push(Package::new("p30", 1));
        write_file(nix, "old.nix", &old);
        write_file(nix, "new.nix", &thirty(2));
        let profile = Profile::new(nix, "firn");
        let names: Vec<String> = (0..30).map(|number| format!("p{number}")).collect();
        let mut words = vec!["--file", "old.nix", "--install", "--attr"];
        words.extend(names.iter().map(String::as_str));
        profile.nix_env(&words);
        let other = profile.copied("nix-env");
        let path = nix.add_package("plain-4", |root| crate::support::script(root, "bin/plain", "echo 4"));

        let planned = profile.apply(&CHANGES.replace("STORE_PATH", &path));
        by_nix_env(&other, &path);
        assert_eq!(profile.live(), planned);
        assert_eq!(profile.manifest(), other.manifest());
        assert_eq!(profile.live(), other.live());
        assert_eq!(generations(&profile.path), 2, "one before, one made");
        nix.run("nix-store", &["--verify-path", &planned]);
        let auto = std::fs::read_dir(nix.root().join("state/gcroots/auto")).unwrap().flatten();
        let roots: Vec<_> = auto.filter_map(|root| std::fs::read_link(root.path()).ok()).collect();
        assert!(roots.contains(&nix.profile("firn-2-link")), "a garbage collection keeps it");
        nix_env_goes_on(nix, &profile);
    });
}

/// All that nix-env does, on what firn has made.
fn nix_env_goes_on(nix: &PrivateNix, profile: &Profile<'_>) {
    let packages = profile.nix_env(&["--query"]);
    assert_eq!(packages.lines().count(), 30);
    assert!(packages.contains("p7-2.0") && packages.contains("plain-4") && !packages.contains("p29"));
    let made = profile.live();
    nix.run("nix-store", &["--gc"]);
    assert!(std::path::Path::new(&made).join("bin/p7-2.0-out").exists());
    profile.nix_env(&["--set-flag", "active", "true", "p5"]);
    assert!(profile.path.join("bin/p5-1.0-out").exists());
    profile.nix_env(&["--uninstall", "plain"]);
    profile.nix_env(&["--file", "new.nix", "--upgrade", "p8", "p6"]);
    let packages = profile.nix_env(&["--query"]);
    assert!(packages.contains("p8-2.0") && packages.contains("p6-1.0"), "p6 is kept: {packages}");
    profile.nix_env(&["--rollback"]);
    profile.nix_env(&["--switch-generation", "2"]);
    assert_eq!(profile.live(), made);
    // And firn goes on after nix-env.
    let listed = profile.firn_well(&["list"]);
    assert_eq!(listed.lines().count(), 30);
    profile.firn_well(&["rollback"]);
    profile.firn_well(&["remove", "p8-1.0"]);
    assert!(!profile.nix_env(&["--query"]).contains("p8-"));
}

#[test]
fn outputs_are_chosen_in_words_that_nix_env_understands() {
    each_nix("outputs of packages of nix-env", |nix| {
        let mut package = Package::new("a", 1);
        package.outputs = vec!["out", "man", "dev"];
        package.meta = "outputsToInstall = [ \"out\" \"man\" ];".to_owned();
        write_file(nix, "f.nix", &[package, Package::new("b", 1)]);
        let profile = Profile::new(nix, "p");
        profile.nix_env(&["--file", "f.nix", "--install", "--attr", "a", "b"]);
        let programs = || {
            let mut names: Vec<String> = std::fs::read_dir(profile.path.join("bin"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(programs(), "a-1.0-man a-1.0-out b-1.0-out");
        for (outputs, wanted) in [
            ("*", "a-1.0-dev a-1.0-man a-1.0-out b-1.0-out"),
            ("dev", "a-1.0-dev b-1.0-out"),
            ("man,out", "a-1.0-man a-1.0-out b-1.0-out"),
        ] {
            profile.firn_well(&["outputs", "a", outputs]);
            assert_eq!(programs(), wanted);
            // nix-env writes all packages anew, and leaves the outputs as they are.
            profile.nix_env(&["--set-flag", "priority", "4", "b"]);
            assert_eq!(programs(), wanted);
        }
        let listed = profile.firn_well(&["outputs", "a"]);
        assert!(listed.contains("dev") && listed.contains("man"), "what is not installed is there: {listed}");
        let ran = profile.firn(&["outputs", "a", "doc"]);
        assert_eq!(ran.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&ran.stderr).contains("it has dev, man, out"));
    });
}

#[test]
fn what_nix_env_has_broken_is_made_whole() {
    each_nix("an output that nix-env installs and cannot go on with", |nix| {
        let mut package = Package::new("a", 1);
        package.outputs = vec!["out", "dev"];
        package.meta = "outputsToInstall = [ \"out\" ];".to_owned();
        write_file(nix, "f.nix", &[package, Package::new("b", 1)]);
        let profile = Profile::new(nix, "p");
        profile.nix_env(&["--file", "f.nix", "--install", "--attr", "a.dev", "b"]);
        let path = profile.path.to_str().unwrap();
        let broken = nix.output("nix-env", &["--profile", path, "--set-flag", "priority", "4", "b"]);
        assert!(String::from_utf8_lossy(&broken.stderr).contains("bad 'meta.outputsToInstall'"));
        profile.firn_well(&["priority", "b", "4"]);
        profile.nix_env(&["--set-flag", "priority", "3", "b"]);
        assert!(profile.path.join("bin/a-1.0-dev").exists());
    });
}

#[test]
fn derivations_are_recorded_where_nix_env_records_them() {
    each_nix("keep-env-derivations", |nix| {
        write_file(nix, "f.nix", &[Package::new("a", 1), Package::new("b", 1)]);
        let conf = nix.root().join("conf/nix.conf");
        let text = std::fs::read_to_string(&conf).unwrap();
        std::fs::write(&conf, format!("{text}keep-env-derivations = true\n")).unwrap();
        let profile = Profile::new(nix, "firn");
        profile.nix_env(&["--file", "f.nix", "--install", "--attr", "a"]);
        let other = profile.copied("nix-env");
        profile.apply(r#"{"change":"add","installable":"b","file":"f.nix"},{"change":"active","element":"a","to":false}"#);
        other.nix_env(&["--file", "f.nix", "--install", "--attr", "b"]);
        other.nix_env(&["--set-flag", "active", "false", "a"]);
        assert!(profile.manifest().contains("drvPath"));
        assert_eq!(profile.live(), other.live());
    });
}
