//! The file that packages come from, and the two profiles that are compared: firn's and nix-env's.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::PrivateNix;

/// A package of the file.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its attribute, and its name without the version.
    pub name: String,
    pub version: u32,
    pub outputs: Vec<&'static str>,
    /// What stands in `meta`, as Nix.
    pub meta: String,
    /// Programs it brings beside the one called like it.
    pub shares: Vec<String>,
}

impl Package {
    pub fn new(name: &str, version: u32) -> Self {
        let name = name.to_owned();
        Self { name, version, outputs: vec!["out"], meta: String::new(), shares: Vec::new() }
    }
}

/// Writes the file of packages to `work/NAME`.
pub fn write_file(nix: &PrivateNix, name: &str, packages: &[Package]) {
    let mut text = String::from(
        "let\n  package = name: outputs: meta: shares:\n    let\n      d = derivation {\n        \
         inherit name outputs shares; system = builtins.currentSystem; builder = \"/bin/sh\";\n        \
         PATH = \"/bin:/usr/bin\";\n        args = [ \"-c\" ''for o in $outputs; do eval p=\\$$o; \
         mkdir -p $p/bin; echo ${name} > $p/bin/${name}-$o; done; for s in $shares; do \
         echo ${name} > $out/bin/$s; done'' ];\n      };\n      each = builtins.listToAttrs (map (o: \
         { name = o; value = d // d.${o} // { inherit outputs meta; outPath = d.${o}.outPath; \
         outputName = o; outputSpecified = true; }; }) outputs);\n    in d // each // { inherit outputs meta; };\n\
         in {\n",
    );
    for Package { name, version, outputs, meta, shares } in packages {
        let quoted =
            |words: &[String]| words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ");
        let outputs: Vec<String> = outputs.iter().map(|output| (*output).to_owned()).collect();
        writeln!(
            text,
            "  {name} = package \"{name}-{version}.0\" [ {} ] {{ {meta} }} [ {} ];",
            quoted(&outputs),
            quoted(shares)
        )
        .unwrap();
    }
    text.push_str("}\n");
    std::fs::write(nix.root().join("work").join(name), text).unwrap();
}

/// A profile of nix-env, and who works on it.
pub struct Profile<'a> {
    pub nix: &'a PrivateNix,
    pub path: PathBuf,
}

impl<'a> Profile<'a> {
    pub fn new(nix: &'a PrivateNix, name: &str) -> Self {
        Self { nix, path: nix.profile(name) }
    }

    /// Runs nix-env on it; it must succeed.
    pub fn nix_env(&self, words: &[&str]) -> String {
        let path = self.path.to_str().unwrap();
        self.nix.run("nix-env", &[&["--profile", path], words].concat())
    }

    /// Runs firn on it.
    pub fn firn(&self, words: &[&str]) -> Output {
        let mut command = self.nix.command(env!("CARGO_BIN_EXE_firn"));
        command.arg("--profile").arg(&self.path).args(words).output().unwrap()
    }

    /// Runs firn, which must succeed; gives its standard output.
    pub fn firn_well(&self, words: &[&str]) -> String {
        let output = self.firn(words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "firn {words:?}: {}\n{error}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// Applies changes, given as JSON; tells the store path that was planned.
    pub fn apply(&self, changes: &str) -> String {
        let file = self.nix.root().join("work/changes.json");
        std::fs::write(&file, format!("{{\"version\":1,\"changes\":[{changes}]}}")).unwrap();
        let plan = self.firn_well(&["apply", file.to_str().unwrap(), "--json"]);
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        plan["result"].as_str().unwrap_or_else(|| panic!("{plan}")).to_owned()
    }

    /// The live store path.
    pub fn live(&self) -> String {
        PrivateNix::real_path(&self.path)
    }

    pub fn manifest(&self) -> String {
        std::fs::read_to_string(self.path.join("manifest.nix")).unwrap()
    }

    /// Makes another profile of the same generation.
    pub fn copied(&self, name: &str) -> Profile<'a> {
        let copy = Profile::new(self.nix, name);
        copy.nix_env(&["--set", &self.live()]);
        copy
    }
}

/// The numbers of the generations there are.
pub fn generations(profile: &Path) -> usize {
    let name = format!("{}-", profile.file_name().unwrap().to_str().unwrap());
    let entries = std::fs::read_dir(profile.parent().unwrap()).unwrap().flatten();
    entries.filter(|entry| entry.file_name().to_str().unwrap().starts_with(&name)).count()
}
