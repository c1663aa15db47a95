//! What `packages.nix` is asked, and what it answers.
//!
//! Questions go in as a string of JSON in the expression, so no name of an attribute is ever
//! read as Nix. Answers come out as a list with one entry per question.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::core::evaluation::{Evaluated, MetaFlags};
use crate::core::nix_text;
use crate::core::package::PackageName;
use crate::core::package_list::attribute_names;
use crate::core::store_path::{StoreDir, StorePath};

pub(super) const FUNCTION: &str = include_str!("packages.nix");

/// One answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The package, and which attribute path of its question was there; references are left open.
    Package(usize, Box<Evaluated>),
    /// None of the attribute paths is there.
    Missing,
    /// Something else is there: its type.
    NoPackage(String),
}

/// A function from a flake's outputs to the list of answers.
pub(super) fn expression(questions: &[Vec<String>], catch: bool) -> String {
    let paths: Vec<Vec<Vec<String>>> = questions
        .iter()
        .map(|candidates| candidates.iter().map(|path| attribute_names(path)).collect())
        .collect();
    let json = serde_json::to_string(&paths).unwrap_or_default();
    format!("({FUNCTION}) {{ catch = {catch}; questions = builtins.fromJSON {}; }}", nix_text::string(&json))
}

/// The shapes of an answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Package(PackageAnswer),
    Path(PathAnswer),
    Other {
        kind: String,
    },
    Missing {
        #[serde(rename = "missing")]
        _missing: bool,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PackageAnswer {
    index: usize,
    name: String,
    drv_path: String,
    outputs: Vec<OutputAnswer>,
    install: Vec<String>,
    priority: Option<i64>,
    about: About,
}

#[derive(Deserialize)]
struct OutputAnswer {
    name: String,
    path: String,
}

#[derive(Deserialize)]
struct About {
    description: Option<String>,
    homepage: Option<String>,
    licences: Option<Vec<String>>,
    unfree: Option<bool>,
    insecure: Option<bool>,
    broken: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathAnswer {
    index: usize,
    path: String,
    drv_path: Option<String>,
    output: Option<String>,
}

/// What was found, and the answer that told so.
pub(super) type Told = (Found, Value);

/// Reads the list; an answer is `None` if its question threw.
pub(super) fn answers(output: &[u8], store_dir: &StoreDir) -> Result<Vec<Option<Told>>, String> {
    let answers: Vec<Value> = serde_json::from_slice(output).map_err(|error| error.to_string())?;
    answers
        .into_iter()
        .map(|answer| match answer {
            Value::Null => Ok(None),
            answer => Ok(Some((found(answer.clone(), store_dir)?, answer))),
        })
        .collect()
}

/// What one answer says.
pub(super) fn found(answer: Value, store_dir: &StoreDir) -> Result<Found, String> {
    match serde_json::from_value(answer).map_err(|error| error.to_string())? {
        Answer::Missing { .. } => Ok(Found::Missing),
        Answer::Other { kind } => Ok(Found::NoPackage(in_words(&kind))),
        Answer::Path(answer) => path(answer, store_dir),
        Answer::Package(answer) => package(answer, store_dir),
    }
}

fn package(answer: PackageAnswer, store_dir: &StoreDir) -> Result<Found, String> {
    let PackageAnswer { index, name, drv_path, outputs, install, priority, about } = answer;
    let mut default_outputs = if install.is_empty() { vec!["out".to_owned()] } else { install };
    default_outputs.sort_unstable();
    default_outputs.dedup();
    // What is built under a path of its contents has a placeholder until then.
    let outputs =
        outputs.into_iter().map(|output| (output.name, StorePath::parse(store_dir, &output.path).ok()));
    let licences = about.licences.unwrap_or_default();
    Ok(Found::Package(
        index,
        Box::new(Evaluated {
            original_url: String::new(),
            url: String::new(),
            attr_path: String::new(),
            name,
            drv_path: Some(store_path(&drv_path, store_dir)?),
            outputs: outputs.collect(),
            default_outputs,
            // As Nix, which takes what does not fit for less than it is.
            priority: priority.and_then(|priority| i32::try_from(priority).ok()),
            flags: MetaFlags {
                unfree: about.unfree.unwrap_or(false),
                insecure: about.insecure.unwrap_or(false),
                broken: about.broken.unwrap_or(false),
            },
            description: about.description,
            homepage: about.homepage,
            licence: (!licences.is_empty()).then(|| licences.join(", ")),
            others: Vec::new(),
        }),
    ))
}

/// A store path in place of a derivation, perhaps with the one that makes it.
fn path(answer: PathAnswer, store_dir: &StoreDir) -> Result<Found, String> {
    let Ok(path) = StorePath::parse(store_dir, &answer.path) else {
        return Ok(Found::NoPackage("a text that is no store path".to_owned()));
    };
    let output = answer.output.unwrap_or_else(|| "out".to_owned());
    let name = PackageName::split(path.name());
    let name = if name.version.is_empty() { name.name.to_owned() } else { path.name().to_owned() };
    Ok(Found::Package(
        answer.index,
        Box::new(Evaluated {
            original_url: String::new(),
            url: String::new(),
            attr_path: String::new(),
            name,
            drv_path: answer.drv_path.map(|drv| store_path(&drv, store_dir)).transpose()?,
            outputs: BTreeMap::from([(output.clone(), Some(path))]),
            default_outputs: vec![output],
            priority: None,
            flags: MetaFlags::default(),
            description: None,
            homepage: None,
            licence: None,
            others: Vec::new(),
        }),
    ))
}

fn store_path(text: &str, store_dir: &StoreDir) -> Result<StorePath, String> {
    StorePath::parse(store_dir, text).map_err(|error| error.to_string())
}

/// Nix's name of a type, in words.
fn in_words(kind: &str) -> String {
    match kind {
        "set" => "a set of attributes, and no package".to_owned(),
        "lambda" => "a function, and no package".to_owned(),
        "null" => "null".to_owned(),
        kind => format!("a {kind}, and no package"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_data_and_never_code() {
        let text = expression(&[vec!["a.${x}\\".to_owned()]], true);
        assert!(text.ends_with(r#"builtins.fromJSON "[[[\"a\",\"\${x}\\\\\"]]]"; }"#), "{text}");
    }

    #[test]
    fn answers_have_four_shapes() {
        let hash = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";
        let text = format!(
            r#"[null,{{"missing":true}},{{"index":0,"kind":"set"}},
            {{"index":1,"path":"/s/{hash}-p-1","drvPath":"/s/{hash}-p-1.drv","output":"bin"}},
            {{"index":0,"name":"a-1","drvPath":"/s/{hash}-a-1.drv","install":["out","bin"],"priority":6,
              "outputs":[{{"name":"out","path":"/s/{hash}-a-1"}},{{"name":"bin","path":"/1abc"}}],
              "about":{{"description":"x","homepage":null,"licences":["MIT","BSD"],"unfree":false,
              "insecure":null,"broken":true}}}}]"#
        );
        let answers = answers(text.as_bytes(), &StoreDir::new("/s")).unwrap();
        let answers: Vec<Option<Found>> =
            answers.into_iter().map(|answer| answer.map(|(found, _)| found)).collect();
        assert_eq!(answers[0], None);
        assert_eq!(answers[1], Some(Found::Missing));
        assert!(matches!(&answers[2], Some(Found::NoPackage(kind)) if kind.starts_with("a set")));
        let Some(Found::Package(1, path)) = &answers[3] else { panic!("{:?}", answers[3]) };
        assert_eq!(path.default_outputs, ["bin"]);
        let Some(Found::Package(0, package)) = &answers[4] else { panic!("{:?}", answers[4]) };
        assert_eq!(package.default_outputs, ["bin", "out"]);
        assert_eq!((package.priority, package.flags.broken), (Some(6), true));
        assert_eq!((package.licence.as_deref(), package.outputs["bin"].is_none()), (Some("MIT, BSD"), true));
        assert!(super::answers(b"{}", &StoreDir::new("/s")).is_err());
    }
}
