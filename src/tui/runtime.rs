//! The loop that owns the terminal, and the worker lanes.
