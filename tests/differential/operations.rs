//! Chooses the next operation, from what the profile holds at that moment.
//!
//! An operation is a list of words that both programs understand (`add`, `remove`,
//! `rollback`, `wipe-history`), or one that Nix has no command for (`priority`,
//! `enable`, `disable`, `apply`), or `age DAYS`, which sets the generations' times.

use crate::generate;
use crate::random::Random;
use crate::world::World;

/// What the choice depends on.
#[derive(Clone, Debug, Default)]
pub struct Situation {
    /// Element names and whether they are active; empty if there is no profile.
    pub elements: Vec<(String, bool)>,
    /// Whether the manifest is of version 3, so that its elements have names.
    pub has_names: bool,
    /// The generations' numbers.
    pub generations: Vec<u64>,
}

const PRIORITIES: &[i32] = &[5, 5, 4, 6, 0, -1, -1000, 7, 8, 9, 999, 1000, 1001, 1002, i32::MAX, i32::MIN];

/// The next operation of a stream that belongs to a world.
pub fn next(random: &mut Random, world: &World, now: &Situation) -> Vec<String> {
    let verb = if now.elements.is_empty() && random.chance(70) {
        "add"
    } else {
        random.weighted(&[
            (34, "add"),
            (9, "remove"),
            (6, "remove-regex"),
            (5, "remove-path"),
            (1, "remove-all"),
            (8, "rollback"),
            (6, "rollback-to"),
            (2, "wipe-history"),
            (3, "age"),
            (3, "wipe-older"),
            (9, "switch"),
            (9, "priority"),
            (9, "apply"),
        ])
    };
    match verb {
        "add" => add(random, world),
        "remove" => remove(random, world, now),
        "remove-regex" => vec!["remove".into(), "--regex".into(), regex(random, now)],
        "remove-path" => vec!["remove".into(), format!("{{{}}}", package(random, world))],
        "remove-all" => vec!["remove".into(), "--all".into()],
        "rollback" => vec!["rollback".into()],
        "rollback-to" => {
            let there = !now.generations.is_empty() && random.chance(85);
            let number = if there { *random.pick(&now.generations) } else { *random.pick(&[1, 3, 99]) };
            vec!["rollback".into(), "--to".into(), number.to_string()]
        }
        "wipe-history" => vec!["wipe-history".into()],
        "age" => vec!["age".into(), random.between(0, 4).to_string()],
        "wipe-older" => {
            vec!["wipe-history".into(), "--older-than".into(), format!("{}d", random.between(1, 9))]
        }
        _ if !now.has_names || nameable(now).next().is_none() => add(random, world),
        "switch" => switch(random, now),
        "priority" => vec!["priority".into(), element(random, now).0, priority(random)],
        _ => apply(random, world, now),
    }
}

fn priority(random: &mut Random) -> String {
    random.pick(PRIORITIES).to_string()
}

fn package(random: &mut Random, world: &World) -> String {
    if world.packages.is_empty() { "missing".into() } else { random.pick(&world.packages).key.clone() }
}

fn add(random: &mut Random, world: &World) -> Vec<String> {
    let mut words = vec!["add".to_owned()];
    if !world.flake.is_empty() && random.chance(10) {
        words.extend(["--file".to_owned(), "packages.nix".to_owned()]);
        words.extend((0..random.between(1, 2)).map(|_| random.pick(&world.flake).attribute.clone()));
        return words;
    }
    if random.chance(50) {
        words.extend(["--priority".to_owned(), priority(random)]);
    }
    let count = if world.packages.len() > 50 {
        random.between(10, 40)
    } else {
        random.weighted(&[(5, 1), (3, 2), (2, 3)])
    };
    for _ in 0..count {
        let key = package(random, world);
        words.push(match random.below(100) {
            0..30 if !world.flake.is_empty() => flake_installable(random, world),
            0..5 => format!("{{{key}}}/bin"),
            5..9 => format!("./to-{key}"),
            9 => "{missing}".to_owned(),
            _ => format!("{{{key}}}"),
        });
    }
    words
}

fn flake_installable(random: &mut Random, world: &World) -> String {
    let package = random.pick(&world.flake);
    let output = &random.pick(&package.outputs).0;
    match random.below(10) {
        0..5 => format!("#{}", package.attribute),
        5..7 => format!("#{}^*", package.attribute),
        7 => format!("#{}^nothing", package.attribute),
        8 if package.attribute == "default" => "#".to_owned(),
        _ => format!("#{}^{output}", package.attribute),
    }
}

/// The elements that can be named on a command line: Nix aborts on an empty name, one that begins with
/// a dash reads as an option, and a number is refused by both.
fn nameable(now: &Situation) -> impl Iterator<Item = &(String, bool)> {
    let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    now.elements.iter().filter(move |(name, _)| !name.starts_with('-') && !is_number(name))
}

/// One of the elements that can be named; there is one.
fn element(random: &mut Random, now: &Situation) -> (String, bool) {
    (*random.pick(&nameable(now).collect::<Vec<_>>())).clone()
}

/// One that is off is rare; it goes on again more often than a pick among all would say.
fn switch(random: &mut Random, now: &Situation) -> Vec<String> {
    let off = nameable(now).find(|(_, active)| !active).filter(|_| random.chance(40)).cloned();
    let (name, active) = off.unwrap_or_else(|| element(random, now));
    vec![if active { "disable" } else { "enable" }.into(), name]
}

fn remove(random: &mut Random, world: &World, now: &Situation) -> Vec<String> {
    let mut words = vec!["remove".to_owned()];
    for _ in 0..random.weighted(&[(5, 1), (2, 2)]) {
        words.push(match random.below(10) {
            0 => (*random.pick(&["nothing", "alpha-1", "gamma", "7", "0"])).to_owned(),
            1 => format!("{{{}}}", package(random, world)),
            _ if nameable(now).next().is_none() => "beta".to_owned(),
            _ => element(random, now).0,
        });
    }
    words
}

fn regex(random: &mut Random, now: &Situation) -> String {
    let fixed = [
        "alpha",
        "ALPHA",
        "a.*",
        ".*a",
        "(alpha|beta)",
        "[a-g].*",
        "beta|gamma",
        "^beta$",
        "g",
        ".*#.*",
        "[^,]*, .*",
        "github:.*#packages\\.x86_64-linux\\.pkg[01]",
        ".*\\^out",
        "(",
        "[[:alpha:]]+",
        "[[:digit:]].*",
        "a{1,2}lpha",
        ".*tool",
    ];
    if now.elements.is_empty() || random.chance(75) {
        return (*random.pick(&fixed)).to_owned();
    }
    random.pick(&now.elements).0.chars().map(|letter| if random.chance(30) { '.' } else { letter }).collect()
}

/// A transaction: distinct elements, each changed once, and perhaps packages added at one priority.
fn apply(random: &mut Random, world: &World, now: &Situation) -> Vec<String> {
    let mut words = vec!["apply".to_owned()];
    for (name, active) in &now.elements {
        match random.below(5) {
            0 => words.push(format!("remove={name}")),
            1 => words.push(format!("priority={name}:{}", priority(random))),
            2 => words.push(format!("{}={name}", if *active { "off" } else { "on" })),
            _ => {}
        }
    }
    if random.chance(60) || words.len() == 1 {
        let priority = priority(random);
        for _ in 0..random.between(1, 2) {
            words.push(format!("add={{{}}}:{priority}", package(random, world)));
        }
    }
    words
}

/// How many operations a world gets.
pub fn count(random: &mut Random) -> usize {
    random.between(8, 16)
}

/// The stream of operations of a seed, apart from the one its world is made of.
pub fn stream(seed: u64) -> (World, Random) {
    (generate::world(seed), Random::new(seed ^ 0x6f70_6572_6174_696f))
}
