//! `firn list`: one line per element, or the manifest as Nix prints it.

use super::failure::Failure;
use super::meant::Invocation;
use super::open;
use super::table;
use crate::core::manifest::ProfileElement;
use crate::core::store_path::StorePath;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::load_profile::load_base;

/// Lists the elements.
pub fn run(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    let printer = invocation.printer;
    let (state, base) = load_base(context)?;
    open::tell_state(&state, context, printer)?;
    if invocation.json {
        return Ok(printer.json_text(&base.manifest.to_json())?);
    }
    let rows: Vec<Vec<String>> =
        base.manifest.elements.iter().map(|(name, element)| row(name, element)).collect();
    Ok(printer.data(&table::lines(&rows))?)
}

fn row(name: &str, element: &ProfileElement) -> Vec<String> {
    let state = if element.active { "on" } else { "off" };
    [
        name.to_owned(),
        element.versions(),
        format!("{:>4}", element.priority),
        state.to_owned(),
        source(element),
    ]
    .map(|cell| visible::text(&cell))
    .to_vec()
}

/// Where the element came from; store paths themselves if nothing else is known.
fn source(element: &ProfileElement) -> String {
    match &element.source {
        Some(_) => element.identifier(),
        None => element.store_paths.iter().map(StorePath::as_str).collect::<Vec<_>>().join(" "),
    }
}
