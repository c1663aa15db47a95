//! Each line was put into a manifest and printed by `nix profile list --json` of Nix 2.34.8.

use proptest::prelude::*;

use super::*;

/// Writes out the long words of the tables.
fn full(text: &str) -> String {
    let hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let zeros = format!("sha256-{}=", "A".repeat(43));
    let encoded = |text: &str| text.replace('+', "%2B").replace('=', "%3D");
    text.replace("{rev}", "0123456789abcdef0123456789abcdef01234567")
        .replace("{REV}", "0123456789abcdef0123456789ABCDEF01234567")
        .replace("{hashed}", &encoded(hash))
        .replace("{zeroed}", &encoded(&zeros))
        .replace("{hash}", hash)
        .replace("{zeros}", &zeros)
}

#[test]
fn indirect_references_print_as_in_nix() {
    for (url, printed) in [
        ("nixpkgs", "flake:nixpkgs"),
        ("nixpkgs#", "flake:nixpkgs"),
        ("nixpkgs/nixos-24.05", "flake:nixpkgs/nixos-24.05"),
        ("nixpkgs/{REV}", "flake:nixpkgs/{rev}"),
        ("nixpkgs/x/{REV}", "flake:nixpkgs/x/{rev}"),
        ("nixpkgs/@a", "flake:nixpkgs/@a"),
        ("flake:nixpkgs", "flake:nixpkgs"),
        ("flake:nixpkgs/a%2Fb", "flake:nixpkgs/a%2Fb"),
        ("flake:nixpkgs/a%2Fb/{REV}", "flake:nixpkgs/a%2Fb/{rev}"),
        ("flake:nixpkgs/-a%2Fb", "flake:nixpkgs/-a%2Fb"),
        ("flake:nixpkgs/a/{REV}", "flake:nixpkgs/a/{rev}"),
        ("flake:nixpkgs/{REV}/{REV}", "flake:nixpkgs/{REV}/{rev}"),
        ("flake:nixpkgs?ref=x", "flake:nixpkgs"),
        ("flake:nixpkgs?dir=a/b&ref=x", "flake:nixpkgs?dir=a/b"),
        ("flake:nixpkgs?dir=", "flake:nixpkgs"),
        ("flake:/nixpkgs/", "flake:nixpkgs"),
        ("flake:n_-x", "flake:n_-x"),
        ("flake:n/%ff", "flake:n/%FF"),
        ("flake:n/x+y", "flake:n/x%2By"),
        ("flake://nixpkgs/a", "flake:a"),
        ("flake:n#", "flake:n"),
    ] {
        assert_eq!(normalize(&full(url)), Ok(full(printed)), "{url}");
    }
}

#[test]
fn path_references_print_as_in_nix() {
    for (url, printed) in [
        ("/", "path:/"),
        ("//", "path:/"),
        ("/a", "path:/a"),
        ("/a/", "path:/a/"),
        ("/a//b/", "path:/a/b/"),
        ("//a/b", "path:/a/b"),
        ("/a/./b/../c", "path:/a/./b/../c"),
        ("/a b?rev=1", "path:/a%20b?rev=1"),
        ("/a%20b", "path:/a%2520b"),
        ("/a?lastModified=007&revCount=+5", "path:/a?lastModified=7&revCount=5"),
        ("/a?foo", "path:/a"),
        ("/a?dir=x/y", "path:/a?dir=x/y"),
        ("/a?narHash={zeros}", "path:/a?narHash={zeroed}"),
        ("/a?narHash=zzz", "path:/a?narHash=zzz"),
        ("/a#", "path:/a"),
        ("/ä", "path:/%C3%A4"),
        ("path:/a", "path:/a"),
        ("path:///a", "path:/a"),
        ("path:////a", "path:/a"),
        ("path:/a/", "path:/a/"),
        ("path:/a//", "path:/a/"),
        ("path:/a//b", "path:/a/b"),
        ("path:/a/../b", "path:/a/../b"),
        ("path:./a", "path:./a"),
        ("path:a", "path:a"),
        ("path:a//b/", "path:a/b/"),
        ("path:", "path:/"),
        ("path:?dir=x", "path:/?dir=x"),
        ("path:.", "path:."),
        ("path:..", "path:.."),
        ("path:../a", "path:../a"),
        ("path:/", "path:/"),
        ("path://", "path:/"),
        ("path:/a%ffb", "path:/a%FFb"),
        ("path:/a%20b+=@:!$&'()*,;", "path:/a%20b%2B%3D@:%21%24%26%27%28%29%2A%2C%3B"),
        ("path:/a?b", "path:/a"),
        (
            "path:/a?rev={REV}&revCount=1&lastModified=2&narHash={hash}",
            "path:/a?lastModified=2&narHash={hashed}&rev={REV}&revCount=1",
        ),
        ("path:~/x", "path:~/x"),
    ] {
        assert_eq!(normalize(&full(url)), Ok(full(printed)), "{url}");
    }
}

#[test]
fn forge_references_print_as_in_nix() {
    for (url, printed) in [
        ("github:o/r", "github:o/r"),
        ("github:o/r/", "github:o/r"),
        ("github:o/r/x", "github:o/r/x"),
        ("github:o/r/x/y", "github:o/r/x%2Fy"),
        ("github:o/r/{REV}", "github:o/r/{rev}"),
        ("github:o/r/{REV}/x", "github:o/r/{REV}%2Fx"),
        ("github:o/r?ref=x", "github:o/r/x"),
        ("github:o/r?ref=x/y&y=1", "github:o/r/x%2Fy"),
        ("github:o/r?rev={REV}", "github:o/r/{rev}"),
        ("github:o/r?rev=sha1:{REV}", "github:o/r/{rev}"),
        (
            "github:o/r?rev=143xibwh31h9bvxzalr0sjvbbvpa6ffs",
            "github:o/r/da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        (
            "github:o/r?host=git.example.org&narHash={hash}&lastModified=3&dir=d",
            "github:o/r?dir=d&host=git.example.org&narHash={hashed}",
        ),
        ("github:o/r?host=", "github:o/r?host="),
        ("github:o/r?narHash=", "github:o/r?narHash={zeroed}"),
        ("github:o/r?narHash={hash}", "github:o/r?narHash={hashed}"),
        ("github:o/r?dir=a b&foo=bar", "github:o/r?dir=a%20b"),
        ("github:o/r/a%2Fb", "github:o/r/a%2Fb"),
        ("github:o%2Fx/r", "github:o%2Fx/r"),
        ("github:o/r+x", "github:o/r%2Bx"),
        ("github:o//r", "github:o/r"),
        ("github://h/o/r", "github:o/r"),
        ("github:/o/r", "github:o/r"),
        ("gitlab:o/r%2Fs/x", "gitlab:o/r%2Fs/x"),
        ("gitlab:o/r?host=gitlab.example.org", "gitlab:o/r?host=gitlab.example.org"),
        ("sourcehut:~o/r", "sourcehut:~o/r"),
        ("sourcehut:~o/r/x", "sourcehut:~o/r/x"),
        ("github:o/r?ref", "github:o/r"),
        ("github:o/r?", "github:o/r"),
        ("github:o/r?ref=-x/y", "github:o/r/-x%2Fy"),
        ("github:o/r?ref=HEAD/x", "github:o/r/HEAD%2Fx"),
        ("github:o/r?ref=a%7Bb", "github:o/r/a%7Bb"),
        ("github:o/r?ref=%C3%A4", "github:o/r/%C3%A4"),
    ] {
        assert_eq!(normalize(&full(url)), Ok(full(printed)), "{url}");
    }
}

#[test]
fn git_and_mercurial_references_print_as_in_nix() {
    for (url, printed) in [
        ("git+https://x/y", "git+https://x/y"),
        ("git+https://x/y/", "git+https://x/y/"),
        ("git+https://x", "git+https://x"),
        ("git+https://x?b=1&a=2", "git+https://x?a=2&b=1"),
        (
            "git+https://x/y?ref=main&rev={REV}&shallow=1&submodules=0&lfs=1&allRefs=1&exportIgnore=1",
            "git+https://x/y?exportIgnore=1&lfs=1&ref=main&rev={rev}&shallow=1",
        ),
        ("git+https://x/y?ref=refs/heads/x", "git+https://x/y?ref=refs/heads/x"),
        ("git+https://x/y?ref=HEAD", "git+https://x/y?ref=HEAD"),
        (
            "git+https://x/y?rev=sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "git+https://x/y?rev=0000000000000000000000000000000000000000000000000000000000000000",
        ),
        ("git+https://x/y?dir=a", "git+https://x/y?dir=a"),
        (
            "git+https://x/y?narHash={zeros}&lastModified=3&revCount=2",
            "git+https://x/y?lastModified=3&narHash={zeroed}&revCount=2",
        ),
        ("git+https://x/y?name=z", "git+https://x/y?name=z"),
        ("git+https://x/y?url=z", "git+https://x/y?url=z"),
        ("git+https://x/y?submodules=true", "git+https://x/y"),
        ("git+ssh://git@github.com/a/b.git", "git+ssh://git@github.com/a/b.git"),
        ("git+ssh://git@github.com:22/a/b.git", "git+ssh://git@github.com:22/a/b.git"),
        ("git+ssh://u:p@h/x", "git+ssh://u:p@h/x"),
        ("git+ssh://u%40x:p%3A@h/x", "git+ssh://u%40x:p%3A@h/x"),
        ("git+ssh://h:/x", "git+ssh://h/x"),
        ("git+ssh://h:007/x", "git+ssh://h:7/x"),
        ("git+ssh://[::1]:22/x", "git+ssh://[::1]:22/x"),
        ("git+ssh://[::1]/x", "git+ssh://[::1]/x"),
        ("git+ssh://1.2.3.4/x", "git+ssh://1.2.3.4/x"),
        ("git+ssh://a!b/x", "git+ssh://a%21b/x"),
        ("git+ssh://A.Example/x", "git+ssh://A.Example/x"),
        ("git+ssh://a%41/x", "git+ssh://aA/x"),
        ("git+ssh://@h/x", "git+ssh://@h/x"),
        ("git+ssh://:p@h/x", "git+ssh://:p@h/x"),
        ("git+ssh:///x", "git+ssh:///x"),
        ("git+file:///a/b", "git+file:///a/b"),
        ("git+file:/a/b", "git+file:/a/b"),
        ("git+file:a/b", "git+file:a/b"),
        ("git+file:.", "git+file:."),
        ("git+file:./x", "git+file:./x"),
        ("git+file:", "git+file:/"),
        ("git+file://", "git+file:///"),
        ("git+file:///a%20b?ref=x", "git+file:///a%20b?ref=x"),
        ("git://x/y", "git://x/y"),
        ("git:/x?u=://", "git:/x?u=://"),
        ("git+git://x/y", "git://x/y"),
        ("git+x+y://z/a", "git+x+y://z/a"),
        ("git+HTTPS://x/y", "git+HTTPS://x/y"),
        ("hg+https://x/y?rev={REV}&ref=z&a=b", "hg+https://x/y?a=b&ref=z&rev={rev}"),
        ("hg+https://x/y?ref=a..b", "hg+https://x/y?ref=a..b"),
        ("hg+file:///x", "hg+file:///x"),
        ("hg+file:/x", "hg+file:/x"),
        ("hg+http://x", "hg+http://x"),
        ("hg+https:x", "hg+https:x"),
        ("git+tarball+https://x", "git+tarball+https://x"),
    ] {
        assert_eq!(normalize(&full(url)), Ok(full(printed)), "{url}");
    }
}

#[test]
fn download_references_print_as_in_nix() {
    for (url, printed) in [
        ("https://x/y.tar.gz", "https://x/y.tar.gz"),
        ("https://x", "https://x"),
        ("https://x/", "https://x/"),
        ("https:x/y", "https:x/y"),
        ("https:///x", "https:///x"),
        (
            "http://x/y.zip?narHash={hash}&rev=1&revCount=x&lastModified=z&name=n&unpack=1&url=u&a=b",
            "http://x/y.zip?a=b&narHash={hashed}",
        ),
        ("https://x/y?dir=d&z=1&a=2", "https://x/y?a=2&dir=d&z=1"),
        ("tarball+https://x/y", "https://x/y"),
        ("file+https://x/y", "https://x/y"),
        ("file+file:///x", "file:///x"),
        ("tarball+file:///x", "file:///x"),
        ("file:///x.tar", "file:///x.tar"),
        ("file:/x", "file:/x"),
        ("file:x", "file:x"),
        ("https://x/a+b=c?q=a+b=c d&r=\"", "https://x/a%2Bb%3Dc?q=a%2Bb%3Dc%20d&r=%22"),
        ("https://x/?q=%20%2B%00", "https://x/?q=%20%2B%00"),
        ("https://x/%C3%A4%c3%a4", "https://x/%C3%A4%C3%A4"),
        ("https://x/?a=1&a=2&&b&=c&d=", "https://x/?=c&a=1&d="),
        ("https://x/?a[]=1", "https://x/?a%5B%5D=1"),
        ("https://x/?a=b#", "https://x/?a=b"),
        ("https://x/?a=b?c/d:e@f", "https://x/?a=b?c/d:e@f"),
        ("https://x/a:b@c", "https://x/a:b@c"),
        ("https://x:443/y", "https://x:443/y"),
        ("https://u@x/y", "https://u@x/y"),
        ("https://x/y?narHash=", "https://x/y?narHash={zeroed}"),
        ("https://flakehub.com/f/a/b/*.tar.gz", "https://flakehub.com/f/a/b/%2A.tar.gz"),
        (
            "https://api.flakehub.com/f/pinned/a/b/0.1/x/source.tar.gz?narHash={hash}&rev={REV}&revCount=3",
            "https://api.flakehub.com/f/pinned/a/b/0.1/x/source.tar.gz?narHash={hashed}",
        ),
    ] {
        assert_eq!(normalize(&full(url)), Ok(full(printed)), "{url}");
    }
}

/// Tried like the others; Nix ends with an error.
const REFUSED: &[&str] = &[
    "nixpkgs#x",
    "nixpkgs/a/b",
    "nixpkgs/{REV}/x",
    "nixpkgs/a/b/{REV}",
    "nixpkgs/",
    "nixpkgs//x",
    "nixpkgs/a//b",
    "1nixpkgs",
    "nixpkgs/@",
    "nixpkgs/a..b",
    "nixpkgs/a.lock",
    "nixpkgs/-a",
    "flake:nixpkgs/a b",
    "flake:nixpkgs/a%20b",
    "flake:nixpkgs/-a",
    "flake:nixpkgs/{REV}/a",
    "flake:nixpkgs/a/b",
    "flake:",
    "flake:1n",
    "flake://nixpkgs",
    "flake:n#frag",
    "/a?lastModified=x",
    "/a?foo=1",
    "/a#b",
    "/a?rev=ä",
    "/a?rev=%zz",
    "path://h/a",
    "path:/a%2Fb",
    "path:/a%00b",
    "path:/a b",
    "path:/ä",
    "path:/a?url=x",
    "PATH:/a",
    "./a",
    "../a",
    ".",
    "a/b/c/d/e f",
    "github:o/r?rev=zz",
    "github:o/r/x?rev={REV}",
    "github:o/r/x?ref=y",
    "github:o/r?ref=x&rev={REV}",
    "github:o/r?host=a_b",
    "github:o/r?narHash=sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    "github:o",
    "github:",
    "github:o/r/..",
    "github:o/r/@",
    "github:o/r/a%20b",
    "github://o/r",
    "github:o/r#x",
    "GitHub:o/r",
    "git+https://x/y?ref=a..b",
    "git+https://x/y?ref=",
    "git+https://x/y?rev=",
    "git+https://x/y?rev=zz",
    "git+ssh://h:0/x",
    "git+ssh://h:65536/x",
    "git+ssh://h:x/x",
    "git+ssh://[zz]/x",
    "git+file://h/a",
    "git+file://localhost/a",
    "git+file:///a b",
    "git+http:x",
    "git:x",
    "git:/x",
    "git+://x/y",
    "Git+https://x/y",
    "git@github.com:a/b",
    "ssh://git@github.com/a",
    "hg+https://x/y?ref=-a",
    "hg+x://y",
    "hg://x",
    "file://h/x",
    "tarball+ftp://x",
    "tarball+tarball+https://x",
    "ftp://x/y",
    "s3://x/y",
    "https://x/a+b=c d",
    "https://x/ä",
    "https://x/#f",
    "https://x/^",
    "https://x/?^",
    "https://x/?a=^",
    "https://x/?a=|",
    "https://x/a|b",
    "https://x/?a=`",
    "https://x/a%2",
    "https://x/?a=%2",
    "https://x/y?narHash=sha256-AA",
    "https://x/y?narHash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "file+git://x",
    " nixpkgs",
    "nixpkgs ",
    "~/x",
    ":x",
    "x:",
    "x:y",
    "",
    "+x:y",
    "a.b:c",
    "9:x",
    "github:o/r/v1.0.lock",
    "github:o/r/v1.0.lock/x",
    "github:o/r/.a",
    "github:o/r/a.",
    "github:o/r?ref=-x",
    "github:o/r?ref=-A",
    "github:o/r?ref=a{b",
    "github:o/r?ref=a@%7Bb",
    "github:o/r?ref=%7F",
    "github:o/r?ref=/x",
    "github:o/r?ref=x/",
    "github:o/r?ref=x//y",
    "github:o/r?ref=",
];

#[test]
fn what_nix_refuses_is_refused() {
    for url in REFUSED {
        assert!(normalize(&full(url)).is_err(), "{url}");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    for (url, expected) in [
        ("a b", "'a b' is not a flake reference: it has no scheme"),
        ("s3://x/y", "'s3://x/y' is not a flake reference: scheme 's3' is not supported"),
        ("nixpkgs#hello", "'nixpkgs#hello' is not a flake reference: its fragment 'hello' is not valid"),
        ("github:o/r#x", "'github:o/r#x' is not a flake reference: its fragment 'x' is not valid"),
        (
            "github:o/r/stable?rev=xyz",
            "'github:o/r/stable?rev=xyz' is not a flake reference: its commit beside a branch or tag 'xyz' is not valid",
        ),
        (
            "github:o/r/a..b",
            "'github:o/r/a..b' is not a flake reference: its branch or tag 'a..b' is not valid",
        ),
        ("path:/a?x=1", "'path:/a?x=1' is not a flake reference: its parameter 'x' is not valid"),
    ] {
        assert_eq!(normalize(url).unwrap_err().to_string(), expected);
    }
}

proptest! {
    #[test]
    fn printing_twice_changes_nothing(
        url in "(nixpkgs|flake:n|path:/?|github:o/r|git\\+https://h|https://|file:|/)([a-z/?&=#:@%+. -]|%2[F0B]|ref=|rev=|dir=){0,12}"
    ) {
        if let Ok(printed) = normalize(&url) {
            prop_assert_eq!(normalize(&printed), Ok(printed));
        }
    }

    #[test]
    fn reading_never_panics(url in any::<String>(), rest in any::<String>()) {
        let _ = normalize(&url);
        for start in ["/", "git+ssh://", "https://[", "github:", "path:", "flake:x/"] {
            let _ = normalize(&(start.to_owned() + &rest));
        }
    }
}

fn attributes(json: &str) -> Attributes {
    Attributes::from_json(serde_json::from_str::<serde_json::Value>(json).unwrap().as_object().unwrap())
        .unwrap()
}

/// What `builtins.parseFlakeRef` says.
#[test]
fn both_forms_of_a_reference() {
    for (url, json) in [
        ("nixpkgs/24.05", r#"{"type":"indirect","id":"nixpkgs","ref":"24.05"}"#),
        ("flake:n?dir=a", r#"{"type":"indirect","id":"n","dir":"a"}"#),
        ("/a?lastModified=7", r#"{"type":"path","path":"/a","lastModified":7}"#),
        ("github:o/r/{REV}", r#"{"type":"github","owner":"o","repo":"r","rev":"{REV}"}"#),
        ("gitlab:o/r?host=h", r#"{"type":"gitlab","owner":"o","repo":"r","host":"h"}"#),
        (
            "git+ssh://git@h/r?shallow=1&submodules=0&ref=x&a=b&dir=d",
            r#"{"type":"git","url":"ssh://git@h/r?a=b","shallow":true,"submodules":false,"ref":"x","dir":"d"}"#,
        ),
        ("hg+https://h/r?rev={REV}", r#"{"type":"hg","url":"https://h/r","rev":"{REV}"}"#),
        (
            "https://h/r.zip?revCount=3&narHash={hash}",
            r#"{"type":"tarball","url":"https://h/r.zip","revCount":3,"narHash":"{hash}"}"#,
        ),
        ("file+https://h/x", r#"{"type":"file","url":"https://h/x"}"#),
    ] {
        let read = FlakeRef::parse(&full(url)).unwrap();
        assert_eq!(read.attributes(), attributes(&full(json)), "{url}");
        assert_eq!(FlakeRef::from_attributes(attributes(&full(json))), Ok(read), "{url}");
    }
}

/// What `builtins.flakeRefToString` says.
#[test]
fn attributes_print_as_in_nix() {
    for (json, url) in [
        (r#"{"type":"git","url":"git@h:o/r"}"#, "git+ssh://git@h/o/r"),
        (r#"{"type":"git","url":"/a/b"}"#, "git+file:///a/b"),
        (r#"{"type":"git","url":"a/b","rev":"{REV}","revCount":3}"#, "git+file:a/b?rev={rev}"),
        (r#"{"type":"path","path":"./a b","__final":true}"#, "path:./a%20b"),
        (r#"{"type":"tarball","url":"https://h/x","name":"n","dir":"d"}"#, "https://h/x?dir=d"),
        (r#"{"type":"github","owner":"a/b","repo":"r","ref":"x/y"}"#, "github:a%2Fb/r/x%2Fy"),
        (
            r#"{"type":"git","url":"https://h/r","publicKeys":"[{\"key\":\"k\"},{\"key\":\"l\",\"type\":\"t\"}]"}"#,
            "git+https://h/r?publicKeys=%5B%7B%22key%22:%22k%22%2C%22type%22:%22ssh-ed25519%22%7D%2C\
             %7B%22key%22:%22l%22%2C%22type%22:%22t%22%7D%5D",
        ),
        (
            r#"{"type":"git","url":"https://h/r","publicKey":"k"}"#,
            "git+https://h/r?keytype=ssh-ed25519&publicKey=k",
        ),
    ] {
        let read = FlakeRef::from_attributes(attributes(&full(json)));
        assert_eq!(read.map(|read| read.to_string()), Ok(full(url)), "{json}");
    }
    for (json, words) in [
        (r#"{"id":"n"}"#, "its attribute 'type' is missing"),
        (r#"{"type":"cvs"}"#, "its attribute 'type' is not one that firn knows"),
        (r#"{"type":"indirect","id":"n","x":1}"#, "its attribute 'x' is not one that its type takes"),
        (r#"{"type":"indirect","id":1}"#, "its attribute 'id' is not a text"),
        (r#"{"type":"path","path":"/x","lastModified":"7"}"#, "its attribute 'lastModified' is not a number"),
        (
            r#"{"type":"git","url":"https://h/r","shallow":1}"#,
            "its attribute 'shallow' is neither true nor false",
        ),
        (r#"{"type":"git","url":"h:o/r"}"#, "its address 'h:o/r' is not valid"),
    ] {
        let error = FlakeRef::from_attributes(attributes(json)).unwrap_err().to_string();
        assert!(error.ends_with(words), "{error}");
    }
}

#[test]
fn what_is_locked() {
    for (url, is_locked) in [
        ("n/{REV}", false),
        ("github:o/r", false),
        ("github:o/r/{REV}", true),
        ("git+https://h/r?rev={REV}", true),
        ("git+https://h/r?rev=0000000000000000000000000000000000000000", false),
        ("hg+https://h/r?ref=x", false),
        ("path:/x?rev={REV}", false),
        ("path:/x?narHash={hash}", true),
        ("https://h/x?rev={REV}", false),
        ("https://h/x?narHash={hash}", true),
    ] {
        assert_eq!(FlakeRef::parse(&full(url)).unwrap().is_locked(true), is_locked, "{url}");
    }
    assert!(!FlakeRef::parse(&full("github:o/r/{REV}")).unwrap().is_locked(false));
    let pinned = FlakeRef::parse(&full("git+https://h/r?ref=x&rev={REV}")).unwrap();
    assert_eq!(pinned.without_lock().as_str(), "git+https://h/r?ref=x");
    assert_eq!(pinned.without_reference().as_str(), "git+https://h/r");
    assert_eq!(pinned.revision().as_deref(), Some(full("{rev}").as_str()));
}
