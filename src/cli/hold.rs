//! `firn hold` and `firn unhold`: notes of firn's own on elements that are not to be upgraded.

use serde_json::json;

use super::failure::Failure;
use super::meant::{Invocation, Pick};
use super::{pick, tree};
use crate::core::manifest::ProfileManifest;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::hold::{Holding, held, hold};

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
        would_change(context, &base.manifest, &names, holding)?
    } else {
        hold(context, &base.manifest, &names, holding)?
    };
    if invocation.json {
        let key = if holding == Holding::Hold { "held" } else { "released" };
        return Ok(printer.json(&json!({ key: changed }))?);
    }
    let (is_dry, program) = (invocation.changing.dry_run, invocation.place.program());
    for name in &names {
        let words = match (holding, changed.contains(name), is_dry) {
            (Holding::Hold, true, false) => format!("is held: '{program} upgrade' leaves it as it is"),
            (Holding::Hold, true, true) => {
                format!("would be held: '{program} upgrade' would leave it as it is")
            }
            (Holding::Hold, false, _) => "was held already".to_owned(),
            (Holding::Unhold, true, false) => "is upgraded again with the others".to_owned(),
            (Holding::Unhold, true, true) => "would be upgraded again with the others".to_owned(),
            (Holding::Unhold, false, _) => "was not held".to_owned(),
        };
        printer.note(&format!("{} {words}", visible::text(name)));
    }
    Ok(())
}

/// The elements of which something would be noted.
fn would_change(
    context: &Context,
    manifest: &ProfileManifest,
    names: &[String],
    holding: Holding,
) -> anyhow::Result<Vec<String>> {
    let held = held(context, manifest)?;
    let changes = |name: &&String| held.contains(*name) == (holding == Holding::Unhold);
    Ok(names.iter().filter(changes).cloned().collect())
}
