//! Local flakes of made-up packages, in versions that break in different ways.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;

use crate::support::{PrivateNix, write};

pub const FIRN: &str = env!("CARGO_BIN_EXE_firn");

/// How a package gets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its version is that of the flake.
    Newer,
    /// It never changes.
    Same,
    /// From version 2 on: throws.
    Throws,
    /// From version 2 on: aborts, which nothing can catch.
    Aborts,
    /// From version 2 on: is not there any more.
    Goes,
    /// From version 2 on: does not build.
    Breaks,
    /// From version 2 on: needs one that does not build.
    Needs,
    /// From version 2 on: its licence is not allowed, in nixpkgs' words.
    Unfree,
    /// From version 2 on: looks at the machine.
    Impure,
    /// From version 2 on: is no package.
    NoPackage,
}

/// Writes a flake's file.
pub fn flake(folder: &Path, version: u32, packages: &[(String, Fate)]) {
    let mut text = String::new();
    for (name, fate) in packages {
        let version = if *fate == Fate::Same { 1 } else { version };
        let value = match fate {
            _ if version == 1 => format!(r#"make "{name}" "1""#),
            Fate::Newer | Fate::Same => format!(r#"make "{name}" "{version}""#),
            Fate::Throws => format!(r#"throw "{name} is thrown""#),
            Fate::Aborts => format!(r#"abort "{name} is aborted""#),
            Fate::Goes => continue,
            Fate::Breaks => format!(r#"run "{name}" "{version}" "echo before; echo {name} breaks; exit 3""#),
            Fate::Needs => {
                format!(
                    r#"run "{name}" "{version}" "cat ${{run "deep-{name}" "9" "echo deep; exit 4"}} > $out""#
                )
            }
            Fate::Unfree => format!(r#"throw "Package '{name}' has an unfree license ('x'), refusing""#),
            Fate::Impure => format!(r#"make "{name}" (builtins.readFile "/etc/hostname")"#),
            Fate::NoPackage => "{ }".to_owned(),
        };
        writeln!(text, "    {name} = {value};").unwrap();
    }
    let text = format!(
        r#"{{
  outputs = {{ self }}: let
    run = name: version: script: derivation {{
      name = "${{name}}-${{version}}";
      system = "x86_64-linux";
      builder = "/bin/sh";
      PATH = "/usr/bin:/bin";
      args = [ "-c" script ];
    }};
    make = name: version: run name version
      "mkdir -p $out/bin $out/share/doc; echo ${{version}} > $out/bin/${{name}}; echo > $out/share/doc/${{name}}";
  in {{ packages.x86_64-linux = {{
{text}  }}; }};
}}
"#
    );
    write(folder, "flake.nix", text);
}

/// Commits everything in a folder, which becomes a repository if it is none.
pub fn commit(nix: &PrivateNix, folder: &Path) {
    for words in [&["init", "-q", "."][..], &["add", "."], &["commit", "-qm", "x"]] {
        let mut git = nix.command("/usr/bin/git");
        assert!(git.current_dir(folder).args(words).status().unwrap().success(), "{words:?}");
    }
}

/// Adds installables with Nix, all in one generation.
pub fn add(nix: &PrivateNix, profile: &Path, installables: &[String]) {
    let mut words = vec!["profile", "install", "--profile", profile.to_str().unwrap()];
    words.extend(installables.iter().map(String::as_str));
    nix.run("nix", &words);
}

/// A second profile that is just like the first.
pub fn copy(profile: &Path, name: &str) -> std::path::PathBuf {
    let other = profile.with_file_name(name);
    let link = std::fs::read_link(profile).unwrap();
    let target = std::fs::read_link(profile.with_file_name(link)).unwrap();
    std::os::unix::fs::symlink(target, other.with_file_name(format!("{name}-1-link"))).unwrap();
    std::os::unix::fs::symlink(format!("{name}-1-link"), &other).unwrap();
    other
}

/// Runs firn on a profile.
pub fn firn(nix: &PrivateNix, profile: &Path, words: &[&str]) -> Output {
    nix.command(FIRN).args(words).arg("--profile").arg(profile).output().unwrap()
}

#[track_caller]
pub fn expect(output: &Output, status: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
    (out, err)
}

/// The generations' numbers.
pub fn generations(profile: &Path) -> usize {
    let name = format!("{}-", profile.file_name().unwrap().to_str().unwrap());
    let entries = std::fs::read_dir(profile.parent().unwrap()).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with(&name)).count()
}

/// firn's own temporary folders that are left.
pub fn leftovers(nix: &PrivateNix) -> Vec<String> {
    let entries = std::fs::read_dir(nix.root().join("tmp")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("firn-")).collect()
}
