use proptest::prelude::*;

use super::*;

const HELLO: &str = "/nix/store/10s5j3mfdg22k1597x580qrhprnzcjwb-hello-2.12.3";
const FLTK: &str = "/nix/store/0jjkip9wa4vc8vqikqb9x0v13hf8jy0y-fltk-1.3.11-bin";

fn store() -> StoreDir {
    StoreDir::new("/nix/store")
}

fn path(text: &str) -> StorePath {
    StorePath::parse(&store(), text).unwrap()
}

fn parse(text: &str) -> Result<ProfileManifest, ManifestError> {
    ProfileManifest::parse(text.as_bytes(), &store())
}

fn plain(paths: &[&str]) -> ProfileElement {
    let store_paths = paths.iter().map(|text| path(text)).collect();
    ProfileElement { active: true, priority: 5, store_paths, source: None }
}

fn from_flake(original_url: &str, attr_path: &str, outputs: ExtendedOutputsSpec) -> ProfileElement {
    let source = ElementSource {
        original_url: original_url.to_owned(),
        url: original_url.to_owned(),
        attr_path: attr_path.to_owned(),
        outputs,
    };
    ProfileElement { source: Some(source), ..plain(&[HELLO]) }
}

fn names(names: &[&str]) -> ExtendedOutputsSpec {
    ExtendedOutputsSpec::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn version_three_comes_back_byte_for_byte() {
    let text = format!(
        "{{\"elements\":{{\"fltk\":{{\"active\":false,\"attrPath\":\"packages.x86_64-linux.fltk\",\
         \"originalUrl\":\"flake:nixpkgs\",\"outputs\":[\"bin\",\"out\"],\"priority\":-3,\
         \"storePaths\":[\"{FLTK}\",\"{HELLO}\"],\"url\":\"github:NixOS/nixpkgs/\
         0123456789abcdef0123456789abcdef01234567\"}},\
         \"hello\":{{\"active\":true,\"priority\":5,\"storePaths\":[\"{HELLO}\"]}}}},\"version\":3}}"
    );
    let manifest = parse(&text).unwrap();
    assert_eq!(manifest.to_json(), text);
    assert_eq!(manifest.references(), [path(FLTK), path(HELLO)]);
    let fltk = &manifest.elements["fltk"];
    assert_eq!(fltk.source.as_ref().unwrap().outputs, names(&["bin", "out"]));
    assert_eq!(fltk.identifier(), "flake:nixpkgs#packages.x86_64-linux.fltk^bin,out");
    assert_eq!(fltk.versions(), "1.3.11-bin, 2.12.3");
    assert_eq!(fltk.plain_versions(), "1.3.11, 2.12.3");
}

#[test]
fn of_a_key_that_stands_there_twice_the_last_counts() {
    let element = |priority: &str| format!(r#"{{"active":true,"priority":"x","priority":{priority}}}"#);
    let text = format!(
        r#"{{"version":9,"elements":{{"a":7,"b":{},"a":{}}},"version":3}}"#,
        element("1"),
        element("2")
    );
    let manifest = parse(&text).unwrap();
    assert_eq!((manifest.elements["a"].priority, manifest.elements["b"].priority), (2, 1));
}

#[test]
fn an_empty_manifest_prints_as_nix_prints_it() {
    assert_eq!(ProfileManifest::default().to_json(), r#"{"elements":{},"version":3}"#);
    for text in [r#"{"version":3}"#, r#"{"version":2,"elements":null}"#, r#"{"version":1,"elements":[]}"#] {
        assert_eq!(parse(text).unwrap(), ProfileManifest::default(), "{text}");
    }
}

#[test]
fn strings_are_escaped_as_nix_escapes_them() {
    let mut manifest = ProfileManifest::default();
    manifest.add("\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f}\"\\/\u{7f}é\u{2028}😀", plain(&[]));
    let name = r#""\u0001\b\t\n\u000b\f\r\u001f\"\\/"#.to_owned() + "\u{7f}é\u{2028}😀\"";
    let element = r#"{"active":true,"priority":5,"storePaths":[]}"#;
    let text = format!("{{\"elements\":{{{name}:{element}}},\"version\":3}}");
    assert_eq!(manifest.to_json(), text);
    assert_eq!(parse(&text).unwrap(), manifest);
}

#[test]
fn version_two_names_its_elements() {
    let text = format!(
        r#"{{"version":2,"elements":[
            {{"active":true,"storePaths":["{HELLO}"]}},
            {{"active":true,"storePaths":["{HELLO}"],"priority":7}},
            {{"active":true,"storePaths":["{HELLO}","{FLTK}","{HELLO}"],"url":"github:a/b/0123456789abcdef0123456789abcdef01234567",
              "originalUrl":"github:a/b","attrPath":"packages.x86_64-linux.default"}},
            {{"active":true,"storePaths":["{FLTK}","{HELLO}"],"url":""}}]}}"#
    );
    let manifest = parse(&text).unwrap();
    assert_eq!(manifest.elements.keys().collect::<Vec<_>>(), ["b", "fltk, hello", "hello", "hello-1"]);
    assert_eq!(manifest.elements["hello-1"].priority, 7);
    assert_eq!(manifest.elements["hello"].priority, DEFAULT_PRIORITY);
    assert_eq!(manifest.elements["b"].store_paths, [path(FLTK), path(HELLO)]);
    assert_eq!(manifest.elements["b"].source.as_ref().unwrap().outputs, ExtendedOutputsSpec::Default);
}

#[test]
fn version_one_says_uri() {
    let text = r#"{"version":1,"elements":[{"active":true,"storePaths":[],"uri":"github:a/b",
        "originalUri":"flake:c","attrPath":"x","url":"ignored"}]}"#;
    let manifest = parse(text).unwrap();
    let source = manifest.elements["x"].source.as_ref().unwrap();
    assert_eq!((source.original_url.as_str(), source.url.as_str()), ("flake:c", "github:a/b"));
    assert_eq!(
        manifest.to_json(),
        r#"{"elements":{"x":{"active":true,"attrPath":"x","originalUrl":"flake:c","outputs":null,"priority":5,"storePaths":[],"url":"github:a/b"}},"version":3}"#
    );
}

#[test]
fn a_list_or_an_object_is_told_by_the_json() {
    let manifest = parse(r#"{"version":1,"elements":{"x":{"active":true,"url":"ignored"}}}"#).unwrap();
    assert_eq!(manifest.elements["x"], plain(&[]));
    let list = format!(r#"{{"version":3,"elements":[{{"active":true,"storePaths":["{HELLO}"]}}]}}"#);
    assert_eq!(parse(&list).unwrap().elements["hello"], plain(&[HELLO]));
}

#[test]
fn a_list_with_an_element_that_nix_cannot_name_is_refused() {
    let element = r#"{"active":true,"attrPath":"ä","originalUrl":"flake:a","url":"flake:a"}"#;
    let error = parse(&format!(r#"{{"version":2,"elements":[{element}]}}"#)).unwrap_err();
    assert!(
        error.to_string().starts_with("element '0': its name cannot be told from 'flake:a#ä'"),
        "{error}"
    );
    assert!(parse(&format!(r#"{{"version":3,"elements":{{"x":{element}}}}}"#)).is_ok());
}

#[test]
fn outputs_are_sorted_sets() {
    let with = |outputs: &str| {
        parse(&format!(
            r#"{{"version":3,"elements":{{"x":{{"active":true,"attrPath":"a","originalUrl":"flake:a","url":"flake:a","outputs":{outputs}}}}}}}"#
        ))
        .map(|manifest| manifest.elements["x"].source.clone().unwrap().outputs)
    };
    assert_eq!(with("null").unwrap(), ExtendedOutputsSpec::Default);
    assert_eq!(with(r#"["*"]"#).unwrap(), ExtendedOutputsSpec::All);
    assert_eq!(with(r#"["*","*"]"#).unwrap(), ExtendedOutputsSpec::All);
    assert_eq!(with(r#"["out","bin","out"]"#).unwrap(), names(&["bin", "out"]));
    assert_eq!(with(r#"["out","*"]"#).unwrap(), names(&["*", "out"]));
    assert!(with("[]").unwrap_err().to_string().contains("empty list"));
    assert!(with("[1]").is_err());
    assert!(with(r#""out""#).is_err());
}

#[test]
fn bad_elements_are_named() {
    for (element, expected) in [
        ("7", "it is not an object"),
        ("{}", "'active' is missing"),
        (r#"{"active":1}"#, "'active' is neither true nor false"),
        (r#"{"active":true,"priority":"5"}"#, "'priority' is \"5\", not a whole number that fits 32 bits"),
        (r#"{"active":true,"priority":2147483648}"#, "'priority' is 2147483648, not a whole"),
        (r#"{"active":true,"priority":-2147483649}"#, "'priority' is -2147483649, not a whole"),
        (r#"{"active":true,"priority":1.5}"#, "'priority' is 1.5, not a whole"),
        (r#"{"active":true,"priority":null}"#, "'priority' is null, not a whole"),
        (r#"{"active":true,"storePaths":"/nix/store"}"#, "'storePaths' is not a list"),
        (r#"{"active":true,"storePaths":[1]}"#, "'storePaths' holds something that is not a string"),
        (r#"{"active":true,"storePaths":["/tmp/x"]}"#, "'/tmp/x' is not in the Nix store '/nix/store'"),
        (r#"{"active":true,"url":1}"#, "'originalUrl' is missing"),
        (r#"{"active":true,"url":1,"originalUrl":"flake:a"}"#, "'url' is not a string"),
        (r#"{"active":true,"url":"flake:a","attrPath":"a"}"#, "'originalUrl' is missing"),
        (
            r#"{"active":true,"url":"ftp://a","originalUrl":"flake:a","attrPath":"a"}"#,
            "'ftp://a' is not a flake reference: scheme 'ftp' is not supported",
        ),
        (r#"{"active":true,"url":"flake:a","originalUrl":"flake:a"}"#, "'attrPath' is missing"),
        (r#"{"active":true,"url":"flake:a","originalUrl":"flake:a","attrPath":[]}"#, "'attrPath' is not a"),
    ] {
        let error = parse(&format!(r#"{{"version":3,"elements":{{"bad":{element}}}}}"#)).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("element 'bad': {expected}")), "{element}: {text}");
        let error = parse(&format!(r#"{{"version":2,"elements":[{element}]}}"#)).unwrap_err();
        assert!(matches!(&error, ManifestError::Element { element, .. } if element == "0"), "{error}");
    }
    let smallest = r#"{"version":3,"elements":{"x":{"active":true,"priority":-2147483648}}}"#;
    assert_eq!(parse(smallest).unwrap().elements["x"].priority, i32::MIN);
}

#[test]
fn other_shapes_are_refused() {
    for text in ["", "{", "nonsense", "{}x", "{\"version\":3,}", "{\"a\":\"\\ud800\"}", "{\"version\":1e999}"]
    {
        assert!(matches!(parse(text), Err(ManifestError::Syntax(_))), "{text}");
    }
    for text in ["[]", "3", "null", "{}", r#"{"version":3,"elements":"x"}"#, r#"{"elements":{}}"#] {
        assert!(matches!(parse(text), Err(ManifestError::Shape(_))), "{text}");
    }
    for version in ["0", "4", "-1", "\"3\"", "null", "2.5"] {
        let error = parse(&format!(r#"{{"version":{version},"elements":{{}}}}"#)).unwrap_err();
        assert_eq!(
            error,
            ManifestError::Version(version.replace("99999999999999999999", "1e20")),
            "{version}"
        );
    }
    assert!(ProfileManifest::parse(b"{\"version\":3,\"elements\":{\"\xff\":{}}}", &store()).is_err());
    assert!(ProfileManifest::parse(b"\xef\xbb\xbf{\"version\":3}", &store()).is_ok());
}

#[test]
fn hostile_depth_is_an_error_and_no_crash() {
    for open in ["[", "{\"a\":"] {
        let text = format!("{{\"version\":3,\"elements\":{}", open.repeat(1_000_000));
        assert!(matches!(parse(&text), Err(ManifestError::Syntax(_))));
    }
}

#[test]
fn references_are_kept_as_nix_prints_them() {
    let text = r#"{"version":3,"elements":{"x":{"active":true,"attrPath":"a","originalUrl":"nixpkgs",
        "url":"github:NixOS/nixpkgs?rev=0123456789ABCDEF0123456789abcdef01234567&lastModified=1"}}}"#;
    let source = parse(text).unwrap().elements["x"].source.clone().unwrap();
    assert_eq!(source.original_url, "flake:nixpkgs");
    assert_eq!(source.url, "github:NixOS/nixpkgs/0123456789abcdef0123456789abcdef01234567");
}

#[test]
fn taken_names_get_a_number() {
    let mut manifest = ProfileManifest::default();
    let added: Vec<String> =
        ["a", "a", "a-1", "a", ""].iter().map(|name| manifest.add(name, plain(&[]))).collect();
    assert_eq!(added, ["a", "a-1", "a-1-1", "a-2", ""]);
}

#[test]
fn base_names_follow_nix() {
    for (url, attribute, expected) in [
        ("flake:nixpkgs", "legacyPackages.x86_64-linux.hello", "hello"),
        ("flake:nixpkgs", "packages.x86_64-linux.default", "flake:nixpkgs#packages.x86_64-linux.default"),
        ("flake:nixpkgs", "defaultPackage.x86_64-linux", "flake:nixpkgs#defaultPackage.x86_64-linux"),
        ("flake:nixpkgs", "defaultPackage.hello", "flake:nixpkgs#defaultPackage.hello"),
        ("flake:nixpkgs", "a.defaultPackage.hello", "hello"),
        ("flake:nixpkgs", "hello", "hello"),
        ("flake:nixpkgs", "nodePackages.\"a.b\"", "flake:nixpkgs#nodePackages.\"a.b\""),
        ("flake:nixpkgs", "python3.11.x", "x"),
        ("flake:nixpkgs/nixos-24.05", "a.default", "flake:nixpkgs/nixos-24.05#a.default"),
        ("flake:nixpkgs/nixos-24", "a.default", "nixos-24"),
        ("github:owner/repo", "packages.x86_64-linux.default", "repo"),
        ("github:owner/repo/some/where", "a.default", "repo"),
        ("github:owner/my.repo", "a.default", "github:owner/my.repo#a.default"),
        ("sourcehut:~owner/repo", "a.default", "repo"),
        ("gitlab:owner/repo?dir=sub/folder", "packages.hello", "sub/folder"),
        ("git+https://host.example/a/tool", "a.default", "tool"),
        ("git+https://host.example/a/tool.git", "a.default", "git+https://host.example/a/tool.git#a.default"),
        ("path:/home/user/tool", "a.default", "tool"),
        ("path:/home/user/tool/", "a.default", "path:/home/user/tool/#a.default"),
        ("path:/home/user/my%20tool", "a.default", "path:/home/user/my%20tool#a.default"),
        ("https://host.example/x/tool.tar.gz", "a.default", "https://host.example/x/tool.tar.gz#a.default"),
    ] {
        let element = from_flake(url, attribute, ExtendedOutputsSpec::Default);
        assert_eq!(element.base_name(), expected, "{url}#{attribute}");
    }
    let with_outputs = from_flake("flake:n", "packages.x86_64-linux.git", names(&["doc", "out"]));
    assert_eq!(with_outputs.base_name(), "git");
    let by_default = from_flake("flake:n", "x.default", ExtendedOutputsSpec::All);
    assert_eq!(by_default.base_name(), "flake:n#x.default^*");
    assert_eq!(from_flake("flake:n", "a.ä", ExtendedOutputsSpec::Default).base_name(), "flake:n#a.ä");
    assert_eq!(plain(&[FLTK, HELLO]).base_name(), "fltk, hello");
    assert_eq!(plain(&[]).base_name(), "");
}

#[test]
fn matchers_pick_and_are_titled_as_in_nix() {
    let element =
        from_flake("flake:nixpkgs", "legacyPackages.x86_64-linux.hello", ExtendedOutputsSpec::Default);
    let matcher = |word: &str| ElementMatcher::word(word, &store()).unwrap();
    assert!(matcher("hello-1").matches("hello-1", &element));
    assert!(!matcher("hello").matches("hello-1", &element));
    assert!(matcher(&format!("{HELLO}/")).matches("x", &element));
    assert!(!matcher(FLTK).matches("x", &element));
    assert!(ElementMatcher::All.matches("x", &element));
    let regex = |pattern: &str| ElementMatcher::regex(pattern).unwrap().matches("x", &element);
    assert!(regex("FLAKE:.*#.*[.]hello"));
    assert!(!regex("hello"));
    assert!(ElementMatcher::regex("hello, fltk|fltk, hello").unwrap().matches("x", &plain(&[HELLO, FLTK])));
    assert_eq!(matcher("hello").title(), "Package name 'hello'");
    assert_eq!(matcher(HELLO).title(), "Store path '10s5j3mfdg22k1597x580qrhprnzcjwb-hello-2.12.3'");
    assert_eq!(ElementMatcher::regex("h.*").unwrap().title(), "Regex 'h.*'");
}

#[test]
fn numbers_are_refused_as_nix_reads_them() {
    for word in ["0", "7", "+7", "007", "18446744073709551615"] {
        assert_eq!(ElementMatcher::word(word, &store()).unwrap_err(), MatcherError::Index(word.to_owned()));
    }
    for word in ["", "-1", "7a", " 7", "7 ", "0x7", "1.0", "18446744073709551616", "+"] {
        assert!(ElementMatcher::word(word, &store()).is_ok(), "{word}");
    }
}

fn any_element() -> impl Strategy<Value = ProfileElement> {
    let paths = prop::collection::btree_set("[0-9a-d]{32}-[a-z]{1,6}-[0-9]{1,3}", 0..4);
    let outputs = prop_oneof![
        Just(ExtendedOutputsSpec::Default),
        Just(ExtendedOutputsSpec::All),
        prop::collection::btree_set("[a-z]{1,4}", 1..3)
            .prop_map(|names| ExtendedOutputsSpec::Names(names.into_iter().collect())),
    ];
    let source =
        prop::option::of((any::<String>(), outputs).prop_map(|(attr_path, outputs)| ElementSource {
            original_url: "flake:nixpkgs".to_owned(),
            url: "github:NixOS/nixpkgs".to_owned(),
            attr_path,
            outputs,
        }));
    (any::<bool>(), any::<i32>(), paths, source).prop_map(|(active, priority, paths, source)| {
        ProfileElement {
            active,
            priority,
            store_paths: paths.iter().map(|base| path(&format!("/nix/store/{base}"))).collect(),
            source,
        }
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read(elements in prop::collection::btree_map(any::<String>(), any_element(), 0..6)) {
        let manifest = ProfileManifest::of(elements);
        prop_assert_eq!(parse(&manifest.to_json()).unwrap(), manifest);
    }

    #[test]
    fn names_are_found_for_any_element(element in any_element(), url in any::<String>()) {
        let mut element = element;
        if let Some(source) = &mut element.source {
            source.original_url = url;
        }
        let _ = (element.base_name(), element.versions());
    }

    #[test]
    fn reading_never_panics(text in any::<Vec<u8>>(), json in r#"[\[\]{}":,a-e0-9]{0,40}"#) {
        let _ = ProfileManifest::parse(&text, &store());
        let _ = parse(&json);
    }
}

#[test]
fn an_element_is_locked_if_what_was_given_is() {
    let source = |original: &str| ElementSource {
        original_url: original.to_owned(),
        url: "path:/x?lastModified=7".to_owned(),
        attr_path: "a".to_owned(),
        outputs: ExtendedOutputsSpec::Default,
    };
    let commit = "0123456789abcdef0123456789abcdef01234567";
    assert!(source(&format!("github:o/r/{commit}")).is_locked());
    for original in ["flake:nixpkgs", "path:/x?lastModified=7", &format!("flake:nixpkgs/{commit}")] {
        assert!(!source(original).is_locked(), "{original}");
    }
}

#[test]
fn a_list_of_elements_with_one_name_is_read_in_linear_time() {
    // Trying every number for each of them would take minutes.
    let element = r#"{"active":true,"storePaths":[]}"#;
    let list = vec![element; 100_000].join(",");
    let text = format!(r#"{{"version":2,"elements":[{list}]}}"#);
    let read = ProfileManifest::parse(text.as_bytes(), &StoreDir::new("/nix/store")).unwrap();
    assert_eq!(read.elements.len(), 100_000);
    assert!(read.elements.contains_key("-99999"));
}

#[test]
fn attributes_are_shortened_to_what_one_would_type() {
    let source = |attribute: &str| ElementSource {
        original_url: "flake:nixpkgs".into(),
        url: "flake:nixpkgs".into(),
        attr_path: attribute.into(),
        outputs: ExtendedOutputsSpec::All,
    };
    let numpy = source("legacyPackages.x86_64-linux.python3Packages.numpy");
    assert_eq!(numpy.short_attribute(None), "python3Packages.numpy");
    assert_eq!(numpy.short_attribute(Some("x86_64-linux")), "python3Packages.numpy");
    assert_eq!(numpy.short_attribute(Some("i686-linux")), numpy.attr_path);
    for whole in ["defaultPackage.x86_64-linux", "devShells.x86_64-linux.default", "hello"] {
        assert_eq!(source(whole).short_attribute(None), whole);
    }
    assert_eq!(source("x").installable("nixpkgs", "a%b^c"), "nixpkgs#a%25b%5Ec^*");
}

#[test]
fn the_commit_of_a_locked_reference_is_found() {
    let commit = "9f2c1de4a8b360f7519ec2d38a6407bf51d90c6e";
    for (url, found) in [
        (format!("github:NixOS/nixpkgs/{commit}?narHash=sha256-x"), Some(commit)),
        (format!("git+file:///x?ref=main&rev={commit}"), Some(commit)),
        (format!("git+file:///x?dirtyRev={commit}-dirty"), None),
        ("path:/x?narHash=sha256-abc".to_owned(), None),
    ] {
        let source = ElementSource {
            original_url: "flake:nixpkgs".into(),
            url,
            attr_path: "x".into(),
            outputs: ExtendedOutputsSpec::Default,
        };
        assert_eq!(source.revision(), found, "{}", source.url);
    }
}
