//! What the file says counts, what is wrong in it is told, and nothing stops the interface.

use super::*;
use crate::tui::action::Action;
use crate::tui::keymap::{Key, Scope};

fn find(name: &str) -> Result<(Theme, Vec<Problem>), String> {
    Theme::named(name).map(|theme| (theme, Vec::new())).ok_or_else(|| format!("there is no theme '{name}'"))
}

fn configured(text: &str) -> Configuration {
    read("config.toml", text, None, &find)
}

/// The keys of a file that holds nothing else.
fn keymap(text: &str) -> Keymap {
    let configuration = configured(text);
    assert_eq!(configuration.problems, [], "{text}");
    configuration.keymap.unwrap()
}

fn action(keymap: &Keymap, scope: Scope, key: &str) -> Option<Action> {
    keymap.action(scope, Key::parse(key).unwrap())
}

/// Each problem as it is shown.
fn told(text: &str) -> Vec<String> {
    configured(text).problems.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn tells(text: &str, words: &[&str]) {
    let told = told(text);
    assert_eq!(told.len(), words.len(), "{text}\n{told:#?}");
    for (told, words) in told.iter().zip(words) {
        assert!(told.contains(words), "{told}\nis without\n{words}");
    }
}

#[test]
fn the_printed_defaults_are_the_defaults() {
    let read = configured(&default_text());
    assert_eq!(read.problems, []);
    assert_eq!(read.settings, Settings::default());
    assert_eq!(read.theme, Theme::named("terminal"));
    assert_eq!(read.keymap, Some(Keymap::embedded().unwrap()));
}

#[test]
fn the_printed_colours_are_those_of_the_theme() {
    let text = default_text().replace("# colours.", "colours.");
    let read = configured(&text);
    assert_eq!(read.problems, []);
    assert_eq!(read.theme, Theme::named("terminal"));
}

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(configured(""), Configuration::default());
}

#[test]
fn what_is_said_counts() {
    let text = "theme = \"dark\"\nmouse = false\ncolumns = [\"source\", \"version\"]\n\
                [confirm]\nrollback = false\n[colours]\nadded = { fg = \"#00ff00\" }\n";
    let read = configured(text);
    assert_eq!(read.problems, []);
    assert!(!read.settings.mouse && !read.settings.confirm_rollback);
    assert_eq!(read.settings.columns, [Column::Source, Column::Version]);
    let dark = Theme::named("dark").unwrap();
    let theme = read.theme.unwrap();
    assert_eq!((theme.removed, theme.text), (dark.removed, dark.text));
    assert_ne!(theme.added, dark.added);
    let keymap = read.keymap.unwrap();
    let help: Vec<&str> =
        keymap.here(Scope::History).iter().map(|(binding, _)| binding.description.as_str()).collect();
    assert!(help.contains(&"roll back to this generation"), "{help:?}");
}

#[test]
fn a_theme_that_was_asked_for_wins_and_takes_the_colours() {
    let light = Theme::named("light");
    let read = read("c", "theme = \"dark\"\ncolours.key = { fg = \"1\" }\n", light.clone(), &find);
    assert_eq!(read.theme.as_ref().map(|theme| theme.text), light.map(|theme| theme.text));
    assert_eq!(read.theme.and_then(|theme| theme.key.fg), Some(ratatui::style::Color::Indexed(1)));
}

#[test]
fn keys_are_moved_added_and_taken_away() {
    let moved = keymap("keys = [{ on = \"x\", run = \"remove\", scope = \"installed\" }]");
    assert_eq!(action(&moved, Scope::Installed, "x"), Some(Action::Remove));
    assert_eq!(action(&moved, Scope::Installed, "d"), None);
    assert!(moved.hints(Scope::Installed, 200).contains(&("x".to_owned(), "remove".to_owned())));
    let added = keymap("keys = [{ on = [\"d\", \"x\"], run = \"remove\" }]");
    assert_eq!(action(&added, Scope::Installed, "x"), Some(Action::Remove));
    assert_eq!(action(&added, Scope::Installed, "d"), Some(Action::Remove));
    let gone = keymap("keys = [{ on = [], run = \"remove\" }]");
    assert_eq!(action(&gone, Scope::Installed, "d"), None);
    let idle = keymap("keys = [{ on = \"ctrl-d\", run = \"nothing\", scope = \"main\" }]");
    assert_eq!(action(&idle, Scope::Installed, "ctrl-d"), None);
    assert_eq!(action(&idle, Scope::Collisions, "ctrl-d"), Some(Action::HalfPageDown));
}

#[test]
fn a_key_is_taken_from_what_had_it() {
    let taken = keymap("[[keys]]\non = \"space\"\nrun = \"review\"\nscope = \"history\"\n");
    assert_eq!(action(&taken, Scope::History, "space"), Some(Action::Review));
    assert_eq!(action(&taken, Scope::Installed, "space"), Some(Action::Mark));
    assert_eq!(action(&taken, Scope::Installed, "w"), Some(Action::Review));
}

#[test]
fn wrong_entries_are_told_with_line_and_nearest_name() {
    tells(
        "mouse = true\nthme = \"dark\"",
        &["config.toml:2: 'thme' is no entry of the configuration; did you mean 'theme'?"],
    );
    tells("theme = \"neon\"", &["config.toml:1: there is no theme 'neon'"]);
    tells("\nmouse = \"no\"", &["config.toml:2: 'mouse' has to be true or false, and this is text"]);
    tells("confirm.rolback = false", &["'rolback' is no entry of 'confirm'; did you mean 'rollback'?"]);
    tells("confirm = 3", &["'confirm' has to be a table"]);
    tells("columns = [\"version\", \"sorce\"]", &["'sorce' is no column; did you mean 'source'?"]);
    tells("columns = \"version\"", &["'columns' has to be a list"]);
    tells("columns = [\"name\", \"version\", \"version\"]", &["always the first", "twice"]);
    tells("colours.adde = {}", &["'adde' is no entry of a theme; did you mean 'added'?"]);
    tells("[colours]\nmouse = true", &["'mouse' is no entry of a theme"]);
    tells("keys = 1", &["'keys' has to be a list of entries"]);
}

#[test]
fn wrong_keys_are_told_with_their_action() {
    tells(
        "keys = [\n  { on = \"hyper-q\", run = \"quit\", scope = \"main\" },\n]",
        &["config.toml:2: 'hyper-q' for 'quit' is not the name of a key"],
    );
    tells("keys = [{ on = \"x\", run = \"remov\" }]", &["'remov' is no action; did you mean 'remove'?"]);
    tells(
        "keys = [{ on = \"x\", run = \"remove\", scope = \"instaled\" }]",
        &["'instaled' for 'remove' is no place; did you mean 'installed'?"],
    );
    tells("keys = [{ on = \"x\" }]", &["needs 'on' and 'run'"]);
    tells(
        "keys = [{ on = \"x\", run = \"down\" }]",
        &["say with 'scope' where 'down' shall count: main, collisions"],
    );
    tells("keys = [{ on = \"x\", run = \"remove\", when = 1 }]", &["'when' is no part of an entry"]);
    tells(
        "keys = [{ on = \"x\", run = \"stage-way\", scope = \"installed\" }]",
        &["'stage-way' does nothing in installed; it counts in collisions"],
    );
    tells("keys = [{ on = \"x\", run = \"remove\", rank = 7 }]", &["'rank' has to be 0, 1 or 2"]);
}

#[test]
fn two_entries_for_one_key_are_told_with_both_lines() {
    let text = "keys = [\n  { on = \"x\", run = \"remove\" },\n  { on = [\"x\", \"e\"], run = \"add\" },\n]";
    tells(text, &["config.toml:3: 'x' runs 'add' here and 'remove' in line 2, both in installed"]);
    let keymap = configured(text).keymap.unwrap();
    assert_eq!(action(&keymap, Scope::Installed, "x"), Some(Action::Remove));
    assert_eq!(action(&keymap, Scope::Installed, "e"), Some(Action::Add));
}

#[test]
fn no_table_of_keys_makes_a_slip_dangerous() {
    for (entry, words) in [
        ("{ on = \"w\", run = \"yes\", scope = \"review\" }", "says yes does nothing else"),
        ("{ on = \"enter\", run = \"yes\", scope = \"review\" }", "says yes does nothing else"),
        ("{ on = \"y\", run = \"review\", scope = \"main\" }", "'y' says yes and nothing else"),
        ("{ on = \"esc\", run = \"quit\", scope = \"main\" }", "esc never quits"),
        ("{ on = \"ctrl-c\", run = \"down\", scope = \"main\" }", "ctrl-c always stops or quits"),
        ("{ on = \"x\", run = \"page-down\", scope = \"filter\" }", "'x' is typed in filter"),
        ("{ on = \"x\", run = \"redraw\" }", "'x' is typed in always"),
    ] {
        let text = format!("keys = [{entry}]");
        tells(&text, &[words]);
        assert_eq!(configured(&text).keymap, Some(Keymap::embedded().unwrap()), "{entry}");
    }
    let pressed = keymap("keys = [{ on = \"A\", run = \"yes\", scope = \"review\" }]");
    assert_eq!(action(&pressed, Scope::Review, "A"), Some(Action::Yes));
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    for text in ["mouse = true\n= 3", "mouse = true\nmouse = false", "a = \"\u{1}\"", &"[".repeat(200_000)] {
        let read = configured(text);
        assert_eq!(read.problems.len(), 1, "{:?}", read.problems);
        assert!(read.problems[0].words.contains("nothing in the file counts"), "{:?}", read.problems);
        assert_eq!(Configuration { problems: Vec::new(), ..read }, Configuration::default());
    }
    assert!(told("mouse = true\n= 3")[0].starts_with("config.toml:2: "));
}
