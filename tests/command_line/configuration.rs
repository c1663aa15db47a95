use super::sandbox::{Ran, Sandbox, run};

impl Sandbox {
    /// Writes the configuration.
    fn configure(&self, text: &[u8]) {
        std::fs::create_dir_all(self.path("config")).unwrap();
        std::fs::write(self.path("config/config.toml"), text).unwrap();
    }

    /// Runs firn with the configuration of the sandbox.
    fn configured(&self, words: &[&str]) -> Ran {
        let mut command = self.command();
        command.env("FIRN_CONFIG_DIR", self.path("config")).args(words);
        run(command)
    }
}

#[test]
fn the_printed_configuration_is_all_right() {
    let sandbox = Sandbox::new();
    let missing = sandbox.configured(&["config", "--check"]).expect(0);
    assert!(missing.out.is_empty() && missing.err.contains("the defaults count"), "{}", missing.err);
    let printed = sandbox.configured(&["config"]).expect(0);
    assert!(printed.err.is_empty() && printed.out.contains("\ntheme = \"terminal\"\n"), "{}", printed.out);
    let json = sandbox.configured(&["config", "--json"]).expect(0).json();
    assert_eq!(json["theme"], "terminal");
    assert!(json["keys"].is_array(), "{json}");
    sandbox.configure(printed.out.as_bytes());
    let checked = sandbox.configured(&["config", "--check"]).expect(0);
    assert!(checked.out.is_empty() && checked.err.contains("config.toml is all right"), "{}", checked.err);
}

#[test]
fn what_is_wrong_is_told_with_file_and_line() {
    let sandbox = Sandbox::new();
    sandbox.configure(
        b"mouse = true\nkeys = [\n  { on = \"hyper-q\", run = \"quit\", scope = \"main\" },\n]\nthme = 1\n",
    );
    let checked = sandbox.configured(&["config", "--check"]).expect(1);
    let file = sandbox.path("config/config.toml");
    let lines = checked.lines();
    assert!(lines[0].starts_with(&format!("{}:3: 'hyper-q' for 'quit'", file.display())), "{lines:?}");
    assert!(lines[1].starts_with(&format!("{}:5: 'thme' is no entry", file.display())), "{lines:?}");
    let json = sandbox.configured(&["config", "--check", "--json"]).expect(1).json();
    assert_eq!(json["problems"][0]["line"], 3);
    assert_eq!(json["file"], file.to_str().unwrap());
}

#[test]
fn files_that_are_no_configuration_are_told_in_words() {
    let sandbox = Sandbox::new();
    for (text, words) in [
        (&b"\x7fELF\x02\xff\xfe"[..], "not UTF-8 text from line 1 on"),
        (&vec![b'#'; 1024 * 1024 + 1], "larger than 1 MiB"),
        (b"mouse = true\n\x00\n", "config.toml:2: this is not TOML"),
        (&vec![b'['; 200_000], "too many brackets"),
    ] {
        sandbox.configure(text);
        let checked = sandbox.configured(&["config", "--check"]).expect(1);
        assert!(checked.out.contains(words), "{}", checked.out);
    }
}

#[test]
fn the_interface_opens_whatever_the_configuration_says() {
    let sandbox = Sandbox::new();
    sandbox.configure(b"mouse = 1\ncolumns = [\"source\"]\n");
    let frame = |keys: &str| {
        let words = ["--demo=playground", "--keys", keys, "--frame", "100x30"];
        sandbox.configured(&words).expect(0).out
    };
    assert!(frame("").contains("config.toml:1: 'mouse' has to be true or false"), "{}", frame(""));
    let after = frame("<enter>");
    assert!(!after.contains("has to be") && !after.contains("version  "), "{after}");
}

#[test]
fn a_theme_that_is_not_there_is_wrong_usage() {
    let sandbox = Sandbox::new();
    let words = |theme| ["--demo=playground", "--theme", theme, "--frame", "80x24"];
    let wrong = sandbox.configured(&words("drak")).expect(2);
    assert!(wrong.err.contains("there is no theme 'drak'; did you mean 'dark'?"), "{}", wrong.err);
    std::fs::write(sandbox.path("mine.toml"), "base = \"light\"\n").unwrap();
    for theme in ["dark", "light", "plain", "terminal", "./mine.toml", "mine.toml"] {
        sandbox.configured(&words(theme)).expect(0);
    }
}
