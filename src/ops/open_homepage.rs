//! Finds the homepage of an element and shows it to the desktop. Finding may evaluate; both are
//! done only when somebody asks.

use anyhow::Context as _;

use super::Context;
use crate::core::manifest::ElementSource;
use crate::core::nix_options::NixOptions;
use crate::system::machine::Watch;
use crate::system::opener::{Opened, Opener};

/// The address that the element's package names; `None` if it names none.
pub fn find_homepage(
    context: &Context,
    (source, options): (&ElementSource, &NixOptions),
    watch: &Watch<'_>,
) -> anyhow::Result<Option<String>> {
    let found = if options.is_empty() {
        context.store.homepage(source, watch)?
    } else {
        context.store.with_options(options)?.homepage(source, watch)?
    };
    Ok(found.map(|address| address.trim().to_owned()).filter(|address| !address.is_empty()))
}

/// Hands a page to the desktop.
pub fn open_page(address: &str) -> anyhow::Result<Opened> {
    Opener::of_process().open(address).context("the page was not opened")
}
