//! `o`: what the desktop's program is started with, and that nothing is without a desktop.

use std::os::unix::fs::PermissionsExt as _;

use super::sandbox::{Ran, Sandbox, run};

/// A desktop that writes down what it was asked for.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("bin")).unwrap();
    for name in ["xdg-open", "open"] {
        let program = sandbox.path("bin").join(name);
        std::fs::write(&program, "#!/bin/sh\nprintf '%s|' \"$#\" \"$@\" > said\necho noise >&2\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox
}

fn press(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Ran {
    let mut command = sandbox.command();
    command.envs(variables.iter().copied());
    command.args(["--demo=playground", "--keys", "o", "--frame", "120x36"]);
    run(command)
}

#[test]
fn the_homepage_is_handed_to_the_desktop() {
    let sandbox = sandbox();
    let ran = press(&sandbox, &[("DISPLAY", ":9")]).expect(0);
    assert!(ran.out.contains("Opened https://github.com/sharkdp/bat"), "{}", ran.out);
    assert_eq!(ran.err, "");
    let said = std::fs::read_to_string(sandbox.path("said")).unwrap();
    assert_eq!(said, "1|https://github.com/sharkdp/bat|");
}

#[test]
fn without_a_desktop_the_address_is_shown() {
    let sandbox = sandbox();
    let ran = press(&sandbox, &[("SSH_CONNECTION", "1.2.3.4 5 6.7.8.9 22")]).expect(0);
    let words = "No browser can be started here. To the clipboard: https://github.com/sharkdp/bat";
    assert!(ran.out.contains(words), "{}", ran.out);
    assert!(!sandbox.path("said").exists());
}
