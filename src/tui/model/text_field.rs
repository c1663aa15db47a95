//! A line of text that something asks for.

use tui_input::Input;

/// The field on top of the screen.
#[derive(Debug)]
pub struct TextField {
    /// What the text is for.
    pub asks: Asks,
    /// As typed.
    pub typed: Input,
}

/// What a text is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The label of this generation.
    Label(u64),
    /// How many generations stay, the live one and those right below it.
    KeepLast,
    /// How many days old what goes must be.
    OlderThan,
    /// Options of Nix for this run.
    RunOptions,
    /// Options of Nix to be remembered for the marked elements, else the one under the cursor.
    ElementOptions,
    /// The flake whose packages are proposed as sources by a conversion.
    ConvertFrom,
    /// Where these packages of nix-env are upgraded from.
    UpgradeSource(Vec<String>),
}
