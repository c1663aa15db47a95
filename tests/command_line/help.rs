//! Help, completions and the manual page, and that they are complete.

use super::sandbox::{Sandbox, run};

/// The commands that `firn --help` names.
fn commands(sandbox: &Sandbox) -> Vec<String> {
    let help = sandbox.firn("--help").expect(0).out;
    let list = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0.to_owned();
    let named = list.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    named.map(|line| line.split(' ').next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

#[test]
fn every_command_explains_itself_wherever_it_is_asked() {
    let sandbox = Sandbox::new();
    for name in commands(&sandbox) {
        let long = sandbox.firn(&format!("{name} --help")).expect(0);
        assert!(long.out.contains("\nExamples:\n  firn"), "{name}: {}", long.out);
        assert_eq!(long.err, "", "{name}");
        for line in
            [format!("--help {name}"), format!("help {name}"), format!("{name} --offline --help --json")]
        {
            assert_eq!(sandbox.firn(&line).expect(0).out, long.out, "{line}");
        }
        let short = sandbox.firn(&format!("{name} -h")).expect(0).out;
        assert!(short.len() < long.out.len() && short.contains("Examples:"), "{name}: {short}");
    }
    assert_eq!(sandbox.firn("install --help").expect(0).out, sandbox.firn("add --help").expect(0).out);
    assert!(!sandbox.path("playground").exists(), "help opens nothing");
}

#[test]
fn the_manual_page_is_plain_roff_with_every_command() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    command.env_remove("HOME").arg("man");
    let page = run(command).expect(0).out;
    assert!(page.is_ascii() && page.starts_with(".TH firn 1 "), "{page}");
    for name in commands(&sandbox) {
        assert!(
            page.contains(&format!(".SS \"firn {name}")) || page.contains(&format!(".SS firn\\ {name}")),
            "{name}\n{page}"
        );
    }
    for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "ENVIRONMENT", "FILES", "\"SEE ALSO\""] {
        assert!(page.contains(&format!("\n.SH {title}\n")), "{title}");
    }
    let unknown = page.lines().filter(|line| line.starts_with(['.', '\''])).find(|line| {
        let known =
            ["TH", "SH", "SS", "PP", "TP", "IP", "RS", "RE", "br", "nf", "fi", "ie", "el", "B", "I", "sp"];
        !known.contains(&line[1..].split(' ').next().unwrap())
    });
    assert_eq!(unknown, None);
}

#[test]
fn completions_know_the_commands_and_ask_for_elements() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let mut command = sandbox.command();
        command.env_remove("HOME").args(["completions", shell]);
        let ran = run(command).expect(0);
        assert!(ran.out.contains("wipe-history") && ran.err.is_empty(), "{shell}");
        let asks = ran.out.contains("firn completions --elements -- ");
        assert_eq!(asks, ["bash", "fish", "zsh"].contains(&shell), "{shell}");
    }
    let zsh = sandbox.firn("completions zsh").out;
    assert!(zsh.contains("'*::elements -- Names or store paths:_firn_elements'"), "{zsh}");
    assert!(zsh.contains("':element -- Its name or store path:_firn_elements'"), "{zsh}");
    assert!(sandbox.firn("completions fish").out.contains(" demo=? "), "--demo needs no folder");
    let references = "references -- Flake references, as nixpkgs or github\\:NixOS/nixpkgs:_firn_elements";
    assert!(zsh.contains(references), "{zsh}");
    sandbox.firn("completions").expect(2);
    sandbox.firn("completions tcsh").expect(2);
}

#[test]
fn names_of_registries_are_offered() {
    let sandbox = Sandbox::new();
    sandbox.firn("registry add mine path:/x").expect(0);
    sandbox.firn("registry add other path:/x --registry r.json").expect(0);
    let ask =
        |line: &str| sandbox.firn(&format!("completions --elements -- --demo=playground {line}")).expect(0);
    assert_eq!(ask("registry").lines(), ["list", "add", "remove", "pin", "resolve"]);
    for verb in ["add", "pin", "resolve"] {
        let ran = ask(&format!("registry {verb}"));
        assert!(["mine", "nixpkgs", "agenix"].iter().all(|name| ran.lines().contains(name)), "{}", ran.out);
    }
    let own = ask("registry remove");
    assert!(own.lines().contains(&"mine") && !own.lines().contains(&"agenix"), "{}", own.out);
    assert_eq!(ask("registry remove --registry r.json").lines(), ["other"]);
    assert_eq!(ask("registry list").out, "");
}

#[test]
fn elements_are_offered_of_the_profile_that_is_meant_and_in_silence() {
    let sandbox = Sandbox::new();
    let ask = |words: &[&str]| {
        let mut command = sandbox.command();
        command.args(["completions", "--elements", "--"]).args(words);
        let ran = run(command).expect(0);
        assert_eq!(ran.err, "");
        ran.lines().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask(&["--demo=playground", "remove"]), [""; 0]);
    assert!(!sandbox.path("playground").exists(), "asking makes no playground");
    let element = serde_json::json!({"active": true, "priority": 5, "storePaths": []});
    let names = ["plain-1.0", "$(touch x)", "a b", "`x`", "'", "\u{1b}[2J", "*"];
    let elements: serde_json::Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), element.clone())).collect();
    sandbox.profile_of("odd", &serde_json::json!({"elements": elements, "version": 3}));
    assert!(ask(&["--demo=playground", "remove"]).contains(&"hello".to_owned()));
    assert_eq!(ask(&["--demo=playground", "remove", "--profile", "odd"]), ["plain-1.0"]);
    assert_eq!(ask(&["--demo", "=", "playground", "--profile", "=", "odd", "remove"]), ["plain-1.0"]);
    assert_eq!(ask(&["--profile", "/nowhere/at/all"]), [""; 0]);
    assert_eq!(ask(&["--nonsense", "'", "--profile"]), [""; 0]);
}
