//! Decodes what nix commands print as JSON, in the shapes that versions differ in.

use serde_json::Value;

use crate::core::store_graph::PathInfo;
use crate::core::store_path::{StoreDir, StorePath};

/// Sizes in bytes from `nix path-info --json`; paths that are not valid are left out.
///
/// An object from path to details (null if not valid), or in versions before 2.19 and in Lix a
/// list of details with a `path` and perhaps `valid: false`. Newer formats name paths without
/// the store folder.
pub(super) fn nar_sizes(text: &[u8], store_dir: &StoreDir) -> Result<Vec<(StorePath, u64)>, String> {
    let infos = path_infos(text, store_dir)?;
    Ok(infos.into_iter().map(|info| (info.path, info.nar_size)).collect())
}

/// All that firn uses of `nix path-info --json`; see [`nar_sizes`].
pub(super) fn path_infos(text: &[u8], store_dir: &StoreDir) -> Result<Vec<PathInfo>, String> {
    let document: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    // `--json-format 2` and later wrap the object.
    let paths = document.get("info").unwrap_or(&document);
    let entries: Vec<(&str, &Value)> = match paths {
        Value::Object(paths) => paths.iter().map(|(path, details)| (path.as_str(), details)).collect(),
        Value::Array(list) => {
            list.iter().filter_map(|details| Some((details.get("path")?.as_str()?, details))).collect()
        }
        _ => return Err("it is neither an object nor a list".to_owned()),
    };
    let mut infos = Vec::with_capacity(entries.len());
    for (path, details) in entries {
        let Some(nar_size) = details.get("narSize").and_then(Value::as_u64) else { continue };
        let references = details.get("references").and_then(Value::as_array).into_iter().flatten();
        let references = references.filter_map(Value::as_str).map(|path| store_path(store_dir, path));
        // "unknown-deriver", in some versions.
        let deriver = details.get("deriver").and_then(Value::as_str);
        infos.push(PathInfo {
            path: store_path(store_dir, path)?,
            nar_size,
            references: references.collect::<Result<_, _>>()?,
            deriver: deriver.and_then(|path| store_path(store_dir, path).ok()),
        });
    }
    Ok(infos)
}

fn store_path(store_dir: &StoreDir, path: &str) -> Result<StorePath, String> {
    let full = if path.starts_with('/') { path.to_owned() } else { format!("{store_dir}/{path}") };
    StorePath::parse(store_dir, &full).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "/s/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-a";

    fn sizes(text: &str) -> Result<Vec<(String, u64)>, String> {
        let sizes = nar_sizes(text.as_bytes(), &StoreDir::new("/s"))?;
        Ok(sizes.into_iter().map(|(path, size)| (path.to_string(), size)).collect())
    }

    #[test]
    fn every_shape_is_read() {
        let base = A.trim_start_matches("/s/");
        for text in [
            format!(r#"{{"{A}":{{"narSize":7,"x":[]}},"/s/zz":null}}"#),
            format!(r#"[{{"path":"{A}","narSize":7}},{{"path":"/s/zz","valid":false}}]"#),
            format!(r#"{{"info":{{"{base}":{{"narSize":7}}}},"storeDir":"/s","version":2}}"#),
        ] {
            assert_eq!(sizes(&text).unwrap(), [(A.to_owned(), 7)], "{text}");
        }
        assert_eq!(sizes("{}").unwrap(), []);
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in ["", "7", r#"{"/elsewhere/x":{"narSize":7}}"#] {
            assert!(sizes(text).is_err(), "{text}");
        }
    }
}
