//! `firn list`: one line per element, or the manifest as Nix prints it.
//!
//! Names and sources that would fill more than a line lose their end; the JSON has them whole.

use super::failure::Failure;
use super::meant::Invocation;
use super::open;
use super::printer::Printer;
use super::table;
use crate::core::manifest::ProfileElement;
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
    open::tell_state(&state, context, printer)?;
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
        cell(&element.versions(), WIDEST_VERSION),
        format!("{:>4}", element.priority),
        state.to_owned(),
        cell(&source(element), WIDEST_SOURCE),
    ]
}

/// Where the element came from, as one would type it, with the revision it is locked to; store paths
/// if nothing else is known.
fn source(element: &ProfileElement) -> String {
    let Some(source) = &element.source else {
        return element.store_paths.iter().map(StorePath::as_str).collect::<Vec<_>>().join(" ");
    };
    let reference = source.original_url.strip_prefix("flake:").unwrap_or(&source.original_url);
    let typed = element.identifier().replacen(&source.original_url, reference, 1);
    let typed = typed.replacen(&source.attr_path, short_attribute(&source.attr_path), 1);
    match revision(&source.url) {
        Some(revision) if !reference.contains(revision) => format!("{typed}  {}", &revision[..7]),
        _ => typed,
    }
}

/// `legacyPackages.x86_64-linux.hello` as `hello`: what a flake looks for when `hello` is typed.
fn short_attribute(path: &str) -> &str {
    let mut parts = path.splitn(3, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("packages" | "legacyPackages"), Some(_), Some(rest)) => rest,
        _ => path,
    }
}

/// The commit a locked reference names.
fn revision(url: &str) -> Option<&str> {
    let is_revision = |word: &&str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    url.split(|letter: char| !letter.is_ascii_alphanumeric()).find(is_revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_shown_as_typed() {
        assert_eq!(
            short_attribute("legacyPackages.x86_64-linux.python3Packages.numpy"),
            "python3Packages.numpy"
        );
        assert_eq!(short_attribute("defaultPackage.x86_64-linux"), "defaultPackage.x86_64-linux");
        assert_eq!(short_attribute("hello"), "hello");
    }

    #[test]
    fn the_revision_of_a_locked_reference_is_found() {
        let revision_of = "9f2c1de4a8b360f7519ec2d38a6407bf51d90c6e";
        assert_eq!(
            revision(&format!("github:NixOS/nixpkgs/{revision_of}?narHash=sha256-x")),
            Some(revision_of)
        );
        assert_eq!(revision(&format!("git+file:///x?ref=main&rev={revision_of}")), Some(revision_of));
        assert_eq!(revision("path:/x?narHash=sha256-abc"), None);
    }
}
