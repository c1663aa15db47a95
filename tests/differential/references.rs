//! Whether a profile in the store is sound: its references recorded, its contents as they were hashed.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::PrivateNix;

/// What is wrong with the profile at a store path, if anything.
pub fn problem(nix: &PrivateNix, path: &Path) -> Option<String> {
    let manifest = std::fs::read_to_string(path.join("manifest.json")).unwrap();
    let expected = element_paths(&manifest);
    let recorded: BTreeSet<String> = nix.references(path.to_str().unwrap()).into_iter().collect();
    if recorded != expected {
        return Some(format!("the references are wrong\n{recorded:?}\nelements hold {expected:?}"));
    }
    let output = nix.output("nix-store", &["--verify", "--check-contents"]);
    let text = String::from_utf8_lossy(&output.stderr);
    let bad = text
        .lines()
        .find(|line| line.contains("modified") || line.contains("error") || line.contains("disappeared"));
    match bad {
        Some(line) => Some(format!("nix-store --verify --check-contents: {line}")),
        None => (!output.status.success())
            .then(|| format!("nix-store --verify --check-contents: {}", output.status)),
    }
}

/// The store paths of all elements of a manifest, of any version.
pub fn element_paths(manifest: &str) -> BTreeSet<String> {
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap_or_default();
    let elements = &manifest["elements"];
    let all = elements.as_object().map(|map| map.values().collect::<Vec<_>>());
    let all = all.or_else(|| elements.as_array().map(|list| list.iter().collect())).unwrap_or_default();
    all.iter()
        .filter_map(|element| element["storePaths"].as_array())
        .flatten()
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect()
}
