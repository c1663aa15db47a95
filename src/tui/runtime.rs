//! The loop that owns the terminal, and the worker lanes.

use super::Options;
use crate::ops::Context;

/// Runs the interface.
pub fn run(context: Context, options: Options) -> anyhow::Result<()> {
    let _ = (context, options);
    Ok(())
}

/// Runs keys without a terminal.
pub fn run_keys(context: Context, options: Options, keys: &str, size: (u16, u16)) -> anyhow::Result<String> {
    let _ = (context, options, keys, size);
    Ok(String::new())
}
