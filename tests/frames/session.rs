//! A session without threads: keys go to `update`, effects are answered at once from
//! the world of the pictures, and the frame is printed with its styles.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use firn::core::change::Change;
use firn::core::evaluation::Search;
use firn::core::resolution;
use firn::core::search_ranking::Query;
use firn::ops::load_profile::LoadedProfile;
use firn::ops::search_packages::search_packages;
use firn::system::machine::Cancel;
use firn::tui::effect::Effect;
use firn::tui::keymap::{Key, Keymap};

use firn::tui::model::Model;
use firn::tui::msg::Msg;
use firn::tui::theme::Theme;
use firn::tui::update::update;
use firn::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::registries::registries;
use crate::world;

pub struct Session {
    pub model: Model,
}

impl Session {
    /// The interface right after start, nothing read yet.
    pub fn starting(width: u16, height: u16) -> Self {
        let mut model = Model::new(Arc::new(Keymap::embedded().unwrap()), (width, height));
        model.theme = Arc::new(Theme::named("terminal").unwrap());
        "~/.local/state/nix/profiles/profile".clone_into(&mut model.profile_title);
        "nix 2.34.8".clone_into(&mut model.store_title);
        model.now = world::NOW;
        Self { model }
    }

    /// The interface on the profile of the pictures.
    pub fn new(width: u16, height: u16) -> Self {
        Self::on(width, height, world::profile())
    }

    /// The interface on a profile.
    pub fn on(width: u16, height: u16, profile: LoadedProfile) -> Self {
        let mut session = Self::starting(width, height);
        session.send(Msg::ProfileLoaded(Ok(Box::new(profile))));
        session.send(Msg::RegistriesLoaded(Ok(Box::new(registries()))));
        session
    }

    /// Presses keys, written as for `--keys`: `j j + w <enter>`.
    pub fn keys(mut self, keys: &str) -> Self {
        for name in keys.split_whitespace() {
            let name = name.strip_prefix('<').and_then(|name| name.strip_suffix('>')).unwrap_or(name);
            let event = Key::parse(name).unwrap_or_else(|error| panic!("{error}")).to_event();
            self.send(Msg::Key(event));
        }
        self
    }

    /// Types a text letter by letter.
    pub fn types(mut self, text: &str) -> Self {
        for letter in text.chars() {
            let event = Key::parse(&letter.to_string()).unwrap().to_event();
            self.send(Msg::Key(event));
        }
        self
    }

    /// Sends a message and answers every effect that can be answered without a machine.
    pub fn send(&mut self, msg: Msg) {
        let mut waiting = vec![msg];
        while let Some(msg) = waiting.pop() {
            for effect in update(&mut self.model, msg) {
                waiting.extend(answer(effect));
            }
        }
    }

    /// The frame as it is drawn.
    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view(&self.model, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The frame's text, then a letter for the style of every cell, then what the letters mean.
    pub fn frame(&self) -> String {
        let buffer = self.buffer();
        let mut styles: BTreeMap<String, char> = BTreeMap::new();
        let ground = self.model.theme.text;
        let mut spare = spare_letters();
        let mut text = String::new();
        let mut grid = String::new();
        for y in 0..buffer.area.height {
            let (mut line, mut marks) = (String::new(), String::new());
            for x in 0..buffer.area.width {
                let cell = &buffer[(x, y)];
                line.push_str(cell.symbol());
                let fg = if Some(cell.fg) == ground.fg { Color::Reset } else { cell.fg };
                let bg = if Some(cell.bg) == ground.bg { Color::Reset } else { cell.bg };
                let style = describe(fg, bg, cell.modifier);
                let coloured = bg != Color::Reset || cell.modifier.contains(Modifier::REVERSED);
                let blank = cell.symbol() == " " && !coloured;
                marks.push(match style.as_str() {
                    "" => ' ',
                    _ if blank => ' ',
                    _ => *styles
                        .entry(style)
                        .or_insert_with_key(|style| letter(style).unwrap_or_else(|| spare.next().unwrap())),
                });
            }
            let _ = writeln!(text, "{}", line.trim_end());
            let _ = writeln!(grid, "{}", marks.trim_end());
        }
        let mut legend: Vec<_> = styles.into_iter().collect();
        legend.sort_by_key(|(_, letter)| *letter);
        if let (Some(fg), Some(bg)) = (ground.fg, ground.bg) {
            legend.insert(0, (describe(fg, bg, Modifier::empty()), ' '));
        }
        let legend: Vec<String> =
            legend.iter().map(|(style, letter)| format!("{letter} = {style}\n")).collect();
        let legend = legend.concat();
        format!("{text}\n{grid}\n{legend}")
    }
}

/// Styles that look the same in every frame.
const LETTERS: [(&str, char); 14] = [
    ("dim", '.'),
    ("bold", 'B'),
    ("reversed", '#'),
    ("bold reversed", '%'),
    ("red", 'r'),
    ("red bold", 'R'),
    ("green", 'g'),
    ("green bold", 'G'),
    ("yellow", 'y'),
    ("blue", 'b'),
    ("magenta", 'm'),
    ("cyan", 'c'),
    ("cyan bold", 'C'),
    ("cyan bold dim", 'k'),
];

/// Letters for styles that have none of their own.
fn spare_letters() -> impl Iterator<Item = char> {
    let letters = ('0'..='9').chain('A'..='Z').chain('a'..='z');
    letters.filter(|letter| !LETTERS.iter().any(|(_, taken)| taken == letter))
}

/// The letter of a style, the same in every frame, so that a new style changes only its own cells.
fn letter(style: &str) -> Option<char> {
    LETTERS.iter().find(|(known, _)| *known == style).map(|(_, letter)| *letter)
}

fn describe(fg: Color, bg: Color, modifier: Modifier) -> String {
    let mut parts = Vec::new();
    if fg != Color::Reset {
        parts.push(format!("{fg:?}").to_lowercase());
    }
    if bg != Color::Reset {
        parts.push(format!("on {bg:?}").to_lowercase());
    }
    parts.extend(modifier.iter_names().map(|(name, _)| name.to_lowercase()));
    parts.join(" ")
}

fn answer(effect: Effect) -> Option<Msg> {
    match effect {
        // Tests of upgrades answer themselves, flake by flake.
        Effect::LearnFacts(needs)
            if needs.evaluations.iter().any(|question| question.search == Search::Exactly) =>
        {
            None
        }
        // What is to be locked stays open: it would take a network.
        Effect::LearnFacts(needs) if !needs.is_empty() && needs.locks.is_empty() => {
            Some(Msg::FactsLearnt(Ok(Box::new(world::learn(&needs)))))
        }
        Effect::Compare { compared, before, after, known } => {
            let comparison = Arc::new(world::compare(&before, &after));
            Some(Msg::Compared(compared, Ok(Box::new((comparison, *known)))))
        }
        Effect::ReadSystemPackages => Some(Msg::SystemPackagesRead(world::system_packages())),
        Effect::ListPackages { source, .. } => {
            let listed = Ok(Arc::new(world::listed(&source)));
            Some(Msg::PackagesListed(Box::new((source, listed))))
        }
        Effect::SearchPackages { generation, listed, query, among } => {
            let typed = Query::new(&query);
            let rows = search_packages(&listed.list, &typed, among.as_deref(), &Cancel::default());
            Some(Msg::PackagesFound { generation, query, rows })
        }
        Effect::FindContained(paths) => Some(Msg::ContainedFound(paths, Ok(Arc::new(world::contained())))),
        Effect::CompletePath(typed) => {
            let choices = world::paths(&typed);
            Some(Msg::PathCompleted(typed, choices))
        }
        Effect::TryAdditions { additions, .. } => {
            let installables: Vec<_> = additions.iter().filter_map(Change::installable).collect();
            let tried = world::tried(&installables.first()?.text);
            Some(Msg::AdditionsTried(installables, Ok(Box::new(tried))))
        }
        Effect::FindProfiles => Some(Msg::ProfilesFound(world::profiles())),
        Effect::CompareClosures { compared, .. } => {
            Some(Msg::ClosuresCompared(compared, Ok(Arc::new(world::closures()))))
        }
        Effect::MeasureSpace { sets, .. } => {
            let measured = sets.iter().map(|set| (set.clone(), world::space(set))).collect();
            Some(Msg::SpaceMeasured(sets, Ok((measured, None))))
        }
        Effect::Note { numbers, noting } => {
            let noted = numbers.iter().map(|number| (*number, world::noted(&noting))).collect();
            Some(Msg::Noted(noting, Ok(noted)))
        }
        Effect::MeasurePackages(paths) => Some(Msg::PackagesMeasured(world::measure(&paths))),
        Effect::FindWays { revision, index, group, plan, transaction, facts } => {
            let ways = resolution::ways(&plan, &transaction, &facts, &group);
            Some(Msg::WaysFound { revision, group: index, ways })
        }
        _ => None,
    }
}
