//! Ties are all told at once, and nothing is changed.

use serde_json::Value;

use crate::arena::Snapshot;
use crate::support::{each_nix, write};

const SHARED: [&str; 3] = ["bin/tool", "lib/tool.so", "share/man/man1/tool.1"];

#[test]
fn a_dry_run_lists_all_ties_with_both_claimants() {
    each_nix("three ties in one dry run", |nix| {
        let package = |name: &str| {
            nix.add_package(name, |root| {
                for path in SHARED {
                    write(root, path, name);
                }
                write(root, format!("share/{name}/own"), name);
            })
        };
        let (first, second) = (package("first-1.0"), package("second-2.0"));
        let profile = nix.profile("p");
        let profile_text = profile.to_str().unwrap();
        nix.run("nix", &["profile", "install", "--profile", profile_text, &first]);
        let before = Snapshot::read(&profile);
        let firn = |arguments: &[&str]| {
            nix.output(env!("CARGO_BIN_EXE_firn"), &[&["--profile", profile_text], arguments].concat())
        };

        let output = firn(&["add", "--dry-run", "--json", &second]);
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        check_ties(&plan, &first, &second);
        assert_eq!(Snapshot::read(&profile), before);

        let refused = nix.output("nix", &["profile", "install", "--profile", profile_text, &second]);
        assert!(!refused.status.success(), "nix sees no conflict");
        assert_eq!(firn(&["add", &second]).status.code(), Some(3));
        assert_eq!(Snapshot::read(&profile), before);

        let allowed = firn(&["add", "--priority", "6", &second]);
        assert!(allowed.status.success(), "{}", String::from_utf8_lossy(&allowed.stderr));
        for path in SHARED {
            assert_eq!(std::fs::read_to_string(profile.join(path)).unwrap(), "first-1.0");
        }
    });
}

fn check_ties(plan: &Value, first: &str, second: &str) {
    assert_eq!(plan["result"], Value::Null);
    let ties = plan["collisions"]["ties"].as_array().unwrap();
    let paths: Vec<&str> = ties.iter().map(|tie| tie["path"].as_str().unwrap()).collect();
    assert_eq!(paths, SHARED);
    for tie in ties {
        assert_eq!(tie["priority"], 5);
        let mut claimants: Vec<(&str, &str, i64)> = tie["claimants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|claimant| {
                let text = |key: &str| claimant[key].as_str().unwrap();
                (text("element"), text("storePath"), claimant["priority"].as_i64().unwrap())
            })
            .collect();
        claimants.sort_unstable();
        assert_eq!(claimants, [("first", first, 5), ("second", second, 5)]);
    }
    for kind in ["typeClashes", "shadowed", "latent"] {
        assert_eq!(plan["collisions"][kind].as_array().map(Vec::len), Some(0), "{kind}");
    }
}
