//! The interface, Elm-shaped: a [`model::Model`] holds everything, [`update`] answers a
//! [`msg::Msg`] with [`effect::Effect`]s, [`view`] draws, [`runtime`] performs effects on
//! worker threads and owns the terminal.
//!
//! Only `runtime` and this module touch `ops`; `update` and `view` are pure.

pub mod action;
pub mod effect;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod overlays;
pub mod panes;
pub mod runtime;
pub mod theme;
pub mod update;
pub mod view;
