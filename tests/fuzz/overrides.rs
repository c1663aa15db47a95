//! Two more readers: theme files of the user, and registries.

use firn::core::flake_ref::FlakeRef;
use firn::core::registry::{Layer, Reach, Registries, Registry};
use firn::tui::theme::Theme;

use super::targets::{Target, about, shape};

pub const THEME: Target = Target {
    name: "theme",
    is_toml: true,
    words: &[
        "base = \"dark\"\n",
        "added = {",
        "fg = \"#102030\"",
        "bg = \"255\"",
        "bold = true",
        "reversed = false",
        "dim = ",
        "title.fg = ",
        "[faint]\n",
        "\"lightblue\"",
        "\"reset\"",
        "'''",
        "{ a = {",
    ],
    run: theme,
};

pub const REGISTRY: Target = Target {
    name: "registry",
    is_toml: false,
    words: &[
        "\"flakes\":[",
        "\"version\":2",
        "\"from\":{",
        "\"to\":{",
        "\"exact\":true",
        "\"type\":\"indirect\"",
        "\"type\":\"github\"",
        "\"type\":\"path\"",
        "\"type\":\"git\"",
        "\"id\":\"nixpkgs\"",
        "\"owner\":\"a\"",
        "\"repo\":\"b\"",
        "\"path\":\"/a\"",
        "\"url\":\"https://a/b\"",
        "\"ref\":\"main\"",
        "\"rev\":\"0123456789012345678901234567890123456789\"",
        "\"narHash\":\"sha256-",
        "\"lastModified\":1",
        "\"dir\":\"\"",
        "null",
    ],
    run: registry,
};

/// Whatever is wrong, there are colours to go on with, and each problem has a line.
fn theme(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    let (_, problems) = Theme::read("theme.toml", text);
    let lines = text.matches('\n').count() + 1;
    for problem in &problems {
        assert!(problem.line.is_some_and(|line| (1..=lines).contains(&line)), "{problem}");
    }
    let told = problems.first().map(|problem| shape(&problem.words, input)).unwrap_or_default();
    format!("{told} {}", about(problems.len()))
}

/// What was read is written so that it reads as the same; looking names up ends; edits keep the rest.
fn registry(input: &[u8]) -> String {
    let read = Registry::parse(input);
    let fault = read.fault.as_ref().map(|fault| shape(fault, input)).unwrap_or_default();
    let written = read.to_text();
    if let Ok(text) = &written {
        let again = Registry::parse(text.as_bytes());
        assert_eq!(again.fault, None, "what is written is damaged");
        assert_eq!(again.entries, read.entries, "what is written reads as something else");
    }
    let registries = Registries::default().with(Layer::User, read.clone());
    assert_eq!(registries.standings().len(), read.entries.len());
    let nixpkgs = FlakeRef::parse("nixpkgs").unwrap();
    let froms = read.entries.iter().take(20).map(|entry| &entry.from);
    let found = froms.chain([&nixpkgs]).map(|from| registries.look_up(from, Reach::All));
    let hops: usize = found.map(|found| found.map_or(0, |found| found.hops.len())).sum();
    let damaged = read.fault.is_some();
    let added = read.adding(&nixpkgs, FlakeRef::parse("path:/a").unwrap());
    assert_eq!(added.is_err(), damaged, "a damaged registry is edited");
    if let Ok(added) = added {
        assert_eq!(
            added.removing(&nixpkgs).map(|removed| removed.entries.len() + 1),
            Ok(added.entries.len())
        );
    }
    format!("{fault} {} {} {}", about(read.entries.len()), about(hops), written.is_ok())
}
