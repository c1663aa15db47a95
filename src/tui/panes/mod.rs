//! The parts of the main screen: lines at its edges, the lists, the preview.
//!
//! Each draws itself into an area and decides by the area's size what to leave out.
//! Columns go in this order: source, old version, priority; names and glyphs stay.

pub mod bars;
pub mod comparison_text;
pub mod details;
pub mod difference;
pub mod element;
pub mod element_history;
pub mod environment;
pub mod history;
pub mod info;
pub mod installed;
pub mod preview;
pub mod registry;
pub mod registry_edit;
pub mod states;
pub mod strip;
pub mod tree;
pub mod upgrade;
