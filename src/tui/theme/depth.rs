//! A theme on a terminal with fewer colours than it was made for.
//!
//! With 256 colours every other colour becomes the nearest of the fixed ones (the first
//! sixteen are the user's and may be anything). With sixteen a theme of its own colours
//! cannot be shown and gives way to `terminal`; without any, `plain` does.

use ratatui::style::{Color, Style};

use super::Theme;
use crate::system::terminal_colours::ColourDepth;

/// The steps of a channel in the cube of 6x6x6.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Theme {
    /// The theme as a terminal can show it.
    #[must_use]
    pub fn shown_with(mut self, depth: ColourDepth) -> Self {
        let named = |name| Self::named(name).unwrap_or_default();
        match depth {
            ColourDepth::Full => self,
            ColourDepth::Indexed => {
                self.styles_mut().into_iter().for_each(degrade);
                self
            }
            ColourDepth::Sixteen => {
                let has_own = self.styles_mut().into_iter().any(|style| {
                    [style.fg, style.bg].iter().flatten().any(|colour| {
                        matches!(colour, Color::Rgb(..)) || matches!(colour, Color::Indexed(16..))
                    })
                });
                if has_own { named("terminal") } else { self }
            }
            ColourDepth::None => named("plain"),
        }
    }
}

fn degrade(style: &mut Style) {
    for colour in [&mut style.fg, &mut style.bg].into_iter().flatten() {
        if let Color::Rgb(red, green, blue) = *colour {
            *colour = Color::Indexed(nearest([red, green, blue]));
        }
    }
}

/// The nearest of the fixed colours 16 to 255.
fn nearest(wanted: [u8; 3]) -> u8 {
    let distance = |index: &u8| -> u32 {
        let there = fixed(*index);
        wanted.iter().zip(there).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    (16..=255).min_by_key(distance).unwrap_or(16)
}

/// Red, green and blue of one of the fixed colours.
pub(super) fn fixed(index: u8) -> [u8; 3] {
    match index.saturating_sub(16) {
        grey @ 216.. => [8 + 10 * (grey - 216); 3],
        cube => [cube / 36, cube / 6 % 6, cube % 6].map(|step| STEPS[usize::from(step)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_colours_are_their_own_nearest() {
        for index in 16..=255 {
            assert_eq!(fixed(nearest(fixed(index))), fixed(index), "{index}");
        }
        assert_eq!(nearest([0xff, 0, 0]), 196);
        assert_eq!(nearest([0x1c, 0x1e, 0x22]), 234);
    }

    #[test]
    fn themes_give_way_to_what_the_terminal_has() {
        let dark = || Theme::named("dark").unwrap();
        let terminal = || Theme::named("terminal").unwrap();
        assert_eq!(dark().shown_with(ColourDepth::Full), dark());
        assert_eq!(dark().shown_with(ColourDepth::Sixteen), terminal());
        assert_eq!(dark().shown_with(ColourDepth::None), Theme::named("plain").unwrap());
        for depth in [ColourDepth::Full, ColourDepth::Indexed, ColourDepth::Sixteen] {
            assert_eq!(terminal().shown_with(depth), terminal());
        }
        let shown = dark().shown_with(ColourDepth::Indexed);
        assert_eq!(shown.text.bg, Some(Color::Indexed(234)));
    }
}
