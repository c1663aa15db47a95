//! Works off tasks that bring more tasks, on as many threads as there are cores.
//!
//! Each thread keeps its own stack, so that the shared one is touched seldom; a thread
//! with more than it needs shares half as soon as another has run dry.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// As many tasks are taken from the shared stack at once, at most.
const BATCH: usize = 32;

/// Where a task puts further tasks.
pub(super) struct More<'a, T> {
    tasks: &'a mut Vec<T>,
    hungry: &'a AtomicUsize,
}

impl<T> More<'_, T> {
    /// Whether another thread waits for tasks, so that it is better to add one than to do the work.
    pub(super) fn is_wanted(&self) -> bool {
        self.hungry.load(Ordering::Relaxed) > 0
    }

    /// Adds a task.
    pub(super) fn add(&mut self, task: T) {
        self.tasks.push(task);
    }
}

/// Performs `tasks` and those they bring; gives what each thread found.
///
/// `perform` gets a task, the thread's findings, and where to put further tasks.
pub(super) fn work_off<T, F>(tasks: Vec<T>, perform: impl Fn(T, &mut F, More<'_, T>) + Sync) -> Vec<F>
where
    T: Send,
    F: Default + Send,
{
    if tasks.is_empty() {
        return Vec::new();
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let queue = Queue {
        shared: Mutex::new(Shared { tasks, idle: 0 }),
        wake: Condvar::new(),
        hungry: AtomicUsize::new(0),
        threads,
    };
    let run = || {
        let mut found = F::default();
        queue.run(|task, more| perform(task, &mut found, more));
        found
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut all = vec![run()];
        // A thread that panicked has nothing to give; std has printed why.
        all.extend(others.into_iter().filter_map(|thread| thread.join().ok()));
        all
    })
}

struct Queue<T> {
    shared: Mutex<Shared<T>>,
    wake: Condvar,
    /// How many threads wait for tasks; looked at without the lock.
    hungry: AtomicUsize,
    threads: usize,
}

struct Shared<T> {
    tasks: Vec<T>,
    idle: usize,
}

impl<T> Queue<T> {
    fn run(&self, mut perform: impl FnMut(T, More<'_, T>)) {
        let mut own = Vec::new();
        while self.take(&mut own) {
            while let Some(task) = own.pop() {
                perform(task, More { tasks: &mut own, hungry: &self.hungry });
                if own.len() > 1 && self.hungry.load(Ordering::Relaxed) > 0 {
                    self.give(&mut own);
                }
            }
        }
    }

    /// Takes a batch of shared tasks, waiting for some; false when all threads are out of work.
    fn take(&self, own: &mut Vec<T>) -> bool {
        let mut shared = self.shared();
        shared.idle += 1;
        loop {
            if !shared.tasks.is_empty() {
                shared.idle -= 1;
                let count = shared.tasks.len().div_ceil(self.threads).min(BATCH);
                let rest = shared.tasks.len() - count;
                own.extend(shared.tasks.drain(rest..));
                return true;
            }
            if shared.idle == self.threads {
                self.wake.notify_all();
                return false;
            }
            self.hungry.fetch_add(1, Ordering::Relaxed);
            shared = self.wake.wait(shared).unwrap_or_else(PoisonError::into_inner);
            self.hungry.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Shares the older half, which is likely the larger work.
    fn give(&self, own: &mut Vec<T>) {
        let half = own.len() / 2;
        self.shared().tasks.extend(own.drain(..half));
        self.wake.notify_all();
    }

    fn shared(&self) -> MutexGuard<'_, Shared<T>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
