//! A style for every meaning, one list for the fields, their names and the way to them.

use ratatui::style::Style;

macro_rules! meanings {
    ($($(#[doc = $words:literal])+ $name:ident,)+) => {
        /// A style for every meaning.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Theme {
            $($(#[doc = $words])+ pub $name: Style,)+
        }

        /// The meanings by name, each with what it stands for.
        pub const MEANINGS: &[(&str, &str)] = &[$((stringify!($name), concat!($($words),+))),+];

        impl Theme {
            /// The style of a meaning, to be changed.
            pub fn style_mut(&mut self, meaning: &str) -> Option<&mut Style> {
                match meaning {
                    $(stringify!($name) => Some(&mut self.$name),)+
                    _ => None,
                }
            }

            /// Every style, in the order of [`MEANINGS`].
            pub fn styles_mut(&mut self) -> Vec<&mut Style> {
                vec![$(&mut self.$name),+]
            }
        }
    };
}

meanings! {
    /// Whatever has no meaning of its own; with a background it fills the screen.
    text,
    /// The first line.
    title,
    /// Words that stand back: column titles, explanations.
    faint,
    /// Words that stand out: names in cards, headings.
    strong,
    /// The border of a pane.
    border,
    /// The border of the pane with the focus.
    focus,
    /// The row under the cursor of the pane with the focus.
    cursor,
    /// A key in hints and help.
    key,
    /// What comes.
    added,
    /// What goes.
    removed,
    /// What becomes another thing.
    changed,
    /// A higher version.
    upgraded,
    /// A lower version.
    downgraded,
    /// Another priority, switched on or off.
    adjusted,
    /// A collision that blocks.
    blocking,
    /// Hidden by a stronger element.
    shadowed,
    /// A tie that shows up when the winner goes.
    latent,
    /// Locked to a revision.
    locked,
    /// Switched off.
    off,
    /// The live generation.
    live,
    /// A generation that is kept from being deleted.
    kept,
    /// A marked row.
    marked,
    /// All is well.
    good,
    /// Something went wrong.
    error,
}
