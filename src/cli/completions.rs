//! `firn completions`: scripts made from the grammar, with the names of elements added.
//!
//! The scripts come from `clap_complete`. For the commands that take elements, those for bash,
//! zsh and fish also ask `firn completions --elements -- WORDS…`, which prints the names of the
//! profile that the words so far are about (after `registry`, those of registries). It prints only names that a shell takes as they are,
//! as bash expands what it is offered; it never fails, never speaks, and makes no playground.

use std::ffi::OsString;

use clap_complete::Shell;

use super::failure::Failure;
use super::grammar;
use super::meant::{self, Invocation, Reading};
use super::open;
use super::place::{Place, StoreChoice};
use super::printer::Printer;
use super::registry_names;
use crate::core::shell_words::quoted;
use crate::ops::load_profile::load_base;
use crate::system::own_folders::OwnFolders;

/// The names of arguments that an element goes into, or a name that registries know.
const ELEMENTS: [&str; 3] = ["elements", "element", "references"];

/// Prints the script of a shell.
pub fn script(shell: Shell, printer: Printer) -> Result<(), Failure> {
    let mut grammar = grammar::shown();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut grammar, "firn", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let script = match shell {
        Shell::Bash => script + &bash(&grammar),
        Shell::Zsh => zsh(&script, &grammar),
        // fish's argparse has a form for a value that may be left out; the generator does not know it.
        Shell::Fish => script.replace(" demo= ", " demo=? ") + &fish(&grammar),
        _ => script,
    };
    Ok(printer.data(&[script.trim_end().to_owned()])?)
}

/// Prints the names of elements that can be completed after these words.
pub fn elements(invocation: &Invocation, typed: &[OsString]) -> Result<(), Failure> {
    Ok(invocation.printer.data(&names(invocation, typed).unwrap_or_default())?)
}

/// Whatever goes wrong: the shell has nothing to offer then, and nobody to tell.
fn names(invocation: &Invocation, typed: &[OsString]) -> Option<Vec<String>> {
    let words = std::iter::once(OsString::from("list")).chain(place_words(typed));
    let Ok(Reading::Invocation(meant)) = meant::read(words) else { return None };
    let place = if typed.is_empty() { &invocation.place } else { &meant.place };
    if !is_there(place) {
        return None;
    }
    let context = open::context(
        place,
        Printer { verbosity: super::Verbosity::Quiet, ..invocation.printer },
        open::Onlooker::Nobody,
    )
    .ok()?;
    let is_plain = |name: &String| quoted(name) == **name;
    if let Some((words, file)) = registry_names::words(typed) {
        let names = registry_names::names(&context, &words, file.as_deref());
        return Some(names.into_iter().filter(is_plain).collect());
    }
    let (_, base) = load_base(&context).ok()?;
    Some(base.manifest.elements.keys().filter(|name| is_plain(name)).cloned().collect())
}

/// A playground would be made by looking for it.
fn is_there(place: &Place) -> bool {
    let StoreChoice::Playground { folder, .. } = &place.store else { return true };
    let usual = || OwnFolders::from_environment().map(|folders| folders.playground());
    folder.clone().or_else(usual).is_some_and(|folder| folder.exists())
}

/// The words that say which profile is meant. bash cuts `--profile=x` into three.
fn place_words(typed: &[OsString]) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut rest = typed.iter().peekable();
    while let Some(word) = rest.next() {
        let text = word.to_string_lossy();
        if text == "--profile" || text == "--demo" {
            let cut = rest.next_if(|next| *next == "=").is_some();
            let value = if cut || text == "--profile" { rest.next() } else { None };
            let mut joined = word.clone();
            if let Some(value) = value {
                joined.push("=");
                joined.push(value);
            }
            words.push(joined);
        } else if text.starts_with("--profile=") || text.starts_with("--demo=") {
            words.push(word.clone());
        }
    }
    words
}

/// The commands that take elements.
fn commands(grammar: &clap::Command) -> Vec<&str> {
    let takes = |command: &&clap::Command| {
        command.get_positionals().any(|argument| ELEMENTS.contains(&argument.get_id().as_str()))
    };
    grammar.get_subcommands().filter(takes).map(clap::Command::get_name).collect()
}

/// The options after which comes a value of their own.
fn options_with_value(grammar: &clap::Command) -> Vec<String> {
    let all = grammar.get_subcommands().chain([grammar]).flat_map(clap::Command::get_arguments);
    let with_value = all.filter(|argument| {
        argument.get_action().takes_values() && !argument.is_positional() && !argument.is_require_equals_set()
    });
    let mut names: Vec<String> = with_value
        .flat_map(|argument| {
            let long = argument.get_long().map(|name| format!("--{name}"));
            long.into_iter().chain(argument.get_short().map(|name| format!("-{name}")))
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn bash(grammar: &clap::Command) -> String {
    let commands = commands(grammar).join("|");
    let options = options_with_value(grammar).join("|");
    format!(
        r#"
# The names of elements, which firn knows.
_firn_with_elements() {{
    _firn "$@"
    local word verb=
    local -a typed=("${{COMP_WORDS[@]:1:COMP_CWORD-1}}")
    for word in "${{typed[@]}}"; do
        case $word in {commands}) verb=$word ;; esac
    done
    case ${{COMP_WORDS[COMP_CWORD-1]}} in {options}|=) return 0 ;; esac
    [[ -n $verb && ${{COMP_WORDS[COMP_CWORD]}} != -* ]] || return 0
    COMPREPLY=($(compgen -W "$(firn completions --elements -- "${{typed[@]}}" 2>/dev/null)" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _firn_with_elements -o bashdefault -o default firn
"#
    )
}

/// In zsh's script an argument names the function that completes it.
fn zsh(script: &str, grammar: &clap::Command) -> String {
    let mut script = script.to_owned();
    for argument in grammar.get_subcommands().flat_map(clap::Command::get_positionals) {
        if ELEMENTS.contains(&argument.get_id().as_str()) {
            // A colon parts the words of an argument.
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default().replace(':', "\\:");
            let described = format!("{} -- {help}:", argument.get_id());
            script = script.replace(&format!("{described}_default"), &format!("{described}_firn_elements"));
        }
    }
    let function = r#"# The names of elements, which firn knows.
(( $+functions[_firn_elements] )) ||
_firn_elements() {
    local -a names
    names=(${(f)"$(firn completions --elements -- "${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
    compadd -a names
}

"#;
    match script.rfind("if [ \"$funcstack[1]\"") {
        Some(start) => format!("{}{function}{}", &script[..start], &script[start..]),
        None => script + function,
    }
}

fn fish(grammar: &clap::Command) -> String {
    let line = |command: &&str| {
        format!(
            "complete -c firn -n \"__fish_firn_using_subcommand {command}\" -f \
             -a \"(firn completions --elements -- (commandline -opc)[2..] 2>/dev/null)\"\n"
        )
    };
    commands(grammar).iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_name_a_profile_are_found() {
        let found = |line: &str| {
            let typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let words = place_words(&typed);
            words.iter().map(|word| word.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("remove --profile p a"), "--profile=p");
        assert_eq!(found("--profile = p remove --demo"), "--profile=p --demo");
        assert_eq!(found("--demo = d --profile=q x"), "--demo=d --profile=q");
        assert_eq!(found("remove --profile"), "--profile");
    }

    #[test]
    fn commands_with_elements_are_known_from_the_grammar() {
        let elements =
            ["remove", "upgrade", "outputs", "retarget", "hold", "unhold", "priority", "enable", "disable"];
        assert_eq!(commands(&grammar::whole()), [&elements[..], &["registry"]].concat());
    }
}
