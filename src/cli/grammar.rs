//! The grammar as clap takes it, and as help, completions and the manual page show it.
//!
//! Every option for every command may stand with every command, but help that lists twenty
//! of them below each is help nobody reads: a command shows those that mean something for
//! it, and says where the others are.

use clap::{Command, CommandFactory as _};

use super::typed::Typed;

const ALL_ELSEWHERE: &str = "More options stand with every command: see 'firn --help'.";

/// The whole grammar, ready to parse.
pub fn whole() -> Command {
    let mut grammar = Typed::command();
    grammar.build();
    grammar
}

/// The grammar with the options that each command is about; it parses the same.
pub fn shown() -> Command {
    whole().mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let command = command.mut_args(|argument| {
            let means_nothing = argument.is_global_set() && !concerns(argument.get_id().as_str(), &name);
            let hidden = means_nothing || argument.is_hide_set();
            argument.hide(hidden)
        });
        if name == "help" { command } else { command.after_help(format!("{examples}\n\n{ALL_ELSEWHERE}")) }
    })
}

/// What stands below a command's options, without the pointer to the others.
pub fn examples(command: &Command) -> String {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    text.trim_end_matches(ALL_ELSEWHERE).trim_end().to_owned()
}

/// Whether an option for every command means something for this one.
fn concerns(option: &str, command: &str) -> bool {
    let changes = matches!(command, "add" | "remove" | "priority" | "enable" | "disable" | "apply");
    let speaks = !matches!(command, "demo" | "completions" | "man" | "config");
    match option {
        "profile" => speaks && command != "registry",
        "json" => speaks,
        "dry_run" => {
            changes
                || matches!(command, "rollback" | "undo" | "wipe-history" | "delete-generations" | "registry")
        }
        "out_link" => changes,
        "force" => changes || matches!(command, "wipe-history" | "delete-generations"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::meant::{self, Reading};
    use std::ffi::OsString;

    /// The words of an example, up to what the shell takes for itself.
    fn words(line: &str) -> Vec<OsString> {
        let command = line.trim_start().split("   ").next().unwrap_or_default();
        let mut words: Vec<String> = vec![String::new()];
        let mut quoted = false;
        for letter in command.chars() {
            match letter {
                '\'' => quoted = !quoted,
                '|' | '>' | '<' if !quoted => break,
                ' ' if !quoted => words.push(String::new()),
                letter => words.last_mut().unwrap().push(letter),
            }
        }
        words.into_iter().filter(|word| !word.is_empty()).map(OsString::from).collect()
    }

    fn all_examples() -> Vec<(String, String)> {
        let grammar = shown();
        let commands = std::iter::once(&grammar).chain(grammar.get_subcommands());
        let lines = commands.flat_map(|command| {
            let examples = examples(command);
            let lines = examples.lines().filter(|line| line.starts_with("  firn"));
            lines.map(|line| (command.get_name().to_owned(), line.to_owned())).collect::<Vec<_>>()
        });
        lines.collect()
    }

    #[test]
    fn every_example_is_a_command_line() {
        for (command, line) in all_examples() {
            let words = words(&line);
            assert_eq!(words[0], "firn", "{line}");
            match meant::read(words[1..].iter().cloned()) {
                Ok(Reading::Invocation(_)) => {}
                Ok(Reading::Printed(error)) => panic!("{command}: {line}\n{error}"),
                Err(failure) => panic!("{command}: {line}\n{failure:?}"),
            }
            assert!(line.chars().count() <= 100, "{line}");
        }
    }

    #[test]
    fn every_command_has_a_paragraph_and_examples_of_its_own() {
        let grammar = shown();
        let examples = all_examples();
        for command in grammar.get_subcommands().filter(|command| command.get_name() != "help") {
            let name = command.get_name();
            let own = examples.iter().filter(|(of, line)| of == name && line.contains(name)).count();
            assert!(own >= 2, "{name} has {own} examples");
            let (about, long) = (command.get_about().unwrap(), command.get_long_about().unwrap());
            assert!(long.to_string().len() > about.to_string().len() + 40, "{name} says too little");
            assert!(!about.to_string().ends_with('.'), "{name}");
        }
    }

    #[test]
    fn commands_show_the_options_they_are_about() {
        let mut grammar = shown();
        let mut help = |name: &str| grammar.find_subcommand_mut(name).unwrap().render_long_help().to_string();
        let list = help("list");
        assert!(list.contains("--profile") && list.contains("--json"), "{list}");
        assert!(!list.contains("--dry-run") && list.contains("see 'firn --help'"), "{list}");
        assert!(help("add").contains("--dry-run") && help("wipe-history").contains("--dry-run"));
        assert!(!help("man").contains("--profile"));
        let all = whole().render_long_help().to_string();
        assert!(all.contains("--log-format") && all.contains("--frame"), "{all}");
    }
}
