//! The progress bar, and interruption by the keyboard.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::ProgressChoice;
use crate::batch::Observer;

/// How long a batch may take before anything is shown.
const BLINK: Duration = Duration::from_millis(400);
/// How often the bar moves.
const FRAME: Duration = Duration::from_millis(80);
/// How often a line is printed where there is no terminal.
const LINE: Duration = Duration::from_secs(1);

/// What the workers count and the drawing thread shows.
#[derive(Default)]
struct Counters {
    files: AtomicUsize,
    bytes: AtomicU64,
    files_done: AtomicUsize,
    bytes_done: AtomicU64,
}

/// Watches a batch: counts, draws when wanted, and stops it at the first Ctrl-C. A second one ends the
/// process at once.
pub(super) struct Progress {
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Starts watching; `silent` when nothing may be drawn unless it was asked for.
    pub(super) fn start(choice: ProgressChoice, silent: bool) -> Progress {
        let counters = Arc::new(Counters::default());
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // Without the handlers a signal ends the process at once, which leaves nothing half-written.
            let again = signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop));
            drop(again.and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop))));
        }
        let terminal = io::stderr().is_terminal();
        let drawing = match choice {
            ProgressChoice::Always => Some((Duration::ZERO, terminal)),
            ProgressChoice::Auto if terminal && !silent => Some((BLINK, true)),
            ProgressChoice::Auto | ProgressChoice::Never => None,
        };
        let drawing = drawing.map(|(delay, terminal)| {
            let (sender, receiver) = channel();
            let counters = Arc::clone(&counters);
            let thread = std::thread::spawn(move || {
                let ended = |wait| receiver.recv_timeout(wait) != Err(RecvTimeoutError::Timeout);
                // What was asked for is shown even if the batch is over before this thread runs.
                if delay.is_zero() || !ended(delay) {
                    if terminal { draw(&counters, ended) } else { lines(&counters, ended) }
                }
            });
            (sender, thread)
        });
        Progress { counters, stop, drawing }
    }

    /// Stops drawing and removes what was drawn.
    pub(super) fn end(self) {
        if let Some((sender, thread)) = self.drawing {
            drop(sender);
            // A drawing thread that panicked has nothing to say to the batch.
            let _ = thread.join();
        }
    }
}

impl Observer for Progress {
    fn found(&self, files: usize, bytes: u64) {
        self.counters.files.store(files, Ordering::Relaxed);
        self.counters.bytes.store(bytes, Ordering::Relaxed);
    }

    fn finished(&self, _path: &Path, bytes: u64) {
        self.counters.files_done.fetch_add(1, Ordering::Relaxed);
        self.counters.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Largest files go first, so bytes tell better than files how far it is.
fn draw(counters: &Counters, ended: impl Fn(Duration) -> bool) {
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}% {msg} {eta}") {
        bar.set_style(style);
    }
    loop {
        bar.set_length(counters.bytes.load(Ordering::Relaxed).max(1));
        bar.set_position(counters.bytes_done.load(Ordering::Relaxed));
        bar.set_message(tally(counters));
        if ended(FRAME) {
            break;
        }
    }
    bar.finish_and_clear();
}

fn lines(counters: &Counters, ended: impl Fn(Duration) -> bool) {
    loop {
        let over = ended(LINE);
        let _ = writeln!(io::stderr().lock(), "{}", tally(counters));
        if over {
            break;
        }
    }
}

fn tally(counters: &Counters) -> String {
    let [done, all] = [&counters.files_done, &counters.files].map(|count| count.load(Ordering::Relaxed));
    format!("{done}/{all} files")
}
