//! Homepages of elements, as far as somebody asked for them.

use std::collections::BTreeMap;

use crate::core::manifest::ElementSource;

/// What is known of homepages, and what is being asked.
#[derive(Debug, Default)]
pub struct HomePages {
    /// By locked reference and attribute.
    known: BTreeMap<(String, String), String>,
    /// The element that is being asked about, with its source.
    pub sought: Option<(String, ElementSource)>,
}

impl HomePages {
    /// The address of an element's homepage, if it was asked for before.
    pub fn of(&self, source: &ElementSource) -> Option<&str> {
        self.known.get(&(source.url.clone(), source.attr_path.clone())).map(String::as_str)
    }

    /// Remembers one; what is locked keeps its homepage.
    pub fn learn(&mut self, source: ElementSource, address: String) {
        self.known.insert((source.url, source.attr_path), address);
    }
}
