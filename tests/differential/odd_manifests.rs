//! Manifests as no program writes them today: read alike, written anew alike, or refused alike.
//!
//! Each is the start of a profile to which one package is added, which makes Nix read
//! and print all of it. `ELEMENT` stands for a sound element.

use crate::arena::{Arena, Verdict, is_before};
use crate::case_text::Case;
use crate::support::each_nix;

const ELEMENT: &str = r#"{"active":true,"priority":5,"storePaths":["{a}"]}"#;

/// Not among them: a version of `3.0` and one path in place of a list of paths, which Nix's JSON library
/// takes for 3 and for a list. firn refuses them and leaves the file alone.
const MANIFESTS: &[&str] = &[
    r#"{"elements":{},"version":3}"#,
    r#"{"elements":[],"version":2}"#,
    r#"{"elements":[],"version":3}"#,
    r#"{"elements":{"x":ELEMENT},"version":2}"#,
    r#"{"elements":{"x":ELEMENT},"version":1}"#,
    r#"{"elements":[ELEMENT],"version":3}"#,
    r#"{"elements":[ELEMENT,ELEMENT],"version":1}"#,
    r#"{"elements":{"x":ELEMENT},"version":4}"#,
    r#"{"elements":{"x":ELEMENT},"version":0}"#,
    r#"{"elements":{"x":ELEMENT},"version":"3"}"#,
    r#"{"elements":{"x":ELEMENT}}"#,
    r#"{"version":3}"#,
    "{}",
    "[]",
    "",
    r#"{"elements":{"x":ELEMENT},"version":3"#,
    r#"{"elements":null,"version":3}"#,
    r#"{"elements":{"x":null},"version":3}"#,
    r#"{"elements":{"x":ELEMENT,"more":1},"version":3}"#,
    r#"{"elements":{"x":ELEMENT},"more":{"a":1},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":5,"storePaths":["{a}"],"more":1}},"version":3}"#,
    r#"{"elements":{"x":{"priority":5,"storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":"yes","storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":null,"storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":null,"storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":"7","storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":-7,"storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":5}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":5,"storePaths":[]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":5,"storePaths":["{a}/bin"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":5,"storePaths":["/tmp"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":5,"storePaths":["{a}","{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"priority":5,"storePaths":["{missing}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","originalUrl":"flake:a","priority":5,"storePaths":["{a}"],"url":""}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","originalUrl":"flake:a","priority":5,"storePaths":["{a}"]}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","priority":5,"storePaths":["{a}"],"url":"flake:a"}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"originalUrl":"flake:a","priority":5,"storePaths":["{a}"],"url":"flake:a"}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","originalUrl":"flake:a","priority":5,"storePaths":["{a}"],"url":"flake:a"}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","originalUri":"flake:a","priority":5,"storePaths":["{a}"],"uri":"flake:a"}},"version":1}"#,
    r#"{"elements":[{"active":true,"attrPath":"p","originalUri":"flake:a","priority":5,"storePaths":["{a}"],"uri":"flake:a"}],"version":1}"#,
    r#"{"elements":[{"active":true,"attrPath":"p","originalUrl":"flake:a","storePaths":["{a}"],"url":"flake:a"}],"version":2}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","originalUrl":"flake:a","outputs":["z","b","b"],"priority":5,"storePaths":["{a}"],"url":"flake:a"}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","originalUrl":"flake:a","outputs":["*","b"],"priority":5,"storePaths":["{a}"],"url":"flake:a"}},"version":3}"#,
    r#"{"elements":{"x":{"active":true,"attrPath":"p","originalUrl":"flake:a","outputs":"out","priority":5,"storePaths":["{a}"],"url":"flake:a"}},"version":3}"#,
    r#"{"elements":{"":ELEMENT," ":ELEMENT,"a\nb\u0001\"\\\/\u00e4":ELEMENT},"version":3}"#,
    r#"{"elements":{"alpha":ELEMENT,"alpha-1":ELEMENT,"alpha-3":ELEMENT},"version":3}"#,
    r#" { "version" : 3 , "elements" : { "x" : ELEMENT } } "#,
    r#"{"elements":{"x":ELEMENT,"x":ELEMENT},"version":3}"#,
];

const REFERENCES: &[&str] = &[
    "nixpkgs",
    "flake:nixpkgs",
    "nixpkgs/nixos-23.11",
    "flake:nixpkgs/0123456789012345678901234567890123456789",
    "flake:nixpkgs/main/0123456789012345678901234567890123456789",
    "flake:nixpkgs?ref=x",
    "flake:nixpkgs?dir=a/b",
    "flake:nixpkgs?dir=a%20b",
    "NIXPKGS",
    "a_b-c1",
    "1a",
    "",
    ".",
    "./x",
    "/srv/x",
    "/srv/x y",
    "path:/srv/x",
    "path:./x",
    "path:x",
    "path:/srv/x?dir=y",
    "path:/srv/x?rev=0123456789012345678901234567890123456789&revCount=3",
    "path:/srv/x?lastModified=5&narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "path:/srv/x?narHash=sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "path:/srv/x?what=ever",
    "path:///srv/x",
    "path:/srv/a+b=c",
    "path:/srv/gr%C3%BCn",
    "path:/srv/x#y",
    "github:o/r",
    "github:o",
    "github:o/r/b",
    "github:o/r/0123456789012345678901234567890123456789",
    "github:o/r/0123456789",
    "github:o/r?ref=main",
    "github:o/r?rev=0123456789012345678901234567890123456789",
    "github:o/r/x?ref=y",
    "github:o/r?ref=x&rev=0123456789012345678901234567890123456789",
    "github:o/r?what=ever",
    "github:o/r?narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "github:o/r/0123456789012345678901234567890123456789?narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "gitlab:o/r/b",
    "sourcehut:~o/r",
    "git+https://h.example.org/r",
    "git+https://h.example.org/r?ref=b",
    "git+https://h.example.org/r?rev=0123456789012345678901234567890123456789&ref=b",
    "git+https://h.example.org/r?shallow=1&submodules=0&allRefs=1",
    "git+https://h.example.org/r?lastModified=3&revCount=4&narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "git+https://h.example.org/r?what=ever&a=b",
    "git+https://u:p@h.example.org:8443/r.git?dir=x",
    "git+ssh://git@h.example.org/r",
    "git+file:///srv/r",
    "git+file:/srv/r",
    "git://h.example.org/r",
    "hg+https://h.example.org/r?rev=0123456789012345678901234567890123456789",
    "https://h.example.org/a.tar.gz",
    "https://h.example.org/a.txt",
    "tarball+https://h.example.org/a",
    "tarball+https://h.example.org/a.tar.gz?b=1&a=2",
    "file+https://h.example.org/a.tar.gz",
    "file+https://h.example.org/a.txt",
    "file:///srv/a.tar.gz",
    "tarball+file:///srv/a.tar.gz?narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "https://h.example.org/a.tar.gz?rev=0123456789012345678901234567890123456789&revCount=3&lastModified=5",
    "https://h.example.org/a%20b.tar.gz?x=%2F%26",
    "what:ever",
];

/// Nix before 2.34 prints these otherwise: it leaves `host` out and slashes as they are. firn prints
/// them as the newer one does.
const PRINTED_SINCE_2_34: &[&str] =
    &["github:o/r/b/c", "github:o/r?ref=a/b", "github:o/r?dir=d&host=h.example.org"];

const PACKAGES: &str = "package a alpha-1.0 1\n file bin/alpha\npackage b beta-1.0 2\n file bin/beta";

/// What firn and Nix do differently to profiles that start with one of these manifests.
fn differences(bin: &std::path::Path, manifests: &[String]) -> Vec<String> {
    let world = Case::parse(PACKAGES).world;
    let mut arena = Arena::new(bin, &world);
    let mut found = Vec::new();
    for manifest in manifests {
        arena.restart(manifest);
        if let Verdict::Mismatch(text) = arena.step(&["add".into(), "{b}".into()]) {
            found.push(format!("{manifest}\n{text}"));
        }
    }
    found
}

#[test]
fn odd_manifests() {
    each_nix("odd manifests", |nix| {
        let manifests: Vec<String> = MANIFESTS.iter().map(|text| text.replace("ELEMENT", ELEMENT)).collect();
        let found = differences(nix.bin(), &manifests);
        assert!(found.is_empty(), "{}", found.join("\n\n"));
    });
}

#[test]
fn odd_references() {
    each_nix("odd references", |nix| {
        let manifest = |reference: &&str| {
            format!(
                r#"{{"elements":{{"x":{{"active":true,"attrPath":"p","originalUrl":"{reference}","outputs":null,"priority":5,"storePaths":["{{a}}"],"url":"{reference}"}}}},"version":3}}"#
            )
        };
        let version = nix.run("nix", &["--version"]);
        let recent = if is_before(&version, (2, 34)) { &[] } else { PRINTED_SINCE_2_34 };
        let manifests: Vec<String> = REFERENCES.iter().chain(recent).map(manifest).collect();
        let found = differences(nix.bin(), &manifests);
        assert!(found.is_empty(), "{} differ\n{}", found.len(), found.join("\n\n"));
    });
}
