//! The filter of pane 3.

use tui_input::Input;

/// What is typed, and which generations have it.
#[derive(Debug, Default)]
pub struct HistoryFilter {
    /// The text; empty shows all.
    pub text: Input,
    /// Whether keys go to it.
    pub typing: bool,
    /// What can be found of each generation, in the order of the profile's; made when it is needed.
    pub found_by: Vec<GenerationWords>,
    /// Generations that have it, newest first, as indices; nothing while there is no filter.
    pub kept: Option<Vec<usize>>,
}

/// What a generation is found by, in small letters.
#[derive(Debug, Default)]
pub struct GenerationWords {
    /// Its number, and the parts of its date and age.
    pub numbers: Vec<String>,
    /// When it was made and what it changed.
    pub text: String,
}
