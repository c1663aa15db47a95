//! The text of `firn config`: every entry with its default and what it does.
//!
//! Reading it gives exactly the defaults. Entries are dotted, so that none stands under
//! a heading by mistake. The colours are comments, because they belong to one theme.

use std::fmt::Write as _;

use super::{Column, Settings};
use crate::tui::keymap::EMBEDDED;
use crate::tui::theme::{MEANINGS, Theme, text_of};

const THEME: &str = "terminal";

/// The whole file.
pub fn default_text() -> String {
    let defaults = Settings::default();
    let columns: Vec<String> = Column::NAMES.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let themes: Vec<&str> = Theme::names().collect();
    let mut text = format!(
        "# Configuration of firn, with every default. Save it as config.toml in firn's configuration
# folder ('firn config --check' says where that is, and what is wrong with the file).
# What is left out keeps its default; a line is enough.

# Colours: {}, the name of a file in the folder
# themes beside this file, or a path that ends in .toml. --theme on the command line wins; with
# NO_COLOR there are none.
theme = \"{THEME}\"

# Whether firn takes the mouse. Where it does, most terminals select text while shift is held.
mouse = {}

# What Installed shows beside the name, from left to right: {}.
columns = [{}]

# Whether firn asks before it goes back: false lets `-`, and `r` in History, switch at once.
confirm.rollback = {}

# Single colours of the theme, each with fg and bg (a name like \"red\", a number from \"0\" to
# \"255\", or \"#rrggbb\"), bold, dim, italic, underlined, reversed. What counts now:
",
        themes.join(", "),
        defaults.mouse,
        Column::NAMES.map(|(name, _)| name).join(", "),
        columns.join(", "),
        defaults.confirm_rollback,
    );
    colours(&mut text);
    keys(&mut text);
    text
}

fn colours(text: &mut String) {
    let table = text_of(THEME).unwrap_or_default();
    for (meaning, words) in MEANINGS {
        let is_it = |line: &&str| line.split_whitespace().next() == Some(*meaning);
        let style = table
            .lines()
            .find(is_it)
            .and_then(|line| line.split_once('='))
            .map_or("{ }", |(_, it)| it.trim());
        let _ = writeln!(text, "#{words}\n# colours.{meaning} = {style}");
    }
}

/// The table of keys as it stands, with what else an entry of the user can say.
fn keys(text: &mut String) {
    let (_, bindings) = EMBEDDED.split_once("bindings = [\n").unwrap_or_default();
    let about =
        EMBEDDED.lines().skip_while(|line| !line.starts_with("# on ")).take_while(|line| *line != "#");
    *text += "
# Keys. An entry says all keys of an action in a place; those it had there go, and whatever had
# the entry's keys there loses them:
#
#   keys = [
#     { on = \"x\", run = \"remove\", scope = \"installed\" },               another key
#     { on = [\"d\", \"x\"], run = \"remove\", scope = \"installed\" },        one more
#     { on = [], run = \"reverse\", scope = \"installed\" },               none
#     { on = \"ctrl-u\", run = \"nothing\", scope = \"main\" },              a key that does nothing
#   ]
#
";
    for line in about {
        let _ = writeln!(text, "{line}");
    }
    let _ = write!(text, "keys = [\n{bindings}");
}
