//! The prompt: reedline on a thread of its own, because it blocks, driven by channels.

use std::{
    borrow::Cow,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, SyncSender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use reedline::{
    EditCommand, Emacs, ExternalPrinter, FileBackedHistory, KeyCode, KeyModifiers, PromptEditMode,
    PromptHistorySearch, Reedline, ReedlineEvent, Signal, default_emacs_keybindings,
};
use tokio::sync::mpsc;

/// How many lines are remembered.
const REMEMBERED: usize = 1000;

/// How many replies may wait to be printed above the prompt, which prints them at once.
const WAITING: usize = 1000;

/// How soon a reply is printed above the prompt.
const POLL: Duration = Duration::from_millis(50);

/// What Ctrl-C is called between the keyboard and us.
const CLEAR: &str = "clear";

/// What the person did at the prompt.
pub(super) enum Typed {
    Line(String),
    /// Ctrl-D, or Ctrl-C on an empty line.
    End,
    Broken(io::Error),
}

/// The prompt's end on our side.
pub(super) struct Prompt {
    asks: Sender<()>,
    typed: mpsc::Receiver<Typed>,
    printer: SyncSender<String>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Prompt {
    /// Prepares the terminal. Lines are remembered in the file, which only its owner can read.
    pub(super) fn start(history: Option<PathBuf>) -> io::Result<Self> {
        let printer = ExternalPrinter::new(WAITING);
        let sender = printer.sender();
        let stop = Arc::new(AtomicBool::new(false));
        let mut keys = default_emacs_keybindings();
        keys.add_binding(
            KeyModifiers::CONTROL,
            KeyCode::Char('c'),
            ReedlineEvent::ExecuteHostCommand(CLEAR.to_owned()),
        );
        let mut editor = Reedline::create()
            .with_edit_mode(Box::new(Emacs::new(keys)))
            .with_external_printer(printer)
            .with_poll_interval(POLL)
            .with_break_signal(stop.clone())
            .use_bracketed_paste(true);
        if let Some(file) = history {
            OpenOptions::new()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(&file)?;
            let history = FileBackedHistory::with_file(REMEMBERED, file).map_err(io::Error::other)?;
            editor = editor.with_history(Box::new(history));
        }
        let (asks, asked) = channel();
        let (answers, typed) = mpsc::channel(1);
        let thread = std::thread::spawn(move || read_lines(editor, &asked, &answers));
        Ok(Self {
            asks,
            typed,
            printer: sender,
            stop,
            thread,
        })
    }

    /// Shows the prompt.
    pub(super) fn ask(&self) {
        // If the thread is gone, `typed` says so.
        let _ = self.asks.send(());
    }

    /// What the person did at it. Cancel-safe.
    pub(super) async fn typed(&mut self) -> Typed {
        self.typed.recv().await.unwrap_or(Typed::End)
    }

    /// Prints above the line that is being typed.
    pub(super) fn print_above(&self, text: String) {
        // The thread is gone only when the conversation is over.
        drop(self.printer.send(text));
    }

    /// Takes the prompt away and gives the terminal back.
    pub(super) async fn end(self) {
        let Self {
            asks, thread, stop, ..
        } = self;
        drop(asks);
        stop.store(true, Ordering::Relaxed);
        // It ends within one poll; a panic in it was told already.
        drop(tokio::task::spawn_blocking(move || thread.join()).await);
    }
}

fn read_lines(mut editor: Reedline, asked: &Receiver<()>, answers: &mpsc::Sender<Typed>) {
    while asked.recv().is_ok() {
        let typed = loop {
            match editor.read_line(&Arrow) {
                Ok(Signal::Success(line)) => break Typed::Line(line),
                Ok(Signal::HostCommand(_)) if !editor.current_buffer_contents().is_empty() => {
                    editor.run_edit_commands(&[EditCommand::Clear]);
                }
                Ok(Signal::CtrlD) => break Typed::End,
                Ok(_) => {
                    // The cursor still stands behind the prompt; what is said next begins a line.
                    drop(writeln!(io::stdout()));
                    break Typed::End;
                }
                Err(error) => break Typed::Broken(error),
            }
        };
        // A line is kept before it is answered: the terminal may be closed meanwhile.
        if let Err(error) = editor.sync_history() {
            tracing::debug!(%error, "the typed lines cannot be kept");
        }
        if answers.blocking_send(typed).is_err() {
            return;
        }
    }
}

/// `> `, and nothing else.
struct Arrow;

impl reedline::Prompt for Arrow {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("  ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Owned(format!("(search: {}) ", search.term))
    }
}
