//! References written as paths, the global registry that Nix downloads: what needs a machine.

use std::path::Path;

use firn::core::flake_ref::FlakeRef;
use firn::core::registry::{Layer, Reach};
use firn::ops::load_registries::{load_as_nix, load_registries};
use firn::system::flake_folder;
use firn::system::machine::{Cancel, Freshness, NoProgress, Watch};
use firn::system::registry_file::FileState;

use crate::pins::{context, context_with, git_in};
use crate::references::is_new;
use crate::support::{self, PrivateNix};

const FLAKE: &str = "{ outputs = x: { }; }";

/// What Nix calls what was typed in a folder; `None` if it refuses.
fn original_url(nix: &PrivateNix, folder: &Path, text: &str) -> Option<String> {
    let mut command = nix.command("nix");
    command.current_dir(folder).args(["flake", "metadata", "--json", "--no-write-lock-file", text]);
    let output = command.output().unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    output.status.success().then(|| metadata["originalUrl"].as_str().unwrap().to_owned())
}

#[test]
fn folders_are_the_flakes_that_nix_takes_them_for() {
    support::each_nix("folders", |nix| {
        for path in
            ["repo/flake.nix", "repo/sub/deep/flake.nix", "repo/none/x", "plain/flake.nix", "plain/a b/x"]
        {
            support::write(nix.root(), format!("work/{path}"), FLAKE);
        }
        let work = nix.root().join("work");
        let repo = work.join("repo");
        git_in(nix, &repo, &["init", "-q", "-b", "main"]);
        git_in(nix, &repo, &["add", "."]);
        git_in(nix, &repo, &["commit", "-qm", "x"]);
        support::link(nix.root(), "work/link", "repo/sub");
        for (folder, text) in [
            ("repo", "."),
            ("repo/none", "."),
            ("repo/sub/deep", "."),
            ("repo/sub", ".."),
            ("", "./repo"),
            ("", "./link/deep"),
            ("", "./link"),
            ("", "./plain"),
            ("", "./plain/a b"),
            ("", "./nowhere/at/all"),
            ("", "./repo/none/x"),
            ("", "./repo/flake.nix"),
            ("", "path:./plain"),
            ("", "path:plain"),
            ("", "git+file:./repo"),
            ("", "git+file:repo?dir=sub/deep"),
            ("repo/sub", "./deep?ref=main"),
            ("", work.join("plain").to_str().unwrap()),
        ] {
            if text.starts_with("./link") && !is_new(nix) {
                // 2.26 refuses links.
                continue;
            }
            let folder = work.join(folder);
            let ours = flake_folder::read(text, &folder).ok().map(|(reference, _)| reference.to_string());
            let theirs = original_url(nix, &folder, text);
            assert_eq!(ours, theirs, "{text} in {}", folder.display());
        }
    });
}

#[test]
fn a_global_registry_is_read_where_nix_keeps_it() {
    support::each_nix("global registry", |nix| {
        let root = nix.root();
        let write = |path: &str| {
            let entry = format!(
                r#"{{"from":{{"type":"indirect","id":"n"}},"to":{{"type":"path","path":"{path}"}}}}"#
            );
            support::write(root, "work/global.json", format!(r#"{{"version":2,"flakes":[{entry}]}}"#));
        };
        write("/one");
        let configuration = std::fs::read_to_string(root.join("conf/nix.conf")).unwrap();
        let url = format!("flake-registry = file://{}/work/global.json", root.display());
        support::write(root, "conf/nix.conf", configuration.replace("flake-registry =", &url));
        let context = context(nix);
        let before = load_registries(&context);
        assert_eq!(before.file(Layer::Global).unwrap().state, FileState::NotFetched);
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let target = |loaded: &firn::ops::load_registries::LoadedRegistries| {
            loaded.registries.layer(Layer::Global).entries[0].to.to_string()
        };
        assert_eq!(target(&load_as_nix(&context, Freshness::AsNix, &watch).unwrap()), "path:/one");
        assert_eq!(target(&load_registries(&context)), "path:/one");
        write("/two");
        assert_eq!(
            target(&load_as_nix(&context, Freshness::AsNix, &watch).unwrap()),
            "path:/one",
            "still fresh"
        );
        assert_eq!(target(&load_as_nix(&context, Freshness::Anew, &watch).unwrap()), "path:/two");
    });
}

/// What the command line puts before all registries; Nix itself takes the option only where it
/// evaluates.
#[test]
fn overrides_come_first() {
    support::each_nix("overrides", |nix| {
        for name in ["one", "two"] {
            support::write(nix.root(), format!("work/{name}/flake.nix"), FLAKE);
        }
        let (one, two) = (nix.root().join("work/one"), nix.root().join("work/two"));
        let user = format!(
            r#"{{"from":{{"type":"indirect","id":"n"}},"to":{{"type":"path","path":"{}"}}}}"#,
            one.display()
        );
        support::write(
            nix.root(),
            "home/.config/nix/registry.json",
            format!(r#"{{"version":2,"flakes":[{user}]}}"#),
        );
        let options = ["--override-flake", "n", two.to_str().unwrap()];
        let mut metadata = vec!["flake", "metadata", "--json", "--no-write-lock-file", "n"];
        metadata.extend(options);
        let theirs: serde_json::Value = serde_json::from_str(&nix.run("nix", &metadata)).unwrap();
        let context = context_with(nix, &options);
        let loaded = load_registries(&context);
        let reference = FlakeRef::parse("n").unwrap();
        let found = loaded.registries.look_up(&reference, loaded.reach).unwrap();
        assert_eq!(found.hops[0].entry.layer, Layer::CommandLine);
        assert_eq!(found.result.to_string(), theirs["resolvedUrl"].as_str().unwrap());
        let none = context_with(nix, &["--no-registries"]);
        assert_eq!(load_registries(&none).reach, Reach::Nothing);
    });
}
