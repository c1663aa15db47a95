//! The screens on top of the main one, drawn.
