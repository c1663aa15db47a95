//! Random references as text and as attributes: mostly right, some a little wrong.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::random::Random;

/// How odd the text may be. Versions before 2.30 read odd URLs with a grammar of their own, know
/// neither `lfs` nor `git+git`, and write commits in lower case at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddness {
    /// As people write it.
    Tame,
    /// With characters that need care.
    Wild,
}

const REVISION: &str = "0123456789abcdef0123456789ABCDEF01234567";
const HASH: &str = "sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D";
const PLAIN_HASH: &str = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// A branch or tag, or something that is none.
pub fn branch(random: &mut Random, oddness: Oddness) -> String {
    let tame = ["main", "nixos-24.05", "v1.0", "release/1", "HEAD", "refs/heads/x", "a_b", "x@y", "1"];
    let wild = ["-x", "a..b", "a.lock", "@", "a%20b", "a%2Fb", "", "x/", "a~b", "%C3%A4", "a+b", ".x", "x."];
    if oddness == Oddness::Wild && random.chance(20) {
        return (*random.pick(&wild)).to_owned();
    }
    (*random.pick(&tame)).to_owned()
}

fn revision(random: &mut Random, oddness: Oddness) -> String {
    let odd = ["zz", "", "sha1:143xibwh31h9bvxzalr0sjvbbvpa6ffs", "143xibwh31h9bvxzalr0sjvbbvpa6ffs", "0000"];
    let lower = REVISION.to_ascii_lowercase();
    match random.below(10) {
        0 if oddness == Oddness::Wild => (*random.pick(&odd)).to_owned(),
        1..=3 if oddness == Oddness::Wild => REVISION.to_owned(),
        4 => "0".repeat(40),
        _ => lower,
    }
}

fn part(random: &mut Random, oddness: Oddness) -> String {
    let tame = ["NixOS", "nixpkgs", "a", "my.repo", "x-y_z", "~user", "r.git"];
    let wild = [
        "a%20b", "a+b", "", ".", "..", "%C3%A4", "a:b", "a@b", "a=b&c", "(x)", "a%2Fb", "%25", "a'b", "ä",
        "a b",
    ];
    if oddness == Oddness::Wild && random.chance(15) {
        return (*random.pick(&wild)).to_owned();
    }
    (*random.pick(&tame)).to_owned()
}

fn path(random: &mut Random, oddness: Oddness) -> String {
    let parts: Vec<String> = (0..random.between(1, 3)).map(|_| part(random, oddness)).collect();
    let end = if random.chance(10) { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

fn authority(random: &mut Random, oddness: Oddness) -> String {
    let tame = ["github.com", "git@h.example", "h:22", "u:p@h", "localhost"];
    let wild = ["[::1]:8", "", "a%41", "u%40x@h", "h:0", "h:99999", "h:", "1.2.3.4", "@h", "A.B"];
    if oddness == Oddness::Wild && random.chance(20) {
        return (*random.pick(&wild)).to_owned();
    }
    (*random.pick(&tame)).to_owned()
}

const KEYS: &str = r#"[{"type":"ssh-rsa","key":"AAAA"},{"key":"b+/="}]"#;

/// Values of what says by whom a commit has to be signed.
fn key_value(random: &mut Random, oddness: Oddness, name: &str) -> String {
    match name {
        "keytype" => (*random.pick(&["ssh-ed25519", "ssh-rsa", "x y"])).to_owned(),
        "publicKey" => (*random.pick(&["AAAA", "b+/=", "", "k ä"])).to_owned(),
        // A list that is none is only noticed where it is printed.
        _ if oddness == Oddness::Tame => (*random.pick(&[KEYS, r#"[{"key":"x"}]"#, "[]"])).to_owned(),
        _ => (*random.pick(&[KEYS, "[1]", "{}", "", "[", r#"[{"type":"x"}]"#])).to_owned(),
    }
}

/// Text as it stands in a parameter.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
        encoded
    })
}

/// Parameters: some of those of the kind, some foreign.
fn query(random: &mut Random, oddness: Oddness, known: &[&str]) -> String {
    let mut text = String::new();
    let mut separator = '?';
    for _ in 0..random.weighted(&[(5, 0), (4, 1), (2, 2), (1, 4)]) {
        let foreign = ["x", "name", "url", "unpack", "revCount", "lastModified", "host", "treeHash"];
        let name = if random.chance(85) { *random.pick(known) } else { *random.pick(&foreign) };
        let value = match name {
            "ref" => branch(random, oddness),
            "rev" => revision(random, oddness),
            "narHash" if oddness == Oddness::Wild && random.chance(15) => "sha256-AA".to_owned(),
            "narHash" => HASH.to_owned(),
            "lastModified" | "revCount" => (*random.pick(&["0", "1700000000", "007", "7"])).to_owned(),
            "host" => (*random.pick(&["git.example.org", "h"])).to_owned(),
            "keytype" | "publicKey" | "publicKeys" => encoded(&key_value(random, oddness, name)),
            "dir" => (*random.pick(&["lib", "a/b", "", "x.y", "..", "a%20b"])).to_owned(),
            _ => (*random.pick(&["1", "0", "true", "x", "", "a%20b"])).to_owned(),
        };
        text.push(separator);
        write!(text, "{name}={value}").unwrap();
        separator = '&';
    }
    if oddness == Oddness::Wild && random.chance(5) {
        let odd = ["&lost", "&a=b c", "&=x", "&a=\"", "&a[]=1", "&x=a?b", "?"];
        text.push_str(odd[random.below(odd.len())]);
    }
    text
}

/// A reference as text.
pub fn url(random: &mut Random, oddness: Oddness) -> String {
    let mut text = match random.weighted(&[(4, 0), (3, 1), (5, 2), (5, 3), (2, 4), (4, 5), (1, 6)]) {
        0 => indirect(random, oddness),
        1 => {
            let start = *random.pick(&["path:", "path://", ""]);
            format!(
                "{start}{}{}",
                path(random, oddness),
                query(random, oddness, &["rev", "narHash", "lastModified", "revCount", "dir"])
            )
        }
        2 => forge(random, oddness),
        3 => git(random, oddness),
        4 => {
            let start = *random.pick(&["hg+https", "hg+http", "hg+ssh", "hg+file"]);
            let host = if start == "hg+file" { String::new() } else { authority(random, oddness) };
            format!(
                "{start}://{host}{}{}",
                path(random, oddness),
                query(random, oddness, &["ref", "rev", "dir"])
            )
        }
        5 => {
            let start = *random.pick(&[
                "https",
                "http",
                "tarball+https",
                "file+https",
                "file",
                "tarball+file",
                "file+file",
            ]);
            let host = if start.ends_with("file") { String::new() } else { authority(random, oddness) };
            let end = *random.pick(&["", ".tar.gz", ".zip"]);
            let known = ["narHash", "rev", "revCount", "lastModified", "dir", "name", "q"];
            format!("{start}://{host}{}{end}{}", path(random, oddness), query(random, oddness, &known))
        }
        _ => seldom(random, oddness),
    };
    if random.chance(4) {
        let tame = ["#", "#x", "#a.b", "#a.%22c%22", "#a.b.\"c d\"^out,man"];
        let wild = ["##", "#x^*", "#a b", "#ä", "#%", "#a?b", "#[", "#^"];
        let fragments: &[&str] = if oddness == Oddness::Wild { &wild } else { &tame };
        text.push_str(random.pick::<&str>(fragments));
    }
    if oddness == Oddness::Wild && random.chance(6) && !text.is_empty() {
        let place =
            text.char_indices().map(|(place, _)| place).nth(random.below(text.chars().count())).unwrap();
        let odd = ["%", " ", "/", "?", "#", "&", "^", "|", "\"", "+", ":", "@", "%2B", "ä"];
        text.insert_str(place, odd[random.below(odd.len())]);
    }
    text
}

/// What is not meant for any kind, or means a path without saying so.
fn seldom(random: &mut Random, oddness: Oddness) -> String {
    let paths = [
        ".",
        "./",
        "..",
        "./x",
        "../x?dir=d",
        "./a/b#c",
        "~",
        "~/x",
        "~user/x",
        "a/b/c",
        "path:.",
        "path:./a",
        "path:../a?dir=b",
        "path:a/b",
        "path:~/x",
        "git+file:.",
        "git+file:./a?dir=b",
        "git+file:a",
        "file:x",
        "file:./x.tar.gz",
        "/",
        "/.",
        "/a/../b",
        "/a?dir=b/c",
        "path:/a%23b/%3Fc",
        "/a%23b",
    ];
    let foreign = [
        "s3://b/k",
        "ftp://h/x",
        "x:y",
        "",
        "file+git://x",
        "git@h:a/b",
        "ssh://h/x",
        "hg://h/x",
        "svn+https://h",
    ];
    let upper = [
        "GitHub:o/r",
        "HTTPS://h/x.tar.gz",
        "GIT+HTTPS://h/r",
        "git+HTTPS://h/r",
        "Path:/x",
        "FLAKE:nixpkgs",
        "Tarball+https://h/x",
        "tarball+HTTPS://h/x",
        "GITLAB:a/b",
        "HG+https://h/r",
        "git+SSH://h/r",
        "FILE:///x",
    ];
    // Grammars of URLs differ most in what is short and in what is upper case.
    let kinds: &[&[&str]] = match oddness {
        Oddness::Tame => &[&paths, &foreign],
        Oddness::Wild => &[&paths, &foreign, &upper],
    };
    let texts = *random.pick(kinds);
    (*random.pick(texts)).to_owned()
}

fn indirect(random: &mut Random, oddness: Oddness) -> String {
    let start = *random.pick(&["", "", "flake:"]);
    let name = *random.pick(&["nixpkgs", "a", "my_flake", "x-1"]);
    let rest = match random.below(5) {
        0 => format!("/{}", branch(random, oddness)),
        1 => format!("/{}", revision(random, oddness)),
        2 => format!("/{}/{}", branch(random, oddness), revision(random, oddness)),
        _ => String::new(),
    };
    let query = if start.is_empty() { String::new() } else { query(random, oddness, &["dir", "ref", "rev"]) };
    format!("{start}{name}{rest}{query}")
}

fn forge(random: &mut Random, oddness: Oddness) -> String {
    let start = *random.pick(&["github", "github", "gitlab", "sourcehut"]);
    let (owner, name) = (part(random, oddness), part(random, oddness));
    let rest = match random.below(6) {
        0 => format!("/{}", branch(random, oddness)),
        1 => format!("/{}", revision(random, oddness)),
        _ => String::new(),
    };
    // Groups in groups, whose slash older versions take for any other.
    let is_nested = start == "gitlab" && oddness == Oddness::Wild && random.chance(30);
    let owner = if is_nested { format!("{owner}%2Fsub") } else { owner };
    format!(
        "{start}:{owner}/{name}{rest}{}",
        query(random, oddness, &["ref", "rev", "host", "narHash", "dir", "lastModified"])
    )
}

fn git(random: &mut Random, oddness: Oddness) -> String {
    let mut start = *random.pick(&["git+https", "git+ssh", "git", "git+file", "git+http", "git+git"]);
    if oddness == Oddness::Tame && start == "git+git" {
        start = "git";
    }
    let host = if start == "git+file" { String::new() } else { authority(random, oddness) };
    let mut known = vec![
        "ref",
        "ref",
        "rev",
        "rev",
        "shallow",
        "submodules",
        "allRefs",
        "exportIgnore",
        "dir",
        "narHash",
        "x",
        "verifyCommit",
        "keytype",
        "publicKey",
        "publicKeys",
    ];
    known.extend((oddness == Oddness::Wild).then_some("lfs"));
    format!("{start}://{host}{}{}", path(random, oddness), query(random, oddness, &known))
}

/// A reference as attributes, with `dir` sometimes.
pub fn attributes(random: &mut Random, oddness: Oddness) -> Map<String, Value> {
    let kinds = ["indirect", "path", "git", "hg", "tarball", "file", "github", "gitlab", "sourcehut"];
    let kind = *random.pick(&kinds);
    let mut object = Map::from_iter([("type".to_owned(), json!(kind))]);
    let (own, optional): (&[&str], &[&str]) = match kind {
        "indirect" => (&["id"], &["ref", "rev", "narHash"]),
        "path" => (&["path"], &["rev", "revCount", "lastModified", "narHash", "__final"]),
        "git" => (
            &["url"],
            &[
                "ref",
                "rev",
                "shallow",
                "submodules",
                "lfs",
                "exportIgnore",
                "allRefs",
                "lastModified",
                "revCount",
                "narHash",
                "name",
                "dirtyRev",
                "dirtyShortRev",
                "verifyCommit",
                "keytype",
                "publicKey",
                "publicKeys",
                "__final",
            ],
        ),
        "hg" => (&["url"], &["ref", "rev", "revCount", "narHash", "name"]),
        "tarball" | "file" => {
            (&["url"], &["narHash", "name", "unpack", "rev", "revCount", "lastModified", "__final"])
        }
        _ => (&["owner", "repo"], &["ref", "rev", "narHash", "lastModified", "host", "treeHash", "__final"]),
    };
    for name in own {
        object.insert((*name).to_owned(), value(random, oddness, kind, name));
    }
    for _ in 0..random.below(4) {
        let name = if random.chance(85) { *random.pick(optional) } else { "dir" };
        if name == "lfs" && oddness == Oddness::Tame {
            continue;
        }
        object.insert(name.to_owned(), value(random, oddness, kind, name));
    }
    if oddness == Oddness::Wild && random.chance(4) {
        let name = *random.pick(own);
        object.remove(name);
    }
    if oddness == Oddness::Wild && random.chance(6) {
        let name = *random.pick(&["x", "dir", "rev", "shallow", "lastModified", "narHash", "type"]);
        object.insert(name.to_owned(), random.pick(&[json!(1), json!(true), json!("x")]).clone());
    }
    object
}

fn value(random: &mut Random, oddness: Oddness, kind: &str, name: &str) -> Value {
    match name {
        "id" => json!(random.pick(&["nixpkgs", "a", "my_flake"])),
        "path" => json!(random.pick(&["/x", "/a b/c", "/a/", "./x", "x", "/a//b", "/ä"])),
        "url" if kind == "git" && oddness == Oddness::Wild && random.chance(15) => {
            json!(random.pick(&["a/b", "./a", "~/x", "h:o/r", "HTTPS://h/r", "file:a", "", "u@h:2/x"]))
        }
        "url" if kind == "git" => json!(random.pick(&[
            "https://h/r",
            "ssh://git@h/r",
            "git@h:o/r",
            "/a/b",
            "file:///x",
            "git://h/r",
            "git+https://h/r",
            "https://h/r?b=1&a=2",
            "https://h/a%20b",
        ])),
        "url" => json!(random.pick(&[
            "https://h/r.tar.gz",
            "file:///x",
            "http://h/x?b=1&a=2",
            "https://h/a%20b",
            "https://h/r?dir=z"
        ])),
        "owner" | "repo" => json!(random.pick(&["NixOS", "nixpkgs", "a b", "a/b", "~u"])),
        "ref" => json!(branch(random, oddness)),
        "rev" => json!(revision(random, oddness)),
        "narHash" => json!(random.pick(&[PLAIN_HASH, PLAIN_HASH, ""])),
        "revCount" | "lastModified" => json!(random.pick(&[0, 7, 1_700_000_000])),
        "host" => json!(random.pick(&["git.example.org", "h"])),
        "dir" => json!(random.pick(&["lib", "a/b", "", "a b"])),
        "keytype" | "publicKey" | "publicKeys" => json!(key_value(random, oddness, name)),
        "name" | "treeHash" | "dirtyRev" | "dirtyShortRev" => json!("x"),
        _ => json!(random.chance(50)),
    }
}
