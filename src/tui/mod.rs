//! The interface, Elm-shaped: a [`model::Model`] holds everything, [`update`] answers a
//! [`msg::Msg`] with [`effect::Effect`]s, [`view`] draws, [`runtime`] performs effects on
//! worker threads and owns the terminal.
//!
//! Only `runtime` and this module touch `ops`; `update` and `view` are pure.

#![deny(clippy::disallowed_methods)]

use crate::ops::Context;
use crate::system::terminal_colours::ColourDepth;

use configuration::Configuration;

pub mod action;
pub mod configuration;
pub mod effect;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod overlays;
pub mod panes;
pub mod pointer;
#[allow(clippy::disallowed_methods, reason = "it owns the worker threads and the clock")]
pub mod runtime;
pub mod start;
pub mod theme;
pub mod update;
pub mod view;

/// What the command line, the environment and the configuration decide about the interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Boxes and glyphs are ASCII.
    pub ascii: bool,
    /// What the terminal can show.
    pub colours: ColourDepth,
    /// What the user has set.
    pub configuration: Configuration,
}

pub use runtime::{check_configuration, options};

/// Runs the interface until the user quits; the terminal is given back however it ends.
pub fn run(context: Context, options: Options) -> anyhow::Result<()> {
    runtime::run(context, options)
}

/// As [`run_keys`], but gives the frame with its styles, for pictures.
pub fn run_frame(
    context: Context,
    options: Options,
    keys: &str,
    size: (u16, u16),
) -> anyhow::Result<ratatui::buffer::Buffer> {
    runtime::run_frame(context, options, keys, size)
}

/// Feeds keys (`j j + w <enter>`), lets all work settle after each, and gives the resulting frame
/// as text, lines without trailing blanks. The keys act for real, `y` included.
pub fn run_keys(context: Context, options: Options, keys: &str, size: (u16, u16)) -> anyhow::Result<String> {
    runtime::run_keys(context, options, keys, size)
}
