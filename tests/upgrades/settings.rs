//! What a flake sets for nix (`nixConfig`) and the user accepts counts for fetching too, as in
//! `nix profile upgrade --accept-flake-config`: a package that no one can build comes from a cache that
//! only its flake names.

use std::path::{Path, PathBuf};

use crate::flakes::{FIRN, add, copy, expect, firn};
use crate::support::{PrivateNix, each_nix, write};

/// A flake whose package is built only while a file is there, so that it has to be fetched afterwards.
struct OnlyFetched {
    folder: PathBuf,
    open: PathBuf,
}

impl OnlyFetched {
    fn write(&self, version: u32, settings: &str) {
        let text = format!(
            r#"{{ nixConfig = {{ {settings} }};
                outputs = {{ self }}: {{ packages.x86_64-linux.p = derivation {{
                    name = "p-{version}"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin";
                    args = [ "-c" "test -e {} || exit 9; mkdir -p $out/bin; echo {version} > $out/bin/p" ];
                }}; }}; }}"#,
            self.open.display()
        );
        write(&self.folder, "flake.nix", text);
    }

    fn installable(&self) -> String {
        format!("path:{}#p", self.folder.display())
    }
}

/// Puts version 2 into a signed cache and nowhere else; tells its store path.
fn publish(nix: &PrivateNix, flake: &OnlyFetched) -> String {
    let (cache, key) = (nix.root().join("cache"), nix.root().join("key"));
    let secret = nix.run("nix", &["key", "generate-secret", "--key-name", "test-1"]);
    std::fs::write(&key, secret.trim()).unwrap();
    let mut child = nix.command("nix");
    child.args(["key", "convert-secret-to-public"]).stdin(std::fs::File::open(&key).unwrap());
    let public = String::from_utf8(child.output().unwrap().stdout).unwrap();
    let settings = format!(
        r#"extra-substituters = [ "file://{}" ]; extra-trusted-public-keys = "{}";"#,
        cache.display(),
        public.trim()
    );
    flake.write(2, &settings);
    let installable = flake.installable();
    let path = nix.run("nix", &["build", "--no-link", "--print-out-paths", &installable]).trim().to_owned();
    let to = format!("file://{}?secret-key={}&write-nar-listing=true", cache.display(), key.display());
    nix.run("nix", &["copy", "--to", &to, &path]);
    std::fs::remove_file(&flake.open).unwrap();
    nix.run("nix", &["store", "delete", &path]);
    path
}

fn remove_profile(profile: &Path) {
    let name = profile.file_name().unwrap().to_str().unwrap().to_owned();
    for entry in std::fs::read_dir(profile.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_str().unwrap().starts_with(&name) {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
}

#[test]
fn a_cache_that_only_the_flake_names_is_asked_once_that_is_accepted() {
    each_nix("a cache that only the flake names is asked", |nix| {
        let flake = OnlyFetched { folder: nix.root().join("work/flake"), open: nix.root().join("open") };
        std::fs::write(&flake.open, "").unwrap();
        flake.write(1, "");
        let profile = nix.profile("profile");
        add(nix, &profile, &[flake.installable()]);
        let by_nix = copy(&profile, "by-nix");
        let newer = publish(nix, &flake);

        let as_nix = ["profile", "upgrade", "--accept-flake-config", "--all", "--profile"];
        nix.run("nix", &[&as_nix[..], &[by_nix.to_str().unwrap()]].concat());
        let expected = std::fs::read_to_string(by_nix.join("manifest.json")).unwrap();
        assert!(expected.contains(&newer), "{expected}");
        remove_profile(&by_nix);
        nix.run("nix", &["store", "gc"]);
        assert!(!Path::new(&newer).exists(), "nobody needs it any more");

        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all"]), 1);
        assert!(err.contains("wants to set extra-substituters, extra-trusted-public-keys"), "{err}");
        let dry = firn(nix, &profile, &["upgrade", "--all", "--dry-run", "--accept-flake-config"]);
        let (out, err) = expect(&dry, 0);
        assert!(out.contains("p 1 → 2") && out.contains("result  "), "listed by the cache: {out}{err}");
        assert!(!out.contains("\nbuild "), "{out}");
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all", "--accept-flake-config"]), 0);
        assert!(err.contains("p 1 → 2"), "{err}");
        assert_eq!(std::fs::read_to_string(profile.join("manifest.json")).unwrap(), expected);
    });
}

#[test]
fn the_interface_fetches_with_what_was_accepted_and_remembers_it() {
    each_nix("the interface fetches with what was accepted", |nix| {
        let flake = OnlyFetched { folder: nix.root().join("work/flake"), open: nix.root().join("open") };
        std::fs::write(&flake.open, "").unwrap();
        flake.write(1, "");
        let profile = nix.profile("profile");
        add(nix, &profile, &[flake.installable()]);
        let newer = publish(nix, &flake);
        let keys = |keys: &str| {
            let mut command = nix.command(FIRN);
            command.args(["--keys", keys, "--frame", "120x36", "--profile"]).arg(&profile);
            expect(&command.output().unwrap(), 0).0
        };
        let asked = keys("U");
        assert!(asked.contains("extra-substituters"), "{asked}");
        let applied = keys("U y w y");
        assert!(applied.contains("Generation 2 is live."), "{applied}");
        let manifest = std::fs::read_to_string(profile.join("manifest.json")).unwrap();
        assert!(manifest.contains(&newer), "{manifest}");
        nix.run("nix", &["profile", "rollback", "--profile", profile.to_str().unwrap()]);
        assert!(!keys("U").contains("extra-substituters"), "it is not asked again");
    });
}
