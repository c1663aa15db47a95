//! What the user has set, from one TOML file: `config.toml` in firn's configuration folder.
//!
//! Whatever is wrong in it is told with its line ([`Problem`]) and the default counts
//! there, so that no file keeps the interface from opening. The entries and their
//! defaults are printed by `firn config` ([`default_text()`]). Pure: files are read by
//! the runtime, which hands over their text.

use toml::de::DeTable;

use super::keymap::Keymap;
use super::theme::Theme;

mod default_text;
mod keys;
mod reader;
mod settings;
#[cfg(test)]
mod tests;

pub use crate::system::configuration_file::Problem;
pub use default_text::default_text;
pub use reader::{Reader, Value, suggestion};
pub use settings::{Column, Settings};

/// The entries of the file.
const ENTRIES: [&str; 6] = ["theme", "mouse", "columns", "confirm", "colours", "keys"];

/// What the user has set; the default is what counts without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Ways to work.
    pub settings: Settings,
    /// Styles; none is `terminal`.
    pub theme: Option<Theme>,
    /// Keys; none is the table that comes with firn.
    pub keymap: Option<Keymap>,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
}

/// Finds a theme by the name or path somebody gave, with what is wrong in it; or words why not.
pub type FindTheme<'f> = &'f dyn Fn(&str) -> Result<(Theme, Vec<Problem>), String>;

/// Reads the text of the file called `file`. A theme that was `asked` for counts in place of the
/// one named there.
pub fn read(file: &str, text: &str, asked: Option<Theme>, find: FindTheme<'_>) -> Configuration {
    let mut reader = Reader::new(file, text);
    let Some(table) = reader.table() else {
        return Configuration { theme: asked, problems: reader.problems, ..Configuration::default() };
    };
    for key in table.keys().filter(|key| !ENTRIES.contains(&key.get_ref().as_ref())) {
        reader.unknown(key, "entry of the configuration", &ENTRIES);
    }
    let settings = Settings::read(&mut reader, &table);
    let theme = theme(&mut reader, &table, asked, find);
    let keymap = keys::read(&mut reader, &table);
    let keymap = if settings.confirm_rollback { keymap } else { without_asking(keymap) };
    let mut problems = reader.problems;
    problems.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    Configuration { settings, theme, keymap, problems }
}

/// The theme with the user's own colours in it; none if nothing is said about either.
fn theme<'t>(
    reader: &mut Reader<'t>,
    table: &DeTable<'t>,
    asked: Option<Theme>,
    find: FindTheme<'_>,
) -> Option<Theme> {
    let named = table.get("theme").and_then(|value| {
        let name = reader.text("theme", value)?;
        match find(name) {
            Ok((theme, problems)) => {
                reader.problems.extend(problems);
                Some(theme)
            }
            Err(words) => {
                reader.wrong(value.span(), words);
                None
            }
        }
    });
    let theme = asked.or(named);
    let Some(value) = table.get("colours") else { return theme };
    let mut theme = theme.or_else(|| Theme::named("terminal"))?;
    if let Some(colours) = reader.below("colours", value) {
        theme.take(reader, colours, &[]);
    }
    Some(theme)
}

/// Help must not promise a question that is not asked.
fn without_asking(keymap: Option<Keymap>) -> Option<Keymap> {
    keymap.or_else(|| Keymap::embedded().ok()).map(Keymap::without_asking)
}
