//! `manage` on a terminal: what a person types, and what they see.

use std::{
    ffi::OsStr,
    fs::File,
    io::{Read, Write},
    os::unix::ffi::OsStrExt,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, tcgetattr},
};

/// How long an answer may take on a loaded machine.
const LIMIT: Duration = Duration::from_secs(30);

/// A program on a terminal of its own.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<String>,
    /// All that was shown.
    pub(crate) shown: String,
    /// How far of it was expected already.
    read: usize,
}

impl Terminal {
    /// Starts `command` with the terminal as its controlling one, from which secrets are read.
    pub(crate) fn start(command: &Command) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let stdio = || Stdio::from(open(OsStr::from_bytes(name.as_bytes()), flags, Mode::empty()).unwrap());
        // A session of its own, so that the terminal can be its controlling one.
        let mut session = Command::new("setsid");
        session.args(["--ctty", "--wait"]).arg(command.get_program());
        session.args(command.get_args()).env_clear();
        for (name, value) in command.get_envs() {
            session.env(name, value.unwrap_or_default());
        }
        session.current_dir(command.get_current_dir().unwrap());
        let child = session
            .stdin(stdio())
            .stdout(stdio())
            .stderr(stdio())
            .spawn()
            .unwrap();
        let keyboard = File::from(keyboard);
        let mut screen = keyboard.try_clone().unwrap();
        let (show, shown) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // It ends with an error when nobody holds the other end any more.
            while let Ok(count) = screen.read(&mut bytes) {
                if show
                    .send(String::from_utf8_lossy(&bytes[..count]).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        Self {
            child,
            keyboard,
            screen: shown,
            shown: String::new(),
            read: 0,
        }
    }

    /// Waits until `text` is shown, behind what was waited for before.
    pub(crate) fn expect(&mut self, text: &str) {
        loop {
            if let Some(at) = self.shown[self.read..].find(text) {
                self.read += at + text.len();
                return;
            }
            match self.screen.recv_timeout(LIMIT) {
                Ok(more) => self.shown.push_str(&more),
                Err(error) => panic!("{text:?} is not shown ({error}):\n{}", self.shown),
            }
        }
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Types a line once what is typed is not shown any more.
    pub(crate) fn types_unseen(&mut self, line: &str) {
        let is_shown = || {
            let modes = tcgetattr(&self.keyboard).unwrap().local_modes;
            modes.contains(LocalModes::ECHO)
        };
        let began = std::time::Instant::now();
        while is_shown() {
            assert!(began.elapsed() < LIMIT, "what is typed stays to be seen");
            thread::yield_now();
        }
        self.types(line);
    }

    /// Ctrl-D: the input ends.
    pub(crate) fn ends(&mut self) {
        self.keyboard.write_all(&[4]).unwrap();
    }

    /// Waits for the end; gives the exit code.
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let code = self.child.wait().unwrap().code();
        while let Ok(more) = self.screen.recv_timeout(LIMIT) {
            self.shown.push_str(&more);
        }
        code
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
