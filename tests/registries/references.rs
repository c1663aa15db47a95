//! Random references: what they read as, and how they print.

use firn::core::flake_ref::{Attributes, FlakeRef};
use serde_json::{Value, json};

use crate::random::Random;
use crate::support::{self, PrivateNix};
use crate::write_reference::{Oddness, attributes, url};
use crate::{number, say};

/// Reads and prints each text, as a list of `[attributes, URL]`; null where firn refuses.
const READ: &str = "s: let r = builtins.parseFlakeRef s; in [ r (builtins.flakeRefToString r) ]";

/// Prints each set of attributes.
const PRINT: &str = "builtins.flakeRefToString";

/// Asks Nix to apply a function to each value of a list; `None` if it refuses one of them.
fn ask(nix: &PrivateNix, function: &str, values: &[&Value]) -> Option<Vec<Value>> {
    let file = nix.root().join(format!("work/{:?}.json", std::thread::current().id()));
    std::fs::write(&file, serde_json::to_vec(values).unwrap()).unwrap();
    let expression =
        format!("map ({function}) (builtins.fromJSON (builtins.readFile \"{}\"))", file.display());
    // Signed commits are an experiment of Nix's, which refuses their keys without it.
    let features = ["--extra-experimental-features", "verified-fetches"];
    let mut words = vec!["eval", "--impure", "--json", "--expr", &expression];
    words.extend(features);
    let output = nix.output("nix", &words);
    output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
}

/// What Nix says of each value: all at once if it takes them all, else in halves.
fn ask_each(nix: &PrivateNix, function: &str, values: &[&Value], answers: &mut Vec<Option<Value>>) {
    match ask(nix, function, values) {
        Some(all) => answers.extend(all.into_iter().map(Some)),
        None if values.len() == 1 => answers.push(None),
        None => {
            let (first, second) = values.split_at(values.len() / 2);
            ask_each(nix, function, first, answers);
            ask_each(nix, function, second, answers);
        }
    }
}

/// What Nix says of each value, where firn says `ours`. Those that firn takes are asked together:
/// that is one process if both agree.
fn nix_says(
    nix: &PrivateNix,
    function: &str,
    values: &[Value],
    ours: &[Option<Value>],
) -> Vec<Option<Value>> {
    let mut answers: Vec<Option<Value>> = vec![None; values.len()];
    let (taken, refused): (Vec<usize>, Vec<usize>) =
        (0..values.len()).partition(|&index| ours[index].is_some());
    let mut found = Vec::new();
    let taken_values: Vec<&Value> = taken.iter().map(|&index| &values[index]).collect();
    if !taken_values.is_empty() {
        ask_each(nix, function, &taken_values, &mut found);
    }
    for &index in &refused {
        found.push(ask(nix, function, &[&values[index]]).map(|mut answer| answer.remove(0)));
    }
    for (index, answer) in taken.into_iter().chain(refused).zip(found) {
        answers[index] = answer;
    }
    answers
}

fn read(text: &str) -> Option<Value> {
    let reference = FlakeRef::parse(text).ok()?;
    Some(json!([Value::Object(reference.attributes().to_json().ok()?), reference.as_str()]))
}

fn print(value: &Value) -> Option<Value> {
    let attributes = Attributes::from_json(value.as_object()?)?;
    Some(json!(FlakeRef::from_attributes(attributes).ok()?.as_str()))
}

/// Whether this Nix prints as the newest does.
pub fn is_new(nix: &PrivateNix) -> bool {
    !nix.run("nix", &["--version"]).contains(" 2.2")
}

/// Compares and gives the differences as text.
fn differences(values: &[Value], ours: &[Option<Value>], theirs: &[Option<Value>], new: bool) -> Vec<String> {
    let mut found = Vec::new();
    for ((value, ours), theirs) in values.iter().zip(ours).zip(theirs) {
        let same = match (ours, theirs) {
            // Older versions print some kinds otherwise; what they read is the same.
            (Some(Value::Array(ours)), Some(Value::Array(theirs))) if !new => ours[0] == theirs[0],
            (Some(_), Some(_)) if !new => true,
            _ => ours == theirs,
        };
        if !same {
            let show = |it: &Option<Value>| it.as_ref().map_or("refuses".to_owned(), ToString::to_string);
            found.push(format!("{value}\n  firn {}\n  nix  {}", show(ours), show(theirs)));
        }
    }
    found
}

fn compare(
    title: &str,
    function: &str,
    make: fn(&mut Random, Oddness) -> Value,
    ours: fn(&Value) -> Option<Value>,
) {
    let (first, count) = (number("FIRN_TEST_SEED", 1), number("FIRN_TEST_REFERENCES", 120));
    support::each_nix(title, |nix| {
        let new = is_new(nix);
        let oddness = if new { Oddness::Wild } else { Oddness::Tame };
        let values: Vec<Value> =
            (first..first + count).map(|seed| make(&mut Random::new(seed), oddness)).collect();
        let ours: Vec<Option<Value>> = values.iter().map(ours).collect();
        let theirs = nix_says(nix, function, &values, &ours);
        let found = differences(&values, &ours, &theirs, new);
        let refused = theirs.iter().filter(|answer| answer.is_none()).count();
        say(&format!("{title} from seed {first}: {count}, {refused} refused, {} differ", found.len()));
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn random_references_read_and_print_as_in_nix() {
    compare(
        "random references",
        READ,
        |random, oddness| Value::from(url(random, oddness)),
        |text| read(text.as_str().unwrap()),
    );
}

#[test]
fn random_attributes_print_as_in_nix() {
    compare("random attributes", PRINT, |random, oddness| Value::Object(attributes(random, oddness)), print);
}
