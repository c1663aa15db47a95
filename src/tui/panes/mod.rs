//! The panes of the main screen, drawn.
