use anyhow::{Context, bail, ensure};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const NEEDED: &str = "taskset and prlimit are needed: apt-get install util-linux";

/// A child process on one core that prints one line of JSON when it is ready; it is killed when this is
/// dropped.
pub struct Pinned {
    child: Child,
    /// Its first line on stdout.
    pub first_line: String,
}

impl Pinned {
    /// Starts `program` on `core`, writes its log to `log`, and waits for its first line.
    pub fn start<S: AsRef<OsStr>>(
        core: usize,
        program: &Path,
        arguments: &[S],
        log: &Path,
    ) -> anyhow::Result<Self> {
        let mut pinned = Self::start_silent(core, program, arguments, log)?;
        let stdout = pinned.child.stdout.take().context("the child has no stdout")?;
        BufReader::new(stdout).read_line(&mut pinned.first_line)?;
        if pinned.first_line.is_empty() {
            let said = std::fs::read_to_string(log)?;
            bail!("{} ended before it was ready; it said:\n{said}", program.display());
        }
        Ok(pinned)
    }

    /// Starts a program that prints no line when it is ready.
    pub fn start_silent<S: AsRef<OsStr>>(
        core: usize,
        program: &Path,
        arguments: &[S],
        log: &Path,
    ) -> anyhow::Result<Self> {
        // `taskset` executes the program in its own process, so the child's id is the program's.
        let child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log)?)
            .spawn()
            .context(NEEDED)?;
        Ok(Self { child, first_line: String::new() })
    }

    /// Time that its threads spent on a processor, the kernel's work for them included. Threads that have ended do
    /// not count.
    pub fn processor_time(&self) -> anyhow::Result<Duration> {
        let mut nanoseconds = 0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end meanwhile.
            let text = std::fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0u64);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Memory held in RAM, in KiB: now (`VmRSS`) or at most so far (`VmHWM`).
    pub fn memory_kib(&self, line: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        let number =
            found.and_then(|text| text.split_whitespace().next()).context("no such line in /proc")?;
        Ok(number.parse()?)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // Fails if it has exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Moves this process to `core`, and lets it and its children open as many files as the machine allows them.
pub fn pin_self(core: usize) -> anyhow::Result<()> {
    let own = std::process::id().to_string();
    run("taskset", &["-cp", &core.to_string(), &own])?;
    // Only the soft limit; the hard one is the operator's decision.
    run("prlimit", &["--pid", &own, &format!("--nofile={}:", open_files()?)])
}

/// The hard limit of open files.
pub fn open_files() -> anyhow::Result<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let hard = line.and_then(|line| line.split_whitespace().nth(1)).context("no such line in /proc")?;
    Ok(hard.parse()?)
}

fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let done = Command::new(program).args(arguments).stdout(Stdio::null()).status().context(NEEDED)?;
    ensure!(done.success(), "{program} {} failed", arguments.join(" "));
    Ok(())
}
