//! Stopping at any point changes nothing and leaves no process and no folder behind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::flakes::{FIRN, add, expect, firn, leftovers};
use crate::support::{PrivateNix, each_nix, write};

/// Evaluates until it is stopped, in little memory, and hears nothing meanwhile.
const ENDLESS: &str = "builtins.foldl' (a: b: a + (let f = n: if n == 0 then 0 else f (n - 1); in f 1000)) 0
    (builtins.genList (x: x) 1000000)";

/// As [`ENDLESS`], and prints all the time.
const NOISY: &str = r#"builtins.foldl' (a: b: builtins.foldl' (c: d: builtins.trace "noise" d) 0 (builtins.genList (x: x) 1000))
    0 (builtins.genList (x: x) 1000000)"#;

fn flake(folder: &Path, package: &str, more: &str) {
    let text = format!(
        r#"{{ outputs = {{ self }}: {{ packages.x86_64-linux.p = derivation {{ name = "p-1"; system = "x86_64-linux";
        builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "{package}" ]; {more} }}; }}; }}"#
    );
    write(folder, "flake.nix", text);
}

/// Starts an upgrade and waits until it says a word.
fn until(nix: &PrivateNix, profile: &Path, word: &str) -> Child {
    let mut command = nix.command(FIRN);
    command.args(["upgrade", "--all", "-L", "--debug", "--profile"]).arg(profile);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains(word) {
        let mut line = Vec::new();
        assert!(lines.read_until(b'\n', &mut line).unwrap() > 0, "it ended before '{word}':\n{text}");
        text.push_str(&String::from_utf8_lossy(&line));
    }
    // What it says from here on nobody hears.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    child
}

/// Processes that have a word among their environment and arguments, by looking at all there are.
fn processes(word: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let command = |entry: std::fs::DirEntry| {
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&read("environ")).into_owned();
        let is_ours = text.contains(word) && entry.file_name() != *std::process::id().to_string();
        is_ours.then(|| String::from_utf8_lossy(&read("cmdline")).replace('\0', " "))
    };
    entries.filter_map(command).filter(|command| !command.is_empty()).collect()
}

fn stops(nix: &PrivateNix, profile: &Path, word: &str) {
    let before = std::fs::read_link(profile).unwrap();
    let mut child = until(nix, profile, word);
    let begun = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    let took = begun.elapsed();
    println!("stopped at '{word}' within {took:?}");
    assert_eq!(status.code(), Some(130));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(std::fs::read_link(profile).unwrap(), before);
    assert_eq!(leftovers(nix), [""; 0]);
    let left = processes(nix.root().to_str().unwrap());
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn stopping_while_it_evaluates_or_builds_changes_nothing() {
    each_nix("stopping while it evaluates or builds changes nothing", |nix| {
        let folder = nix.root().join("work/flake");
        let profile = nix.profile("profile");
        flake(&folder, "echo 1 > $out", "");
        add(nix, &profile, &[format!("path:{}#p", folder.display())]);
        // What nix can do is asked once.
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all"]), 0);
        assert!(err.contains("nothing to do"), "{err}");
        flake(&folder, "echo 2 > $out", &format!("x = {ENDLESS};"));
        stops(nix, &profile, "evaluating");
        flake(&folder, "echo ready; while :; do :; done", "");
        stops(nix, &profile, "p-1> ready");
        flake(&folder, "echo 3 > $out", &format!("x = {NOISY};"));
        stops(nix, &profile, "noise");
    });
}
