//! `firn diff-closures` prints what `nix profile diff-closures` prints, byte for byte, and what
//! firn computes itself for a playground has the same lines.

use std::path::Path;

use crate::support::{PrivateNix, each_nix};
use crate::{firn, firn_ok, nix_add, package};

fn check(nix: &PrivateNix, profile: &Path) {
    let wanted = nix.output("nix", &["profile", "diff-closures", "--profile", profile.to_str().unwrap()]);
    let found = firn(nix, profile, &["diff-closures"]);
    assert_eq!(found.status.code(), wanted.status.code());
    assert_eq!(found.stdout, wanted.stdout, "{}", String::from_utf8_lossy(&wanted.stdout));
}

#[test]
fn closure_differences_are_those_of_nix() {
    each_nix("closure differences", |nix| {
        let names = ["hello-1.0", "hello-2.0-bin", "lib-1.0-lib64", "plain", "odd-1.0rc1-man", "hello-2.0"];
        let packages: Vec<String> =
            (1_usize..).zip(names).map(|(size, name)| package(nix, name, size * 9_000)).collect();
        for (number, order) in [&packages[..3], &packages[2..], &packages[..1]].into_iter().enumerate() {
            let profile = nix.profile(&format!("p{number}"));
            for path in order {
                nix_add(nix, &profile, path);
            }
            firn(nix, &profile, &["remove", "--all"]);
            check(nix, &profile);
            own_lines_agree(nix, &profile);
        }
    });
}

/// The packages and versions that firn finds itself are those of Nix's text.
fn own_lines_agree(nix: &PrivateNix, profile: &Path) {
    let text = firn_ok(nix, profile, &["diff-closures"]);
    let json: serde_json::Value =
        serde_json::from_str(&firn_ok(nix, profile, &["diff-closures", "--json"])).unwrap();
    let mut own = Vec::new();
    for step in json.as_array().unwrap() {
        own.push(format!("Version {} -> {}:", step["from"], step["to"]));
        own.extend(
            step["packages"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()),
        );
    }
    let of_nix: Vec<String> = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| match line.strip_prefix("  ") {
            Some(package) => package.split(':').next().unwrap().to_owned(),
            None => line.to_owned(),
        })
        .collect();
    assert_eq!(own, of_nix);
}
