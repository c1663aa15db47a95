//! The interface, Elm-shaped: a [`model::Model`] holds everything, [`update`] answers a
//! [`msg::Msg`] with [`effect::Effect`]s, [`view`] draws, [`runtime`] performs effects on
//! worker threads and owns the terminal.
//!
//! Only `runtime` and this module touch `ops`; `update` and `view` are pure.

#![deny(clippy::disallowed_methods)]

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
pub mod theme;
pub mod update;
pub mod view;
