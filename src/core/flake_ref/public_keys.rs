//! The keys that a Git commit may be signed with: one as two parameters, more as JSON.

use serde_json::Value;

use super::Problem;
use super::attributes::Attributes;
use crate::core::url::ParsedUrl;

/// What a key is if nothing is said.
const USUAL_TYPE: &str = "ssh-ed25519";

/// Prints the keys anew, as `keytype` and `publicKey` if it is one.
pub(super) fn put(url: &mut ParsedUrl, attributes: &Attributes) -> Result<(), Problem> {
    let mut keys = Vec::new();
    if let Some(list) = attributes.text("publicKeys")? {
        keys = read(list).ok_or_else(|| Problem::Part("list of keys", list.to_vec()))?;
    }
    if let Some(key) = attributes.text("publicKey")? {
        let kind = attributes.text("keytype")?.unwrap_or(USUAL_TYPE.as_bytes());
        keys.push((kind.to_vec(), key.to_vec()));
    }
    match &keys[..] {
        [] => {}
        [(kind, key)] => {
            url.query.insert(b"keytype".to_vec(), kind.clone());
            url.query.insert(b"publicKey".to_vec(), key.clone());
        }
        _ => {
            let printed = print(&keys).ok_or_else(|| Problem::Part("key", Vec::new()))?;
            url.query.insert(b"publicKeys".to_vec(), printed.into_bytes());
        }
    }
    Ok(())
}

type Key = (Vec<u8>, Vec<u8>);

fn read(list: &[u8]) -> Option<Vec<Key>> {
    let list: Value = serde_json::from_slice(list).ok()?;
    let key = |value: &Value| {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let kind = match value.get("type") {
            None => USUAL_TYPE,
            Some(_) => text("type")?,
        };
        Some((kind.as_bytes().to_vec(), text("key")?.as_bytes().to_vec()))
    };
    list.as_array()?.iter().map(key).collect()
}

fn print(keys: &[Key]) -> Option<String> {
    let object = |(kind, key): &Key| {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        Some(serde_json::json!({ "type": text(kind)?, "key": text(key)? }))
    };
    let keys: Option<Vec<Value>> = keys.iter().map(object).collect();
    serde_json::to_string(&keys?).ok()
}
