//! The command log: what gets into it, moving and searching in it, and the way to it.

use super::*;
use crate::tui::model::{LogLine, LogScreen, Outcome};
use crate::tui::msg::CommandReport;

impl Bench {
    fn command(&mut self, number: u64, line: &str, printed: &[&str], failure: Option<&str>) -> &mut Self {
        let report = |report| Msg::CommandReported(number, report);
        self.tell(report(CommandReport::Started(line.to_owned())));
        for text in printed {
            self.tell(report(CommandReport::Printed((*text).to_owned())));
        }
        let failure = failure.map(str::to_owned);
        self.tell(report(CommandReport::Ended { failure, milliseconds: 1_200 }));
        self
    }

    fn log(&self) -> &LogScreen {
        match self.overlay() {
            Some(Overlay::Log(screen)) => screen,
            other => panic!("no log but {other:?}"),
        }
    }

    /// The line under the cursor.
    fn log_line(&self) -> &str {
        match self.model.log.line(self.log().cursor.selected) {
            Some(LogLine::Title(entry)) => &entry.title,
            Some(LogLine::Text(_, text)) => text,
            None => "",
        }
    }
}

fn logged() -> Bench {
    let mut bench = Bench::on(world());
    bench.command(1, "nix eval 'a#b'", &["evaluating", "Evaluating more"], None);
    bench.command(2, "nix build /x", &["copying\u{1b}[2J", "error: no space"], Some("exit status: 1"));
    bench
}

#[test]
fn commands_are_listed_with_how_they_went() {
    let mut bench = logged();
    bench.keys("@");
    assert_eq!(bench.log_line(), "error: no space", "the newest line");
    let outcomes: Vec<Outcome> = bench.model.log.starts().map(|(_, entry)| entry.outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Done(1_200), Outcome::Failed("exit status: 1".to_owned(), 1_200)]);
    bench.keys("k");
    assert_eq!(bench.log_line(), "copying\\x1b[2J");
    bench.keys("[");
    assert_eq!(bench.log_line(), "nix build /x");
    bench.keys("[");
    assert_eq!(bench.log_line(), "nix eval 'a#b'");
    bench.keys("]");
    assert_eq!(bench.log_line(), "nix build /x");
    bench.keys("q");
    assert!(bench.overlay().is_none() && !bench.model.quit);
}

#[test]
fn the_newest_line_is_followed_until_the_cursor_leaves_it() {
    let mut bench = logged();
    bench.keys("@");
    bench.command(3, "nix copy", &["one"], None);
    assert_eq!(bench.log_line(), "one");
    bench.keys("k k");
    for number in 4..2_004 {
        bench.command(number, "nix", &[], None);
    }
    assert_eq!(bench.model.log.len(), 2_000);
    assert_ne!(bench.log_line(), "", "what went above moves the cursor along");
    bench.keys("G");
    bench.command(9_999, "nix last", &[], None);
    assert_eq!(bench.log_line(), "nix last");
}

#[test]
fn searching_goes_around_and_esc_peels_it_off_first() {
    let mut bench = logged();
    bench.keys("@ / evaluating <enter>");
    assert_eq!((bench.log_line(), bench.toast()), ("evaluating", "1 of 2, around the end"));
    bench.keys("n");
    assert_eq!(bench.log_line(), "Evaluating more");
    bench.keys("N N");
    assert_eq!(bench.toast(), "2 of 2, around the end");
    bench.keys("/ Eval <enter>");
    assert_eq!((bench.log_line(), bench.toast()), ("Evaluating more", "1 of 1, around the end"));
    bench.keys("<esc>");
    assert_eq!(bench.log().search.value(), "");
    bench.keys("n");
    assert_eq!(bench.toast(), "Nothing is searched for; press / first.");
    bench.keys("/ q <esc> <esc>");
    assert!(bench.overlay().is_none());
}

#[test]
fn a_row_that_failed_leads_to_its_command() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#nonsense <enter>");
    bench.command(
        7,
        "nix profile add 'nixpkgs#nonsense'",
        &["error: no such attribute"],
        Some("exit status: 1"),
    );
    bench.command(8, "nix other", &[], None);
    bench.learn();
    bench.keys("@");
    assert_eq!(bench.log_line(), "nix profile add 'nixpkgs#nonsense'");
    let notes = bench.model.log.starts().filter(|(_, entry)| entry.outcome == Outcome::Note).count();
    assert_eq!(notes, 1, "what the command printed is not repeated");
    bench.keys("<esc> j @");
    assert!(bench.log().follows, "other rows lead to the end");
}

#[test]
fn lines_of_the_log_can_be_copied() {
    let mut bench = logged();
    bench.keys("@ Y 3");
    assert_eq!(bench.ordered(), [Effect::Copy("copying\\x1b[2J\nerror: no space".to_owned())]);
    assert!(matches!(bench.overlay(), Some(Overlay::Log(_))));
}
