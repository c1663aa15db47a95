//! The model with its lanes: what the program in a terminal and the keys of `--keys` share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossterm::event::Event as TerminalEvent;

use super::clicks::Clicks;
use super::lanes::{LaneName, Lanes};
use super::{Answers, Event, TerminalOrder, terminal_order};
use crate::core::evaluation::Question;
use crate::core::nix_options::NixOptions;
use crate::ops::Context;
use crate::ops::find_profiles::{kind_of, opened};
use crate::system::machine::StoreError;
use crate::system::nix::{Front, FrontProgram};
use crate::system::registry_file::RegistryFile;
use crate::system::{profile_link, running_programs};
use crate::tui::Options;
use crate::tui::effect::Effect;
use crate::tui::keymap::Keymap;
use crate::tui::model::{Model, Notice, NoticeScreen, Overlay, ProfileLoad};
use crate::tui::msg::Msg;
use crate::tui::theme::Theme;
use crate::tui::update::update;

/// Seconds after which ages on screen are written anew.
const MINUTE: i64 = 60;

/// Where the profile's link pointed at some time; nothing if there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LinkTarget(Option<PathBuf>);

impl LinkTarget {
    /// Reads the link.
    pub(super) fn of(link: &Path) -> Self {
        Self(profile_link::read(link))
    }
}

/// A model and those who work for it.
pub(super) struct Session {
    pub(super) model: Model,
    lanes: Lanes,
    context: Context,
    clicks: Clicks,
    /// Set when reading the profile began, for whoever watches its link.
    pub(super) link_when_loading: Option<LinkTarget>,
}

impl Session {
    /// A session that has not begun.
    pub(super) fn new(
        context: Context,
        options: Options,
        (size, answers): ((u16, u16), Answers),
    ) -> anyhow::Result<Self> {
        let Options { ascii, colours, configuration } = options;
        let keymap = configuration.keymap.map_or_else(Keymap::embedded, Ok)?;
        let mut model = Model::new(Arc::new(keymap), size);
        model.ascii = ascii;
        model.settings = configuration.settings;
        if !configuration.problems.is_empty() {
            let problems = configuration.problems.iter().map(ToString::to_string).collect();
            model
                .overlays
                .push(Overlay::Notice(NoticeScreen { notice: Notice::Configuration(problems), scroll: 0 }));
        }
        let theme = configuration.theme.or_else(|| Theme::named("terminal")).unwrap_or_default();
        model.theme = Arc::new(theme.shown_with(colours));
        model.read_only = context.read_only;
        model.debugs = context.store.debugs();
        model.programs = running_programs::find();
        model.home = home();
        name_profile(&mut model, &context);
        model.now = context.clock.now();
        model.time_zone = jiff::tz::TimeZone::system();
        let lanes = Lanes::new(context.clone(), answers);
        Ok(Self { model, lanes, context, clicks: Clicks::default(), link_when_loading: None })
    }

    /// Begins: the profile and the registries are read, the store asked what it is.
    pub(super) fn start(&mut self) {
        self.lanes.ask_title();
        self.perform(vec![Effect::LoadProfile, Effect::LoadRegistries]);
    }

    /// Tells the lanes to stop.
    pub(super) fn end(&mut self) {
        self.lanes.cancel_all();
    }

    /// The link of the profile.
    pub(super) fn profile(&self) -> &Path {
        &self.context.profile
    }

    /// Whether another program has changed a registry since it was read. That it was firn does no harm:
    /// reading again shows what is shown already.
    pub(super) fn registries_are_stale(&self) -> bool {
        let loaded = self.model.registry.loaded();
        loaded.is_some_and(|loaded| loaded.files.iter().any(RegistryFile::is_stale))
    }

    /// Reads the registries again.
    pub(super) fn read_registries(&mut self) {
        self.perform(vec![Effect::LoadRegistries]);
    }

    /// Whether the profile has not been read yet.
    pub(super) fn is_loading(&self) -> bool {
        matches!(self.model.profile, ProfileLoad::Loading)
    }

    /// Whether a lane works.
    pub(super) fn is_busy(&self) -> bool {
        self.lanes.is_busy()
    }

    /// Whether a lane works that may have started a program.
    pub(super) fn runs_programs(&self) -> bool {
        self.lanes.runs_programs()
    }

    /// A lane is done after the end: its answer changes nothing any more.
    pub(super) fn forget(&mut self, lane: LaneName) {
        self.lanes.done(lane, None);
    }

    /// Takes an event; what only the terminal's owner can do is handed back.
    pub(super) fn take(&mut self, event: Event) -> Vec<TerminalOrder> {
        let msg = match event {
            Event::Terminal(TerminalEvent::Key(key)) => Msg::Key(key),
            Event::Terminal(TerminalEvent::Paste(text)) => Msg::Pasted(text),
            Event::Terminal(TerminalEvent::Resize(width, height)) => Msg::Resized(width, height),
            Event::Terminal(TerminalEvent::Mouse(event)) => {
                match self.clicks.read(event, std::time::Instant::now()) {
                    Some(pointer) => Msg::Pointed(pointer),
                    None => return Vec::new(),
                }
            }
            Event::Told(msg) => *msg,
            Event::Progress(event) => Msg::Progressed(event),
            Event::Command(number, report, _place) => Msg::CommandReported(number, report),
            Event::Done(lane, answer) => match self.lanes.done(lane, answer.map(|msg| *msg)) {
                Some(msg) => msg,
                None => return Vec::new(),
            },
            Event::Terminal(_) | Event::TerminalClosed | Event::Signal(_) => return Vec::new(),
        };
        self.tell(msg)
    }

    /// Lets the model answer a message and has done what it wants.
    pub(super) fn tell(&mut self, msg: Msg) -> Vec<TerminalOrder> {
        self.model.now = self.context.clock.now();
        let effects = update(&mut self.model, msg);
        self.perform(effects)
    }

    /// Lets time pass, if that shows: tells whether it does.
    pub(super) fn tick(&mut self) -> bool {
        let now = self.context.clock.now();
        if self.model.job.is_none() && now / MINUTE == self.model.now / MINUTE {
            return false;
        }
        self.tell(Msg::Ticked(now));
        true
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Vec<TerminalOrder> {
        let mut orders = Vec::new();
        for mut effect in effects {
            if let Effect::OpenProfile(link) = &mut effect {
                *link = opened(&self.context, link);
                self.context.profile.clone_from(link);
                name_profile(&mut self.model, &self.context);
            }
            if let Effect::SetRunOptions(options) = effect {
                let answer = self.set_run_options(&options);
                let effects = update(&mut self.model, Msg::RunOptionsSet(options, answer));
                orders.extend(self.perform(effects));
                continue;
            }
            if effect == Effect::LoadProfile {
                self.link_when_loading = Some(LinkTarget::of(&self.context.profile));
            }
            match terminal_order(&effect) {
                Some(order) => orders.push(order),
                None => self.lanes.perform(effect),
            }
        }
        orders
    }
}

impl Session {
    /// Starts a command that gets the terminal, which the caller has given back.
    pub(super) fn start_in_front(
        &self,
        question: &Question,
        front: Front,
    ) -> Result<FrontProgram, StoreError> {
        self.context.store.in_front(question, front)
    }

    fn set_run_options(&mut self, options: &NixOptions) -> Result<(), String> {
        let store = self.context.store.with_options(options).map_err(|error| error.to_string())?;
        self.context.store = Arc::clone(&store);
        self.lanes.use_store(store);
        Ok(())
    }
}

/// Tells the model which profile it is about.
fn name_profile(model: &mut Model, context: &Context) {
    model.profile_title = title(context);
    model.kind = kind_of(context, &context.profile);
    model.commands.profile = context.profile.display().to_string();
    model.commands.is_default = context.store.is_default_profile(&context.profile);
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.parent().is_some())
}

/// The profile's path with the home folder as `~`.
fn title(context: &Context) -> String {
    let home = home();
    let short = home.as_deref().and_then(|home| context.profile.strip_prefix(home).ok());
    let path = match short {
        Some(rest) => format!("~/{}", rest.display()),
        None => context.profile.display().to_string(),
    };
    crate::core::visible::text(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::machine::{Store, SystemClock};
    use crate::system::own_folders::OwnFolders;
    use crate::system::playground::PlaygroundStore;

    #[test]
    fn a_link_to_a_profile_is_never_what_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let store: Arc<dyn Store> = Arc::new(PlaygroundStore::empty(&path("playground")).unwrap());
        let default = store.default_profile().unwrap();
        std::os::unix::fs::symlink(&default, path(".nix-profile")).unwrap();
        assert!(!default.exists(), "a new user's link leads to nothing");
        let folders = OwnFolders { state: path("state"), data: path("data"), config: path("config") };
        let profile = path("first");
        let context = Context { store, profile, folders, clock: Arc::new(SystemClock), read_only: false };
        let (answers, events) = std::sync::mpsc::channel();
        let mut session = Session::new(context, Options::default(), ((80, 24), answers)).unwrap();
        session.perform(vec![Effect::OpenProfile(path(".nix-profile"))]);
        assert_eq!(session.profile(), default);
        assert_eq!(session.lanes.profile(), default);
        assert_eq!(session.model.commands.profile, default.display().to_string());
        session.perform(vec![Effect::OpenProfile(path("first")), Effect::FindProfiles]);
        let found = loop {
            if let Event::Done(LaneName::Save, Some(answer)) = events.recv().unwrap() {
                break *answer;
            }
        };
        let Msg::ProfilesFound(found) = found else { panic!("{found:?}") };
        let open: Vec<_> = found.iter().map(|profile| (profile.link.clone(), profile.is_open)).collect();
        assert_eq!(open, [(default, false), (path("first"), true)], "the one before stays");
        session.end();
    }
}
