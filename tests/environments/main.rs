//! The walk through user environments, on every real Nix: a file with five packages is looked at,
//! installed, changed, updated, collides, is resolved, and rolled back; by commands and by keys.
//!
//! `buildEnv` is a small file of our own (`buildenv.nix`) that builds offline.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code, also outside of test functions")]

mod commands;
mod keys;
#[path = "../support/mod.rs"]
mod support;
mod walk;

use std::path::{Path, PathBuf};

use support::{PrivateNix, write};

const FIRN: &str = env!("CARGO_BIN_EXE_firn");

/// What came of a command.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

/// A folder with the files of the tests, and a profile.
struct Walk<'a> {
    nix: &'a PrivateNix,
    profile: PathBuf,
}

impl<'a> Walk<'a> {
    fn new(nix: &'a PrivateNix) -> Self {
        write(nix.root(), "work/buildenv.nix", include_str!("buildenv.nix"));
        write(nix.root(), "work/packages.nix", include_str!("packages.nix"));
        Self { nix, profile: nix.profile("mine") }
    }

    /// Writes the environment's file: the version of zlib, what stands in `paths`, and more lines.
    fn environment(&self, zlib: &str, paths: &str, more: &str) {
        let text = format!(
            "let\n  pkgs = import ./packages.nix {{ zlib = \"{zlib}\"; }};\n  \
             unstable = import ./packages.nix {{ zlib = \"1.3.1\"; }};\nin\nimport ./buildenv.nix {{\n  \
             name = \"myproject-env\";\n  paths = with pkgs; [ {paths} ];\n  {more}\n}}\n"
        );
        write(self.nix.root(), "work/myproject_env.nix", text);
    }

    /// Five packages, with their headers.
    fn five(&self, zlib: &str) {
        self.environment(zlib, "libjpeg zlib ffmpeg nodejs electron", "extraOutputsToInstall = [ \"dev\" ];");
    }

    fn firn(&self, words: &[&str]) -> Ran {
        let output = self.nix.command(FIRN).args(words).arg("--profile").arg(&self.profile).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The frame after these keys.
    fn frame(&self, keys: &str) -> String {
        let ran = self.firn(&["--keys", keys, "--frame", "120x36"]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        ran.out
    }

    /// What `nix profile` makes of these installables in an empty profile, all at once.
    fn by_nix(&self, name: &str, installables: &[&[&str]]) -> String {
        let profile = self.nix.profile(name);
        for words in installables {
            let verb = ["profile", "install", "--profile", profile.to_str().unwrap()];
            self.nix.run("nix", &[&verb, *words].concat());
        }
        PrivateNix::real_path(&profile)
    }

    /// The first store path of an element.
    fn profile_path(&self, element: &str) -> String {
        let json = self.firn(&["list", "--json"]).expect(0).out;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        json["elements"][element]["storePaths"][0].as_str().unwrap().to_owned()
    }

    fn target(&self) -> String {
        PrivateNix::real_path(&self.profile)
    }

    fn has(&self, path: &str) -> bool {
        self.profile.join(path).exists()
    }

    fn read(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.profile.join(path)).unwrap().trim().to_owned()
    }
}

impl Ran {
    #[track_caller]
    fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(
            format!("{}\n{}", self.out, self.err).contains(words),
            "no '{words}' in\n{}\n{}",
            self.out,
            self.err
        );
        self
    }
}
