//! Pins in random sets of registries: the file after them, or a refusal, as Nix's.

use std::path::Path;

use firn::core::flake_ref::{FlakeRef, Kind};
use firn::core::registry::{Layer, Reach};
use firn::ops::edit_registry::{Carry, RegistryEdit, edit_registry};
use firn::system::machine::{Cancel, NoProgress, Watch};

use crate::pins::{context_with, git_in};
use crate::random::Random;
use crate::sets::{Set, question, text_of};
use crate::support::{self, PrivateNix};

const FLAKE: &str = "{ outputs = x: { }; }";

/// Makes the flakes that entries of the sets lead to: a folder, and one in a repository. Nix reads
/// the keys of signed commits then.
pub fn make_flakes(nix: &PrivateNix) {
    let configuration = std::fs::read_to_string(nix.root().join("conf/nix.conf")).unwrap();
    let features = "extra-experimental-features = verified-fetches\n";
    support::write(nix.root(), "conf/nix.conf", configuration + features);
    support::write(nix.root(), "work/flake/flake.nix", FLAKE);
    support::write(nix.root(), "work/flake-repository/flake.nix", FLAKE);
    let repository = nix.root().join("work/flake-repository");
    for words in [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-qm", "x"]] {
        git_in(nix, &repository, words);
    }
}

/// Pins something with both programs; `false` if nothing can be compared: the look-up leads to the
/// network, or Nix would lose what it cannot read or not move a pin.
pub fn compare(nix: &PrivateNix, set: &Set, random: &mut Random) -> bool {
    let registries = set.registries();
    let user = registries.layer(Layer::User);
    let leads_to_local = |reference: &FlakeRef| {
        registries.look_up(reference, Reach::All).is_ok_and(|found| {
            found.result.kind() == Kind::Path || found.result.as_str().starts_with("git+file:")
        })
    };
    let entries = registries.entries().map(|(_, entry)| &entry.from);
    let known: Vec<String> = entries.filter(|from| leads_to_local(from)).map(FlakeRef::to_string).collect();
    let any = |random: &mut Random| {
        let is_free = known.is_empty() || random.chance(20);
        if is_free { question(random) } else { random.pick(&known).clone() }
    };
    let from = any(random);
    let wanted = random.chance(30).then(|| any(random));
    let asked = wanted.as_ref().unwrap_or(&from);
    let (Ok(from_ref), Ok(asked_ref)) = (FlakeRef::parse(&from), FlakeRef::parse(asked)) else {
        return false;
    };
    let is_pinned =
        |entry: &firn::core::registry::Entry| entry.from.same_input(&from_ref) && entry.to.is_pinned();
    if user.fault.is_some() || user.entries.iter().any(is_pinned) || !leads_to_local(&asked_ref) {
        return false;
    }
    let path = &set.places.user;
    let before = text_of(path);
    let global = nix.root().join("work/global.json");
    let options = ["--flake-registry", global.to_str().unwrap()];
    let words = ["registry", "pin", &from].into_iter().chain(wanted.as_deref()).chain(options);
    let output = nix.output("nix", &words.collect::<Vec<_>>());
    let theirs = output.status.success().then(|| text_of(path));
    put_back(path, before.as_deref());
    let edit = RegistryEdit::Pin { from: from_ref, wanted: wanted.as_ref().map(|_| asked_ref) };
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let edited = edit_registry(&context_with(nix, &options), None, &edit, Carry::Out, &watch);
    let ours = edited.is_ok().then(|| text_of(path));
    assert_eq!(ours, theirs, "{from} {wanted:?} {edited:?}: {}", set.show());
    theirs.is_some()
}

fn put_back(path: &Path, before: Option<&str>) {
    match before {
        Some(text) => std::fs::write(path, text).unwrap(),
        None => drop(std::fs::remove_file(path)),
    }
}
