//! One more reader: nix-env's `manifest.nix`.

use std::sync::Arc;

use firn::core::export;
use firn::core::facts::Facts;
use firn::core::manifest::ProfileManifest;
use firn::core::plan::cost::Cost;
use firn::core::plan::{Base, Plan, json};
use firn::core::transaction::Transaction;
use firn::core::user_environment::object::EnvironmentObjects;
use firn::core::user_environment::{Derivations, UserEnvironment};

use super::targets::{Target, about, shape, store_dir};

pub const ENVIRONMENT: Target = Target {
    name: "environment",
    is_toml: false,
    words: &[
        "[ { ",
        " } ]",
        "meta = { ",
        "name = \"a-1\"; ",
        "out = { outPath = \"",
        "outPath = \"/nix/store/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-a\"; ",
        "outputs = [ \"out\" ]; ",
        "outputsToInstall = [ ",
        "system = \"unknown\"; ",
        "type = \"derivation\"; ",
        "drvPath = ",
        "priority = \"",
        "active = \"false\"; ",
        "keep = true; ",
        "${",
        "''",
        "1.5e+08",
        "-1",
        "rec { ",
        "inherit ",
        "x: x",
        "# ",
        "/* ",
    ],
    run: environment,
};

/// What is read is written as something that reads the same, is shown, planned and exported.
fn environment(input: &[u8]) -> String {
    let parse = |text: &[u8]| UserEnvironment::parse(text, &store_dir(), Derivations::Dropped);
    let mut read = match parse(input) {
        Ok(read) => read,
        Err(error) => {
            assert!(error.line > 0 && error.column > 0);
            return shape(&error.problem, input);
        }
    };
    assert_same(&read);
    let manifest = ProfileManifest::of_environment(read.clone());
    let (changes, caveats) = export::transaction(&manifest);
    let base = Arc::new(Base { store_path: None, manifest, store_dir: store_dir() });
    let plan = Plan::make(&base, &Transaction::default(), &Facts::default(), None);
    assert!(json::plan(&plan, &Cost::at_hand(&plan)).is_ok());
    read.rewrite();
    assert_same(&read);
    let objects = EnvironmentObjects::of(&read, &store_dir());
    let flags = read.packages.iter().filter(|(_, package)| package.keep() || !package.active()).count();
    format!(
        "{} {} {} {} {}",
        about(read.packages.len()),
        about(changes.len()),
        caveats.len().min(3),
        about(flags),
        objects.map_or_else(|error| shape(&error, input), |_| String::new())
    )
}

/// Written and read again it is written the same, and has the same elements.
fn assert_same(environment: &UserEnvironment) {
    let written = environment.to_string();
    let again = UserEnvironment::parse(written.as_bytes(), &store_dir(), environment.derivations).unwrap();
    assert_eq!(again.to_string(), written, "what is written reads as something else");
    assert_eq!(again.elements(), environment.elements());
}
