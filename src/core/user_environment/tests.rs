use proptest::prelude::*;

use super::object::EnvironmentObjects;
use super::*;

/// Written by a real nix-env in a store of its own: two packages installed from a file, then a store
/// path.
const WRITTEN: &str = r#"[ { meta = { }; name = "c-3.0"; out = { outPath = "/tmp/vectors/store/a7bkblpcjqj74gr46fsbxg3k48wj0f2c-c-3.0"; }; outPath = "/tmp/vectors/store/a7bkblpcjqj74gr46fsbxg3k48wj0f2c-c-3.0"; outputs = [ "out" ]; type = "derivation"; } { meta = { b = true; big = 1.23457e+08; description = "hello \"x\" \${y} $ \\ \n tab\t cr\r ä"; f = 1.5; g = 1; l = [ 1 2 "x" [ ] { } ]; neg = -10; priority = 3; set = { a = 1; "b c" = 2; }; }; name = "a-1.0"; out = { outPath = "/tmp/vectors/store/cn03p35malnl53jfvkv3wkrvlr83ggq9-a-1.0"; }; outPath = "/tmp/vectors/store/cn03p35malnl53jfvkv3wkrvlr83ggq9-a-1.0"; outputs = [ "out" ]; system = "x86_64-linux"; type = "derivation"; } { man = { outPath = "/tmp/vectors/store/cqyqdpzhp8qcwzy0kxp0v43ddrbx67i0-b-2.0-man"; }; meta = { outputsToInstall = [ "out" "man" ]; }; name = "b-2.0"; out = { outPath = "/tmp/vectors/store/8x2rrpwizfq56z9n4hj13h5h6p4yw87s-b-2.0"; }; outPath = "/tmp/vectors/store/8x2rrpwizfq56z9n4hj13h5h6p4yw87s-b-2.0"; outputs = [ "man" "out" ]; system = "x86_64-linux"; type = "derivation"; } ]"#;

fn store() -> StoreDir {
    StoreDir::new("/tmp/vectors/store")
}

fn parse(text: &str) -> Result<UserEnvironment, EnvironmentError> {
    UserEnvironment::parse(text.as_bytes(), &store(), Derivations::Dropped)
}

#[test]
fn what_nix_env_wrote_is_read_and_written_again() {
    let environment = parse(WRITTEN).unwrap();
    assert_eq!(environment.to_string(), WRITTEN);
    let objects = EnvironmentObjects::of(&environment, &store()).unwrap();
    let name = |path: &StorePath| path.base_name().to_owned();
    assert_eq!(name(&objects.manifest.path), "0ks51mh2ahsridq8p1g07q69987ai0jd-env-manifest.nix");
    assert_eq!(name(&objects.path), "p3n1wr68px3vkhbkg7vmql4vdmf72a17-user-environment");
    assert_eq!(name(&objects.derivation.path), "1zhvds28jxifcpkmacg6kid7alzzywq8-user-environment.drv");
}

#[test]
fn a_flag_is_set_as_nix_env_sets_it() {
    let mut environment = parse(WRITTEN).unwrap();
    environment.rewrite();
    environment.set_flag("b", "active", "false");
    let objects = EnvironmentObjects::of(&environment, &store()).unwrap();
    assert_eq!(objects.manifest.path.base_name(), "qfciqhq8ny5lsg26kfmgv74smvvfhrrl-env-manifest.nix");
    assert_eq!(objects.path.base_name(), "r1r7sxv0wsa927bk7cvfkl67vci7cdb6-user-environment");
}

#[test]
fn packages_are_seen_as_elements() {
    let environment = parse(WRITTEN).unwrap();
    assert_eq!(names(&environment), ["c", "a", "b"]);
    let elements = environment.elements();
    assert_eq!((elements["a"].priority, elements["b"].priority, elements["b"].active), (3, 5, true));
    assert_eq!(elements["b"].store_paths.len(), 2);
    let package = environment.package("a").unwrap();
    assert_eq!((package.version(), package.keep()), ("1.0", false));
    assert!(package.description().unwrap().starts_with("hello \"x\" ${y}"));
}

/// A package of that name with this `meta`.
fn package(name: &str, meta: &str) -> String {
    let path = format!("/tmp/vectors/store/a7bkblpcjqj74gr46fsbxg3k48wj0f2c-{name}");
    format!(
        "{{ meta = {{ {meta}}}; name = \"{name}\"; out = {{ outPath = \"{path}\"; }}; \
         outPath = \"{path}\"; outputs = [ \"out\" ]; system = \"s\"; type = \"derivation\"; }}"
    )
}

fn environment(packages: &[(&str, &str)]) -> UserEnvironment {
    let packages: Vec<String> = packages.iter().map(|(name, meta)| package(name, meta)).collect();
    parse(&format!("[ {} ]", packages.join(" "))).unwrap()
}

fn names(environment: &UserEnvironment) -> Vec<&str> {
    environment.packages.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn packages_of_one_name_are_told_apart() {
    let environment =
        environment(&[("a-1", ""), ("b-2", ""), ("a-2", ""), ("a-1", ""), ("a-1", ""), ("c", "")]);
    assert_eq!(names(&environment), ["a-1-2", "b", "a-2", "a-1-1", "a-1", "c"]);
}

#[test]
fn removing_leaves_the_order_that_nix_env_leaves() {
    let mut environment = environment(&[("a-1", ""), ("b-1", ""), ("c-1", ""), ("d-1", "")]);
    assert!(environment.remove("b"));
    assert_eq!(names(&environment), ["a", "d", "c"]);
    assert!(environment.remove("c"));
    assert!(!environment.remove("c"));
    assert_eq!(names(&environment), ["a", "d"]);
}

#[test]
fn installing_takes_the_place_of_what_has_the_name() {
    let mut environment = environment(&[("a-1", ""), ("b-1", "keep = \"true\"; "), ("c-1", "")]);
    let of_path = |name: &str| {
        let path = format!("/tmp/vectors/store/a7bkblpcjqj74gr46fsbxg3k48wj0f2c-{name}");
        EnvironmentPackage::of_store_path(&StorePath::parse(&store(), &path).unwrap())
    };
    assert_eq!(environment.install(vec![of_path("a-2")]), ["a"]);
    assert_eq!(environment.install(vec![of_path("b-2")]), ["b-2"]);
    assert_eq!(names(&environment), ["b-2", "a", "b", "c"]);
    assert!(environment.packages[0].1.to_string().starts_with("{ meta = { }; name = \"b-2\"; out = "));
    assert!(!environment.to_string().contains("unknown"));
    environment.rewrite();
    assert!(environment.to_string().contains("system = \"unknown\""));
}

#[test]
fn writing_drops_what_nix_env_drops() {
    let meta = "a = { b = [ { outPath = 1; } ]; }; c = 1; outputsToInstall = [ \"doc\" ]; ";
    let mut environment = environment(&[("a-1", meta)]);
    environment.rewrite();
    let written = environment.to_string();
    assert!(written.contains("meta = { c = 1; outputsToInstall = [ \"out\" ]; };"), "{written}");
}

#[test]
fn priorities_and_flags_are_read_as_the_builder_reads_them() {
    for (meta, priority, active, keep) in [
        ("", 5, true, false),
        ("priority = -10; active = \"no\"; keep = true; ", -10, true, true),
        ("priority = \"7\"; active = \"false\"; keep = \"true\"; ", 7, false, true),
        ("priority = \"3x\"; active = true; keep = \"yes\"; ", 3, true, false),
        ("priority = 4.75; keep = 1; ", 4, true, false),
    ] {
        let environment = environment(&[("a-1", meta)]);
        let package = &environment.packages[0].1;
        assert_eq!(
            (package.priority(), package.active(), package.keep()),
            (priority, active, keep),
            "{meta}"
        );
    }
}

#[test]
fn everything_else_is_refused_where_it_stands() {
    let item = package("a-1", "");
    let meta = |meta: &str| format!("[\n {} ]", package("a-1", meta));
    let deep = |open: &str, close: &str| format!("[ {}{} ]", open.repeat(10_000), close.repeat(10_000));
    for (text, position, words) in [
        (String::new(), "line 1, column 1", "ends in the middle"),
        ("{ }".to_owned(), "line 1, column 1", "a list of packages"),
        ("[ { } 1 ]".to_owned(), "line 1, column 3", "no name"),
        (format!("[ {item}"), "line 1, column ", "ends in the middle"),
        (item[..60].to_owned(), "line 1, column 1", "a list of packages"),
        (format!("[ {}", &item[..50]), "line 1, column 49", "ends in the middle of this string"),
        (format!("[ {item} ] x"), "line 1, column ", "nothing may follow"),
        ("[ 1 ]".to_owned(), "line 1, column 3", "no package"),
        ("[ (x: x) ]".to_owned(), "line 1, column 3", "not '('"),
        ("[ import ]".to_owned(), "line 1, column 3", "'import' would have to be evaluated"),
        ("[ rec { } ]".to_owned(), "line 1, column 3", "'rec' would have to be evaluated"),
        ("[ { inherit x; } ]".to_owned(), "line 1, column 5", "no 'inherit'"),
        ("[ { a.b = 1; } ]".to_owned(), "line 1, column 6", "'=' and a value"),
        ("[ { a = 1; a = 2; } ]".to_owned(), "line 1, column 12", "there twice"),
        ("[ { a = ./x; } ]".to_owned(), "line 1, column 9", "end of a number"),
        ("[ { a = /x; } ]".to_owned(), "line 1, column 9", "not '/'"),
        ("[ { a = <x>; } ]".to_owned(), "line 1, column 9", "not '<'"),
        ("[ { a = ''x''; } ]".to_owned(), "line 1, column 9", "not '\\''"),
        ("[ { a = -b; } ]".to_owned(), "line 1, column 10", "a number"),
        ("[ [ -1 ] ]".to_owned(), "line 1, column 5", "not '-'"),
        ("[ { a = 1e+06; } ]".to_owned(), "line 1, column 10", "end of a number"),
        ("[ { a = 99999999999999999999; } ]".to_owned(), "line 1, column 9", "no number"),
        ("[ # x\n ]".to_owned(), "line 1, column 3", "not '#'"),
        ("[ { a = \"x${y}\"; } ]".to_owned(), "line 1, column 11", "'${' would have to be evaluated"),
        ("[ { a = \"\0\"; } ]".to_owned(), "line 1, column 10", "zero byte"),
        (deep("[ ", "] "), "line 1, column 203", "more than 100 deep"),
        (deep("{ a = ", "; } "), "line 1, column ", "more than 100 deep"),
        (meta("priority = false; "), "line 2, column 2", "package 'a-1': its priority false"),
        (meta("priority = \"many\"; "), "line 2, column 2", "its priority"),
        (meta("priority = 3000000000; "), "line 2, column 2", "its priority"),
        (meta("active = \"\"; "), "line 2, column 2", "its flag 'active'"),
        (format!("[ {} ]", item.replace("\"derivation\"", "\"x\"")), "line 1, column 3", "its 'type'"),
        (
            format!("[ {} ]", item.replace("/tmp/vectors", "/else")),
            "line 1, column 3",
            "is not in the Nix store",
        ),
        (
            format!("[ {} ]", item.replace("\"out\"", "\"name\"")),
            "line 1, column 3",
            "cannot be called 'name'",
        ),
        (format!("[ {{ a = \"{}\"; }} ]", "x".repeat(17 << 20)), "line 1, column 9", "more than 16 MiB"),
    ] {
        let error = parse(&text).unwrap_err().to_string();
        let shown = &text[..text.len().min(200)];
        assert!(error.starts_with(position) && error.contains(words), "{shown}: {error}");
    }
    let error = UserEnvironment::parse(b"[ \n\xc3\xa4\xff ]", &store(), Derivations::Dropped).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 2: this is not valid UTF-8");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        (0..i64::MAX).prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        "[a-z$\"\\\\{}\n\r\tä ]{0,6}".prop_map(Value::String),
        (1_u32..999_999).prop_map(|number| Value::Float(f64::from(number) / 64.0)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map("[a-z '$-]{0,3}", inner, 0..4).prop_map(Value::Set),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(meta in prop::collection::btree_map("[a-z $-]{0,3}", any_value(), 0..6)) {
        let mut environment = environment(&[("a-1", "")]);
        Arc::make_mut(&mut environment.packages[0].1).meta = meta;
        let written = environment.to_string();
        let again = parse(&written).unwrap();
        // A float may have become shorter, or an integer; what is written stays the same.
        prop_assert_eq!(again.to_string(), written);
    }

    #[test]
    fn reading_never_panics(text in any::<String>(), cut in 0..WRITTEN.len()) {
        let _ = parse(&text);
        let _ = parse(&format!("[ {{ a = {text}; }} ]"));
        let cut: String = WRITTEN.chars().take(cut).collect();
        let _ = parse(&format!("{cut}{text}"));
        prop_assert!(parse(&cut).is_err() || cut == WRITTEN);
    }
}
