//! Reads the user's configuration and themes, before the terminal is taken.
//!
//! A file that cannot be read is a [`Problem`] like a wrong line in it; only a theme
//! asked for on the command line ends the program when it is not there.

use std::path::Path;

use crate::system::configuration_file::{self, Problem};
use crate::system::own_folders::OwnFolders;
use crate::system::terminal_colours::ColourDepth;
use crate::tui::Options;
use crate::tui::configuration::{self, Configuration, suggestion};
use crate::tui::theme::Theme;

/// What the interface starts with; words if there is no such theme.
pub fn options(folders: &OwnFolders, ascii: bool, theme: Option<&str>) -> Result<Options, String> {
    let asked = theme.map(|name| find(&folders.config, Path::new(""), name)).transpose()?;
    let (theme, problems) = asked.map_or((None, Vec::new()), |(theme, problems)| (Some(theme), problems));
    let (_, mut configuration) = read(folders, theme);
    configuration.problems.extend(problems);
    Ok(Options { ascii, colours: ColourDepth::from_environment(), configuration })
}

/// Whether there is a configuration, and what is wrong with it.
pub fn check_configuration(folders: &OwnFolders) -> (bool, Vec<Problem>) {
    let (is_there, configuration) = read(folders, None);
    (is_there, configuration.problems)
}

fn read(folders: &OwnFolders, asked: Option<Theme>) -> (bool, Configuration) {
    let path = folders.configuration();
    let file = path.to_string_lossy();
    match configuration_file::read(&path) {
        Ok(Some(text)) => {
            let find = |name: &str| find(&folders.config, &folders.config, name);
            (true, configuration::read(&file, &text, asked, &find))
        }
        Ok(None) => (false, Configuration { theme: asked, ..Configuration::default() }),
        Err(error) => {
            let words = format!("{error}; the defaults count");
            let problems = vec![Problem { file: file.into_owned(), line: None, words }];
            (true, Configuration { theme: asked, problems, ..Configuration::default() })
        }
    }
}

/// A theme by its name or, if it looks like one, its path, which begins in `here`.
fn find(folder: &Path, here: &Path, name: &str) -> Result<(Theme, Vec<Problem>), String> {
    let is_path = name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "toml");
    let own = folder.join("themes");
    let path = if is_path { here.join(name) } else { own.join(format!("{name}.toml")) };
    match configuration_file::read(&path) {
        Ok(Some(text)) => Ok(Theme::read(&path.to_string_lossy(), &text)),
        Err(error) => Err(format!("the theme {} cannot be shown: {error}", path.display())),
        Ok(None) if is_path => Err(format!("there is no theme at {}", path.display())),
        Ok(None) => Theme::named(name).map(|theme| (theme, Vec::new())).ok_or_else(|| none(&own, name)),
    }
}

fn none(own: &Path, name: &str) -> String {
    let mut names: Vec<String> = Theme::names().map(str::to_owned).collect();
    names.extend(configuration_file::themes(own));
    let near = suggestion(name, names.iter().map(String::as_str));
    if near.is_empty() {
        return format!("there is no theme '{name}'; there are {}", names.join(", "));
    }
    format!("there is no theme '{name}'{near}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folders() -> (tempfile::TempDir, OwnFolders) {
        let folder = tempfile::tempdir().unwrap();
        let below = |name: &str| folder.path().join(name);
        let folders = OwnFolders { state: below("state"), data: below("data"), config: below("config") };
        fs::create_dir_all(folders.config.join("themes")).unwrap();
        (folder, folders)
    }

    fn theme(folders: &OwnFolders, name: Option<&str>) -> Theme {
        options(folders, false, name).unwrap().configuration.theme.unwrap()
    }

    #[test]
    fn themes_are_found_by_name_and_path() {
        let (_folder, folders) = folders();
        let own = "base = \"light\"\nkey = { fg = \"1\" }\n";
        fs::write(folders.config.join("themes/mine.toml"), own).unwrap();
        let mine = theme(&folders, Some("mine"));
        assert_eq!(mine.text, Theme::named("light").unwrap().text);
        let path = folders.config.join("themes/mine.toml");
        assert_eq!(theme(&folders, path.to_str()), mine);
        fs::write(folders.configuration(), "theme = \"themes/mine.toml\"").unwrap();
        assert_eq!(theme(&folders, None), mine);
        fs::write(folders.configuration(), "theme = \"mine\"").unwrap();
        assert_eq!(theme(&folders, None), mine);
        assert_eq!(theme(&folders, Some("dark")), Theme::named("dark").unwrap());
    }

    #[test]
    fn a_theme_that_is_not_there_is_told() {
        let (_folder, folders) = folders();
        fs::write(folders.config.join("themes/mine.toml"), "").unwrap();
        assert_eq!(
            options(&folders, false, Some("drak")),
            Err("there is no theme 'drak'; did you mean 'dark'?".to_owned())
        );
        let words = options(&folders, false, Some("solarized")).unwrap_err();
        assert!(words.ends_with("there are terminal, dark, light, plain, mine"), "{words}");
        assert!(options(&folders, false, Some("./x.toml")).unwrap_err().contains("no theme at ./x.toml"));
        fs::write(folders.configuration(), "theme = \"drak\"").unwrap();
        let (is_there, problems) = check_configuration(&folders);
        assert!(is_there && problems.len() == 1 && problems[0].line == Some(1), "{problems:?}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_a_problem_and_no_more() {
        let (_folder, folders) = folders();
        assert_eq!(check_configuration(&folders), (false, Vec::new()));
        fs::create_dir(folders.configuration()).unwrap();
        let options = options(&folders, false, None).unwrap();
        let told = options.configuration.problems[0].to_string();
        assert!(told.contains("config.toml: it is not a file"), "{told}");
        assert_eq!(options.configuration.keymap, None);
    }
}
