//! Flakes and builders that print what a terminal obeys, or print without an end: it is shown
//! harmlessly, it does not fill the memory, and it can be stopped.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use firn::core::visible;
use rustix::process::{Pid, Signal, kill_process};

use crate::flakes::{FIRN, add, expect, firn, leftovers};
use crate::support::{PrivateNix, each_nix, write};

/// More than firn takes in any of these, a build with debugging aids included.
const MEMORY: u64 = 128 << 20;

/// Prints escape sequences, what turns the line round, bytes that are not UTF-8, zeros, and lines that are
/// long.
const EVIL: &str = r"printf '\033[2J\033]0;title\007clear\n\342\200\256right\n\377\376bytes\n\000zero\n\233c1\n\rback\n'
    head -c 1000000 /dev/zero | tr '\0' x; echo
    head -c 300000 /dev/zero | tr '\0' '\033'; echo";

/// A flake whose only package runs this script, with something evaluated before.
fn flake(folder: &Path, script: &str, before: &str) {
    write(folder, "script.sh", script);
    let text = format!(
        r#"{{ outputs = {{ self }}: {{ packages.x86_64-linux.p = derivation {{ name = "p-1"; system = "x86_64-linux";
        builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ ./script.sh ]; {before} }}; }}; }}"#
    );
    write(folder, "flake.nix", text);
}

/// A profile with the package of a flake that does no harm yet.
fn profile(nix: &PrivateNix) -> (std::path::PathBuf, std::path::PathBuf) {
    let (folder, profile) = (nix.root().join("work/flake"), nix.profile("profile"));
    flake(&folder, "echo 1 > $out", "");
    add(nix, &profile, &[format!("path:{}#p", folder.display())]);
    (folder, profile)
}

fn upgrade(nix: &PrivateNix, profile: &Path) -> Command {
    let mut command = nix.command(FIRN);
    command.args(["upgrade", "--all", "-L", "--profile"]).arg(profile);
    command
}

/// The most memory that a process has used.
fn memory(child: &Child) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

/// Reads what firn says: so many lines, or all. Tells how many there were, and the most memory it used
/// meanwhile.
fn read(child: &mut Child, most: usize) -> (usize, u64) {
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let (mut count, mut most_memory, mut line) = (0, 0, Vec::new());
    while count < most && lines.read_until(b'\n', &mut line).unwrap() > 0 {
        line.clear();
        count += 1;
        if count % 1000 == 0 {
            most_memory = most_memory.max(memory(child).unwrap_or(0));
        }
    }
    // What it says from here on nobody hears.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    (count, most_memory)
}

#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    for line in text.lines() {
        assert_eq!(visible::text(line), line, "{what}");
    }
}

#[test]
fn an_evil_log_is_shown_harmlessly() {
    each_nix("an evil log is shown harmlessly", |nix| {
        let (folder, profile) = profile(nix);
        flake(&folder, &format!("{EVIL}\nexit 3"), "");
        let output = firn(nix, &profile, &["upgrade", "--all", "-L"]);
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert_harmless("upgrade", &err);
        assert!(err.contains("clear") && err.contains("bytes") && err.contains("nix log"), "{err}");
        for size in ["80x24", "120x36"] {
            for keys in ["U w y", "U w y <esc> @", "U w y <esc> @ g j j j", "U w y <esc> <enter>"] {
                let mut command = nix.command(FIRN);
                command.args(["--keys", keys, "--frame", size, "--profile"]).arg(&profile);
                let (frame, _) = expect(&command.output().unwrap(), 0);
                assert_harmless(&format!("{size} {keys}"), &frame);
            }
        }
        assert_eq!(leftovers(nix), [""; 0]);
    });
}

#[test]
fn a_log_of_fifty_megabytes_is_no_burden() {
    each_nix("a log of fifty megabytes is no burden", |nix| {
        let (folder, profile) = profile(nix);
        let line = "x".repeat(49);
        flake(&folder, &format!("yes {line} | head -c 50000000; echo 2 > $out"), "");
        let mut child = upgrade(nix, &profile).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, memory) = read(&mut child, usize::MAX);
        assert_eq!(child.wait().unwrap().code(), Some(0));
        println!("{lines} lines, {} MiB", memory >> 20);
        assert!(lines >= 1_000_000 && memory < MEMORY, "{lines} lines, {memory} bytes");
    });
}

#[test]
fn a_log_of_fifty_megabytes_is_no_burden_to_the_interface() {
    each_nix("a log of fifty megabytes is no burden to the interface", |nix| {
        let (folder, profile) = profile(nix);
        let line = "x".repeat(49);
        flake(&folder, &format!("yes {line} | head -c 50000000; echo 2 > $out"), "");
        let mut command = nix.command(FIRN);
        // The frame is larger than a pipe holds: firn waits in its last deed, so that it can be measured.
        command.args(["--keys", "U w y @ [", "--frame", "600x200", "--profile"]).arg(&profile);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut frame = child.stdout.take().unwrap();
        let mut text = vec![0; 1];
        frame.read_exact(&mut text).unwrap();
        let memory = memory(&child).unwrap();
        frame.read_to_end(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0));
        println!("{} MiB", memory >> 20);
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(&line) && memory < MEMORY, "{memory} bytes\n{text}");
    });
}

#[test]
fn what_prints_without_end_is_stopped() {
    let noisy = r#"x = builtins.foldl' (a: b: builtins.foldl' (c: d: builtins.trace "noise" d) 0
        (builtins.genList (x: x) 1000)) 0 (builtins.genList (x: x) 1000000);"#;
    let line = "x".repeat(100_000);
    let long = format!("while :; do echo {line}; done");
    each_nix("what prints without end is stopped", |nix| {
        let (folder, profile) = profile(nix);
        for (script, before, lines) in
            [("echo 2 > $out", noisy, 100_000), ("yes", "", 300_000), (long.as_str(), "", 2_000)]
        {
            flake(&folder, script, before);
            let mut child = upgrade(nix, &profile).stderr(Stdio::piped()).spawn().unwrap();
            let (count, memory) = read(&mut child, lines);
            assert_eq!(count, lines);
            println!("{:?}: {} MiB", script.get(..8), memory >> 20);
            assert!(memory < MEMORY, "{memory} bytes");
            kill_process(Pid::from_child(&child), Signal::INT).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(130));
            assert_eq!(leftovers(nix), [""; 0]);
        }
    });
}
