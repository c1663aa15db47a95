//! The support code itself: a private store holds what tests put into it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use support::{each_nix, link, write};

#[test]
fn a_private_store_is_consistent() {
    each_nix("a private store is consistent", |nix| {
        let first = nix.add_package("first-1", |root| {
            write(root, "bin/first", "1");
            link(root, "gone", "/nowhere");
        });
        let second = nix.add_object("second-2", std::slice::from_ref(&first), |path| {
            std::fs::write(path, &first).unwrap();
        });
        assert_eq!(nix.references(&second), std::slice::from_ref(&first));
        nix.run("nix-store", &["--verify", "--check-contents"]);
        let profile = nix.profile("p");
        nix.run("nix", &["profile", "install", "--profile", profile.to_str().unwrap(), &second, &first]);
        assert_eq!(std::fs::read_to_string(profile.join("bin/first")).unwrap(), "1");
        let [a, b] = [nix.new_path("pair-a"), nix.new_path("pair-b")];
        for path in [&a, &b] {
            write(path.as_ref(), "x", "");
        }
        nix.register(&[(a.clone(), vec![b.clone()]), (b.clone(), vec![])]);
        assert_eq!(nix.references(&a), [b]);
        nix.run("nix", &["store", "gc"]);
        assert!(std::path::Path::new(&first).exists() && !std::path::Path::new(&a).exists());
    });
}
