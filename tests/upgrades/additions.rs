//! What upgrades are offered where something only has to be allowed, additions are offered too.

use crate::flakes::{FIRN, expect, firn};
use crate::support::{each_nix, write};

/// Text as keys.
fn typed(text: &str) -> String {
    let keys =
        text.chars().map(|letter| if letter == ' ' { "<space>".to_owned() } else { letter.to_string() });
    keys.collect::<Vec<_>>().join(" ")
}

#[test]
fn an_addition_that_has_to_be_allowed_is_allowed_for_itself_alone() {
    each_nix("an addition that has to be allowed is allowed for itself alone", |nix| {
        let (folder, profile) = (nix.root().join("work/flake"), nix.profile("profile"));
        let flake = |version: u32| {
            let text = format!(
                r#"{{ outputs = {{ self }}: {{ packages.x86_64-linux.p = if builtins ? currentSystem
                    then derivation {{ name = "p-{version}"; system = "x86_64-linux"; builder = "/bin/sh";
                        PATH = "/usr/bin:/bin"; args = [ "-c" "mkdir -p $out/bin; echo > $out/bin/p" ]; }}
                    else builtins.readFile "/etc/hostname"; }}; }}"#
            );
            write(&folder, "flake.nix", text);
        };
        flake(1);
        let installable = format!("path:{}#p", folder.display());
        let (_, err) = expect(&firn(nix, &profile, &["add", &installable]), 1);
        assert!(err.contains("--impure"), "{err}");
        let keys = |keys: &str| {
            let mut command = nix.command(FIRN);
            command.args(["--keys", keys, "--frame", "120x36", "--profile"]).arg(&profile);
            expect(&command.output().unwrap(), 0).0
        };
        let add = format!("i {} <enter>", typed(&installable));
        let told = keys(&add);
        assert!(told.contains("cannot be added") && told.contains("options"), "{told}");
        let allow = format!("{add} : {} <enter> <enter>", typed("options remembered"));
        let told = keys(&allow);
        assert!(told.contains("For p: nix is asked with --impure; remembered once it is applied."), "{told}");
        let copied = keys(&format!("{allow} w Y"));
        assert!(copied.contains("--impure"), "{copied}");
        let applied = keys(&format!("{allow} w y"));
        assert!(applied.contains("Generation 1 is live."), "{applied}");
        flake(2);
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all"]), 0);
        assert!(err.contains("p 1 → 2"), "it is remembered: {err}");
    });
}
