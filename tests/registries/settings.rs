//! Where registries are and whether they are used, next to `nix config show`; and what is fetched.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use firn::system::machine::Store as _;
use firn::system::nix::{NixEnvironment, NixStore};
use firn::system::registry_file::{GlobalPlace, RegistryPlaces};

use crate::program::FIRN;
use crate::support::{self, PrivateNix};

/// A configuration: files below the root, variables and options; `{root}` is the root.
struct Case {
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    options: &'static str,
}

const FEATURES: &str = "experimental-features = nix-command flakes\n";

const CASES: &[Case] = &[
    Case { files: &[], variables: &[], options: "" },
    Case { files: &[("conf/nix.conf", "flake-registry = /g/r.json")], variables: &[], options: "" },
    Case {
        files: &[("conf/nix.conf", "flake-registry =  https://h/r.json # why")],
        variables: &[],
        options: "",
    },
    Case { files: &[("conf/nix.conf", "flake-registry =")], variables: &[], options: "" },
    Case {
        files: &[("conf/nix.conf", "flake-registry = a b  c\ntarball-ttl = 7")],
        variables: &[],
        options: "",
    },
    Case { files: &[("conf/nix.conf", "flake-registry = relative.json")], variables: &[], options: "" },
    Case {
        files: &[("conf/nix.conf", "use-registries = false\nuse-registries = true")],
        variables: &[],
        options: "",
    },
    Case { files: &[("conf/nix.conf", "\tuse-registries\t=\tfalse\t\r")], variables: &[], options: "" },
    Case {
        files: &[
            ("conf/nix.conf", "flake-registry = /a\ninclude more/x.conf\n!include gone.conf"),
            ("conf/more/x.conf", "flake-registry = /b\ninclude y.conf"),
            ("conf/more/y.conf", "tarball-ttl = 11"),
        ],
        variables: &[],
        options: "",
    },
    Case {
        files: &[
            ("conf/nix.conf", "include more.conf\nflake-registry = /a"),
            ("conf/more.conf", "flake-registry = /b\nuse-registries = no"),
        ],
        variables: &[],
        options: "",
    },
    Case {
        files: &[
            ("conf/nix.conf", "flake-registry = /a"),
            ("home/.config/nix/nix.conf", "flake-registry = /b"),
        ],
        variables: &[],
        options: "",
    },
    Case {
        files: &[
            ("home/.config/nix/nix.conf", "flake-registry = /b"),
            ("xdg/nix/nix.conf", "flake-registry = /c"),
        ],
        variables: &[("XDG_CONFIG_HOME", "{root}/xdg")],
        options: "",
    },
    Case {
        files: &[("xdg/nix/nix.conf", "flake-registry = /c"), ("own/nix.conf", "flake-registry = /d")],
        variables: &[("XDG_CONFIG_HOME", "{root}/xdg"), ("NIX_CONFIG_HOME", "{root}/own")],
        options: "",
    },
    Case {
        files: &[
            ("one/nix/nix.conf", "flake-registry = /1"),
            ("two/nix/nix.conf", "flake-registry = /2\ntarball-ttl = 2"),
        ],
        variables: &[("XDG_CONFIG_DIRS", "{root}/one:{root}/two")],
        options: "",
    },
    Case {
        files: &[
            ("one.conf", "flake-registry = /1"),
            ("two.conf", "flake-registry = /2\ntarball-ttl = 2"),
            ("home/.config/nix/nix.conf", "flake-registry = /b"),
        ],
        variables: &[("NIX_USER_CONF_FILES", "{root}/one.conf:{root}/two.conf")],
        options: "",
    },
    Case {
        files: &[
            ("conf/nix.conf", "flake-registry = /a"),
            ("home/.config/nix/nix.conf", "use-registries = false"),
        ],
        variables: &[("NIX_USER_CONF_FILES", "")],
        options: "",
    },
    Case {
        files: &[("home/.config/nix/nix.conf", "flake-registry = /b")],
        variables: &[("NIX_CONFIG", "flake-registry = /n # no\nuse-registries = false\n\n")],
        options: "",
    },
    Case {
        files: &[("more.conf", "flake-registry = /m")],
        variables: &[("NIX_CONFIG", "include {root}/more.conf\ntarball-ttl = 3")],
        options: "",
    },
    Case {
        files: &[("conf/nix.conf", "# caf\u{e9}\nflake-registry = /a")],
        variables: &[("NIX_CONFIG", "flake-registry = /n")],
        options: "--option flake-registry /o",
    },
    Case { files: &[], variables: &[], options: "--flake-registry /f --tarball-ttl 9" },
    Case { files: &[], variables: &[], options: "--option use-registries false" },
    Case {
        files: &[],
        variables: &[("NIX_CONFIG", "use-registries = true")],
        options: "--no-use-registries",
    },
    Case { files: &[], variables: &[("NIX_CONFIG", "use-registries = false")], options: "--use-registries" },
    Case { files: &[], variables: &[], options: "--no-use-registries --option use-registries true" },
];

impl Case {
    /// Writes the files and gives the environment.
    fn place(&self, nix: &PrivateNix) -> Vec<(OsString, OsString)> {
        let root = nix.root().to_str().unwrap();
        support::write(nix.root(), "conf/nix.conf", FEATURES);
        for (path, text) in self.files {
            let features = if *path == "conf/nix.conf" { FEATURES } else { "" };
            support::write(nix.root(), path, format!("{features}{text}"));
        }
        let mut environment = nix.environment();
        for (name, value) in self.variables {
            environment.push((name.into(), value.replace("{root}", root).into()));
        }
        environment
    }

    fn remove(&self, nix: &PrivateNix) {
        for (path, _) in self.files {
            std::fs::remove_file(nix.root().join(path)).unwrap();
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// What `nix config show` says of a setting.
fn shown(nix: &PrivateNix, environment: &[(OsString, OsString)], options: &str, name: &str) -> String {
    let mut command = nix.command("nix");
    command.env_clear().envs(environment.iter().cloned());
    let output = command.args(["config", "show"]).args(words(options)).arg(name).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
}

fn places(nix: &PrivateNix, environment: &[(OsString, OsString)], options: &str) -> RegistryPlaces {
    let mut environment = environment.to_vec();
    environment.push(("FIRN_NIX_BIN".into(), nix.bin().into()));
    let store = NixStore::in_environment(NixEnvironment::new(environment), words(options)).unwrap();
    store.registry_places()
}

#[test]
fn settings_are_those_that_nix_shows() {
    support::each_nix("settings of registries", |nix| {
        for case in CASES {
            let environment = case.place(nix);
            let show = |name: &str| shown(nix, &environment, case.options, name);
            let ours = places(nix, &environment, case.options);
            let title = format!("{:?} {:?} {}", case.files, case.variables, case.options);
            let global = match &ours.global {
                GlobalPlace::None => "",
                GlobalPlace::File(path) => path.to_str().unwrap(),
                GlobalPlace::Download { url, .. } => url,
            };
            let theirs = show("flake-registry");
            if !is_default(case) || !theirs.starts_with("https://") {
                assert_eq!(global, theirs, "{title}");
            }
            assert_eq!(ours.is_used.to_string(), show("use-registries"), "{title}");
            assert_eq!(ours.fresh_for.to_string(), show("tarball-ttl"), "{title}");
            case.remove(nix);
        }
    });
}

/// The usual place of the global registry has moved between the versions.
fn is_default(case: &Case) -> bool {
    let sets = |text: &str| text.contains("flake-registry");
    !case.files.iter().any(|(_, text)| sets(text))
        && !case.variables.iter().any(|(_, text)| sets(text))
        && !sets(case.options)
}

/// Both write the user's registry to the same place, whatever says where that is.
#[test]
fn the_user_s_registry_is_where_nix_has_it() {
    support::each_nix("place of the user's registry", |nix| {
        for case in CASES.iter().filter(|case| !case.variables.is_empty()) {
            let environment = case.place(nix);
            let user = places(nix, &environment, "").user;
            let mut command = nix.command("nix");
            command.env_clear().envs(environment).args(["registry", "add", "n", "path:/n"]);
            assert!(command.output().unwrap().status.success());
            assert!(user.exists(), "{:?}: {}", case.variables, user.display());
            std::fs::remove_file(user).unwrap();
            case.remove(nix);
        }
    });
}

/// `use-registries` and its flags keep names from being looked up, and nothing else.
#[test]
fn registries_that_are_not_used_are_listed_and_said_to_be_off() {
    support::each_nix("registries that are not used", |nix| {
        support::write(nix.root(), "work/flake/flake.nix", "{ outputs = x: { }; }");
        let flake = nix.root().join("work/flake");
        nix.run("nix", &["registry", "add", "n", flake.to_str().unwrap()]);
        for options in ["--no-registries", "--no-use-registries", "--option use-registries false", ""] {
            let metadata = [words("flake metadata --no-write-lock-file n"), words(options)].concat();
            let is_used = nix.output("nix", &metadata).status.success();
            let listed = nix.output(FIRN, &[words("registry list --json"), words(options)].concat());
            let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
            assert_eq!(listed["used"], is_used, "{options}");
            assert_eq!(is_used, options.is_empty(), "{options}");
            assert_eq!(listed["entries"].as_array().unwrap().len(), 1);
            let text = nix.output(FIRN, &[words("registry list"), words(options)].concat());
            let is_told = String::from_utf8(text.stderr).unwrap().contains("registries are switched off");
            assert_eq!(is_told, !is_used, "{options}");
            let added = nix.output(FIRN, &[words("add n#x --dry-run"), words(options)].concat());
            let words = String::from_utf8(added.stderr).unwrap();
            assert!(!added.status.success(), "{words}");
            // Without them the name leads nowhere; with them the flake has no such package.
            assert_eq!(words.contains("does not provide attribute"), is_used, "{options}: {words}");
        }
    });
}

/// A web server with one registry, which counts what it is asked.
struct Server {
    address: String,
    count: Arc<AtomicUsize>,
}

impl Server {
    fn start(text: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/registry.json", listener.local_addr().unwrap());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let has_request = lines.next().is_some_and(|line| line.is_ok());
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                counted.fetch_add(usize::from(has_request), Ordering::SeqCst);
                let length = text.len();
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
                let _ = write!(stream, "{head}Content-Length: {length}\r\n\r\n{text}");
            }
        });
        Self { address, count }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

const GLOBAL: &str =
    r#"{"version":2,"flakes":[{"from":{"type":"indirect","id":"n"},"to":{"type":"path","path":"/n"}}]}"#;

fn firn(nix: &PrivateNix, line: &str) -> (Output, String) {
    let output = nix.output(FIRN, &words(line));
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{line}: {err}");
    (output, err)
}

#[test]
fn the_global_registry_is_fetched_when_asked_for_and_not_before() {
    support::each_nix("downloads of the global registry", |nix| {
        let server = Server::start(GLOBAL);
        let profile = nix.profile("profile").display().to_string();
        support::write(
            nix.root(),
            "conf/nix.conf",
            format!("{FEATURES}flake-registry = {}\n", server.address),
        );
        // Starting up, looking at the registries, and verbs that need none.
        for line in
            ["--keys 2 --frame 120x36", "--keys 2<down><enter>3 --frame 120x36", "list", "history", "doctor"]
        {
            let words = [words(&format!("--profile {profile}")), words(line)].concat();
            let output = nix.output(FIRN, &words);
            assert_eq!(server.count(), 0, "{line}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let (_, err) = firn(nix, "registry list");
        assert_eq!(server.count(), 1);
        assert!(err.contains(&format!("copy of {}, taken for fresh just now", server.address)), "{err}");
        // It is Nix's own cache, and fresh for `tarball-ttl`.
        nix.run("nix", &["registry", "list"]);
        let (output, _) = firn(nix, "registry list --json");
        firn(nix, "registry resolve n");
        assert_eq!(server.count(), 1);
        let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let file = listed["files"].as_array().unwrap().last().unwrap();
        assert_eq!((&file["url"], &file["layer"]), (&server.address.as_str().into(), &"global".into()));
        assert!(file["age"].as_i64().unwrap() < 600 && file["modified"].is_i64(), "{file}");
        assert_eq!(listed["entries"][0]["layer"], "global");
        // On demand, and when it is older than that.
        firn(nix, "registry list --refresh");
        assert_eq!(server.count(), 2);
        firn(nix, "registry resolve n --tarball-ttl 0");
        assert_eq!(server.count(), 3);
        firn(nix, "registry list --offline");
        assert_eq!(server.count(), 3);
        // The interface shows it without asking.
        let words = words(&format!("--profile {profile} --keys 2 --frame 120x36"));
        let frame = nix.output(FIRN, &words);
        assert!(String::from_utf8(frame.stdout).unwrap().contains("path:/n"));
        assert_eq!(server.count(), 3);
    });
}

/// A server that is gone costs a warning as long as there is an older download, or other registries.
#[test]
fn a_registry_that_cannot_be_fetched_does_not_stand_in_the_way() {
    support::each_nix("a server that is gone", |nix| {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://{closed}/registry.json");
        let quickly = "download-attempts = 1\nconnect-timeout = 1\n";
        support::write(nix.root(), "conf/nix.conf", format!("{FEATURES}{quickly}flake-registry = {url}\n"));
        nix.run("nix", &["registry", "add", "mine", "path:/mine"]);
        let (output, err) = firn(nix, "registry resolve mine");
        assert_eq!(output.stdout, b"path:/mine\n");
        assert!(err.contains("warning: cannot download the global registry"), "{err}");
        let (output, err) = firn(nix, "registry list");
        assert!(output.stdout.starts_with(b"user") && err.contains("has not been downloaded yet"), "{err}");
        let output = nix.output(FIRN, &["registry", "list", "--refresh"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(!Path::new(&nix.home().join(".cache/nix/flake-registry.json")).exists());
    });
}
