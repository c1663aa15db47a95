//! The registries of the pictures, and the states pane 2 can be in.

use std::path::PathBuf;
use std::sync::Arc;

use firn::core::change::Change;
use firn::core::flake_ref::FlakeRef;
use firn::core::registry::{Layer, Registries, Registry};
use firn::ops::load_registries::LoadedRegistries;
use firn::system::file_stamp::FileStamp;
use firn::system::registry_file::{FileState, RegistryFile};
use firn::tui::msg::Msg;
use firn::tui::theme::Theme;

use crate::session::Session;
use crate::{frame, world};

const DAY: i64 = 86_400;

/// A pinned nixpkgs and a repository of one's own.
pub const USER: &str = r#"{"version": 2, "flakes": [
  {"from": {"type": "indirect", "id": "nixpkgs"},
   "to": {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "lastModified": 1779500000,
          "rev": "9f2c1de2222222222222222222222222222222bb"}},
  {"from": {"type": "indirect", "id": "mine"}, "to": {"type": "git", "url": "file:///home/ada/src/mine"}}]}"#;

const SYSTEM: &str = r#"{"version": 2, "flakes": [
  {"from": {"type": "indirect", "id": "nixpkgs"}, "exact": true,
   "to": {"type": "path", "path": "/etc/nixos/nixpkgs"}}]}"#;

/// What the global one has, all on GitHub.
const GLOBAL: [(&str, &str, &str); 9] = [
    ("agenix", "ryantm", "agenix"),
    ("blender-bin", "edolstra", "nix-warez"),
    ("flake-parts", "hercules-ci", "flake-parts"),
    ("flake-utils", "numtide", "flake-utils"),
    ("home-manager", "nix-community", "home-manager"),
    ("nixos-hardware", "NixOS", "nixos-hardware"),
    ("nixpkgs", "NixOS", "nixpkgs"),
    ("poetry2nix", "nix-community", "poetry2nix"),
    ("templates", "NixOS", "templates"),
];

fn global() -> String {
    let entry = |(id, owner, repo): &(&str, &str, &str)| {
        let from = format!(r#"{{"type": "indirect", "id": "{id}"}}"#);
        let to = format!(r#"{{"type": "github", "owner": "{owner}", "repo": "{repo}"}}"#);
        format!(r#"{{"from": {from}, "to": {to}}}"#)
    };
    let entries: Vec<String> = GLOBAL.iter().map(entry).collect();
    format!(r#"{{"version": 2, "flakes": [{}]}}"#, entries.join(","))
}

fn file(layer: Layer, path: &str, text: &str, age: i64) -> RegistryFile {
    let state = FileState::Present { modified: Some(world::NOW - age) };
    let (registry, text) = (Registry::parse(text.as_bytes()), Some(text.as_bytes().to_vec()));
    RegistryFile { layer, path: PathBuf::from(path), state, registry, text, stamp: FileStamp::default() }
}

pub fn loaded(files: Vec<RegistryFile>) -> LoadedRegistries {
    let registries =
        files.iter().fold(Registries::default(), |all, file| all.with(file.layer, file.registry.clone()));
    let global_url = Some("https://channels.nixos.org/flake-registry.json".to_owned());
    LoadedRegistries { registries, files, global_url, ..LoadedRegistries::default() }
}

pub fn user(text: &str) -> RegistryFile {
    file(Layer::User, "/home/ada/.config/nix/registry.json", text, 5 * DAY)
}

pub fn kept_global() -> RegistryFile {
    file(Layer::Global, "/home/ada/.cache/nix/flake-registry.json", &global(), 3 * DAY)
}

/// The registries of the pictures.
pub fn registries() -> LoadedRegistries {
    let system = file(Layer::System, "/etc/nix/registry.json", SYSTEM, 90 * DAY);
    loaded(vec![user(USER), system, kept_global()])
}

/// The interface on the pictures' profile with other registries.
pub fn with((width, height): (u16, u16), files: Vec<RegistryFile>) -> Session {
    let mut session = Session::new(width, height);
    session.send(Msg::RegistriesLoaded(Ok(Box::new(loaded(files)))));
    session
}

/// The interface with edits of the user's registry staged, and keys pressed then.
fn editing((width, height): (u16, u16), edits: &[(&str, Option<&str>)]) -> Session {
    let mut session = Session::new(width, height);
    let reference = |text: &str| FlakeRef::parse(text).unwrap();
    let edit = |(from, to): &(&str, Option<&str>)| match to {
        Some(to) => Change::RegistryAdd { from: reference(from), to: reference(to) },
        None => Change::RegistryRemove { from: reference(from) },
    };
    let user = registries().registries.layer(Layer::User).clone();
    session.model.transaction.stage_registry(&user, edits.iter().map(edit).collect());
    // Plans again.
    session.send(Msg::FactsLearnt(Ok(Box::default())));
    session
}

#[test]
fn review_of_registry_edits() {
    let edits = [("nixpkgs", None), ("mine", Some("path:/home/ada/src/mine")), ("agenix", Some("path:/a"))];
    frame!("review_registry_120x36", editing((120, 36), &edits).keys("d w"));
    frame!("review_registry_60x20", editing((60, 20), &edits).keys("d w"));
    frame!("review_registry_alone_80x24", editing((80, 24), &edits[1..2]).keys("w"));
    frame!("plan_of_registry_edits_120x36", editing((120, 36), &edits));
    frame!("review_registry_refused_80x24", editing((80, 24), &[("nosuch", None)]).keys("w"));
}

#[test]
fn registry_pane() {
    frame!("registry_120x36", Session::new(120, 36).keys("2"));
    frame!("registry_overridden_120x36", Session::new(120, 36).keys("2 j j"));
    frame!("registry_80x24", Session::new(80, 24).keys("2"));
    frame!("registry_60x20", Session::new(60, 20).keys("2 j j"));
    frame!("registry_100x28", Session::new(100, 28).keys("2 G"));
    frame!("registry_200x60", Session::new(200, 60).keys("2 j"));
    frame!("registry_90x50", Session::new(90, 50).keys("2"));
    frame!("registry_filter_120x36", Session::new(120, 36).keys("2 <space> v j j v /").types("nix"));
    frame!("registry_zoomed_120x36", Session::new(120, 36).keys("2 +"));
    frame!("registry_details_60x20", Session::new(60, 20).keys("2 <enter> G"));
}

#[test]
fn without_colours_and_without_unicode() {
    let mut session = Session::new(120, 36).keys("2 j j");
    session.model.theme = Arc::new(Theme::named("plain").unwrap());
    frame!("registry_plain_120x36", session);
    session.model.ascii = true;
    frame!("registry_ascii_120x36", session);
    let mut session = Session::new(120, 36).keys("j j j j j j <enter>");
    session.model.ascii = true;
    frame!("info_ascii_120x36", session);
}

#[test]
fn damaged_missing_and_unfetched_registries() {
    let broken = USER.replace("\"mine\"", "7");
    frame!("registry_damaged_120x36", with((120, 36), vec![user(&broken), kept_global()]).keys("2 j"));
    frame!("registry_damaged_80x24", with((80, 24), vec![user("{"), kept_global()]).keys("2"));
    let not_fetched = RegistryFile {
        state: FileState::NotFetched,
        ..file(Layer::Global, "/home/ada/.cache/nix/flake-registry.json", "", 0)
    };
    let not_fetched = RegistryFile { registry: Registry::default(), ..not_fetched };
    frame!("registry_not_fetched_120x36", with((120, 36), vec![user(USER), not_fetched]).keys("2 G"));
    let missing = RegistryFile { state: FileState::Missing, ..user(r#"{"version": 2, "flakes": []}"#) };
    frame!("registry_empty_120x36", with((120, 36), vec![missing]).keys("2"));
    frame!("registry_none_80x24", with((80, 24), Vec::new()).keys("2"));
    let mut circle = user(
        r#"{"version": 2, "flakes": [
      {"from": {"type": "indirect", "id": "a"}, "to": {"type": "indirect", "id": "b"}},
      {"from": {"type": "indirect", "id": "b"}, "to": {"type": "indirect", "id": "a"}}]}"#,
    );
    circle.path = PathBuf::from("/home/ada/.config/nix/registry.json");
    frame!("registry_circle_120x36", with((120, 36), vec![circle]).keys("2"));
}
