//! Writing `manifest.json`: keys sorted by bytes and nothing between them, as Nix does.
//!
//! An element without a source keeps only `active`, `priority` and `storePaths`. Fields stand in
//! the order of their keys and are written as they come, without a tree of values in between.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use crate::core::store_path::StorePath;

#[derive(Serialize)]
struct WrittenManifest<'a> {
    elements: &'a BTreeMap<String, ProfileElement>,
    version: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenElement<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    attr_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<&'a ExtendedOutputsSpec>,
    priority: i32,
    store_paths: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

impl ProfileManifest {
    /// Prints version 3 exactly as Nix writes it.
    pub fn to_json(&self) -> String {
        let manifest = WrittenManifest { elements: &self.elements, version: 3 };
        // Text and numbers can always be written.
        serde_json::to_string(&manifest).unwrap_or_default()
    }
}

impl ProfileElement {
    /// The element as a JSON value with the keys of `manifest.json`.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Serialize for ProfileElement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let source = self.source.as_ref();
        let element = WrittenElement {
            active: self.active,
            attr_path: source.map(|source| source.attr_path.as_str()),
            original_url: source.map(|source| source.original_url.as_str()),
            outputs: source.map(|source| &source.outputs),
            priority: self.priority,
            store_paths: self.store_paths.iter().map(StorePath::as_str).collect(),
            url: source.map(|source| source.url.as_str()),
        };
        element.serialize(serializer)
    }
}

impl Serialize for ExtendedOutputsSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default => serializer.serialize_none(),
            Self::All => ["*"].serialize(serializer),
            Self::Names(names) => names.serialize(serializer),
        }
    }
}
