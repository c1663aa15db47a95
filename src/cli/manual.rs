//! `firn man`: one page for firn and all its commands, made from the grammar and its help.
//!
//! The parts about the program come from `clap_mangen`, and so do the options of each
//! command; options for every command are told once. Examples keep their lines.

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::failure::Failure;
use super::grammar;
use super::printer::Printer;

/// What no help text says: title and paragraphs.
const SECTIONS: [(&str, &[&str]); 3] = [
    (
        "ENVIRONMENT",
        &[
            "FIRN_STATE_DIR: where the journal and saved plans are kept, instead of firn below XDG_STATE_HOME.",
            "FIRN_CONFIG_DIR: where config.toml and themes are, instead of firn below XDG_CONFIG_HOME.",
            "FIRN_CACHE_DIR: where firn notes what each nix can do, instead of firn below XDG_CACHE_HOME.",
            "FIRN_DATA_DIR: where the playground is kept, instead of firn below XDG_DATA_HOME.",
            "FIRN_NIX_BIN: the folder of the nix programs, instead of those found on PATH.",
            "NO_COLOR: if it is set and not empty, the interface uses no colours.",
            "NIX_STORE_DIR, NIX_STATE_DIR, NIX_CONF_DIR and the other variables of Nix mean what they mean to Nix.",
        ],
    ),
    (
        "FILES",
        &[
            "config.toml in the configuration folder: what you have set; 'firn config' prints one with every default.",
            "themes/ in the configuration folder: themes of your own.",
            "~/.nix-profile: the link to the profile that is worked on when none is named.",
            "journal.jsonl in the state folder: what firn did to profiles; tells which generation was live before.",
            "plans/ in the state folder: plans saved from the review screen, for 'firn apply'.",
            "registry-backups/ in the state folder: registries as they were before 'firn registry' changed them.",
        ],
    ),
    ("SEE ALSO", &["nix3-profile(1), nix3-registry(1), nix-env(1), nix.conf(5)"]),
];

/// Prints the page.
pub fn run(printer: Printer) -> Result<(), Failure> {
    Ok(printer.data(&[page()?])?)
}

fn page() -> std::io::Result<String> {
    // Options that only the long help has are told in a manual too.
    let grammar = grammar::shown().mut_args(|argument| argument.hide_short_help(false));
    let grammar = grammar.override_usage("firn [OPTIONS] [COMMAND]");
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(grammar.clone());
    // Not by `render_title`: without a date, the version would stand in its place.
    let mut page = format!(".TH firn 1 \"\" \"firn {version}\" \"firn manual\"\n").into_bytes();
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    page += &rest(&grammar).render();
    for command in grammar.get_subcommands().filter(|command| !skipped(command)) {
        page += &section(command)?;
    }
    page += &closing().render();
    Ok(in_ascii(page.trim_end()))
}

/// As roff spells other characters; not every reader of it takes UTF-8.
fn in_ascii(page: &str) -> String {
    let spelt = |letter: char| match letter {
        letter if letter.is_ascii() => letter.to_string(),
        letter => format!("\\[u{:04X}]", u32::from(letter)),
    };
    page.chars().map(spelt).collect()
}

fn skipped(command: &Command) -> bool {
    command.is_hide_set() || command.get_name() == "help"
}

/// What `firn --help` says below the options, and the title of what follows.
fn rest(grammar: &Command) -> Roff {
    let mut roff = Roff::new();
    let text = grammar::examples(grammar);
    roff.control("SH", ["NIX OPTIONS, STATUS, EXAMPLES"]);
    below(&mut roff, &text);
    roff.control("SH", ["COMMANDS"]);
    roff
}

/// One command: usage, what it does, its own options, examples.
fn section(command: &Command) -> std::io::Result<String> {
    let mut own = command.clone().mut_args(|argument| {
        let everywhere = argument.is_global_set() || matches!(argument.get_id().as_str(), "help" | "version");
        let hidden = everywhere || argument.is_hide_set();
        argument.hide(hidden)
    });
    let usage = own.render_usage().to_string();
    let mut roff = Roff::new();
    roff.control("SS", [usage.trim_start_matches("Usage: ").trim()]);
    let about = own.get_long_about().or(own.get_about()).map(ToString::to_string).unwrap_or_default();
    below(&mut roff, &about);
    let aliases: Vec<&str> = own.get_all_aliases().collect();
    if !aliases.is_empty() {
        roff.control("PP", []);
        roff.text([roman("Also called "), bold(aliases.join(", ")), roman(".")]);
    }
    let mut text = roff.render();
    if own.get_arguments().any(|argument| !argument.is_hide_set()) {
        let mut options = Vec::new();
        Man::new(own.clone()).render_options_section(&mut options)?;
        text += &without_titles(&String::from_utf8_lossy(&options));
    }
    let mut roff = Roff::new();
    roff.control("PP", []);
    below(&mut roff, &grammar::examples(command));
    Ok(text + &roff.render())
}

/// Options stand below their command and need no title of their own.
fn without_titles(options: &str) -> String {
    let kept = options
        .lines()
        .filter(|line| !line.starts_with(".SH") && !line.starts_with(".ie") && !line.starts_with(".el"));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// Paragraphs after the first begin with a macro of their own. They are filled; lines that begin with a blank, like examples, are kept as they are.
fn below(roff: &mut Roff, text: &str) {
    let mut kept = false;
    let mut begins = false;
    for line in text.lines() {
        let keeps = line.starts_with(' ');
        if keeps != kept {
            roff.control(if keeps { "nf" } else { "fi" }, []);
            kept = keeps;
        }
        if line.is_empty() {
            begins = true;
            continue;
        }
        if begins && !keeps {
            roff.control("PP", []);
        }
        begins = false;
        roff.text([roman(line)]);
    }
    if kept {
        roff.control("fi", []);
    }
}

fn closing() -> Roff {
    let mut roff = Roff::new();
    for (title, paragraphs) in SECTIONS {
        roff.control("SH", [title]);
        below(&mut roff, &paragraphs.join("\n\n"));
    }
    roff
}
