//! `firn hold` and `firn unhold`: notes of firn's own on elements that are not to be upgraded.

use serde_json::json;

use super::failure::Failure;
use super::meant::{Invocation, Pick};
use super::{pick, tree};
use crate::core::visible;
use crate::ops::Context;
use crate::ops::hold::{Holding, hold};

/// Holds elements or lets them go.
pub fn run(
    context: &Context,
    invocation: &Invocation,
    asked: &Pick,
    holding: Holding,
) -> Result<(), Failure> {
    let printer = invocation.printer;
    let base = tree::live(context, invocation)?;
    let names = pick::names(asked, &base.manifest, &base.store_dir, printer)?;
    let changed = if invocation.changing.dry_run {
        names.clone()
    } else {
        hold(context, &base.manifest, &names, holding)?
    };
    if invocation.json {
        let key = if holding == Holding::Hold { "held" } else { "released" };
        return Ok(printer.json(&json!({ key: changed }))?);
    }
    for name in &names {
        let words = match (holding, changed.contains(name)) {
            (Holding::Hold, true) => "is held: 'firn upgrade' leaves it as it is",
            (Holding::Hold, false) => "was held already",
            (Holding::Unhold, true) => "is upgraded again with the others",
            (Holding::Unhold, false) => "was not held",
        };
        printer.note(&format!("{} {words}", visible::text(name)));
    }
    Ok(())
}
