//! Undo leads back over parents, and never to what was gone back from.

use crate::support::each_nix;
use crate::{firn, firn_ok, live, nix_add, package};

#[test]
fn two_undos_end_on_good_and_not_on_bad() {
    each_nix("undo", |nix| {
        let [base, good, bad, new] = ["base-1", "good-1", "bad-1", "new-1"].map(|name| package(nix, name, 5));
        for with_base in [false, true] {
            let profile = nix.profile(if with_base { "based" } else { "p" });
            if with_base {
                nix_add(nix, &profile, &base);
            }
            firn_ok(nix, &profile, &["add", &good]);
            let good = live(&profile);
            firn_ok(nix, &profile, &["add", &bad]);
            let bad = live(&profile);
            firn_ok(nix, &profile, &["rollback"]);
            firn_ok(nix, &profile, &["add", &new]);
            assert_eq!(live(&profile), bad + 1);
            let told = firn_ok(nix, &profile, &["undo", "--dry-run", "--json"]);
            assert_eq!(told.trim(), format!("{{\"deed\":\"apply\",\"from\":{},\"to\":{good}}}", bad + 1));
            firn_ok(nix, &profile, &["undo"]);
            assert_eq!(live(&profile), good);
            let again = firn(nix, &profile, &["undo"]);
            let words = String::from_utf8_lossy(&again.stderr).into_owned();
            assert_eq!((again.status.code(), live(&profile)), (Some(1), good), "{words}");
            assert!(words.contains(&format!("would bring {bad} back")), "{words}");
            // Nix, and `firn rollback` as it, would go to bad from new
            firn_ok(nix, &profile, &["rollback", "--to", &(bad + 1).to_string()]);
            firn_ok(nix, &profile, &["rollback"]);
            assert_eq!(live(&profile), bad);
        }
    });
}

#[test]
fn what_others_made_is_said() {
    each_nix("undo after others", |nix| {
        let [own, others] = ["own-1", "others-1"].map(|name| package(nix, name, 5));
        let profile = nix.profile("p");
        let nothing = firn(nix, &profile, &["undo"]);
        assert_eq!(nothing.status.code(), Some(1));
        firn_ok(nix, &profile, &["add", &own]);
        nix_add(nix, &profile, &others);
        let refused = firn(nix, &profile, &["undo"]);
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(words.contains("another program made generation 2 live"), "{words}");
        assert_eq!((refused.status.code(), live(&profile)), (Some(1), 2));
    });
}

#[test]
fn going_back_reads_no_manifest() {
    each_nix("going back from a damaged profile", |nix| {
        let [one, two] = ["one-1", "two-1"].map(|name| package(nix, name, 5));
        let profile = nix.profile("p");
        firn_ok(nix, &profile, &["add", &one]);
        firn_ok(nix, &profile, &["add", &two]);
        let manifest = profile.canonicalize().unwrap().join("manifest.json");
        crate::support::make_writable(manifest.parent().unwrap());
        std::fs::remove_file(&manifest).unwrap();
        std::fs::write(&manifest, "{").unwrap();
        // Without any nix at hand.
        let go = |word: &str| {
            let mut command = nix.command(crate::program());
            command.env("PATH", "/nowhere").arg("--profile").arg(&profile).arg(word);
            command.output().unwrap()
        };
        let undone = go("undo");
        assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
        assert_eq!(live(&profile), 1);
        firn_ok(nix, &profile, &["rollback", "--to", "2"]);
        assert!(go("rollback").status.success());
        assert_eq!(live(&profile), 1);
    });
}
