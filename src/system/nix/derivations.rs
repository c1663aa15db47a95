//! Asks for the outputs of derivations. Versions print them in two shapes: by whole paths, and since
//! 2.32 below `derivations`, by base names.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{NixStore, arguments, import};
use crate::core::contained_outputs::DerivationOutputs;
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::machine::{StoreError, Watch};

/// How many derivations one process is asked for.
const AT_ONCE: usize = 400;

#[derive(Deserialize)]
struct Derivation {
    outputs: BTreeMap<String, Output>,
}

#[derive(Deserialize)]
struct Output {
    path: Option<String>,
}

impl NixStore {
    /// The outputs of those derivations that are in the store.
    pub(super) fn outputs_of(
        &self,
        derivations: &[StorePath],
        watch: &Watch<'_>,
    ) -> Result<Vec<(StorePath, DerivationOutputs)>, StoreError> {
        let present: Vec<StorePath> =
            derivations.iter().filter(|path| import::exists(path)).cloned().collect();
        let mut found = Vec::new();
        for part in present.chunks(AT_ONCE) {
            let output = self.run(&arguments::show_derivations(part, &self.options), watch)?;
            let read = read(&output, &self.store_dir)
                .map_err(|reason| StoreError::Output { command: "nix derivation show".to_owned(), reason });
            found.extend(read?);
        }
        found.sort_unstable_by(|a: &(StorePath, _), b| a.0.cmp(&b.0));
        Ok(found)
    }
}

fn read(output: &[u8], store_dir: &StoreDir) -> Result<Vec<(StorePath, DerivationOutputs)>, String> {
    let mut document: Value = serde_json::from_slice(output).map_err(|error| error.to_string())?;
    let all = match document.get_mut("derivations") {
        Some(derivations) => derivations.take(),
        None => document,
    };
    let all: BTreeMap<String, Derivation> = serde_json::from_value(all).map_err(|error| error.to_string())?;
    let whole = |text: &str| {
        let text = if text.starts_with('/') { text.to_owned() } else { format!("{store_dir}/{text}") };
        StorePath::parse(store_dir, &text)
    };
    all.into_iter()
        .map(|(path, derivation)| {
            let outputs = derivation.outputs.into_iter();
            let outputs = outputs.map(|(name, it)| (name, it.path.and_then(|path| whole(&path).ok())));
            Ok((whole(&path).map_err(|error| error.to_string())?, outputs.collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_are_read() {
        let hash = "jkr9kfwwbpvmapc85b9lpqpi5f0gsrd3";
        let newer = format!(
            r#"{{"derivations":{{"{hash}-z.drv":{{"outputs":{{"dev":{{"path":"{hash}-z-dev"}},"out":{{}}}}}}}},"version":4}}"#
        );
        let older = format!(
            r#"{{"/s/{hash}-z.drv":{{"outputs":{{"dev":{{"path":"/s/{hash}-z-dev"}},"out":{{}}}}}}}}"#
        );
        for text in [newer, older] {
            let found = read(text.as_bytes(), &StoreDir::new("/s")).unwrap();
            assert_eq!(found[0].0.name(), "z.drv");
            assert_eq!(found[0].1["dev"].as_ref().unwrap().name(), "z-dev");
            assert_eq!(found[0].1["out"], None);
        }
        assert!(read(b"[]", &StoreDir::new("/s")).is_err());
    }
}
