use super::*;

fn invocation(line: &str) -> Invocation {
    match read(line.split(' ').filter(|word| !word.is_empty()).map(OsString::from)) {
        Ok(Reading::Invocation(invocation)) => *invocation,
        Ok(Reading::Printed(error)) => panic!("{error}"),
        Err(failure) => panic!("{failure:?}"),
    }
}

fn status(line: &str) -> i32 {
    match read(line.split(' ').map(OsString::from)) {
        Ok(Reading::Invocation(_)) => 0,
        Ok(Reading::Printed(error)) => error.exit_code(),
        Err(failure) => failure.status().into(),
    }
}

#[test]
fn the_grammar_is_sound() {
    grammar::whole().debug_assert();
}

#[test]
fn priorities_that_do_not_fit_are_refused() {
    assert_eq!(status("add x --priority 4G"), 2);
    assert_eq!(status("priority x 2147483648"), 2);
    assert_eq!(status("priority x -2147483648"), 0);
}

#[test]
fn options_stand_anywhere() {
    for line in ["--profile p --json list", "list --profile p --json", "--json list --profile p"] {
        let invocation = invocation(line);
        assert!(matches!(invocation.request, Request::List) && invocation.json, "{line}");
        assert_eq!(invocation.place.profile, Some(PathBuf::from("p")));
    }
}

#[test]
fn hints_are_about_the_same_profile() {
    for (line, program) in [
        ("list", "firn"),
        ("list --demo", "firn --demo"),
        ("--demo=d list --profile ./p#1", "firn --demo=d --profile './p#1'"),
    ] {
        assert_eq!(invocation(line).place.program(), program);
    }
}

#[test]
fn nix_options_go_to_the_store() {
    let StoreChoice::Nix(words) = invocation("--impure add a#b --offline").place.store else {
        panic!("not nix")
    };
    assert_eq!(words, ["--impure", "--offline"]);
}

#[test]
fn the_playground_is_chosen_by_option_or_command() {
    let at =
        |folder: Option<&str>, fresh| StoreChoice::Playground { folder: folder.map(PathBuf::from), fresh };
    assert_eq!(invocation("--demo list").place.store, at(None, false));
    assert_eq!(invocation("list --demo ./d").place.store, at(Some("./d"), false));
    assert_eq!(invocation("--demo d list").place.store, at(Some("d"), false));
    assert_eq!(invocation("demo d --fresh").place.store, at(Some("d"), true));
}

#[test]
fn what_nix_calls_wrong_usage_is_status_2() {
    for line in ["remove", "remove --all x", "wipe-history --older-than 30", "list --unknown", "nonsense"] {
        assert_eq!(status(line), 2, "{line}");
    }
    for line in ["priority x", "enable", "apply", "tree --generation x", "rollback --to -1", "list x"] {
        assert_eq!(status(line), 2, "{line}");
    }
}

#[test]
fn install_is_add_and_nothing_named_is_the_flake_here() {
    let Request::Change(ChangeRequest::Add { installables, .. }) = invocation("install").request else {
        panic!("not an addition")
    };
    assert_eq!(installables, ["."]);
}

#[test]
fn patterns_may_begin_with_a_dash() {
    let Request::Change(ChangeRequest::Remove(pick)) = invocation("remove --regex -x.* a").request else {
        panic!("not a removal")
    };
    assert_eq!(pick, Pick::Some { patterns: vec!["-x.*".into()], words: vec!["a".into()] });
}
