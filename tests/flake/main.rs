//! `flake.nix`, evaluated by real Nix without a network: nixpkgs is replaced by the stub in
//! `nixpkgs/`, which records what the package asks for and does its postInstall with the
//! program as cargo made it. What the stub cannot tell is whether nixpkgs compiles it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use serde_json::{Value, json};

use support::{PrivateNix, each_nix};

const SYSTEMS: [&str; 4] = ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"];

/// The flake and the stub in a private Nix's folder; gives the words for a flake command.
fn arguments(nix: &PrivateNix) -> Vec<String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let work = nix.root().join("work");
    for (folder, from, names) in [
        ("firn", repository.to_owned(), &["flake.nix", "Cargo.toml", "Cargo.lock"][..]),
        ("nixpkgs", repository.join("tests/flake/nixpkgs"), &["flake.nix", "builder.sh"]),
    ] {
        std::fs::create_dir(work.join(folder)).unwrap();
        for name in names {
            std::fs::copy(from.join(name), work.join(folder).join(name)).unwrap();
        }
    }
    // Nix copies what is in the folder at every command, and the real program is large.
    std::fs::write(work.join("nixpkgs/firn"), "").unwrap();
    let stub = format!("path:{}", work.join("nixpkgs").display());
    ["--no-write-lock-file", "--override-input", "nixpkgs", &stub].map(str::to_owned).into()
}

/// The value of an attribute of the flake.
fn evaluated(nix: &PrivateNix, more: &[String], attribute: &str, apply: &str) -> Value {
    let flake = format!("path:{}#{attribute}", nix.root().join("work/firn").display());
    let words = ["eval", "--json", &flake, "--apply", apply].map(str::to_owned);
    serde_json::from_str(&nix.run("nix", &[&words, more].concat())).unwrap()
}

#[test]
fn every_system_has_package_app_and_shell() {
    each_nix("the flake", |nix| {
        let more = arguments(nix);
        let names = "builtins.mapAttrs (system: builtins.attrNames)";
        for (output, expected) in [
            ("packages", json!(["default", "firn"])),
            ("apps", json!(["default", "firn"])),
            ("devShells", json!(["default"])),
        ] {
            let found = evaluated(nix, &more, output, names);
            assert_eq!(
                found,
                SYSTEMS.iter().map(|system| (*system, expected.clone())).collect::<Value>(),
                "{output}"
            );
        }
        let overlay = evaluated(
            nix,
            &more,
            "overlays",
            "all: builtins.attrNames (all.default { callPackage = a: b: 1; } {})",
        );
        assert_eq!(overlay, json!(["firn"]));
        let flake = format!("path:{}", nix.root().join("work/firn").display());
        let words = ["flake", "check", "--no-build", &flake].map(str::to_owned);
        nix.run("nix", &[&words, &more[..]].concat());
    });
}

#[test]
fn the_package_is_made_of_the_source_and_its_lock_file() {
    each_nix("the flake's package", |nix| {
        let more = arguments(nix);
        for system in SYSTEMS {
            let pick = "found: { inherit (found.recorded) pname version src doCheck meta nativeBuildInputs postInstall; \
                        lock = builtins.hashFile \"sha256\" found.recorded.cargoLock.lockFile; }";
            let found = evaluated(nix, &more, &format!("packages.{system}.default"), pick);
            assert_eq!(found["pname"], "firn");
            assert_eq!(found["version"], env!("CARGO_PKG_VERSION"));
            assert_eq!(found["meta"]["description"], env!("CARGO_PKG_DESCRIPTION"));
            assert_eq!(found["meta"]["license"], json!(["MIT", "Apache-2.0"]));
            assert_eq!(found["nativeBuildInputs"], json!(["installShellFiles"]));
            let source = Path::new(found["src"].as_str().unwrap());
            assert!(source.starts_with(nix.store_dir()) && source.join("Cargo.toml").exists(), "{found}");
            assert!(found["postInstall"].as_str().unwrap().contains("installManPage firn.1"));
        }
        let app = evaluated(nix, &more, "apps.x86_64-linux.default", "app: app");
        assert!(app["program"].as_str().unwrap().ends_with("/bin/firn") && app["type"] == "app", "{app}");
        let shell = evaluated(nix, &more, "devShells.x86_64-linux.default", "shell: shell.recorded.packages");
        assert!(shell.as_array().unwrap().contains(&json!("clippy")), "{shell}");
    });
}

#[test]
fn completions_and_manual_page_are_installed() {
    each_nix("the flake's postInstall", |nix| {
        let more = arguments(nix);
        std::fs::copy(env!("CARGO_BIN_EXE_firn"), nix.root().join("work/nixpkgs/firn")).unwrap();
        let flake = format!("path:{}", nix.root().join("work/firn").display());
        let words = ["build", "--no-link", "--print-out-paths", &flake].map(str::to_owned);
        let built = nix.run("nix", &[&words, &more[..]].concat());
        for (file, words) in [
            ("share/bash-completion/completions/firn.bash", "complete "),
            ("share/fish/vendor_completions.d/firn.fish", "complete -c firn"),
            ("share/zsh/site-functions/_firn", "#compdef firn"),
            ("share/man/man1/firn.1", ".TH firn 1"),
        ] {
            let text = std::fs::read_to_string(Path::new(built.trim()).join(file)).unwrap();
            assert!(text.contains(words), "{file}");
        }
    });
}
