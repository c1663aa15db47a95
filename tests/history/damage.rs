//! A damaged history: each fault is told of the generation it is about, and the rest works.

use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::profiles::context;
use crate::support::{PrivateNix, each_nix, write};
use crate::{firn, firn_ok, live, nix_add, package};

fn history(nix: &PrivateNix, profile: &std::path::Path) -> Vec<Value> {
    let text = firn_ok(nix, profile, &["history", "--json"]);
    serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().clone()
}

#[test]
fn every_fault_is_told_and_the_rest_works() {
    each_nix("a damaged history", |nix| {
        let profile = nix.profile("p");
        for name in ["one-1", "two-1"] {
            let path = package(nix, name, 5);
            nix_add(nix, &profile, &path);
        }
        let link = |number: u64| nix.profile(&format!("p-{number}-link"));
        let broken = nix.add_package("profile", |root| write(root, "manifest.json", "{"));
        let empty = nix.add_package("profile", |_| ());
        let outside = nix.root().join("outside");
        write(&outside, "manifest.json", r#"{"elements":{},"version":3}"#);
        symlink(nix.new_path("profile"), link(5)).unwrap();
        symlink(&broken, link(6)).unwrap();
        symlink(&empty, link(7)).unwrap();
        symlink(&outside, link(8)).unwrap();
        std::fs::write(link(9), "no link").unwrap();
        let told = history(nix, &profile);
        let error = |number: u64| {
            let found = told.iter().find(|it| it["number"] == number).unwrap();
            found["error"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!((error(1), error(2)), (String::new(), String::new()));
        assert!(error(5).contains("is gone"), "{}", error(5));
        assert!(error(6).contains("JSON"), "{}", error(6));
        assert!(error(7).contains("has no manifest"), "{}", error(7));
        assert!(error(8).contains("not in the store"), "{}", error(8));
        assert!(error(9).contains("not a link"), "{}", error(9));
        let gap = told.iter().find(|it| it["number"] == 5).unwrap();
        assert_eq!(gap["missingBefore"], serde_json::json!([3, 4]));
        let lines = firn_ok(nix, &profile, &["history"]);
        assert_eq!(lines.lines().count(), 7, "{lines}");
        firn_ok(nix, &profile, &["diff", "1", "2"]);
        assert_eq!(firn(nix, &profile, &["diff", "1", "6"]).status.code(), Some(1));
        firn_ok(nix, &profile, &["rollback"]);
        firn_ok(nix, &profile, &["delete-generations", "5", "9"]);
        assert_eq!((history(nix, &profile).len(), live(&profile)), (5, 1));
    });
}

#[test]
fn a_damaged_live_generation_is_rebuilt_from_what_it_refers_to() {
    use firn::ops::apply_plan::{Applied, Replace, apply_plan_onto};
    use firn::ops::load_profile::{load_history, load_shown};
    use firn::ops::rebuild_generation::{last_readable, plan_rebuild};
    use firn::system::machine::{Cancel, NoProgress, Watch};

    each_nix("rebuilding a damaged generation", |nix| {
        let profile = nix.profile("open");
        let [one, two] = ["one-1", "two-1"].map(|name| package(nix, name, 5));
        firn_ok(nix, &profile, &["add", &one, "--priority", "7"]);
        firn_ok(nix, &profile, &["add", &two, "--priority", "3"]);
        let manifest = profile.canonicalize().unwrap().join("manifest.json");
        crate::support::make_writable(manifest.parent().unwrap());
        std::fs::remove_file(&manifest).unwrap();
        let context = context(nix, &[]);
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let load = || {
            let mut loaded = load_shown(&context).unwrap();
            let read = load_history(&context, &loaded.not_read()).unwrap();
            loaded.take_manifests(&read);
            loaded
        };
        let damaged = load();
        assert_eq!(last_readable(&damaged), Some(1));
        let rebuild = plan_rebuild(&context, &damaged, &watch).unwrap();
        assert_eq!(
            (rebuild.rebuilt.found["one"], &rebuild.rebuilt.guessed[..]),
            (1, &["two".to_owned()][..])
        );
        let applied = apply_plan_onto(&context, &rebuild.plan, Replace::Anything, &watch).unwrap();
        assert!(matches!(applied, Applied::Switched { from: Some(2), to: 3, .. }), "{applied:?}");
        let whole = load();
        let priority = |name: &str| whole.base.manifest.elements[name].priority;
        assert_eq!((priority("one"), priority("two")), (7, 5));
        assert!(profile.join("bin/two-1").exists());
    });
}
