//! A damaged history: each fault is told of the generation it is about, and the rest works.

use std::os::unix::fs::symlink;

use serde_json::Value;

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
