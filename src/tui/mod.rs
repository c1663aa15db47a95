//! The interface, Elm-shaped: a [`model::Model`] holds everything, [`update`] answers a
//! [`msg::Msg`] with [`effect::Effect`]s, [`view`] draws, [`runtime`] performs effects on
//! worker threads and owns the terminal.
//!
//! Only `runtime` and this module touch `ops`; `update` and `view` are pure.

#![deny(clippy::disallowed_methods)]

use crate::ops::Context;

pub mod action;
pub mod effect;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod overlays;
pub mod panes;
#[allow(clippy::disallowed_methods, reason = "it owns the worker threads and the clock")]
pub mod runtime;
pub mod start;
pub mod theme;
pub mod update;
pub mod view;

/// What the command line decides about the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Boxes and glyphs are ASCII.
    pub ascii: bool,
    /// Colours are used; false under `NO_COLOR`.
    pub colour: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { ascii: false, colour: true }
    }
}

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
