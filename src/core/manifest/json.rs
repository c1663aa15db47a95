//! Reading `manifest.json`, any version, with errors that name the element.
//!
//! Told by the JSON and not by the version: a list makes names from the elements,
//! an object brings them. Told by the version: 1 says `uri` and `originalUri`.
//! A source counts if its `url` is there and not empty; then `attrPath` and the
//! original must be there too. Unknown keys are dropped, as Nix drops them at its
//! next write. Nothing is guessed: a manifest that Nix would refuse is refused, and
//! so are the few that crash Nix or change their meaning in its hands (an empty
//! list of outputs, a priority that does not fit 32 bits). Of a key that stands there
//! twice the last counts, as for Nix.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

// Borrows from the text: to make serde_json's tree and to free it again was a third of `firn list`.
use serde_json_borrow::{ObjectAsVec, Value};

use super::{
    DEFAULT_PRIORITY, ElementSource, ExtendedOutputsSpec, ManifestError, NumbersTaken, ProfileElement,
    ProfileManifest,
};
use crate::core::flake_ref;
use crate::core::store_path::{StoreDir, StorePath};

/// The names of the two URL keys, which version 1 called otherwise.
struct SourceKeys {
    url: &'static str,
    original: &'static str,
    /// References as they are printed, by how they stand there: most elements share theirs.
    printed: RefCell<HashMap<String, String, foldhash::fast::RandomState>>,
}

/// What is wrong with an element, without its name.
type Problem = String;

/// Reads a manifest of version 1, 2 or 3.
pub fn parse(text: &[u8], store_dir: &StoreDir) -> Result<ProfileManifest, ManifestError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let value: Value =
        serde_json::from_slice(text).map_err(|error| ManifestError::Syntax(error.to_string()))?;
    let Value::Object(manifest) = value else {
        return Err(ManifestError::Shape("it is not a JSON object".to_owned()));
    };
    let keys = source_keys(get(&manifest, "version"))?;
    let mut parsed = ProfileManifest::default();
    match get(&manifest, "elements") {
        None | Some(Value::Null) => {}
        Some(Value::Object(elements)) => {
            let elements: BTreeMap<&str, &Value<'_>> = elements.iter().collect();
            for (name, value) in elements {
                parsed.elements.insert(name.to_owned(), named(name, parse_element(value, &keys, store_dir))?);
            }
        }
        Some(Value::Array(elements)) => {
            let mut taken = NumbersTaken::new();
            for (index, value) in elements.iter().enumerate() {
                let (name, element) = named(&index.to_string(), parse_unnamed(value, &keys, store_dir))?;
                parsed.add_after(&name, element, &mut taken);
            }
        }
        Some(_) => return Err(ManifestError::Shape("'elements' is neither an object nor a list".to_owned())),
    }
    Ok(parsed)
}

fn source_keys(version: Option<&Value<'_>>) -> Result<SourceKeys, ManifestError> {
    let Some(version) = version else {
        return Err(ManifestError::Shape("it has no version; firn reads versions 1 to 3".to_owned()));
    };
    let printed = RefCell::default();
    match version.as_i64() {
        Some(1) => Ok(SourceKeys { url: "uri", original: "originalUri", printed }),
        Some(2 | 3) => Ok(SourceKeys { url: "url", original: "originalUrl", printed }),
        _ => Err(ManifestError::Version(version.to_string())),
    }
}

fn named<T>(element: &str, result: Result<T, Problem>) -> Result<T, ManifestError> {
    result.map_err(|problem| ManifestError::Element { element: element.to_owned(), problem })
}

/// The value of a key.
fn get<'a>(object: &'a ObjectAsVec<'_>, key: &str) -> Option<&'a Value<'a>> {
    object.iter().filter(|(name, _)| *name == key).last().map(|(_, value)| value)
}

fn parse_element(
    value: &Value<'_>,
    keys: &SourceKeys,
    store_dir: &StoreDir,
) -> Result<ProfileElement, Problem> {
    let element = value.as_object().ok_or("it is not an object")?;
    let active = match get(element, "active") {
        Some(Value::Bool(active)) => *active,
        Some(_) => return Err("'active' is neither true nor false".to_owned()),
        None => return Err("'active' is missing".to_owned()),
    };
    Ok(ProfileElement {
        active,
        priority: get(element, "priority").map_or(Ok(DEFAULT_PRIORITY), parse_priority)?,
        store_paths: parse_store_paths(get(element, "storePaths"), store_dir)?,
        source: parse_source(element, keys)?,
    })
}

/// Reads an element of a list and finds its name.
fn parse_unnamed(
    value: &Value<'_>,
    keys: &SourceKeys,
    store_dir: &StoreDir,
) -> Result<(String, ProfileElement), Problem> {
    let element = parse_element(value, keys, store_dir)?;
    match element.checked_base_name() {
        Ok(name) => Ok((name, element)),
        Err(reason) => Err(format!("its name cannot be told from '{}': {reason}", element.identifier())),
    }
}

fn parse_priority(value: &Value<'_>) -> Result<i32, Problem> {
    let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
    number.ok_or_else(|| format!("'priority' is {value}, not a whole number that fits 32 bits"))
}

fn parse_store_paths(value: Option<&Value<'_>>, store_dir: &StoreDir) -> Result<Vec<StorePath>, Problem> {
    let mut paths = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(paths)) => paths
            .iter()
            .map(|path| match path {
                Value::Str(path) => StorePath::parse(store_dir, path).map_err(|error| error.to_string()),
                _ => Err("'storePaths' holds something that is not a string".to_owned()),
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err("'storePaths' is not a list".to_owned()),
    };
    paths.sort_unstable();
    paths.dedup();
    Ok(paths)
}

fn parse_source(element: &ObjectAsVec<'_>, keys: &SourceKeys) -> Result<Option<ElementSource>, Problem> {
    match get(element, keys.url) {
        None => return Ok(None),
        Some(Value::Str(url)) if url.is_empty() => return Ok(None),
        Some(_) => {}
    }
    Ok(Some(ElementSource {
        original_url: reference(element, keys.original, keys)?,
        url: reference(element, keys.url, keys)?,
        attr_path: text(element, "attrPath")?.to_owned(),
        outputs: parse_outputs(get(element, "outputs"))?,
    }))
}

fn parse_outputs(value: Option<&Value<'_>>) -> Result<ExtendedOutputsSpec, Problem> {
    let outputs = match value {
        None | Some(Value::Null) => return Ok(ExtendedOutputsSpec::Default),
        Some(Value::Array(outputs)) => outputs,
        Some(_) => return Err("'outputs' is neither null nor a list".to_owned()),
    };
    let names: Option<Vec<&str>> = outputs.iter().map(|name| name.as_str()).collect();
    let mut names = names.ok_or("'outputs' holds something that is not a string")?;
    names.sort_unstable();
    names.dedup();
    match names[..] {
        [] => Err("'outputs' is an empty list, which no Nix can read".to_owned()),
        ["*"] => Ok(ExtendedOutputsSpec::All),
        _ => Ok(ExtendedOutputsSpec::Names(names.into_iter().map(str::to_owned).collect())),
    }
}

/// Nix prints every reference anew when it writes, so it is kept as Nix would print it.
fn reference(element: &ObjectAsVec<'_>, key: &str, keys: &SourceKeys) -> Result<String, Problem> {
    let text = text(element, key)?;
    if let Some(printed) = keys.printed.borrow().get(text) {
        return Ok(printed.clone());
    }
    let printed = flake_ref::normalize(text).map_err(|error| error.to_string())?;
    keys.printed.borrow_mut().insert(text.to_owned(), printed.clone());
    Ok(printed)
}

fn text<'a>(element: &'a ObjectAsVec<'_>, key: &str) -> Result<&'a str, Problem> {
    match get(element, key) {
        Some(Value::Str(text)) => Ok(text),
        Some(_) => Err(format!("'{key}' is not a string")),
        None => Err(format!("'{key}' is missing")),
    }
}
