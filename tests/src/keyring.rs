//! A keyring that others wrote, GNOME Keyring, on a bus of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::identity::in_a_minute;
use crate::{Cli, Outcome, tool_is_there};

/// A bus that starts no service by itself, and lets all talk to all.
const BUS: &str = "\
<busconfig>
  <type>session</type>
  <listen>unix:path=DIRECTORY/bus</listen>
  <policy context=\"default\">
    <allow own=\"*\"/>
    <allow eavesdrop=\"true\"/>
    <allow send_destination=\"*\" eavesdrop=\"true\"/>
    RULE
  </policy>
</busconfig>
";

/// The collection that the keyring opens with the user's password.
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// A session bus, which ends when this is dropped.
pub struct Bus {
    process: Child,
    directory: TempDir,
}

impl Bus {
    /// Starts it. Returns `None` where it is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    fn start_with(rule: &str) -> Option<Self> {
        if !tool_is_there("dbus-daemon") {
            return None;
        }
        let directory = TempDir::new().expect("a temporary directory can be created");
        let path = directory.path().to_str().expect("its path is Unicode");
        let config = directory.path().join("bus.conf");
        let text = BUS.replace("DIRECTORY", path).replace("RULE", rule);
        std::fs::write(&config, text).expect("a file can be written");
        let process = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg("--config-file")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon can be started");
        let bus = Self { process, directory };
        assert!(in_a_minute(|| bus.socket().exists()), "the bus does not listen");
        Some(bus)
    }

    fn socket(&self) -> std::path::PathBuf {
        self.directory.path().join("bus")
    }

    /// Returns its address.
    pub fn address(&self) -> String {
        format!("unix:path={}", self.socket().display())
    }

    /// Calls a method, and returns the answer as dbus-send prints it.
    fn call(&self, destination: &str, path: &str, method: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new("dbus-send");
        command
            .env("DBUS_SESSION_BUS_ADDRESS", self.address())
            .args(["--session", "--print-reply", "--reply-timeout=10000"])
            .arg(format!("--dest={destination}"))
            .args([path, method])
            .args(arguments);
        Outcome::of(&mut command)
    }

    fn has_keyring(&self) -> bool {
        let method = "org.freedesktop.DBus.NameHasOwner";
        let name = ["string:org.freedesktop.secrets"];
        let asked = self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", method, &name);
        asked.stdout.contains("boolean true")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What answers a keyring in the place of a person.
const PROMPTER: &str = include_str!("prompter.py");

/// The password that the keyring is unlocked with.
pub const PASSWORD: &str = "password";

/// A keyring on a bus, which ends when this is dropped. It is unlocked.
pub struct Keyring {
    process: Child,
    /// Who answers its prompts, if anyone does.
    prompter: Option<Child>,
    bus: Bus,
}

impl Keyring {
    /// Starts one. Returns `None` where it is not installed.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn start() -> Option<Self> {
        Self::start_on(Bus::start()?, &["--unlock"], None)
    }

    /// Starts one whose prompts someone answers: with a password, or `--cancel`. Returns
    /// `None` where it is not installed.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn answered(answers: &[&str]) -> Option<Self> {
        if !tool_is_there("python3") {
            return None;
        }
        let bus = Bus::start()?;
        let mut prompter = Command::new("python3")
            .args(["-c", PROMPTER])
            .args(answers)
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 can be started");
        let mut name = String::new();
        let stdout = prompter.stdout.take().expect("stdout is a pipe");
        BufReader::new(stdout).read_line(&mut name).expect("it prints its name");
        Self::start_on(bus, &["--unlock"], Some((prompter, name.trim())))
    }

    /// Starts one in which nothing can be kept, because it has no collection.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn without_collection() -> Option<Self> {
        Self::start_on(Bus::start()?, &[], None)
    }

    /// Starts one that nobody may talk to.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn that_refuses() -> Option<Self> {
        let rule = "<deny send_destination=\"org.freedesktop.secrets\"/>";
        Self::start_on(Bus::start_with(rule)?, &["--unlock"], None)
    }

    fn start_on(bus: Bus, options: &[&str], prompter: Option<(Child, &str)>) -> Option<Self> {
        if !tool_is_there("gnome-keyring-daemon") {
            return None;
        }
        let home = bus.directory.path();
        let mut process = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets"])
            .args(options)
            .env_clear()
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .envs(prompter.iter().map(|(_, name)| ("GNOME_KEYRING_TEST_PROMPTER", name)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon can be started");
        let mut stdin = process.stdin.take().expect("stdin is a pipe");
        stdin.write_all(PASSWORD.as_bytes()).expect("it reads the password");
        drop(stdin);
        let prompter = prompter.map(|(process, _)| process);
        let keyring = Self { process, prompter, bus };
        assert!(in_a_minute(|| keyring.bus.has_keyring()), "the keyring is not on its bus");
        Some(keyring)
    }

    /// Returns the address of its bus.
    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// Returns `cli` on this bus.
    pub fn on_bus(&self, cli: Cli) -> Cli {
        cli.env("DBUS_SESSION_BUS_ADDRESS", self.address())
    }

    /// Locks it.
    ///
    /// # Panics
    ///
    /// Panics if it does not obey.
    pub fn lock(&self) {
        let collection = format!("array:objpath:{COLLECTION}");
        self.call(
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            &[&collection],
        );
    }

    /// Makes it answer nothing, as one that is stuck.
    pub fn stop(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.expect("kill can be started").success());
    }

    /// Ends it, and leaves the bus.
    ///
    /// # Panics
    ///
    /// Panics if it stays on the bus.
    pub fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        assert!(in_a_minute(|| !self.bus.has_keyring()), "the keyring is on its bus");
    }

    /// Returns the paths of its items.
    pub fn items(&self) -> Vec<String> {
        let arguments = ["string:org.freedesktop.Secret.Collection", "string:Items"];
        let items = self.call(COLLECTION, "org.freedesktop.DBus.Properties.Get", &arguments);
        let paths = items.split('"').filter(|text| text.starts_with(COLLECTION));
        paths.map(str::to_owned).collect()
    }

    /// Removes all items, as a user may with a program for that.
    pub fn clear(&self) {
        for item in self.items() {
            self.call(&item, "org.freedesktop.Secret.Item.Delete", &[]);
        }
    }

    fn call(&self, path: &str, method: &str, arguments: &[&str]) -> String {
        self.bus.call("org.freedesktop.secrets", path, method, arguments).exits_with(0).stdout
    }

    /// Returns the directory of what it keeps.
    pub fn directory(&self) -> &Path {
        self.bus.directory.path()
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for process in [&mut self.process].into_iter().chain(&mut self.prompter) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
