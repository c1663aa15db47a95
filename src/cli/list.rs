//! `firn list`: one line per element, or the manifest as Nix prints it.
//!
//! A profile of nix-env is printed as `{"elements":{NAME:element},"userEnvironment":1}`: elements as in
//! a manifest, each with a `package` that holds what nix-env records beside that. It has no `version`,
//! so that nobody takes it for a manifest. Names and sources that would fill more than a line lose their end; the JSON has them whole.

use serde_json::json;

use super::failure::Failure;
use super::meant::Invocation;
use super::open;
use super::printer::Printer;
use super::table;
use crate::core::home_manager;
use crate::core::manifest::ProfileElement;
use crate::core::plan::json as plan_json;
use crate::core::store_path::StorePath;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::load_profile::load_base;

/// More than the version of any package.
const WIDEST_VERSION: usize = 40;

/// Room for a flake reference with a hash, or the store paths of a few outputs.
const WIDEST_SOURCE: usize = 300;

/// Lists the elements.
pub fn run(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    let printer = invocation.printer;
    let (state, base) = load_base(context)?;
    open::tell_state(&state, context, printer);
    if invocation.json && base.manifest.environment.is_some() {
        let value = json!({ "elements": plan_json::elements(&base.manifest), "userEnvironment": 1 });
        return Ok(printer.json_text(&value.to_string())?);
    }
    if invocation.json {
        return Ok(printer.json_text(&base.manifest.to_json())?);
    }
    let rows: Vec<Vec<String>> =
        base.manifest.elements.iter().map(|(name, element)| row(name, element, printer)).collect();
    Ok(printer.data(&table::lines(&rows))?)
}

fn row(name: &str, element: &ProfileElement, printer: Printer) -> Vec<String> {
    let state = if element.active { "on" } else { "off" };
    let cell = |text: &str, width| table::cut(&visible::text(text), width, printer.ellipsis());
    vec![
        cell(name, table::WIDEST),
        cell(&element.plain_versions(), WIDEST_VERSION),
        format!("{:>4}", element.priority),
        state.to_owned(),
        cell(&source(element), WIDEST_SOURCE),
    ]
}

/// Where the element came from, as one would type it, with the revision it is locked to; store paths
/// if nothing else is known.
fn source(element: &ProfileElement) -> String {
    let Some(source) = &element.source else {
        let paths = element.store_paths.iter().map(StorePath::as_str).collect::<Vec<_>>().join(" ");
        return if home_manager::is_its_own(element) { format!("home-manager  {paths}") } else { paths };
    };
    let reference = source.original_url.strip_prefix("flake:").unwrap_or(&source.original_url);
    let typed = format!("{reference}#{}{}", source.short_attribute(None), source.outputs);
    match source.revision() {
        Some(revision) if !reference.contains(revision) => format!("{typed}  {}", &revision[..7]),
        _ => typed,
    }
}
