use super::*;
use crate::tui::model::{Pane, PreviewTab, TreeLineKind, TreeMark};

/// Lines of the tree in short: indentation, glyph, last part, `/` for folders.
fn tree(bench: &Bench) -> Vec<String> {
    let line = |line: &crate::tui::model::TreeLine| {
        let name =
            String::from_utf8_lossy(line.path.rsplit(|byte| *byte == b'/').next().unwrap()).into_owned();
        let mark = match &line.mark {
            TreeMark::Same => " ",
            TreeMark::Added => "+",
            TreeMark::Removed => "-",
            TreeMark::Awaited => "?",
            TreeMark::Changed(_) => "~",
        };
        let indent = "  ".repeat(line.depth);
        match &line.kind {
            TreeLineKind::Folder { links, open, .. } => {
                format!("{indent}{mark}{} {name}/ {links}", if *open { "v" } else { ">" })
            }
            TreeLineKind::Link { folder: true, .. } => format!("{indent}{mark} {name}/"),
            TreeLineKind::Link { note, .. } => {
                format!(
                    "{indent}{mark} {name}{}",
                    note.as_ref().map_or(String::new(), |note| format!(" ({note})"))
                )
            }
            TreeLineKind::Unchanged(count) => format!("{indent}  … {count}"),
        }
    };
    bench.model.preview.lines.iter().map(line).collect()
}

#[test]
fn without_a_plan_the_programs_are_shown() {
    let bench = Bench::on(world());
    assert_eq!(
        tree(&bench),
        [" v bin/ 4", "    hello", "    jj (hides jj-1.9.2 (6))", "    jj-lsp", "    tmux", " > share/ 2"]
    );
}

#[test]
fn what_changes_unfolds_itself_and_the_rest_is_one_line() {
    let mut bench = Bench::on(world());
    bench.keys("d");
    assert_eq!(
        tree(&bench),
        [" v bin/ 3", "  - hello", "    jj (hides jj-1.9.2 (6))", "    … 2", "~ share/"],
        "with one owner left, a folder is one link"
    );
    bench.keys("0 .");
    assert_eq!(tree(&bench).len(), 6, "{:?}", tree(&bench));
    let total = bench.model.preview.total;
    assert_eq!((total.before, total.after, total.added, total.removed), (6, 4, 1, 3));
}

#[test]
fn a_tie_is_shown_with_both_sides() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#fltk <enter>").learn();
    let lines = tree(&bench);
    let tie = lines.iter().find(|line| line.contains("tie:")).unwrap();
    assert!(tie.contains("hello-2.12.3 (5)") && tie.contains("fltk-1.3.11 (5)"), "{tie}");
    let TreeLineKind::Folder { blocking, added, .. } = bench.model.preview.lines[0].kind else { panic!() };
    assert_eq!((blocking, added), (1, 1));
}

#[test]
fn folding_goes_to_the_parent_and_then_back_to_the_list() {
    let mut bench = Bench::on(world());
    bench.keys("0 j j h");
    assert_eq!(bench.model.preview.cursor.selected, 0);
    bench.keys("h");
    assert_eq!(tree(&bench), [" > bin/ 4", " > share/ 2"]);
    bench.keys("h");
    assert_eq!(bench.model.focus, Pane::Installed);
    bench.keys("0 <enter>");
    assert_eq!(tree(&bench).len(), 6);
    bench.keys("l l");
    assert_eq!(bench.toast(), "Only folders unfold.");
}

#[test]
fn the_cursor_stays_on_its_line_when_the_plan_changes() {
    let mut bench = Bench::on(world());
    bench.keys("0 G l l 1 j d");
    let line = &bench.model.preview.lines[bench.model.preview.cursor.selected];
    assert_eq!(line.path, b"share/man");
}

#[test]
fn searching_unfolds_and_goes_around() {
    let mut bench = Bench::on(world());
    bench.keys("0 n");
    assert_eq!(bench.toast(), "Nothing is searched for; press / first.");
    bench.keys("/ TMUX <enter>");
    assert_eq!(bench.toast(), "No path of the tree contains 'TMUX'.", "capitals find themselves");
    bench.keys("/ tmux <enter>");
    let path = |bench: &Bench| bench.model.preview.lines[bench.model.preview.cursor.selected].path.clone();
    assert_eq!((path(&bench), bench.toast()), (b"bin/tmux".to_vec(), "1 of 2"));
    bench.keys("n");
    assert_eq!(path(&bench), b"share/man/tmux.1");
    bench.keys("n");
    assert_eq!((path(&bench), bench.toast()), (b"bin/tmux".to_vec(), "1 of 2, around the end"));
    bench.keys("N N");
    assert_eq!(path(&bench), b"bin/tmux");
    bench.keys("/ man/h <enter>");
    assert_eq!(path(&bench), b"share/man/hello.1");
}

#[test]
fn the_cursor_follows_what_is_typed_and_esc_goes_back() {
    let mut bench = Bench::on(world());
    bench.keys("0 j h h ] 0");
    let before = (tree(&bench), bench.model.preview.cursor, bench.model.preview.tab);
    bench.keys("/ tmu");
    let path = |bench: &Bench| bench.model.preview.lines[bench.model.preview.cursor.selected].path.clone();
    assert_eq!((path(&bench), bench.toast()), (b"bin/tmux".to_vec(), "1 of 2"));
    bench.keys("x .");
    assert_eq!(path(&bench), b"share/man/tmux.1");
    bench.keys("<backspace>");
    assert_eq!(path(&bench), b"bin/tmux", "each letter looks from where one was");
    bench.keys("<esc>");
    assert_eq!((tree(&bench), bench.model.preview.cursor, bench.model.preview.tab), before);
    bench.keys("n");
    assert_eq!(bench.toast(), "Nothing is searched for; press / first.");
}

#[test]
fn what_is_found_among_unchanged_links_is_shown() {
    let mut bench = Bench::on(world());
    bench.keys("d 0 / jj-lsp <enter>");
    let line = &bench.model.preview.lines[bench.model.preview.cursor.selected];
    assert_eq!((line.path.as_slice(), bench.model.preview.show_unchanged), (&b"bin/jj-lsp"[..], true));
}

#[test]
fn tabs_turn_and_tree_keys_say_where_they_belong() {
    let mut bench = Bench::on(world());
    bench.keys("]");
    assert_eq!(bench.model.preview.tab, PreviewTab::Diff);
    bench.keys("0 .");
    assert_eq!(bench.toast(), "That is for the tree; [ shows it.");
    bench.keys("] .");
    assert_eq!(bench.toast(), "That is for the tree; ] shows it.");
    bench.keys("G h");
    assert_eq!(bench.model.focus, Pane::Installed);
    bench.keys("] <enter>");
    assert_eq!((bench.model.focus, bench.model.preview.tab), (Pane::Preview, PreviewTab::Info));
}

#[test]
fn of_generations_no_tree_is_shown() {
    let mut bench = Bench::on(world());
    bench.keys("3 j ]");
    assert_eq!(bench.model.preview.tab, PreviewTab::Info);
    bench.keys("]");
    assert_eq!(bench.model.preview.tab, PreviewTab::Diff);
    bench.keys("l .");
    assert_eq!(bench.toast(), "Of generations no tree is shown, only what differs.");
}

#[test]
fn packages_are_measured_once_when_their_size_is_on_screen() {
    let mut bench = Bench::on(world());
    bench.keys("j j k");
    assert!(bench.ordered().is_empty(), "nobody asked");
    bench.keys("] ]");
    let ordered = bench.ordered();
    let [Effect::MeasurePackages(paths)] = &ordered[..] else { panic!("{ordered:?}") };
    assert!(paths.iter().all(|path| path.name() == "jj-1.9.2"), "{paths:?}");
    bench.keys("J K");
    assert!(bench.ordered().is_empty(), "it was asked for already");
    let size = crate::core::package::PackageSize { files: 1, bytes: 7 };
    bench.tell(Msg::PackagesMeasured(paths.iter().map(|path| (path.clone(), Ok(size))).collect()));
    bench.keys("j k");
    assert!(matches!(&bench.ordered()[..], [Effect::MeasurePackages(other)] if other != paths));
}

#[test]
fn twenty_thousand_links_plan_and_list_quickly() {
    let names: Vec<String> =
        (0..27_000).map(|index| format!("share/part{}/file{index}", index % 90)).collect();
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::new().installed("large-1.0", 5, &files).installed(
        "other-2.0",
        6,
        &["share/part1/x", "share/part2/y", "bin/z"],
    );
    let mut bench = Bench::on(world);
    bench.keys("d z d z");
    assert!(bench.model.preview.lines.len() < 100, "only what is unfolded is listed");
}

#[test]
fn a_program_under_the_cursor_is_looked_up_once() {
    let mut bench = Bench::on(world());
    bench.keys("0 j j");
    let name = |bench: &Bench| bench.model.preview.lines[bench.model.preview.cursor.selected].path.clone();
    assert_eq!(name(&bench), b"bin/jj");
    assert_eq!(
        std::mem::take(&mut bench.background),
        [Effect::LookUpProgram(b"hello".to_vec()), Effect::LookUpProgram(b"jj".to_vec())]
    );
    let found =
        crate::ops::on_path::OnPath { programs: "/p/bin".into(), entry: None, first: None, ours: false };
    bench.tell(Msg::ProgramLookedUp(b"jj".to_vec(), found));
    bench.keys("k j");
    assert_eq!(
        std::mem::take(&mut bench.background),
        [Effect::LookUpProgram(b"hello".to_vec())],
        "the other is known"
    );
}
