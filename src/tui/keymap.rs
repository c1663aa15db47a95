//! Keys to actions: a table read from `assets/keymap.toml`, from which hints and help are made.
