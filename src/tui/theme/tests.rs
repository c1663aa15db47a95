//! The themes that come with firn hold what they promise.

use super::*;
use crate::system::terminal_colours::ColourDepth;
use ratatui::style::{Color, Modifier, Style};

#[test]
fn every_theme_says_something_about_every_meaning() {
    for name in Theme::names() {
        let text = text_of(name).unwrap();
        let (_, problems) = Theme::read(name, text);
        assert_eq!(problems, [], "{name}");
        for (meaning, _) in MEANINGS {
            let is_told = text.lines().any(|line| line.split_whitespace().next() == Some(meaning));
            assert!(is_told, "{name} says nothing about {meaning}");
        }
    }
}

#[test]
fn plain_has_no_colour_and_terminal_only_the_user_s() {
    for style in Theme::named("plain").unwrap().styles_mut() {
        assert_eq!((style.fg, style.bg), (None, None));
    }
    for style in Theme::named("terminal").unwrap().styles_mut() {
        assert!(!matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_))) && style.bg.is_none());
    }
}

/// Relative luminance as WCAG 2 has it.
fn luminance(colour: Color) -> f64 {
    let channels = match colour {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(index @ 16..) => depth::fixed(index),
        other => panic!("{other:?} is whatever the terminal makes of it"),
    };
    let linear = |channel: u8| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = channels.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn dark_and_light_can_be_read_on_every_terminal() {
    for (name, depth) in [
        ("dark", ColourDepth::Full),
        ("dark", ColourDepth::Indexed),
        ("light", ColourDepth::Full),
        ("light", ColourDepth::Indexed),
    ] {
        let mut theme = Theme::named(name).unwrap().shown_with(depth);
        let (ground, row) = (theme.text.bg.unwrap(), theme.cursor.bg.unwrap());
        assert!(contrast(ground, row) > 1.2, "{name}: the cursor's row cannot be seen");
        for (meaning, _) in MEANINGS.iter().filter(|(meaning, _)| *meaning != "cursor") {
            let style: Style = *theme.style_mut(meaning).unwrap();
            assert!(!style.add_modifier.contains(Modifier::DIM), "{name}: {meaning} is dim");
            let ink = style.fg.unwrap();
            let (least, least_in_row) = if *meaning == "border" { (3.0, 0.0) } else { (4.5, 4.5) };
            assert!(contrast(ink, ground) >= least, "{name}: {meaning} {:.2}", contrast(ink, ground));
            let in_row = contrast(ink, row);
            assert!(in_row >= least_in_row, "{name}: {meaning} under the cursor {in_row:.2}");
        }
    }
}

#[test]
fn wrong_themes_are_read_as_far_as_they_go() {
    let text = "base = \"dark\"\nglow = {}\nadded = { fg = \"octarine\" }\nremoved = { fg = \"read\", bald = true }\n\
                good = 1\nlive = { fg = \"#00ff00\" }\nkey = { bold = \"yes\" }\n";
    let (theme, problems) = Theme::read("t.toml", text);
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let lines: Vec<usize> = problems.iter().filter_map(|problem| problem.line).collect();
    assert_eq!(told.len(), 6, "{told:#?}");
    assert!(
        lines.contains(&2) && lines.contains(&3) && lines.contains(&5) && lines.contains(&7),
        "{told:#?}"
    );
    assert!(told.iter().any(|words| words.contains("t.toml:4: 'read' is no colour; did you mean 'red'?")));
    assert!(told.iter().any(|words| words.contains("'bald' is no part of a style; did you mean 'bold'?")));
    assert_eq!(theme.live.fg, Some(Color::Rgb(0, 255, 0)));
    assert_eq!(theme.good, Theme::named("dark").unwrap().good);
    assert_eq!(theme.title, Theme::named("dark").unwrap().title);
}
