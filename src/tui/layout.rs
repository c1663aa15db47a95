//! Where the panes go at each size of terminal.
